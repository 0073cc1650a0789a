//! Reading what arguments name: files, folders, standard input. All goes through here, so that nothing is read
//! without a bound and every input is known when an output is written.

pub(crate) mod output;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::failure::{Failure, Outcome, reason};
use crate::finding::codes;

pub(crate) use output::{Output, replace, write};

/// The most bytes that are read of a file that is needed whole: modules, inputs, journals, scripts.
pub(crate) const LARGEST: u64 = 64 << 20;

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

/// What this command has read, so that no output takes the place of an input.
static READ: Mutex<Vec<(PathBuf, Identity)>> = Mutex::new(Vec::new());

/// Which file it is, whatever name it was reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    /// The device and the number of the file on it.
    #[cfg(unix)]
    Inode(u64, u64),
    /// The path without links.
    #[cfg(not(unix))]
    Path(PathBuf),
}

/// Only plain files have one: a device or a pipe may well be read and written.
fn identity(path: &Path, metadata: &Metadata) -> Option<Identity> {
    if !metadata.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let _ = path;
        Some(Identity::Inode(metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    std::fs::canonicalize(path).ok().map(Identity::Path)
}

/// Notes that a file is read.
pub(crate) fn note_input(path: &Path) {
    let reached = if is_dash(path) { Path::new("/dev/stdin") } else { path };
    let Some(identity) = std::fs::metadata(reached).ok().and_then(|it| identity(reached, &it)) else {
        return;
    };
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if !read.iter().any(|(_, known)| *known == identity) {
        read.push((path.to_owned(), identity));
    }
}

/// The input that an output would destroy.
fn input_at(path: &Path) -> Option<PathBuf> {
    let found = identity(path, &std::fs::metadata(path).ok()?)?;
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter().find(|(_, known)| *known == found).map(|(path, _)| path.clone())
}

/// Opens a file, or standard input.
pub(crate) fn open(path: &Path) -> Outcome<(Box<dyn Read>, Option<Metadata>)> {
    note_input(path);
    if is_dash(path) {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
    let metadata = file.metadata().map_err(|error| cannot_read(path, &error))?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("cannot read `{}`: it is a folder", name(path))));
    }
    Ok((Box::new(file), Some(metadata)))
}

/// The bytes of a file, or of standard input, up to a limit: what a file says of its length is not believed.
pub(crate) fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    let (input, _) = open(path)?;
    let mut bytes = vec![];
    input.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(&format!("`{}`", name(path))));
    }
    Ok(bytes)
}

/// What to say of something that is larger than what is read whole.
pub(crate) fn too_large(what: &str) -> Failure {
    let message = format!("{what} is larger than {} MiB, the most that is read", LARGEST >> 20);
    Failure::of(&codes::TOO_LARGE, message)
        .with_help("give rows one by one with `--each`, or make it smaller")
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
