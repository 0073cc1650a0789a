//! `SORT(xs BY ...)`.

use anrf_format::execution::{RegionId, ValueId};
use anrf_format::types::TypeId;

use crate::encode::collection::List;
use crate::encode::frame::Frame;
use crate::encode::sorts::Shape;
use crate::encode::{Context, Encoder};
use crate::term::{BoundId, SortId, TermId};

impl<'m> Encoder<'m> {
    /// `SORT(xs BY ...)`: a permutation whose keys are in order.
    pub(super) fn sort_by(
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
        let mut silent = Context::default();
        // What stands inside a quantifier or a definition is another array for every value of its variables.
        let variables = self.depends_on(frame, list, values, region, &mut silent);
        let given: Vec<TermId> = variables.iter().map(|variable| self.terms.bound(*variable)).collect();
        let parameters = given.iter().map(|variable| self.terms.sort(*variable)).collect();
        let symbol = self.terms.declare("sorted_by", parameters, list.sort);
        let made = self.terms.apply(symbol, given);
        let (length, other) = (self.length(list, made), self.length(list, values));
        let alike = self.terms.equal(length, other);
        let same = self.is_permutation(list, made, values);
        let (i_variable, i) = self.terms.variable(SortId::INTEGER);
        let (j_variable, j) = self.terms.variable(SortId::INTEGER);
        let (of_i, of_j) = (self.at(list, made, i), self.at(list, made, j));
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
        self.terms.axiom(symbol, &variables, facts, made);
        made
    }

    /// The variables bound around it that a sorted array depends on: of the array, and of its keys.
    fn depends_on(
        &mut self,
        frame: &Frame<'m>,
        list: List,
        values: TermId,
        region: RegionId,
        context: &mut Context,
    ) -> Vec<BoundId> {
        let (item_variable, item) = self.terms.variable(list.element);
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let mut parts = self.region(frame, region, &[item, index], context).values;
        parts.push(values);
        let mut found: Vec<BoundId> =
            parts.iter().flat_map(|part| self.terms.free(*part).iter().copied()).collect();
        found.retain(|variable| ![item_variable, index_variable].contains(variable));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Types of what a region yields.
    pub(super) fn yield_types(&self, frame: &Frame<'m>, region: RegionId) -> Vec<TypeId> {
        let blocks = frame.function.blocks.iter().filter(|block| block.region == Some(region));
        for block in blocks {
            if let anrf_format::execution::Terminator::Yield(values) = &block.terminator {
                return values.iter().map(|value| frame.type_of(*value)).collect();
            }
        }
        vec![]
    }
}
