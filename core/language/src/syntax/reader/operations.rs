//! Operations and their parameters.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::Name;
use super::super::module::{Call, Case, Loop, LoopHead, LoopVariable, Operation, Step};
use super::Reader;
use super::keys::{
    ASSERT, CALL, CASE, CHOOSE, FAIL, INVOKE, LOG, LOOP, LOOP_STATE, Place, REQUIRE, TRANSITION,
};
use super::mappings::Keys;
use crate::codes::reader as codes;
use crate::yaml::{Entry, Kind, NodeId};

/// The parameters of one step: those under the key, and those that stand beside it by mistake.
struct Parameters<'a> {
    node: Option<NodeId>,
    keys: Option<Keys>,
    beside: &'a [Entry],
    /// Where something missing is reported.
    span: Span,
}

impl Reader<'_> {
    pub(super) fn operation_of(
        &mut self,
        node: NodeId,
        step: &Keys,
        beside: &[Entry],
        ghost: bool,
    ) -> Operation {
        let Some(name) = self.operation_name(node) else { return Operation::Error };
        let span = self.inner(node);
        let parameters = step.get("parameters");
        let damaged = self.is_damaged(step.node);
        let read = |reader: &mut Self, place: &'static Place| {
            reader.parameters(parameters, place, beside, span, damaged)
        };
        match name {
            "require" => {
                let from = read(self, &REQUIRE);
                Operation::Require {
                    condition: self.required_expression(self.parameter(&from, "condition"), from.span),
                    fail: self.parameter_identifier(&from, "fail"),
                    message: self.parameter(&from, "message").map(|node| self.template(node)),
                }
            }
            "compute" => {
                let bindings = parameters.map(|node| self.bindings(node)).unwrap_or_default();
                Operation::Compute { bindings, ghost }
            }
            "assert" => {
                let from = read(self, &ASSERT);
                Operation::Assert {
                    condition: self.required_expression(self.parameter(&from, "condition"), from.span),
                }
            }
            "choose" => {
                let from = read(self, &CHOOSE);
                Operation::Choose {
                    cases: self.parameter(&from, "cases").map(|node| self.choices(node)).unwrap_or_default(),
                    otherwise: self.parameter(&from, "else").map(|node| self.otherwise(node)),
                }
            }
            "loop" => {
                let from = read(self, &LOOP);
                Operation::Loop(self.loop_of(&from))
            }
            "next" => Operation::Next(parameters.map(|node| self.bindings(node)).unwrap_or_default()),
            "break" => Operation::Break(parameters.map(|node| self.bindings(node)).unwrap_or_default()),
            "update" => Operation::Update(parameters.map(|node| self.bindings(node)).unwrap_or_default()),
            "return" => Operation::Return(parameters.map(|node| self.bindings(node)).unwrap_or_default()),
            "call" => {
                let from = read(self, &CALL);
                Operation::Call(self.call_of(&from, "function"))
            }
            "invoke" => {
                let from = read(self, &INVOKE);
                Operation::Invoke(self.call_of(&from, "host"))
            }
            "transition" => {
                let from = read(self, &TRANSITION);
                Operation::Transition {
                    on: self.required_expression(self.parameter(&from, "on"), from.span),
                    to: self.parameter_identifier(&from, "to"),
                    bind: self.parameter_identifier(&from, "bind"),
                }
            }
            "log" => {
                let from = read(self, &LOG);
                Operation::Log {
                    level: self.parameter_name(&from, "level"),
                    message: self.parameter(&from, "message").map(|node| self.template(node)),
                    fields: self
                        .parameter(&from, "fields")
                        .map(|node| self.bindings(node))
                        .unwrap_or_default(),
                }
            }
            "fail" => {
                let from = read(self, &FAIL);
                Operation::Fail {
                    error_code: self.parameter_identifier(&from, "error_code"),
                    message: self.parameter(&from, "message").map(|node| self.template(node)),
                }
            }
            _ => Operation::Error,
        }
    }

    fn parameters<'a>(
        &mut self,
        node: Option<NodeId>,
        place: &'static Place,
        beside: &'a [Entry],
        span: Span,
        damaged: bool,
    ) -> Parameters<'a> {
        let Some(node) = node else {
            for key in place.keys.iter().filter(|key| key.required) {
                let present = beside.iter().any(|entry| self.tree.text(entry.key) == Some(key.name));
                if !present && !damaged {
                    let message =
                        format!("{} needs the parameter `{}`: {}", place.name, key.name, key.summary);
                    self.report(Diagnostic::error(&codes::MISSING_KEY, span, message));
                }
            }
            return Parameters { node: None, keys: None, beside, span };
        };
        let keys = self.keys(node, place);
        Parameters { node: Some(node), keys: Some(keys), beside, span }
    }

    fn parameter(&self, from: &Parameters<'_>, name: &str) -> Option<NodeId> {
        let under = from.keys.as_ref().and_then(|keys| keys.get(name));
        under.or_else(|| {
            from.beside.iter().find(|entry| self.tree.text(entry.key) == Some(name)).map(|entry| entry.value)
        })
    }

    fn parameter_name(&mut self, from: &Parameters<'_>, name: &str) -> Option<Name> {
        self.parameter(from, name).map(|node| self.name(node))
    }

    fn parameter_identifier(&mut self, from: &Parameters<'_>, name: &str) -> Option<Name> {
        self.parameter(from, name).map(|node| self.identifier(node))
    }

    // choose

    fn choices(&mut self, node: NodeId) -> Vec<Case> {
        let items = self.list(node, "a case");
        items
            .into_iter()
            .map(|item| {
                let span = self.span(item);
                let keys = self.keys(item, &CASE);
                Case {
                    when: self.required_expression(keys.get("when"), span),
                    steps: keys.get("do").map(|node| self.steps(node)).unwrap_or_default(),
                    span,
                }
            })
            .collect()
    }

    /// `else: [...]`; `else: { do: [...] }` is reported.
    fn otherwise(&mut self, node: NodeId) -> Vec<Step> {
        let inner = self.tree.get(node, "do").or_else(|| self.tree.get(node, "steps"));
        if let Some(entry) = inner.filter(|_| !self.is_damaged(node)) {
            self.report(
                Diagnostic::error(&codes::SHAPE, self.span(entry.key), "`else` is a list of steps")
                    .with_help("write the steps under `else` itself, without `do`"),
            );
            return self.steps(entry.value);
        }
        self.steps(node)
    }

    // loop

    fn loop_of(&mut self, from: &Parameters<'_>) -> Loop {
        let state = self.parameter(from, "state").map(|node| self.loop_state(node)).unwrap_or_default();
        let over = self.parameter(from, "for");
        let condition = self.parameter(from, "while");
        if let (Some(_), Some(entry)) = (over, from.keys.as_ref().and_then(|keys| keys.entry("while"))) {
            self.report(
                Diagnostic::error(
                    &codes::CONFLICT,
                    self.span(entry.key),
                    "a loop has `for` or `while`, not both",
                )
                .with_help("leave a `for` loop early with `break`"),
            );
        }
        let head = match (over, condition) {
            (Some(node), _) => self.binder(node).map(LoopHead::For),
            (None, Some(node)) => Some(LoopHead::While(self.expression(node))),
            (None, None) => None,
        };
        // A head that could not be read is an endless `while`, so that nobody misses it.
        let head = head.or_else(|| {
            let damaged = over.or_else(|| from.node.filter(|node| self.is_damaged(*node)))?;
            let span = self.span(damaged);
            Some(LoopHead::While(self.required_expression(None, span)))
        });
        Loop {
            state,
            head,
            invariants: self
                .parameter(from, "invariants")
                .map(|node| self.expressions(node))
                .unwrap_or_default(),
            decreases: self.parameter(from, "decreases").map(|node| self.measure(node)).unwrap_or_default(),
            steps: self.parameter(from, "do").map(|node| self.steps(node)).unwrap_or_default(),
        }
    }

    fn loop_state(&mut self, node: NodeId) -> Vec<LoopVariable> {
        let named = self.named(node, "total: \"0\"");
        named.into_iter().map(|(name, value)| self.loop_variable(name, value)).collect()
    }

    fn loop_variable(&mut self, name: Name, node: NodeId) -> LoopVariable {
        if !self.has_key_of(node, &LOOP_STATE) {
            let initial = self.expression(node);
            return LoopVariable { name, type_expression: None, initial };
        }
        let keys = self.keys(node, &LOOP_STATE);
        let type_expression = keys.get("type").map(|node| self.type_expression(node));
        let initial = self.required_expression(keys.get("initial"), name.span);
        LoopVariable { name, type_expression, initial }
    }

    // call, invoke

    fn call_of(&mut self, from: &Parameters<'_>, callee: &str) -> Call {
        let callee = self.parameter_identifier(from, callee);
        let arguments = self.parameter(from, "arguments").map(|node| self.bindings(node)).unwrap_or_default();
        let bind = self.parameter_identifier(from, "bind");
        let mut on_error = vec![];
        if let Some(node) = self.parameter(from, "on_error") {
            match self.tree.kind(node) {
                Kind::Sequence { .. } => self.wrong_shape(node, "a mapping of error codes to steps"),
                _ => {
                    for (code, steps) in self.named(node, "declined: [{ step: a, operation: fail }]") {
                        let steps = self.steps(steps);
                        on_error.push((code, steps));
                    }
                }
            }
        }
        Call { callee, arguments, bind, on_error }
    }
}
