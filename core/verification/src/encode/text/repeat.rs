//! `repeat`, `pad_left`, `pad_right` and `REVERSE` of text.

use crate::encode::Encoder;
use crate::term::{SortId, TermId};

impl Encoder<'_> {
    /// `repeat(text, times)`; of less than once, which the built-in is not defined for, the empty text.
    pub(in crate::encode) fn repeat_text(&mut self, text: TermId, times: TermId) -> TermId {
        let symbol = self.named("repeat", |encoder| {
            let parameters = vec![SortId::TEXT, SortId::INTEGER];
            let symbol = encoder.terms.declare("repeat", parameters.clone(), SortId::TEXT);
            let twin = encoder.terms.declare("repeat.", parameters.clone(), SortId::TEXT);
            let (variables, given) = encoder.given(&parameters);
            let (text, times) = (given[0], given[1]);
            let whole = encoder.terms.apply(symbol, given.clone());
            let (zero, one) = (encoder.terms.integer(0), encoder.terms.integer(1));
            let again = encoder.terms.apply(twin, given);
            let none = encoder.terms.less_equal(times, zero);
            let empty = encoder.terms.text("");
            let is_empty = encoder.terms.equal(whole, empty);
            let less = encoder.terms.subtract(times, one);
            let shorter = encoder.terms.apply(twin, vec![text, less]);
            let (last, first) = (encoder.glue(shorter, text), encoder.glue(text, shorter));
            let (is_last, is_first) = (encoder.terms.equal(whole, last), encoder.terms.equal(whole, first));
            let step = encoder.terms.and(vec![is_last, is_first]);
            let length = encoder.text_length(whole);
            let width = encoder.text_length(text);
            let product = encoder.terms.multiply(times, width);
            let sized = encoder.terms.equal(length, product);
            let single = encoder.terms.equal(width, one);
            let of_single = encoder.terms.equal(length, times);
            let of_single = encoder.terms.implies(single, of_single);
            let some = encoder.terms.and(vec![step, sized, of_single]);
            let said = encoder.terms.if_then_else(none, is_empty, some);
            let same = encoder.terms.equal(whole, again);
            // Once is the text itself: known without the twin.
            let once = encoder.terms.equal(times, one);
            let itself = encoder.terms.equal(whole, text);
            let once = encoder.terms.implies(once, itself);
            let body = encoder.terms.and(vec![said, same, once]);
            encoder.terms.axiom(symbol, &variables, body, whole);
            // Of a single character every character is that one.
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let found = encoder.char_at(whole, index);
            let inside = encoder.is_index(index, times);
            let condition = encoder.terms.and(vec![single, inside]);
            let equal = encoder.terms.equal(found, text);
            let body = encoder.terms.implies(condition, equal);
            encoder.terms.axiom(symbol, &[variables, vec![index_variable]].concat(), body, found);
            symbol
        });
        self.terms.apply(symbol, vec![text, times])
    }

    /// `pad_left(text, length, fill)` and `pad_right`, of a fill of one character: as many of it as are missing.
    pub(in crate::encode) fn pad_text(
        &mut self,
        text: TermId,
        length: TermId,
        fill: TermId,
        left: bool,
    ) -> TermId {
        let present = self.text_length(text);
        let missing = self.terms.subtract(length, present);
        let filling = self.repeat_text(fill, missing);
        if left { self.glue(filling, text) } else { self.glue(text, filling) }
    }

    /// `REVERSE(text)`, character by character.
    pub(in crate::encode) fn reverse_text(&mut self, text: TermId) -> TermId {
        let symbol = self.named("reverse text", |encoder| {
            let symbol = encoder.terms.declare("reverse", vec![SortId::TEXT], SortId::TEXT);
            let (variables, given) = encoder.given(&[SortId::TEXT]);
            let text = given[0];
            let whole = encoder.terms.apply(symbol, given);
            let (length, other) = (encoder.text_length(whole), encoder.text_length(text));
            let one = encoder.terms.integer(1);
            let sized = encoder.terms.equal(length, other);
            let short = encoder.terms.less_equal(other, one);
            let itself = encoder.terms.equal(whole, text);
            let short = encoder.terms.implies(short, itself);
            let body = encoder.terms.and(vec![sized, short]);
            encoder.terms.axiom(symbol, &variables, body, whole);
            let back = encoder.terms.apply(symbol, vec![whole]);
            let body = encoder.terms.equal(back, text);
            encoder.terms.axiom(symbol, &variables, body, back);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let found = encoder.char_at(whole, index);
            let last = encoder.terms.subtract(other, one);
            let position = encoder.terms.subtract(last, index);
            let there = encoder.char_at(text, position);
            let inside = encoder.is_index(index, other);
            let equal = encoder.terms.equal(found, there);
            let body = encoder.terms.implies(inside, equal);
            encoder.terms.axiom(symbol, &[variables, vec![index_variable]].concat(), body, found);
            let (variables, given) = encoder.given(&[SortId::TEXT, SortId::TEXT]);
            let glued = encoder.glue(given[0], given[1]);
            let made = encoder.terms.apply(symbol, vec![glued]);
            let parts = [given[1], given[0]].map(|part| encoder.terms.apply(symbol, vec![part]));
            let said = encoder.glue(parts[0], parts[1]);
            let body = encoder.terms.equal(made, said);
            encoder.terms.axiom(symbol, &variables, body, made);
            symbol
        });
        self.terms.apply(symbol, vec![text])
    }
}
