//! Evaluating a single expression: a module of one function is made around it, and its result type is
//! whatever the checker finds.

use anrf_format::diagnostic::{Severity, Span};
use anrf_format::module::{Module, Source};
use anrf_format::semantic::{Expr, ExprKind, LocalId, Operation};
use anrf_format::types::{Field, Record, Type, TypeId, TypeTable};
use anrf_language::check_source;
use anrf_language::lowering::lower_semantic;
use anrf_language::resolver::NoResolver;
use anrf_runtime::{Backend, Loaded};
use std::sync::Arc;

use crate::load::LoadError;

const HEAD: &str = "node_id: evaluate\ntype: algorithm\nintent: An expression.\noutputs: { success: {} }\n";
const FLOW: &str =
    "flow:\n  - step: evaluate\n    operation: compute\n    parameters:\n      value: |-\n        ";
const AFTER: &str = "\n  - step: done\n    operation: return\n    parameters: {}\n";

/// A module whose only function takes nothing and returns the expression as `value`.
///
/// # Errors
/// [`LoadError::Check`] with places in the expression's own text.
pub fn load_expression(expression: &str, backend: &dyn Backend) -> Result<Loaded, LoadError> {
    load_expression_in(&TypeTable::default(), &[], expression, backend)
}

/// The same of an expression over named values of a module's types: they are the inputs of the function.
///
/// # Errors
/// As [`load_expression`].
pub fn load_expression_in(
    types: &TypeTable,
    inputs: &[Field],
    expression: &str,
    backend: &dyn Backend,
) -> Result<Loaded, LoadError> {
    let before = format!("{HEAD}{}{FLOW}", declarations(types, inputs));
    let (module, value) = check(&before, expression)?;
    let module = return_local(module, value)?;
    let module = Arc::new(module);
    Loaded::new(backend, &module).map_err(|error| LoadError::backend(&module, error))
}

/// Types, machines and inputs as text. Constraints are left out: the values have met theirs.
fn declarations(types: &TypeTable, inputs: &[Field]) -> String {
    // The record of a function's success has a name that cannot be written.
    let name = |name: &str| name.replace('.', "_");
    let fields = |fields: &[Field]| {
        let fields = fields.iter().map(|it| format!("{}: \"{}\"", it.name, name(&types.name(it.type_id))));
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
    };
    let mut text = String::from("types:\n");
    for record in &types.records {
        text += &format!("  {}: {{ fields: {} }}\n", name(&record.name), fields(&record.fields));
    }
    for variant in &types.variants {
        let cases = variant.cases.iter().map(|case| format!("{}: {}", case.name, fields(&case.fields)));
        let cases = cases.collect::<Vec<_>>().join(", ");
        text += &format!("  {}: {{ cases: {{ {cases} }} }}\n", name(&variant.name));
    }
    if types.records.is_empty() && types.variants.is_empty() {
        text.clear();
    }
    if !types.machines.is_empty() {
        text += "machines:\n";
    }
    for machine in &types.machines {
        let state = |index: u32| machine.states.get(index as usize).map_or("", String::as_str);
        let moves =
            machine.transitions.iter().map(|(from, to)| format!("[{}, {}]", state(*from), state(*to)));
        text += &format!(
            "  {}: {{ states: [{}], initial: {}, transitions: [{}] }}\n",
            machine.name,
            machine.states.join(", "),
            state(machine.initial),
            moves.collect::<Vec<_>>().join(", "),
        );
    }
    text + &format!("inputs: {}\n", fields(inputs))
}

fn check(before: &str, expression: &str) -> Result<(Module, LocalId), LoadError> {
    // One line of a block scalar is taken as it is; line breaks mean no more than spaces.
    let trimmed = expression.trim_start();
    let offset = expression.len() - trimmed.len();
    let line = trimmed.replace(['\n', '\r'], " ");
    let text = format!("{before}{line}{AFTER}");
    let (checked, mut diagnostics) = check_source(&Source { name: "expression".into(), text }, &NoResolver);
    let move_span = |span: Span| {
        let shift = |at: u32| (at as usize).saturating_sub(before.len()).min(line.len()) + offset;
        Span::new(shift(span.start), shift(span.end))
    };
    diagnostics.retain(|found| found.severity == Severity::Error);
    for diagnostic in &mut diagnostics {
        diagnostic.span = move_span(diagnostic.span);
        diagnostic.notes.iter_mut().for_each(|(span, _)| *span = move_span(*span));
        let edits = diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits);
        edits.for_each(|edit| edit.span = move_span(edit.span));
    }
    let module = checked.ok_or_else(|| LoadError::Check(diagnostics.clone()))?.into_module();
    let value = module.semantic.functions.first().and_then(|function| {
        function.steps.iter().find_map(|step| match &step.operation {
            Operation::Compute { bindings, .. } => bindings.first().map(|(local, _)| *local),
            _ => None,
        })
    });
    let value = value.ok_or(LoadError::Check(diagnostics))?;
    Ok((module, value))
}

/// Makes the function return the local as `value`.
fn return_local(mut module: Module, value: LocalId) -> Result<Module, LoadError> {
    let type_id = module.semantic.functions[0]
        .locals
        .get(value.0 as usize)
        .map_or(TypeId::BOOLEAN, |local| local.type_id);
    let field = Field { name: "value".into(), type_id };
    module.types.records.push(Record {
        name: "evaluate.success".into(),
        fields: vec![field.clone()],
        constraints: vec![],
    });
    let record = u32::try_from(module.types.records.len() - 1).unwrap_or(u32::MAX);
    let record = module.types.intern(Type::Record(record));
    let function = &mut module.semantic.functions[0];
    function.exprs.nodes.push(Expr { type_id, kind: ExprKind::Local(value) });
    let last = u32::try_from(function.exprs.nodes.len() - 1).unwrap_or(u32::MAX);
    function.success = vec![field];
    function.success_record = record;
    for step in &mut function.steps {
        if let Operation::Return(values) = &mut step.operation {
            values.push(anrf_format::semantic::ExprId(last));
        }
    }
    for map in &mut module.source_map.functions {
        map.exprs.push(Span::default());
    }
    let (execution, map) = lower_semantic(&module.types, &module.semantic)?;
    module.execution = execution;
    module.source_map.execution = map;
    Ok(module)
}
