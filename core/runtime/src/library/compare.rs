//! Equality and the total order of values (language reference, "Types and values"). Neither recurses:
//! a value of a recursive type is as deep as its maker liked.

use std::cmp::Ordering;

use anrf_format::types::TypeId;
use anrf_format::value::float_order;

use super::build::{Cursor, entries};
use super::tree::Tree;
use super::{Context, number, units_of_bytes, units_of_slots};
use crate::arena::{SEQUENCE_HEAD, Shape};
use crate::stop::Stop;

/// Whether two values of a type are equal; floats canonically.
///
/// # Errors
/// Limits: aggregates charge for what is compared.
pub(crate) fn equal(context: &mut Context<'_>, type_id: TypeId, a: u64, b: u64) -> Result<bool, Stop> {
    Ok(compare(context, type_id, a, b, true)?.is_eq())
}

/// The total order of two values of a type: as [`anrf_format::value::Value`] orders them.
///
/// # Errors
/// Limits.
pub(crate) fn order(context: &mut Context<'_>, type_id: TypeId, a: u64, b: u64) -> Result<Ordering, Stop> {
    compare(context, type_id, a, b, false)
}

/// A comparison that is still to be done.
enum Work {
    Values(TypeId, u64, u64),
    /// Words of two objects, all of one type, from an index on.
    Words {
        type_id: TypeId,
        a: u64,
        b: u64,
        next: usize,
        end: usize,
    },
    /// The rest of two maps or sets: types of keys and values, and where they stand.
    Entries(TypeId, Option<TypeId>, Box<(Cursor, Cursor)>),
    /// Decides if all before was equal.
    Verdict(Ordering),
}

/// With `equality`, any two different values may be in any order: lengths decide early.
fn compare(
    context: &mut Context<'_>,
    type_id: TypeId,
    a: u64,
    b: u64,
    equality: bool,
) -> Result<Ordering, Stop> {
    if let Some(ordering) = scalar(context, type_id, a, b)? {
        return Ok(ordering);
    }
    let mut work = vec![Work::Values(type_id, a, b)];
    while let Some(next) = work.pop() {
        let (type_id, a, b) = match next {
            Work::Verdict(Ordering::Equal) => continue,
            Work::Verdict(verdict) => return Ok(verdict),
            Work::Values(type_id, a, b) => (type_id, a, b),
            Work::Words { type_id, a, b, next, end } => {
                if next >= end {
                    continue;
                }
                work.push(Work::Words { type_id, a, b, next: next + 1, end });
                (type_id, context.arena.word(a, next), context.arena.word(b, next))
            }
            Work::Entries(key, value, mut cursors) => {
                let (left, right) = &mut *cursors;
                let ((x, mine), (y, theirs)) = match (left.next(context.arena), right.next(context.arena)) {
                    (Some(x), Some(y)) => (x, y),
                    (None, None) => continue,
                    (None, _) => return Ok(Ordering::Less),
                    (_, None) => return Ok(Ordering::Greater),
                };
                work.push(Work::Entries(key, value, cursors));
                if let Some(value) = value {
                    work.push(Work::Values(value, mine, theirs));
                }
                (key, x, y)
            }
        };
        if let Some(ordering) = scalar(context, type_id, a, b)? {
            if ordering.is_ne() {
                return Ok(ordering);
            }
            continue;
        }
        if a == b {
            continue;
        }
        match context.shapes.get(type_id) {
            Shape::Optional(inner) => match (a, b) {
                (0, _) => return Ok(Ordering::Less),
                (_, 0) => return Ok(Ordering::Greater),
                _ => work.push(Work::Values(*inner, context.arena.word(a, 1), context.arena.word(b, 1))),
            },
            Shape::Array(element) => {
                let lengths = (context.arena.elements(a).len(), context.arena.elements(b).len());
                if equality && lengths.0 != lengths.1 {
                    return Ok(lengths.0.cmp(&lengths.1));
                }
                let common = lengths.0.min(lengths.1);
                context.charge(units_of_slots(common))?;
                if is_word(context, *element) {
                    let words = context.arena.elements(a).iter().zip(context.arena.elements(b));
                    let mut different = words.filter(|(x, y)| x != y);
                    if let Some((x, y)) = different.next() {
                        return Ok(x.cast_signed().cmp(&y.cast_signed()));
                    }
                    if lengths.0 != lengths.1 {
                        return Ok(lengths.0.cmp(&lengths.1));
                    }
                    continue;
                }
                work.push(Work::Verdict(lengths.0.cmp(&lengths.1)));
                let end = SEQUENCE_HEAD + common;
                work.push(Work::Words { type_id: *element, a, b, next: SEQUENCE_HEAD, end });
            }
            Shape::Record(fields) => {
                context.charge(units_of_slots(fields.len()))?;
                push_fields(context, &mut work, fields, a, b, 1);
            }
            Shape::Variant(cases) => {
                let (mine, theirs) = (context.arena.word(a, 1), context.arena.word(b, 1));
                if mine != theirs {
                    return Ok(mine.cmp(&theirs));
                }
                let fields = usize::try_from(mine).ok().and_then(|case| cases.get(case));
                if let Some(fields) = fields {
                    context.charge(units_of_slots(fields.len()))?;
                    push_fields(context, &mut work, fields, a, b, 2);
                }
            }
            Shape::Map(..) | Shape::Set(_) => {
                let tree = Tree::of(context, type_id)?;
                let lengths = (entries(context.arena, a), entries(context.arena, b));
                if equality && lengths.0 != lengths.1 {
                    return Ok(lengths.0.cmp(&lengths.1));
                }
                context.charge(units_of_slots(lengths.0.min(lengths.1) * tree.stride()))?;
                let cursors = (Cursor::new(context.arena, tree, a), Cursor::new(context.arena, tree, b));
                work.push(Work::Entries(tree.key, tree.value, Box::new(cursors)));
            }
            _ => {}
        }
    }
    Ok(Ordering::Equal)
}

/// Whether values of a type are equal exactly if their slots are, and ordered as signed words.
pub(super) fn is_word(context: &Context<'_>, type_id: TypeId) -> bool {
    matches!(context.shapes.get(type_id), Shape::Boolean | Shape::Integer | Shape::Timestamp | Shape::Enum(_))
}

fn push_fields(context: &Context<'_>, work: &mut Vec<Work>, fields: &[TypeId], a: u64, b: u64, first: usize) {
    for (index, field) in fields.iter().enumerate().rev() {
        let at = first + index;
        work.push(Work::Values(*field, context.arena.word(a, at), context.arena.word(b, at)));
    }
}

/// The order of values that hold no others; `None` for those that do.
fn scalar(context: &mut Context<'_>, type_id: TypeId, a: u64, b: u64) -> Result<Option<Ordering>, Stop> {
    Ok(Some(match context.shapes.get(type_id) {
        Shape::Boolean | Shape::Enum(_) => a.cmp(&b),
        Shape::Integer | Shape::Timestamp => a.cast_signed().cmp(&b.cast_signed()),
        Shape::Float => float_order(f64::from_bits(a)).cmp(&float_order(f64::from_bits(b))),
        Shape::Decimal => number::order_decimals(context, a, b)?,
        Shape::Unbounded => number::order_unbounded(context, a, b)?,
        Shape::String | Shape::Bytes => {
            let common = context.arena.octets(a).len().min(context.arena.octets(b).len());
            context.charge(units_of_bytes(common))?;
            // The order of UTF-8 is that of the scalars.
            context.arena.octets(a).cmp(context.arena.octets(b))
        }
        _ => return Ok(None),
    }))
}
