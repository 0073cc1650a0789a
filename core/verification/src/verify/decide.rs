//! One goal to solvers: in bit-vectors, by patterns only, and then as it stands.

use std::time::{Duration, Instant};

use anrf_runtime::{CancellationToken, Fields};

use super::arithmetic::prepared;
use super::bits::bits;
use super::hints::hints;
use super::model::{given_by, iteration_of};
use super::negation::{negated, remainders, said_of_names};
use super::proof::Prover;
use crate::encode::{Encoded, Encoder, Goal};
use crate::report::{Effort, LoopValue, Unknown};
use crate::solver::{
    Answer, Features, Limits, Query, Run, Session, Solved, SolverError, SolverErrorKind, UnknownReason,
};
use crate::term::{Op, Script, TermId};

/// What is tried first gets this part of the resources.
const QUICK_SHARE: u64 = 3;

/// What became of one goal.
pub(super) enum Decided {
    /// Without a solver.
    Plain,
    Proved(Effort),
    Open(Unknown, Effort, Candidate),
    Broken(String),
}

/// What a model says.
#[derive(Default)]
pub(super) struct Candidate {
    /// Inputs and state, if they can be read.
    pub(super) given: Option<(Fields, Fields)>,
    /// The state of the loop whose iteration the goal is about.
    pub(super) iteration: Vec<LoopValue>,
}

/// What comes of asking quickly.
enum Quick {
    Proved(Effort),
    /// The patterns of the very script give no contradiction, and there is a candidate for a model.
    Stuck(Box<dyn Session>),
}

impl Prover {
    /// What is unsatisfiable if the goal follows, and names in it for what the goal says of everything; `None` if it
    /// plainly does.
    fn asserted(encoder: &mut Encoder<'_>, goal: &Goal) -> Option<(Vec<TermId>, Vec<TermId>)> {
        if encoder.terms.as_boolean(goal.goal) == Some(true) {
            return None;
        }
        let mut assertions: Vec<TermId> = goal.known.iter().map(|fact| fact.term).collect();
        if assertions.contains(&goal.goal) {
            return None;
        }
        let (negated, names) = negated(&mut encoder.terms, goal.goal);
        assertions.extend(negated);
        // Facts keep their positions.
        Some((encoder.plain_text(assertions), names))
    }

    /// The same with facts of arithmetic.
    pub(super) fn assertions(encoder: &mut Encoder<'_>, goal: &Goal) -> Option<Vec<TermId>> {
        let (mut assertions, names) = Self::asserted(encoder, goal)?;
        assertions.extend(said_of_names(&mut encoder.terms, &assertions, &names));
        assertions.extend(hints(&mut encoder.terms, &assertions));
        assertions.extend(remainders(&mut encoder.terms, &assertions));
        Some(assertions)
    }

    /// Goals of arithmetic, made ready for solvers.
    pub(super) fn prepared_script(encoder: &mut Encoder<'_>, goal: &Goal) -> Option<Script> {
        let (assertions, _) = Self::asserted(encoder, goal)?;
        let prepared = prepared(&mut encoder.terms, &assertions)?;
        Script::closed(&encoder.terms, &prepared).ok()
    }

    /// The same as a script.
    pub(super) fn script(
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        mentioned: &[TermId],
    ) -> Option<Result<Script, Unknown>> {
        let assertions = Self::assertions(encoder, goal)?;
        let script = Script::new(&encoder.terms, &assertions, mentioned);
        Some(script.map_err(|error| Unknown::Unsupported(error.to_string())))
    }

    pub(super) fn decide(
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
            Some(Err(why)) => return Decided::Open(why, Effort::default(), Candidate::default()),
            Some(Ok(script)) => script,
        };
        if self.portfolio.solvers().is_empty() {
            return Decided::Open(Unknown::NoSolver, Effort::default(), Candidate::default());
        }
        let (start, mut at_work) = (Instant::now(), 0);
        let in_bits = match encoded {
            Some(encoded) => self.decide_in_bits(encoder, goal, encoded, start, &mut at_work, cancel),
            None => None,
        };
        if let Some(decided) = in_bits {
            return decided;
        }
        let query =
            Query { script: &script.text, features: script.features, wants_core: false, by_patterns: false };
        let mut candidate = Candidate::default();
        // What is known by the last script is not asked by the first.
        let limits = self.limits(&query, |all| all);
        let known = self.portfolio.remembers(&query, &limits);
        let quick = match known {
            true => None,
            false => self.decide_quickly(encoder, goal, &script, start, &mut at_work, cancel),
        };
        match quick {
            Some(Quick::Proved(effort)) => return Decided::Proved(effort),
            Some(Quick::Stuck(mut session)) => {
                let known = encoded.filter(|_| goal.iteration.is_some());
                if let Some(encoded) = known {
                    candidate.iteration = iteration_of(encoder, encoded, goal, &script, &mut *session);
                }
            }
            None => {}
        }
        if let Some(effort) =
            self.decide_of_texts(encoder, goal, script.features, start, &mut at_work, cancel)
        {
            return Decided::Proved(effort);
        }
        let solved = self.ask_for_model(&query, &limits, &mut at_work, cancel);
        let effort = self.spent(solved.as_ref().ok(), start, at_work);
        let why = match solved {
            Ok(solved) => {
                if solved.answer == Answer::Unsat {
                    return Decided::Proved(effort);
                }
                if let (Some(encoded), Some(mut session)) = (encoded, solved.session) {
                    candidate.given = given_by(encoder, encoded, goal, &script, &mut *session);
                    let iteration = iteration_of(encoder, encoded, goal, &script, &mut *session);
                    if !iteration.is_empty() {
                        candidate.iteration = iteration;
                    }
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

    /// Asks solvers, and adds the time of the one that decided; of all where none did.
    pub(super) fn ask(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Result<Solved, SolverError> {
        Self::worked(self.portfolio.solve(query, limits, cancel), at_work)
    }

    /// The same where a model becomes inputs that are run: two runs are to run the same.
    fn ask_for_model(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Result<Solved, SolverError> {
        Self::worked(self.portfolio.solve_for_model(query, limits, cancel), at_work)
    }

    fn worked(solved: Result<Solved, SolverError>, at_work: &mut u64) -> Result<Solved, SolverError> {
        let solved = solved?;
        let decided = |run: &&Run| solved.decided_by.as_ref().is_none_or(|name| *name == run.solver);
        *at_work += solved.runs.iter().filter(decided).map(|run| micros(run.time)).max().unwrap_or(0);
        Ok(solved)
    }

    /// What a question took, and who agreed on it where every solver was asked.
    pub(super) fn spent(&self, solved: Option<&Solved>, start: Instant, at_work: u64) -> Effort {
        let runs = solved.filter(|_| self.portfolio.asks_all()).map_or(&[][..], |solved| &solved.runs);
        let definite = |run: &&Run| matches!(run.outcome, Some(Ok(answer)) if answer.is_definite());
        Effort {
            asked: 1,
            solver_micros: micros(start.elapsed()),
            working_micros: at_work,
            solver: solved.and_then(|solved| solved.decided_by.clone()),
            solvers: runs.len(),
            agreed: runs.iter().filter(definite).count(),
            ..Effort::default()
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
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Option<Decided> {
        let assertions = Self::assertions(encoder, goal)?;
        let view = bits(&encoder.terms, &assertions, encoder.two_to_symbol())?;
        let query =
            Query { script: &view.text, features: view.features, wants_core: false, by_patterns: false };
        let solved = self.ask_for_model(&query, &self.limits(&query, |all| all), at_work, cancel).ok()?;
        let effort = self.spent(Some(&solved), start, *at_work);
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
        let given = Some((inputs?, state?));
        Some(Decided::Open(Unknown::GaveUp, effort, Candidate { given, iteration: vec![] }))
    }

    /// Tries what is quick: arithmetic made ready for solvers, and instances by patterns only.
    fn decide_quickly(
        &self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        script: &Script,
        start: Instant,
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Option<Quick> {
        let ready = Self::prepared_script(encoder, goal);
        let quantified = |script: &Script| script.features.contains(Features::QUANTIFIERS);
        // What is ready for arithmetic goes first, but where texts, of which that knows little, are the harder part.
        let mut attempts = vec![];
        let own = quantified(script).then_some((script, true));
        let about_texts = script.features.contains(Features::STRINGS);
        attempts.extend(own.filter(|_| about_texts));
        if let Some(ready) = &ready {
            attempts.extend(quantified(ready).then_some((ready, true)));
            attempts.push((ready, false));
        }
        attempts.extend(own.filter(|_| !about_texts));
        let known = attempts.iter().position(|(script, by_patterns)| {
            let (features, by_patterns) = (script.features, *by_patterns);
            let query = Query { script: &script.text, features, wants_core: false, by_patterns };
            self.portfolio.remembers(&query, &self.limits(&query, quick_part))
        });
        let mut stuck = None;
        for (asked, by_patterns) in attempts.into_iter().skip(known.unwrap_or(0)) {
            let query =
                Query { script: &asked.text, features: asked.features, wants_core: false, by_patterns };
            let limits = self.limits(&query, quick_part);
            let solved = self.ask(&query, &limits, at_work, cancel).ok()?;
            if solved.answer == Answer::Unsat {
                return Some(Quick::Proved(self.spent(Some(&solved), start, *at_work)));
            }
            let gave_up =
                matches!(solved.answer, Answer::Unknown(UnknownReason::Incomplete | UnknownReason::GaveUp));
            if gave_up && std::ptr::eq(asked, script) {
                stuck = solved.session;
            }
        }
        stuck.map(Quick::Stuck)
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
}

fn quick_part(all: Limits) -> Limits {
    Limits { resources: all.resources / QUICK_SHARE, ..all }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
