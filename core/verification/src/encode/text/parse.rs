//! Texts of integers, what reads them, and `replace`.

use anrf_format::types::TypeId;

use crate::encode::Encoder;
use crate::encode::pattern::translate;
use crate::term::{SortId, TermId, Theory};

impl Encoder<'_> {
    /// `to_string` of an integer.
    pub(in crate::encode) fn text_of_integer(&mut self, value: TermId) -> TermId {
        let symbol = self.named("to_string", |encoder| {
            let symbol = encoder.terms.declare("to_string", vec![SortId::INTEGER], SortId::TEXT);
            let (variables, given) = encoder.given(&[SortId::INTEGER]);
            let value = given[0];
            let text = encoder.terms.apply(symbol, given);
            let zero = encoder.terms.integer(0);
            let not_negative = encoder.terms.less_equal(zero, value);
            let digits = encoder.terms.theory(Theory::TextOfInteger, vec![value]);
            let magnitude = encoder.terms.negate(value);
            let of_magnitude = encoder.terms.theory(Theory::TextOfInteger, vec![magnitude]);
            let minus = encoder.terms.text("-");
            let negative = encoder.terms.theory(Theory::Append, vec![minus, of_magnitude]);
            let said = encoder.terms.if_then_else(not_negative, digits, negative);
            let mut body = vec![encoder.terms.equal(text, said)];
            if let Some(language) = translate("0|-?[1-9][0-9]*") {
                body.push(encoder.terms.in_language(text, language));
            }
            let body = encoder.terms.and(body);
            encoder.terms.axiom(symbol, &variables, body, text);
            symbol
        });
        self.terms.apply(symbol, vec![value])
    }

    /// `parse_integer`: an optional minus and ASCII digits, leading zeros among them, within 64 bits.
    pub(in crate::encode) fn parse_integer(&mut self, text: TermId, result: TypeId) -> TermId {
        let symbol = self.named("parse_integer", |encoder| {
            let sort = encoder.sort(result);
            let symbol = encoder.terms.declare("parse_integer", vec![SortId::TEXT], sort);
            let (variables, given) = encoder.given(&[SortId::TEXT]);
            let read = encoder.terms.apply(symbol, given.clone());
            match encoder.integer_of_text(given[0], result) {
                Some(said) => {
                    let body = encoder.terms.equal(read, said);
                    encoder.terms.axiom(symbol, &variables, body, read);
                }
                None => {
                    encoder.opaque.insert(symbol, "parse_integer");
                }
            }
            // What was written is read again.
            let (variables, given) = encoder.given(&[SortId::INTEGER]);
            let written = encoder.text_of_integer(given[0]);
            let read = encoder.terms.apply(symbol, vec![written]);
            let (fits, some) = (encoder.in_64_bits(given[0]), encoder.some(result, given[0]));
            let same = encoder.terms.equal(read, some);
            let body = encoder.terms.implies(fits, same);
            encoder.terms.axiom(symbol, &variables, body, read);
            symbol
        });
        self.terms.apply(symbol, vec![text])
    }

    fn integer_of_text(&mut self, text: TermId, result: TypeId) -> Option<TermId> {
        let language = translate("-?[0-9]+")?;
        let is_number = self.terms.in_language(text, language);
        let minus = self.terms.text("-");
        let is_negative = self.terms.theory(Theory::PrefixOf, vec![minus, text]);
        let (one, length) = (self.terms.integer(1), self.text_length(text));
        let size = self.terms.subtract(length, one);
        let rest = self.terms.theory(Theory::Substring, vec![text, one, size]);
        let magnitude = self.terms.theory(Theory::IntegerOfText, vec![rest]);
        let negative = self.terms.negate(magnitude);
        let positive = self.terms.theory(Theory::IntegerOfText, vec![text]);
        let value = self.terms.if_then_else(is_negative, negative, positive);
        let fits = self.in_64_bits(value);
        let present = self.terms.and(vec![is_number, fits]);
        let (some, none) = (self.some(result, value), self.none(result));
        Some(self.terms.if_then_else(present, some, none))
    }

    /// `replace(text, part, by)` of a part that is not empty: that of the theory. A part of one character is nowhere
    /// but in the parts of a text, so that it is replaced in each by itself.
    pub(in crate::encode) fn replace_text(&mut self, text: TermId, part: TermId, by: TermId) -> TermId {
        let symbol = self.named("replace", |encoder| {
            let sorts = vec![SortId::TEXT; 3];
            let symbol = encoder.terms.declare("replace", sorts.clone(), SortId::TEXT);
            let (variables, given) = encoder.given(&sorts);
            let (text, part, by) = (given[0], given[1], given[2]);
            let whole = encoder.terms.apply(symbol, given.clone());
            let said = encoder.terms.theory(Theory::ReplaceAll, given);
            let is_said = encoder.terms.equal(whole, said);
            let (empty, one) = (encoder.terms.text(""), encoder.terms.integer(1));
            let nothing = encoder.terms.equal(part, empty);
            let occurs = encoder.terms.theory(Theory::ContainsText, vec![text, part]);
            let same = encoder.terms.equal(whole, text);
            let unchanged = encoder.terms.or(vec![nothing, occurs, same]);
            let is_part = encoder.terms.equal(text, part);
            let something = encoder.terms.not(nothing);
            let all = encoder.terms.and(vec![is_part, something]);
            let changed = encoder.terms.equal(whole, by);
            let changed = encoder.terms.implies(all, changed);
            let body = encoder.terms.and(vec![is_said, unchanged, changed]);
            encoder.terms.axiom(symbol, &variables, body, whole);
            let (other_variables, others) = encoder.given(&[SortId::TEXT, SortId::TEXT]);
            let glued = encoder.glue(others[0], others[1]);
            let whole = encoder.terms.apply(symbol, vec![glued, part, by]);
            let parts =
                [others[0], others[1]].map(|other| encoder.terms.apply(symbol, vec![other, part, by]));
            let said = encoder.glue(parts[0], parts[1]);
            let equal = encoder.terms.equal(whole, said);
            let width = encoder.text_length(part);
            let single = encoder.terms.equal(width, one);
            let body = encoder.terms.implies(single, equal);
            let variables = [other_variables, variables[1..].to_vec()].concat();
            encoder.terms.axiom(symbol, &variables, body, whole);
            symbol
        });
        self.terms.apply(symbol, vec![text, part, by])
    }
}
