//! Verdicts: every goal is closed by simplification, by a solver, or refuted by a run.

mod arithmetic;
mod attempts;
mod bits;
mod budget;
mod core;
mod decide;
mod equivalence;
mod hints;
mod inference;
mod languages;
mod model;
mod negation;
mod product;
mod proof;
mod proposal;
mod subject;
mod texts;
mod verifier;

pub(crate) use bits::bits;
pub use budget::{Budget, embedded};
pub use equivalence::{Side, compare};
pub use proof::{ProofOptions, Prover};
pub use verifier::{Judgement, Opinion, Task, Verifier};

use std::sync::Arc;
use std::time::Instant;

use anrf_format::execution::Function;
use anrf_format::semantic::Function as Semantic;
use anrf_runtime::{CancellationToken, Error, Loaded};

use crate::encode::Calls;
use crate::report::{FunctionReport, ObligationReport, Report, Unknown, Verdict};
use crate::testing::{TestOptions, testing_code};
use subject::Subject;

/// Runs that are kept to see what inputs there are.
const KEPT_RUNS: usize = 48;

/// How much is tried.
#[derive(Clone)]
pub struct Effort {
    /// 2 looks for runs that show a defect, 3 also for proofs.
    pub tier: u8,
    /// Of tier 2.
    pub testing: TestOptions,
    /// Also asks what the proofs of a proved function used.
    pub explain: bool,
    /// Which verifiers run, and until when.
    pub budget: Budget,
    /// Verifiers of the host.
    pub verifiers: Vec<Arc<dyn Verifier>>,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            tier: 3,
            testing: TestOptions { max_runs: 1_500, kept_runs: KEPT_RUNS, ..TestOptions::default() },
            explain: false,
            budget: Budget::default(),
            verifiers: vec![],
        }
    }
}

/// Hears how far verification has come.
pub trait Progress: Send + Sync {
    /// A function is begun: its node id, and how many there are in all.
    fn begun(&self, _function: &str, _position: usize, _count: usize) {}

    /// An obligation is decided.
    fn decided(&self, _obligation: &ObligationReport) {}
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Verifies these functions of a module, and what they call; all of them if none is named.
///
/// # Errors
/// If the module cannot be opened or run.
pub fn verify(
    loaded: &Loaded,
    functions: Option<&[u32]>,
    prover: &Prover,
    effort: &Effort,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> Result<Report, Error> {
    let module = loaded.open()?;
    let code = testing_code(loaded)?;
    let calls = Calls::of(module);
    let count = u32::try_from(module.semantic.functions.len()).unwrap_or(0);
    let wanted: Vec<u32> = match functions {
        Some(named) => named.to_vec(),
        None => (0..count).collect(),
    };
    let mut needed = wanted.clone();
    for index in &wanted {
        needed.extend(calls.reached(*index));
    }
    needed.sort_unstable();
    needed.dedup();
    let begun = Instant::now();
    let mut reports: Vec<FunctionReport> = vec![];
    for (position, index) in needed.iter().enumerate() {
        let name = module.semantic.functions.get(*index as usize).map(Semantic::node_id).unwrap_or_default();
        progress.begun(&name, position, needed.len());
        let time = effort.budget.max_time.saturating_sub(begun.elapsed());
        let spent = time.is_zero() || effort.budget.cost(&reports) >= effort.budget.max_cost;
        let subject =
            Subject { module, code: &code, calls: &calls, index: *index, prover, effort, progress, cancel };
        reports.push(subject.verify(spent, time)?);
    }
    settle(&mut reports, &calls);
    reports.retain(|report| wanted.contains(&report.index));
    Ok(Report { functions: reports, solvers: prover.versions() })
}

/// A function is proved when its own obligations are, and everything that it calls.
fn settle(reports: &mut [FunctionReport], calls: &Calls) {
    let own: Vec<(u32, String, bool)> = reports
        .iter()
        .map(|report| (report.index, report.function.clone(), report.verdict.is_proved()))
        .collect();
    for report in reports.iter_mut().filter(|report| report.verdict.is_proved()) {
        let reached = calls.reached(report.index);
        let broken = own.iter().find(|(index, _, proved)| !proved && reached.contains(index));
        if let Some((_, name, _)) = broken {
            report.verdict = Verdict::Unknown(Unknown::Callee(name.clone()));
        }
    }
}

/// The verdict that follows from those of the obligations: the worst.
fn overall(obligations: &[ObligationReport]) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Proved => 0,
        Verdict::Unknown(_) => 1,
        Verdict::Error(_) => 2,
        Verdict::Refuted(_) => 3,
    };
    let worst = obligations
        .iter()
        .map(|report| &report.verdict)
        .fold(&Verdict::Proved, |worst, verdict| if rank(verdict) > rank(worst) { verdict } else { worst });
    worst.clone()
}

/// The function whose text an obligation of this code stands in.
fn owner(code: &Function, index: u32) -> u32 {
    match code.role {
        anrf_format::execution::Role::Body(owner) | anrf_format::execution::Role::Entry(owner) => owner,
        _ => index,
    }
}
