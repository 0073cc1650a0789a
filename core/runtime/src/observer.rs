//! What a host can watch: events of runs, and three metrics.

use std::time::Duration;

use crate::backend::Traced;
use crate::execution_record::{AuditRecord, Execution};
use crate::journal::JournalEntry;

/// Something that happened in or to a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A run begins: its id and the function's node id.
    Started {
        /// The run.
        id: &'a str,
        /// The function.
        function: &'a str,
    },
    /// The run exchanged something with the outside, as the journal keeps it.
    Journaled {
        /// The run.
        id: &'a str,
        /// What.
        entry: &'a JournalEntry,
    },
    /// Traced code came by something: see [`TracingInterpreter`](crate::TracingInterpreter).
    Traced {
        /// The run.
        id: &'a str,
        /// What; without values where the function handles sensitive data.
        traced: &'a Traced,
    },
    /// The run took longer than the function's `expected_latency_ms`.
    Slow {
        /// The run.
        id: &'a str,
        /// The function.
        function: &'a str,
        /// What was expected.
        expected: Duration,
        /// What it took.
        duration: Duration,
    },
    /// A record for the audit log.
    Audited(&'a AuditRecord),
    /// The run ended.
    Finished(&'a Execution),
}

/// Names of the metrics, with the labels `node` and `path` (the backend), for errors `error` too.
pub mod metric {
    /// Counter: runs.
    pub const TOTAL: &str = "anrf.executions.total";
    /// Histogram: wall time in milliseconds.
    pub const DURATION_MS: &str = "anrf.execution.duration_ms";
    /// Counter: runs that did not end in Success, by kind.
    pub const ERRORS: &str = "anrf.executions.errors";
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Measurement<'a> {
    /// One of [`metric`].
    pub name: &'static str,
    /// What is added to a counter, or recorded in a histogram.
    pub value: f64,
    /// Names and values.
    pub labels: &'a [(&'static str, &'a str)],
}

/// Watches runs. Called on the thread of the run, so it should be quick.
pub trait Observer: Send + Sync {
    /// An event.
    fn event(&self, _event: Event<'_>) {}

    /// A measurement.
    fn measure(&self, _measurement: Measurement<'_>) {}
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}
