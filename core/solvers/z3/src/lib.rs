//! Z3 in the process of the host: a [`Solver`](anrf_verification::solver::Solver) that starts no program. There
//! only with the feature `linked`, which needs libz3 to build and to run.
//!
//! What a call into a library costs is said by what it cannot: nobody can kill it. So no thread of a caller is
//! ever in it. A query gets a thread and a context of its own; the caller holds the clock and the token,
//! and is back in time whatever the thread does. The thread is told to stop by Z3's own means and, until it does,
//! counts against the most that may be at work.
//!
//! Scripts, options and answers are those of the program (`solver/dialect.rs`), through the safe interface of the
//! crate `z3` only. That interface takes options for one solver, where the program takes them for the process, so
//! threads do not disturb each other, nor a host that uses Z3 itself. The one exception is the memory, of which
//! Z3 has a single limit.

#[cfg(feature = "linked")]
mod conversation;
#[cfg(feature = "linked")]
mod prover;
#[cfg(feature = "linked")]
mod seat;
#[cfg(feature = "linked")]
mod solver;

#[cfg(feature = "linked")]
pub use solver::{NAME, Z3, Z3Options};
