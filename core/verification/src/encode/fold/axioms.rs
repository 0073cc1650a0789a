//! What each fold is, in terms of a range that is one shorter, and of its elements.

use anrf_format::types::TypeId;

use super::Body;
use super::function::Bound;
use crate::encode::Encoder;
use crate::encode::sorts::Shape;
use crate::term::{BoundId, Sort, SortId, SymbolId, TermId};

impl<'m> Encoder<'m> {
    pub(super) fn define_sum(
        &mut self,
        kind: &'static str,
        symbol: SymbolId,
        parameters: &[SortId],
        bound: &Bound<'_>,
        whole: TermId,
        result: TypeId,
    ) {
        let sort = self.sort(result);
        let twin = self.terms.declare(&format!("{kind}."), parameters.to_vec(), sort);
        let zero = self.zero(result);
        let (low, high, one) = (bound.low(), bound.high(), self.terms.integer(1));
        let (last, second) = (self.terms.subtract(high, one), self.terms.add(low, one));
        let add = |encoder: &mut Self, a, b| {
            if result == TypeId::FLOAT {
                encoder.terms.theory(crate::term::Theory::FloatAdd, vec![a, b])
            } else {
                encoder.terms.add(a, b)
            }
        };
        let term_at = |encoder: &mut Self, bound: &Bound<'_>, index| {
            let present = encoder.present_at(bound, index);
            let value = if kind == "count" { one } else { encoder.value_at(bound, index) };
            encoder.terms.if_then_else(present, value, zero)
        };
        let nothing = self.terms.less_equal(high, low);
        let is_zero = self.terms.equal(whole, zero);
        let empty = self.terms.implies(nothing, is_zero);
        let some = self.terms.not(nothing);
        let shorter = self.terms.apply(twin, bound.with_range(low, last));
        let of_last = term_at(self, bound, last);
        let grown = add(self, shorter, of_last);
        let mut steps = vec![self.terms.equal(whole, grown)];
        if result != TypeId::FLOAT {
            // Sums of floats go from the left.
            let rest = self.terms.apply(twin, bound.with_range(second, high));
            let of_first = term_at(self, bound, low);
            let grown = add(self, of_first, rest);
            steps.push(self.terms.equal(whole, grown));
        }
        let steps = self.terms.and(steps);
        let step = self.terms.implies(some, steps);
        let same = self.terms.apply(twin, bound.arguments.clone());
        let same = self.terms.equal(whole, same);
        let mut body = vec![empty, step, same];
        if kind == "count" {
            let size = self.terms.subtract(high, low);
            let most = self.terms.if_then_else(nothing, zero, size);
            body.push(self.terms.between(zero, whole, most));
            self.define_each_counts(symbol, bound, whole, most);
            // Where some are counted there is one; of shorter ranges too, which nothing else speaks of.
            let again = self.terms.apply(twin, bound.arguments.clone());
            let (variable, _, there) = self.element(bound);
            let one = self.quantified(false, variable, there);
            let some = self.terms.less(zero, again);
            let said = self.terms.implies(some, one);
            let not_negative = self.terms.less_equal(zero, again);
            let said = self.terms.and(vec![not_negative, said]);
            self.terms.axiom(symbol, &bound.variables, said, again);
        } else if result != TypeId::FLOAT {
            // A negative sum has a negative element, a positive one a positive element.
            for negative in [true, false] {
                let (variable, index, there) = self.element(bound);
                let value = self.value_at(bound, index);
                let (sum_side, value_side) = if negative {
                    (self.terms.less(whole, zero), self.terms.less(value, zero))
                } else {
                    (self.terms.less(zero, whole), self.terms.less(zero, value))
                };
                let both = self.terms.and(vec![there, value_side]);
                let one = self.terms.exists(vec![variable], both, vec![]);
                body.push(self.terms.implies(sum_side, one));
            }
        }
        let body = self.terms.and(body);
        self.terms.axiom(symbol, &bound.variables, body, whole);
        if result == TypeId::FLOAT {
            return;
        }
        // Two neighbouring ranges.
        let (middle_variable, middle) = self.terms.variable(SortId::INTEGER);
        let left = self.terms.apply(symbol, bound.with_range(low, middle));
        let right = self.terms.apply(symbol, bound.with_range(middle, high));
        let both = self.terms.add(left, right);
        let split = self.terms.equal(whole, both);
        let (before, after) = (self.terms.less_equal(low, middle), self.terms.less_equal(middle, high));
        let ordered = self.terms.and(vec![before, after]);
        let body = self.terms.implies(ordered, split);
        let pattern = self.terms.together(vec![whole, left, right]);
        let mut variables = bound.variables.clone();
        variables.push(middle_variable);
        self.terms.axiom(symbol, &variables, body, pattern);
        self.define_sum_frame(symbol, twin, bound, term_at);
    }

    /// What a count says of each element that is spoken of: one that counts makes it positive, one that does not keeps
    /// it below all. And it is below all only where there is one that does not.
    fn define_each_counts(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, most: TermId) {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let (within, present) = (self.within(bound, index), self.present_at(bound, index));
        let absent = self.terms.not(present);
        let left_out = self.terms.and(vec![within, absent]);
        let not_all = self.terms.less(whole, most);
        let one = self.terms.exists(vec![variable], left_out, vec![]);
        let lacks = self.terms.implies(not_all, one);
        self.terms.axiom(symbol, &bound.variables, lacks, whole);
        let zero = self.terms.integer(0);
        let some = self.terms.less(zero, whole);
        let there = self.terms.and(vec![within, present]);
        let counted = self.terms.implies(there, some);
        let lacking = self.terms.implies(left_out, not_all);
        let each = self.terms.and(vec![counted, lacking]);
        let variables = [&bound.variables[..], &[variable]].concat();
        for element in self.elements_at(variable, present) {
            let pattern = self.terms.together(vec![whole, element]);
            self.terms.axiom(symbol, &variables, each, pattern);
        }
    }

    /// Two sums over one range are equal, or differ by a summand: if that is the only one that differs, by
    /// just that. The twin is named by every sum and by its shorter ranges.
    fn define_sum_frame(
        &mut self,
        symbol: SymbolId,
        twin: SymbolId,
        bound: &Bound<'_>,
        summand: impl Fn(&mut Self, &Bound<'_>, TermId) -> TermId,
    ) {
        let Some((others, variables)) = self.other_collections(bound, true) else { return };
        let other = Bound { skeleton: bound.skeleton, variables: vec![], arguments: others };
        let mine = self.terms.apply(twin, bound.arguments.clone());
        let theirs = self.terms.apply(twin, other.arguments.clone());
        let one_range = self.terms.equal(bound.high(), other.high());
        let same = self.terms.equal(mine, theirs);
        let differs = |encoder: &mut Self, index| {
            let (of_mine, of_theirs) = (summand(encoder, bound, index), summand(encoder, &other, index));
            let equal = encoder.terms.equal(of_mine, of_theirs);
            let differ = encoder.terms.not(equal);
            let inside = encoder.within(bound, index);
            (encoder.terms.and(vec![inside, differ]), of_mine, of_theirs)
        };
        let (first_variable, first) = self.terms.variable(SortId::INTEGER);
        let (there, of_mine, of_theirs) = differs(self, first);
        let (second_variable, second) = self.terms.variable(SortId::INTEGER);
        let (again, ..) = differs(self, second);
        let is_first = self.terms.equal(first, second);
        let elsewhere = self.terms.not(is_first);
        let again = self.terms.and(vec![elsewhere, again]);
        let again = self.terms.exists(vec![second_variable], again, vec![]);
        let my_rest = self.terms.subtract(mine, of_mine);
        let their_rest = self.terms.subtract(theirs, of_theirs);
        let rest = self.terms.equal(my_rest, their_rest);
        let by_one = self.terms.or(vec![again, rest]);
        let there = self.terms.and(vec![there, by_one]);
        let differ = self.terms.exists(vec![first_variable], there, vec![]);
        let said = self.terms.or(vec![same, differ]);
        let body = self.terms.implies(one_range, said);
        let pattern = self.terms.together(vec![mine, theirs]);
        self.terms.axiom(symbol, &variables, body, pattern);
    }

    /// The arguments of a fold with other arrays and the like in the place of its own, and all variables. Numbers,
    /// texts and the start of the range stay: folds that differ in those are seldom equal, and there may be many, one
    /// for each key. `None` if nothing else is captured.
    fn other_collections(
        &mut self,
        bound: &Bound<'_>,
        other_end: bool,
    ) -> Option<(Vec<TermId>, Vec<BoundId>)> {
        let (mut arguments, mut variables) = (bound.arguments.clone(), bound.variables.clone());
        let captured = arguments.len() - 2;
        let mut any = false;
        for (place, argument) in arguments.iter_mut().enumerate() {
            let sort = self.terms.sort(*argument);
            let holds_others = matches!(self.terms.sorts.get(sort), Sort::Declared(_) | Sort::Datatype(_));
            any |= place < captured && holds_others;
            if place < captured && holds_others || other_end && place == captured + 1 {
                let (variable, other) = self.terms.variable(sort);
                variables.push(variable);
                *argument = other;
            }
        }
        any.then_some((arguments, variables))
    }

    /// Two folds over one range whose elements agree are equal.
    pub(super) fn define_frame(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId) {
        let Some((others, variables)) = self.other_collections(bound, false) else { return };
        let other = Bound { skeleton: bound.skeleton, variables: vec![], arguments: others };
        let twin = self.terms.apply(symbol, other.arguments.clone());
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let inside = self.within(bound, index);
        let (mine, theirs) = (self.present_at(bound, index), self.present_at(&other, index));
        let alike = self.terms.equal(mine, theirs);
        let (my_value, their_value) = (self.value_at(bound, index), self.value_at(&other, index));
        let equal = self.terms.equal(my_value, their_value);
        let equal = self.terms.implies(mine, equal);
        let both = self.terms.and(vec![alike, equal]);
        let agree = self.terms.implies(inside, both);
        let agree = self.quantified(true, variable, agree);
        let same = self.terms.equal(whole, twin);
        let body = self.terms.implies(agree, same);
        let pattern = self.terms.together(vec![whole, twin]);
        self.terms.axiom(symbol, &variables, body, pattern);
    }

    pub(super) fn define_extreme(
        &mut self,
        kind: &'static str,
        symbol: SymbolId,
        bound: &Bound<'_>,
        whole: TermId,
        result: TypeId,
    ) {
        let (variable, index, there) = self.element(bound);
        let value = self.value_at(bound, index);
        let beyond = if kind == "min" {
            self.total_less(result, value, whole)
        } else {
            self.total_less(result, whole, value)
        };
        let bounded = self.terms.not(beyond);
        let said = self.terms.implies(there, bounded);
        let all = self.quantified(true, variable, said);
        let (variable, _, there) = self.element(bound);
        let any = self.quantified(false, variable, there);
        let (variable, index, there) = self.element(bound);
        let value = self.value_at(bound, index);
        let is_it = self.terms.equal(whole, value);
        let both = self.terms.and(vec![there, is_it]);
        let one = self.quantified(false, variable, both);
        let attained = self.terms.implies(any, one);
        let body = self.terms.and(vec![all, attained]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
    }

    pub(super) fn define_find(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
        let found = self.is_some(result, whole);
        let payload = self.payload(result, whole);
        let position =
            self.terms.declare("found_at", self.terms.symbol(symbol).parameters.clone(), SortId::INTEGER);
        let position = self.terms.apply(position, bound.arguments.clone());
        let inside = self.within(bound, position);
        let present = self.present_at(bound, position);
        let value = self.value_at(bound, position);
        let is_it = self.terms.equal(payload, value);
        let here = self.terms.and(vec![inside, present, is_it]);
        let here = self.terms.implies(found, here);
        let (variable, index, there) = self.element(bound);
        let before = self.terms.less(index, position);
        let nowhere = self.terms.not(found);
        let earlier = self.terms.or(vec![before, nowhere]);
        let not_there = self.terms.not(there);
        let said = self.terms.implies(earlier, not_there);
        let first = self.quantified(true, variable, said);
        let body = self.terms.and(vec![here, first]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
    }

    pub(super) fn define_array(
        &mut self,
        symbol: SymbolId,
        parameters: &[SortId],
        bound: &Bound<'_>,
        whole: TermId,
        result: TypeId,
    ) {
        let Shape::List(list, _) = self.shape(result) else { return };
        let (low, high) = (bound.low(), bound.high());
        let (zero, one) = (self.terms.integer(0), self.terms.integer(1));
        let nothing = self.terms.less_equal(high, low);
        let size = self.terms.subtract(high, low);
        let most = self.terms.if_then_else(nothing, zero, size);
        let length = self.length(list, whole);
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let item = self.at(list, whole, index);
        let inside = self.is_index(index, length);
        let mut with_index = bound.variables.clone();
        with_index.push(index_variable);
        if self.terms.as_boolean(bound.skeleton.present) == Some(true) {
            let body = self.terms.equal(length, most);
            self.terms.axiom(symbol, &bound.variables, body, whole);
            let position = self.terms.add(low, index);
            let value = self.value_at(bound, position);
            let equal = self.terms.equal(item, value);
            let body = self.terms.implies(inside, equal);
            self.terms.axiom(symbol, &with_index, body, item);
            self.define_frame(symbol, bound, whole);
            return;
        }
        let twin = self.terms.declare("array.", parameters.to_vec(), list.sort);
        let last = self.terms.subtract(high, one);
        let shorter = self.terms.apply(twin, bound.with_range(low, last));
        let present = self.present_at(bound, last);
        let value = self.value_at(bound, last);
        let longer = self.append(list, shorter, value);
        let step = self.terms.if_then_else(present, longer, shorter);
        let empty = self.empty_list(list);
        let said = self.terms.if_then_else(nothing, empty, step);
        let is_said = self.terms.equal(whole, said);
        let same = self.terms.apply(twin, bound.arguments.clone());
        let same = self.terms.equal(whole, same);
        let bounded = self.terms.less_equal(length, most);
        // It has as many elements as count.
        let counted = self.count_like(bound);
        let counted = self.terms.equal(length, counted);
        let body = self.terms.and(vec![is_said, same, bounded, counted]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
        // Each of its elements comes from one that counts, in their order, and each that counts is there.
        let with_index_sorts = [parameters, &[SortId::INTEGER]].concat();
        let source = self.terms.declare("source", with_index_sorts, SortId::INTEGER);
        let source_of = |encoder: &mut Self, index| {
            encoder.terms.apply(source, bound.arguments.iter().copied().chain([index]).collect())
        };
        let from = source_of(self, index);
        let (in_range, present) = (self.within(bound, from), self.present_at(bound, from));
        let value = self.value_at(bound, from);
        let equal = self.terms.equal(item, value);
        let from_there = self.terms.and(vec![in_range, present, equal]);
        let body = self.terms.implies(inside, from_there);
        self.terms.axiom(symbol, &with_index, body, item);
        let (later_variable, later) = self.terms.variable(SortId::INTEGER);
        let later_item = self.at(list, whole, later);
        let later_from = source_of(self, later);
        let (behind, ends) = (self.terms.less(index, later), self.terms.less(later, length));
        let zero_or_more = self.terms.less_equal(zero, index);
        let two = self.terms.and(vec![zero_or_more, behind, ends]);
        let in_order = self.terms.less(from, later_from);
        let body = self.terms.implies(two, in_order);
        let pattern = self.terms.together(vec![item, later_item]);
        self.terms.axiom(symbol, &[&with_index[..], &[later_variable]].concat(), body, pattern);
        let (variable, source, there) = self.element(bound);
        let value = self.value_at(bound, source);
        let equal = self.terms.equal(item, value);
        let both = self.terms.and(vec![inside, equal]);
        let somewhere = self.terms.exists(vec![index_variable], both, vec![item]);
        let body = self.terms.implies(there, somewhere);
        let body = self.quantified(true, variable, body);
        self.terms.axiom(symbol, &bound.variables, body, whole);
        self.define_frame(symbol, bound, whole);
    }

    /// The sum of what is said of every index of a range: the same function as a SUM over it.
    pub(in crate::encode) fn sum_over(
        &mut self,
        low: TermId,
        high: TermId,
        result: TypeId,
        summand: impl FnOnce(&mut Self, TermId) -> TermId,
    ) -> TermId {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let (above, below) = (self.terms.less_equal(low, index), self.terms.less(index, high));
        let inside = self.terms.and(vec![above, below]);
        let (present, value) = (self.terms.boolean(true), summand(self, index));
        let body = Body { variable, index, low, high, inside, present, values: vec![value] };
        self.fold_term("sum", &body, result)
    }

    /// How many elements of the range count: the same function as a COUNT over it.
    fn count_like(&mut self, bound: &Bound<'_>) -> TermId {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let inside = self.within(bound, index);
        let present = self.present_at(bound, index);
        let (low, high) = (bound.low(), bound.high());
        let body = Body { variable, index, low, high, inside, present, values: vec![] };
        self.fold_term("count", &body, TypeId::INTEGER)
    }

    pub(super) fn define_set(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
        let Shape::Set(members, _) = self.shape(result) else { return };
        let (item_variable, item) = self.terms.variable(members.element);
        let is_in = self.terms.apply(members.has, vec![whole, item]);
        let (variable, index, there) = self.element(bound);
        let value = self.value_at(bound, index);
        let equal = self.terms.equal(value, item);
        let both = self.terms.and(vec![there, equal]);
        let from = self.quantified(false, variable, both);
        let body = self.terms.implies(is_in, from);
        let mut variables = bound.variables.clone();
        variables.push(item_variable);
        self.terms.axiom(symbol, &variables, body, is_in);
        let (variable, index, there) = self.element(bound);
        let value = self.value_at(bound, index);
        let is_in = self.terms.apply(members.has, vec![whole, value]);
        let said = self.terms.implies(there, is_in);
        let all = self.quantified(true, variable, said);
        let size = self.terms.apply(members.size, vec![whole]);
        let bounded = self.at_most_the_range(bound, size);
        let body = self.terms.and(vec![all, bounded]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
    }

    pub(super) fn define_map(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
        let Shape::Map(mapping, ..) = self.shape(result) else { return };
        let key_at = |encoder: &mut Self, index| encoder.value_at(bound, index);
        let (key_variable, key) = self.terms.variable(mapping.key);
        let has = self.terms.apply(mapping.has, vec![whole, key]);
        let (variable, index, there) = self.element(bound);
        let this = key_at(self, index);
        let equal = self.terms.equal(this, key);
        let both = self.terms.and(vec![there, equal]);
        let from = self.quantified(false, variable, both);
        let body = self.terms.implies(has, from);
        let mut variables = bound.variables.clone();
        variables.push(key_variable);
        self.terms.axiom(symbol, &variables, body, has);
        let (variable, index, there) = self.element(bound);
        let this = key_at(self, index);
        let has = self.terms.apply(mapping.has, vec![whole, this]);
        let found = self.terms.apply(mapping.lookup, vec![whole, this]);
        let value = match bound.skeleton.values.get(1) {
            Some(value) => self.fill(*value, bound, index),
            None => found,
        };
        let equal = self.terms.equal(found, value);
        // Of equal keys the last counts.
        let (later_variable, later, later_there) = self.element(bound);
        let behind = self.terms.less(index, later);
        let other = key_at(self, later);
        let same_key = self.terms.equal(other, this);
        let again = self.terms.and(vec![later_there, behind, same_key]);
        let overwritten = self.quantified(false, later_variable, again);
        let counts = self.terms.or(vec![overwritten, equal]);
        let said = self.terms.and(vec![has, counts]);
        let said = self.terms.implies(there, said);
        let all = self.quantified(true, variable, said);
        let size = self.terms.apply(mapping.size, vec![whole]);
        let bounded = self.at_most_the_range(bound, size);
        let body = self.terms.and(vec![all, bounded]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
    }

    pub(super) fn at_most_the_range(&mut self, bound: &Bound<'_>, size: TermId) -> TermId {
        let zero = self.terms.integer(0);
        let nothing = self.terms.less_equal(bound.high(), bound.low());
        let count = self.terms.subtract(bound.high(), bound.low());
        let most = self.terms.if_then_else(nothing, zero, count);
        self.terms.less_equal(size, most)
    }
}
