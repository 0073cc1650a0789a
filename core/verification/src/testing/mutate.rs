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
                Value::Decimal(match self.random.below(4) {
                    0 => number.neg(),
                    1 => number.add(&other),
                    2 => number.sub(&Decimal::from_parts(1, 2).unwrap_or(Decimal::ONE)),
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
                    _ => entries.push((self.value(*key), self.value(*to))),
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
        match self.random.below(8) {
            0 | 1 => number.saturating_add(1),
            2 | 3 => number.saturating_sub(1),
            4 => number.checked_neg().unwrap_or(number),
            5 => number.saturating_add(step),
            6 => number.saturating_mul(2),
            _ => number / 2,
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
