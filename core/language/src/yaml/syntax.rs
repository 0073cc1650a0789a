//! What the parser says, in words that help the author of a function.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::builder::{alias, directive, too_deep};
use super::checks::must_quote;
use super::quoting::{clipped, quoted, value_at};
use crate::codes::yaml as codes;

/// A syntax error as the parser reports it.
pub(super) struct SyntaxError {
    pub(super) offset: usize,
    pub(super) info: String,
    /// The opening bracket of the innermost flow collection.
    pub(super) open_flow: Option<Span>,
}

/// The diagnostic, and the expression that should have been quoted if that is what it is about.
pub(super) fn diagnose(text: &str, error: &SyntaxError, max_depth: usize) -> (Diagnostic, Option<Span>) {
    let info = error.info.as_str();
    let offset = error.offset.min(text.len());
    let here = character(text, offset);
    if let Some(diagnostic) = tab(text, offset) {
        return (diagnostic, None);
    }
    if info.contains("recursion limit") {
        return (too_deep(here, max_depth), None);
    }
    if info.contains("unknown anchor") {
        let end = word_end(text, offset);
        return with_quotes(alias(text, Span::new(offset, end)), text, offset, error.open_flow);
    }
    if info.contains("escape") && !info.contains("tag") || info.contains("hexadecimal") {
        return (escape(text, offset), None);
    }
    let line_start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    if text.get(line_start..).is_some_and(|line| line.starts_with('%')) && line_start > 0
        || info.contains("irective")
    {
        return (directive(text, line_start), None);
    }
    if let Some((why, span)) = expression(text, offset, error) {
        return (must_quote(text, span, why), Some(span));
    }
    (plain_error(text, here, error), None)
}

/// The diagnostic without a guess at an expression.
pub(super) fn unexplained(text: &str, error: &SyntaxError) -> Diagnostic {
    plain_error(text, character(text, error.offset.min(text.len())), error)
}

/// Adds the quoting of the value at an offset to a diagnostic, where there is one.
pub(super) fn with_quotes(
    diagnostic: Diagnostic,
    text: &str,
    offset: usize,
    open_flow: Option<Span>,
) -> (Diagnostic, Option<Span>) {
    let Some(value) = value_at(text, offset, open_flow) else { return (diagnostic, None) };
    let whole = text.get(value.span.range()).unwrap_or("");
    let help = format!("if it belongs to an expression, write `{}`", quoted(&clipped(whole)));
    (
        diagnostic.with_help(help).with_fix("put the value in quotes", value.span, quoted(whole)),
        Some(value.span),
    )
}

/// The value that holds the error, if reading it as an expression explains the error.
fn expression(text: &str, offset: usize, error: &SyntaxError) -> Option<(&'static str, Span)> {
    let info = error.info.as_str();
    let value = value_at(text, offset, error.open_flow)?;
    let whole = text.get(value.span.range())?;
    let first = whole.chars().next()?;
    let why = match first {
        '@' | '`' | '%' | '|' | '>' | '*' | '&' | '!' => "its first character means something to YAML",
        '"' | '\'' if info.contains("trailing content") || info.contains("expected ','") => {
            "to YAML the value ends at the second quote"
        }
        '"' | '\'' => return None,
        '[' | '{' => "to YAML the value ends at the closing bracket",
        _ if whole.contains(": ") && !value.in_flow => {
            "it holds `: `, which YAML reads as a key and its value"
        }
        _ if value.in_flow && lacks_comma(whole).is_some() => return None,
        _ if value.in_flow && whole.contains(['[', '{', ':', '"', '\'']) => {
            "inside `{...}` and `[...]` a bracket, a quote or `: ` cannot be part of it"
        }
        _ => return None,
    };
    Some((why, value.span))
}

/// In `1 b: 2`, the length of the value before the missing comma.
fn lacks_comma(value: &str) -> Option<usize> {
    let key = value.get(..value.find(": ")?)?;
    let first = key.trim_end().rfind(' ')?;
    let name = key.get(first + 1..)?;
    let before = key.get(..first)?.trim_end();
    let is_name = name.chars().all(|character| character.is_alphanumeric() || character == '_');
    (is_name && !before.is_empty() && !before.contains(' ')).then_some(before.len())
}

fn plain_error(text: &str, here: Span, error: &SyntaxError) -> Diagnostic {
    let info = error.info.as_str();
    let at_end = here.start as usize >= text.trim_end().len();
    let syntax = |span: Span, message: &str| Diagnostic::error(&codes::SYNTAX, span, message);
    let has = |part: &str| info.contains(part);
    if has("quoted scalar, found unexpected end of stream")
        || has("unexpected document indicator")
        || has("indentation in quoted scalar")
    {
        return syntax(here, "this quote is never closed").with_help("add the closing quote");
    }
    if let Some(open) = error.open_flow
        && (at_end || left_of(text, here.start as usize, open.start as usize))
    {
        let bracket = text.get(open.range()).unwrap_or("");
        let close = if bracket == "{" { "}" } else { "]" };
        return syntax(open, &format!("this `{bracket}` is never closed"))
            .with_help(format!("add the closing `{close}`"));
    }
    if has("valid YAML whitespace") {
        let before = text.get(..here.start as usize).unwrap_or("").trim_end_matches([' ', '\t']).len();
        let blanks = Span::new(before, here.start as usize);
        return syntax(blanks, "tab after `:` or `-`").with_help("write a space").with_fix(
            "write a space",
            blanks,
            " ",
        );
    }
    if has("expected ',' or '}'") || has("expected ',' or ']'") || has("invalid trailing content") {
        if let Some((value, length)) = value_at(text, here.start as usize, error.open_flow)
            .and_then(|value| Some((value, lacks_comma(text.get(value.span.range())?)?)))
        {
            let end = value.span.start as usize + length;
            return syntax(here, "expected `,` before the next key")
                .with_help("separate entries with `,`")
                .with_fix("write a comma", Span::new(end, end), ",");
        }
        let close = if has("'}'") { "`,` or `}`" } else { "`,` or `]`" };
        let expected = if has("trailing") { "the end of the value" } else { close };
        return syntax(here, &format!("expected {expected}, found {}", found(text, here)))
            .with_help("a value with brackets, quotes, `,` or `: ` in it must be quoted as a whole");
    }
    if has("mapping values are not allowed") || has("':' may not precede") || has("illegal placement of ':'")
    {
        let line = first_of_line(text, here.start as usize);
        let key = text.get(line..here.start as usize).unwrap_or("").trim_end();
        if !key.is_empty() && !key.contains([' ', ':']) {
            let span = Span::new(line, line + key.len());
            return syntax(span, &format!("`{}` is indented further than the key above it", clipped(key)))
                .with_help("begin it in the column of the keys it belongs to; a key with a value on its own line holds no others");
        }
        return syntax(here, "`:` begins a value, but there is no key here")
            .with_help("check the indentation of this line, or quote the value if the `:` belongs to it");
    }
    if has("simple key expect") {
        // The parser notices at the next token that the line had no colon.
        let before = text.get(..here.start as usize).unwrap_or("").trim_end();
        let start = first_of_line(text, before.len());
        let line = before.get(start..).unwrap_or("");
        return syntax(Span::new(start, before.len()), &format!("expected `:` after `{}`", clipped(line)))
            .with_help("write `key: value`; a continued text must be indented further than its key");
    }
    if has("misplaced bracket") {
        return syntax(here, &format!("{} closes nothing", found(text, here)))
            .with_help("remove it, or quote the value");
    }
    if has("block sequence entries are not allowed")
        || has("\"-\" is only valid")
        || has("plain scalar cannot start with '-'")
    {
        return syntax(here, "a `-` item cannot begin here").with_help("begin the list on a line of its own");
    }
    if has("block mapping, did not find expected key")
        || has("expected '-' indicator")
        || has("indentation")
        || has("wrongly indented")
    {
        let start = first_of_line(text, here.start as usize);
        return syntax(character(text, start), "this line is indented unlike the lines it belongs to")
            .with_help("entries of one list or mapping begin in the same column");
    }
    if has("comment intercepting") {
        return syntax(here, "a comment stands inside a text of several lines")
            .with_help("quote the text, or move the comment above its key");
    }
    if has("document start") || has("after document end") {
        return syntax(here, &format!("expected the end of the file, found {}", found(text, here)))
            .with_help("check the indentation; the file is one mapping");
    }
    if has("unexpected character") {
        return syntax(here, &format!("a value cannot begin with {}", found(text, here)))
            .with_help("quote the value");
    }
    if has("expected comment or line break") || has("indentation indicator") {
        return syntax(here, "expected a line break after `|` or `>`")
            .with_help("quote the value if it is an expression");
    }
    if has("did not find expected node content") || has("unexpected end of plain scalar") {
        return syntax(here, &format!("expected a value, found {}", found(text, here)));
    }
    syntax(here, &format!("not well-formed YAML: {info}"))
}

/// The first character of a line that is not blank.
fn first_of_line(text: &str, offset: usize) -> usize {
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or("");
    start + line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Whether the line of one offset is a later one and begins no further right than that of the other.
fn left_of(text: &str, offset: usize, open: usize) -> bool {
    let column =
        |first: usize| first - text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let (here, there) = (first_of_line(text, offset), first_of_line(text, open));
    here > there
        && column(here) <= column(there)
        && !text.get(here..).is_some_and(|line| line.starts_with(['}', ']']))
}

/// A line near the error that begins with a tab; the mend covers every such line.
fn tab(text: &str, offset: usize) -> Option<Diagnostic> {
    // How many lines are worth an edit each.
    const MANY: usize = 2000;
    let line_start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let previous = text.get(..line_start.saturating_sub(1))?.rfind('\n').map_or(0, |at| at + 1);
    let blanks = |start: usize| {
        let line = text.get(start..).unwrap_or("");
        let length = line.len() - line.trim_start_matches([' ', '\t']).len();
        (line.get(..length).unwrap_or("").contains('\t')).then(|| Span::new(start, start + length))
    };
    let span = blanks(line_start).or_else(|| blanks(previous)).or_else(|| {
        let next = text.get(offset..)?.find('\n')? + offset + 1;
        blanks(next)
    })?;
    let mut diagnostic = Diagnostic::error(&codes::TAB_INDENTATION, span, "tab used as indentation")
        .with_help("indent with spaces");
    let mut start = 0;
    let mut edits = vec![];
    // The line above: its tabs, the spaces that it has once mended, and whether it opens a level.
    let mut above = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let length = line.len() - line.trim_start_matches('\t').len();
        let content = line.trim();
        let mut spaces = line.len() - line.trim_start_matches(' ').len();
        if length > 0 {
            // Tabs below spaces go as deep as the line above lets them; tabs below tabs go by their number.
            spaces = match above {
                (0, spaces, opens) => spaces + if opens { 2 } else { 0 },
                (tabs, spaces, _) => (spaces + 2 * length).saturating_sub(2 * tabs),
            };
            let span = Span::new(start, start + length);
            edits.push(anrf_format::diagnostic::Edit { span, replacement: " ".repeat(spaces) });
        }
        if !content.is_empty() && !content.starts_with('#') {
            above = (length, spaces, content.ends_with(':'));
        }
        start += line.len();
        if edits.len() > MANY {
            return Some(diagnostic);
        }
    }
    if edits.is_empty() {
        let spaces = text.get(span.range())?.replace('\t', "  ");
        return Some(diagnostic.with_fix("write spaces", span, spaces));
    }
    diagnostic.fixes.push(anrf_format::diagnostic::Fix { title: "indent with spaces".to_owned(), edits });
    Some(diagnostic)
}

/// The escapes of one double-quoted scalar that do not exist; regular expressions are the usual cause.
fn escape(text: &str, open: usize) -> Diagnostic {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    let mut edits = vec![];
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => break,
            b'\\' => {
                let digits = match bytes.get(at + 1) {
                    Some(b'x') => 2,
                    Some(b'u') => 4,
                    Some(b'U') => 8,
                    _ => 0,
                };
                let code = text.get(at + 2..at + 2 + digits).unwrap_or("!");
                let known = bytes
                    .get(at + 1)
                    .is_some_and(|byte| b"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(byte))
                    && (digits == 0
                        || u32::from_str_radix(code, 16).is_ok_and(|code| char::from_u32(code).is_some()));
                if !known && edits.len() < 100 {
                    let span = Span::new(at, at);
                    edits.push(anrf_format::diagnostic::Edit { span, replacement: "\\".to_owned() });
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    let first = edits.first().map_or(open, |edit| edit.span.start as usize);
    let end = character(text, (first + 1).min(text.len())).end as usize;
    let shown = text.get(first..end).unwrap_or("");
    let mut diagnostic = Diagnostic::error(
        &codes::SYNTAX,
        Span::new(first, end),
        format!("unknown escape `{shown}` in double quotes"),
    )
    .with_help("write `\\\\` for a backslash, or put the text in single quotes");
    if !edits.is_empty() {
        diagnostic
            .fixes
            .push(anrf_format::diagnostic::Fix { title: "double the backslash".to_owned(), edits });
    }
    diagnostic
}

/// What stands at a place, for messages.
fn found(text: &str, span: Span) -> String {
    match text.get(span.range()) {
        None | Some("") => "the end of the file".to_owned(),
        Some("\n" | "\r") => "the end of the line".to_owned(),
        Some(character) => format!("`{character}`"),
    }
}

/// The span of the character at an offset; empty at the end.
pub(super) fn character(text: &str, offset: usize) -> Span {
    let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(offset, offset + length)
}

fn word_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or("");
    offset + rest.find([' ', '\t', '\n', '\r', ',', ']', '}']).unwrap_or(rest.len())
}
