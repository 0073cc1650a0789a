//! Arithmetic of integers and reals.

use num_bigint::BigInt;
use num_traits::One;

use super::{Op, SortId, TermId, Terms, Theory};

impl Terms {
    /// The number that a term plainly is, as a fraction.
    fn as_fraction(&self, id: TermId) -> Option<(BigInt, BigInt)> {
        match &self.get(id).op {
            Op::Integer(value) => Some((value.clone(), BigInt::one())),
            Op::Real(numerator, denominator) => Some((numerator.clone(), denominator.clone())),
            _ => None,
        }
    }

    fn number(&mut self, sort: SortId, numerator: BigInt, denominator: BigInt) -> TermId {
        if sort == SortId::INTEGER { self.integer(numerator) } else { self.real(numerator, denominator) }
    }

    /// `a + b`; a constant goes last, and `(x + 1) - 1` is `x`.
    pub fn add(&mut self, a: TermId, b: TermId) -> TermId {
        let sort = self.sort(a);
        match (self.as_fraction(a), self.as_fraction(b)) {
            (Some((n, d)), Some((m, e))) => return self.number(sort, n * &e + m * &d, d * e),
            (Some(_), None) => return self.add(b, a),
            _ => {}
        }
        if self.is_zero(b) {
            return a;
        }
        if let Some(constant) = self.as_fraction(b)
            && let Op::Theory(Theory::Add) = self.get(a).op
            && let Some((n, d)) = self.get(a).arguments.get(1).and_then(|last| self.as_fraction(*last))
        {
            let first = self.get(a).arguments[0];
            let (m, e) = constant;
            let sum = self.number(sort, n * &e + m * &d, d * e);
            return self.add(first, sum);
        }
        self.intern(Op::Theory(Theory::Add), vec![a, b], sort)
    }

    /// `a - b`.
    pub fn subtract(&mut self, a: TermId, b: TermId) -> TermId {
        let sort = self.sort(a);
        if a == b {
            return self.number(sort, BigInt::ZERO, BigInt::one());
        }
        if let Some((n, d)) = self.as_fraction(b) {
            let negated = self.number(sort, -n, d);
            return self.add(a, negated);
        }
        self.intern(Op::Theory(Theory::Subtract), vec![a, b], sort)
    }

    /// `-a`.
    pub fn negate(&mut self, a: TermId) -> TermId {
        let sort = self.sort(a);
        if let Some((n, d)) = self.as_fraction(a) {
            return self.number(sort, -n, d);
        }
        if let Op::Theory(Theory::Negate) = self.get(a).op {
            return self.get(a).arguments[0];
        }
        self.intern(Op::Theory(Theory::Negate), vec![a], sort)
    }

    /// `a * b`.
    pub fn multiply(&mut self, a: TermId, b: TermId) -> TermId {
        let sort = self.sort(a);
        if let (Some((n, d)), Some((m, e))) = (self.as_fraction(a), self.as_fraction(b)) {
            return self.number(sort, n * m, d * e);
        }
        if self.is_zero(a) || self.is_one(b) {
            return a;
        }
        if self.is_zero(b) || self.is_one(a) {
            return b;
        }
        self.intern(Op::Theory(Theory::Multiply), vec![a, b], sort)
    }

    /// `a < b`.
    pub fn less(&mut self, a: TermId, b: TermId) -> TermId {
        if let (Some((n, d)), Some((m, e))) = (self.as_fraction(a), self.as_fraction(b)) {
            return self.boolean(n * e < m * d);
        }
        if a == b {
            return self.boolean(false);
        }
        self.intern(Op::Theory(Theory::Less), vec![a, b], SortId::BOOLEAN)
    }

    /// `a <= b`.
    pub fn less_equal(&mut self, a: TermId, b: TermId) -> TermId {
        if let (Some((n, d)), Some((m, e))) = (self.as_fraction(a), self.as_fraction(b)) {
            return self.boolean(n * e <= m * d);
        }
        if a == b {
            return self.boolean(true);
        }
        self.intern(Op::Theory(Theory::LessEqual), vec![a, b], SortId::BOOLEAN)
    }

    /// `low <= a <= high`.
    pub fn between(&mut self, low: TermId, a: TermId, high: TermId) -> TermId {
        let above = self.less_equal(low, a);
        let below = self.less_equal(a, high);
        self.and(vec![above, below])
    }

    /// `a / b` toward zero. SMT-LIB's `div` leaves a remainder that is not negative, which for a dividend
    /// that is not negative is the same.
    pub fn divide(&mut self, a: TermId, b: TermId) -> TermId {
        self.toward_zero(Theory::Divide, a, b)
    }

    /// `a - b * (a / b)`: the dividend's sign.
    pub fn remainder(&mut self, a: TermId, b: TermId) -> TermId {
        self.toward_zero(Theory::Modulo, a, b)
    }

    fn toward_zero(&mut self, function: Theory, a: TermId, b: TermId) -> TermId {
        let zero = self.integer(0);
        let not_negative = self.less_equal(zero, a);
        let of_positive = self.theory(function, vec![a, b]);
        let negated = self.negate(a);
        let of_negated = self.theory(function, vec![negated, b]);
        let of_negative = self.negate(of_negated);
        self.if_then_else(not_negative, of_positive, of_negative)
    }

    /// The quotient rounded down.
    pub fn floor_divide(&mut self, a: TermId, b: TermId) -> TermId {
        let (zero, minus_a, minus_b) = (self.integer(0), self.negate(a), self.negate(b));
        let positive = self.less(zero, b);
        let yes = self.theory(Theory::Divide, vec![a, b]);
        let no = self.theory(Theory::Divide, vec![minus_a, minus_b]);
        self.if_then_else(positive, yes, no)
    }

    /// `a - b * floor_divide(a, b)`: the divisor's sign.
    pub fn floor_modulo(&mut self, a: TermId, b: TermId) -> TermId {
        let (zero, minus_a, minus_b) = (self.integer(0), self.negate(a), self.negate(b));
        let positive = self.less(zero, b);
        let yes = self.theory(Theory::Modulo, vec![a, b]);
        let no = self.theory(Theory::Modulo, vec![minus_a, minus_b]);
        let no = self.negate(no);
        self.if_then_else(positive, yes, no)
    }
}
