//! Host operations, and inputs and outputs, which functions have as well.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::types::{Field, Type};

use super::names::{check_distinct, check_name};
use crate::checker::context::{Context, HostSignature, InputSignature, OutputSignature, index};
use crate::codes::contracts;
use crate::data;
use crate::syntax::expression::Name;
use crate::syntax::module as written;

pub(super) fn declare(cx: &mut Context<'_>) {
    for file in 0..cx.files.len() {
        cx.file = file;
        let module = cx.files[file].module;
        check_distinct(cx, module.host.iter().map(|operation| &operation.name), "host operation");
        for operation in &module.host {
            check_name(cx, &operation.name, "a host operation");
            if let Some(capability) = &operation.capability {
                check_capability(cx, capability);
            }
            let inputs = inputs(cx, &operation.inputs);
            let outputs = outputs(cx, &operation.outputs, &operation.name.text);
            let position = index(cx.host.len()).unwrap_or(u32::MAX);
            cx.host.push(HostSignature { file, written: operation, inputs, outputs });
            cx.files[file].host.entry(&operation.name.text).or_insert(position);
        }
    }
}

/// Reports a capability that is not a dotted path.
pub(in crate::checker) fn check_capability(cx: &mut Context<'_>, capability: &Name) {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
    };
    if !capability.text.split('.').all(is_part) {
        let message = format!("`{}` is not a dotted path of names", capability.text);
        let help = "write such as `network.http_client`; what is below a path is granted with it";
        cx.report(Diagnostic::error(&contracts::CAPABILITY_FORM, capability.span, message).with_help(help));
    }
}

pub(super) fn inputs<'a>(cx: &mut Context<'a>, written: &'a [written::Input]) -> Vec<InputSignature> {
    check_distinct(cx, written.iter().map(|input| &input.name), "input");
    let mut signatures = vec![];
    for input in written {
        check_name(cx, &input.name, "an input");
        let mut type_id = cx.resolve(&input.type_expression);
        if !input.required && input.default.is_none() {
            type_id = type_id.map(|inner| match cx.types.get(inner) {
                Type::Optional(_) => inner,
                _ => cx.intern(Type::Optional(inner)),
            });
        }
        let default = input.default.zip(type_id).and_then(|(node, type_id)| {
            let tree = cx.files[cx.file].tree;
            let mut findings = vec![];
            let value = data::read(tree, node, type_id, &cx.types, &mut findings);
            cx.report_data(findings);
            value
        });
        let optional = input.default.is_some()
            || type_id.is_some_and(|type_id| matches!(cx.types.get(type_id), Type::Optional(_)));
        signatures.push(InputSignature {
            name: input.name.text.clone(),
            span: input.name.span,
            type_id,
            default,
            optional,
        });
    }
    signatures
}

pub(super) fn outputs<'a>(
    cx: &mut Context<'a>,
    written: &'a written::Outputs,
    owner: &str,
) -> OutputSignature {
    check_distinct(cx, written.success.iter().map(|field| &field.name), "output");
    check_distinct(cx, &written.error_codes, "error code");
    let mut success = vec![];
    for field in &written.success {
        check_name(cx, &field.name, "an output");
        success.push((field.name.text.clone(), cx.resolve(&field.type_expression)));
    }
    for code in &written.error_codes {
        check_name(cx, code, "an error code");
    }
    let fields: Option<Vec<Field>> = success
        .iter()
        .map(|(name, type_id)| Some(Field { name: name.clone(), type_id: (*type_id)? }))
        .collect();
    let record = fields.map(|fields| cx.success_record(owner, fields));
    let error_codes = written.error_codes.iter().map(|code| code.text.clone()).collect();
    OutputSignature { success, record, error_codes, unreadable: written.unreadable }
}
