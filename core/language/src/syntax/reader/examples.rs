//! Examples: names here, data left where it is.

use anrf_format::diagnostic::Diagnostic;

use super::super::expression::Name;
use super::super::module::{Example, ExampleAnswer, ExampleExpected};
use super::Reader;
use super::keys::{ANSWER, EXAMPLE, EXPECTED_ERROR};
use crate::codes::reader as codes;
use crate::yaml::{Kind, NodeId};

impl Reader<'_> {
    pub(super) fn examples(&mut self, node: NodeId) -> Vec<Example> {
        let items = self.list(node, "an example");
        items.into_iter().filter_map(|item| self.example(item)).collect()
    }

    fn example(&mut self, node: NodeId) -> Option<Example> {
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            self.wrong_shape(node, "an example with `inputs` and what comes out");
            return None;
        }
        let keys = self.keys(node, &EXAMPLE);
        let mut data = |name: &str| keys.get(name).map(|node| self.named(node, "name: value"));
        let inputs = data("inputs").unwrap_or_default();
        let state = data("state");
        let state_after = data("state_after");
        let host = keys.get("host").map(|node| self.answers(node)).unwrap_or_default();
        let expected = ["success", "error", "fault"].map(|name| keys.entry(name));
        let mut given = expected.iter().flatten();
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            let (first, second) = (self.tree.text(first.key).unwrap_or(""), second.key);
            let message = format!(
                "an example expects `{first}` or `{}`, not both",
                self.tree.text(second).unwrap_or("")
            );
            self.report(Diagnostic::error(&codes::CONFLICT, self.span(second), message));
        }
        let expected = if let Some(node) = keys.get("success") {
            Some(ExampleExpected::Success(self.named(node, "field: value")))
        } else if let Some(node) = keys.get("error") {
            let (code, message) = self.expected_error(node);
            Some(ExampleExpected::Error(code, message))
        } else {
            keys.get("fault").map(|node| ExampleExpected::Fault(self.name(node)))
        };
        Some(Example { inputs, state, state_after, host, expected, span: self.span(node) })
    }

    fn expected_error(&mut self, node: NodeId) -> (Option<Name>, Option<String>) {
        if let Kind::Scalar(_) = self.tree.kind(node) {
            // `error: not_found`
            let name = self.name(node);
            let mend = format!("{{ error_code: {} }}", name.text);
            self.report(
                Diagnostic::error(&codes::SHAPE, name.span, "an expected error is a mapping")
                    .with_help(format!("write `{mend}`"))
                    .with_fix("write a mapping", self.span(node), mend),
            );
            return (Some(name), None);
        }
        let keys = self.keys(node, &EXPECTED_ERROR);
        let code = keys.get("error_code").map(|node| self.name(node)).filter(|name| !name.text.is_empty());
        let message = keys.get("message").and_then(|node| self.text(node));
        (code, message)
    }

    fn answers(&mut self, node: NodeId) -> Vec<(Name, Vec<ExampleAnswer>)> {
        let named = self.named(node, "charge_card: [{ success: { id: a } }]");
        named
            .into_iter()
            .map(|(name, value)| {
                let items = self.list(value, "an answer");
                (name, items.into_iter().filter_map(|item| self.answer(item)).collect())
            })
            .collect()
    }

    fn answer(&mut self, node: NodeId) -> Option<ExampleAnswer> {
        let before = self.diagnostics.len();
        let keys = self.keys(node, &ANSWER);
        if let Some(node) = keys.get("error") {
            let (code, message) = self.expected_error(node);
            let span = self.span(node);
            let code = code.unwrap_or_else(|| {
                if self.diagnostics.len() == before {
                    self.report(Diagnostic::error(
                        &codes::MISSING_KEY,
                        self.beginning(span),
                        "an error that is answered needs its `error_code`",
                    ));
                }
                Name { text: String::new(), span }
            });
            return Some(ExampleAnswer::Error(code, message));
        }
        if let Some(node) = keys.get("success") {
            return Some(ExampleAnswer::Success(self.named(node, "field: value")));
        }
        if self.diagnostics.len() == before && !self.is_damaged(node) {
            self.report(
                Diagnostic::error(
                    &codes::MISSING_KEY,
                    self.beginning(self.span(node)),
                    "an answer is `success` or `error`",
                )
                .with_help("write `{ success: { field: value } }` or `{ error: { error_code: code } }`"),
            );
        }
        None
    }
}
