//! The nodes of maps and sets, and searching in them.
//!
//! A B-tree (Bayer and McCreight 1972) with entries in all nodes. Nodes are persistent: an update changes
//! those in place that nobody else holds and copies the others on its way (path copying), marking what a
//! copy points to as shared.
//!
//! String and bytes keys have heads (`arena::NODE_HEAD`): four bytes behind what all keys between the
//! *fences* of a node (the separators around it in the nodes above) have in common. A key that is looked
//! for stands between the fences too, so it need not be compared with what they have in common. The number
//! of bytes passed over may be less than that, never more: what widens the fences lowers it. Nodes at the
//! edges of the tree lack a fence; they pass over what their own keys have in common, and a search compares
//! that first ([`CHECKED`]).

use std::cmp::Ordering;

use anrf_format::types::TypeId;

use super::{Context, compare, units_of_slots};
use crate::arena::{Arena, Header, Keys, LEAF, NODE, NODE_HEAD, NODE_KEYS, node_words};

pub(super) use crate::arena::Tree;
use crate::stop::Stop;

/// Nodes on the way from the root to a leaf at most: 2^32 entries need 11 of the smallest.
pub(super) const MAX_HEIGHT: usize = 12;

/// Fewest keys of a node that is not the root.
pub(super) const LEAST_KEYS: usize = NODE_KEYS / 2;

/// Longer common beginnings of keys are not passed over: finding them has to stay cheap.
const LONGEST_COMMON: usize = 256;

/// Set in the word with the bytes to pass over: they are those of the node's own keys.
const CHECKED: u64 = 1 << 32;

/// The part of a text key's slot in a node that is the offset.
pub(super) const OFFSET: u64 = 0xffff_ffff;

/// The way from the root to a position: nodes and the index of the child that was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    steps: [(u64, usize); MAX_HEIGHT],
    pub(super) height: usize,
}

impl Path {
    pub(super) const fn new() -> Self {
        Self { steps: [(0, 0); MAX_HEIGHT], height: 0 }
    }

    /// One node deeper.
    pub(super) fn push(&mut self, node: u64, index: usize) -> Result<(), Stop> {
        let step = self.steps.get_mut(self.height).ok_or(Stop::Internal("a map is too deep"))?;
        *step = (node, index);
        self.height += 1;
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<(u64, usize)> {
        self.height = self.height.checked_sub(1)?;
        self.steps.get(self.height).copied()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut (u64, usize)> {
        self.steps.get_mut(self.height.checked_sub(1)?)
    }

    pub(super) fn steps(&self) -> &[(u64, usize)] {
        &self.steps[..self.height]
    }
}

impl Tree {
    /// The tree of a map or set type.
    #[inline]
    pub(super) fn of<'run>(context: &Context<'run>, type_id: TypeId) -> Result<&'run Self, Stop> {
        let shapes = context.shapes;
        shapes.tree(type_id).ok_or(Stop::Internal("a map or set was expected"))
    }

    /// Slots of an entry: key and value, or key.
    pub(super) const fn stride(&self) -> usize {
        if self.value.is_some() { 2 } else { 1 }
    }

    /// Whether it is remembered where keys stand: those that are hashed with ease.
    pub(super) const fn has_places(&self) -> bool {
        !matches!(self.keys, Keys::Other)
    }

    pub(super) const fn has_text(&self) -> bool {
        matches!(self.keys, Keys::Text)
    }

    /// The index of a node's word with a value.
    const fn value_at(index: usize) -> usize {
        NODE_HEAD + NODE_KEYS + index
    }

    /// The index of a node's word with a child.
    const fn child_at(&self, index: usize) -> usize {
        NODE_HEAD + NODE_KEYS * self.stride() + index
    }

    /// A node's key as the slot of a value.
    pub(super) fn key(&self, arena: &Arena, node: u64, index: usize) -> u64 {
        let key = arena.word(node, NODE_HEAD + index);
        if self.has_text() { key & OFFSET } else { key }
    }

    /// A node's value; of a set the key.
    #[inline]
    pub(super) fn value(&self, arena: &Arena, node: u64, index: usize) -> u64 {
        if self.value.is_some() {
            arena.word(node, Self::value_at(index))
        } else {
            self.key(arena, node, index)
        }
    }

    pub(super) fn child(&self, arena: &Arena, node: u64, index: usize) -> u64 {
        arena.word(node, self.child_at(index))
    }

    pub(super) fn set_child(&self, arena: &mut Arena, node: u64, index: usize, child: u64) {
        arena.set_word(node, self.child_at(index), child);
    }

    pub(super) fn set_value(&self, arena: &mut Arena, node: u64, index: usize, value: u64) {
        if self.value.is_some() {
            arena.set_word(node, Self::value_at(index), value);
        }
    }

    /// Stores a key (the slot of a value) with the head that it has in this node.
    pub(super) fn set_key(&self, arena: &mut Arena, node: u64, index: usize, key: u64) {
        let word = if self.has_text() {
            let head = head(arena.octets(key), common(arena, node).bytes);
            key & OFFSET | u64::from(head) << 32
        } else {
            key
        };
        arena.set_word(node, NODE_HEAD + index, word);
    }

    /// Where a key stands in a node, or the index of the first key after it.
    #[inline]
    pub(super) fn search(
        &self,
        context: &mut Context<'_>,
        node: u64,
        key: u64,
    ) -> Result<Result<usize, usize>, Stop> {
        let words = context.arena.words(node, 0, NODE_HEAD + NODE_KEYS);
        let count = words.first().map_or(0, |header| count(*header));
        let keys = words.get(NODE_HEAD..NODE_HEAD + count).unwrap_or(&[]);
        match self.keys {
            Keys::Word => {
                let at = before(keys, |word| word.cast_signed() < key.cast_signed());
                Ok(if keys.get(at) == Some(&key) { Ok(at) } else { Err(at) })
            }
            Keys::Text => {
                let skipped = words.get(1).copied().unwrap_or(0);
                Ok(search_text(context.arena, keys, skipped, context.arena.octets(key)))
            }
            Keys::Other => {
                let (mut low, mut high) = (0, keys.len());
                while low < high {
                    let middle = (low + high) / 2;
                    let candidate = context.arena.word(node, NODE_HEAD + middle);
                    match compare::order(context, self.key, candidate, key)? {
                        Ordering::Less => low = middle + 1,
                        Ordering::Greater => high = middle,
                        Ordering::Equal => return Ok(Ok(middle)),
                    }
                }
                Ok(Err(low))
            }
        }
    }

    /// A node without keys; the caller fills it.
    pub(super) fn new_node(&self, arena: &mut Arena, is_leaf: bool, common: Common) -> Result<u64, Stop> {
        let node = arena.allocate(node_words(self.value.is_some(), is_leaf))?;
        let flags = NODE | if is_leaf { LEAF } else { 0 };
        arena.set_word(node, 0, Header::new(self.type_id, 0).with_flags(flags).encode());
        arena.set_word(node, 1, common.encode());
        Ok(node)
    }

    /// The node itself if nobody else holds it, otherwise a copy whose children are shared.
    pub(super) fn own(&self, context: &mut Context<'_>, node: u64) -> Result<u64, Stop> {
        if !context.arena.is_shared(node) {
            return Ok(node);
        }
        let leaf = is_leaf(context.arena, node);
        let words = node_words(self.value.is_some(), leaf);
        context.charge(units_of_slots(words))?;
        let new = context.arena.allocate(words)?;
        context.arena.copy_words(node, 0, new, 0, words);
        let header = context.arena.header(new);
        let flags = NODE | if leaf { LEAF } else { 0 };
        context.arena.set_word(new, 0, Header { flags, ..header }.encode());
        // The old node may not be a part of this tree any more.
        context.cache.places.forget();
        let count = length(context.arena, new);
        for index in 0..count {
            if self.shares_values {
                let value = context.arena.word(new, Self::value_at(index));
                context.arena.share(value);
            }
        }
        if !leaf {
            for index in 0..=count {
                let child = self.child(context.arena, new, index);
                context.arena.share(child);
            }
        }
        Ok(new)
    }

    /// The child of an owned node, owned too.
    pub(super) fn own_child(&self, context: &mut Context<'_>, node: u64, index: usize) -> Result<u64, Stop> {
        let child = self.child(context.arena, node, index);
        let owned = self.own(context, child)?;
        if owned != child {
            self.set_child(context.arena, node, index, owned);
        }
        Ok(owned)
    }

    /// Makes room at an index of an owned node that is not full and puts an entry there, with the child
    /// behind it unless the node is a leaf.
    pub(super) fn insert_at(&self, arena: &mut Arena, node: u64, index: usize, entry: Entry) {
        self.admit(arena, node, entry.key);
        let count = length(arena, node);
        self.shift(arena, node, index, index + 1, count);
        set_length(arena, node, count + 1);
        self.set_key(arena, node, index, entry.key);
        self.set_value(arena, node, index, entry.value);
        if !is_leaf(arena, node) {
            let at = self.child_at(index + 1);
            arena.copy_words(node, at, node, at + 1, count.saturating_sub(index));
            arena.set_word(node, at, entry.right);
        }
    }

    /// Takes the entry at an index out of an owned node, and the child behind it unless it is a leaf.
    pub(super) fn remove_at(&self, arena: &mut Arena, node: u64, index: usize) {
        let count = length(arena, node);
        self.shift(arena, node, index + 1, index, count);
        if !is_leaf(arena, node) {
            let at = self.child_at(index + 1);
            arena.copy_words(node, at + 1, node, at, count.saturating_sub(index + 1));
        }
        set_length(arena, node, count.saturating_sub(1));
    }

    /// Moves the keys and values from an index to the end of a node.
    fn shift(&self, arena: &mut Arena, node: u64, from: usize, to: usize, count: usize) {
        let moved = count.saturating_sub(from).min(NODE_KEYS.saturating_sub(to));
        arena.copy_words(node, NODE_HEAD + from, node, NODE_HEAD + to, moved);
        if self.value.is_some() {
            arena.copy_words(node, Self::value_at(from), node, Self::value_at(to), moved);
        }
    }

    /// Appends `moved` entries of one node, from an index on, and the children around them to another with
    /// the same common beginning.
    pub(super) fn append(&self, arena: &mut Arena, from: u64, index: usize, moved: usize, to: u64) {
        let count = length(arena, to);
        let moved = moved.min(NODE_KEYS.saturating_sub(count));
        arena.copy_words(from, NODE_HEAD + index, to, NODE_HEAD + count, moved);
        if self.value.is_some() {
            arena.copy_words(from, Self::value_at(index), to, Self::value_at(count), moved);
        }
        if !is_leaf(arena, to) {
            arena.copy_words(from, self.child_at(index), to, self.child_at(count), moved + 1);
        }
        set_length(arena, to, count + moved);
    }

    /// Changes what an owned node passes over.
    pub(super) fn set_common(&self, arena: &mut Arena, node: u64, new: Common) {
        let old = common(arena, node);
        if !self.has_text() || old == new {
            return;
        }
        arena.set_word(node, 1, new.encode());
        if old.bytes != new.bytes {
            for index in 0..length(arena, node) {
                let key = self.key(arena, node, index);
                self.set_key(arena, node, index, key);
            }
        }
    }

    /// Makes an owned node pass over no more than a number of bytes.
    pub(super) fn lower_common(&self, arena: &mut Arena, node: u64, most: usize) {
        let Common { bytes, checked } = common(arena, node);
        self.set_common(arena, node, Common { bytes: bytes.min(most), checked });
    }

    /// Makes an owned node ready for a key that it is to get, or to have instead of another.
    pub(super) fn admit(&self, arena: &mut Arena, node: u64, key: u64) {
        let Common { bytes, checked } = common(arena, node);
        if checked && bytes > 0 {
            let most = if length(arena, node) == 0 {
                0
            } else {
                self.in_common(arena, self.key(arena, node, 0), key)
            };
            self.lower_common(arena, node, most);
        }
    }

    /// How many bytes two keys have in common.
    pub(super) fn in_common(&self, arena: &Arena, a: u64, b: u64) -> usize {
        if !self.has_text() {
            return 0;
        }
        let pairs = arena.octets(a).iter().zip(arena.octets(b)).take(LONGEST_COMMON);
        pairs.take_while(|(a, b)| a == b).count()
    }

    /// The most that a node with a first and a last key can pass over, between fences if it has both.
    pub(super) fn common_of(
        &self,
        arena: &Arena,
        fences: (Option<u64>, Option<u64>),
        first: u64,
        last: u64,
    ) -> Common {
        match fences {
            (Some(low), Some(high)) => Common { bytes: self.in_common(arena, low, high), checked: false },
            _ => Common { bytes: self.in_common(arena, first, last), checked: true },
        }
    }

    /// As [`Self::common_of`], set.
    pub(super) fn refit(&self, arena: &mut Arena, node: u64, fences: (Option<u64>, Option<u64>)) {
        if !self.has_text() {
            return;
        }
        let last = length(arena, node).saturating_sub(1);
        let (first, last) = (self.key(arena, node, 0), self.key(arena, node, last));
        let best = self.common_of(arena, fences, first, last);
        let old = common(arena, node);
        if best.bytes > old.bytes || best.checked != old.checked {
            self.set_common(arena, node, best);
        }
    }

    /// The separators around the node that a way leads to.
    pub(super) fn fences(&self, arena: &Arena, steps: &[(u64, usize)]) -> (Option<u64>, Option<u64>) {
        let low = steps.iter().rev().find(|(_, index)| *index > 0);
        let high = steps.iter().rev().find(|(node, index)| *index < length(arena, *node));
        (
            low.map(|(node, index)| self.key(arena, *node, index - 1)),
            high.map(|(node, index)| self.key(arena, *node, *index)),
        )
    }
}

/// A key, its value, and where a node is not a leaf the child with all that is after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) key: u64,
    pub(super) value: u64,
    pub(super) right: u64,
}

#[inline]
#[allow(clippy::cast_possible_truncation)] // the low half of the header
pub(super) fn count(header: u64) -> usize {
    (header as u32 as usize).min(NODE_KEYS)
}

/// Keys of a node.
#[inline]
pub(super) fn length(arena: &Arena, node: u64) -> usize {
    count(arena.word(node, 0))
}

pub(super) fn set_length(arena: &mut Arena, node: u64, length: usize) {
    let header = arena.header(node);
    let length = u32::try_from(length.min(NODE_KEYS)).unwrap_or(0);
    arena.set_word(node, 0, Header { length, ..header }.encode());
}

#[inline]
pub(super) fn is_leaf(arena: &Arena, node: u64) -> bool {
    arena.header(node).flags & LEAF != 0
}

/// What a node passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Common {
    /// How many bytes of its keys.
    pub(super) bytes: usize,
    /// Whether a key that is looked for has to be compared with them first.
    pub(super) checked: bool,
}

impl Common {
    /// Nothing, of a node that has no keys yet.
    pub(super) const NONE: Self = Self { bytes: 0, checked: true };

    const fn encode(self) -> u64 {
        self.bytes as u64 | if self.checked { CHECKED } else { 0 }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the lower half
    const fn decode(word: u64) -> Self {
        Self { bytes: word as u32 as usize, checked: word & CHECKED != 0 }
    }
}

/// What a node passes over.
pub(super) fn common(arena: &Arena, node: u64) -> Common {
    Common::decode(arena.word(node, 1))
}

/// Four octets from a position on, the first most significant; zeros behind the end.
#[inline]
fn head(octets: &[u8], skipped: usize) -> u32 {
    let rest = octets.get(skipped..).unwrap_or(&[]);
    match *rest {
        [a, b, c, d, ..] => u32::from_be_bytes([a, b, c, d]),
        [a, b, c] => u32::from_be_bytes([a, b, c, 0]),
        [a, b] => u32::from_be_bytes([a, b, 0, 0]),
        [a] => u32::from_be_bytes([a, 0, 0, 0]),
        [] => 0,
    }
}

/// How many keys, which stand first, are before a position. Looking at all of them is quicker than to search:
/// a processor cannot foresee how a search goes on.
#[inline]
fn before(keys: &[u64], is_before: impl Fn(u64) -> bool) -> usize {
    keys.iter().map(|word| usize::from(is_before(*word))).sum()
}

#[inline]
fn search_text(arena: &Arena, keys: &[u64], common: u64, octets: &[u8]) -> Result<usize, usize> {
    let Common { bytes: skipped, checked } = Common::decode(common);
    if checked && skipped > 0 {
        let first = arena.octets(keys.first().map_or(0, |key| key & OFFSET));
        let (mine, theirs) = (octets.get(..skipped).unwrap_or(octets), first.get(..skipped).unwrap_or(first));
        match mine.cmp(theirs) {
            Ordering::Less => return Err(0),
            Ordering::Greater => return Err(keys.len()),
            Ordering::Equal => {}
        }
    }
    let head = u64::from(head(octets, skipped)) << 32;
    let low = before(keys, |word| word < head);
    let rest = octets.get(skipped..).unwrap_or(&[]);
    // Few keys have the same head.
    for (index, candidate) in keys.iter().enumerate().skip(low) {
        if candidate & !OFFSET != head {
            return Err(index);
        }
        let candidate = arena.octets(candidate & OFFSET).get(skipped..).unwrap_or(&[]);
        match candidate.cmp(rest) {
            Ordering::Less => {}
            Ordering::Equal => return Ok(index),
            Ordering::Greater => return Err(index),
        }
    }
    Err(keys.len())
}
