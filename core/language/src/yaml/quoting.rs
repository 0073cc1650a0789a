//! Expressions that should have been quoted: how far one reaches, and how to quote it.
//!
//! The parser has no notion of expressions, so all of this reads the text itself.

use anrf_format::diagnostic::Span;

/// The text in quotes, so that YAML reads it as it stands.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains('"') || text.contains('\\') {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// At most the first forty characters, for messages.
pub(super) fn clipped(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(40) {
        Some((offset, _)) => format!("{}...", line.get(..offset).unwrap_or("")),
        None => line.to_owned(),
    }
}

/// Longer lines are not worth a guess, and reading them again and again would take too long.
const LINE_LIMIT: usize = 4096;

/// Where an expression that begins at `from` ends: at a comma or a closing bracket that is not its own (in a
/// flow collection), at a comment, or at the end of the line, blanks before that left out. `None` if it still
/// has an open bracket or quote there.
pub(super) fn expression_end(text: &str, from: usize, in_flow: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = vec![];
    let mut at = from;
    let mut end = from;
    while let Some(&byte) = bytes.get(at) {
        if at - from > LINE_LIMIT {
            return None;
        }
        match byte {
            b'\n' | b'\r' => break,
            b'#' if open.is_empty() && at > from && matches!(bytes.get(at - 1), Some(b' ' | b'\t')) => break,
            b'"' | b'\'' => {
                at = quote_end(bytes, at)?;
                end = at;
                continue;
            }
            b'(' | b'[' | b'{' => open.push(byte),
            b'<' if opens_type_arguments(bytes, at) => open.push(byte),
            b'>' if open.last() == Some(&b'<') => drop(open.pop()),
            b')' | b']' | b'}' if !open.is_empty() => while open.pop() == Some(b'<') {},
            b']' | b'}' if in_flow => break,
            b',' if in_flow && open.is_empty() => break,
            _ => {}
        }
        at += 1;
        if !matches!(byte, b' ' | b'\t') {
            end = at;
        }
    }
    open.is_empty().then_some(end)
}

/// Just past the closing quote on the same line.
pub(super) fn quote_end(bytes: &[u8], open: usize) -> Option<usize> {
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            b'\n' => return None,
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// `<` after the name of a generic type; anything else is a comparison.
fn opens_type_arguments(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    ["map", "set", "array", "optional", "tensor"].iter().any(|name| {
        before
            .strip_suffix(name.as_bytes())
            .is_some_and(|rest| !rest.last().is_some_and(|&byte| is_word(byte)))
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A value as it is written on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) span: Span,
    pub(super) in_flow: bool,
}

/// The value on the line of `offset` that holds this offset, with as much of the line as its expression
/// takes. `None` where the line has no value there, or the value is still open at the end of the line.
/// `open_flow` is the bracket around that place, if it is known.
pub(super) fn value_at(text: &str, offset: usize, open_flow: Option<Span>) -> Option<Value> {
    let bytes = text.as_bytes();
    let line_start = bytes.get(..offset)?.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    if offset - line_start > LINE_LIMIT {
        return None;
    }
    let mut at = blanks(bytes, line_start);
    while matches!((bytes.get(at), bytes.get(at + 1)), (Some(b'-'), Some(b' '))) {
        at = blanks(bytes, at + 1);
    }
    let mut in_flow = open_flow.is_some_and(|open| (open.start as usize) < line_start);
    let mut found = None;
    loop {
        // A key goes first, where there is one.
        let key_end = key_end(bytes, at, in_flow);
        let start = key_end.map_or(at, |end| blanks(bytes, end));
        if start > offset {
            return found;
        }
        let end = expression_end(text, start, in_flow);
        match (bytes.get(start), end) {
            // A collection that ends its line (or stands alone between commas): look inside.
            (Some(b'[' | b'{'), end) if offset > start && !continues(text, start, in_flow) => {
                found = end
                    .map(|end| Value { span: Span::new(start, end), in_flow })
                    .filter(|_| key_end.is_some());
                in_flow = true;
                at = blanks(bytes, start + 1);
            }
            (_, Some(end)) if offset <= end => {
                return (end > start).then_some(Value { span: Span::new(start, end), in_flow });
            }
            (_, Some(end)) => match bytes.get(blanks(bytes, end)) {
                Some(b',' | b']' | b'}') if in_flow => {
                    let mut next = blanks(bytes, end);
                    while let Some(b',' | b']' | b'}' | b' ') = bytes.get(next) {
                        next += 1;
                    }
                    at = next;
                }
                _ => return None,
            },
            (_, None) => return None,
        }
    }
}

/// Whether text follows the collection that opens here, as in `[1, 2][0]`.
fn continues(text: &str, open: usize, in_flow: bool) -> bool {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = open;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return false,
            _ if at - open > LINE_LIMIT => return false,
            b'"' | b'\'' => match quote_end(bytes, at) {
                Some(end) => at = end - 1,
                None => return false,
            },
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let next = blanks(bytes, at + 1);
                    return match bytes.get(next) {
                        None | Some(b'\n' | b'\r' | b'#' | b':') => false,
                        Some(b',' | b']' | b'}') => !in_flow,
                        Some(_) => true,
                    };
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Just past the `:` of the key that begins here.
fn key_end(bytes: &[u8], start: usize, in_flow: bool) -> Option<usize> {
    let mut at = start;
    if let Some(b'"' | b'\'') = bytes.get(start) {
        at = quote_end(bytes, start)?;
        let colon = blanks(bytes, at);
        return (bytes.get(colon) == Some(&b':')).then_some(colon + 1);
    }
    loop {
        match *bytes.get(at)? {
            _ if at - start > LINE_LIMIT => return None,
            b'\n' | b'"' | b'\'' | b'(' | b'[' | b'{' => return None,
            b',' | b']' | b'}' if in_flow => return None,
            b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r')) => {
                return Some(at + 1);
            }
            _ => at += 1,
        }
    }
}

fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}
