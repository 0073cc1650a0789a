//! How values are encoded: a flat list of tokens, parts before wholes, so that neither writing nor
//! reading recurses, whatever the bytes are.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::data::MAX_DEPTH;
use crate::decimal::Decimal;
use crate::timestamp::Timestamp;
use crate::value::Value;

/// One step of building a value on a stack.
#[derive(Serialize, Deserialize)]
enum Token {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Float(Float),
    String(String),
    Bytes(Vec<u8>),
    Timestamp(Timestamp),
    None,
    /// Takes one value.
    Some,
    /// Takes so many values.
    Array(u32),
    /// Takes so many pairs: key, value, key, value.
    Map(u32),
    /// Takes so many values.
    Set(u32),
    Enum(String),
    /// Takes a value per name.
    Record(Vec<String>),
    /// Takes a value per name.
    Variant(String, Vec<String>),
}

/// A float with one NaN, so that equal values are equal bytes.
#[derive(Serialize, Deserialize)]
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

impl Clone for Float {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn tokens(value: &Value) -> Vec<Token> {
    let mut reversed = Vec::new();
    let mut stack = vec![value];
    // Wholes first and parts from last to first; turned round at the end.
    while let Some(value) = stack.pop() {
        let names = |fields: &[(String, Value)]| fields.iter().map(|(name, _)| name.clone()).collect();
        let token = match value {
            Value::Boolean(value) => Token::Boolean(*value),
            Value::Integer(value) => Token::Integer(*value),
            Value::Decimal(value) => Token::Decimal(value.clone()),
            Value::Float(value) => Token::Float(Float(*value)),
            Value::String(value) => Token::String(value.clone()),
            Value::Bytes(value) => Token::Bytes(value.clone()),
            Value::Timestamp(value) => Token::Timestamp(*value),
            Value::Optional(None) => Token::None,
            Value::Optional(Some(_)) => Token::Some,
            Value::Array(values) => Token::Array(count(values.len())),
            Value::Map(entries) => Token::Map(count(entries.len())),
            Value::Set(values) => Token::Set(count(values.len())),
            Value::Enum(symbol) => Token::Enum(symbol.clone()),
            Value::Record(fields) => Token::Record(names(fields)),
            Value::Variant(case, fields) => Token::Variant(case.clone(), names(fields)),
        };
        match value {
            Value::Optional(Some(inner)) => stack.push(inner),
            Value::Array(values) | Value::Set(values) => stack.extend(values),
            Value::Map(entries) => {
                stack.extend(entries.iter().flat_map(|(key, value)| [key, value]));
            }
            Value::Record(fields) | Value::Variant(_, fields) => {
                stack.extend(fields.iter().map(|(_, value)| value));
            }
            _ => {}
        }
        reversed.push(token);
    }
    reversed.reverse();
    reversed
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tokens = tokens(self);
        let mut list = serializer.serialize_seq(Some(tokens.len()))?;
        for token in &tokens {
            list.serialize_element(token)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TokenVisitor)
    }
}

struct TokenVisitor;

impl<'de> Visitor<'de> for TokenVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the tokens of a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut stack: Vec<(Value, usize)> = Vec::new();
        while let Some(token) = list.next_element::<Token>()? {
            let whole = build(token, &mut stack).map_err(A::Error::custom)?;
            stack.push(whole);
        }
        match (stack.pop(), stack.is_empty()) {
            (Some((value, _)), true) => Ok(value),
            _ => Err(A::Error::custom("the tokens are not one value")),
        }
    }
}

/// Takes the parts of a token off the stack; beside each value stands how deep it nests.
fn build(token: Token, stack: &mut Vec<(Value, usize)>) -> Result<(Value, usize), &'static str> {
    let mut depth = 0;
    let mut take = |length: usize| -> Result<Vec<Value>, &'static str> {
        let start = stack.len().checked_sub(length).ok_or("a value lacks parts")?;
        Ok(stack
            .drain(start..)
            .map(|(value, inner)| {
                depth = depth.max(inner + 1);
                value
            })
            .collect())
    };
    let named = |names: Vec<String>, values: Vec<Value>| names.into_iter().zip(values).collect();
    let value = match token {
        Token::Boolean(value) => Value::Boolean(value),
        Token::Integer(value) => Value::Integer(value),
        Token::Decimal(value) => Value::Decimal(value),
        Token::Float(value) => Value::Float(value.0),
        Token::String(value) => Value::String(value),
        Token::Bytes(value) => Value::Bytes(value),
        Token::Timestamp(value) => Value::Timestamp(value),
        Token::None => Value::Optional(None),
        Token::Some => Value::Optional(take(1)?.pop().map(Box::new)),
        Token::Array(length) => Value::Array(take(length as usize)?),
        Token::Set(length) => {
            let values = take(length as usize)?;
            ascending(values.iter())?;
            Value::Set(values)
        }
        Token::Map(length) => {
            let mut parts = take((length as usize).checked_mul(2).ok_or("a value lacks parts")?)?.into_iter();
            let mut entries: Vec<(Value, Value)> = Vec::with_capacity(parts.len() / 2);
            while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                entries.push((key, value));
            }
            ascending(entries.iter().map(|(key, _)| key))?;
            Value::Map(entries)
        }
        Token::Enum(symbol) => Value::Enum(symbol),
        Token::Record(names) => {
            let values = take(names.len())?;
            Value::Record(named(names, values))
        }
        Token::Variant(case, names) => {
            let values = take(names.len())?;
            Value::Variant(case, named(names, values))
        }
    };
    if depth > MAX_DEPTH { Err("a value nests too deeply") } else { Ok((value, depth)) }
}

fn ascending<'a>(keys: impl Iterator<Item = &'a Value>) -> Result<(), &'static str> {
    if keys.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err("keys that do not ascend") }
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
        ]);
        let bytes = postcard::to_stdvec(&value).unwrap();
        assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
    }

    #[test]
    fn a_deep_value_is_refused_without_recursion() {
        let mut tokens = vec![Token::None];
        tokens.extend((0..100_000).map(|_| Token::Some));
        let bytes = postcard::to_stdvec(&tokens).unwrap();
        assert!(postcard::from_bytes::<Value>(&bytes).is_err());
    }
}
