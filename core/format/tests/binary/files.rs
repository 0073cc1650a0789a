//! Files taken apart and put together again, hashes made right.

use anrf_format::binary::{SectionKind, encode_sections};

/// The sections of a well-formed file: kind and bytes.
pub(crate) fn sections(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let number = |at: usize, width: usize| {
        bytes[at..at + width].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let count = number(8, 4);
    let mut at = 12 + 44 * count + 32;
    (0..count)
        .map(|index| {
            let entry = 12 + 44 * index;
            let length = number(entry + 4, 8);
            at += length;
            (number(entry, 4) as u32, bytes[at - length..at].to_vec())
        })
        .collect()
}

/// The file with one section's bytes changed, hashes made right.
pub(crate) fn with_section(bytes: &[u8], kind: SectionKind, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut sections = sections(bytes);
    let (_, payload) = sections.iter_mut().find(|(known, _)| *known == kind as u32).unwrap();
    change(payload);
    encode_sections(&sections)
}
