//! Mistakes that are made on purpose: patches of a copy of the sources, which tests have to notice.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A seeded mistake.
#[derive(Clone, Debug)]
pub struct Bug {
    /// The patch file's name without its ending.
    pub name: String,
    /// The file.
    pub patch: PathBuf,
    /// What its first line says that it breaks.
    pub breaks: String,
}

/// A copy of the sources and where it is built.
#[derive(Clone, Debug)]
pub struct Place {
    /// The copy.
    pub tree: PathBuf,
    /// The folder of what is built.
    pub build: PathBuf,
}

impl Place {
    /// A copy in a folder of this name where things are built.
    #[must_use]
    pub fn named(root: &Path, name: &str) -> Self {
        let work = build_folder(root).join(name);
        Self { tree: work.join("tree"), build: work.join("build") }
    }

    /// Brings the copy up to date; files that are as they were keep their time, so that little is built.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn copy(&self, root: &Path) -> Result<(), String> {
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

    /// Applies the patch of a bug, or with `--reverse` takes it back.
    ///
    /// # Errors
    /// If it does not apply.
    pub fn apply(&self, bug: &Bug, options: &[&str]) -> Result<(), String> {
        // The copy stands inside of a repository that is not to be patched.
        let mut git = Command::new("git");
        git.current_dir(&self.tree).env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(&self.tree));
        git.args(["apply", "-p1"]).args(options).arg(&bug.patch);
        told(&mut git).map(drop).map_err(|error| format!("`{}` does not apply: {error}", bug.name))
    }
}

/// The bugs of a folder, or those that are named.
///
/// # Errors
/// If one cannot be read, or there is none of a name.
pub fn bugs(folder: &Path, names: &[String]) -> Result<Vec<Bug>, String> {
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

/// The folder of the sources.
///
/// # Errors
/// If it is not there.
pub fn root() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().map_err(|error| format!("cannot find `{}`: {error}", root.display()))
}

/// What the sources are at.
///
/// # Errors
/// If git does not say.
pub fn revision(root: &Path) -> Result<String, String> {
    let told = told(Command::new("git").current_dir(root).args(["describe", "--always", "--dirty"]))?;
    Ok(told.trim().to_owned())
}

/// What a command prints.
///
/// # Errors
/// What it says if it fails.
pub fn told(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
