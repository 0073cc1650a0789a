//! Decimal places: `scale(x) <= n` says that `x * 10^n` is whole, which sums, differences and what was rounded
//! show by their form.

use anrf_format::builtin::Builtin;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::Zero as _;

use super::Encoder;
use crate::term::{Meaning, Op, SortId, TermId, Theory};

/// Most places that are spoken of in this way.
const MOST_PLACES: u32 = 30;

impl Encoder<'_> {
    /// A comparison of `scale(x)` with a plain number of places, as what it says of `x`.
    pub(super) fn compare_scale(&mut self, a: TermId, b: TermId, strict: bool) -> Option<TermId> {
        if let (Some(x), Some(places)) = (self.scaled(a), self.small(b)) {
            let places = places - i64::from(strict);
            return self.at_most_places(x, places);
        }
        if let (Some(places), Some(x)) = (self.small(a), self.scaled(b)) {
            let fewer = self.at_most_places(x, places - i64::from(!strict))?;
            return Some(self.terms.not(fewer));
        }
        match (self.scaled(a), self.scaled(b)) {
            (Some(x), None) => Some(self.at_most(x, b, i64::from(strict))),
            (None, Some(x)) => {
                let fewer = self.at_most(x, a, i64::from(!strict));
                Some(self.terms.not(fewer))
            }
            _ => None,
        }
    }

    /// Whether `scale(x) <= places - less`, for places that are not plain: no scale is negative, and `x * 10^places`
    /// is whole.
    fn at_most(&mut self, x: TermId, places: TermId, less: i64) -> TermId {
        let (zero, less) = (self.terms.integer(0), self.terms.integer(less));
        let places = self.terms.subtract(places, less);
        let some = self.terms.less_equal(zero, places);
        let whole = self.is_whole_at(x, places, 16);
        self.terms.and(vec![some, whole])
    }

    /// Whether `x * 10^places` is whole: a whole number of `10^-places` plainly is.
    fn is_whole_at(&mut self, x: TermId, places: TermId, depth: u32) -> TermId {
        let term = self.terms.get(x).clone();
        let opposite = self.terms.negate(places);
        let unit = self.ten_to(opposite);
        let is_whole = |terms: &crate::term::Terms, id: TermId| match &terms.get(id).op {
            Op::Theory(Theory::ToReal) => true,
            Op::Real(_, denominator) => *denominator == BigInt::from(1),
            _ => false,
        };
        match (&term.op, &*term.arguments) {
            (Op::Theory(Theory::Multiply), &[a, b])
                if (b == unit && is_whole(&self.terms, a)) || (a == unit && is_whole(&self.terms, b)) =>
            {
                return self.terms.boolean(true);
            }
            (Op::Theory(Theory::IfThenElse), &[condition, yes, no]) if depth > 0 => {
                let yes = self.is_whole_at(yes, places, depth - 1);
                let no = self.is_whole_at(no, places, depth - 1);
                return self.terms.if_then_else(condition, yes, no);
            }
            _ => {}
        }
        let opposite = self.ten_to(places);
        let scaled = self.terms.multiply(x, opposite);
        let floor = self.terms.theory(Theory::Floor, vec![scaled]);
        let whole = self.terms.theory(Theory::ToReal, vec![floor]);
        self.terms.equal(scaled, whole)
    }

    /// What `scale` was applied to.
    fn scaled(&self, id: TermId) -> Option<TermId> {
        let term = self.terms.get(id);
        match term.op {
            Op::Apply(symbol) if self.opaque.get(&symbol) == Some(&Builtin::Scale.info().name) => {
                term.arguments.first().copied()
            }
            _ => None,
        }
    }

    /// `None` for more places than are spoken of: then it is a comparison like any other.
    fn at_most_places(&mut self, x: TermId, places: i64) -> Option<TermId> {
        match u32::try_from(places) {
            Ok(places) if places <= MOST_PLACES => Some(self.has_places(x, places, 16)),
            Ok(_) => None,
            Err(_) => Some(self.terms.boolean(false)),
        }
    }

    fn has_places(&mut self, x: TermId, places: u32, depth: u32) -> TermId {
        let plain = self.places_symbol(x, places);
        let Some(depth) = depth.checked_sub(1) else { return plain };
        let term = self.terms.get(x).clone();
        let parts = match &term.op {
            Op::Real(numerator, denominator) => {
                let scaled = numerator * BigInt::from(10).pow(places);
                return self.terms.boolean(scaled.mod_floor(denominator).is_zero());
            }
            Op::Theory(Theory::ToReal) => return self.terms.boolean(true),
            Op::Theory(Theory::IfThenElse) => {
                let yes = self.has_places(term.arguments[1], places, depth);
                let no = self.has_places(term.arguments[2], places, depth);
                return self.terms.if_then_else(term.arguments[0], yes, no);
            }
            Op::Theory(Theory::Negate) => return self.has_places(term.arguments[0], places, depth),
            Op::Theory(Theory::Add | Theory::Subtract) => {
                let parts: Vec<TermId> =
                    term.arguments.iter().map(|part| self.has_places(*part, places, depth)).collect();
                self.terms.and(parts)
            }
            // A whole number of something.
            Op::Theory(Theory::Multiply) => {
                let (a, b) = (term.arguments[0], term.arguments[1]);
                let mut ways = vec![];
                for (whole, other) in [(a, b), (b, a)] {
                    if matches!(self.terms.get(whole).op, Op::Theory(Theory::ToReal)) {
                        ways.push(self.has_places(other, places, depth));
                    } else if let Op::Real(_, denominator) = &self.terms.get(whole).op
                        && *denominator == BigInt::from(1)
                    {
                        ways.push(self.has_places(other, places, depth));
                    } else if let Op::Real(_, denominator) = &self.terms.get(whole).op
                        && let Some(used) = power_of_ten(denominator)
                        && used <= places
                    {
                        ways.push(self.has_places(other, places - used, depth));
                    }
                }
                self.terms.or(ways)
            }
            _ => return plain,
        };
        self.terms.or(vec![parts, plain])
    }

    /// Whether `x * 10^places` is whole, by a function of its own for each number of places.
    fn places_symbol(&mut self, x: TermId, places: u32) -> TermId {
        let symbol = match self.places.get(&places) {
            Some(symbol) => *symbol,
            None => {
                let symbol =
                    self.terms.declare(&format!("places_{places}"), vec![SortId::REAL], SortId::BOOLEAN);
                let units =
                    self.terms.declare(&format!("units_{places}"), vec![SortId::REAL], SortId::INTEGER);
                self.places.insert(places, symbol);
                let (variable, value) = self.terms.variable(SortId::REAL);
                let holds = self.terms.apply(symbol, vec![value]);
                let factor = self.terms.real(BigInt::from(10).pow(places), 1.into());
                let scaled = self.terms.multiply(value, factor);
                let count = self.terms.apply(units, vec![value]);
                let count = self.terms.theory(Theory::ToReal, vec![count]);
                let is_count = self.terms.equal(scaled, count);
                let forward = self.terms.implies(holds, is_count);
                let floor = self.terms.theory(Theory::Floor, vec![scaled]);
                let whole = self.terms.theory(Theory::ToReal, vec![floor]);
                let is_whole = self.terms.equal(scaled, whole);
                let back = self.terms.implies(is_whole, holds);
                let body = self.terms.and(vec![forward, back]);
                self.terms.axiom(symbol, &[variable], body, holds);
                self.terms.set_meaning(symbol, Meaning::Places(places));
                symbol
            }
        };
        self.terms.apply(symbol, vec![x])
    }
}

/// The exponent, if a number is a power of ten.
fn power_of_ten(value: &BigInt) -> Option<u32> {
    (0..=MOST_PLACES).find(|exponent| BigInt::from(10).pow(*exponent) == *value)
}
