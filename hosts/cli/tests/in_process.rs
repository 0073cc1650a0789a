//! `anrf` with Z3 built in: the feature `z3-in-process`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic")]

mod program;

use program::{anrf, has_solver, is, without};

#[test]
fn it_stands_in_where_there_is_no_program() {
    let document = is("verify", &without(&["verify", "halve.vsp", "--format", "json"]).code(0));
    assert_eq!(document["functions"][0]["verdict"], "proved");
    assert_eq!(document["solvers"].as_array().unwrap().len(), 1);
    assert_eq!(document["solvers"][0]["name"], "z3-in-process");
    without(&["verify", "halve.vsp", "--explain"]).code(0).prints("rests on");
    without(&["verify", "tally.vsp"]).code(1).prints("refuted");
}

#[test]
fn where_there_is_a_program_it_is_asked_by_name() {
    if !has_solver() {
        return;
    }
    let solvers = |arguments: &[&str]| {
        let document = is("verify", &anrf(arguments).code(0));
        let names = document["solvers"].as_array().unwrap().iter();
        names.map(|solver| solver["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!solvers(&["verify", "halve.vsp", "--format", "json"]).contains(&"z3-in-process".to_owned()));
    let named = ["verify", "halve.vsp", "--solver", "z3-in-process", "--format", "json"];
    assert_eq!(solvers(&named), ["z3-in-process"]);
    let both = ["verify", "halve.vsp", "--solver", "z3", "--solver", "z3-in-process", "--cross-check"];
    anrf(&both).code(0).prints("1 proved");
}

#[test]
fn the_version_lists_it() {
    let document = without(&["--version", "--format", "json"]).code(0).json();
    assert_eq!(document["solvers"], serde_json::json!(["z3-in-process"]));
}

/// A program that ends while threads of Z3 are at work ends as it wanted to.
#[test]
fn the_program_ends_cleanly() {
    for _ in 0..10 {
        without(&["verify", "tally.vsp", "--budget", "0.05"]).code(1);
    }
}
