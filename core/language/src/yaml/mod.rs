//! The strict YAML loader: one document, text in scalars, exact places, and nothing that surprises.
//!
//! The grammar is that of YAML 1.2, read by `saphyr-parser`. What the language forbids on top of it
//! (anchors, tags, merge keys, equal keys, several documents, deep nesting) is refused here, each with a
//! code of its own. Scalars stay text: what `no` or `1e3` means is decided by the type that is expected.

mod builder;
mod checks;
mod gap;
mod metered;
mod offsets;
mod quoting;
mod recovery;
mod syntax;
mod text;
mod tree;

#[cfg(test)]
mod tests;

use anrf_format::diagnostic::Diagnostic;

pub use offsets::OffsetMap;
pub(crate) use quoting::quoted;
pub use tree::{Comment, Entries, Entry, Items, Kind, NodeId, Style, Tree};

/// What the loader accepts at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text. 4 MiB unless changed; offsets are 32-bit, so never more than 4 GiB.
    pub max_bytes: usize,
    /// Lists and mappings inside each other. 64 unless changed, never more than 255.
    pub max_depth: usize,
    /// Keys and values, lists and mappings. 524,288 unless changed: what a file of 4 MiB has if each takes eight bytes.
    pub max_nodes: usize,
    /// Diagnostics that are reported; further ones are dropped.
    pub max_diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 4 << 20, max_depth: 64, max_nodes: 1 << 19, max_diagnostics: 100 }
    }
}

/// Reads a text. Errors of strictness leave a tree without the offending entries; after an error of
/// grammar that cannot be explained as a missing quote there is none. Diagnostics are in order of place.
#[must_use]
pub fn load<'source>(text: &'source str, limits: &Limits) -> (Option<Tree<'source>>, Vec<Diagnostic>) {
    if let Some(diagnostic) = text::size(text.len(), limits.max_bytes.min(u32::MAX as usize - 8)) {
        return (None, vec![diagnostic]);
    }
    let survey = text::survey(text);
    if !survey.diagnostics.is_empty() {
        return (None, survey.diagnostics);
    }
    let (tree, mut diagnostics) = recovery::parse(text, &survey, limits);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    (tree, diagnostics)
}

/// Reads bytes that should be UTF-8; see [`load`].
#[must_use]
pub fn load_bytes<'source>(
    bytes: &'source [u8],
    limits: &Limits,
) -> (Option<Tree<'source>>, Vec<Diagnostic>) {
    // A file over the limit is not worth decoding.
    if let Some(diagnostic) = text::size(bytes.len(), limits.max_bytes) {
        return (None, vec![diagnostic]);
    }
    match text::decode(bytes) {
        Ok(text) => load(text, limits),
        Err(diagnostic) => (None, vec![*diagnostic]),
    }
}
