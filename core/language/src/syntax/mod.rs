//! Text to syntax: the expression parser and the reader that turns a YAML tree into a [`module::Module`].

pub mod declared;
pub mod expression;
mod foreign;
pub mod grammar;
pub mod keywords;
mod lexer;
pub mod module;
mod nearest;
mod parser;
pub mod reader;
mod template;
mod types;
mod walk;

use anrf_format::diagnostic::{Diagnostic, Span};

use declared::Declared;
use expression::{ExprId, Expressions};

pub(crate) use parser::clipped;
pub use reader::{Parsed, parse, parse_text};

/// Reads a text as one expression. `offset_map` gives the offset in the file of an offset in the text.
/// What could not be read is an [`expression::ExpressionKind::Error`], and has been reported.
pub fn parse_expression(
    text: &str,
    offset_map: impl Fn(usize) -> u32,
    expressions: &mut Expressions,
    diagnostics: &mut Vec<Diagnostic>,
) -> ExprId {
    let first = expressions.nodes.len();
    let (id, found) = parser::parse(text, expressions, &Declared::default());
    let map = |span: &mut Span| {
        let start = offset_map(span.start as usize);
        *span = Span { start, end: offset_map(span.end as usize).max(start) };
    };
    for node in expressions.nodes.iter_mut().skip(first) {
        node.for_each_span(map);
    }
    for mut diagnostic in found {
        template::for_each_span(&mut diagnostic, map);
        diagnostics.push(diagnostic);
    }
    id
}
