//! Inputs, outputs and contracts, of functions and of host operations alike.

use anrf_format::diagnostic::Diagnostic;

use super::super::expression::Name;
use super::super::module::{Contract, Field, Input, Outputs, TypeExpression, TypeExpressionKind};
use super::super::types;
use super::keys::{self, CONTRACTS, ERROR, INPUT, OUTPUTS};
use super::{Reader, mend, quoted};
use crate::codes::reader as codes;
use crate::yaml::{Entry, Kind, NodeId};

impl Reader<'_> {
    pub(super) fn inputs(&mut self, node: NodeId) -> Vec<Input> {
        let named = self.named(node, "amount: { type: decimal }");
        named.into_iter().map(|(name, value)| self.input(name, value)).collect()
    }

    fn input(&mut self, name: Name, node: NodeId) -> Input {
        let mut input = Input {
            type_expression: TypeExpression { kind: TypeExpressionKind::Error, span: name.span },
            name,
            constraints: vec![],
            required: true,
            default: None,
        };
        match self.tree.kind(node) {
            // `[{ name: x, type: T }]`, reported where the list is.
            Kind::Mapping { .. } => {
                let mut keys = self.keys_and_others(node, &[&INPUT]);
                let listed = self
                    .tree
                    .get(node, "name")
                    .is_some_and(|entry| self.tree.text(entry.value) == Some(&input.name.text));
                for entry in std::mem::take(&mut keys.others) {
                    if !(listed && matches!(self.tree.text(entry.key), Some("name" | "description"))) {
                        self.unknown_key(entry, &[&INPUT], &mut keys);
                    }
                }
                self.require_keys(&keys);
                if let Some(node) = keys.get("type") {
                    input.type_expression = self.type_expression(node);
                }
                if let Some(node) = keys.get("constraints") {
                    input.constraints = self.expressions(node);
                }
                if let Some(node) = keys.get("required") {
                    input.required = self.boolean(node).unwrap_or(true);
                }
                input.default = keys.get("default");
            }
            // `inputs: [a, b]`
            Kind::Scalar(_) if self.inner(node) == input.name.span => {}
            _ => input.type_expression = self.type_expression(node),
        }
        input
    }

    pub(super) fn contract(&mut self, node: NodeId) -> Contract {
        let keys = self.keys(node, &CONTRACTS);
        let mut list = |name| keys.get(name).map(|node| self.expressions(node)).unwrap_or_default();
        Contract {
            preconditions: list("preconditions"),
            postconditions: list("postconditions"),
            invariants: list("invariants"),
        }
    }

    // Fields.

    /// `name: type, ...`
    pub(super) fn fields(&mut self, node: NodeId) -> Vec<Field> {
        let named = self.named(node, "name: type");
        named.into_iter().map(|(name, value)| self.field(name, value)).collect()
    }

    fn field(&mut self, name: Name, node: NodeId) -> Field {
        if let Kind::Mapping { .. } = self.tree.kind(node)
            && let Some(entry) = self.tree.get(node, "type")
        {
            return self.field_as_mapping(name, node, entry);
        }
        // A list of names in place of a mapping has been reported.
        let only_name = name.span == self.inner(node);
        if only_name || self.tree.kind(node) == Kind::Null && !self.is_damaged(node) {
            if !only_name {
                let message = format!("the field `{}` has no type", name.text);
                let help = format!("write such as `{}: integer`", name.text);
                self.report(Diagnostic::error(&codes::MISSING_VALUE, name.span, message).with_help(help));
            }
            let type_expression = TypeExpression { kind: TypeExpressionKind::Error, span: name.span };
            return Field { name, type_expression };
        }
        let type_expression = self.type_expression(node);
        Field { name, type_expression }
    }

    /// `total: { type: decimal }`
    fn field_as_mapping(&mut self, name: Name, node: NodeId, entry: Entry) -> Field {
        let before = self.diagnostics.len();
        let type_expression = self.type_expression(entry.value);
        let listed = self.tree.get(node, "name").is_some();
        // A type that is wrong too is said first; once it is right, this is.
        if self.diagnostics.len() > before || self.is_damaged(node) || listed {
            return Field { name, type_expression };
        }
        let only_type = self.tree.entries(node).nth(1).is_none();
        let text = types::print(&type_expression);
        let text = if mend::is_plain(&text) { text } else { quoted(&text) };
        let message = format!("the field `{}` is written `name: type`", name.text);
        let mut diagnostic = Diagnostic::error(&codes::FIELD_FORM, self.beginning(self.span(node)), message);
        if only_type {
            diagnostic = diagnostic.with_help(format!("write `{}: {text}`", name.text)).with_fix(
                format!("write `{}: {text}`", name.text),
                self.span(node),
                text,
            );
        } else {
            diagnostic = diagnostic.with_help(
                "conditions on a result are postconditions, those on a record stand beside `fields`",
            );
        }
        self.report(diagnostic);
        Field { name, type_expression }
    }

    // Outputs.

    pub(super) fn outputs(&mut self, node: NodeId) -> Outputs {
        let mut outputs = Outputs { span: self.span(node), ..Outputs::default() };
        let mut keys = self.keys_and_others(node, &[&OUTPUTS]);
        let others = std::mem::take(&mut keys.others);
        let success = keys.get("success");
        if let Some(node) = success {
            outputs.unreadable =
                !matches!(self.tree.kind(node), Kind::Mapping { .. }) && self.is_damaged(node);
            outputs.success = self.fields(node);
        }
        for entry in others {
            let name = self.tree.text(entry.key).unwrap_or("");
            let synonym = OUTPUTS.synonyms.iter().any(|(wrong, _)| *wrong == name);
            let nested = matches!(self.tree.kind(entry.value), Kind::Mapping { .. });
            if !synonym && success.is_none() && !nested {
                self.result_beside(entry, &mut outputs);
                continue;
            }
            let known = keys.get("success").is_some();
            self.unknown_key(entry, &[&OUTPUTS], &mut keys);
            if let (Some(node), false) = (keys.get("success"), known) {
                outputs.success = self.fields(node);
            }
        }
        if let Some(node) = keys.get("error") {
            self.error(node, &mut outputs);
        }
        outputs
    }

    /// `outputs: { total: decimal }`
    fn result_beside(&mut self, entry: Entry, outputs: &mut Outputs) {
        let name = self.key_name(entry.key);
        let span = self.entry_span(entry);
        let written = self.source_text(span).to_owned();
        let first = outputs.success.is_empty();
        let field = self.field(name, entry.value);
        let message = format!("`{}` stands beside `success`; results stand under it", field.name.text);
        let mut diagnostic = Diagnostic::error(&codes::MISPLACED, field.name.span, message);
        if first && !written.contains('\n') {
            let mend = format!("success: {{ {written} }}");
            diagnostic = diagnostic.with_help(format!("write `{mend}`")).with_fix(
                "put it under `success`",
                span,
                mend,
            );
        } else {
            diagnostic = diagnostic.with_help("put it under `success`");
        }
        outputs.success.push(field);
        if first {
            self.report(diagnostic);
        }
    }

    fn error(&mut self, node: NodeId, outputs: &mut Outputs) {
        outputs.error = Some(self.span(node));
        let keys = self.keys(node, &ERROR);
        if let Some(node) = keys.get("error_code") {
            outputs.error_codes = self.error_codes(node);
        }
        if let Some(node) = keys.get("message") {
            let message = self.type_expression(node);
            let is_string = matches!(&message.kind, TypeExpressionKind::Name(name) if name == "string");
            if !is_string && !matches!(message.kind, TypeExpressionKind::Error) {
                self.report(
                    Diagnostic::error(
                        &codes::ERROR_CODES,
                        message.span,
                        "the message of an error is a `string`",
                    )
                    .with_help("write `string`")
                    .with_fix("write `string`", message.span, "string"),
                );
            }
        }
    }

    fn error_codes(&mut self, node: NodeId) -> Vec<Name> {
        if let Kind::Sequence { flow } = self.tree.kind(node) {
            let names = self.names(node);
            let texts: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
            let mend = format!("\"enum[{}]\"", texts.join(", "));
            let mut diagnostic = Diagnostic::error(
                &codes::ERROR_CODES,
                self.beginning(self.span(node)),
                "error codes are an enum, not a list",
            )
            .with_help(format!("write `{mend}`"));
            if flow {
                diagnostic = diagnostic.with_fix("write an enum", self.span(node), mend);
            }
            self.report(diagnostic);
            return names;
        }
        let written = self.type_expression(node);
        match written.kind {
            TypeExpressionKind::Enum(codes) => codes,
            TypeExpressionKind::Error => vec![],
            TypeExpressionKind::Name(name) if !matches!(name.as_str(), "string" | "integer") => {
                // One code without the enum around it.
                let mend = format!("\"enum[{name}]\"");
                self.report(
                    Diagnostic::error(&codes::ERROR_CODES, written.span, "error codes are an enum")
                        .with_help(format!("write `{mend}`"))
                        .with_fix("write an enum", self.span(node), mend),
                );
                vec![Name { text: name, span: written.span }]
            }
            _ => {
                self.report(
                    Diagnostic::error(&codes::ERROR_CODES, written.span, "error codes are an enum")
                        .with_help("list them: `\"enum[not_found, refused]\"`"),
                );
                vec![]
            }
        }
    }

    /// Whether a mapping has one of the keys of a place.
    pub(super) fn has_key_of(&self, node: NodeId, place: &'static keys::Place) -> bool {
        self.tree
            .entries(node)
            .any(|entry| self.tree.text(entry.key).is_some_and(|key| place.position(key).is_some()))
    }
}
