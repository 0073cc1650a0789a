//! Seeds bugs and looks whether generated programs find them: `tests/mutants/README.md`.
//!
//! `cargo run --release -p anrf-tests --bin mutants [--programs N] [NAME ...]` writes `tests/mutants/found.md`
//! if no bug is named.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

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

/// A seeded bug.
struct Bug {
    name: String,
    patch: PathBuf,
    breaks: String,
}

fn hunt(programs: u64, names: &[String]) -> Result<bool, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().map_err(|error| format!("cannot find `{}`: {error}", root.display()))?;
    let bugs = bugs(&root.join("tests/mutants"), names)?;
    let work = build_folder(&root).join("mutants");
    let place = Place { tree: work.join("tree"), build: work.join("build") };
    place.copy(&root)?;
    println!("building the tree without bugs");
    place.build()?;
    let record = work.join("record");
    let (count, file) = (programs.to_string(), record.to_string_lossy().into_owned());
    let (fine, _) = place.fuzz(&["--programs", &count, "--record", &file])?;
    if !fine {
        return Err("the tree without bugs fails: see `cargo xtask fuzz`".to_owned());
    }
    let mut table = String::from("| bug | breaks | found by seed | as |\n|---|---|---|---|\n");
    let mut all = true;
    for bug in bugs {
        place.apply(&bug, &[])?;
        let found = place.build().and_then(|()| place.fuzz(&["--programs", &count, "--expect", &file]));
        place.apply(&bug, &["--reverse"])?;
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
        let revision =
            told(Command::new("git").current_dir(&root).args(["describe", "--always", "--dirty"]))?;
        let text = format!(
            "# Seeded bugs, and the first programs that find them\n\n\
             Written by `cargo run --release -p anrf-tests --bin mutants` on revision {}, {programs} programs.\n\n{table}",
            revision.trim()
        );
        let path = root.join("tests/mutants/found.md");
        std::fs::write(&path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(all)
}

fn bugs(folder: &Path, names: &[String]) -> Result<Vec<Bug>, String> {
    let unread = |error| format!("cannot read `{}`: {error}", folder.display());
    let mut bugs = vec![];
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let patch = entry.map_err(unread)?.path();
        let Some(name) = patch.file_name().and_then(|name| name.to_str()?.strip_suffix(".patch")) else {
            continue;
        };
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let text = std::fs::read_to_string(&patch).map_err(unread)?;
        let breaks = text.lines().next().and_then(|line| line.strip_prefix("# breaks: "));
        let breaks = breaks.ok_or_else(|| format!("`{name}` does not say what it breaks"))?.to_owned();
        bugs.push(Bug { name: name.to_owned(), patch: patch.clone(), breaks });
    }
    bugs.sort_by(|one, other| one.name.cmp(&other.name));
    if bugs.len() < names.len() { Err("there is no bug of that name".to_owned()) } else { Ok(bugs) }
}

fn build_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// A copy of the sources and where it is built.
struct Place {
    tree: PathBuf,
    build: PathBuf,
}

impl Place {
    /// Brings the copy up to date; files that are as they were keep their time, so that little is built.
    fn copy(&self, root: &Path) -> Result<(), String> {
        let listed = told(Command::new("git").current_dir(root).args(["ls-files", "-z"]))?;
        for name in listed.split('\0').filter(|name| !name.is_empty()) {
            let (from, to) = (root.join(name), self.tree.join(name));
            let failed = |error: std::io::Error| format!("cannot copy `{name}`: {error}");
            let Ok(text) = std::fs::read(&from) else { continue };
            if std::fs::read(&to).is_ok_and(|known| known == text) {
                continue;
            }
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(failed)?;
            }
            std::fs::write(&to, text).map_err(failed)?;
        }
        Ok(())
    }

    fn build(&self) -> Result<(), String> {
        // Built often and run shortly.
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&self.tree)
            .args(["build", "--quiet", "--release", "--package", "anrf-tests", "--bin", "fuzz"])
            .env("CARGO_TARGET_DIR", &self.build)
            .envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")])
            .envs([("CARGO_INCREMENTAL", "1"), ("RUSTFLAGS", "-Awarnings")]);
        told(&mut cargo).map(drop)
    }

    /// Whether the programs hold, and what was printed.
    fn fuzz(&self, arguments: &[&str]) -> Result<(bool, String), String> {
        let output = self.build.join("output");
        let file = std::fs::File::create(&output).map_err(|error| error.to_string())?;
        let mut child = Command::new(self.build.join("release/fuzz"))
            .current_dir(&self.tree)
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

    fn apply(&self, bug: &Bug, options: &[&str]) -> Result<(), String> {
        // The copy stands inside of a repository that is not to be patched.
        let mut git = Command::new("git");
        git.current_dir(&self.tree).env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(&self.tree));
        git.args(["apply", "-p1"]).args(options).arg(&bug.patch);
        told(&mut git).map(drop).map_err(|error| format!("`{}` does not apply: {error}", bug.name))
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

fn told(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
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
