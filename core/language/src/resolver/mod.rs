//! Where imported modules come from: a trait for hosts with their own storage, and the folder as default.

mod folder;

use std::fmt;
use std::str::FromStr;

use anrf_format::hash::Hash;
use anrf_format::module::Source;

pub use folder::FolderResolver;

/// What a `uses` entry asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// `round_money@1`: the module that declares this function in this version.
    Function {
        /// The name without version.
        name: String,
        /// The version.
        version: u32,
    },
    /// `sha256:...`: the module of this id.
    Module(Hash),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function { name, version } => write!(formatter, "{name}@{version}"),
            Self::Module(hash) => hash.fmt(formatter),
        }
    }
}

/// A text that is neither `name@version` nor `sha256:` with 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `name@version` or `sha256:` and 64 hexadecimal digits")]
pub struct ParseReferenceError;

impl FromStr for Reference {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, ParseReferenceError> {
        if text.starts_with("sha256:") {
            return text.parse().map(Self::Module).map_err(|_| ParseReferenceError);
        }
        let (name, version) = text.split_once('@').ok_or(ParseReferenceError)?;
        let version =
            version.strip_prefix('v').unwrap_or(version).parse().map_err(|_| ParseReferenceError)?;
        let valid = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if valid { Ok(Self::Function { name: name.to_owned(), version }) } else { Err(ParseReferenceError) }
    }
}

/// Why a reference has no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// There is no such module.
    #[error("there is no module for `{reference}` in {searched}")]
    NotFound {
        /// What was asked for.
        reference: Reference,
        /// Where was looked.
        searched: String,
    },
    /// Several modules declare the function in this version.
    #[error("`{reference}` is declared in {}", found.join(" and "))]
    Ambiguous {
        /// What was asked for.
        reference: Reference,
        /// The names of the sources.
        found: Vec<String>,
    },
    /// The module is there but cannot be read.
    #[error("`{name}` cannot be read: {message}")]
    Unreadable {
        /// The source.
        name: String,
        /// What went wrong.
        message: String,
    },
}

/// Finds the sources of imported modules. A host brings its own where modules are not files.
pub trait Resolver: Send + Sync {
    /// The source that a reference of `importer` (a source's name) means.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    fn resolve(&self, reference: &Reference, importer: &str) -> Result<Source, ResolveError>;
}

/// Finds nothing: for texts that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, reference: &Reference, _importer: &str) -> Result<Source, ResolveError> {
        Err(ResolveError::NotFound { reference: reference.clone(), searched: "no folder".into() })
    }
}
