//! Takes generated programs through every layer and compares the ways.
//!
//! `cargo xtask fuzz --programs N | --minutes N [--seed S] [--threads N] [--keep-going]`, or `--print SEED` for the
//! program of one seed. `--progress FILE` makes a run that can be ended and goes on from there; `--save FILE`
//! appends the table of what was reached. `--record FILE` writes what the runs of each program came to, and
//! `--expect FILE` compares with what another engine wrote. `--reference` compares each run with a second evaluation
//! that shares no code with lowering and interpreter. `--compiled` runs each program as machine code too, and
//! `--wasm` in the sandbox instead, which has to come to the same.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anrf::Engine;
use anrf_tests::fuzz::{Compared, Coverage, Failure, Progress, Record, compiled, examine, second, shrink};
use anrf_tests::generator::generate;

const USAGE: &str = "fuzz --programs N | --minutes N [--seed S] [--threads N] [--keep-going] [--progress FILE] \
                     [--save FILE] [--record FILE | --expect FILE] [--reference] [--compiled | --wasm]\nfuzz --print SEED";

/// The promise is that everything works on a thread with so much stack.
const STACK: usize = 256 << 10;

/// A program's runs came to something else than the record says. Smaller programs have no record.
const OTHER: &str = "another record";

/// The reference recurses as the programs do.
const LARGE_STACK: usize = 1 << 30;

/// Programs between two looks at the clock.
const ROUND: u64 = 500;

#[derive(Default)]
struct Options {
    programs: u64,
    time: Option<Duration>,
    seed: u64,
    threads: usize,
    keep_going: bool,
    save: Option<PathBuf>,
    progress: Option<PathBuf>,
    record: Option<PathBuf>,
    expect: Option<Record>,
    reference: bool,
    compiled: bool,
    wasm: bool,
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
            Ok(options) => fuzz(&options, arguments).unwrap_or_else(|message| {
                eprintln!("{message}");
                ExitCode::from(2)
            }),
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
    let mut options = Options { threads, ..Options::default() };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        match *name {
            "--keep-going" => options.keep_going = true,
            "--reference" => options.reference = true,
            "--compiled" => options.compiled = true,
            "--wasm" => options.wasm = true,
            _ => {}
        }
        if matches!(*name, "--keep-going" | "--reference" | "--compiled" | "--wasm") {
            continue;
        }
        let value = *rest.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no number"));
        match *name {
            "--programs" => options.programs = number()?,
            "--minutes" => options.time = Some(Duration::from_secs(number()? * 60)),
            "--seed" => options.seed = number()?,
            "--threads" => options.threads = usize::try_from(number()?).unwrap_or(1).max(1),
            "--save" => options.save = Some(value.into()),
            "--progress" => options.progress = Some(value.into()),
            "--record" => options.record = Some(value.into()),
            "--expect" => {
                let record = Record::read(Path::new(value));
                options.expect = Some(record.map_err(|error| format!("cannot read `{value}`: {error}"))?);
            }
            _ => return Err(format!("`{name}` is no option")),
        }
    }
    if options.compiled {
        anrf_cranelift::Cranelift::new().map_err(|error| format!("`--compiled`: {error}"))?;
    }
    if options.wasm {
        sandbox()?;
    }
    if options.compiled && options.wasm {
        return Err("`--compiled` and `--wasm` are compared one at a time".to_owned());
    }
    if options.progress.is_some() && options.record.is_some() {
        return Err("a record is made in one go: leave out `--progress`".to_owned());
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

fn fuzz(options: &Options, arguments: &[&str]) -> Result<ExitCode, String> {
    // A panic is a finding, reported with its program.
    std::panic::set_hook(Box::new(|_| {}));
    let mut progress = begin(options)?;
    let end = options.seed.saturating_add(options.programs);
    let (started, before) = (Instant::now(), progress.seconds);
    let mut told = started;
    let mut failures: Vec<(u64, Failure)> = vec![];
    let engine = Engine::new();
    for seed in progress.failures.clone() {
        if let Err(failure) = examine(&engine, &generate(seed), &mut Coverage::default()) {
            failures.push((seed, failure));
        }
    }
    let mut digests = vec![];
    let mut compared = Compared::default();
    while progress.next < end
        && options.time.is_none_or(|limit| started.elapsed() < limit)
        && (failures.is_empty() || options.keep_going)
    {
        let round = round(options, progress.next, end.min(progress.next.saturating_add(ROUND)));
        progress.next = round.next;
        progress.coverage.add(&round.coverage);
        compared.add(&round.compared);
        progress.failures.extend(round.failures.iter().map(|(seed, _)| *seed));
        progress.seconds = before + started.elapsed().as_secs_f64();
        failures.extend(round.failures);
        digests.extend(round.digests);
        if let Some(path) = &options.progress {
            progress.write(path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
        }
        if told.elapsed() >= Duration::from_secs(5) {
            told = Instant::now();
            let done = progress.next - progress.first;
            eprintln!("{done} programs, {:.0} a second", done as f64 / progress.seconds);
        }
    }
    failures.sort_by_key(|(seed, _)| *seed);
    let summary = summary(&progress, arguments);
    println!("{summary}");
    if options.reference {
        let Compared { agree, limits, gave_up } = &compared;
        println!(
            "with the reference: {agree} runs agree, {limits} ended in a limit, it gave up on {gave_up:?}\n"
        );
    }
    println!("next seed: {}", progress.next);
    if let Some(path) = &options.save {
        append(path, &summary).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    if let Some(path) = &options.record {
        let record = Record::new(options.seed, digests);
        record.write(path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    report(&failures, options);
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// From the beginning, or from where the file of progress ends.
fn begin(options: &Options) -> Result<Progress, String> {
    let revision = revision();
    if let Some(path) = &options.progress {
        let known = Progress::read(path);
        let known = known.map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        if let Some(known) = known {
            if (&known.revision, known.first) != (&revision, options.seed) {
                return Err(format!(
                    "`{}` is about revision {} from seed {}, this is {revision} from seed {}: remove it",
                    path.display(),
                    known.revision,
                    known.first,
                    options.seed
                ));
            }
            return Ok(known);
        }
    }
    Ok(Progress { revision, first: options.seed, next: options.seed, ..Progress::default() })
}

/// What came of some programs.
struct Round {
    next: u64,
    coverage: Coverage,
    compared: Compared,
    failures: Vec<(u64, Failure)>,
    digests: Vec<u64>,
}

fn round(options: &Options, first: u64, end: u64) -> Round {
    let (next, stop) = (AtomicU64::new(first), AtomicBool::new(false));
    let mut coverage = Coverage::default();
    let mut compared = Compared::default();
    let mut found: Vec<(u64, Result<u64, Failure>)> = vec![];
    std::thread::scope(|scope| {
        let work = || {
            let engine = Engine::new();
            let other = compiling(options);
            let (mut coverage, mut found) = (Coverage::default(), vec![]);
            let mut compared = Compared::default();
            while !stop.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    break;
                }
                let examined = look((&engine, other.as_ref()), options, seed, &mut coverage, &mut compared);
                stop.fetch_or(examined.is_err() && !options.keep_going, Ordering::Relaxed);
                found.push((seed, examined));
            }
            (coverage, found, compared)
        };
        let stack = if options.reference { LARGE_STACK } else { STACK };
        let workers: Vec<_> = (0..options.threads)
            .filter_map(|_| std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).ok())
            .collect();
        for (counted, seen, agreed) in workers.into_iter().filter_map(|worker| worker.join().ok()) {
            coverage.add(&counted);
            compared.add(&agreed);
            found.extend(seen);
        }
    });
    found.sort_by_key(|(seed, _)| *seed);
    let digests = found.iter().map(|(_, examined)| *examined.as_ref().unwrap_or(&0)).collect();
    let next = found.last().map_or(end, |(seed, _)| seed + 1);
    let failures = found.into_iter().filter_map(|(seed, examined)| Some((seed, examined.err()?))).collect();
    Round { next, coverage, compared, failures, digests }
}

/// The sandbox, if this program has it.
#[cfg(feature = "sandbox")]
fn sandbox() -> Result<Arc<dyn anrf::Backend>, String> {
    let sandbox = anrf_wasm::Wasm::new().map_err(|error| format!("`--wasm`: {error}"))?;
    Ok(Arc::new(sandbox.threshold(0)))
}

#[cfg(not(feature = "sandbox"))]
fn sandbox() -> Result<Arc<dyn anrf::Backend>, String> {
    Err("`--wasm` wants the feature `sandbox` of this program".to_owned())
}

/// An engine that compiles everything as the arguments say, which have shown that it can be made.
#[allow(clippy::expect_used)]
fn compiling(options: &Options) -> Option<Engine> {
    let backend: Arc<dyn anrf::Backend> = if options.compiled {
        Arc::new(anrf_cranelift::Cranelift::new().expect("a compiler for this machine").threshold(0))
    } else if options.wasm {
        sandbox().expect("a sandbox on this machine")
    } else {
        return None;
    };
    Some(Engine::builder().backend(backend).build())
}

fn look(
    (engine, other): (&Engine, Option<&Engine>),
    options: &Options,
    seed: u64,
    coverage: &mut Coverage,
    compared: &mut Compared,
) -> Result<u64, Failure> {
    let program = generate(seed);
    let digest = examine(engine, &program, coverage)?;
    if let Some(other) = other {
        compiled(engine, other, &program)?;
    }
    if options.reference {
        let examined = catch_unwind(AssertUnwindSafe(|| second(engine, &program, compared)));
        examined.unwrap_or_else(|_| {
            let kind = "the reference panics".to_owned();
            Err(Failure { signature: kind.clone(), kind, detail: String::new() })
        })?;
    }
    match options.expect.as_ref().map(|record| record.get(seed)) {
        Some(expected) if expected != Some(digest) => Err(Failure {
            kind: OTHER.to_owned(),
            signature: OTHER.to_owned(),
            detail: format!("recorded {expected:x?}, found {digest:x}"),
        }),
        _ => Ok(digest),
    }
}

fn summary(progress: &Progress, arguments: &[&str]) -> String {
    let Progress { revision, first, next, seconds, coverage, failures } = progress;
    let mut out = String::new();
    let _ = writeln!(out, "command: cargo xtask fuzz {}", arguments.join(" "));
    let _ = writeln!(out, "revision: {revision}");
    let _ = writeln!(
        out,
        "seeds {first} to {}, {seconds:.0} s, {} failures",
        next.saturating_sub(1),
        failures.len()
    );
    let _ = writeln!(out, "\n{coverage}");
    let missing = coverage.missing();
    let _ = writeln!(out, "under {}: {}", anrf_tests::fuzz::WANTED, missing.len());
    for row in missing {
        let _ = writeln!(out, "  {row}");
    }
    out
}

/// Of the sources, with a mark if they have changed since.
fn revision() -> String {
    let output = std::process::Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.unwrap_or_else(|| "unknown".to_owned())
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{text}")
}

/// One smallest program of each kind of failure.
fn report(failures: &[(u64, Failure)], options: &Options) {
    let brief = options.keep_going;
    let mut kinds: Vec<&str> = vec![];
    let (engine, other) = (Engine::new(), compiling(options));
    for (seed, failure) in failures {
        if kinds.contains(&failure.kind.as_str()) {
            continue;
        }
        kinds.push(&failure.kind);
        let count = failures.iter().filter(|(_, other)| other.kind == failure.kind).count();
        println!("\n=== {} ({count} programs, first seed {seed})", failure.kind);
        let detail: String = failure.detail.chars().take(if brief { 1500 } else { 6000 }).collect();
        println!("{detail}");
        if failure.kind == OTHER {
            continue;
        }
        let small = shrink(&engine, other.as_ref(), &generate(*seed), failure);
        println!("--- made smaller\n{}", small.text());
        let left = examine(&engine, &small, &mut Coverage::default()).map(drop);
        let left =
            left.and_then(|()| other.as_ref().map_or(Ok(()), |other| compiled(&engine, other, &small)));
        if let Err(left) = left {
            let detail: String = left.detail.chars().take(3000).collect();
            println!("--- {}\n{detail}", left.kind);
        }
        for run in &small.runs {
            println!("# {run:?}");
        }
    }
}
