//! Examples: data by type, expectations by name.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::execution::FaultKind;
use anrf_format::semantic::{Example, Expected, ExpectedValue, HostAnswer};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use super::context::{Context, InputSignature, OutputSignature, index};
use super::suggest::{list, suggest};
use crate::codes::{data as codes, names};
use crate::data;
use crate::syntax::expression::Name;
use crate::syntax::module::{self as written, ExampleAnswer, ExampleExpected};
use crate::yaml::NodeId;

pub(super) fn check(cx: &mut Context<'_>, position: usize) -> Vec<Example> {
    let written = cx.signatures[position].written;
    let examples: Vec<Option<Example>> =
        written.examples.iter().map(|example| check_example(cx, position, example)).collect();
    examples.into_iter().flatten().collect()
}

fn check_example(cx: &mut Context<'_>, position: usize, example: &written::Example) -> Option<Example> {
    let inputs = inputs(cx, position, example);
    let state = example.state.as_ref().map(|given| state(cx, position, given));
    let host = host(cx, position, example);
    let expected = expected(cx, position, example);
    let state_after = example.state_after.as_ref().map(|given| state_after(cx, position, given));
    Some(Example {
        inputs: inputs?,
        state: state.unwrap_or(Some(vec![]))?,
        host: host?,
        expected: expected?,
        state_after: state_after.unwrap_or(Some(vec![]))?,
    })
}

/// Reports a name that is none of the known ones.
fn unknown(cx: &mut Context<'_>, what: &str, name: &Name, known: &[String]) {
    let message = format!("{what} `{}`", name.text);
    let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, name.span, message);
    let candidates = known.iter().map(String::as_str);
    let diagnostic = suggest(diagnostic, &name.text, name.span, candidates.clone());
    let diagnostic = if diagnostic.help.is_none() && !known.is_empty() {
        diagnostic.with_help(format!("known are {}", list(candidates)))
    } else {
        diagnostic
    };
    cx.report(diagnostic);
}

fn read(cx: &mut Context<'_>, node: NodeId, type_id: TypeId) -> Option<Value> {
    let mut findings = vec![];
    let value = data::read(cx.files[cx.file].tree, node, type_id, &cx.types, &mut findings);
    cx.report_data(findings);
    value
}

fn read_expected(cx: &mut Context<'_>, node: NodeId, type_id: TypeId) -> Option<ExpectedValue> {
    let mut findings = vec![];
    let value = data::read_expected(cx.files[cx.file].tree, node, type_id, &cx.types, &mut findings);
    cx.report_data(findings);
    value
}

fn inputs(cx: &mut Context<'_>, position: usize, example: &written::Example) -> Option<Vec<Value>> {
    let parameters: Vec<(String, Option<TypeId>, Option<Value>, bool)> = cx.signatures[position]
        .inputs
        .iter()
        .map(|InputSignature { name, type_id, default, optional, .. }| {
            (name.clone(), *type_id, default.clone(), *optional)
        })
        .collect();
    let mut values: Vec<Option<Value>> = vec![None; parameters.len()];
    let mut given = vec![false; parameters.len()];
    let mut complete = true;
    for (name, node) in &example.inputs {
        let Some(slot) = parameters.iter().position(|(known, ..)| *known == name.text) else {
            let known: Vec<String> = parameters.iter().map(|(known, ..)| known.clone()).collect();
            unknown(cx, "the function has no input", name, &known);
            complete = false;
            continue;
        };
        given[slot] = true;
        values[slot] = parameters[slot].1.and_then(|type_id| read(cx, *node, type_id));
        complete &= values[slot].is_some();
    }
    let missing: Vec<&str> = parameters
        .iter()
        .zip(&given)
        .filter(|((.., optional), given)| !**given && !optional)
        .map(|((name, ..), _)| name.as_str())
        .collect();
    if complete && !missing.is_empty() {
        let message = format!("this example does not give {}", list(missing.iter().copied()));
        let help = "give every input that has no default";
        let span = first_line(cx, example.span);
        cx.report(Diagnostic::error(&codes::MISSING_INPUT, span, message).with_help(help));
        complete = false;
    }
    for (slot, (_, _, default, _)) in parameters.into_iter().enumerate() {
        if !given[slot] {
            values[slot] = Some(default.unwrap_or(Value::Optional(None)));
        }
    }
    values.into_iter().collect::<Option<_>>().filter(|_| complete)
}

/// The first line of something long.
fn first_line(cx: &Context<'_>, span: Span) -> Span {
    let text = cx.text(span);
    let length = text.find('\n').unwrap_or(text.len());
    Span::new(span.start as usize, span.start as usize + length)
}

fn variable(cx: &mut Context<'_>, position: usize, name: &Name) -> Option<(u32, TypeId)> {
    let named = cx.signatures[position].named_state.clone();
    match named.iter().find(|(known, _)| *known == name.text) {
        Some((_, variable)) => Some((*variable, cx.state.get(*variable as usize)?.type_id?)),
        None => {
            let known: Vec<String> = named.iter().map(|(known, _)| (*known).to_owned()).collect();
            unknown(cx, "the function does not use a state variable", name, &known);
            None
        }
    }
}

fn state(cx: &mut Context<'_>, position: usize, given: &[(Name, NodeId)]) -> Option<Vec<(u32, Value)>> {
    let mut values: Vec<Option<(u32, Value)>> = vec![];
    for (name, node) in given {
        let read = variable(cx, position, name)
            .and_then(|(variable, type_id)| Some((variable, read(cx, *node, type_id)?)));
        values.push(read);
    }
    values.into_iter().collect()
}

fn state_after(
    cx: &mut Context<'_>,
    position: usize,
    given: &[(Name, NodeId)],
) -> Option<Vec<(u32, ExpectedValue)>> {
    let mut values: Vec<Option<(u32, ExpectedValue)>> = vec![];
    for (name, node) in given {
        let read = variable(cx, position, name)
            .and_then(|(variable, type_id)| Some((variable, read_expected(cx, *node, type_id)?)));
        values.push(read);
    }
    values.into_iter().collect()
}

fn host(
    cx: &mut Context<'_>,
    position: usize,
    example: &written::Example,
) -> Option<Vec<(u32, Vec<HostAnswer>)>> {
    let file = cx.signatures[position].file;
    let mut all: Vec<Option<(u32, Vec<HostAnswer>)>> = vec![];
    for (name, answers) in &example.host {
        let Some(operation) = cx.files[file].host.get(name.text.as_str()).copied() else {
            let mut known: Vec<String> = cx.files[file].host.keys().map(|name| (*name).to_owned()).collect();
            known.sort();
            unknown(cx, "the module has no host operation", name, &known);
            all.push(None);
            continue;
        };
        let outputs = cx.host.get(operation as usize)?.outputs.clone();
        let typed: Vec<Option<HostAnswer>> =
            answers.iter().map(|answer| host_answer(cx, &outputs, answer, name)).collect();
        all.push(typed.into_iter().collect::<Option<Vec<_>>>().map(|typed| (operation, typed)));
    }
    all.into_iter().collect()
}

fn host_answer(
    cx: &mut Context<'_>,
    outputs: &OutputSignature,
    answer: &ExampleAnswer,
    operation: &Name,
) -> Option<HostAnswer> {
    match answer {
        ExampleAnswer::Error(code, message) => {
            if outputs.error_code(&code.text).is_none() {
                let what = format!("`{}` has no error", operation.text);
                unknown(cx, &what, code, &outputs.error_codes);
                return None;
            }
            Some(HostAnswer::Error(code.text.clone(), message.clone().unwrap_or_default()))
        }
        ExampleAnswer::Success(given) => {
            let mut values: Vec<Option<Value>> = vec![None; outputs.success.len()];
            let mut complete = true;
            for (name, node) in given {
                let Some(slot) = outputs.success.iter().position(|(known, _)| *known == name.text) else {
                    let known: Vec<String> = outputs.success.iter().map(|(known, _)| known.clone()).collect();
                    let what = format!("`{}` has no success field", operation.text);
                    unknown(cx, &what, name, &known);
                    complete = false;
                    continue;
                };
                values[slot] = outputs.success[slot].1.and_then(|type_id| read(cx, *node, type_id));
                complete &= values[slot].is_some();
            }
            for (slot, (_, type_id)) in outputs.success.iter().enumerate() {
                let optional = type_id
                    .is_some_and(|it| matches!(cx.types.get(it), anrf_format::types::Type::Optional(_)));
                if values[slot].is_none() && optional {
                    values[slot] = Some(Value::Optional(None));
                }
            }
            let missing: Vec<&str> = outputs
                .success
                .iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|((name, _), _)| name.as_str())
                .collect();
            if complete && !missing.is_empty() {
                let span = given.first().map_or(operation.span, |(name, _)| name.span);
                let message = format!("this answer of `{}` lacks {}", operation.text, list(missing));
                cx.report(Diagnostic::error(&codes::MISSING_INPUT, span, message));
                return None;
            }
            values.into_iter().collect::<Option<_>>().filter(|_| complete).map(HostAnswer::Success)
        }
    }
}

fn expected(cx: &mut Context<'_>, position: usize, example: &written::Example) -> Option<Expected> {
    let outputs = cx.signatures[position].outputs.clone();
    match &example.expected {
        None => {
            let span = first_line(cx, example.span);
            let message = "this example does not say what comes out";
            let help = "add `success: { field: value }`, `error: { error_code: ... }` or `fault: kind`";
            cx.report(Diagnostic::error(&codes::NOTHING_EXPECTED, span, message).with_help(help));
            None
        }
        Some(ExampleExpected::Fault(kind)) => {
            let known = FaultKind::from_name(&kind.text);
            if known.is_none() && !kind.text.is_empty() {
                let message = format!("unknown kind of fault `{}`", kind.text);
                let diagnostic = Diagnostic::error(&codes::UNKNOWN_FAULT, kind.span, message);
                let kinds = FaultKind::ALL.iter().map(|kind| kind.name());
                let diagnostic = suggest(diagnostic, &kind.text, kind.span, kinds.clone());
                let help = format!("the kinds are {}", list(kinds));
                cx.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
            }
            known.map(Expected::Fault)
        }
        Some(ExampleExpected::Error(code, message)) => {
            if let Some(code) = code
                && outputs.error_code(&code.text).is_none()
            {
                unknown(cx, "the function has no error", code, &outputs.error_codes);
                return None;
            }
            let error_code = code.as_ref().map(|code| code.text.clone());
            Some(Expected::Failure { error_code, message: message.clone() })
        }
        Some(ExampleExpected::Success(given)) => {
            let mut values: Vec<Option<(u32, ExpectedValue)>> = vec![];
            for (name, node) in given {
                let Some(slot) = outputs.success.iter().position(|(known, _)| *known == name.text) else {
                    let known: Vec<String> = outputs.success.iter().map(|(known, _)| known.clone()).collect();
                    unknown(cx, "the function has no success field", name, &known);
                    values.push(None);
                    continue;
                };
                let value = outputs.success[slot].1.and_then(|type_id| read_expected(cx, *node, type_id));
                values.push(index(slot).zip(value));
            }
            values.into_iter().collect::<Option<_>>().map(Expected::Success)
        }
    }
}
