//! Signatures of functions: what can be known before any body is checked.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::FunctionKind;
use rustc_hash::FxHashMap;

use super::names::{check_distinct, check_name, check_not_builtin, check_snake_case, report_duplicate};
use super::{operations, state};
use crate::checker::context::{Context, Signature, index};
use crate::checker::effects;
use crate::checker::suggest::{list, suggest};
use crate::codes::names;
use crate::syntax::expression::Name;
use crate::syntax::module as written;

pub(super) fn declare(cx: &mut Context<'_>) {
    for file in 0..cx.files.len() {
        cx.file = file;
        let module = cx.files[file].module;
        for function in &module.functions {
            declare_function(cx, function);
        }
    }
    check_unique(cx);
    make_visible(cx);
    effects::propagate(cx);
}

/// Name and version of a node: `transfer_funds_v1` is (`transfer_funds`, 1).
pub(in crate::checker) fn split_version(node_id: &str) -> (&str, Option<u32>) {
    if let Some((name, version)) = node_id.rsplit_once("_v")
        && !name.is_empty()
        && !version.starts_with('0')
        && version.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(version) = version.parse()
    {
        return (name, Some(version));
    }
    (node_id, None)
}

fn declare_function<'a>(cx: &mut Context<'a>, function: &'a written::Function) {
    let position = index(cx.signatures.len()).unwrap_or(u32::MAX);
    let (name, version) = split_version(&function.node_id.text);
    if check_name(cx, &function.node_id, "a function") && check_not_builtin(cx, &function.node_id, name) {
        check_snake_case(cx, &function.node_id);
    }
    let kind = kind(cx, function);
    let inputs = operations::inputs(cx, &function.inputs);
    let outputs = operations::outputs(cx, &function.outputs, &function.node_id.text);
    let named_state = named_state(cx, function, position);
    let mut uses: Vec<u32> = named_state.iter().map(|(_, variable)| *variable).collect();
    uses.sort_unstable();
    uses.dedup();
    let file = cx.file;
    cx.signatures.push(Signature {
        file,
        written: function,
        name: name.to_owned(),
        version,
        kind,
        inputs,
        outputs,
        state: uses,
        named_state,
        host: vec![],
    });
}

fn kind(cx: &mut Context<'_>, function: &written::Function) -> FunctionKind {
    let Some(kind) = &function.kind else { return FunctionKind::Algorithm };
    match FunctionKind::ALL.iter().find(|(name, _)| *name == kind.text) {
        Some((_, known)) => *known,
        None => {
            if !kind.text.is_empty() {
                let message = format!("unknown function type `{}`", kind.text);
                let known = FunctionKind::ALL.iter().map(|(name, _)| *name);
                let diagnostic = Diagnostic::error(&names::UNKNOWN_KIND, kind.span, message);
                let diagnostic = suggest(diagnostic, &kind.text, kind.span, known.clone());
                let help = format!("one of {}", list(known));
                cx.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
            }
            FunctionKind::Algorithm
        }
    }
}

fn named_state<'a>(
    cx: &mut Context<'a>,
    function: &'a written::Function,
    position: u32,
) -> Vec<(&'a str, u32)> {
    check_distinct(cx, &function.uses_state, "state variable");
    check_distinct(cx, function.own_state.iter().map(|variable| &variable.name), "state variable");
    let mut named = vec![];
    for name in &function.uses_state {
        match cx.files[cx.file].state.get(name.text.as_str()) {
            Some(variable) => named.push((name.text.as_str(), *variable)),
            None if name.text.is_empty() => {}
            None => report_unknown_state(cx, name),
        }
    }
    for variable in &function.own_state {
        let declared = state::declare_variable(cx, variable, Some(position));
        named.push((variable.name.text.as_str(), declared));
    }
    named
}

fn report_unknown_state(cx: &mut Context<'_>, name: &Name) {
    let message = format!("the module has no state variable `{}`", name.text);
    let diagnostic = Diagnostic::error(&names::UNKNOWN_STATE, name.span, message);
    let mut known: Vec<&str> = cx.files[cx.file].state.keys().copied().collect();
    known.sort_unstable();
    let diagnostic = suggest(diagnostic, &name.text, name.span, known);
    let help = "declare it under the module's `state`";
    cx.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
}

fn check_unique(cx: &mut Context<'_>) {
    let mut seen: FxHashMap<(usize, String, Option<u32>), &Name> = FxHashMap::default();
    let mut repeated = vec![];
    for signature in &cx.signatures {
        let key = (signature.file, signature.name.clone(), signature.version);
        let node: &Name = &signature.written.node_id;
        match seen.get(&key) {
            Some(first) if !node.text.is_empty() => repeated.push((signature.file, node, *first)),
            Some(_) => {}
            None => {
                seen.insert(key, node);
            }
        }
    }
    for (file, node, first) in repeated {
        cx.file = file;
        report_duplicate(cx, node, first, "function");
    }
}

/// A file sees its own functions and those it names under `uses`.
fn make_visible(cx: &mut Context<'_>) {
    for position in 0..cx.signatures.len() {
        let Some(function) = index(position) else { break };
        let signature = &cx.signatures[position];
        let (name, node_id) = (signature.name.clone(), signature.written.node_id.text.clone());
        let version = signature.version;
        for file in 0..cx.files.len() {
            let home = cx.signatures[position].file;
            let imports = cx.files[file].links.iter().any(|(from, wanted)| {
                let this = |(wanted, number): &(String, u32)| *wanted == name && Some(*number) == version;
                *from == home && wanted.as_ref().is_none_or(this)
            });
            if home == file || imports {
                let functions = &mut cx.files[file].functions;
                functions.entry(node_id.clone()).or_default().push(function);
                if name != node_id {
                    functions.entry(name.clone()).or_default().push(function);
                }
            }
        }
    }
    for file in &mut cx.files {
        file.functions.values_mut().for_each(|candidates| candidates.dedup());
    }
}
