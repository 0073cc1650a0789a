//! Decimals rounded to so many places, in the language's seven ways.

use num_bigint::BigInt;

use super::Encoder;
use crate::term::{Meaning, SortId, TermId, Theory};

impl Encoder<'_> {
    /// Rounded to so many decimal places; modes by their position in the language's table.
    pub(super) fn round(&mut self, a: TermId, places: TermId, mode: i64) -> TermId {
        let opposite = self.terms.negate(places);
        let (factor, back) = (self.ten_to(places), self.ten_to(opposite));
        let scaled = self.terms.multiply(a, factor);
        let whole = self.rounded(scaled, mode);
        let whole = self.terms.theory(Theory::ToReal, vec![whole]);
        self.terms.multiply(whole, back)
    }

    /// A real rounded to an integer: 0 HALF_EVEN, 1 HALF_UP, 2 HALF_DOWN, 3 UP, 4 DOWN, 5 CEILING, 6 FLOOR. A
    /// function that is said by how far it may be from its argument: solvers do better with that than with
    /// the theory's own floor and cases.
    fn rounded(&mut self, a: TermId, mode: i64) -> TermId {
        const NAMES: [&str; 7] =
            ["half_even", "half_up", "half_down", "away_from_zero", "toward_zero", "ceiling", "floor"];
        let mode = usize::try_from(mode).unwrap_or(0).min(6);
        let symbol = self.named(NAMES[mode], |encoder| {
            let symbol = encoder.terms.declare(NAMES[mode], vec![SortId::REAL], SortId::INTEGER);
            let (variable, s) = encoder.terms.variable(SortId::REAL);
            let value = encoder.terms.apply(symbol, vec![s]);
            let whole = encoder.terms.theory(Theory::ToReal, vec![value]);
            let said = encoder.said_of_rounding(mode, s, value, whole);
            encoder.terms.axiom(symbol, &[variable], said, value);
            encoder.terms.set_meaning(symbol, Meaning::Rounding);
            symbol
        });
        self.terms.apply(symbol, vec![a])
    }

    /// What `whole`, the real of the integer `value`, is to `s` which is rounded.
    fn said_of_rounding(&mut self, mode: usize, s: TermId, value: TermId, whole: TermId) -> TermId {
        let terms = &mut self.terms;
        let zero = terms.real(BigInt::ZERO, 1.into());
        let one = terms.real(1.into(), 1.into());
        let half = terms.real(1.into(), 2.into());
        // How far `s` is above the result.
        let above = terms.subtract(s, whole);
        let (minus_one, minus_half) = (terms.negate(one), terms.negate(half));
        let range = |terms: &mut crate::term::Terms, low, low_is_in: bool, high, high_is_in: bool| {
            let from = if low_is_in { terms.less_equal(low, above) } else { terms.less(low, above) };
            let to = if high_is_in { terms.less_equal(above, high) } else { terms.less(above, high) };
            terms.and(vec![from, to])
        };
        let down = range(terms, zero, true, one, false);
        let up = range(terms, minus_one, false, zero, true);
        let not_negative = terms.less_equal(zero, s);
        match mode {
            6 => down,
            5 => up,
            4 => terms.if_then_else(not_negative, down, up),
            3 => terms.if_then_else(not_negative, up, down),
            1 | 2 => {
                let lower = range(terms, minus_half, true, half, false);
                let upper = range(terms, minus_half, false, half, true);
                let (positive, negative) = if mode == 1 { (lower, upper) } else { (upper, lower) };
                terms.if_then_else(not_negative, positive, negative)
            }
            _ => {
                let near = range(terms, minus_half, true, half, true);
                let (is_low, is_high) = (terms.equal(above, minus_half), terms.equal(above, half));
                let tie = terms.or(vec![is_low, is_high]);
                let two = terms.integer(2);
                let parity = terms.theory(Theory::Modulo, vec![value, two]);
                let nothing = terms.integer(0);
                let even = terms.equal(parity, nothing);
                let even = terms.implies(tie, even);
                terms.and(vec![near, even])
            }
        }
    }
}
