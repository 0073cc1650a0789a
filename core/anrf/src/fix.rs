//! Mends as JSON: `docs/schema/diagnostic.json`.

use anrf_format::diagnostic::{Fix, Span};
use anrf_format::line_index::LineIndex;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A half-open range of lines and columns, both from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RangeJson {
    /// Of its beginning.
    pub line: u32,
    /// Of its beginning.
    pub column: u32,
    /// Of what follows it.
    pub end_line: u32,
    /// Of what follows it.
    pub end_column: u32,
}

impl RangeJson {
    /// The range of a span in a text of these lines.
    #[must_use]
    pub fn of(lines: &LineIndex, span: Span) -> Self {
        let (start, end) = (lines.position(span.start), lines.position(span.end));
        Self { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}

/// A mend: serialises to an object of title and edits, each a range and its replacement.
#[derive(Clone, Copy, Debug)]
pub struct FixJson<'a> {
    /// Of the text that is mended.
    pub lines: &'a LineIndex,
    /// The mend.
    pub fix: &'a Fix,
}

#[derive(serde::Serialize)]
struct EditJson<'a> {
    #[serde(flatten)]
    range: RangeJson,
    replacement: &'a str,
}

impl Serialize for FixJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { lines, fix } = *self;
        let edits = fix.edits.iter();
        let edits = edits
            .map(|edit| EditJson { range: RangeJson::of(lines, edit.span), replacement: &edit.replacement });
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("title", &fix.title)?;
        map.serialize_entry("edits", &edits.collect::<Vec<_>>())?;
        map.end()
    }
}
