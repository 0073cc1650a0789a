//! Whole well-typed programs from a seed, as text, with runs to make with them.
//!
//! Types first, then state and host operations, then functions that may call the ones before them. An
//! expression is written for a type and knows, for integers, what it lies within; a careful program guards
//! what may fault, a careless one does so only sometimes.

mod author;
mod builtins;
mod comprehensions;
mod contracts;
mod declarations;
mod expression;
mod flow;
mod forms;
mod functions;
mod print;
mod program;
mod random;
mod runs;
mod scalars;
mod shrink;
mod types;
mod values;

pub use program::{Program, Run, RunLimits};

use author::Author;
pub(crate) use random::Random;

/// The program of a seed: always the same one.
#[must_use]
pub fn generate(seed: u64) -> Program {
    let mut author = Author::new(Random::new(seed));
    author.careful = author.random.chance(70);
    author.declare_types();
    let (state, invariants) = author.declare_state();
    let host = author.declare_host();
    let functions = author.write_functions(&state, &host);
    let runs = author.write_runs(&functions, &state, &host);
    Program { seed, types: author.types, state, invariants, host, functions, runs }
}

#[cfg(test)]
mod tests {
    use super::generate;

    #[test]
    fn a_seed_is_always_the_same_program() {
        for seed in 0..50 {
            assert_eq!(generate(seed).text(), generate(seed).text());
        }
    }
}
