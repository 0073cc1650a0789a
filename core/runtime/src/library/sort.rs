//! Stable sorting: bottom-up merge sort on the first words of the keys.
//!
//! A comparison may end in a limit and stray bytes may make numbers that are costly to compare, so this is
//! not the standard library's sort, except where words decide everything.

use std::cmp::Ordering;

use anrf_format::types::TypeId;
use anrf_format::value::float_order;

use super::{Context, compare, units_of_bytes, units_of_slots};
use crate::arena::{Arena, SEQUENCE_HEAD, SLOT_BYTES, Shape, inline_decimal};
use crate::stop::{Limit, Stop};

/// Keys of one sort: an array with one key per element, its element type, whether descending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    /// The array of keys.
    pub(crate) keys: u64,
    /// The type of one.
    pub(crate) type_id: TypeId,
    /// Largest first.
    pub(crate) descending: bool,
}

/// As [`SortKey`], outside the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys<'slots> {
    pub(super) slots: &'slots [u64],
    pub(super) type_id: TypeId,
    pub(super) descending: bool,
}

/// Runs of so many are sorted by insertion.
const RUN: usize = 12;

/// The array in the order of the keys, the first key deciding first; stable. Charges the bits of `n` times
/// `n` for each key's comparisons, and for the octets that they read. The elements become shared.
///
/// # Errors
/// Limits.
pub(crate) fn sort_by(
    context: &mut Context<'_>,
    type_id: TypeId,
    array: u64,
    keys: &[SortKey],
) -> Result<u64, Stop> {
    let elements = context.scratch_copy(array)?;
    let mut slots = Vec::with_capacity(keys.len());
    for key in keys {
        slots.push(context.scratch_copy(key.keys)?);
    }
    let columns: Vec<Keys<'_>> = keys
        .iter()
        .zip(&slots)
        .map(|(key, slots)| Keys {
            // Wrongly proved code may bring fewer keys than elements.
            slots: slots.get(..elements.len()).unwrap_or(slots),
            type_id: key.type_id,
            descending: key.descending,
        })
        .collect();
    let order = order_of(context, &columns)?;
    let element = context.element_type(type_id);
    let sorted = context.arena.new_array_of(type_id, order.len())?;
    for (at, index) in order.iter().enumerate() {
        let slot = elements.get(*index as usize).copied().unwrap_or(0);
        context.share(element, slot);
        context.arena.set_word(sorted, SEQUENCE_HEAD + at, slot);
    }
    Ok(sorted)
}

#[derive(Clone, Copy)]
struct Item {
    /// The first key's word; ascending whatever the direction.
    word: u64,
    index: u32,
}

/// A key of all elements as words that are in the order of the keys where they differ.
struct Column<'slots> {
    keys: Keys<'slots>,
    words: Vec<u64>,
    /// Equal words are equal keys.
    exact: bool,
}

/// The indices of the elements in the stable order of their keys.
pub(super) fn order_of(context: &mut Context<'_>, keys: &[Keys<'_>]) -> Result<Vec<u32>, Stop> {
    let count = keys.iter().map(|keys| keys.slots.len()).min().unwrap_or(0);
    let bits = u64::from(usize::BITS - count.leading_zeros());
    let mut octets = 0;
    for key in keys {
        if matches!(context.shapes.get(key.type_id), Shape::String | Shape::Bytes) {
            let units = key.slots.iter().map(|slot| units_of_bytes(context.arena.octets(*slot).len()));
            octets += units.sum::<u64>();
        }
    }
    context.charge(bits.saturating_mul((count as u64 * keys.len() as u64).saturating_add(octets)))?;
    // The items twice, and a word for each key.
    context.reserve(count.saturating_mul(SLOT_BYTES * (4 + keys.len())) as u64)?;
    let mut columns: Vec<Column<'_>> = keys.iter().map(|keys| column(context, *keys)).collect();
    let indices = 0..u32::try_from(count).map_err(|_| Stop::Limit(Limit::Memory))?;
    let words = columns.first_mut().map(|column| std::mem::take(&mut column.words)).unwrap_or_default();
    let mut items: Vec<Item> =
        words.iter().zip(indices).map(|(word, index)| Item { word: *word, index }).collect();
    if let [Column { exact: true, .. }] = columns[..] {
        items.sort_unstable_by_key(|item| (item.word, item.index));
    } else {
        merge_sort(&mut items, |a, b| ties(context, &columns, *a, *b))?;
    }
    Ok(items.iter().map(|item| item.index).collect())
}

/// Whether `a` has to come after `b`; `a` stands before it now.
#[inline]
fn ties(context: &mut Context<'_>, columns: &[Column<'_>], a: Item, b: Item) -> Result<bool, Stop> {
    if a.word != b.word {
        return Ok(a.word > b.word);
    }
    for (at, column) in columns.iter().enumerate() {
        let (i, j) = (a.index as usize, b.index as usize);
        if at > 0 {
            let word = |index: usize| column.words.get(index).copied().unwrap_or(0);
            if word(i) != word(j) {
                return Ok(word(i) > word(j));
            }
        }
        if column.exact {
            continue;
        }
        let slot = |index: usize| column.keys.slots.get(index).copied().unwrap_or(0);
        let order = match context.shapes.get(column.keys.type_id) {
            // Paid in advance.
            Shape::String | Shape::Bytes => context.arena.octets(slot(i)).cmp(context.arena.octets(slot(j))),
            _ => compare::order(context, column.keys.type_id, slot(i), slot(j))?,
        };
        if order != Ordering::Equal {
            return Ok(order.is_gt() != column.keys.descending);
        }
    }
    Ok(false)
}

fn column<'slots>(context: &Context<'_>, keys: Keys<'slots>) -> Column<'slots> {
    let (words, exact) = words(context, keys);
    let words = if keys.descending { words.into_iter().map(|word| !word).collect() } else { words };
    Column { keys, words, exact }
}

fn words(context: &Context<'_>, keys: Keys<'_>) -> (Vec<u64>, bool) {
    let signed = |value: i64| value.cast_unsigned() ^ 1 << 63;
    let map = |word: &dyn Fn(u64) -> u64| keys.slots.iter().map(|slot| word(*slot)).collect();
    match context.shapes.get(keys.type_id) {
        Shape::Boolean | Shape::Enum(_) => (keys.slots.to_vec(), true),
        Shape::Integer | Shape::Timestamp => {
            (keys.slots.iter().map(|slot| signed(slot.cast_signed())).collect(), true)
        }
        Shape::Float => (map(&|slot| signed(float_order(f64::from_bits(slot)))), true),
        Shape::String | Shape::Bytes => {
            // Short ones fit a word together with their length, which tells those apart that end in zeros.
            let is_short = |slot: &u64| context.arena.octets(*slot).len() < SLOT_BYTES;
            let exact = keys.slots.iter().all(is_short);
            let word = |slot: &u64| {
                let length = if exact { context.arena.octets(*slot).len() as u64 } else { 0 };
                first_octets(context.arena, *slot) | length
            };
            (keys.slots.iter().map(word).collect(), exact)
        }
        Shape::Unbounded => (map(&|slot| signed(context.arena.narrow(slot).0)), false),
        Shape::Decimal => match decimal_words(keys.slots) {
            Some(words) => (words, true),
            None => (vec![0; keys.slots.len()], false),
        },
        _ => (vec![0; keys.slots.len()], false),
    }
}

/// Coefficients at one scale, if all are inline and fit.
fn decimal_words(slots: &[u64]) -> Option<Vec<u64>> {
    let mut scale = 0;
    for slot in slots {
        scale = scale.max(inline_decimal(*slot)?.1);
    }
    let word = |slot: &u64| {
        let (coefficient, own) = inline_decimal(*slot)?;
        let aligned = coefficient.checked_mul(10_i64.checked_pow(scale - own)?)?;
        Some(aligned.cast_unsigned() ^ 1 << 63)
    };
    slots.iter().map(word).collect()
}

/// Eight octets, the first most significant, zeros behind the end.
#[inline]
fn first_octets(arena: &Arena, slot: u64) -> u64 {
    let octets = arena.octets(slot);
    match octets.first_chunk::<8>() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            octets.iter().enumerate().fold(0, |word, (at, octet)| word | u64::from(*octet) << (56 - 8 * at))
        }
    }
}

/// Sorts stably; `after(a, b)` says for an `a` that stands before `b` whether it has to come after it.
fn merge_sort<T: Copy>(
    items: &mut Vec<T>,
    mut after: impl FnMut(&T, &T) -> Result<bool, Stop>,
) -> Result<(), Stop> {
    let count = items.len();
    for run in items.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while at > 0 && after(&run[at - 1], &run[at])? {
                run.swap(at - 1, at);
                at -= 1;
            }
        }
    }
    let mut merged: Vec<T> = Vec::with_capacity(count);
    let mut width = RUN;
    while width < count {
        merged.clear();
        for pair in items.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            match (left.last(), right.first()) {
                (Some(last), Some(first)) if !after(last, first)? => {
                    merged.extend_from_slice(pair);
                    continue;
                }
                _ => {}
            }
            while let (Some(a), Some(b)) = (left.first(), right.first()) {
                if after(a, b)? {
                    merged.push(*b);
                    right = &right[1..];
                } else {
                    merged.push(*a);
                    left = &left[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(items, &mut merged);
        width *= 2;
    }
    Ok(())
}

/// `SORT(xs)`.
pub(super) fn sort(context: &mut Context<'_>, type_id: TypeId, array: u64) -> Result<u64, Stop> {
    let key = SortKey { keys: array, type_id: context.element_type(type_id), descending: false };
    sort_by(context, type_id, array, &[key])
}

/// The first of all equal elements, in their order.
pub(super) fn unique(context: &mut Context<'_>, type_id: TypeId, array: u64) -> Result<u64, Stop> {
    let element = context.element_type(type_id);
    let slots = context.scratch_copy(array)?;
    let order = order_of(context, &[Keys { slots: &slots, type_id: element, descending: false }])?;
    let slot = |index: u32| slots.get(index as usize).copied().unwrap_or(0);
    let mut firsts = Vec::new();
    let mut previous = None;
    for index in order {
        let repeats = match previous {
            Some(previous) => compare::equal(context, element, slot(previous), slot(index))?,
            None => false,
        };
        if !repeats {
            firsts.push(index);
        }
        previous = Some(index);
    }
    firsts.sort_unstable();
    let new = context.arena.new_array_of(type_id, firsts.len())?;
    for (at, index) in firsts.into_iter().enumerate() {
        context.share(element, slot(index));
        context.arena.set_word(new, SEQUENCE_HEAD + at, slot(index));
    }
    Ok(new)
}

/// Whether two arrays hold the same elements equally often.
pub(super) fn is_permutation(
    context: &mut Context<'_>,
    type_id: TypeId,
    a: u64,
    b: u64,
) -> Result<bool, Stop> {
    let element = context.element_type(type_id);
    let (mine, theirs) = (context.scratch_copy(a)?, context.scratch_copy(b)?);
    if mine.len() != theirs.len() {
        return Ok(false);
    }
    let keys = |slots| Keys { slots, type_id: element, descending: false };
    let (x, y) = (order_of(context, &[keys(&mine)])?, order_of(context, &[keys(&theirs)])?);
    context.charge(units_of_slots(x.len()))?;
    for (i, j) in x.into_iter().zip(y) {
        let slot = |slots: &[u64], index: u32| slots.get(index as usize).copied().unwrap_or(0);
        if !compare::equal(context, element, slot(&mine, i), slot(&theirs, j))? {
            return Ok(false);
        }
    }
    Ok(true)
}
