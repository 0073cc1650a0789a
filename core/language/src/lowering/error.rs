//! What can be wrong with a semantic layer that is to be lowered.

use anrf_format::diagnostic::Code;
use anrf_format::execution::validate::ValidateError;
use anrf_format::semantic::validate::MalformedError;

use crate::codes::lowering as codes;

/// Why a semantic layer cannot be lowered. What the checker accepts can always be lowered, save for what
/// is [`LowerError::Unsupported`] or [`LowerError::TooLarge`]; the others speak of a stored module that no
/// checker has made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LowerError {
    /// Indices out of range, or no trees.
    #[error(transparent)]
    Malformed(#[from] MalformedError),
    /// Types or names that do not fit each other.
    #[error("the typed tree is malformed: {0} does not fit")]
    IllTyped(&'static str),
    /// A form that this version does not lower.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// The code would be larger than the bound on what a tree of this size may become.
    #[error("the code of the module would be too large")]
    TooLarge,
    /// Steps or regions nest too deeply.
    #[error("steps or binders nest too deeply")]
    TooDeep,
    /// What was lowered is not valid: the types of the tree do not fit each other.
    #[error(transparent)]
    Invalid(#[from] ValidateError),
}

impl LowerError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Malformed(_) => &codes::MALFORMED,
            Self::IllTyped(_) => &codes::ILL_TYPED,
            Self::Unsupported(_) => &codes::UNSUPPORTED,
            Self::TooLarge => &codes::TOO_LARGE,
            Self::TooDeep => &codes::TOO_DEEP,
            Self::Invalid(_) => &codes::INVALID,
        }
    }
}

pub(super) type Result<T, E = LowerError> = std::result::Result<T, E>;
