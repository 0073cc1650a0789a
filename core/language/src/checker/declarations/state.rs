//! State variables of the module and of single functions.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::types::Type;
use anrf_format::value::Value;

use super::names::{check_distinct, check_name};
use crate::checker::context::{Context, StateSignature, index};
use crate::codes::data as codes;
use crate::data;
use crate::syntax::module as written;

/// The module's own variables; those of functions follow with their signatures.
pub(super) fn declare(cx: &mut Context<'_>) {
    for file in 0..cx.files.len() {
        cx.file = file;
        let module = cx.files[file].module;
        check_distinct(cx, module.state.iter().map(|variable| &variable.name), "state variable");
        for variable in &module.state {
            let position = declare_variable(cx, variable, None);
            cx.files[file].state.entry(&variable.name.text).or_insert(position);
        }
    }
}

/// Adds one variable and answers its index.
pub(super) fn declare_variable<'a>(
    cx: &mut Context<'a>,
    variable: &'a written::StateVariable,
    owner: Option<u32>,
) -> u32 {
    check_name(cx, &variable.name, "a state variable");
    let type_id = cx.resolve(&variable.type_expression);
    let file = cx.file;
    cx.state.push(StateSignature { file, written: variable, owner, type_id, initial: None });
    index(cx.state.len() - 1).unwrap_or(u32::MAX)
}

/// Reads the initial values, when all types are known.
pub(super) fn complete(cx: &mut Context<'_>) {
    for position in 0..cx.state.len() {
        let StateSignature { file, written, type_id, .. } = cx.state[position];
        cx.file = file;
        let Some(type_id) = type_id else { continue };
        let initial = match (written.initial, cx.types.get(type_id)) {
            (Some(node), _) => {
                let mut findings = vec![];
                let value = data::read(cx.files[file].tree, node, type_id, &cx.types, &mut findings);
                cx.report_data(findings);
                value
            }
            (None, Type::Machine(machine)) => {
                cx.types.machines.get(*machine as usize).and_then(|machine| {
                    machine.states.get(machine.initial as usize).cloned().map(Value::Enum)
                })
            }
            (None, _) => {
                let name = &written.name;
                let message = format!("state variable `{}` has no initial value", name.text);
                let help = "add `initial`, as data: `initial: \"0\"`";
                cx.report(Diagnostic::error(&codes::MISSING_INITIAL, name.span, message).with_help(help));
                None
            }
        };
        cx.state[position].initial = initial;
    }
}
