//! Messages: text with `{expr}` holes, `{{` and `}}` for braces.

use std::ops::Range;

use anrf_format::diagnostic::{Diagnostic, Span};

use super::declared::Declared;
use super::expression::Expressions;
use super::module::TemplatePart;
use super::parser;
use crate::codes::syntax as codes;

/// A piece of a template's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text, braces still doubled.
    Text(Range<usize>),
    /// What stands between braces.
    Hole(Range<usize>),
    /// A brace that opens and is never closed.
    Open(usize),
    /// A brace that closes nothing.
    Stray(usize),
}

/// Cuts a text into pieces. Holes may hold brackets and strings of their own.
pub(super) fn split(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces = vec![];
    let mut start = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b'{' | b'}') && bytes.get(at + 1) == Some(&byte) {
            at += 2;
            continue;
        }
        if !matches!(byte, b'{' | b'}') {
            at += 1;
            continue;
        }
        if start < at {
            pieces.push(Piece::Text(start..at));
        }
        if byte == b'}' {
            pieces.push(Piece::Stray(at));
            at += 1;
        } else if let Some(end) = hole_end(bytes, at + 1) {
            pieces.push(Piece::Hole(at + 1..end));
            at = end + 1;
        } else {
            pieces.push(Piece::Open(at));
            at = bytes.len();
        }
        start = at;
    }
    if start < bytes.len() {
        pieces.push(Piece::Text(start..bytes.len()));
    }
    pieces
}

/// The offset of the brace that closes a hole.
fn hole_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'{' => open += 1,
            b'}' => match open.checked_sub(1) {
                Some(less) => open = less,
                None => return Some(at),
            },
            quote @ (b'"' | b'\'') => {
                // An apostrophe outside a string does not occur in an expression.
                let mut end = at + 1;
                loop {
                    match *bytes.get(end)? {
                        b'\\' => end += 2,
                        byte if byte == quote => break,
                        _ => end += 1,
                    }
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Reads a template. Places are offsets in the text.
pub(super) fn parse(
    text: &str,
    output: &mut Expressions,
    declared: &Declared,
) -> (Vec<TemplatePart>, Vec<Diagnostic>) {
    let mut parts = vec![];
    let mut diagnostics = vec![];
    for piece in split(text) {
        match piece {
            Piece::Text(range) => {
                let plain = text.get(range).unwrap_or("").replace("{{", "{").replace("}}", "}");
                parts.push(TemplatePart::Text(plain));
            }
            Piece::Hole(range) => {
                let first = output.nodes.len();
                let hole = text.get(range.clone()).unwrap_or("");
                let (id, found) = hole_expression(hole, output, declared);
                let offset = Span::new(range.start, range.start).start;
                let shift = |span: &mut Span| {
                    span.start += offset;
                    span.end += offset;
                };
                for node in output.nodes.iter_mut().skip(first) {
                    node.for_each_span(shift);
                }
                for mut diagnostic in found {
                    for_each_span(&mut diagnostic, shift);
                    diagnostics.push(diagnostic);
                }
                parts.push(TemplatePart::Expression(id));
            }
            Piece::Open(at) => diagnostics.push(
                Diagnostic::error(
                    &codes::TEMPLATE,
                    Span::new(at, at + 1),
                    "`{` opens a hole that is never closed",
                )
                .with_help("close it with `}`, or write `{{` for a brace")
                .with_fix("write `{{`", Span::new(at, at + 1), "{{"),
            ),
            Piece::Stray(at) => diagnostics.push(
                Diagnostic::error(&codes::TEMPLATE, Span::new(at, at + 1), "`}` closes nothing")
                    .with_help("write `}}` for a brace")
                    .with_fix("write `}}`", Span::new(at, at + 1), "}}"),
            ),
        }
    }
    (parts, diagnostics)
}

/// The expression of a hole; a format after a colon is another language's.
fn hole_expression(
    hole: &str,
    output: &mut Expressions,
    declared: &Declared,
) -> (super::expression::ExprId, Vec<Diagnostic>) {
    if let Some((value, format)) = hole.rsplit_once(':').filter(|(_, format)| is_format(format)) {
        let (id, mut diagnostics) = parser::parse(value, output, declared);
        let span = Span::new(value.len(), hole.len());
        let places: String = format.chars().filter(char::is_ascii_digit).collect();
        let mut diagnostic = Diagnostic::error(&codes::TEMPLATE, span, "a hole has no format")
            .with_help("write a function, such as `{format(x, 2)}` for two places");
        if format.starts_with('.') && !places.is_empty() {
            let mend = format!("format({}, {places})", value.trim());
            let whole = Span::new(0, hole.len());
            diagnostic = diagnostic.with_fix(format!("write `{mend}`"), whole, mend);
        }
        diagnostics.push(diagnostic);
        return (id, diagnostics);
    }
    parser::parse(hole, output, declared)
}

/// `.2f`, `>10`, `,` and the like.
fn is_format(text: &str) -> bool {
    let known = |it: char| {
        it.is_ascii_digit() || matches!(it, '.' | ',' | 'f' | 'd' | 's' | '%' | '<' | '>' | '^' | '+' | '_')
    };
    !text.is_empty() && text.len() <= 6 && text.chars().all(known)
}

/// Calls `visit` with every place of a diagnostic.
pub(super) fn for_each_span(diagnostic: &mut Diagnostic, mut visit: impl FnMut(&mut Span)) {
    visit(&mut diagnostic.span);
    diagnostic.notes.iter_mut().for_each(|(span, _)| visit(span));
    diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| visit(&mut edit.span));
}
