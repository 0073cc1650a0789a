//! `split`: pieces without the separator that, joined, are the text again.

use crate::encode::Encoder;
use crate::encode::collection::List;
use crate::term::{SortId, TermId, Theory};

impl Encoder<'_> {
    /// `split(text, separator)`, of a separator that is not empty.
    pub(in crate::encode) fn split_text(&mut self, list: List, text: TermId, separator: TermId) -> TermId {
        let joined = self.join_symbol(list);
        let symbol = self.named("split", |encoder| {
            let parameters = vec![SortId::TEXT, SortId::TEXT];
            let symbol = encoder.terms.declare("split", parameters.clone(), list.sort);
            encoder.opaque.insert(symbol, "split");
            let (variables, given) = encoder.given(&parameters);
            let (text, separator) = (given[0], given[1]);
            let pieces = encoder.terms.apply(symbol, given);
            let (zero, one, empty) =
                (encoder.terms.integer(0), encoder.terms.integer(1), encoder.terms.text(""));
            let is_empty = encoder.terms.equal(separator, empty);
            let length = encoder.length(list, pieces);
            // Nothing is lost.
            let again = encoder.terms.apply(joined, vec![pieces, separator, zero, length]);
            let mut said = vec![encoder.terms.equal(again, text)];
            said.push(encoder.terms.less_equal(one, length));
            // Each separator takes a character at least.
            let size = encoder.text_length(text);
            let most = encoder.terms.add(size, one);
            said.push(encoder.terms.less_equal(length, most));
            // One piece exactly if the separator does not occur; otherwise the first ends where it does first.
            let occurs = encoder.terms.theory(Theory::ContainsText, vec![text, separator]);
            let two = encoder.terms.integer(2);
            let several = encoder.terms.less_equal(two, length);
            said.push(encoder.terms.equal(occurs, several));
            let first = encoder.at(list, pieces, zero);
            let position = encoder.terms.theory(Theory::IndexOf, vec![text, separator, zero]);
            let before = encoder.terms.theory(Theory::Substring, vec![text, zero, position]);
            let first_said = encoder.terms.if_then_else(occurs, before, text);
            said.push(encoder.terms.equal(first, first_said));
            let said = encoder.terms.and(said);
            let body = encoder.terms.or(vec![is_empty, said]);
            encoder.terms.axiom(symbol, &variables, body, pieces);
            // No piece holds the separator: the search goes on behind the one before, and would have found it.
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let piece = encoder.at(list, pieces, index);
            let inside = encoder.is_index(index, length);
            let holds = encoder.terms.theory(Theory::ContainsText, vec![piece, separator]);
            let without = encoder.terms.not(holds);
            let width = encoder.text_length(piece);
            let fits = encoder.terms.less_equal(width, size);
            let both = encoder.terms.and(vec![without, fits]);
            let said = encoder.terms.implies(inside, both);
            let body = encoder.terms.or(vec![is_empty, said]);
            encoder.terms.axiom(symbol, &[variables, vec![index_variable]].concat(), body, piece);
            // Parts without a separator of one character are found again. Of a longer one this is not so: it may
            // begin in a part and end behind it.
            let (variables, given) = encoder.given(&[list.sort, SortId::TEXT, SortId::INTEGER]);
            let [parts, separator, high] = given[..] else { return symbol };
            let text = encoder.terms.apply(joined, vec![parts, separator, zero, high]);
            let pieces = encoder.terms.apply(symbol, vec![text, separator]);
            let length = encoder.length(list, parts);
            let all = encoder.terms.equal(high, length);
            let some = encoder.terms.less(zero, high);
            let width = encoder.text_length(separator);
            let single = encoder.terms.equal(width, one);
            let (at_variable, place) = encoder.terms.variable(SortId::INTEGER);
            let part = encoder.at(list, parts, place);
            let inside = encoder.is_index(place, high);
            let holds = encoder.terms.theory(Theory::ContainsText, vec![part, separator]);
            let holds = encoder.terms.and(vec![inside, holds]);
            let holds = encoder.terms.exists(vec![at_variable], holds, vec![part]);
            let same = encoder.terms.equal(pieces, parts);
            let said = encoder.terms.or(vec![holds, same]);
            let condition = encoder.terms.and(vec![all, some, single]);
            let body = encoder.terms.implies(condition, said);
            encoder.terms.axiom(symbol, &variables, body, pieces);
            symbol
        });
        self.terms.apply(symbol, vec![text, separator])
    }
}
