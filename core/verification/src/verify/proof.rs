//! Tier 3: the obligations of one function, each by its goals.

use std::time::Duration;

use anrf_format::execution::{FunctionId, ObligationId, Role};
use anrf_format::module::Module;
use anrf_runtime::CancellationToken;

use super::attempts::{Attempts, Begun};
use super::decide::Decided;
use super::overall;
use super::proposal::{Proposer, depends_on_inputs};
use crate::encode::{Calls, Encoded, Encoder, Goal};
use crate::report::{Confidence, Effort, FunctionReport, ObligationReport, Unknown, Verdict};
use crate::solver::{Limits, Portfolio, Query};
use crate::testing::{Observed, Tested, Tester};

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
    /// What may be spent later on what these options do not decide: what that has proved before is not asked.
    later: Option<Limits>,
}

impl Prover {
    /// With these solvers.
    #[must_use]
    pub fn new(portfolio: Portfolio, options: ProofOptions) -> Self {
        Self { portfolio, options, later: None }
    }

    /// The same with a part of what it may spend, for what is tried before the rest.
    pub(super) fn first(&self, share: u64) -> Self {
        let later = self.options.limits;
        let limits = Limits { resources: (later.resources / share).max(1), ..later };
        Self { portfolio: self.portfolio.clone(), options: ProofOptions { limits }, later: Some(later) }
    }

    /// What a question may take that gets a part of everything.
    pub(super) fn limits(&self, query: &Query<'_>, part: impl Fn(Limits) -> Limits) -> Limits {
        let later = self.later.map(&part).filter(|later| self.portfolio.remembers(query, later));
        later.unwrap_or_else(|| part(self.options.limits))
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
        let begun = Begun { module, calls, index, tier: tries.tier, tested, cancel };
        let Attempts { mut obligations, inferred, mut encoder, encoded } =
            self.attempts(&begun, tester, progress);
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
            inferred,
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
            known.effort.also(&proposer.spent());
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
}

impl Effort {
    pub(super) fn add(&mut self, other: &Self) {
        self.also(other);
        self.solver = other.solver.clone().or(self.solver.take());
        (self.solvers, self.agreed) = (other.solvers, other.agreed);
    }

    /// What was asked besides, which did not decide it.
    fn also(&mut self, other: &Self) {
        self.asked += other.asked;
        self.solver_micros += other.solver_micros;
        self.working_micros += other.working_micros;
    }
}
