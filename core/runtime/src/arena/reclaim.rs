//! Getting memory back inside a run: at a loop's back edge, what was allocated since the loop was entered
//! and is not reachable from the loop's state goes.
//!
//! A copying collector (Cheney 1970) over the end of the arena: survivors are copied behind it, then all
//! moved down to the mark. Older objects never move; those that are reachable are scanned, because an
//! update in place may have stored something new in them. It does not recurse.

use anrf_format::types::TypeId;

use super::{
    Arena, Header, LEAF, MOVED, NODE, NODE_HEAD, NODE_KEYS, SEQUENCE_HEAD, SLOT_BYTES, Shape, Shapes,
    TREE_WORDS, Trace, VISITED, node_words, position,
};
use crate::stop::Stop;

/// Words that have to be allocated since a loop's mark before reclaiming is worth it: 64 KiB.
pub const LEAST_RECLAIMED: usize = (64 << 10) / SLOT_BYTES;

/// What a copy is under way.
struct Collection {
    /// The first word that may move, and the first of the copies.
    mark: usize,
    copies: usize,
    /// Older objects that have been seen.
    old: Vec<usize>,
    scanned: usize,
}

impl Arena {
    /// The present end, to reclaim what comes after it. Nothing older grows into free space from now on.
    pub(crate) fn mark(&mut self) -> u64 {
        self.barrier = self.top;
        self.end()
    }

    /// Whether enough was allocated, since the mark and since the last time, to make reclaiming worth it.
    #[inline]
    pub(crate) fn wants_reclaim(&self, mark: u64) -> bool {
        self.top >= self.next_reclaim && self.top - position(mark).min(self.top) >= LEAST_RECLAIMED
    }

    /// Keeps of what was allocated since the mark only what is reachable from the roots, and changes the
    /// roots to where that is now.
    ///
    /// # Errors
    /// [`crate::Limit::Memory`]: the copies count toward the cap.
    pub(crate) fn reclaim(
        &mut self,
        shapes: &Shapes,
        mark: u64,
        roots: &mut [(TypeId, u64)],
    ) -> Result<(), Stop> {
        let mark = position(mark).clamp(self.base, self.top);
        let mut collection = Collection { mark, copies: self.top, old: vec![], scanned: 0 };
        for (type_id, slot) in roots {
            *slot = self.forwarded(&mut collection, shapes, shapes.trace(*type_id), *slot)?;
        }
        let (mut next_copy, mut next_old) = (collection.copies, 0);
        loop {
            let at = if next_copy < self.top {
                let at = next_copy;
                next_copy += self.object_words(shapes, at);
                at
            } else if let Some(at) = collection.old.get(next_old) {
                next_old += 1;
                *at
            } else {
                break;
            };
            self.scan(&mut collection, shapes, at)?;
        }
        for at in &collection.old {
            self.words[*at] &= !(u64::from(VISITED) << 56);
        }
        self.peak = self.peak.max(self.top);
        self.words.copy_within(collection.copies..self.top, mark);
        self.top = mark + (self.top - collection.copies);
        self.barrier = mark;
        self.next_reclaim = self.top + LEAST_RECLAIMED.max(2 * collection.scanned);
        self.unsettle(mark);
        Ok(())
    }

    /// Where a value will be; what is not there yet is copied.
    fn forwarded(
        &mut self,
        collection: &mut Collection,
        shapes: &Shapes,
        trace: Trace,
        slot: u64,
    ) -> Result<u64, Stop> {
        let is_offset = match trace {
            Trace::Scalar => false,
            Trace::Tagged => slot & 1 == 0,
            Trace::Pointer => true,
        };
        let at = position(slot);
        if !is_offset || at < self.base || at >= collection.copies {
            return Ok(slot);
        }
        let header = Header::decode(self.words[at]);
        if at < collection.mark {
            if header.flags & VISITED == 0 {
                self.words[at] |= u64::from(VISITED) << 56;
                collection.old.push(at);
            }
            return Ok(slot);
        }
        if header.flags & MOVED != 0 {
            return Ok(u64::from(header.length));
        }
        let words = self.object_words(shapes, at).min(collection.copies - at);
        let copy = position(self.allocate(words)?);
        self.words.copy_within(at..at + words, copy);
        let target = copy - collection.copies + collection.mark;
        let target = u32::try_from(target * SLOT_BYTES).unwrap_or(0);
        self.words[at] = Header { length: target, flags: MOVED, ..header }.encode();
        Ok(u64::from(target))
    }

    /// Changes everything that an object points to.
    fn scan(&mut self, collection: &mut Collection, shapes: &Shapes, at: usize) -> Result<(), Stop> {
        let header = Header::decode(self.words[at]);
        let length = header.length as usize;
        collection.scanned += self.object_words(shapes, at);
        if header.flags & NODE != 0 {
            return self.scan_node(collection, shapes, at, header);
        }
        match shapes.get(header.type_id) {
            Shape::Optional(inner) => self.scan_words(collection, shapes, *inner, at + 1, 1),
            Shape::Array(element) => {
                self.scan_words(collection, shapes, *element, at + SEQUENCE_HEAD, length)
            }
            Shape::Map(..) | Shape::Set(_) => {
                let root = self.words.get(at + 1).copied().unwrap_or(0);
                let moved = self.forwarded(collection, shapes, Trace::Pointer, root)?;
                self.store(at + 1, moved);
                Ok(())
            }
            Shape::Record(fields) => {
                for (index, field) in fields.iter().enumerate().take(length) {
                    self.scan_words(collection, shapes, *field, at + 1 + index, 1)?;
                }
                Ok(())
            }
            Shape::Variant(cases) => {
                let case = self.words.get(at + 1).and_then(|case| usize::try_from(*case).ok());
                let fields = case.and_then(|case| cases.get(case)).map_or(&[][..], |fields| fields);
                for (index, field) in fields.iter().enumerate().take(length) {
                    self.scan_words(collection, shapes, *field, at + 2 + index, 1)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scan_node(
        &mut self,
        collection: &mut Collection,
        shapes: &Shapes,
        at: usize,
        header: Header,
    ) -> Result<(), Stop> {
        let keys = (header.length as usize).min(NODE_KEYS);
        let (key, value) = match *shapes.get(header.type_id) {
            Shape::Map(key, value) => (key, Some(value)),
            Shape::Set(key) => (key, None),
            _ => return Ok(()),
        };
        let first = at + NODE_HEAD;
        if matches!(shapes.get(key), Shape::String | Shape::Bytes) {
            for word in first..first + keys {
                let key = self.words.get(word).copied().unwrap_or(0);
                let (head, offset) = (key & !0xffff_ffff, key & 0xffff_ffff);
                let moved = self.forwarded(collection, shapes, Trace::Pointer, offset)?;
                self.store(word, head | moved);
            }
        } else {
            self.scan_words(collection, shapes, key, first, keys)?;
        }
        let mut next = first + NODE_KEYS;
        if let Some(value) = value {
            self.scan_words(collection, shapes, value, next, keys)?;
            next += NODE_KEYS;
        }
        if header.flags & LEAF == 0 {
            for word in next..=next + keys {
                let child = self.words.get(word).copied().unwrap_or(0);
                let moved = self.forwarded(collection, shapes, Trace::Pointer, child)?;
                self.store(word, moved);
            }
        }
        Ok(())
    }

    fn scan_words(
        &mut self,
        collection: &mut Collection,
        shapes: &Shapes,
        type_id: TypeId,
        first: usize,
        count: usize,
    ) -> Result<(), Stop> {
        let trace = shapes.trace(type_id);
        if trace == Trace::Scalar {
            return Ok(());
        }
        for word in first..first.saturating_add(count).min(self.top) {
            let moved = self.forwarded(collection, shapes, trace, self.words[word])?;
            self.words[word] = moved;
        }
        Ok(())
    }

    fn store(&mut self, word: usize, value: u64) {
        if let Some(target) = self.words.get_mut(word) {
            *target = value;
        }
    }

    /// How many words an object takes; at least one, whatever lies there.
    fn object_words(&self, shapes: &Shapes, at: usize) -> usize {
        let header = Header::decode(self.words.get(at).copied().unwrap_or(0));
        let length = header.length as usize;
        #[allow(clippy::cast_possible_truncation)] // the lower half of the word
        let capacity = self.words.get(at + 1).map_or(0, |word| *word as u32 as usize);
        let shape = shapes.get(header.type_id);
        if header.flags & NODE != 0 {
            return node_words(matches!(shape, Shape::Map(..)), header.flags & LEAF != 0);
        }
        match shape {
            Shape::String | Shape::Bytes => SEQUENCE_HEAD + capacity.div_ceil(SLOT_BYTES),
            Shape::Array(_) => SEQUENCE_HEAD + capacity,
            Shape::Map(..) | Shape::Set(_) => TREE_WORDS,
            Shape::Variant(_) | Shape::Decimal | Shape::Unbounded => 2 + length,
            Shape::Optional(_) => 2,
            Shape::Record(_) => 1 + length,
            _ => 1,
        }
    }
}
