//! Names in expressions: local > loop > input > state > success field > symbol.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprKind, LocalId};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use crate::checker::body::{Body, Meaning, Typed};
use crate::checker::suggest::{closest, suggest};
use crate::codes::{contracts, names, syntax};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn name(&mut self, name: &str, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        match self.lookup(name) {
            Some(Meaning::Local(local)) => {
                let local = *local;
                return self.read_local(local, span);
            }
            Some(Meaning::Broken) => return None,
            Some(Meaning::Lost(reason)) => {
                let message = format!("`{name}` is not bound on every path to here");
                let diagnostic = Diagnostic::error(&names::NOT_ALWAYS_BOUND, span, message);
                let diagnostic = diagnostic.with_help(reason.clone());
                self.report(diagnostic);
                return None;
            }
            None => {}
        }
        if let Some(variable) = self.state_variable(name) {
            return self.read_state(variable, span);
        }
        if self.allowed.exit {
            if let Some((field, type_id)) = self.outputs.field(name) {
                return self.read_result(field, type_id, span);
            }
            match name {
                "result" => return self.read_result_record(span),
                "success" => return Some(self.push(ExprKind::Success, TypeId::BOOLEAN, span)),
                _ => {}
            }
        }
        if let Some(wanted) = hint {
            let is_symbol =
                self.cx.types.symbols(wanted).is_some_and(|symbols| symbols.iter().any(|it| it == name));
            if is_symbol {
                return Some(self.push(ExprKind::Literal(Value::Enum(name.to_owned())), wanted, span));
            }
        }
        if let Some(case) = self.case_without_fields(name, hint) {
            return self.construct_case(case.0, case.1, &[], name, span);
        }
        self.unknown_name(name, hint, span);
        None
    }

    /// Reads a local, if it may be read here.
    pub(in crate::checker) fn read_local(&mut self, local: LocalId, span: Span) -> Option<Typed> {
        let (name, type_id) = {
            let known = &self.locals[local.0 as usize];
            (known.name.clone(), known.type_id)
        };
        let facts = self.facts(local);
        facts.used = true;
        let facts = *facts;
        if facts.ghost && !self.contract {
            let message = format!("`{name}` is ghost: only contracts may read it");
            let help = "bind it by a step without `ghost: true`, or use it in assertions only";
            let diagnostic = Diagnostic::error(&names::GHOST_NAME, span, message);
            self.report(diagnostic.with_help(help).with_note(facts.span, "bound here"));
            return None;
        }
        if self.old_limit.is_some_and(|limit| local.0 >= limit) {
            self.not_on_entry(&name, span);
            return None;
        }
        self.reads.sensitive |= facts.sensitive;
        self.reads.from_host |= facts.from_host;
        Some(self.push(ExprKind::Local(local), type_id, span))
    }

    #[cold]
    fn not_on_entry(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is not known on entry");
        let help = "inside `old(...)` only inputs and state can be read; write such as `old(xs)[i]`";
        self.report(Diagnostic::error(&contracts::NOT_ON_ENTRY, span, message).with_help(help));
    }

    pub(in crate::checker) fn read_state(&mut self, variable: u32, span: Span) -> Option<Typed> {
        self.cx.usage.state.insert(variable);
        self.reads.state = true;
        let type_id = self.cx.state.get(variable as usize)?.type_id?;
        Some(self.push(ExprKind::State(variable), type_id, span))
    }

    /// Whether `=>` follows, as behind the parameter of a function value elsewhere. With known names it is
    /// IMPLIES.
    pub(super) fn stands_before_arrow(&self, span: Span) -> bool {
        let rest = (2..=8).rev().map(|bytes| self.cx.text(Span { start: span.end, end: span.end + bytes }));
        let arrow = |rest: &str| rest.trim_start_matches([')', ' ']).starts_with("=>");
        rest.into_iter().any(arrow)
    }

    #[cold]
    #[inline(never)]
    fn unknown_name(&mut self, name: &str, hint: Option<TypeId>, span: Span) {
        if self.report_contract_form(name, None, span) || self.cx.is_full() {
            return;
        }
        if self.old_limit.is_some() && self.outputs.field(name).is_some() {
            self.not_on_entry(name, span);
            return;
        }
        let symbols: Vec<String> =
            hint.and_then(|hint| self.cx.types.symbols(hint)).map(<[String]>::to_vec).unwrap_or_default();
        let mut visible: Vec<String> = self.scope.names().map(str::to_owned).collect();
        visible.extend(self.state.iter().map(|(name, _)| (*name).to_owned()));
        if self.allowed.exit {
            visible.extend(self.outputs.success.iter().map(|(name, _)| name.clone()));
        }
        if let (Some(wanted), false) = (hint, symbols.is_empty()) {
            let message = format!("`{}` has no symbol `{name}`", self.type_name(wanted));
            let diagnostic = Diagnostic::error(&names::UNKNOWN_SYMBOL, span, message);
            let known = symbols.iter().chain(&visible).map(String::as_str);
            let upper = name.to_uppercase();
            let ending = symbols.iter().filter(|symbol| upper.ends_with(&symbol.to_uppercase()));
            let diagnostic = match ending.max_by_key(|symbol| symbol.len()) {
                Some(meant) => diagnostic.with_help(format!("did you mean `{meant}`?")).with_fix(
                    format!("write `{meant}`"),
                    span,
                    meant.clone(),
                ),
                None => suggest(diagnostic, name, span, known),
            };
            let help = format!("its symbols are {}", symbols.join(", "));
            self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
            return;
        }
        let diagnostic = Diagnostic::error(&names::UNKNOWN_NAME, span, format!("unknown name `{name}`"));
        let diagnostic =
            if closest(name, visible.iter().map(String::as_str)).is_some() {
                suggest(diagnostic, name, span, visible.iter().map(String::as_str))
            } else if self.stands_before_arrow(span) {
                Diagnostic::error(&syntax::LAMBDA, span, "there are no function values")
                    .with_help("write a comprehension `[f(x) FOR x IN xs IF p]`, or `SORT(x IN xs BY x.key)`")
            } else if self.module_state(name) {
                let diagnostic = diagnostic.with_help("list it under the function's `state`");
                let diagnostic = self.list_state(diagnostic, name);
                self.cx.report_layout(diagnostic);
                return;
            } else if self.is_later_result(name) {
                diagnostic.with_help("outputs are known in postconditions only; bind a name with `compute`")
            } else if hint == Some(TypeId::STRING) {
                diagnostic
                    .with_help(format!("text stands in quotes inside the expression: `'{name}'`"))
                    .with_fix(format!("write `'{name}'`"), span, format!("'{name}'"))
            } else if let Some(owner) = self.symbol_owner(name) {
                diagnostic.with_help(format!(
                    "it is a symbol of `{owner}`, but here nothing says that this type is meant"
                ))
            } else if visible.is_empty() {
                diagnostic
            } else {
                let mut known: Vec<&str> = vec![];
                for name in &visible {
                    if !known.contains(&name.as_str()) {
                        known.push(name);
                    }
                }
                diagnostic.with_help(format!("visible here are {}", crate::checker::suggest::list(known)))
            };
        self.report(diagnostic);
    }

    fn module_state(&self, name: &str) -> bool {
        self.function.is_some() && self.cx.files[self.cx.file].state.contains_key(name)
    }

    /// The fix that lists a state variable of the module.
    pub(in crate::checker) fn list_state(&self, diagnostic: Diagnostic, name: &str) -> Diagnostic {
        let signature = self.function.and_then(|function| self.cx.signatures.get(function as usize));
        match signature.and_then(|signature| signature.written.uses_state.last()) {
            Some(last) => {
                let end = Span { start: last.span.end, end: last.span.end };
                diagnostic.with_fix("list it", end, format!(", {name}"))
            }
            None => diagnostic,
        }
    }

    fn is_later_result(&self, name: &str) -> bool {
        !self.allowed.exit
            && self
                .function
                .and_then(|function| self.cx.signatures.get(function as usize))
                .is_some_and(|signature| signature.outputs.field(name).is_some())
    }

    pub(super) fn symbol_owner(&self, name: &str) -> Option<String> {
        let position =
            (0..self.cx.types.types.len()).filter_map(crate::checker::context::index).find(|id| {
                self.cx.types.symbols(TypeId(*id)).is_some_and(|symbols| symbols.iter().any(|it| it == name))
            })?;
        Some(self.type_name(TypeId(position)))
    }
}
