//! Where keys stand in trees: a hash table beside the order, so that finding a key again costs about the same
//! however large its map is.
//!
//! It lies outside the arena and says nothing that a search would not: what is found here is compared with the
//! key, and what is not is looked for in the tree. So neither results nor charges nor the memory of a run
//! depend on it, and keys that were chosen to collide cost what a search costs. It has room for as many keys
//! as the largest map that was looked into has, up to a bound.
//!
//! A place holds as long as its node is a part of that very tree. Entries that move inside the node or out of
//! it are seen by looking; when nodes are copied, joined, moved or gone, all places are forgotten.

use crate::arena::{Arena, NODE_HEAD, SEQUENCE_HEAD, SLOT_BYTES};

use super::tree::{OFFSET, count};

/// Places in a set: as many as fill a line of a processor's cache.
const WAYS: usize = 4;

/// Sets at first, and at most (1 MiB).
const FEWEST_SETS: usize = 1 << 6;
const MOST_SETS: usize = 1 << SET_BITS;
const SET_BITS: u32 = 14;

/// Widths of the parts of a label: a part of the hash, how often all places were forgotten before, and the
/// offset of the map or set in words. Such offsets have 29 bits.
const TAG_BITS: u32 = 15;
const GENERATION_BITS: u32 = 20;
const WORD_BITS: u32 = 29;
const WORD_MASK: u64 = (1 << WORD_BITS) - 1;

/// Where parts of a place begin: the node in words, in the table the key in words (of texts), the index, and
/// the shared bit.
const INDEX_AT: u32 = 2 * WORD_BITS;
const SHARED_AT: u32 = INDEX_AT + 4;

/// The multiplier of Firefox's hash.
pub(super) const MULTIPLIER: u64 = 0x517c_c1b7_2722_0a95;

/// Where a key was found: the node, the index of the key in it, and whether the object or a node on the way is
/// held by others too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u64);

impl Place {
    #[inline]
    pub(super) fn new(node: u64, index: usize, shared: bool) -> Self {
        Self(word(node) | (index as u64 & 15) << INDEX_AT | u64::from(shared) << SHARED_AT)
    }

    #[inline]
    pub(super) fn node(self) -> u64 {
        (self.0 & WORD_MASK) * SLOT_BYTES as u64
    }

    #[inline]
    pub(super) fn index(self) -> usize {
        (self.0 >> INDEX_AT & 15) as usize
    }

    #[inline]
    pub(super) fn is_shared(self) -> bool {
        self.0 >> SHARED_AT & 1 != 0
    }

    /// The same, held by others too if that is so.
    #[inline]
    pub(super) fn or_shared(self, shared: bool) -> Self {
        Self(self.0 | u64::from(shared) << SHARED_AT)
    }
}

/// A key in a tree: the set that its place is in, how it is labelled, and what to compare.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    hash: u64,
    label: u64,
    key: Key<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Key<'a> {
    Word(u64),
    Octets(Octets<'a>),
}

/// Labels, which are never 0 where there is a place, and places with keys.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Set {
    labels: [u64; WAYS],
    places: [u64; WAYS],
}

/// The table.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    sets: Vec<Set>,
    generation: u64,
    /// Which place of a full set goes.
    turn: usize,
}

impl Places {
    /// Bytes that it takes from the system.
    pub(super) fn held_bytes(&self) -> usize {
        self.sets.len() * size_of::<Set>()
    }

    /// What was known holds no more.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.generation += 1;
        if self.generation >> GENERATION_BITS != 0 {
            self.generation = 1;
            self.sets.fill(Set::default());
        }
    }

    /// What to look for a key of a map or set under.
    #[inline]
    pub(super) fn name<'a>(&self, arena: &'a Arena, x: u64, key: u64, is_text: bool) -> Name<'a> {
        let x = word(x);
        let key = if is_text { Key::Octets(Octets::of(arena, key)) } else { Key::Word(key) };
        let hash = match key {
            Key::Octets(octets) => octets.hash(),
            Key::Word(key) => key,
        };
        let hash = (hash ^ x).wrapping_mul(MULTIPLIER);
        let tag = hash >> (u64::BITS - TAG_BITS);
        Name { hash, label: (tag << GENERATION_BITS | self.generation) << WORD_BITS | x, key }
    }

    /// Where a key stands, if that is known.
    #[inline]
    pub(super) fn get(&mut self, arena: &Arena, name: Name<'_>) -> Option<Place> {
        let index = self.index_of(name);
        let set = self.sets.get(index)?;
        // Without a jump: a processor cannot foresee which one it is.
        let is = |way: usize| usize::from(set.labels[way] == name.label);
        let way = is(1) + 2 * is(2) + 3 * is(3);
        if set.labels[way] != name.label {
            return None;
        }
        let known = set.places[way];
        let (mask, wanted) = match name.key {
            Key::Word(key) => (u64::MAX, key),
            Key::Octets(octets) => {
                let key = (known >> WORD_BITS & WORD_MASK) * SLOT_BYTES as u64;
                if !octets.are(arena, key) {
                    return None;
                }
                (OFFSET, key)
            }
        };
        let place = Place(known & !(WORD_MASK << WORD_BITS));
        let (node, at) = (place.node(), place.index());
        if at < count(arena.word(node, 0)) && arena.word(node, NODE_HEAD + at) & mask == wanted {
            return Some(place);
        }
        // Others came or went before it.
        let keys = arena.words(node, NODE_HEAD, count(arena.word(node, 0)));
        let at = keys.iter().position(|key| key & mask == wanted)?;
        let place = Place::new(node, at, place.is_shared());
        self.set(name, known & WORD_MASK << WORD_BITS | place.0);
        Some(place)
    }

    /// Remembers where a key stands: `key` is the one in the tree, whose map or set has so many `entries`.
    /// The table grows only into memory that the run has left.
    pub(super) fn put(&mut self, arena: &Arena, name: Name<'_>, key: u64, place: Place, entries: usize) {
        if 2 * entries > self.sets.len() * WAYS && self.sets.len() < MOST_SETS && !self.grow(arena, entries) {
            return;
        }
        let key = if matches!(name.key, Key::Octets(_)) { word(key) } else { 0 };
        self.set(name, key << WORD_BITS | place.0);
    }

    fn set(&mut self, name: Name<'_>, known: u64) {
        let (index, generation) = (self.index_of(name), self.generation);
        let Some(set) = self.sets.get_mut(index) else { return };
        let is_free = |label: &u64| label >> WORD_BITS & ((1 << GENERATION_BITS) - 1) != generation;
        let same = set.labels.iter().position(|label| *label == name.label);
        let at = same.or_else(|| set.labels.iter().position(is_free)).unwrap_or_else(|| {
            self.turn = (self.turn + 1) % WAYS;
            self.turn
        });
        (set.labels[at], set.places[at]) = (name.label, known);
    }

    #[cold]
    fn grow(&mut self, arena: &Arena, entries: usize) -> bool {
        // A set that is less than half full on average is seldom full; what was known goes, so grow by much.
        let sets = (entries * 8 / WAYS).next_power_of_two().clamp(FEWEST_SETS, MOST_SETS);
        let fits = (sets * size_of::<Set>()) as u64 <= arena.free_bytes();
        if fits {
            self.sets = vec![Set::default(); sets];
            self.forget();
        }
        fits
    }

    fn index_of(&self, name: Name<'_>) -> usize {
        let bits = name.hash >> (u64::BITS - TAG_BITS - SET_BITS);
        // The number of sets is a power of two.
        usize::try_from(bits).unwrap_or(0) & self.sets.len().wrapping_sub(1)
    }
}

/// An offset in words.
fn word(slot: u64) -> u64 {
    (slot & OFFSET) / SLOT_BYTES as u64
}

/// A text or bytes by words.
#[derive(Clone, Copy, Debug)]
struct Octets<'a> {
    length: usize,
    words: &'a [u64],
}

impl<'a> Octets<'a> {
    #[inline]
    fn of(arena: &'a Arena, slot: u64) -> Self {
        let length = arena.length(slot) as usize;
        Self { length, words: arena.words(slot, SEQUENCE_HEAD, length.div_ceil(SLOT_BYTES)) }
    }

    /// Without what is behind the end in the last word. The first byte is the lowest.
    #[inline]
    fn within(&self, last: u64) -> u64 {
        last.to_le() << (8 * (self.length.wrapping_neg() % SLOT_BYTES))
    }

    /// Firefox's hash. The high bits of a product are those that depend on all others.
    #[inline]
    fn hash(&self) -> u64 {
        let add = |hash: u64, word: u64| (hash ^ word).wrapping_mul(MULTIPLIER).rotate_left(26);
        let [rest @ .., last] = self.words else { return 0 };
        let mut hash = self.length as u64;
        for word in rest {
            hash = add(hash, *word);
        }
        add(hash, self.within(*last))
    }

    #[inline]
    fn are(&self, arena: &Arena, slot: u64) -> bool {
        let other = Octets::of(arena, slot);
        match (self.words, other.words) {
            _ if self.length != other.length => false,
            ([a], [b]) => self.within(a ^ b) == 0,
            ([rest @ .., a], [other @ .., b]) => self.within(a ^ b) == 0 && rest == other,
            (a, b) => a.len() == b.len(),
        }
    }
}
