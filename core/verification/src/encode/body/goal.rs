//! What the walk gives.

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
    /// What is known.
    pub known: Vec<Fact>,
    /// What has to follow.
    pub goal: TermId,
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
}
