//! Tests that need more than one layer: generated programs, file tests, and the coverage of the tables of the
//! code by file tests.

#[cfg(test)]
mod corpus;
pub mod agreement;
pub mod editing;
pub mod files;
pub mod fuzz;
pub mod generator;
pub mod host;
pub mod limits;
#[cfg(test)]
mod links;
pub mod mutation;
pub mod packed;
pub mod reference;
