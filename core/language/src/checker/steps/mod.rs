//! Steps: what each operation means, which names it binds, and whether the flow goes on after it.

mod call;
mod choose;
mod data;
mod handling;
mod leave;
mod loops;
mod message;

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{Block, Guard, LocalId, Operation, Step, StepId, When};
use anrf_format::types::{Type, TypeId};

use super::body::{Binding, Body, Meaning, Source};
use crate::codes::lints;
use crate::syntax::module as written;

/// A loop around the step at hand.
pub(super) struct LoopScope {
    /// Names of its state; `None` for one whose initial value has an error.
    pub(super) state: Vec<(String, Option<LocalId>)>,
    /// Some `break` leaves it.
    pub(super) breaks: bool,
}

/// What an operation came to.
pub(super) struct Done {
    /// `None` if it has an error.
    pub(super) operation: Option<Operation>,
    /// The flow may go on after it.
    pub(super) goes_on: bool,
}

impl Done {
    fn broken() -> Self {
        Self { operation: None, goes_on: true }
    }

    fn going_on(operation: Option<Operation>) -> Self {
        Self { operation, goes_on: true }
    }

    fn leaving(operation: Option<Operation>) -> Self {
        Self { operation, goes_on: false }
    }
}

impl<'a> Body<'_, 'a> {
    /// Checks steps in order; the names they bind stay visible. Answers whether the flow goes on after.
    pub(super) fn block(&mut self, steps: &'a [written::Step]) -> (Block, bool) {
        let mut block = vec![];
        let mut goes_on = true;
        let mut told = false;
        for step in steps {
            if !goes_on && !told {
                told = true;
                let message = format!("step `{}` is never reached", step.name.text);
                let help = "every path before it leaves; remove it, or move it up";
                let span = step.name.span;
                self.report(Diagnostic::warning(&lints::UNREACHABLE, span, message).with_help(help));
            }
            let (id, on) = self.step(step);
            block.push(id);
            goes_on &= on;
        }
        (block, goes_on)
    }

    /// Checks a nested block; what it binds is handed back and no longer visible.
    pub(super) fn nested(&mut self, steps: &'a [written::Step]) -> (Block, bool, Vec<Binding>) {
        let outer = self.scope.len();
        let (block, goes_on) = self.block(steps);
        let bound = self.scope.split_off(outer);
        (block, goes_on, bound)
    }

    fn step(&mut self, step: &'a written::Step) -> (StepId, bool) {
        // Its place in the list is before that of the steps inside it.
        let placeholder = Step {
            name: step.name.text.clone(),
            when: None,
            guards: vec![],
            operation: Operation::Return(vec![]),
            retry: None,
            fallback: None,
            compensate: vec![],
        };
        let id = self.add_step(placeholder, step.span);
        let condition = step.when.map(|when| {
            let found = self.expect(when, TypeId::BOOLEAN);
            if let Some(found) = found {
                let span = self.span(when);
                self.lint_constant(found, span);
            }
            found
        });
        let guards: Vec<Option<Guard>> = step.guards.iter().map(|guard| self.guard(guard)).collect();
        let outer = self.scope.len();
        let done = self.operation(step, id);
        if done.goes_on {
            self.compensation(step, id);
        }
        let bound = self.scope.split_off(outer);
        let goes_on = done.goes_on || condition.is_some();
        let twins = match condition {
            None => {
                self.scope.extend(bound);
                vec![]
            }
            Some(_) if done.goes_on => self.optional_twins(bound),
            Some(_) => vec![],
        };
        let place = &mut self.steps[id.0 as usize];
        place.guards = guards.into_iter().flatten().collect();
        place.when = condition.flatten().map(|condition| When { condition: condition.id, bound: twins });
        if let Some(operation) = done.operation {
            place.operation = operation;
        }
        (id, goes_on)
    }

    /// What a conditional step binds is optional afterwards.
    fn optional_twins(&mut self, bound: Vec<Binding>) -> Vec<(LocalId, LocalId)> {
        let mut twins = vec![];
        for (position, binding) in bound.iter().enumerate() {
            // Of a name bound twice inside, the later one is visible.
            if bound[position + 1..].iter().any(|later| later.name == binding.name) {
                continue;
            }
            let Meaning::Local(inner) = binding.meaning else {
                self.scope.push(binding.clone());
                continue;
            };
            let facts = *self.facts(inner);
            let payload = self.locals[inner.0 as usize].type_id;
            let type_id = self.cx.intern(Type::Optional(payload));
            let twin = self.add_local(&binding.name, facts.span, type_id, Source::Made);
            *self.facts(twin) = super::body::Facts { source: Source::Made, used: false, ..facts };
            self.stands_for.push((twin, inner));
            self.show(&binding.name, Meaning::Local(twin));
            twins.push((inner, twin));
        }
        twins
    }

    fn guard(&mut self, guard: &'a written::Guard) -> Option<Guard> {
        let condition = self.expect(guard.fail_when, TypeId::BOOLEAN);
        if let Some(condition) = condition {
            let span = self.span(guard.fail_when);
            self.lint_constant(condition, span);
        }
        let code = self.failing(Some(&guard.fail), guard.span);
        let message = self.message(guard.message.as_ref(), guard.span);
        Some(Guard { fail_when: condition?.id, error_code: code?, message: message?.id })
    }

    fn operation(&mut self, step: &'a written::Step, id: StepId) -> Done {
        use written::Operation as O;
        match &step.operation {
            O::Error => Done::broken(),
            O::Require { condition, fail, message } => {
                self.require(*condition, fail.as_ref(), message.as_ref(), step)
            }
            O::Compute { bindings, ghost } => self.compute(bindings, *ghost),
            O::Assert { condition } => self.assert(*condition),
            O::Choose { cases, otherwise } => self.choose(cases, otherwise.as_deref(), step),
            O::Loop(body) => self.repeat(body, step),
            O::Next(values) => self.next(values, step, false),
            O::Break(values) => self.next(values, step, true),
            O::Call(call) => self.call_step(call, step, id),
            O::Invoke(call) => self.invoke_step(call, step, id),
            O::Update(values) => self.update(values, step),
            O::Transition { on, to, bind } => self.transition(*on, to.as_ref(), bind.as_ref(), step),
            O::Log { level, message, fields } => self.log(level.as_ref(), message.as_ref(), fields, step),
            O::Return(values) => self.leave(values, step),
            O::Fail { error_code, message } => self.fail(error_code.as_ref(), message.as_ref(), step),
        }
    }

    /// Where the value of a step's key is written, to its closing bracket or the end of its line; the
    /// step's name where the key cannot be found.
    fn written_value(&self, step: &written::Step, key: &str) -> Span {
        let text = self.cx.text(step.span);
        let key = format!("{key}:");
        let Some(found) = text.find(&key).map(|found| found + key.len()) else { return step.name.span };
        let value = &text[found..];
        let start = found + (value.len() - value.trim_start_matches(' ').len());
        let line = text[start..].lines().next().unwrap_or_default();
        let length = match line.chars().next() {
            Some('{') => line.find('}').map_or(line.len(), |end| end + 1),
            Some(_) => line.find([',', ' ', '}']).unwrap_or(line.len()),
            None => return step.name.span,
        };
        let start = step.span.start as usize + start;
        Span::new(start, start + length)
    }

    /// Runs a part as contract code.
    pub(super) fn as_contract<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.contract, self.allowed);
        self.contract = true;
        self.allowed.entry = true;
        let done = part(self);
        (self.contract, self.allowed) = before;
        done
    }
}
