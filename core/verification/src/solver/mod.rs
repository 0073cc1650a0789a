//! Solvers: what is asked of them, what they answer, and where they come from.
//!
//! A [`Query`] is a script of declarations and assertions; a [`Solver`] says whether they can hold together.
//! [`ProcessSolver`] keeps warm processes of one program (z3, cvc5, bitwuzla); [`Recorded`] answers from a
//! list, for tests. A [`Portfolio`] races several solvers and never lets a disagreement pass.
//!
//! An answer is `Unsat` only if a solver said exactly that, about a script it had no complaint about, in
//! answer to the very question: everything else it may do is a [`SolverError`] or [`Answer::Unknown`].

mod cache;
mod dialect;
mod error;
mod features;
mod lease;
mod pool;
mod portfolio;
mod process;
mod program;
mod recorded;
mod s_expression;
mod session;

use std::fmt;
use std::time::Duration;

use anrf_runtime::CancellationToken;

pub use cache::ProofCache;
pub use dialect::{Dialect, Z3Search};
pub use error::{SolverError, SolverErrorKind, codes};
pub use features::Features;
pub use pool::{PoolOptions, PoolReport, ProcessSolver};
pub use portfolio::{Portfolio, PortfolioOptions, Run, Solved};
pub use program::Program;
pub use recorded::{Record, Recorded};
pub use s_expression::{Node, SExpression};

/// One question: can these assertions hold together?
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Declarations, definitions and assertions in SMT-LIB 2: no `set-logic`, `set-option`, `check-sat`.
    pub script: &'a str,
    /// What the script needs of a solver. Solvers that want a logic are given the smallest that has these.
    pub features: Features,
    /// Whether [`Session::unsat_core`] will be asked for, which costs some solvers time.
    pub wants_core: bool,
    /// Whether quantifiers are to be instantiated by their patterns only, where the solver can be told: quick,
    /// and good at mixed arithmetic, but it finds no models and some proofs less.
    pub by_patterns: bool,
}

impl<'a> Query<'a> {
    /// Whether these assertions can hold together, by whatever means.
    #[must_use]
    pub fn new(script: &'a str, features: Features) -> Self {
        Self { script, features, wants_core: false, by_patterns: false }
    }
}

/// How much a solver may spend on one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps as z3 counts them (some millions a second), converted for other solvers. The same script ends at
    /// the same step in every run, so this is the limit that ought to be met first.
    pub resources: u64,
    /// Wall time: the solver is told to stop then, and killed soon after if it does not.
    pub time: Duration,
    /// Bytes of output to one command.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { resources: 20_000_000, time: Duration::from_secs(20), output_bytes: 4 << 20 }
    }
}

/// What a solver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The assertions hold together; there is a model.
    Sat,
    /// They never do.
    Unsat,
    /// The solver does not know.
    Unknown(UnknownReason),
}

impl Answer {
    /// Whether it is `Sat` or `Unsat`.
    #[must_use]
    pub fn is_definite(self) -> bool {
        matches!(self, Self::Sat | Self::Unsat)
    }
}

/// Why a solver does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownReason {
    /// The solver has no method for this, or does not say.
    GaveUp,
    /// The solver's method does not decide these theories or quantifiers; its model may be none.
    Incomplete,
    /// [`Limits::resources`] were spent, or the solver's own memory limit was.
    OutOfResources,
    /// [`Limits::time`] passed, so another run may end otherwise.
    OutOfTime,
}

impl UnknownReason {
    /// The reason that a solver gives in words of its own; whether its time was up counts first, as z3 says
    /// `canceled` of both limits.
    #[must_use]
    pub fn read(said: &str, is_late: bool) -> Self {
        let said = said.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if is_late || says(&["timeout", "time limit"]) {
            Self::OutOfTime
        } else if says(&["resource", "canceled", "memout", "memory", "interrupted"]) {
            Self::OutOfResources
        } else if says(&["incomplete", "quantifier"]) {
            Self::Incomplete
        } else {
            Self::GaveUp
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sat => "sat",
            Self::Unsat => "unsat",
            Self::Unknown(UnknownReason::GaveUp) => "unknown (gave up)",
            Self::Unknown(UnknownReason::Incomplete) => "unknown (incomplete)",
            Self::Unknown(UnknownReason::OutOfResources) => "unknown (out of resources)",
            Self::Unknown(UnknownReason::OutOfTime) => "unknown (out of time)",
        })
    }
}

/// Whether a process that has answered other queries will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Any process; it is reset before the query.
    Warm,
    /// A process that has seen nothing yet.
    Fresh,
}

/// Something that decides queries. Shared by threads: each query gets a process (or the like) of its own.
pub trait Solver: Send + Sync {
    /// A short name, such as `z3`.
    fn name(&self) -> &str;

    /// The version that answers. May start the solver to find out.
    fn version(&self) -> Result<String, SolverError>;

    /// What queries may need.
    fn features(&self) -> Features;

    /// Whether the same script and limits give the same answer unless wall time runs out.
    fn is_deterministic(&self) -> bool {
        true
    }

    /// Decides one query. Returns at the latest a moment after [`Limits::time`], or a few milliseconds after
    /// the token was cancelled.
    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError>;
}

/// An answer and the solver that gave it, still holding the assertions.
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// To ask for values after [`Answer::Sat`], for a candidate after [`Answer::Unknown`], for a core after
    /// [`Answer::Unsat`]. Dropping it gives the process back.
    pub session: Box<dyn Session>,
    /// Whether it came from a process that had answered other queries before.
    pub was_warm: bool,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reply").field("answer", &self.answer).finish_non_exhaustive()
    }
}

/// A solver that has answered and can be asked on. Every call obeys the limits and the token of the query;
/// after any error but [`SolverErrorKind::Rejected`] the session is over and each call returns that error.
/// After a rejected command bitwuzla rejects all others; z3 and cvc5 go on.
pub trait Session: Send {
    /// The values of terms in the model, in the order of the terms. Only after `Sat` or `Unknown`.
    fn values(&mut self, terms: &[&str]) -> Result<Vec<SExpression>, SolverError>;

    /// Adds declarations and assertions.
    fn add(&mut self, script: &str) -> Result<(), SolverError>;

    /// Opens a scope that [`Self::pop`] undoes.
    fn push(&mut self) -> Result<(), SolverError>;

    /// Undoes what was added since the matching [`Self::push`].
    fn pop(&mut self) -> Result<(), SolverError>;

    /// Decides again, with what was added.
    fn check(&mut self) -> Result<Answer, SolverError>;

    /// The names of the assertions (`(! ... :named n)`) that the contradiction rests on, in the solver's
    /// order. Only after `Unsat` of a query that [wants a core](Query::wants_core).
    fn unsat_core(&mut self) -> Result<Vec<String>, SolverError>;

    /// From now on this token cancels, and no longer that of the query.
    fn obey(&mut self, cancel: &CancellationToken);
}
