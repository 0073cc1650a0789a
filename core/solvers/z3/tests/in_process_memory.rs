//! Memory of Z3 has one limit in a process, so this test has a process of its own.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail

#[path = "../../../verification/tests/solvers/cases.rs"]
mod cases;

use anrf_z3::{Z3, Z3Options};

#[test]
fn memory_is_limited() {
    cases::memory_is_limited(&Z3::new(Z3Options { memory_megabytes: 200, ..Z3Options::default() }));
}
