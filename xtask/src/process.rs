//! Starting other programs, and where things lie.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use crate::Outcome;

/// The root of the workspace: where `cargo run` says this package lies, or else above the current folder.
pub(crate) fn root() -> Outcome<PathBuf> {
    let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_dir().map_err(|error| format!("no current folder: {error}"))?,
    };
    let is_root = |folder: &&Path| {
        std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
    };
    let found = start.ancestors().find(is_root);
    found.map(Path::to_path_buf).ok_or_else(|| "not inside the workspace".to_owned())
}

/// The folder cargo builds into, whatever the environment and the configuration say it is.
pub(crate) fn target_folder() -> Outcome<PathBuf> {
    let mut metadata = cargo(&root()?);
    metadata.args(["metadata", "--no-deps", "--format-version", "1", "--quiet"]);
    let text = output(&mut metadata)?;
    let (_, rest) =
        text.split_once("\"target_directory\":\"").ok_or("cargo metadata names no target folder")?;
    let (path, _) = rest.split_once('"').ok_or("cargo metadata ends in the middle of a path")?;
    Ok(PathBuf::from(path.replace("\\\\", "\\")))
}

/// The cargo that runs this task, in a folder.
///
/// The variables that cargo sets for this program would tell the inner cargo about the wrong package.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a program can be started at all.
pub(crate) fn is_present(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a program with this terminal; anything but exit code 0 is an error.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = shown(command);
    let status = command.status().map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}")) }
}

/// Runs a program and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let shown = shown(command);
    let result = command.stderr(Stdio::inherit()).output();
    let result = result.map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if !result.status.success() {
        return Err(format!("`{shown}` ended with {}", result.status));
    }
    String::from_utf8(result.stdout).map_err(|_| format!("`{shown}` wrote bytes that are not text"))
}

/// Runs a program, passes each line it writes on as it comes, and shows it to `look` as well. Returns
/// whether the exit code was 0.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Outcome<bool> {
    let shown = shown(command);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    let (sender, lines) = mpsc::channel();
    let output = child.stdout.take().map(|stream| forward(stream, sender.clone()));
    let errors = child.stderr.take().map(|stream| forward(stream, sender));
    for line in lines {
        println!("{line}");
        look(&line);
    }
    for reader in [output, errors].into_iter().flatten() {
        // A reader that panicked has dropped its sender, so its lines have ended like any others.
        drop(reader.join());
    }
    let status = child.wait().map_err(|error| format!("lost `{shown}`: {error}"))?;
    Ok(status.success())
}

fn forward(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = vec![];
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            if lines.send(text.trim_end_matches(['\r', '\n']).to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    })
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

/// A word with the quotes a shell would want.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@,+%".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/somewhere/anrf");
        command.args(["run", "a.vsp", "--input", r#"{"n": 1}"#]);
        assert_eq!(shown(&command), r#"anrf run a.vsp --input '{"n": 1}'"#);
    }

    #[test]
    fn lines_of_both_streams_are_seen() {
        let mut seen = vec![];
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let fine = watch(&mut command, |line| seen.push(line.to_owned())).unwrap();
        seen.sort();
        assert_eq!((fine, seen), (false, vec!["one".to_owned(), "two".to_owned()]));
    }
}
