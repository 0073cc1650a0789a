//! Module to bytes.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{FORMAT_VERSION, MAGIC, SectionKind};
use crate::module::Module;

/// The bytes of a module, all layers included.
///
/// # Errors
/// If a condition is of another type than boolean, which no checker makes, or memory is exhausted.
pub fn encode(module: &Module) -> Result<Vec<u8>, postcard::Error> {
    let mut sections = vec![
        section(SectionKind::Meta, &module.meta)?,
        section(SectionKind::Types, &module.types)?,
        section(SectionKind::Intent, &module.intent)?,
        section(SectionKind::Semantic, &module.semantic)?,
        section(SectionKind::Execution, &module.execution)?,
        section(SectionKind::SourceMap, &module.source_map)?,
    ];
    if !module.source.text.is_empty() || !module.source.name.is_empty() {
        sections.push(section(SectionKind::Source, &module.source)?);
    }
    sections.extend(module.other.iter().cloned());
    Ok(encode_sections(&sections))
}

fn section(kind: SectionKind, payload: &impl Serialize) -> Result<(u32, Vec<u8>), postcard::Error> {
    Ok((kind as u32, postcard::to_stdvec(payload)?))
}

/// A file of these sections (kind and bytes), hashes filled in. For tools that rewrite files section by
/// section; [`encode`] is the way to write a module.
#[must_use]
pub fn encode_sections(sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(u32::try_from(sections.len()).unwrap_or(u32::MAX).to_le_bytes());
    for (kind, payload) in sections {
        bytes.extend(kind.to_le_bytes());
        bytes.extend((payload.len() as u64).to_le_bytes());
        bytes.extend(Sha256::digest(payload));
    }
    let header = Sha256::digest(&bytes);
    bytes.extend(header);
    for (_, payload) in sections {
        bytes.extend(payload);
    }
    bytes
}
