//! Fractions, for coefficients and bounds.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, Zero as _};

/// A fraction in lowest terms; the denominator is positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) numerator: BigInt,
    pub(super) denominator: BigInt,
}

impl Fraction {
    /// `numerator / denominator`, which is not zero.
    pub(super) fn new(numerator: BigInt, denominator: BigInt) -> Self {
        let common = numerator.gcd(&denominator);
        let (mut numerator, mut denominator) = (numerator / &common, denominator / &common);
        if denominator.is_negative() {
            (numerator, denominator) = (-numerator, -denominator);
        }
        Self { numerator, denominator }
    }

    pub(super) fn whole(value: impl Into<BigInt>) -> Self {
        Self { numerator: value.into(), denominator: BigInt::one() }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.numerator.is_negative()
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self::new(
            &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            &self.denominator * &other.denominator,
        )
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self::new(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }

    pub(super) fn negated(&self) -> Self {
        Self { numerator: -&self.numerator, denominator: self.denominator.clone() }
    }

    /// `1 / self`, which is not zero.
    pub(super) fn inverse(&self) -> Self {
        Self::new(self.denominator.clone(), self.numerator.clone())
    }

    /// The largest integer that is not above.
    pub(super) fn floor(&self) -> Self {
        Self::whole(self.numerator.div_floor(&self.denominator))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}
