//! Bytes to module.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    BAD_SECTIONS, FORMAT_VERSION, HASH_MISMATCH, MAGIC, MALFORMED, NEWER_FORMAT, NOT_ANRF, SectionKind,
    TRUNCATED,
};
use crate::diagnostic::{Code, Span};
use crate::execution::{ClauseRef, Execution};
use crate::module::{LANGUAGE_VERSION, Module};
use crate::semantic::validate::validate;
use crate::source_map::{CodeMap, FunctionMap, SourceMap, links};

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
/// architecture; [`decode_unlowered`] is for loading.
///
/// # Errors
/// If the bytes are not exactly what [`super::encode`] writes for some module.
pub fn decode(bytes: &[u8]) -> Result<Module, DecodeError> {
    let parts = Parts::read(bytes, Hashes::Checked)?;
    let mut module = parts.meaning(Form::Canonical)?;
    module.execution = payload(&parts.execution, Form::Canonical)?;
    module.source_map = payload(&parts.source_map, Form::Canonical)?;
    parts.check_links(&module)?;
    Ok(module)
}

/// Reads all of a module but its execution layer, which whoever loads it makes from the semantic one.
///
/// # Errors
/// As [`decode`].
pub fn decode_unlowered(bytes: &[u8]) -> Result<Unlowered<'_>, DecodeError> {
    let parts = Parts::read(bytes, Hashes::Checked)?;
    let mut module = parts.meaning(Form::Canonical)?;
    let Places { functions, clauses, intent } = prefix(&parts.source_map)?;
    module.source_map = SourceMap { functions, clauses, intent, execution: vec![] };
    parts.check_links(&module)?;
    Ok(Unlowered { module, execution: parts.execution.bytes, source_map: parts.source_map.bytes })
}

/// A module that has to be lowered, and what its file says comes of that.
#[derive(Debug)]
pub struct Unlowered<'a> {
    module: Module,
    execution: &'a [u8],
    source_map: &'a [u8],
}

impl Unlowered<'_> {
    /// The module without its execution layer.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module without its execution layer, to be lowered whatever the file holds.
    #[must_use]
    pub fn into_module(self) -> Module {
        self.module
    }

    /// The module with what lowering has made of it, if that is exactly what the file holds.
    #[must_use]
    pub fn complete(self, execution: Execution, origins: Vec<CodeMap>) -> Option<Module> {
        let mut module = self.module;
        module.execution = execution;
        module.source_map.execution = origins;
        let same = encodes_to(&module.execution, self.execution);
        (same && encodes_to(&module.source_map, self.source_map)).then_some(module)
    }
}

/// What stands before the origins in the source map.
#[derive(Deserialize)]
struct Places {
    functions: Vec<FunctionMap>,
    clauses: Vec<(ClauseRef, Vec<Span>)>,
    intent: Vec<(Option<u32>, u32, ClauseRef)>,
}

/// A file from a trusted place, undamaged; what it holds is decoded when it is asked for.
#[derive(Clone, Debug)]
pub struct Packed(Box<[u8]>);

impl Packed {
    /// Checks versions, sections and hashes.
    ///
    /// # Errors
    /// If the bytes are not those of a whole, undamaged file that this library can read.
    pub fn new(bytes: &[u8]) -> Result<Self, DecodeError> {
        Parts::read(bytes, Hashes::Checked)?;
        Ok(Self(bytes.into()))
    }

    /// Reads the module. That it stands in canonical form is taken on trust.
    ///
    /// # Errors
    /// If somebody has packed something else than a module.
    pub fn decode(&self) -> Result<Module, DecodeError> {
        let parts = Parts::read(&self.0, Hashes::Known)?;
        let mut module = parts.meaning(Form::Any)?;
        module.execution = payload(&parts.execution, Form::Any)?;
        module.source_map = payload(&parts.source_map, Form::Any)?;
        parts.check_links(&module)?;
        Ok(module)
    }
}

/// The sections of a file, in order.
struct Parts<'a> {
    meta: Section<'a>,
    types: Section<'a>,
    intent: Section<'a>,
    semantic: Section<'a>,
    execution: Section<'a>,
    source_map: Section<'a>,
    source: Option<Section<'a>>,
    other: Vec<Section<'a>>,
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8], hashes: Hashes) -> Result<Self, DecodeError> {
        let mut rest = read_table(bytes, hashes)?.into_iter().peekable();
        let mut take = |kind: SectionKind| {
            rest.next_if(|section| section.kind == kind as u32).ok_or_else(|| {
                let message =
                    format!("the section {} is missing or out of order", SectionKind::name(kind as u32));
                DecodeError::new(&BAD_SECTIONS, TABLE, message)
            })
        };
        let meta = take(SectionKind::Meta)?;
        refuse_newer_language(&meta)?;
        let parts = Self {
            meta,
            types: take(SectionKind::Types)?,
            intent: take(SectionKind::Intent)?,
            semantic: take(SectionKind::Semantic)?,
            execution: take(SectionKind::Execution)?,
            source_map: take(SectionKind::SourceMap)?,
            source: rest.next_if(|section| section.kind == SectionKind::Source as u32),
            other: rest.collect(),
        };
        match parts.other.iter().find(|section| section.kind <= SectionKind::Source as u32) {
            None => Ok(parts),
            Some(section) => {
                let message =
                    format!("the section {} stands twice or out of order", SectionKind::name(section.kind));
                Err(DecodeError::new(&BAD_SECTIONS, section.offset, message))
            }
        }
    }

    fn check_links(&self, module: &Module) -> Result<(), DecodeError> {
        let broken = |error: links::BrokenLinkError| {
            DecodeError::new(&MALFORMED, self.source_map.offset, error.to_string())
        };
        links::check(module).map_err(broken)
    }

    /// All but execution layer and source map.
    fn meaning(&self, form: Form) -> Result<Module, DecodeError> {
        let mut module = Module {
            meta: payload(&self.meta, form)?,
            types: payload(&self.types, form)?,
            intent: payload(&self.intent, form)?,
            semantic: payload(&self.semantic, form)?,
            ..Module::default()
        };
        if let Some(section) = &self.source {
            module.source = payload(section, form)?;
            if module.source.text.is_empty() && module.source.name.is_empty() {
                return Err(DecodeError::new(&MALFORMED, section.offset, "the section SOURCE is empty"));
            }
        }
        module.other = self.other.iter().map(|section| (section.kind, section.bytes.to_vec())).collect();
        validate(&module.types, &module.semantic)
            .map_err(|error| DecodeError::new(&MALFORMED, self.semantic.offset, error.to_string()))?;
        Ok(module)
    }
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

/// Whether hashes are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hashes {
    Checked,
    /// They have been before.
    Known,
}

fn read_table(bytes: &[u8], hashes: Hashes) -> Result<Vec<Section<'_>>, DecodeError> {
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
    let differ =
        |part: &[u8], stated: &[u8]| hashes == Hashes::Checked && Sha256::digest(part).as_slice() != stated;
    if differ(&bytes[..header], stated) {
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
        if differ(payload, &bytes[entry + 12..entry + ENTRY]) {
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

/// What is demanded of the bytes of a section.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// That they are what would be written, so that one module has one form.
    Canonical,
    /// That they can be read.
    Any,
}

fn payload<T: DeserializeOwned + Serialize>(section: &Section<'_>, form: Form) -> Result<T, DecodeError> {
    let value = prefix(section)?;
    if form == Form::Any || encodes_to(&value, section.bytes) {
        return Ok(value);
    }
    let message = format!("the section {} is not in canonical form", SectionKind::name(section.kind));
    Err(DecodeError::new(&MALFORMED, section.offset, message))
}

/// Decodes a value that a section starts with.
fn prefix<T: DeserializeOwned>(section: &Section<'_>) -> Result<T, DecodeError> {
    let mut deserializer = postcard::Deserializer::from_flavor(Input { rest: section.bytes });
    T::deserialize(&mut deserializer).map_err(|error| {
        let what = match error {
            postcard::Error::DeserializeUnexpectedEnd => "ends in the middle of a value",
            _ => "is malformed",
        };
        let message = format!("the section {} {what}", SectionKind::name(section.kind));
        DecodeError::new(&MALFORMED, section.offset, message)
    })
}

/// Whether a value would be written as exactly these bytes.
fn encodes_to(value: &impl Serialize, bytes: &[u8]) -> bool {
    postcard::serialize_with_flavor::<_, _, bool>(value, Compare { rest: bytes }).unwrap_or(false)
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

/// Compares what would be written with what was read, without writing it; ends at the first difference.
struct Compare<'a> {
    rest: &'a [u8],
}

impl postcard::ser_flavors::Flavor for Compare<'_> {
    type Output = bool;

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => self.rest = rest,
            _ => return Err(postcard::Error::SerializeBufferFull),
        }
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        // Most of what is written is numbers of a byte or two.
        if bytes.len() <= 5 {
            return bytes.iter().try_for_each(|byte| self.try_push(*byte));
        }
        self.rest = self.rest.strip_prefix(bytes).ok_or(postcard::Error::SerializeBufferFull)?;
        Ok(())
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.rest.is_empty())
    }
}
