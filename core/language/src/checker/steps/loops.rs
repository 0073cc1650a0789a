//! `loop`, `next` and `break`.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::{
    Binder as TypedBinder, Domain, ExprId as TypedId, ExprKind, LocalId, Loop, LoopHead, Operation,
};
use anrf_format::types::TypeId;

use super::{Done, LoopScope};
use crate::checker::body::{Body, Known, Meaning, Reads, Source};
use crate::checker::suggest::{list, suggest};
use crate::codes::{flow, lints, types};
use crate::syntax::expression::{Binder, ExprId, ExpressionKind, Name};
use crate::syntax::module::{self as written, Step};

impl<'a> Body<'_, 'a> {
    pub(super) fn repeat(&mut self, repeated: &'a written::Loop, step: &'a Step) -> Done {
        let initial = self.initial_values(&repeated.state);
        let domain = match &repeated.head {
            Some(written::LoopHead::For(binder)) => {
                let (domain, reads) = self.tracked(|body| body.domain(binder.domain));
                self.lint_host_domain(binder, domain.as_ref(), reads);
                Some(domain.map(|(domain, element)| (domain, element, reads)))
            }
            _ => None,
        };
        let state = self.bind_state(&repeated.state, &initial);
        self.loops.push(LoopScope { state: state.clone(), breaks: false });
        let outer = self.scope.len();
        let head = match (&repeated.head, domain) {
            (Some(written::LoopHead::For(binder)), Some(domain)) => self.bind_position(binder, domain),
            _ => None,
        };
        let condition = match &repeated.head {
            Some(written::LoopHead::While(condition)) => {
                Some(self.while_condition(*condition, repeated, step))
            }
            Some(written::LoopHead::For(_)) => None,
            None => {
                let message = "this loop does not say how it goes on";
                let help = "add `for: \"x IN xs\"` or `while: \"condition\"` to its parameters";
                let span = step.name.span;
                self.report(Diagnostic::error(&flow::LOOP_HEAD, span, message).with_help(help));
                None
            }
        };
        let invariants: Vec<Option<TypedId>> = repeated
            .invariants
            .iter()
            .map(|clause| self.as_contract(|body| body.expect(*clause, TypeId::BOOLEAN)).map(|it| it.id))
            .collect();
        let decreases: Vec<Option<TypedId>> = repeated
            .decreases
            .iter()
            .map(|measure| self.as_contract(|body| body.expect(*measure, TypeId::UNBOUNDED)).map(|it| it.id))
            .collect();
        if let (Some(written::LoopHead::For(binder)), Some(head)) = (&repeated.head, &head) {
            self.show_element(binder, head);
        } else if let Some(written::LoopHead::For(binder)) = &repeated.head {
            self.bind_broken(&binder.name);
            binder.index.iter().for_each(|index| self.bind_broken(index));
        }
        let (block, _) = self.block(&repeated.steps);
        let bound = self.scope.split_off(outer);
        let left = self.loops.pop().is_some_and(|scope| scope.breaks);
        for binding in bound {
            let inside = matches!(binding.meaning, Meaning::Local(_));
            if inside && self.lookup(&binding.name).is_none() && self.state_variable(&binding.name).is_none()
            {
                let reason =
                    format!("it is bound inside `{}` only; make it a state of the loop", step.name.text);
                self.show(&binding.name, Meaning::Lost(reason));
            }
        }
        let endless = condition.flatten().is_some_and(|it| self.known(it) == Some(Known::Boolean(true)));
        let operation = || {
            let head = match (&repeated.head, head, condition) {
                (Some(written::LoopHead::For(_)), Some(binder), _) => LoopHead::For(binder),
                (Some(written::LoopHead::While(_)), _, Some(condition)) => LoopHead::While(condition?.id),
                _ => return None,
            };
            let mut states = vec![];
            for ((_, local), value) in state.iter().zip(&initial) {
                states.push(((*local)?, (*value)?.0));
            }
            Some(Operation::Loop(Loop {
                state: states,
                head,
                invariants: invariants.into_iter().collect::<Option<_>>()?,
                decreases: decreases.into_iter().collect::<Option<_>>()?,
                body: block,
            }))
        };
        Done { operation: operation(), goes_on: left || !endless }
    }

    /// Initial values see what stands before the loop only.
    fn initial_values(
        &mut self,
        state: &'a [written::LoopVariable],
    ) -> Vec<Option<(TypedId, TypeId, Reads)>> {
        let mut values = vec![];
        for variable in state {
            let wanted = variable.type_expression.as_ref().map(|written| self.cx.resolve(written));
            let (found, reads) = self.tracked(|body| match wanted {
                Some(Some(wanted)) => body.expect(variable.initial, wanted),
                Some(None) => None,
                None => body.infer(variable.initial, None),
            });
            values.push(found.map(|found| (found.id, found.type_id, reads)));
        }
        values
    }

    fn bind_state(
        &mut self,
        state: &[written::LoopVariable],
        initial: &[Option<(TypedId, TypeId, Reads)>],
    ) -> Vec<(String, Option<LocalId>)> {
        let mut bound: Vec<(String, Option<LocalId>)> = vec![];
        for (variable, initial) in state.iter().zip(initial) {
            let name = &variable.name;
            crate::checker::declarations::check_name(self.cx, name, "a loop's state");
            if let Some(Meaning::Local(hidden)) = self.lookup(&name.text)
                && matches!(
                    self.facts[hidden.0 as usize].source,
                    Source::Input | Source::Element | Source::LoopState
                )
            {
                self.lint_shadowing(name);
            }
            let local = initial.map(|(_, type_id, reads)| {
                let local = self.bind(name, type_id, Source::LoopState);
                let facts = self.facts(local);
                facts.sensitive = reads.sensitive;
                facts.from_host = reads.from_host;
                if variable.type_expression.is_none()
                    && let ExpressionKind::Integer(_) = self.syntax[variable.initial].kind
                {
                    let span = self.span(variable.initial);
                    self.integer_states.push((local, span));
                }
                local
            });
            if local.is_none() {
                self.bind_broken(name);
            }
            bound.push((name.text.clone(), local));
        }
        bound
    }

    /// The binder of a `for`. Only the position is visible at the head, where invariants hold.
    fn bind_position(
        &mut self,
        binder: &Binder,
        domain: Option<(Domain, TypeId, Reads)>,
    ) -> Option<TypedBinder> {
        let (domain, element, reads) = domain?;
        let is_range = matches!(domain, Domain::Range(..));
        self.lint_shadowing(&binder.name);
        let local = self.add_local(&binder.name.text, binder.name.span, element, Source::Element);
        let facts = self.facts(local);
        facts.sensitive = reads.sensitive;
        facts.from_host = reads.from_host;
        if is_range {
            self.show(&binder.name.text, Meaning::Local(local));
        }
        let index = binder.index.as_ref().map(|index| {
            self.lint_shadowing(index);
            let type_id = if self.contract { TypeId::UNBOUNDED } else { TypeId::INTEGER };
            self.bind(index, type_id, Source::Element)
        });
        Some(TypedBinder { element: local, index, domain })
    }

    fn show_element(&mut self, binder: &Binder, head: &TypedBinder) {
        if !matches!(head.domain, Domain::Range(..)) {
            self.show(&binder.name.text, Meaning::Local(head.element));
        }
    }

    fn while_condition(
        &mut self,
        condition: ExprId,
        repeated: &written::Loop,
        step: &Step,
    ) -> Option<crate::checker::body::Typed> {
        let (found, reads) = self.tracked(|body| body.expect(condition, TypeId::BOOLEAN));
        let span = self.span(condition);
        if let Some(found) = found
            && self.known(found) == Some(Known::Boolean(false))
        {
            self.lint_constant(found, span);
        }
        if repeated.decreases.is_empty() {
            let message = format!("nothing shows that the loop `{}` ends", step.name.text);
            let help = "add `decreases`: an integer expression that is at least 0 and falls each time";
            self.report(Diagnostic::warning(&lints::NO_MEASURE, step.name.span, message).with_help(help));
        }
        if reads.from_host {
            self.host_loop(span);
        }
        found
    }

    fn lint_host_domain(&mut self, binder: &Binder, domain: Option<&(Domain, TypeId)>, reads: Reads) {
        let sliced = match domain {
            Some((Domain::Array(array), _)) => {
                matches!(self.exprs[array.0 as usize].kind, ExprKind::Slice(..))
            }
            _ => false,
        };
        if reads.from_host && !sliced {
            let span = self.span(binder.domain);
            self.host_loop(span);
        }
    }

    #[cold]
    fn host_loop(&mut self, span: anrf_format::diagnostic::Span) {
        let message = "how often this loop runs is up to the host";
        let help = "check the length with `require` before, or take a slice";
        self.report(Diagnostic::warning(&lints::HOST_LOOP, span, message).with_help(help));
    }

    pub(super) fn next(&mut self, values: &[(Name, ExprId)], step: &Step, leaves: bool) -> Done {
        if self.loops.is_empty() {
            let operation = if leaves { "break" } else { "next" };
            let message = format!("`{operation}` stands outside a loop");
            let help = "it belongs to the `do` of a loop; to leave the function use `return`";
            let span = self.written_value(step, "operation");
            self.report(Diagnostic::error(&flow::OUTSIDE_LOOP, span, message).with_help(help));
            return Done::leaving(None);
        }
        self.check_may_leave(step);
        let state = match self.loops.last_mut() {
            Some(scope) => {
                scope.breaks |= leaves;
                scope.state.clone()
            }
            None => vec![],
        };
        let mut assigned: Vec<Option<(LocalId, TypedId)>> = vec![];
        for (name, value) in values {
            let Some((_, local)) = state.iter().find(|(known, _)| *known == name.text) else {
                self.not_loop_state(name, &state);
                if self.vagueness(*value) < 3 {
                    let _ = self.infer(*value, None);
                }
                assigned.push(None);
                continue;
            };
            let Some(local) = *local else {
                // The initial value has an error; its mend decides the type.
                if self.vagueness(*value) < 1 {
                    let _ = self.infer(*value, None);
                }
                assigned.push(None);
                continue;
            };
            let wanted = self.locals[local.0 as usize].type_id;
            let (found, reads) = self.tracked(|body| body.next_value(*value, wanted, local));
            let facts = self.facts(local);
            facts.sensitive |= reads.sensitive;
            facts.from_host |= reads.from_host;
            assigned.push(found.map(|found| (local, found)));
        }
        let assigned: Option<Vec<_>> = assigned.into_iter().collect();
        let make = if leaves { Operation::Break } else { Operation::Next };
        Done::leaving(assigned.map(make))
    }

    /// A new value of a loop's state. Where its type differs, the initial value was probably too plain.
    fn next_value(&mut self, value: ExprId, wanted: TypeId, local: LocalId) -> Option<TypedId> {
        let found = self.infer(value, Some(wanted))?;
        if let Some(fitted) = self.coerce(found, wanted) {
            return Some(fitted.id);
        }
        let name = self.locals[local.0 as usize].name.clone();
        let (has, wants) = (self.type_name(found.type_id), self.type_name(wanted));
        let span = self.span(value);
        let start = self.facts(local).span;
        let message = format!("`{name}` is `{wants}` by its initial value, found `{has}`");
        let help = format!("give the state its type: `{name}: {{ type: {has}, initial: ... }}`");
        let diagnostic = Diagnostic::error(&types::MISMATCH, span, message).with_help(help);
        self.report(diagnostic.with_note(start, "the state is declared here"));
        None
    }

    #[cold]
    fn not_loop_state(&mut self, name: &Name, state: &[(String, Option<LocalId>)]) {
        let message = format!("`{}` is not a state of the loop", name.text);
        let diagnostic = Diagnostic::error(&flow::NOT_LOOP_STATE, name.span, message);
        let known = state.iter().map(|(name, _)| name.as_str());
        let diagnostic = suggest(diagnostic, &name.text, name.span, known.clone());
        let help = if state.is_empty() {
            "list it under the loop's `state`, with an initial value".to_owned()
        } else {
            format!("its states are {}; list it under `state`, with an initial value", list(known))
        };
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }
}
