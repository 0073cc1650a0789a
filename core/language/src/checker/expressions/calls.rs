//! Calls: built-ins, forms of contracts, and functions of the module.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprKind, FunctionKind};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use super::arguments::{Arranged, arrange};
use super::exits::FORMS;
use crate::checker::body::{Body, Typed};
use crate::checker::suggest::suggest;
use crate::codes::{contracts, names, types};
use crate::syntax::expression::{Argument, ExpressionKind, Name};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn call(
        &mut self,
        callee: &Name,
        arguments: &[Argument],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let name = callee.text.as_str();
        if FORMS.contains(&name) {
            return self.contract_form(callee, arguments, hint, span);
        }
        if let Some(builtin) = Builtin::from_name(name) {
            return self.builtin(builtin, arguments, hint, span);
        }
        match self.cx.function(name) {
            Ok(function) => self.call_function(function, callee, arguments, span),
            Err([]) => {
                self.unknown_function(callee, arguments);
                None
            }
            Err(_) => {
                let message = format!("several versions of `{name}` are known");
                let help = format!("write the version, such as `{name}_v1`");
                self.report(Diagnostic::error(&names::AMBIGUOUS, callee.span, message).with_help(help));
                None
            }
        }
    }

    #[cold]
    fn unknown_function(&mut self, callee: &Name, arguments: &[Argument]) {
        let name = callee.text.as_str();
        let broken = |argument: &Argument| matches!(self.syntax[argument.value].kind, ExpressionKind::Error);
        if arguments.iter().any(broken) || self.cx.is_full() {
            return;
        }
        let diagnostic =
            Diagnostic::error(&names::UNKNOWN_FUNCTION, callee.span, format!("unknown function `{name}`"));
        let is_host = self.cx.files[self.cx.file].host.contains_key(name);
        let is_case = self.cx.cases.contains_key(name) || self.cx.named.contains_key(name);
        let outside = ["now", "today", "current_time", "utcnow", "random", "rand", "uuid", "uuid4"];
        let diagnostic = if outside.contains(&name) {
            diagnostic
                .with_help("there is no clock and no chance in the language: take the value as an input")
        } else if is_host {
            diagnostic.with_help("it is a host operation: use a step with the operation `invoke`")
        } else if is_case {
            diagnostic
                .with_help(format!("a record or case is built with braces: `{name} {{ field: value }}`"))
        } else if self.lookup(name).is_some() {
            diagnostic.with_help("it is a value, not a function")
        } else {
            let functions = self.cx.files[self.cx.file].functions.keys().map(String::as_str);
            let mut known: Vec<&str> = functions.collect();
            known.sort_unstable();
            known.extend(Builtin::ALL.iter().map(|info| info.name));
            known.extend(["SUM", "COUNT", "ALL", "ANY", "FIND"]);
            let diagnostic = suggest(diagnostic, name, callee.span, known);
            if diagnostic.help.is_none() {
                diagnostic.with_help("declare it in the module, or name its module under `uses`")
            } else {
                diagnostic
            }
        };
        self.report(diagnostic);
        self.infer_arguments(arguments);
    }

    fn call_function(
        &mut self,
        function: u32,
        callee: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Typed> {
        let signature = self.cx.signatures.get(function as usize)?;
        let why = if signature.kind == FunctionKind::Lemma {
            Some("it is a lemma".to_owned())
        } else if signature.outputs.success.len() != 1 {
            Some(format!("it has {} success fields", signature.outputs.success.len()))
        } else if !signature.outputs.error_codes.is_empty() {
            Some("it may fail".to_owned())
        } else if !signature.state.is_empty() {
            Some("it uses state".to_owned())
        } else if !signature.host.is_empty() {
            Some("it invokes host operations".to_owned())
        } else {
            None
        };
        if let Some(why) = why {
            let lemma = signature.kind == FunctionKind::Lemma;
            let code = if lemma { &contracts::LEMMA_CALL } else { &types::NOT_CALLABLE };
            let message = format!("`{}` cannot be called in an expression: {why}", callee.text);
            let help = "use a step with the operation `call`";
            self.report(Diagnostic::error(code, callee.span, message).with_help(help));
            self.infer_arguments(arguments);
            return None;
        }
        let parameters: Vec<(String, Option<TypeId>, Option<Value>, bool)> = signature
            .inputs
            .iter()
            .map(|input| (input.name.clone(), input.type_id, input.default.clone(), input.optional))
            .collect();
        let result = signature.outputs.success.first()?.1;
        let names: Vec<&str> = parameters.iter().map(|(name, ..)| name.as_str()).collect();
        let arranged = arrange(arguments, &names);
        let what = format!("`{}`", callee.text);
        let values = match &arranged {
            Arranged::Values(values) => {
                let complete = values
                    .iter()
                    .zip(&parameters)
                    .all(|(value, (.., optional))| value.is_some() || *optional);
                if !complete {
                    self.wrong_arguments(&what, &arranged, arguments.len(), &names, span);
                    self.infer_arguments(arguments);
                    return None;
                }
                values.clone()
            }
            _ => {
                self.wrong_arguments(&what, &arranged, arguments.len(), &names, span);
                self.infer_arguments(arguments);
                return None;
            }
        };
        let mut found: Vec<Option<Typed>> = vec![];
        for (value, (_, type_id, default, _)) in values.iter().zip(&parameters) {
            let typed = match (value, type_id) {
                (Some(value), Some(type_id)) => self.expect(*value, *type_id),
                (Some(value), None) => {
                    let _ = self.infer(*value, None);
                    None
                }
                (None, Some(type_id)) => Some(self.left_out(default.clone(), *type_id, span)),
                (None, None) => None,
            };
            found.push(typed);
        }
        let found: Vec<_> = found.into_iter().map(|typed| typed.map(|it| it.id)).collect::<Option<_>>()?;
        Some(self.push(ExprKind::Call(function, found), result?, span))
    }

    /// What stands for an input that a caller leaves out.
    pub(in crate::checker) fn left_out(
        &mut self,
        default: Option<Value>,
        type_id: TypeId,
        span: Span,
    ) -> Typed {
        match default {
            Some(value) => self.push(ExprKind::Literal(value), type_id, span),
            None => self.push(ExprKind::None, type_id, span),
        }
    }
}
