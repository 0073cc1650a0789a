//! Sums and counts over a map or a set: functions of the collection, said by how it was made. The order of
//! the keys does not matter to them.

use anrf_format::execution::RegionId;
use anrf_format::semantic::Aggregate;
use anrf_format::types::TypeId;
use rustc_hash::FxHashMap;

use super::Body;
use super::function::Key;
use crate::encode::collection::{Function as CollectionFunction, Mapping, Members};
use crate::encode::frame::Frame;
use crate::encode::sorts::Shape;
use crate::encode::{Context, Encoder};
use crate::term::{BoundId, Op, SortId, SymbolId, TermId};

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

/// What of a map or set an array lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Keys,
    Values,
    Entries,
}

impl<'m> Encoder<'m> {
    /// The map or set whose keys, values or entries an array is.
    pub(super) fn keys_of(&self, array: TermId) -> Option<(TermId, Keyed, Listed)> {
        let term = self.terms.get(array);
        let (Op::Apply(symbol), &[collection]) = (&term.op, &*term.arguments) else { return None };
        let (symbol, sort) = (*symbol, self.terms.sort(collection));
        let keyed = match (self.mappings.get(&sort), self.members.get(&sort)) {
            (Some(mapping), _) => Keyed::Map(*mapping),
            (None, Some(members)) => Keyed::Set(*members),
            _ => return None,
        };
        let is = |name| self.named.get(&(name, Some(sort))) == Some(&symbol);
        if self.functions.get(&(sort, CollectionFunction::Keys)) == Some(&symbol) {
            Some((collection, keyed, Listed::Keys))
        } else if is("values") {
            Some((collection, keyed, Listed::Values))
        } else if is("entries") {
            Some((collection, keyed, Listed::Entries))
        } else {
            None
        }
    }

    /// What a sum or count over the keys, values or entries of a collection adds, of a key and its value.
    pub(super) fn summand(
        &mut self,
        frame: &Frame<'m>,
        array: TermId,
        region: RegionId,
        aggregate: Aggregate,
        context: &mut Context,
    ) -> Option<Summand> {
        let entry = frame.function.regions.get(region.0 as usize)?.entry;
        let [parameter] = frame.function.block(entry)?.parameters[..] else { return None };
        let (collection, keyed, kind) = self.keys_of(array)?;
        let (key_sort, value_sort) = match keyed {
            Keyed::Map(mapping) => (mapping.key, mapping.value),
            Keyed::Set(members) => (members.element, members.element),
        };
        let key = self.terms.variable(key_sort);
        let value = self.terms.variable(value_sort);
        let element = match kind {
            Listed::Keys => key.1,
            Listed::Values => value.1,
            Listed::Entries => {
                let Shape::Record(datatype, _) = self.shape(frame.type_of(parameter)) else { return None };
                self.terms.construct(datatype, 0, vec![key.1, value.1])
            }
        };
        let mut silent = Context { known: context.known.clone(), ..Context::default() };
        let yielded = self.region(frame, region, &[element], &mut silent);
        let amount = match (aggregate, yielded.values.first()) {
            (Aggregate::Sum, Some(amount)) => *amount,
            _ => self.terms.integer(1),
        };
        Some(Summand { keyed, collection, key, value, present: yielded.present, amount })
    }

    /// A quantifier over the entries, keys or values of a map, or the members of a set, without positions:
    /// over the keys themselves.
    pub(super) fn over_keys(
        &mut self,
        frame: &Frame<'m>,
        array: TermId,
        region: RegionId,
        reached: TermId,
        context: &mut Context,
    ) -> Option<Body> {
        let entry = frame.function.regions.get(region.0 as usize)?.entry;
        if frame.function.block(entry)?.parameters.len() != 1 {
            return None;
        }
        let (collection, keyed, kind) = self.keys_of(array)?;
        let (has, key_sort, lookup) = match keyed {
            Keyed::Map(mapping) => (mapping.has, mapping.key, Some(mapping.lookup)),
            Keyed::Set(members) => (members.has, members.element, None),
        };
        let (of_keys, of_values) = (kind == Listed::Keys, kind == Listed::Values);
        let (variable, key) = self.terms.variable(key_sort);
        let inside = self.terms.apply(has, vec![collection, key]);
        let element = match lookup {
            Some(lookup) if !of_keys => {
                let found = self.terms.apply(lookup, vec![collection, key]);
                if of_values {
                    found
                } else {
                    let parameter = frame.function.block(entry)?.parameters.first().copied()?;
                    let Shape::Record(datatype, _) = self.shape(frame.type_of(parameter)) else {
                        return None;
                    };
                    self.terms.construct(datatype, 0, vec![key, found])
                }
            }
            _ => key,
        };
        let known = context.known.len();
        context.binders.push(variable);
        context.known.push(reached);
        context.known.push(inside);
        let yielded = self.region(frame, region, &[element], context);
        context.binders.pop();
        context.known.truncate(known);
        let zero = self.terms.integer(0);
        Some(Body {
            variable,
            index: key,
            low: zero,
            high: zero,
            inside,
            present: yielded.present,
            values: yielded.values,
        })
    }
}
