//! `anrf compare`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{anrf, is};

#[test]
fn backends_end_alike() {
    let compare = |more: &[&str]| anrf(&[&["compare", "halve.vsp", "-n", "200"], more].concat());
    compare(&[]).code(0).prints("halve").prints("200 runs").prints("alike");
    let found = is("compare", &compare(&["--format", "json"]).code(0));
    assert_eq!(found["functions"][0]["runs"], 200);
    assert!(found["functions"][0]["divergence"].is_null());
    compare(&["--backends", "interpreter,interpreter", "--seed", "7"]).code(0).prints("alike");
    compare(&["--backends", "interpreter"]).code(2).says("names two");
    compare(&["--backends", "interpreter,quick"]).code(2).says("cranelift");
    compare(&["--function", "none"]).code(2).says("none");
}
