//! Decimals and unbounded integers in slots: small ones inline behind a tag bit, large ones as objects.
//!
//! Inline decimal: bit 0 set, scale in bits 1 to 7, coefficient in the upper 56 bits. Inline unbounded
//! integer: bit 0 set, value in the upper 63 bits. Large: the offset of an object { header, scale and sign
//! or sign, limbs of the magnitude, least first }. All zeros is zero in both.

use anrf_format::decimal::Decimal;
use anrf_format::types::TypeId;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

use super::{Arena, Header};
use crate::stop::{Limit, Stop};

const COEFFICIENT_BITS: u32 = 56;
const LARGEST_INLINE_SCALE: u32 = 127;
const NEGATIVE: u64 = 1 << 32;

/// Coefficient and scale of an inline decimal, not necessarily canonical.
#[inline]
#[allow(clippy::cast_possible_truncation)] // seven bits
pub(crate) const fn inline_decimal(slot: u64) -> Option<(i64, u32)> {
    if slot & 1 == 1 { Some((slot.cast_signed() >> 8, (slot >> 1 & 0x7f) as u32)) } else { None }
}

/// The slot of a decimal that fits one.
#[inline]
pub(crate) const fn decimal_slot(coefficient: i64, scale: u32) -> Option<u64> {
    let fits = (coefficient << (64 - COEFFICIENT_BITS)) >> (64 - COEFFICIENT_BITS) == coefficient;
    if fits && scale <= LARGEST_INLINE_SCALE {
        Some((coefficient.cast_unsigned() << 8) | (scale as u64) << 1 | 1)
    } else {
        None
    }
}

/// The value of an inline unbounded integer.
#[inline]
pub(crate) const fn inline_unbounded(slot: u64) -> Option<i64> {
    if slot & 1 == 1 { Some(slot.cast_signed() >> 1) } else { None }
}

/// The slot of an unbounded integer that fits one.
#[inline]
pub(crate) const fn unbounded_slot(value: i64) -> Option<u64> {
    if (value << 1) >> 1 == value { Some((value << 1).cast_unsigned() | 1) } else { None }
}

impl Arena {
    /// The decimal in a slot; stray bytes are some decimal.
    pub(crate) fn decimal(&self, slot: u64) -> Decimal {
        if let Some((coefficient, scale)) = inline_decimal(slot) {
            return Decimal::from_parts(i128::from(coefficient), scale).unwrap_or(Decimal::ZERO);
        }
        let scale_and_sign = self.word(slot, 1);
        let scale = u32::try_from(scale_and_sign & 0xffff_ffff).unwrap_or(0);
        Decimal::new(self.limbs(slot, scale_and_sign & NEGATIVE != 0), scale).unwrap_or(Decimal::ZERO)
    }

    /// The slot of a decimal. What fits inline in its canonical form is inline.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_decimal(&mut self, value: &Decimal) -> Result<u64, Stop> {
        let inline = |value: &Decimal| {
            let (coefficient, scale) = value.small()?;
            decimal_slot(i64::try_from(coefficient).ok()?, scale)
        };
        if let Some(slot) = inline(value).or_else(|| inline(&value.normalized())) {
            return Ok(slot);
        }
        self.new_limbs(TypeId::DECIMAL, &value.coefficient(), value.scale())
    }

    /// The unbounded integer in a slot.
    pub(crate) fn unbounded(&self, slot: u64) -> BigInt {
        match inline_unbounded(slot) {
            Some(value) => BigInt::from(value),
            None => self.limbs(slot, self.word(slot, 1) & NEGATIVE != 0),
        }
    }

    /// The slot of an unbounded integer.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_unbounded(&mut self, value: &BigInt) -> Result<u64, Stop> {
        match value.to_i64().and_then(unbounded_slot) {
            Some(slot) => Ok(slot),
            None => self.new_limbs(TypeId::UNBOUNDED, value, 0),
        }
    }

    /// The unbounded integer nearest in 64 bits, and whether it is exact.
    pub(crate) fn narrow(&self, slot: u64) -> (i64, bool) {
        if let Some(value) = inline_unbounded(slot) {
            return (value, true);
        }
        let value = self.unbounded(slot);
        match value.to_i64() {
            Some(exact) => (exact, true),
            None if value.sign() == Sign::Minus => (i64::MIN, false),
            None => (i64::MAX, false),
        }
    }

    /// The unbounded integer of a 64-bit one.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn widen(&mut self, value: i64) -> Result<u64, Stop> {
        match unbounded_slot(value) {
            Some(slot) => Ok(slot),
            None => self.new_unbounded(&BigInt::from(value)),
        }
    }

    fn limbs(&self, slot: u64, negative: bool) -> BigInt {
        if slot == 0 {
            return BigInt::zero();
        }
        let limbs = self.words(slot, 2, self.length(slot) as usize);
        #[allow(clippy::cast_possible_truncation)] // the two halves
        let halves = limbs.iter().flat_map(|limb| [*limb as u32, (limb >> 32) as u32]);
        let magnitude = BigUint::new(halves.collect());
        BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude)
    }

    fn new_limbs(&mut self, type_id: TypeId, value: &BigInt, scale: u32) -> Result<u64, Stop> {
        let limbs = value.magnitude().to_u64_digits();
        let length = u32::try_from(limbs.len()).map_err(|_| Stop::Limit(Limit::Memory))?;
        let slot = self.allocate(2 + limbs.len())?;
        let sign = if value.sign() == Sign::Minus { NEGATIVE } else { 0 };
        self.set_word(slot, 0, Header::new(type_id, length).encode());
        self.set_word(slot, 1, u64::from(scale) | sign);
        self.words_mut(slot, 2, limbs.len()).copy_from_slice(&limbs);
        Ok(slot)
    }
}
