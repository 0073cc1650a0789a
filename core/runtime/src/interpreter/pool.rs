//! Memory of ended runs: taking it again saves asking the system for it, which costs a short run more than
//! the run itself.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::machine::Memory;

/// How much is kept: no more memories than this, and none larger than 64 MiB.
const MOST_MEMORIES: usize = 16;
const MOST_BYTES: u64 = 64 << 20;

/// Memories of one module, with its constants in them.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Memory>>);

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pool")
    }
}

impl Pool {
    /// A memory that may grow to so many bytes, if there is one.
    pub(super) fn take(&self, memory_limit: u64) -> Option<Memory> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        memory.arena.set_cap(memory_limit);
        memory.arena.fits().then_some(memory)
    }

    pub(super) fn give(&self, memory: Memory) {
        if memory.held_bytes() <= MOST_BYTES {
            let mut memories = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if memories.len() < MOST_MEMORIES {
                memories.push(memory);
            }
        }
    }
}
