//! Where the parts of a [`Context`] lie.

use std::mem::offset_of;

use anrf_runtime::register_code::Context;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use crate::memory::flags;
use crate::translate::Translator;

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
pub(crate) const GAVE_UP: i64 = -2;
/// See [`GAVE_UP`].
pub(crate) const STOPPED: i64 = -3;

impl Translator<'_, '_> {
    /// The context, which is asked for where it is used: it takes no register else.
    pub(crate) fn context(&mut self) -> Value {
        self.builder.ins().get_pinned_reg(types::I64)
    }

    pub(crate) fn context_word(&mut self, place: i32) -> Value {
        let context = self.context();
        self.builder.ins().load(types::I64, flags(), context, place)
    }

    /// A part of four bytes.
    pub(crate) fn context_half(&mut self, place: i32) -> Value {
        let context = self.context();
        self.builder.ins().uload32(flags(), context, place)
    }

    pub(crate) fn set_context(&mut self, place: i32, value: Value) {
        let context = self.context();
        self.builder.ins().store(flags(), value, context, place);
    }
}
