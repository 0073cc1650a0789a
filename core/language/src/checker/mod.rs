//! From the file as written to typed trees: names, types, contracts, capabilities, lints.
//!
//! Everything is checked even after an error. An expression that has one is `None` from there on, which
//! silences what depends on it, so that one mistake gives one diagnostic.

mod body;
mod capabilities;
mod clauses;
mod context;
mod declarations;
mod effects;
mod examples;
mod expressions;
mod functions;
mod imports;
mod initial;
mod intent;
mod lints;
mod module;
mod scope;
mod steps;
mod suggest;

use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::module::Source;

use crate::resolver::Resolver;
use crate::stages::Checked;
use crate::syntax::reader::{Parsed, parse};
use crate::yaml::Limits;

pub(crate) use suggest::suggest as suggest_name;

use context::{Context, File};

/// Checks a module that has been read, with what it imports. The module is there if nothing in it is an
/// error; lints are given only then. Diagnostics are in order of place.
#[must_use]
pub fn check(
    parsed: &Parsed<'_>,
    source: &Source,
    resolver: &dyn Resolver,
) -> (Option<Checked>, Vec<Diagnostic>) {
    let imports = imports::collect(&parsed.module, &source.name, resolver);
    let mut imported = vec![];
    for source in &imports.sources {
        imported.push(parse(source, &Limits::default()).0);
    }
    let mut files = vec![];
    let names = std::iter::once(None).chain(imports.sources.iter().map(|it| Some(it.name.clone())));
    for ((name, parsed), links) in names.zip(std::iter::once(parsed).chain(&imported)).zip(imports.links) {
        files.push(File::new(name, parsed, links));
    }
    let mut cx = Context::new(files);
    cx.diagnostics = imports.diagnostics;
    let module = module::check(&mut cx, source);
    let mut diagnostics = cx.diagnostics;
    let broken = cx.errors > 0 || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if broken {
        // What an error leaves unfinished looks unused, unreachable or always true.
        diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.source.is_some(), diagnostic.span));
    (module.filter(|_| !broken).map(Checked::new), diagnostics)
}
