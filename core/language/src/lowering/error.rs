//! What can be wrong with a semantic layer that is to be lowered.

use anrf_format::diagnostic::{Code, Span};
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
    /// More of something than this version lowers.
    #[error("{0} cannot be run")]
    Unsupported(&'static str),
    /// The code would be larger than the bound on what a tree of this size may become.
    #[error("the code would be too large")]
    TooLarge,
    /// Binders nest too deeply, or the steps of a stored module.
    #[error("binders are nested more than 64 levels deep")]
    TooDeep,
    /// What was lowered is not valid: the types of the tree do not fit each other.
    #[error(transparent)]
    Invalid(#[from] ValidateError),
}

impl LowerError {
    /// The mend, where there is one.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unsupported(_) => "use fewer at once, or group them in a record or array",
            Self::TooLarge => "leave in fewer places, or move steps into a function of their own",
            Self::TooDeep => "give an inner part a name in a `compute` step, or write a function of its own",
            Self::Malformed(_) | Self::IllTyped(_) | Self::Invalid(_) => {
                "pack the module again from its text"
            }
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Malformed(_) | Self::IllTyped(_) | Self::Invalid(_) => &codes::MALFORMED,
            Self::Unsupported(_) => &codes::UNSUPPORTED,
            Self::TooLarge => &codes::TOO_LARGE,
            Self::TooDeep => &codes::TOO_DEEP,
        }
    }
}

/// Why a checked text cannot be lowered, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// Why.
    pub error: LowerError,
    /// The step, expression or clause that was being lowered.
    pub span: Span,
}

pub(super) type Result<T, E = LowerError> = std::result::Result<T, E>;
