//! The side of the caller: it holds the clock, and leaves a thread that does not answer behind.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{Answer, Limits, SExpression, Session, SolverError, SolverErrorKind};

use crate::prover::failure;
use crate::seat::{Heard, Request, Said, Seat};
use crate::solver::{PULSE, Shared};

/// How long past its time Z3 may take to stop by itself.
const SLACK: Duration = Duration::from_millis(300);

/// How long a context that has used up the memory may take to give it back.
const PATIENCE: Duration = Duration::from_secs(2);

/// A query that a thread is at work on, or has decided.
pub(crate) struct Conversation {
    shared: Arc<Shared>,
    seat: Seat,
    limits: Limits,
    cancel: CancellationToken,
    /// The error that ended it.
    failure: Option<SolverError>,
}

impl Conversation {
    pub(crate) fn new(shared: Arc<Shared>, seat: Seat, limits: Limits, cancel: CancellationToken) -> Self {
        Self { shared, seat, limits, cancel, failure: None }
    }

    /// Waits for the reply to a request as long as the limits and the token allow.
    pub(crate) fn ask(&mut self, request: Request) -> Heard {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let heard = self.exchange(request);
        if let Err(error) = &heard
            && error.kind() != SolverErrorKind::Rejected
        {
            self.seat.watch.stop();
            if error.kind() == SolverErrorKind::OutOfMemory {
                // Nobody else finds memory until it is given back.
                self.seat.leave(PATIENCE, &self.cancel);
            }
            self.failure = Some(error.clone());
        }
        heard
    }

    fn exchange(&mut self, request: Request) -> Heard {
        let deadline = Instant::now() + self.limits.time + SLACK;
        // What is gone may have said why.
        let _ = self.seat.requests.send(request);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.seat.replies.recv_timeout(left.min(PULSE)) {
                Ok(heard) => return heard,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(failure(SolverErrorKind::Crashed, "ended before it answered"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.cancel.is_cancelled() {
                return Err(SolverError::new(SolverErrorKind::Cancelled, "the proof was cancelled"));
            }
            if Instant::now() >= deadline {
                return Err(failure(SolverErrorKind::Hung, "did not answer in time and was left behind"));
            }
        }
    }

    fn done(&mut self, request: Request) -> Result<(), SolverError> {
        self.ask(request).map(|_| ())
    }
}

impl Session for Conversation {
    fn values(&mut self, terms: &[&str]) -> Result<Vec<SExpression>, SolverError> {
        if terms.is_empty() {
            return Ok(vec![]);
        }
        match self.ask(Request::Values(terms.iter().map(|&term| term.to_owned()).collect()))? {
            Said::Values(values) => Ok(values),
            _ => Err(failure(SolverErrorKind::Nonsense, "was asked for values and gave none")),
        }
    }

    fn add(&mut self, script: &str) -> Result<(), SolverError> {
        self.done(Request::Add(script.to_owned()))
    }

    fn push(&mut self) -> Result<(), SolverError> {
        self.done(Request::Push)
    }

    fn pop(&mut self) -> Result<(), SolverError> {
        self.done(Request::Pop)
    }

    fn check(&mut self) -> Result<Answer, SolverError> {
        match self.ask(Request::Check)? {
            Said::Answer(answer) => Ok(answer),
            _ => Err(failure(SolverErrorKind::Nonsense, "was asked for an answer and gave none")),
        }
    }

    fn unsat_core(&mut self) -> Result<Vec<String>, SolverError> {
        match self.ask(Request::Core)? {
            Said::Names(names) => Ok(names),
            _ => Err(failure(SolverErrorKind::Nonsense, "was asked for a core and gave none")),
        }
    }

    fn obey(&mut self, cancel: &CancellationToken) {
        self.cancel = cancel.clone();
    }
}

impl Drop for Conversation {
    /// The thread ends with its channel; another takes its place while nobody waits.
    fn drop(&mut self) {
        self.shared.make_ready();
    }
}
