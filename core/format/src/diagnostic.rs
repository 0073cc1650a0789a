//! What every layer says when something is wrong: a stable code, a place, a message and, where there is
//! one, the mend.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::line_index::LineIndex;
use crate::module::Source;

/// A half-open range of byte offsets into one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from two offsets; offsets past 4 GiB saturate (the loader refuses such files long before).
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The offsets as a range that slices the source text.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A stable code. The tables of all layers are joined by the facade, so `E-TYPE-012` means the same in
/// every language.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `E-TYPE-012`; `E` an error, `L` a lint. Never reused for something else.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it means and how to mend it, for `anrf explain`.
    pub explanation: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

/// Declares one layer's table of codes: a `pub const` for each and `TABLE` with all of them, in order.
#[macro_export]
macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        $(#[doc = $title] #[allow(unreachable_pub)] pub static $name: $crate::diagnostic::Code = $crate::diagnostic::Code {
            id: $id, title: $title, explanation: $explanation,
        };)*
        /// Every code of this table, in order.
        pub static TABLE: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The module cannot be used.
    Error,
    /// The module works, but probably not as meant.
    Warning,
    /// Something worth knowing.
    Hint,
}

/// A replacement of the text in one span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A mend that a machine can apply: all of its edits or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as an instruction: "write `TRUE`".
    pub title: String,
    /// Edits that do not overlap, in order of position.
    pub edits: Vec<Edit>,
}

impl fmt::Display for Diagnostic {
    /// One line: code, place and message. The place is in bytes; [`Diagnostic::told`] counts lines and columns.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, span, message, .. } = self;
        write!(formatter, "{code} at bytes {}..{}", span.start, span.end)?;
        if let Some(source) = &self.source {
            write!(formatter, " of `{source}`")?;
        }
        write!(formatter, ": {message}")
    }
}

/// One finding about a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: &'static Code,
    /// How much it matters.
    pub severity: Severity,
    /// Lower case, no full stop, user input in backticks.
    pub message: String,
    /// The place.
    pub span: Span,
    /// The mend in words.
    pub help: Option<String>,
    /// Other places that explain this one.
    pub notes: Vec<(Span, String)>,
    /// Mends that a machine can apply, best first.
    pub fixes: Vec<Fix>,
    /// The imported source it is about; `None` for the text at hand.
    pub source: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message)
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message)
    }

    fn new(code: &'static Code, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity, message, span, help: None, notes: vec![], fixes: vec![], source: None }
    }

    /// One line about the text it was found in: `name:line:column: code: message`. What is about another source
    /// has its name and no line.
    #[must_use]
    pub fn told(&self, text: &Source) -> String {
        let Self { code, message, .. } = self;
        match self.source.as_deref().filter(|name| *name != text.name) {
            Some(other) => format!("{other}: {code}: {message}"),
            None => {
                let place = LineIndex::new(&text.text).position(self.span.start);
                format!("{}:{}:{}: {code}: {message}", text.name, place.line, place.column)
            }
        }
    }

    /// Adds the mend in words.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that explains this one.
    #[must_use]
    pub fn with_note(mut self, span: Span, note: impl Into<String>) -> Self {
        self.notes.push((span, note.into()));
        self
    }

    /// Adds a mend that replaces the text of one span.
    #[must_use]
    pub fn with_fix(mut self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { title: title.into(), edits });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_is_one_line() {
        let code = &crate::data::SYNTAX;
        let found = Diagnostic::error(code, Span::new(6, 8), "no `x`").with_help("write `y`");
        assert_eq!(found.to_string(), "E-DATA-001 at bytes 6..8: no `x`");
        let text = Source { name: "a.vsp".into(), text: "one: 1\ntwo: 2\n".into() };
        assert_eq!(found.told(&text), "a.vsp:1:7: E-DATA-001: no `x`");
        let other = Diagnostic { source: Some("b.vsp".into()), ..found };
        assert_eq!(other.told(&text), "b.vsp: E-DATA-001: no `x`");
        assert_eq!(other.to_string(), "E-DATA-001 at bytes 6..8 of `b.vsp`: no `x`");
    }
}
