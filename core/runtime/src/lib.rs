//! Running lowered modules: values in an arena, the interpreter of the execution layer, limits,
//! capabilities, host operations and the journal. Nothing here parses text or decides what code means:
//! the execution layer does.

#[allow(dead_code, unused_imports)] // the interpreter is on its way
mod arena;
mod cancellation;
#[allow(dead_code, unused_imports)] // the interpreter is on its way
mod library;
mod meter;
mod stop;

pub use cancellation::CancellationToken;
pub use stop::Limit;
