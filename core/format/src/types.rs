//! Types: a table of structural types and named definitions, shared by all three layers.
//!
//! A [`TypeId`] is an index into the module's [`TypeTable`]; equal types have equal ids, because
//! [`TypeTable::intern`] never adds one twice. Records, variants and machines are nominal: their entry
//! points at a definition.

use serde::{Deserialize, Serialize};

use crate::semantic::Clause;

/// An index into [`TypeTable::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TypeId(pub u32);

impl TypeId {
    /// `boolean`; the scalar types stand first in every table.
    pub const BOOLEAN: Self = Self(0);
    /// `integer`: signed 64-bit.
    pub const INTEGER: Self = Self(1);
    /// The integers of contracts and ghost code: unbounded. Has no name in the language.
    pub const UNBOUNDED: Self = Self(2);
    /// `decimal`.
    pub const DECIMAL: Self = Self(3);
    /// `float`.
    pub const FLOAT: Self = Self(4);
    /// `string`.
    pub const STRING: Self = Self(5);
    /// `bytes`.
    pub const BYTES: Self = Self(6);
    /// `timestamp`.
    pub const TIMESTAMP: Self = Self(7);
}

/// One type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// `boolean`.
    Boolean,
    /// `integer`.
    Integer,
    /// Mathematical integer: contract and ghost code only.
    Unbounded,
    /// `decimal`.
    Decimal,
    /// `float`.
    Float,
    /// `string`.
    String,
    /// `bytes`.
    Bytes,
    /// `timestamp`.
    Timestamp,
    /// `optional<T>`.
    Optional(TypeId),
    /// `array<T>`.
    Array(TypeId),
    /// `map<K, V>`.
    Map(TypeId, TypeId),
    /// `set<T>`.
    Set(TypeId),
    /// `enum[a, b]`: structural, symbols in declared order.
    Enum(Vec<String>),
    /// A machine's states: nominal; index into [`TypeTable::machines`].
    Machine(u32),
    /// Index into [`TypeTable::records`].
    Record(u32),
    /// Index into [`TypeTable::variants`].
    Variant(u32),
}

/// A named and typed field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The type.
    pub type_id: TypeId,
}

/// A record definition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Record {
    /// The name; of an unnamed result record, `f.success`.
    pub name: String,
    /// In declared order, which is also the order of the slots.
    pub fields: Vec<Field>,
    /// Hold for every value that exists. In each, local 0..n are the fields in order.
    pub constraints: Vec<Clause>,
}

/// A tagged union.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// The name.
    pub name: String,
    /// In declared order, which is also the order of the tags.
    pub cases: Vec<Case>,
}

/// One case of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// The name.
    pub name: String,
    /// In declared order.
    pub fields: Vec<Field>,
}

/// A state machine; its name is also an enum type with the states in declared order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The name.
    pub name: String,
    /// The states, in declared order.
    pub states: Vec<String>,
    /// Index of the initial state.
    pub initial: u32,
    /// Allowed moves, as indices of states, sorted.
    pub transitions: Vec<(u32, u32)>,
}

/// All types of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeTable {
    /// Structural types; the eight scalar types first, in the order of the [`TypeId`] constants.
    pub types: Vec<Type>,
    /// Record definitions.
    #[serde(deserialize_with = "crate::semantic::stored::records")]
    pub records: Vec<Record>,
    /// Variant definitions.
    pub variants: Vec<Variant>,
    /// Machines.
    pub machines: Vec<Machine>,
    /// Other names for types, in declared order: `Cents: integer`.
    pub aliases: Vec<(String, TypeId)>,
}

impl Default for TypeTable {
    fn default() -> Self {
        use Type::{Boolean, Bytes, Decimal, Float, Integer, String, Timestamp, Unbounded};
        let types = vec![Boolean, Integer, Unbounded, Decimal, Float, String, Bytes, Timestamp];
        Self { types, records: vec![], variants: vec![], machines: vec![], aliases: vec![] }
    }
}

impl TypeTable {
    /// The id of a type, added if it is new. Linear in the number of types, which is small.
    pub fn intern(&mut self, new: Type) -> TypeId {
        let position = self.types.iter().position(|known| *known == new).unwrap_or_else(|| {
            self.types.push(new);
            self.types.len() - 1
        });
        TypeId(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// The type behind an id. Decoded tables are validated first, so an id that stands in a module is
    /// always in range.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    /// The record definition behind an id, if it is a record.
    #[must_use]
    pub fn record(&self, id: TypeId) -> Option<&Record> {
        match self.get(id) {
            Type::Record(index) => self.records.get(*index as usize),
            _ => None,
        }
    }

    /// The variant definition behind an id, if it is a variant.
    #[must_use]
    pub fn variant(&self, id: TypeId) -> Option<&Variant> {
        match self.get(id) {
            Type::Variant(index) => self.variants.get(*index as usize),
            _ => None,
        }
    }

    /// The symbols of an enum or machine type.
    #[must_use]
    pub fn symbols(&self, id: TypeId) -> Option<&[String]> {
        match self.get(id) {
            Type::Enum(symbols) => Some(symbols),
            Type::Machine(index) => self.machines.get(*index as usize).map(|machine| &machine.states[..]),
            _ => None,
        }
    }

    /// The type as the language writes it.
    #[must_use]
    pub fn name(&self, id: TypeId) -> String {
        match self.get(id) {
            Type::Boolean => "boolean".into(),
            Type::Integer | Type::Unbounded => "integer".into(),
            Type::Decimal => "decimal".into(),
            Type::Float => "float".into(),
            Type::String => "string".into(),
            Type::Bytes => "bytes".into(),
            Type::Timestamp => "timestamp".into(),
            Type::Optional(inner) => format!("optional<{}>", self.name(*inner)),
            Type::Array(element) => format!("array<{}>", self.name(*element)),
            Type::Map(key, value) => format!("map<{}, {}>", self.name(*key), self.name(*value)),
            Type::Set(element) => format!("set<{}>", self.name(*element)),
            Type::Enum(symbols) => format!("enum[{}]", symbols.join(", ")),
            Type::Machine(index) => self.machines[*index as usize].name.clone(),
            Type::Record(index) => self.records[*index as usize].name.clone(),
            Type::Variant(index) => self.variants[*index as usize].name.clone(),
        }
    }

    /// Whether values of the type may be keys of maps and elements of sets.
    #[must_use]
    pub fn is_key(&self, id: TypeId) -> bool {
        use Type::{Boolean, Bytes, Decimal, Enum, Integer, Machine, String, Timestamp, Unbounded};
        matches!(
            self.get(id),
            Boolean | Integer | Unbounded | Decimal | String | Bytes | Timestamp | Enum(_) | Machine(_)
        )
    }

    /// Whether `<` is defined on the type.
    #[must_use]
    pub fn is_ordered(&self, id: TypeId) -> bool {
        use Type::{Array, Bytes, Decimal, Enum, Float, Integer, Machine, String, Timestamp, Unbounded};
        match self.get(id) {
            Array(element) => self.is_ordered(*element),
            other => matches!(
                other,
                Integer | Unbounded | Decimal | Float | String | Bytes | Timestamp | Enum(_) | Machine(_)
            ),
        }
    }

    /// Whether values live in the arena behind an offset, so that `share`, `update` and `reclaim` mean
    /// something for them. Strings and bytes do; decimals and unbounded integers are values.
    #[must_use]
    pub fn is_aggregate(&self, id: TypeId) -> bool {
        use Type::{Array, Bytes, Map, Optional, Record, Set, String, Variant};
        matches!(
            self.get(id),
            Array(_) | Map(..) | Set(_) | Record(_) | Variant(_) | Optional(_) | String | Bytes
        )
    }
}
