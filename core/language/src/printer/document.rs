//! `fmt`: the same file in the canonical spelling and layout. Comments, the order of keys, and the choice
//! between block and flow style stay the author's.

use anrf_format::diagnostic::{Diagnostic, Severity, Span};

use super::expression::{self, Quote};
use super::{layout, same};
use crate::syntax::reader::{Parsed, Written, escape_double, is_plain, parse_text};
use crate::yaml::{Kind, Limits, NodeId, Style};

/// The text in canonical form: expressions and types in their canonical spelling, quotes only where they are
/// wanted, two spaces a level, no blanks at the ends of lines, one line feed at the end. Formatting again
/// changes nothing, and the result means the same.
///
/// # Errors
/// The diagnostics of a text that cannot be read.
pub fn format_document(text: &str, limits: &Limits) -> Result<String, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (parsed, diagnostics) = parse_text(&text, limits);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let spelled = applied(&text, spelling(&parsed));
    let spelled = if means_the_same(&parsed, &spelled, limits) { spelled } else { text.clone() };
    let laid_out = layout::lay_out(&parse_text(&spelled, limits).0.tree);
    Ok(if means_the_same(&parsed, &laid_out, limits) { laid_out } else { spelled })
}

/// Whether a text reads as what was parsed, whatever happened to it.
fn means_the_same(parsed: &Parsed<'_>, text: &str, limits: &Limits) -> bool {
    let (again, diagnostics) = parse_text(text, limits);
    diagnostics.is_empty() && same::same(parsed, &again)
}

/// What replaces which text, in order of place.
fn spelling(parsed: &Parsed<'_>) -> Vec<(Span, String)> {
    let mut edits = vec![];
    for (node, written) in &parsed.scalars {
        let Kind::Scalar(style) = parsed.tree.kind(*node) else { continue };
        let span = parsed.tree.span(*node);
        let source = parsed.tree.source().get(span.range()).unwrap_or("");
        // What stands on several lines was laid out by hand.
        if source.contains('\n') || matches!(style, Style::Literal | Style::Folded) {
            continue;
        }
        let canonical = match written {
            Written::Name => continue,
            Written::Template(holes) => {
                edits.extend(holes.iter().filter_map(|id| hole(parsed, *node, *id)));
                continue;
            }
            Written::Type(text) => scalar([text.clone(), text.clone()], style),
            Written::Expression(id) => scalar(
                both(
                    |quote, source| expression::expression_of(&parsed.module.expressions, *id, quote, source),
                    parsed,
                ),
                style,
            ),
            Written::Binder(binder) => scalar(
                both(
                    |quote, source| expression::binder(&parsed.module.expressions, binder, quote, source),
                    parsed,
                ),
                style,
            ),
        };
        if canonical != source {
            edits.push((span, canonical));
        }
    }
    edits
}

/// A text with single and with double quotes around its strings.
fn both(print: impl Fn(Quote, &str) -> String, parsed: &Parsed<'_>) -> [String; 2] {
    [Quote::Single, Quote::Double].map(|quote| print(quote, parsed.tree.source()))
}

/// How a text stands in YAML: plain if it was and can be; in double quotes, with single ones inside, unless
/// the other way round takes fewer escapes.
fn scalar([single, double]: [String; 2], style: Style) -> String {
    if style == Style::Plain && is_plain(&single) {
        return single;
    }
    let outer_double = format!("\"{}\"", escape_double(&single));
    let outer_single = format!("'{}'", double.replace('\'', "''"));
    if outer_single.len() < outer_double.len() { outer_single } else { outer_double }
}

/// The expression in a hole of a message, if it is spelled differently and nothing around needs escapes.
fn hole(parsed: &Parsed<'_>, node: NodeId, id: crate::syntax::expression::ExprId) -> Option<(Span, String)> {
    let span = parsed.module.expressions.nodes.get(id.0 as usize)?.span;
    let quote = match parsed.tree.kind(node) {
        Kind::Scalar(Style::DoubleQuoted) => Quote::Single,
        _ => Quote::Double,
    };
    let source = parsed.tree.source();
    let text = expression::expression_of(&parsed.module.expressions, id, quote, source);
    let written = source.get(span.range())?;
    let plain = !text.contains(['\\', '"', '\'']) && !written.contains('\\');
    let safe = match parsed.tree.kind(node) {
        Kind::Scalar(Style::Plain) => is_plain(&text),
        _ => true,
    };
    (plain && safe && text != written).then_some((span, text))
}

fn applied(text: &str, mut edits: Vec<(Span, String)>) -> String {
    edits.sort_by_key(|(span, _)| *span);
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (span, replacement) in edits {
        let range = span.range();
        let Some(before) = text.get(done..range.start) else { continue };
        result.push_str(before);
        result.push_str(&replacement);
        done = range.end;
    }
    result.push_str(text.get(done..).unwrap_or(""));
    result
}
