//! Running lowered modules: values in an arena, the interpreter of the execution layer, limits,
//! capabilities, host operations and the journal. Nothing here parses text or decides what code means:
//! the execution layer does.

mod arena;
mod authorise;
mod backend;
mod cancellation;
mod effects;
mod error;
mod execution_record;
mod host;
mod interpreter;
mod journal;
mod library;
mod meter;
mod observer;
mod outcome;
mod policy;
mod run;
mod stop;

pub use backend::{
    Answer, Backend, Call, Code, End, Ended, HostEffects, Instance, SlotCall, Stopped, Traced, TracedValue,
};
pub use cancellation::CancellationToken;
pub use error::{Error, codes};
pub use execution_record::{AuditOutcome, AuditRecord, Execution, REDACTED};
pub use host::{Host, HostError, HostOperations, HostRequest, HostResponse, NoHost};
pub use interpreter::{Interpreter, NamedValue, Names, TracingInterpreter, register_code};
pub use journal::{Journal, JournalEntry, LogEntry, ReplayHost};
pub use library::pattern::is_pattern;
pub use observer::{Event, Measurement, NoObserver, Observer, metric};
pub use outcome::{Fault, Fields, Outcome};
pub use policy::{ContractChecks, Limits, Policy, covers};
pub use run::{Environment, Hook, Loaded, Ran, Request, replay, run};
pub use stop::Limit;
