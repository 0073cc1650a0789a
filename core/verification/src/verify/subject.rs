//! One function: its verifiers in the order of the budget, and what they say together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf_format::module::Module;
use anrf_runtime::{CancellationToken, Code, Error};

use super::verifier::ask;
use super::{Effort, Progress, Prover, embedded, overall};
use crate::encode::Calls;
use crate::report::{Confidence, FunctionReport, Unknown, Verdict};
use crate::testing::{TestOptions, Tested, Tester};

/// A function that is verified, and by what.
pub(super) struct Subject<'a> {
    pub(super) module: &'a Module,
    pub(super) code: &'a Arc<dyn Code>,
    pub(super) calls: &'a Calls,
    pub(super) index: u32,
    pub(super) prover: &'a Prover,
    pub(super) effort: &'a Effort,
    pub(super) progress: &'a dyn Progress,
    pub(super) cancel: &'a CancellationToken,
}

impl Subject<'_> {
    /// Required verifiers, then optional ones while confidence is lacking; those of tier 2 before those of 3.
    /// Solvers are left out when the budget is `spent`.
    pub(super) fn verify(&self, spent: bool, time: Duration) -> Result<FunctionReport, Error> {
        let begun = Instant::now();
        let budget = &self.effort.budget;
        let solves = self.effort.tier >= 3 && !spent;
        let (examples, property) = (budget.requires(embedded::EXAMPLES), budget.requires(embedded::PROPERTY));
        let (mut tester, mut tested) = self.test(examples, property)?;
        let mut report = self.prove(solves && budget.requires(embedded::SMT), &tested, &mut tester);
        let required = &budget.required;
        for id in required {
            self.ask_host(id, true, &mut report, &mut tester, time.saturating_sub(begun.elapsed()));
        }
        self.conclude(&mut report, &tested);
        for id in &budget.optional {
            if !budget.wants_more(&report) {
                break;
            }
            match id.as_str() {
                embedded::EXAMPLES | embedded::PROPERTY => {
                    let (again, found) = self.test(id == embedded::EXAMPLES, id == embedded::PROPERTY)?;
                    tester = again;
                    tested.include(found);
                    refute(&mut report, &tested);
                }
                embedded::SMT if solves => {
                    let before = std::mem::replace(&mut report, self.prove(true, &tested, &mut tester));
                    keep(&mut report, before);
                }
                _ => self.ask_host(id, false, &mut report, &mut tester, time.saturating_sub(begun.elapsed())),
            }
            self.conclude(&mut report, &tested);
        }
        if spent && self.effort.tier >= 3 {
            end_of_budget(&mut report);
            self.conclude(&mut report, &tested);
        }
        // Nobody has seen an input that is allowed: if there is none, nothing is proved.
        if report.verdict.is_proved()
            && !tested.satisfied_entry
            && self.prover.is_vacuous(self.module, self.calls, self.index, self.cancel)
        {
            report.verdict = Verdict::Unknown(Unknown::Vacuous);
        }
        Ok(report)
    }

    fn test(&self, examples: bool, property: bool) -> Result<(Tester, Tested), Error> {
        let options = TestOptions { examples, property, ..self.effort.testing.clone() };
        let mut tester = Tester::with_code(self.code, self.index, &options)?;
        let tested = tester.search(Some(self.cancel));
        Ok((tester, tested))
    }

    fn prove(&self, solves: bool, tested: &Tested, tester: &mut Tester) -> FunctionReport {
        let tries = Effort { tier: if solves { 3 } else { self.effort.tier.min(2) }, ..self.effort.clone() };
        self.prover.function(
            self.module,
            self.calls,
            self.index,
            &tries,
            tested,
            tester,
            self.progress,
            self.cancel,
        )
    }

    /// A verifier of the host, if it has this id. One that is required and goes wrong leaves nothing proved.
    fn ask_host(
        &self,
        id: &str,
        required: bool,
        report: &mut FunctionReport,
        tester: &mut Tester,
        time: Duration,
    ) {
        let known = self.effort.verifiers.iter().find(|known| known.id() == id);
        let Some(verifier) = known.filter(|verifier| verifier.tier() <= self.effort.tier) else { return };
        let before = report.complaints.len();
        ask(verifier, self.module, report, tester, time, self.cancel);
        if let Some(complaint) = report.complaints.get(before).filter(|_| required) {
            let message = format!("the required verifier `{id}` went wrong: {}", complaint.message);
            for known in &mut report.obligations {
                if !matches!(known.verdict, Verdict::Refuted(_)) {
                    known.verdict = Verdict::Error(message.clone());
                }
            }
        }
    }

    /// The function's verdict, of what is now known of its obligations.
    fn conclude(&self, report: &mut FunctionReport, tested: &Tested) {
        // A run that shows a defect counts, also where no goal stands for it.
        if !matches!(report.verdict, Verdict::Refuted(_)) {
            report.verdict = overall(&report.obligations);
        }
        report.confidence = Confidence::of(report, tested.runs);
    }
}

/// What verifiers of the host had proved before solvers were asked goes on to hold where those do not know.
fn keep(report: &mut FunctionReport, before: FunctionReport) {
    report.complaints = before.complaints;
    for known in &mut report.obligations {
        let earlier = before.obligations.iter().find(|earlier| earlier.id == known.id);
        if let (Verdict::Unknown(_), Some(earlier)) =
            (&known.verdict, earlier.filter(|it| it.verdict.is_proved()))
        {
            known.clone_from(earlier);
        }
    }
}

/// What solvers would have been asked, had there been anything left to spend.
fn end_of_budget(report: &mut FunctionReport) {
    for known in &mut report.obligations {
        if known.verdict == Verdict::Unknown(Unknown::NotTried) {
            known.verdict = Verdict::Unknown(Unknown::OutOfTime);
        }
    }
}

/// What runs have shown since the report was made.
fn refute(report: &mut FunctionReport, tested: &Tested) {
    for known in &mut report.obligations {
        let shown = tested.defects.iter().find(|defect| defect.obligation == known.id);
        if let (Some(defect), false) = (shown, matches!(known.verdict, Verdict::Refuted(_))) {
            known.verdict = match known.verdict {
                Verdict::Proved => Verdict::Error(format!("`{}` was proved, and a run refutes it", known.id)),
                _ => Verdict::Refuted(Box::new(defect.witness.clone())),
            };
        }
    }
}

impl Tested {
    /// What another search of the same function has found.
    fn include(&mut self, other: Self) {
        self.runs += other.runs;
        self.discarded += other.discarded;
        self.limited += other.limited;
        self.satisfied_entry |= other.satisfied_entry;
        self.cut_short |= other.cut_short;
        self.edges = self.edges.max(other.edges);
        for defect in other.defects {
            if !self.defects.iter().any(|known| known.obligation == defect.obligation) {
                self.defects.push(defect);
            }
        }
        self.kept.extend(other.kept);
    }
}
