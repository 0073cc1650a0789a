//! The stable codes of this layer, one table a theme.

pub mod contracts;
pub mod data;
pub mod flow;
pub mod imports;
pub mod lints;
pub mod lowering;
pub mod names;
pub mod reader;
pub mod syntax;
pub mod types;
pub mod yaml;

use anrf_format::diagnostic::Code;

/// The tables of this layer, in the order of its stages.
#[must_use]
pub fn tables() -> Vec<&'static [&'static Code]> {
    vec![
        yaml::TABLE,
        reader::TABLE,
        syntax::TABLE,
        names::TABLE,
        types::TABLE,
        contracts::TABLE,
        flow::TABLE,
        imports::TABLE,
        data::TABLE,
        lints::TABLE,
        lowering::TABLE,
    ]
}
