//! Maps and sets as a whole: in order one by one, and made at once from what is in order.

use anrf_format::types::TypeId;

use super::collection::{new_object, root, set_entries};
use super::sort::{Keys, order_of};
use super::tree::{MAX_HEIGHT, Path, Tree, is_leaf, length, set_length};
use super::{Context, units_of_slots};
use crate::arena::{Arena, NODE_KEYS, SEQUENCE_HEAD, SLOT_BYTES};
use crate::stop::{Limit, Stop};

/// Goes through the entries in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    path: Path,
    tree: Tree,
    left: usize,
}

impl Cursor {
    /// Before the first entry.
    pub(super) fn new(arena: &Arena, tree: &Tree, x: u64) -> Self {
        let mut cursor = Self { path: Path::new(), tree: *tree, left: entries(arena, x) };
        cursor.descend(arena, root(arena, x));
        cursor
    }

    /// The next key and value (of a set: twice the member).
    pub(super) fn next(&mut self, arena: &Arena) -> Option<(u64, u64)> {
        self.left = self.left.checked_sub(1)?;
        loop {
            let (node, index) = self.path.last_mut()?;
            if *index >= length(arena, *node) {
                self.path.pop();
                continue;
            }
            let (node, at) = (*node, *index);
            *index += 1;
            let entry = (self.tree.key(arena, node, at), self.tree.value(arena, node, at));
            if !is_leaf(arena, node) {
                self.descend(arena, self.tree.child(arena, node, at + 1));
            }
            return Some(entry);
        }
    }

    fn descend(&mut self, arena: &Arena, mut node: u64) {
        while node != 0 && self.path.push(node, 0).is_ok() && !is_leaf(arena, node) {
            node = self.tree.child(arena, node, 0);
        }
    }
}

/// Entries of a map or set; of stray bytes no more than could be there.
pub(super) fn entries(arena: &Arena, x: u64) -> usize {
    let most = usize::try_from(arena.end()).unwrap_or(usize::MAX) / SLOT_BYTES;
    if x == 0 { 0 } else { (arena.length(x) as usize).min(most) }
}

/// Which part of the entries an array of them holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Keys,
    Values,
    /// Records of key and value.
    Entries,
}

/// An array of the entries of a map or set, ascending. What it holds is shared.
pub(super) fn array_of(
    context: &mut Context<'_>,
    type_id: TypeId,
    x: u64,
    part: Part,
    result: TypeId,
) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    let count = entries(context.arena, x);
    context.charge(units_of_slots(count * if part == Part::Entries { 5 } else { 2 }))?;
    let element = context.element_type(result);
    let array = context.arena.new_array_of(result, count)?;
    context.arena.words_mut(array, SEQUENCE_HEAD, count).fill(0);
    let mut cursor = Cursor::new(context.arena, tree, x);
    let mut at = SEQUENCE_HEAD;
    while let Some((key, value)) = cursor.next(context.arena) {
        context.share(tree.key, key);
        if let Some(value_type) = tree.value
            && part != Part::Keys
        {
            context.share(value_type, value);
        }
        let slot = match part {
            Part::Keys => key,
            Part::Values => value,
            Part::Entries => context.arena.new_record(element, &[key, value])?,
        };
        context.arena.set_word(array, at, slot);
        at += 1;
    }
    Ok(array)
}

/// The slots in ascending order of the keys: of a map key, value, key, value, ...; of a set the members.
/// Charges for them.
///
/// # Errors
/// Limits.
pub(crate) fn flatten(context: &mut Context<'_>, x: u64) -> Result<Vec<u64>, Stop> {
    if x == 0 {
        return Ok(Vec::new());
    }
    let tree = Tree::of(context, context.arena.header(x).type_id)?;
    let slots = entries(context.arena, x) * tree.stride();
    context.charge(units_of_slots(slots))?;
    let mut flat = context.scratch(slots)?;
    let mut cursor = Cursor::new(context.arena, tree, x);
    while let Some((key, value)) = cursor.next(context.arena) {
        flat.push(key);
        if tree.value.is_some() {
            flat.push(value);
        }
    }
    Ok(flat)
}

/// A map of entries in any order (key, value, key, value, ...); of equal keys the last counts.
///
/// # Errors
/// Limits.
pub(crate) fn new_map(context: &mut Context<'_>, type_id: TypeId, entries: &[u64]) -> Result<u64, Stop> {
    from_any(context, type_id, entries)
}

/// A set of members in any order, repeats allowed.
///
/// # Errors
/// Limits.
pub(crate) fn new_set(context: &mut Context<'_>, type_id: TypeId, members: &[u64]) -> Result<u64, Stop> {
    from_any(context, type_id, members)
}

/// Charges for looking whether they are in order, and if not for sorting them.
fn from_any(context: &mut Context<'_>, type_id: TypeId, slots: &[u64]) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    let stride = tree.stride();
    let keys = || slots.iter().step_by(stride).copied();
    context.charge(units_of_slots(slots.len()))?;
    let mut ascends = true;
    for (a, b) in keys().zip(keys().skip(1)) {
        if !super::compare::order(context, tree.key, a, b)?.is_lt() {
            ascends = false;
            break;
        }
    }
    if ascends {
        return from_ascending(context, type_id, slots);
    }
    let mut copy = context.scratch(slots.len() / stride)?;
    copy.extend(keys());
    let keys = copy;
    let order = order_of(context, &[Keys { slots: &keys, type_id: tree.key, descending: false }])?;
    let mut distinct = context.scratch(slots.len())?;
    for (at, index) in order.iter().enumerate() {
        let key = |index: u32| keys.get(index as usize).copied().unwrap_or(0);
        // The order is stable, so the last of equal keys is the last to come.
        if let Some(next) = order.get(at + 1)
            && super::compare::equal(context, tree.key, key(*index), key(*next))?
        {
            continue;
        }
        let start = *index as usize * stride;
        distinct.extend_from_slice(slots.get(start..start + stride).unwrap_or(&[]));
    }
    from_ascending(context, type_id, &distinct)
}

/// A map or set of entries whose keys ascend and are distinct. Charges for the nodes.
///
/// # Errors
/// Limits.
pub(crate) fn from_ascending(context: &mut Context<'_>, type_id: TypeId, slots: &[u64]) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    let count = slots.len() / tree.stride();
    let entries = u32::try_from(count).map_err(|_| Stop::Limit(Limit::Memory))?;
    context.charge(units_of_slots(slots.len()))?;
    let x = new_object(context.arena, type_id)?;
    if count == 0 {
        return Ok(x);
    }
    let mut height = 1;
    let mut capacity = NODE_KEYS;
    while capacity < count {
        height += 1;
        capacity = (capacity + 1) * (NODE_KEYS + 1) - 1;
    }
    let builder = Builder { tree: *tree, slots };
    let root = builder.node(context, 0, count, height)?;
    context.arena.set_word(x, super::collection::ROOT, root);
    set_entries(context.arena, x, entries);
    Ok(x)
}

struct Builder<'slots> {
    tree: Tree,
    slots: &'slots [u64],
}

impl Builder<'_> {
    fn entry(&self, index: usize) -> (u64, u64) {
        let at = index * self.tree.stride();
        let slot = |at: usize| self.slots.get(at).copied().unwrap_or(0);
        (slot(at), if self.tree.value.is_some() { slot(at + 1) } else { 0 })
    }

    /// The node of the entries from one index to another, with so many nodes from it to a leaf (at most 8).
    fn node(&self, context: &mut Context<'_>, from: usize, to: usize, height: u32) -> Result<u64, Stop> {
        debug_assert!((height as usize) < MAX_HEIGHT);
        let count = to - from;
        let fence =
            |index: Option<usize>| index.filter(|at| *at < self.entry_count()).map(|at| self.entry(at).0);
        let fences = (fence(from.checked_sub(1)), fence(Some(to)));
        let (first, last) = (self.entry(from).0, self.entry(to.saturating_sub(1)).0);
        let common = self.tree.common_of(context.arena, fences, first, last);
        let node = self.tree.new_node(context.arena, height == 1, common)?;
        if height == 1 {
            set_length(context.arena, node, count);
            for at in 0..count {
                self.set(context, node, at, from + at);
            }
            return Ok(node);
        }
        // As few children as hold the entries, evenly filled: each but the root's has half or more.
        let child_capacity = (NODE_KEYS + 1).pow(height - 1) - 1;
        let children = (count + 1).div_ceil(child_capacity + 1);
        set_length(context.arena, node, children - 1);
        let mut start = from;
        for child in 0..children {
            let rest = to - start;
            // The separators that are still to come stand between what is shared out.
            let left = children - child;
            let end = start + (rest - (left - 1)).div_ceil(left);
            let below = self.node(context, start, end, height - 1)?;
            self.tree.set_child(context.arena, node, child, below);
            if child + 1 < children {
                self.set(context, node, child, end);
            }
            start = end + 1;
        }
        Ok(node)
    }

    fn entry_count(&self) -> usize {
        self.slots.len() / self.tree.stride()
    }

    fn set(&self, context: &mut Context<'_>, node: u64, at: usize, index: usize) {
        let (key, value) = self.entry(index);
        context.share(self.tree.key, key);
        self.tree.set_key(context.arena, node, at, key);
        self.tree.set_value(context.arena, node, at, value);
    }
}
