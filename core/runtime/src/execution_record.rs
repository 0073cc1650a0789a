//! One run and what is known of it afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use anrf_format::value::Value;
use serde::{Deserialize, Serialize};

use crate::journal::{Journal, LogEntry};
use crate::outcome::{Fields, Outcome};

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Unique among runs, or what the host gave.
    pub id: String,
    /// The backend that ran it.
    pub backend: String,
    /// The node id of the function.
    pub function: String,
    /// What it was given; redacted if the function handles sensitive data.
    pub inputs: Fields,
    /// How it ended.
    pub outcome: Outcome,
    /// The state afterwards, of a function that has state; unchanged unless the outcome is a success.
    pub state: Fields,
    /// What it logged.
    pub logs: Vec<LogEntry>,
    /// What it exchanged with the outside.
    pub journal: Journal,
    /// Charges of the code.
    pub fuel: u64,
    /// Charges of the contracts.
    pub contract_units: u64,
    /// The most bytes that its values took at once.
    pub peak_memory: u64,
    /// Wall time.
    pub duration: Duration,
    /// The audit record, if the audit level asks for one.
    pub audit: Option<AuditRecord>,
}

/// Who ran what, when, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When the run began, microseconds since 1970 UTC.
    pub time_micros: i64,
    /// The function.
    pub node_id: String,
    /// Who asked, from the Policy.
    pub actor: Option<String>,
    /// What was done: the function's name.
    pub action: String,
    /// What it was given; only at the level `detailed`, and redacted if the function handles sensitive data.
    pub inputs: Option<Fields>,
    /// One word at the level `basic`, the outcome itself at `detailed`.
    pub outcome: AuditOutcome,
    /// The run.
    pub execution_id: String,
    /// What the host knows of the request, from the Policy.
    pub security_context: BTreeMap<String, String>,
}

/// An outcome in an audit record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuditOutcome {
    /// Such as `success`.
    Kind(String),
    /// All of it.
    Whole(Outcome),
}

/// What stands in the place of a sensitive value.
pub const REDACTED: &str = "[redacted]";

/// A value without its contents: strings, numbers and the rest are replaced, field names stay.
#[must_use]
pub(crate) fn redacted() -> Value {
    Value::String(REDACTED.to_owned())
}
