//! What an operation can cost, from its operands, before the work is done.

use super::powers::{digits_big, digits_of_bits, digits_u128};
use super::{Decimal, Repr};

/// What an operation can cost at most. It depends on the values of the operands alone, not on how they
/// happen to be stored, so charges made from it are the same in a run and in its replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// No result and no intermediate number has more decimal digits. Everything below
    /// [`Bound::LEAST`] counts as that.
    pub digits: u64,
    /// Steps of a few nanoseconds each, growing as the work does; at least 1.
    pub work: u64,
}

/// Decimal digits that a 64-bit word holds for certain.
const DIGITS_PER_WORD: u64 = 19;

/// Steps that allocating intermediate numbers costs, however short they are.
const ALLOCATIONS: u64 = 64;

/// Inline operands with no more places than this never need more digits than [`Bound::LEAST`].
const FEW_PLACES: u32 = 38;

impl Bound {
    /// The bound of anything small: two coefficients of 39 digits and 38 places each.
    pub const LEAST: Self = Self { digits: 128, work: 1 };

    /// Bytes that the result and the scratch space take at most, at one time.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        // Aligned operands, powers of ten, quotients and remainders, and what multiplication by halves
        // keeps: measured, all of it stays below 14 numbers of that length.
        self.digits.div_ceil(DIGITS_PER_WORD).saturating_mul(16 * 8)
    }

    fn new(digits: u64, work: u64) -> Self {
        if digits <= Self::LEAST.digits {
            return Self::LEAST;
        }
        Self { digits, work: work.saturating_add(ALLOCATIONS) }
    }
}

/// Upper bounds of digits and places of a canonical form.
#[derive(Clone, Copy)]
struct Extent {
    digits: u64,
    scale: u64,
}

impl Extent {
    /// Digits at a larger scale.
    const fn at(self, scale: u64) -> u64 {
        self.digits + scale.saturating_sub(self.scale)
    }
}

const fn words(digits: u64) -> u64 {
    digits.div_ceil(DIGITS_PER_WORD)
}

/// Multiplying or dividing numbers of so many digits; also bounds making a power of ten of that many
/// digits and stripping that many zeros. Short numbers are multiplied word by word; for long ones the
/// time measured on `num-bigint` (Karatsuba, Toom-3) up to a million digits follows the power 3/2 closely.
const fn product(a_digits: u64, b_digits: u64) -> u64 {
    let (a, b) = (words(a_digits), words(b_digits));
    let (long, short) = if a < b { (b, a) } else { (a, b) };
    let factor = short.isqrt() * 8;
    long.saturating_mul(if factor < short { factor } else { short })
}

impl Decimal {
    /// The bound of [`Self::add`] and [`Self::sub`].
    #[must_use]
    pub fn add_bound(&self, other: &Self) -> Bound {
        if self.is_slight() && other.is_slight() {
            return Bound::LEAST;
        }
        let (a, b) = (self.extent(), other.extent());
        let scale = a.scale.max(b.scale);
        let digits = a.at(scale).max(b.at(scale)) + 1;
        // Aligning multiplies by a power of ten, the sum may end in as many zeros as it has places.
        Bound::new(digits, words(digits) * 2 + product(scale.min(digits), digits) * 2)
    }

    /// The bound of [`Self::mul`].
    #[must_use]
    pub fn mul_bound(&self, other: &Self) -> Bound {
        if self.is_slight() && other.is_slight() {
            return Bound::LEAST;
        }
        let (a, b) = (self.extent(), other.extent());
        let digits = a.digits + b.digits;
        let zeros = (a.scale + b.scale).min(digits);
        Bound::new(digits, product(a.digits, b.digits) + product(zeros, digits))
    }

    /// The bound of [`Self::div`].
    #[must_use]
    pub fn div_bound(&self, divisor: &Self, places: i64) -> Bound {
        let few = places <= i64::from(FEW_PLACES);
        if few && self.is_slight() && divisor.is_slight() {
            return Bound::LEAST;
        }
        let (a, b) = (self.extent(), divisor.extent());
        let places = u64::try_from(places).unwrap_or(0);
        let up = (places + b.scale).saturating_sub(a.scale);
        let down = a.scale.saturating_sub(places + b.scale);
        // A divisor that would be longer than the dividend by more than a digit or two is not made.
        let (dividend, divisor) = (a.digits + up, (b.digits + down).min(a.digits.max(b.digits) + 3));
        let digits = dividend.max(divisor) + 1;
        let zeros = places.min(digits);
        let aligning = product(up.max(down).min(digits), digits);
        Bound::new(digits, aligning + product(dividend, divisor) + product(zeros, digits))
    }

    /// The bound of [`Self::remainder`].
    #[must_use]
    pub fn remainder_bound(&self, divisor: &Self) -> Bound {
        let mut bound = self.add_bound(divisor);
        if bound != Bound::LEAST {
            bound.work = bound.work.saturating_add(product(bound.digits, bound.digits));
        }
        bound
    }

    /// The bound of [`Self::round`], and with `places` 0 of [`Self::floor`], [`Self::ceil`] and
    /// [`Self::trunc`].
    #[must_use]
    pub fn round_bound(&self, places: i64) -> Bound {
        let tens = u64::try_from(places.saturating_neg()).unwrap_or(0);
        if tens <= u64::from(FEW_PLACES) && self.is_slight() {
            return Bound::LEAST;
        }
        let a = self.extent();
        let digits = a.digits.max(tens) + 1;
        Bound::new(digits, product(digits, digits).saturating_mul(2))
    }

    /// The bound of [`Self::pow`].
    #[must_use]
    pub fn pow_bound(&self, exponent: u32) -> Bound {
        if matches!(self.canonical_inline(), Some((-1..=1, 0))) {
            return Bound::LEAST;
        }
        let digits = self.extent().digits.saturating_mul(u64::from(exponent));
        // The squarings cost a third more than the last one.
        Bound::new(digits, product(digits, digits).saturating_mul(2))
    }

    /// The bound of printing or parsing the value: [`Self::to_string`], [`Self::format_places`].
    ///
    /// [`Self::to_string`]: ToString::to_string
    #[must_use]
    pub fn text_bound(&self, places: i64) -> Bound {
        let a = self.extent();
        let digits = a.digits.max(a.scale) + u64::try_from(places).unwrap_or(0) + 2;
        Bound::new(digits, product(a.digits, a.digits) + words(digits))
    }

    /// The decimal digits of the canonical coefficient, exactly; 1 for zero. Costs about as much as
    /// multiplying to a number of that length; the bounds do not need it.
    #[must_use]
    pub fn digits(&self) -> u64 {
        match (&self.0, self.canonical_inline()) {
            (_, Some((coefficient, _))) => u64::from(digits_u128(coefficient.unsigned_abs())),
            (Repr::Big(big), None) => digits_big(big.coefficient.magnitude()),
            (Repr::Inline { .. }, None) => 1,
        }
    }

    /// Where the leading digit stands: the value is below `10^p` and not below `10^(p-1)` for a `p` in
    /// the range. 1 for `5`, 0 for `0.5`.
    pub(super) fn leading_place_range(&self) -> (i64, i64) {
        let ((fewest, most), scale) = match &self.0 {
            Repr::Inline { scale, .. } => {
                let magnitude = self.small().map_or(0, |(coefficient, _)| coefficient.unsigned_abs());
                let digits = u64::from(digits_u128(magnitude));
                ((digits, digits), *scale)
            }
            Repr::Big(big) => (digits_of_bits(big.coefficient.bits()), big.scale),
        };
        // A number whose digits overflow this does not fit in memory.
        let place = |digits: u64| i64::try_from(digits).unwrap_or(i64::MAX / 4) - i64::from(scale);
        (place(fewest), place(most))
    }

    /// Inline and with few places: enough to know that an operation costs next to nothing.
    fn is_slight(&self) -> bool {
        matches!(self.0, Repr::Inline { scale, .. } if scale <= FEW_PLACES)
    }

    fn extent(&self) -> Extent {
        match (&self.0, self.canonical_inline()) {
            (_, Some((coefficient, scale))) => {
                Extent { digits: u64::from(digits_u128(coefficient.unsigned_abs())), scale: u64::from(scale) }
            }
            (Repr::Big(big), None) => {
                Extent { digits: digits_of_bits(big.coefficient.bits()).1, scale: u64::from(big.scale) }
            }
            (Repr::Inline { .. }, None) => Extent { digits: 1, scale: 0 },
        }
    }
}
