//! Built-ins on decimals. Each asks for the bound of its work, which is charged and limited first.

use anrf_format::builtin::Builtin;
use anrf_format::decimal::{Decimal, RoundingMode};
use anrf_format::types::TypeId;

use super::Context;
use super::number::pay;
use crate::arena::{decimal_slot, inline_decimal};
use crate::stop::{Limit, Stop};

/// Places that `round` and `quantize` accept, to either side of the point; `div` and `format` from 0 on.
pub(super) const MOST_PLACES: i64 = 1000;

/// `round`, `quantize`.
pub(super) fn round(context: &mut Context<'_>, a: u64, places: u64, mode: u64) -> Result<u64, Stop> {
    let places = places.cast_signed().clamp(-MOST_PLACES, MOST_PLACES);
    if inline_decimal(a).is_some_and(|(_, scale)| i64::from(scale) <= places) {
        return Ok(a);
    }
    let x = context.arena.decimal(a);
    pay(context, x.round_bound(places))?;
    let rounded = x.round(places, mode_of(mode)).unwrap_or_default();
    context.arena.new_decimal(&rounded)
}

/// `div`; 0 where it is not defined.
pub(super) fn divide(context: &mut Context<'_>, [a, b, places, mode]: [u64; 4]) -> Result<u64, Stop> {
    let places = places.cast_signed().clamp(0, MOST_PLACES);
    let (x, y) = (context.arena.decimal(a), context.arena.decimal(b));
    pay(context, x.div_bound(&y, places))?;
    let quotient = x.div(&y, places, mode_of(mode)).unwrap_or_default();
    context.arena.new_decimal(&quotient)
}

/// `floor`, `ceil`.
pub(super) fn whole(context: &mut Context<'_>, builtin: Builtin, a: u64) -> Result<u64, Stop> {
    if inline_decimal(a).is_some_and(|(_, scale)| scale == 0) {
        return Ok(a);
    }
    let x = context.arena.decimal(a);
    pay(context, x.round_bound(0))?;
    let result = if builtin == Builtin::Floor { x.floor() } else { x.ceil() };
    context.arena.new_decimal(&result)
}

/// `pow`.
pub(super) fn power(context: &mut Context<'_>, a: u64, exponent: u64) -> Result<u64, Stop> {
    let x = context.arena.decimal(a);
    let exponent = exponent.cast_signed().max(0);
    // Powers of 0, 1 and -1 are those of their exponent's evenness; all others do not fit any memory.
    let exponent = match u32::try_from(exponent) {
        Ok(exponent) => exponent,
        Err(_) if x.is_integer() && x.to_i64().is_some_and(|x| (-1..=1).contains(&x)) => {
            u32::from(exponent % 2 != 0) + 2
        }
        Err(_) => return Err(Stop::Limit(Limit::Memory)),
    };
    pay(context, x.pow_bound(exponent))?;
    let result = x.pow(exponent).map_err(|_| Stop::Limit(Limit::Memory))?;
    context.arena.new_decimal(&result)
}

/// `ABS`.
pub(super) fn absolute(context: &mut Context<'_>, a: u64) -> Result<u64, Stop> {
    if let Some((coefficient, scale)) = inline_decimal(a)
        && let Some(slot) = decimal_slot(coefficient.abs(), scale)
    {
        return Ok(slot);
    }
    let x = context.arena.decimal(a);
    if x.signum() < 0 { super::negate(context, TypeId::DECIMAL, a) } else { Ok(a) }
}

/// `format`: the text.
pub(super) fn format(context: &mut Context<'_>, a: u64, places: u64) -> Result<u64, Stop> {
    let places = places.cast_signed().clamp(0, MOST_PLACES);
    let x = context.arena.decimal(a);
    pay(context, x.round_bound(places))?;
    pay(context, x.text_bound(places))?;
    let text = x.format_places(places, RoundingMode::HalfEven).unwrap_or_default();
    context.arena.new_text(&text)
}

/// The canonical text.
pub(super) fn text(context: &mut Context<'_>, a: u64) -> Result<String, Stop> {
    let x = context.arena.decimal(a);
    pay(context, x.text_bound(0))?;
    Ok(x.to_string())
}

/// `parse_decimal`.
pub(super) fn parse(context: &mut Context<'_>, text: u64) -> Result<Option<u64>, Stop> {
    let octets = context.arena.octets(text);
    if octets.len() <= 17
        && let Some(slot) = parse_short(octets)
    {
        return Ok(Some(slot));
    }
    // As multiplying numbers of that length, which reading by halves does.
    let words = octets.len().div_ceil(19);
    context.reserve((words as u64).saturating_mul(16 * 8))?;
    let work = super::number::product_work(words, words);
    context.charge(super::units_of_slots(work) + super::units_of_bytes(octets.len()))?;
    match Decimal::parse_limited(context.arena.text(text), usize::MAX) {
        Ok(value) => context.arena.new_decimal(&value).map(Some),
        Err(_) => Ok(None),
    }
}

/// A text of so few digits that they fit one slot; `None` also for those that are none.
fn parse_short(octets: &[u8]) -> Option<u64> {
    let (negative, digits) = match octets {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let point = digits.iter().position(|octet| *octet == b'.');
    let (whole, fraction) = match point {
        Some(point) => (&digits[..point], digits.get(point + 1..)?),
        None => (digits, &digits[..0]),
    };
    if whole.is_empty() || (point.is_some() && fraction.is_empty()) {
        return None;
    }
    let mut coefficient = 0_i64;
    for digit in whole.iter().chain(fraction) {
        let digit = i64::from(digit.checked_sub(b'0').filter(|digit| *digit <= 9)?);
        coefficient = coefficient.checked_mul(10)?.checked_add(digit)?;
    }
    decimal_slot(if negative { -coefficient } else { coefficient }, u32::try_from(fraction.len()).ok()?)
}

/// `integer(x)` of a decimal: the nearest bound outside 64 bits.
pub(super) fn to_integer(context: &mut Context<'_>, a: u64) -> Result<u64, Stop> {
    let x = context.arena.decimal(a);
    pay(context, x.round_bound(0))?;
    let nearest = if x.signum() < 0 { i64::MIN } else { i64::MAX };
    Ok(x.trunc().to_i64().unwrap_or(nearest).cast_unsigned())
}

/// Whether the integer part fits 64 bits, without making it.
pub(super) fn fits_integer(x: &Decimal) -> bool {
    let limit = Decimal::from_i128(1 << 63);
    *x < limit && *x > limit.neg().sub(&Decimal::ONE)
}

/// `decimal(x)` of a float; 0 if it is not finite.
pub(super) fn from_float(context: &mut Context<'_>, a: u64) -> Result<u64, Stop> {
    let value = Decimal::from_f64(f64::from_bits(a)).unwrap_or_default();
    context.arena.new_decimal(&value)
}

/// `float(x)` of a decimal.
pub(super) fn to_float(context: &mut Context<'_>, a: u64) -> Result<u64, Stop> {
    let x = context.arena.decimal(a);
    pay(context, x.text_bound(0))?;
    Ok(x.to_f64().to_bits())
}

/// The rounding mode of an enum's symbol; the symbols stand in the order of the modes.
fn mode_of(symbol: u64) -> RoundingMode {
    let index = usize::try_from(symbol).unwrap_or(0);
    RoundingMode::ALL.get(index).copied().unwrap_or(RoundingMode::HalfEven)
}
