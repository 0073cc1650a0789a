//! Tier 2: the search for a run that shows a defect. Inputs are made of the types, of what the code compares
//! with and of the examples; those that reach new code are changed further; what is found is made small.
//!
//! The interpreter alone decides what is a defect, so every one comes with a run that shows it. Results depend
//! on the seed and the bounds, not on the clock, unless [`TestOptions::max_time`] ends the search.

mod constants;
mod generate;
mod mutate;
mod random;
mod run;
mod scalars;
mod script;
mod search;
mod shrink;
mod simpler;

use std::sync::Arc;
use std::time::Duration;

use anrf_runtime::{Backend, Code, Error, Fields, Limit, Loaded, Outcome, TracingInterpreter};

use crate::report::Witness;

pub use run::Tester;

/// How long and how far is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOptions {
    /// Whether the function's own examples are run.
    pub examples: bool,
    /// Whether inputs are made up.
    pub property: bool,
    /// Two searches with one seed find the same.
    pub seed: u64,
    /// Runs that are made to find something.
    pub max_runs: u64,
    /// Charges of code and contracts of all those runs together.
    pub max_charges: u64,
    /// Runs that are made to shrink one defect.
    pub shrink_runs: u64,
    /// Charges of the code of one run; one that takes more shows nothing.
    pub fuel: u64,
    /// Charges of the contracts of one run.
    pub contract_budget: u64,
    /// A backstop: what a search finds that it ends depends on the machine.
    pub max_time: Duration,
    /// So many different defects are enough.
    pub max_defects: usize,
    /// So many runs are kept, to compare something else with the interpreter.
    pub kept_runs: usize,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            examples: true,
            property: true,
            seed: 0,
            max_runs: 4_000,
            max_charges: 20_000_000,
            shrink_runs: 1_500,
            fuel: 20_000,
            contract_budget: 200_000,
            max_time: Duration::from_secs(10),
            max_defects: 16,
            kept_runs: 0,
        }
    }
}

/// What a search came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// Runs that counted: their inputs met the conditions on entry.
    pub runs: u64,
    /// Runs of inputs that did not, or of answers that no host may give.
    pub discarded: u64,
    /// Runs that a limit ended.
    pub limited: u64,
    /// Whether some input met the conditions on entry.
    pub satisfied_entry: bool,
    /// One per obligation, in the order they were found.
    pub defects: Vec<Defect>,
    /// Runs whose inputs met the conditions on entry, as many as were asked for.
    pub kept: Vec<Observed>,
    /// Ways from one step to the next that were taken.
    pub edges: usize,
    /// Whether the function handles sensitive data: witnesses hold inputs that were made up, and values of the
    /// function's own examples and code, all of which a report has to redact.
    pub sensitive: bool,
    /// Whether the search ended before its bounds: cancelled, or out of time.
    pub cut_short: bool,
}

/// A run as it was, whether it shows anything or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What it was run with, and how it ended.
    pub run: Witness,
    /// The obligation that it breaks, if it does.
    pub breaks: Option<String>,
    /// State afterwards.
    pub after: Fields,
}

/// A check that fails, and the run that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// `function/step/kind/ordinal`; of a function that it calls, that one's.
    pub obligation: String,
    /// The run.
    pub witness: Witness,
}

/// What the run of one candidate shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A defect.
    Defect(Box<Defect>),
    /// Nothing is wrong with it.
    Holds(Outcome),
    /// The inputs or the state break this condition on entry.
    NotAnInput(String),
    /// The host answers what it must not.
    HostContract(String),
    /// A limit ended it.
    Limit(Limit),
    /// It cannot be run: a name or a type is wrong.
    Refused(Error),
}

/// The code that testers run: traced, so that a search sees where it gets. Made once for a module.
///
/// # Errors
/// What the interpreter cannot do.
pub fn testing_code(loaded: &Loaded) -> Result<Arc<dyn Code>, Error> {
    TracingInterpreter::new(|module| vec![vec![]; module.semantic.functions.len()]).compile(loaded.open()?)
}
