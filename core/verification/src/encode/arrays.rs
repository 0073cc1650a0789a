//! `UNIQUE`, `FLATTEN` and the order of arrays.

use anrf_format::types::TypeId;

use super::Encoder;
use super::collection::List;
use crate::term::{SortId, SymbolId, TermId};

impl Encoder<'_> {
    /// `UNIQUE(xs)`: the first of each value, in their order. `source` is where an element of the result stood, and
    /// `target` where an element of the array went.
    pub(super) fn unique(&mut self, list: List, element: TypeId, array: TermId) -> TermId {
        let symbol = self.named_on("unique", list.sort, |encoder| {
            let symbol = encoder.terms.declare("unique", vec![list.sort], list.sort);
            let places = vec![list.sort, SortId::INTEGER];
            let source = encoder.terms.declare("unique_from", places.clone(), SortId::INTEGER);
            let target = encoder.terms.declare("unique_to", places.clone(), SortId::INTEGER);
            let (variables, given) = encoder.given(&[list.sort]);
            let array = given[0];
            let made = encoder.terms.apply(symbol, given);
            let (length, size) = (encoder.length(list, array), encoder.length(list, made));
            let zero = encoder.terms.integer(0);
            let fits = encoder.terms.less_equal(size, length);
            let (none, is_none) = (encoder.terms.equal(length, zero), encoder.terms.equal(size, zero));
            let alike = encoder.terms.equal(none, is_none);
            let body = encoder.terms.and(vec![fits, alike]);
            encoder.terms.axiom(symbol, &variables, body, made);
            // Each of its elements is the first of its kind, and those come in the order of the array.
            let (with_index, given) = encoder.given(&places);
            let (array, index) = (given[0], given[1]);
            let made = encoder.terms.apply(symbol, vec![array]);
            let (length, size) = (encoder.length(list, array), encoder.length(list, made));
            let from = encoder.terms.apply(source, given.clone());
            let found = encoder.at(list, made, index);
            let there = encoder.at(list, array, from);
            let same = encoder.terms.equal(found, there);
            let bounded = encoder.is_index(from, length);
            let not_before = encoder.terms.less_equal(index, from);
            let back = encoder.terms.apply(target, vec![array, from]);
            let round = encoder.terms.equal(back, index);
            let said = encoder.terms.and(vec![same, bounded, not_before, round]);
            let inside = encoder.is_index(index, size);
            let body = encoder.terms.implies(inside, said);
            encoder.terms.axiom(symbol, &with_index, body, found);
            let (other_variable, other) = encoder.terms.variable(SortId::INTEGER);
            let other_found = encoder.at(list, made, other);
            let other_from = encoder.terms.apply(source, vec![array, other]);
            let inside = encoder.is_index(other, size);
            let above = encoder.terms.less_equal(zero, index);
            let before = encoder.terms.less(index, other);
            let condition = encoder.terms.and(vec![above, before, inside]);
            let ordered = encoder.terms.less(from, other_from);
            let equal = encoder.equal_values(element, found, other_found, false);
            let differ = encoder.terms.not(equal);
            let said = encoder.terms.and(vec![ordered, differ]);
            let body = encoder.terms.implies(condition, said);
            let pattern = encoder.terms.together(vec![found, other_found]);
            encoder.terms.axiom(symbol, &[with_index.clone(), vec![other_variable]].concat(), body, pattern);
            // Each element of the array is in it, from this place or one before.
            let here = encoder.at(list, array, index);
            let to = encoder.terms.apply(target, given);
            let kept = encoder.at(list, made, to);
            let same = encoder.equal_values(element, kept, here, false);
            let bounded = encoder.is_index(to, size);
            let first = encoder.terms.apply(source, vec![array, to]);
            let not_behind = encoder.terms.less_equal(first, index);
            let said = encoder.terms.and(vec![same, bounded, not_behind]);
            let inside = encoder.is_index(index, length);
            let body = encoder.terms.implies(inside, said);
            let pattern = encoder.terms.together(vec![made, here]);
            encoder.terms.axiom(symbol, &with_index, body, pattern);
            symbol
        });
        self.terms.apply(symbol, vec![array])
    }

    /// `FLATTEN(xss)`: the elements of each array stand behind those of the ones before it, whose number is a sum.
    pub(super) fn flatten(&mut self, outer: List, list: List, arrays: TermId) -> TermId {
        let symbol = self.named_on("flatten", outer.sort, |encoder| {
            let symbol = encoder.terms.declare("flatten", vec![outer.sort], list.sort);
            let row =
                encoder.terms.declare("flatten_row", vec![outer.sort, SortId::INTEGER], SortId::INTEGER);
            let (variables, given) = encoder.given(&[outer.sort]);
            let arrays = given[0];
            let made = encoder.terms.apply(symbol, given);
            let (zero, size, count) =
                (encoder.terms.integer(0), encoder.length(list, made), encoder.length(outer, arrays));
            let sum = encoder.sum_of_lengths(outer, arrays, zero, count);
            let body = encoder.terms.equal(size, sum);
            encoder.terms.axiom(symbol, &variables, body, made);
            // Where an element of an array goes.
            let (variables, given) = encoder.given(&[outer.sort, SortId::INTEGER, SortId::INTEGER]);
            let [arrays, position, index] = given[..] else { return symbol };
            let made = encoder.terms.apply(symbol, vec![arrays]);
            let (size, count) = (encoder.length(list, made), encoder.length(outer, arrays));
            let array = encoder.at(outer, arrays, position);
            let here = encoder.at(list, array, index);
            let before = encoder.sum_of_lengths(outer, arrays, zero, position);
            let to = encoder.terms.add(before, index);
            let found = encoder.at(list, made, to);
            let length = encoder.length(list, array);
            let condition = [encoder.is_index(position, count), encoder.is_index(index, length)];
            let condition = encoder.terms.and(condition.to_vec());
            let inside = encoder.is_index(to, size);
            let same = encoder.terms.equal(found, here);
            let said = encoder.terms.and(vec![inside, same]);
            let body = encoder.terms.implies(condition, said);
            let pattern = encoder.terms.together(vec![made, here]);
            encoder.terms.axiom(symbol, &variables, body, pattern);
            // And where one came from.
            let (variables, given) = encoder.given(&[outer.sort, SortId::INTEGER]);
            let (arrays, index) = (given[0], given[1]);
            let made = encoder.terms.apply(symbol, vec![arrays]);
            let (size, count) = (encoder.length(list, made), encoder.length(outer, arrays));
            let found = encoder.at(list, made, index);
            let position = encoder.terms.apply(row, given);
            let array = encoder.at(outer, arrays, position);
            let before = encoder.sum_of_lengths(outer, arrays, zero, position);
            let place = encoder.terms.subtract(index, before);
            let there = encoder.at(list, array, place);
            let length = encoder.length(list, array);
            let same = encoder.terms.equal(found, there);
            let said = vec![encoder.is_index(position, count), encoder.is_index(place, length), same];
            let said = encoder.terms.and(said);
            let inside = encoder.is_index(index, size);
            let body = encoder.terms.implies(inside, said);
            encoder.terms.axiom(symbol, &variables, body, found);
            symbol
        });
        self.terms.apply(symbol, vec![arrays])
    }

    /// `a < b` of arrays in the total order: at the first place where they differ, or because the first ends there.
    /// Inside arrays floats are compared canonically.
    pub(super) fn less_lists(&mut self, list: List, element: TypeId, [a, b]: [TermId; 2]) -> TermId {
        let symbol = self.order_of_lists(list, element);
        self.terms.apply(symbol, vec![a, b])
    }

    fn order_of_lists(&mut self, list: List, element: TypeId) -> SymbolId {
        // Elements of one sort are in one order: enumerations and machines by number, as integers.
        self.named_on("less", list.sort, |encoder| {
            let parameters = vec![list.sort, list.sort];
            let symbol = encoder.terms.declare("less", parameters.clone(), SortId::BOOLEAN);
            let differ = encoder.terms.declare("differ_at", parameters.clone(), SortId::INTEGER);
            let (variables, given) = encoder.given(&parameters);
            let (a, b) = (given[0], given[1]);
            let less = encoder.terms.apply(symbol, given.clone());
            let place = encoder.terms.apply(differ, given);
            let (of_a, of_b) = (encoder.length(list, a), encoder.length(list, b));
            let zero = encoder.terms.integer(0);
            let bounds = vec![
                encoder.terms.less_equal(zero, place),
                encoder.terms.less_equal(place, of_a),
                encoder.terms.less_equal(place, of_b),
            ];
            let in_a = encoder.terms.less(place, of_a);
            let in_b = encoder.terms.less(place, of_b);
            let (mine, theirs) = (encoder.at(list, a, place), encoder.at(list, b, place));
            let in_both = encoder.terms.and(vec![in_a, in_b]);
            let equal = encoder.equal_values(element, mine, theirs, false);
            let different = encoder.terms.not(equal);
            let different = encoder.terms.implies(in_both, different);
            let before = encoder.total_less(element, mine, theirs);
            let by_element = encoder.terms.and(vec![in_b, before]);
            let said = encoder.terms.if_then_else(in_a, by_element, in_b);
            let means = encoder.terms.equal(less, said);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let (at_a, at_b) = (encoder.at(list, a, index), encoder.at(list, b, index));
            let inside = encoder.is_index(index, place);
            let equal = encoder.equal_values(element, at_a, at_b, false);
            let same = encoder.terms.implies(inside, equal);
            let same = encoder.terms.for_all(vec![index_variable], same, vec![at_a, at_b]);
            let body = bounds.into_iter().chain([different, means, same]).collect();
            let body = encoder.terms.and(body);
            encoder.terms.axiom(symbol, &variables, body, less);
            symbol
        })
    }
}
