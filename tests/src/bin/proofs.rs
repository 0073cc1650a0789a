//! Verifies the correct functions of the corpus without a cache and writes what their proofs took to
//! `tests/evidence/verification.md`.
//!
//! `cargo run --release -p anrf-tests --bin proofs` wants a machine that has nothing else to do.
#![allow(clippy::print_stderr, reason = "a program for people")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anrf::{Engine, VerifyOptions};

fn main() -> ExitCode {
    match measure() {
        Ok(text) => {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("evidence/verification.md");
            if let Err(error) = std::fs::write(&file, text) {
                eprintln!("cannot write `{}`: {error}", file.display());
                return ExitCode::from(2);
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// One obligation that reached a solver.
struct Asked {
    name: String,
    micros: u64,
    working: u64,
}

fn measure() -> Result<String, String> {
    let engine = Engine::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (mut asked, mut plain, mut open, mut solvers) = (vec![], 0_usize, vec![], vec![]);
    let (mut whole, mut tested) = (Duration::ZERO, Duration::ZERO);
    let files = correct(&corpus)?;
    for path in &files {
        let module = engine.load_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let options = VerifyOptions { cache: None, ..VerifyOptions::default() };
        let start = Instant::now();
        let without = VerifyOptions { tier: 2, ..options.clone() };
        let _ = engine.verify(&module, &without).map_err(|error| error.to_string())?;
        tested += start.elapsed();
        let start = Instant::now();
        let report = engine.verify(&module, &options).map_err(|error| error.to_string())?;
        whole += start.elapsed();
        solvers.clone_from(&report.solvers);
        for obligation in report.functions.iter().flat_map(|function| &function.obligations) {
            let effort = &obligation.effort;
            if !obligation.verdict.is_proved() {
                open.push(obligation.id.clone());
            }
            if effort.asked == 0 {
                plain += 1;
            } else {
                let (micros, working) = (effort.solver_micros, effort.working_micros);
                asked.push(Asked { name: obligation.id.clone(), micros, working });
            }
        }
    }
    if solvers.is_empty() {
        return Err("no solver was found (`cargo xtask solvers`)".to_owned());
    }
    asked.sort_by_key(|it| it.micros);
    let at = |part: usize| asked.get(asked.len() * part / 100).map_or(0, |it| it.micros);
    let (total, working) =
        asked.iter().fold((0, 0), |(total, working), it| (total + it.micros, working + it.working));
    let names: Vec<String> = solvers.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let mut text =
        "# What proofs take\n\nWritten by `cargo run --release -p anrf-tests --bin proofs`.\n\n".to_owned();
    let milliseconds = |micros: u64| format!("{}.{} ms", micros / 1000, micros % 1000 / 100);
    let above = |time: u64| time.saturating_sub(working) * 100 / working.max(1);
    let (overhead, all_of_it) = (above(total), above(micros(whole.saturating_sub(tested))));
    for (what, value) in [
        ("solvers", names.join(", ")),
        ("files", files.len().to_string()),
        ("obligations closed without a solver", plain.to_string()),
        ("obligations that reached a solver", asked.len().to_string()),
        ("not proved", open.len().to_string()),
        ("median", milliseconds(at(50))),
        ("95 of 100 within", milliseconds(at(95))),
        ("longest", milliseconds(asked.last().map_or(0, |it| it.micros))),
        ("solvers at work", milliseconds(working)),
        ("above that, from question to answer", format!("{overhead} %")),
        ("above that, all of tier 3 with making the questions", format!("{all_of_it} %")),
        ("verification of all files, with tests and runs before", milliseconds(micros(whole))),
    ] {
        let _ = writeln!(text, "- {what}: {value}");
    }
    for id in &open {
        let _ = writeln!(text, "  - `{id}`");
    }
    text.push_str(
        "\n## The longest\n\n| obligation | from question to answer | solvers at work |\n|---|---|---|\n",
    );
    for it in asked.iter().rev().take(20) {
        let _ =
            writeln!(text, "| `{}` | {} | {} |", it.name, milliseconds(it.micros), milliseconds(it.working));
    }
    Ok(text)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The correct function of each task, in order.
fn correct(corpus: &Path) -> Result<Vec<PathBuf>, String> {
    let tasks = std::fs::read_dir(corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut found: Vec<PathBuf> = tasks.flatten().map(|task| task.path().join("correct.vsp")).collect();
    found.retain(|path| path.is_file());
    found.sort();
    Ok(found)
}
