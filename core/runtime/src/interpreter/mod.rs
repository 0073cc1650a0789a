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
mod flow;
mod fusion;
mod instance;
mod machine;
mod moves;
mod native;
mod operands;
mod operation;
mod perform;
mod pool;
mod program;
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

/// Register code, for compilers that make machine code of it.
pub mod register_code {
    pub use super::code::{CallSite, Code, InvokeSite, List, Reclaim, Register, Slow};
    pub use super::flow::{Flow, Place, successors};
    pub use super::instance::accelerated;
    pub use super::native::{Compiler, Context, Entry, Exit, NativeCode, NativeRun, Step, Tier};
    pub use super::operands::Operand;
    pub use super::program::{Compiled, NO_TARGET, Program, Roles, Site};
    pub use crate::arena::{GUARD_BYTES, LEAST_RECLAIMED, SEQUENCE_HEAD, SHARED};
}

pub use instance::Interpreter;
pub use trace::{NamedValue, Names, TracingInterpreter};
