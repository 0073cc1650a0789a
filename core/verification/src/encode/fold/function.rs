//! A fold as a function of what its body captures and of its range: the same fold at two places is the same
//! function.

use anrf_format::types::TypeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Body;
use crate::encode::Encoder;
use crate::term::{BoundId, Op, SortId, SymbolId, TermId};

/// What makes two folds one function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::encode) struct Key {
    pub(super) kind: &'static str,
    present: TermId,
    values: Vec<TermId>,
    pub(in crate::encode) result: TypeId,
}

impl Key {
    pub(in crate::encode) fn new(
        kind: &'static str,
        present: TermId,
        values: Vec<TermId>,
        result: TypeId,
    ) -> Self {
        Self { kind, present, values, result }
    }
}

/// A fold's body with places for what it captures: parameter 0 is the index.
#[derive(Clone)]
pub(super) struct Skeleton {
    pub(super) present: TermId,
    pub(super) values: Vec<TermId>,
    pub(super) captured: Vec<TermId>,
}

/// What an axiom of a fold speaks of.
pub(super) struct Bound<'a> {
    pub(super) skeleton: &'a Skeleton,
    pub(super) variables: Vec<BoundId>,
    /// What is captured, then low and high.
    pub(super) arguments: Vec<TermId>,
}

impl Bound<'_> {
    pub(super) fn low(&self) -> TermId {
        self.arguments[self.arguments.len() - 2]
    }

    pub(super) fn high(&self) -> TermId {
        self.arguments[self.arguments.len() - 1]
    }

    pub(super) fn with_range(&self, low: TermId, high: TermId) -> Vec<TermId> {
        let captured = &self.arguments[..self.arguments.len() - 2];
        captured.iter().copied().chain([low, high]).collect()
    }
}

impl<'m> Encoder<'m> {
    /// The fold as a function on what it captures and its range.
    pub(super) fn fold_term(&mut self, kind: &'static str, body: &Body, result: TypeId) -> TermId {
        let values: &[TermId] = if kind == "count" { &[] } else { &body.values };
        let skeleton = self.skeleton(body, values);
        let key = Key { kind, present: skeleton.present, values: skeleton.values.clone(), result };
        let symbol = match self.folds.get(&key) {
            Some(symbol) => *symbol,
            None => self.define_fold(key, &skeleton),
        };
        let arguments: Vec<TermId> = skeleton.captured.iter().copied().chain([body.low, body.high]).collect();
        self.terms.apply(symbol, arguments)
    }

    /// Takes out of the body what does not depend on the index.
    fn skeleton(&mut self, body: &Body, values: &[TermId]) -> Skeleton {
        let roots: Vec<TermId> = [body.present].into_iter().chain(values.iter().copied()).collect();
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
        let values = values.iter().map(|value| self.terms.substitute(*value, &replacements)).collect();
        Skeleton { present, values, captured }
    }

    pub(super) fn define_fold(&mut self, key: Key, skeleton: &Skeleton) -> SymbolId {
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

    /// A skeleton's term with its places filled.
    pub(super) fn fill(&mut self, term: TermId, bound: &Bound<'_>, index: TermId) -> TermId {
        let mut replacements = FxHashMap::default();
        replacements.insert(self.terms.parameter(0, SortId::INTEGER), index);
        for (number, (captured, argument)) in (1..).zip(bound.skeleton.captured.iter().zip(&bound.arguments))
        {
            let sort = self.terms.sort(*captured);
            replacements.insert(self.terms.parameter(number, sort), *argument);
        }
        self.terms.substitute(term, &replacements)
    }

    pub(super) fn present_at(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        self.fill(bound.skeleton.present, bound, index)
    }

    pub(super) fn value_at(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        match bound.skeleton.values.first() {
            Some(value) => self.fill(*value, bound, index),
            None => self.terms.boolean(true),
        }
    }

    /// `low <= index < high` of the axiom's range.
    pub(super) fn within(&mut self, bound: &Bound<'_>, index: TermId) -> TermId {
        let above = self.terms.less_equal(bound.low(), index);
        let below = self.terms.less(index, bound.high());
        self.terms.and(vec![above, below])
    }

    /// A fresh index and that it is inside and counts.
    pub(super) fn element(&mut self, bound: &Bound<'_>) -> (BoundId, TermId, TermId) {
        let (variable, index) = self.terms.variable(SortId::INTEGER);
        let inside = self.within(bound, index);
        let present = self.present_at(bound, index);
        let there = self.terms.and(vec![inside, present]);
        (variable, index, there)
    }

    /// A term with places for what does not depend on these variables, and what that is. Places of the
    /// variables come first, by number.
    pub(in crate::encode) fn abstracted(
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
}

fn is_literal(op: &Op) -> bool {
    matches!(
        op,
        Op::Boolean(_) | Op::Integer(_) | Op::Real(..) | Op::Float(_) | Op::Text(_) | Op::Parameter(_)
    )
}
