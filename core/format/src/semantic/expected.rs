//! How expected values are encoded: wholes first, then their parts, so that decoding does not recurse.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ExpectedValue;
use crate::bounded;
use crate::data::MAX_DEPTH;

/// What stands before an expected value: 0, then the whole value; or how many fields there are plus one,
/// then each field's name and expected value.
const WHOLE: u32 = 0;

impl Serialize for ExpectedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Postcard writes no length of a tuple: the counts say when a value is complete.
        let mut list = serializer.serialize_tuple(0)?;
        let mut open = vec![];
        let mut next = Some(self);
        loop {
            match next {
                Some(Self::Whole(value)) => {
                    list.serialize_element(&WHOLE)?;
                    list.serialize_element(value)?;
                }
                Some(Self::Fields(fields)) => {
                    let count = u32::try_from(fields.len()).unwrap_or(u32::MAX).saturating_add(1);
                    list.serialize_element(&count)?;
                    open.push(fields.iter());
                }
                None => {
                    open.pop();
                }
            }
            let Some(fields) = open.last_mut() else { return list.end() };
            let field = fields.next();
            if let Some((name, _)) = field {
                list.serialize_element(name)?;
            }
            next = field.map(|(_, expected)| expected);
        }
    }
}

impl<'de> Deserialize<'de> for ExpectedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(usize::MAX, ExpectedVisitor)
    }
}

struct ExpectedVisitor;

/// A record whose listed fields are being read.
struct Open {
    missing: u32,
    fields: Vec<(String, ExpectedValue)>,
    name: String,
}

impl<'de> Visitor<'de> for ExpectedVisitor {
    type Value = ExpectedValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an expected value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ExpectedValue, A::Error> {
        let lacking = || A::Error::custom("an expected value lacks parts");
        let mut open: Vec<Open> = vec![];
        loop {
            let count: u32 = list.next_element()?.ok_or_else(lacking)?;
            let mut whole = match count {
                WHOLE => Some(ExpectedValue::Whole(list.next_element()?.ok_or_else(lacking)?)),
                1 => Some(ExpectedValue::Fields(vec![])),
                _ if open.len() >= MAX_DEPTH => {
                    return Err(A::Error::custom("an expected value nests too deeply"));
                }
                _ => {
                    open.push(Open { missing: count - 1, fields: vec![], name: String::new() });
                    None
                }
            };
            // A whole value may complete the one around it, and so on.
            while let Some(value) = whole.take() {
                let Some(around) = open.last_mut() else { return Ok(value) };
                let claimed = around.fields.len().saturating_add(around.missing as usize);
                let name = std::mem::take(&mut around.name);
                bounded::push(&mut around.fields, (name, value), claimed);
                around.missing -= 1;
                if around.missing == 0 {
                    whole = open.pop().map(|around| ExpectedValue::Fields(around.fields));
                }
            }
            if let Some(around) = open.last_mut() {
                around.name = list.next_element()?.ok_or_else(lacking)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn expected_values_survive_encoding() {
        let whole = |number| ExpectedValue::Whole(Value::Integer(number));
        let fields = |list: Vec<(&str, ExpectedValue)>| {
            ExpectedValue::Fields(list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        };
        let all = [
            whole(1),
            fields(vec![]),
            fields(vec![
                ("a", whole(1)),
                ("b", fields(vec![("c", whole(2)), ("d", fields(vec![]))])),
                ("e", whole(3)),
            ]),
        ];
        for expected in all {
            let bytes = postcard::to_stdvec(&expected).unwrap();
            assert_eq!(postcard::from_bytes::<ExpectedValue>(&bytes).unwrap(), expected);
        }
    }

    #[test]
    fn expected_values_nest_as_deep_as_data_may_and_no_deeper() {
        // Each level: one field (2), named by the empty string (0).
        let nested = |depth: usize| {
            let mut bytes = [2, 0].repeat(depth);
            bytes.push(1);
            bytes
        };
        assert!(postcard::from_bytes::<ExpectedValue>(&nested(MAX_DEPTH)).is_ok());
        assert!(postcard::from_bytes::<ExpectedValue>(&nested(MAX_DEPTH + 1)).is_err());
    }
}
