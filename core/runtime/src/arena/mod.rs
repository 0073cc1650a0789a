//! The arena: the memory of one run. Every value that does not fit a slot lies here behind a 32-bit
//! offset. Its cap is the run's memory limit.
//!
//! Nothing here trusts what lies in the arena: an offset that points nowhere reads as zeros and stores
//! nothing, so a wrong proof can give a wrong value but never a panic.

mod convert;
mod layout;
mod number;
mod object;
mod reclaim;
#[cfg(test)]
mod tests;

pub(crate) use convert::{EncodeError, decode, encode};
pub(crate) use layout::*;
pub use layout::{SEQUENCE_HEAD, SHARED};
pub(crate) use number::{decimal_slot, inline_decimal, inline_unbounded, unbounded_slot};
pub use reclaim::LEAST_RECLAIMED;

use crate::stop::{Limit, Stop};

/// Offsets have 32 bits.
const LARGEST_BYTES: u64 = (u32::MAX as u64) & !7;

/// The first bytes are never an object, so that 0 can mean none.
const FIRST_WORD: usize = 2;

/// Bytes of a wide arena behind all offsets, for the words of an object that begins at the last.
pub const GUARD_BYTES: usize = 64 << 10;

/// Words of a wide arena.
const WIDE_WORDS: usize = ((4 << 30) + GUARD_BYTES) / SLOT_BYTES;

/// Numbers of words that machine code has to know.
pub(crate) struct Bounds {
    pub(crate) top: usize,
    pub(crate) cap: usize,
    pub(crate) barrier: usize,
    pub(crate) floor: usize,
    pub(crate) next_reclaim: usize,
}

/// Memory of a run in 8-byte words.
#[derive(Debug)]
pub(crate) struct Arena {
    words: Vec<u64>,
    /// Words in use.
    top: usize,
    /// The words that stay when the arena is reset: constants.
    base: usize,
    cap: usize,
    peak: usize,
    /// Objects before this word may not grow into free space: a loop's mark stands behind them.
    barrier: usize,
    /// Nothing before this word has moved or gone since [`Self::settle`]: whatever makes `top` smaller or
    /// moves objects lowers it.
    settled: usize,
    /// Objects before this word belong to code outside the ghost code that runs, which treats them as shared
    /// and does not mark them, so that leaving it out changes nothing.
    floor: usize,
    /// The floors of the code around it.
    outer_floors: Vec<usize>,
    /// Reclaiming is not tried before the arena ends here.
    next_reclaim: usize,
    /// Words that have been in use since it was made.
    touched: usize,
}

impl Arena {
    /// An empty arena that may grow to so many bytes.
    pub(crate) fn new(cap_bytes: u64) -> Self {
        let mut arena = Self {
            words: vec![0; 64],
            top: FIRST_WORD,
            base: FIRST_WORD,
            cap: 0,
            peak: FIRST_WORD,
            barrier: 0,
            settled: 0,
            floor: 0,
            outer_floors: vec![],
            next_reclaim: 0,
            touched: 0,
        };
        arena.set_cap(cap_bytes);
        arena
    }

    /// The same for machine code: all that an offset can name is there, and stays where it is. Of a system that does
    /// not give so many addresses, an ordinary one.
    pub(crate) fn wide(cap_bytes: u64) -> Self {
        let words = bytemuck::allocation::try_zeroed_vec(WIDE_WORDS).unwrap_or_else(|()| vec![0; 64]);
        Self { words, ..Self::new(cap_bytes) }
    }

    /// Whether no offset lies outside.
    pub(crate) fn is_wide(&self) -> bool {
        self.words.len() >= WIDE_WORDS
    }

    /// The first word.
    pub(crate) fn base_pointer(&mut self) -> *mut u64 {
        self.words.as_mut_ptr()
    }

    /// What machine code reads and changes.
    pub(crate) fn bounds(&self) -> Bounds {
        let Self { top, cap, barrier, floor, next_reclaim, .. } = *self;
        Bounds { top, cap, barrier, floor, next_reclaim }
    }

    /// What machine code has changed.
    pub(crate) fn set_bounds(&mut self, top: usize, barrier: usize) {
        self.top = top.min(self.cap.max(self.top));
        self.barrier = barrier;
    }

    /// Changes the cap; what is there stays.
    pub(crate) fn set_cap(&mut self, cap_bytes: u64) {
        self.cap = usize::try_from(cap_bytes.min(LARGEST_BYTES)).unwrap_or(usize::MAX) / SLOT_BYTES;
    }

    /// Whether what survives [`Self::reset`] is within the cap.
    pub(crate) fn fits(&self) -> bool {
        self.base <= self.cap
    }

    /// Bytes that it takes from the system.
    pub(crate) fn held_bytes(&self) -> u64 {
        let touched = self.touched.max(self.peak).max(self.top);
        (if self.is_wide() { touched } else { self.words.len() } * SLOT_BYTES) as u64
    }

    /// Makes what is there now survive [`Self::reset`].
    pub(crate) fn keep(&mut self) {
        self.base = self.top;
    }

    /// Forgets what was allocated since [`Self::keep`], in O(1).
    pub(crate) fn reset(&mut self) {
        self.touched = self.touched.max(self.peak).max(self.top);
        self.top = self.base;
        self.peak = self.base;
        self.barrier = 0;
        self.lower_floor(0);
        self.next_reclaim = 0;
        self.unsettle(self.base);
    }

    /// The present end, in bytes: see [`Self::truncate`] and `reclaim`.
    pub(crate) fn end(&self) -> u64 {
        (self.top * SLOT_BYTES) as u64
    }

    /// Forgets what was allocated since `end` was the end. Nothing that lives may point there.
    pub(crate) fn truncate(&mut self, end: u64) {
        let word = usize::try_from(end).unwrap_or(usize::MAX) / SLOT_BYTES;
        self.peak = self.peak.max(self.top);
        self.top = self.top.min(word.max(self.base));
        self.next_reclaim = self.next_reclaim.min(self.top + LEAST_RECLAIMED);
        self.barrier = self.barrier.min(self.top);
        self.unsettle(self.top);
    }

    /// Ghost code begins, for which what is there now is somebody else's; also where it begins in ghost code.
    #[inline]
    pub(crate) fn raise_floor(&mut self) {
        self.outer_floors.push(self.floor);
        self.floor = self.top;
    }

    /// Ghost code ends: so many levels are left.
    #[inline]
    pub(crate) fn lower_floor(&mut self, levels: u32) {
        let levels = levels as usize;
        if let Some(floor) = self.outer_floors.get(levels) {
            self.floor = *floor;
            self.outer_floors.truncate(levels);
        }
    }

    /// What lies from this word on may have moved or gone.
    fn unsettle(&mut self, word: usize) {
        self.settled = self.settled.min(word);
    }

    /// What is kept outside the arena about objects (see `library::Cache`) is made anew now. Answers whether
    /// what was made since the last call still holds.
    #[inline]
    pub(crate) fn settle(&mut self) -> bool {
        let held = self.settled == usize::MAX;
        self.settled = usize::MAX;
        held
    }

    /// Whether this object has neither moved nor gone since [`Self::settle`]; it may have grown.
    #[inline]
    pub(crate) fn is_settled(&self, slot: u64) -> bool {
        position(slot) < self.settled
    }

    /// Bytes that are still free under the cap.
    pub(crate) fn free_bytes(&self) -> u64 {
        (self.cap.saturating_sub(self.top) * SLOT_BYTES) as u64
    }

    /// The most bytes that were in use since [`Self::reset`].
    pub(crate) fn peak_bytes(&self) -> u64 {
        (self.peak.max(self.top) * SLOT_BYTES) as u64
    }

    /// Takes so many words at the end; what they hold is undefined, so the caller fills them.
    ///
    /// # Errors
    /// [`Limit::Memory`] over the cap.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the cap keeps offsets within 32 bits
    pub(crate) fn allocate(&mut self, words: usize) -> Result<u64, Stop> {
        let start = self.top;
        let end = start.saturating_add(words);
        if end > self.words.len() || end > self.cap {
            self.grow(end)?;
        }
        self.top = end;
        Ok((start * SLOT_BYTES) as u64)
    }

    #[cold]
    fn grow(&mut self, end: usize) -> Result<(), Stop> {
        if end > self.cap {
            return Err(Stop::Limit(Limit::Memory));
        }
        if end > self.words.len() {
            let length = end.max((self.words.len() * 2).min(self.cap));
            self.words.reserve_exact(length - self.words.len());
            self.words.resize(length, 0);
        }
        Ok(())
    }

    /// The word of an object, 0 where there is none.
    #[inline]
    pub(crate) fn word(&self, slot: u64, index: usize) -> u64 {
        self.words.get(position(slot).wrapping_add(index)).copied().unwrap_or(0)
    }

    /// Stores a word of an object, nowhere if there is none.
    #[inline]
    pub(crate) fn set_word(&mut self, slot: u64, index: usize, value: u64) {
        if let Some(word) = self.words.get_mut(position(slot).wrapping_add(index)) {
            *word = value;
        }
    }

    /// So many words of an object from an index on; fewer or none where it does not have them.
    #[inline]
    pub(crate) fn words(&self, slot: u64, index: usize, count: usize) -> &[u64] {
        let start = position(slot).wrapping_add(index).min(self.top);
        &self.words[start..start.saturating_add(count).min(self.top)]
    }

    /// The same to store into.
    #[inline]
    pub(crate) fn words_mut(&mut self, slot: u64, index: usize, count: usize) -> &mut [u64] {
        let start = position(slot).wrapping_add(index).min(self.top);
        &mut self.words[start..start.saturating_add(count).min(self.top)]
    }

    /// Copies words between objects (or inside one), as far as both have them.
    pub(crate) fn copy_words(
        &mut self,
        from: u64,
        from_index: usize,
        to: u64,
        to_index: usize,
        count: usize,
    ) {
        let source = position(from).wrapping_add(from_index).min(self.top);
        let target = position(to).wrapping_add(to_index).min(self.top);
        let count = count.min(self.top - source).min(self.top - target);
        self.words.copy_within(source..source + count, target);
    }

    /// The first word of an object.
    #[inline]
    pub(crate) fn header(&self, slot: u64) -> Header {
        Header::decode(self.word(slot, 0))
    }

    /// The length in the header: see [`Header::length`].
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the low half of the header
    pub(crate) fn length(&self, slot: u64) -> u32 {
        self.word(slot, 0) as u32
    }

    /// Whether updates must copy. Offset 0 is nobody's.
    #[inline]
    pub(crate) fn is_shared(&self, slot: u64) -> bool {
        let at = position(slot);
        at < self.floor || self.words.get(at).is_some_and(|word| word >> 56 & u64::from(SHARED) != 0)
    }

    /// Sets the shared bit of an object; 0 (NONE) has none.
    #[inline]
    pub(crate) fn share(&mut self, slot: u64) {
        let at = position(slot);
        if slot != 0
            && at >= self.floor
            && let Some(word) = self.words.get_mut(at)
        {
            *word |= (SHARED as u64) << 56;
        }
    }
}

/// The word that an offset names.
#[inline]
#[allow(clippy::cast_possible_truncation)] // addresses are computed modulo 2^32
fn position(slot: u64) -> usize {
    (slot as u32 as usize) / SLOT_BYTES
}
