//! `require`, `return` and `fail`.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprId as TypedId, ExprKind, Operation};
use anrf_format::types::TypeId;

use super::Done;
use crate::checker::body::{Body, Typed};
use crate::checker::suggest::{list, suggest};
use crate::codes::{flow, names, types};
use crate::syntax::expression::{ExprId, Name};
use crate::syntax::module::{Step, Template};

impl Body<'_, '_> {
    pub(super) fn require(
        &mut self,
        condition: ExprId,
        fail: Option<&Name>,
        message: Option<&Template>,
        step: &Step,
    ) -> Done {
        let first = self.exprs.len();
        let found = self.expect(condition, TypeId::BOOLEAN);
        if let Some(found) = found {
            let span = self.span(condition);
            self.lint_constant(found, span);
            self.vouch(first);
        }
        self.check_may_leave(step);
        let code = self.failing(fail, step.name.span);
        let message = self.message(message, step.span);
        let operation =
            || Some(Operation::Require { condition: found?.id, error_code: code?, message: message?.id });
        Done::going_on(operation())
    }

    /// What a `require` asks about has been looked at: it is no longer just what the host said.
    fn vouch(&mut self, first: usize) {
        for position in first..self.exprs.len() {
            if let ExprKind::Local(local) = self.exprs[position].kind {
                self.facts(local).from_host = false;
            }
        }
    }

    /// The index of an error code that the function declares.
    pub(super) fn failing(&mut self, code: Option<&Name>, span: Span) -> Option<u32> {
        let Some(code) = code else {
            let message = "this step does not say with which error it fails";
            let help = "add `fail: code`, with a code of `outputs.error.error_code`";
            self.report(Diagnostic::error(&flow::MISSING_PARAMETER, span, message).with_help(help));
            return None;
        };
        let signature = self.cx.signatures.get(self.function? as usize)?;
        match signature.outputs.error_code(&code.text) {
            Some(position) => {
                self.failed_codes.push(position);
                Some(position)
            }
            None => {
                self.unknown_error_code(code);
                None
            }
        }
    }

    pub(super) fn check_may_leave(&mut self, step: &Step) {
        if self.compensating {
            let message = "a compensation cannot leave the function";
            let help = "compensate with steps that run to their end";
            let span = step.name.span;
            self.report(Diagnostic::error(&flow::LEAVING_COMPENSATION, span, message).with_help(help));
        }
    }

    pub(super) fn fail(&mut self, code: Option<&Name>, message: Option<&Template>, step: &Step) -> Done {
        self.check_may_leave(step);
        let code = self.failing(code, step.name.span);
        let message = self.message(message, step.span);
        let operation = || Some(Operation::Fail { error_code: code?, message: message?.id });
        Done::leaving(operation())
    }

    pub(super) fn leave(&mut self, values: &[(Name, ExprId)], step: &Step) -> Done {
        self.check_may_leave(step);
        let Some(signature) = self.function.and_then(|function| self.cx.signatures.get(function as usize))
        else {
            return Done::leaving(None);
        };
        let (fields, unreadable) = (signature.outputs.success.clone(), signature.outputs.unreadable);
        let mut found: Vec<Option<Typed>> = vec![None; fields.len()];
        let mut given = vec![false; fields.len()];
        let mut complete = true;
        for (name, value) in values {
            let Some(position) = fields.iter().position(|(field, _)| *field == name.text) else {
                complete = false;
                if !unreadable {
                    self.unknown_output(name, &fields);
                }
                if self.vagueness(*value) < 3 {
                    let _ = self.infer(*value, None);
                }
                continue;
            };
            if given[position] {
                let message = format!("output `{}` is given twice", name.text);
                self.report(Diagnostic::error(&names::DUPLICATE, name.span, message));
            }
            given[position] = true;
            found[position] = match fields[position].1 {
                Some(type_id) => self.expect(*value, type_id),
                None => None,
            };
        }
        let missing: Vec<&str> = fields
            .iter()
            .zip(&given)
            .filter(|(_, given)| !**given)
            .map(|((name, _), _)| name.as_str())
            .collect();
        if complete && !missing.is_empty() {
            let message = format!("`return` does not give {}", list(missing.iter().copied()));
            let help = "give every success field";
            let span = values.last().map_or(step.name.span, |(name, _)| name.span);
            self.report(Diagnostic::error(&types::MISSING_FIELDS, span, message).with_help(help));
            complete = false;
        }
        let values: Option<Vec<TypedId>> = found.into_iter().map(|value| value.map(|it| it.id)).collect();
        Done::leaving(values.filter(|_| complete).map(Operation::Return))
    }

    #[cold]
    fn unknown_output(&mut self, name: &Name, fields: &[(String, Option<TypeId>)]) {
        let message = format!("the function has no success field `{}`", name.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, name.span, message);
        let known = fields.iter().map(|(field, _)| field.as_str());
        let diagnostic = suggest(diagnostic, &name.text, name.span, known.clone());
        let help = if fields.is_empty() {
            "declare it under `outputs.success`".to_owned()
        } else {
            format!("its success fields are {}", list(known))
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }
}
