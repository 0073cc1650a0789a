//! Values as a host sees them: owned, self-describing, without a type table at hand.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::decimal::Decimal;
use crate::timestamp::Timestamp;

/// One value. Equality, order and hash are canonical (language reference, "Types and values"): all NaN
/// are one value, -0 and 0 are two, `1.0` and `1.00` are one.
#[derive(Clone, Debug)]
pub enum Value {
    /// `boolean`.
    Boolean(bool),
    /// `integer`.
    Integer(i64),
    /// `decimal`.
    Decimal(Decimal),
    /// `float`.
    Float(f64),
    /// `string`.
    String(String),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `timestamp`.
    Timestamp(Timestamp),
    /// `optional<T>`.
    Optional(Option<Box<Value>>),
    /// `array<T>`.
    Array(Vec<Value>),
    /// `map<K, V>`, ascending and distinct keys.
    Map(Vec<(Value, Value)>),
    /// `set<T>`, ascending and distinct.
    Set(Vec<Value>),
    /// A symbol of an enum or a state of a machine.
    Enum(String),
    /// A record's fields in declared order.
    Record(Vec<(String, Value)>),
    /// A case and its fields in declared order.
    Variant(String, Vec<(String, Value)>),
}

impl Value {
    /// The name of the value's kind, as messages say it.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Float(_) => "float",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "timestamp",
            Self::Optional(_) => "optional",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Set(_) => "set",
            Self::Enum(_) => "enum",
            Self::Record(_) => "record",
            Self::Variant(..) => "variant",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Integer(_) => 1,
            Self::Decimal(_) => 2,
            Self::Float(_) => 3,
            Self::String(_) => 4,
            Self::Bytes(_) => 5,
            Self::Timestamp(_) => 6,
            Self::Optional(_) => 7,
            Self::Array(_) => 8,
            Self::Map(_) => 9,
            Self::Set(_) => 10,
            Self::Enum(_) => 11,
            Self::Record(_) => 12,
            Self::Variant(..) => 13,
        }
    }
}

/// Maps a float to an integer that is ordered as floats are in the total order: -0 before 0, all NaN one
/// value and last.
#[must_use]
pub fn float_order(float: f64) -> i64 {
    if float.is_nan() {
        return i64::MAX;
    }
    let bits = float.to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => float_order(*a).cmp(&float_order(*b)),
            (Self::String(a), Self::String(b)) | (Self::Enum(a), Self::Enum(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Optional(a), Self::Optional(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) | (Self::Set(a), Self::Set(b)) => a.cmp(b),
            (Self::Map(a), Self::Map(b)) => a.cmp(b),
            (Self::Record(a), Self::Record(b)) => a.cmp(b),
            (Self::Variant(a, x), Self::Variant(b, y)) => a.cmp(b).then_with(|| x.cmp(y)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Boolean(value) => value.hash(state),
            Self::Integer(value) => value.hash(state),
            Self::Decimal(value) => value.hash(state),
            Self::Float(value) => float_order(*value).hash(state),
            Self::String(value) | Self::Enum(value) => value.hash(state),
            Self::Bytes(value) => value.hash(state),
            Self::Timestamp(value) => value.hash(state),
            Self::Optional(value) => value.hash(state),
            Self::Array(values) | Self::Set(values) => values.hash(state),
            Self::Map(entries) => entries.hash(state),
            Self::Record(fields) => fields.hash(state),
            Self::Variant(case, fields) => (case, fields).hash(state),
        }
    }
}
