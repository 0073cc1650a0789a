//! What is wrong with a text before its grammar matters: its size, its encoding and stray characters.

use anrf_format::diagnostic::{Diagnostic, Span};

use crate::codes::yaml as codes;

/// The byte order mark that may begin a file.
pub(super) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// How many stray characters are worth a diagnostic each.
const MANY: usize = 20;

/// Refuses bytes that are not UTF-8, pointing at the first that is not.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Box<Diagnostic>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let length = error.error_len().unwrap_or(bytes.len() - start);
        let byte = bytes.get(start).copied().unwrap_or_default();
        let message = format!("byte 0x{byte:02x} at offset {start} is not valid UTF-8");
        let span = Span::new(start, start + length);
        Box::new(Diagnostic::error(&codes::INVALID_UTF8, span, message).with_help("save the file as UTF-8"))
    })
}

/// Refuses a text over the limit.
pub(super) fn size(length: usize, limit: usize) -> Option<Diagnostic> {
    (length > limit).then(|| {
        let message = format!("the file has {length} bytes, the limit is {limit}");
        Diagnostic::error(&codes::TOO_LARGE, Span::new(limit, limit), message).with_help("split the module")
    })
}

/// What one pass over the bytes finds.
pub(super) struct Survey {
    /// Characters that may not stand in a file.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many tokens the brackets, commas and colons could make; see `flow_memory`.
    pub(super) tokens: usize,
    pub(super) ascii: bool,
}

/// Looks at every byte once.
pub(super) fn survey(text: &str) -> Survey {
    let bytes = text.as_bytes();
    let mut survey = Survey { diagnostics: vec![], tokens: 0, ascii: text.is_ascii() };
    for (offset, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\t' | b'\n' | b' ' => {}
            b'\r' if bytes.get(offset + 1) == Some(&b'\n') => {}
            0..=0x1F | 0x7F => stray(&mut survey.diagnostics, text, offset),
            // C1 controls, the byte order mark and the last two code points of the basic plane.
            0xC2 | 0xEF => stray(&mut survey.diagnostics, text, offset),
            _ => survey.tokens += tokens(byte),
        }
    }
    survey
}

/// How many tokens of the parser one indicator stands for at most, with the scalar beside it.
pub(super) fn tokens(indicator: u8) -> usize {
    match indicator {
        b':' => 5,
        b',' | b'?' => 2,
        b'[' | b']' | b'{' | b'}' | b'&' | b'!' | b'*' => 1,
        _ => 0,
    }
}

fn stray(diagnostics: &mut Vec<Diagnostic>, text: &str, offset: usize) {
    let Some(character) = text.get(offset..).and_then(|rest| rest.chars().next()) else { return };
    let allowed = match character {
        '\u{85}' => true,
        '\u{FEFF}' => offset == 0,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => !other.is_control(),
    };
    if allowed || diagnostics.len() >= MANY {
        return;
    }
    let span = Span::new(offset, offset + character.len_utf8());
    let code = u32::from(character);
    let diagnostic = match character {
        '\r' => Diagnostic::error(&codes::CONTROL_CHARACTER, span, "carriage return without a line feed")
            .with_help("end lines with a line feed")
            .with_fix("write a line feed", span, "\n"),
        '\u{FEFF}' => {
            Diagnostic::error(&codes::CONTROL_CHARACTER, span, "byte order mark in the middle of the file")
                .with_help("a byte order mark may only begin the file")
                .with_fix("remove it", span, "")
        }
        _ => {
            let escape = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
            let message = format!("control character U+{code:04X} in the text");
            let help = format!("remove it, or write `{escape}` inside double quotes");
            Diagnostic::error(&codes::CONTROL_CHARACTER, span, message).with_help(help).with_fix(
                "remove it",
                span,
                "",
            )
        }
    };
    diagnostics.push(diagnostic);
}
