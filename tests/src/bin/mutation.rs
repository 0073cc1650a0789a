//! Changes the functions of `tests/corpus` one by one, and looks whether they are still proved.
//!
//! `cargo run --release -p anrf-tests --bin mutation -- --results FILE [--contracts] [--seconds N] [TASK ...]` appends
//! to the file what it finds, and leaves out what is there already, so it can be ended and begun again.
//! `... --results FILE --report` prints the page that `tests/evidence/mutation.md` holds.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anrf::{Engine, LineIndex};
use anrf_tests::mutation::{Entry, Judge, Subject, mutants, read_entries, report};

struct Arguments {
    results: PathBuf,
    subject: Subject,
    seconds: u64,
    is_report: bool,
    tasks: Vec<String>,
}

fn main() -> ExitCode {
    match arguments().and_then(|given| if given.is_report { print_report(&given) } else { run(&given) }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let (mut results, mut subject, mut seconds, mut is_report) = (None, Subject::Code, u64::MAX, false);
    let mut tasks = vec![];
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--results" => results = given.next().map(PathBuf::from),
            "--contracts" => subject = Subject::Contract,
            "--report" => is_report = true,
            "--seconds" => {
                let number = given.next().and_then(|value| value.parse().ok());
                seconds = number.ok_or("`--seconds` wants a number")?;
            }
            _ => tasks.push(argument),
        }
    }
    let results = results.ok_or("`--results FILE` is needed")?;
    Ok(Arguments { results, subject, seconds, is_report, tasks })
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn tasks(only: &[String]) -> Result<Vec<String>, String> {
    let found = std::fs::read_dir(corpus()).map_err(|error| format!("cannot read the corpus: {error}"))?;
    let found = found.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let mut found: Vec<String> =
        found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    found.retain(|task| only.is_empty() || only.contains(task));
    found.sort();
    Ok(found)
}

fn run(given: &Arguments) -> Result<(), String> {
    let begun = Instant::now();
    let known = std::fs::read_to_string(&given.results).unwrap_or_default();
    let known: BTreeSet<_> = read_entries(&known).iter().map(Entry::key).collect();
    let file = OpenOptions::new().append(true).create(true).open(&given.results);
    let mut file = file.map_err(|error| format!("cannot write `{}`: {error}", given.results.display()))?;
    let engine = Engine::new();
    for task in tasks(&given.tasks)? {
        let name = format!("{task}/correct.vsp");
        let module = engine.load_file(corpus().join(&name)).map_err(|error| format!("{name}: {error}"))?;
        let judge = Judge::new(&engine, &name, module);
        let tree = judge.module().document();
        let lines = LineIndex::new(&tree.source.text);
        let hash = short(judge.module());
        for index in (0u32..).take(tree.semantic.functions.len()) {
            for (number, mutant) in mutants(tree, index, given.subject).iter().enumerate() {
                let place = lines.position(mutant.span.start);
                let mut entry = Entry {
                    module: hash.clone(),
                    file: name.clone(),
                    subject: if given.subject == Subject::Code { "code" } else { "contract" }.to_owned(),
                    number: format!("{index}.{number}"),
                    place: format!("{}:{}", place.line, place.column),
                    what: mutant.what.clone(),
                    fate: String::new(),
                    detail: String::new(),
                };
                if known.contains(&entry.key()) {
                    continue;
                }
                if begun.elapsed() > Duration::from_secs(given.seconds) {
                    return Ok(());
                }
                let fate = judge.judge(index, mutant);
                entry.fate = fate.name().to_owned();
                entry.detail = fate.detail();
                file.write_all(entry.line().as_bytes()).map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(())
}

fn print_report(given: &Arguments) -> Result<(), String> {
    let text = std::fs::read_to_string(&given.results);
    let text = text.map_err(|error| format!("cannot read `{}`: {error}", given.results.display()))?;
    let engine = Engine::new();
    // Of a task that has changed since only the latest results count.
    let mut present = BTreeSet::new();
    for task in tasks(&[])? {
        let path = corpus().join(&task).join("correct.vsp");
        let module = engine.load_file(path).map_err(|error| format!("{task}: {error}"))?;
        present.insert(short(&module));
    }
    let mut entries = read_entries(&text);
    entries.retain(|entry| present.contains(&entry.module));
    let equivalent = std::fs::read_to_string(corpus().join("equivalent")).unwrap_or_default();
    let kind_of = |file: &str| {
        let text = std::fs::read_to_string(corpus().join(file)).unwrap_or_default();
        text.lines().next().and_then(|line| line.strip_prefix("# category: ")).unwrap_or_default().to_owned()
    };
    print!("{}", report(&entries, &equivalent, &kind_of));
    Ok(())
}

/// Enough of a module's hash to tell it from the others.
fn short(module: &anrf::Module) -> String {
    let hash = module.id().to_string();
    hash.trim_start_matches("sha256:").chars().take(12).collect()
}
