//! Decimals in files. In binary formats a value is one byte string: empty for zero, otherwise the scale
//! as an unsigned LEB128 number and the coefficient in two's complement, least byte first, both as short
//! as can be. In text formats it is the canonical text.
//!
//! Equal values have equal bytes, and other bytes are refused. Decoding takes time and memory in
//! proportion to the bytes.

use num_bigint::BigInt;
use num_traits::Zero;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{Decimal, MAX_SCALE};

/// LEB128 bytes of the largest scale.
const SCALE_BYTES: usize = 3;

impl Decimal {
    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.is_zero() {
            return vec![];
        }
        let mut scale = self.scale();
        let mut bytes = vec![];
        while scale >= 0x80 {
            bytes.push((scale & 0x7f) as u8 | 0x80);
            scale >>= 7;
        }
        bytes.push((scale & 0x7f) as u8);
        match self.canonical_inline() {
            Some((coefficient, _)) => {
                let all = coefficient.to_le_bytes();
                // A byte of sign extension is left out where the one below has that sign.
                let sign = if coefficient < 0 { 0xff } else { 0 };
                let mut length = all.len();
                while let [.., below, top] = &all[..length]
                    && *top == sign
                    && (below ^ sign) & 0x80 == 0
                {
                    length -= 1;
                }
                bytes.extend_from_slice(&all[..length]);
            }
            None => bytes.extend(self.coefficient().to_signed_bytes_le()),
        }
        bytes
    }

    /// The value of its canonical bytes; `None` for any others.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::ZERO);
        }
        let scale_length = bytes.iter().take(SCALE_BYTES).position(|byte| byte & 0x80 == 0)? + 1;
        let (scale_bytes, coefficient_bytes) = bytes.split_at(scale_length);
        let scale = scale_bytes.iter().rev().fold(0, |scale, byte| scale << 7 | u32::from(byte & 0x7f));
        let shortest_scale = scale_length == 1 || scale_bytes.last() != Some(&0);
        let shortest_coefficient = match coefficient_bytes {
            [] | [0] => false,
            [.., below, 0] => below & 0x80 != 0,
            [.., below, 0xff] => below & 0x80 == 0,
            _ => true,
        };
        if scale > MAX_SCALE || !shortest_scale || !shortest_coefficient {
            return None;
        }
        let coefficient = BigInt::from_signed_bytes_le(coefficient_bytes);
        let trailing_zero = scale > 0 && (&coefficient % 10_u8).is_zero();
        if trailing_zero { None } else { Self::from_big(coefficient, scale).ok() }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.to_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(DecimalVisitor)
        } else {
            deserializer.deserialize_bytes(DecimalVisitor)
        }
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a decimal")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        Decimal::parse(text).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Decimal, E> {
        Decimal::from_bytes(bytes).ok_or_else(|| E::custom("the bytes are not those of a decimal"))
    }
}
