//! Quantifiers, comprehensions, aggregates and sorting.
//!
//! A quantifier is one. The others become functions of what their body captures and of the range they go
//! over, so that the same comprehension at two places is the same function; their axioms say what they are
//! in terms of a range that is one shorter (at either end), which is what loops need. The shorter one is a
//! twin without axioms, so that a solver unfolds once for every place that names the function (the "fuel"
//! of Amin, Leino and Rompf, Computing with an SMT Solver, 2014).

mod axioms;
mod function;
mod keys;
mod quantifier;
mod sort;
mod written_out;

use anrf_format::execution::{Domain, Fold, ObligationId, RegionId, ValueId};
use anrf_format::semantic::{Aggregate, Quantifier};
use anrf_format::types::TypeId;

use super::collection::List;
use super::frame::Frame;
use super::sorts::Shape;
use super::{Context, Encoder, Part};
use crate::term::{BoundId, Op, SortId, TermId};

pub(super) use self::function::Key;

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

impl<'m> Encoder<'m> {
    /// A fold's value, with the goals of its region for every element.
    #[allow(clippy::too_many_arguments, reason = "an instruction and where it stands")]
    pub(in crate::encode) fn fold(
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
        if let Domain::Array(array) = domain
            && let Some(elements) = self.each_element(frame, array, &body)
            && let Some(value) = self.unfolded(fold, &elements, result, reached, context)
        {
            return value;
        }
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
}
