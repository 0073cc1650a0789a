//! Exact base-10 numbers of arbitrary precision: an integer coefficient and a number of decimal places.
//!
//! Coefficients that fit in 128 bits are held inline, so money never allocates; larger ones go to
//! [`num_bigint`]. `1.0` and `1.00` are one value: they are equal, hash alike, print alike and encode to
//! the same bytes, and [`Decimal::scale`] is that of the canonical form, which has no trailing zeros.
//!
//! Nothing here limits how large a result may grow, except that a scale never exceeds [`MAX_SCALE`].
//! A caller that runs other people's code asks for the [`Bound`] of an operation, charges and limits it,
//! and only then does the work.

mod arithmetic;
mod bounds;
mod encoding;
mod error;
mod float;
mod powers;
mod rounding;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

pub use bounds::Bound;
pub use error::{DecimalError, ParseDecimalError};
pub use rounding::RoundingMode;
pub use text::DEFAULT_MAX_DIGITS;

use powers::{power_i128, strip_zeros_big, strip_zeros_inline};

/// The most decimal places a value can have, and the furthest that rounding reaches to either side of
/// the point. It bounds what aligning two values can cost: no power of ten above `10^MAX_SCALE` is made
/// for it, which is about 415 kB.
pub const MAX_SCALE: u32 = 1_000_000;

/// An exact base-10 number, `coefficient × 10^-scale`.
///
/// Arithmetic that must not run away is bounded by the caller, see [`Bound`].
#[derive(Clone)]
pub struct Decimal(Repr);

/// Which form holds a value depends on the value alone: `Inline` exactly when the canonical coefficient
/// fits an `i128`. So a charge that depends on the form is the same before and after encoding.
#[derive(Clone)]
enum Repr {
    /// Not necessarily canonical, but zero has scale 0 and the scale is at most [`MAX_SCALE`]. The
    /// coefficient is in halves, because an `i128` would align, and so grow, the type to 32 bytes.
    Inline { scale: u32, low: u64, high: i64 },
    /// Always canonical.
    Big(Box<Big>),
}

#[derive(Clone)]
struct Big {
    coefficient: BigInt,
    scale: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Inline { scale: 0, low: 0, high: 0 });
    /// One.
    pub const ONE: Self = Self(Repr::Inline { scale: 0, low: 1, high: 0 });

    /// The integer as a decimal.
    #[must_use]
    pub const fn from_i64(value: i64) -> Self {
        Self::inline(value as i128, 0)
    }

    /// The integer as a decimal.
    #[must_use]
    pub const fn from_i128(value: i128) -> Self {
        Self::inline(value, 0)
    }

    /// `coefficient × 10^-scale`.
    ///
    /// # Errors
    /// [`DecimalError::ScaleTooLarge`] if the canonical form has more than [`MAX_SCALE`] places.
    pub fn new(coefficient: BigInt, scale: u32) -> Result<Self, DecimalError> {
        match coefficient.to_i128() {
            Some(small) => Self::from_parts(small, scale),
            None => Self::from_big(coefficient, scale),
        }
    }

    /// `coefficient × 10^-scale`; never allocates.
    ///
    /// # Errors
    /// [`DecimalError::ScaleTooLarge`] if the canonical form has more than [`MAX_SCALE`] places.
    pub fn from_parts(coefficient: i128, scale: u32) -> Result<Self, DecimalError> {
        if scale <= MAX_SCALE {
            return Ok(Self::inline(coefficient, scale));
        }
        let (coefficient, scale) = strip_zeros_inline(coefficient, scale);
        if scale > MAX_SCALE {
            Err(DecimalError::ScaleTooLarge)
        } else {
            Ok(Self::inline(coefficient, scale))
        }
    }

    /// The coefficient of the canonical form.
    #[must_use]
    pub fn coefficient(&self) -> BigInt {
        match &self.0 {
            Repr::Inline { .. } => {
                self.canonical_inline().map_or_else(BigInt::zero, |(c, _)| BigInt::from(c))
            }
            Repr::Big(big) => big.coefficient.clone(),
        }
    }

    /// The coefficient and scale as they are stored, if they are stored inline. They need not be
    /// canonical: `1.50` may answer `(150, 2)` or `(15, 1)`. Whether there is an answer depends on the
    /// value alone.
    #[inline]
    #[must_use]
    pub const fn small(&self) -> Option<(i128, u32)> {
        match self.0 {
            Repr::Inline { scale, low, high } => Some((((high as i128) << 64) | low as i128, scale)),
            Repr::Big(_) => None,
        }
    }

    /// The decimal places of the canonical form: 0 for `100`, 1 for `2.50`.
    #[must_use]
    pub fn scale(&self) -> u32 {
        match &self.0 {
            Repr::Inline { .. } => self.canonical_inline().map_or(0, |(_, scale)| scale),
            Repr::Big(big) => big.scale,
        }
    }

    /// Whether this is zero.
    #[inline]
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Inline { low: 0, high: 0, .. })
    }

    /// -1, 0 or 1.
    #[must_use]
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Inline { low: 0, high: 0, .. } => 0,
            Repr::Inline { high, .. } if *high < 0 => -1,
            Repr::Big(big) if big.coefficient.is_negative() => -1,
            Repr::Inline { .. } | Repr::Big(_) => 1,
        }
    }

    /// The same value in its canonical form, without trailing zeros in the coefficient.
    #[must_use]
    pub fn normalized(&self) -> Self {
        match self.canonical_inline() {
            Some((coefficient, scale)) => Self::inline(coefficient, scale),
            None => self.clone(),
        }
    }

    /// Whether the value is an integer.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.scale() == 0
    }

    /// The value, if it is an integer of 64 bits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match self.canonical_inline()? {
            (coefficient, 0) => i64::try_from(coefficient).ok(),
            _ => None,
        }
    }

    /// The value, if it is an integer.
    #[must_use]
    pub fn to_bigint(&self) -> Option<BigInt> {
        self.is_integer().then(|| self.coefficient())
    }

    /// The inline form; the scale must be at most [`MAX_SCALE`].
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the two halves
    const fn inline(coefficient: i128, scale: u32) -> Self {
        let scale = if coefficient == 0 { 0 } else { scale };
        Self(Repr::Inline { scale, low: coefficient as u64, high: (coefficient >> 64) as i64 })
    }

    /// Canonical coefficient and scale of a value that is stored inline.
    fn canonical_inline(&self) -> Option<(i128, u32)> {
        let (coefficient, scale) = self.small()?;
        Some(strip_zeros_inline(coefficient, scale))
    }

    /// The value of any coefficient and scale, in the form that the value demands.
    fn from_big(mut coefficient: BigInt, scale: u32) -> Result<Self, DecimalError> {
        let scale = scale - strip_zeros_big(&mut coefficient, scale);
        if coefficient.is_zero() {
            return Ok(Self::ZERO);
        }
        if scale > MAX_SCALE {
            return Err(DecimalError::ScaleTooLarge);
        }
        Ok(match coefficient.to_i128() {
            Some(small) => Self::inline(small, scale),
            None => Self(Repr::Big(Box::new(Big { coefficient, scale }))),
        })
    }

    /// As [`Self::from_big`], for a scale that is known to be in range.
    fn from_big_in_range(coefficient: BigInt, scale: u32) -> Self {
        debug_assert!(scale <= MAX_SCALE, "the scale of an operand or a checked number of places");
        Self::from_big(coefficient, scale).unwrap_or(Self::ZERO)
    }

    /// The canonical coefficient and scale, whichever form holds them.
    fn to_big_parts(&self) -> (Cow<'_, BigInt>, u32) {
        match &self.0 {
            Repr::Inline { .. } => {
                let (coefficient, scale) = self.canonical_inline().unwrap_or((0, 0));
                (Cow::Owned(BigInt::from(coefficient)), scale)
            }
            Repr::Big(big) => (Cow::Borrowed(&big.coefficient), big.scale),
        }
    }

    /// Compares absolute values; neither may be zero.
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.leading_place_range(), other.leading_place_range());
        if mine.0 > theirs.1 {
            return Ordering::Greater;
        }
        if mine.1 < theirs.0 {
            return Ordering::Less;
        }
        // The leading digits are at the same place, give or take one, so aligning at most makes the
        // shorter coefficient as long as the longer one.
        let ((a, a_scale), (b, b_scale)) = (self.to_big_parts(), other.to_big_parts());
        match a_scale.cmp(&b_scale) {
            Ordering::Equal => a.magnitude().cmp(b.magnitude()),
            Ordering::Less => powers::scale_up(a.magnitude(), b_scale - a_scale).cmp(b.magnitude()),
            Ordering::Greater => a.magnitude().cmp(&powers::scale_up(b.magnitude(), a_scale - b_scale)),
        }
    }
}

/// Brings two inline values to the larger of their scales, if both still fit.
#[inline]
fn align((a, a_scale): (i128, u32), (b, b_scale): (i128, u32)) -> Option<(i128, i128, u32)> {
    match a_scale.cmp(&b_scale) {
        Ordering::Equal => Some((a, b, a_scale)),
        Ordering::Less => Some((multiply(a, power_i128(b_scale - a_scale)?)?, b, b_scale)),
        Ordering::Greater => Some((a, multiply(b, power_i128(a_scale - b_scale)?)?, a_scale)),
    }
}

/// A checked product that is cheap where both factors fit 64 bits, which nearly all do.
#[inline]
fn multiply(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Inline { .. }, Repr::Inline { .. }) => self.cmp(other) == Ordering::Equal,
            (Repr::Big(a), Repr::Big(b)) => a.scale == b.scale && a.coefficient == b.coefficient,
            _ => false,
        }
    }
}

impl Eq for Decimal {}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(mine), Some(theirs)) = (self.small(), other.small())
            && let Some((a, b, _)) = align(mine, theirs)
        {
            return a.cmp(&b);
        }
        match (self.signum(), other.signum()) {
            (1, 1) => self.cmp_magnitude(other),
            (-1, -1) => other.cmp_magnitude(self),
            (mine, theirs) => mine.cmp(&theirs),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Inline { .. } => self.canonical_inline().hash(state),
            Repr::Big(big) => (&big.coefficient, big.scale).hash(state),
        }
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::from_i64(value)
    }
}

impl From<BigInt> for Decimal {
    fn from(value: BigInt) -> Self {
        Self::from_big_in_range(value, 0)
    }
}
