//! `join`: the text of a range of parts, by its first or last part and the text of the others.

use anrf_format::types::TypeId;

use crate::encode::Encoder;
use crate::encode::collection::List;
use crate::term::{SortId, SymbolId, TermId};

impl Encoder<'_> {
    /// `join(parts, separator)`: of the range of all parts.
    pub(in crate::encode) fn join_text(&mut self, list: List, parts: TermId, separator: TermId) -> TermId {
        let symbol = self.join_symbol(list);
        let (zero, length) = (self.terms.integer(0), self.length(list, parts));
        self.terms.apply(symbol, vec![parts, separator, zero, length])
    }

    /// The parts `low..high` with the separator between them. The twin stands for the shorter range, so that
    /// one part is taken off for every place that names the function.
    pub(super) fn join_symbol(&mut self, list: List) -> SymbolId {
        let parameters = vec![list.sort, SortId::TEXT, SortId::INTEGER, SortId::INTEGER];
        let symbol =
            self.named("join", |encoder| encoder.terms.declare("join", parameters.clone(), SortId::TEXT));
        if !self.terms.symbol(symbol).axioms.is_empty() {
            return symbol;
        }
        let twin = self.terms.declare("join.", parameters.clone(), SortId::TEXT);
        let (variables, given) = self.given(&parameters);
        let [parts, separator, low, high] = given[..] else { return symbol };
        let whole = self.terms.apply(symbol, given.clone());
        let same = self.terms.apply(twin, given);
        let same = self.terms.equal(whole, same);
        let one = self.terms.integer(1);
        let (last, second) = (self.terms.subtract(high, one), self.terms.add(low, one));
        let none = self.terms.less_equal(high, low);
        let empty = self.terms.text("");
        let is_empty = self.terms.equal(whole, empty);
        let single = self.terms.equal(second, high);
        let (of_low, of_last) = (self.at(list, parts, low), self.at(list, parts, last));
        let is_single = self.terms.equal(whole, of_low);
        let before = self.terms.apply(twin, vec![parts, separator, low, last]);
        let behind = self.terms.apply(twin, vec![parts, separator, second, high]);
        let grown = self.glue(before, separator);
        let grown = self.glue(grown, of_last);
        let led = self.glue(of_low, separator);
        let led = self.glue(led, behind);
        let (is_grown, is_led) = (self.terms.equal(whole, grown), self.terms.equal(whole, led));
        let step = self.terms.and(vec![is_grown, is_led]);
        let some = self.terms.if_then_else(single, is_single, step);
        let said = self.terms.if_then_else(none, is_empty, some);
        // Without a separator one part is no case of its own.
        let plain = self.terms.equal(separator, empty);
        let appended = self.glue(before, of_last);
        let is_appended = self.terms.equal(whole, appended);
        let some = self.terms.not(none);
        let applies = self.terms.and(vec![plain, some]);
        let plain_step = self.terms.implies(applies, is_appended);
        let body = self.terms.and(vec![said, same, plain_step]);
        self.terms.axiom(symbol, &variables, body, whole);
        self.join_frame(twin, list);
        self.join_of_characters(symbol, list);
        self.join_of_both(symbol, list);
        symbol
    }

    /// Over one range the texts are equal, or a part differs.
    fn join_frame(&mut self, twin: SymbolId, list: List) {
        let parameters = [list.sort, SortId::TEXT, SortId::INTEGER, SortId::INTEGER];
        let (mut variables, mine) = self.given(&parameters);
        let (others, theirs) = self.given(&parameters);
        variables.extend(others);
        let whole = self.terms.apply(twin, mine.clone());
        let other = self.terms.apply(twin, theirs.clone());
        let alike = (1..4).map(|place| self.terms.equal(mine[place], theirs[place])).collect();
        let alike = self.terms.and(alike);
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let (of_mine, of_theirs) = (self.at(list, mine[0], index), self.at(list, theirs[0], index));
        let equal = self.terms.equal(of_mine, of_theirs);
        let (above, below) = (self.terms.less_equal(mine[2], index), self.terms.less(index, mine[3]));
        let differ = self.terms.not(equal);
        let differ = self.terms.and(vec![above, below, differ]);
        let differ = self.terms.exists(vec![index_variable], differ, vec![]);
        let same = self.terms.equal(whole, other);
        let said = self.terms.or(vec![same, differ]);
        let body = self.terms.implies(alike, said);
        let pattern = self.terms.together(vec![whole, other]);
        self.terms.axiom(twin, &variables, body, pattern);
    }

    /// Parts of one character each, with nothing between them, are the characters of the text.
    fn join_of_characters(&mut self, symbol: SymbolId, list: List) {
        let parameters = [list.sort, SortId::TEXT, SortId::INTEGER, SortId::INTEGER];
        let (variables, given) = self.given(&parameters);
        let [parts, separator, low, high] = given[..] else { return };
        let whole = self.terms.apply(symbol, given.clone());
        let (zero, one, empty) = (self.terms.integer(0), self.terms.integer(1), self.terms.text(""));
        let (at_variable, place) = self.terms.variable(SortId::INTEGER);
        let (above, below) = (self.terms.less_equal(low, place), self.terms.less(place, high));
        let part = self.at(list, parts, place);
        let width = self.text_length(part);
        let is_one = self.terms.equal(width, one);
        let is_other = self.terms.not(is_one);
        let there = self.terms.and(vec![above, below, is_other]);
        let some_other = self.terms.exists(vec![at_variable], there, vec![part]);
        let plain = self.terms.equal(separator, empty);
        let separated = self.terms.not(plain);
        let length = self.text_length(whole);
        let some = self.terms.less(low, high);
        let size = self.terms.subtract(high, low);
        let size = self.terms.if_then_else(some, size, zero);
        let sized = self.terms.equal(length, size);
        let body = self.terms.or(vec![separated, some_other, sized]);
        self.terms.axiom(symbol, &variables, body, whole);
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let found = self.char_at(whole, index);
        let position = self.terms.add(low, index);
        let there = self.at(list, parts, position);
        let equal = self.terms.equal(found, there);
        let inside = self.is_index(index, size);
        let said = self.terms.implies(inside, equal);
        let body = self.terms.or(vec![separated, some_other, said]);
        self.terms.axiom(symbol, &[variables, vec![index_variable]].concat(), body, found);
    }

    /// `join(a ++ b, separator)`, and the length of a text as the sum of those of its parts.
    fn join_of_both(&mut self, symbol: SymbolId, list: List) {
        let (variables, given) = self.given(&[list.sort, list.sort, SortId::TEXT, SortId::INTEGER]);
        let [a, b, separator, high] = given[..] else { return };
        let both = self.concat(list, a, b);
        let zero = self.terms.integer(0);
        let whole = self.terms.apply(symbol, vec![both, separator, zero, high]);
        let length = self.length(list, both);
        let all = self.terms.equal(high, length);
        let [of_a, of_b] = [a, b].map(|parts| {
            let length = self.length(list, parts);
            let text = self.terms.apply(symbol, vec![parts, separator, zero, length]);
            (self.terms.equal(length, zero), text)
        });
        let glued = self.glue(of_a.1, separator);
        let glued = self.glue(glued, of_b.1);
        let said = self.terms.if_then_else(of_b.0, of_a.1, glued);
        let said = self.terms.if_then_else(of_a.0, of_b.1, said);
        let equal = self.terms.equal(whole, said);
        let body = self.terms.implies(all, equal);
        self.terms.axiom(symbol, &variables, body, whole);
        let parameters = [list.sort, SortId::TEXT, SortId::INTEGER, SortId::INTEGER];
        let (variables, given) = self.given(&parameters);
        let [parts, separator, low, high] = given[..] else { return };
        let whole = self.terms.apply(symbol, given.clone());
        let sum = self.sum_of_lengths(list, parts, low, high);
        let length = self.text_length(whole);
        let width = self.text_length(separator);
        let (size, one) = (self.terms.subtract(high, low), self.terms.integer(1));
        let gaps = self.terms.subtract(size, one);
        let between = self.terms.multiply(gaps, width);
        let total = self.terms.add(sum, between);
        let empty = self.terms.text("");
        let plain = self.terms.equal(separator, empty);
        let total = self.terms.if_then_else(plain, sum, total);
        let sized = self.terms.equal(length, total);
        let some = self.terms.less(low, high);
        let body = self.terms.implies(some, sized);
        self.terms.axiom(symbol, &variables, body, whole);
    }

    /// `SUM(LEN(parts[k]) FOR k IN low..high)`, the same function as where the language says so.
    pub(in crate::encode) fn sum_of_lengths(
        &mut self,
        list: List,
        parts: TermId,
        low: TermId,
        high: TermId,
    ) -> TermId {
        self.sum_over(low, high, TypeId::INTEGER, |encoder, index| {
            let part = encoder.at(list, parts, index);
            match encoder.lists.get(&encoder.terms.sort(part)).copied() {
                Some(inner) => encoder.length(inner, part),
                None => encoder.text_length(part),
            }
        })
    }
}
