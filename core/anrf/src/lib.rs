//! Run functions written by a language model inside your own process: checked before they run, sandboxed
//! by deterministic limits, explained when they fail.
//!
//! [`Engine`] loads a [`Module`]; its [`Function`]s run under a [`Policy`] and give an [`Execution`].
#![doc = include_str!("../README.md")]

/// The examples of the book's chapter are run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
struct Embedding;

/// And of this one.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/verification.md")]
struct Verification;

mod divergence;
mod document;
mod engine;
mod error;
mod execution;
mod fix;
mod function;
mod module;
mod schema;
mod verification;

pub use divergence::{CompareRuns, ComparedRuns, Divergence};
pub use document::Document;
pub use engine::{Checked, Engine, EngineBuilder};
pub use error::Error;
pub use execution::Execution;
pub use fix::{FixJson, RangeJson};
pub use function::{Function, Run};
pub use module::Module;
pub use schema::vsp_schema;
pub use verification::{
    ComparisonJson, FunctionJson, LINKED_SOLVERS, Sarif, VerifyOptions, WitnessJson, precondition_fix,
    why_unknown,
};

#[cfg(feature = "cranelift")]
pub use anrf_cranelift::Cranelift;
pub use anrf_execution::examples::{ExampleResult, ScriptedHost};
pub use anrf_execution::json::{ExecutionJson, OutcomeJson, Recording, RecordingError, StateJson};
pub use anrf_execution::typed::{Scalar, Scalars, TypedFunction};
pub use anrf_format::decimal::{Decimal, RoundingMode};
pub use anrf_format::diagnostic::{Code, Diagnostic, Edit, Fix, Severity, Span};
pub use anrf_format::execution::FaultKind;
pub use anrf_format::hash::Hash;
pub use anrf_format::line_index::{LineIndex, Position};
pub use anrf_format::module::{LANGUAGE_VERSION, Source};
pub use anrf_format::semantic::{AuditLevel, LogLevel};
pub use anrf_format::timestamp::Timestamp;
pub use anrf_format::value::Value;
pub use anrf_format::{binary, builtin, data, execution as ir, hash, semantic, source_map, types};
pub use anrf_language::resolver::{FolderResolver, NoResolver, Reference, ResolveError, Resolver};
pub use anrf_runtime::{
    AuditOutcome, AuditRecord, Backend, CancellationToken, ContractChecks, End, Event, Fault, Fields, Hook,
    Host, HostError, HostOperations, HostRequest, HostResponse, Interpreter, Journal, JournalEntry, Limit,
    Limits, LogEntry, Measurement, NoHost, NoObserver, Observer, Outcome, Policy, REDACTED, ReplayHost,
    Stopped, Traced, TracedValue, metric,
};
pub use anrf_verification::report::{
    Compared, Comparison, Complaint, Confidence, ConfidenceMethod, Difference, Effort, FunctionReport,
    Inferred, LoopValue, Method, ObligationReport, Question, Report, Seen, Unknown, Verdict, Way, Witness,
    claim, defect, sufficient,
};
pub use anrf_verification::solver;
pub use anrf_verification::verify::{
    Budget, Judgement, Opinion, Progress as VerifyProgress, Task as VerifierTask, Verifier,
};
pub use anrf_views::{Emitter, Level, Mermaid, Pseudocode, Svg, View};
#[cfg(feature = "wasm")]
pub use anrf_wasm::Wasm;
#[cfg(feature = "z3-in-process")]
pub use anrf_z3::{Z3, Z3Options};

/// Every stable code of every layer, in order of the layers.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    let tables = [
        anrf_language::codes::tables(),
        vec![
            binary::TABLE,
            data::TABLE,
            anrf_runtime::codes::TABLE,
            solver::codes::TABLE,
            anrf_execution::load::codes::TABLE,
            error::facade_codes::TABLE,
        ],
    ];
    tables.into_iter().flatten().flatten().copied()
}
