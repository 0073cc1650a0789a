//! Seeds bugs and looks whether generated programs find them: `tests/mutants/README.md`.
//!
//! `cargo run --release -p anrf-tests --bin mutants [--programs N] [NAME ...]` writes `tests/mutants/found.md`
//! if no bug is named.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anrf_tests::seeded::{Place, bugs, revision, root, told};

/// No program needs nearly as long; a bug may make one endless.
const LONGEST: Duration = Duration::from_secs(30 * 60);

fn main() -> ExitCode {
    let mut programs = 20_000;
    let mut names: Vec<String> = vec![];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument != "--programs" {
            names.push(argument);
            continue;
        }
        match arguments.next().and_then(|value| value.parse().ok()) {
            Some(value) => programs = value,
            None => {
                eprintln!("`--programs` wants a number");
                return ExitCode::from(2);
            }
        }
    }
    match hunt(programs, &names) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn hunt(programs: u64, names: &[String]) -> Result<bool, String> {
    let root = root()?;
    let bugs = bugs(&root.join("tests/mutants"), names)?;
    let place = Fuzzed(Place::named(&root, "mutants"));
    place.0.copy(&root)?;
    println!("building the tree without bugs");
    place.build()?;
    let record = place.0.build.with_file_name("record");
    let (count, file) = (programs.to_string(), record.to_string_lossy().into_owned());
    let (fine, _) = place.fuzz(&["--programs", &count, "--record", &file])?;
    if !fine {
        return Err("the tree without bugs fails: see `cargo xtask fuzz`".to_owned());
    }
    let mut table = String::from("| bug | breaks | found by seed | as |\n|---|---|---|---|\n");
    let mut all = true;
    for bug in bugs {
        place.0.apply(&bug, &[])?;
        let found = place.build().and_then(|()| place.fuzz(&["--programs", &count, "--expect", &file]));
        place.0.apply(&bug, &["--reverse"])?;
        let row = match found? {
            (true, _) => {
                all = false;
                ("not found".to_owned(), String::new())
            }
            (false, text) => (found_seed(&text), found_kind(&text)),
        };
        println!("{}: {} {}", bug.name, row.0, row.1);
        table += &format!("| `{}` | {} | {} | {} |\n", bug.name, bug.breaks, row.0, row.1);
    }
    if names.is_empty() {
        let revision = revision(&root)?;
        let text = format!(
            "# Seeded bugs, and the first programs that find them\n\n\
             Written by `cargo run --release -p anrf-tests --bin mutants` on revision {revision}, {programs} programs.\n\n{table}"
        );
        let path = root.join("tests/mutants/found.md");
        std::fs::write(&path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(all)
}

/// Where the programs are built and run.
struct Fuzzed(Place);

impl Fuzzed {
    fn build(&self) -> Result<(), String> {
        // Built often and run shortly.
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&self.0.tree)
            .args(["build", "--quiet", "--release", "--package", "anrf-tests", "--bin", "fuzz"])
            .env("CARGO_TARGET_DIR", &self.0.build)
            .envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")])
            .envs([("CARGO_INCREMENTAL", "1"), ("RUSTFLAGS", "-Awarnings")]);
        told(&mut cargo).map(drop)
    }

    /// Whether the programs hold, and what was printed.
    fn fuzz(&self, arguments: &[&str]) -> Result<(bool, String), String> {
        let output = self.0.build.join("output");
        let file = std::fs::File::create(&output).map_err(|error| error.to_string())?;
        let mut child = Command::new(self.0.build.join("release/fuzz"))
            .current_dir(&self.0.tree)
            .args(arguments)
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run `fuzz`: {error}"))?;
        let code = wait(&mut child)?;
        let text = std::fs::read_to_string(&output).map_err(|error| error.to_string())?;
        match code {
            Some(0) => Ok((true, text)),
            Some(1) => Ok((false, text)),
            // An end that is none of its own: by a signal, or because it was endless.
            None => Ok((false, "=== the program ends or hangs".to_owned())),
            Some(code) => Err(format!("`fuzz` ended with {code}: {text}")),
        }
    }
}

/// The exit code; `None` if there is none.
fn wait(child: &mut Child) -> Result<Option<i32>, String> {
    let started = Instant::now();
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => return Ok(status.code()),
            None if started.elapsed() > LONGEST => {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// From `=== kind (1 programs, first seed 5)`.
fn found_seed(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("=== ")).unwrap_or_default();
    let seed = line.rsplit_once("first seed ").map(|(_, rest)| rest.trim_end_matches(')'));
    seed.unwrap_or("unknown").to_owned()
}

fn found_kind(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix("=== ")).unwrap_or_default();
    line.rsplit_once(" (").map_or(line, |(kind, _)| kind).to_owned()
}
