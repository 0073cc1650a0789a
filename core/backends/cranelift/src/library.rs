//! What machine code calls: the numbered table of functions of the context.
#![allow(unsafe_code, reason = "machine code calls these with the context that it was entered with")]

use anrf_runtime::register_code::{Context, NativeRun, Step};
use cranelift_codegen::ir::{AbiParam, Signature, Type, UserExternalName, types};
use cranelift_codegen::isa::CallConv;

/// Indices into [`FUNCTIONS`].
pub(crate) const STEP: i32 = 0;
/// See [`STEP`].
pub(crate) const LEFT: i32 = 1;
/// See [`STEP`].
pub(crate) const CHARGE: i32 = 2;

/// See [`STEP`].
pub(crate) const RENEW: i32 = 3;

/// What [`STEP`], [`CHARGE`] and [`RENEW`] answer if the code stops.
pub(crate) const STOPS: i64 = 2;

/// A function of the library with a stub before it that keeps all of the processor's registers. Code that seldom calls
/// it need not keep its values in memory for that; what the function answers is in [`Context::value`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rare {
    pub(crate) index: u32,
    pub(crate) parameters: &'static [Type],
}

impl Rare {
    pub(crate) const ALL: [Self; 3] = [
        Self { index: STEP as u32, parameters: &[types::I32, types::I64] },
        Self { index: CHARGE as u32, parameters: &[types::I32] },
        Self { index: RENEW as u32, parameters: &[] },
    ];

    pub(crate) fn of(index: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|rare| i64::from(rare.index) == i64::from(index))
    }

    pub(crate) fn name(self) -> UserExternalName {
        UserExternalName::new(STUBS, self.index)
    }

    pub(crate) fn signature(self) -> Signature {
        let mut signature = Signature::new(CallConv::PreserveAll);
        signature.params = self.parameters.iter().map(|of| AbiParam::new(*of)).collect();
        signature
    }
}

/// The namespace of functions of the program, by their index.
pub(crate) const FUNCTIONS_OF_PROGRAM: u32 = 0;
/// The namespace of the stubs of [`Rare`] functions.
const STUBS: u32 = 1;

/// The table.
pub(crate) static FUNCTIONS: [Function; 4] = [
    Function(step as *const ()),
    Function(left as *const ()),
    Function(charge as *const ()),
    Function(renew as *const ()),
];

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

/// The slice is nearly used up: 0 after another one was begun, or 2 if the code stops.
extern "C" fn renew(context: *mut Context) -> u64 {
    // SAFETY: as of `step`.
    let run = unsafe { &mut *context.cast::<NativeRun<'_, '_>>() };
    if run.renew() { 0 } else { STOPS.cast_unsigned() }
}
