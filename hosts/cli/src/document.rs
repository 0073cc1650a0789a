//! The one JSON document of `--format json`; its parts are described under `docs/schema`.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::finding::Finding;

/// An object whose parts come in the order they are added.
#[derive(Debug, Default)]
pub(crate) struct Document {
    parts: Vec<(&'static str, Box<RawValue>)>,
}

impl Document {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a part.
    pub(crate) fn with(mut self, name: &'static str, part: &(impl Serialize + ?Sized)) -> Self {
        // Parts are made of strings, numbers and objects with string keys, which always serialise.
        self.parts.push((name, serde_json::value::to_raw_value(part).unwrap_or_default()));
        self
    }

    /// Adds a part that is JSON text already.
    pub(crate) fn with_text(mut self, name: &'static str, text: String) -> Self {
        self.parts.push((name, RawValue::from_string(text).unwrap_or_default()));
        self
    }

    /// Adds the parts of another document.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Adds the findings.
    pub(crate) fn with_findings(self, findings: &[Finding]) -> Self {
        self.with("diagnostics", findings)
    }

    /// The text, on one line.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.parts.len()))?;
        for (name, part) in &self.parts {
            map.serialize_entry(name, part)?;
        }
        map.end()
    }
}
