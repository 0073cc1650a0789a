//! Arrays, maps and sets: declared sorts, the functions on them and their axioms.

use anrf_format::types::TypeId;

use super::Encoder;
use crate::term::{BoundId, Op, SortId, SymbolId, TermId, Terms};

/// The sort of a kind of array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) sort: SortId,
    pub(super) element: SortId,
    /// `LEN`, never negative.
    pub(super) length: SymbolId,
    /// The element at an index; outside some value.
    pub(super) at: SymbolId,
}

/// The sort of a kind of map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) sort: SortId,
    pub(super) key: SortId,
    pub(super) value: SortId,
    pub(super) has: SymbolId,
    /// The value of a key; where there is none some value.
    pub(super) lookup: SymbolId,
    pub(super) size: SymbolId,
}

/// The sort of a kind of set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Members {
    pub(super) sort: SortId,
    pub(super) element: SortId,
    pub(super) has: SymbolId,
    pub(super) size: SymbolId,
}

/// Functions on collections, declared when they are first used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Function {
    With,
    Slice,
    Concat,
    Append,
    Empty,
    Reverse,
    Same(TypeId),
    Entry,
    Without,
    Union,
    Intersect,
    Difference,
    Keys,
}

impl Terms {
    /// `FOR ALL variables {pattern}: body`.
    pub(super) fn axiom(&mut self, symbol: SymbolId, variables: &[BoundId], body: TermId, pattern: TermId) {
        let axiom = self.for_all(variables.to_vec(), body, vec![pattern]);
        self.add_axiom(symbol, axiom);
    }
}

impl Encoder<'_> {
    /// The kind of array of this name.
    pub(super) fn list_of(&mut self, name: &str, element: SortId) -> List {
        let sort = self.terms.sorts.declared(name);
        if let Some(list) = self.lists.get(&sort) {
            return *list;
        }
        let length = self.terms.declare("len", vec![sort], SortId::INTEGER);
        let at = self.terms.declare("at", vec![sort, SortId::INTEGER], element);
        let list = List { sort, element, length, at };
        self.lists.insert(sort, list);
        let (variable, value) = self.terms.variable(sort);
        let size = self.terms.apply(length, vec![value]);
        let zero = self.terms.integer(0);
        let body = self.terms.less_equal(zero, size);
        self.terms.axiom(length, &[variable], body, size);
        list
    }

    /// The kind of map of this name.
    pub(super) fn mapping_of(&mut self, name: &str, key: SortId, value: SortId) -> Mapping {
        let sort = self.terms.sorts.declared(name);
        if let Some(mapping) = self.mappings.get(&sort) {
            return *mapping;
        }
        let has = self.terms.declare("has", vec![sort, key], SortId::BOOLEAN);
        let lookup = self.terms.declare("lookup", vec![sort, key], value);
        let size = self.terms.declare("size", vec![sort], SortId::INTEGER);
        self.mappings.insert(sort, Mapping { sort, key, value, has, lookup, size });
        self.size_axioms(sort, key, has, size);
        Mapping { sort, key, value, has, lookup, size }
    }

    /// The kind of set of this name.
    pub(super) fn members_of(&mut self, name: &str, element: SortId) -> Members {
        let sort = self.terms.sorts.declared(name);
        if let Some(members) = self.members.get(&sort) {
            return *members;
        }
        let has = self.terms.declare("member", vec![sort, element], SortId::BOOLEAN);
        let size = self.terms.declare("size", vec![sort], SortId::INTEGER);
        self.members.insert(sort, Members { sort, element, has, size });
        self.size_axioms(sort, element, has, size);
        Members { sort, element, has, size }
    }

    /// A size is not negative, and positive where there is a member; where it is positive there is one.
    fn size_axioms(&mut self, sort: SortId, element: SortId, has: SymbolId, size: SymbolId) {
        let some = self.terms.declare("some_member", vec![sort], element);
        let (collection_variable, collection) = self.terms.variable(sort);
        let count = self.terms.apply(size, vec![collection]);
        let zero = self.terms.integer(0);
        let not_negative = self.terms.less_equal(zero, count);
        let one = self.terms.apply(some, vec![collection]);
        let has_one = self.terms.apply(has, vec![collection, one]);
        let positive = self.terms.less(zero, count);
        let witness = self.terms.implies(positive, has_one);
        let body = self.terms.and(vec![not_negative, witness]);
        self.terms.axiom(size, &[collection_variable], body, count);
        let (collection_variable, collection) = self.terms.variable(sort);
        let (item_variable, item) = self.terms.variable(element);
        let is_in = self.terms.apply(has, vec![collection, item]);
        let count = self.terms.apply(size, vec![collection]);
        let positive = self.terms.less(zero, count);
        let body = self.terms.implies(is_in, positive);
        self.terms.axiom(size, &[collection_variable, item_variable], body, is_in);
    }

    /// `LEN` of an array.
    pub(super) fn length(&mut self, list: List, value: TermId) -> TermId {
        self.terms.apply(list.length, vec![value])
    }

    /// The element at an index.
    pub(super) fn at(&mut self, list: List, value: TermId, index: TermId) -> TermId {
        self.terms.apply(list.at, vec![value, index])
    }

    /// The symbol of a function on a sort; `define` declares it, with its axioms, when it is first used.
    fn function(
        &mut self,
        sort: SortId,
        function: Function,
        define: impl FnOnce(&mut Self) -> SymbolId,
    ) -> SymbolId {
        if let Some(symbol) = self.functions.get(&(sort, function)) {
            return *symbol;
        }
        let symbol = define(self);
        self.functions.insert((sort, function), symbol);
        symbol
    }

    /// Declares a function that gives an array, said by the length and the elements of what it gives.
    /// `length` and `item` take the arguments; `item` also the index, which is inside.
    pub(super) fn list_function(
        &mut self,
        name: &str,
        list: List,
        parameters: &[SortId],
        length: impl FnOnce(&mut Self, &[TermId]) -> TermId,
        item: impl FnOnce(&mut Self, &[TermId], TermId) -> TermId,
    ) -> SymbolId {
        let symbol = self.terms.declare(name, parameters.to_vec(), list.sort);
        let (variables, arguments): (Vec<_>, Vec<_>) =
            parameters.iter().map(|sort| self.terms.variable(*sort)).unzip();
        let value = self.terms.apply(symbol, arguments.clone());
        let size = self.length(list, value);
        let said = length(self, &arguments);
        let body = self.terms.equal(size, said);
        self.terms.axiom(symbol, &variables, body, value);
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let found = self.at(list, value, index);
        let said = item(self, &arguments, index);
        let size = self.length(list, value);
        let inside = self.is_index(index, size);
        let equal = self.terms.equal(found, said);
        let body = self.terms.implies(inside, equal);
        let mut all = variables;
        all.push(index_variable);
        self.terms.axiom(symbol, &all, body, found);
        symbol
    }

    /// `[]`.
    pub(super) fn empty_list(&mut self, list: List) -> TermId {
        let symbol = self.function(list.sort, Function::Empty, |encoder| {
            let symbol = encoder.terms.declare("empty", vec![], list.sort);
            let value = encoder.terms.apply(symbol, vec![]);
            let (length, zero) = (encoder.length(list, value), encoder.terms.integer(0));
            let axiom = encoder.terms.equal(length, zero);
            encoder.terms.add_axiom(symbol, axiom);
            symbol
        });
        self.terms.apply(symbol, vec![])
    }

    /// `xs ++ [x]`.
    pub(super) fn append(&mut self, list: List, value: TermId, item: TermId) -> TermId {
        let symbol = self.function(list.sort, Function::Append, |encoder| {
            let symbol = encoder.list_function(
                "append",
                list,
                &[list.sort, list.element],
                |encoder, arguments| {
                    let (length, one) = (encoder.length(list, arguments[0]), encoder.terms.integer(1));
                    encoder.terms.add(length, one)
                },
                |encoder, arguments, index| {
                    let length = encoder.length(list, arguments[0]);
                    let before = encoder.terms.less(index, length);
                    let old = encoder.at(list, arguments[0], index);
                    encoder.terms.if_then_else(before, old, arguments[1])
                },
            );
            // What is asked of the shorter array is known of the longer one, so that what exists in it is
            // found again; and the new element is one.
            let (variables, given) = encoder.given(&[list.sort, list.element]);
            let made = encoder.terms.apply(symbol, given.clone());
            let length = encoder.length(list, given[0]);
            let newest = encoder.at(list, made, length);
            let body = encoder.terms.equal(newest, given[1]);
            encoder.terms.axiom(symbol, &variables, body, made);
            encoder.keeps_elements(symbol, list, (&variables, &given), made, None);
            symbol
        });
        self.terms.apply(symbol, vec![value, item])
    }

    /// `xs WITH [i] = x`.
    pub(super) fn with_element(&mut self, list: List, value: TermId, index: TermId, item: TermId) -> TermId {
        let symbol = self.function(list.sort, Function::With, |encoder| {
            let symbol = encoder.list_function(
                "with",
                list,
                &[list.sort, SortId::INTEGER, list.element],
                |encoder, arguments| encoder.length(list, arguments[0]),
                |encoder, arguments, index| {
                    let here = encoder.terms.equal(index, arguments[1]);
                    let old = encoder.at(list, arguments[0], index);
                    encoder.terms.if_then_else(here, arguments[2], old)
                },
            );
            let (variables, given) = encoder.given(&[list.sort, SortId::INTEGER, list.element]);
            let made = encoder.terms.apply(symbol, given.clone());
            let length = encoder.length(list, given[0]);
            let inside = encoder.is_index(given[1], length);
            let newest = encoder.at(list, made, given[1]);
            let equal = encoder.terms.equal(newest, given[2]);
            let body = encoder.terms.implies(inside, equal);
            encoder.terms.axiom(symbol, &variables, body, made);
            encoder.keeps_elements(symbol, list, (&variables, &given), made, Some(given[1]));
            symbol
        });
        self.terms.apply(symbol, vec![value, index, item])
    }

    /// Fresh variables of these sorts.
    pub(super) fn given(&mut self, sorts: &[SortId]) -> (Vec<BoundId>, Vec<TermId>) {
        sorts.iter().map(|sort| self.terms.variable(*sort)).unzip()
    }

    /// That the array `made` of the first of the arguments has its elements at the same places, but for one
    /// place; used where an element of the first is spoken of. Indices stay what they are, so that this does
    /// not go on for ever.
    fn keeps_elements(
        &mut self,
        symbol: SymbolId,
        list: List,
        (variables, given): (&[BoundId], &[TermId]),
        made: TermId,
        but: Option<TermId>,
    ) {
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let (old, new) = (self.at(list, given[0], index), self.at(list, made, index));
        let length = self.length(list, given[0]);
        let mut conditions = vec![self.is_index(index, length)];
        if let Some(but) = but {
            let here = self.terms.equal(index, but);
            conditions.push(self.terms.not(here));
        }
        let inside = self.terms.and(conditions);
        let equal = self.terms.equal(new, old);
        let body = self.terms.implies(inside, equal);
        let pattern = self.terms.together(vec![made, old]);
        self.terms.axiom(symbol, &[variables, &[index_variable]].concat(), body, pattern);
    }

    /// `xs[from..to]`.
    pub(super) fn slice(&mut self, list: List, value: TermId, from: TermId, to: TermId) -> TermId {
        let symbol = self.slice_symbol(list);
        self.terms.apply(symbol, vec![value, from, to])
    }

    /// The symbol of slices of arrays of a kind.
    pub(super) fn slice_symbol(&mut self, list: List) -> SymbolId {
        self.function(list.sort, Function::Slice, |encoder| {
            encoder.list_function(
                "slice",
                list,
                &[list.sort, SortId::INTEGER, SortId::INTEGER],
                |encoder, arguments| {
                    let (zero, length) =
                        (encoder.terms.integer(0), encoder.terms.subtract(arguments[2], arguments[1]));
                    let some = encoder.terms.less_equal(zero, length);
                    encoder.terms.if_then_else(some, length, zero)
                },
                |encoder, arguments, index| {
                    let index = encoder.terms.add(arguments[1], index);
                    encoder.at(list, arguments[0], index)
                },
            )
        })
    }

    /// `a ++ b`; `a ++ [x, y]` is `a` with two elements more.
    pub(super) fn concat(&mut self, list: List, a: TermId, b: TermId) -> TermId {
        if let Some(items) = self.written_out(list, b) {
            return items.into_iter().fold(a, |made, item| self.append(list, made, item));
        }
        let symbol = self.function(list.sort, Function::Concat, |encoder| {
            encoder.list_function(
                "concat",
                list,
                &[list.sort, list.sort],
                |encoder, arguments| {
                    let a = encoder.length(list, arguments[0]);
                    let b = encoder.length(list, arguments[1]);
                    encoder.terms.add(a, b)
                },
                |encoder, arguments, index| {
                    let length = encoder.length(list, arguments[0]);
                    let before = encoder.terms.less(index, length);
                    let behind = encoder.terms.subtract(index, length);
                    let first = encoder.at(list, arguments[0], index);
                    let second = encoder.at(list, arguments[1], behind);
                    encoder.terms.if_then_else(before, first, second)
                },
            )
        });
        self.terms.apply(symbol, vec![a, b])
    }

    /// The elements of an array that is `[x, y, ...]`.
    pub(super) fn written_out(&self, list: List, mut array: TermId) -> Option<Vec<TermId>> {
        let is = |function| self.functions.get(&(list.sort, function)).copied();
        let mut items = vec![];
        loop {
            let term = self.terms.get(array);
            match (&term.op, &*term.arguments) {
                (Op::Apply(symbol), []) if Some(*symbol) == is(Function::Empty) => break,
                (Op::Apply(symbol), [shorter, item]) if Some(*symbol) == is(Function::Append) => {
                    items.push(*item);
                    array = *shorter;
                }
                _ => return None,
            }
        }
        items.reverse();
        Some(items)
    }

    /// `REVERSE(xs)`.
    pub(super) fn reverse(&mut self, list: List, value: TermId) -> TermId {
        let symbol = self.function(list.sort, Function::Reverse, |encoder| {
            encoder.list_function(
                "reverse",
                list,
                &[list.sort],
                |encoder, arguments| encoder.length(list, arguments[0]),
                |encoder, arguments, index| {
                    let length = encoder.length(list, arguments[0]);
                    let one = encoder.terms.integer(1);
                    let last = encoder.terms.subtract(length, one);
                    let index = encoder.terms.subtract(last, index);
                    encoder.at(list, arguments[0], index)
                },
            )
        });
        self.terms.apply(symbol, vec![value])
    }

    /// Whether two arrays are equal: as long, and equal at every index. Then they are one.
    pub(super) fn same_lists(&mut self, list: List, element: TypeId) -> SymbolId {
        self.function(list.sort, Function::Same(element), |encoder| {
            let symbol = encoder.terms.declare("same", vec![list.sort, list.sort], SortId::BOOLEAN);
            encoder.functions.insert((list.sort, Function::Same(element)), symbol);
            let (a_variable, a) = encoder.terms.variable(list.sort);
            let (b_variable, b) = encoder.terms.variable(list.sort);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let (of_a, of_b) = (encoder.at(list, a, index), encoder.at(list, b, index));
            let length = encoder.length(list, a);
            let other = encoder.length(list, b);
            let alike = encoder.terms.equal(length, other);
            let inside = encoder.is_index(index, length);
            let equal = encoder.equal_values(element, of_a, of_b, false);
            let body = encoder.terms.implies(inside, equal);
            let items = encoder.terms.for_all(vec![index_variable], body, vec![of_a, of_b]);
            let said = encoder.terms.and(vec![alike, items]);
            encoder.say_same(symbol, [(a_variable, a), (b_variable, b)], said)
        })
    }

    /// Whether two maps are equal: the same keys with equal values.
    pub(super) fn same_maps(&mut self, mapping: Mapping, value: TypeId) -> SymbolId {
        self.function(mapping.sort, Function::Same(value), |encoder| {
            let symbol = encoder.terms.declare("same", vec![mapping.sort, mapping.sort], SortId::BOOLEAN);
            encoder.functions.insert((mapping.sort, Function::Same(value)), symbol);
            let (a_variable, a) = encoder.terms.variable(mapping.sort);
            let (b_variable, b) = encoder.terms.variable(mapping.sort);
            let (key_variable, key) = encoder.terms.variable(mapping.key);
            let in_a = encoder.terms.apply(mapping.has, vec![a, key]);
            let in_b = encoder.terms.apply(mapping.has, vec![b, key]);
            let of_a = encoder.terms.apply(mapping.lookup, vec![a, key]);
            let of_b = encoder.terms.apply(mapping.lookup, vec![b, key]);
            let alike = encoder.terms.equal(in_a, in_b);
            let equal = encoder.equal_values(value, of_a, of_b, false);
            let equal = encoder.terms.implies(in_a, equal);
            let body = encoder.terms.and(vec![alike, equal]);
            let said = encoder.terms.for_all(vec![key_variable], body, vec![in_a, in_b]);
            encoder.say_same(symbol, [(a_variable, a), (b_variable, b)], said)
        })
    }

    /// Whether two sets are equal: the same members.
    pub(super) fn same_sets(&mut self, members: Members) -> SymbolId {
        self.function(members.sort, Function::Same(TypeId::BOOLEAN), |encoder| {
            let symbol = encoder.terms.declare("same", vec![members.sort, members.sort], SortId::BOOLEAN);
            let (a_variable, a) = encoder.terms.variable(members.sort);
            let (b_variable, b) = encoder.terms.variable(members.sort);
            let (item_variable, item) = encoder.terms.variable(members.element);
            let in_a = encoder.terms.apply(members.has, vec![a, item]);
            let in_b = encoder.terms.apply(members.has, vec![b, item]);
            let body = encoder.terms.equal(in_a, in_b);
            let said = encoder.terms.for_all(vec![item_variable], body, vec![in_a, in_b]);
            encoder.say_same(symbol, [(a_variable, a), (b_variable, b)], said)
        })
    }

    /// `same(a, b)` is what is said, and then `a = b`.
    fn say_same(
        &mut self,
        symbol: SymbolId,
        [(a_variable, a), (b_variable, b)]: [(BoundId, TermId); 2],
        said: TermId,
    ) -> SymbolId {
        let same = self.terms.apply(symbol, vec![a, b]);
        let one = self.terms.equal(a, b);
        let means = self.terms.equal(same, said);
        let identical = self.terms.equal(same, one);
        let body = self.terms.and(vec![means, identical]);
        self.terms.axiom(symbol, &[a_variable, b_variable], body, same);
        symbol
    }

    /// `m WITH [k] = v`.
    pub(super) fn with_entry(&mut self, mapping: Mapping, map: TermId, key: TermId, value: TermId) -> TermId {
        let Mapping { sort, has, lookup, size, .. } = mapping;
        let symbol = self.function(sort, Function::Entry, |encoder| {
            let parameters = vec![sort, mapping.key, mapping.value];
            let symbol = encoder.terms.declare("with", parameters.clone(), sort);
            let (variables, given): (Vec<_>, Vec<_>) =
                parameters.iter().map(|sort| encoder.terms.variable(*sort)).unzip();
            let made = encoder.terms.apply(symbol, given.clone());
            let (key_variable, key) = encoder.terms.variable(mapping.key);
            let here = encoder.terms.equal(key, given[1]);
            let all = [variables.clone(), vec![key_variable]].concat();
            let now = encoder.terms.apply(has, vec![made, key]);
            let before = encoder.terms.apply(has, vec![given[0], key]);
            let either = encoder.terms.or(vec![here, before]);
            let body = encoder.terms.equal(now, either);
            encoder.terms.axiom(symbol, &all, body, now);
            let now = encoder.terms.apply(lookup, vec![made, key]);
            let before = encoder.terms.apply(lookup, vec![given[0], key]);
            let either = encoder.terms.if_then_else(here, given[2], before);
            let body = encoder.terms.equal(now, either);
            encoder.terms.axiom(symbol, &all, body, now);
            encoder.grows(symbol, &variables, &given, made, [has, size], true);
            symbol
        });
        self.terms.apply(symbol, vec![map, key, value])
    }

    /// `s WITH x`.
    pub(super) fn with_member(&mut self, members: Members, set: TermId, item: TermId) -> TermId {
        let Members { sort, element, has, size } = members;
        let symbol = self.function(sort, Function::With, |encoder| {
            let symbol = encoder.terms.declare("with", vec![sort, element], sort);
            let (variables, given): (Vec<_>, Vec<_>) =
                [sort, element].iter().map(|sort| encoder.terms.variable(*sort)).unzip();
            let made = encoder.terms.apply(symbol, given.clone());
            let (item_variable, item) = encoder.terms.variable(element);
            let here = encoder.terms.equal(item, given[1]);
            let all = [variables.clone(), vec![item_variable]].concat();
            let now = encoder.terms.apply(has, vec![made, item]);
            let before = encoder.terms.apply(has, vec![given[0], item]);
            let either = encoder.terms.or(vec![here, before]);
            let body = encoder.terms.equal(now, either);
            encoder.terms.axiom(symbol, &all, body, now);
            encoder.grows(symbol, &variables, &given, made, [has, size], true);
            symbol
        });
        self.terms.apply(symbol, vec![set, item])
    }

    /// `m WITHOUT k`, `s WITHOUT x`.
    pub(super) fn without(
        &mut self,
        (sort, key): (SortId, SortId),
        [has, size]: [SymbolId; 2],
        lookup: Option<SymbolId>,
        collection: TermId,
        item: TermId,
    ) -> TermId {
        let symbol = self.function(sort, Function::Without, |encoder| {
            let symbol = encoder.terms.declare("without", vec![sort, key], sort);
            let (variables, given): (Vec<_>, Vec<_>) =
                [sort, key].iter().map(|sort| encoder.terms.variable(*sort)).unzip();
            let made = encoder.terms.apply(symbol, given.clone());
            let (item_variable, item) = encoder.terms.variable(key);
            let here = encoder.terms.equal(item, given[1]);
            let elsewhere = encoder.terms.not(here);
            let all = [variables.clone(), vec![item_variable]].concat();
            let now = encoder.terms.apply(has, vec![made, item]);
            let before = encoder.terms.apply(has, vec![given[0], item]);
            let both = encoder.terms.and(vec![elsewhere, before]);
            let body = encoder.terms.equal(now, both);
            encoder.terms.axiom(symbol, &all, body, now);
            if let Some(lookup) = lookup {
                let now = encoder.terms.apply(lookup, vec![made, item]);
                let before = encoder.terms.apply(lookup, vec![given[0], item]);
                let equal = encoder.terms.equal(now, before);
                let body = encoder.terms.implies(elsewhere, equal);
                encoder.terms.axiom(symbol, &all, body, now);
            }
            encoder.grows(symbol, &variables, &given, made, [has, size], false);
            symbol
        });
        self.terms.apply(symbol, vec![collection, item])
    }

    /// The size of what a `with` or `without` (second argument) gives, and that the key is in or out.
    fn grows(
        &mut self,
        symbol: SymbolId,
        variables: &[BoundId],
        given: &[TermId],
        made: TermId,
        [has, size]: [SymbolId; 2],
        adds: bool,
    ) {
        let new = self.terms.apply(size, vec![made]);
        let old = self.terms.apply(size, vec![given[0]]);
        let there = self.terms.apply(has, vec![given[0], given[1]]);
        let one = self.terms.integer(1);
        let (more, less) = (self.terms.add(old, one), self.terms.subtract(old, one));
        let said = if adds {
            self.terms.if_then_else(there, old, more)
        } else {
            self.terms.if_then_else(there, less, old)
        };
        let sized = self.terms.equal(new, said);
        let now = self.terms.apply(has, vec![made, given[1]]);
        let placed = if adds { now } else { self.terms.not(now) };
        let body = self.terms.and(vec![sized, placed]);
        self.terms.axiom(symbol, variables, body, made);
    }

    /// The empty map or set.
    pub(super) fn empty_collection(
        &mut self,
        (sort, key): (SortId, SortId),
        [has, size]: [SymbolId; 2],
    ) -> TermId {
        let symbol = self.function(sort, Function::Empty, |encoder| {
            let symbol = encoder.terms.declare("empty", vec![], sort);
            let value = encoder.terms.apply(symbol, vec![]);
            let (variable, item) = encoder.terms.variable(key);
            let is_in = encoder.terms.apply(has, vec![value, item]);
            let body = encoder.terms.not(is_in);
            encoder.terms.axiom(symbol, &[variable], body, is_in);
            let (count, zero) = (encoder.terms.apply(size, vec![value]), encoder.terms.integer(0));
            let axiom = encoder.terms.equal(count, zero);
            encoder.terms.add_axiom(symbol, axiom);
            symbol
        });
        self.terms.apply(symbol, vec![])
    }

    /// `union`, `intersect`, `difference`; sizes are bounded only.
    pub(super) fn set_operation(
        &mut self,
        members: Members,
        function: Function,
        a: TermId,
        b: TermId,
    ) -> TermId {
        let Members { sort, element, has, size } = members;
        let symbol = self.function(sort, function, |encoder| {
            let name = match function {
                Function::Union => "union",
                Function::Intersect => "intersect",
                _ => "difference",
            };
            let symbol = encoder.terms.declare(name, vec![sort, sort], sort);
            let (a_variable, a) = encoder.terms.variable(sort);
            let (b_variable, b) = encoder.terms.variable(sort);
            let (item_variable, item) = encoder.terms.variable(element);
            let made = encoder.terms.apply(symbol, vec![a, b]);
            let now = encoder.terms.apply(has, vec![made, item]);
            let in_a = encoder.terms.apply(has, vec![a, item]);
            let in_b = encoder.terms.apply(has, vec![b, item]);
            let said = match function {
                Function::Union => encoder.terms.or(vec![in_a, in_b]),
                Function::Intersect => encoder.terms.and(vec![in_a, in_b]),
                _ => {
                    let not = encoder.terms.not(in_b);
                    encoder.terms.and(vec![in_a, not])
                }
            };
            let body = encoder.terms.equal(now, said);
            encoder.terms.axiom(symbol, &[a_variable, b_variable, item_variable], body, now);
            let [new, of_a, of_b] = [made, a, b].map(|set| encoder.terms.apply(size, vec![set]));
            let most = if function == Function::Union { encoder.terms.add(of_a, of_b) } else { of_a };
            let body = encoder.terms.less_equal(new, most);
            encoder.terms.axiom(symbol, &[a_variable, b_variable], body, made);
            symbol
        });
        self.terms.apply(symbol, vec![a, b])
    }

    /// `is_subset(a, b)`.
    pub(super) fn is_subset(&mut self, members: Members, a: TermId, b: TermId) -> TermId {
        let (variable, item) = self.terms.variable(members.element);
        let in_a = self.terms.apply(members.has, vec![a, item]);
        let in_b = self.terms.apply(members.has, vec![b, item]);
        let body = self.terms.implies(in_a, in_b);
        self.terms.for_all(vec![variable], body, vec![in_a, in_b])
    }

    /// The keys of a map or the members of a set as an array, ascending: exactly they, each once.
    /// `less` orders them where the logic knows the order.
    pub(super) fn ascending(
        &mut self,
        (sort, key): (SortId, SortId),
        [has, size]: [SymbolId; 2],
        list: List,
        less: impl FnOnce(&mut Self, TermId, TermId) -> Option<TermId>,
        collection: TermId,
    ) -> TermId {
        let symbol = self.function(sort, Function::Keys, |encoder| {
            let symbol = encoder.terms.declare("ascending", vec![sort], list.sort);
            let place = encoder.terms.declare("place", vec![sort, key], SortId::INTEGER);
            let (variable, collection) = encoder.terms.variable(sort);
            let made = encoder.terms.apply(symbol, vec![collection]);
            let length = encoder.length(list, made);
            let count = encoder.terms.apply(size, vec![collection]);
            let body = encoder.terms.equal(length, count);
            encoder.terms.axiom(symbol, &[variable], body, made);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let item = encoder.at(list, made, index);
            let inside = encoder.is_index(index, length);
            let is_in = encoder.terms.apply(has, vec![collection, item]);
            let found = encoder.terms.apply(place, vec![collection, item]);
            let again = encoder.terms.equal(found, index);
            let both = encoder.terms.and(vec![is_in, again]);
            let body = encoder.terms.implies(inside, both);
            encoder.terms.axiom(symbol, &[variable, index_variable], body, item);
            let (key_variable, key) = encoder.terms.variable(key);
            let is_in = encoder.terms.apply(has, vec![collection, key]);
            let index = encoder.terms.apply(place, vec![collection, key]);
            let inside = encoder.is_index(index, length);
            let item = encoder.at(list, made, index);
            let there = encoder.terms.equal(item, key);
            let both = encoder.terms.and(vec![inside, there]);
            let body = encoder.terms.implies(is_in, both);
            let pattern = encoder.terms.together(vec![made, is_in]);
            encoder.terms.axiom(symbol, &[variable, key_variable], body, pattern);
            let (i_variable, i) = encoder.terms.variable(SortId::INTEGER);
            let (j_variable, j) = encoder.terms.variable(SortId::INTEGER);
            let (of_i, of_j) = (encoder.at(list, made, i), encoder.at(list, made, j));
            if let Some(less) = less(encoder, of_i, of_j) {
                let zero = encoder.terms.integer(0);
                let low = encoder.terms.less_equal(zero, i);
                let middle = encoder.terms.less(i, j);
                let high = encoder.terms.less(j, length);
                let inside = encoder.terms.and(vec![low, middle, high]);
                let body = encoder.terms.implies(inside, less);
                let pattern = encoder.terms.together(vec![of_i, of_j]);
                encoder.terms.axiom(symbol, &[variable, i_variable, j_variable], body, pattern);
            }
            symbol
        });
        self.terms.apply(symbol, vec![collection])
    }
}
