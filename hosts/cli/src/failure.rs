//! How a command ends: its exit code, and what ends it early.

use std::fmt;
use std::io;

use anrf::Code;

use crate::finding::{Finding, codes};

/// How a command ended that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Fine,
    /// Something was found, or a run did not succeed.
    Findings,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
        }
    }

    /// `Findings` if there are any.
    pub(crate) fn found(any: bool) -> Self {
        if any { Self::Findings } else { Self::Fine }
    }
}

/// What ends a command early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was typed cannot be done.
    Usage {
        /// Why, in general.
        code: &'static Code,
        /// What is wrong, with user input in backticks.
        message: String,
        /// The mend.
        help: Option<String>,
    },
    /// Something is wrong with what was read.
    Findings(Vec<Finding>),
    /// Nobody reads standard output any more.
    OutputClosed,
    /// A defect of this program or of the machine it runs on.
    Internal(String),
}

/// What commands return.
pub(crate) type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::of(&codes::USAGE, message)
    }

    /// As [`Failure::usage`], with a code of its own.
    pub(crate) fn of(code: &'static Code, message: impl Into<String>) -> Self {
        Self::Usage { code, message: message.into(), help: None }
    }

    pub(crate) fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Usage { code, message, .. } => Self::Usage { code, message, help: Some(text.into()) },
            other => other,
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Findings(_) => 1,
            Self::Usage { .. } => 2,
            Self::Internal(_) => 3,
        }
    }

    /// A failure to write to a place that is not standard output.
    pub(crate) fn writing(name: impl fmt::Display, error: &io::Error) -> Self {
        Self::of(&codes::OUTPUT, format!("cannot write `{name}`: {}", reason(error)))
    }

    /// A failure to write to standard output.
    pub(crate) fn printing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::of(&codes::OUTPUT, format!("cannot write to standard output: {}", reason(error))),
        }
    }
}

/// What the system says, in a few plain words.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is not a folder".to_owned(),
        io::ErrorKind::AlreadyExists => "it exists already".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => {
            // The system's own words begin upper case and end in `(os error 5)`.
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
    }
}
