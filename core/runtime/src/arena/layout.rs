//! How values lie in slots and in the arena; `docs/layout.md` says the same in prose and a test compares
//! the numbers.

use anrf_format::types::{Type, TypeId, TypeTable};

/// Bytes of a slot; every object starts at a multiple of it.
pub(crate) const SLOT_BYTES: usize = 8;

/// Header flag: somebody else holds the object too, so updates copy it.
pub const SHARED: u8 = 1;
/// Header flag: an inner part of a map or set (a B-tree node), not the map itself.
pub(crate) const NODE: u8 = 2;
/// Header flag of a node: it has no children.
pub(crate) const LEAF: u8 = 4;
/// Header flag while reclaiming: the object has been seen and stays.
pub(crate) const VISITED: u8 = 0x40;
/// Header flag while reclaiming: the length is the offset that the object moved to.
pub(crate) const MOVED: u8 = 0x80;

/// Most keys of a B-tree node; all but the root have at least half of them, rounded down.
pub(crate) const NODE_KEYS: usize = 15;

/// Words of a map or set: header and root node, 0 if it is empty.
pub(crate) const TREE_WORDS: usize = 2;

/// Words before the keys of a node: header, then how many bytes of string or bytes keys to pass over
/// before their heads.
///
/// A string or bytes key in a node has its *head* in the upper half of its slot: the four bytes, most
/// significant first, after those that it has in common with all keys that may stand in the node. So most
/// comparisons read the node only. Whoever moves objects keeps the upper half of key slots.
pub(crate) const NODE_HEAD: usize = 2;

/// Words before the data of string, bytes and array: header, then capacity and scalar count.
pub const SEQUENCE_HEAD: usize = 2;

/// The first word of every object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Bytes of string and bytes, elements of an array, entries of map and set, keys of a node, fields of
    /// record and variant, 1 for an optional's cell, limbs of a number.
    pub(crate) length: u32,
    /// The type, 24 bits.
    pub(crate) type_id: TypeId,
    /// [`SHARED`], [`NODE`], [`LEAF`].
    pub(crate) flags: u8,
}

impl Header {
    pub(crate) const fn new(type_id: TypeId, length: u32) -> Self {
        Self { length, type_id, flags: 0 }
    }

    pub(crate) const fn with_flags(mut self, flags: u8) -> Self {
        self.flags |= flags;
        self
    }

    #[inline]
    pub(crate) const fn encode(self) -> u64 {
        self.length as u64 | ((self.type_id.0 & 0xff_ffff) as u64) << 32 | (self.flags as u64) << 56
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // takes the word apart
    pub(crate) const fn decode(word: u64) -> Self {
        let type_id = TypeId((word >> 32) as u32 & 0xff_ffff);
        Self { length: word as u32, type_id, flags: (word >> 56) as u8 }
    }
}

/// What a type means for slots and objects, resolved once per module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Boolean,
    Integer,
    Unbounded,
    Decimal,
    Float,
    String,
    Bytes,
    Timestamp,
    Optional(TypeId),
    Array(TypeId),
    Map(TypeId, TypeId),
    Set(TypeId),
    /// How many symbols; machines too.
    Enum(u32),
    Record(Box<[TypeId]>),
    Variant(Box<[Box<[TypeId]>]>),
}

/// How the keys of a map or set compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// As signed words.
    Word,
    /// By their octets, with heads.
    Text,
    /// By the order of values.
    Other,
}

/// What a map or set type means for its nodes. What is done with them is in `library::tree`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub(crate) type_id: TypeId,
    pub(crate) key: TypeId,
    /// `None` of a set.
    pub(crate) value: Option<TypeId>,
    pub(crate) keys: Keys,
    /// Whether values are aggregates, which have a shared bit.
    pub(crate) shares_values: bool,
}

/// What a slot may hold that lies in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// Never an offset.
    Scalar,
    /// A number: an offset unless the lowest bit is set.
    Tagged,
    /// An offset, or 0.
    Pointer,
}

/// The shapes of all types of a module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    shapes: Vec<Shape>,
    /// Symbols of enums and states of machines, by type.
    symbols: Vec<Box<[Box<str>]>>,
    /// By type.
    trees: Vec<Option<Tree>>,
}

impl Shapes {
    pub(crate) fn new(types: &TypeTable) -> Self {
        let fields =
            |fields: &[anrf_format::types::Field]| fields.iter().map(|field| field.type_id).collect();
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let shape = |of: &Type| match of {
            Type::Boolean => Shape::Boolean,
            Type::Integer => Shape::Integer,
            Type::Unbounded => Shape::Unbounded,
            Type::Decimal => Shape::Decimal,
            Type::Float => Shape::Float,
            Type::String => Shape::String,
            Type::Bytes => Shape::Bytes,
            Type::Timestamp => Shape::Timestamp,
            Type::Optional(inner) => Shape::Optional(*inner),
            Type::Array(element) => Shape::Array(*element),
            Type::Map(key, value) => Shape::Map(*key, *value),
            Type::Set(element) => Shape::Set(*element),
            Type::Enum(symbols) => Shape::Enum(count(symbols.len())),
            Type::Machine(index) => Shape::Enum(
                types.machines.get(*index as usize).map_or(0, |machine| count(machine.states.len())),
            ),
            Type::Record(index) => Shape::Record(
                types.records.get(*index as usize).map_or_else(Box::default, |record| fields(&record.fields)),
            ),
            Type::Variant(index) => {
                Shape::Variant(types.variants.get(*index as usize).map_or_else(Box::default, |variant| {
                    variant.cases.iter().map(|case| fields(&case.fields)).collect()
                }))
            }
        };
        let names = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        let symbols = |of: &Type| match of {
            Type::Enum(symbols) => names(symbols),
            Type::Machine(index) => types
                .machines
                .get(*index as usize)
                .map_or_else(Box::default, |machine| names(&machine.states)),
            _ => Box::default(),
        };
        let mut shapes = Self {
            shapes: types.types.iter().map(shape).collect(),
            symbols: types.types.iter().map(symbols).collect(),
            trees: vec![],
        };
        shapes.trees = (0..count(types.types.len())).map(|id| shapes.tree_of(TypeId(id))).collect();
        shapes
    }

    fn tree_of(&self, type_id: TypeId) -> Option<Tree> {
        let (key, value) = match *self.get(type_id) {
            Shape::Map(key, value) => (key, Some(value)),
            Shape::Set(key) => (key, None),
            _ => return None,
        };
        let keys = match self.get(key) {
            Shape::Boolean | Shape::Integer | Shape::Timestamp | Shape::Enum(_) => Keys::Word,
            Shape::String | Shape::Bytes => Keys::Text,
            _ => Keys::Other,
        };
        let shares_values = value.is_some_and(|value| self.trace(value) == Trace::Pointer);
        Some(Tree { type_id, key, value, keys, shares_values })
    }

    /// What a map or set type means for its nodes.
    #[inline]
    pub(crate) fn tree(&self, id: TypeId) -> Option<&Tree> {
        self.trees.get(id.0 as usize)?.as_ref()
    }

    /// The name of an enum's symbol or a machine's state; nothing where there is none.
    pub(crate) fn symbol(&self, id: TypeId, index: u64) -> &str {
        let symbols = self.symbols.get(id.0 as usize);
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        symbols.and_then(|symbols| symbols.get(index)).map_or("", |name| name)
    }

    /// The shape of a type; of an id that is none (stray bytes), boolean.
    #[inline]
    pub(crate) fn get(&self, id: TypeId) -> &Shape {
        self.shapes.get(id.0 as usize).unwrap_or(&Shape::Boolean)
    }

    /// What a slot of the type may hold.
    #[inline]
    pub(crate) fn trace(&self, id: TypeId) -> Trace {
        match self.get(id) {
            Shape::Boolean | Shape::Integer | Shape::Float | Shape::Timestamp | Shape::Enum(_) => {
                Trace::Scalar
            }
            Shape::Unbounded | Shape::Decimal => Trace::Tagged,
            _ => Trace::Pointer,
        }
    }
}

/// Words of a node: [`NODE_HEAD`], keys, values of a map, children unless it is a leaf. There is room for
/// [`NODE_KEYS`] of each (and one more child); what is behind the length is undefined.
pub(crate) const fn node_words(is_map: bool, is_leaf: bool) -> usize {
    NODE_HEAD + NODE_KEYS + if is_map { NODE_KEYS } else { 0 } + if is_leaf { 0 } else { NODE_KEYS + 1 }
}
