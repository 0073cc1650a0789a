//! Fixes inside scalars: what is written there has to survive the quotes around it.

use anrf_format::diagnostic::{Diagnostic, Edit, Fix, Span};

use crate::yaml::{Kind, NodeId, Style, Tree};

/// Rewrites the fixes of a diagnostic whose edits replace parts of an expression that stands in this scalar:
/// escapes what the quotes around need escaped, and puts quotes around a plain scalar that needs them.
pub(super) fn fit(tree: &Tree<'_>, node: NodeId, diagnostic: &mut Diagnostic) {
    for fix in &mut diagnostic.fixes {
        fit_fix(tree, node, fix);
    }
}

fn fit_fix(tree: &Tree<'_>, node: NodeId, fix: &mut Fix) {
    let Kind::Scalar(style) = tree.kind(node) else { return };
    match style {
        Style::DoubleQuoted => {
            for edit in &mut fix.edits {
                edit.replacement = escape_double(&edit.replacement);
            }
        }
        Style::SingleQuoted => {
            for edit in &mut fix.edits {
                edit.replacement = edit.replacement.replace('\'', "''");
            }
        }
        Style::Literal | Style::Folded => {}
        Style::Plain => {
            let span = tree.span(node);
            let Some(text) = tree.source().get(span.range()) else { return };
            let Some(text) = applied(text, span, &fix.edits) else { return };
            if !is_plain(&text) {
                fix.edits = vec![Edit { span, replacement: quoted(&text) }];
            }
        }
    }
}

/// A text with edits in it; `None` if one is not inside.
fn applied(text: &str, span: Span, edits: &[Edit]) -> Option<String> {
    let mut result = text.to_owned();
    for edit in edits.iter().rev() {
        let range = edit.span.start.checked_sub(span.start)? as usize
            ..edit.span.end.checked_sub(span.start)? as usize;
        result.get(range.clone())?;
        result.replace_range(range, &edit.replacement);
    }
    Some(result)
}

/// Text as it stands between double quotes.
pub(crate) fn escape_double(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\t' => result.push_str("\\t"),
            '\r' => result.push_str("\\r"),
            other => result.push(other),
        }
    }
    result
}

/// A text in the quotes that need fewer escapes.
pub(crate) fn quoted(text: &str) -> String {
    let awkward = text.contains(['"', '\\']);
    let single = awkward && !text.chars().any(|it| it.is_control() || it == '\u{feff}');
    if single { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{}\"", escape_double(text)) }
}

/// Whether a text can stand without quotes, in lists and mappings of every style.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next();
    let second = bytes.next();
    let begins = match first {
        None | Some(b' ') => false,
        Some(b'-' | b'?' | b':') => second.is_some_and(|byte| byte != b' '),
        Some(byte) => !b",[]{}#&*!|>'\"%@`".contains(&byte),
    };
    begins
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.chars().any(|it| it.is_control() || matches!(it, ',' | '[' | ']' | '{' | '}' | '\u{feff}'))
}
