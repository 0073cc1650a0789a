//! Findings as JSON: `docs/schema/diagnostic.json`.

use anrf::{Fix, Span};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Finding, Text, severity_name};

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place.as_ref();
        let range = place.map(|place| Range::of(&place.text, place.span));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("severity", severity_name(self.severity))?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("file", &self.file_name())?;
        let line = self.position.map(|(line, _)| line);
        let column = self.position.and_then(|(_, column)| column);
        map.serialize_entry("line", &range.map(|range| u64::from(range.line)).or(line))?;
        map.serialize_entry("column", &range.map(|range| u64::from(range.column)).or(column))?;
        map.serialize_entry("end_line", &range.map(|range| range.end_line))?;
        map.serialize_entry("end_column", &range.map(|range| range.end_column))?;
        map.serialize_entry("help", &self.help)?;
        let fixes = place.map_or(&[][..], |place| &place.fixes);
        let fixes: Vec<_> =
            fixes.iter().filter_map(|fix| place.map(|place| FixJson(&place.text, fix))).collect();
        map.serialize_entry("fixes", &fixes)?;
        map.end()
    }
}

/// A half-open range of lines and columns, both from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, serde::Serialize)]
struct Range {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl Range {
    fn of(text: &Text, span: Span) -> Self {
        let (start, end) = (text.lines.position(span.start), text.lines.position(span.end));
        Self { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}

struct FixJson<'a>(&'a Text, &'a Fix);

#[derive(serde::Serialize)]
struct EditJson<'a> {
    #[serde(flatten)]
    range: Range,
    replacement: &'a str,
}

impl Serialize for FixJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(text, fix) = self;
        let edits = fix.edits.iter();
        let edits =
            edits.map(|edit| EditJson { range: Range::of(text, edit.span), replacement: &edit.replacement });
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("title", &fix.title)?;
        map.serialize_entry("edits", &edits.collect::<Vec<_>>())?;
        map.end()
    }
}
