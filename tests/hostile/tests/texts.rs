//! Hostile texts end in an error with a place or a valid run, on a small stack, within a second.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::field_reassign_with_default
)]
#![allow(missing_docs)]

use anrf_hostile_tests::inputs::{self, Inputs};
use anrf_hostile_tests::load;

/// Times the size of the input that may be live on the heap, for texts that are refused.
const REFUSED: usize = 64;

/// The same for dense programs: a list such as `[1, 1, 1]` has a token, two trees and an instruction for
/// every three bytes.
const DENSE: usize = 256;

fn check(inputs: Inputs, times: usize) {
    let mut broken = vec![];
    for (name, bytes) in inputs {
        // Kept by the test runner if the process dies, which is what an overflowing stack does.
        println!("{name}, {} bytes", bytes.len());
        match load(name, &bytes, times) {
            Ok(ending) => println!("  {}", format!("{ending:?}").chars().take(200).collect::<String>()),
            Err(problem) => broken.push(format!("{name}: {problem}")),
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn nesting() {
    check(inputs::nesting(), DENSE);
}

#[test]
fn scalars() {
    check(inputs::scalars(), REFUSED);
}

#[test]
fn characters() {
    check(inputs::characters(), REFUSED);
}

#[test]
fn definitions() {
    check(inputs::definitions(), DENSE);
}

#[test]
fn steps() {
    check(inputs::steps(), DENSE);
}

#[test]
fn runs() {
    check(inputs::runs(), REFUSED);
}
