//! The JSON form of values (language reference, "JSON form of values"), read and written by type.
//!
//! Reading is a serde seed, so any format with serde support can carry values; [`from_json`] is the one
//! for JSON text. The type says how each scalar is read, so nothing changes type by accident.

mod read;
mod write;

pub use read::{DataError, Fields, from_json};
pub use write::{Typed, TypedFields, to_json};

use crate::codes;

codes! {
    SYNTAX = "E-DATA-001", "not JSON",
        "The text is not one JSON document. The place given is where reading stopped.";
    WRONG_TYPE = "E-DATA-002", "value of another type",
        "A value does not have the form that its type has in JSON: integers are numbers (or strings), decimals strings, bytes base64 strings, timestamps RFC 3339 strings, optionals the value or null, sets and arrays lists, maps with string keys objects and other maps lists of [key, value], enums strings, records objects and variants objects with one key, the case.";
    OUT_OF_RANGE = "E-DATA-003", "value outside its type",
        "An integer outside 64 bits, a timestamp outside the years 0001 to 9999, or a decimal with more digits than the limit.";
    UNKNOWN_FIELD = "E-DATA-004", "unknown field",
        "The object has a field that the type does not have.";
    MISSING_FIELD = "E-DATA-005", "missing field",
        "The object lacks a field. Only optional fields and inputs with a default may be left out.";
    DUPLICATE = "E-DATA-006", "given twice",
        "A field, key or set element stands twice, so one of them would be lost.";
    UNKNOWN_SYMBOL = "E-DATA-007", "unknown symbol or case",
        "The string is no symbol of the enum, no state of the machine, or the key is no case of the variant.";
    TOO_DEEP = "E-DATA-008", "nested too deeply",
        "Values nest at most 64 levels deep.";
}

/// How deep values may nest: the cap that keeps reading, comparing and dropping within a small stack.
pub const MAX_DEPTH: usize = 64;
