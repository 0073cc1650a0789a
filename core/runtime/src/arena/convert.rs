//! Values of the host into slots and back, checked by type.

use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId, TypeTable};
use anrf_format::value::Value;

use super::SEQUENCE_HEAD;
use crate::library::{self, Context};
use crate::stop::{Limit, Stop};

/// Values nested deeper than this do not cross the border to the host, so that neither side needs a deep
/// stack.
pub(crate) const MOST_NESTED: usize = 128;

/// Why a value does not become a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncodeError {
    /// It is not of the type: where, and what is wrong.
    Type { path: String, message: String },
    /// A limit.
    Stop(Stop),
}

impl From<Stop> for EncodeError {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl EncodeError {
    /// Puts a part of the path in front.
    pub(crate) fn inside(self, part: &str) -> Self {
        match self {
            Self::Type { path, message } => Self::Type { path: format!("{part}{path}"), message },
            stop @ Self::Stop(_) => stop,
        }
    }
}

/// The slot of a value of a type.
///
/// # Errors
/// A wrong type with the path to it (relative: `.lines[3].price`), or [`Limit::Memory`].
pub(crate) fn encode(
    context: &mut Context<'_>,
    types: &TypeTable,
    type_id: TypeId,
    value: &Value,
    depth: usize,
) -> Result<u64, EncodeError> {
    let wrong = || {
        let message = format!("expected {}, found {}", types.name(type_id), value.kind_name());
        Err(EncodeError::Type { path: String::new(), message })
    };
    if depth > MOST_NESTED {
        let message = format!("nested deeper than {MOST_NESTED} levels");
        return Err(EncodeError::Type { path: String::new(), message });
    }
    Ok(match (types.get(type_id), value) {
        (Type::Boolean, Value::Boolean(value)) => u64::from(*value),
        (Type::Integer, Value::Integer(value)) => value.cast_unsigned(),
        (Type::Unbounded, Value::Integer(value)) => context.arena.widen(*value)?,
        // Constants beyond 64 bits stand in a module as digits.
        (Type::Unbounded, Value::String(digits)) => match digits.parse() {
            Ok(value) => context.arena.new_unbounded(&value)?,
            Err(_) => return wrong(),
        },
        (Type::Decimal, Value::Decimal(value)) => context.arena.new_decimal(value)?,
        (Type::Float, Value::Float(value)) if value.is_nan() => f64::NAN.to_bits(),
        (Type::Float, Value::Float(value)) => value.to_bits(),
        (Type::String, Value::String(value)) => context.arena.new_text(value)?,
        (Type::Bytes, Value::Bytes(value)) => context.arena.new_bytes(value)?,
        (Type::Timestamp, Value::Timestamp(value)) => value.micros().cast_unsigned(),
        (Type::Optional(_), Value::Optional(None)) => 0,
        (Type::Optional(inner), Value::Optional(Some(value))) => {
            let payload = encode(context, types, *inner, value, depth + 1)?;
            context.arena.new_some(type_id, payload)?
        }
        (Type::Enum(_) | Type::Machine(_), Value::Enum(symbol)) => {
            let symbols = types.symbols(type_id).unwrap_or_default();
            match symbols.iter().position(|known| known == symbol) {
                Some(index) => index as u64,
                None => {
                    let message = format!("`{symbol}` is not one of {}", types.name(type_id));
                    return Err(EncodeError::Type { path: String::new(), message });
                }
            }
        }
        (Type::Array(element), Value::Array(values)) => {
            let slots = encode_all(context, types, *element, values, depth)?;
            context.arena.new_array(type_id, &slots)?
        }
        (Type::Set(element), Value::Set(values)) => {
            let slots = encode_all(context, types, *element, values, depth)?;
            library::new_set(context, type_id, &slots)?
        }
        (Type::Map(key, element), Value::Map(entries)) => {
            let mut slots = Vec::with_capacity(entries.len() * 2);
            for (name, value) in entries {
                let part = || format!("[{}]", key_text(name));
                slots.push(
                    encode(context, types, *key, name, depth + 1).map_err(|error| error.inside(&part()))?,
                );
                slots.push(
                    encode(context, types, *element, value, depth + 1)
                        .map_err(|error| error.inside(&part()))?,
                );
            }
            library::new_map(context, type_id, &slots)?
        }
        (Type::Record(_), Value::Record(given)) => {
            let Some(record) = types.record(type_id) else { return wrong() };
            let slots = encode_fields(context, types, &record.fields, given, depth)?;
            context.arena.new_record(type_id, &slots)?
        }
        (Type::Variant(_), Value::Variant(case, given)) => {
            let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
            let Some(index) = cases.iter().position(|known| known.name == *case) else {
                let message = format!("`{case}` is not a case of {}", types.name(type_id));
                return Err(EncodeError::Type { path: String::new(), message });
            };
            let slots = encode_fields(context, types, &cases[index].fields, given, depth)?;
            context.arena.new_variant(type_id, u32::try_from(index).unwrap_or(u32::MAX), &slots)?
        }
        _ => return wrong(),
    })
}

fn encode_all(
    context: &mut Context<'_>,
    types: &TypeTable,
    type_id: TypeId,
    values: &[Value],
    depth: usize,
) -> Result<Vec<u64>, EncodeError> {
    let mut slots = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let slot = encode(context, types, type_id, value, depth + 1);
        slots.push(slot.map_err(|error| error.inside(&format!("[{index}]")))?);
    }
    Ok(slots)
}

fn encode_fields(
    context: &mut Context<'_>,
    types: &TypeTable,
    fields: &[Field],
    given: &[(String, Value)],
    depth: usize,
) -> Result<Vec<u64>, EncodeError> {
    let at = |name: &str, message: &str| {
        Err(EncodeError::Type { path: format!(".{name}"), message: message.to_owned() })
    };
    let mut slots = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        // Usually they come in declared order.
        let in_place = given.get(index).filter(|(name, _)| *name == field.name);
        let Some((_, value)) = in_place.or_else(|| given.iter().find(|(name, _)| *name == field.name)) else {
            return at(&field.name, "the field is missing");
        };
        let slot = encode(context, types, field.type_id, value, depth + 1);
        slots.push(slot.map_err(|error| error.inside(&format!(".{}", field.name)))?);
    }
    match given.iter().find(|(name, _)| !fields.iter().any(|field| field.name == *name)) {
        Some((name, _)) => at(name, "there is no such field"),
        None if given.len() > fields.len() => at(&given[0].0, "a field is given twice"),
        None => Ok(slots),
    }
}

fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) | Value::Enum(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Decimal(number) => number.to_string(),
        other => other.kind_name().to_owned(),
    }
}

/// The value in a slot of a type. `budget` bounds its size in bytes, roughly: values share parts inside
/// the arena that the host sees once each.
///
/// # Errors
/// [`Limit::Memory`] over the budget, [`Limit::Depth`] if it is nested too deeply.
pub(crate) fn decode(
    context: &mut Context<'_>,
    types: &TypeTable,
    type_id: TypeId,
    slot: u64,
    budget: &mut u64,
    depth: usize,
) -> Result<Value, Stop> {
    if depth > MOST_NESTED {
        return Err(Stop::Limit(Limit::Depth));
    }
    let mut pay = |bytes: usize| match budget.checked_sub(bytes as u64) {
        Some(rest) => {
            *budget = rest;
            Ok(())
        }
        None => Err(Stop::Limit(Limit::Memory)),
    };
    pay(8)?;
    Ok(match types.get(type_id) {
        Type::Boolean => Value::Boolean(slot != 0),
        Type::Integer => Value::Integer(slot.cast_signed()),
        Type::Unbounded => Value::Integer(context.arena.narrow(slot).0),
        Type::Decimal => Value::Decimal(context.arena.decimal(slot)),
        Type::Float => Value::Float(f64::from_bits(slot)),
        Type::String => {
            let text = context.arena.text(slot);
            pay(text.len())?;
            Value::String(text.to_owned())
        }
        Type::Bytes => {
            let octets = context.arena.octets(slot);
            pay(octets.len())?;
            Value::Bytes(octets.to_vec())
        }
        Type::Timestamp => {
            Value::Timestamp(Timestamp::from_micros(slot.cast_signed()).unwrap_or(Timestamp::EPOCH))
        }
        Type::Optional(_) if slot == 0 => Value::Optional(None),
        Type::Optional(inner) => {
            let payload = context.arena.word(slot, 1);
            Value::Optional(Some(Box::new(decode(context, types, *inner, payload, budget, depth + 1)?)))
        }
        Type::Enum(_) | Type::Machine(_) => Value::Enum(context.shapes.symbol(type_id, slot).to_owned()),
        Type::Array(element) => {
            let mut values = vec![];
            for index in 0..context.arena.elements(slot).len() {
                let element_slot = context.arena.word(slot, SEQUENCE_HEAD + index);
                values.push(decode(context, types, *element, element_slot, budget, depth + 1)?);
            }
            Value::Array(values)
        }
        Type::Set(element) => {
            let mut values = vec![];
            for member in library::flatten(context, slot)? {
                values.push(decode(context, types, *element, member, budget, depth + 1)?);
            }
            // Enums are ordered as declared here, and by name where there is no type at hand.
            values.sort();
            Value::Set(values)
        }
        Type::Map(key, element) => {
            let flat = library::flatten(context, slot)?;
            let mut entries = Vec::with_capacity(flat.len() / 2);
            for entry in flat.chunks_exact(2) {
                let name = decode(context, types, *key, entry[0], budget, depth + 1)?;
                entries.push((name, decode(context, types, *element, entry[1], budget, depth + 1)?));
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(entries)
        }
        Type::Record(_) => {
            let fields = types.record(type_id).map_or(&[][..], |record| &record.fields);
            Value::Record(decode_fields(context, types, fields, slot, 1, budget, depth)?)
        }
        Type::Variant(_) => {
            let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
            let case = usize::try_from(context.arena.word(slot, 1)).ok().and_then(|index| cases.get(index));
            match case {
                Some(case) => {
                    let fields = decode_fields(context, types, &case.fields, slot, 2, budget, depth)?;
                    Value::Variant(case.name.clone(), fields)
                }
                None => Value::Variant(String::new(), vec![]),
            }
        }
    })
}

fn decode_fields(
    context: &mut Context<'_>,
    types: &TypeTable,
    fields: &[Field],
    slot: u64,
    first: usize,
    budget: &mut u64,
    depth: usize,
) -> Result<Vec<(String, Value)>, Stop> {
    let mut values = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let word = context.arena.word(slot, first + index);
        values.push((field.name.clone(), decode(context, types, field.type_id, word, budget, depth + 1)?));
    }
    Ok(values)
}
