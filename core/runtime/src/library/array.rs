//! Concatenation and slices of strings, bytes and arrays.

use anrf_format::types::TypeId;

use super::{Context, units_of_bytes, units_of_slots};
use crate::arena::{SEQUENCE_HEAD, Shape};
use crate::stop::Stop;

/// `a ++ b`; grows `a` in place if it is not shared. Charges for `b`, and for `a` where it is copied
/// because it is shared (growing is paid by the appends before it).
///
/// # Errors
/// Limits.
pub(crate) fn concat(context: &mut Context<'_>, type_id: TypeId, a: u64, b: u64) -> Result<u64, Stop> {
    let copied = a == 0 || context.arena.is_shared(a);
    match *context.shapes.get(type_id) {
        Shape::Array(element) => {
            let (old, added) = (context.arena.elements(a).len(), context.arena.elements(b).len());
            context.charge(units_of_slots(added + if copied { old } else { 0 }))?;
            if copied {
                context.share_all(element, a, SEQUENCE_HEAD, old);
            }
            context.share_all(element, b, SEQUENCE_HEAD, added);
            context.arena.append_elements(type_id, a, b)
        }
        _ => {
            let (old, added) = (context.arena.octets(a).len(), context.arena.octets(b).len());
            context.charge(units_of_bytes(added + if copied { old } else { 0 }))?;
            context.arena.append_octets(type_id, a, b)
        }
    }
}

/// `x[from..to]` of array, string or bytes; positions outside are moved to the nearest end.
///
/// # Errors
/// Limits.
pub(crate) fn slice(
    context: &mut Context<'_>,
    type_id: TypeId,
    x: u64,
    from: i64,
    to: i64,
) -> Result<u64, Stop> {
    match *context.shapes.get(type_id) {
        Shape::Array(element) => {
            let (from, count) = clamp(from, to, context.arena.elements(x).len());
            context.charge(units_of_slots(count))?;
            context.share_all(element, x, SEQUENCE_HEAD + from, count);
            let new = context.arena.new_array_of(type_id, count)?;
            context.arena.copy_words(x, SEQUENCE_HEAD + from, new, SEQUENCE_HEAD, count);
            Ok(new)
        }
        Shape::Bytes => {
            let (from, count) = clamp(from, to, context.arena.octets(x).len());
            context.charge(units_of_bytes(count))?;
            let part = context.arena.octets(x)[from..from + count].to_vec();
            context.arena.new_bytes(&part)
        }
        _ => {
            let (from, count) = clamp(from, to, context.arena.scalars(x) as usize);
            let ascii = context.arena.scalars(x) == context.arena.length(x);
            // Finding a position in other text reads it from the start.
            context.charge(units_of_bytes(if ascii { count } else { context.arena.octets(x).len() }))?;
            let text = context.arena.text(x);
            let part = text.get(text_range(text, ascii, from, count)).unwrap_or("").to_owned();
            context.arena.new_text(&part)
        }
    }
}

/// The string of one scalar at a position, or of none outside.
///
/// # Errors
/// Limits.
pub(crate) fn element_of_text(context: &mut Context<'_>, text: u64, index: i64) -> Result<u64, Stop> {
    slice(context, TypeId::STRING, text, index, index.saturating_add(1))
}

/// The bytes of `count` scalars from a scalar position on.
pub(crate) fn text_range(text: &str, ascii: bool, from: usize, count: usize) -> std::ops::Range<usize> {
    if ascii {
        return from..from + count;
    }
    let mut boundaries = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let start = boundaries.by_ref().nth(from).unwrap_or(text.len());
    let end = if count == 0 { start } else { boundaries.nth(count - 1).unwrap_or(text.len()) };
    start..end
}

/// Start and count of `from..to` inside a length.
fn clamp(from: i64, to: i64, length: usize) -> (usize, usize) {
    let inside = |position: i64| usize::try_from(position.max(0)).unwrap_or(usize::MAX).min(length);
    let from = inside(from);
    (from, inside(to).saturating_sub(from))
}
