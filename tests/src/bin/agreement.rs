//! Compares the verifier's encoding with the interpreter: `core/verification/tests/agreement/README.md`.
//!
//! `cargo run --release -p anrf-tests --bin agreement [--programs N] [--first SEED] [--runs N] [--kept N]
//! [--rounds N] [--only TEXT] [--evidence FILE]`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anrf_format::module::Source;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{Interpreter, Loaded};
use anrf_tests::compared::{expressions, modules};
use anrf_tests::generator::generate;
use anrf_verification::agreement::{Figures, Options, WANTED, compare};
use anrf_verification::solver::{Dialect, PoolOptions, ProcessSolver, Program};

const THREADS: usize = 2;
const STACK: usize = 8 << 20;

struct Wanted {
    programs: u64,
    first: u64,
    /// How often the expressions are compared, each time with other runs.
    rounds: u64,
    only: Option<String>,
    evidence: Option<PathBuf>,
    options: Options,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = match wanted(&arguments) {
        Ok(wanted) => wanted,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let Some(solver) = Program::find(Dialect::Z3).map(|it| ProcessSolver::new(it, PoolOptions::default()))
    else {
        eprintln!("there is no z3: `cargo xtask solvers`");
        return ExitCode::from(2);
    };
    let started = Instant::now();
    let jobs = jobs(&wanted);
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Figures::default());
    std::thread::scope(|scope| {
        let work = || {
            while let Some((name, text, seed)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut figures = Figures::default();
                let options = Options { seed: *seed, ..wanted.options.clone() };
                let compared = catch_unwind(AssertUnwindSafe(|| {
                    let loaded = load(text)?;
                    compare(name, &loaded, &solver, &options, &mut figures).map_err(|error| error.to_string())
                }));
                match compared {
                    Ok(Ok(())) => {}
                    Ok(Err(message)) => figures.differences.push(format!("{name}: {message}")),
                    Err(_) => figures.differences.push(format!("{name}: a panic")),
                }
                for difference in &figures.differences {
                    println!("=== {difference}\n");
                }
                if let Ok(mut sum) = sum.lock() {
                    sum.add(figures);
                }
            }
        };
        for _ in 0..THREADS {
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
    });
    let Ok(figures) = sum.into_inner() else { return ExitCode::from(2) };
    let missing = figures.missing();
    println!("{figures}\nunder {WANTED}: {missing:?}\n{:.0} s", started.elapsed().as_secs_f64());
    if let Some(path) = &wanted.evidence
        && let Err(error) = std::fs::write(path, evidence(&arguments, &figures, started.elapsed().as_secs()))
    {
        eprintln!("cannot write `{}`: {error}", path.display());
        return ExitCode::from(2);
    }
    if figures.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn load(text: &str) -> Result<Loaded, String> {
    let source = Source { name: "compared.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let Some(checked) = checked else {
        let messages: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
        return Err(format!("{messages:?}"));
    };
    let lowered = anrf_language::lowering::lower(checked).map_err(|error| format!("{error:?}"))?;
    Loaded::new(&Interpreter, &Arc::new(lowered.into_module())).map_err(|error| error.to_string())
}

fn wanted(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted =
        Wanted { programs: 0, first: 0, rounds: 1, only: None, evidence: None, options: Options::default() };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{name}` wants a number"));
        match name.as_str() {
            "--programs" => wanted.programs = number()?,
            "--first" => wanted.first = number()?,
            "--rounds" => wanted.rounds = number()?,
            "--runs" => wanted.options.runs = number()?,
            "--kept" => wanted.options.kept = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--only" => wanted.only = Some(value.clone()),
            "--evidence" => wanted.evidence = Some(value.into()),
            _ => return Err(format!("there is no option `{name}`")),
        }
    }
    Ok(wanted)
}

/// Name, text and the seed of the runs.
fn jobs(wanted: &Wanted) -> Vec<(String, String, u64)> {
    let mut jobs = vec![];
    for round in 0..wanted.rounds {
        let texts = modules().into_iter().chain(expressions());
        jobs.extend(texts.map(|(name, text)| (name, text, round)));
    }
    for seed in wanted.first..wanted.first + wanted.programs {
        jobs.push((format!("seed {seed}"), generate(seed).text(), seed));
    }
    if let Some(only) = &wanted.only {
        jobs.retain(|(name, ..)| name.contains(only));
    }
    jobs
}

fn evidence(arguments: &[String], figures: &Figures, seconds: u64) -> String {
    let revision = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let revision = revision.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let mut text = String::from("# The encoding compared with the interpreter\n\n");
    let _ = write!(
        text,
        "Written by `cargo run --release -p anrf-tests --bin agreement -- {}` on revision {} in {seconds} s. What is \
         compared: [README](../../core/verification/tests/agreement/README.md).\n\n{figures}",
        arguments.join(" "),
        revision.trim()
    );
    text
}
