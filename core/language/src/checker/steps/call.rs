//! `call` and `invoke`: arguments, the bound result, handlers of errors.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{Bind, Block, Call, ExprId as TypedId, FunctionKind, LocalId, Operation, StepId};
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use super::Done;
use crate::checker::body::{Body, Reads};
use crate::checker::context::OutputSignature;
use crate::checker::suggest::{list, suggest};
use crate::codes::{contracts, flow, names, types};
use crate::syntax::expression::Name;
use crate::syntax::module::{self as written, Step};

/// What is called, function or host operation.
struct Callee {
    index: u32,
    name: String,
    inputs: Vec<Parameter>,
    outputs: OutputSignature,
    lemma: bool,
    host: bool,
}

struct Parameter {
    name: String,
    type_id: Option<TypeId>,
    default: Option<Value>,
    optional: bool,
}

/// The handlers of a call.
struct Handlers {
    typed: Vec<(u32, Block)>,
    handled: Vec<u32>,
    /// Some handler comes back, so what is bound may be missing.
    falls_through: bool,
}

impl<'a> Body<'_, 'a> {
    pub(super) fn call_step(&mut self, call: &'a written::Call, step: &'a Step, id: StepId) -> Done {
        let Some(name) = &call.callee else {
            self.no_callee(step, "function: name");
            return self.broken_call(call);
        };
        let function = match self.cx.function(&name.text) {
            Ok(function) => function,
            Err(candidates) => {
                let several = !candidates.is_empty();
                self.unknown_callee(name, several);
                return self.broken_call(call);
            }
        };
        let Some(signature) = self.cx.signatures.get(function as usize) else {
            return self.broken_call(call);
        };
        let callee = Callee {
            index: function,
            name: name.text.clone(),
            inputs: signature
                .inputs
                .iter()
                .map(|input| Parameter {
                    name: input.name.clone(),
                    type_id: input.type_id,
                    default: input.default.clone(),
                    optional: input.optional,
                })
                .collect(),
            outputs: signature.outputs.clone(),
            lemma: signature.kind == FunctionKind::Lemma,
            host: false,
        };
        self.check_callee_state(function, name);
        self.perform(callee, call, step, id)
    }

    pub(super) fn invoke_step(&mut self, call: &'a written::Call, step: &'a Step, id: StepId) -> Done {
        self.check_effect(step);
        let Some(name) = &call.callee else {
            self.no_callee(step, "host: name");
            return self.broken_call(call);
        };
        let Some(operation) = self.cx.files[self.cx.file].host.get(name.text.as_str()).copied() else {
            self.unknown_host(name);
            return self.broken_call(call);
        };
        self.cx.usage.host.insert(operation);
        let Some(signature) = self.cx.host.get(operation as usize) else { return self.broken_call(call) };
        let callee = Callee {
            index: operation,
            name: name.text.clone(),
            inputs: signature
                .inputs
                .iter()
                .map(|input| Parameter {
                    name: input.name.clone(),
                    type_id: input.type_id,
                    default: input.default.clone(),
                    optional: input.optional,
                })
                .collect(),
            outputs: signature.outputs.clone(),
            lemma: false,
            host: true,
        };
        self.perform(callee, call, step, id)
    }

    #[cold]
    fn no_callee(&mut self, step: &Step, wanted: &str) {
        let message = "this step does not say what it calls";
        let help = format!("add `{wanted}` to its parameters");
        let span = step.name.span;
        self.report(Diagnostic::error(&flow::MISSING_PARAMETER, span, message).with_help(help));
    }

    #[cold]
    fn unknown_callee(&mut self, name: &Name, several: bool) {
        if name.text.is_empty() {
            return;
        }
        if several {
            let message = format!("several versions of `{}` are known", name.text);
            let help = format!("write the version, such as `{}_v1`", name.text);
            self.report(Diagnostic::error(&names::AMBIGUOUS, name.span, message).with_help(help));
            return;
        }
        let message = format!("unknown function `{}`", name.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_FUNCTION, name.span, message);
        let file = &self.cx.files[self.cx.file];
        let mut known: Vec<&str> = file.functions.keys().map(String::as_str).collect();
        known.sort_unstable();
        let diagnostic = suggest(diagnostic, &name.text, name.span, known);
        let is_builtin = anrf_format::builtin::Builtin::from_name(&name.text).is_some();
        let help = if file.host.contains_key(name.text.as_str()) {
            "it is a host operation: use the operation `invoke` with `host`"
        } else if is_builtin {
            "a built-in is called in an expression: use `compute`"
        } else {
            "declare it in the module, or name its module under `uses`"
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    /// Looks at the parts of a call whose callee is unknown, for mistakes of their own.
    fn broken_call(&mut self, call: &'a written::Call) -> Done {
        for (_, value) in &call.arguments {
            if self.vagueness(*value) < 3 {
                let _ = self.infer(*value, None);
            }
        }
        for (_, steps) in &call.on_error {
            let _ = self.nested(steps);
        }
        if let Some(bind) = &call.bind {
            self.bind_broken(bind);
        }
        Done::broken()
    }

    fn check_callee_state(&mut self, function: u32, name: &Name) {
        let Some(callee) = self.cx.signatures.get(function as usize) else { return };
        let missing: Vec<String> = callee
            .named_state
            .iter()
            .filter(|(_, variable)| {
                let own = self.cx.state.get(*variable as usize).is_some_and(|it| it.owner.is_some());
                !own && !self.state.iter().any(|(_, listed)| listed == variable)
            })
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let same_file = self
            .function
            .and_then(|caller| self.cx.signatures.get(caller as usize))
            .is_some_and(|caller| caller.file == callee.file);
        if !missing.is_empty() && same_file {
            let listed = list(missing.iter().map(String::as_str));
            let message =
                format!("`{}` uses the state {listed}, which this function does not list", name.text);
            let help = format!("add it: `state: [{}]`", missing.join(", "));
            self.report(Diagnostic::error(&contracts::CALLEE_STATE, name.span, message).with_help(help));
        }
    }

    fn perform(&mut self, callee: Callee, call: &'a written::Call, step: &'a Step, id: StepId) -> Done {
        let (arguments, reads) = if callee.lemma {
            self.as_contract(|body| body.tracked(|body| body.arguments(&callee, call, step)))
        } else {
            self.tracked(|body| body.arguments(&callee, call, step))
        };
        if callee.host && reads.sensitive {
            let message = format!("the host operation `{}`", callee.name);
            self.sensitive_leak(&message, step.name.span);
        }
        let handlers = self.handlers(&callee, call);
        let place = call.callee.as_ref().map_or(step.name.span, |callee| callee.span);
        let has_fallback = step.handling.as_ref().is_some_and(|handling| handling.fallback.is_some());
        let propagated = if has_fallback { Some(vec![]) } else { self.propagated(&callee, &handlers, place) };
        self.retry(step, id, callee.host.then_some(callee.index), &callee.name);
        let bound = self.bind_result(&callee, call, &handlers, reads);
        if let Some(fallback) =
            self.fallback(step, call.bind.as_ref(), callee.outputs.record, bound.flatten())
        {
            self.steps[id.0 as usize].fallback = Some(fallback);
        }
        let operation = || {
            let typed = Call {
                callee: callee.index,
                arguments: arguments?,
                bind: match bound {
                    None => None,
                    Some(bound) => Some(bound?),
                },
                on_error: handlers.typed,
                propagated: propagated?,
            };
            Some(if callee.host { Operation::Invoke(typed) } else { Operation::Call(typed) })
        };
        Done::going_on(operation())
    }

    fn bind_result(
        &mut self,
        callee: &Callee,
        call: &written::Call,
        handlers: &Handlers,
        reads: Reads,
    ) -> Option<Option<Bind>> {
        let name = call.bind.as_ref()?;
        if callee.lemma || callee.outputs.success.is_empty() {
            let (code, message) = if callee.lemma {
                (&contracts::LEMMA_CALL, format!("the lemma `{}` brings a fact, not a value", callee.name))
            } else {
                (&flow::BIND_NOTHING, format!("`{}` has no success fields to bind", callee.name))
            };
            self.report(Diagnostic::error(code, name.span, message).with_help("remove `bind`"));
            self.bind_broken(name);
            return Some(None);
        }
        let Some(record) = callee.outputs.record else {
            self.bind_broken(name);
            return Some(None);
        };
        let type_id = if handlers.falls_through { self.cx.intern(Type::Optional(record)) } else { record };
        let local = self.bind_step(name, type_id);
        let facts = self.facts(local);
        facts.from_host = callee.host;
        facts.sensitive = reads.sensitive;
        Some(Some(Bind { local, record, optional: handlers.falls_through }))
    }

    fn arguments(&mut self, callee: &Callee, call: &written::Call, step: &Step) -> Option<Vec<TypedId>> {
        let mut found: Vec<Option<TypedId>> = vec![None; callee.inputs.len()];
        let mut given = vec![false; callee.inputs.len()];
        let mut complete = true;
        for (name, value) in &call.arguments {
            let Some(position) = callee.inputs.iter().position(|input| input.name == name.text) else {
                complete = false;
                self.unknown_argument(callee, name);
                if self.vagueness(*value) < 3 {
                    let _ = self.infer(*value, None);
                }
                continue;
            };
            if given[position] {
                let message = format!("argument `{}` is given twice", name.text);
                self.report(Diagnostic::error(&names::DUPLICATE, name.span, message));
            }
            given[position] = true;
            found[position] = match callee.inputs[position].type_id {
                Some(type_id) => self.expect(*value, type_id).map(|it| it.id),
                None => None,
            };
        }
        let missing: Vec<&str> = callee
            .inputs
            .iter()
            .zip(&given)
            .filter(|(input, given)| !**given && !input.optional)
            .map(|(input, _)| input.name.as_str())
            .collect();
        if complete && !missing.is_empty() {
            let span = match call.arguments.last() {
                Some((last, _)) => last.span,
                None => self.written_value(step, "arguments"),
            };
            let message = format!("`{}` is called without {}", callee.name, list(missing.iter().copied()));
            let help = format!("add such as `arguments: {{ {}: ... }}`", missing.join(": ..., "));
            self.report(Diagnostic::error(&types::ARGUMENTS, span, message).with_help(help));
            complete = false;
        }
        if !complete {
            return None;
        }
        for (position, input) in callee.inputs.iter().enumerate() {
            if !given[position] {
                let type_id = input.type_id?;
                found[position] = Some(self.left_out(input.default.clone(), type_id, step.name.span).id);
            }
        }
        found.into_iter().collect()
    }

    #[cold]
    fn unknown_argument(&mut self, callee: &Callee, name: &Name) {
        let message = format!("`{}` has no input `{}`", callee.name, name.text);
        let diagnostic = Diagnostic::error(&types::ARGUMENTS, name.span, message);
        let known = callee.inputs.iter().map(|input| input.name.as_str());
        let diagnostic = suggest(diagnostic, &name.text, name.span, known.clone());
        let help = format!("its inputs are {}", list(known));
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    fn handlers(&mut self, callee: &Callee, call: &'a written::Call) -> Handlers {
        let mut handlers = Handlers { typed: vec![], handled: vec![], falls_through: false };
        for (code, steps) in &call.on_error {
            let known = callee.outputs.error_code(&code.text);
            if let Some(known) = known {
                if handlers.handled.contains(&known) {
                    let message = format!("error `{}` is handled twice", code.text);
                    self.report(Diagnostic::error(&names::DUPLICATE, code.span, message));
                }
                handlers.handled.push(known);
            } else if !code.text.is_empty() {
                self.unknown_handler(callee, code);
            }
            let (block, goes_on, _) = self.nested(steps);
            handlers.falls_through |= goes_on;
            if let Some(known) = known {
                handlers.typed.push((known, block));
            }
        }
        handlers
    }

    #[cold]
    fn unknown_handler(&mut self, callee: &Callee, code: &Name) {
        let message = format!("`{}` never ends in the error `{}`", callee.name, code.text);
        let diagnostic = Diagnostic::error(&flow::UNHANDLED_CODE, code.span, message);
        let known = callee.outputs.error_codes.iter().map(String::as_str);
        let diagnostic = suggest(diagnostic, &code.text, code.span, known.clone());
        let help = if callee.outputs.error_codes.is_empty() {
            "it declares no errors".to_owned()
        } else {
            format!("its errors are {}", list(known))
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    /// Errors without a handler are those of the caller.
    fn propagated(&mut self, callee: &Callee, handlers: &Handlers, place: Span) -> Option<Vec<(u32, u32)>> {
        let caller = self.function.and_then(|function| self.cx.signatures.get(function as usize))?;
        let own = caller.outputs.clone();
        let last = caller.written.outputs.error_codes.last();
        let last = last.map(|last| Span { start: last.span.end, end: last.span.end });
        let mut propagated = vec![];
        let mut missing: Vec<&str> = vec![];
        for code in &callee.outputs.error_codes {
            let position = callee.outputs.error_code(code)?;
            if handlers.handled.contains(&position) {
                continue;
            }
            match own.error_code(code) {
                Some(to) if !self.compensating => {
                    self.failed_codes.push(to);
                    propagated.push((position, to));
                }
                _ => missing.push(code),
            }
        }
        if missing.is_empty() {
            return Some(propagated);
        }
        let listed = list(missing.iter().copied());
        let message = if self.compensating {
            format!("`{}` may end in {listed}, which a compensation has to handle", callee.name)
        } else {
            format!("`{}` may end in {listed}, which is neither handled nor declared here", callee.name)
        };
        let help = "handle it under `on_error`, give a `fallback`, or declare the code under `outputs.error`";
        let mut diagnostic = Diagnostic::error(&flow::UNHANDLED_ERROR, place, message).with_help(help);
        if let (Some(last), false) = (last, self.compensating) {
            diagnostic = diagnostic.with_fix("declare the code", last, format!(", {}", missing.join(", ")));
        }
        self.report(diagnostic);
        None
    }

    /// The local of a bound result, for what stands beside it.
    pub(super) fn fallback(
        &mut self,
        step: &'a Step,
        bind: Option<&Name>,
        record: Option<TypeId>,
        bound: Option<Bind>,
    ) -> Option<Vec<(LocalId, TypedId)>> {
        let (values, span): &(_, Span) = step.handling.as_ref()?.fallback.as_ref()?;
        let mut taken = vec![];
        for (name, value) in values {
            if bind.is_none_or(|bind| bind.text != name.text) {
                let message = format!("`{}` is not what this step binds", name.text);
                let diagnostic = Diagnostic::error(&flow::FALLBACK, name.span, message);
                self.report(match bind {
                    Some(bind) => diagnostic.with_help(format!("give a value for `{}`", bind.text)),
                    None => diagnostic.with_help("add `bind: name` to the parameters"),
                });
                return None;
            }
            // The fallback is evaluated before the name exists.
            let visible = self.scope.pop();
            let found = record.and_then(|record| self.expect(*value, record));
            self.scope.extend(visible);
            taken.push(bound.map(|bound| bound.local).zip(found.map(|found| found.id)));
        }
        if bind.is_some() && values.is_empty() {
            let message = "the fallback gives no value for what the step binds";
            let help = "write `fallback: { name: { field: value } }`";
            self.report(Diagnostic::error(&flow::FALLBACK, *span, message).with_help(help));
            return None;
        }
        taken.into_iter().collect()
    }
}
