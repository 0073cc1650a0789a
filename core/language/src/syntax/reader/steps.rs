//! Steps: what every operation shares.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::Name;
use super::super::module::{ErrorHandling, Guard, Operation, Step};
use super::super::nearest::nearest;
use super::super::parser::clipped;
use super::Reader;
use super::keys::{ERROR_HANDLING, GUARD, OPERATION_SYNONYMS, OPERATIONS, Place, RETRY, STEP, Shape};
use crate::codes::reader as codes;
use crate::yaml::{Entry, Kind, NodeId};

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: NodeId) -> Vec<Step> {
        if let Kind::Mapping { .. } = self.tree.kind(node) {
            if !self.has_key_of(node, &STEP) {
                return self.steps_by_name(node);
            }
            // One step without its dash.
            if !self.is_damaged(node) {
                let span = self.beginning(self.span(node));
                self.report(
                    Diagnostic::error(&codes::SHAPE, span, "a list of steps is expected, found a mapping")
                        .with_help("write `-` before each step"),
                );
            }
            return self.step(node, None).into_iter().collect();
        }
        let items = self.list(node, "a step");
        items.into_iter().filter_map(|item| self.step(item, None)).collect()
    }

    /// `flow: { check: { operation: ... } }`
    fn steps_by_name(&mut self, node: NodeId) -> Vec<Step> {
        let entries: Vec<Entry> = self.tree.entries(node).collect();
        if let Some(first) = entries.first().filter(|_| !self.is_damaged(node)) {
            let name = self.tree.text(first.key).unwrap_or("").to_owned();
            self.report(
                Diagnostic::error(
                    &codes::SHAPE,
                    self.span(first.key),
                    "a list of steps is expected, found a mapping",
                )
                .with_help(format!("write `- step: {name}`, with the other keys below it")),
            );
        }
        entries
            .into_iter()
            .filter_map(|entry| {
                let name = self.key_name(entry.key);
                self.step(entry.value, Some(name))
            })
            .collect()
    }

    /// A step; `named` is its name where that is known already.
    fn step(&mut self, node: NodeId, named: Option<Name>) -> Option<Step> {
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            self.wrong_shape(node, "a step with `step`, `operation` and `parameters`");
            return None;
        }
        let span = self.span(node);
        let mut keys = self.keys_and_others(node, &[&STEP]);
        let written = keys.entry("operation").or_else(|| {
            keys.others
                .iter()
                .copied()
                .find(|entry| matches!(self.tree.text(entry.key), Some("op" | "action" | "type")))
        });
        let parameters = written.and_then(|entry| self.tree.text(entry.value)).and_then(parameters_of);
        let mut beside = vec![];
        for entry in std::mem::take(&mut keys.others) {
            let name = self.tree.text(entry.key).unwrap_or("");
            match parameters {
                // What the operation takes stands beside it instead of under `parameters`.
                Some(place) if place.position(name).is_some() => beside.push(entry),
                _ => self.unknown_key(entry, &[&STEP], &mut keys),
            }
        }
        let name = match (keys.get("step"), named) {
            (Some(node), _) => self.name(node),
            (None, Some(name)) => name,
            (None, None) => {
                self.missing_step_key(node, "step");
                Name { text: String::new(), span: Span { start: span.start, end: span.start } }
            }
        };
        for entry in &beside {
            let key = self.tree.text(entry.key).unwrap_or("").to_owned();
            let message = format!("`{key}` stands beside `operation`; it belongs under `parameters`");
            self.report(
                Diagnostic::error(&codes::MISPLACED, self.span(entry.key), message)
                    .with_help(format!("write `parameters: {{ {key}: ... }}`")),
            );
        }
        let when = keys.get("when").map(|node| self.expression(node));
        let guards = keys.get("guards").map(|node| self.guards(node)).unwrap_or_default();
        let ghost = keys.get("ghost").is_some_and(|node| self.boolean(node).unwrap_or(false));
        let operation = match keys.get("operation") {
            Some(operation) => self.operation_of(operation, &keys, &beside, ghost),
            None => {
                if !self.is_damaged(node) {
                    let at = if name.text.is_empty() { self.beginning(span) } else { name.span };
                    let message = format!("the step `{}` does not say its `operation`", clipped(&name.text));
                    self.report(
                        Diagnostic::error(&codes::MISSING_KEY, at, message).with_help(operations_help()),
                    );
                }
                Operation::Error
            }
        };
        if let (true, Some(entry)) = (ghost, keys.entry("ghost"))
            && !matches!(operation, Operation::Compute { .. } | Operation::Error)
        {
            self.report(
                Diagnostic::error(
                    &codes::GHOST,
                    self.entry_span(entry),
                    "only a `compute` step can be ghost",
                )
                .with_help("remove it"),
            );
        }
        let handling = keys.get("error_handling").map(|node| self.error_handling(node));
        Some(Step { name, when, guards, operation, handling, span })
    }

    fn missing_step_key(&mut self, node: NodeId, key: &str) {
        if self.is_damaged(node) {
            return;
        }
        let span = self.beginning(self.span(node));
        let message = format!("a step needs the key `{key}`: its name");
        self.report(Diagnostic::error(&codes::MISSING_KEY, span, message));
    }

    /// The name of an operation as it is known; a misspelt one is reported and read as what was meant.
    pub(super) fn operation_name(&mut self, node: NodeId) -> Option<&'static str> {
        let name = self.name(node);
        if name.text.is_empty() {
            return None;
        }
        let known = || OPERATIONS.iter().map(|operation| operation.name);
        if let Some(operation) = known().find(|operation| *operation == name.text) {
            return Some(operation);
        }
        let lower = name.text.to_lowercase();
        if matches!(lower.as_str(), "assign" | "set") {
            let message = format!("there is no operation `{}`", name.text);
            self.report(
                Diagnostic::error(&codes::OPERATION, name.span, message)
                    .with_help("`compute` binds names, `next` gives a loop's state new values, `update` assigns state variables"),
            );
            return Some("compute");
        }
        let synonym = OPERATION_SYNONYMS.iter().find(|(wrong, _)| *wrong == lower).map(|(_, right)| *right);
        let meant = synonym.or_else(|| nearest(&name.text, known()));
        let message = format!("there is no operation `{}`", clipped(&name.text));
        let mut diagnostic = Diagnostic::error(&codes::OPERATION, name.span, message);
        diagnostic = match meant {
            Some(meant) => diagnostic.with_help(format!("did you mean `{meant}`?")).with_fix(
                format!("write `{meant}`"),
                name.span,
                meant,
            ),
            None => diagnostic.with_help(operations_help()),
        };
        self.report(diagnostic);
        meant
    }

    fn guards(&mut self, node: NodeId) -> Vec<Guard> {
        let items = self.list(node, "a guard");
        items
            .into_iter()
            .map(|item| {
                let span = self.span(item);
                let keys = self.keys(item, &GUARD);
                Guard {
                    fail_when: self.required_expression(keys.get("fail_when"), span),
                    fail: keys
                        .get("fail")
                        .map_or_else(|| Name { text: String::new(), span }, |node| self.identifier(node)),
                    message: keys.get("message").map(|node| self.template(node)),
                    span,
                }
            })
            .collect()
    }

    /// The expression, or an error node where it is missing, which has been reported.
    pub(super) fn required_expression(
        &mut self,
        node: Option<NodeId>,
        span: Span,
    ) -> super::super::expression::ExprId {
        match node {
            Some(node) => self.expression(node),
            None => self.output.expressions.push(super::super::expression::ExpressionKind::Error, span),
        }
    }

    fn error_handling(&mut self, node: NodeId) -> ErrorHandling {
        let span = self.span(node);
        let keys = self.keys(node, &ERROR_HANDLING);
        let retry = keys.get("retry").and_then(|node| self.retry(node));
        let fallback = keys.get("fallback").map(|node| (self.bindings(node), self.span(node)));
        let compensate = keys.get("compensate").map(|node| (self.steps(node), self.span(node)));
        ErrorHandling { retry, fallback, compensate, span }
    }

    fn retry(&mut self, node: NodeId) -> Option<(u32, u64, Span)> {
        let span = self.span(node);
        let keys = self.keys(node, &RETRY);
        let times = keys.get("times").and_then(|node| {
            let times = self.count(node)?;
            let small = u32::try_from(times).ok();
            if small.is_none() {
                self.report(Diagnostic::error(
                    &codes::NUMBER,
                    self.span(node),
                    "so many retries are not possible",
                ));
            }
            small
        });
        let backoff = keys.get("backoff_ms").and_then(|node| self.count(node)).unwrap_or(0);
        times.map(|times| (times, backoff, span))
    }
}

/// The place of an operation's parameters, where it has one.
fn parameters_of(operation: &str) -> Option<&'static Place> {
    let info = OPERATIONS.iter().find(|info| info.name == operation)?;
    match info.parameters {
        Shape::Place(place) => Some(place),
        _ => None,
    }
}

fn operations_help() -> String {
    let names: Vec<String> = OPERATIONS.iter().map(|operation| format!("`{}`", operation.name)).collect();
    format!("the operations are {}", names.join(", "))
}
