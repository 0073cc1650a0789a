//! The Module: what is exchanged, hashed, signed, compared and run.

use serde::{Deserialize, Serialize};

use crate::execution::Execution;
use crate::semantic::Semantic;
use crate::source_map::SourceMap;
use crate::types::TypeTable;

/// The version of the language and of its meaning that this crate knows.
pub const LANGUAGE_VERSION: u32 = 1;

/// An ANRF document: intent, semantic and execution layer, tied by a source map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// What it is called and which language version it is written in.
    pub meta: Meta,
    /// What was asked.
    pub intent: IntentLayer,
    /// All types.
    pub types: TypeTable,
    /// The functions as typed trees.
    pub semantic: Semantic,
    /// The functions as code; empty until lowered.
    pub execution: Execution,
    /// Ties the layers to each other and to the text.
    pub source_map: SourceMap,
    /// The text it was read from, comments included; empty if there is none.
    pub source: Source,
    /// Sections that this crate does not interpret, kept as they are: kind and bytes, in file order.
    pub other: Vec<(u32, Vec<u8>)>,
}

/// Name, version, and labels that are not part of the meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The module's name.
    pub name: String,
    /// [`LANGUAGE_VERSION`] at the time of writing; part of the identity.
    pub language_version: u32,
    /// `metadata` of each function, in order.
    pub functions: Vec<FunctionMeta>,
}

/// `metadata:` of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionMeta {
    /// `author`.
    pub author: Option<String>,
    /// `created`, RFC 3339.
    pub created: Option<String>,
    /// `dependencies` and `uses`, as written.
    pub uses: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
}

/// The intent layer: the module's and each function's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentLayer {
    /// Of the module as a whole.
    pub module: Option<Intent>,
    /// One per function, in order.
    pub functions: Vec<Intent>,
}

/// A structured requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// One sentence.
    pub text: String,
    /// What it is for.
    pub goals: Vec<String>,
    /// What must hold.
    pub constraints: Vec<IntentConstraint>,
    /// What it speaks of.
    pub entities: Vec<String>,
    /// The field it belongs to.
    pub domain: Option<String>,
}

/// A constraint of an intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentConstraint {
    /// In prose.
    pub text: String,
    /// A short label.
    pub tag: Option<String>,
    /// As a contract expression, in canonical text.
    pub formal: Option<String>,
}

/// A source text and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// A path or another name to show.
    pub name: String,
    /// The text.
    pub text: String,
}
