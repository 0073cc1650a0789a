//! Where proofs are remembered.

use std::env::var_os;
use std::path::PathBuf;
use std::sync::Arc;

use anrf::solver::ProofCache;

/// The cache in the user's folder for such; none if there is no such folder, or `ANRF_CACHE` is set to nothing.
pub(crate) fn open() -> Option<Arc<ProofCache>> {
    let path = match var_os("ANRF_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let under = |variable, below: &str| {
                let folder = PathBuf::from(var_os(variable)?).join(below);
                // A relative path would mean another folder for each place that the program is started in.
                folder.is_absolute().then_some(folder)
            };
            under("XDG_CACHE_HOME", "anrf")
                .or_else(|| under("LOCALAPPDATA", "anrf"))
                .or_else(|| under("HOME", ".cache/anrf"))?
        }
    };
    (!path.as_os_str().is_empty()).then(|| Arc::new(ProofCache::in_file(&path.join("proofs"))))
}
