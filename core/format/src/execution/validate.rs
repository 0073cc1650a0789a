//! Whether execution code is what lowering may make.
use super::Execution;
use crate::semantic::Semantic;
use crate::source_map::CodeMap;
use crate::types::TypeTable;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("x")]
pub struct ValidateError {}

/// Validates.
///
/// # Errors
/// The first defect.
pub fn validate(_: &TypeTable, _: &Semantic, _: &Execution, _: &[CodeMap]) -> Result<(), ValidateError> {
    Ok(())
}
