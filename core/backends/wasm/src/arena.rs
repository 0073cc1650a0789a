//! The memories of instances: the arena of a run, lent to them, and a few words to talk with the host.
#![allow(unsafe_code, reason = "wasmtime takes memories by their address")]

use std::sync::{Mutex, PoisonError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::layout::PAGE;

/// Pages of the first memory at most, by which it is known.
const MOST_PAGES: u64 = (1 << 32) / PAGE;

/// The bytes of an arena that a module may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loan {
    pub(crate) start: *mut u8,
    pub(crate) bytes: usize,
}

// SAFETY: a loan is an address and a length. Who reads or writes there argues for itself.
unsafe impl Send for Loan {}

/// Gives instances their memories.
#[derive(Debug, Default)]
pub(crate) struct Lender {
    /// Held while an instance is made.
    making: Mutex<()>,
    next: Mutex<Option<Loan>>,
}

impl Lender {
    /// Makes an instance whose first memory is a loan.
    ///
    /// The loan has to be alive, writable, and nobody else's, whenever code of the instance runs.
    pub(crate) fn lend<T>(&self, loan: Loan, make: impl FnOnce() -> T) -> T {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(loan);
        let made = make();
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = None;
        made
    }
}

/// A memory that is lent.
struct Lent(Loan);

// SAFETY: see [`Lender::lend`]: a run that is at work with an instance has its arena to itself.
unsafe impl Send for Lent {}
// SAFETY: the same.
unsafe impl Sync for Lent {}

// SAFETY: the loan is as large as it says, does not move, and never grows.
unsafe impl LinearMemory for Lent {
    fn byte_size(&self) -> usize {
        self.0.bytes
    }

    fn byte_capacity(&self) -> usize {
        self.0.bytes
    }

    fn grow_to(&mut self, _size: usize) -> wasmtime::Result<()> {
        wasmtime::bail!("the arena does not grow")
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.start
    }
}

/// A memory of its own.
struct Owned(*mut [u64]);

impl Owned {
    fn new(bytes: usize) -> Self {
        Self(Box::into_raw(vec![0_u64; bytes.div_ceil(8)].into_boxed_slice()))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it comes from a box, of which this is the only owner.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

// SAFETY: the words belong to this memory alone.
unsafe impl Send for Owned {}
// SAFETY: and are reached through the store of the instance only.
unsafe impl Sync for Owned {}

// SAFETY: the box is as large as it says, does not move, and never grows.
unsafe impl LinearMemory for Owned {
    fn byte_size(&self) -> usize {
        self.0.len() * 8
    }

    fn byte_capacity(&self) -> usize {
        self.byte_size()
    }

    fn grow_to(&mut self, _size: usize) -> wasmtime::Result<()> {
        wasmtime::bail!("the exchange does not grow")
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.cast()
    }
}

// SAFETY: memories are at least as large as their minimum. No guard is asked for: bounds are checked by the code, see
// `Wasm::new`.
unsafe impl MemoryCreator for Lender {
    fn new_memory(
        &self,
        of: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        _reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard > 0 {
            return Err("no memory has a guard".to_owned());
        }
        if of.maximum() != Some(MOST_PAGES) {
            return Ok(Box::new(Owned::new(minimum)));
        }
        match self.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(loan) if loan.bytes >= minimum => Ok(Box::new(Lent(loan))),
            _ => Err("no arena is lent".to_owned()),
        }
    }
}
