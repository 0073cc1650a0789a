//! What is known while code is walked: the term of every value so far, and of state.

use std::collections::BTreeMap;

use anrf_format::execution::{Function, ValueId};
use anrf_format::types::TypeId;
use rustc_hash::FxHashMap;

use crate::term::TermId;

/// Terms of the values of one function, at one place of its code.
#[derive(Clone, Debug)]
pub(super) struct Frame<'f> {
    pub(super) function: &'f Function,
    values: FxHashMap<ValueId, TermId>,
    pub(super) world: World,
    /// Stands for what is not there, which validated code never asks for.
    nothing: TermId,
}

/// What code can change besides its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct World {
    /// Present values of state variables.
    pub(super) state: BTreeMap<u32, TermId>,
    /// Attempts of host operations so far.
    pub(super) attempts: BTreeMap<u32, TermId>,
}

impl<'f> Frame<'f> {
    pub(super) fn new(function: &'f Function, world: World, nothing: TermId) -> Self {
        Self { function, values: FxHashMap::default(), world, nothing }
    }

    pub(super) fn value(&self, id: ValueId) -> TermId {
        self.values.get(&id).copied().unwrap_or(self.nothing)
    }

    pub(super) fn values(&self, ids: &[ValueId]) -> Vec<TermId> {
        ids.iter().map(|id| self.value(*id)).collect()
    }

    pub(super) fn set(&mut self, id: ValueId, term: TermId) {
        self.values.insert(id, term);
    }

    pub(super) fn type_of(&self, id: ValueId) -> TypeId {
        self.function.type_of(id).unwrap_or(TypeId::BOOLEAN)
    }
}
