//! Compares the verifier's encoding with the interpreter: `core/verification/tests/agreement/README.md`.
//!
//! `cargo run --release -p anrf-tests --bin agreement [--programs N] [--first SEED] [--runs N] [--kept N]
//! [--rounds N] [--minutes N] [--only TEXT] [--evidence FILE]`
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
    /// How often at most what stands in few comparisons is compared, each time with other runs.
    rounds: u64,
    /// Nothing is begun after so many minutes.
    minutes: u64,
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
    let mut figures = Figures::default();
    let mut jobs = jobs(&wanted);
    for round in 0..wanted.rounds {
        let found = work(&jobs, round, &wanted, started, &solver);
        for (_, its) in &found {
            figures.add(its.clone());
        }
        eprintln!("{} comparisons, {:.0} s", figures.comparisons(), started.elapsed().as_secs_f64());
        // What stands in few comparisons is compared again, with other runs.
        jobs = found.into_iter().filter(|(_, its)| its.helps(&figures)).map(|(job, _)| job).collect();
    }
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

/// Name and text.
type Job = (String, String);

/// Compares each job, with the runs of a round.
fn work(
    jobs: &[Job],
    round: u64,
    wanted: &Wanted,
    started: Instant,
    solver: &ProcessSolver,
) -> Vec<(Job, Figures)> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(vec![]);
    std::thread::scope(|scope| {
        let work = || {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                if started.elapsed().as_secs() >= wanted.minutes.saturating_mul(60) {
                    break;
                }
                let (name, text) = job;
                let mut figures = Figures::default();
                let options = Options { seed: round, ..wanted.options.clone() };
                let compared = catch_unwind(AssertUnwindSafe(|| {
                    let loaded = load(text)?;
                    compare(name, &loaded, solver, &options, &mut figures).map_err(|error| error.to_string())
                }));
                match compared {
                    Ok(Ok(())) => {}
                    Ok(Err(message)) => figures.differences.push(format!("{name}: {message}")),
                    Err(_) => figures.differences.push(format!("{name}: a panic")),
                }
                for difference in &figures.differences {
                    println!("=== {difference}\n");
                }
                if let Ok(mut all) = all.lock() {
                    all.push((job.clone(), figures));
                }
            }
        };
        for _ in 0..THREADS {
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
    });
    all.into_inner().unwrap_or_default()
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
    let mut wanted = Wanted {
        programs: 0,
        first: 0,
        rounds: 1,
        minutes: u64::MAX / 60,
        only: None,
        evidence: None,
        options: Options::default(),
    };
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
            "--minutes" => wanted.minutes = number()?,
            "--only" => wanted.only = Some(value.clone()),
            "--evidence" => wanted.evidence = Some(value.into()),
            _ => return Err(format!("there is no option `{name}`")),
        }
    }
    Ok(wanted)
}

fn jobs(wanted: &Wanted) -> Vec<Job> {
    let mut jobs = [modules(), expressions()].concat();
    for seed in wanted.first..wanted.first + wanted.programs {
        jobs.push((format!("seed {seed}"), generate(seed).text()));
    }
    if let Some(only) = &wanted.only {
        jobs.retain(|(name, _)| name.contains(only));
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
