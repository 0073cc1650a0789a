//! What a run can end in.

use anrf_format::diagnostic::Span;
use anrf_format::execution::FaultKind;
use anrf_format::value::Value;
use serde::{Deserialize, Serialize};

use crate::stop::Limit;

/// Named values in declared order.
pub type Fields = Vec<(String, Value)>;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The success fields.
    Success(Fields),
    /// An error that the function declares.
    Failure {
        /// Its code.
        error_code: String,
        /// For people.
        message: String,
    },
    /// A defect.
    Fault(Fault),
    /// A limit of the Policy, or cancellation.
    Limit(Limit),
    /// The Policy does not give a capability that the function needs; nothing was run.
    Denied {
        /// The capability.
        capability: String,
    },
}

impl Outcome {
    /// One word, as metrics and summaries say it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Success(_) => "success",
            Self::Failure { .. } => "failure",
            Self::Fault(_) => "fault",
            Self::Limit(_) => "limit",
            Self::Denied { .. } => "denied",
        }
    }
}

/// A defect that a run came upon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// The node id of the function whose code it is.
    pub function: String,
    /// The step, if it was in one.
    pub step: Option<String>,
    /// Where in the source text; empty if the module has none.
    pub span: Span,
    /// The obligation whose check it failed.
    pub obligation: Option<String>,
    /// The values it failed on, by the names they have in the source where they have one.
    pub values: Fields,
}
