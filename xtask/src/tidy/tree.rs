//! The files of the repository in memory.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Outcome;
use crate::process::output;

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// Every file that is in version control or about to be.
#[derive(Debug)]
pub(crate) struct Tree {
    files: Vec<File>,
    /// Files, also those that are no text, and folders.
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads what git lists. A file that is listed but gone is left out.
    pub(crate) fn read(root: &Path) -> Outcome<Self> {
        let mut git = std::process::Command::new("git");
        git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        let listing = output(&mut git)?;
        let mut files = vec![];
        let mut paths = vec![];
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            // What a link leads to is listed under its own name.
            if root.join(path).is_symlink() {
                continue;
            }
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            paths.push(path.to_owned());
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(Self::from(files, paths))
    }

    /// A tree made of the given paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let paths = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let files = files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() });
        Self::from(files.collect(), paths)
    }

    fn from(files: Vec<File>, listed: Vec<String>) -> Self {
        let mut paths = BTreeSet::new();
        for path in listed {
            let folders = Path::new(&path).ancestors().skip(1);
            paths.extend(folders.map(|folder| folder.to_string_lossy().into_owned()));
            paths.insert(path);
        }
        Self { files, paths }
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The files with an extension.
    pub(crate) fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.has_extension(extension))
    }

    /// The manifests of the crates, not that of the workspace.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"))
    }

    /// Whether a file or folder is there; the root is the empty path.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.paths.contains(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_because_of_their_files() {
        let tree = Tree::of(&[("a/b/c.rs", "")]);
        assert!(["", "a", "a/b", "a/b/c.rs"].iter().all(|path| tree.exists(path)));
        assert!(!tree.exists("a/c.rs"));
    }
}
