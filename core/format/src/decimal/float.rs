//! Conversion from and to binary floating point.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::Decimal;
use super::powers::power_big;

/// Powers of ten that binary64 holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Bits of the mantissa, with the one that is not stored.
const PRECISION: i64 = 53;
/// The exponent of the least bit of the least number.
const LEAST_EXPONENT: i64 = -1074;

impl Decimal {
    /// The exact value of a binary number: `0.1` becomes `0.1000000000000000055511151231257827…`. `None`
    /// for infinities and NaN; both zeros become zero. The result has at most 1,074 places.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let stored_exponent = i64::try_from((bits >> 52) & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match stored_exponent {
            0 => (fraction, LEAST_EXPONENT),
            _ => (fraction | 1 << 52, stored_exponent - 1 + LEAST_EXPONENT),
        };
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        let (mantissa, exponent) =
            (mantissa >> mantissa.trailing_zeros(), exponent + i64::from(mantissa.trailing_zeros()));
        let shift = u32::try_from(exponent.unsigned_abs()).ok()?;
        let sign = if value < 0.0 { Sign::Minus } else { Sign::Plus };
        // m / 2^k = m × 5^k / 10^k
        let (magnitude, scale) = match exponent {
            0.. => (BigUint::from(mantissa) << shift, 0),
            _ => (BigUint::from(mantissa) * BigUint::from(5_u8).pow(shift), shift),
        };
        Some(Self::from_big_in_range(BigInt::from_biguint(sign, magnitude), scale))
    }

    /// The nearest binary number, ties to even. Values that are too large become an infinity, values
    /// that are too small a zero of their sign, as IEEE 754 rounds them.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        if let Some((coefficient, scale)) = self.small()
            && let Some(power) = EXACT_POWERS.get(scale as usize)
            && coefficient.unsigned_abs() <= 1 << PRECISION
        {
            // Both are exact, so the one division rounds correctly (Clinger 1990).
            #[allow(clippy::cast_precision_loss)]
            return coefficient as f64 / power;
        }
        let magnitude = self.magnitude_to_f64();
        if self.signum() < 0 { -magnitude } else { magnitude }
    }

    fn magnitude_to_f64(&self) -> f64 {
        let (lowest, highest) = self.leading_place_range();
        if lowest > 310 {
            return f64::INFINITY;
        }
        if highest < -330 {
            return 0.0;
        }
        let (coefficient, scale) = self.to_big_parts();
        let (numerator, denominator) = (coefficient.magnitude(), power_big(scale));
        // A quotient of 65 to 67 bits, and whether anything is below it, decide the rounding.
        let shift = 66 + signed(denominator.bits()) - signed(numerator.bits());
        let (quotient, remainder) = if shift >= 0 {
            (numerator << shift.unsigned_abs()).div_rem(&denominator)
        } else {
            numerator.div_rem(&(denominator << shift.unsigned_abs()))
        };
        let sticky = u128::from(!remainder.is_zero());
        // Two more bits, so that the sticky one is below all that count.
        quotient.to_u128().map_or(f64::INFINITY, |quotient| nearest((quotient << 2) | sticky, -shift - 2))
    }
}

fn signed(bits: u64) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX / 4)
}

/// The binary64 number nearest to `significand × 2^exponent`, ties to even; the significand is longer
/// than 54 bits.
fn nearest(significand: u128, exponent: i64) -> f64 {
    let bits = i64::from(128 - significand.leading_zeros());
    // The exponent of the last bit that is kept; subnormal numbers keep fewer.
    let unit = (exponent + bits - PRECISION).max(LEAST_EXPONENT);
    let dropped = u32::try_from(unit - exponent).unwrap_or(u32::MAX);
    let kept = significand.checked_shr(dropped).unwrap_or(0);
    let rest = significand - kept.checked_shl(dropped).unwrap_or(0);
    let half = 1_u128.checked_shl(dropped.saturating_sub(1)).unwrap_or(u128::MAX);
    let rounded = kept + u128::from(rest > half || rest == half && kept & 1 == 1);
    // A stored exponent of 0 and of 1 have the same unit. A carry out of the mantissa makes the
    // exponent one more, which is right, up to the infinity.
    let stored = u64::try_from(unit - LEAST_EXPONENT).unwrap_or(u64::MAX);
    if stored > 2045 {
        return f64::INFINITY;
    }
    let rounded = u64::try_from(rounded).unwrap_or(0);
    f64::from_bits((stored << 52) + rounded)
}
