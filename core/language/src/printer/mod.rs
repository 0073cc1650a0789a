//! Syntax back to text: expressions in their canonical spelling, and whole files in the canonical layout.

mod document;
mod expression;
mod layout;
mod same;

pub use document::format_document;
pub use expression::{Quote, expression};
