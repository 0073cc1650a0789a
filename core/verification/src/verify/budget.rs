//! What may be spent, and on which verifiers.

use std::time::Duration;

use crate::report::{FunctionReport, Verdict};

/// The embedded verifiers.
pub mod embedded {
    /// The function's own examples are run.
    pub const EXAMPLES: &str = "examples";
    /// Made-up inputs are run, and changed where they reach something new.
    pub const PROPERTY: &str = "property";
    /// Obligations are asked of solvers.
    pub const SMT: &str = "smt";
    /// All of them, in order.
    pub const ALL: [&str; 3] = [EXAMPLES, PROPERTY, SMT];
}

/// What decides which verifiers run, and until when.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Wall time for everything: what is open by then is unknown.
    pub max_time: Duration,
    /// The most that may be spent, in the unit of [`rate`](Self::rate): when it is, no further function is
    /// asked of solvers, and what is open of it is unknown: out of time.
    pub max_cost: f64,
    /// What a second of solver time costs.
    pub rate: f64,
    /// Optional verifiers are asked until a function has this [confidence](crate::report::Confidence).
    pub min_confidence: f64,
    /// Ids of verifiers that always run.
    pub required: Vec<String>,
    /// Ids of verifiers that run while confidence is lacking.
    pub optional: Vec<String>,
}

impl Default for Budget {
    /// All embedded verifiers, five minutes, at no cost.
    fn default() -> Self {
        Self {
            max_time: Duration::from_secs(300),
            max_cost: f64::INFINITY,
            rate: 0.0,
            min_confidence: 1.0,
            required: embedded::ALL.iter().map(|id| (*id).to_owned()).collect(),
            optional: vec![],
        }
    }
}

impl Budget {
    pub(super) fn requires(&self, id: &str) -> bool {
        self.required.iter().any(|known| known == id)
    }

    /// What this much solver time costs.
    pub(super) fn cost(&self, reports: &[FunctionReport]) -> f64 {
        let micros: u64 = reports.iter().map(|report| report.effort().solver_micros).sum();
        Duration::from_micros(micros).as_secs_f64() * self.rate
    }

    /// Whether a function's optional verifiers are still wanted.
    pub(super) fn wants_more(&self, report: &FunctionReport) -> bool {
        let decided = matches!(report.verdict, Verdict::Refuted(_) | Verdict::Error(_));
        report.confidence.score < self.min_confidence && !decided
    }
}
