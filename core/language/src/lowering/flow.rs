//! The state of a body under construction that is not the code itself: loops around the present place,
//! compensations that are due, exits.

use std::collections::BTreeSet;

use anrf_format::execution::{BlockId, Target, ValueId};
use anrf_format::semantic::{Function, LocalId, StepId};
use rustc_hash::FxHashMap;

/// Of the function whose body is lowered.
#[derive(Debug)]
pub(super) struct Flow<'m> {
    pub(super) function: &'m Function,
    pub(super) index: u32,
    /// Innermost last.
    pub(super) loops: Vec<LoopFrame>,
    /// How deep the present step is nested.
    pub(super) depth: usize,
    /// Every compensation that any place of the body has due.
    pub(super) compensations: Vec<Compensation>,
    /// The one that is due first at the present place.
    pub(super) due: Option<usize>,
    /// Compensations whose code is still to be made: which, and whether it is for a fault.
    pub(super) pending: Vec<(usize, bool)>,
    /// Inside a compensation: where its failure goes, which is on with the others.
    pub(super) abandon: Option<Target>,
    /// Where faults go that nothing compensates further.
    pub(super) resume: Option<BlockId>,
    /// Success exits by the fault handler that is in force there, in order of their making.
    pub(super) success_exits: Vec<(Option<BlockId>, BlockId)>,
    pub(super) success_exit_of: FxHashMap<Option<BlockId>, usize>,
    pub(super) failure_exit: Option<BlockId>,
    /// State that the failure exit writes back.
    pub(super) restored: BTreeSet<u32>,
    /// Whether an expression of the flow may allocate, by [`anrf_format::semantic::ExprId`].
    pub(super) allocates: Vec<bool>,
}

/// A loop around the present place.
#[derive(Debug)]
pub(super) struct LoopFrame {
    pub(super) header: BlockId,
    /// The block after the loop, once something breaks out of it; its parameters are the loop's state.
    pub(super) exit: Option<BlockId>,
    pub(super) state: Vec<LocalId>,
    /// Of a `for`: the header's last parameter.
    pub(super) index: Option<ValueId>,
    pub(super) mark: Option<ValueId>,
    /// Compensations due outside.
    pub(super) due: Option<usize>,
}

/// A completed step that is undone when a later one fails or faults.
#[derive(Clone, Debug)]
pub(super) struct Compensation {
    /// The one to go on with afterwards.
    pub(super) next: Option<usize>,
    pub(super) step: StepId,
    /// Whether the step was done at all, where paths with and without it have joined.
    pub(super) done: Option<ValueId>,
    /// What its steps read.
    pub(super) captured: Vec<(LocalId, ValueId)>,
    /// Takes code and message.
    pub(super) on_failure: Option<BlockId>,
    pub(super) on_fault: Option<BlockId>,
}

impl<'m> Flow<'m> {
    pub(super) fn new(
        function: &'m Function,
        index: u32,
        restored: BTreeSet<u32>,
        allocates: Vec<bool>,
    ) -> Self {
        Self {
            function,
            index,
            loops: vec![],
            depth: 0,
            compensations: vec![],
            due: None,
            pending: vec![],
            abandon: None,
            resume: None,
            success_exits: vec![],
            success_exit_of: FxHashMap::default(),
            failure_exit: None,
            restored,
            allocates,
        }
    }
}
