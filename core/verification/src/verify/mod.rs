//! Verdicts: every goal is closed by simplification, by a solver, or refuted by a run.

mod proof;

pub use proof::{ProofOptions, Prover};

use std::sync::Arc;

use anrf_format::execution::Function;
use anrf_format::module::Module;
use anrf_runtime::CancellationToken;

use crate::encode::Calls;
use crate::report::{FunctionReport, ObligationReport, Report, Unknown, Verdict};

/// Verifies these functions of a module, and what they call; all of them if none is named.
#[must_use]
pub fn verify(
    module: &Arc<Module>,
    functions: Option<&[u32]>,
    prover: &Prover,
    cancel: &CancellationToken,
) -> Report {
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
    let mut reports: Vec<FunctionReport> =
        needed.iter().map(|index| prover.function(module, &calls, *index, cancel)).collect();
    settle(&mut reports, &calls);
    reports.retain(|report| wanted.contains(&report.index));
    Report { functions: reports, solvers: prover.versions() }
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
