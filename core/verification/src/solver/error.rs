//! What keeps a solver from answering.

use std::fmt;

use anrf_format::diagnostic::Code;

/// Codes of the solvers.
pub mod codes {
    anrf_format::codes! {
        NO_SOLVER = "E-SOLVER-001", "no solver",
            "No solver was found. Install z3, cvc5 or bitwuzla, or name the program with `ANRF_Z3`, `ANRF_CVC5` or `ANRF_BITWUZLA`.";
        UNSUPPORTED = "E-SOLVER-002", "no solver for this logic",
            "None of the solvers at hand knows everything that the obligation needs. z3 and cvc5 know all of it.";
        NOT_FOUND = "E-SOLVER-003", "a solver cannot be started",
            "The program of a solver does not exist or cannot be run.";
        CRASHED = "E-SOLVER-004", "a solver crashed",
            "The solver ended before it answered. It was replaced; the answer, if there is one, is from another process.";
        HUNG = "E-SOLVER-005", "a solver hung",
            "The solver did not answer within its time and did not stop by itself, so it was killed and replaced.";
        NONSENSE = "E-SOLVER-006", "a solver answered nonsense",
            "The solver wrote something that is not an answer to what it was asked. Nothing is believed of it; it was replaced.";
        FLOODED = "E-SOLVER-007", "a solver wrote too much",
            "The output of the solver was longer than the limit, so it was killed and replaced.";
        OUT_OF_MEMORY = "E-SOLVER-008", "a solver ran out of memory",
            "The solver reached its memory limit and was replaced.";
        REJECTED = "E-SOLVER-009", "a solver rejected the script",
            "The solver reported an error in the script; its answer to the rest is not believed.";
        DISAGREEMENT = "E-SOLVER-010", "solvers disagree",
            "One solver says that the obligation holds and another that it does not: one of them is wrong, so neither is believed.";
        CANCELLED = "E-SOLVER-011", "cancelled",
            "The proof was cancelled before a solver answered.";
    }
}

/// The kinds of [`SolverError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SolverErrorKind {
    /// There is no solver at all.
    NoSolver,
    /// No solver at hand declares all features of the query.
    Unsupported,
    /// The program does not exist or cannot be run.
    NotFound,
    /// The process ended before it answered.
    Crashed,
    /// The process was silent past its time and was killed.
    Hung,
    /// The process wrote something that is no answer.
    Nonsense,
    /// The process wrote more than the limit.
    Flooded,
    /// The process reached its memory limit.
    OutOfMemory,
    /// The process reported an error in the script.
    Rejected,
    /// One solver says sat, another unsat.
    Disagreement,
    /// The caller cancelled.
    Cancelled,
}

/// Why there is no answer. Never the opinion of a solver: a solver that gives up answers
/// [`Answer::Unknown`](super::Answer::Unknown).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolverError {
    kind: SolverErrorKind,
    message: String,
}

impl SolverError {
    /// What a [`Solver`](super::Solver) says that has no answer.
    #[must_use]
    pub fn new(kind: SolverErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> SolverErrorKind {
        self.kind
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self.kind {
            SolverErrorKind::NoSolver => &codes::NO_SOLVER,
            SolverErrorKind::Unsupported => &codes::UNSUPPORTED,
            SolverErrorKind::NotFound => &codes::NOT_FOUND,
            SolverErrorKind::Crashed => &codes::CRASHED,
            SolverErrorKind::Hung => &codes::HUNG,
            SolverErrorKind::Nonsense => &codes::NONSENSE,
            SolverErrorKind::Flooded => &codes::FLOODED,
            SolverErrorKind::OutOfMemory => &codes::OUT_OF_MEMORY,
            SolverErrorKind::Rejected => &codes::REJECTED,
            SolverErrorKind::Disagreement => &codes::DISAGREEMENT,
            SolverErrorKind::Cancelled => &codes::CANCELLED,
        }
    }

    /// The message, without the code.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SolverError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code(), self.message)
    }
}

impl std::error::Error for SolverError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report says the code only, so which kind has which is not to change. That each kind comes up, the
    /// tests with fake solvers show.
    #[test]
    fn every_kind_keeps_its_code() {
        let known = [
            (SolverErrorKind::NoSolver, "E-SOLVER-001"),
            (SolverErrorKind::Unsupported, "E-SOLVER-002"),
            (SolverErrorKind::NotFound, "E-SOLVER-003"),
            (SolverErrorKind::Crashed, "E-SOLVER-004"),
            (SolverErrorKind::Hung, "E-SOLVER-005"),
            (SolverErrorKind::Nonsense, "E-SOLVER-006"),
            (SolverErrorKind::Flooded, "E-SOLVER-007"),
            (SolverErrorKind::OutOfMemory, "E-SOLVER-008"),
            (SolverErrorKind::Rejected, "E-SOLVER-009"),
            (SolverErrorKind::Disagreement, "E-SOLVER-010"),
            (SolverErrorKind::Cancelled, "E-SOLVER-011"),
        ];
        assert_eq!(known.len(), codes::TABLE.len());
        for (kind, id) in known {
            assert_eq!(SolverError::new(kind, "").code().id, id);
        }
    }
}
