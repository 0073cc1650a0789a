//! Division and rounding. Each divides two magnitudes once and rounds once, so every result is the
//! correctly rounded one.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Zero};

use super::powers::{power_big, power_i128, power_u128, scale_up};
use super::{Decimal, DecimalError, MAX_SCALE};

/// What happens to digits that are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoundingMode {
    /// To the nearest, ties to the even neighbour.
    HalfEven,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// To the nearest, ties toward zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
    /// Toward positive infinity.
    Ceiling,
    /// Toward negative infinity.
    Floor,
}

/// What a division leaves, as a part of the divisor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    BelowHalf,
    Half,
    AboveHalf,
}

impl RoundingMode {
    /// All modes, in the order of the language reference.
    pub const ALL: [Self; 7] =
        [Self::HalfEven, Self::HalfUp, Self::HalfDown, Self::Up, Self::Down, Self::Ceiling, Self::Floor];

    /// The language's spelling, such as `HALF_EVEN`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfEven => "HALF_EVEN",
            Self::HalfUp => "HALF_UP",
            Self::HalfDown => "HALF_DOWN",
            Self::Up => "UP",
            Self::Down => "DOWN",
            Self::Ceiling => "CEILING",
            Self::Floor => "FLOOR",
        }
    }

    /// The mode of that name, in the language's spelling only.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether the magnitude of a truncated quotient goes up by one.
    fn goes_up(self, negative: bool, odd: bool, rest: Rest) -> bool {
        if rest == Rest::Nothing {
            return false;
        }
        match self {
            Self::HalfEven => rest == Rest::AboveHalf || rest == Rest::Half && odd,
            Self::HalfUp => rest != Rest::BelowHalf,
            Self::HalfDown => rest == Rest::AboveHalf,
            Self::Up => true,
            Self::Down => false,
            Self::Ceiling => !negative,
            Self::Floor => negative,
        }
    }
}

impl std::fmt::Display for RoundingMode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Decimal {
    /// The quotient, correctly rounded to at most `places` places. See [`Self::div_bound`] for what it
    /// can cost.
    ///
    /// # Errors
    /// [`DecimalError::DivisionByZero`]; [`DecimalError::PlacesOutOfRange`] unless `places` is 0 to
    /// [`MAX_SCALE`]. The places are looked at first.
    pub fn div(&self, divisor: &Self, places: i64, mode: RoundingMode) -> Result<Self, DecimalError> {
        let places = checked_places(places, 0)?;
        if divisor.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        let negative = (self.signum() < 0) != (divisor.signum() < 0);
        if let Some(quotient) = self.div_inline(divisor, places)
            && let Some(result) = quotient.round(negative, mode).and_then(|units| with_sign(units, negative))
        {
            return Ok(Self::inline(result, places.unsigned_abs()));
        }
        let (most, least) = (self.leading_place_range().1, divisor.leading_place_range().0);
        if self.is_zero() || most - least + 1 + i64::from(places) < 0 {
            return Ok(self.below_half_unit(negative, places, mode));
        }
        let ((a, a_scale), (b, b_scale)) = (self.to_big_parts(), divisor.to_big_parts());
        let up = (u64::from(places.unsigned_abs()) + u64::from(b_scale)).checked_sub(u64::from(a_scale));
        let units = match up {
            Some(up) => divide(&(a.magnitude() * power_of(up)), b.magnitude(), negative, mode),
            None => {
                let down = a_scale - b_scale - places.unsigned_abs();
                divide(a.magnitude(), &scale_up(b.magnitude(), down), negative, mode)
            }
        };
        Ok(from_units(units, negative, places))
    }

    /// The value with at most `places` places; a negative number rounds to tens, hundreds and so on.
    /// See [`Self::round_bound`] for what it can cost.
    ///
    /// # Errors
    /// [`DecimalError::PlacesOutOfRange`] unless `places` is within [`MAX_SCALE`] of 0.
    pub fn round(&self, places: i64, mode: RoundingMode) -> Result<Self, DecimalError> {
        Ok(self.round_checked(checked_places(places, -i64::from(MAX_SCALE))?, mode))
    }

    /// The integer part, toward zero.
    #[must_use]
    pub fn trunc(&self) -> Self {
        self.round_checked(0, RoundingMode::Down)
    }

    /// The greatest integer that is not above the value.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.round_checked(0, RoundingMode::Floor)
    }

    /// The least integer that is not below the value.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.round_checked(0, RoundingMode::Ceiling)
    }

    /// As [`Self::round`], for places within [`MAX_SCALE`] of 0.
    pub(super) fn round_checked(&self, places: i32, mode: RoundingMode) -> Self {
        let negative = self.signum() < 0;
        if let Some((coefficient, scale)) = self.small() {
            let Some(dropped) = dropped_places(scale, places) else { return self.clone() };
            if let Some(divisor) = power_u128(dropped) {
                let quotient = Quotient::of(coefficient.unsigned_abs(), divisor);
                let units = quotient.round(negative, mode).and_then(|units| with_sign(units, negative));
                if let Some(units) = units {
                    let kept = u32::try_from(places).unwrap_or(0);
                    let tens = if places < 0 { power_i128(places.unsigned_abs()) } else { Some(1) };
                    if let Some(result) = tens.and_then(|tens| units.checked_mul(tens)) {
                        return Self::inline(result, kept);
                    }
                }
            }
        }
        let (coefficient, scale) = self.to_big_parts();
        let Some(dropped) = dropped_places(scale, places) else { return self.clone() };
        if self.leading_place_range().1 + i64::from(places) < 0 {
            return self.below_half_unit(negative, places, mode);
        }
        from_units(divide(coefficient.magnitude(), &power_big(dropped), negative, mode), negative, places)
    }

    /// What a value or quotient below a half of `10^-places` rounds to; it is zero if the value is.
    fn below_half_unit(&self, negative: bool, places: i32, mode: RoundingMode) -> Self {
        let rest = if self.is_zero() { Rest::Nothing } else { Rest::BelowHalf };
        let units = if mode.goes_up(negative, false, rest) { BigUint::one() } else { BigUint::zero() };
        from_units(units, negative, places)
    }

    /// The quotient in units of `10^-places`, if its operands fit 128 bits when aligned.
    fn div_inline(&self, divisor: &Self, places: i32) -> Option<Quotient> {
        let ((a, a_scale), (b, b_scale)) = (self.small()?, divisor.small()?);
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        // Scales and places are far below 2^30.
        let up = i64::from(places) + i64::from(b_scale) - i64::from(a_scale);
        let power = power_u128(u32::try_from(up.unsigned_abs()).ok()?)?;
        Some(if up >= 0 {
            Quotient::of(a.checked_mul(power)?, b)
        } else {
            Quotient::of(a, b.checked_mul(power)?)
        })
    }
}

/// A truncated quotient and what is left.
struct Quotient {
    quotient: u128,
    rest: Rest,
}

impl Quotient {
    /// The divisor must not be zero.
    fn of(dividend: u128, divisor: u128) -> Self {
        let (quotient, remainder) = match (u64::try_from(dividend), u64::try_from(divisor)) {
            (Ok(dividend), Ok(divisor)) => (u128::from(dividend / divisor), u128::from(dividend % divisor)),
            _ => (dividend / divisor, dividend % divisor),
        };
        Self { quotient, rest: rest(&remainder, &(divisor - remainder)) }
    }

    fn round(&self, negative: bool, mode: RoundingMode) -> Option<u128> {
        self.quotient.checked_add(u128::from(mode.goes_up(negative, self.quotient & 1 == 1, self.rest)))
    }
}

/// The quotient of two magnitudes, rounded; the divisor must not be zero.
fn divide(dividend: &BigUint, divisor: &BigUint, negative: bool, mode: RoundingMode) -> BigUint {
    let (quotient, remainder) = dividend.div_rem(divisor);
    let missing = divisor - &remainder;
    match mode.goes_up(negative, quotient.is_odd(), rest(&remainder, &missing)) {
        true => quotient + 1_u8,
        false => quotient,
    }
}

/// Judges a remainder by what it lacks to the divisor: doubling it could overflow.
fn rest<T: Ord + Zero>(remainder: &T, missing: &T) -> Rest {
    match remainder.cmp(missing) {
        _ if remainder.is_zero() => Rest::Nothing,
        Ordering::Less => Rest::BelowHalf,
        Ordering::Equal => Rest::Half,
        Ordering::Greater => Rest::AboveHalf,
    }
}

/// `±units × 10^-places`.
fn from_units(units: BigUint, negative: bool, places: i32) -> Decimal {
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    match u32::try_from(places) {
        Ok(scale) => Decimal::from_big_in_range(BigInt::from_biguint(sign, units), scale),
        Err(_) => {
            let integer = scale_up(&units, places.unsigned_abs());
            Decimal::from_big_in_range(BigInt::from_biguint(sign, integer), 0)
        }
    }
}

fn with_sign(magnitude: u128, negative: bool) -> Option<i128> {
    let value = i128::try_from(magnitude).ok()?;
    Some(if negative { -value } else { value })
}

/// How many digits go when a scale is rounded to so many places; `None` if it has no more than that.
fn dropped_places(scale: u32, places: i32) -> Option<u32> {
    let dropped = i64::from(scale) - i64::from(places);
    u32::try_from(dropped).ok().filter(|dropped| *dropped > 0)
}

pub(super) fn checked_places(places: i64, least: i64) -> Result<i32, DecimalError> {
    match i32::try_from(places) {
        Ok(small) if (least..=i64::from(MAX_SCALE)).contains(&places) => Ok(small),
        _ => Err(DecimalError::PlacesOutOfRange { places, least }),
    }
}

/// `10^exponent` for the sum of a scale and a number of places.
fn power_of(exponent: u64) -> BigUint {
    power_big(u32::try_from(exponent).unwrap_or(2 * MAX_SCALE))
}
