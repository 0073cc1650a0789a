//! Syntax back to text: expressions in their canonical spelling.

mod expression;

pub use expression::{Quote, expression};
