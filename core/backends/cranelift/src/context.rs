//! Where the parts of a [`Context`] lie.

use anrf_runtime::register_code::Context;
use std::mem::offset_of;

macro_rules! places {
    ($($name:ident = $field:ident),* $(,)?) => {
        $(
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // it is small
            pub(crate) const $name: i32 = offset_of!(Context, $field) as i32;
        )*
    };
}

places! {
    ARENA = arena,
    STACK = stack,
    CONSTANTS = constants,
    STATE = state,
    FUNCTIONS = functions,
    TOP = top,
    CAP = cap,
    NEXT_RECLAIM = next_reclaim,
    BARRIER = barrier,
    FLOOR = floor,
    SLICE = slice,
    VALUE = value,
    EXIT_BASE = exit_base,
    EXIT_AT = exit_at,
    DEPTH = depth,
    DEPTH_LIMIT = depth_limit,
}

/// What machine code answers where it does not return; else it is the slice, which is not negative.
pub(crate) const GAVE_UP: i64 = -1;
/// See [`GAVE_UP`].
pub(crate) const STOPPED: i64 = -2;
