//! Sums and counts over a map or a set: functions of the collection, said by how it was made. The order of
//! the keys does not matter to them.

use anrf_format::types::TypeId;
use rustc_hash::FxHashMap;

use super::Encoder;
use super::collection::{Mapping, Members};
use super::fold::Key;
use crate::term::{BoundId, SortId, SymbolId, TermId};

/// A collection that is summed over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keyed {
    Map(Mapping),
    Set(Members),
}

/// What is summed, of one key and its value.
pub(super) struct Summand {
    pub(super) keyed: Keyed,
    pub(super) collection: TermId,
    pub(super) key: (BoundId, TermId),
    /// Of a set the key once more.
    pub(super) value: (BoundId, TermId),
    pub(super) present: TermId,
    /// What is added; 1 where it is a count.
    pub(super) amount: TermId,
}

impl Encoder<'_> {
    /// The sum, as a function of what the summand captures and of the collection.
    pub(super) fn sum_over_keys(&mut self, summand: &Summand, result: TypeId) -> TermId {
        let zero = self.zero(result);
        let amount = self.terms.if_then_else(summand.present, summand.amount, zero);
        let places = [(summand.key.1, 0), (summand.value.1, 1)];
        let (skeleton, captured) = self.abstracted(amount, &[summand.key.0, summand.value.0], &places);
        let sort = match summand.keyed {
            Keyed::Map(mapping) => mapping.sort,
            Keyed::Set(members) => members.sort,
        };
        let marker = self.terms.constant_of_sort(sort);
        let key = Key::new("sum over keys", marker, vec![skeleton], result);
        let symbol = match self.folds.get(&key) {
            Some(symbol) => *symbol,
            None => {
                let sorts: Vec<SortId> = captured.iter().map(|part| self.terms.sort(*part)).collect();
                self.define_keyed(key, summand.keyed, skeleton, &sorts, sort, result)
            }
        };
        let arguments = captured.into_iter().chain([summand.collection]).collect();
        self.terms.apply(symbol, arguments)
    }

    fn define_keyed(
        &mut self,
        key: Key,
        keyed: Keyed,
        skeleton: TermId,
        captured: &[SortId],
        sort: SortId,
        result: TypeId,
    ) -> SymbolId {
        let result_sort = self.sort(result);
        let parameters: Vec<SortId> = captured.iter().copied().chain([sort]).collect();
        let symbol = self.terms.declare("sum", parameters, result_sort);
        self.folds.insert(key, symbol);
        let (mut variables, given): (Vec<_>, Vec<_>) =
            captured.iter().map(|sort| self.terms.variable(*sort)).unzip();
        let (collection_variable, collection) = self.terms.variable(sort);
        variables.push(collection_variable);
        let of = |encoder: &mut Self, collection| {
            encoder.terms.apply(symbol, given.iter().copied().chain([collection]).collect())
        };
        let amount = |encoder: &mut Self, key, value| {
            let mut replacements = FxHashMap::default();
            for (number, argument) in (0_u32..).zip([key, value].into_iter().chain(given.iter().copied())) {
                let place_sort = encoder.terms.sort(argument);
                replacements.insert(encoder.terms.parameter(number, place_sort), argument);
            }
            encoder.terms.substitute(skeleton, &replacements)
        };
        let (has, size, key_sort) = match keyed {
            Keyed::Map(mapping) => (mapping.has, mapping.size, mapping.key),
            Keyed::Set(members) => (members.has, members.size, members.element),
        };
        let value_of = |encoder: &mut Self, collection, key| match keyed {
            Keyed::Map(mapping) => encoder.terms.apply(mapping.lookup, vec![collection, key]),
            Keyed::Set(_) => key,
        };
        let zero = self.zero(result);
        let whole = of(self, collection);
        // Of nothing it is zero; a negative sum has a negative summand, a positive one a positive.
        let count = self.terms.apply(size, vec![collection]);
        let nothing = self.terms.integer(0);
        let is_empty = self.terms.equal(count, nothing);
        let is_zero = self.terms.equal(whole, zero);
        let mut body = vec![self.terms.implies(is_empty, is_zero)];
        for negative in [true, false] {
            let (variable, key) = self.terms.variable(key_sort);
            let there = self.terms.apply(has, vec![collection, key]);
            let value = value_of(self, collection, key);
            let part = amount(self, key, value);
            let (sum_side, part_side) = if negative {
                (self.terms.less(whole, zero), self.terms.less(part, zero))
            } else {
                (self.terms.less(zero, whole), self.terms.less(zero, part))
            };
            let both = self.terms.and(vec![there, part_side]);
            let one = self.terms.exists(vec![variable], both, vec![there]);
            body.push(self.terms.implies(sum_side, one));
        }
        let body = self.terms.and(body);
        self.terms.axiom(symbol, &variables, body, whole);
        // No summand is above the sum where none is negative.
        let (key_variable, key) = self.terms.variable(key_sort);
        let there = self.terms.apply(has, vec![collection, key]);
        let value = value_of(self, collection, key);
        let part = amount(self, key, value);
        let (other_variable, other) = self.terms.variable(key_sort);
        let other_there = self.terms.apply(has, vec![collection, other]);
        let other_value = value_of(self, collection, other);
        let other_part = amount(self, other, other_value);
        let not_negative = self.terms.less_equal(zero, other_part);
        let said = self.terms.implies(other_there, not_negative);
        let none_negative = self.terms.for_all(vec![other_variable], said, vec![other_there]);
        let bounded = self.terms.less_equal(part, whole);
        let condition = self.terms.and(vec![none_negative, there]);
        let body = self.terms.implies(condition, bounded);
        let pattern = self.terms.together(vec![whole, there]);
        let mut with_key = variables.clone();
        with_key.push(key_variable);
        self.terms.axiom(symbol, &with_key, body, pattern);
        // One more, one changed, one less.
        let old = self.terms.if_then_else(there, part, zero);
        let rest = self.terms.subtract(whole, old);
        let (changed, variables_of_changed, new) = match keyed {
            Keyed::Map(mapping) => {
                let (variable, value) = self.terms.variable(mapping.value);
                let mut variables = with_key.clone();
                variables.push(variable);
                let new = amount(self, key, value);
                (self.with_entry(mapping, collection, key, value), variables, new)
            }
            Keyed::Set(members) => {
                let new = amount(self, key, key);
                (self.with_member(members, collection, key), with_key.clone(), new)
            }
        };
        let made = of(self, changed);
        let sum = self.terms.add(rest, new);
        let body = self.terms.equal(made, sum);
        self.terms.axiom(symbol, &variables_of_changed, body, made);
        let lookup = match keyed {
            Keyed::Map(mapping) => Some(mapping.lookup),
            Keyed::Set(_) => None,
        };
        let smaller = self.without((sort, key_sort), [has, size], lookup, collection, key);
        let made = of(self, smaller);
        let body = self.terms.equal(made, rest);
        self.terms.axiom(symbol, &with_key, body, made);
        symbol
    }
}
