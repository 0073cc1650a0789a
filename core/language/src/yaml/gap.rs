//! What the parser drops: the text between two tokens, with its comments, indicators and indentation.

use anrf_format::diagnostic::Span;

use super::tree::Comment;

/// What stood between two tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    /// The first `-` indicator.
    pub(super) first_dash: Option<usize>,
    /// The `|` or `>` of a block scalar.
    pub(super) block_header: Option<usize>,
    /// Just past the last `-`, `:`, `?` or `,`.
    pub(super) after_indicator: Option<usize>,
}

/// Walks the text between tokens once, from the start of the file to its end.
pub(super) struct Gaps<'source> {
    text: &'source str,
    start: usize,
    /// Everything before this offset has been seen.
    pub(super) cursor: usize,
    pub(super) comments: Vec<Comment>,
    /// Blanks with a tab in them, at the beginning of a line with content.
    pub(super) tabs: Vec<Span>,
}

impl<'source> Gaps<'source> {
    pub(super) fn new(text: &'source str, start: usize) -> Self {
        Self { text, start, cursor: start, comments: vec![], tabs: vec![] }
    }

    /// Reads up to `target`, where the next token begins.
    pub(super) fn advance(&mut self, target: usize) -> Gap {
        let bytes = self.text.as_bytes();
        let mut gap = Gap::default();
        if self.cursor == self.start && target > self.start {
            self.indentation(self.start);
        }
        while self.cursor < target {
            let at = self.cursor;
            self.cursor += 1;
            match bytes.get(at) {
                None => break,
                Some(b'\n') => self.indentation(at + 1),
                Some(b'#')
                    if at == self.start
                        || matches!(bytes.get(at - 1), Some(b' ' | b'\t' | b'\n' | b'\r')) =>
                {
                    self.comment(at);
                }
                Some(b'-') => {
                    gap.first_dash.get_or_insert(at);
                    gap.after_indicator = Some(at + 1);
                }
                Some(b':' | b'?' | b',') => gap.after_indicator = Some(at + 1),
                Some(b'|' | b'>') => {
                    gap.block_header.get_or_insert(at);
                }
                Some(_) => {}
            }
        }
        gap
    }

    /// Continues after a token. Tokens do not overlap, so this never goes back.
    pub(super) fn skip_to(&mut self, offset: usize) {
        self.cursor = self.cursor.max(offset);
    }

    fn comment(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(start..).unwrap_or_default();
        let mut end = start + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        self.cursor = end;
        if end > start && bytes.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        let before = bytes.get(..start).unwrap_or_default();
        let alone =
            before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|&byte| byte == b'\n');
        self.comments.push(Comment { span: Span::new(start, end), alone });
    }

    fn indentation(&mut self, start: usize) {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
        let blank_line = matches!(rest.get(length), None | Some(b'\n' | b'\r'));
        if !blank_line && rest.get(..length).is_some_and(|blanks| blanks.contains(&b'\t')) {
            self.tabs.push(Span::new(start, start + length));
        }
        self.cursor = self.cursor.max(start + length);
    }
}
