//! How values are encoded: wholes first, then their parts, so that neither writing nor reading recurses,
//! whatever the bytes are, and reading holds nothing but the value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bounded;
use crate::data::MAX_DEPTH;
use crate::decimal::Decimal;
use crate::timestamp::Timestamp;
use crate::value::Value;

/// What a value starts with.
#[derive(Serialize, Deserialize)]
enum Token<'a> {
    Boolean(bool),
    Integer(i64),
    Decimal(Cow<'a, Decimal>),
    Float(Float),
    String(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Timestamp(Timestamp),
    None,
    /// A value follows.
    Some,
    /// So many values follow.
    Array(u32),
    /// So many pairs follow: key, value, key, value.
    Map(u32),
    /// So many values follow.
    Set(u32),
    Enum(Cow<'a, str>),
    /// So many pairs of name and value follow.
    Record(u32),
    /// The case; so many pairs of name and value follow.
    Variant(Cow<'a, str>, u32),
}

/// A float with one NaN, so that equal values are equal bytes.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "u64", try_from = "u64")]
struct Float(f64);

const NAN: u64 = 0x7ff8_0000_0000_0000;

impl From<Float> for u64 {
    fn from(float: Float) -> Self {
        if float.0.is_nan() { NAN } else { float.0.to_bits() }
    }
}

impl TryFrom<u64> for Float {
    type Error = &'static str;

    fn try_from(bits: u64) -> Result<Self, &'static str> {
        let float = f64::from_bits(bits);
        if float.is_nan() && bits != NAN {
            Err("a NaN that is not the canonical one")
        } else {
            Ok(Self(float))
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn token(value: &Value) -> Token<'_> {
    match value {
        Value::Boolean(value) => Token::Boolean(*value),
        Value::Integer(value) => Token::Integer(*value),
        Value::Decimal(value) => Token::Decimal(Cow::Borrowed(value)),
        Value::Float(value) => Token::Float(Float(*value)),
        Value::String(value) => Token::String(value.into()),
        Value::Bytes(value) => Token::Bytes(value.into()),
        Value::Timestamp(value) => Token::Timestamp(*value),
        Value::Optional(None) => Token::None,
        Value::Optional(Some(_)) => Token::Some,
        Value::Array(values) => Token::Array(count(values.len())),
        Value::Map(entries) => Token::Map(count(entries.len())),
        Value::Set(values) => Token::Set(count(values.len())),
        Value::Enum(symbol) => Token::Enum(symbol.into()),
        Value::Record(fields) => Token::Record(count(fields.len())),
        Value::Variant(case, fields) => Token::Variant(case.into(), count(fields.len())),
    }
}

/// What is left of a value's parts.
enum Parts<'a> {
    One(Option<&'a Value>),
    Values(std::slice::Iter<'a, Value>),
    Entries(std::slice::Iter<'a, (Value, Value)>, Option<&'a Value>),
    Fields(std::slice::Iter<'a, (String, Value)>),
}

impl<'a> Parts<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Optional(inner) => Self::One(inner.as_deref()),
            Value::Array(values) | Value::Set(values) => Self::Values(values.iter()),
            Value::Map(entries) => Self::Entries(entries.iter(), None),
            Value::Record(fields) | Value::Variant(_, fields) => Self::Fields(fields.iter()),
            _ => Self::One(None),
        }
    }

    /// The next part, with its name where it has one.
    fn next(&mut self) -> Option<(Option<&'a str>, &'a Value)> {
        match self {
            Self::One(value) => value.take().map(|value| (None, value)),
            Self::Values(values) => values.next().map(|value| (None, value)),
            Self::Entries(entries, pending) => match pending.take() {
                Some(value) => Some((None, value)),
                None => entries.next().map(|(key, value)| {
                    *pending = Some(value);
                    (None, key)
                }),
            },
            Self::Fields(fields) => fields.next().map(|(name, value)| (Some(name.as_str()), value)),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Postcard writes no length of a tuple: the tokens say themselves when a value is complete.
        let mut list = serializer.serialize_tuple(0)?;
        list.serialize_element(&token(self))?;
        let mut open = vec![Parts::of(self)];
        while let Some(parts) = open.last_mut() {
            let Some((name, value)) = parts.next() else {
                open.pop();
                continue;
            };
            name.map_or(Ok(()), |name| list.serialize_element(name))?;
            list.serialize_element(&token(value))?;
            open.push(Parts::of(value));
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(usize::MAX, TokenVisitor)
    }
}

struct TokenVisitor;

impl<'de> Visitor<'de> for TokenVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the tokens of a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let token: Token<'static> = list.next_element()?.ok_or_else(|| A::Error::custom(LACKS_PARTS))?;
            let mut whole = match start(token) {
                Start::Whole(value) => value,
                Start::Open(next) if next.missing > 0 => {
                    if open.len() >= MAX_DEPTH {
                        return Err(A::Error::custom("a value nests too deeply"));
                    }
                    open.push(next);
                    name_next(&mut open, &mut list)?;
                    continue;
                }
                Start::Open(empty) => empty.finish(),
            };
            // A whole value may complete the one around it, and so on.
            loop {
                let Some(around) = open.last_mut() else { return Ok(whole) };
                around.take(whole).map_err(A::Error::custom)?;
                if around.missing > 0 {
                    break;
                }
                let Some(around) = open.pop() else { break };
                whole = around.finish();
            }
            name_next(&mut open, &mut list)?;
        }
    }
}

const LACKS_PARTS: &str = "a value lacks parts";

/// Reads the name that stands before the next part of a record or variant.
fn name_next<'de, A: SeqAccess<'de>>(open: &mut [Open], list: &mut A) -> Result<(), A::Error> {
    if let Some(Open { parts: OpenParts::Fields(_, _, name), .. }) = open.last_mut() {
        *name = list.next_element()?.ok_or_else(|| A::Error::custom(LACKS_PARTS))?;
    }
    Ok(())
}

/// A value whose parts are being read.
struct Open {
    missing: usize,
    parts: OpenParts,
}

enum OpenParts {
    Optional(Option<Box<Value>>),
    Array(Vec<Value>),
    Set(Vec<Value>),
    /// The entries, and the key whose value comes next.
    Map(Vec<(Value, Value)>, Option<Value>),
    /// The case of a variant, the fields, and the name of the next.
    Fields(Option<String>, Vec<(String, Value)>, String),
}

enum Start {
    Whole(Value),
    Open(Open),
}

fn start(token: Token<'static>) -> Start {
    let open = |missing: u32, parts| Start::Open(Open { missing: missing as usize, parts });
    Start::Whole(match token {
        Token::Boolean(value) => Value::Boolean(value),
        Token::Integer(value) => Value::Integer(value),
        Token::Decimal(value) => Value::Decimal(value.into_owned()),
        Token::Float(value) => Value::Float(value.0),
        Token::String(value) => Value::String(value.into_owned()),
        Token::Bytes(value) => Value::Bytes(value.into_owned()),
        Token::Timestamp(value) => Value::Timestamp(value),
        Token::None => Value::Optional(None),
        Token::Enum(symbol) => Value::Enum(symbol.into_owned()),
        Token::Some => return open(1, OpenParts::Optional(None)),
        Token::Array(length) => return open(length, OpenParts::Array(vec![])),
        Token::Set(length) => return open(length, OpenParts::Set(vec![])),
        Token::Map(length) => return open(length, OpenParts::Map(vec![], None)),
        Token::Record(length) => return open(length, OpenParts::Fields(None, vec![], String::new())),
        Token::Variant(case, length) => {
            return open(length, OpenParts::Fields(Some(case.into_owned()), vec![], String::new()));
        }
    })
}

impl Open {
    fn take(&mut self, value: Value) -> Result<(), &'static str> {
        const UNSORTED: &str = "keys that do not ascend";
        let claimed = self.missing;
        match &mut self.parts {
            OpenParts::Optional(inner) => *inner = Some(Box::new(value)),
            OpenParts::Array(values) => {
                let claimed = claimed.saturating_add(values.len());
                bounded::push(values, value, claimed);
            }
            OpenParts::Set(values) => {
                if values.last().is_some_and(|last| *last >= value) {
                    return Err(UNSORTED);
                }
                let claimed = claimed.saturating_add(values.len());
                bounded::push(values, value, claimed);
            }
            OpenParts::Map(entries, pending) => {
                let Some(key) = pending.take() else {
                    if entries.last().is_some_and(|(last, _)| *last >= value) {
                        return Err(UNSORTED);
                    }
                    *pending = Some(value);
                    return Ok(());
                };
                let claimed = claimed.saturating_add(entries.len());
                bounded::push(entries, (key, value), claimed);
            }
            OpenParts::Fields(_, fields, name) => {
                let claimed = claimed.saturating_add(fields.len());
                bounded::push(fields, (std::mem::take(name), value), claimed);
            }
        }
        self.missing -= 1;
        Ok(())
    }

    fn finish(self) -> Value {
        match self.parts {
            OpenParts::Optional(inner) => Value::Optional(inner),
            OpenParts::Array(values) => Value::Array(values),
            OpenParts::Set(values) => Value::Set(values),
            OpenParts::Map(entries, _) => Value::Map(entries),
            OpenParts::Fields(None, fields, _) => Value::Record(fields),
            OpenParts::Fields(Some(case), fields, _) => Value::Variant(case, fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_encoding() {
        let text = |text: &str| Value::String(text.into());
        let value = Value::Record(vec![
            ("a".into(), Value::Array(vec![Value::Integer(1), Value::Integer(-2)])),
            (
                "b".into(),
                Value::Map(vec![(text("x"), Value::Float(f64::NAN)), (text("y"), Value::Float(-0.0))]),
            ),
            ("c".into(), Value::Optional(Some(Box::new(Value::Optional(None))))),
            ("d".into(), Value::Variant("circle".into(), vec![("r".into(), Value::Boolean(true))])),
            ("e".into(), Value::Set(vec![Value::Bytes(vec![]), Value::Bytes(vec![0])])),
            ("f".into(), Value::Array(vec![])),
            ("g".into(), Value::Map(vec![])),
            ("h".into(), Value::Record(vec![])),
            ("i".into(), Value::Variant("nothing".into(), vec![])),
            ("j".into(), Value::Decimal("1.50".parse().unwrap())),
            ("k".into(), Value::Enum("open".into())),
        ]);
        let bytes = postcard::to_stdvec(&value).unwrap();
        assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
    }

    #[test]
    fn values_nest_as_deep_as_data_may_and_no_deeper() {
        let nested = |depth: usize| {
            let mut bytes: Vec<u8> = vec![postcard::to_stdvec(&Token::Some).unwrap()[0]; depth];
            bytes.extend(postcard::to_stdvec(&Token::None).unwrap());
            bytes
        };
        assert!(postcard::from_bytes::<Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(postcard::from_bytes::<Value>(&nested(MAX_DEPTH + 1)).is_err());
        assert!(postcard::from_bytes::<Value>(&nested(100_000)).is_err());
    }

    #[test]
    fn keys_ascend() {
        let set = |members: [i64; 2]| {
            let mut bytes = postcard::to_stdvec(&Token::Set(2)).unwrap();
            bytes.extend(
                members.iter().flat_map(|member| postcard::to_stdvec(&Token::Integer(*member)).unwrap()),
            );
            postcard::from_bytes::<Value>(&bytes)
        };
        assert!(set([1, 2]).is_ok());
        assert!(set([2, 1]).is_err());
        assert!(set([1, 1]).is_err());
    }
}
