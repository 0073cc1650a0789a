//! From an offset in a scalar's value to the offset in the file. Expressions stand inside scalars, and an
//! error in one must point at the right byte whatever quotes, escapes or folding surround it.

use anrf_format::diagnostic::Span;

use super::tree::Style;

/// How offsets in one scalar's value map to offsets in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetMap {
    /// Ascending in `value`; never empty.
    segments: Segments,
    end: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segments {
    One(Segment),
    Many(Vec<Segment>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    value: u32,
    source: u32,
    /// Bytes of the value and of the source run side by side; otherwise the whole segment (an escape, a
    /// folded line break) is one place.
    parallel: bool,
}

impl OffsetMap {
    pub(super) fn verbatim(source: u32, length: u32) -> Self {
        Self { segments: Segments::One(Segment { value: 0, source, parallel: true }), end: source + length }
    }

    /// The source offset of the character at this offset of the value. Offsets inside an escape give its
    /// start; offsets past the end give the end of the scalar's text.
    #[must_use]
    pub fn source(&self, offset: u32) -> u32 {
        let segment = match &self.segments {
            Segments::One(segment) => Some(segment),
            Segments::Many(segments) => {
                let after = segments.partition_point(|segment| segment.value <= offset);
                segments.get(after.saturating_sub(1))
            }
        };
        segment.map_or(self.end, |segment| {
            let inside = if segment.parallel { offset.saturating_sub(segment.value) } else { 0 };
            segment.source.saturating_add(inside).min(self.end)
        })
    }

    /// The source span of a span of the value.
    #[must_use]
    pub fn span(&self, span: Span) -> Span {
        let start = self.source(span.start);
        Span { start, end: self.source(span.end).max(start) }
    }

    /// Walks source and value side by side. `inner` is the scalar without quotes, `indentation` the number
    /// of spaces before each line of a block scalar.
    pub(super) fn aligned(source: &str, inner: Span, style: Style, indentation: usize, value: &str) -> Self {
        let mut walk = Walk {
            source: source.as_bytes(),
            value,
            at: inner.start as usize,
            done: 0,
            segments: vec![],
            end: inner.end as usize,
        };
        match style {
            Style::Literal | Style::Folded => walk.block(indentation),
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => walk.flow(style),
        }
        // What follows the last character of the value.
        let end = walk.at.min(walk.end);
        walk.place(end);
        Self { segments: Segments::Many(walk.segments), end: inner.end }
    }
}

struct Walk<'a> {
    source: &'a [u8],
    value: &'a str,
    /// Position in the source.
    at: usize,
    /// Position in the value.
    done: usize,
    segments: Vec<Segment>,
    /// End of the scalar in the source.
    end: usize,
}

impl Walk<'_> {
    fn byte(&self, offset: usize) -> Option<u8> {
        if offset < self.end { self.source.get(offset).copied() } else { None }
    }

    fn value_byte(&self) -> Option<u8> {
        self.value.as_bytes().get(self.done).copied()
    }

    fn push(&mut self, source: usize, parallel: bool) {
        let span = Span::new(self.done, source);
        self.segments.push(Segment { value: span.start, source: span.end, parallel });
    }

    /// From here on, source and value run side by side.
    fn parallel(&mut self) {
        self.push(self.at, true);
    }

    /// From here on, the value is one place in the source.
    fn place(&mut self, source: usize) {
        self.push(source, false);
    }

    /// Plain and quoted scalars: escapes, doubled quotes and folded line breaks.
    fn flow(&mut self, style: Style) {
        self.parallel();
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.blanks(),
                b'\\' if style == Style::DoubleQuoted => self.escape(),
                b'\'' if style == Style::SingleQuoted => {
                    self.place(self.at);
                    self.at += 2;
                    self.done += 1;
                    self.parallel();
                }
                _ => {
                    self.at += 1;
                    self.done += 1;
                }
            }
        }
    }

    /// A run of blanks: itself, or, with a line break in it, a space or the further breaks.
    fn blanks(&mut self) {
        let start = self.at;
        let mut breaks = 0;
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.byte(self.at) {
            breaks += usize::from(byte == b'\n');
            self.at += 1;
        }
        if breaks == 0 {
            self.done += self.at - start;
        } else {
            self.place(start);
            self.done += if breaks == 1 { 1 } else { breaks - 1 };
            self.parallel();
        }
    }

    fn escape(&mut self) {
        let start = self.at;
        let code = self.byte(start + 1);
        self.place(start);
        self.at = start + 2;
        if let Some(b'\r' | b'\n') = code {
            // An escaped line break is nothing, and so are the blanks after it; empty lines are breaks.
            self.at -= 1;
            let mut breaks = 0_usize;
            while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.byte(self.at) {
                breaks += usize::from(byte == b'\n');
                self.at += 1;
            }
            self.done += breaks.saturating_sub(1);
        } else {
            self.at += match code {
                Some(b'x') => 2,
                Some(b'u') => 4,
                Some(b'U') => 8,
                _ => 0,
            };
            let length =
                self.value.get(self.done..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            self.done += length;
        }
        self.parallel();
    }

    /// Block scalars, line by line: the content of a line stands in the value as it is, what is between two
    /// lines is a space or some breaks.
    fn block(&mut self, indentation: usize) {
        let header_end = self.line_end(self.at);
        self.at = self.next_line(header_end);
        // Empty lines before the first content.
        self.breaks(header_end);
        while self.at < self.end {
            let line_end = self.line_end(self.at);
            let mut content = self.at;
            while content < line_end && content - self.at < indentation && self.byte(content) == Some(b' ') {
                content += 1;
            }
            if content < line_end && self.done < self.value.len() {
                self.at = content;
                self.parallel();
                self.done += line_end - content;
                if self.value_byte() == Some(b' ') {
                    self.place(line_end);
                    self.done += 1;
                } else {
                    self.breaks(line_end);
                }
            }
            self.at = self.next_line(line_end);
        }
    }

    fn breaks(&mut self, source: usize) {
        if self.value_byte() == Some(b'\n') {
            self.place(source);
            while self.value_byte() == Some(b'\n') {
                self.done += 1;
            }
        }
    }

    /// Just before the line break (or at the scalar's end).
    fn line_end(&self, mut offset: usize) -> usize {
        while !matches!(self.byte(offset), None | Some(b'\n')) {
            offset += 1;
        }
        if offset > 0 && self.byte(offset - 1) == Some(b'\r') { offset - 1 } else { offset }
    }

    fn next_line(&self, mut offset: usize) -> usize {
        while let Some(byte) = self.byte(offset) {
            offset += 1;
            if byte == b'\n' {
                break;
            }
        }
        offset
    }
}
