//! `compute`, `assert`, `update`, `transition` and `log`.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::{
    ExprId as TypedId, FunctionKind, LocalId, LogLevel, Operation, TransitionTarget,
};
use anrf_format::types::{Type, TypeId};

use super::Done;
use crate::checker::body::{Body, Meaning, Source, Typed};
use crate::checker::suggest::{list, suggest};
use crate::codes::{contracts, flow, names};
use crate::syntax::expression::{ExprId, ExpressionKind, Name};
use crate::syntax::module::{Step, Template};

const LEVELS: &[(&str, LogLevel)] = &[
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
];

impl Body<'_, '_> {
    pub(super) fn compute(&mut self, bindings: &[(Name, ExprId)], ghost: bool) -> Done {
        let mut computed: Vec<Option<(LocalId, TypedId)>> = vec![];
        for (name, value) in bindings {
            let (found, reads) = self.tracked(|body| {
                if ghost {
                    body.as_contract(|body| body.infer(*value, None))
                } else {
                    body.infer(*value, None)
                }
            });
            computed.push(found.map(|found| {
                let local = self.bind_step(name, found.type_id);
                let facts = self.facts(local);
                facts.ghost = ghost;
                facts.sensitive = reads.sensitive;
                facts.from_host = reads.from_host;
                (local, found.id)
            }));
            if found.is_none() {
                self.bind_broken(name);
            }
        }
        let bindings: Option<Vec<_>> = computed.into_iter().collect();
        Done::going_on(bindings.map(|bindings| Operation::Compute { bindings, ghost }))
    }

    /// Binds a name of a step. Binding one again that a step bound is fine.
    pub(super) fn bind_step(&mut self, name: &Name, type_id: TypeId) -> LocalId {
        crate::checker::declarations::check_name(self.cx, name, "a value");
        let hides = match self.lookup(&name.text) {
            Some(Meaning::Local(local)) => {
                !matches!(self.facts[local.0 as usize].source, Source::Step | Source::Made)
            }
            Some(_) => false,
            None => self.state_variable(&name.text).is_some(),
        };
        if hides {
            self.lint_shadowing(name);
        }
        self.bind(name, type_id, Source::Step)
    }

    pub(super) fn assert(&mut self, condition: ExprId) -> Done {
        let found = self.as_contract(|body| body.expect(condition, TypeId::BOOLEAN));
        if let Some(found) = found {
            let span = self.span(condition);
            self.lint_constant(found, span);
        }
        Done::going_on(found.map(|found| Operation::Assert(found.id)))
    }

    fn is_lemma(&self) -> bool {
        self.function
            .and_then(|function| self.cx.signatures.get(function as usize))
            .is_some_and(|signature| signature.kind == FunctionKind::Lemma)
    }

    /// Reports an effect where only facts belong.
    pub(super) fn check_effect(&mut self, step: &Step) {
        if self.is_lemma() {
            let message = "a lemma has no effects";
            let help = "move this step to a function of another type";
            let span = step.name.span;
            self.report(Diagnostic::error(&contracts::LEMMA_EFFECT, span, message).with_help(help));
        }
    }

    pub(super) fn update(&mut self, values: &[(Name, ExprId)], step: &Step) -> Done {
        self.check_effect(step);
        let mut assigned: Vec<Option<(u32, TypedId)>> = vec![];
        for (name, value) in values {
            let Some(variable) = self.state_variable(&name.text) else {
                self.not_state(name);
                if self.vagueness(*value) < 3 {
                    let _ = self.infer(*value, None);
                }
                assigned.push(None);
                continue;
            };
            self.cx.usage.state.insert(variable);
            let type_id = self.cx.state.get(variable as usize).and_then(|variable| variable.type_id);
            let found = type_id.and_then(|type_id| self.expect(*value, type_id));
            assigned.push(found.map(|found| (variable, found.id)));
        }
        let assigned: Option<Vec<_>> = assigned.into_iter().collect();
        Done::going_on(assigned.map(Operation::Update))
    }

    #[cold]
    fn not_state(&mut self, name: &Name) {
        let message = format!("`{}` is not a state variable of this function", name.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_STATE, name.span, message);
        if self.cx.files[self.cx.file].state.contains_key(name.text.as_str()) {
            let help = "list it under the function's `state`";
            let diagnostic = self.list_state(diagnostic.with_help(help), &name.text);
            self.cx.report_layout(diagnostic);
            return;
        }
        let known = self.state.iter().map(|(name, _)| *name);
        let diagnostic = suggest(diagnostic, &name.text, name.span, known);
        let help = if self.lookup(&name.text).is_some() {
            "names are bound anew with `compute`; `update` assigns state variables"
        } else {
            "declare it under `state`"
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    pub(super) fn transition(
        &mut self,
        on: ExprId,
        to: Option<&Name>,
        bind: Option<&Name>,
        step: &Step,
    ) -> Done {
        let path = match bind {
            Some(_) => None,
            None => self.state_path(on),
        };
        let found = self.infer(on, None);
        let operation = found.and_then(|found| {
            let machine = match self.cx.types.get(found.type_id) {
                Type::Machine(machine) => *machine,
                _ => {
                    let span = self.span(on);
                    let message = format!("`{}` is not a state machine", self.type_name(found.type_id));
                    let help = "declare the states and their transitions under `machines`";
                    self.report(Diagnostic::error(&flow::NOT_A_MACHINE, span, message).with_help(help));
                    return None;
                }
            };
            let Some(to) = to else {
                let message = "this step does not say which state to move to";
                let span = step.name.span;
                self.report(
                    Diagnostic::error(&flow::MISSING_PARAMETER, span, message).with_help("add `to: state`"),
                );
                return None;
            };
            let to = self.target_state(machine, to)?;
            Some((machine, found, to))
        });
        let bound = bind.map(|name| match operation {
            Some((_, found, _)) => Some(self.bind_step(name, found.type_id)),
            None => {
                self.bind_broken(name);
                None
            }
        });
        let Some((machine, from, to)) = operation else { return Done::broken() };
        let target = match bound {
            Some(Some(local)) => TransitionTarget::Local(local),
            Some(None) => return Done::broken(),
            None => {
                self.check_effect(step);
                let Some((variable, fields)) = path else {
                    let span = self.span(on);
                    let message = "only a state variable, or a field path in one, can be moved in place";
                    let help = "give the new value a name: `bind: moved`";
                    self.report(Diagnostic::error(&flow::NOT_A_MACHINE, span, message).with_help(help));
                    return Done::broken();
                };
                TransitionTarget::State(variable, fields)
            }
        };
        Done::going_on(Some(Operation::Transition { machine, from: from.id, to, target }))
    }

    /// `order.status` as a state variable and the fields below it.
    fn state_path(&self, on: ExprId) -> Option<(u32, Vec<u32>)> {
        let mut names: Vec<&str> = vec![];
        let mut at = on;
        let variable = loop {
            match &self.syntax[at].kind {
                ExpressionKind::Field(base, field) => {
                    names.push(&field.text);
                    at = *base;
                }
                ExpressionKind::Name(name) if self.lookup(name).is_none() => {
                    break self.state_variable(name)?;
                }
                _ => return None,
            }
        };
        let mut type_id = self.cx.state.get(variable as usize)?.type_id?;
        let mut fields = vec![];
        for name in names.into_iter().rev() {
            let record = self.cx.types.record(type_id)?;
            let position = record.fields.iter().position(|field| field.name == name)?;
            type_id = record.fields[position].type_id;
            fields.push(crate::checker::context::index(position)?);
        }
        Some((variable, fields))
    }

    fn target_state(&mut self, machine: u32, to: &Name) -> Option<u32> {
        let definition = self.cx.types.machines.get(machine as usize)?.clone();
        let known = definition.states.iter().map(String::as_str);
        let Some(position) = definition.states.iter().position(|state| *state == to.text) else {
            let message = format!("machine `{}` has no state `{}`", definition.name, to.text);
            let diagnostic = Diagnostic::error(&names::UNKNOWN_SYMBOL, to.span, message);
            let diagnostic = suggest(diagnostic, &to.text, to.span, known.clone());
            let help = format!("its states are {}", list(known));
            self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
            return None;
        };
        let position = crate::checker::context::index(position)?;
        if !definition.transitions.iter().any(|(_, target)| *target == position) {
            let message = format!("machine `{}` declares no move to `{}`", definition.name, to.text);
            let help = format!("add `[from, {}]` to its `transitions`", to.text);
            self.report(Diagnostic::error(&flow::NO_TRANSITION, to.span, message).with_help(help));
            return None;
        }
        Some(position)
    }

    pub(super) fn log(
        &mut self,
        level: Option<&Name>,
        message: Option<&Template>,
        fields: &[(Name, ExprId)],
        step: &Step,
    ) -> Done {
        self.check_effect(step);
        let level = match level {
            None => Some(LogLevel::Info),
            Some(level) => self.level(level),
        };
        let message = self.message(message, step.span);
        let mut values: Vec<Option<(String, TypedId)>> = vec![];
        for (name, value) in fields {
            let (found, reads): (Option<Typed>, _) = self.tracked(|body| body.infer(*value, None));
            if reads.sensitive {
                let span = self.span(*value);
                self.sensitive_leak("a log", span);
            }
            values.push(found.map(|found| (name.text.clone(), found.id)));
        }
        let fields: Option<Vec<_>> = values.into_iter().collect();
        let operation = || Some(Operation::Log { level: level?, message: message?.id, fields: fields? });
        Done::going_on(operation())
    }

    fn level(&mut self, level: &Name) -> Option<LogLevel> {
        let known = LEVELS.iter().find(|(name, _)| *name == level.text).map(|(_, level)| *level);
        if known.is_none() && !level.text.is_empty() {
            let message = format!("unknown log level `{}`", level.text);
            let diagnostic = Diagnostic::error(&flow::LOG_LEVEL, level.span, message);
            let lower = level.text.to_lowercase();
            let meant = match lower.as_str() {
                "warning" => Some("warn"),
                "err" | "critical" | "fatal" => Some("error"),
                "trace" => Some("debug"),
                "information" | "notice" => Some("info"),
                _ => None,
            };
            let diagnostic = match meant {
                Some(meant) => diagnostic.with_help(format!("did you mean `{meant}`?")).with_fix(
                    format!("write `{meant}`"),
                    level.span,
                    meant,
                ),
                None => suggest(diagnostic, &level.text, level.span, LEVELS.iter().map(|(name, _)| *name)),
            };
            let help = "one of debug, info, warn and error";
            self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
        }
        known
    }
}
