//! Typed steps: what a function's flow does, in order.

use serde::{Deserialize, Serialize};

use super::{Binder, ExprId, LocalId};
use crate::types::TypeId;

/// An index into [`super::Function::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepId(pub u32);

/// Steps in order.
pub type Block = Vec<StepId>;

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The name it goes by in faults, traces and reports.
    pub name: String,
    /// Skip unless true; then what the operation binds is joined with NONE.
    pub when: Option<When>,
    /// Checked in order after `when`, before the operation.
    pub guards: Vec<Guard>,
    /// What it does.
    pub operation: Operation,
    /// `retry` of `error_handling`.
    pub retry: Option<Retry>,
    /// `fallback` of `error_handling`: taken where the called function or host operation ends in an error
    /// that no handler takes; the expression for each bound name, in order of the names. For a `call` or
    /// `invoke` it is one record expression of the bound type.
    pub fallback: Option<Vec<(LocalId, ExprId)>>,
    /// `compensate` of `error_handling`: run when a later step of this function fails or faults, the
    /// last completed step's first.
    pub compensate: Block,
}

/// `when`, and what it does to the names bound under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// The condition.
    pub condition: ExprId,
    /// Bound inside, and its optional twin that is visible after the step.
    pub bound: Vec<(LocalId, LocalId)>,
}

/// Leave with an error when a condition holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// The condition.
    pub fail_when: ExprId,
    /// Index into the function's error codes.
    pub error_code: u32,
    /// A string expression.
    pub message: ExprId,
}

/// Repeat an idempotent host operation that answers an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How many attempts after the first.
    pub times: u32,
    /// Wait before each, in milliseconds.
    pub backoff_ms: u64,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// Leave with an error unless the condition holds.
    Require {
        /// The condition.
        condition: ExprId,
        /// Index into the function's error codes.
        error_code: u32,
        /// A string expression.
        message: ExprId,
    },
    /// Bind names in order.
    Compute {
        /// Names and values.
        bindings: Vec<(LocalId, ExprId)>,
        /// Contract code: unbounded integers, no charges.
        ghost: bool,
    },
    /// An obligation, then a known fact. A contract expression over this function's locals.
    Assert(ExprId),
    /// Branch on the first condition that holds.
    Choose {
        /// Conditions and their steps.
        cases: Vec<(ExprId, Block)>,
        /// Without one nothing happens where no condition holds.
        otherwise: Option<Block>,
        /// Names bound in every branch that falls through: the local visible after, and the local of each
        /// branch in order (cases, then otherwise); `None` for a branch that does not fall through.
        joined: Vec<(LocalId, Vec<Option<LocalId>>)>,
    },
    /// A loop.
    Loop(Loop),
    /// New values of the innermost loop's state (local of the state variable, value), then its head.
    Next(Vec<(LocalId, ExprId)>),
    /// New values of the innermost loop's state, then out of the loop.
    Break(Vec<(LocalId, ExprId)>),
    /// A call of a function.
    Call(Call),
    /// A host operation.
    Invoke(Call),
    /// Assign state variables (index into the module's state) at once.
    Update(Vec<(u32, ExprId)>),
    /// Move a machine: fault `invalid_transition` unless the machine allows it from the present state.
    Transition {
        /// The machine.
        machine: u32,
        /// The present value.
        from: ExprId,
        /// The state to move to.
        to: u32,
        /// Where the new value goes.
        target: TransitionTarget,
    },
    /// A log entry.
    Log {
        /// How much it matters.
        level: LogLevel,
        /// A string expression.
        message: ExprId,
        /// Names and values.
        fields: Vec<(String, ExprId)>,
    },
    /// Success, one expression per field in declared order.
    Return(Vec<ExprId>),
    /// Failure.
    Fail {
        /// Index into the function's error codes.
        error_code: u32,
        /// A string expression.
        message: ExprId,
    },
}

/// Where a transition's new value goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TransitionTarget {
    /// A state variable, or a field path inside it (indices; updating checks the records' constraints).
    State(u32, Vec<u32>),
    /// A new name.
    Local(LocalId),
}

/// A loop. Its state and the facts about it are all that an iteration hands to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// State variables (locals, also visible after the loop) and their initial values.
    pub state: Vec<(LocalId, ExprId)>,
    /// How it goes on.
    pub head: LoopHead,
    /// Hold at the head, where the element is not yet in scope. Contract expressions over this
    /// function's locals.
    pub invariants: Vec<ExprId>,
    /// Termination measure, lexicographic. Contract expressions.
    pub decreases: Vec<ExprId>,
    /// What is done.
    pub body: Block,
}

/// How a loop goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LoopHead {
    /// `for`: over a range the element is the index. `position` is the index about to be visited, known
    /// to the invariants; for a range it is the element's own local.
    For(Binder),
    /// `while`.
    While(ExprId),
}

/// A call of a function or host operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Index into the module's functions or host operations.
    pub callee: u32,
    /// One per input, in declared order, defaults filled in.
    pub arguments: Vec<ExprId>,
    /// Names the success record; optional afterwards where a handler falls through: then this is the
    /// optional local and `payload` its record type.
    pub bind: Option<Bind>,
    /// Handlers: error code of the callee and its steps.
    pub on_error: Vec<(u32, Block)>,
    /// Where an error goes that has no handler: the caller's code of the same name, by the callee's index.
    pub propagated: Vec<(u32, u32)>,
}

/// The name that a call binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// The local.
    pub local: LocalId,
    /// The type of the success record.
    pub record: TypeId,
    /// A handler falls through, so the local is optional.
    pub optional: bool,
}

/// How much a log entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For whoever debugs.
    Debug,
    /// Normal.
    Info,
    /// Unusual.
    Warn,
    /// Wrong.
    Error,
}
