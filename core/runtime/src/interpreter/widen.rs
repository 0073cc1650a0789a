//! Widening aggregates: the same value with every integer inside unbounded.

use anrf_format::types::TypeId;

use crate::arena::{SEQUENCE_HEAD, Shape};
use crate::library::{self, Context};
use crate::stop::Stop;

/// The value of one type as one of another, which differs only in integers that are unbounded. Recurses
/// over the type, not the value.
///
/// # Errors
/// Limits; charges for every slot.
pub(super) fn widen(context: &mut Context<'_>, from: TypeId, to: TypeId, slot: u64) -> Result<u64, Stop> {
    if from == to {
        context.share(to, slot);
        return Ok(slot);
    }
    let shapes = context.shapes;
    match (shapes.get(from), shapes.get(to)) {
        (Shape::Integer, Shape::Unbounded) => context.arena.widen(slot.cast_signed()),
        (Shape::Optional(inner), Shape::Optional(wide)) if slot != 0 => {
            let payload = context.arena.word(slot, 1);
            let payload = widen(context, *inner, *wide, payload)?;
            context.arena.new_some(to, payload)
        }
        (Shape::Array(inner), Shape::Array(wide)) => {
            let length = context.arena.elements(slot).len();
            context.charge(library::units_of_slots(length))?;
            let mut elements = Vec::with_capacity(length);
            for index in 0..length {
                let element = context.arena.word(slot, SEQUENCE_HEAD + index);
                elements.push(widen(context, *inner, *wide, element)?);
            }
            context.arena.new_array(to, &elements)
        }
        (Shape::Set(inner), Shape::Set(wide)) => {
            let mut members = library::flatten(context, slot)?;
            for member in &mut members {
                *member = widen(context, *inner, *wide, *member)?;
            }
            library::new_set(context, to, &members)
        }
        (Shape::Map(key, value), Shape::Map(wide_key, wide_value)) => {
            let mut entries = library::flatten(context, slot)?;
            for entry in entries.chunks_exact_mut(2) {
                entry[0] = widen(context, *key, *wide_key, entry[0])?;
                entry[1] = widen(context, *value, *wide_value, entry[1])?;
            }
            library::new_map(context, to, &entries)
        }
        _ => Ok(slot),
    }
}
