//! Modules as files in folders.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anrf_format::module::Source;

use super::{Reference, ResolveError, Resolver};

/// The most bytes of one file that are looked at: larger ones are no modules.
const MAX_BYTES: u64 = 4 << 20;

/// Looks into the folder of the importing file, then into further ones, at the `.vsp` files directly in
/// them; not into sub-folders.
#[derive(Clone, Debug, Default)]
pub struct FolderResolver {
    folders: Vec<PathBuf>,
}

impl FolderResolver {
    /// Looks into the importing file's folder only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks into one more folder, after those before it.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }
}

impl Resolver for FolderResolver {
    fn resolve(&self, reference: &Reference, importer: &str) -> Result<Source, ResolveError> {
        let own = Path::new(importer).parent().filter(|_| !importer.is_empty()).map(Path::to_path_buf);
        let own = own.map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder });
        let folders: Vec<PathBuf> = own.into_iter().chain(self.folders.iter().cloned()).collect();
        for folder in &folders {
            let mut found = vec![];
            for path in modules_in(folder) {
                let name = path.to_string_lossy().into_owned();
                let Some(text) = text_of(&path) else { continue };
                let source = Source { name, text };
                if is_meant(reference, &source) {
                    found.push(source);
                }
            }
            match found.len() {
                0 => {}
                1 => return Ok(found.swap_remove(0)),
                _ => {
                    let found = found.into_iter().map(|source| format!("`{}`", source.name)).collect();
                    return Err(ResolveError::Ambiguous { reference: reference.clone(), found });
                }
            }
        }
        let names: Vec<String> = folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
        let searched = if names.is_empty() { "no folder".into() } else { names.join(", ") };
        Err(ResolveError::NotFound { reference: reference.clone(), searched })
    }
}

/// The module files of a folder in order of their names, so that two runs look in the same order.
fn modules_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.metadata().is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "vsp"))
        .collect();
    paths.sort();
    paths
}

/// The text of a file, unless it is too large (a file may be longer than it says) or cannot be read.
fn text_of(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= MAX_BYTES).then_some(text)
}

fn is_meant(reference: &Reference, source: &Source) -> bool {
    match reference {
        // Cheap to tell without reading the file as YAML: `node_id` is a plain or quoted scalar.
        Reference::Function { name, version } => {
            let node_id = format!("{name}_v{version}");
            source.text.lines().any(|line| {
                let line = line.trim_start().trim_start_matches("- ").trim_start();
                let value = line.strip_prefix("node_id:").map(str::trim);
                let value = value.map(|value| value.split(" #").next().unwrap_or(value).trim());
                value.is_some_and(|value| value.trim_matches(['"', '\'']) == node_id)
            })
        }
        Reference::Module(hash) => crate::module_id(source, &super::NoResolver) == Some(*hash),
    }
}
