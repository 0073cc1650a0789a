//! From the YAML tree to the file as written. Every mistake of shape is reported once, at the smallest
//! place, and reading goes on as if its mend had been written.

mod declarations;
mod examples;
mod function;
pub mod keys;
mod lists;
mod mappings;
mod mend;
mod operations;
mod outputs;
mod scalars;
mod scan;
mod steps;

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::module::Source;

use super::declared::Declared;
use super::expression::{Binder, ExprId};
use super::module::Module;
use crate::codes::reader as codes;
use crate::yaml::{self, Limits, NodeId, Tree};

pub(crate) use mend::{escape_double, is_plain, quoted};

/// A text that was read: its YAML tree and the module in it.
#[derive(Clone, Debug)]
pub struct Parsed<'source> {
    /// The tree; data (examples, defaults, initial values) is looked up in it.
    pub tree: Tree<'source>,
    /// The file as written.
    pub module: Module,
    /// The scalars that hold expressions, names and types, in order of position.
    pub(crate) scalars: Vec<(NodeId, Written)>,
}

/// What a scalar was read as.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    Name,
    Expression(ExprId),
    /// The head of a `for` loop.
    Binder(Binder),
    /// A message with these holes.
    Template(Vec<ExprId>),
    /// A type, in its canonical text.
    Type(String),
}

impl Parsed<'_> {
    /// Rewrites the fixes of a diagnostic about an expression so that they stand right inside the quotes of
    /// its scalar: what makes diagnostics from expressions calls this, what mends the YAML around does not.
    pub fn fit_fixes(&self, diagnostic: &mut Diagnostic) {
        let place = diagnostic.fixes.first().and_then(|fix| fix.edits.first()).map(|edit| edit.span);
        let Some(place) = place else { return };
        let after = self.scalars.partition_point(|(node, _)| self.tree.span(*node).start <= place.start);
        let Some((node, _)) = after.checked_sub(1).and_then(|index| self.scalars.get(index)) else { return };
        if self.tree.span(*node).end >= place.end {
            mend::fit(&self.tree, *node, diagnostic);
        }
    }
}

/// Reads a text. Diagnostics are in order of place; what could not be read is an error node, an empty name
/// or left out, and nothing more should be said about it.
#[must_use]
pub fn parse<'source>(source: &'source Source, limits: &Limits) -> (Parsed<'source>, Vec<Diagnostic>) {
    parse_text(&source.text, limits)
}

/// Reads a text without a name; see [`parse`].
#[must_use]
pub fn parse_text<'source>(text: &'source str, limits: &Limits) -> (Parsed<'source>, Vec<Diagnostic>) {
    let (tree, mut diagnostics) = yaml::load(text, limits);
    let Some(tree) = tree else {
        return (Parsed { tree: Tree::empty(), module: Module::default(), scalars: vec![] }, diagnostics);
    };
    let declared = scan::declared(&tree);
    let refused = diagnostics.iter().map(|diagnostic| diagnostic.span).collect();
    let mut reader = Reader {
        tree: &tree,
        declared,
        output: Module::default(),
        diagnostics: vec![],
        refused,
        scalars: vec![],
    };
    reader.module();
    let Reader { output: module, diagnostics: found, mut scalars, .. } = reader;
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    diagnostics.truncate(limits.max_diagnostics);
    scalars.sort_by_key(|(node, _)| tree.span(*node).start);
    (Parsed { tree, module, scalars }, diagnostics)
}

struct Reader<'t> {
    tree: &'t Tree<'t>,
    declared: Declared,
    output: Module,
    diagnostics: Vec<Diagnostic>,
    /// Where the YAML loader has refused something; there nothing is missing.
    refused: Vec<Span>,
    scalars: Vec<(NodeId, Written)>,
}

impl Reader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < 1000 {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether the loader has refused something inside a node.
    fn is_damaged(&self, node: NodeId) -> bool {
        let span = self.tree.span(node);
        self.refused.iter().any(|refused| span.start <= refused.start && refused.start <= span.end)
    }

    fn module(&mut self) {
        let root = self.tree.root();
        if self.tree.kind(root) == yaml::Kind::Null {
            let span = Span::new(0, 0);
            if self.refused.is_empty() {
                self.report(
                    Diagnostic::error(&codes::EMPTY_FILE, span, "the file has no module")
                        .with_help("begin with `node_id: name_v1`, or with `module: name` and `functions:`"),
                );
            }
            return;
        }
        let single = self.tree.get(root, "node_id").is_some()
            || self.tree.get(root, "functions").is_none() && self.tree.get(root, "flow").is_some();
        if single {
            self.single_function(root);
        } else {
            self.several_functions(root);
        }
    }
}
