//! Placeholder.

pub mod codes;

pub mod lowering;
pub mod stages;

pub mod yaml;
