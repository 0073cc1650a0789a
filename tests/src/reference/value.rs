//! Values of the reference: integers of any kind are one, symbols and cases are their positions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anrf_format::decimal::Decimal;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value as HostValue;

use super::{Reference, Result, Stop};

#[derive(Clone, Debug)]
pub(super) enum Value {
    Boolean(bool),
    Integer(i128),
    Decimal(Decimal),
    Float(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    Time(Timestamp),
    Optional(Option<Rc<Value>>),
    Array(Rc<Vec<Value>>),
    Map(Rc<BTreeMap<Value, Value>>),
    Set(Rc<BTreeSet<Value>>),
    Symbol(usize),
    Record(Rc<Vec<Value>>),
    Variant(usize, Rc<Vec<Value>>),
}

const WRONG: Stop = Stop::GivesUp("a value of another type");

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    pub(super) fn array(values: Vec<Self>) -> Self {
        Self::Array(Rc::new(values))
    }

    pub(super) fn record(values: Vec<Self>) -> Self {
        Self::Record(Rc::new(values))
    }

    pub(super) fn optional(value: Option<Self>) -> Self {
        Self::Optional(value.map(Rc::new))
    }

    pub(super) fn boolean(&self) -> Result<bool> {
        if let Self::Boolean(value) = self { Ok(*value) } else { Err(WRONG) }
    }

    pub(super) fn integer(&self) -> Result<i128> {
        if let Self::Integer(value) = self { Ok(*value) } else { Err(WRONG) }
    }

    pub(super) fn decimal(&self) -> Result<Decimal> {
        if let Self::Decimal(value) = self { Ok(value.clone()) } else { Err(WRONG) }
    }

    pub(super) fn float(&self) -> Result<f64> {
        if let Self::Float(value) = self { Ok(*value) } else { Err(WRONG) }
    }

    pub(super) fn str(&self) -> Result<&str> {
        if let Self::Text(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn time(&self) -> Result<Timestamp> {
        if let Self::Time(value) = self { Ok(*value) } else { Err(WRONG) }
    }

    pub(super) fn some(&self) -> Result<Option<&Self>> {
        if let Self::Optional(value) = self { Ok(value.as_deref()) } else { Err(WRONG) }
    }

    pub(super) fn elements(&self) -> Result<&[Self]> {
        match self {
            Self::Array(values) | Self::Record(values) | Self::Variant(_, values) => Ok(values),
            _ => Err(WRONG),
        }
    }

    pub(super) fn map(&self) -> Result<&BTreeMap<Self, Self>> {
        if let Self::Map(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn set(&self) -> Result<&BTreeSet<Self>> {
        if let Self::Set(value) = self { Ok(value) } else { Err(WRONG) }
    }
}

/// The total order: FALSE before TRUE, -0 before 0, NaN last, NONE before SOME.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => match (a.is_nan(), b.is_nan()) {
                (false, false) => a.total_cmp(b),
                (a, b) => a.cmp(&b),
            },
            (Self::Text(a), Self::Text(b)) => a.chars().cmp(b.chars()),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.micros().cmp(&b.micros()),
            (Self::Optional(a), Self::Optional(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) | (Self::Record(a), Self::Record(b)) => a.cmp(b),
            (Self::Map(a), Self::Map(b)) => a.cmp(b),
            (Self::Set(a), Self::Set(b)) => a.cmp(b),
            (Self::Symbol(a), Self::Symbol(b)) => a.cmp(b),
            (Self::Variant(a, x), Self::Variant(b, y)) => a.cmp(b).then_with(|| x.cmp(y)),
            // Values of two types are never compared.
            _ => Ordering::Equal,
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

impl Reference<'_> {
    pub(super) fn import(&self, type_id: TypeId, value: &HostValue) -> Result<Value> {
        let types = &self.module.types;
        let all = |type_id: TypeId, values: &[HostValue]| -> Result<Vec<Value>> {
            values.iter().map(|value| self.import(type_id, value)).collect()
        };
        let fields = |fields: &[Field], values: &[(String, HostValue)]| -> Result<Vec<Value>> {
            let named = |field: &Field| {
                let (_, value) = values.iter().find(|(name, _)| *name == field.name).ok_or(WRONG)?;
                self.import(field.type_id, value)
            };
            fields.iter().map(named).collect()
        };
        Ok(match (types.get(type_id), value) {
            (_, HostValue::Boolean(value)) => Value::Boolean(*value),
            (_, HostValue::Integer(value)) => Value::Integer(i128::from(*value)),
            (_, HostValue::Decimal(value)) => Value::Decimal(value.clone()),
            (_, HostValue::Float(value)) => Value::Float(*value),
            (Type::Unbounded, HostValue::String(digits)) => {
                Value::Integer(digits.parse().map_err(|_| Stop::GivesUp("a very large number"))?)
            }
            (_, HostValue::String(value)) => Value::text(value),
            (_, HostValue::Bytes(value)) => Value::Bytes(value.as_slice().into()),
            (_, HostValue::Timestamp(value)) => Value::Time(*value),
            (Type::Optional(inner), HostValue::Optional(value)) => {
                let value = value.as_ref().map(|value| self.import(*inner, value));
                Value::optional(value.transpose()?)
            }
            (Type::Array(inner), HostValue::Array(values)) => Value::array(all(*inner, values)?),
            (Type::Set(inner), HostValue::Set(values)) => {
                Value::Set(Rc::new(all(*inner, values)?.into_iter().collect()))
            }
            (Type::Map(key, inner), HostValue::Map(entries)) => {
                let entry = |(name, value): &(HostValue, HostValue)| {
                    Ok((self.import(*key, name)?, self.import(*inner, value)?))
                };
                Value::Map(Rc::new(entries.iter().map(entry).collect::<Result<_>>()?))
            }
            (_, HostValue::Enum(symbol)) => {
                let symbols = types.symbols(type_id).ok_or(WRONG)?;
                Value::Symbol(symbols.iter().position(|known| known == symbol).ok_or(WRONG)?)
            }
            (Type::Record(index), HostValue::Record(values)) => {
                Value::record(fields(&types.records[*index as usize].fields, values)?)
            }
            (Type::Variant(index), HostValue::Variant(name, values)) => {
                let cases = &types.variants[*index as usize].cases;
                let case = cases.iter().position(|case| case.name == *name).ok_or(WRONG)?;
                Value::Variant(case, Rc::new(fields(&cases[case].fields, values)?))
            }
            _ => return Err(WRONG),
        })
    }

    pub(super) fn export(&self, type_id: TypeId, value: &Value) -> Result<HostValue> {
        let types = &self.module.types;
        let fields = |fields: &[Field], values: &[Value]| -> Result<Vec<(String, HostValue)>> {
            let both = fields.iter().zip(values);
            both.map(|(field, value)| Ok((field.name.clone(), self.export(field.type_id, value)?))).collect()
        };
        Ok(match (types.get(type_id), value) {
            (_, Value::Boolean(value)) => HostValue::Boolean(*value),
            (_, Value::Integer(value)) => HostValue::Integer(i64::try_from(*value).map_err(|_| WRONG)?),
            (_, Value::Decimal(value)) => HostValue::Decimal(value.clone()),
            (_, Value::Float(value)) => HostValue::Float(*value),
            (_, Value::Text(value)) => HostValue::String(value.to_string()),
            (_, Value::Bytes(value)) => HostValue::Bytes(value.to_vec()),
            (_, Value::Time(value)) => HostValue::Timestamp(*value),
            (Type::Optional(inner), Value::Optional(value)) => {
                let value = value.as_ref().map(|value| self.export(*inner, value)).transpose()?;
                HostValue::Optional(value.map(Box::new))
            }
            (Type::Array(inner), Value::Array(values)) => {
                HostValue::Array(values.iter().map(|it| self.export(*inner, it)).collect::<Result<_>>()?)
            }
            // The host's values know nothing of the order in which symbols are declared.
            (Type::Set(inner), Value::Set(values)) => {
                let values = values.iter().map(|it| self.export(*inner, it));
                let mut values = values.collect::<Result<Vec<_>>>()?;
                values.sort();
                HostValue::Set(values)
            }
            (Type::Map(key, inner), Value::Map(entries)) => {
                let entry = |(name, value): (&Value, &Value)| {
                    Ok((self.export(*key, name)?, self.export(*inner, value)?))
                };
                let mut entries = entries.iter().map(entry).collect::<Result<Vec<_>>>()?;
                entries.sort();
                HostValue::Map(entries)
            }
            (_, Value::Symbol(index)) => {
                let symbols = types.symbols(type_id).ok_or(WRONG)?;
                HostValue::Enum(symbols.get(*index).ok_or(WRONG)?.clone())
            }
            (Type::Record(index), Value::Record(values)) => {
                HostValue::Record(fields(&types.records[*index as usize].fields, values)?)
            }
            (Type::Variant(index), Value::Variant(case, values)) => {
                let case = &types.variants[*index as usize].cases[*case];
                HostValue::Variant(case.name.clone(), fields(&case.fields, values)?)
            }
            _ => return Err(WRONG),
        })
    }
}
