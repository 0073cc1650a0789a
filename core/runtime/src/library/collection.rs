//! Maps and sets: B-trees in the arena (`arena::layout`, `docs/layout.md`).

use anrf_format::types::TypeId;

use super::{Context, compare, units_of_bytes};
use crate::arena::{SEQUENCE_HEAD, Shape};
use crate::stop::Stop;

const MISSING: Stop = Stop::Internal("maps and sets are not available");

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
        Shape::Array(element_type) => {
            let length = context.arena.elements(x).len();
            context.charge(super::units_of_slots(length))?;
            for index in 0..length {
                let candidate = context.arena.word(x, SEQUENCE_HEAD + index);
                if compare::equal(context, element_type, candidate, element)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Shape::String => {
            context.charge(units_of_bytes(context.arena.octets(x).len()))?;
            Ok(context.arena.text(x).contains(context.arena.text(element)))
        }
        _ => Ok(find(context, type_id, x, element)?.is_some()),
    }
}

/// The value of a key of a map (of a set: the key itself), if it is there.
///
/// # Errors
/// Limits.
pub(crate) fn find(_: &mut Context<'_>, _type_id: TypeId, _x: u64, _key: u64) -> Result<Option<u64>, Stop> {
    Err(MISSING)
}

/// The value of a key; 0 if it is not there. Does not mark anything shared.
///
/// # Errors
/// Limits.
pub(crate) fn lookup(context: &mut Context<'_>, type_id: TypeId, map: u64, key: u64) -> Result<u64, Stop> {
    Ok(find(context, type_id, map, key)?.unwrap_or(0))
}

/// The map with a key set, in place as far as it and its nodes are not shared; what is copied because it is
/// shared marks its children shared.
///
/// # Errors
/// Limits.
pub(crate) fn with_entry(
    _: &mut Context<'_>,
    _type_id: TypeId,
    _map: u64,
    _key: u64,
    _value: u64,
) -> Result<u64, Stop> {
    Err(MISSING)
}

/// The set with one more member; as [`with_entry`].
///
/// # Errors
/// Limits.
pub(crate) fn with_member(
    _: &mut Context<'_>,
    _type_id: TypeId,
    _set: u64,
    _member: u64,
) -> Result<u64, Stop> {
    Err(MISSING)
}

/// The map or set without a key; as [`with_entry`].
///
/// # Errors
/// Limits.
pub(crate) fn without(_: &mut Context<'_>, _type_id: TypeId, _x: u64, _key: u64) -> Result<u64, Stop> {
    Err(MISSING)
}

/// A map of entries in any order (key, value, key, value, ...); of equal keys the last counts.
///
/// # Errors
/// Limits.
pub(crate) fn new_map(_: &mut Context<'_>, _type_id: TypeId, _entries: &[u64]) -> Result<u64, Stop> {
    Err(MISSING)
}

/// A set of members in any order, repeats allowed.
///
/// # Errors
/// Limits.
pub(crate) fn new_set(_: &mut Context<'_>, _type_id: TypeId, _members: &[u64]) -> Result<u64, Stop> {
    Err(MISSING)
}

/// The slots in ascending order of the keys: of a map key, value, key, value, ...; of a set the members.
/// Charges for them.
///
/// # Errors
/// Limits.
pub(crate) fn flatten(_: &mut Context<'_>, _x: u64) -> Result<Vec<u64>, Stop> {
    Err(MISSING)
}

/// The key (of a set: member) type of a map or set type.
pub(crate) fn entry_key(context: &Context<'_>, type_id: TypeId) -> Option<TypeId> {
    match context.shapes.get(type_id) {
        Shape::Map(key, _) | Shape::Set(key) => Some(*key),
        _ => None,
    }
}
