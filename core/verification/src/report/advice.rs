//! Kinds of obligations, and what to do about what is unknown, in words for people.

use anrf_format::execution::ObligationKind;

use super::Unknown;

/// What has to hold, as a clause.
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

/// What a run has shown that refutes it, as a clause.
#[must_use]
pub fn defect(kind: ObligationKind) -> &'static str {
    match kind {
        ObligationKind::CallPrecondition => "the precondition of a call does not hold",
        ObligationKind::Postcondition => "the postcondition does not hold",
        ObligationKind::Invariant => "the invariant does not hold",
        ObligationKind::LoopInvariant => "the loop invariant does not hold",
        ObligationKind::Termination => "the loop or recursion does not end",
        ObligationKind::NoOverflow => "an integer leaves 64 bits",
        ObligationKind::NoDivisionByZero => "a divisor is zero",
        ObligationKind::InBounds => "an index is outside its value",
        ObligationKind::KeyPresent => "the map does not have the key",
        ObligationKind::ValuePresent => "the optional has no value",
        ObligationKind::ValidArgument => "a built-in function does not take its argument",
        ObligationKind::Constraint => "the constraint of a value does not hold",
        ObligationKind::TransitionAllowed => "the machine does not allow the move",
        ObligationKind::Assertion => "the assertion does not hold",
        ObligationKind::Precondition => "the precondition is not defined for every input",
        ObligationKind::HostContract => "the contract of the host operation is not defined",
    }
}

/// What to do where a condition is known under which it is proved.
#[must_use]
pub fn sufficient(condition: &str) -> String {
    format!("proved where `{condition}`: add that to the preconditions, or say what happens without it")
}

impl Unknown {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NotInductive(_) => "strengthen the loop's invariant: say what bounds its names, and how \
                                      what it computes depends on what it has seen"
                .to_owned(),
            Self::NeedsPrecondition { condition, .. } => sufficient(condition),
            Self::GaveUp => "state an intermediate fact with `assert`, say more in invariants and \
                             postconditions, or ask more solvers; until then the check stays at run time"
                .to_owned(),
            Self::OutOfTime => {
                "state an intermediate fact with `assert`, split the function, or give it more \
                                time with `--budget`"
                    .to_owned()
            }
            Self::Unsupported(_) => {
                "the check stays at run time; see the limits of verification in the book".to_owned()
            }
            Self::NoSolver => {
                "install z3, cvc5 or bitwuzla, or run `cargo xtask solvers`; ANRF_Z3, ANRF_CVC5 \
                               and ANRF_BITWUZLA name programs elsewhere"
                    .to_owned()
            }
            Self::Callee(function) => format!("verify `{function}` first: what is proved here rests on it"),
            Self::NotProved(function) => {
                format!(
                    "`anrf verify` says what is open in `{function}`: what faults has no result to compare"
                )
            }
            Self::Vacuous => "weaken the preconditions: no input meets all of them".to_owned(),
            Self::NotTried => "ask for tier 3, which proves".to_owned(),
        }
    }
}
