//! Changing candidates that got somewhere.

use std::sync::Arc;

use anrf_format::decimal::Decimal;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use super::generate::{Generator, canonical};

impl Generator {
    /// A value near another one.
    pub(super) fn changed(&mut self, type_id: TypeId, value: &Value) -> Value {
        canonical(self.changed_inside(type_id, value, 0))
    }

    fn changed_inside(&mut self, type_id: TypeId, value: &Value, depth: u32) -> Value {
        if depth > 16 || self.random.chance(12) {
            return self.value(type_id);
        }
        let module = Arc::clone(&self.module);
        let types = &module.types;
        match (types.types.get(type_id.0 as usize), value) {
            (_, Value::Boolean(known)) => Value::Boolean(!known),
            (_, Value::Integer(number)) => Value::Integer(self.changed_integer(*number)),
            (_, Value::Decimal(number)) => {
                let other = self.decimal();
                Value::Decimal(match self.random.below(5) {
                    0 => number.neg(),
                    1 => number.add(&other),
                    2 => number.sub(&Decimal::from_parts(1, 2).unwrap_or(Decimal::ONE)),
                    3 => self.random.pick(&self.constants.decimals).cloned().unwrap_or(other),
                    _ => number.add(&Decimal::from_parts(5, 3).unwrap_or(Decimal::ONE)),
                })
            }
            (_, Value::String(text)) => {
                let mut characters: Vec<char> = text.chars().collect();
                let more: Vec<char> = self.string().chars().take(4).collect();
                let at = self.random.below(characters.len() + 1);
                match self.random.below(3) {
                    0 => {
                        characters.splice(at..at, more);
                    }
                    1 if at < characters.len() => {
                        characters.remove(at);
                    }
                    _ => {
                        let end = (at + more.len()).min(characters.len());
                        characters.splice(at..end, more);
                    }
                }
                Value::String(characters.into_iter().collect())
            }
            (Some(Type::Optional(inner)), Value::Optional(Some(value))) if self.random.chance(80) => {
                Value::Optional(Some(Box::new(self.changed_inside(*inner, value, depth + 1))))
            }
            (Some(Type::Array(element)), Value::Array(values)) => {
                Value::Array(self.changed_list(*element, values, depth))
            }
            (Some(Type::Set(element)), Value::Set(values)) => {
                canonical(Value::Set(self.changed_list(*element, values, depth)))
            }
            (Some(Type::Map(key, to)), Value::Map(entries)) => {
                let mut entries = entries.clone();
                let at = self.random.below(entries.len());
                match (self.random.below(4), entries.get(at).cloned()) {
                    (0, Some(_)) => {
                        entries.remove(at);
                    }
                    (1 | 2, Some((_, value))) => {
                        let value = self.changed_inside(*to, &value, depth + 1);
                        entries.splice(at..=at, entries.get(at).cloned().map(|(key, _)| (key, value)));
                    }
                    _ => {
                        let key = self.met(*key).unwrap_or_else(|| self.value(*key));
                        entries.push((key, self.value(*to)));
                    }
                }
                canonical(Value::Map(entries))
            }
            (Some(Type::Record(_)), Value::Record(fields)) => {
                let declared = types.record(type_id).map_or(&[][..], |record| &record.fields);
                Value::Record(self.changed_fields(declared, fields, depth))
            }
            (Some(Type::Variant(_)), Value::Variant(name, fields)) => {
                let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
                match cases.iter().find(|case| case.name == *name) {
                    Some(case) if !fields.is_empty() => {
                        Value::Variant(name.clone(), self.changed_fields(&case.fields, fields, depth))
                    }
                    _ => self.value(type_id),
                }
            }
            _ => self.value(type_id),
        }
    }

    /// What the code compares with, in place of a number, text or time.
    pub(super) fn limit_for(&mut self, value: &Value) -> Option<Value> {
        let known = &self.constants;
        match value {
            Value::Integer(_) if self.random.chance(50) => {
                self.random.pick(&known.integers).copied().map(Value::Integer)
            }
            Value::Integer(_) => self.random.pick(&known.near).copied().map(Value::Integer),
            Value::Decimal(_) => self.random.pick(&known.decimals).cloned().map(Value::Decimal),
            Value::String(_) => self.random.pick(&known.strings).cloned().map(Value::String),
            Value::Timestamp(_) => self.random.pick(&known.timestamps).copied().map(Value::Timestamp),
            _ => None,
        }
    }

    fn changed_fields(
        &mut self,
        declared: &[anrf_format::types::Field],
        fields: &[(String, Value)],
        depth: u32,
    ) -> Vec<(String, Value)> {
        let mut fields = fields.to_vec();
        let at = self.random.below(fields.len());
        if let (Some(field), Some((_, value))) = (declared.get(at), fields.get_mut(at)) {
            *value = self.changed_inside(field.type_id, value, depth + 1);
        }
        fields
    }

    fn changed_integer(&mut self, number: i64) -> i64 {
        let step = self.integer();
        match self.random.below(10) {
            0 | 1 => number.saturating_add(1),
            2 | 3 => number.saturating_sub(1),
            4 => number.checked_neg().unwrap_or(number),
            5 => number.saturating_add(step),
            6 => number.saturating_mul(2),
            7 => number / 2,
            // A limit of the code, just where everything else already met the conditions.
            8 => self.random.pick(&self.constants.integers).copied().unwrap_or(step),
            _ => self.random.pick(&self.constants.near).copied().unwrap_or(step),
        }
    }

    fn changed_list(&mut self, element: TypeId, values: &[Value], depth: u32) -> Vec<Value> {
        let mut values = values.to_vec();
        let (at, other) = (self.random.below(values.len()), self.random.below(values.len()));
        match self.random.below(10) {
            0 | 1 => {
                let value = self.value(element);
                values.insert(at.min(values.len()), value);
            }
            2 if at < values.len() => {
                values.remove(at);
            }
            3 if at < values.len() => {
                let copy = values[at].clone();
                values.insert(other, copy);
            }
            4 if at < values.len() => values.swap(at, other),
            5 => values.sort(),
            6 => {
                values.sort();
                values.dedup();
            }
            7 => values.reverse(),
            _ => {
                if let Some(value) = values.get_mut(at) {
                    *value = self.changed_inside(element, value, depth + 1);
                }
            }
        }
        values
    }
}

/// The numbers, texts and times inside values; not those by which entries and members are in order.
pub(super) fn leaves<'v>(values: impl Iterator<Item = &'v mut Value>) -> Vec<&'v mut Value> {
    let mut found = vec![];
    let mut work: Vec<&mut Value> = values.collect();
    while let Some(value) = work.pop() {
        match value {
            Value::Optional(Some(inner)) => work.push(inner),
            Value::Array(values) => work.extend(values),
            Value::Map(entries) => work.extend(entries.iter_mut().map(|(_, value)| value)),
            Value::Record(fields) | Value::Variant(_, fields) => {
                work.extend(fields.iter_mut().map(|(_, value)| value));
            }
            Value::Integer(_) | Value::Decimal(_) | Value::String(_) | Value::Timestamp(_) => {
                found.push(value)
            }
            _ => {}
        }
    }
    found
}
