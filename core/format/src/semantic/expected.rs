//! The encoded form of [`ExpectedValue`]: the values at the ends of its paths, so that decoding does not
//! recurse.

use serde::{Deserialize, Serialize};

use super::ExpectedValue;
use crate::data::MAX_DEPTH;
use crate::value::Value;

/// Paths of field names and what is expected there, in order; a record without listed fields is a path
/// without a value.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FlatExpected(Vec<(Vec<String>, Option<Value>)>);

impl From<ExpectedValue> for FlatExpected {
    fn from(expected: ExpectedValue) -> Self {
        let mut flat = Vec::new();
        let mut open = vec![(Vec::new(), expected)];
        while let Some((path, expected)) = open.pop() {
            match expected {
                ExpectedValue::Whole(value) => flat.push((path, Some(value))),
                ExpectedValue::Fields(fields) if fields.is_empty() => flat.push((path, None)),
                ExpectedValue::Fields(fields) => {
                    open.extend(fields.into_iter().rev().map(|(name, inner)| {
                        let mut longer = path.clone();
                        longer.push(name);
                        (longer, inner)
                    }))
                }
            }
        }
        Self(flat)
    }
}

impl TryFrom<FlatExpected> for ExpectedValue {
    type Error = &'static str;

    fn try_from(flat: FlatExpected) -> Result<Self, &'static str> {
        let mut root: Option<Self> = None;
        for (path, value) in flat.0 {
            if path.len() > MAX_DEPTH {
                return Err("an expected value nests too deeply");
            }
            insert(&mut root, path, value)?;
        }
        root.ok_or("an expected value is empty")
    }
}

fn insert(
    root: &mut Option<ExpectedValue>,
    path: Vec<String>,
    value: Option<Value>,
) -> Result<(), &'static str> {
    const CONFLICT: &str = "an expected value has two values in one place";
    let leaf = value.map_or(ExpectedValue::Fields(vec![]), ExpectedValue::Whole);
    let mut names = path.into_iter();
    let Some(first) = names.next() else {
        return root.replace(leaf).map_or(Ok(()), |_| Err(CONFLICT));
    };
    let mut place = root.get_or_insert(ExpectedValue::Fields(vec![]));
    let mut name = first;
    loop {
        let ExpectedValue::Fields(fields) = place else { return Err(CONFLICT) };
        let next = names.next();
        // Paths come in order, so a field that is known already is the last one.
        let known = fields.last().is_some_and(|(last, _)| *last == name);
        match next {
            None if known => return Err(CONFLICT),
            None => {
                fields.push((name, leaf));
                return Ok(());
            }
            Some(next) => {
                if !known {
                    fields.push((name, ExpectedValue::Fields(vec![])));
                }
                let Some((_, inner)) = fields.last_mut() else { return Err(CONFLICT) };
                place = inner;
                name = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
