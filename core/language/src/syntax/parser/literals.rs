//! What the text of a literal stands for.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::timestamp::Timestamp;

use super::super::expression::ExpressionKind;
use super::super::lexer::Token;
use super::super::template;
use super::{Parser, clipped};
use crate::codes::syntax as codes;

impl Parser<'_> {
    /// Digits without separators and without zeros in front.
    pub(super) fn integer_digits(&self, token: Token) -> String {
        let mut digits = self.word(token).replace('_', "");
        let zeros = digits.bytes().take_while(|&byte| byte == b'0').count();
        digits.drain(..zeros.min(digits.len() - 1));
        digits
    }

    pub(super) fn decimal_digits(&self, token: Token) -> String {
        let text = self.word(token).replace('_', "");
        match text.split_once('.') {
            Some((whole, fraction)) => {
                let whole = whole.trim_start_matches('0');
                format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole })
            }
            None => text,
        }
    }

    /// The text between the quotes with its escapes resolved, if all of them are escapes.
    #[inline(never)]
    pub(super) fn string(&mut self, token: Token) -> Option<String> {
        let text = self.word(token);
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
        if inner.contains('\\') { self.unescape(inner, token.start + 1) } else { Some(inner.to_owned()) }
    }

    #[inline(never)]
    fn unescape(&mut self, text: &str, start: u32) -> Option<String> {
        let mut result = String::with_capacity(text.len());
        let mut readable = true;
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            result.push_str(rest.get(..at).unwrap_or(""));
            let escape = rest.get(at..).unwrap_or("");
            let offset = text.len() - escape.len();
            let (character, length) = escaped(escape);
            match character {
                Some(character) => result.push(character),
                None => {
                    let shown = escape.get(..length).unwrap_or(escape);
                    let span = Span::new(start as usize + offset, start as usize + offset + shown.len());
                    self.report(
                        Diagnostic::error(&codes::ESCAPE, span, format!("`{shown}` is no escape"))
                            .with_help("escapes are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\\"`, `\\'` and `\\u{...}`; a backslash itself is `\\\\`")
                            .with_fix("write a backslash", span, format!("\\{shown}")),
                    );
                    readable = false;
                }
            }
            rest = escape.get(length..).unwrap_or("");
        }
        result.push_str(rest);
        readable.then_some(result)
    }

    /// `b"00ff"`
    #[inline(never)]
    pub(super) fn bytes(&mut self, token: Token) -> ExpressionKind {
        let text = self.word(token);
        let digits = text.get(2..text.len().saturating_sub(1)).unwrap_or("");
        let bytes: Option<Vec<u8>> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(hex(*high)? * 16 + hex(*low)?),
                _ => None,
            })
            .collect();
        match bytes {
            Some(bytes) => ExpressionKind::Bytes(bytes),
            None => {
                let message =
                    format!("`{}` is not bytes: expected pairs of hexadecimal digits", clipped(text));
                self.report(
                    Diagnostic::error(&codes::LITERAL, token.span(), message)
                        .with_help("write `b\"00ff\"`; the bytes of a text are `utf8_encode(text)`"),
                );
                ExpressionKind::Error
            }
        }
    }

    /// `t"2026-01-08T14:23:15Z"`
    #[inline(never)]
    pub(super) fn timestamp(&mut self, token: Token) -> ExpressionKind {
        let text = self.word(token);
        let inner = text.get(2..text.len().saturating_sub(1)).unwrap_or("");
        match Timestamp::parse(inner) {
            Ok(_) => ExpressionKind::Timestamp(inner.to_owned()),
            Err(error) => {
                let message = format!("`{}` is not a timestamp: {error}", clipped(inner));
                let help = error.help().unwrap_or("write it as `t\"2026-01-08T14:23:15Z\"`");
                self.report(Diagnostic::error(&codes::LITERAL, token.span(), message).with_help(help));
                ExpressionKind::Error
            }
        }
    }

    /// `f"total {x}"`, which is `"total " ++ to_string(x)` here.
    #[inline(never)]
    pub(super) fn interpolated(&mut self, token: Token) -> ExpressionKind {
        let text = self.word(token);
        let inner = text.get(2..text.len().saturating_sub(1)).unwrap_or("");
        let quote = if text.ends_with('\'') { '\'' } else { '"' };
        let mut pieces = vec![];
        let mut known = true;
        for piece in template::split(inner) {
            match piece {
                template::Piece::Text(range) => {
                    let text = inner
                        .get(range)
                        .unwrap_or("")
                        .replace("{{", "{")
                        .replace("}}", "}")
                        .replace(quote, &format!("\\{quote}"));
                    pieces.push(format!("{quote}{text}{quote}"));
                }
                template::Piece::Hole(range) => {
                    let hole = inner.get(range).unwrap_or("");
                    known &= !hole.contains([':', '!']) && !hole.trim().is_empty();
                    pieces.push(format!("to_string({})", hole.trim()));
                }
                template::Piece::Open(_) | template::Piece::Stray(_) => known = false,
            }
        }
        let mut diagnostic = Diagnostic::error(
            &codes::INTERPOLATION,
            token.span(),
            "strings in expressions have no holes",
        )
        .with_help(
            "join pieces with `++`: `\"total \" ++ to_string(x)`; a `message` fills in `{x}` by itself",
        );
        if known {
            let mend = if pieces.is_empty() { format!("{quote}{quote}") } else { pieces.join(" ++ ") };
            diagnostic = diagnostic.with_fix(format!("write `{mend}`"), token.span(), mend);
        }
        self.report(diagnostic);
        ExpressionKind::String(inner.to_owned())
    }
}

/// The character of the escape that a text begins with, and the escape's length.
fn escaped(text: &str) -> (Option<char>, usize) {
    let simple = |character| (Some(character), 2);
    match text.as_bytes().get(1) {
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'0') => simple('\0'),
        Some(b'\\') => simple('\\'),
        Some(b'"') => simple('"'),
        Some(b'\'') => simple('\''),
        Some(b'x') => code(text, 2, 4, 4),
        Some(b'u') if text.as_bytes().get(2) == Some(&b'{') => match text.find('}') {
            Some(end) if end <= 10 => code(text, 3, end, end + 1),
            _ => (None, 2),
        },
        Some(b'u') => code(text, 2, 6, 6),
        Some(_) => (None, 1 + text.get(1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)),
        None => (None, 1),
    }
}

fn code(text: &str, from: usize, to: usize, length: usize) -> (Option<char>, usize) {
    let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let character = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    (character, if character.is_some() { length } else { 2 })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
