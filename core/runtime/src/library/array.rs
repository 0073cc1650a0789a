//! Concatenation, slices and elements of strings, bytes and arrays, and what is made of whole arrays.

use anrf_format::types::TypeId;

use super::{Context, collection, compare, units_of_bytes, units_of_slots};
use crate::arena::{Arena, SEQUENCE_HEAD, SLOT_BYTES, Shape};
use crate::stop::Stop;

/// Where a scalar of a text that is not ASCII was found: a loop over its positions goes on from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    text: u64,
    scalar: usize,
    octet: usize,
}

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

/// `x[from..to]` of array, string or bytes; positions outside are moved to the nearest end. Charges for the
/// result, of text that is not ASCII for the whole text.
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
            context.arena.new_part(TypeId::BYTES, x, from, count, 0)
        }
        _ => {
            let scalars = context.arena.scalars(x);
            let (from, count) = clamp(from, to, scalars as usize);
            let octets = context.arena.octets(x).len();
            let counted = u32::try_from(count).unwrap_or(u32::MAX);
            if scalars == context.arena.length(x) {
                context.charge(units_of_bytes(count))?;
                return context.arena.new_part(TypeId::STRING, x, from, count, counted);
            }
            // Whether it is found from the last position or not may not change the fuel.
            context.charge(units_of_bytes(octets))?;
            let start = octet_of(context, x, from);
            let end = if count == 0 { start } else { octet_of(context, x, from + count) };
            context.arena.new_part(TypeId::STRING, x, start, end.saturating_sub(start), counted)
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

/// The octet where a scalar begins; the length where there is none.
fn octet_of(context: &mut Context<'_>, x: u64, scalar: usize) -> usize {
    let last = context
        .cache
        .position
        .filter(|last| last.text == x && last.scalar <= scalar && context.arena.is_settled(x));
    let (mut at, mut octet) = last.map_or((0, 0), |last| (last.scalar, last.octet));
    let octets = context.arena.octets(x);
    while at < scalar && octet < octets.len() {
        octet += 1;
        while octets.get(octet).is_some_and(|octet| octet & 0xc0 == 0x80) {
            octet += 1;
        }
        at += 1;
    }
    context.settle();
    context.cache.position = Some(Position { text: x, scalar, octet });
    octet
}

/// Start and count of `from..to` inside a length.
fn clamp(from: i64, to: i64, length: usize) -> (usize, usize) {
    let inside = |position: i64| usize::try_from(position.max(0)).unwrap_or(usize::MAX).min(length);
    let from = inside(from);
    (from, inside(to).saturating_sub(from))
}

/// Whether a collection (array, set, map's keys, string's substring) of this type has an element.
///
/// # Errors
/// Limits.
pub(crate) fn contains(
    context: &mut Context<'_>,
    type_id: TypeId,
    x: u64,
    element: u64,
) -> Result<bool, Stop> {
    match *context.shapes.get(type_id) {
        Shape::Array(_) => {
            context.charge(units_of_slots(context.arena.elements(x).len()))?;
            Ok(position_of(context, type_id, x, element)?.is_some())
        }
        Shape::String => {
            context.charge(units_of_bytes(context.arena.octets(x).len()))?;
            Ok(context.arena.text(x).contains(context.arena.text(element)))
        }
        Shape::Bytes => {
            let octets = context.arena.octets(x);
            context.charge(units_of_bytes(octets.len()))?;
            Ok(u8::try_from(element).is_ok_and(|octet| context.arena.octets(x).contains(&octet)))
        }
        _ => Ok(collection::find(context, type_id, x, element)?.is_some()),
    }
}

/// The first position of an element of an array. The caller charges for the slots.
pub(super) fn position_of(
    context: &mut Context<'_>,
    type_id: TypeId,
    array: u64,
    element: u64,
) -> Result<Option<usize>, Stop> {
    let element_type = context.element_type(type_id);
    if compare::is_word(context, element_type) {
        return Ok(context.arena.elements(array).iter().position(|slot| *slot == element));
    }
    for index in 0..context.arena.elements(array).len() {
        let candidate = context.arena.word(array, SEQUENCE_HEAD + index);
        if compare::equal(context, element_type, candidate, element)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The array back to front.
pub(super) fn reverse(context: &mut Context<'_>, type_id: TypeId, array: u64) -> Result<u64, Stop> {
    let count = context.arena.elements(array).len();
    let element = context.element_type(type_id);
    context.share_all(element, array, SEQUENCE_HEAD, count);
    let new = context.arena.new_array_of(type_id, count)?;
    context.arena.copy_words(array, SEQUENCE_HEAD, new, SEQUENCE_HEAD, count);
    context.arena.words_mut(new, SEQUENCE_HEAD, count).reverse();
    Ok(new)
}

/// Records of the elements of two arrays at the same positions.
pub(super) fn zip(
    context: &mut Context<'_>,
    types: [TypeId; 2],
    result: TypeId,
    a: u64,
    b: u64,
) -> Result<u64, Stop> {
    let count = context.arena.elements(a).len().min(context.arena.elements(b).len());
    let (first, second) = (context.element_type(types[0]), context.element_type(types[1]));
    let record = context.element_type(result);
    context.share_all(first, a, SEQUENCE_HEAD, count);
    context.share_all(second, b, SEQUENCE_HEAD, count);
    // Header and two fields of each, and its slot in the array.
    context.reserve((count as u64).saturating_mul(4 * SLOT_BYTES as u64))?;
    let new = context.arena.new_array_of(result, count)?;
    for index in SEQUENCE_HEAD..SEQUENCE_HEAD + count {
        let fields = [context.arena.word(a, index), context.arena.word(b, index)];
        let pair = context.arena.new_record(record, &fields)?;
        context.arena.set_word(new, index, pair);
    }
    Ok(new)
}

/// Elements in all arrays of an array.
pub(super) fn inner_elements(arena: &Arena, arrays: u64) -> usize {
    let lengths = arena.elements(arrays).iter().map(|array| arena.elements(*array).len());
    lengths.fold(0, usize::saturating_add)
}

/// The elements of the arrays of an array.
pub(super) fn join_arrays(context: &mut Context<'_>, result: TypeId, arrays: u64) -> Result<u64, Stop> {
    let total = inner_elements(context.arena, arrays);
    let element = context.element_type(result);
    let new = context.arena.new_array_of(result, total)?;
    let mut at = SEQUENCE_HEAD;
    for index in 0..context.arena.elements(arrays).len() {
        let array = context.arena.word(arrays, SEQUENCE_HEAD + index);
        let count = context.arena.elements(array).len();
        context.share_all(element, array, SEQUENCE_HEAD, count);
        context.arena.copy_words(array, SEQUENCE_HEAD, new, at, count);
        at += count;
    }
    Ok(new)
}
