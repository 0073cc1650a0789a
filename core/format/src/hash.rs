//! Identity: the module's id, and each function's interface and meaning hash.
//!
//! A function's hashes are those of the smallest module that holds it: only what it reaches, renumbered
//! in the order of reaching it, so that edits elsewhere in the file change nothing.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::binary::SectionKind;
use crate::module::Module;
use crate::semantic::ids::{Renumber, renumber_fields};
use crate::semantic::{Function, Semantic};
use crate::types::{Type, TypeId, TypeTable};

/// A SHA-256 that names a module or function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256:{}", crate::encoding::hex_encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::str::FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        let digits = text.strip_prefix("sha256:").ok_or(ParseHashError)?;
        let bytes = crate::encoding::hex_decode(digits).ok_or(ParseHashError)?;
        bytes.try_into().map(Self).map_err(|_| ParseHashError)
    }
}

/// A text that is not `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `sha256:` and 64 hexadecimal digits")]
pub struct ParseHashError;

impl Module {
    /// The module's id: over TYPES, INTENT, SEMANTIC, SYSTEM and the language version. Comments, layout,
    /// lowering, signing and compiling do not change it.
    #[must_use]
    pub fn id(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"anrf module\0");
        hasher.update(self.meta.language_version.to_le_bytes());
        feed(&mut hasher, &self.types);
        feed(&mut hasher, &self.intent);
        feed(&mut hasher, &self.semantic);
        for (_, system) in self.other.iter().filter(|(kind, _)| *kind == SectionKind::System as u32) {
            hasher.update((system.len() as u64).to_le_bytes());
            hasher.update(system);
        }
        Hash(hasher.finalize().into())
    }

    /// The hash of what a caller sees of a function: its types and contract, and what these use.
    ///
    /// # Panics
    /// If there is no function of this index.
    #[must_use]
    pub fn interface_hash(&self, function: u32) -> Hash {
        slice_hash(b"anrf interface\0", &self.types, &self.semantic, function, false)
    }

    /// The hash of all that decides what a function does, the bodies it calls included; not its examples.
    ///
    /// # Panics
    /// If there is no function of this index.
    #[must_use]
    pub fn meaning_hash(&self, function: u32) -> Hash {
        slice_hash(b"anrf meaning\0", &self.types, &self.semantic, function, true)
    }
}

fn feed(hasher: &mut Sha256, part: &impl Serialize) {
    // Encoding to memory fails only when memory is exhausted.
    let bytes = postcard::to_stdvec(part).unwrap_or_default();
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(&bytes);
}

fn slice_hash(domain: &[u8], types: &TypeTable, semantic: &Semantic, root: u32, bodies: bool) -> Hash {
    let mut slice = Slice::new(types, semantic);
    slice.function(root);
    let mut function = semantic.functions[root as usize].clone();
    // Of the root's interface only the outside counts; functions used in contracts count whole.
    if !bodies {
        strip_body(&mut function);
    }
    slice.take_function(function);
    slice.finish();
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(crate::module::LANGUAGE_VERSION.to_le_bytes());
    feed(&mut hasher, &slice.types);
    feed(&mut hasher, &slice.semantic);
    Hash(hasher.finalize().into())
}

fn strip_body(function: &mut Function) {
    function.locals.truncate(function.inputs.len());
    function.exprs.nodes.clear();
    function.steps.clear();
    function.body.clear();
}

/// A module that grows by what is reached from a function.
struct Slice<'a> {
    all_types: &'a TypeTable,
    all: &'a Semantic,
    types: TypeTable,
    semantic: Semantic,
    known_types: HashMap<TypeId, TypeId>,
    functions: Reached,
    host: Reached,
    state: Reached,
    invariants: Reached,
    machines: Reached,
    records: Reached,
    variants: Reached,
}

/// Old indices in the order of reaching them; the position is the new index.
#[derive(Default)]
struct Reached {
    order: Vec<u32>,
    positions: HashMap<u32, u32>,
}

impl Reached {
    /// The position of an index, appended if new.
    fn reach(&mut self, index: u32) -> u32 {
        let next = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        *self.positions.entry(index).or_insert_with(|| {
            self.order.push(index);
            next
        })
    }

    /// The old index behind a position.
    fn get(&self, position: usize) -> Option<usize> {
        self.order.get(position).map(|index| *index as usize)
    }
}

impl<'a> Slice<'a> {
    fn new(all_types: &'a TypeTable, all: &'a Semantic) -> Self {
        Self {
            all_types,
            all,
            types: TypeTable::default(),
            semantic: Semantic::default(),
            known_types: HashMap::new(),
            functions: Reached::default(),
            host: Reached::default(),
            state: Reached::default(),
            invariants: Reached::default(),
            machines: Reached::default(),
            records: Reached::default(),
            variants: Reached::default(),
        }
    }

    fn take_function(&mut self, mut function: Function) {
        function.examples.clear();
        // Where it was imported from is not part of what it does, nor is the order of declaring state.
        function.imported_from = None;
        function.state.sort_by_key(|index| &self.all.state[*index as usize].name);
        function.renumber(self);
        self.semantic.functions.push(function);
    }

    /// Brings over the definitions behind what was reached, which may reach more, until nothing is left.
    fn finish(&mut self) {
        while self.take_next() {}
        for index in &self.machines.order {
            self.types.machines.push(self.all_types.machines[*index as usize].clone());
        }
    }

    /// Brings over one definition that was reached and is not here yet.
    fn take_next(&mut self) -> bool {
        if let Some(index) = self.records.get(self.types.records.len()) {
            let mut record = self.all_types.records[index].clone();
            renumber_fields(&mut record.fields, self);
            record.constraints.iter_mut().for_each(|clause| clause.renumber(self));
            self.types.records.push(record);
        } else if let Some(index) = self.variants.get(self.types.variants.len()) {
            let mut variant = self.all_types.variants[index].clone();
            variant.cases.iter_mut().for_each(|case| renumber_fields(&mut case.fields, self));
            self.types.variants.push(variant);
        } else if let Some(index) = self.host.get(self.semantic.host.len()) {
            let mut operation = self.all.host[index].clone();
            renumber_fields(&mut operation.inputs, self);
            renumber_fields(&mut operation.success, self);
            operation.success_record = self.type_id(operation.success_record);
            let clauses = operation.preconditions.iter_mut().chain(&mut operation.postconditions);
            clauses.for_each(|clause| clause.renumber(self));
            self.semantic.host.push(operation);
        } else if let Some(index) = self.state.get(self.semantic.state.len()) {
            let mut variable = self.all.state[index].clone();
            variable.type_id = self.type_id(variable.type_id);
            variable.owner = None;
            variable.constraints.iter_mut().for_each(|clause| clause.renumber(self));
            self.semantic.state.push(variable);
        } else if let Some(index) = self.invariants.get(self.semantic.invariants.len()) {
            let mut invariant = self.all.invariants[index].clone();
            invariant.renumber(self);
            self.semantic.invariants.push(invariant);
        } else if let Some(index) = self.functions.get(self.semantic.functions.len()) {
            let function = self.all.functions[index].clone();
            self.take_function(function);
        } else {
            return false;
        }
        true
    }
}

impl Renumber for Slice<'_> {
    fn type_id(&mut self, id: TypeId) -> TypeId {
        if let Some(known) = self.known_types.get(&id) {
            return *known;
        }
        // Structural types nest at most `MAX_TYPE_DEPTH` deep.
        let all = self.all_types;
        let renumbered = match all.get(id) {
            Type::Optional(inner) => Type::Optional(self.type_id(*inner)),
            Type::Array(element) => Type::Array(self.type_id(*element)),
            Type::Set(element) => Type::Set(self.type_id(*element)),
            Type::Map(key, value) => {
                let key = self.type_id(*key);
                Type::Map(key, self.type_id(*value))
            }
            Type::Machine(index) => Type::Machine(self.machines.reach(*index)),
            Type::Record(index) => Type::Record(self.records.reach(*index)),
            Type::Variant(index) => Type::Variant(self.variants.reach(*index)),
            scalar => scalar.clone(),
        };
        let renumbered = self.types.intern(renumbered);
        self.known_types.insert(id, renumbered);
        renumbered
    }

    fn function(&mut self, index: u32) -> u32 {
        self.functions.reach(index)
    }

    fn host(&mut self, index: u32) -> u32 {
        self.host.reach(index)
    }

    fn state(&mut self, index: u32) -> u32 {
        self.state.reach(index)
    }

    fn invariant(&mut self, index: u32) -> u32 {
        self.invariants.reach(index)
    }

    fn machine(&mut self, index: u32) -> u32 {
        self.machines.reach(index)
    }
}
