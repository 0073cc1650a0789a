//! Making and reading objects: strings, bytes, arrays, records, variants, cells of optionals.

use anrf_format::types::TypeId;

use super::{Arena, Header, SEQUENCE_HEAD, SLOT_BYTES};
use crate::stop::{Limit, Stop};

/// The word after the header of string, bytes and array.
#[inline]
const fn second_word(capacity: u32, scalars: u32) -> u64 {
    capacity as u64 | (scalars as u64) << 32
}

/// How many words an object takes at once that grows where it is.
const MOST_SPARE_WORDS: usize = 128;

/// Parts of texts that are no longer are copied in one go.
const SHORT: usize = 16;

fn length_of(count: usize) -> Result<u32, Stop> {
    u32::try_from(count).map_err(|_| Stop::Limit(Limit::Memory))
}

impl Arena {
    /// A record, or an optional's cell: header and fields.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    #[inline]
    pub(crate) fn new_record(&mut self, type_id: TypeId, fields: &[u64]) -> Result<u64, Stop> {
        let slot = self.allocate(1 + fields.len())?;
        self.set_word(slot, 0, Header::new(type_id, length_of(fields.len())?).encode());
        self.words_mut(slot, 1, fields.len()).copy_from_slice(fields);
        Ok(slot)
    }

    /// A record of so many fields, which the caller fills.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    #[inline]
    pub(crate) fn new_record_of(&mut self, type_id: TypeId, fields: u32) -> Result<u64, Stop> {
        let slot = self.allocate(1 + fields as usize)?;
        self.set_word(slot, 0, Header::new(type_id, fields).encode());
        Ok(slot)
    }

    /// A variant: header, index of the case, fields.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_variant(&mut self, type_id: TypeId, case: u32, fields: &[u64]) -> Result<u64, Stop> {
        let slot = self.allocate(2 + fields.len())?;
        self.set_word(slot, 0, Header::new(type_id, length_of(fields.len())?).encode());
        self.set_word(slot, 1, u64::from(case));
        self.words_mut(slot, 2, fields.len()).copy_from_slice(fields);
        Ok(slot)
    }

    /// `SOME(payload)`; NONE is the slot 0.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_some(&mut self, type_id: TypeId, payload: u64) -> Result<u64, Stop> {
        self.new_record(type_id, &[payload])
    }

    /// An array of these elements.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_array(&mut self, type_id: TypeId, elements: &[u64]) -> Result<u64, Stop> {
        let slot = self.new_array_of(type_id, elements.len())?;
        self.words_mut(slot, SEQUENCE_HEAD, elements.len()).copy_from_slice(elements);
        Ok(slot)
    }

    /// An array of so many elements, which the caller fills.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_array_of(&mut self, type_id: TypeId, length: usize) -> Result<u64, Stop> {
        let count = length_of(length)?;
        let slot = self.allocate(SEQUENCE_HEAD + length)?;
        self.set_word(slot, 0, Header::new(type_id, count).encode());
        self.set_word(slot, 1, second_word(count, 0));
        Ok(slot)
    }

    /// The elements of an array.
    #[inline]
    pub(crate) fn elements(&self, slot: u64) -> &[u64] {
        if slot == 0 { &[] } else { self.words(slot, SEQUENCE_HEAD, self.length(slot) as usize) }
    }

    /// A string.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_text(&mut self, text: &str) -> Result<u64, Stop> {
        let scalars = if text.is_ascii() { text.len() } else { text.chars().count() };
        self.new_octets(TypeId::STRING, text.as_bytes(), length_of(scalars)?)
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_bytes(&mut self, bytes: &[u8]) -> Result<u64, Stop> {
        self.new_octets(TypeId::BYTES, bytes, 0)
    }

    fn new_octets(&mut self, type_id: TypeId, bytes: &[u8], scalars: u32) -> Result<u64, Stop> {
        let length = length_of(bytes.len())?;
        let words = bytes.len().div_ceil(SLOT_BYTES);
        let slot = self.allocate(SEQUENCE_HEAD + words)?;
        self.set_word(slot, 0, Header::new(type_id, length).encode());
        self.set_word(slot, 1, second_word(length_of(words * SLOT_BYTES)?, scalars));
        copy_octets(self.words_mut(slot, SEQUENCE_HEAD, words), 0, bytes);
        Ok(slot)
    }

    /// A string or bytes of some octets of another one; `scalars` is how many the part has.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn new_part(
        &mut self,
        type_id: TypeId,
        source: u64,
        from: usize,
        count: usize,
        scalars: u32,
    ) -> Result<u64, Stop> {
        let length = length_of(count)?;
        let words = count.div_ceil(SLOT_BYTES);
        let slot = self.allocate(SEQUENCE_HEAD + words)?;
        self.set_word(slot, 0, Header::new(type_id, length).encode());
        self.set_word(slot, 1, second_word(length_of(words * SLOT_BYTES)?, scalars));
        let start = (super::position(source) + SEQUENCE_HEAD) * SLOT_BYTES + from;
        let target = (super::position(slot) + SEQUENCE_HEAD) * SLOT_BYTES;
        let all: &mut [u8] = bytemuck::cast_slice_mut(&mut self.words);
        let short = all.get(start..).and_then(|rest| rest.first_chunk::<SHORT>()).copied();
        // What is behind the end of an object, and of the last one in the arena, is undefined.
        if let Some(short) = short.filter(|_| count <= SHORT)
            && let Some(target) = all.get_mut(target..).and_then(|rest| rest.first_chunk_mut::<SHORT>())
        {
            *target = short;
        } else if start.saturating_add(count) <= all.len() && target + count <= all.len() {
            all.copy_within(start..start + count, target);
        }
        Ok(slot)
    }

    /// The octets of string or bytes.
    #[inline]
    pub(crate) fn octets(&self, slot: u64) -> &[u8] {
        if slot == 0 {
            return &[];
        }
        let length = self.length(slot) as usize;
        let bytes: &[u8] = bytemuck::cast_slice(self.words(slot, SEQUENCE_HEAD, length.div_ceil(SLOT_BYTES)));
        bytes.get(..length).unwrap_or(bytes)
    }

    /// A string's text; of stray bytes, as much as is text.
    #[inline]
    pub(crate) fn text(&self, slot: u64) -> &str {
        let octets = self.octets(slot);
        match std::str::from_utf8(octets) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&octets[..error.valid_up_to()]).unwrap_or(""),
        }
    }

    /// Unicode scalars of a string; as many as bytes exactly where it is ASCII.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the upper half of the word
    pub(crate) fn scalars(&self, slot: u64) -> u32 {
        if slot == 0 { 0 } else { (self.word(slot, 1) >> 32) as u32 }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the lower half of the word
    fn capacity(&self, slot: u64) -> usize {
        self.word(slot, 1) as u32 as usize
    }

    /// An object of a type with this header length and `words` words in all, which becomes `slot`'s copy
    /// or is `slot` itself grown in place: room for `needed` units (elements or octets) of `unit` bytes.
    fn with_room(&mut self, slot: u64, needed: usize, unit: usize) -> Result<u64, Stop> {
        let capacity = self.capacity(slot);
        if needed <= capacity {
            return Ok(slot);
        }
        let old_words = SEQUENCE_HEAD + (capacity * unit).div_ceil(SLOT_BYTES);
        let start = super::position(slot);
        let grown = |capacity: usize| (capacity * unit).div_ceil(SLOT_BYTES);
        if start + old_words == self.top && start >= self.barrier && start >= self.base {
            // Free space lies right behind it.
            // A little more than is needed, so that what grows by one does not come here each time.
            let spare = (grown(capacity) / 8).min(MOST_SPARE_WORDS);
            let words = grown(needed).max(grown(capacity) + spare);
            self.allocate(SEQUENCE_HEAD + words - old_words)?;
            let capacity = length_of(words * SLOT_BYTES / unit)?;
            let scalars = self.scalars(slot);
            self.set_word(slot, 1, second_word(capacity, scalars));
            return Ok(slot);
        }
        let roomy = grown(needed.max(capacity.saturating_mul(2)).max(4 * SLOT_BYTES / unit));
        let words = if (roomy * SLOT_BYTES) as u64 <= self.free_bytes() / 2 { roomy } else { grown(needed) };
        let new = self.allocate(SEQUENCE_HEAD + words)?;
        let used = (self.length(slot) as usize * unit).div_ceil(SLOT_BYTES);
        self.copy_words(slot, 0, new, 0, SEQUENCE_HEAD + used.min(words));
        let scalars = self.scalars(slot);
        self.set_word(new, 1, second_word(length_of(words * SLOT_BYTES / unit)?, scalars));
        let header = self.header(new);
        self.set_word(new, 0, Header { flags: 0, ..header }.encode());
        Ok(new)
    }

    /// `a ++ b` of strings or bytes; grows `a` in place if it is not shared.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn append_octets(&mut self, type_id: TypeId, a: u64, b: u64) -> Result<u64, Stop> {
        let (old, added) = (self.octets(a).len(), self.octets(b).len());
        let total = length_of(old + added)?;
        let scalars = self.scalars(a).saturating_add(self.scalars(b));
        if a == 0 || self.is_shared(a) {
            let words = (old + added).div_ceil(SLOT_BYTES);
            let joined = self.allocate(SEQUENCE_HEAD + words)?;
            self.set_word(joined, 0, Header::new(type_id, total).encode());
            self.set_word(joined, 1, second_word(length_of(words * SLOT_BYTES)?, scalars));
            self.copy_within(a, old, joined, 0);
            self.copy_within(b, added, joined, old);
            return Ok(joined);
        }
        let grown = self.with_room(a, old + added, 1)?;
        self.copy_within(b, added, grown, old);
        let header = self.header(grown);
        self.set_word(grown, 0, Header { length: total, ..header }.encode());
        let capacity = length_of(self.capacity(grown))?;
        self.set_word(grown, 1, second_word(capacity, scalars));
        Ok(grown)
    }

    /// Copies the first octets of one text or bytes into another from a position on.
    fn copy_within(&mut self, from: u64, count: usize, to: u64, at: usize) {
        if count == 0 {
            return;
        }
        let first = |slot: u64| (super::position(slot) + SEQUENCE_HEAD) * SLOT_BYTES;
        let (source, target, top) = (first(from), first(to) + at, self.top * SLOT_BYTES);
        let count = count.min(top.saturating_sub(source)).min(top.saturating_sub(target));
        let all: &mut [u8] = bytemuck::cast_slice_mut(&mut self.words);
        all.copy_within(source..source + count, target);
    }

    /// `a ++ b` of arrays; grows `a` in place if it is not shared. The caller shares the elements of `b`,
    /// and of a shared `a`, if they are aggregates.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn append_elements(&mut self, type_id: TypeId, a: u64, b: u64) -> Result<u64, Stop> {
        let (old, added) = (self.elements(a).len(), self.elements(b).len());
        let total = length_of(old + added)?;
        let grown = if a == 0 || self.is_shared(a) {
            let new = self.new_array_of(type_id, old + added)?;
            self.copy_words(a, SEQUENCE_HEAD, new, SEQUENCE_HEAD, old);
            new
        } else {
            self.with_room(a, old + added, SLOT_BYTES)?
        };
        self.copy_words(b, SEQUENCE_HEAD, grown, SEQUENCE_HEAD + old, added);
        let header = self.header(grown);
        self.set_word(grown, 0, Header { length: total, ..header }.encode());
        Ok(grown)
    }

    /// Appends one element to an array that nobody else holds: how folds collect.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    #[inline]
    pub(crate) fn push_element(&mut self, array: u64, element: u64) -> Result<u64, Stop> {
        // The length is the low half of the header, and below the capacity, so it cannot overflow.
        let header = self.word(array, 0);
        let length = (header & 0xffff_ffff) as usize;
        if length < self.capacity(array) {
            self.set_word(array, 0, header + 1);
            self.set_word(array, SEQUENCE_HEAD + length, element);
            return Ok(array);
        }
        self.push_behind(array, length, element)
    }

    #[cold]
    #[inline(never)]
    fn push_behind(&mut self, array: u64, length: usize, element: u64) -> Result<u64, Stop> {
        let grown = self.with_room(array, length + 1, SLOT_BYTES)?;
        self.set_word(grown, SEQUENCE_HEAD + length, element);
        let header = self.header(grown);
        self.set_word(grown, 0, Header { length: length_of(length + 1)?, ..header }.encode());
        Ok(grown)
    }
}

/// Stores octets into words from a byte position on.
fn copy_octets(words: &mut [u64], at: usize, bytes: &[u8]) {
    let target: &mut [u8] = bytemuck::cast_slice_mut(words);
    if let Some(target) = target.get_mut(at..at + bytes.len()) {
        target.copy_from_slice(bytes);
    }
}
