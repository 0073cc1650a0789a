//! What built-ins take beside the charge of their instruction. `costs.md` has the formulas in prose; a test
//! holds that it has a row for each built-in.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;

use super::array::inner_elements;
use super::builtin::units_of_number;
use super::{CallTypes, Context, units_of_bytes, units_of_slots};
use crate::arena::Shape;

/// Units that are known from the operands' sizes alone. Those of decimals, unbounded integers, sorts,
/// comparisons, `matches` and results sized on the way are charged by the functions themselves.
pub(super) fn cost(builtin: Builtin, types: &CallTypes<'_>, context: &Context<'_>, arguments: &[u64]) -> u64 {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    let (a, b) = (argument(0), argument(1));
    let elements = |slot: u64| context.arena.elements(slot).len();
    let octets = |slot: u64| units_of_bytes(context.arena.octets(slot).len());
    match builtin {
        Builtin::Reverse | Builtin::IndexOf => match context.shapes.get(types.argument(0)) {
            Shape::String => octets(a),
            _ => units_of_slots(elements(a)),
        },
        Builtin::Zip => units_of_slots(elements(a).min(elements(b)).saturating_mul(5)),
        Builtin::Flatten => units_of_slots(elements(a).saturating_add(inner_elements(context.arena, a))),
        Builtin::StartsWith | Builtin::EndsWith => octets(b),
        Builtin::ContainsText | Builtin::Trim | Builtin::ParseInteger | Builtin::ParseTimestamp => octets(a),
        Builtin::Utf8Encode => octets(a),
        Builtin::Upper | Builtin::Lower | Builtin::ParseFloat => octets(a) * 4,
        Builtin::Base64Encode
        | Builtin::Base64Decode
        | Builtin::HexEncode
        | Builtin::HexDecode
        | Builtin::Utf8Decode => octets(a) * 2,
        Builtin::Sha256 => (octets(a) + 1) * 8,
        Builtin::Scale | Builtin::Abs => units_of_number(context, types.argument(0), a),
        Builtin::ToDecimal if types.argument(0) == TypeId::FLOAT => 16,
        _ => 0,
    }
}
