//! Quantifiers, comprehensions, aggregates and sorting.
//!
//! A quantifier is one. The others become functions of what their body captures and of the range they go
//! over, so that the same comprehension at two places is the same function; their axioms say what they are
//! in terms of a range that is one shorter (at either end), which is what loops need. The shorter one is a
//! twin without axioms, so that a solver unfolds once for every place that names the function (the "fuel"
//! of Amin, Leino and Rompf, Computing with an SMT Solver, 2014).

use anrf_format::execution::{Domain, Fold, ObligationId, RegionId, ValueId};
use anrf_format::semantic::{Aggregate, Quantifier};
use anrf_format::types::TypeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::collection::List;
use super::fold_keys::{Keyed, Summand};
use super::frame::Frame;
use super::sorts::Shape;
use super::{Context, Encoder, Part};
use crate::term::{BoundId, Op, SortId, SymbolId, TermId};

/// What makes two folds one function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    kind: &'static str,
    present: TermId,
    values: Vec<TermId>,
    result: TypeId,
}

impl Key {
    pub(super) fn new(kind: &'static str, present: TermId, values: Vec<TermId>, result: TypeId) -> Self {
        Self { kind, present, values, result }
    }
}

/// A fold before it is made a function.
struct Body {
    /// The variable that goes over the range.
    variable: BoundId,
    index: TermId,
    low: TermId,
    high: TermId,
    /// `low <= index < high`.
    inside: TermId,
    /// Whether the element counts.
    present: TermId,
    values: Vec<TermId>,
}

/// A fold's body with places for what it captures: parameter 0 is the index.
#[derive(Clone)]
struct Skeleton {
    present: TermId,
    values: Vec<TermId>,
    captured: Vec<TermId>,
}

/// What of a map or set an array lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    Keys,
    Values,
    Entries,
}

fn is_literal(op: &Op) -> bool {
    matches!(
        op,
        Op::Boolean(_) | Op::Integer(_) | Op::Real(..) | Op::Float(_) | Op::Text(_) | Op::Parameter(_)
    )
}

/// What an axiom of a fold speaks of.
struct Bound<'a> {
    skeleton: &'a Skeleton,
    variables: Vec<BoundId>,
    /// What is captured, then low and high.
    arguments: Vec<TermId>,
}

impl Bound<'_> {
    fn low(&self) -> TermId {
        self.arguments[self.arguments.len() - 2]
    }

    fn high(&self) -> TermId {
        self.arguments[self.arguments.len() - 1]
    }

    fn with_range(&self, low: TermId, high: TermId) -> Vec<TermId> {
        let captured = &self.arguments[..self.arguments.len() - 2];
        captured.iter().copied().chain([low, high]).collect()
    }
}

impl<'m> Encoder<'m> {
    /// A fold's value, with the goals of its region for every element.
    #[allow(clippy::too_many_arguments, reason = "an instruction and where it stands")]
    pub(super) fn fold(
        &mut self,
        frame: &Frame<'m>,
        fold: Fold,
        domain: Domain,
        region: RegionId,
        result: Option<ValueId>,
        reached: TermId,
        context: &mut Context,
    ) -> TermId {
        let result = result.map_or(TypeId::BOOLEAN, |id| frame.type_of(id));
        if let (Fold::Sort { keys, descending }, Domain::Array(array)) = (fold, domain) {
            let _ = self.fold_body(frame, domain, region, reached, context);
            return self.sort_by(frame, array, region, keys, descending);
        }
        let is_quantifier =
            matches!(fold, Fold::Quantifier(_) | Fold::Aggregate(Aggregate::All | Aggregate::Any, _));
        let over_keys = match domain {
            Domain::Array(array) if is_quantifier => {
                self.over_keys(frame, frame.value(array), region, reached, context)
            }
            _ => None,
        };
        if let (
            Fold::Aggregate(aggregate @ (Aggregate::Sum | Aggregate::Count), ObligationId::NONE),
            Domain::Array(array),
        ) = (fold, domain)
            && result != TypeId::FLOAT
            && let Some(summand) = self.summand(frame, frame.value(array), region, aggregate, context)
        {
            let _ = self.fold_body(frame, domain, region, reached, context);
            return self.sum_over_keys(&summand, result);
        }
        let body = match over_keys {
            Some(body) => body,
            None => self.fold_body(frame, domain, region, reached, context),
        };
        match fold {
            Fold::Quantifier(Quantifier::Forall) => self.for_every(&body),
            Fold::Quantifier(Quantifier::Exists) => self.for_some(&body),
            Fold::Aggregate(Aggregate::All, _) => self.for_every(&body),
            Fold::Aggregate(Aggregate::Any, _) => self.for_some(&body),
            Fold::Aggregate(Aggregate::Sum, obligation) => {
                let sum = self.fold_term("sum", &body, result);
                if obligation != ObligationId::NONE {
                    let goal = self.partial_sums_fit(sum, &body);
                    self.require(obligation, Part::Whole, reached, goal, context);
                }
                sum
            }
            Fold::Aggregate(Aggregate::Count, _) => self.fold_term("count", &body, result),
            Fold::Aggregate(aggregate @ (Aggregate::Min | Aggregate::Max), obligation) => {
                let there = self.terms.and(vec![body.inside, body.present]);
                let some = self.quantified(false, body.variable, there);
                self.require(obligation, Part::Whole, reached, some, context);
                let kind = if aggregate == Aggregate::Min { "min" } else { "max" };
                self.fold_term(kind, &body, result)
            }
            Fold::Aggregate(Aggregate::Find, _) => self.fold_term("find", &body, result),
            Fold::Array => self.fold_term("array", &body, result),
            Fold::Set => self.fold_term("set", &body, result),
            Fold::Map => self.fold_term("map", &body, result),
            Fold::Sort { .. } => self.fold_term("sort", &body, result),
        }
    }

    /// `SORT(xs BY ...)`: a permutation whose keys are in order.
    fn sort_by(
        &mut self,
        frame: &Frame<'m>,
        array: ValueId,
        region: RegionId,
        keys: u8,
        descending: u64,
    ) -> TermId {
        let array_type = frame.type_of(array);
        let Shape::List(list, _) = self.shape(array_type) else { return self.opaque("SORT BY", array_type) };
        let values = frame.value(array);
        let symbol = self.terms.declare("sorted_by", vec![], list.sort);
        let made = self.terms.apply(symbol, vec![]);
        let (length, other) = (self.length(list, made), self.length(list, values));
        let alike = self.terms.equal(length, other);
        let same = self.is_permutation(list, made, values);
        let (i_variable, i) = self.terms.variable(SortId::INTEGER);
        let (j_variable, j) = self.terms.variable(SortId::INTEGER);
        let (of_i, of_j) = (self.at(list, made, i), self.at(list, made, j));
        let mut silent = Context::default();
        let first = self.region(frame, region, &[of_i, i], &mut silent).values;
        let second = self.region(frame, region, &[of_j, j], &mut silent).values;
        let types = self.yield_types(frame, region);
        // Not after: at the first key that differs, the one at i comes first.
        let mut ordered = self.terms.boolean(true);
        for key in (0..usize::from(keys)).rev() {
            let (Some(&a), Some(&b), Some(&id)) = (first.get(key), second.get(key), types.get(key)) else {
                return self.opaque("SORT BY", array_type);
            };
            let (before, after) = if descending >> key & 1 == 1 { (b, a) } else { (a, b) };
            let less = self.total_less(id, before, after);
            let equal = self.equal_values(id, a, b, false);
            let then = self.terms.and(vec![equal, ordered]);
            ordered = self.terms.or(vec![less, then]);
        }
        let zero = self.terms.integer(0);
        let low = self.terms.less_equal(zero, i);
        let middle = self.terms.less(i, j);
        let high = self.terms.less(j, length);
        let inside = self.terms.and(vec![low, middle, high]);
        let said = self.terms.implies(inside, ordered);
        let pattern = self.terms.together(vec![of_i, of_j]);
        let sorted = self.terms.for_all(vec![i_variable, j_variable], said, vec![pattern]);
        let facts = self.terms.and(vec![alike, same, sorted]);
        if self.terms.free(facts).is_empty() {
            self.terms.add_axiom(symbol, facts);
        } else {
            self.opaque.insert(symbol, "SORT BY inside a quantifier");
        }
        made
    }

    /// Types of what a region yields.
    fn yield_types(&self, frame: &Frame<'m>, region: RegionId) -> Vec<TypeId> {
        let blocks = frame.function.blocks.iter().filter(|block| block.region == Some(region));
        for block in blocks {
            if let anrf_format::execution::Terminator::Yield(values) = &block.terminator {
                return values.iter().map(|value| frame.type_of(*value)).collect();
            }
        }
        vec![]
    }

    fn fold_body(
        &mut self,
        frame: &Frame<'m>,
        domain: Domain,
        region: RegionId,
        reached: TermId,
        context: &mut Context,
    ) -> Body {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let (low, high, parameters) = match domain {
            Domain::Range(low, high) => (frame.value(low), frame.value(high), vec![index, index]),
            Domain::Array(array) => {
                let array_type = frame.type_of(array);
                let array = frame.value(array);
                match self.shape(array_type) {
                    Shape::List(list, _) => self.elements(list, array, index),
                    _ => {
                        let zero = self.terms.integer(0);
                        (zero, zero, vec![])
                    }
                }
            }
        };
        let above = self.terms.less_equal(low, index);
        let below = self.terms.less(index, high);
        let inside = self.terms.and(vec![above, below]);
        let known = context.known.len();
        context.binders.push(variable);
        context.known.push(reached);
        context.known.push(inside);
        let yielded = self.region(frame, region, &parameters, context);
        context.binders.pop();
        context.known.truncate(known);
        Body { variable, index, low, high, inside, present: yielded.present, values: yielded.values }
    }

    /// The map or set whose keys, values or entries an array is.
    fn keys_of(&self, array: TermId) -> Option<(TermId, Keyed, Listed)> {
        let term = self.terms.get(array);
        let (Op::Apply(symbol), &[collection]) = (&term.op, &*term.arguments) else { return None };
        let (symbol, sort) = (*symbol, self.terms.sort(collection));
        let keyed = match (self.mappings.get(&sort), self.members.get(&sort)) {
            (Some(mapping), _) => Keyed::Map(*mapping),
            (None, Some(members)) => Keyed::Set(*members),
            _ => return None,
        };
        let is = |name| self.named.get(&(name, Some(sort))) == Some(&symbol);
        if self.functions.get(&(sort, super::collection::Function::Keys)) == Some(&symbol) {
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
    fn summand(
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

    /// A term with places for what does not depend on these variables, and what that is. Places of the
    /// variables come first, by number.
    pub(super) fn abstracted(
        &mut self,
        root: TermId,
        variables: &[BoundId],
        places: &[(TermId, u32)],
    ) -> (TermId, Vec<TermId>) {
        let mut inner: FxHashSet<BoundId> = variables.iter().copied().collect();
        let mut seen = FxHashSet::default();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if seen.insert(id) {
                let term = self.terms.get(id);
                if let Op::ForAll(bound) | Op::Exists(bound) = &term.op {
                    inner.extend(bound.iter().copied());
                }
                stack.extend(term.arguments.iter().copied());
            }
        }
        let mut replacements: FxHashMap<TermId, TermId> = FxHashMap::default();
        for (variable, number) in places {
            let sort = self.terms.sort(*variable);
            let place = self.terms.parameter(*number, sort);
            replacements.insert(*variable, place);
        }
        let mut captured = vec![];
        let mut seen = FxHashSet::default();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || replacements.contains_key(&id) {
                continue;
            }
            let term = self.terms.get(id).clone();
            if self.terms.free(id).iter().any(|free| inner.contains(free)) {
                stack.extend(term.arguments.iter().rev().copied());
            } else if !is_literal(&term.op) {
                let number = u32::try_from(captured.len() + places.len()).unwrap_or(u32::MAX);
                captured.push(id);
                let place = self.terms.parameter(number, term.sort);
                replacements.insert(id, place);
            }
        }
        (self.terms.substitute(root, &replacements), captured)
    }

    /// A quantifier over the entries, keys or values of a map, or the members of a set, without positions:
    /// over the keys themselves.
    fn over_keys(
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

    /// A range of positions, and the element and index there. A slice is a range of what it was cut from.
    fn elements(&mut self, list: List, array: TermId, index: TermId) -> (TermId, TermId, Vec<TermId>) {
        let slice = self.slice_symbol(list);
        let term = self.terms.get(array);
        if term.op == Op::Apply(slice) {
            let (base, from, to) = (term.arguments[0], term.arguments[1], term.arguments[2]);
            let position = self.terms.subtract(index, from);
            return (from, to, vec![self.at(list, base, index), position]);
        }
        let (zero, length) = (self.terms.integer(0), self.length(list, array));
        (zero, length, vec![self.at(list, array, index), index])
    }

    fn value_of(&mut self, body: &Body) -> TermId {
        body.values.first().copied().unwrap_or_else(|| self.terms.boolean(true))
    }

    fn for_every(&mut self, body: &Body) -> TermId {
        let value = self.value_of(body);
        let condition = self.terms.and(vec![body.inside, body.present]);
        let said = self.terms.implies(condition, value);
        self.quantified(true, body.variable, said)
    }

    fn for_some(&mut self, body: &Body) -> TermId {
        let value = self.value_of(body);
        let said = self.terms.and(vec![body.inside, body.present, value]);
        self.quantified(false, body.variable, said)
    }

    /// A quantifier over one variable more; directly nested ones of the same kind become one. Its patterns
    /// are the smallest applications to the variables themselves.
    pub(super) fn quantified(&mut self, for_all: bool, variable: BoundId, body: TermId) -> TermId {
        let (mut variables, mut inner) = (vec![variable], body);
        if for_all && let Op::Theory(crate::term::Theory::Implies) = self.terms.get(body).op {
            let (condition, conclusion) =
                (self.terms.get(body).arguments[0], self.terms.get(body).arguments[1]);
            if let Op::ForAll(nested) = &self.terms.get(conclusion).op {
                variables.extend(nested.clone());
                let conclusion = self.terms.get(conclusion).arguments[0];
                inner = self.terms.implies(condition, conclusion);
            }
        }
        let patterns = self.patterns(&variables, inner);
        if for_all {
            self.terms.for_all(variables, inner, patterns)
        } else {
            self.terms.exists(variables, inner, patterns)
        }
    }

    /// Applications whose arguments name the variables plainly: one that names all, or one for each.
    fn patterns(&mut self, variables: &[BoundId], body: TermId) -> Vec<TermId> {
        let mut found: Vec<(TermId, Vec<BoundId>)> = vec![];
        let mut bound_inside = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || self.terms.free(id).iter().all(|free| !variables.contains(free)) {
                continue;
            }
            let term = self.terms.get(id);
            if let Op::ForAll(inner) | Op::Exists(inner) = &term.op {
                bound_inside.extend(inner.iter().copied());
            }
            if matches!(term.op, Op::Apply(_)) {
                let named: Vec<BoundId> = term
                    .arguments
                    .iter()
                    .filter_map(|argument| match self.terms.get(*argument).op {
                        Op::Bound(id) if variables.contains(&id) => Some(id),
                        _ => None,
                    })
                    .collect();
                if !named.is_empty() && named.len() == self.terms.free(id).len() {
                    found.push((id, named));
                }
            }
            stack.extend(term.arguments.iter().copied());
        }
        found.retain(|(id, _)| self.terms.free(*id).iter().all(|free| !bound_inside.contains(free)));
        found.sort_unstable_by_key(|(id, _)| *id);
        let whole: Vec<TermId> =
            found.iter().filter(|(_, named)| named.len() == variables.len()).map(|(id, _)| *id).collect();
        if !whole.is_empty() {
            return whole;
        }
        // Together the first of each variable cover them all.
        let firsts: Option<Vec<TermId>> = variables
            .iter()
            .map(|variable| found.iter().find(|(_, named)| named == &[*variable]).map(|(id, _)| *id))
            .collect();
        match firsts {
            Some(parts) if parts.len() > 1 => vec![self.terms.together(parts)],
            _ => vec![],
        }
    }

    /// Every sum on the way is within 64 bits.
    fn partial_sums_fit(&mut self, sum: TermId, body: &Body) -> TermId {
        let (variable, end) = self.terms.variable(SortId::INTEGER);
        let mut arguments = self.terms.get(sum).arguments.to_vec();
        let Op::Apply(symbol) = self.terms.get(sum).op else { return self.in_64_bits(sum) };
        if let Some(last) = arguments.last_mut() {
            *last = end;
        }
        let partial = self.terms.apply(symbol, arguments);
        let within = self.terms.between(body.low, end, body.high);
        let fits = self.in_64_bits(partial);
        let said = self.terms.implies(within, fits);
        self.terms.for_all(vec![variable], said, vec![partial])
    }

    /// The fold as a function on what it captures and its range.
    fn fold_term(&mut self, kind: &'static str, body: &Body, result: TypeId) -> TermId {
        let mut skeleton = self.skeleton(body);
        if kind == "count" {
            skeleton.values.clear();
        }
        let key = Key { kind, present: skeleton.present, values: skeleton.values.clone(), result };
        let symbol = match self.folds.get(&key) {
            Some(symbol) => *symbol,
            None => self.define_fold(key, &skeleton),
        };
        let arguments: Vec<TermId> = skeleton.captured.iter().copied().chain([body.low, body.high]).collect();
        self.terms.apply(symbol, arguments)
    }

    /// Takes out of the body what does not depend on the index.
    fn skeleton(&mut self, body: &Body) -> Skeleton {
        let roots: Vec<TermId> = [body.present].into_iter().chain(body.values.iter().copied()).collect();
        let mut inner: FxHashSet<BoundId> = FxHashSet::from_iter([body.variable]);
        let mut seen = FxHashSet::default();
        let mut stack = roots.clone();
        while let Some(id) = stack.pop() {
            if seen.insert(id) {
                let term = self.terms.get(id);
                if let Op::ForAll(variables) | Op::Exists(variables) = &term.op {
                    inner.extend(variables.iter().copied());
                }
                stack.extend(term.arguments.iter().copied());
            }
        }
        let mut replacements: FxHashMap<TermId, TermId> = FxHashMap::default();
        let place = self.terms.parameter(0, SortId::INTEGER);
        replacements.insert(body.index, place);
        let mut captured = vec![];
        let mut seen = FxHashSet::default();
        let mut stack: Vec<TermId> = roots.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || id == body.index {
                continue;
            }
            let term = self.terms.get(id).clone();
            let depends = self.terms.free(id).iter().any(|free| inner.contains(free));
            if depends {
                stack.extend(term.arguments.iter().rev().copied());
                continue;
            }
            let literal = is_literal(&term.op);
            if !literal {
                captured.push(id);
                let number = u32::try_from(captured.len()).unwrap_or(u32::MAX);
                let place = self.terms.parameter(number, term.sort);
                replacements.insert(id, place);
            }
        }
        let present = self.terms.substitute(body.present, &replacements);
        let values = body.values.iter().map(|value| self.terms.substitute(*value, &replacements)).collect();
        Skeleton { present, values, captured }
    }

    /// A skeleton's term with its places filled.
    fn fill(&mut self, term: TermId, bound: &Bound<'_>, index: TermId) -> TermId {
        let mut replacements = FxHashMap::default();
        replacements.insert(self.terms.parameter(0, SortId::INTEGER), index);
        for (number, (captured, argument)) in (1..).zip(bound.skeleton.captured.iter().zip(&bound.arguments))
        {
            let sort = self.terms.sort(*captured);
            replacements.insert(self.terms.parameter(number, sort), *argument);
        }
        self.terms.substitute(term, &replacements)
    }

    fn present_at(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        self.fill(bound.skeleton.present, bound, index)
    }

    fn value_at(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        match bound.skeleton.values.first() {
            Some(value) => self.fill(*value, bound, index),
            None => self.terms.boolean(true),
        }
    }

    fn define_fold(&mut self, key: Key, skeleton: &Skeleton) -> SymbolId {
        let (kind, result) = (key.kind, key.result);
        let mut parameters: Vec<SortId> =
            skeleton.captured.iter().map(|captured| self.terms.sort(*captured)).collect();
        parameters.extend([SortId::INTEGER, SortId::INTEGER]);
        let sort = self.sort(result);
        let symbol = self.terms.declare(kind, parameters.clone(), sort);
        self.folds.insert(key, symbol);
        let (variables, arguments): (Vec<_>, Vec<_>) =
            parameters.iter().map(|sort| self.terms.variable(*sort)).unzip();
        let bound = Bound { skeleton, variables, arguments };
        let whole = self.terms.apply(symbol, bound.arguments.clone());
        match kind {
            "sum" | "count" => self.define_sum(kind, symbol, &parameters, &bound, whole, result),
            "min" | "max" => self.define_extreme(kind, symbol, &bound, whole, result),
            "find" => self.define_find(symbol, &bound, whole, result),
            "array" => self.define_array(symbol, &parameters, &bound, whole, result),
            "set" => self.define_set(symbol, &bound, whole, result),
            "map" => self.define_map(symbol, &bound, whole, result),
            _ => {
                self.opaque.insert(symbol, "SORT BY");
            }
        }
        symbol
    }

    /// `low <= index < high` of the axiom's range.
    fn within(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        let above = self.terms.less_equal(bound.low(), index);
        let below = self.terms.less(index, bound.high());
        self.terms.and(vec![above, below])
    }

    /// A fresh index and that it is inside and counts.
    fn element(&mut self, bound: &Bound<'_>) -> (BoundId, TermId, TermId) {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let inside = self.within(bound, index);
        let present = self.present_at(bound, index);
        let there = self.terms.and(vec![inside, present]);
        (variable, index, there)
    }

    fn define_sum(
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
        let term_at = |encoder: &mut Self, index| {
            let present = encoder.present_at(bound, index);
            let value = if kind == "count" { one } else { encoder.value_at(bound, index) };
            encoder.terms.if_then_else(present, value, zero)
        };
        let nothing = self.terms.less_equal(high, low);
        let is_zero = self.terms.equal(whole, zero);
        let empty = self.terms.implies(nothing, is_zero);
        let some = self.terms.not(nothing);
        let shorter = self.terms.apply(twin, bound.with_range(low, last));
        let of_last = term_at(self, last);
        let grown = add(self, shorter, of_last);
        let mut steps = vec![self.terms.equal(whole, grown)];
        if result != TypeId::FLOAT {
            // Sums of floats go from the left.
            let rest = self.terms.apply(twin, bound.with_range(second, high));
            let of_first = term_at(self, low);
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
        self.define_frame(symbol, bound, whole);
    }

    /// Two folds over one range whose elements agree are equal.
    fn define_frame(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId) {
        if bound.skeleton.captured.is_empty() {
            return;
        }
        let captured = bound.arguments.len() - 2;
        let (mut others, mut variables) = (vec![], bound.variables.clone());
        for argument in &bound.arguments[..captured] {
            let (variable, other) = self.terms.variable(self.terms.sort(*argument));
            variables.push(variable);
            others.push(other);
        }
        others.extend([bound.low(), bound.high()]);
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

    fn define_extreme(
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

    fn define_find(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
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

    fn define_array(
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
        let body = self.terms.and(vec![is_said, same, bounded]);
        self.terms.axiom(symbol, &bound.variables, body, whole);
        // Each of its elements comes from one that counts, and each that counts is there.
        let (variable, source, there) = self.element(bound);
        let value = self.value_at(bound, source);
        let equal = self.terms.equal(item, value);
        let both = self.terms.and(vec![there, equal]);
        let from = self.quantified(false, variable, both);
        let body = self.terms.implies(inside, from);
        self.terms.axiom(symbol, &with_index, body, item);
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

    fn define_set(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
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

    fn define_map(&mut self, symbol: SymbolId, bound: &Bound<'_>, whole: TermId, result: TypeId) {
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

    fn at_most_the_range(&mut self, bound: &Bound<'_>, size: TermId) -> TermId {
        let zero = self.terms.integer(0);
        let nothing = self.terms.less_equal(bound.high(), bound.low());
        let count = self.terms.subtract(bound.high(), bound.low());
        let most = self.terms.if_then_else(nothing, zero, count);
        self.terms.less_equal(size, most)
    }
}
