//! What the walk gives.

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{FunctionId, ObligationId};
use anrf_format::types::TypeId;

use crate::term::{Fact, TermId};

/// Which part of an obligation a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// A loop invariant, when the loop is reached.
    Entry,
    /// A loop invariant, after an iteration.
    Preserved,
    /// One clause of a callee's contract, by number.
    Clause(usize),
}

/// Something to be proved, and what may be used.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The code it belongs to.
    pub function: FunctionId,
    /// The obligation there.
    pub obligation: ObligationId,
    /// Which part of it.
    pub part: Part,
    /// The iteration that it is about, in [`Encoded::iterations`].
    pub iteration: Option<usize>,
    /// On which condition the code comes there, where a block of a body does.
    pub reached: Option<TermId>,
    /// What is known.
    pub known: Vec<Fact>,
    /// What has to follow.
    pub goal: TermId,
}

impl Goal {
    /// All terms that it is about.
    #[must_use]
    pub fn roots(&self) -> Vec<TermId> {
        self.known.iter().map(|fact| fact.term).chain([self.goal]).collect()
    }
}

/// The goals of one function, and the terms that a counterexample gives values to.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// The function's index.
    pub index: u32,
    /// In the order of the code.
    pub goals: Vec<Goal>,
    /// Inputs with their types.
    pub inputs: Vec<(TypeId, TermId)>,
    /// State before the run: variable, type, value.
    pub state: Vec<(u32, TypeId, TermId)>,
    /// What holds on entry: types, constraints, invariants, preconditions.
    pub entry: Vec<Fact>,
    /// The ways out, with what is known there.
    pub exits: Vec<Exit>,
    /// The state at the heads of loops, in the order in which they are met.
    pub heads: Vec<Vec<TermId>>,
    /// The names that each of these loops carries, with their types, and whether it is the index of a `for`.
    pub names: Vec<Vec<(String, TypeId, bool)>>,
    /// The steps of these loops.
    pub loops: Vec<String>,
    /// That the encoder's conjectures hold at the heads of loops, each by its number.
    pub conjectures: Vec<(usize, Goal)>,
    /// The ways to the heads of loops.
    pub arrivals: Vec<Arrival>,
    /// What the iterations of loops do to the loops' state, one for each way back to a head.
    pub iterations: Vec<Vec<Carried>>,
}

/// A variable of a loop, from the head to the end of an iteration.
#[derive(Clone, Debug)]
pub struct Carried {
    /// How the text calls it.
    pub name: String,
    /// Its type.
    pub type_id: TypeId,
    /// At the head.
    pub before: TermId,
    /// At the end.
    pub after: TermId,
}

/// A way out of a function.
#[derive(Clone, Debug)]
pub struct Exit {
    /// What is known there.
    pub known: Vec<Fact>,
    /// Whether it is success.
    pub succeeds: bool,
    /// The success fields with their types, or the number of the error.
    pub values: Vec<(TypeId, TermId)>,
    /// State then, by variable.
    pub state: BTreeMap<u32, TermId>,
    /// Attempts of host operations until then; of those that are not named none.
    pub attempts: BTreeMap<u32, TermId>,
    /// Places from which control comes: 0 is the start, others are heads of loops, counted from 1.
    pub sources: BTreeSet<usize>,
}

/// A way to the head of a loop.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The loop, as in [`Encoded::heads`].
    pub head: usize,
    /// What is known there.
    pub known: Vec<Fact>,
    /// The state that is handed over, with its types, in the order of the head's.
    pub values: Vec<(TypeId, TermId)>,
    /// As for [`Exit`].
    pub sources: BTreeSet<usize>,
}
