//! Kinds of obligations and reasons, in words for people.

use anrf_format::execution::ObligationKind;

use super::Unknown;

/// What has to hold, as a clause that `must hold` or `may fail` can be told of.
#[must_use]
pub fn claim(kind: ObligationKind) -> &'static str {
    match kind {
        ObligationKind::CallPrecondition => "the precondition of a call holds",
        ObligationKind::Postcondition => "the postcondition holds",
        ObligationKind::Invariant => "the invariant holds",
        ObligationKind::LoopInvariant => "the loop invariant holds",
        ObligationKind::Termination => "the loop or recursion ends",
        ObligationKind::NoOverflow => "an integer stays within 64 bits",
        ObligationKind::NoDivisionByZero => "a divisor is not zero",
        ObligationKind::InBounds => "an index is inside its value",
        ObligationKind::KeyPresent => "the map has the key",
        ObligationKind::ValuePresent => "the optional has a value",
        ObligationKind::ValidArgument => "a built-in function takes its argument",
        ObligationKind::Constraint => "the constraint of a value holds",
        ObligationKind::TransitionAllowed => "the machine allows the move",
        ObligationKind::Assertion => "the assertion holds",
        ObligationKind::Precondition => "the precondition is defined for every input",
        ObligationKind::HostContract => "the contract of the host operation is defined",
    }
}

impl Unknown {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NotInductive(_) => "strengthen the loop's invariant: say what bounds its names, and how \
                                      what it computes depends on what it has seen"
                .to_owned(),
            Self::NeedsPrecondition(function) => {
                format!(
                    "add what is missing to the preconditions of `{function}`, or check it before the call"
                )
            }
            Self::GaveUp => "state an intermediate fact with `assert`, say more in invariants and \
                             postconditions, or ask more solvers; until then the check stays at run time"
                .to_owned(),
            Self::OutOfTime => "give it more with `--budget`, or split the function".to_owned(),
            Self::Unsupported(_) => {
                "the check stays at run time; see the limits of verification in the book".to_owned()
            }
            Self::NoSolver => {
                "install z3, cvc5 or bitwuzla, or run `cargo xtask solvers`; ANRF_Z3, ANRF_CVC5 \
                               and ANRF_BITWUZLA name programs elsewhere"
                    .to_owned()
            }
            Self::Callee(function) => format!("verify `{function}` first: what is proved here rests on it"),
            Self::Vacuous => "weaken the preconditions: no input meets all of them".to_owned(),
            Self::NotTried => "ask for tier 3, which proves".to_owned(),
        }
    }
}
