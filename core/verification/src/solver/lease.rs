//! A process that is in use by one query.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;

use super::pool::Pool;
use super::process::{Bounds, Process, speaks_of_memory};
use super::{Answer, Dialect, Limits, Query, SExpression, SolverError, SolverErrorKind, UnknownReason};

/// How long past its time a solver may take to stop by itself.
const SLACK: Duration = Duration::from_millis(300);

/// Holds a process; gives it back to its pool when dropped, or to the grave if it can no longer be trusted.
pub(super) struct Lease {
    pool: Arc<Pool>,
    process: Option<Process>,
    /// The error that ended it.
    failure: Option<SolverError>,
    limits: Limits,
    cancel: CancellationToken,
}

impl Lease {
    pub(super) fn new(pool: Arc<Pool>, process: Process, limits: Limits, cancel: CancellationToken) -> Self {
        Self { pool, process: Some(process), failure: None, limits, cancel }
    }

    pub(super) fn obey(&mut self, cancel: &CancellationToken) {
        self.cancel = cancel.clone();
    }

    fn dialect(&self) -> Dialect {
        self.pool.program.dialect
    }

    /// Asserts a query in a process that may still hold another, and decides it.
    pub(super) fn begin(&mut self, query: &Query<'_>) -> Result<Answer, SolverError> {
        let mut commands = self.dialect().prelude(query, &self.limits);
        commands += query.script;
        self.decide(commands)
    }

    /// Sends commands and decides.
    pub(super) fn decide(&mut self, mut commands: String) -> Result<Answer, SolverError> {
        let begin = Instant::now();
        commands += "\n(check-sat)";
        let output = self.exchange(&commands)?;
        let answer = match output.trim() {
            "sat" => Answer::Sat,
            "unsat" => Answer::Unsat,
            "unknown" => Answer::Unknown(self.why(begin)?),
            _ => return Err(self.refuse(&output)),
        };
        Ok(answer)
    }

    fn why(&mut self, begin: Instant) -> Result<UnknownReason, SolverError> {
        let said = self.exchange("(get-info :reason-unknown)")?;
        Ok(UnknownReason::read(&said, begin.elapsed() >= self.limits.time))
    }

    /// Sends commands that answer nothing.
    pub(super) fn command(&mut self, commands: &str) -> Result<(), SolverError> {
        let output = self.exchange(commands)?;
        if output.trim().is_empty() { Ok(()) } else { Err(self.refuse(&output)) }
    }

    /// Sends a command that answers one expression.
    pub(super) fn ask(&mut self, command: &str) -> Result<SExpression, SolverError> {
        let output = self.exchange(command)?;
        match SExpression::read(&output) {
            Ok(read) if read.items().next().is_none_or(|head| head.symbol() != Some("error")) => Ok(read),
            _ => Err(self.refuse(&output)),
        }
    }

    fn exchange(&mut self, commands: &str) -> Result<String, SolverError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let Some(process) = &mut self.process else {
            return Err(SolverError::new(SolverErrorKind::Crashed, "the solver is gone"));
        };
        let bounds = Bounds {
            deadline: Instant::now() + self.limits.time + SLACK,
            output_bytes: self.limits.output_bytes,
            cancel: &self.cancel,
        };
        let result = process.exchange(commands, &bounds);
        result.map_err(|error| self.end(error))
    }

    /// The error for output that is not the answer: what the solver complains about, or nonsense.
    pub(super) fn refuse(&mut self, output: &str) -> SolverError {
        let name = self.dialect().name();
        // Everything it wrote must be complaints, with the answer to the rest of the script after them.
        let read = SExpression::read_all(output).unwrap_or_default();
        let complaint = read.iter().find_map(|it| it.application::<1>("error").map(|[what]| what));
        let is_unsupported = read.iter().any(|it| it.symbol() == Some("unsupported"));
        match complaint {
            Some(what) => {
                let what = what.text().unwrap_or_else(|| what.to_string());
                if speaks_of_memory(what.as_bytes()) {
                    let message = format!("{name} says: {}", what.trim());
                    return self.end(SolverError::new(SolverErrorKind::OutOfMemory, message));
                }
                SolverError::new(SolverErrorKind::Rejected, format!("{name} says: {}", what.trim()))
            }
            None if is_unsupported => {
                SolverError::new(SolverErrorKind::Rejected, format!("{name} does not support a command"))
            }
            None => {
                let error = match &self.process {
                    Some(process) => process.nonsense("wrote what is no answer", output.as_bytes()),
                    None => SolverError::new(SolverErrorKind::Nonsense, format!("{name} wrote nonsense")),
                };
                self.end(error)
            }
        }
    }

    fn end(&mut self, error: SolverError) -> SolverError {
        self.failure = Some(error.clone());
        error
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            self.pool.put_back(process, self.failure.as_ref());
        }
    }
}
