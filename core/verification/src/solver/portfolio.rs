//! The race: one solver starts, others join, the first definite answer decides, and nobody may contradict it.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;

use super::cache::{ProofCache, key as cache_key};
use super::{
    Answer, Features, Freshness, Limits, PoolOptions, ProcessSolver, Program, Query, Reply, Session, Solver,
    SolverError, SolverErrorKind, UnknownReason,
};
use crate::term::Script;

/// How often the race looks whether it was cancelled.
const PULSE: Duration = Duration::from_millis(5);

/// How solvers race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortfolioOptions {
    /// How long the first solver runs alone.
    pub join_after: Duration,
    /// How long the solvers that are under way when one has decided may take to agree or to object.
    pub grace: Duration,
    /// All solvers that know the logic start at once and are waited for.
    pub cross_check: bool,
}

impl Default for PortfolioOptions {
    fn default() -> Self {
        Self { join_after: Duration::from_millis(50), grace: Duration::from_millis(20), cross_check: false }
    }
}

/// Several solvers that answer as one.
#[derive(Clone)]
pub struct Portfolio {
    solvers: Vec<Arc<dyn Solver>>,
    options: PortfolioOptions,
    cache: Option<Arc<ProofCache>>,
}

/// How a race ended.
pub struct Solved {
    /// What the portfolio says. Of several reasons for `Unknown` it is the one that more time or resources
    /// would mend, if there is one.
    pub answer: Answer,
    /// The solver that answered first, for `Sat` and `Unsat`. Depends on the clock, unlike the answer, but for a
    /// model [that was wanted](Portfolio::solve_for_model).
    pub decided_by: Option<String>,
    /// What each solver did that was started, in the order of the portfolio. Depends on the clock.
    pub runs: Vec<Run>,
    /// The solver that decided, for values, a core and further checks; for `Unknown` the first that has a
    /// candidate.
    pub session: Option<Box<dyn Session>>,
}

/// What one solver did in a race.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub solver: String,
    /// Its answer or its trouble; `None` if it was stopped because another had decided.
    pub outcome: Option<Result<Answer, SolverError>>,
    /// Trouble after which it was tried again, in a fresh process.
    pub trouble: Option<SolverError>,
    /// Whether the outcome is of a second attempt, in a fresh process.
    pub was_retried: bool,
    /// From its start to its outcome, or to the end of the race.
    pub time: Duration,
}

impl Portfolio {
    /// A portfolio of solvers, the first of which begins each race that it knows the logic of.
    #[must_use]
    pub fn new(solvers: Vec<Arc<dyn Solver>>, options: PortfolioOptions) -> Self {
        Self { solvers, options, cache: None }
    }

    /// Whether every solver is asked every question.
    #[must_use]
    pub fn asks_all(&self) -> bool {
        self.options.cross_check
    }

    /// A portfolio of the solvers on this machine; see [`Program::find`]. May be empty.
    #[must_use]
    pub fn installed(pool: PoolOptions, options: PortfolioOptions) -> Self {
        let solver = |program| Arc::new(ProcessSolver::new(program, pool)) as Arc<dyn Solver>;
        Self::new(Program::find_all().into_iter().map(solver).collect(), options)
    }

    /// Asks nothing that this cache knows to be unsatisfiable, unless all solvers are to be asked.
    #[must_use]
    pub fn remembering(mut self, cache: Arc<ProofCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Where a query is remembered; nothing if there is no cache, or a solver does not say its version.
    fn remembered(&self, query: &Query<'_>, limits: &Limits) -> Option<(&ProofCache, String)> {
        let cache = self.cache.as_deref().filter(|_| !self.options.cross_check)?;
        let version = |solver: &Arc<dyn Solver>| Some((solver.name().to_owned(), solver.version().ok()?));
        let versions: Option<Vec<(String, String)>> = self.solvers.iter().map(version).collect();
        Some((cache, cache_key(query, limits, &versions.filter(|versions| !versions.is_empty())?)))
    }

    /// Whether a query is known to be unsatisfiable, so that nobody has to be asked.
    #[must_use]
    pub fn remembers(&self, query: &Query<'_>, limits: &Limits) -> bool {
        self.remembered(query, limits).is_some_and(|(cache, key)| cache.contains(&key))
    }

    /// The solvers, in order.
    #[must_use]
    pub fn solvers(&self) -> &[Arc<dyn Solver>] {
        &self.solvers
    }

    /// Decides one query with all solvers that know its features. Dropping the [session](Solved::session)
    /// gives the process back. Whose model it has depends on the clock.
    ///
    /// # Errors
    /// [`SolverErrorKind::NoSolver`] and [`SolverErrorKind::Unsupported`] when nobody can be asked,
    /// [`SolverErrorKind::Disagreement`], [`SolverErrorKind::Cancelled`]; and when every solver failed, what
    /// happened to the first.
    pub fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        cancel: &CancellationToken,
    ) -> Result<Solved, SolverError> {
        self.race(query, limits, false, cancel)
    }

    /// The same where what comes next depends on the model: of those that say `Sat`, it is that of the first in the
    /// order of the portfolio, for which those before it are waited for.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub fn solve_for_model(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        cancel: &CancellationToken,
    ) -> Result<Solved, SolverError> {
        self.race(query, limits, true, cancel)
    }

    fn race(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        wants_model: bool,
        cancel: &CancellationToken,
    ) -> Result<Solved, SolverError> {
        // What remembers only that there is a proof has no core to show.
        let remembered = self.remembered(query, limits).filter(|_| !query.wants_core);
        if let Some((cache, key)) = &remembered
            && cache.contains(key)
        {
            let decided_by = Some("cache".to_owned());
            return Ok(Solved { answer: Answer::Unsat, decided_by, runs: vec![], session: None });
        }
        let mut race = Race::new(self, query, limits)?;
        race.wants_model = wants_model;
        let mut result = race.run(cancel).and_then(|()| race.result());
        if let Ok(Solved { session: Some(session), .. }) = &mut result {
            session.obey(cancel);
        }
        // Whoever is still running is killed by its own thread, which nobody waits for.
        race.stop.cancel();
        if let (Some((cache, key)), Ok(Solved { answer: Answer::Unsat, .. })) = (remembered, &result) {
            cache.insert(key, None);
        }
        result
    }

    /// The positions of the assertions that a contradiction rests on, of a script that names them (see
    /// [`Script::naming`](crate::term::Script::naming)); not the fewest, and `None` where nobody finds the
    /// contradiction or tells what it rests on.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub fn core(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        cancel: &CancellationToken,
    ) -> Result<Option<Vec<u32>>, SolverError> {
        let query = Query { wants_core: true, ..query.clone() };
        let remembered = self.remembered(&query, limits);
        if let Some((cache, key)) = &remembered
            && let Some(core) = cache.core(key)
        {
            return Ok(Some(core));
        }
        let solved = self.solve(&query, limits, cancel)?;
        let (Answer::Unsat, Some(mut session)) = (solved.answer, solved.session) else { return Ok(None) };
        let position =
            |name: &String| Script::position(name).and_then(|position| u32::try_from(position).ok());
        let Ok(names) = session.unsat_core() else { return Ok(None) };
        let Some(mut core) = names.iter().map(position).collect::<Option<Vec<u32>>>() else {
            return Ok(None);
        };
        core.sort_unstable();
        if let Some((cache, key)) = remembered {
            cache.insert(key, Some(core.clone()));
        }
        Ok(Some(core))
    }
}

/// What a thread reports.
struct Report {
    lane: usize,
    result: Result<Reply, SolverError>,
    trouble: Option<SolverError>,
    was_retried: bool,
}

/// One solver in a race.
struct Lane {
    solver: Arc<dyn Solver>,
    started: Option<Instant>,
    time: Duration,
    report: Option<Report>,
}

impl Lane {
    fn answer(&self) -> Option<Answer> {
        self.report.as_ref().and_then(|report| report.result.as_ref().ok()).map(|reply| reply.answer)
    }

    fn error(&self) -> Option<&SolverError> {
        self.report.as_ref().and_then(|report| report.result.as_ref().err())
    }

    fn is_running(&self) -> bool {
        self.started.is_some() && self.report.is_none()
    }
}

struct Race {
    lanes: Vec<Lane>,
    options: PortfolioOptions,
    script: Arc<str>,
    features: Features,
    wants_core: bool,
    by_patterns: bool,
    /// Whether the model has to be of the first that has one, in the order of the lanes.
    wants_model: bool,
    limits: Limits,
    sender: Sender<Report>,
    reports: Receiver<Report>,
    /// Ends the threads of this race.
    stop: CancellationToken,
    /// The lane that was the first with a definite answer.
    winner: Option<usize>,
}

impl Race {
    fn new(portfolio: &Portfolio, query: &Query<'_>, limits: &Limits) -> Result<Self, SolverError> {
        if portfolio.solvers.is_empty() {
            let message = "no solver was found: neither z3 nor cvc5 nor bitwuzla";
            return Err(SolverError::new(SolverErrorKind::NoSolver, message));
        }
        let entrants = portfolio.solvers.iter().filter(|solver| solver.features().contains(query.features));
        let lane = |solver: &Arc<dyn Solver>| Lane {
            solver: Arc::clone(solver),
            started: None,
            time: Duration::ZERO,
            report: None,
        };
        let lanes: Vec<Lane> = entrants.map(lane).collect();
        if lanes.is_empty() {
            let names: Vec<&str> = portfolio.solvers.iter().map(|solver| solver.name()).collect();
            let message = format!("{} cannot decide {}", names.join(" and "), query.features);
            return Err(SolverError::new(SolverErrorKind::Unsupported, message));
        }
        let (sender, reports) = mpsc::channel();
        Ok(Self {
            lanes,
            options: portfolio.options,
            script: query.script.into(),
            features: query.features,
            wants_core: query.wants_core,
            by_patterns: query.by_patterns,
            wants_model: false,
            limits: *limits,
            sender,
            reports,
            stop: CancellationToken::new(),
            winner: None,
        })
    }

    fn run(&mut self, cancel: &CancellationToken) -> Result<(), SolverError> {
        let begin = Instant::now();
        let mut grace_ends: Option<Instant> = None;
        loop {
            if cancel.is_cancelled() {
                return Err(SolverError::new(SolverErrorKind::Cancelled, "the proof was cancelled"));
            }
            if self.winner.is_none() || self.options.cross_check {
                self.start_who_is_due(begin.elapsed());
            }
            if !self.lanes.iter().any(Lane::is_running) {
                return Ok(());
            }
            let mut wait = PULSE;
            if let Some(end) = grace_ends {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(());
                }
                wait = wait.min(left);
            }
            let Ok(report) = self.reports.recv_timeout(wait) else { continue };
            self.note(report)?;
            let is_decided = self.winner.is_some() && !self.options.cross_check && !self.is_model_to_come();
            if is_decided && grace_ends.is_none() {
                grace_ends = Some(Instant::now() + self.options.grace);
            }
        }
    }

    /// Whether somebody before the first that says `Sat` may still do so.
    fn is_model_to_come(&self) -> bool {
        let before = self.first_model().unwrap_or(0);
        self.lanes.iter().take(before).any(Lane::is_running)
    }

    /// The first lane in order that says `Sat`, where it matters which.
    fn first_model(&self) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.answer() == Some(Answer::Sat)).filter(|_| self.wants_model)
    }

    /// The first starts at once, the others after a while or when nobody is left running.
    fn start_who_is_due(&mut self, elapsed: Duration) {
        let all = self.options.cross_check || elapsed >= self.options.join_after;
        while let Some(lane) = self.lanes.iter().position(|lane| lane.started.is_none()) {
            if !all && self.lanes.iter().any(Lane::is_running) {
                return;
            }
            self.start(lane);
        }
    }

    fn start(&mut self, index: usize) {
        let Some(lane) = self.lanes.get_mut(index) else { return };
        lane.started = Some(Instant::now());
        let solver = Arc::clone(&lane.solver);
        let script = Arc::clone(&self.script);
        let (features, wants_core, limits) = (self.features, self.wants_core, self.limits);
        let by_patterns = self.by_patterns;
        let stop = self.stop.clone();
        let mut post = Post { lane: index, sender: Some(self.sender.clone()) };
        let name = format!("anrf race {}", solver.name());
        let work = move || {
            let query = Query { script: &script, features, wants_core, by_patterns };
            let report = attempt(solver.as_ref(), &query, &limits, &stop, index);
            post.send(report);
        };
        if let Err(error) = thread::Builder::new().name(name).spawn(work) {
            // The closure, and the post with it, is gone and has reported a crash; this says it better.
            let message = format!("cannot start a thread: {error}");
            let result = Err(SolverError::new(SolverErrorKind::NotFound, message));
            lane.report = Some(Report { lane: index, result, trouble: None, was_retried: false });
        }
    }

    /// Takes a report; an answer that contradicts another is an error.
    fn note(&mut self, report: Report) -> Result<(), SolverError> {
        let index = report.lane;
        let Some(lane) = self.lanes.get_mut(index).filter(|lane| lane.report.is_none()) else {
            return Ok(());
        };
        lane.time = lane.started.map(|started| started.elapsed()).unwrap_or_default();
        lane.report = Some(report);
        let (name, answer) = (lane.solver.name().to_owned(), lane.answer());
        let Some(answer) = answer.filter(|answer| answer.is_definite()) else { return Ok(()) };
        match self.winner.and_then(|winner| self.lanes.get(winner)) {
            None => self.winner = Some(index),
            Some(winner) => {
                if let Some(other) = winner.answer().filter(|other| *other != answer) {
                    let message = format!("{} says {other} and {name} says {answer}", winner.solver.name());
                    return Err(SolverError::new(SolverErrorKind::Disagreement, message));
                }
            }
        }
        Ok(())
    }

    fn result(&mut self) -> Result<Solved, SolverError> {
        self.winner = self.first_model().or(self.winner);
        let (answer, source) = match self.winner {
            Some(winner) => (self.lanes.get(winner).and_then(Lane::answer), Some(winner)),
            None => {
                (self.unknown().map(Answer::Unknown), self.lanes.iter().position(|it| it.answer().is_some()))
            }
        };
        let Some(answer) = answer else {
            let error = self.lanes.iter().find_map(Lane::error).cloned();
            return Err(
                error.unwrap_or_else(|| SolverError::new(SolverErrorKind::Crashed, "no solver answered"))
            );
        };
        let decided_by = self.winner.and_then(|winner| self.lanes.get(winner));
        let decided_by = decided_by.map(|lane| lane.solver.name().to_owned());
        let runs = self.lanes.iter().filter_map(run_of).collect();
        let report = source.and_then(|source| self.lanes.get_mut(source)).and_then(|lane| lane.report.take());
        let session = report.and_then(|report| report.result.ok()).map(|reply| reply.session);
        Ok(Solved { answer, decided_by, runs, session })
    }

    /// Why nobody knows; `None` if nobody got as far as saying so.
    fn unknown(&self) -> Option<UnknownReason> {
        let reasons = self.lanes.iter().filter_map(|lane| match lane.report.as_ref().map(|it| &it.result) {
            Some(Ok(Reply { answer: Answer::Unknown(reason), .. })) => Some(*reason),
            Some(Err(error)) if error.kind() == SolverErrorKind::Hung => Some(UnknownReason::OutOfTime),
            _ => None,
        });
        reasons.max()
    }
}

fn run_of(lane: &Lane) -> Option<Run> {
    let started = lane.started?;
    let report = lane.report.as_ref();
    let outcome = report.map(|report| match &report.result {
        Ok(reply) => Ok(reply.answer),
        Err(error) => Err(error.clone()),
    });
    Some(Run {
        solver: lane.solver.name().to_owned(),
        outcome,
        trouble: report.and_then(|report| report.trouble.clone()),
        was_retried: report.is_some_and(|report| report.was_retried),
        time: if report.is_some() { lane.time } else { started.elapsed() },
    })
}

/// Asks a solver, and once more in a fresh process if what the first one had seen before may be to blame.
fn attempt(
    solver: &dyn Solver,
    query: &Query<'_>,
    limits: &Limits,
    stop: &CancellationToken,
    lane: usize,
) -> Report {
    let begin = Instant::now();
    let first = solver.solve(query, limits, Freshness::Warm, stop);
    let (is_retried, trouble) = match &first {
        // One that spent its limits would spend them again.
        Ok(Reply {
            answer: Answer::Unknown(UnknownReason::GaveUp | UnknownReason::Incomplete),
            was_warm,
            ..
        }) => (*was_warm, None),
        Ok(_) => (false, None),
        Err(error) => match error.kind() {
            SolverErrorKind::Crashed | SolverErrorKind::Nonsense | SolverErrorKind::OutOfMemory => {
                (true, Some(error.clone()))
            }
            _ => (false, None),
        },
    };
    let left = limits.time.saturating_sub(begin.elapsed());
    if !is_retried || left.is_zero() || stop.is_cancelled() {
        return Report { lane, result: first, trouble: None, was_retried: false };
    }
    // Gives its process back before another is asked for.
    drop(first);
    let limits = Limits { time: left, ..*limits };
    let result = solver.solve(query, &limits, Freshness::Fresh, stop);
    Report { lane, result, trouble, was_retried: true }
}

/// Reports exactly once, also when the solver panics.
struct Post {
    lane: usize,
    sender: Option<Sender<Report>>,
}

impl Post {
    fn send(&mut self, report: Report) {
        if let Some(sender) = self.sender.take() {
            // Nobody listens any more once the race is over.
            let _ = sender.send(report);
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let error = SolverError::new(SolverErrorKind::Crashed, "the solver ended without a word");
        let lane = self.lane;
        self.send(Report { lane, result: Err(error), trouble: None, was_retried: false });
    }
}
