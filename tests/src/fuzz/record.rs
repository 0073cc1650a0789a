//! What the runs of each program came to, so that another engine can be asked for the same.
//!
//! A file of 8 bytes a program, behind the first seed. It belongs to a revision of the generator and of the
//! meaning.

use std::path::Path;

/// Digests of programs from a first seed on.
#[derive(Clone, Debug, Default)]
pub struct Record {
    first: u64,
    digests: Vec<u64>,
}

impl Record {
    /// The digests of programs from this seed on; 0 stands for a program that fails.
    #[must_use]
    pub fn new(first: u64, digests: Vec<u64>) -> Self {
        Self { first, digests }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let (words, rest) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        match (words.next(), rest) {
            (Some(first), []) => Ok(Self { first, digests: words.collect() }),
            _ => Err("it is no record".to_owned()),
        }
    }

    /// Writes a file.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let words = std::iter::once(&self.first).chain(&self.digests);
        std::fs::write(path, words.flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())
    }

    /// What is recorded of a seed.
    #[must_use]
    pub fn get(&self, seed: u64) -> Option<u64> {
        let index = usize::try_from(seed.checked_sub(self.first)?).ok()?;
        self.digests.get(index).copied()
    }
}
