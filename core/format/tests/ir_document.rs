//! `docs/ir.md` has a row for every instruction, check, fold and terminator, in the order of the code, and no
//! others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::fs;
use std::path::Path;

use anrf_format::execution::{Check, Fold, Op, Terminator};

fn rows(section: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ir.md");
    let text = fs::read_to_string(path).unwrap();
    let body = text.split("\n## ").find(|part| part.starts_with(section)).unwrap_or_default();
    let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    body.lines().filter_map(name).collect()
}

#[test]
fn every_instruction_is_documented() {
    assert_eq!(rows("Instructions"), Op::NAMES);
}

#[test]
fn every_check_is_documented() {
    assert_eq!(rows("Checks"), Check::NAMES);
}

#[test]
fn every_fold_is_documented() {
    assert_eq!(rows("Folds"), Fold::NAMES);
}

#[test]
fn every_terminator_is_documented() {
    assert_eq!(rows("Ends of blocks"), Terminator::NAMES);
}
