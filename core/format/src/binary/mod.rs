//! The `.anrf` form: magic, version, a table of sections with length and hash, a hash of that table, then
//! the sections one after another. Payloads are postcard.
//!
//! ```text
//! 0   4   "ANRF"
//! 4   4   format version, little endian, as all numbers here
//! 8   4   number of sections n
//! 12  44n per section: kind (4), length in bytes (8), SHA-256 of the bytes (32)
//!     32  SHA-256 of everything before
//!         the sections, in the order of the table
//! ```
//!
//! Decoding untrusted bytes never panics or recurses with the input, allocates at most a bounded multiple
//! of the input, and refuses bytes that it would not write itself.

mod decode;
mod encode;

pub use decode::{DecodeError, Packed, Unlowered, decode, decode_unlowered};
pub use encode::{encode, encode_sections};

use crate::codes;

/// What every file starts with.
pub const MAGIC: [u8; 4] = *b"ANRF";

/// The version of the container that this crate reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum SectionKind {
    /// Name, language version, labels.
    Meta = 1,
    /// The type table.
    Types = 2,
    /// The intent layer.
    Intent = 3,
    /// The semantic layer.
    Semantic = 4,
    /// The execution layer, unoptimized.
    Execution = 5,
    /// The source map.
    SourceMap = 6,
    /// The text, comments included.
    Source = 7,
    /// Components and their connections; part of the identity.
    System = 8,
    /// Machine code.
    Code = 9,
    /// Reports, certificates, signatures.
    Evidence = 10,
    /// A host's own.
    Custom = 11,
}

impl SectionKind {
    /// Every kind with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("META", Self::Meta),
        ("TYPES", Self::Types),
        ("INTENT", Self::Intent),
        ("SEMANTIC", Self::Semantic),
        ("EXECUTION", Self::Execution),
        ("SOURCEMAP", Self::SourceMap),
        ("SOURCE", Self::Source),
        ("SYSTEM", Self::System),
        ("CODE", Self::Code),
        ("EVIDENCE", Self::Evidence),
        ("CUSTOM", Self::Custom),
    ];

    /// The name of a kind's number, also of one that this crate does not know.
    #[must_use]
    pub fn name(kind: u32) -> String {
        let known = Self::ALL.iter().find(|(_, known)| *known as u32 == kind);
        known.map_or_else(|| format!("section {kind}"), |(name, _)| (*name).to_owned())
    }
}

codes! {
    NOT_ANRF = "E-BINARY-001", "not an .anrf file",
        "The file does not start with the four bytes `ANRF`.";
    NEWER_FORMAT = "E-BINARY-002", "a newer format",
        "The file was written by a newer version of this library. Use that version or a later one.";
    TRUNCATED = "E-BINARY-003", "cut short or too long",
        "The file ends before, or goes on after, what its table of sections announces.";
    HASH_MISMATCH = "E-BINARY-004", "damaged",
        "The bytes of a section or of the table do not have the hash that the file states: the file was damaged or changed.";
    MALFORMED = "E-BINARY-005", "malformed section",
        "A section's bytes are not what this library would have written for any module.";
    BAD_SECTIONS = "E-BINARY-006", "wrong set of sections",
        "A section that every module has is missing, stands twice, or is out of order.";
}
