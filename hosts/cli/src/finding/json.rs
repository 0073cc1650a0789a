//! Findings as JSON: `docs/schema/diagnostic.json`.

use anrf::{FixJson, RangeJson};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Finding, severity_name};

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place.as_ref();
        let range = place.map(|place| RangeJson::of(&place.text.lines, place.span));
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
        let fixes = place.iter().flat_map(|place| {
            let lines = &place.text.lines;
            place.fixes.iter().map(move |fix| FixJson { lines, fix })
        });
        map.serialize_entry("fixes", &fixes.collect::<Vec<_>>())?;
        map.end()
    }
}
