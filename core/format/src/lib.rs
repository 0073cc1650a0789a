//! The ANRF Module: types, values, the three layers and the source map between them, the binary form
//! and its hashes. Nothing here parses text or runs code.

pub mod diagnostic;
