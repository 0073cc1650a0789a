//! The interpreter: the execution layer compiled to register code, and the machine that runs it. It is the
//! meaning of the language; other backends are compared with it.

mod calls;
mod coalesce;
mod code;
mod compile;
mod describe;
mod entry;
mod execute;
mod fault;
mod fusion;
mod instance;
mod machine;
mod moves;
mod operation;
mod perform;
mod pool;
mod region;
mod reuse;
mod scalar;
mod slow;
mod terminator;
#[cfg(test)]
mod tests;
mod threading;
mod trace;
mod widen;

pub use instance::Interpreter;
pub use trace::{NamedValue, Names, TracingInterpreter};
