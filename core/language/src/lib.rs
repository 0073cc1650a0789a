//! The `.vsp` language: text to typed trees to blocks, and back to text.
//!
//! `yaml` loads the tree, `syntax` reads it, `checker` types it, `lowering` makes the execution layer;
//! `stages` names what each hands to the next, and [`check_source`] is the way through the first three.

pub mod checker;
pub mod codes;
pub mod data;
pub mod lowering;
pub mod mend;
pub mod printer;
pub mod resolver;
pub mod stages;
pub mod syntax;
pub mod yaml;

use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::hash::Hash;
use anrf_format::module::Source;

use resolver::Resolver;
use stages::Checked;
use syntax::reader::parse;
use yaml::Limits;

/// Reads and checks a text. Diagnostics are in order of place; the module is there if none is an error.
#[must_use]
pub fn check_source(source: &Source, resolver: &dyn Resolver) -> (Option<Checked>, Vec<Diagnostic>) {
    let (parsed, mut diagnostics) = parse(source, &Limits::default());
    let unreadable = diagnostics.iter().any(|found| found.severity == Severity::Error);
    let (checked, found) = checker::check(&parsed, source, resolver);
    diagnostics.extend(found);
    if unreadable {
        // What could not be read looks unused or missing to the lints.
        diagnostics.retain(|found| found.severity == Severity::Error);
    }
    diagnostics.sort_by_key(|found| (found.source.is_some(), found.span));
    (checked.filter(|_| !unreadable), diagnostics)
}

/// The id of the module in a text, if it has no errors.
#[must_use]
pub fn module_id(source: &Source, resolver: &dyn Resolver) -> Option<Hash> {
    check_source(source, resolver).0.map(|checked| checked.module().id())
}

/// The text in bytes.
///
/// # Errors
/// What the loader says of bytes that are not UTF-8.
pub fn text_of_bytes(bytes: &[u8]) -> Result<&str, Vec<Diagnostic>> {
    std::str::from_utf8(bytes).map_err(|_| yaml::load_bytes(bytes, &Limits::default()).1)
}
