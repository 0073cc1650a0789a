//! Arithmetic on decimals and unbounded integers. The inline fast paths are the interpreter's too.

use std::cmp::Ordering;

use anrf_format::decimal::Bound;
use anrf_format::execution::{Arithmetic, FaultKind};
use anrf_format::types::TypeId;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::Zero as _;

use super::{Context, units_of_slots};
use crate::arena::{SLOT_BYTES, decimal_slot, inline_decimal, inline_unbounded, unbounded_slot};
use crate::stop::{Limit, Stop};

/// `a op b` on decimals (no `/`) or unbounded integers; a zero divisor gives 0.
///
/// # Errors
/// Limits.
pub(crate) fn arithmetic(
    context: &mut Context<'_>,
    operator: Arithmetic,
    type_id: TypeId,
    a: u64,
    b: u64,
) -> Result<u64, Stop> {
    if type_id == TypeId::DECIMAL {
        decimal(context, operator, a, b)
    } else {
        unbounded(context, operator, a, b)
    }
}

fn decimal(context: &mut Context<'_>, operator: Arithmetic, a: u64, b: u64) -> Result<u64, Stop> {
    if let Some(slot) = inline_decimals(operator, a, b) {
        return Ok(slot);
    }
    let (x, y) = (context.arena.decimal(a), context.arena.decimal(b));
    pay(
        context,
        match operator {
            Arithmetic::Add | Arithmetic::Subtract => x.add_bound(&y),
            Arithmetic::Multiply => x.mul_bound(&y),
            Arithmetic::Divide | Arithmetic::Remainder => x.remainder_bound(&y),
        },
    )?;
    let result = match operator {
        Arithmetic::Add => x.add(&y),
        Arithmetic::Subtract => x.sub(&y),
        Arithmetic::Multiply => x.mul(&y).map_err(|_| Stop::Limit(Limit::Memory))?,
        Arithmetic::Divide | Arithmetic::Remainder => x.remainder(&y).unwrap_or_default(),
    };
    context.arena.new_decimal(&result)
}

/// Decimals in one word each, with a result in one word.
#[inline]
fn inline_decimals(operator: Arithmetic, a: u64, b: u64) -> Option<u64> {
    let (mine, theirs) = (inline_decimal(a)?, inline_decimal(b)?);
    if operator == Arithmetic::Multiply {
        return decimal_slot(mine.0.checked_mul(theirs.0)?, mine.1 + theirs.1);
    }
    let (x, y, scale) = align(mine, theirs)?;
    let result = match operator {
        Arithmetic::Add => x.checked_add(y)?,
        Arithmetic::Subtract => x.checked_sub(y)?,
        _ if y == 0 => 0,
        _ => x.wrapping_rem(y),
    };
    decimal_slot(result, scale)
}

/// Both coefficients at the larger of the two scales.
#[inline]
fn align(a: (i64, u32), b: (i64, u32)) -> Option<(i64, i64, u32)> {
    match a.1.cmp(&b.1) {
        Ordering::Equal => Some((a.0, b.0, a.1)),
        Ordering::Less => Some((a.0.checked_mul(power(b.1 - a.1)?)?, b.0, b.1)),
        Ordering::Greater => Some((a.0, b.0.checked_mul(power(a.1 - b.1)?)?, a.1)),
    }
}

/// `10^exponent`, if it fits.
#[inline]
fn power(exponent: u32) -> Option<i64> {
    const POWERS: [i64; 19] = {
        let mut powers = [1; 19];
        let mut index = 1;
        while index < powers.len() {
            powers[index] = powers[index - 1] * 10;
            index += 1;
        }
        powers
    };
    POWERS.get(exponent as usize).copied()
}

/// Charges and limits what an operation on decimals can cost, before it is done. Nothing for numbers that
/// fit 128 bits, so money costs what its instructions cost.
pub(crate) fn pay(context: &mut Context<'_>, bound: Bound) -> Result<(), Stop> {
    if bound == Bound::LEAST {
        return Ok(());
    }
    if bound.bytes() > context.arena.free_bytes() {
        return Err(Stop::Limit(Limit::Memory));
    }
    context.charge(bound.work.div_ceil(8))
}

fn unbounded(context: &mut Context<'_>, operator: Arithmetic, a: u64, b: u64) -> Result<u64, Stop> {
    if let (Some(x), Some(y)) = (inline_unbounded(a), inline_unbounded(b)) {
        // Both have 63 bits, so sums and quotients have 64.
        let small = match operator {
            Arithmetic::Add => Some(x + y),
            Arithmetic::Subtract => Some(x - y),
            Arithmetic::Multiply => x.checked_mul(y),
            Arithmetic::Divide => Some(x.checked_div(y).unwrap_or(0)),
            Arithmetic::Remainder => Some(x.checked_rem(y).unwrap_or(0)),
        };
        if let Some(value) = small {
            return match unbounded_slot(value) {
                Some(slot) => Ok(slot),
                None => context.arena.widen(value),
            };
        }
    }
    let (x, y) = (context.arena.unbounded(a), context.arena.unbounded(b));
    let (mine, theirs) = (limbs(&x), limbs(&y));
    let work = match operator {
        Arithmetic::Add | Arithmetic::Subtract => mine.max(theirs) + 1,
        _ => product_work(mine, theirs),
    };
    limit_limbs(context, mine.saturating_add(theirs) + 1)?;
    context.charge(units_of_slots(work))?;
    let result = match operator {
        Arithmetic::Add => x + y,
        Arithmetic::Subtract => x - y,
        Arithmetic::Multiply => x * y,
        _ if y.is_zero() => y,
        Arithmetic::Divide => x.div_rem(&y).0,
        Arithmetic::Remainder => x.div_rem(&y).1,
    };
    context.arena.new_unbounded(&result)
}

/// 64-bit words of an unbounded integer.
pub(super) fn limbs(value: &BigInt) -> usize {
    usize::try_from(value.bits().div_ceil(64)).unwrap_or(usize::MAX)
}

/// Makes sure that a result of so many words, and as much again to work in, fits under the cap.
pub(super) fn limit_limbs(context: &Context<'_>, limbs: usize) -> Result<(), Stop> {
    context.reserve((limbs as u64).saturating_mul(2 * SLOT_BYTES as u64))
}

/// Steps of multiplying or dividing numbers of so many words: word by word if one is short, else growing as
/// the power 3/2 (see `Bound` of decimals).
pub(super) fn product_work(a: usize, b: usize) -> usize {
    let (long, short) = if a < b { (b, a) } else { (a, b) };
    long.saturating_mul(short.min(short.isqrt().saturating_mul(8)))
}

/// `-a` on decimals or unbounded integers.
///
/// # Errors
/// Limits.
pub(crate) fn negate(context: &mut Context<'_>, type_id: TypeId, a: u64) -> Result<u64, Stop> {
    if type_id == TypeId::DECIMAL {
        if let Some(slot) = inline_decimal(a).and_then(|(x, scale)| decimal_slot(-x, scale)) {
            return Ok(slot);
        }
        let value = context.arena.decimal(a);
        context.charge(units_of_slots(usize::try_from(value.byte_size() / 8).unwrap_or(usize::MAX)))?;
        context.arena.new_decimal(&value.neg())
    } else {
        if let Some(slot) = inline_unbounded(a).and_then(|x| unbounded_slot(-x)) {
            return Ok(slot);
        }
        let value = context.arena.unbounded(a);
        context.charge(units_of_slots(limbs(&value)))?;
        context.arena.new_unbounded(&-value)
    }
}

/// Faults unless `a op b` on integers stays within 64 bits.
///
/// # Errors
/// [`FaultKind::Overflow`].
pub(crate) fn check_arithmetic(operator: Arithmetic, a: i64, b: i64) -> Result<(), Stop> {
    let fits = match operator {
        Arithmetic::Add => a.checked_add(b).is_some(),
        Arithmetic::Subtract => a.checked_sub(b).is_some(),
        Arithmetic::Multiply => a.checked_mul(b).is_some(),
        // Zero is another check's business; `i64::MIN % -1` is 0.
        Arithmetic::Divide => !(a == i64::MIN && b == -1),
        Arithmetic::Remainder => true,
    };
    if fits { Ok(()) } else { Err(Stop::Fault(FaultKind::Overflow)) }
}

/// Whether a number of a type is zero.
pub(crate) fn is_zero(context: &Context<'_>, type_id: TypeId, a: u64) -> bool {
    match type_id {
        TypeId::DECIMAL => match inline_decimal(a) {
            Some((coefficient, _)) => coefficient == 0,
            None => context.arena.decimal(a).is_zero(),
        },
        TypeId::UNBOUNDED => match inline_unbounded(a) {
            Some(value) => value == 0,
            None => context.arena.unbounded(a).is_zero(),
        },
        TypeId::FLOAT => f64::from_bits(a) == 0.0,
        _ => a == 0,
    }
}

/// The order of two decimals.
pub(crate) fn order_decimals(context: &mut Context<'_>, a: u64, b: u64) -> Result<Ordering, Stop> {
    if let (Some(mine), Some(theirs)) = (inline_decimal(a), inline_decimal(b))
        && let Some((x, y, _)) = align(mine, theirs)
    {
        return Ok(x.cmp(&y));
    }
    let (x, y) = (context.arena.decimal(a), context.arena.decimal(b));
    pay(context, x.add_bound(&y))?;
    Ok(x.cmp(&y))
}

/// The order of two unbounded integers.
pub(crate) fn order_unbounded(context: &mut Context<'_>, a: u64, b: u64) -> Result<Ordering, Stop> {
    if let (Some(x), Some(y)) = (inline_unbounded(a), inline_unbounded(b)) {
        return Ok(x.cmp(&y));
    }
    let (x, y) = (context.arena.unbounded(a), context.arena.unbounded(b));
    context.charge(units_of_slots(limbs(&x).min(limbs(&y))))?;
    Ok(x.cmp(&y))
}
