//! Storing into an aggregate: in place if nobody else holds it, else into a copy of one level.

use anrf_format::types::TypeId;

use super::{Context, units_of_slots};
use crate::arena::{Header, SEQUENCE_HEAD, Shape};
use crate::stop::Stop;

/// The record or array with another word. A copy charges its size and marks its children shared.
///
/// # Errors
/// Limits.
pub(crate) fn with_word(context: &mut Context<'_>, slot: u64, word: usize, value: u64) -> Result<u64, Stop> {
    let target = if context.arena.is_shared(slot) { copied(context, slot)? } else { slot };
    context.arena.set_word(target, word, value);
    Ok(target)
}

fn copied(context: &mut Context<'_>, slot: u64) -> Result<u64, Stop> {
    let header = context.arena.header(slot);
    let length = header.length as usize;
    context.charge(units_of_slots(length))?;
    match context.shapes.get(header.type_id) {
        Shape::Array(element) => {
            context.share_all(*element, slot, SEQUENCE_HEAD, length);
            let new = context.arena.new_array_of(header.type_id, length)?;
            context.arena.copy_words(slot, SEQUENCE_HEAD, new, SEQUENCE_HEAD, length);
            Ok(new)
        }
        Shape::Record(fields) => {
            for (index, field) in fields.iter().enumerate() {
                context.share_all(*field, slot, 1 + index, 1);
            }
            let new = context.arena.new_record_of(header.type_id, header.length)?;
            context.arena.copy_words(slot, 1, new, 1, length);
            Ok(new)
        }
        // Stray bytes: a value of some type.
        _ => {
            let new = context.arena.allocate(1)?;
            context.arena.set_word(new, 0, Header::new(TypeId::BOOLEAN, 0).encode());
            Ok(new)
        }
    }
}
