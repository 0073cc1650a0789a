//! A run and what came of it.

use std::fmt;

use anrf_execution::json::{ExecutionJson, OutcomeJson, Recording};
use anrf_runtime::{Fields, Outcome, Ran};

use crate::function::Function;

/// One run: its outcome, and the record that may be kept.
#[derive(Clone, Debug)]
pub struct Execution {
    pub(crate) function: Function,
    pub(crate) state_before: Fields,
    pub(crate) ran: Ran,
}

impl Execution {
    /// How it ended, with all values.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        self.ran.outcome()
    }

    /// A success field by its name, if it ended in success.
    #[must_use]
    pub fn success(&self, field: &str) -> Option<&anrf_format::value::Value> {
        match self.ran.outcome() {
            Outcome::Success(fields) => fields.iter().find(|(name, _)| name == field).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The state of the function's variables afterwards; unchanged unless it ended in success.
    #[must_use]
    pub fn state(&self) -> &Fields {
        self.ran.state()
    }

    /// The record: id, fuel, memory, logs, journal. For a function that handles sensitive data it holds no
    /// values, so it may be kept.
    #[must_use]
    pub fn record(&self) -> &anrf_runtime::Execution {
        &self.ran.execution
    }

    /// The outcome as JSON (language reference, "JSON form of values").
    #[must_use]
    pub fn to_json(&self) -> String {
        let module = self.function.module.document();
        let json = OutcomeJson {
            module,
            function: self.function.index,
            outcome: self.ran.outcome(),
            state: self.ran.state(),
        };
        serde_json::to_string(&json).unwrap_or_default()
    }

    /// The record as JSON: id, backend, fuel, memory, time, logs.
    #[must_use]
    pub fn record_json(&self) -> String {
        serde_json::to_string(&ExecutionJson { execution: &self.ran.execution }).unwrap_or_default()
    }

    /// All that is needed to run once more without the host. Of a function that handles sensitive data the
    /// values are redacted, and so it cannot be replayed.
    #[must_use]
    pub fn recording(&self) -> Recording {
        let module = self.function.module.document();
        let sensitive = self.function.semantic().security.sensitive_data;
        let state = if sensitive { vec![] } else { self.state_before.clone() };
        Recording::new(module, self.function.index, &self.ran.execution, state)
    }

    /// The function that ran.
    #[must_use]
    pub fn function(&self) -> &Function {
        &self.function
    }
}

impl fmt::Display for Execution {
    /// The outcome as JSON.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_json())
    }
}
