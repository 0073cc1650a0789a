//! The verification corpus (`tests/corpus`): correct functions are proved but for those that
//! `tests/corpus/open` lists, and no wrong variant is.

#![allow(clippy::unwrap_used)] // a test may fail

mod examples;
mod table;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anrf::{Engine, Report, Verdict, VerifyOptions};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Every file of the corpus whose name begins so, in order.
fn files(beginning: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    for task in std::fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        if task.path().is_dir() {
            let files = std::fs::read_dir(task.path()).unwrap().map(|file| file.unwrap().path());
            found.extend(files.filter(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning))
            }));
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(folder()).unwrap().to_string_lossy().into_owned()
}

fn verify(engine: &Engine, path: &Path, tier: u8) -> Report {
    let module = engine.load_file(path).unwrap_or_else(|error| panic!("{}: {error}", name(path)));
    engine.verify(&module, &VerifyOptions { tier, cache: None, ..VerifyOptions::default() }).unwrap()
}

fn open(report: &Report) -> BTreeSet<String> {
    let obligations = report.functions.iter().flat_map(|function| &function.obligations);
    obligations.filter(|it| !it.verdict.is_proved()).map(|it| it.id.clone()).collect()
}

fn refuted(report: &Report) -> BTreeSet<String> {
    let obligations = report.functions.iter().flat_map(|function| &function.obligations);
    let refuted = obligations.filter(|it| matches!(it.verdict, Verdict::Refuted(_)));
    refuted.map(|it| it.id.clone()).collect()
}

/// Leaves a test out on a machine without solvers, and says so where skips are collected.
fn has_solvers(engine: &Engine) -> bool {
    let first = files("correct").into_iter().next().unwrap();
    if !verify(engine, &first, 3).solvers.is_empty() {
        return true;
    }
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
        std::io::Write::write_all(&mut log, b"corpus: no solver (`cargo xtask solvers`)\n").unwrap();
    }
    false
}

#[test]
fn correct_functions_are_proved() {
    let engine = Engine::new();
    if !has_solvers(&engine) {
        return;
    }
    let listed = std::fs::read_to_string(folder().join("open")).unwrap();
    let listed: BTreeSet<&str> = listed.lines().filter(|line| !line.starts_with('#')).collect();
    let mut wrong = String::new();
    let correct = files("correct");
    for path in &correct {
        let report = verify(&engine, path, 3);
        for id in refuted(&report) {
            let _ = writeln!(wrong, "{} is refuted: {id}", name(path));
        }
        for id in open(&report) {
            let line = format!("{} {id}", name(path));
            if !listed.contains(line.as_str()) {
                let _ = writeln!(wrong, "{line}");
            }
        }
    }
    assert_eq!(wrong, "", "neither proved nor listed as open");
    assert!(correct.len() >= 60, "{} tasks", correct.len());
}

#[test]
fn wrong_variants_are_not_proved() {
    let engine = Engine::new();
    if !has_solvers(&engine) {
        return;
    }
    let listed = std::fs::read_to_string(folder().join("open")).unwrap();
    let mut wrong = String::new();
    let variants = files("wrong");
    for path in &variants {
        let text = std::fs::read_to_string(path).unwrap();
        let mut header = text.lines();
        let fails = header.next().and_then(|line| line.strip_prefix("# fails: ")).map(str::trim);
        let witness = header.next().is_some_and(|line| line.trim() == "# witness: yes");
        let Some(fails) = fails else {
            let _ = writeln!(wrong, "{} does not say what fails", name(path));
            continue;
        };
        // A program that a run refutes needs no solver to be refused.
        if witness && refuted(&verify(&engine, path, 2)).contains(fails) {
            continue;
        }
        let report = verify(&engine, path, 3);
        let is_listed = listed.lines().any(|line| line == format!("{} not refuted", name(path)));
        if witness && !is_listed && !refuted(&report).contains(fails) {
            let _ = writeln!(wrong, "{}: no run shows `{fails}`: {:?}", name(path), refuted(&report));
        }
        let found = open(&report);
        if !found.contains(fails) {
            let _ = writeln!(wrong, "{}: `{fails}` is proved: {found:?}", name(path));
        }
    }
    assert_eq!(wrong, "");
    assert!(variants.len() >= 200, "{} variants", variants.len());
}
