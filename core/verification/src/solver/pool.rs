//! Warm processes of one program.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;

use super::lease::Lease;
use super::process::{Bounds, Process};
use super::session::ProcessSession;
use super::{
    Features, Freshness, Limits, Program, Query, Reply, SExpression, Solver, SolverError, SolverErrorKind,
};

/// How a pool keeps its processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolOptions {
    /// The address space of one process, in MiB.
    pub memory_megabytes: u64,
    /// How many idle processes are kept; as many as queries run at a time is right.
    pub warm: usize,
    /// How long a process may take until it answers for the first time.
    pub start_time: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        let warm = thread::available_parallelism().map_or(2, usize::from).max(2);
        Self { memory_megabytes: 2048, warm, start_time: Duration::from_secs(20) }
    }
}

/// What became of the processes of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolReport {
    /// How many were started.
    pub started: u64,
    /// How many queries were answered by a process that had answered one before.
    pub reused: u64,
    /// The errors after which a process was replaced, cancellations left out: the last hundred.
    pub replaced: Vec<SolverError>,
}

const REMEMBERED: usize = 100;

/// One program, of which processes are kept warm: started once, reset between queries, replaced when they
/// crash, hang or talk nonsense. Clones share the processes.
#[derive(Clone)]
pub struct ProcessSolver {
    pool: Arc<Pool>,
}

pub(super) struct Pool {
    pub(super) program: Program,
    options: PoolOptions,
    state: Mutex<State>,
    version: OnceLock<String>,
}

#[derive(Default)]
struct State {
    idle: Vec<Idle>,
    report: PoolReport,
}

struct Idle {
    process: Process,
    is_used: bool,
}

impl ProcessSolver {
    /// A solver that starts no process yet.
    #[must_use]
    pub fn new(program: Program, options: PoolOptions) -> Self {
        let state = Mutex::new(State::default());
        Self { pool: Arc::new(Pool { program, options, state, version: OnceLock::new() }) }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.pool.program
    }

    /// What became of the processes so far.
    #[must_use]
    pub fn report(&self) -> PoolReport {
        self.pool.lock().report.clone()
    }

    /// Starts a process ahead of the first query, without waiting for it.
    pub fn warm_up(&self) -> Result<(), SolverError> {
        if self.pool.lock().idle.is_empty() {
            let process = self.pool.start()?;
            self.pool.keep(Idle { process, is_used: false });
        }
        Ok(())
    }
}

impl Solver for ProcessSolver {
    fn name(&self) -> &str {
        self.pool.program.dialect.name()
    }

    fn version(&self) -> Result<String, SolverError> {
        if let Some(version) = self.pool.version.get() {
            return Ok(version.clone());
        }
        let process = self.pool.ready(self.pool.start()?, &CancellationToken::new())?;
        self.pool.keep(Idle { process, is_used: false });
        Ok(self.pool.version.get().cloned().unwrap_or_default())
    }

    fn features(&self) -> Features {
        self.pool.program.dialect.features()
    }

    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError> {
        let taken = self.pool.take(freshness);
        let was_warm = taken.as_ref().is_some_and(|idle| idle.is_used);
        let process = match taken {
            Some(idle) => idle.process,
            None => self.pool.start()?,
        };
        let process = self.pool.ready(process, cancel)?;
        let mut lease = Lease::new(Arc::clone(&self.pool), process, *limits, cancel.clone());
        let answer = lease.begin(query)?;
        Ok(Reply { answer, session: Box::new(ProcessSession(lease)), was_warm })
    }
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> Result<Process, SolverError> {
        let process = Process::start(&self.program, self.options.memory_megabytes)?;
        self.lock().report.started += 1;
        Ok(process)
    }

    fn take(&self, freshness: Freshness) -> Option<Idle> {
        let mut state = self.lock();
        let taken = match freshness {
            // The one that was used last has the warmest caches.
            Freshness::Warm => state.idle.pop(),
            Freshness::Fresh => {
                let unused = state.idle.iter().position(|idle| !idle.is_used);
                unused.map(|index| state.idle.remove(index))
            }
        };
        if taken.as_ref().is_some_and(|idle| idle.is_used) {
            state.report.reused += 1;
        }
        taken
    }

    fn keep(&self, idle: Idle) {
        let mut state = self.lock();
        state.idle.push(idle);
        let surplus = if state.idle.len() > self.options.warm { Some(state.idle.remove(0)) } else { None };
        drop(state);
        // Killed outside the lock, which other queries wait for.
        drop(surplus);
    }

    /// Takes a process back: to answer other queries, or, after a failure, to be replaced.
    pub(super) fn put_back(&self, mut process: Process, failure: Option<&SolverError>) {
        let Some(failure) = failure else {
            // What it holds is forgotten while nobody waits.
            process.send("(reset)\n".to_owned());
            return self.keep(Idle { process, is_used: true });
        };
        drop(process);
        self.note(failure);
        let is_wanted = self.options.warm > 0 && self.lock().idle.is_empty();
        if is_wanted && let Ok(process) = self.start() {
            self.keep(Idle { process, is_used: false });
        }
    }

    /// Makes sure that a process is the solver it is taken for, once per process.
    fn ready(&self, mut process: Process, cancel: &CancellationToken) -> Result<Process, SolverError> {
        if process.is_known {
            return Ok(process);
        }
        let bounds =
            Bounds { deadline: Instant::now() + self.options.start_time, output_bytes: 1 << 16, cancel };
        let output = process.exchange("(get-info :name)\n(get-info :version)", &bounds);
        let output = output.inspect_err(|error| self.note(error))?;
        match identity(&output) {
            Some((name, version)) if name.eq_ignore_ascii_case(self.program.dialect.name()) => {
                self.version.get_or_init(|| version);
                process.is_known = true;
                Ok(process)
            }
            _ => {
                let error = process.nonsense("does not say that it is this solver", output.as_bytes());
                self.note(&error);
                Err(error)
            }
        }
    }

    fn note(&self, error: &SolverError) {
        if error.kind() == SolverErrorKind::Cancelled {
            return;
        }
        let replaced = &mut self.lock().report.replaced;
        if replaced.len() == REMEMBERED {
            replaced.remove(0);
        }
        replaced.push(error.clone());
    }
}

/// The name and version in `(:name "Z3") (:version "4.8")`.
fn identity(output: &str) -> Option<(String, String)> {
    let read = SExpression::read_all(output).ok()?;
    let [name, version] = read.as_slice() else { return None };
    let [name] = name.application::<1>(":name")?;
    let [version] = version.application::<1>(":version")?;
    Some((name.text()?, version.text()?))
}
