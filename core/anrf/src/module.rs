//! A loaded module.

use std::sync::Arc;

use anrf_execution::examples::{ExampleResult, run_examples};
use anrf_format::binary::encode;
use anrf_format::diagnostic::Diagnostic;
use anrf_format::hash::Hash;
use anrf_runtime::Loaded;
use anrf_views::View;

use crate::engine::Engine;
use crate::error::{Error, facade_codes};
use crate::function::Function;

/// A loaded module: immutable, cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Module {
    pub(crate) engine: Engine,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) diagnostics: Arc<[Diagnostic]>,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Module {
    /// The name in the text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.document().meta.name
    }

    /// The identity: the same wherever and however the module is stored.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.document().id()
    }

    /// The layers.
    #[must_use]
    pub fn document(&self) -> &anrf_format::module::Module {
        self.loaded.module()
    }

    /// Warnings and hints of the check, in order of place; none for a packed module.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The functions that the module declares itself, in order.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let functions = self.document().semantic.functions.iter().zip(0..);
        functions
            .filter(|(function, _)| function.imported_from.is_none())
            .map(|(_, index)| Function { module: self.clone(), index })
            .collect()
    }

    /// A function by its name, with or without version; with the empty name, the only one.
    ///
    /// # Errors
    /// If there is none, or no name was given and there are several.
    pub fn function(&self, name: &str) -> Result<Function, Error> {
        if !name.is_empty() {
            return Ok(Function { module: self.clone(), index: self.loaded.find(name)? });
        }
        self.loaded.open()?;
        let functions = self.functions();
        let names: Vec<String> =
            functions.iter().map(|function| format!("`{}`", function.node_id())).collect();
        match <[Function; 1]>::try_from(functions) {
            Ok([only]) => Ok(only),
            Err(_) => {
                let message = format!("the module has {} functions, so one must be named", names.len());
                Err(Error::new(&facade_codes::UNKNOWN_FUNCTION, message).with_help(names.join(", ")))
            }
        }
    }

    /// The `.anrf` form.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        // Fails only when memory is exhausted, which aborts anyway.
        encode(self.document()).unwrap_or_default()
    }

    /// A view by an emitter's name: `pseudocode`, `mermaid`, `svg` or a host's own.
    ///
    /// # Errors
    /// If there is no such emitter.
    pub fn view(&self, emitter: &str, view: &View<'_>) -> Result<String, Error> {
        let known = self.engine.0.emitters.iter().find(|known| known.name() == emitter);
        let known = known.ok_or_else(|| {
            let names: Vec<&str> = self.engine.emitters().map(|known| known.name()).collect();
            let message = format!("there is no view `{emitter}`");
            Error::new(&facade_codes::UNKNOWN_EMITTER, message)
                .with_help(format!("there are {}", names.join(", ")))
        })?;
        Ok(known.emit(self.document(), view))
    }

    /// Runs all examples of the module's own functions.
    ///
    /// # Errors
    /// Only if a hook of the engine refuses; an example that fails is a result.
    pub fn test(&self) -> Result<Vec<ExampleResult>, Error> {
        self.loaded.open()?;
        Ok(run_examples(&self.loaded, &self.engine.0.policy)?)
    }
}
