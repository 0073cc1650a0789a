//! Constants are values of their types.

use std::collections::HashSet;

use super::{Context, Defect, Result, require};
use crate::semantic::MOST_INTEGER_DIGITS;
use crate::types::{Field, Type, TypeId, TypeTable};
use crate::value::Value;

pub(super) fn check(context: &Context<'_>) -> Result {
    let mut known = HashSet::new();
    for constant in &context.execution.constants {
        let (type_id, value) = constant;
        require(
            is_value(context.types, *type_id, value),
            Defect::Constant,
            "a constant is no value of its type",
        )?;
        require(known.insert(constant), Defect::Constant, "a constant stands twice")?;
    }
    Ok(())
}

/// Whether a value is one of this type.
#[must_use]
pub fn is_value(types: &TypeTable, type_id: TypeId, value: &Value) -> bool {
    let mut open = vec![(type_id, value)];
    while let Some((type_id, value)) = open.pop() {
        let Some(known) = types.types.get(type_id.0 as usize) else { return false };
        let fits = match (known, value) {
            (Type::Boolean, Value::Boolean(_))
            | (Type::Integer | Type::Unbounded, Value::Integer(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::Float, Value::Float(_))
            | (Type::String, Value::String(_))
            | (Type::Bytes, Value::Bytes(_))
            | (Type::Timestamp, Value::Timestamp(_))
            | (Type::Optional(_), Value::Optional(None)) => true,
            (Type::Unbounded, Value::String(digits)) => is_large_integer(digits),
            (Type::Optional(inner), Value::Optional(Some(value))) => {
                open.push((*inner, value));
                true
            }
            (Type::Array(element), Value::Array(values)) => {
                open.extend(values.iter().map(|value| (*element, value)));
                true
            }
            (Type::Set(element), Value::Set(values)) => {
                open.extend(values.iter().map(|value| (*element, value)));
                values.windows(2).all(|pair| pair[0] < pair[1])
            }
            (Type::Map(key, element), Value::Map(entries)) => {
                open.extend(entries.iter().flat_map(|(k, v)| [(*key, k), (*element, v)]));
                entries.windows(2).all(|pair| pair[0].0 < pair[1].0)
            }
            (Type::Enum(_) | Type::Machine(_), Value::Enum(symbol)) => {
                types.symbols(type_id).is_some_and(|symbols| symbols.contains(symbol))
            }
            (Type::Record(_), Value::Record(values)) => {
                types.record(type_id).is_some_and(|record| fields(&record.fields, values, &mut open))
            }
            (Type::Variant(_), Value::Variant(name, values)) => {
                let case =
                    types.variant(type_id).and_then(|it| it.cases.iter().find(|case| case.name == *name));
                case.is_some_and(|case| fields(&case.fields, values, &mut open))
            }
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn fields<'v>(known: &[Field], values: &'v [(String, Value)], open: &mut Vec<(TypeId, &'v Value)>) -> bool {
    open.extend(known.iter().zip(values).map(|(field, (_, value))| (field.type_id, value)));
    known.len() == values.len() && known.iter().zip(values).all(|(field, (name, _))| field.name == *name)
}

/// Whether a text is an integer beyond 64 bits: decimal digits with an optional sign. Smaller ones are
/// immediate.
#[must_use]
pub fn is_large_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=MOST_INTEGER_DIGITS).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && text.parse::<i64>().is_err()
}
