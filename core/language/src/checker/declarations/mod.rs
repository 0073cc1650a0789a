//! What a module declares: types, machines, state, host operations and the signatures of functions.

mod names;
mod operations;
mod signatures;
mod state;
mod types;

pub(super) use names::check_name;
pub(super) use operations::check_capability;
pub(super) use types::NamedType;

use super::context::Context;

/// Reads the declarations of all files into the context.
pub(super) fn declare(cx: &mut Context<'_>) {
    types::declare(cx);
    operations::declare(cx);
    state::declare(cx);
    signatures::declare(cx);
    state::complete(cx);
    cx.file = 0;
}
