//! Between which numbers something plainly lies.

use rustc_hash::FxHashMap;

use super::fraction::Fraction;
use super::instances::parts;
use super::normal::{Monomial, Normal, Polynomial, plus};
use crate::term::{Meaning, Op, SortId, Term, TermId, Theory};

/// A lower and an upper bound.
pub(super) type Range = (Option<Fraction>, Option<Fraction>);

/// Powers with more bits have no bounds.
const MOST_BITS: u64 = 4_096;
/// Bounds are passed on so often.
const ROUNDS: usize = 2;
/// Inequalities of more parts pass no bounds on.
const MOST_SUMMANDS: usize = 5;
/// How deep terms are looked into.
const DEPTH: u32 = 8;

/// What facts say of single products.
#[derive(Default)]
pub(super) struct Ranges {
    known: FxHashMap<(bool, Monomial), Range>,
}

impl Ranges {
    /// Of these facts, which are in normal form.
    pub(super) fn of(normal: &Normal<'_>, facts: &[TermId]) -> Self {
        let mut ranges = Self::default();
        let mut sums = vec![];
        for fact in facts {
            let Term { op, arguments, .. } = normal.terms.get(*fact);
            let (function, negated, arguments) = match (op, &**arguments) {
                (Op::Theory(Theory::Not), &[inner]) => match normal.terms.get(inner) {
                    Term { op: Op::Theory(function), arguments, .. } => (*function, true, &**arguments),
                    _ => continue,
                },
                (Op::Theory(function), arguments) => (*function, false, arguments),
                _ => continue,
            };
            let &[a, b] = arguments else { continue };
            if !matches!(function, Theory::Less | Theory::LessEqual | Theory::Equal) {
                continue;
            }
            let sort = normal.terms.sort(a);
            if sort != SortId::INTEGER && sort != SortId::REAL {
                continue;
            }
            let (a, b) = (normal.polynomial(a), normal.polynomial(b));
            let mut above = |a: &Polynomial, b: &Polynomial, strict: bool| {
                let difference = plus(a.clone(), b, &Fraction::whole(-1));
                // Of integers the next one is at most that.
                let next = if strict && sort == SortId::INTEGER { 1 } else { 0 };
                let difference = plus(
                    difference,
                    &Polynomial::from([(vec![], Fraction::whole(next))]),
                    &Fraction::whole(-1),
                );
                if difference.len() <= MOST_SUMMANDS {
                    sums.push((sort == SortId::INTEGER, difference));
                }
            };
            match (function, negated) {
                (Theory::Less, false) => above(&b, &a, true),
                (Theory::LessEqual, false) => above(&b, &a, false),
                (Theory::Less, true) => above(&a, &b, false),
                (Theory::LessEqual, true) => above(&a, &b, true),
                (Theory::Equal, false) => {
                    above(&a, &b, false);
                    above(&b, &a, false);
                }
                _ => {}
            }
        }
        for _ in 0..ROUNDS {
            for (is_integer, sum) in &sums {
                ranges.not_negative(*is_integer, sum);
            }
        }
        ranges
    }

    /// What `0 <= sum` says of each product in it, given the bounds of the others. Integers have integers as
    /// bounds only if their factors are: they are rounded to be.
    fn not_negative(&mut self, is_integer: bool, sum: &Polynomial) {
        for (product, factor) in sum {
            if product.is_empty() {
                continue;
            }
            // factor * product >= -(all the rest), at its largest.
            let mut rest = Some(Fraction::whole(0));
            for (other, scale_by) in sum {
                if other == product {
                    continue;
                }
                let most = if other.is_empty() {
                    Some(scale_by.clone())
                } else {
                    let known = self.known.get(&(is_integer, other.clone())).cloned().unwrap_or_default();
                    scale(&known, scale_by).1
                };
                rest = add(rest, most);
            }
            let Some(rest) = rest else { continue };
            let bound = rest.negated().times(&factor.inverse());
            let range = self.known.entry((is_integer, product.clone())).or_default();
            if factor.is_negative() {
                let bound = if is_integer { bound.floor() } else { bound };
                if range.1.as_ref().is_none_or(|known| bound < *known) {
                    range.1 = Some(bound);
                }
            } else {
                let bound = if is_integer { bound.negated().floor().negated() } else { bound };
                if range.0.as_ref().is_none_or(|known| bound > *known) {
                    range.0 = Some(bound);
                }
            }
        }
    }

    /// Of a normal form.
    pub(super) fn range(&self, normal: &mut Normal<'_>, id: TermId) -> Range {
        self.of_term(normal, id, DEPTH)
    }

    fn of_term(&self, normal: &mut Normal<'_>, id: TermId, depth: u32) -> Range {
        let sort = normal.terms.sort(id);
        let mut total: Range = (Some(Fraction::whole(0)), Some(Fraction::whole(0)));
        for (product, factor) in normal.polynomial(id) {
            let range = if product.is_empty() {
                (Some(Fraction::whole(1)), Some(Fraction::whole(1)))
            } else {
                self.of_product(normal, sort, &product, depth)
            };
            let scaled = scale(&range, &factor);
            total = (add(total.0, scaled.0), add(total.1, scaled.1));
        }
        total
    }

    fn of_product(&self, normal: &mut Normal<'_>, sort: SortId, product: &[TermId], depth: u32) -> Range {
        let said = self.known.get(&(sort == SortId::INTEGER, product.to_vec())).cloned().unwrap_or_default();
        let mut shape: Option<Range> = None;
        for factor in product {
            let range = self.of_factor(normal, *factor, depth);
            shape = Some(match shape {
                None => range,
                Some(known) => multiply(&known, &range),
            });
        }
        let shape = shape.unwrap_or_default();
        tighter(said, shape)
    }

    fn of_factor(&self, normal: &mut Normal<'_>, id: TermId, depth: u32) -> Range {
        let said = self
            .known
            .get(&(normal.terms.sort(id) == SortId::INTEGER, vec![id]))
            .cloned()
            .unwrap_or_default();
        if depth == 0 {
            return said;
        }
        let Term { op, arguments, .. } = normal.terms.get(id).clone();
        let shape = match (&op, &*arguments) {
            (Op::Theory(Theory::ToReal), &[inner]) => self.of_term(normal, inner, depth - 1),
            (Op::Theory(Theory::IfThenElse), &[_, yes, no]) => {
                let (yes, no) = (self.of_term(normal, yes, depth - 1), self.of_term(normal, no, depth - 1));
                (yes.0.zip(no.0).map(|(a, b)| a.min(b)), yes.1.zip(no.1).map(|(a, b)| a.max(b)))
            }
            (Op::Theory(Theory::Divide), &[a, b]) => match &normal.terms.get(b).op {
                Op::Integer(divisor) if *divisor > 0.into() => {
                    let factor = Fraction::whole(divisor.clone()).inverse();
                    let range = self.of_term(normal, a, depth - 1);
                    let down = |bound: Option<Fraction>| bound.map(|it| it.times(&factor).floor());
                    (down(range.0), down(range.1))
                }
                _ => Range::default(),
            },
            (Op::Theory(Theory::Modulo), &[_, b]) => match &normal.terms.get(b).op {
                Op::Integer(divisor) if *divisor > 0.into() => {
                    (Some(Fraction::whole(0)), Some(Fraction::whole(divisor - 1)))
                }
                _ => Range::default(),
            },
            (Op::Apply(symbol), _)
                if matches!(normal.terms.symbol(*symbol).meaning, Meaning::Power | Meaning::PowerOfTwo) =>
            {
                self.of_power(normal, id, depth)
            }
            _ => Range::default(),
        };
        tighter(said, shape)
    }

    /// No power is larger than that of the largest base, by magnitude and at least 1, to the largest exponent.
    fn of_power(&self, normal: &mut Normal<'_>, id: TermId, depth: u32) -> Range {
        let Some((base, exponent)) = parts(normal.terms, id) else { return Range::default() };
        let base = self.of_term(normal, base, depth - 1);
        let exponent = self.of_term(normal, exponent, depth - 1);
        let (zero, one) = (Fraction::whole(0), Fraction::whole(1));
        let (Some(low), Some(high), Some(exponent)) = (base.0, base.1, exponent.1) else {
            return Range::default();
        };
        let largest = high.max(low.negated()).max(one);
        let bits = largest.numerator.bits().max(largest.denominator.bits());
        let exponent = if exponent.is_negative() { 0.into() } else { exponent.floor().numerator };
        let Some(exponent) =
            u32::try_from(exponent).ok().filter(|it| bits.saturating_mul(u64::from(*it)) <= MOST_BITS)
        else {
            return Range::default();
        };
        let most = Fraction::new(largest.numerator.pow(exponent), largest.denominator.pow(exponent));
        let least = if low.is_negative() { most.negated() } else { zero };
        (Some(least), Some(most))
    }
}

/// What both say.
fn tighter(a: Range, b: Range) -> Range {
    let either = |a: Option<Fraction>, b: Option<Fraction>, larger: bool| match (a, b) {
        (Some(a), Some(b)) => Some(if (a > b) == larger { a } else { b }),
        (a, b) => a.or(b),
    };
    (either(a.0, b.0, true), either(a.1, b.1, false))
}

fn add(a: Option<Fraction>, b: Option<Fraction>) -> Option<Fraction> {
    Some(a?.plus(&b?))
}

fn scale(range: &Range, factor: &Fraction) -> Range {
    let times = |bound: &Option<Fraction>| bound.as_ref().map(|bound| bound.times(factor));
    if factor.is_negative() { (times(&range.1), times(&range.0)) } else { (times(&range.0), times(&range.1)) }
}

fn multiply(a: &Range, b: &Range) -> Range {
    if let ((Some(a_low), Some(a_high)), (Some(b_low), Some(b_high))) = (a, b) {
        let ends = [a_low.times(b_low), a_low.times(b_high), a_high.times(b_low), a_high.times(b_high)];
        return (ends.iter().min().cloned(), ends.iter().max().cloned());
    }
    let not_negative = |range: &Range| range.0.as_ref().is_some_and(|low| !low.is_negative());
    if not_negative(a) && not_negative(b) {
        let low = a.0.as_ref().zip(b.0.as_ref()).map(|(a, b)| a.times(b));
        return (low, None);
    }
    Range::default()
}
