//! Takes generated programs through every layer and compares the ways.
//!
//! `cargo xtask fuzz --programs N | --minutes N [--seed S] [--save FILE] [--threads N] [--keep-going]`, or
//! `--print SEED` for the program of one seed. A run is resumed by giving the next seed, which it prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anrf::Engine;
use anrf_tests::fuzz::{Coverage, Failure, examine, shrink};
use anrf_tests::generator::generate;

const USAGE: &str = "fuzz --programs N | --minutes N [--seed S] [--save FILE] [--threads N] [--keep-going]\n\
                     fuzz --print SEED";

/// The promise is that everything works on a thread with so much stack.
const STACK: usize = 256 << 10;

struct Options {
    programs: u64,
    time: Option<Duration>,
    seed: u64,
    save: Option<String>,
    threads: usize,
    keep_going: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--print", seed] => {
            let Ok(seed) = seed.parse() else { return usage("the seed is no number") };
            print(seed);
            ExitCode::SUCCESS
        }
        ref arguments => match options(arguments) {
            Ok(options) => fuzz(&options, arguments),
            Err(message) => usage(&message),
        },
    }
}

fn usage(message: &str) -> ExitCode {
    eprintln!("{message}\n{USAGE}");
    ExitCode::from(2)
}

fn options(arguments: &[&str]) -> Result<Options, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options { programs: 0, time: None, seed: 0, save: None, threads, keep_going: false };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        if *name == "--keep-going" {
            options.keep_going = true;
            continue;
        }
        let value = *rest.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no number"));
        match *name {
            "--programs" => options.programs = number()?,
            "--minutes" => options.time = Some(Duration::from_secs(number()? * 60)),
            "--seed" => options.seed = number()?,
            "--threads" => options.threads = usize::try_from(number()?).unwrap_or(1).max(1),
            "--save" => options.save = Some(value.to_owned()),
            _ => return Err(format!("`{name}` is no option")),
        }
    }
    match (options.programs, options.time) {
        (0, None) => Err("give a number of programs or of minutes".to_owned()),
        (0, Some(_)) => Ok(Options { programs: u64::MAX / 2, ..options }),
        _ => Ok(options),
    }
}

fn print(seed: u64) {
    let program = generate(seed);
    println!("{}", program.text());
    for run in &program.runs {
        println!("# {run:?}");
    }
}

struct Shared {
    next: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    failures: Mutex<Vec<(u64, Failure)>>,
}

fn fuzz(options: &Options, arguments: &[&str]) -> ExitCode {
    // A panic is a finding, reported with its program.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let end = options.seed.saturating_add(options.programs);
    let shared = Shared {
        next: AtomicU64::new(options.seed),
        done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        failures: Mutex::new(vec![]),
    };
    let mut coverage = Coverage::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .filter_map(|_| {
                let work = || work(options, &shared, end, started);
                std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()
            })
            .collect();
        progress(&shared, started, workers.iter().map(|worker| move || worker.is_finished()).collect());
        for worker in workers {
            if let Ok(counted) = worker.join() {
                coverage.add(&counted);
            }
        }
    });
    let failures = shared.failures.into_inner().unwrap_or_default();
    let summary = summary(options, arguments, &coverage, &failures, started.elapsed());
    println!("{summary}");
    println!("next seed: {}", shared.next.load(Ordering::Relaxed).min(end));
    if let Some(path) = &options.save
        && let Err(error) = append(path, &summary)
    {
        eprintln!("cannot write `{path}`: {error}");
        return ExitCode::from(2);
    }
    report(&failures, options.keep_going);
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn work(options: &Options, shared: &Shared, end: u64, started: Instant) -> Coverage {
    let engine = Engine::new();
    let mut coverage = Coverage::default();
    while !shared.stop.load(Ordering::Relaxed) {
        let seed = shared.next.fetch_add(1, Ordering::Relaxed);
        if seed >= end || options.time.is_some_and(|limit| started.elapsed() >= limit) {
            break;
        }
        if let Err(failure) = examine(&engine, &generate(seed), &mut coverage) {
            shared.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((seed, failure));
            if !options.keep_going {
                shared.stop.store(true, Ordering::Relaxed);
            }
        }
        shared.done.fetch_add(1, Ordering::Relaxed);
    }
    coverage
}

fn progress(shared: &Shared, started: Instant, finished: Vec<impl Fn() -> bool>) {
    let mut told = Instant::now();
    while !finished.iter().all(|finished| finished()) {
        std::thread::sleep(Duration::from_millis(50));
        if told.elapsed() >= Duration::from_secs(5) {
            told = Instant::now();
            let done = shared.done.load(Ordering::Relaxed);
            eprintln!("{done} programs, {} a second", done / started.elapsed().as_secs().max(1));
        }
    }
}

fn summary(
    options: &Options,
    arguments: &[&str],
    coverage: &Coverage,
    failures: &[(u64, Failure)],
    took: Duration,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "command: cargo xtask fuzz {}", arguments.join(" "));
    let _ = writeln!(out, "revision: {}", revision());
    let _ =
        writeln!(out, "from seed {}, {:.0} s, {} failures", options.seed, took.as_secs_f64(), failures.len());
    let _ = writeln!(out, "\n{coverage}");
    let missing = coverage.missing();
    let _ = writeln!(out, "under {}: {}", anrf_tests::fuzz::WANTED, missing.len());
    for row in missing {
        let _ = writeln!(out, "  {row}");
    }
    out
}

fn revision() -> String {
    let output = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn append(path: &str, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{text}")
}

/// One smallest program of each kind of failure.
fn report(failures: &[(u64, Failure)], brief: bool) {
    let mut kinds: Vec<&str> = vec![];
    let engine = Engine::new();
    for (seed, failure) in failures {
        if kinds.contains(&failure.kind.as_str()) {
            continue;
        }
        kinds.push(&failure.kind);
        let count = failures.iter().filter(|(_, other)| other.kind == failure.kind).count();
        println!("\n=== {} ({count} programs, first seed {seed})", failure.kind);
        let detail: String = failure.detail.chars().take(if brief { 1500 } else { 6000 }).collect();
        println!("{detail}");
        let small = shrink(&engine, &generate(*seed), failure);
        println!("--- made smaller\n{}", small.text());
        if let Err(left) = examine(&engine, &small, &mut Coverage::default()) {
            let detail: String = left.detail.chars().take(3000).collect();
            println!("--- {}\n{detail}", left.kind);
        }
        for run in &small.runs {
            println!("# {run:?}");
        }
    }
}
