//! From byte offsets to lines and columns, and back.

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// Where lines begin in one text, and which of its bytes do not begin a scalar value. A lookup is a few
/// binary searches and needs no text, however long the line.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    line_starts: Vec<u32>,
    /// Offsets of UTF-8 continuation bytes, ascending; empty for ASCII text.
    continuations: Vec<u32>,
    length: u32,
}

impl LineIndex {
    /// Reads a text once. Lines end at `\n`, so `\r\n` does too. Offsets past 4 GiB saturate.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut line_starts = vec![0];
        let mut continuations = vec![];
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                line_starts.push(clamp(offset + 1));
            } else if byte & 0xC0 == 0x80 {
                continuations.push(clamp(offset));
            }
        }
        Self { line_starts, continuations, length: clamp(text.len()) }
    }

    /// The place of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.length);
        let line = self.line_starts.partition_point(|&start| start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let inside = self.continuations_before(offset) - self.continuations_before(start);
        Position { line: clamp(line), column: offset - start - clamp(inside) + 1 }
    }

    /// The byte offset of a place; `None` for a line that does not exist. A column past the end of its line
    /// is the end of the text or lies in a later line: callers that care compare with [`Self::position`].
    #[must_use]
    pub fn offset(&self, position: Position) -> Option<u32> {
        let line = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let start = *self.line_starts.get(line)?;
        let scalars = start - clamp(self.continuations_before(start));
        Some(self.offset_of_scalar(scalars.saturating_add(position.column.saturating_sub(1))))
    }

    /// The byte offset of the scalar value with this index in the text, or the text's length.
    #[must_use]
    pub fn offset_of_scalar(&self, index: u32) -> u32 {
        // The continuation byte at offset `c[k]` has `c[k] - k` scalar values begun before it.
        let mut low = 0;
        let mut high = self.continuations.len();
        while low < high {
            let middle = low.midpoint(high);
            let begun = self.continuations.get(middle).map_or(u32::MAX, |&offset| offset - clamp(middle));
            if begun <= index { low = middle + 1 } else { high = middle }
        }
        index.saturating_add(clamp(low)).min(self.length)
    }

    /// How many lines there are; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        clamp(self.line_starts.len())
    }

    fn continuations_before(&self, offset: u32) -> usize {
        self.continuations.partition_point(|&continuation| continuation < offset)
    }
}

fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the slow way.
    fn expected(text: &str, offset: usize) -> Position {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Position { line: clamp(line), column: clamp(column) }
    }

    #[test]
    fn every_offset_has_the_place_that_counting_gives_and_leads_back() {
        for text in ["", "\n", "abc", "a\nb\r\nc", "ä\nöü😀x\n\n€", "😀😀\n😀", "x\n"] {
            let index = LineIndex::new(text);
            let ends = text.char_indices().map(|(offset, _)| offset).chain([text.len()]);
            for (scalar, offset) in ends.enumerate() {
                let position = index.position(clamp(offset));
                assert_eq!(position, expected(text, offset), "{text:?} at {offset}");
                assert_eq!(index.offset(position), Some(clamp(offset)), "{text:?} at {offset}");
                assert_eq!(index.offset_of_scalar(clamp(scalar)), clamp(offset));
            }
        }
    }

    #[test]
    fn places_outside_the_text_are_its_end_or_nothing() {
        let index = LineIndex::new("ab\ncd");
        assert_eq!(index.position(99), Position { line: 2, column: 3 });
        assert_eq!(index.offset(Position { line: 3, column: 1 }), None);
        assert_eq!(index.offset(Position { line: 0, column: 1 }), None);
    }
}
