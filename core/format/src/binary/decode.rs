//! Bytes to module.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{
    BAD_SECTIONS, FORMAT_VERSION, HASH_MISMATCH, MAGIC, MALFORMED, NEWER_FORMAT, NOT_ANRF, SectionKind,
    TRUNCATED,
};
use crate::diagnostic::Code;
use crate::module::{LANGUAGE_VERSION, Module};
use crate::semantic::validate::validate;

/// Why bytes are not a module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    /// The stable code.
    pub code: &'static Code,
    /// What is wrong.
    pub message: String,
    /// The offset in the file where it was seen.
    pub offset: usize,
}

impl DecodeError {
    fn new(code: &'static Code, offset: usize, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset }
    }
}

const TABLE: usize = 12;
const ENTRY: usize = 44;
const HASH: usize = 32;

/// One section of a file: kind, where its bytes start, and the bytes.
struct Section<'a> {
    kind: u32,
    offset: usize,
    bytes: &'a [u8],
}

/// Reads a module. Its execution layer is decoded but not believed: see the trust rule in the
/// architecture; loading lowers the semantic layer again and compares.
///
/// # Errors
/// If the bytes are not exactly what [`super::encode`] writes for some module.
pub fn decode(bytes: &[u8]) -> Result<Module, DecodeError> {
    let sections = read_table(bytes)?;
    let mut rest = sections.iter().peekable();
    let mut module = Module::default();
    let mut take = |kind: SectionKind| {
        rest.next_if(|section| section.kind == kind as u32).ok_or_else(|| {
            let message =
                format!("the section {} is missing or out of order", SectionKind::name(kind as u32));
            DecodeError::new(&BAD_SECTIONS, TABLE, message)
        })
    };
    let meta = take(SectionKind::Meta)?;
    refuse_newer_language(meta)?;
    module.meta = payload(meta)?;
    module.types = payload(take(SectionKind::Types)?)?;
    module.intent = payload(take(SectionKind::Intent)?)?;
    let semantic = take(SectionKind::Semantic)?;
    module.semantic = payload(semantic)?;
    module.execution = payload(take(SectionKind::Execution)?)?;
    module.source_map = payload(take(SectionKind::SourceMap)?)?;
    if let Some(section) = rest.next_if(|section| section.kind == SectionKind::Source as u32) {
        module.source = payload(section)?;
        if module.source.text.is_empty() && module.source.name.is_empty() {
            return Err(DecodeError::new(&MALFORMED, section.offset, "the section SOURCE is empty"));
        }
    }
    for section in rest {
        if section.kind <= SectionKind::Source as u32 {
            let message =
                format!("the section {} stands twice or out of order", SectionKind::name(section.kind));
            return Err(DecodeError::new(&BAD_SECTIONS, section.offset, message));
        }
        module.other.push((section.kind, section.bytes.to_vec()));
    }
    validate(&module.types, &module.semantic)
        .map_err(|error| DecodeError::new(&MALFORMED, semantic.offset, error.to_string()))?;
    Ok(module)
}

/// Looks at the language version before anything that a newer version may write differently.
fn refuse_newer_language(meta: &Section<'_>) -> Result<(), DecodeError> {
    let Ok(((_, version), _)) = postcard::take_from_bytes::<(&str, u32)>(meta.bytes) else {
        return Ok(());
    };
    if version > LANGUAGE_VERSION {
        let message = format!(
            "the module is written in language version {version}, this library knows up to version {LANGUAGE_VERSION}; use a newer library"
        );
        return Err(DecodeError::new(&NEWER_FORMAT, meta.offset, message));
    }
    Ok(())
}

fn read_table(bytes: &[u8]) -> Result<Vec<Section<'_>>, DecodeError> {
    if bytes.get(..4) != Some(&MAGIC[..]) {
        return Err(DecodeError::new(&NOT_ANRF, 0, "not an .anrf file"));
    }
    let truncated = |offset| DecodeError::new(&TRUNCATED, offset, "the file is cut short");
    let version = read_u32(bytes, 4).ok_or_else(|| truncated(bytes.len()))?;
    if version == 0 {
        return Err(DecodeError::new(&NOT_ANRF, 4, "not an .anrf file: there is no format version 0"));
    }
    if version > FORMAT_VERSION {
        let message = format!(
            "the file has format version {version}, this library reads version {FORMAT_VERSION}; use a newer library"
        );
        return Err(DecodeError::new(&NEWER_FORMAT, 4, message));
    }
    let count = read_u32(bytes, 8).ok_or_else(|| truncated(bytes.len()))? as usize;
    let header =
        count.checked_mul(ENTRY).and_then(|size| size.checked_add(TABLE)).filter(|end| *end <= bytes.len());
    let header = header.ok_or_else(|| truncated(bytes.len()))?;
    let stated = bytes.get(header..header + HASH).ok_or_else(|| truncated(bytes.len()))?;
    if Sha256::digest(&bytes[..header]).as_slice() != stated {
        return Err(DecodeError::new(
            &HASH_MISMATCH,
            header,
            "the table of sections does not have its stated hash",
        ));
    }
    let mut sections = Vec::with_capacity(count);
    let mut offset = header + HASH;
    for index in 0..count {
        let entry = TABLE + index * ENTRY;
        let kind = read_u32(bytes, entry).ok_or_else(|| truncated(entry))?;
        let length = read_u64(bytes, entry + 4).and_then(|length| usize::try_from(length).ok());
        let end = length.and_then(|length| offset.checked_add(length)).filter(|end| *end <= bytes.len());
        let payload = &bytes[offset..end.ok_or_else(|| truncated(bytes.len()))?];
        if Sha256::digest(payload).as_slice() != &bytes[entry + 12..entry + ENTRY] {
            let message = format!("the section {} does not have its stated hash", SectionKind::name(kind));
            return Err(DecodeError::new(&HASH_MISMATCH, offset, message));
        }
        sections.push(Section { kind, offset, bytes: payload });
        offset += payload.len();
    }
    if offset != bytes.len() {
        return Err(DecodeError::new(&TRUNCATED, offset, "the file goes on after its last section"));
    }
    Ok(sections)
}

fn read_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..offset + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn read_u64(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..offset + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Decodes a payload and demands that it re-encodes to the same bytes, so that one module has one form.
fn payload<T: DeserializeOwned + Serialize>(section: &Section<'_>) -> Result<T, DecodeError> {
    let malformed = |what: String| {
        let message = format!("the section {} {what}", SectionKind::name(section.kind));
        DecodeError::new(&MALFORMED, section.offset, message)
    };
    let mut deserializer = postcard::Deserializer::from_flavor(Input { rest: section.bytes });
    let value = T::deserialize(&mut deserializer).map_err(|error| {
        malformed(match error {
            postcard::Error::DeserializeUnexpectedEnd => "ends in the middle of a value".into(),
            _ => "is malformed".into(),
        })
    })?;
    let same = postcard::serialize_with_flavor::<T, _, bool>(
        &value,
        Compare { expected: section.bytes, at: 0, same: true },
    );
    if same.unwrap_or(false) { Ok(value) } else { Err(malformed("is not in canonical form".into())) }
}

/// Bytes to decode. What it says about its size decides how much room a list is given before its elements
/// are seen: the lengths in a file are claims, so only short lists get what they ask for, and longer ones
/// grow as their elements come (see [`crate::bounded`]).
struct Input<'de> {
    rest: &'de [u8],
}

/// A list is given room for at most one element per so many bytes that are left.
const BYTES_PER_CLAIM: usize = 32;

impl<'de> postcard::de_flavors::Flavor<'de> for Input<'de> {
    type Remainder = &'de [u8];
    type Source = &'de [u8];

    fn pop(&mut self) -> postcard::Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
        self.rest = rest;
        Ok(*first)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len() / BYTES_PER_CLAIM)
    }

    fn try_take_n(&mut self, count: usize) -> postcard::Result<&'de [u8]> {
        let split = self.rest.split_at_checked(count);
        let (taken, rest) = split.ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
        self.rest = rest;
        Ok(taken)
    }

    fn finalize(self) -> postcard::Result<&'de [u8]> {
        Ok(self.rest)
    }
}

/// Compares what would be written with what was read, without writing it.
struct Compare<'a> {
    expected: &'a [u8],
    at: usize,
    same: bool,
}

impl postcard::ser_flavors::Flavor for Compare<'_> {
    type Output = bool;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.same &= self.expected.get(self.at) == Some(&byte);
        self.at += 1;
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        let rest = self.expected.get(self.at..).unwrap_or_default();
        self.same &= rest.starts_with(bytes);
        self.at += bytes.len();
        Ok(())
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.same && self.at == self.expected.len())
    }
}
