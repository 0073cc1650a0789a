//! Breaks the verifier's encoder in ten ways and looks which of its tests notice: `tests/broken/README.md`.
//!
//! `cargo run --release -p anrf-tests --bin broken [NAME ...]` writes `tests/broken/found.md` if none is named.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::{Command, ExitCode};

use anrf_tests::seeded::{Place, bugs, revision, root};

/// Tests about proofs, in the order in which they are run until one fails.
const TESTS: [&str; 3] = ["agreement", "wrong", "proofs"];

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    match hunt(&names) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn hunt(names: &[String]) -> Result<bool, String> {
    let root = root()?;
    let bugs = bugs(&root.join("tests/broken"), names)?;
    let place = Place::named(&root, "broken");
    place.copy(&root)?;
    println!("testing the tree without mistakes");
    let failed = failed(&place)?;
    if !failed.is_empty() {
        return Err(format!("the tree without mistakes fails: {failed:?}"));
    }
    let mut table = String::from("| mistake | breaks | caught by |\n|---|---|---|\n");
    let mut all = true;
    for bug in bugs {
        place.apply(&bug, &[])?;
        let found = self::failed(&place);
        place.apply(&bug, &["--reverse"])?;
        let found = found?;
        all &= !found.is_empty();
        let by = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        println!("{}: {by}", bug.name);
        table += &format!("| `{}` | {} | {by} |\n", bug.name, bug.breaks);
    }
    if names.is_empty() {
        let text = format!(
            "# Broken encodings, and the tests that catch them\n\n\
             Written by `cargo run --release -p anrf-tests --bin broken` on revision {}.\n\n{table}",
            revision(&root)?
        );
        let path = root.join("tests/broken/found.md");
        std::fs::write(&path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(all)
}

/// The tests that fail, of the first file in which one does.
fn failed(place: &Place) -> Result<Vec<String>, String> {
    for test in TESTS {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&place.tree)
            .args(["test", "--package", "anrf-verification", "--test", test, "--", "--test-threads", "2"])
            .env("CARGO_TARGET_DIR", &place.build)
            .envs([("CARGO_INCREMENTAL", "1"), ("RUSTFLAGS", "-Awarnings")]);
        let output = cargo.output().map_err(|error| format!("cannot run {cargo:?}: {error}"))?;
        if output.status.success() {
            continue;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let failed = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        let failed: Vec<String> = failed.map(|name| format!("`{test}::{name}`")).collect();
        if failed.is_empty() {
            return Err(format!("{cargo:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        return Ok(failed);
    }
    Ok(vec![])
}
