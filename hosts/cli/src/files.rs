//! Reading what arguments name: files, folders, standard input.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome, reason};

/// How standard input is called in messages.
pub(crate) const STANDARD_INPUT: &str = "<stdin>";

/// Whether an argument means standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A path as messages show it: with `/`, and standard input by its name.
pub(crate) fn name(path: &Path) -> String {
    if is_dash(path) { STANDARD_INPUT.to_owned() } else { path.to_string_lossy().into_owned() }
}

/// The bytes of a file, or of standard input.
pub(crate) fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    let read = if is_dash(path) {
        let mut bytes = vec![];
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| cannot_read(path, &error))
}

/// The text of a file, or of standard input. A byte order mark is left out.
pub(crate) fn text(path: &Path) -> Outcome<String> {
    let text = String::from_utf8(bytes(path)?).map_err(|error| not_text(path, &error))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// The text that an argument gives: itself, or with `@` that of a file. `-` and `@-` are standard input.
pub(crate) fn argument(argument: &str) -> Outcome<(String, String)> {
    match argument.strip_prefix('@').or((argument == "-").then_some("-")) {
        Some(path) => Ok((name(Path::new(path)), text(Path::new(path))?)),
        None => Ok((String::new(), argument.to_owned())),
    }
}

/// What to say when a file is not text.
pub(crate) fn not_text(path: &Path, error: &std::string::FromUtf8Error) -> Failure {
    let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
    let line = before.filter(|byte| **byte == b'\n').count() + 1;
    let message = format!("`{}` is not UTF-8 text: line {line} holds other bytes", name(path));
    Failure::usage(message).with_help("save the file as UTF-8")
}

/// What to say when a file cannot be read.
pub(crate) fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::usage(format!("cannot read `{}`: {}", name(path), reason(error)));
    if error.kind() != io::ErrorKind::NotFound {
        return failure;
    }
    match similar(path) {
        Some(similar) => failure.with_help(format!("did you mean `{}`?", similar.display())),
        None => failure,
    }
}

/// A file beside a missing one whose name is nearly the same.
fn similar(path: &Path) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = std::fs::read_dir(parent.unwrap_or(Path::new("."))).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let near = names.map(|name| (distance(&wanted, &name.to_lowercase()), name));
    let (_, name) = near.filter(|(distance, _)| *distance * 3 <= wanted.chars().count()).min()?;
    Some(parent.map_or_else(|| PathBuf::from(&name), |parent| parent.join(&name)))
}

/// Levenshtein distance of two names, row by row.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().take(200).enumerate() {
        let mut before = i + 1;
        let mut diagonal = i;
        for (j, candidate) in other.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let new = (above + 1).min(before + 1).min(diagonal + usize::from(letter != *candidate));
            if let Some(slot) = row.get_mut(j) {
                *slot = before;
            }
            (before, diagonal) = (new, above);
        }
        if let Some(last) = row.last_mut() {
            *last = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The files that arguments name: files as they are, folders with all modules below them, in order.
/// Hidden files and folders, and links to folders, are left out.
pub(crate) fn modules(arguments: &[PathBuf], extensions: &[&str]) -> Outcome<Vec<PathBuf>> {
    let mut files = vec![];
    for argument in arguments {
        if is_dash(argument) {
            files.push(argument.clone());
            continue;
        }
        let metadata = std::fs::metadata(argument).map_err(|error| cannot_read(argument, &error))?;
        if !metadata.is_dir() {
            files.push(argument.clone());
            continue;
        }
        let before = files.len();
        collect(argument, extensions, &mut files)?;
        if files.len() == before {
            let wanted: Vec<String> = extensions.iter().map(|it| format!("`.{it}`")).collect();
            let message = format!("there is no {} file in `{}`", wanted.join(" or "), argument.display());
            return Err(Failure::usage(message));
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn collect(folder: &Path, extensions: &[&str], files: &mut Vec<PathBuf>) -> Outcome<()> {
    let mut open = vec![folder.to_owned()];
    let mut found = vec![];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| cannot_read(&folder, &error))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                open.push(path);
            } else if extensions.iter().any(|it| path.extension().is_some_and(|found| found == *it)) {
                found.push(path);
            }
        }
    }
    found.sort();
    files.append(&mut found);
    Ok(())
}

/// Writes a file, so that it is there whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let failed = |error: io::Error| Failure::writing(path.display(), &error);
    // A link stays a link, and a device or pipe is written to as it is.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let metadata = std::fs::metadata(&target).ok();
    if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return std::fs::write(&target, bytes).map_err(failed);
    }
    let mut temporary = target.clone().into_os_string();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = std::fs::write(&temporary, bytes).and_then(|()| {
        if let Some(metadata) = metadata {
            std::fs::set_permissions(&temporary, metadata.permissions())?;
        }
        std::fs::rename(&temporary, &target)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failed(error)
    })
}
