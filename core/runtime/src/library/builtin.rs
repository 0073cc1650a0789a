//! The built-in functions: which Rust function is behind each, and when it is defined.

use anrf_format::builtin::Builtin;
use anrf_format::execution::FaultKind;
use anrf_format::types::TypeId;

use super::{CallTypes, Context, compare, number};
use crate::arena::Shape;
use crate::stop::Stop;

/// The value of a built-in on arguments that [`check`] has let pass.
///
/// # Errors
/// Limits.
pub(crate) fn call(
    builtin: Builtin,
    types: &CallTypes<'_>,
    context: &mut Context<'_>,
    arguments: &[u64],
) -> Result<u64, Stop> {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    let (a, b) = (argument(0), argument(1));
    Ok(match builtin {
        Builtin::Len => match context.shapes.get(types.argument(0)) {
            Shape::String => u64::from(context.arena.scalars(a)),
            _ if a == 0 => 0,
            _ => u64::from(context.arena.length(a)),
        },
        Builtin::Abs => match types.argument(0) {
            TypeId::INTEGER => a.cast_signed().wrapping_abs().cast_unsigned(),
            TypeId::FLOAT => f64::from_bits(a).abs().to_bits(),
            type_id => {
                let zero = 1;
                if compare::order(context, type_id, a, zero)?.is_lt() {
                    number::negate(context, type_id, a)?
                } else {
                    a
                }
            }
        },
        // Of equals the first, as with the aggregates.
        Builtin::Min | Builtin::Max => {
            let order = compare::order(context, types.argument(0), a, b)?;
            let second = if builtin == Builtin::Min { order.is_gt() } else { order.is_lt() };
            let chosen = if second { b } else { a };
            context.share(types.result, chosen);
            chosen
        }
        Builtin::IsSome => u64::from(a != 0),
        Builtin::ValueOf => {
            let payload = context.arena.word(a, 1);
            context.share(types.result, payload);
            payload
        }
        Builtin::OrElse => {
            let chosen = if a == 0 { b } else { context.arena.word(a, 1) };
            context.share(types.result, chosen);
            chosen
        }
        _ => return Err(Stop::Internal("this built-in is not available")),
    })
}

/// Whether a built-in is defined on these arguments.
///
/// # Errors
/// The fault that applies, or a limit.
pub(crate) fn check(
    builtin: Builtin,
    types: &CallTypes<'_>,
    _context: &mut Context<'_>,
    arguments: &[u64],
) -> Result<(), Stop> {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    let fault = |holds: bool, kind: FaultKind| if holds { Ok(()) } else { Err(Stop::Fault(kind)) };
    match builtin {
        Builtin::Abs => fault(
            types.argument(0) != TypeId::INTEGER || argument(0).cast_signed() != i64::MIN,
            FaultKind::Overflow,
        ),
        Builtin::ValueOf => fault(argument(0) != 0, FaultKind::NoneValue),
        other if other.info().faults.is_empty() => Ok(()),
        _ => Err(Stop::Internal("this built-in is not available")),
    }
}
