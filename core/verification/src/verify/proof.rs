//! Tier 3: the obligations of one function, each by its goals.

use std::collections::BTreeMap;
use std::time::Duration;

use anrf_format::execution::{FunctionId, ObligationId, ObligationKind, Role};
use anrf_format::module::Module;
use anrf_runtime::CancellationToken;

use super::decide::{Candidate, Decided};
use super::proposal::{Proposer, depends_on_inputs};
use super::{overall, owner};
use crate::encode::{Calls, Encoded, Encoder, Goal};
use crate::report::{Confidence, Effort, FunctionReport, LoopValue, ObligationReport, Unknown, Verdict};
use crate::solver::{Limits, Portfolio};
use crate::testing::{Observed, Shown, Tested, Tester};

/// How hard to try.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// Of one goal.
    pub limits: Limits,
}

impl Default for ProofOptions {
    fn default() -> Self {
        // About two seconds on a machine that has nothing else to do: the clock should not decide.
        let limits = Limits { resources: 8_000_000, time: Duration::from_secs(6), ..Limits::default() };
        Self { limits }
    }
}

/// What decides goals.
pub struct Prover {
    pub(super) portfolio: Portfolio,
    pub(super) options: ProofOptions,
}

impl Prover {
    /// With these solvers.
    #[must_use]
    pub fn new(portfolio: Portfolio, options: ProofOptions) -> Self {
        Self { portfolio, options }
    }

    /// The solvers and their versions.
    #[must_use]
    pub fn versions(&self) -> Vec<(String, String)> {
        let version = |solver: &std::sync::Arc<dyn crate::solver::Solver>| {
            (solver.name().to_owned(), solver.version().unwrap_or_else(|error| error.to_string()))
        };
        self.portfolio.solvers().iter().map(version).collect()
    }

    /// Whether no input meets a function's conditions on entry.
    pub(super) fn is_vacuous(
        &self,
        module: &Module,
        calls: &Calls,
        index: u32,
        cancel: &CancellationToken,
    ) -> bool {
        let mut encoder = Encoder::new(module, calls);
        let known = encoder.encode(index).entry;
        let goal = Goal {
            function: FunctionId(index),
            obligation: ObligationId::NONE,
            part: crate::encode::Part::Whole,
            iteration: None,
            reached: None,
            known,
            goal: encoder.terms.boolean(false),
        };
        matches!(self.decide(&mut encoder, &goal, None, cancel), Decided::Proved(_) | Decided::Plain)
    }

    /// The verdicts of a function's own obligations. What a run has shown is not asked again.
    #[allow(clippy::too_many_arguments, reason = "one function and all that is known of it")]
    pub(super) fn function(
        &self,
        module: &Module,
        calls: &Calls,
        index: u32,
        tries: &super::Effort,
        tested: &Tested,
        tester: &mut Tester,
        progress: &dyn super::Progress,
        cancel: &CancellationToken,
    ) -> FunctionReport {
        let mut encoder = Encoder::new(module, calls);
        let encoded = encoder.encode(index);
        let mut by_obligation: BTreeMap<(FunctionId, ObligationId), Vec<&Goal>> = BTreeMap::new();
        for goal in &encoded.goals {
            by_obligation.entry((goal.function, goal.obligation)).or_default().push(goal);
        }
        let mut obligations = vec![];
        for ((function, id), goals) in by_obligation {
            let Some(code) = module.execution.functions.get(function.0 as usize) else { continue };
            let Some(known) = code.obligations.get(id.0 as usize) else { continue };
            let mut effort = Effort { goals: goals.len(), ..Effort::default() };
            let mut verdict = Verdict::Proved;
            let shown = tested.defects.iter().find(|defect| defect.obligation == known.id);
            if let Some(defect) = shown {
                verdict = Verdict::Refuted(Box::new(defect.witness.clone()));
            }
            for goal in goals.iter().filter(|_| shown.is_none()) {
                if tries.tier < 3 && encoder.terms.as_boolean(goal.goal) != Some(true) {
                    verdict = Verdict::Unknown(Unknown::NotTried);
                    break;
                }
                match self.decide(&mut encoder, goal, Some(&encoded), cancel) {
                    Decided::Plain => {}
                    Decided::Proved(spent) => effort.add(&spent),
                    Decided::Open(why, spent, candidate) => {
                        effort.add(&spent);
                        let Candidate { given, iteration } = candidate;
                        verdict = Verdict::Unknown(Self::explain(known.kind, goal, why, iteration));
                        let shown = given.and_then(|(inputs, state)| {
                            match tester.run_candidate(inputs, state, vec![]) {
                                Shown::Defect(defect) => Some(*defect),
                                _ => None,
                            }
                        });
                        if let Some(defect) = shown.filter(|defect| defect.obligation == known.id) {
                            verdict = Verdict::Refuted(Box::new(defect.witness));
                        }
                        break;
                    }
                    Decided::Broken(message) => {
                        verdict = Verdict::Error(message);
                        break;
                    }
                }
            }
            let report = ObligationReport {
                id: known.id.clone(),
                kind: known.kind,
                span: module.source_map.span(owner(code, index), known.origin),
                verdict,
                used: None,
                precondition: None,
                effort,
            };
            progress.decided(&report);
            obligations.push(report);
        }
        let semantic = &module.semantic.functions[index as usize];
        if tries.tier >= 3 {
            self.propose(module, &mut encoder, &encoded, &mut obligations, &tested.kept, cancel);
        }
        let names = |indices: &std::collections::BTreeSet<u32>| {
            indices
                .iter()
                .filter_map(|index| module.semantic.functions.get(*index as usize))
                .map(anrf_format::semantic::Function::node_id)
                .collect()
        };
        let hosts = calls.invoked(index);
        // A run that shows a defect counts, also where no goal stands for it.
        let own = format!("{}/", semantic.node_id());
        let unlisted = tested.defects.iter().find(|defect| {
            defect.obligation.starts_with(&own)
                && !obligations.iter().any(|known| known.id == defect.obligation)
        });
        let verdict = match unlisted {
            Some(defect) => Verdict::Refuted(Box::new(defect.witness.clone())),
            None => overall(&obligations),
        };
        let mut unused = None;
        if tries.explain && tries.tier >= 3 && verdict.is_proved() {
            let mut used = self.used(module, &mut encoder, &encoded, cancel);
            for obligation in &mut obligations {
                let labels = used.by_obligation.remove(&obligation.id).unwrap_or_default();
                obligation.used = Some(labels.into_iter().collect());
            }
            unused = Some(used.unused);
        }
        FunctionReport {
            function: semantic.node_id(),
            index,
            verdict,
            obligations,
            assumed_hosts: hosts
                .iter()
                .filter_map(|host| module.semantic.host.get(*host as usize))
                .map(|host| host.name.clone())
                .collect(),
            callees: names(&calls.reached(index)),
            unused,
            confidence: Confidence::default(),
            complaints: vec![],
        }
    }

    /// Says of obligations that are open on which condition they hold, after everything else: scripts are as they
    /// would be without.
    fn propose(
        &self,
        module: &Module,
        encoder: &mut Encoder<'_>,
        encoded: &Encoded,
        obligations: &mut [ObligationReport],
        kept: &[Observed],
        cancel: &CancellationToken,
    ) {
        let is_open = |known: &ObligationReport| match &known.verdict {
            Verdict::Refuted(_) => depends_on_inputs(known.kind),
            Verdict::Unknown(Unknown::GaveUp | Unknown::OutOfTime | Unknown::Unsupported(_)) => {
                depends_on_inputs(known.kind)
            }
            _ => false,
        };
        if !obligations.iter().any(is_open) {
            return;
        }
        let Some(mut proposer) = Proposer::new(self, encoder, module, encoded, kept, cancel) else { return };
        let body = module.execution.find(Role::Body(encoded.index));
        let Some(code) = body.and_then(|id| module.execution.functions.get(id.0 as usize)) else { return };
        let function = module.semantic.functions[encoded.index as usize].node_id();
        for known in obligations.iter_mut().filter(|known| is_open(known)) {
            let of = |goal: &&Goal| {
                body == Some(goal.function)
                    && code.obligations.get(goal.obligation.0 as usize).is_some_and(|it| it.id == known.id)
            };
            let goals: Vec<&Goal> = encoded.goals.iter().filter(of).collect();
            let witness = match &known.verdict {
                Verdict::Refuted(witness) => Some(&**witness),
                _ => None,
            };
            if cancel.is_cancelled() || goals.is_empty() {
                continue;
            }
            known.precondition = proposer.propose(encoder, &goals, known, witness);
            if let (Verdict::Unknown(why), Some(condition)) = (&mut known.verdict, &known.precondition) {
                let (function, condition) = (function.clone(), condition.clone());
                *why = Unknown::NeedsPrecondition { function, condition };
            }
        }
    }

    /// The script of every goal of a function that needs a solver: obligation, part, text. The same for the
    /// same function, whatever stands around it.
    #[must_use]
    pub fn scripts(module: &Module, calls: &Calls, index: u32) -> Vec<(String, crate::encode::Part, String)> {
        let mut encoder = Encoder::new(module, calls);
        let encoded = encoder.encode(index);
        let mut found = vec![];
        for goal in &encoded.goals {
            let code = module.execution.functions.get(goal.function.0 as usize);
            let known = code.and_then(|code| code.obligations.get(goal.obligation.0 as usize));
            if let (Some(known), Some(Ok(script))) = (known, Self::script(&mut encoder, goal, &[])) {
                found.push((known.id.clone(), goal.part, script.text));
            }
        }
        found
    }

    /// The scripts of goals of arithmetic that are tried first, likewise.
    #[must_use]
    pub fn prepared_scripts(
        module: &Module,
        calls: &Calls,
        index: u32,
    ) -> Vec<(String, crate::encode::Part, String)> {
        let mut encoder = Encoder::new(module, calls);
        let encoded = encoder.encode(index);
        let mut found = vec![];
        for goal in &encoded.goals {
            let code = module.execution.functions.get(goal.function.0 as usize);
            let known = code.and_then(|code| code.obligations.get(goal.obligation.0 as usize));
            if let (Some(known), Some(script)) = (known, Self::prepared_script(&mut encoder, goal)) {
                found.push((known.id.clone(), goal.part, script.text));
            }
        }
        found
    }

    fn explain(kind: ObligationKind, goal: &Goal, why: Unknown, iteration: Vec<LoopValue>) -> Unknown {
        let is_preserved =
            kind == ObligationKind::LoopInvariant && goal.part == crate::encode::Part::Preserved;
        match why {
            Unknown::GaveUp if is_preserved => Unknown::NotInductive(iteration),
            Unknown::OutOfTime if is_preserved && !iteration.is_empty() => Unknown::NotInductive(iteration),
            why => why,
        }
    }
}

impl Effort {
    pub(super) fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.solver_micros += other.solver_micros;
        self.working_micros += other.working_micros;
        self.solver = other.solver.clone().or(self.solver.take());
        (self.solvers, self.agreed) = (other.solvers, other.agreed);
    }
}
