//! Tier 3: goals to solvers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anrf_format::execution::{FunctionId, ObligationId, ObligationKind};
use anrf_format::module::Module;
use anrf_runtime::{CancellationToken, Fields};

use super::bits::bits;
use super::hints::{hints, linear};
use super::model::Model;
use super::{overall, owner};
use crate::encode::{Calls, Encoded, Encoder, Goal};
use crate::report::{Effort, FunctionReport, ObligationReport, Unknown, Verdict};
use crate::solver::{Answer, Features, Limits, Portfolio, Query, Session, SolverErrorKind, UnknownReason};
use crate::term::{Op, Script, TermId};
use crate::testing::{Shown, Tested, Tester};

/// How hard to try.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// Of one goal.
    pub limits: Limits,
}

impl Default for ProofOptions {
    fn default() -> Self {
        let limits = Limits { resources: 20_000_000, time: Duration::from_secs(2), ..Limits::default() };
        Self { limits }
    }
}

/// What decides goals.
pub struct Prover {
    portfolio: Portfolio,
    options: ProofOptions,
}

/// Inputs and state of a model.
type Candidate = (Fields, Fields);

/// What became of one goal.
enum Decided {
    /// Without a solver.
    Plain,
    Proved(Effort),
    Open(Unknown, Effort, Option<Candidate>),
    Broken(String),
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
        tier: u8,
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
                if tier < 3 && encoder.terms.as_boolean(goal.goal) != Some(true) {
                    verdict = Verdict::Unknown(Unknown::NotTried);
                    break;
                }
                match self.decide(&mut encoder, goal, Some(&encoded), cancel) {
                    Decided::Plain => {}
                    Decided::Proved(spent) => effort.add(&spent),
                    Decided::Open(why, spent, candidate) => {
                        effort.add(&spent);
                        verdict = Verdict::Unknown(self.explain(known.kind, goal, why));
                        let shown = candidate.and_then(|(inputs, state)| {
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
                effort,
            };
            progress.decided(&report);
            obligations.push(report);
        }
        let semantic = &module.semantic.functions[index as usize];
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
            unused: vec![],
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

    /// What is unsatisfiable if the goal follows; `None` if it plainly does.
    fn assertions(encoder: &mut Encoder<'_>, goal: &Goal) -> Option<Vec<TermId>> {
        if encoder.terms.as_boolean(goal.goal) == Some(true) {
            return None;
        }
        let mut assertions: Vec<TermId> = goal.known.iter().map(|fact| fact.term).collect();
        if assertions.contains(&goal.goal) {
            return None;
        }
        let negated = encoder.terms.not(goal.goal);
        assertions.push(negated);
        assertions.extend(hints(&mut encoder.terms, &assertions));
        Some(assertions)
    }

    /// The same as a script.
    fn script(
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        mentioned: &[TermId],
    ) -> Option<Result<Script, Unknown>> {
        let assertions = Self::assertions(encoder, goal)?;
        let script = Script::new(&encoder.terms, &assertions, mentioned);
        Some(script.map_err(|error| Unknown::Unsupported(error.to_string())))
    }

    fn decide(
        &self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        encoded: Option<&Encoded>,
        cancel: &CancellationToken,
    ) -> Decided {
        let mentioned: Vec<TermId> = encoded
            .iter()
            .flat_map(|encoded| {
                let inputs = encoded.inputs.iter().map(|(_, term)| *term);
                inputs.chain(encoded.state.iter().map(|(_, _, term)| *term))
            })
            .collect();
        let script = match Self::script(encoder, goal, &mentioned) {
            None => return Decided::Plain,
            Some(Err(why)) => return Decided::Open(why, Effort::default(), None),
            Some(Ok(script)) => script,
        };
        if self.portfolio.solvers().is_empty() {
            return Decided::Open(Unknown::NoSolver, Effort::default(), None);
        }
        let start = Instant::now();
        let in_bits = match encoded {
            Some(encoded) => self.decide_in_bits(encoder, goal, encoded, start, cancel),
            None => None,
        };
        if let Some(decided) = in_bits {
            return decided;
        }
        if let Some(effort) = self.decide_quickly(encoder, goal, &script, start, cancel) {
            return Decided::Proved(effort);
        }
        let query =
            Query { script: &script.text, features: script.features, wants_core: false, by_patterns: false };
        let solved = self.portfolio.solve(&query, &self.options.limits, cancel);
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut effort = Effort { asked: 1, solver_micros: micros, ..Effort::default() };
        let mut candidate = None;
        let why = match solved {
            Ok(solved) => {
                effort.solver = solved.decided_by.clone();
                if solved.answer == Answer::Unsat {
                    return Decided::Proved(effort);
                }
                if let (Some(encoded), Some(mut session)) = (encoded, solved.session) {
                    candidate = candidate_of(encoder, encoded, goal, &script, &mut *session);
                }
                match solved.answer {
                    Answer::Unknown(UnknownReason::OutOfTime | UnknownReason::OutOfResources) => {
                        Unknown::OutOfTime
                    }
                    _ => Unknown::GaveUp,
                }
            }
            Err(error) => match error.kind() {
                SolverErrorKind::NoSolver => Unknown::NoSolver,
                SolverErrorKind::Unsupported => Unknown::Unsupported(error.to_string()),
                _ => return Decided::Broken(error.to_string()),
            },
        };
        match self.opaque(encoder, goal) {
            Some(what) => Decided::Open(Unknown::Unsupported(what.to_owned()), effort, candidate),
            None => Decided::Open(why, effort, candidate),
        }
    }

    /// Asks of bit-vectors where bit operations decide: a contradiction there is a proof, and a model worth a run
    /// if it says what the inputs are.
    fn decide_in_bits(
        &self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        encoded: &Encoded,
        start: Instant,
        cancel: &CancellationToken,
    ) -> Option<Decided> {
        let assertions = Self::assertions(encoder, goal)?;
        let view = bits(&encoder.terms, &assertions, encoder.two_to_symbol())?;
        let query =
            Query { script: &view.text, features: view.features, wants_core: false, by_patterns: false };
        let solved = self.portfolio.solve(&query, &self.options.limits, cancel).ok()?;
        let effort = Effort {
            asked: 1,
            solver_micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            solver: solved.decided_by.clone(),
            ..Effort::default()
        };
        if solved.answer == Answer::Unsat {
            return Some(Decided::Proved(effort));
        }
        let mut session = solved.session.filter(|_| solved.answer == Answer::Sat && view.is_exact)?;
        let mut read = |term: &TermId| view.value(&mut *session, *term);
        let names = encoder.input_names(encoded).into_iter();
        let inputs: Option<Fields> =
            names.zip(&encoded.inputs).map(|(name, (_, term))| Some((name, read(term)?))).collect();
        let names = encoder.state_names(encoded).into_iter();
        let state: Option<Fields> =
            names.zip(&encoded.state).map(|(name, (_, _, term))| Some((name, read(term)?))).collect();
        Some(Decided::Open(Unknown::GaveUp, effort, Some((inputs?, state?))))
    }

    /// Tries what is quick: instances by patterns only, and products as functions of which only some facts of
    /// arithmetic are known.
    fn decide_quickly(
        &self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        script: &Script,
        start: Instant,
        cancel: &CancellationToken,
    ) -> Option<Effort> {
        let mut linear_script = None;
        if script.features.contains(Features::NONLINEAR) {
            let assertions = Self::assertions(encoder, goal)?;
            let linear = linear(&mut encoder.terms, &assertions)?;
            linear_script = Some(Script::new(&encoder.terms, &linear, &[]).ok()?);
        } else if !script.features.contains(Features::QUANTIFIERS) {
            return None;
        }
        let script = linear_script.as_ref().unwrap_or(script);
        let by_patterns = script.features.contains(Features::QUANTIFIERS);
        let query = Query { script: &script.text, features: script.features, wants_core: false, by_patterns };
        let time = self.options.limits.time / 4;
        let limits = Limits { resources: self.options.limits.resources / 4, time, ..self.options.limits };
        let solved = self.portfolio.solve(&query, &limits, cancel).ok()?;
        (solved.answer == Answer::Unsat).then(|| Effort {
            asked: 1,
            solver_micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            solver: solved.decided_by.clone(),
            ..Effort::default()
        })
    }

    /// The first thing in a goal that solvers know less of than the language says.
    fn opaque(&self, encoder: &Encoder<'_>, goal: &Goal) -> Option<&'static str> {
        let mut stack = vec![goal.goal];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let term = encoder.terms.get(id);
            if let Op::Apply(symbol) = term.op
                && let Some(what) = encoder.opaque.get(&symbol)
            {
                return Some(what);
            }
            stack.extend(term.arguments.iter().copied());
        }
        None
    }

    fn explain(&self, kind: ObligationKind, goal: &Goal, why: Unknown) -> Unknown {
        match (kind, goal.part, why) {
            (ObligationKind::LoopInvariant, crate::encode::Part::Preserved, Unknown::GaveUp) => {
                Unknown::NotInductive(vec![])
            }
            (_, _, why) => why,
        }
    }
}

/// The inputs and state that a model speaks of.
fn candidate_of(
    encoder: &mut Encoder<'_>,
    encoded: &Encoded,
    goal: &Goal,
    script: &Script,
    session: &mut dyn Session,
) -> Option<Candidate> {
    let roots: Vec<TermId> = goal.known.iter().map(|fact| fact.term).chain([goal.goal]).collect();
    let names = encoder.input_names(encoded);
    let variables = encoder.state_names(encoded);
    let mut model = Model { encoder, script, session, roots: &roots };
    let mut inputs = vec![];
    for ((type_id, term), name) in encoded.inputs.iter().zip(names) {
        inputs.push((name, model.value(*type_id, *term)?));
    }
    let mut state = vec![];
    for ((_, type_id, term), name) in encoded.state.iter().zip(variables) {
        state.push((name, model.value(*type_id, *term)?));
    }
    Some((inputs, state))
}

impl Effort {
    fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.solver_micros += other.solver_micros;
        self.solver = other.solver.clone().or(self.solver.take());
    }
}
