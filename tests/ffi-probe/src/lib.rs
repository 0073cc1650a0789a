//! A small C library over the facade's dynamic API, for one purpose: to show that the API is
//! FFI-shaped. Values cross as JSON text. The real binding is another crate.
//!
//! Every function answers a status and writes a string that the caller frees with
//! [`anrf_probe_string_free`]. No panic crosses the border.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anrf::{
    CancellationToken, Engine, Error, Fields, Host, HostError, HostRequest, HostResponse, Module, Policy,
    Run, Value,
};

/// It worked; the string is the result.
pub const OK: c_int = 0;
/// It did not; the string is `CODE: message`.
pub const ERROR: c_int = 1;
/// A defect of the library; the string says what.
pub const PANIC: c_int = 2;

/// A loaded module.
pub struct ProbeModule(Module);

/// Ends runs from any thread.
pub struct ProbeToken(CancellationToken);

/// Answers a host operation: gets its name and its only input, a string, and returns the only success
/// field, a string that [`free`](ProbeHost) is called with; NULL is the declared error `refused`.
type Callback =
    unsafe extern "C" fn(data: *mut c_void, operation: *const c_char, input: *const c_char) -> *mut c_char;

/// A host operation in C.
struct ProbeHost {
    callback: Callback,
    free: unsafe extern "C" fn(*mut c_char),
    data: *mut c_void,
}

// SAFETY: the caller of `anrf_probe_call` promises that callback and data may be used from any thread.
unsafe impl Send for ProbeHost {}
// SAFETY: as above.
unsafe impl Sync for ProbeHost {}

impl Host for ProbeHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let text = |text: &str| CString::new(text).map_err(|error| HostError { message: error.to_string() });
        let input = match request.inputs.first() {
            Some((_, Value::String(input))) => text(input)?,
            _ => text("")?,
        };
        let operation = text(&request.operation)?;
        // SAFETY: both strings live until the call returns; the callback is the caller's.
        let answer = unsafe { (self.callback)(self.data, operation.as_ptr(), input.as_ptr()) };
        if answer.is_null() {
            return Ok(HostResponse::Error {
                error_code: "refused".into(),
                message: "the host refused".into(),
            });
        }
        // SAFETY: the callback returned a NUL-terminated string that is valid until it is freed.
        let copied = unsafe { CStr::from_ptr(answer) }.to_string_lossy().into_owned();
        // SAFETY: freed once, by the function that the caller gave for it.
        unsafe { (self.free)(answer) };
        Ok(HostResponse::Success(vec![("answer".into(), Value::String(copied))]))
    }
}

/// Runs `body` and hands out its string; a panic becomes a status.
///
/// # Safety
/// `out` is valid for one write.
unsafe fn guarded(out: *mut *mut c_char, body: impl FnOnce() -> Result<String, Error>) -> c_int {
    let (status, text) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(text)) => (OK, text),
        Ok(Err(error)) => (ERROR, error.to_string()),
        Err(_) => (PANIC, "the library panicked".into()),
    };
    let text = CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default();
    // SAFETY: the caller promises that `out` can be written.
    unsafe { *out = text.into_raw() };
    status
}

/// The text behind a pointer, bad UTF-8 replaced.
///
/// # Safety
/// `text` is NUL-terminated.
unsafe fn read(text: *const c_char) -> String {
    // SAFETY: the caller promises it.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Loads a text.
///
/// # Safety
/// `name` and `text` are NUL-terminated, `module` and `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_load(
    name: *const c_char,
    text: *const c_char,
    module: *mut *mut ProbeModule,
    out: *mut *mut c_char,
) -> c_int {
    // SAFETY: the caller's promises are passed on.
    unsafe {
        guarded(out, || {
            let loaded = Engine::new().load_text(&read(name), &read(text))?;
            let id = loaded.id().to_string();
            *module = Box::into_raw(Box::new(ProbeModule(loaded)));
            Ok(id)
        })
    }
}

/// Calls a function with inputs as a JSON object and writes the outcome as JSON. `token`, and `callback`
/// with its `free`, may be NULL.
///
/// # Safety
/// `module` comes from [`anrf_probe_load`], `token` from [`anrf_probe_token_new`]; the strings are
/// NUL-terminated; `out` can be written; callback and data may be used from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_call(
    module: *const ProbeModule,
    function: *const c_char,
    inputs: *const c_char,
    token: *const ProbeToken,
    callback: Option<Callback>,
    free: Option<unsafe extern "C" fn(*mut c_char)>,
    data: *mut c_void,
    out: *mut *mut c_char,
) -> c_int {
    // SAFETY: the caller's promises are passed on.
    unsafe {
        guarded(out, || {
            let function = (*module).0.function(&read(function))?;
            let inputs: Fields = function.inputs_from_json(&read(inputs))?;
            let mut run = Run { inputs, ..Run::default() }.policy(Policy::default().grant("probe"));
            run.cancellation = token.as_ref().map(|token| token.0.clone());
            if let (Some(callback), Some(free)) = (callback, free) {
                run = run.host(Arc::new(ProbeHost { callback, free, data }));
            }
            Ok(function.run(run)?.to_json())
        })
    }
}

/// A token that has not been cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn anrf_probe_token_new() -> *mut ProbeToken {
    Box::into_raw(Box::new(ProbeToken(CancellationToken::new())))
}

/// Cancels the runs it was given to; from any thread.
///
/// # Safety
/// `token` comes from [`anrf_probe_token_new`] and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_token_cancel(token: *const ProbeToken) {
    // SAFETY: the caller promises a live token, which is shared by nature.
    unsafe { (*token).0.cancel() };
}

/// Frees a token.
///
/// # Safety
/// `token` comes from [`anrf_probe_token_new`] and is used no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_token_free(token: *mut ProbeToken) {
    if !token.is_null() {
        // SAFETY: it was made by `Box::into_raw` and is freed once.
        drop(unsafe { Box::from_raw(token) });
    }
}

/// Frees a module.
///
/// # Safety
/// `module` comes from [`anrf_probe_load`] and is used no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_module_free(module: *mut ProbeModule) {
    if !module.is_null() {
        // SAFETY: it was made by `Box::into_raw` and is freed once.
        drop(unsafe { Box::from_raw(module) });
    }
}

/// Frees a string that a function of this library has written.
///
/// # Safety
/// `text` was written by this library and is used no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anrf_probe_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: it was made by `CString::into_raw` and is freed once.
        drop(unsafe { CString::from_raw(text) });
    }
}
