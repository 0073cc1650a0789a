//! What has been proved before, so that it need not be asked again.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::{Limits, Query};

/// Changes when a script means something else.
const VERSION: &str = "anrf proofs 2";

/// A file that is longer is begun anew: half a million proofs.
const LARGEST: u64 = 32 << 20;

/// Scripts that were found to be unsatisfiable, by what that rests on: the whole script, the limits, and the
/// solvers with their versions; where a core was asked for, with the assertions in it. Nothing else is
/// remembered, as only this can be wrong in no other run. Shared by threads, and its file by processes.
///
/// Whoever can write the file can make proofs, so it belongs where only the user writes.
#[derive(Debug, Default)]
pub struct ProofCache {
    known: Mutex<FxHashMap<String, Vec<u32>>>,
    file: Option<PathBuf>,
}

impl ProofCache {
    /// One that lasts as long as it is held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is kept in a file: a line for each proof. A file that cannot be read is as good as an empty one,
    /// and one that cannot be written is not written.
    #[must_use]
    pub fn in_file(path: &Path) -> Self {
        let mut text = vec![];
        let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut text));
        if read.is_ok() && text.len() as u64 > LARGEST {
            let _ = std::fs::remove_file(path);
            text.clear();
        }
        // A line that was torn is none.
        let text = String::from_utf8_lossy(&text);
        let known = text.lines().filter_map(entry).collect();
        Self { known: Mutex::new(known), file: Some(path.to_owned()) }
    }

    /// How many proofs it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known().len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known().is_empty()
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.known().contains_key(key)
    }

    /// The core that is remembered, by the numbers of its assertions.
    pub(super) fn core(&self, key: &str) -> Option<Vec<u32>> {
        self.known().get(key).cloned()
    }

    /// Remembers a proof, and its core if there is one.
    pub(super) fn insert(&self, key: String, core: Option<Vec<u32>>) {
        let mut line = key.clone();
        for number in core.iter().flatten() {
            let _ = write!(line, " {number}");
        }
        // The end is marked: half a core would be another one.
        line += if core.is_some() { " .\n" } else { "\n" };
        if self.known().insert(key, core.unwrap_or_default()).is_some() {
            return;
        }
        if let Some(path) = &self.file {
            if let Some(folder) = path.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let file = OpenOptions::new().create(true).append(true).open(path);
            let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
        }
    }

    fn known(&self) -> MutexGuard<'_, FxHashMap<String, Vec<u32>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of the file: a key, and the numbers of a core up to a full stop. One that was torn is none.
fn entry(line: &str) -> Option<(String, Vec<u32>)> {
    let (key, core) = match line.split_once(' ') {
        None => (line, vec![]),
        Some((key, rest)) => {
            let numbers = rest.strip_suffix('.')?.split_whitespace();
            (key, numbers.map(|number| number.parse().ok()).collect::<Option<_>>()?)
        }
    };
    let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key.then(|| (key.to_owned(), core))
}

/// Everything that an answer depends on.
pub(super) fn key(query: &Query<'_>, limits: &Limits, solvers: &[(String, String)]) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(VERSION);
    add(env!("CARGO_PKG_VERSION"));
    add(&format!("{} {} {:?}", limits.resources, limits.time.as_millis(), query.features));
    for (name, version) in solvers {
        add(name);
        add(version);
    }
    add(query.script);
    add(if query.by_patterns { "by patterns" } else { "" });
    if query.wants_core {
        add("core");
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Features;
    use super::*;

    fn key_of(script: &str, resources: u64, version: &str) -> String {
        let query = Query { script, features: Features::ALL, wants_core: false, by_patterns: false };
        let limits = Limits { resources, ..Limits::default() };
        key(&query, &limits, &[("z3".to_owned(), version.to_owned())])
    }

    #[test]
    fn whatever_an_answer_depends_on_is_in_the_key() {
        let one = key_of("(assert true)", 1, "1");
        assert_eq!(one, key_of("(assert true)", 1, "1"));
        for other in [
            key_of("(assert false)", 1, "1"),
            key_of("(assert true)", 2, "1"),
            key_of("(assert true)", 1, "2"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_file_outlives_its_cache_and_torn_lines_are_none() {
        let path = std::env::temp_dir().join(format!("anrf-proofs-{}", std::process::id()));
        let key = key_of("(assert true)", 1, "1");
        ProofCache::in_file(&path).insert(key.clone(), None);
        let (cored, torn) = (key_of("(assert false)", 1, "1"), key_of("(assert false)", 2, "1"));
        ProofCache::in_file(&path).insert(cored.clone(), Some(vec![2, 17]));
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&[0xff, b'\n', b'a', b'\n']).unwrap();
        file.write_all(format!("{torn} 2 1\n").as_bytes()).unwrap();
        let again = ProofCache::in_file(&path);
        assert!(again.contains(&key));
        assert_eq!(again.core(&cored), Some(vec![2, 17]));
        assert_eq!(again.len(), 2);
        std::fs::remove_file(path).unwrap();
    }
}
