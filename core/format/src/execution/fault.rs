//! Kinds of faults and of obligations.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $($(#[$doc])* #[serde(rename = $name)] $variant),* }

        impl $type {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the language, in reports and in JSON.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The kind of a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// What kind of defect a Fault is.
    FaultKind {
        /// An integer result outside 64 bits.
        Overflow = "overflow",
        /// Division or remainder by zero.
        DivisionByZero = "division_by_zero",
        /// An index or slice outside the value.
        OutOfBounds = "out_of_bounds",
        /// A key that the map does not have.
        MissingKey = "missing_key",
        /// The value of NONE.
        NoneValue = "none_value",
        /// An argument that the built-in is not defined for.
        InvalidArgument = "invalid_argument",
        /// A record, input or state value that breaks its constraints.
        ConstraintViolation = "constraint_violation",
        /// The run's own precondition.
        PreconditionViolation = "precondition_violation",
        /// A precondition of a called function or host operation.
        CallPreconditionViolation = "call_precondition_violation",
        /// A postcondition.
        PostconditionViolation = "postcondition_violation",
        /// An invariant of a loop, the function or the module.
        InvariantViolation = "invariant_violation",
        /// An `assert`.
        AssertionViolation = "assertion_violation",
        /// A move that the machine does not allow from the present state.
        InvalidTransition = "invalid_transition",
        /// A host operation's answer that breaks its type or contract.
        HostContractViolation = "host_contract_violation",
    }
}

kinds! {
    /// What kind of fact an obligation is (verification, "What is asked").
    ObligationKind {
        /// A called function's or host operation's preconditions.
        CallPrecondition = "precondition_of_a_call",
        /// A postcondition.
        Postcondition = "postcondition",
        /// An invariant over state, on entry or exit.
        Invariant = "invariant",
        /// A loop invariant, on entry and preserved.
        LoopInvariant = "loop_invariant",
        /// A loop or recursion ends.
        Termination = "termination",
        /// Arithmetic stays within 64 bits.
        NoOverflow = "no_overflow",
        /// A divisor is not zero.
        NoDivisionByZero = "no_division_by_zero",
        /// An index is inside.
        InBounds = "in_bounds",
        /// A key is there.
        KeyPresent = "key_present",
        /// An optional has a value.
        ValuePresent = "value_present",
        /// An argument is one that the built-in is defined for.
        ValidArgument = "valid_argument",
        /// A constructed record keeps its constraints.
        Constraint = "constraint",
        /// A machine allows a move.
        TransitionAllowed = "transition_allowed",
        /// An `assert`.
        Assertion = "assertion",
        /// A precondition, checked on entry.
        Precondition = "precondition",
        /// A host operation keeps its contract; assumed, checked on every return.
        HostContract = "host_contract",
    }
}
