//! Two functions compared: by runs of both, and then for every input.

use std::time::Duration;

use anrf_format::module::Module;
use anrf_format::semantic::Function;
use anrf_runtime::{CancellationToken, Error, Fields, Limit, Loaded};

use super::product::Product;
use super::proof::Prover;
use super::{Effort, Silent, verify};
use crate::encode::Calls;
use crate::report::{Compared, Comparison, Difference, Effort as Spent, Method, Question, Seen, Unknown};
use crate::testing::{Shown, TestOptions, Tested, Tester, testing_code};

/// Runs of each function whose inputs the other is run with, too.
const COMPARED: usize = 400;

/// A function of a module.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Its module.
    pub loaded: &'a Loaded,
    /// Its index there.
    pub function: u32,
}

/// Compares two functions. That they are the same, or that one refines the other, is claimed only of functions
/// that are proved: what faults has no result to compare.
///
/// # Errors
/// If a module cannot be opened or run.
pub fn compare(
    first: Side<'_>,
    second: Side<'_>,
    question: Question,
    prover: &Prover,
    effort: &Effort,
    cancel: &CancellationToken,
) -> Result<Comparison, Error> {
    let found = |verdict, runs| Comparison { question, verdict, runs, effort: Spent::default() };
    let (one, other) = (first.loaded.open()?, second.loaded.open()?);
    if let Err(what) = comparable((one, first.function), (other, second.function)) {
        return Ok(found(Compared::Unknown(Unknown::Unsupported(what)), 0));
    }
    let mut runs = Runs::new(first, second, question, &effort.testing)?;
    let seen = runs.search(cancel);
    if let Some(difference) = seen.difference {
        return Ok(found(Compared::Differ(Box::new(difference)), seen.runs));
    }
    if effort.tier < 3 {
        return Ok(found(Compared::Unknown(Unknown::NotTried), seen.runs));
    }
    for side in [first, second] {
        let report = verify(side.loaded, Some(&[side.function]), prover, effort, &Silent, cancel)?;
        if let Some(function) = report.functions.iter().find(|function| !function.verdict.is_proved()) {
            let why = match &function.verdict {
                crate::report::Verdict::Unknown(Unknown::NoSolver) => Unknown::NoSolver,
                _ => Unknown::NotProved(function.function.clone()),
            };
            return Ok(found(Compared::Unknown(why), seen.runs));
        }
    }
    let calls = (Calls::of(one), Calls::of(other));
    let product = Product {
        first: (one, &calls.0, first.function),
        second: (other, &calls.1, second.function),
        question,
        prover,
        cancel,
    };
    let (mut verdict, spent, models) = product.decide();
    if !verdict.is_proved() {
        let shown = models.into_iter().find_map(|(inputs, state)| runs.differ(inputs, state, Method::Model));
        if let Some(difference) = shown {
            verdict = Compared::Differ(Box::new(difference));
        }
    }
    Ok(Comparison { question, verdict, runs: seen.runs, effort: spent })
}

/// Whether the interfaces can be compared; else what is in the way.
fn comparable((a, first): (&Module, u32), (b, second): (&Module, u32)) -> Result<(), String> {
    let function = |module: &Module, index: u32| -> Result<Function, String> {
        let known = module.semantic.functions.get(index as usize).cloned();
        known.ok_or_else(|| "a function that is not there".to_owned())
    };
    let (first, second) = (function(a, first)?, function(b, second)?);
    let inputs = |module: &Module, function: &Function| -> Vec<(String, String)> {
        let named = function.inputs.iter().map(|it| (it.name.clone(), module.types.name(it.type_id)));
        named.collect()
    };
    if inputs(a, &first) != inputs(b, &second) {
        return Err("a comparison of functions with other inputs".to_owned());
    }
    let outputs = |module: &Module, function: &Function| -> Vec<(String, String)> {
        let named = function.success.iter().map(|it| (it.name.clone(), module.types.name(it.type_id)));
        let mut named: Vec<_> = named.collect();
        named.sort();
        named
    };
    if outputs(a, &first) != outputs(b, &second) {
        return Err("a comparison of functions with other results".to_owned());
    }
    let other = a.semantic.state.iter().find(|variable| {
        let twin = b.semantic.state.iter().find(|other| other.name == variable.name);
        twin.is_some_and(|other| a.types.name(variable.type_id) != b.types.name(other.type_id))
    });
    if other.is_some() {
        return Err("a comparison of functions with other state".to_owned());
    }
    let host = |module: &Module, function: &Function| {
        let index = module.semantic.functions.iter().position(|it| it.node_id() == function.node_id());
        let index = index.and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::MAX);
        !Calls::of(module).invoked(index).is_empty()
    };
    if host(a, &first) || host(b, &second) {
        return Err("a comparison of functions that ask the host".to_owned());
    }
    Ok(())
}

/// Runs of two functions on the same inputs.
struct Runs {
    first: Tester,
    second: Tester,
    question: Question,
}

/// What runs came to.
struct Searched {
    runs: u64,
    difference: Option<Difference>,
}

impl Runs {
    fn new(
        first: Side<'_>,
        second: Side<'_>,
        question: Question,
        options: &TestOptions,
    ) -> Result<Self, Error> {
        let options =
            TestOptions { kept_runs: COMPARED, max_time: Duration::from_secs(5), ..options.clone() };
        Ok(Self {
            first: Tester::with_code(&testing_code(first.loaded)?, first.function, &options)?,
            second: Tester::with_code(&testing_code(second.loaded)?, second.function, &options)?,
            question,
        })
    }

    /// Runs each with inputs that were made up for the other; of the differences the one with the least text.
    fn search(&mut self, cancel: &CancellationToken) -> Searched {
        let (one, other) = (self.first.search(Some(cancel)), self.second.search(Some(cancel)));
        let (mut runs, mut found): (u64, Vec<Difference>) = (0, vec![]);
        let given = |tested: &Tested| -> Vec<_> {
            let shown = tested.defects.iter().map(|defect| &defect.witness);
            let kept = tested.kept.iter().filter(|it| it.breaks.is_none()).map(|it| &it.run);
            shown.chain(kept).map(|run| (run.inputs.clone(), run.state.clone(), run.method)).collect()
        };
        for (inputs, state, method) in given(&one).into_iter().chain(given(&other)) {
            if cancel.is_cancelled() {
                break;
            }
            runs += 1;
            found.extend(self.differ(inputs, state, method));
        }
        let size = |found: &Difference| format!("{:?}{:?}", found.inputs, found.state).len();
        Searched { runs, difference: found.into_iter().min_by_key(size) }
    }

    /// Runs both; what they do, if it answers the question with no.
    fn differ(&mut self, inputs: Fields, state: Fields, method: Method) -> Option<Difference> {
        let first = seen(self.first.run_candidate(inputs.clone(), state.clone(), vec![]))?;
        let second = seen(self.second.run_candidate(inputs.clone(), state.clone(), vec![]))?;
        let differ = match self.question {
            Question::Equivalent => !first.is_like(&second),
            // The results may be others that the contract allows, too; that is not for runs to say.
            Question::Refines => {
                matches!(second, Seen::Ends(ref outcome) if !is_fault(outcome))
                    && match &first {
                        Seen::Refuses(_) => true,
                        Seen::Ends(outcome) => is_fault(outcome),
                    }
            }
        };
        differ.then_some(Difference { inputs, state, first, second, method })
    }
}

fn is_fault(outcome: &anrf_runtime::Outcome) -> bool {
    matches!(outcome, anrf_runtime::Outcome::Fault(_))
}

/// What a run says of a function; `None` if nothing.
fn seen(shown: Shown) -> Option<Seen> {
    match shown {
        Shown::Holds(outcome) => Some(Seen::Ends(outcome)),
        Shown::Defect(defect) => Some(Seen::Ends(defect.witness.outcome)),
        Shown::NotAnInput(condition) => Some(Seen::Refuses(condition)),
        Shown::HostContract(_) | Shown::Limit(Limit::Cancelled) | Shown::Limit(_) | Shown::Refused(_) => None,
    }
}
