//! Everything that must hold, part by part.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::process::{cargo, is_present, root, target_folder, watch};
use crate::report::{AllowedSkips, Part, be_strict, seconds, summary};
use crate::{Outcome, solvers, tidy};

/// Names the file to which a test that this machine cannot run appends one line, `name: reason`, before
/// it returns.
const SKIP_LOG: &str = "ANRF_SKIP_LOG";

/// Runs every part, also after one has failed, and ends with the table.
pub(crate) fn run(is_strict: bool) -> Outcome {
    let root = root()?;
    let allowed = std::fs::read_to_string(root.join("tests/allowed-skips"))
        .map_err(|error| format!("cannot read tests/allowed-skips: {error}"))?;
    let allowed = AllowedSkips::parse(&allowed)?;

    let _ = solvers::bring();
    let mut parts = lints(&root)?;
    parts.push(unit_tests(&root)?);
    parts.push(doc_tests(&root)?);
    parts.push(z3_in_process(&root)?);
    parts.push(hostile(&root)?);
    if is_strict {
        parts.push(fuzzing(&root)?);
    }
    parts.push(documentation(&root)?);
    parts.push(book(&root)?);
    parts.push(licences(&root)?);

    println!();
    if is_strict {
        be_strict(&mut parts, &allowed);
    }
    print!("{}", summary(&parts));
    finish(&parts)
}

/// Formatting, clippy and tidy only.
pub(crate) fn lint() -> Outcome {
    let parts = lints(&root()?)?;
    println!();
    print!("{}", summary(&parts));
    finish(&parts)
}

fn finish(parts: &[Part]) -> Outcome {
    let failed: Vec<&str> = parts.iter().filter(|part| part.failed > 0).map(|part| part.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

fn lints(root: &Path) -> Outcome<Vec<Part>> {
    let format = part("formatting", |part| single(part, cargo(root).args(["fmt", "--all", "--check"])))?;
    let clippy = part("clippy", |part| {
        let arguments = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
        single(part, cargo(root).args(arguments))
    })?;
    let tidy = part("tidy", |part| {
        match tidy::run() {
            Ok(()) => part.passed = 1,
            Err(message) => {
                println!("{message}");
                part.failed = 1;
            }
        }
        Ok(())
    })?;
    Ok(vec![format, clippy, tidy])
}

fn unit_tests(root: &Path) -> Outcome<Part> {
    let log = target_folder()?.join(format!("skips-{}", std::process::id()));
    let has_nextest = is_present("cargo", &["nextest", "--version"]);
    let mut command = cargo(root);
    if has_nextest {
        command.args(["nextest", "run", "--workspace", "--no-tests", "pass", "--no-fail-fast"]);
        command.args(["--status-level", "slow", "--final-status-level", "skip"]);
    } else {
        println!("(cargo-nextest is not installed: running the tests with `cargo test`, which takes longer)");
        command.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast", "--quiet"]);
    }
    command.env(SKIP_LOG, &log);
    part("tests", |part| {
        counted(part, &mut command, if has_nextest { of_nextest } else { of_libtest })?;
        // No log means that no test skipped itself.
        for line in std::fs::read_to_string(&log).unwrap_or_default().lines() {
            println!("skipped {line}");
            part.skipped.push(line.to_owned());
        }
        drop(std::fs::remove_file(&log));
        Ok(())
    })
}

fn doc_tests(root: &Path) -> Outcome<Part> {
    part("examples in documentation", |part| {
        counted(
            part,
            cargo(root).args(["test", "--workspace", "--doc", "--no-fail-fast", "--quiet"]),
            of_libtest,
        )
    })
}

/// Inputs that mean harm: a workspace of its own, as it is built with other features.
fn hostile(root: &Path) -> Outcome<Part> {
    let target = target_folder()?.join("hostile");
    part("hostile inputs", |part| {
        let mut command = cargo(&root.join("tests/hostile"));
        command.args(["test", "--locked", "--quiet"]).env("CARGO_TARGET_DIR", &target);
        counted(part, &mut command, of_libtest)
    })
}

/// Z3 linked into the process, which is no part of the workspace's own build: it needs libz3, and has the one that
/// came with the program.
fn z3_in_process(root: &Path) -> Outcome<Part> {
    let target = target_folder()?;
    part("Z3 in process", |part| {
        let Some(library) = solvers::z3_library(&target) else {
            part.skipped.push("z3-in-process: libz3 is not installed (`cargo xtask solvers`)".to_owned());
            return Ok(());
        };
        // All of the workspace, so that what the tests have built serves here too; but programs of its own, as
        // they need the library to start.
        let prepare = |command: &mut Command| {
            command.args(["--workspace", "--features", "anrf-z3/linked,anrf-cli/z3-in-process", "--quiet"]);
            command.args(["--test", "in_process", "--test", "in_process_memory"]);
            solvers::link_z3(command, &library);
            command.env("CARGO_BUILD_BUILD_DIR", &target).env("CARGO_TARGET_DIR", target.join("z3"));
        };
        let mut clippy = cargo(root);
        prepare(clippy.arg("clippy"));
        single(part, clippy.args(["--", "-D", "warnings"]))?;
        let mut tests = cargo(root);
        prepare(tests.arg("test"));
        counted(part, tests.arg("--no-fail-fast"), of_libtest)
    })
}

/// A minute of fuzzing, a quarter for each target.
fn fuzzing(root: &Path) -> Outcome<Part> {
    part("fuzzing", |part| {
        if is_present("c++", &["--version"]) {
            single(part, Command::new(root.join("tests/fuzz/run")).args(["ci", "15"]).current_dir(root))
        } else {
            part.skipped.push("fuzzing: there is no C++ compiler for libFuzzer".to_owned());
            Ok(())
        }
    })
}

fn documentation(root: &Path) -> Outcome<Part> {
    part("documentation", |part| {
        let mut command = cargo(root);
        command
            .args(["doc", "--workspace", "--lib", "--no-deps", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings");
        single(part, &mut command)
    })
}

fn book(root: &Path) -> Outcome<Part> {
    part("book", |part| {
        if is_present("mdbook", &["--version"]) {
            single(part, Command::new("mdbook").args(["build", "docs"]).current_dir(root))
        } else {
            part.skipped.push("book: mdbook is not installed (`cargo install mdbook`)".to_owned());
            Ok(())
        }
    })
}

fn licences(root: &Path) -> Outcome<Part> {
    part("licences and advisories", |part| {
        if is_present("cargo", &["deny", "--version"]) {
            single(part, cargo(root).args(["deny", "check"]))
        } else {
            part.skipped.push("cargo-deny: not installed (`cargo install cargo-deny`)".to_owned());
            Ok(())
        }
    })
}

fn part(name: &'static str, work: impl FnOnce(&mut Part) -> Outcome) -> Outcome<Part> {
    println!("\n== {name}");
    let begin = Instant::now();
    let mut part = Part { name, ..Part::default() };
    work(&mut part)?;
    part.duration = begin.elapsed();
    let verdict = match (part.failed, part.passed) {
        (0, 0) => "skipped",
        (0, _) => "passed",
        _ => "FAILED",
    };
    println!("-- {name}: {verdict} in {}", seconds(part.duration));
    Ok(part)
}

/// A part that is one check.
fn single(part: &mut Part, command: &mut Command) -> Outcome {
    if watch(command, |_| {})? {
        part.passed = 1;
    } else {
        part.failed = 1;
    }
    Ok(())
}

/// A part that counts its own tests: how the lines that hold the counts are read.
fn counted(part: &mut Part, command: &mut Command, read: fn(&mut Part, &str)) -> Outcome {
    let is_fine = watch(command, |line| read(part, line.trim()))?;
    if !is_fine && part.failed == 0 {
        // It did not get as far as running them.
        part.failed = 1;
    } else if is_fine && part.passed == 0 && part.skipped.is_empty() {
        part.passed = 1;
    }
    Ok(())
}

/// Reads a line of cargo-nextest. What libtest said inside a failed test is not counted again.
fn of_nextest(part: &mut Part, line: &str) {
    if let Some((_, name)) = line.strip_prefix("SKIP [").and_then(|rest| rest.split_once(']')) {
        part.skipped.push(format!("{}: marked as ignored", name.trim()));
    } else if let Some((_, counts)) =
        line.strip_prefix("Summary [").and_then(|rest| rest.split_once(" run: "))
    {
        add(part, counts);
    }
}

/// Reads a line of libtest.
fn of_libtest(part: &mut Part, line: &str) {
    if let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) {
        add(part, counts);
    }
}

/// Adds up counts like `3 passed; 1 failed; 0 ignored`.
fn add(part: &mut Part, counts: &str) {
    for count in counts.split([',', ';']) {
        let mut words = count.split_whitespace();
        let (Some(number), Some(kind)) = (words.next(), words.next()) else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match kind {
            "passed" => part.passed += number,
            "failed" | "timed" => part.failed += number,
            // libtest does not say which.
            "ignored" => part.skipped.extend((0..number).map(|_| "ignored: marked as ignored".to_owned())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(read: fn(&mut Part, &str), lines: &[&str]) -> (u64, u64, Vec<String>) {
        let mut part = Part::default();
        lines.iter().for_each(|line| read(&mut part, line));
        (part.passed, part.failed, part.skipped)
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        let lines = [
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.10s",
            "Summary [   0.005s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 1 skipped",
            "SKIP [         ] anrf-tests::ffi from_python",
        ];
        let skipped = vec!["anrf-tests::ffi from_python: marked as ignored".to_owned()];
        assert_eq!(counts(of_nextest, &lines), (9, 3, skipped));
    }

    #[test]
    fn the_summaries_of_libtest_add_up() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(counts(of_libtest, &lines), (7, 1, vec![]));
    }
}
