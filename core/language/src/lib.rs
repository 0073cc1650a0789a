//! Placeholder.

pub mod codes;

pub mod yaml;
