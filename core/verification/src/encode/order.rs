//! `is_permutation` and `SORT`: how often an element occurs, and arrays in order.

use anrf_format::types::TypeId;

use super::Encoder;
use super::collection::List;
use super::sorts::Shape;
use crate::term::{SortId, SymbolId, TermId};

/// Longer arrays are sorted as those are of which only the length is known.
const MOST_EXCHANGED: usize = 5;

impl Encoder<'_> {
    /// `is_permutation(a, b)`: both hold every element equally often.
    pub(super) fn is_permutation(&mut self, list: List, a: TermId, b: TermId) -> TermId {
        let symbol = self.permutation(list);
        self.terms.apply(symbol, vec![a, b])
    }

    fn permutation(&mut self, list: List) -> SymbolId {
        let (count, twin) = self.occurrences(list);
        self.named_on("permutation", list.sort, |encoder| {
            let symbol = encoder.terms.declare("permutation", vec![list.sort, list.sort], SortId::BOOLEAN);
            let (a_variable, a) = encoder.terms.variable(list.sort);
            let (b_variable, b) = encoder.terms.variable(list.sort);
            let (item_variable, item) = encoder.terms.variable(list.element);
            let holds = encoder.terms.apply(symbol, vec![a, b]);
            let of_a = encoder.terms.apply(count, vec![a, item]);
            let of_b = encoder.terms.apply(count, vec![b, item]);
            let equal = encoder.terms.equal(of_a, of_b);
            // The twins name shorter slices that nothing else speaks of yet.
            let patterns = [count, twin]
                .into_iter()
                .flat_map(|count| [(count, a), (count, b)])
                .map(|(count, array)| encoder.terms.apply(count, vec![array, item]))
                .collect();
            let all = encoder.terms.for_all(vec![item_variable], equal, patterns);
            let means = encoder.terms.equal(holds, all);
            let (length_a, length_b) = (encoder.length(list, a), encoder.length(list, b));
            let alike = encoder.terms.equal(length_a, length_b);
            let alike = encoder.terms.implies(holds, alike);
            let body = encoder.terms.and(vec![means, alike]);
            encoder.terms.axiom(symbol, &[a_variable, b_variable], body, holds);
            // What is in either is counted, so that it is found in the other.
            for here in [a, b] {
                let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
                let found = encoder.at(list, here, index);
                let length = encoder.length(list, here);
                let inside = encoder.is_index(index, length);
                let times = encoder.terms.apply(count, vec![here, found]);
                let zero = encoder.terms.integer(0);
                let some = encoder.terms.less(zero, times);
                let body = encoder.terms.implies(inside, some);
                let pattern = encoder.terms.together(vec![holds, found]);
                encoder.terms.axiom(symbol, &[a_variable, b_variable, index_variable], body, pattern);
            }
            symbol
        })
    }

    /// How often an element occurs in an array, by how the array was made; and its twin without axioms.
    fn occurrences(&mut self, list: List) -> (SymbolId, SymbolId) {
        let twin = self.named_on("occurrences.", list.sort, |encoder| {
            encoder.terms.declare("occurrences.", vec![list.sort, list.element], SortId::INTEGER)
        });
        let count = self.named_on("occurrences", list.sort, |encoder| {
            let parameters = vec![list.sort, list.element];
            let symbol = encoder.terms.declare("occurrences", parameters.clone(), SortId::INTEGER);
            let place = encoder.terms.declare("occurs_at", parameters, SortId::INTEGER);
            let (zero, one) = (encoder.terms.integer(0), encoder.terms.integer(1));
            let (array_variable, array) = encoder.terms.variable(list.sort);
            let (item_variable, item) = encoder.terms.variable(list.element);
            let whole = encoder.terms.apply(symbol, vec![array, item]);
            let position = encoder.terms.apply(place, vec![array, item]);
            let length = encoder.length(list, array);
            let inside = encoder.is_index(position, length);
            let found = encoder.at(list, array, position);
            let is_item = encoder.terms.equal(found, item);
            let there = encoder.terms.and(vec![inside, is_item]);
            let some = encoder.terms.less(zero, whole);
            let there = encoder.terms.implies(some, there);
            let not_negative = encoder.terms.less_equal(zero, whole);
            let most = encoder.terms.less_equal(whole, length);
            let again = encoder.terms.apply(twin, vec![array, item]);
            let same = encoder.terms.equal(whole, again);
            let body = encoder.terms.and(vec![there, not_negative, most, same]);
            encoder.terms.axiom(symbol, &[array_variable, item_variable], body, whole);
            let counts = |encoder: &mut Self, value, item| {
                let equal = encoder.terms.equal(value, item);
                encoder.terms.if_then_else(equal, one, zero)
            };
            // [] and xs ++ [x]
            let empty = encoder.empty_list(list);
            let none = encoder.terms.apply(symbol, vec![empty, item]);
            let body = encoder.terms.equal(none, zero);
            encoder.terms.axiom(symbol, &[item_variable], body, none);
            let (value_variable, value) = encoder.terms.variable(list.element);
            let longer = encoder.append(list, array, value);
            let made = encoder.terms.apply(symbol, vec![longer, item]);
            let once = counts(encoder, value, item);
            let sum = encoder.terms.add(whole, once);
            let body = encoder.terms.equal(made, sum);
            encoder.terms.axiom(symbol, &[array_variable, value_variable, item_variable], body, made);
            // xs WITH [i] = x
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let changed = encoder.with_element(list, array, index, value);
            let made = encoder.terms.apply(symbol, vec![changed, item]);
            let inside = encoder.is_index(index, length);
            let old = encoder.at(list, array, index);
            let (gone, come) = (counts(encoder, old, item), counts(encoder, value, item));
            let left = encoder.terms.subtract(whole, gone);
            let sum = encoder.terms.add(left, come);
            let equal = encoder.terms.equal(made, sum);
            let body = encoder.terms.implies(inside, equal);
            let variables = [array_variable, index_variable, value_variable, item_variable];
            encoder.terms.axiom(symbol, &variables, body, made);
            // a ++ b
            let (other_variable, other) = encoder.terms.variable(list.sort);
            let both = encoder.concat(list, array, other);
            let made = encoder.terms.apply(symbol, vec![both, item]);
            let second = encoder.terms.apply(symbol, vec![other, item]);
            let sum = encoder.terms.add(whole, second);
            let body = encoder.terms.equal(made, sum);
            encoder.terms.axiom(symbol, &[array_variable, other_variable, item_variable], body, made);
            // REVERSE(xs)
            let reversed = encoder.reverse(list, array);
            let made = encoder.terms.apply(symbol, vec![reversed, item]);
            let body = encoder.terms.equal(made, whole);
            encoder.terms.axiom(symbol, &[array_variable, item_variable], body, made);
            // xs[i..j] is one longer than xs[i..j-1], and xs[0..LEN(xs)] is all of it.
            let (from_variable, from) = encoder.terms.variable(SortId::INTEGER);
            let (to_variable, to) = encoder.terms.variable(SortId::INTEGER);
            let slice = encoder.slice(list, array, from, to);
            let made = encoder.terms.apply(symbol, vec![slice, item]);
            let nothing = encoder.terms.less_equal(to, from);
            let is_zero = encoder.terms.equal(made, zero);
            let empty = encoder.terms.implies(nothing, is_zero);
            let last = encoder.terms.subtract(to, one);
            let shorter = encoder.slice(list, array, from, last);
            let before = encoder.terms.apply(twin, vec![shorter, item]);
            let value = encoder.at(list, array, last);
            let once = counts(encoder, value, item);
            let sum = encoder.terms.add(before, once);
            let grown = encoder.terms.equal(made, sum);
            let some = encoder.terms.less(from, to);
            let step = encoder.terms.implies(some, grown);
            let starts = encoder.terms.equal(from, zero);
            let ends = encoder.terms.equal(to, length);
            let all = encoder.terms.and(vec![starts, ends]);
            let equal = encoder.terms.equal(made, whole);
            let all = encoder.terms.implies(all, equal);
            let body = encoder.terms.and(vec![empty, step, all]);
            let variables = [array_variable, from_variable, to_variable, item_variable];
            encoder.terms.axiom(symbol, &variables, body, made);
            symbol
        });
        (count, twin)
    }

    /// `SORT([x, y, ...])`: neighbours that are out of order are exchanged, as in a bubble sort, so that equal ones
    /// keep their order.
    fn sorted_items(&mut self, list: List, element: TypeId, mut items: Vec<TermId>) -> TermId {
        for unsorted in (1..items.len()).rev() {
            for left in 0..unsorted {
                let (a, b) = (items[left], items[left + 1]);
                let exchanged = self.total_less(element, b, a);
                items[left] = self.terms.if_then_else(exchanged, b, a);
                items[left + 1] = self.terms.if_then_else(exchanged, a, b);
            }
        }
        let empty = self.empty_list(list);
        items.into_iter().fold(empty, |made, item| self.append(list, made, item))
    }

    /// `SORT(xs)`: a permutation in ascending order.
    pub(super) fn sorted(&mut self, id: TypeId, array: TermId) -> TermId {
        let Shape::List(list, element) = self.shape(id) else { return self.opaque("SORT", id) };
        if let Some(items) = self.written_out(list, array).filter(|items| items.len() <= MOST_EXCHANGED) {
            return self.sorted_items(list, element, items);
        }
        let permutation = self.permutation(list);
        let symbol = self.named_on("sorted", list.sort, |encoder| {
            let symbol = encoder.terms.declare("sorted", vec![list.sort], list.sort);
            let (array_variable, array) = encoder.terms.variable(list.sort);
            let made = encoder.terms.apply(symbol, vec![array]);
            let same = encoder.terms.apply(permutation, vec![made, array]);
            let (length, other) = (encoder.length(list, made), encoder.length(list, array));
            let alike = encoder.terms.equal(length, other);
            let body = encoder.terms.and(vec![same, alike]);
            encoder.terms.axiom(symbol, &[array_variable], body, made);
            let (i_variable, i) = encoder.terms.variable(SortId::INTEGER);
            let (j_variable, j) = encoder.terms.variable(SortId::INTEGER);
            let (of_i, of_j) = (encoder.at(list, made, i), encoder.at(list, made, j));
            let zero = encoder.terms.integer(0);
            let low = encoder.terms.less_equal(zero, i);
            let middle = encoder.terms.less(i, j);
            let high = encoder.terms.less(j, length);
            let inside = encoder.terms.and(vec![low, middle, high]);
            let after = encoder.total_less(element, of_j, of_i);
            let ordered = encoder.terms.not(after);
            let body = encoder.terms.implies(inside, ordered);
            let pattern = encoder.terms.together(vec![of_i, of_j]);
            encoder.terms.axiom(symbol, &[array_variable, i_variable, j_variable], body, pattern);
            symbol
        });
        self.terms.apply(symbol, vec![array])
    }
}
