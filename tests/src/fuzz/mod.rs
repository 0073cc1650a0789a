//! Running generated programs and comparing every way to the same meaning.

mod compiled;
mod coverage;
mod examine;
mod progress;
mod record;
mod second;

pub use compiled::compiled;
pub use coverage::{Coverage, WANTED};
pub use examine::{Failure, examine};
pub use progress::Progress;
pub use record::Record;
pub use second::{Compared, second};

use crate::generator::Program;

/// The smallest program found that fails in the same way.
#[must_use]
pub fn shrink(
    engine: &anrf::Engine,
    other: Option<&anrf::Engine>,
    program: &Program,
    failure: &Failure,
) -> Program {
    program.shrink(&mut |candidate| {
        if let (Some(other), compiled::DIFFERS) = (other, failure.kind.as_str()) {
            let found = compiled(engine, other, candidate);
            return matches!(found, Err(found) if found.signature == failure.signature);
        }
        let found = examine(engine, candidate, &mut Coverage::default()).map(drop);
        let found = found.and_then(|()| match failure.kind == second::DIFFERS {
            true => second(engine, candidate, &mut Compared::default()),
            false => Ok(()),
        });
        matches!(found, Err(found) if found.signature == failure.signature)
    })
}

#[cfg(test)]
mod tests {
    use super::{Compared, Coverage, examine, second};
    use crate::generator::generate;

    #[test]
    fn generated_programs_hold_and_the_reference_agrees() {
        let work = || {
            let engine = anrf::Engine::new();
            let (mut coverage, mut compared) = (Coverage::default(), Compared::default());
            for seed in 0..60 {
                let program = generate(seed);
                examine(&engine, &program, &mut coverage).unwrap_or_else(|it| panic!("{seed}: {it:?}"));
                second(&engine, &program, &mut compared).unwrap_or_else(|it| panic!("{seed}: {it:?}"));
            }
            compared
        };
        let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread");
        let compared = worker.join().expect("no difference");
        assert!(compared.agree > 100, "{compared:?}");
    }
}
