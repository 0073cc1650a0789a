//! The stable codes of this layer, one table a theme.

pub mod lowering;
pub mod yaml;
