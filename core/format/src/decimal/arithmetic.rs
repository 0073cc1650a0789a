//! Exact arithmetic. Inline operands whose result fits inline never allocate.

use num_bigint::BigInt;

use super::powers::scale_up_signed;
use super::{Decimal, DecimalError, MAX_SCALE, Repr, align, multiply};

impl Decimal {
    /// The exact sum. See [`Self::add_bound`] for what it can cost.
    #[inline]
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        self.combine(other, i128::checked_add, |a, b| a + b)
    }

    /// The exact difference. See [`Self::add_bound`] for what it can cost.
    #[inline]
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.combine(other, i128::checked_sub, |a, b| a - b)
    }

    /// The exact product. See [`Self::mul_bound`] for what it can cost.
    ///
    /// # Errors
    /// [`DecimalError::ScaleTooLarge`] if the product has more than [`MAX_SCALE`] places.
    #[inline]
    pub fn mul(&self, other: &Self) -> Result<Self, DecimalError> {
        if let (Some((a, a_scale)), Some((b, b_scale))) = (self.small(), other.small())
            && a_scale + b_scale <= MAX_SCALE
            && let Some(product) = multiply(a, b)
        {
            return Ok(Self::inline(product, a_scale + b_scale));
        }
        self.mul_slowly(other)
    }

    /// The value with the other sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        if let Some((coefficient, scale)) = self.small()
            && let Some(negated) = coefficient.checked_neg()
        {
            return Self::inline(negated, scale);
        }
        let (coefficient, scale) = self.to_big_parts();
        Self::from_big_in_range(-coefficient.into_owned(), scale)
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.signum() < 0 { self.neg() } else { self.clone() }
    }

    /// What an integer division leaves, with the sign of the dividend, exactly: `a - trunc(a / b) × b`.
    /// See [`Self::remainder_bound`] for what it can cost.
    ///
    /// # Errors
    /// [`DecimalError::DivisionByZero`].
    pub fn remainder(&self, divisor: &Self) -> Result<Self, DecimalError> {
        if divisor.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        if let (Some(mine), Some(theirs)) = (self.small(), divisor.small())
            && let Some((a, b, scale)) = align(mine, theirs)
        {
            // The least i128 over -1 overflows the quotient, but leaves nothing.
            return Ok(Self::inline(a.checked_rem(b).unwrap_or(0), scale));
        }
        if self.is_zero() || self.cmp_magnitude(divisor).is_lt() {
            return Ok(self.clone());
        }
        let (a, b, scale) = self.align_big(divisor);
        Ok(Self::from_big_in_range(a % b, scale))
    }

    /// The value to an integer power, exactly; `pow(0)` is 1. See [`Self::pow_bound`] for what it can cost.
    ///
    /// # Errors
    /// [`DecimalError::ScaleTooLarge`] if the result has more than [`MAX_SCALE`] places.
    pub fn pow(&self, exponent: u32) -> Result<Self, DecimalError> {
        let (coefficient, scale) = self.to_big_parts();
        // A canonical coefficient with places has no factor of ten, so neither have its powers: this is
        // the scale of the canonical result.
        let scale = u64::from(scale) * u64::from(exponent);
        match u32::try_from(scale) {
            Ok(scale) if scale <= MAX_SCALE => Self::from_big(coefficient.pow(exponent), scale),
            _ => Err(DecimalError::ScaleTooLarge),
        }
    }

    #[inline]
    fn combine(
        &self,
        other: &Self,
        inline: impl Fn(i128, i128) -> Option<i128>,
        big: impl Fn(BigInt, BigInt) -> BigInt,
    ) -> Self {
        if let (Some(mine), Some(theirs)) = (self.small(), other.small())
            && let Some((a, b, scale)) = align(mine, theirs)
            && let Some(result) = inline(a, b)
        {
            return Self::inline(result, scale);
        }
        self.combine_slowly(other, inline, big)
    }

    #[cold]
    fn combine_slowly(
        &self,
        other: &Self,
        inline: impl Fn(i128, i128) -> Option<i128>,
        big: impl Fn(BigInt, BigInt) -> BigInt,
    ) -> Self {
        // What did not fit may fit without trailing zeros.
        if let (Some(mine), Some(theirs)) = (self.canonical_inline(), other.canonical_inline())
            && let Some((a, b, scale)) = align(mine, theirs)
            && let Some(result) = inline(a, b)
        {
            return Self::inline(result, scale);
        }
        let (a, b, scale) = self.align_big(other);
        Self::from_big_in_range(big(a, b), scale)
    }

    /// Both coefficients at the larger of the two scales. A zero is aligned with anything for free.
    fn align_big(&self, other: &Self) -> (BigInt, BigInt, u32) {
        let ((a, a_scale), (b, b_scale)) = (self.to_big_parts(), other.to_big_parts());
        let scale = a_scale.max(b_scale);
        (scale_up_signed(a, scale - a_scale), scale_up_signed(b, scale - b_scale), scale)
    }

    #[cold]
    fn mul_slowly(&self, other: &Self) -> Result<Self, DecimalError> {
        if let (Some((a, a_scale)), Some((b, b_scale))) = (self.canonical_inline(), other.canonical_inline())
            && let Some(product) = a.checked_mul(b)
        {
            return Self::from_parts(product, a_scale + b_scale);
        }
        let ((a, a_scale), (b, b_scale)) = (self.to_big_parts(), other.to_big_parts());
        Self::from_big(a.as_ref() * b.as_ref(), a_scale + b_scale)
    }

    /// The heap that the value itself holds, in bytes: 0 for an inline one. It depends on the value alone.
    #[must_use]
    pub fn byte_size(&self) -> u64 {
        match &self.0 {
            Repr::Inline { .. } => 0,
            Repr::Big(big) => size_of_val(&**big) as u64 + big.coefficient.bits().div_ceil(64) * 8,
        }
    }
}
