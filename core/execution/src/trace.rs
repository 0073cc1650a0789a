//! Tracing: the interpreter that tells what a run comes by, with the names that lowering knows.

use std::collections::HashSet;

use anrf_format::module::Module;
use anrf_language::lowering;
use anrf_runtime::{NamedValue, Names, TracingInterpreter};

/// A backend whose runs tell their observer each step and what names stand for.
#[must_use]
pub fn tracing_interpreter() -> TracingInterpreter {
    TracingInterpreter::new(names)
}

/// What the names in a module stand for; none where it cannot be lowered again.
fn names(module: &Module) -> Names {
    let bindings = lowering::names(&module.types, &module.semantic).unwrap_or_default();
    let functions = module.semantic.functions.iter().zip(bindings);
    functions
        .map(|(function, bindings)| {
            let named = bindings.into_iter().filter_map(|binding| {
                let local = function.locals.get(binding.local.0 as usize)?;
                Some(NamedValue { value: binding.value, name: local.name.clone(), step: binding.step })
            });
            // A loop's state is bound at its head and again behind it.
            let mut seen = HashSet::new();
            named.filter(|named| seen.insert((named.value, named.name.clone()))).collect()
        })
        .collect()
}
