//! The mend of what hangs on the inputs: the condition that is proposed becomes a precondition.

use anrf_format::diagnostic::Fix;
use anrf_format::module::Module;
use anrf_language::mend::add_precondition;

/// The mend that adds a condition to the preconditions of a function of a module, as edits of the module's text.
/// `None` if the module has no text, the function comes from another one, or the text leaves no plain place for it.
#[must_use]
pub fn precondition_fix(module: &Module, function: u32, condition: &str) -> Option<Fix> {
    let declared = module.semantic.functions.get(function as usize)?;
    let is_own = declared.imported_from.is_none() && !module.source.text.is_empty();
    is_own.then(|| add_precondition(&module.source.text, &declared.node_id(), condition))?
}

/// The same for a file: edits of the text are none of a packed module.
pub(super) fn fix_of_file(module: &Module, file: &str, function: u32, condition: &str) -> Option<Fix> {
    let is_packed = std::path::Path::new(file).extension().is_some_and(|it| it == "anrf");
    precondition_fix(module, function, condition).filter(|_| !is_packed)
}
