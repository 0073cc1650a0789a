//! What a query needs and a solver knows.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of the theories and constructs that scripts are made of.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Features(u16);

impl Features {
    /// Nothing but booleans.
    pub const NONE: Self = Self(0);
    /// Unbounded integers, added, compared and multiplied by literals.
    pub const INTEGERS: Self = Self(1);
    /// Reals, likewise.
    pub const REALS: Self = Self(1 << 1);
    /// Products and quotients of integers or reals that are not literals.
    pub const NONLINEAR: Self = Self(1 << 2);
    /// Fixed-width bit-vectors.
    pub const BIT_VECTORS: Self = Self(1 << 3);
    /// IEEE 754 floats.
    pub const FLOATS: Self = Self(1 << 4);
    /// Arrays.
    pub const ARRAYS: Self = Self(1 << 5);
    /// Uninterpreted functions and sorts.
    pub const FUNCTIONS: Self = Self(1 << 6);
    /// Algebraic datatypes.
    pub const DATATYPES: Self = Self(1 << 7);
    /// Strings.
    pub const STRINGS: Self = Self(1 << 8);
    /// `forall` and `exists`.
    pub const QUANTIFIERS: Self = Self(1 << 9);
    /// `define-fun-rec`.
    pub const RECURSION: Self = Self(1 << 10);
    /// Everything above.
    pub const ALL: Self = Self((1 << 11) - 1);

    /// Whether all of `other` is in this set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The smallest logic that has them, as `set-logic` names it.
    pub(super) fn logic(self) -> String {
        let recursive = self.contains(Self::RECURSION);
        let mut name = String::new();
        if !self.contains(Self::QUANTIFIERS) && !recursive {
            name.push_str("QF_");
        }
        let theories =
            [(Self::ARRAYS, "A"), (Self::FUNCTIONS, "UF"), (Self::BIT_VECTORS, "BV"), (Self::FLOATS, "FP")];
        for (feature, letters) in theories {
            if self.contains(feature) || (recursive && feature == Self::FUNCTIONS) {
                name.push_str(letters);
            }
        }
        for (feature, letters) in [(Self::DATATYPES, "DT"), (Self::STRINGS, "S")] {
            if self.contains(feature) {
                name.push_str(letters);
            }
        }
        // Strings have lengths, and conversions of floats and bit-vectors have no cheaper home.
        let integers = self.contains(Self::INTEGERS) || self.contains(Self::STRINGS);
        let letters = match (integers, self.contains(Self::REALS)) {
            (true, true) => "IR",
            (true, false) => "I",
            (false, true) => "R",
            (false, false) => "",
        };
        if !letters.is_empty() {
            name.push(if self.contains(Self::NONLINEAR) { 'N' } else { 'L' });
            name.push_str(letters);
            name.push('A');
        }
        match name.as_str() {
            "QF_" => "QF_UF".to_owned(),
            "" => "UF".to_owned(),
            // An array logic without anything in the arrays is written `AX`.
            "QF_A" => "QF_AX".to_owned(),
            _ => name,
        }
    }
}

impl BitOr for Features {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Features {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

const NAMES: &[(Features, &str)] = &[
    (Features::INTEGERS, "integers"),
    (Features::REALS, "reals"),
    (Features::NONLINEAR, "nonlinear arithmetic"),
    (Features::BIT_VECTORS, "bit-vectors"),
    (Features::FLOATS, "floats"),
    (Features::ARRAYS, "arrays"),
    (Features::FUNCTIONS, "functions"),
    (Features::DATATYPES, "datatypes"),
    (Features::STRINGS, "strings"),
    (Features::QUANTIFIERS, "quantifiers"),
    (Features::RECURSION, "recursive functions"),
];

impl fmt::Display for Features {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().filter(|(feature, _)| self.contains(*feature)).map(|(_, name)| *name);
        formatter.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Features({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_logic_is_named() {
        let logic = |features: Features| features.logic();
        assert_eq!(logic(Features::NONE), "QF_UF");
        assert_eq!(logic(Features::INTEGERS), "QF_LIA");
        assert_eq!(logic(Features::INTEGERS | Features::ARRAYS | Features::QUANTIFIERS), "ALIA");
        assert_eq!(logic(Features::BIT_VECTORS | Features::FLOATS | Features::ARRAYS), "QF_ABVFP");
        assert_eq!(logic(Features::ALL), "AUFBVFPDTSNIRA");
    }

    #[test]
    fn a_set_is_listed() {
        assert_eq!((Features::FLOATS | Features::INTEGERS).to_string(), "integers, floats");
        assert!(Features::ALL.without(Features::FLOATS).contains(Features::STRINGS));
        assert!(!Features::ALL.without(Features::FLOATS).contains(Features::FLOATS));
    }
}
