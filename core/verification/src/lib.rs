//! From contracts to verdicts: obligations and terms made of the execution layer, decided by solvers.
//!
//! A module's functions become [obligations](anrf_format::execution::Obligation), each a term of our own
//! ([`term`]); solvers are asked whether its negation has a model ([`solver`]).

pub mod agreement;
pub mod encode;
pub mod report;
pub mod solver;
pub mod term;
pub mod testing;
pub mod verify;
