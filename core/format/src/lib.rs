//! The ANRF Module: types, values, the three layers and the source map between them, the binary form
//! and its hashes. Nothing here parses text or runs code.

pub mod binary;
mod bounded;
pub mod builtin;
pub mod data;
pub mod decimal;
pub mod diagnostic;
pub mod encoding;
pub mod execution;
pub mod hash;
pub mod line_index;
pub mod module;
pub mod semantic;
pub mod source_map;
pub mod timestamp;
pub mod types;
pub mod value;
mod value_encoding;
