//! Host operations: the only way out of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::outcome::Fields;

/// What a function asks of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRequest {
    /// The operation's name.
    pub operation: String,
    /// Its inputs in declared order.
    pub inputs: Fields,
    /// From 1; more than 1 when the call is a retry.
    pub attempt: u32,
}

/// What the host answers. It is checked against the operation's types and postconditions before the
/// function sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostResponse {
    /// The success fields, in any order.
    Success(Fields),
    /// One of the operation's declared errors.
    Error {
        /// Its code.
        error_code: String,
        /// For people.
        message: String,
    },
}

/// The host could not answer at all: the run ends in the fault `host_contract_violation`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HostError {
    /// What happened, for the host's own eyes.
    pub message: String,
}

/// What implements host operations. May be called from several runs and threads at once.
pub trait Host: Send + Sync {
    /// Carries out one operation. The Policy has been asked already. A panic is caught and is no answer, so that
    /// the run ends in the fault `host_contract_violation`; with `panic = "abort"` it ends the process.
    ///
    /// # Errors
    /// If there is no answer that the operation's declaration allows.
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError>;

    /// Waits between two attempts; a host without a clock of its own need not write this.
    fn wait(&self, milliseconds: u64) {
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
    }
}

/// A host without operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        Err(HostError { message: format!("the host has no operation `{}`", request.operation) })
    }
}

type Operation = Arc<dyn Fn(&HostRequest) -> Result<HostResponse, HostError> + Send + Sync>;

/// Host operations as closures, by name.
#[derive(Clone, Default)]
pub struct HostOperations {
    operations: BTreeMap<String, Operation>,
}

impl std::fmt::Debug for HostOperations {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.operations.keys()).finish()
    }
}

impl HostOperations {
    /// No operations yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an operation, replacing one of the same name.
    #[must_use]
    pub fn with<F>(mut self, name: impl Into<String>, operation: F) -> Self
    where
        F: Fn(&HostRequest) -> Result<HostResponse, HostError> + Send + Sync + 'static,
    {
        self.operations.insert(name.into(), Arc::new(operation));
        self
    }
}

impl Host for HostOperations {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        match self.operations.get(&request.operation) {
            Some(operation) => operation(request),
            None => NoHost.invoke(request),
        }
    }
}
