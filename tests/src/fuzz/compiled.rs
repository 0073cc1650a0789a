//! Machine code has to come to what the interpreter comes to.

use anrf::Engine;

use super::examine::{Failure, checked, execute, facts};
use crate::generator::Program;

/// The kind of such a failure.
pub(super) const DIFFERS: &str = "machine code differs";

/// Runs a program by an engine that makes machine code too, and compares.
///
/// # Errors
/// The first run that differs.
pub fn compiled(engine: &Engine, other: &Engine, program: &Program) -> Result<(), Failure> {
    let text = program.text();
    let (module, machine) = (checked(engine, &text, "rejected")?, checked(other, &text, "rejected")?);
    for run in &program.runs {
        let (expected, found) = (execute(&module, run)?, execute(&machine, run));
        let found = found.map_or_else(|failure| failure.detail, |found| facts(&found));
        let expected = facts(&expected);
        if expected != found {
            return Err(Failure::new(DIFFERS, format!("{}\n{expected}\n---\n{found}", run.function)));
        }
    }
    Ok(())
}
