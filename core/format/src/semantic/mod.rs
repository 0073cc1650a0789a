//! The semantic layer: functions as typed trees, names resolved, every coercion explicit.
//!
//! This is what the module's identity is made of, so it holds no places in a text (those are in the
//! source map) and nothing that another version of the compiler would write differently. Lowering turns
//! it into the execution layer without looking at anything else.

mod expected;
mod expression;
pub mod ids;
mod locals;
mod step;
pub(crate) mod stored;
pub mod validate;
mod walk;

pub use expression::*;
pub use locals::{Locals, LocalsRef};
pub use step::*;

use serde::{Deserialize, Serialize};

use crate::types::{Field, TypeId};
use crate::value::Value;

/// The semantic layer of a module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Semantic {
    /// State that the host keeps between calls, in declared order; functions refer to it by index.
    pub state: Vec<StateVariable>,
    /// Over the module's state; in each, [`ExprKind::State`] reads a variable.
    pub invariants: Vec<Clause>,
    /// Host operations.
    #[serde(deserialize_with = "stored::operations")]
    pub host: Vec<HostOperation>,
    /// Functions in declared order, imported ones last. The index is what calls refer to.
    #[serde(deserialize_with = "stored::functions")]
    pub functions: Vec<Function>,
}

/// A variable of the module's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateVariable {
    /// The name.
    pub name: String,
    /// The function that declares it as its own, if it is not the module's.
    pub owner: Option<u32>,
    /// The type.
    pub type_id: TypeId,
    /// What it is before the first call.
    pub initial: Value,
    /// Hold on entry and exit. They read it as [`ExprKind::State`].
    pub constraints: Vec<Clause>,
}

/// An operation that the host implements.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HostOperation {
    /// The name.
    pub name: String,
    /// The dotted path that a Policy must grant; empty if none is needed.
    pub capability: String,
    /// What it is given.
    pub inputs: Vec<Field>,
    /// What it answers.
    pub success: Vec<Field>,
    /// The record type that `bind` names.
    pub success_record: TypeId,
    /// Which errors it may answer, in declared order.
    pub error_codes: Vec<String>,
    /// Local 0..n are the inputs (input constraints first, then preconditions).
    pub preconditions: Vec<Clause>,
    /// Local 0..n are the inputs; success fields as [`ExprKind::Result`].
    pub postconditions: Vec<Clause>,
    /// May be retried.
    pub idempotent: bool,
}

/// What a function is for; `Lemma` is ghost code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionKind {
    /// Answers a request.
    HttpHandler,
    /// Turns data into data.
    DataTransform,
    /// Computes something.
    Algorithm,
    /// Orchestrates host operations.
    Workflow,
    /// Reacts to an event.
    EventHandler,
    /// Runs on a schedule.
    ScheduledJob,
    /// Decides.
    Policy,
    /// States and proves a fact; never runs outside contracts.
    Lemma,
}

impl FunctionKind {
    /// All kinds with their spelling in the language.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("http_handler", Self::HttpHandler),
        ("data_transform", Self::DataTransform),
        ("algorithm", Self::Algorithm),
        ("workflow", Self::Workflow),
        ("event_handler", Self::EventHandler),
        ("scheduled_job", Self::ScheduledJob),
        ("policy", Self::Policy),
        ("lemma", Self::Lemma),
    ];
}

/// A typed unit of behaviour with a contract.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Function {
    /// The name without version: `transfer_funds`.
    pub name: String,
    /// `_v1` is 1; `None` if the node has no version.
    pub version: Option<u32>,
    /// What it is for.
    pub kind: FunctionKind,
    /// The name of the module that it was imported from, if it was; not where that lies.
    pub imported_from: Option<String>,
    /// What it is given; also the first locals, in order.
    pub inputs: Vec<Input>,
    /// The fields of success.
    pub success: Vec<Field>,
    /// The record type that `result` and `bind` name.
    pub success_record: TypeId,
    /// The errors it declares, in declared order.
    pub error_codes: Vec<String>,
    /// The state it uses (its own included), as indices into [`Semantic::state`], ascending.
    pub state: Vec<u32>,
    /// The module invariants that concern its state, as indices into [`Semantic::invariants`].
    pub module_invariants: Vec<u32>,
    /// Its contract.
    pub contract: Contract,
    /// Termination measure of recursion, compared lexicographically; integers of contracts.
    pub decreases: Vec<Clause>,
    /// Every local name of the body and contract-level binder of `body`; inputs first.
    pub locals: Vec<Local>,
    /// The expressions of the flow.
    pub exprs: Exprs,
    /// The steps of the flow; [`Block`]s refer to them.
    #[serde(deserialize_with = "crate::bounded::list")]
    pub steps: Vec<Step>,
    /// The flow.
    pub body: Block,
    /// Executable examples.
    pub examples: Vec<Example>,
    /// Enforced limits.
    pub performance: Performance,
    /// Capabilities and audit.
    pub security: Security,
}

impl Function {
    /// `transfer_funds_v1`, or the bare name where there is no version.
    #[must_use]
    pub fn node_id(&self) -> String {
        match self.version {
            Some(version) => format!("{}_v{version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// One of a function's inputs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Input {
    /// The name.
    pub name: String,
    /// The type; `required: false` without a default has made it optional already.
    pub type_id: TypeId,
    /// Taken where the host gives none.
    pub default: Option<Value>,
    /// Checked on entry, before the preconditions. Locals 0..n are all inputs.
    pub constraints: Vec<Clause>,
}

/// Preconditions, postconditions, invariants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Contract {
    /// Checked on entry. Locals 0..n are the inputs; state is read as [`ExprKind::State`].
    pub preconditions: Vec<Clause>,
    /// Checked on exit.
    pub postconditions: Vec<Postcondition>,
    /// Over state: on entry and on exit.
    pub invariants: Vec<Clause>,
}

/// A postcondition and the exits it speaks of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Postcondition {
    /// The condition. Locals 0..n are the inputs as they were on entry.
    pub clause: Clause,
    /// It uses `result` or a success field, and neither `success` nor `failed`: success exits only.
    pub success_only: bool,
}

/// A condition with its own expressions and locals: a contract clause, a constraint, a measure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Clause {
    /// Its expressions.
    pub exprs: Exprs,
    /// The condition (boolean), or the measure (unbounded integer).
    pub root: ExprId,
    /// What stands around it first (fields, inputs), then its own binders.
    pub locals: Locals,
}

/// A name bound in a function or clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// As written. A later step may bind a name again, which makes a new local of the same name.
    pub name: String,
    /// The type.
    pub type_id: TypeId,
}

/// An executable example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// One per input, defaults filled in.
    pub inputs: Vec<Value>,
    /// State before, by index into [`Semantic::state`]; variables left out have their initial value.
    pub state: Vec<(u32, Value)>,
    /// Scripted answers: host operation, and its answers in order.
    pub host: Vec<(u32, Vec<HostAnswer>)>,
    /// What must come out.
    pub expected: Expected,
    /// State variables to compare afterwards.
    pub state_after: Vec<(u32, ExpectedValue)>,
}

/// What a host operation answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HostAnswer {
    /// Its success fields in order.
    Success(Vec<Value>),
    /// A declared error and its message.
    Error(String, String),
}

/// What an example expects; only what is listed is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expected {
    /// Success fields by index.
    Success(Vec<(u32, ExpectedValue)>),
    /// A declared error.
    Failure {
        /// The code, if listed.
        error_code: Option<String>,
        /// The message, if listed.
        message: Option<String>,
    },
    /// A fault of this kind.
    Fault(crate::execution::FaultKind),
}

/// A value to compare with, possibly a part of a record. Nests at most [`crate::data::MAX_DEPTH`] deep.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectedValue {
    /// Equal to.
    Whole(Value),
    /// A record whose listed fields are equal.
    Fields(Vec<(String, ExpectedValue)>),
}

/// `performance:`; absent limits are the Policy's alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performance {
    /// A run over it is an event for the Observer.
    pub expected_latency_ms: Option<u64>,
    /// Mebibytes.
    pub memory_limit_mb: Option<u64>,
    /// Wall time.
    pub timeout_seconds: Option<u64>,
    /// The host may repeat it.
    pub idempotent: Option<bool>,
}

/// `security:`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// Dotted paths, sorted.
    pub capabilities_required: Vec<String>,
    /// Dotted paths that win over any grant, sorted.
    pub denied_capabilities: Vec<String>,
    /// Values are redacted in every record.
    pub sensitive_data: bool,
    /// What is kept of a run.
    pub audit_level: AuditLevel,
}

/// What is kept of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditLevel {
    /// Nothing.
    #[default]
    None,
    /// Who ran what, when, and how it ended.
    Basic,
    /// Inputs and outcome too.
    Detailed,
}
