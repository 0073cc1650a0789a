//! Powers of ten, and taking factors of ten out of numbers.

use std::borrow::Cow;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::Zero;

/// `10^0 ..= 10^38`, all that fit 128 bits.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// `10^exponent` as an unsigned number, if it fits.
#[inline]
pub(super) fn power_u128(exponent: u32) -> Option<u128> {
    POWERS.get(exponent as usize).copied()
}

/// `10^exponent` as a signed number, if it fits; the table's last entry is below `2^127` too.
#[inline]
#[allow(clippy::cast_possible_wrap)] // 10^38 < 2^127
pub(super) fn power_i128(exponent: u32) -> Option<i128> {
    power_u128(exponent).map(|power| power as i128)
}

/// `10^exponent`. Beyond the table it is `5^exponent` by squaring, then a shift: that multiplies numbers
/// of three quarters of the length.
pub(super) fn power_big(exponent: u32) -> BigUint {
    match power_u128(exponent) {
        Some(power) => BigUint::from(power),
        None => BigUint::from(5_u8).pow(exponent) << exponent,
    }
}

/// `magnitude × 10^places`.
pub(super) fn scale_up(magnitude: &BigUint, places: u32) -> BigUint {
    if places == 0 || magnitude.is_zero() { magnitude.clone() } else { magnitude * power_big(places) }
}

/// `number × 10^places`.
pub(super) fn scale_up_signed(number: Cow<'_, BigInt>, places: u32) -> BigInt {
    if places == 0 {
        return number.into_owned();
    }
    BigInt::from_biguint(number.sign(), scale_up(number.magnitude(), places))
}

/// The number of decimal digits; 1 for zero.
#[inline]
pub(super) fn digits_u128(number: u128) -> u32 {
    number.checked_ilog10().map_or(1, |log| log + 1)
}

/// The fewest and the most decimal digits that a number of so many bits has. They differ by at most 1.
pub(super) fn digits_of_bits(bits: u64) -> (u64, u64) {
    // log10(2) = 0.301029995663981195 2…, down for the fewest and up for the most.
    const DOWN: u128 = 301_029_995_663_981_195;
    let scaled =
        |bits: u64, log: u128| u64::try_from(u128::from(bits) * log / 10_u128.pow(18)).unwrap_or(u64::MAX);
    if bits == 0 { (1, 1) } else { (scaled(bits - 1, DOWN) + 1, scaled(bits, DOWN + 1) + 1) }
}

/// The exact number of decimal digits; 1 for zero.
pub(super) fn digits_big(number: &BigUint) -> u64 {
    let (fewest, most) = digits_of_bits(number.bits());
    let boundary = u32::try_from(fewest).map(power_big);
    match boundary {
        Ok(boundary) if fewest < most && *number >= boundary => most,
        _ => fewest,
    }
}

/// Takes trailing decimal zeros off, at most `scale`; zero becomes `(0, 0)`.
#[inline]
pub(super) fn strip_zeros_inline(coefficient: i128, scale: u32) -> (i128, u32) {
    // A multiple of ten is even: this decides half of all cases at once.
    if scale == 0 || coefficient & 1 == 1 {
        return (coefficient, scale);
    }
    if coefficient == 0 {
        return (0, 0);
    }
    match i64::try_from(coefficient) {
        Ok(mut short) => {
            let mut scale = scale;
            while scale > 0 && short % 10 == 0 {
                short /= 10;
                scale -= 1;
            }
            (i128::from(short), scale)
        }
        Err(_) => strip_zeros_wide(coefficient, scale),
    }
}

/// By binary steps, since 128-bit division is slow.
fn strip_zeros_wide(mut coefficient: i128, mut scale: u32) -> (i128, u32) {
    for step in [32, 16, 8, 4, 2, 1] {
        let Some(power) = power_i128(step) else { continue };
        if scale >= step && coefficient % power == 0 {
            coefficient /= power;
            scale -= step;
        }
    }
    (coefficient, scale)
}

/// Takes trailing decimal zeros off, at most `limit`, and answers how many. Linear in the usual case that
/// there is none; with `k` zeros about the cost of one division by `10^k`.
pub(super) fn strip_zeros_big(number: &mut BigInt, limit: u32) -> u32 {
    let Some(twos) = number.trailing_zeros() else { return 0 };
    let limit = limit.min(u32::try_from(twos).unwrap_or(u32::MAX));
    if limit == 0 || !(&*number % 10_u32).is_zero() {
        return 0;
    }
    let (sign, mut magnitude) = std::mem::take(number).into_parts();
    let mut stripped = 0;
    let mut strip = |step: u32, power: &BigUint| {
        if step > limit - stripped {
            return false;
        }
        let (quotient, remainder) = magnitude.div_rem(power);
        if remainder.is_zero() {
            (magnitude, stripped) = (quotient, stripped + step);
        }
        remainder.is_zero()
    };
    // Up by squared powers as long as they divide, then down again.
    let mut powers: Vec<(u32, BigUint)> = [1, 2, 4, 8, 16].map(|step| (step, power_big(step))).into();
    while let Some((step, power)) = powers.last()
        && strip(*step, power)
    {
        let next = (step * 2, power * power);
        powers.push(next);
    }
    for (step, power) in powers.iter().rev().skip(1) {
        strip(*step, power);
    }
    *number = BigInt::from_biguint(sign, magnitude);
    stripped
}
