//! Powers: a constant exponent is multiplied out, any other makes a function that is said by its recurrence.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;
use num_bigint::BigInt;

use super::Encoder;
use crate::term::{Meaning, SortId, TermId};

/// Largest exponent that is multiplied out.
const LARGEST_EXPONENT: u32 = 64;
/// Powers of ten up to this exponent are given as numbers.
const LARGEST_PLAIN_PLACES: i64 = 9;

impl Encoder<'_> {
    /// `base^exponent`. Where the exponent is negative the operation faults, so that what it is then does not
    /// matter.
    pub(super) fn power(&mut self, first: TypeId, base: TermId, exponent: TermId, result: TypeId) -> TermId {
        if first == TypeId::FLOAT {
            return self.known_by_name(Builtin::Pow, &[first, first], &[base, exponent], result);
        }
        if let Some(times) = self.small(exponent).and_then(|times| u32::try_from(times).ok())
            && times <= LARGEST_EXPONENT
        {
            let one = self.one(first);
            return (0..times).fold(one, |product, _| self.terms.multiply(product, base));
        }
        if self.terms.as_integer(base).is_some_and(|base| *base == BigInt::from(2)) {
            return self.two_to(exponent);
        }
        let sort = self.terms.sort(base);
        let symbol = self.named_on("pow", sort, |encoder| encoder.define_power(first, sort));
        self.terms.apply(symbol, vec![base, exponent])
    }

    fn define_power(&mut self, number: TypeId, sort: SortId) -> crate::term::SymbolId {
        let symbol = self.terms.declare("pow", vec![sort, SortId::INTEGER], sort);
        // The same function without axioms, so that it is unfolded once for each power that is spoken of.
        let twin = self.terms.declare("pow.", vec![sort, SortId::INTEGER], sort);
        let (base_variable, base) = self.terms.variable(sort);
        let (exponent_variable, exponent) = self.terms.variable(SortId::INTEGER);
        let value = self.terms.apply(symbol, vec![base, exponent]);
        let (zero, one) = (self.zero(number), self.one(number));
        let (nothing, single) = (self.terms.integer(0), self.terms.integer(1));
        let before = self.terms.subtract(exponent, single);
        let less = self.terms.apply(twin, vec![base, before]);
        let same = self.terms.apply(twin, vec![base, exponent]);
        let product = self.terms.multiply(base, less);
        let at_zero = self.terms.less_equal(exponent, nothing);
        let said = self.terms.if_then_else(at_zero, one, product);
        // Signs and growth, by induction over the exponent.
        let not_negative = self.terms.less_equal(zero, base);
        let stays = self.terms.less_equal(zero, value);
        let at_least_one = self.terms.less_equal(one, base);
        let large = self.terms.less_equal(one, value);
        let some = self.terms.less_equal(single, exponent);
        let grows = self.terms.and(vec![at_least_one, some]);
        let above = self.terms.less_equal(base, value);
        let parts = vec![
            self.terms.equal(value, said),
            self.terms.equal(value, same),
            self.terms.implies(not_negative, stays),
            self.terms.implies(at_least_one, large),
            self.terms.implies(grows, above),
        ];
        let body = self.terms.and(parts);
        self.terms.axiom(symbol, &[base_variable, exponent_variable], body, value);
        self.terms.set_meaning(symbol, Meaning::Power);
        symbol
    }

    fn one(&mut self, number: TypeId) -> TermId {
        if number == TypeId::DECIMAL { self.terms.real(1.into(), 1.into()) } else { self.terms.integer(1) }
    }

    /// `10^places` as a real, for any integer: a number where the places are plain.
    pub(super) fn ten_to(&mut self, places: TermId) -> TermId {
        if let Some(places) = self.small(places) {
            let exponent = u32::try_from(places.unsigned_abs()).unwrap_or(u32::MAX).min(1000);
            let power = BigInt::from(10).pow(exponent);
            let (up, down) = if places >= 0 { (power, BigInt::from(1)) } else { (BigInt::from(1), power) };
            return self.terms.real(up, down);
        }
        let symbol = self.named("ten_to", |encoder| {
            let symbol = encoder.terms.declare("ten_to", vec![SortId::INTEGER], SortId::REAL);
            let twin = encoder.terms.declare("ten_to.", vec![SortId::INTEGER], SortId::REAL);
            let (variable, places) = encoder.terms.variable(SortId::INTEGER);
            let value = encoder.terms.apply(symbol, vec![places]);
            let (zero, one) = (encoder.zero(TypeId::DECIMAL), encoder.one(TypeId::DECIMAL));
            let single = encoder.terms.integer(1);
            let same = encoder.terms.apply(twin, vec![places]);
            let before = encoder.terms.subtract(places, single);
            let less = encoder.terms.apply(twin, vec![before]);
            let ten = encoder.terms.real(10.into(), 1.into());
            let grown = encoder.terms.multiply(ten, less);
            let opposite = encoder.terms.negate(places);
            let opposite = encoder.terms.apply(twin, vec![opposite]);
            let product = encoder.terms.multiply(value, opposite);
            let mut parts = vec![
                encoder.terms.equal(value, same),
                encoder.terms.equal(value, grown),
                encoder.terms.less(zero, value),
                encoder.terms.equal(product, one),
            ];
            for exponent in 0..=LARGEST_PLAIN_PLACES {
                let exponent = encoder.terms.integer(exponent);
                let here = encoder.terms.equal(places, exponent);
                let power = encoder.ten_to(exponent);
                let is_power = encoder.terms.equal(value, power);
                parts.push(encoder.terms.implies(here, is_power));
            }
            let body = encoder.terms.and(parts);
            encoder.terms.axiom(symbol, &[variable], body, value);
            symbol
        });
        self.terms.apply(symbol, vec![places])
    }

    /// `2^places`: a constant, or a function with its recurrence.
    pub(super) fn two_to(&mut self, places: TermId) -> TermId {
        if let Some(places) = self.small(places).and_then(|places| u32::try_from(places).ok())
            && places <= 4096
        {
            return self.terms.integer(BigInt::from(1) << places);
        }
        let symbol = self.named("two_to", |encoder| {
            let symbol = encoder.terms.declare("two_to", vec![SortId::INTEGER], SortId::INTEGER);
            let previous = encoder.terms.declare("two_to.", vec![SortId::INTEGER], SortId::INTEGER);
            let (variable, places) = encoder.terms.variable(SortId::INTEGER);
            let value = encoder.terms.apply(symbol, vec![places]);
            let (zero, one, two) =
                (encoder.terms.integer(0), encoder.terms.integer(1), encoder.terms.integer(2));
            let before = encoder.terms.subtract(places, one);
            let less = encoder.terms.apply(previous, vec![before]);
            let same = encoder.terms.apply(previous, vec![places]);
            let twice = encoder.terms.multiply(two, less);
            let at_zero = encoder.terms.less_equal(places, zero);
            let said = encoder.terms.if_then_else(at_zero, one, twice);
            let parts = vec![
                encoder.terms.equal(value, said),
                encoder.terms.equal(value, same),
                encoder.terms.less(places, value),
                encoder.terms.less_equal(one, value),
            ];
            let body = encoder.terms.and(parts);
            encoder.terms.axiom(symbol, &[variable], body, value);
            encoder.terms.set_meaning(symbol, Meaning::PowerOfTwo);
            symbol
        });
        self.terms.apply(symbol, vec![places])
    }
}
