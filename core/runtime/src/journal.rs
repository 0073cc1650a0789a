//! The journal: everything that a run exchanged with the outside, in order, so that it can be run again
//! without the outside.

use std::sync::Mutex;

use anrf_format::semantic::LogLevel;
use serde::{Deserialize, Serialize};

use crate::host::{Host, HostError, HostRequest, HostResponse};
use crate::outcome::Fields;

/// What a run exchanged with the outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// In order.
    pub entries: Vec<JournalEntry>,
}

/// One event of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JournalEntry {
    /// A host operation was attempted.
    Invoked {
        /// What was asked.
        request: HostRequest,
        /// What was answered; an error is a host that could not answer.
        response: Result<HostResponse, String>,
    },
    /// A state machine moved.
    Moved {
        /// The machine.
        machine: String,
        /// From which state.
        from: String,
        /// To which state.
        to: String,
    },
    /// A log entry.
    Logged(LogEntry),
}

/// A log entry of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// How much it matters.
    pub level: LogLevel,
    /// The step that wrote it.
    pub step: Option<String>,
    /// The message.
    pub message: String,
    /// Named values.
    pub fields: Fields,
}

/// A host that answers from a journal and demands the same requests in the same order.
#[derive(Debug)]
pub struct ReplayHost {
    remaining: Mutex<std::vec::IntoIter<JournalEntry>>,
}

impl ReplayHost {
    /// Replays a journal once.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self { remaining: Mutex::new(journal.entries.into_iter()) }
    }
}

impl Host for ReplayHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let mut remaining = self.remaining.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for entry in remaining.by_ref() {
            if let JournalEntry::Invoked { request: recorded, response } = entry {
                if recorded != *request {
                    let message = format!(
                        "the journal has a call of `{}` here, the run asks for another of `{}`",
                        recorded.operation, request.operation
                    );
                    return Err(HostError { message });
                }
                return response.map_err(|message| HostError { message });
            }
        }
        Err(HostError {
            message: format!("the journal has no further call, the run asks for `{}`", request.operation),
        })
    }

    fn wait(&self, _milliseconds: u64) {}
}
