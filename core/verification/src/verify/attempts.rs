//! In what order the goals of a function are tried.
//!
//! Functions without loops are tried once. Where there are loops, a proof that is not found may want an invariant
//! that nobody wrote, and all that a solver may spend will not help it. So these are first tried quickly, then
//! with what can be inferred of the loops, and only then at length. What is proved in one attempt is not tried
//! again, and what is inferred is true whoever uses it.

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{FunctionId, Obligation, ObligationId, ObligationKind};
use anrf_format::module::Module;
use anrf_runtime::CancellationToken;

use super::decide::{Candidate, Decided};
use super::inference::{telling, told};
use super::owner;
use super::proof::Prover;
use crate::encode::{Calls, Encoded, Encoder, Goal, Part};
use crate::report::{Effort, Inferred, LoopValue, ObligationReport, Unknown, Verdict};
use crate::testing::{Shown, Tested, Tester};

/// Of all that a goal may spend, the part of the first attempt where there are loops.
const FIRST_SHARE: u64 = 8;

/// A function, and what is known of it before.
pub(super) struct Begun<'a> {
    pub(super) module: &'a Module,
    pub(super) calls: &'a Calls,
    pub(super) index: u32,
    pub(super) tier: u8,
    pub(super) tested: &'a Tested,
    pub(super) cancel: &'a CancellationToken,
}

/// What came of it.
pub(super) struct Attempts<'m> {
    pub(super) obligations: Vec<ObligationReport>,
    /// What was known of loops besides what is written, if any proof wanted it.
    pub(super) inferred: Vec<Inferred>,
    /// The goals, knowing that.
    pub(super) encoder: Encoder<'m>,
    pub(super) encoded: Encoded,
}

/// A function's goals, and which of them are proved.
struct Tried<'m> {
    encoder: Encoder<'m>,
    encoded: Encoded,
    proved: BTreeSet<usize>,
}

impl Prover {
    /// The verdicts of a function's obligations.
    pub(super) fn attempts<'m>(
        &self,
        begun: &Begun<'m>,
        tester: &mut Tester,
        progress: &dyn super::Progress,
    ) -> Attempts<'m> {
        let Begun { module, calls, index, tier, tested, cancel } = *begun;
        let mut encoder = Encoder::new(module, calls);
        let encoded = encoder.encode(index);
        let mut plain = Tried { encoder, encoded, proved: BTreeSet::new() };
        let mut obligations: Vec<ObligationReport> = by_obligation(&plain.encoded)
            .into_iter()
            .filter_map(|((function, id), goals)| {
                let (code, known) = obligation(module, function, id)?;
                let shown = tested.defects.iter().find(|defect| defect.obligation == known.id);
                let verdict = match shown {
                    Some(defect) => Verdict::Refuted(Box::new(defect.witness.clone())),
                    None => Verdict::Unknown(Unknown::NotTried),
                };
                let span = module.source_map.span(owner(code, index), known.origin);
                let effort = Effort { goals: goals.len(), ..Effort::default() };
                Some(ObligationReport {
                    id: known.id.clone(),
                    kind: known.kind,
                    span,
                    verdict,
                    used: None,
                    precondition: None,
                    effort,
                })
            })
            .collect();
        let mut told_of = 0;
        let mut tell = |obligations: &[ObligationReport], all: bool| {
            while let Some(report) = obligations.get(told_of).filter(|report| all || !is_open(report)) {
                progress.decided(report);
                told_of += 1;
            }
        };
        let has_loops = tier >= 3 && !plain.encoded.names.is_empty() && !self.portfolio.solvers().is_empty();
        let first = has_loops.then(|| self.first(FIRST_SHARE));
        first.as_ref().unwrap_or(self).attempt(begun, &mut plain, &mut obligations, tester, &mut tell);
        let Some(first) = first.filter(|_| obligations.iter().any(is_open)) else {
            tell(&obligations, true);
            let Tried { encoder, encoded, .. } = plain;
            return Attempts { obligations, inferred: vec![], encoder, encoded };
        };
        let may_be_proved = !obligations.iter().any(is_broken);
        let conjectures = match obligations.iter_mut().find(|report| is_open(report)) {
            Some(open) if may_be_proved => {
                let (conjectures, spent) = self.infer(module, calls, &plain.encoded, cancel);
                open.effort.add(&spent);
                conjectures
            }
            _ => vec![],
        };
        let mut inferred = vec![];
        if !conjectures.is_empty() {
            let telling = telling(&conjectures);
            let mut encoder = Encoder::new(module, calls);
            encoder.conjectures = conjectures;
            let encoded = encoder.encode(index);
            let mut more = Tried { encoder, encoded, proved: BTreeSet::new() };
            if first.attempt(begun, &mut more, &mut obligations, tester, &mut tell) {
                self.attempt(begun, &mut more, &mut obligations, tester, &mut tell);
                inferred = telling.iter().map(|it| told(module, &more.encoded, it)).collect();
                std::mem::swap(&mut plain, &mut more);
            }
            // What was inferred may also be in the way.
            let without = if inferred.is_empty() { &mut plain } else { &mut more };
            self.attempt(begun, without, &mut obligations, tester, &mut tell);
        } else {
            self.attempt(begun, &mut plain, &mut obligations, tester, &mut tell);
        }
        tell(&obligations, true);
        let Tried { encoder, encoded, .. } = plain;
        Attempts { obligations, inferred, encoder, encoded }
    }

    /// Tries what is open. Whether anything was proved.
    fn attempt(
        &self,
        begun: &Begun<'_>,
        tried: &mut Tried<'_>,
        obligations: &mut [ObligationReport],
        tester: &mut Tester,
        tell: &mut impl FnMut(&[ObligationReport], bool),
    ) -> bool {
        let mut helped = false;
        let Tried { encoder, encoded, proved } = tried;
        for ((function, id), goals) in by_obligation(encoded) {
            let Some((_, known)) = obligation(begun.module, function, id) else { continue };
            let place = obligations.iter().position(|report| report.id == known.id && is_open(report));
            let Some(open) = place.and_then(|place| obligations.get_mut(place)) else { continue };
            let (verdict, effort) =
                self.obligation(encoder, encoded, &goals, proved, known, begun.tier, tester, begun.cancel);
            helped |= verdict.is_proved();
            open.verdict = verdict;
            open.effort.add(&effort);
            tell(obligations, false);
        }
        helped
    }

    /// The verdict of one obligation, and what it took.
    #[allow(clippy::too_many_arguments, reason = "one obligation and all that decides it")]
    fn obligation(
        &self,
        encoder: &mut Encoder<'_>,
        encoded: &Encoded,
        goals: &[usize],
        proved: &mut BTreeSet<usize>,
        known: &Obligation,
        tier: u8,
        tester: &mut Tester,
        cancel: &CancellationToken,
    ) -> (Verdict, Effort) {
        let mut effort = Effort::default();
        for place in goals {
            let Some(goal) = encoded.goals.get(*place).filter(|_| !proved.contains(place)) else { continue };
            if tier < 3 && encoder.terms.as_boolean(goal.goal) != Some(true) {
                return (Verdict::Unknown(Unknown::NotTried), effort);
            }
            match self.decide(encoder, goal, Some(encoded), cancel) {
                Decided::Plain => {}
                Decided::Proved(spent) => effort.add(&spent),
                Decided::Open(why, spent, candidate) => {
                    effort.add(&spent);
                    let Candidate { given, iteration } = candidate;
                    let shown =
                        given.and_then(|(inputs, state)| match tester.run_candidate(inputs, state, vec![]) {
                            Shown::Defect(defect) => Some(*defect),
                            _ => None,
                        });
                    let verdict = match shown.filter(|defect| defect.obligation == known.id) {
                        Some(defect) => Verdict::Refuted(Box::new(defect.witness)),
                        None => Verdict::Unknown(explain(known.kind, goal, why, iteration)),
                    };
                    return (verdict, effort);
                }
                Decided::Broken(message) => return (Verdict::Error(message), effort),
            }
            proved.insert(*place);
        }
        (Verdict::Proved, effort)
    }
}

/// Obligations by number, with the code that they stand in.
fn obligation(
    module: &Module,
    function: FunctionId,
    id: ObligationId,
) -> Option<(&anrf_format::execution::Function, &Obligation)> {
    let code = module.execution.functions.get(function.0 as usize)?;
    Some((code, code.obligations.get(id.0 as usize)?))
}

/// The goals of each obligation by their places, in order.
fn by_obligation(encoded: &Encoded) -> BTreeMap<(FunctionId, ObligationId), Vec<usize>> {
    let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, goal) in encoded.goals.iter().enumerate() {
        found.entry((goal.function, goal.obligation)).or_default().push(place);
    }
    found
}

/// Whether another attempt may decide it.
fn is_open(report: &ObligationReport) -> bool {
    matches!(report.verdict, Verdict::Unknown(_))
}

/// Whether the function is not proved whatever follows.
fn is_broken(report: &ObligationReport) -> bool {
    matches!(report.verdict, Verdict::Refuted(_) | Verdict::Error(_))
}

fn explain(kind: ObligationKind, goal: &Goal, why: Unknown, iteration: Vec<LoopValue>) -> Unknown {
    let is_preserved = kind == ObligationKind::LoopInvariant && goal.part == Part::Preserved;
    match why {
        Unknown::GaveUp if is_preserved => Unknown::NotInductive(iteration),
        Unknown::OutOfTime if is_preserved && !iteration.is_empty() => Unknown::NotInductive(iteration),
        why => why,
    }
}
