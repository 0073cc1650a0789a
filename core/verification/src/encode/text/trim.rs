//! `trim`: what is left between the white space at both ends.

use crate::encode::Encoder;
use crate::encode::pattern::translate;
use crate::term::{SortId, TermId, Theory};

/// Unicode's White_Space, which Rust's `trim` takes off. All of it is below U+3001.
const SPACES: &str = r"\p{White_Space}*";
/// Nothing, or a text that neither begins nor ends so.
const TRIMMED: &str = r"(?s)(\P{White_Space}(.*\P{White_Space})?)?";

impl Encoder<'_> {
    /// `trim(text)`: exactly what the language says, as there is one such part of any text.
    pub(in crate::encode) fn trim_text(&mut self, text: TermId) -> TermId {
        let symbol = self.named("trim", |encoder| {
            let symbol = encoder.terms.declare("trim", vec![SortId::TEXT], SortId::TEXT);
            let from = encoder.terms.declare("trimmed_from", vec![SortId::TEXT], SortId::INTEGER);
            let (variables, given) = encoder.given(&[SortId::TEXT]);
            let text = given[0];
            let whole = encoder.terms.apply(symbol, given.clone());
            let from = encoder.terms.apply(from, given);
            let (length, size) = (encoder.text_length(text), encoder.text_length(whole));
            let zero = encoder.terms.integer(0);
            let end = encoder.terms.add(from, size);
            let inside = encoder.is_slice(from, end, length);
            let part = encoder.terms.theory(Theory::Substring, vec![text, from, size]);
            let is_part = encoder.terms.equal(whole, part);
            let mut said = vec![inside, is_part];
            let before = encoder.terms.theory(Theory::Substring, vec![text, zero, from]);
            let rest = encoder.terms.subtract(length, end);
            let behind = encoder.terms.theory(Theory::Substring, vec![text, end, rest]);
            for (text, pattern) in [(before, SPACES), (behind, SPACES), (whole, TRIMMED)] {
                match translate(pattern) {
                    Some(language) => said.push(encoder.terms.in_language(text, language)),
                    None => {
                        encoder.opaque.insert(symbol, "trim");
                    }
                }
            }
            let body = encoder.terms.and(said);
            encoder.terms.axiom(symbol, &variables, body, whole);
            // What is trimmed already stays: solvers do not see that at once.
            let again = encoder.terms.apply(symbol, vec![whole]);
            let body = encoder.terms.equal(again, whole);
            encoder.terms.axiom(symbol, &variables, body, again);
            symbol
        });
        self.terms.apply(symbol, vec![text])
    }
}
