//! The built-in functions: which Rust function is behind each.

use anrf_format::builtin::Builtin;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::TypeId;

use super::build::{Part, array_of};
use super::sets::{Choice, combine, is_subset};
use super::{CallTypes, Context, array, collection, compare, cost, decimal, integer, number, sort, text};
use super::{units_of_bytes, units_of_slots};
use crate::arena::Shape;
use crate::stop::Stop;

/// The value of a built-in on arguments that [`super::check`] has let pass. Charges what `costs.md` says
/// before the work.
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
    let (a, b, c) = (argument(0), argument(1), argument(2));
    let first = types.argument(0);
    context.charge(cost::cost(builtin, types, context, arguments))?;
    let boolean = |holds: bool| Ok(u64::from(holds));
    match builtin {
        Builtin::Len => Ok(length(context, first, a)),
        Builtin::Abs => absolute(context, first, a),
        Builtin::Min | Builtin::Max => extreme(context, types, builtin == Builtin::Min, a, b),
        Builtin::Sqrt => Ok(libm::sqrt(f64::from_bits(a)).to_bits()),
        Builtin::Isqrt => integer::square_root(context, first, a),
        Builtin::Pow if first == TypeId::FLOAT => {
            Ok(libm::pow(f64::from_bits(a), f64::from_bits(b)).to_bits())
        }
        Builtin::Pow if first == TypeId::DECIMAL => decimal::power(context, a, b),
        Builtin::Pow
        | Builtin::FloorDiv
        | Builtin::FloorMod
        | Builtin::BitAnd
        | Builtin::BitOr
        | Builtin::BitXor
        | Builtin::ShiftLeft
        | Builtin::ShiftRight => integer::binary(context, builtin, first, a, b),
        Builtin::BitNot => integer::complement(context, first, a),
        Builtin::IsSome => boolean(a != 0),
        Builtin::ValueOf => {
            let payload = if a == 0 { 0 } else { context.arena.word(a, 1) };
            context.share(types.result, payload);
            Ok(payload)
        }
        Builtin::OrElse => {
            let chosen = if a == 0 { b } else { context.arena.word(a, 1) };
            context.share(types.result, chosen);
            Ok(chosen)
        }
        Builtin::Get => {
            let value = collection::find(context, first, a, b)?;
            if let Some(value) = value {
                collection::share_value_of(context, first, value);
            }
            optional(context, types, value)
        }
        Builtin::Keys | Builtin::Items => array_of(context, first, a, Part::Keys, types.result),
        Builtin::Values => array_of(context, first, a, Part::Values, types.result),
        Builtin::Entries => array_of(context, first, a, Part::Entries, types.result),
        Builtin::Union => combine(context, first, a, b, Choice::Either),
        Builtin::Intersect => combine(context, first, a, b, Choice::Both),
        Builtin::Difference => combine(context, first, a, b, Choice::FirstOnly),
        Builtin::IsSubset => boolean(is_subset(context, first, a, b)?),
        Builtin::IsPermutation => boolean(sort::is_permutation(context, first, a, b)?),
        Builtin::Reverse if first == TypeId::STRING => text::reverse(context, a),
        Builtin::Reverse => array::reverse(context, first, a),
        Builtin::Unique => sort::unique(context, first, a),
        Builtin::Zip => array::zip(context, [first, types.argument(1)], types.result, a, b),
        Builtin::Flatten => array::join_arrays(context, types.result, a),
        Builtin::Sort => sort::sort(context, first, a),
        Builtin::IndexOf => {
            let position = match first {
                TypeId::STRING => text::position_of(context.arena, a, b),
                _ => array::position_of(context, first, a, b)?,
            };
            optional(context, types, position.map(|position| position as u64))
        }
        Builtin::StartsWith => boolean(context.arena.octets(a).starts_with(context.arena.octets(b))),
        Builtin::EndsWith => boolean(context.arena.octets(a).ends_with(context.arena.octets(b))),
        Builtin::ContainsText => boolean(context.arena.text(a).contains(context.arena.text(b))),
        Builtin::Split => text::split(context, types.result, a, b),
        Builtin::Join => text::join(context, a, b),
        Builtin::Trim => text::trim(context, a),
        Builtin::Upper | Builtin::Lower => text::change_case(context, a, builtin == Builtin::Upper),
        Builtin::Replace => text::replace(context, a, b, c),
        Builtin::Substring => array::slice(context, TypeId::STRING, a, b.cast_signed(), c.cast_signed()),
        Builtin::PadLeft | Builtin::PadRight => text::pad(context, a, b, c, builtin == Builtin::PadLeft),
        Builtin::Repeat => text::repeat(context, a, b),
        Builtin::Matches => boolean(matches(context, a, b)?),
        Builtin::ParseInteger => {
            let value = text::parse_integer(context.arena.octets(a));
            optional(context, types, value.map(i64::cast_unsigned))
        }
        Builtin::ParseDecimal => {
            let value = decimal::parse(context, a)?;
            optional(context, types, value)
        }
        Builtin::ParseFloat => {
            let value = text::parse_float(context.arena.text(a));
            optional(context, types, value.map(f64::to_bits))
        }
        Builtin::ParseTimestamp => {
            let value = Timestamp::parse(context.arena.text(a)).ok();
            optional(context, types, value.map(|value| value.micros().cast_unsigned()))
        }
        Builtin::ToString => text::to_string(context, first, a),
        Builtin::Format => decimal::format(context, a, b),
        Builtin::ToInteger => match first {
            TypeId::DECIMAL => decimal::to_integer(context, a),
            TypeId::FLOAT => Ok(float_to_integer(f64::from_bits(a)).cast_unsigned()),
            _ => Ok(a),
        },
        Builtin::ToDecimal => match first {
            TypeId::INTEGER => context.arena.new_decimal(&a.cast_signed().into()),
            TypeId::FLOAT => decimal::from_float(context, a),
            _ => Ok(a),
        },
        Builtin::ToFloat => match first {
            #[allow(clippy::cast_precision_loss)] // to the nearest is what it promises
            TypeId::INTEGER => Ok((a.cast_signed() as f64).to_bits()),
            TypeId::DECIMAL => decimal::to_float(context, a),
            _ => Ok(a),
        },
        Builtin::IsNan => boolean(f64::from_bits(a).is_nan()),
        Builtin::Round | Builtin::Quantize => decimal::round(context, a, b, c),
        Builtin::Div => decimal::divide(context, [a, b, c, argument(3)]),
        Builtin::Floor if first == TypeId::FLOAT => Ok(libm::floor(f64::from_bits(a)).to_bits()),
        Builtin::Ceil if first == TypeId::FLOAT => Ok(libm::ceil(f64::from_bits(a)).to_bits()),
        Builtin::Floor | Builtin::Ceil => decimal::whole(context, builtin, a),
        Builtin::Scale => Ok(u64::from(context.arena.decimal(a).scale())),
        Builtin::AddMicros => Ok(a.wrapping_add(b)),
        Builtin::MicrosBetween => Ok(b.wrapping_sub(a)),
        Builtin::Year | Builtin::Month | Builtin::Day | Builtin::Hour | Builtin::Minute | Builtin::Second => {
            Ok(calendar(builtin, a).cast_unsigned())
        }
        Builtin::Sha256 => text::sha256(context, a),
        Builtin::Base64Encode | Builtin::HexEncode => {
            text::encode(context, a, builtin == Builtin::Base64Encode)
        }
        Builtin::Base64Decode | Builtin::HexDecode => {
            let bytes = text::decode(context, a, builtin == Builtin::Base64Decode)?;
            optional(context, types, bytes)
        }
        Builtin::Utf8Encode => {
            let length = context.arena.octets(a).len();
            context.arena.new_part(TypeId::BYTES, a, 0, length, 0)
        }
        Builtin::Utf8Decode => {
            let text = text::utf8_decode(context, a)?;
            optional(context, types, text)
        }
    }
}

/// The slot of an optional of the result's type.
fn optional(context: &mut Context<'_>, types: &CallTypes<'_>, value: Option<u64>) -> Result<u64, Stop> {
    match value {
        Some(value) => context.arena.new_some(types.result, value),
        None => Ok(0),
    }
}

fn length(context: &Context<'_>, type_id: TypeId, x: u64) -> u64 {
    match context.shapes.get(type_id) {
        Shape::String => u64::from(context.arena.scalars(x)),
        _ if x == 0 => 0,
        _ => u64::from(context.arena.length(x)),
    }
}

fn absolute(context: &mut Context<'_>, type_id: TypeId, a: u64) -> Result<u64, Stop> {
    match type_id {
        TypeId::INTEGER => Ok(a.cast_signed().wrapping_abs().cast_unsigned()),
        TypeId::FLOAT => Ok(f64::from_bits(a).abs().to_bits()),
        TypeId::DECIMAL => decimal::absolute(context, a),
        _ => {
            let zero = 1;
            let is_negative = compare::order(context, type_id, a, zero)?.is_lt();
            if is_negative { number::negate(context, type_id, a) } else { Ok(a) }
        }
    }
}

/// Of equals the first, as with the aggregates.
fn extreme(
    context: &mut Context<'_>,
    types: &CallTypes<'_>,
    least: bool,
    a: u64,
    b: u64,
) -> Result<u64, Stop> {
    let order = compare::order(context, types.argument(0), a, b)?;
    let second = if least { order.is_gt() } else { order.is_lt() };
    let chosen = if second { b } else { a };
    context.share(types.result, chosen);
    Ok(chosen)
}

fn matches(context: &mut Context<'_>, text: u64, pattern: u64) -> Result<bool, Stop> {
    let octets = context.arena.octets(text).len();
    // The pattern's automaton is made outside the arena.
    let Some(compiled) = context.cache.patterns.get(context.arena.text(pattern)) else { return Ok(false) };
    // Compiling is charged whether it was done before or not.
    let weight = compiled.weight();
    context.meter.charge(weight.saturating_mul(16 + units_of_bytes(octets)))?;
    Ok(compiled.matches(context.arena.text(text)))
}

/// Truncated toward zero; the nearest bound outside 64 bits, 0 for NaN.
#[allow(clippy::cast_possible_truncation)] // a saturating conversion
fn float_to_integer(value: f64) -> i64 {
    value as i64
}

fn calendar(builtin: Builtin, micros: u64) -> i64 {
    let Some(time) = Timestamp::from_micros(micros.cast_signed()) else { return 0 };
    match builtin {
        Builtin::Year => time.year(),
        Builtin::Month => time.month(),
        Builtin::Day => time.day(),
        Builtin::Hour => time.hour(),
        Builtin::Minute => time.minute(),
        _ => time.second(),
    }
}

/// Units for the words of a number that is not in its slot.
pub(super) fn units_of_number(context: &Context<'_>, type_id: TypeId, slot: u64) -> u64 {
    match type_id {
        TypeId::DECIMAL | TypeId::UNBOUNDED if slot & 1 == 0 && slot != 0 => {
            units_of_slots(context.arena.length(slot) as usize)
        }
        _ => 0,
    }
}
