//! What is found of two functions that are compared.

use anrf_runtime::{Fields, Outcome};

use super::{Effort, Method, Unknown};

/// What is asked of two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether both allow the same inputs and state, and end alike: the same results or the same error, and the
    /// same state.
    Equivalent,
    /// Whether the first can stand wherever the second does: it allows every input that the second allows, and
    /// keeps the second's postconditions there.
    Refines,
}

impl Question {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Refines => "refines",
        }
    }
}

/// How two functions compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was asked.
    pub question: Question,
    /// What was found.
    pub verdict: Compared,
    /// How many inputs both were run with.
    pub runs: u64,
    /// What deciding it took: no part of what two runs must reproduce.
    pub effort: Effort,
}

/// The verdict of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    /// It is so for every input.
    Proved(Way),
    /// These runs show that it is not.
    Differ(Box<Difference>),
    /// Neither.
    Unknown(Unknown),
    /// Verification itself went wrong.
    Error(String),
}

impl Compared {
    /// One word, as of a [`Verdict`](super::Verdict).
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proved(_) => "proved",
            Self::Differ(_) => "refuted",
            Self::Unknown(_) => "unknown",
            Self::Error(_) => "error",
        }
    }

    /// Whether it is `Proved`.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Proved(_))
    }
}

/// How a comparison was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By what both compute, and by what their contracts and invariants say of the ends.
    Ends,
    /// Loop by loop: from equal states an iteration of both leads to equal states.
    InStep,
}

impl Way {
    /// In a few words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ends => "by what is known at their ends",
            Self::InStep => "iteration by iteration",
        }
    }
}

/// One input on which two functions differ, and what each does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Inputs.
    pub inputs: Fields,
    /// State before.
    pub state: Fields,
    /// What the first function does.
    pub first: Seen,
    /// What the second does.
    pub second: Seen,
    /// How the inputs were found.
    pub method: Method,
}

/// What a function does with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It runs, and ends so.
    Ends(Outcome),
    /// It does not allow it: the id of the condition.
    Refuses(String),
}

impl Seen {
    /// Whether two functions did the same: fields are compared by name, errors by code, and of faults that there
    /// is one.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let sorted = |fields: &Fields| {
            let mut fields = fields.clone();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            fields
        };
        match (self, other) {
            (Self::Refuses(_), Self::Refuses(_)) => true,
            (Self::Ends(a), Self::Ends(b)) => match (a, b) {
                (Outcome::Success(a), Outcome::Success(b)) => sorted(a) == sorted(b),
                (Outcome::Failure { error_code: a, .. }, Outcome::Failure { error_code: b, .. }) => a == b,
                (Outcome::Fault(_), Outcome::Fault(_)) => true,
                _ => false,
            },
            _ => false,
        }
    }
}
