//! Tests that need more than one layer: generated programs, file tests, and the coverage of the tables of the
//! code by file tests.

#[path = "../../core/verification/tests/agreement/texts.rs"]
pub mod compared;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod divergence;
pub mod editing;
pub mod files;
pub mod fuzz;
pub mod generator;
pub mod host;
pub mod limits;
#[cfg(test)]
mod links;
#[cfg(test)]
mod machine_code;
pub mod mutation;
pub mod packed;
pub mod reference;
pub mod seeded;
