//! The runtime library: what is too large for an instruction. Built-ins, arithmetic on decimals and
//! unbounded integers, maps and sets, comparison, sorting. Every backend calls these functions.
//!
//! They charge for what they touch before they touch it ([`Context::charge`]; one unit per 8 slots or 64
//! bytes, rounded up, see [`units_of_slots`]), tolerate any bytes in the arena, and do not recurse over
//! values. A built-in whose check has passed is total; without the check it gives *some* value.

mod array;
mod build;
mod builtin;
mod check;
mod collection;
mod compare;
mod cost;
mod decimal;
mod integer;
mod number;
pub(crate) mod pattern;
mod places;
mod sets;
mod sort;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod update;

use anrf_format::types::TypeId;

pub(crate) use array::{concat, contains, element_of_text, slice};
pub(crate) use build::{flatten, new_map, new_set};
pub(crate) use builtin::call;
pub(crate) use check::check;
pub(crate) use collection::{
    has_key, lookup, lookup_or, share_value_of, take, with_entry, with_member, without,
};
pub(crate) use compare::{equal, order};
pub(crate) use number::{arithmetic, check_arithmetic, is_zero, negate};
pub(crate) use sort::{SortKey, sort_by};
pub(crate) use update::with_word;

use crate::arena::{Arena, SLOT_BYTES, Shape, Shapes, Trace};
use crate::meter::Meter;
use crate::stop::{Limit, Stop};

/// What library functions work on and with.
pub(crate) struct Context<'run> {
    /// Where the values are.
    pub(crate) arena: &'run mut Arena,
    /// What their types mean.
    pub(crate) shapes: &'run Shapes,
    /// Who pays.
    pub(crate) meter: &'run mut Meter,
    /// What is kept between calls of one run or handle.
    pub(crate) cache: &'run mut Cache,
}

/// What the library keeps between calls: nothing that a result could depend on.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    patterns: pattern::Patterns,
    /// Where a scalar of a text was found last.
    position: Option<array::Position>,
    /// Where a key was found last.
    found: Option<(collection::Sought, places::Place)>,
    /// Where a key was looked for last and not found, in a map or set that nobody else holds.
    missed: Option<(collection::Sought, tree::Path)>,
    /// Where keys were found in large maps and sets.
    places: places::Places,
}

impl Cache {
    /// Bytes that it takes from the system, roughly.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.places.held_bytes() as u64
    }
}

/// The types of a call of a built-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallTypes<'module> {
    /// One per argument.
    pub(crate) arguments: &'module [TypeId],
    /// Of the result.
    pub(crate) result: TypeId,
}

impl CallTypes<'_> {
    /// The type of an argument.
    pub(crate) fn argument(&self, index: usize) -> TypeId {
        self.arguments.get(index).copied().unwrap_or(TypeId::BOOLEAN)
    }
}

impl Context<'_> {
    /// Takes units before the work that they are for.
    ///
    /// # Errors
    /// As [`Meter::charge`].
    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Stop> {
        self.meter.charge(units)
    }

    /// Called before something about objects is put into the cache: drops what does not hold any more.
    #[inline]
    fn settle(&mut self) {
        if !self.arena.settle() {
            self.cache.position = None;
            self.cache.found = None;
            self.cache.missed = None;
            self.cache.places.forget();
        }
    }

    /// Makes sure that so many bytes of scratch space or result fit under the cap, before they are made.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn reserve(&self, bytes: u64) -> Result<(), Stop> {
        if bytes > self.arena.free_bytes() { Err(Stop::Limit(Limit::Memory)) } else { Ok(()) }
    }

    /// Scratch space for so many slots.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn scratch(&self, slots: usize) -> Result<Vec<u64>, Stop> {
        self.reserve((slots as u64).saturating_mul(SLOT_BYTES as u64))?;
        Ok(Vec::with_capacity(slots))
    }

    /// The elements of an array, outside the arena.
    ///
    /// # Errors
    /// [`Limit::Memory`].
    pub(crate) fn scratch_copy(&self, array: u64) -> Result<Vec<u64>, Stop> {
        let elements = self.arena.elements(array);
        let mut copy = self.scratch(elements.len())?;
        copy.extend_from_slice(elements);
        Ok(copy)
    }

    /// The type of an array type's elements.
    pub(crate) fn element_type(&self, type_id: TypeId) -> TypeId {
        match self.shapes.get(type_id) {
            Shape::Array(element) => *element,
            _ => TypeId::BOOLEAN,
        }
    }

    /// Marks values shared if they are aggregates: they get a second holder.
    pub(crate) fn share_all(&mut self, type_id: TypeId, container: u64, first_word: usize, count: usize) {
        if self.shapes.trace(type_id) == Trace::Pointer {
            for index in first_word..first_word + count {
                let child = self.arena.word(container, index);
                self.arena.share(child);
            }
        }
    }

    /// Marks a value shared if it is an aggregate.
    pub(crate) fn share(&mut self, type_id: TypeId, slot: u64) {
        if self.shapes.trace(type_id) == Trace::Pointer {
            self.arena.share(slot);
        }
    }
}

/// Units for touching so many slots.
pub(crate) fn units_of_slots(slots: usize) -> u64 {
    (slots as u64).div_ceil(8)
}

/// Units for touching so many bytes.
pub(crate) fn units_of_bytes(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(64)
}
