//! The real solvers, each of which must be on the machine: `cargo xtask solvers` brings them.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "solvers/cases.rs"]
mod cases;

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Dialect, Features, Limits, PoolOptions, Portfolio, PortfolioOptions, ProcessSolver, Program,
    Query, Solver,
};

/// Runs a test on each solver that is here and knows the features.
fn each(features: Features, test: impl Fn(&ProcessSolver)) {
    for dialect in Dialect::ALL {
        let Some(program) = Program::find(dialect) else {
            skip(dialect.name());
            continue;
        };
        let solver = ProcessSolver::new(program, PoolOptions::default());
        if solver.features().contains(features) {
            eprintln!("{}", solver.name());
            test(&solver);
        }
    }
}

fn skip(name: &str) {
    use std::io::Write;

    eprintln!("{name} is not installed");
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        writeln!(log, "{name}: not installed (`cargo xtask solvers`)").unwrap();
    }
}

#[test]
fn values_are_asked_in_rounds_and_the_process_is_used_again() {
    each(cases::bits_features(), |solver| {
        cases::values_are_asked_in_rounds(solver);
        let report = solver.report();
        assert_eq!((report.started, report.reused, report.replaced), (1, 2, vec![]));
    });
}

#[test]
fn a_core_names_what_the_contradiction_rests_on() {
    each(cases::bits_features(), |solver| cases::a_core_names_what_the_contradiction_rests_on(solver));
}

#[test]
fn every_kind_of_value_is_read() {
    let features = Features::ALL.without(Features::QUANTIFIERS | Features::RECURSION);
    each(features, |solver| cases::every_kind_of_value_is_read(solver));
}

#[test]
fn resources_end_before_the_clock_and_always_at_the_same_place() {
    each(Features::BIT_VECTORS, |solver| {
        cases::resources_end_before_the_clock_and_always_at_the_same_place(solver);
    });
}

#[test]
fn a_script_with_an_error_has_no_answer_and_harms_no_later_one() {
    each(Features::BIT_VECTORS, |solver| {
        cases::a_script_with_an_error_has_no_answer_and_harms_no_later_one(solver);
    });
}

#[test]
fn what_a_process_answered_before_changes_nothing() {
    let features = Features::BIT_VECTORS | Features::FUNCTIONS | Features::ARRAYS;
    each(features, |solver| assert!(cases::earlier_answers_change_nothing(solver)));
}

#[test]
fn how_a_process_was_asked_changes_nothing() {
    each(Features::ALL, |solver| assert!(cases::how_it_was_asked_changes_nothing(solver)));
}

#[test]
fn versions_are_told() {
    each(Features::NONE, |solver| {
        cases::the_version_is_told(solver);
        assert_eq!(solver.report().started, 1);
    });
}

#[test]
fn every_combination_of_features_is_a_logic() {
    each(Features::NONE, |solver| cases::every_combination_of_features_is_a_logic(solver));
}

/// Not only that there is an answer, but that the whole race gives it.
#[test]
fn the_installed_solvers_agree() {
    let options = PortfolioOptions { cross_check: true, ..PortfolioOptions::default() };
    let portfolio = Portfolio::installed(PoolOptions::default(), options);
    if portfolio.solvers().len() < Dialect::ALL.len() {
        return skip("a race of all solvers");
    }
    let features = cases::bits_features();
    let script = cases::BITS.to_owned() + "(assert (not (f #x03)))";
    let query = Query { script: &script, features, wants_core: false, by_patterns: false };
    let solved = portfolio.solve(&query, &Limits::default(), &CancellationToken::new()).unwrap();
    assert_eq!(solved.answer, Answer::Unsat);
    let answers: Vec<_> = solved.runs.iter().map(|run| (run.solver.as_str(), run.outcome.clone())).collect();
    let unsat = || Some(Ok(Answer::Unsat));
    assert_eq!(answers, [("z3", unsat()), ("cvc5", unsat()), ("bitwuzla", unsat())]);
}

#[test]
fn memory_is_limited() {
    for dialect in Dialect::ALL {
        let Some(program) = Program::find(dialect) else { return skip(dialect.name()) };
        let options = PoolOptions { memory_megabytes: 200, ..PoolOptions::default() };
        cases::memory_is_limited(&ProcessSolver::new(program, options));
    }
}
