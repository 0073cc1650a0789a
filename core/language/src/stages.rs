//! What a module is between text and code: each stage holds what the next one needs, so that skipping one
//! does not compile.

use anrf_format::module::Module;

/// A module whose names are resolved and whose types are checked; its execution layer is empty.
#[derive(Clone, Debug)]
pub struct Checked {
    module: Module,
}

impl Checked {
    /// Only the checker says so.
    pub(crate) fn new(module: Module) -> Self {
        Self { module }
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module.
    #[must_use]
    pub fn into_module(self) -> Module {
        self.module
    }
}

/// A module with its execution layer.
#[derive(Clone, Debug)]
pub struct Lowered {
    module: Module,
}

impl Lowered {
    /// Only lowering says so.
    pub(crate) fn new(module: Module) -> Self {
        Self { module }
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module.
    #[must_use]
    pub fn into_module(self) -> Module {
        self.module
    }
}
