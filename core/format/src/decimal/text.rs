//! Decimals as text: `-?[0-9]+(\.[0-9]+)?`, never an exponent.

use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, BigUint, Sign};

use super::powers::power_big;
use super::rounding::checked_places;
use super::{Decimal, DecimalError, MAX_SCALE, ParseDecimalError, RoundingMode};

/// The digits that [`Decimal::parse`] accepts. Reading that many takes a few milliseconds; the time grows
/// faster than the number of digits, which is why there is a limit.
pub const DEFAULT_MAX_DIGITS: usize = 100_000;

/// Digits that surely fit 128 bits.
const INLINE_DIGITS: usize = 38;

impl Decimal {
    /// Reads a decimal of up to [`DEFAULT_MAX_DIGITS`] digits.
    ///
    /// # Errors
    /// As [`Self::parse_limited`].
    pub fn parse(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse_limited(text, DEFAULT_MAX_DIGITS)
    }

    /// Reads a decimal of the form `-?[0-9]+(\.[0-9]+)?`. Digits are counted without leading zeros of
    /// the integer part and trailing zeros of the fraction.
    ///
    /// # Errors
    /// Another form; more than `max_digits` digits; more than [`MAX_SCALE`] places.
    pub fn parse_limited(text: &str, max_digits: usize) -> Result<Self, ParseDecimalError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, fraction) = match unsigned.split_once('.') {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (unsigned, None),
        };
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(integer) || !fraction.is_none_or(is_digits) {
            return Err(syntax_error(text));
        }
        let integer = integer.trim_start_matches('0');
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        if integer.len() + fraction.len() > max_digits {
            return Err(ParseDecimalError::TooManyDigits { limit: max_digits });
        }
        let scale = u32::try_from(fraction.len()).ok().filter(|scale| *scale <= MAX_SCALE);
        let scale = scale.ok_or(ParseDecimalError::ScaleTooLarge)?;

        if integer.len() + fraction.len() <= INLINE_DIGITS {
            let digits = integer.bytes().chain(fraction.bytes());
            let magnitude = digits.fold(0_i128, |number, digit| number * 10 + i128::from(digit - b'0'));
            return Ok(Self::inline(if negative { -magnitude } else { magnitude }, scale));
        }
        let digits = [integer.as_bytes(), fraction.as_bytes()].concat();
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Ok(Self::from_big_in_range(BigInt::from_biguint(sign, parse_digits(&digits)), scale))
    }

    /// The value with exactly `places` places, `2.50` for 2.5 and 2; never a negative zero.
    ///
    /// # Errors
    /// [`DecimalError::PlacesOutOfRange`] unless `places` is 0 to [`MAX_SCALE`].
    pub fn format_places(&self, places: i64, mode: RoundingMode) -> Result<String, DecimalError> {
        let places = checked_places(places, 0)?;
        let mut text = self.round_checked(places, mode).to_string();
        let wanted = places.unsigned_abs() as usize;
        let present = match text.find('.') {
            Some(point) => text.len() - point - 1,
            None => {
                if wanted > 0 {
                    text.push('.');
                }
                0
            }
        };
        text.extend(std::iter::repeat_n('0', wanted.saturating_sub(present)));
        Ok(text)
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The canonical form in plain notation. Width and fill of the formatter are obeyed, its precision is
/// not: see [`Decimal::format_places`].
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let negative = self.signum() < 0;
        let (digits, scale) = match self.canonical_inline() {
            Some((coefficient, scale)) => (coefficient.unsigned_abs().to_string(), scale as usize),
            None => {
                let (coefficient, scale) = self.to_big_parts();
                (coefficient.magnitude().to_str_radix(10), scale as usize)
            }
        };
        if scale == 0 {
            return formatter.pad_integral(!negative, "", &digits);
        }
        let text = match digits.len().checked_sub(scale) {
            None | Some(0) => format!("0.{}{digits}", "0".repeat(scale - digits.len())),
            Some(point) => {
                let (integer, fraction) = digits.split_at(point);
                format!("{integer}.{fraction}")
            }
        };
        formatter.pad_integral(!negative, "", &text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Decimal({self})")
    }
}

/// Reads ASCII digits by halves, which multiplies long numbers with long ones and so profits from fast
/// multiplication. The recursion is as deep as the logarithm of the length.
fn parse_digits(digits: &[u8]) -> BigUint {
    if digits.len() <= 32 * INLINE_DIGITS {
        return digits.chunks(INLINE_DIGITS).fold(BigUint::ZERO, |number, chunk| {
            let value = chunk.iter().fold(0_u128, |value, digit| value * 10 + u128::from(digit - b'0'));
            number * power_u128_of(chunk.len()) + value
        });
    }
    let low_digits = digits.len() / 2;
    let (high, low) = digits.split_at(digits.len() - low_digits);
    let power = power_big(u32::try_from(low_digits).unwrap_or(u32::MAX));
    parse_digits(high) * power + parse_digits(low)
}

fn power_u128_of(digits: usize) -> u128 {
    10_u128.pow(u32::try_from(digits).unwrap_or(0))
}

fn syntax_error(text: &str) -> ParseDecimalError {
    const SHOWN: usize = 40;
    let mut found: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        found.push('…');
    }
    let help = if text.starts_with('+') {
        Some("leave out the `+`")
    } else if text.contains('_') || text.contains(',') {
        Some("write the digits without separators and a `.` as the decimal point")
    } else if text.contains(['e', 'E']) {
        Some("write out all digits; exponents are not decimals")
    } else if text.starts_with('.') || text.starts_with("-.") || text.ends_with('.') {
        Some("write at least one digit on each side of the `.`")
    } else if text.trim() != text {
        Some("leave out the spaces")
    } else {
        None
    };
    ParseDecimalError::Syntax { found, help }
}
