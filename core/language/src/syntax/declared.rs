//! The names that a file declares, collected before anything is read.
//!
//! Words that other languages use (`len`, `int`, `.length`) get a diagnostic of their own only where the
//! file does not give them a meaning.

use rustc_hash::FxHashSet;

/// Names of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Functions, as they are called: with and without version; imported ones too.
    pub functions: FxHashSet<String>,
    /// Types and machines.
    pub types: FxHashSet<String>,
    /// Every key of the file, so also every field of a record.
    pub keys: FxHashSet<String>,
}
