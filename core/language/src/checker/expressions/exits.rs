//! What only contracts know: `old`, `result`, `success`, `failed`, `calls`, `error.occurred`.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprKind, UnaryOperator};
use anrf_format::types::TypeId;

use crate::checker::body::{Allowed, Body, Typed};
use crate::checker::suggest::suggest;
use crate::codes::{contracts, names, types};
use crate::syntax::expression::{Argument, BinaryOperator, ExprId, ExpressionKind, Name};

/// The forms that are written as calls.
pub(super) const FORMS: &[&str] = &["old", "failed", "calls"];

impl Body<'_, '_> {
    /// `old(e)`, `failed(code)`, `calls(operation)`.
    #[inline(never)]
    pub(super) fn contract_form(
        &mut self,
        form: &Name,
        arguments: &[Argument],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let Allowed { entry, exit } = self.allowed;
        let allowed = if form.text == "failed" { exit } else { entry };
        if !allowed {
            // Outside contracts a name is the present value anyhow.
            let inner = match (form.text.as_str(), arguments) {
                ("old", [Argument { value, .. }]) => Some(self.cx.text(self.span(*value)).to_owned()),
                _ => None,
            };
            self.report_contract_form(&form.text, inner, span);
            return None;
        }
        let [Argument { name: None, value }] = arguments else {
            let message = format!("`{}` takes one argument", form.text);
            self.report(Diagnostic::error(&types::ARGUMENTS, span, message));
            return None;
        };
        match form.text.as_str() {
            "old" => self.old(*value, hint, span),
            "failed" => {
                let code = self.symbol_argument(*value, "an error code")?;
                self.failed(&code, span)
            }
            _ => self.calls_of(*value, span),
        }
    }

    fn old(&mut self, value: ExprId, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        let inputs =
            self.facts.iter().take_while(|it| it.source == crate::checker::body::Source::Input).count();
        let outer = self.old_limit.replace(crate::checker::context::index(inputs).unwrap_or(u32::MAX));
        let allowed = std::mem::replace(&mut self.allowed, Allowed { entry: false, exit: false });
        let found = self.infer(value, hint);
        self.old_limit = outer;
        self.allowed = allowed;
        let found = found?;
        Some(self.push(ExprKind::Old(found.id), found.type_id, span))
    }

    fn failed(&mut self, code: &Name, span: Span) -> Option<Typed> {
        match self.outputs.error_code(&code.text) {
            Some(position) => Some(self.push(ExprKind::Failed(position), TypeId::BOOLEAN, span)),
            None => {
                self.unknown_error_code(code);
                None
            }
        }
    }

    /// Reports an error code that the function does not declare.
    #[cold]
    pub(in crate::checker) fn unknown_error_code(&mut self, code: &Name) {
        if code.text.is_empty() {
            return;
        }
        let signature = self.function.and_then(|function| self.cx.signatures.get(function as usize));
        let known = match signature {
            Some(signature) => signature.outputs.error_codes.clone(),
            None => self.outputs.error_codes.clone(),
        };
        let last = signature.and_then(|signature| signature.written.outputs.error_codes.last());
        let last = last.map(|last| Span { start: last.span.end, end: last.span.end });
        let message = format!("the function declares no error `{}`", code.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_ERROR_CODE, code.span, message);
        let diagnostic = suggest(diagnostic, &code.text, code.span, known.iter().map(String::as_str));
        if let (true, Some(last)) = (diagnostic.help.is_none(), last) {
            let help = format!("declare it under `outputs.error.error_code`, beside {}", known.join(", "));
            let diagnostic =
                diagnostic.with_help(help).with_fix("declare it", last, format!(", {}", code.text));
            self.report(diagnostic);
            return;
        }
        let help = if known.is_empty() {
            format!(
                "declare `error: {{ error_code: \"enum[{}]\", message: string }}` under `outputs`",
                code.text
            )
        } else {
            format!("declare it under `outputs.error.error_code`, beside {}", known.join(", "))
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    fn calls_of(&mut self, value: ExprId, span: Span) -> Option<Typed> {
        let name = self.symbol_argument(value, "a host operation")?;
        match self.cx.files[self.cx.file].host.get(name.text.as_str()) {
            Some(operation) => {
                let operation = *operation;
                Some(self.push(ExprKind::Calls(operation), TypeId::UNBOUNDED, span))
            }
            None => {
                self.unknown_host(&name);
                None
            }
        }
    }

    /// Reports a host operation that the module does not declare.
    #[cold]
    pub(in crate::checker) fn unknown_host(&mut self, name: &Name) {
        if name.text.is_empty() {
            return;
        }
        let message = format!("the module declares no host operation `{}`", name.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_HOST, name.span, message);
        let mut known: Vec<&str> = self.cx.files[self.cx.file].host.keys().copied().collect();
        known.sort_unstable();
        let diagnostic = suggest(diagnostic, &name.text, name.span, known);
        let is_function = self.cx.function(&name.text).is_ok();
        let help = if is_function {
            "it is a function: use the operation `call`"
        } else {
            "declare it under the module's `host`"
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    fn symbol_argument(&mut self, value: ExprId, what: &str) -> Option<Name> {
        match &self.syntax[value].kind {
            ExpressionKind::Name(name) => Some(Name { text: name.clone(), span: self.span(value) }),
            ExpressionKind::Error => None,
            ExpressionKind::String(text) => {
                let (text, span) = (text.clone(), self.span(value));
                let message = format!("{what} is wanted, found a text");
                let diagnostic = Diagnostic::error(&types::TEXT_FOR_SYMBOL, span, message);
                self.report(diagnostic.with_help("write it without quotes").with_fix(
                    format!("write `{text}`"),
                    span,
                    text,
                ));
                None
            }
            _ => {
                let span = self.span(value);
                let message = format!("{what} is wanted, found an expression");
                self.report(Diagnostic::error(&types::ARGUMENTS, span, message));
                None
            }
        }
    }

    pub(super) fn read_result(&mut self, field: u32, type_id: Option<TypeId>, span: Span) -> Option<Typed> {
        self.uses_result(span)?;
        Some(self.push(ExprKind::Result(field), type_id?, span))
    }

    pub(super) fn read_result_record(&mut self, span: Span) -> Option<Typed> {
        self.uses_result(span)?;
        let record = self.outputs.record?;
        Some(self.push(ExprKind::ResultRecord, record, span))
    }

    fn uses_result(&mut self, span: Span) -> Option<()> {
        self.reads.result = true;
        if self.mentions_exit && !self.on_success {
            let message = "on a failure there is no result, and this postcondition speaks of every exit";
            let help = "guard it: `success IMPLIES ...`";
            self.report(Diagnostic::error(&contracts::UNGUARDED_RESULT, span, message).with_help(help));
            return None;
        }
        Some(())
    }

    /// `error.occurred` and `error.error_code == x`, as other notations write them.
    pub(super) fn error_occurred(&mut self, base: ExprId, field: &Name, span: Span) -> Option<Option<Typed>> {
        if !self.allowed.exit || !self.is_error_name(base) {
            return None;
        }
        if field.text == "occurred" {
            let success = self.push(ExprKind::Success, TypeId::BOOLEAN, span);
            let kind = ExprKind::Unary(UnaryOperator::Not, success.id);
            return Some(Some(self.push(kind, TypeId::BOOLEAN, span)));
        }
        let message = format!("`error.{}` cannot be read here", field.text);
        let help = "write `failed(code)`, `error.error_code == code` or `error.occurred`";
        self.report(Diagnostic::error(&names::UNKNOWN_FIELD, field.span, message).with_help(help));
        Some(None)
    }

    fn is_error_name(&self, base: ExprId) -> bool {
        matches!(&self.syntax[base].kind, ExpressionKind::Name(name)
            if name == "error" && self.lookup(name).is_none() && self.outputs.field(name).is_none())
    }

    /// `error.error_code == x` or `!= x`, with the code.
    pub(super) fn error_code_test(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Option<Option<Typed>> {
        let ExpressionKind::Field(base, field) = &self.syntax[left].kind else { return None };
        let tests = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        if !self.allowed.exit || !tests || field.text != "error_code" || !self.is_error_name(*base) {
            return None;
        }
        let Some(code) = self.symbol_argument(right, "an error code") else { return Some(None) };
        let Some(failed) = self.failed(&code, span) else { return Some(None) };
        if operator == BinaryOperator::Equal {
            return Some(Some(failed));
        }
        let kind = ExprKind::Unary(UnaryOperator::Not, failed.id);
        Some(Some(self.push(kind, TypeId::BOOLEAN, span)))
    }

    /// Whether an expression mentions the kind of exit anywhere.
    pub(in crate::checker) fn speaks_of_exit(&self, id: ExprId) -> bool {
        let mut pending = vec![id];
        let mut found = false;
        while let Some(id) = pending.pop() {
            match &self.syntax[id].kind {
                ExpressionKind::Name(name) if name == "success" => {
                    found |= self.lookup(name).is_none() && self.outputs.field(name).is_none();
                }
                ExpressionKind::Name(name) if name == "error" => found |= self.is_error_name(id),
                ExpressionKind::Call { callee, .. } if callee.text == "failed" => found = true,
                _ => {}
            }
            self.syntax[id].kind.for_each_child(|child| pending.push(child));
        }
        found
    }

    /// Whether `id` being TRUE (or FALSE) means that the exit is a success.
    pub(super) fn implies_success(&self, id: ExprId, value: bool) -> bool {
        let mut pending = vec![(id, value)];
        while let Some((id, value)) = pending.pop() {
            match &self.syntax[id].kind {
                ExpressionKind::Name(name) if name == "success" && value && self.lookup(name).is_none() => {
                    return true;
                }
                ExpressionKind::Unary(UnaryOperator::Not, inner) => pending.push((*inner, !value)),
                ExpressionKind::Field(base, field)
                    if field.text == "occurred" && !value && self.is_error_name(*base) =>
                {
                    return true;
                }
                ExpressionKind::Call { callee, .. }
                    if callee.text == "failed" && !value && self.outputs.error_codes.len() == 1 =>
                {
                    return true;
                }
                ExpressionKind::Binary(BinaryOperator::And, left, right) if value => {
                    pending.extend([(*left, true), (*right, true)]);
                }
                ExpressionKind::Binary(BinaryOperator::Or, left, right) if !value => {
                    pending.extend([(*left, false), (*right, false)]);
                }
                ExpressionKind::Binary(BinaryOperator::Implies, left, right) if !value => {
                    pending.extend([(*left, true), (*right, false)]);
                }
                _ => {}
            }
        }
        false
    }

    /// Checks a part that is reached only where `guard` has the value.
    pub(super) fn guarded<T>(&mut self, guard: ExprId, value: bool, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.on_success;
        self.on_success = before || (self.mentions_exit && self.implies_success(guard, value));
        let checked = check(self);
        self.on_success = before;
        checked
    }

    /// Reports a form of contracts where it is not known; answers whether the name is one.
    #[cold]
    pub(super) fn report_contract_form(&mut self, name: &str, instead: Option<String>, span: Span) -> bool {
        let message = match name {
            "old" | "calls" => {
                format!("`{name}(...)` is known in postconditions, assertions and loop invariants only")
            }
            "result" | "success" | "error" => format!("`{name}` is known in postconditions only"),
            "failed" => "`failed(...)` is known in postconditions only".to_owned(),
            _ => return false,
        };
        let help = match name {
            "old" if self.old_limit.is_some() => "`old` cannot stand inside `old`",
            "old" => "elsewhere bind the value with `compute` before it changes",
            _ => "move the condition to `postconditions`",
        };
        let diagnostic = Diagnostic::error(&contracts::CONTRACT_ONLY, span, message).with_help(help);
        self.report(match instead {
            Some(text) => diagnostic.with_fix(format!("write `{text}`"), span, text),
            None => diagnostic,
        });
        true
    }
}
