//! The types of a generated program.

use super::expression::Expr;

/// An index into [`Types`]; equal types have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ty(pub(crate) u16);

impl Ty {
    pub(crate) const BOOLEAN: Self = Self(0);
    pub(crate) const INTEGER: Self = Self(1);
    pub(crate) const DECIMAL: Self = Self(2);
    pub(crate) const FLOAT: Self = Self(3);
    pub(crate) const STRING: Self = Self(4);
    pub(crate) const BYTES: Self = Self(5);
    pub(crate) const TIMESTAMP: Self = Self(6);

    /// The types that have a literal of their own.
    pub(crate) const SCALARS: [Self; 7] = [
        Self::BOOLEAN,
        Self::INTEGER,
        Self::DECIMAL,
        Self::FLOAT,
        Self::STRING,
        Self::BYTES,
        Self::TIMESTAMP,
    ];
}

/// What a type is; the numbers are indices into the definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Integer,
    Decimal,
    Float,
    String,
    Bytes,
    Timestamp,
    Optional(Ty),
    Array(Ty),
    Map(Ty, Ty),
    Set(Ty),
    Enum(usize),
    Machine(usize),
    Record(usize),
    Variant(usize),
}

/// A field, and for integers what its record's constraints keep it within.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) low: i128,
    pub(crate) high: i128,
}

impl Field {
    pub(crate) fn new(name: impl Into<String>, ty: Ty) -> Self {
        Self { name: name.into(), ty, low: i128::from(i64::MIN), high: i128::from(i64::MAX) }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Empty for the types that the language has no name for: pairs, entries, results of functions.
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) constraints: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) cases: Vec<(String, Vec<Field>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Enumeration {
    /// The name of an alias, or nothing where the type is written out.
    pub(crate) alias: Option<String>,
    pub(crate) symbols: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) states: Vec<String>,
    pub(crate) transitions: Vec<(usize, usize)>,
}

/// All types of a program.
#[derive(Clone, Debug)]
pub(crate) struct Types {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) records: Vec<Record>,
    pub(crate) variants: Vec<Variant>,
    pub(crate) enumerations: Vec<Enumeration>,
    pub(crate) machines: Vec<Machine>,
    /// Other names: `Alias: integer`.
    pub(crate) aliases: Vec<(String, Ty)>,
    /// Types that inputs, fields and state may have.
    pub(crate) pool: Vec<Ty>,
    /// Definitions that are not printed, in a program that was made smaller.
    pub(crate) hidden: Vec<String>,
}

impl Types {
    pub(crate) fn new() -> Self {
        use Kind::{Boolean, Bytes, Decimal, Float, Integer, String, Timestamp};
        Self {
            kinds: vec![Boolean, Integer, Decimal, Float, String, Bytes, Timestamp],
            records: vec![],
            variants: vec![],
            enumerations: vec![],
            machines: vec![],
            aliases: vec![],
            pool: Ty::SCALARS.to_vec(),
            hidden: vec![],
        }
    }

    pub(crate) fn get(&self, ty: Ty) -> Kind {
        self.kinds[usize::from(ty.0)]
    }

    pub(crate) fn intern(&mut self, kind: Kind) -> Ty {
        let known = self.kinds.iter().position(|it| *it == kind);
        let position = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        Ty(u16::try_from(position).unwrap_or(0))
    }

    pub(crate) fn find(&self, kind: Kind) -> Option<Ty> {
        let position = self.kinds.iter().position(|it| *it == kind)?;
        u16::try_from(position).ok().map(Ty)
    }

    /// A record without a name in the language.
    pub(crate) fn unnamed_record(&mut self, fields: Vec<(&str, Ty)>) -> Ty {
        let known = self.records.iter().position(|record| {
            record.name.is_empty()
                && record.fields.len() == fields.len()
                && record.fields.iter().zip(&fields).all(|(a, b)| a.name == b.0 && a.ty == b.1)
        });
        let position = known.unwrap_or_else(|| {
            let fields = fields.into_iter().map(|(name, ty)| Field::new(name, ty)).collect();
            self.records.push(Record { name: String::new(), fields, constraints: vec![] });
            self.records.len() - 1
        });
        self.intern(Kind::Record(position))
    }

    /// Leaves a definition out, unless it is left out already.
    pub(crate) fn hide(&mut self, name: &str) -> Option<()> {
        let shown = !name.is_empty() && !self.hidden.iter().any(|it| it == name);
        shown.then(|| self.hidden.push(name.to_owned()))
    }

    /// The record with the one field `v` that says which type the expression in it has.
    pub(crate) fn boxed(&mut self, ty: Ty) -> String {
        let known = self.records.iter().find(|it| it.name.starts_with("Box") && it.fields[0].ty == ty);
        if let Some(record) = known {
            return record.name.clone();
        }
        let name = format!("Box{}", self.records.len());
        let fields = vec![Field::new("v", ty)];
        self.records.push(Record { name: name.clone(), fields, constraints: vec![] });
        name
    }

    pub(crate) fn record(&self, ty: Ty) -> Option<&Record> {
        match self.get(ty) {
            Kind::Record(index) => self.records.get(index),
            _ => None,
        }
    }

    /// The symbols of an enumeration or machine.
    pub(crate) fn symbols(&self, ty: Ty) -> Option<&[String]> {
        match self.get(ty) {
            Kind::Enum(index) => Some(&self.enumerations[index].symbols),
            Kind::Machine(index) => Some(&self.machines[index].states),
            _ => None,
        }
    }

    pub(crate) fn is_key(&self, ty: Ty) -> bool {
        use Kind::{Boolean, Bytes, Decimal, Enum, Integer, Machine, String, Timestamp};
        matches!(
            self.get(ty),
            Boolean | Integer | Decimal | String | Bytes | Timestamp | Enum(_) | Machine(_)
        )
    }

    /// Whether `<` is defined; the total order knows booleans too.
    pub(crate) fn is_ordered(&self, ty: Ty) -> bool {
        match self.get(ty) {
            Kind::Array(element) => self.is_ordered(element),
            Kind::Float => true,
            Kind::Boolean => false,
            _ => self.is_key(ty),
        }
    }

    pub(crate) fn is_scalar(&self, ty: Ty) -> bool {
        self.is_key(ty) || ty == Ty::FLOAT
    }

    /// Whether the language can write the type.
    pub(crate) fn has_name(&self, ty: Ty) -> bool {
        match self.get(ty) {
            Kind::Optional(inner) | Kind::Array(inner) | Kind::Set(inner) => self.has_name(inner),
            Kind::Map(key, value) => self.has_name(key) && self.has_name(value),
            Kind::Record(index) => !self.records[index].name.is_empty(),
            _ => true,
        }
    }

    /// Whether an optional or collection has integers in it that contracts make unbounded.
    pub(crate) fn carries_integers(&self, ty: Ty) -> bool {
        match self.get(ty) {
            Kind::Optional(inner) | Kind::Array(inner) | Kind::Set(inner) => {
                inner == Ty::INTEGER || self.carries_integers(inner)
            }
            Kind::Map(key, value) => {
                key == Ty::INTEGER || value == Ty::INTEGER || self.carries_integers(value)
            }
            Kind::Record(index) => {
                let record = &self.records[index];
                record.name.is_empty()
                    && record.fields.iter().any(|it| it.ty == Ty::INTEGER || self.carries_integers(it.ty))
            }
            _ => false,
        }
    }

    /// How deep values of the type nest at least.
    pub(crate) fn height(&self, ty: Ty) -> usize {
        match self.get(ty) {
            Kind::Optional(inner) | Kind::Array(inner) | Kind::Set(inner) | Kind::Map(_, inner) => {
                1 + self.height(inner)
            }
            Kind::Record(index) => {
                let fields = self.records[index].fields.iter();
                1 + fields.map(|it| self.height(it.ty)).max().unwrap_or(0)
            }
            Kind::Variant(_) => 2,
            _ => 0,
        }
    }

    /// The type as the language writes it.
    pub(crate) fn text(&self, ty: Ty) -> String {
        match self.get(ty) {
            Kind::Boolean => "boolean".into(),
            Kind::Integer => "integer".into(),
            Kind::Decimal => "decimal".into(),
            Kind::Float => "float".into(),
            Kind::String => "string".into(),
            Kind::Bytes => "bytes".into(),
            Kind::Timestamp => "timestamp".into(),
            Kind::Optional(inner) => format!("optional<{}>", self.text(inner)),
            Kind::Array(inner) => format!("array<{}>", self.text(inner)),
            Kind::Map(key, value) => format!("map<{}, {}>", self.text(key), self.text(value)),
            Kind::Set(inner) => format!("set<{}>", self.text(inner)),
            Kind::Enum(index) => match &self.enumerations[index].alias {
                Some(name) => name.clone(),
                None => format!("enum[{}]", self.enumerations[index].symbols.join(", ")),
            },
            Kind::Machine(index) => self.machines[index].name.clone(),
            Kind::Record(index) => self.records[index].name.clone(),
            Kind::Variant(index) => self.variants[index].name.clone(),
        }
    }
}
