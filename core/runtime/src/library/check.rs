//! When built-ins are defined. Checks take no fuel: leaving a proved one out may not change what a run uses.

use anrf_format::builtin::Builtin;
use anrf_format::execution::FaultKind;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::TypeId;

use super::{CallTypes, Context, decimal, integer};
use crate::arena::inline_decimal;
use crate::stop::Stop;

/// Whether a built-in is defined on these arguments.
///
/// # Errors
/// The fault that applies: the first in the table's order whose condition holds, invalid arguments before
/// overflow.
pub(crate) fn check(
    builtin: Builtin,
    types: &CallTypes<'_>,
    context: &mut Context<'_>,
    arguments: &[u64],
) -> Result<(), Stop> {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    match fault(builtin, types, context, [argument(0), argument(1), argument(2), argument(3)]) {
        Some(kind) => Err(Stop::Fault(kind)),
        None => Ok(()),
    }
}

fn fault(
    builtin: Builtin,
    types: &CallTypes<'_>,
    context: &mut Context<'_>,
    arguments: [u64; 4],
) -> Option<FaultKind> {
    use FaultKind::{DivisionByZero, InvalidArgument, NoneValue, OutOfBounds, Overflow};
    let [a, b, c, _] = arguments;
    let first = types.argument(0);
    let is_integer = first == TypeId::INTEGER;
    let unless = |holds: bool, kind: FaultKind| if holds { None } else { Some(kind) };
    let fits = || !is_integer || integer::fits(builtin, a.cast_signed(), b.cast_signed());
    match builtin {
        Builtin::Abs => unless(!is_integer || a.cast_signed() != i64::MIN, Overflow),
        Builtin::Isqrt => unless(!is_negative(context, first, a), InvalidArgument),
        Builtin::Pow if first == TypeId::FLOAT => None,
        Builtin::Pow => unless(b.cast_signed() >= 0, InvalidArgument).or_else(|| unless(fits(), Overflow)),
        Builtin::FloorDiv => {
            unless(!super::is_zero(context, first, b), DivisionByZero).or_else(|| unless(fits(), Overflow))
        }
        Builtin::FloorMod => unless(!super::is_zero(context, first, b), DivisionByZero),
        Builtin::ShiftLeft => unless(is_shift(b), InvalidArgument).or_else(|| unless(fits(), Overflow)),
        Builtin::ShiftRight => unless(is_shift(b), InvalidArgument),
        Builtin::ValueOf => unless(a != 0, NoneValue),
        Builtin::Split | Builtin::Replace => unless(!context.arena.octets(b).is_empty(), InvalidArgument),
        Builtin::Substring => {
            let length = i64::from(context.arena.scalars(a));
            let (from, to) = (b.cast_signed(), c.cast_signed());
            unless(0 <= from && from <= to && to <= length, OutOfBounds)
        }
        Builtin::PadLeft | Builtin::PadRight => unless(context.arena.scalars(c) == 1, InvalidArgument),
        Builtin::Repeat => unless(b.cast_signed() >= 0, InvalidArgument),
        Builtin::Matches => {
            let pattern = context.arena.text(b);
            unless(context.cache.patterns.get(pattern).is_some(), InvalidArgument)
        }
        Builtin::ToInteger if first == TypeId::DECIMAL => {
            let fits = inline_decimal(a).is_some() || decimal::fits_integer(&context.arena.decimal(a));
            unless(fits, Overflow)
        }
        Builtin::ToInteger if first == TypeId::FLOAT => {
            let value = f64::from_bits(a);
            // Both bounds are floats; the upper one is the first that does not fit.
            let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value.trunc());
            unless(!value.is_nan(), InvalidArgument).or_else(|| unless(fits, Overflow))
        }
        Builtin::ToDecimal if first == TypeId::FLOAT => {
            unless(f64::from_bits(a).is_finite(), InvalidArgument)
        }
        Builtin::Round | Builtin::Quantize => {
            let most = decimal::MOST_PLACES;
            unless((-most..=most).contains(&b.cast_signed()), InvalidArgument)
        }
        Builtin::Format => unless(are_places(b), InvalidArgument),
        Builtin::Div => unless(!super::is_zero(context, TypeId::DECIMAL, b), DivisionByZero)
            .or_else(|| unless(are_places(c), InvalidArgument)),
        Builtin::AddMicros => {
            let time = Timestamp::from_micros(a.cast_signed());
            unless(time.and_then(|time| time.add_micros(b.cast_signed())).is_some(), InvalidArgument)
        }
        _ => None,
    }
}

fn is_negative(context: &Context<'_>, type_id: TypeId, a: u64) -> bool {
    match type_id {
        TypeId::UNBOUNDED => context.arena.narrow(a).0 < 0,
        _ => a.cast_signed() < 0,
    }
}

fn is_shift(places: u64) -> bool {
    (0..=integer::LONGEST_SHIFT).contains(&places.cast_signed())
}

fn are_places(places: u64) -> bool {
    (0..=decimal::MOST_PLACES).contains(&places.cast_signed())
}
