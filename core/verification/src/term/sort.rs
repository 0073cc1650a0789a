//! Sorts and datatypes.

use rustc_hash::FxHashMap;

/// A sort of one [`Sorts`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortId(pub u32);

impl SortId {
    /// `Bool`; the plain sorts stand first in every table.
    pub const BOOLEAN: Self = Self(0);
    /// `Int`.
    pub const INTEGER: Self = Self(1);
    /// `Real`.
    pub const REAL: Self = Self(2);
    /// `(_ FloatingPoint 11 53)`.
    pub const FLOAT: Self = Self(3);
    /// `String`.
    pub const TEXT: Self = Self(4);
    /// `(_ BitVec 64)`.
    pub const BITS: Self = Self(5);
}

/// An index of [`Sorts::datatypes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatatypeId(pub u32);

/// One sort.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// `Bool`.
    Boolean,
    /// `Int`.
    Integer,
    /// `Real`.
    Real,
    /// binary64.
    Float,
    /// `String`.
    Text,
    /// 64 bits.
    Bits,
    /// A declared sort, of which only the axioms of its functions are known.
    Declared(String),
    /// An algebraic datatype.
    Datatype(DatatypeId),
}

/// A datatype: its name and constructors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datatype {
    /// Unique among datatypes.
    pub name: String,
    /// At least one.
    pub constructors: Vec<Constructor>,
}

/// A constructor with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// Unique in its datatype.
    pub name: String,
    /// Names (unique in the constructor) and sorts.
    pub fields: Vec<(String, SortId)>,
}

/// All sorts.
#[derive(Clone, Debug)]
pub struct Sorts {
    sorts: Vec<Sort>,
    ids: FxHashMap<Sort, SortId>,
    /// The datatypes.
    pub datatypes: Vec<Datatype>,
}

impl Default for Sorts {
    fn default() -> Self {
        let mut sorts = Self { sorts: vec![], ids: FxHashMap::default(), datatypes: vec![] };
        for sort in [Sort::Boolean, Sort::Integer, Sort::Real, Sort::Float, Sort::Text, Sort::Bits] {
            sorts.intern(sort);
        }
        sorts
    }
}

impl Sorts {
    /// The sort behind an id.
    #[must_use]
    pub fn get(&self, id: SortId) -> &Sort {
        &self.sorts[id.0 as usize]
    }

    /// The id of a sort.
    pub fn intern(&mut self, sort: Sort) -> SortId {
        let next = SortId(u32::try_from(self.sorts.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry(sort.clone()).or_insert(next);
        if id == next {
            self.sorts.push(sort);
        }
        id
    }

    /// The declared sort of a name.
    pub fn declared(&mut self, name: &str) -> SortId {
        self.intern(Sort::Declared(name.to_owned()))
    }

    /// A new datatype and its sort; the constructors are still to be [defined](Self::define).
    pub fn declare(&mut self, name: &str) -> (DatatypeId, SortId) {
        let id = DatatypeId(u32::try_from(self.datatypes.len()).unwrap_or(u32::MAX));
        self.datatypes.push(Datatype { name: name.to_owned(), constructors: vec![] });
        (id, self.intern(Sort::Datatype(id)))
    }

    /// Gives a datatype its constructors.
    pub fn define(&mut self, id: DatatypeId, constructors: Vec<Constructor>) {
        self.datatypes[id.0 as usize].constructors = constructors;
    }

    /// The sort of a datatype's values.
    pub fn of_datatype(&mut self, id: DatatypeId) -> SortId {
        self.intern(Sort::Datatype(id))
    }

    /// What a sort is called, for names made of it.
    #[must_use]
    pub fn name(&self, id: SortId) -> String {
        match self.get(id) {
            Sort::Boolean => "boolean".into(),
            Sort::Integer => "integer".into(),
            Sort::Real => "decimal".into(),
            Sort::Float => "float".into(),
            Sort::Text => "string".into(),
            Sort::Bits => "bits".into(),
            Sort::Declared(name) => name.clone(),
            Sort::Datatype(id) => self.datatype(*id).name.clone(),
        }
    }

    /// A datatype.
    #[must_use]
    pub fn datatype(&self, id: DatatypeId) -> &Datatype {
        &self.datatypes[id.0 as usize]
    }

    /// A constructor of a datatype.
    #[must_use]
    pub fn constructor(&self, id: DatatypeId, constructor: u32) -> &Constructor {
        &self.datatype(id).constructors[constructor as usize]
    }
}
