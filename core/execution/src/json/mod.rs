//! JSON documents of runs: outcomes, executions and recordings (language reference, "JSON form of
//! values").

mod outcome;
mod recording;

pub use outcome::{ExecutionJson, OutcomeJson, StateJson};
pub use recording::{Recording, RecordingError};
