//! The solver, and how many of its threads there may be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Features, Freshness, Limits, Query, Reply, Solver, SolverError, SolverErrorKind, Z3Search,
};

use crate::conversation::Conversation;
use crate::prover::{Question, failure};
use crate::seat::{Request, Said, Seat};

/// What [`Z3`] is called among solvers.
pub const NAME: &str = "z3-in-process";

/// How often a wait looks whether it was cancelled.
pub(crate) const PULSE: Duration = Duration::from_millis(5);

/// How [`Z3`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Z3Options {
    /// What all contexts of Z3 in this process may hold together, in MiB: Z3 has one limit, so the solver that was
    /// made last sets it, for a host that uses Z3 itself as well. With 0 it is left as it is.
    pub memory_megabytes: u32,
    /// How many contexts are made ready ahead of queries.
    pub ready: usize,
    /// How many threads may be at work or ready at a time; a query beyond that waits. Questions that were given up
    /// count until Z3 stops.
    pub most: usize,
}

impl Default for Z3Options {
    fn default() -> Self {
        Self { memory_megabytes: 2048, ready: 2, most: 32 }
    }
}

/// Z3 in this process. Clones share what is ready.
#[derive(Clone)]
pub struct Z3 {
    shared: Arc<Shared>,
}

/// What conversations give back to.
pub(crate) struct Shared {
    options: Z3Options,
    ready: Mutex<Vec<Seat>>,
    /// Threads that have not ended.
    threads: Arc<AtomicUsize>,
}

impl Z3 {
    /// A solver that has no thread yet.
    #[must_use]
    pub fn new(options: Z3Options) -> Self {
        if options.memory_megabytes > 0 {
            z3::set_global_param("memory_max_size", &options.memory_megabytes.to_string());
        }
        let (ready, threads) = (Mutex::default(), Arc::default());
        Self { shared: Arc::new(Shared { options, ready, threads }) }
    }

    /// Makes a context ready ahead of the first query, without waiting for it.
    pub fn warm_up(&self) {
        self.shared.make_ready();
    }
}

impl Default for Z3 {
    fn default() -> Self {
        Self::new(Z3Options::default())
    }
}

impl Solver for Z3 {
    fn name(&self) -> &str {
        NAME
    }

    fn version(&self) -> Result<String, SolverError> {
        Ok(z3::full_version().to_owned())
    }

    fn features(&self) -> Features {
        Features::ALL
    }

    /// Every query has a context that has seen nothing, so they are all as fresh as can be.
    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        _freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError> {
        let seat = self.shared.take(limits, cancel)?;
        let question = Question {
            script: query.script.to_owned(),
            wants_core: query.wants_core,
            search: Z3Search::of(query),
            limits: *limits,
        };
        let mut conversation = Conversation::new(Arc::clone(&self.shared), seat, *limits, cancel.clone());
        match conversation.ask(Request::Begin(question))? {
            Said::Answer(answer) => Ok(Reply { answer, session: Box::new(conversation), was_warm: false }),
            _ => Err(failure(SolverErrorKind::Nonsense, "was asked for an answer and gave none")),
        }
    }
}

impl Shared {
    /// A context that is ready, or will be.
    fn take(&self, limits: &Limits, cancel: &CancellationToken) -> Result<Seat, SolverError> {
        let begin = Instant::now();
        loop {
            if cancel.is_cancelled() {
                return Err(SolverError::new(SolverErrorKind::Cancelled, "the proof was cancelled"));
            }
            let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if let Some(seat) = ready {
                return Ok(seat);
            }
            if self.threads.load(Ordering::Acquire) < self.options.most.max(1) {
                return Seat::start(&self.threads);
            }
            if begin.elapsed() >= limits.time {
                return Err(failure(SolverErrorKind::Hung, "is still at work on too many earlier questions"));
            }
            thread::sleep(PULSE);
        }
    }

    /// Makes up for a context that was used. What fails here fails again when it is needed, and is said then.
    pub(crate) fn make_ready(&self) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = ready.len() < self.options.ready;
        if is_wanted
            && self.threads.load(Ordering::Acquire) < self.options.most
            && let Ok(seat) = Seat::start(&self.threads)
        {
            ready.push(seat);
        }
    }
}
