//! Values to JSON.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::encoding::base64_encode;
use crate::types::{Field, Type, TypeId, TypeTable};
use crate::value::Value;

/// The JSON text of a value of a type. A value of another type is written as what it is.
#[must_use]
pub fn to_json(types: &TypeTable, type_id: TypeId, value: &Value) -> String {
    // Writing to a string fails for maps with keys that are not strings only, and those are written as
    // lists.
    serde_json::to_string(&Typed { types, type_id, value }).unwrap_or_default()
}

/// A value with its type: serialises to the JSON form.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The module's types.
    pub types: &'a TypeTable,
    /// The value's type.
    pub type_id: TypeId,
    /// The value.
    pub value: &'a Value,
}

/// Values of named fields, in order: serialises to an object.
#[derive(Clone, Copy, Debug)]
pub struct TypedFields<'a> {
    /// The module's types.
    pub types: &'a TypeTable,
    /// Names and types.
    pub fields: &'a [Field],
    /// One value per field.
    pub values: &'a [Value],
}

impl Typed<'_> {
    fn inner(&self, type_id: TypeId, value: &Value) -> impl Serialize {
        TypedOwned { types: self.types, type_id, value }
    }
}

/// The same as [`Typed`] with lifetimes that nest.
struct TypedOwned<'t, 'v> {
    types: &'t TypeTable,
    type_id: TypeId,
    value: &'v Value,
}

impl Serialize for TypedOwned<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Typed { types: self.types, type_id: self.type_id, value: self.value }.serialize(serializer)
    }
}

impl Serialize for TypedFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (field, value) in self.fields.iter().zip(self.values) {
            map.serialize_entry(&field.name, &Typed { types: self.types, type_id: field.type_id, value })?;
        }
        map.end()
    }
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let types = self.types;
        match (self.value, types.get(self.type_id)) {
            (Value::Boolean(value), _) => serializer.serialize_bool(*value),
            (Value::Integer(value), _) => serializer.serialize_i64(*value),
            (Value::Decimal(value), _) => serializer.collect_str(value),
            (Value::Float(value), _) if value.is_nan() => serializer.serialize_str("NaN"),
            (Value::Float(value), _) if value.is_infinite() => {
                serializer.serialize_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            (Value::Float(value), _) => serializer.serialize_f64(*value),
            (Value::String(value) | Value::Enum(value), _) => serializer.serialize_str(value),
            (Value::Bytes(value), _) => serializer.serialize_str(&base64_encode(value)),
            (Value::Timestamp(value), _) => serializer.collect_str(value),
            (Value::Optional(None), _) => serializer.serialize_unit(),
            (Value::Optional(Some(inner)), Type::Optional(type_id)) => {
                if matches!(types.get(*type_id), Type::Optional(_)) {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry("some", &self.inner(*type_id, inner))?;
                    return map.end();
                }
                self.inner(*type_id, inner).serialize(serializer)
            }
            (Value::Array(values), Type::Array(type_id)) | (Value::Set(values), Type::Set(type_id)) => {
                serializer.collect_seq(values.iter().map(|value| self.inner(*type_id, value)))
            }
            (Value::Map(entries), Type::Map(key, value)) => {
                if *key == TypeId::STRING {
                    let mut map = serializer.serialize_map(Some(entries.len()))?;
                    for (entry_key, entry) in entries {
                        if let Value::String(text) = entry_key {
                            map.serialize_entry(text, &self.inner(*value, entry))?;
                        }
                    }
                    return map.end();
                }
                let mut list = serializer.serialize_seq(Some(entries.len()))?;
                for (entry_key, entry) in entries {
                    list.serialize_element(&(self.inner(*key, entry_key), self.inner(*value, entry)))?;
                }
                list.end()
            }
            (Value::Record(values), Type::Record(index)) => {
                let fields = types.records.get(*index as usize).map_or(&[][..], |record| &record.fields);
                serialize_fields(types, fields, values, serializer)
            }
            (Value::Variant(case, values), Type::Variant(index)) => {
                let cases = types.variants.get(*index as usize).map_or(&[][..], |variant| &variant.cases);
                let fields =
                    cases.iter().find(|known| known.name == *case).map_or(&[][..], |case| &case.fields);
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(case, &CaseFields { types, fields, values })?;
                map.end()
            }
            (value, _) => Err(serde::ser::Error::custom(format!(
                "a {} where {} is expected",
                value.kind_name(),
                types.name(self.type_id)
            ))),
        }
    }
}

struct CaseFields<'a> {
    types: &'a TypeTable,
    fields: &'a [Field],
    values: &'a [(String, Value)],
}

impl Serialize for CaseFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_fields(self.types, self.fields, self.values, serializer)
    }
}

fn serialize_fields<S: Serializer>(
    types: &TypeTable,
    fields: &[Field],
    values: &[(String, Value)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(values.len()))?;
    for (field, (name, value)) in fields.iter().zip(values) {
        map.serialize_entry(name, &Typed { types, type_id: field.type_id, value })?;
    }
    map.end()
}
