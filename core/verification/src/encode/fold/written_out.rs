//! Folds over arrays that are written out, element by element.

use anrf_format::execution::{Fold, ObligationId, ValueId};
use anrf_format::semantic::{Aggregate, Quantifier};
use anrf_format::types::TypeId;
use rustc_hash::FxHashMap;

use super::Body;
use crate::encode::frame::Frame;
use crate::encode::sorts::Shape;
use crate::encode::{Context, Encoder, Part};
use crate::term::{TermId, Theory};

/// Longer arrays are folded as others are.
const LONGEST: usize = 16;

/// What a fold's region says of one element.
pub(super) struct Element {
    /// Whether it counts.
    present: TermId,
    value: TermId,
}

impl<'m> Encoder<'m> {
    /// What the body says of each element of an array that is written out.
    pub(super) fn each_element(
        &mut self,
        frame: &Frame<'m>,
        array: ValueId,
        body: &Body,
    ) -> Option<Vec<Element>> {
        let Shape::List(list, _) = self.shape(frame.type_of(array)) else { return None };
        let array = frame.value(array);
        let items = self.written_out(list, array).filter(|items| items.len() <= LONGEST)?;
        let value = self.value_of(body);
        let any = self.at(list, array, body.index);
        let elements = items.into_iter().enumerate().map(|(number, item)| {
            let number = self.terms.integer(number);
            let replacements = FxHashMap::from_iter([(any, item), (body.index, number)]);
            let present = self.terms.substitute(body.present, &replacements);
            Element { present, value: self.terms.substitute(value, &replacements) }
        });
        Some(elements.collect())
    }

    /// A fold that is a term of its elements; `None` for the others.
    pub(super) fn unfolded(
        &mut self,
        fold: Fold,
        elements: &[Element],
        result: TypeId,
        reached: TermId,
        context: &mut Context,
    ) -> Option<TermId> {
        match fold {
            Fold::Quantifier(Quantifier::Forall) | Fold::Aggregate(Aggregate::All, _) => {
                let said = elements.iter().map(|it| self.terms.implies(it.present, it.value)).collect();
                Some(self.terms.and(said))
            }
            Fold::Quantifier(Quantifier::Exists) | Fold::Aggregate(Aggregate::Any, _) => {
                let said = elements.iter().map(|it| self.terms.and(vec![it.present, it.value])).collect();
                Some(self.terms.or(said))
            }
            Fold::Aggregate(Aggregate::Count, _) => {
                let one = self.terms.integer(1);
                let ones: Vec<Element> =
                    elements.iter().map(|it| Element { present: it.present, value: one }).collect();
                self.partial_sums(&ones, result).pop()
            }
            Fold::Aggregate(Aggregate::Sum, obligation) => {
                let mut sums = self.partial_sums(elements, result);
                if obligation != ObligationId::NONE {
                    let fits = sums.iter().map(|sum| self.in_64_bits(*sum)).collect();
                    let goal = self.terms.and(fits);
                    self.require(obligation, Part::Whole, reached, goal, context);
                }
                sums.pop()
            }
            _ => None,
        }
    }

    /// The sums of none, of the first, of the first two elements, and so on: they are added from the left.
    fn partial_sums(&mut self, elements: &[Element], result: TypeId) -> Vec<TermId> {
        let zero = self.zero(result);
        let mut sums = vec![zero];
        let mut sum = zero;
        for element in elements {
            let summand = self.terms.if_then_else(element.present, element.value, zero);
            // To add a positive zero changes no sum that began with one.
            sum = match result {
                TypeId::FLOAT => self.terms.theory(Theory::FloatAdd, vec![sum, summand]),
                _ => self.terms.add(sum, summand),
            };
            sums.push(sum);
        }
        sums
    }
}
