//! Running generated programs and comparing every way to the same meaning.

mod coverage;
mod examine;
mod progress;
mod record;

pub use coverage::{Coverage, WANTED};
pub use examine::{Failure, examine};
pub use progress::Progress;
pub use record::Record;

use crate::generator::Program;

/// The smallest program found that fails in the same way.
#[must_use]
pub fn shrink(engine: &anrf::Engine, program: &Program, failure: &Failure) -> Program {
    program.shrink(&mut |candidate| {
        let found = examine(engine, candidate, &mut Coverage::default());
        matches!(found, Err(found) if found.signature == failure.signature)
    })
}
