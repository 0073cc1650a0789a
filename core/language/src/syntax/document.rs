//! A text that is being edited.

use std::ops::Range;

use anrf_format::diagnostic::Diagnostic;
use thiserror::Error;

use super::reader::{Parsed, parse_text};
use crate::yaml::Limits;

/// A text and what the reader says about it, kept up to date through edits.
///
/// Every edit reads the whole text again: that takes about 2 ms for a thousand lines, a tenth of what a
/// person notices, and what is said is by construction what a fresh read would say.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    limits: Limits,
    diagnostics: Vec<Diagnostic>,
}

/// The range of an edit does not lie in the text, or cuts a character in two.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the range {}..{} is not a range of whole characters in a text of {length} bytes", .range.start, .range.end)]
pub struct RangeError {
    /// What was asked for.
    pub range: Range<usize>,
    /// The length of the text in bytes.
    pub length: usize,
}

impl Document {
    /// Reads a text for the first time.
    #[must_use]
    pub fn new(text: impl Into<String>, limits: Limits) -> Self {
        let mut document = Self { text: text.into(), limits, diagnostics: vec![] };
        document.read();
        document
    }

    /// Replaces a range of bytes and gives the diagnostics of the new text, in order of place.
    ///
    /// # Errors
    /// [`RangeError`], and then nothing has changed.
    pub fn edit(&mut self, range: Range<usize>, replacement: &str) -> Result<&[Diagnostic], RangeError> {
        if self.text.get(range.clone()).is_none() {
            return Err(RangeError { range, length: self.text.len() });
        }
        self.text.replace_range(range, replacement);
        self.read();
        Ok(&self.diagnostics)
    }

    /// The present text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the reader says about the present text, in order of place.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The present text as it was read, for the checker and for what else looks at it.
    #[must_use]
    pub fn parsed(&self) -> Parsed<'_> {
        parse_text(&self.text, &self.limits).0
    }

    fn read(&mut self) {
        self.diagnostics = parse_text(&self.text, &self.limits).1;
    }
}
