//! A text that is being edited.

use std::ops::Range;

use anrf_format::diagnostic::Diagnostic;

use crate::engine::{Checked, Engine};
use crate::error::{Error, facade_codes};
use crate::module::Module;

/// A text and all that [`Engine::check`] says about it, kept up to date through edits.
///
/// Every edit checks the whole text again. That takes about 5 ms for a thousand lines, a tenth of what a person
/// notices, and what is said is by construction what a full check says.
#[derive(Clone, Debug)]
pub struct Document {
    engine: Engine,
    checked: Checked,
}

impl Engine {
    /// Opens a text for editing. `name` is a path where imports are to be found beside it.
    #[must_use]
    pub fn document(&self, name: &str, text: &str) -> Document {
        Document { engine: self.clone(), checked: self.check(name, text) }
    }
}

impl Document {
    /// Replaces a range of bytes and gives the diagnostics of the new text, in order of place.
    ///
    /// # Errors
    /// If the range does not lie in the text or cuts a character in two, and then nothing has changed.
    pub fn edit(&mut self, range: Range<usize>, replacement: &str) -> Result<&[Diagnostic], Error> {
        let source = &mut self.checked.source;
        if source.text.get(range.clone()).is_none() {
            let length = source.text.len();
            let Range { start, end } = range;
            let message = format!("{start}..{end} is not a range of whole characters in {length} bytes");
            return Err(Error::new(&facade_codes::RANGE, message));
        }
        source.text.replace_range(range, replacement);
        self.checked = self.engine.check_source(std::mem::take(source));
        Ok(&self.checked.diagnostics)
    }

    /// The present text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.checked.source.text
    }

    /// What is found in the present text, in order of place; warnings and hints too.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.checked.diagnostics
    }

    /// The present text as a module, if it has no errors.
    #[must_use]
    pub fn module(&self) -> Option<&Module> {
        self.checked.module.as_ref()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use crate::Engine;

    #[test]
    fn a_range_outside_the_text_changes_nothing() {
        let mut document = Engine::new().document("", "node_id: é\n");
        let before = document.diagnostics().to_vec();
        #[allow(clippy::reversed_empty_ranges, reason = "it is refused")]
        for range in [0..99, 10..11, 9..10, 5..2] {
            let error = document.edit(range, "x").unwrap_err();
            assert!(error.message().contains("in 12 bytes"), "{error}");
        }
        assert_eq!(document.text(), "node_id: é\n");
        assert_eq!(document.diagnostics(), before);
    }

    #[test]
    fn a_module_comes_and_goes_with_the_errors() {
        let text = "node_id: one_v1\ntype: algorithm\nintent: Say one.\noutputs: { success: { one: integer } }\n\
                    examples: [{ success: { one: 1 } }]\n\
                    flow: [{ step: done, operation: return, parameters: { one: 1 } }]\n";
        let mut document = Engine::new().document("one.vsp", text);
        assert!(document.module().is_some(), "{:?}", document.diagnostics());
        let at = text.rfind("one: 1").unwrap();
        assert_ne!(document.edit(at + 5..at + 6, "two").unwrap(), []);
        assert!(document.module().is_none());
        assert_eq!(document.edit(at + 5..at + 8, "1").unwrap(), []);
        assert_eq!(document.text(), text);
        assert!(document.module().is_some());
    }
}
