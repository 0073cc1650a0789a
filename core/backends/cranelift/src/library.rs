//! What machine code calls: the numbered table of functions of the context.
#![allow(unsafe_code, reason = "machine code calls these with the context that it was entered with")]

use anrf_runtime::register_code::{Context, NativeRun, Step};

/// Indices into [`FUNCTIONS`].
pub(crate) const STEP: i32 = 0;
/// See [`STEP`].
pub(crate) const LEFT: i32 = 1;
/// See [`STEP`].
pub(crate) const CHARGE: i32 = 2;

/// What [`STEP`] and [`CHARGE`] answer if the code stops.
pub(crate) const STOPS: i64 = 2;

/// The table.
pub(crate) static FUNCTIONS: [Function; 3] =
    [Function(step as *const ()), Function(left as *const ()), Function(charge as *const ())];

/// The address of a function.
#[repr(transparent)]
pub(crate) struct Function(#[allow(dead_code, reason = "machine code reads it")] *const ());

// SAFETY: the address of a function is the same for all threads, and never written.
unsafe impl Sync for Function {}

/// One instruction: 0 if the next one follows, 1 if it jumps, 2 if it stops the code.
extern "C" fn step(context: *mut Context, at: u32, base: u64) -> u64 {
    // SAFETY: machine code hands on the context that `Blob::enter` gave it, which is the first field of a `NativeRun` to
    // which nobody else refers while machine code runs.
    let run = unsafe { &mut *context.cast::<NativeRun<'_, '_>>() };
    match run.step(at, base) {
        Step::Next => 0,
        Step::Jump => 1,
        Step::Stopped => STOPS.cast_unsigned(),
    }
}

/// A call was given up inside.
extern "C" fn left(context: *mut Context, site: u32, base: u64, depth: u32) {
    // SAFETY: as of `step`.
    let run = unsafe { &mut *context.cast::<NativeRun<'_, '_>>() };
    run.left(site, base, depth);
}

/// Takes what the slice does not have: 0, or 2 if that stops the code.
extern "C" fn charge(context: *mut Context, units: u32) -> u64 {
    // SAFETY: as of `step`.
    let run = unsafe { &mut *context.cast::<NativeRun<'_, '_>>() };
    if run.charge(units) { 0 } else { STOPS.cast_unsigned() }
}
