//! Built-ins on integers, 64-bit (`INTEGER`) and unbounded. What a check would refuse gives 0.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, Zero as _};

use super::number::{limbs, limit_limbs, product_work};
use super::{Context, units_of_slots};
use crate::arena::{inline_unbounded, unbounded_slot};
use crate::stop::{Limit, Stop};

/// Most places that shifts move by.
pub(super) const LONGEST_SHIFT: i64 = 63;

/// A binary built-in; the second operand of `pow` and the shifts is 64-bit in any case.
pub(super) fn binary(
    context: &mut Context<'_>,
    builtin: Builtin,
    type_id: TypeId,
    a: u64,
    b: u64,
) -> Result<u64, Stop> {
    if type_id != TypeId::UNBOUNDED {
        return Ok(small(builtin, a.cast_signed(), b.cast_signed()).unwrap_or(0).cast_unsigned());
    }
    let second_is_small = matches!(builtin, Builtin::Pow | Builtin::ShiftLeft | Builtin::ShiftRight);
    let y = if second_is_small { Some(b.cast_signed()) } else { inline_unbounded(b) };
    if let (Some(x), Some(y)) = (inline_unbounded(a), y)
        && let Some(result) = small(builtin, x, y)
    {
        return match unbounded_slot(result) {
            Some(slot) => Ok(slot),
            None => context.arena.widen(result),
        };
    }
    let x = context.arena.unbounded(a);
    let result = match builtin {
        Builtin::Pow => power(context, &x, b.cast_signed())?,
        Builtin::ShiftLeft | Builtin::ShiftRight => {
            let places = b.cast_signed().clamp(0, LONGEST_SHIFT);
            limit_limbs(context, limbs(&x) + 1)?;
            context.charge(units_of_slots(limbs(&x) + 1))?;
            if builtin == Builtin::ShiftLeft { x << places } else { x >> places }
        }
        _ => {
            let y = context.arena.unbounded(b);
            wide(context, builtin, &x, &y)?
        }
    };
    context.arena.new_unbounded(&result)
}

/// Within 64 bits; `None` if it does not fit or is not defined.
fn small(builtin: Builtin, a: i64, b: i64) -> Option<i64> {
    let places = u32::try_from(b).ok().filter(|places| i64::from(*places) <= LONGEST_SHIFT);
    match builtin {
        Builtin::FloorDiv if b == 0 || b == -1 => {
            if b == 0 {
                None
            } else {
                a.checked_neg()
            }
        }
        Builtin::FloorDiv => Some(num_integer::Integer::div_floor(&a, &b)),
        Builtin::FloorMod if b == 0 || b == -1 => Some(0),
        Builtin::FloorMod => Some(num_integer::Integer::mod_floor(&a, &b)),
        Builtin::BitAnd => Some(a & b),
        Builtin::BitOr => Some(a | b),
        Builtin::BitXor => Some(a ^ b),
        Builtin::ShiftLeft => {
            let shifted = a << places?;
            (shifted >> places? == a).then_some(shifted)
        }
        Builtin::ShiftRight => Some(a >> places?),
        Builtin::Pow => small_power(a, b),
        _ => None,
    }
}

fn small_power(base: i64, exponent: i64) -> Option<i64> {
    match (base, exponent) {
        (_, ..0) => None,
        (_, 0) | (1, _) => Some(1),
        (0, _) => Some(0),
        (-1, _) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn wide(context: &mut Context<'_>, builtin: Builtin, x: &BigInt, y: &BigInt) -> Result<BigInt, Stop> {
    let (mine, theirs) = (limbs(x), limbs(y));
    limit_limbs(context, mine.max(theirs) + 1)?;
    let divides = matches!(builtin, Builtin::FloorDiv | Builtin::FloorMod);
    context.charge(units_of_slots(if divides {
        product_work(mine, theirs)
    } else {
        mine.max(theirs) + 1
    }))?;
    Ok(match builtin {
        _ if divides && y.is_zero() => BigInt::zero(),
        Builtin::FloorDiv => x.div_floor(y),
        Builtin::FloorMod => x.mod_floor(y),
        Builtin::BitAnd => x & y,
        Builtin::BitOr => x | y,
        Builtin::BitXor => x ^ y,
        _ => BigInt::zero(),
    })
}

fn power(context: &mut Context<'_>, base: &BigInt, exponent: i64) -> Result<BigInt, Stop> {
    // 0, 1 and -1 have been dealt with, so a longer exponent does not fit any memory.
    let Ok(exponent) = u32::try_from(exponent.max(0)) else { return Err(Stop::Limit(Limit::Memory)) };
    let bits = base.bits().saturating_mul(u64::from(exponent));
    let limbs = usize::try_from(bits / 64 + 1).unwrap_or(usize::MAX);
    limit_limbs(context, limbs.saturating_mul(2))?;
    context.charge(units_of_slots(product_work(limbs, limbs).saturating_mul(2)))?;
    Ok(base.pow(exponent))
}

/// `isqrt(x)`.
pub(super) fn square_root(context: &mut Context<'_>, type_id: TypeId, a: u64) -> Result<u64, Stop> {
    if type_id != TypeId::UNBOUNDED {
        return Ok(a.cast_signed().checked_isqrt().unwrap_or(0).cast_unsigned());
    }
    if let Some(x) = inline_unbounded(a) {
        return context.arena.widen(x.checked_isqrt().unwrap_or(0));
    }
    let x = context.arena.unbounded(a);
    let limbs = limbs(&x);
    limit_limbs(context, limbs.saturating_mul(2))?;
    // Newton's method: a division for each doubling of the right digits.
    context.charge(units_of_slots(product_work(limbs, limbs).saturating_mul(2)))?;
    context.arena.new_unbounded(&if x.is_negative() { BigInt::zero() } else { x.sqrt() })
}

/// `bit_not(a)`.
pub(super) fn complement(context: &mut Context<'_>, type_id: TypeId, a: u64) -> Result<u64, Stop> {
    if type_id != TypeId::UNBOUNDED {
        return Ok(!a);
    }
    if let Some(slot) = inline_unbounded(a).and_then(|x| unbounded_slot(!x)) {
        return Ok(slot);
    }
    let x = context.arena.unbounded(a);
    context.charge(units_of_slots(limbs(&x)))?;
    context.arena.new_unbounded(&!x)
}

/// Whether a 64-bit built-in has a result within 64 bits, where its operands are valid.
pub(super) fn fits(builtin: Builtin, a: i64, b: i64) -> bool {
    small(builtin, a, b).is_some()
}
