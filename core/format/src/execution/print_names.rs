//! The names of all variants, for `docs/ir.md` and whoever counts instructions. The matches are exhaustive, so
//! the tables are complete.

use super::{Check, Fold, Op, Terminator};

macro_rules! names {
    ($type:ident: $($variant:ident $(($($fields:tt)*))? $({$($named:tt)*})?),* $(,)?) => {
        impl $type {
            /// The names of all variants, in order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($variant)),*];

            /// The name of the variant.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant $(($($fields)*))? $({$($named)*})? => stringify!($variant)),* }
            }
        }
    };
}

names! { Op:
    Constant(_), Immediate(_), Arithmetic(..), Negate(_), Not(_), Compare(..), Contains(..), Widen(_), Narrow(_),
    Field(..), WithField(..), Element(..), WithElement(..), Slice(..), Lookup(..), WithEntry(..), WithMember(..),
    Without(..), Concat(..), NewRecord(_), NewVariant(..), NewArray(_), NewSet(_), NewMap(_), NewSome(_), NewNone,
    Payload(..), CaseOf(_), CaseField(..), SymbolOf(_), Builtin(..), Check(..), CheckRecord(..), CheckState(..),
    CheckCall(..), CheckRequest(..), Contract(..), Ghost(_), Fold(..), Share(_), Charge(_), Enter, Leave, Mark,
    StateRead(..), StateWrite(..), Attempts(_), Log(..), Wait(_),
}

names! { Check:
    Arithmetic(_), Negate, Narrow, NotZero, Index, Slice, Key, Some, Transition(..), Builtin(_),
}

names! { Fold: Quantifier(_), Array, Set, Map, Aggregate(..), Sort { .. } }

names! { Terminator:
    Jump(_), Repeat { .. }, Branch(..), Switch(..), Return(_), Fail(..), Call { .. }, Invoke { .. },
    Yield(_), Skip, Resume,
}
