//! Running lowered modules: values in an arena, the interpreter of the execution layer, limits,
//! capabilities, host operations and the journal. Nothing here parses text or decides what code means:
//! the execution layer does.

#[allow(dead_code, unused_imports)] // the interpreter is on its way
mod arena;
mod cancellation;
#[allow(dead_code, unused_imports)] // the interpreter is on its way
mod library;
mod meter;
mod policy;
mod outcome;
mod observer;
mod journal;
mod host;
mod execution_record;
mod stop;

pub use cancellation::CancellationToken;
pub use stop::Limit;
pub use execution_record::{AuditOutcome, AuditRecord, Execution, REDACTED};
pub use host::{Host, HostError, HostOperations, HostRequest, HostResponse, NoHost};
pub use journal::{Journal, JournalEntry, LogEntry, ReplayHost};
pub use observer::{Event, Measurement, NoObserver, Observer, metric};
pub use outcome::{Fault, Fields, Outcome};
pub use policy::{ContractChecks, Limits, Policy, covers};
