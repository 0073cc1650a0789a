//! What can go wrong with decimals.

use thiserror::Error;

use super::MAX_SCALE;

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// The divisor is zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The exact result has more than [`MAX_SCALE`] decimal places.
    #[error("the exact result has more than {MAX_SCALE} decimal places")]
    ScaleTooLarge,
    /// The number of places asked for is outside what the operation accepts.
    #[error("the number of places is `{places}`, expected {least} to {MAX_SCALE}")]
    PlacesOutOfRange {
        /// What was asked for.
        places: i64,
        /// The least that the operation accepts.
        least: i64,
    },
}

/// Why a text is not a decimal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseDecimalError {
    /// It does not have the form `-?[0-9]+(\.[0-9]+)?`.
    #[error("expected a decimal such as `12.50`, found `{found}`")]
    Syntax {
        /// The beginning of the text.
        found: String,
        /// The mend, where it is clear what was meant.
        help: Option<&'static str>,
    },
    /// It has more digits than the caller accepts, zeros that do not count left out.
    #[error("the decimal has more than {limit} digits")]
    TooManyDigits {
        /// What the caller accepts.
        limit: usize,
    },
    /// It has more than [`MAX_SCALE`] decimal places.
    #[error("the decimal has more than {MAX_SCALE} decimal places")]
    ScaleTooLarge,
}

impl ParseDecimalError {
    /// The mend, where there is one.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { help, .. } => *help,
            Self::TooManyDigits { .. } | Self::ScaleTooLarge => None,
        }
    }
}
