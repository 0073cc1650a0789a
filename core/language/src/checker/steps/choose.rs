//! `choose`: branches, and the names that all of them bind.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::{LocalId, Operation};
use anrf_format::types::TypeId;

use super::Done;
use crate::checker::body::{Binding, Body, Facts, Meaning, Source};
use crate::codes::lints;
use crate::syntax::module::{Case, Step};

/// What a branch that goes on has bound, by name; of one bound twice the later.
type Bound = Vec<(String, Meaning)>;

fn visible(bindings: Vec<Binding>) -> Bound {
    let mut bound: Bound = vec![];
    for Binding { name, meaning } in bindings {
        if matches!(meaning, Meaning::Lost(_)) {
            continue;
        }
        bound.retain(|(known, _)| *known != name);
        bound.push((name, meaning));
    }
    bound
}

impl<'a> Body<'_, 'a> {
    pub(super) fn choose(
        &mut self,
        cases: &'a [Case],
        otherwise: Option<&'a [Step]>,
        step: &'a Step,
    ) -> Done {
        let mut typed_cases = vec![];
        let mut branches: Vec<Option<Bound>> = vec![];
        for case in cases {
            let condition = self.expect(case.when, TypeId::BOOLEAN);
            if let Some(condition) = condition {
                let span = self.span(case.when);
                self.lint_constant(condition, span);
            }
            let (block, goes_on, bound) = self.nested(&case.steps);
            branches.push(goes_on.then(|| visible(bound)));
            typed_cases.push(condition.map(|condition| (condition.id, block)));
        }
        let otherwise = otherwise.map(|steps| {
            let (block, goes_on, bound) = self.nested(steps);
            branches.push(goes_on.then(|| visible(bound)));
            block
        });
        let goes_on = otherwise.is_none() || branches.iter().any(Option::is_some);
        let joined = if otherwise.is_some() {
            self.join_branches(&branches, step)
        } else {
            self.lose_all(&branches, step);
            vec![]
        };
        let cases: Option<Vec<_>> = typed_cases.into_iter().collect();
        let operation = cases.map(|cases| Operation::Choose { cases, otherwise, joined });
        Done { operation, goes_on }
    }

    fn join_branches(
        &mut self,
        branches: &[Option<Bound>],
        step: &Step,
    ) -> Vec<(LocalId, Vec<Option<LocalId>>)> {
        let mut names: Vec<&str> = vec![];
        for (name, _) in branches.iter().flatten().flatten() {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut joined = vec![];
        for name in names {
            let of_branch = |branch: &Bound| {
                branch.iter().find(|(known, _)| known == name).map(|(_, meaning)| meaning.clone())
            };
            let bound: Vec<Option<Option<Meaning>>> =
                branches.iter().map(|branch| branch.as_ref().map(of_branch)).collect();
            if bound.iter().flatten().any(Option::is_none) {
                self.lose(name, step, &bound);
                continue;
            }
            let locals: Vec<Option<Option<LocalId>>> = bound
                .iter()
                .map(|branch| {
                    branch.as_ref().map(|meaning| match meaning {
                        Some(Meaning::Local(local)) => Some(*local),
                        _ => None,
                    })
                })
                .collect();
            if locals.iter().flatten().any(Option::is_none) {
                self.show(name, Meaning::Broken);
                continue;
            }
            let locals: Vec<Option<LocalId>> = locals.into_iter().map(Option::flatten).collect();
            if let Some(local) = self.join_locals(name, &locals) {
                joined.push((local, locals));
            }
        }
        joined
    }

    /// One local for what the branches bound; nothing if their types differ.
    fn join_locals(&mut self, name: &str, locals: &[Option<LocalId>]) -> Option<LocalId> {
        let first = *locals.iter().flatten().next()?;
        let type_id = self.locals[first.0 as usize].type_id;
        for local in locals.iter().flatten() {
            let other = self.locals[local.0 as usize].type_id;
            if other != type_id {
                let (a, b) = (self.type_name(type_id), self.type_name(other));
                let reason = format!("one branch binds `{name}` as `{a}`, another as `{b}`");
                self.facts(*local).used = true;
                self.facts(first).used = true;
                self.show(name, Meaning::Lost(reason));
                return None;
            }
        }
        let mut facts: Facts = *self.facts(first);
        for local in locals.iter().flatten() {
            let branch = *self.facts(*local);
            facts.ghost |= branch.ghost;
            facts.sensitive |= branch.sensitive;
            facts.from_host |= branch.from_host;
        }
        let join = self.add_local(name, facts.span, type_id, Source::Made);
        *self.facts(join) = Facts { source: Source::Made, used: false, ..facts };
        for local in locals.iter().flatten() {
            self.stands_for.push((join, *local));
        }
        self.show(name, Meaning::Local(join));
        Some(join)
    }

    /// A name that not every branch binds: either unknown afterwards, or what it was before.
    fn lose(&mut self, name: &str, step: &Step, bound: &[Option<Option<Meaning>>]) {
        let local = bound.iter().flatten().flatten().find_map(|meaning| match meaning {
            Meaning::Local(local) => Some(*local),
            _ => None,
        });
        let hides = matches!(self.lookup(name), Some(Meaning::Local(_)));
        match (hides, local) {
            (true, Some(local)) => {
                let span = self.facts(local).span;
                let message =
                    format!("`{name}` is bound anew here, but not in every branch of `{}`", step.name.text);
                let help = "after the step it has its value from before; bind it in every branch";
                if !self.facts(local).used {
                    self.facts(local).used = true;
                    self.report(
                        Diagnostic::warning(&lints::PARTIAL_REBINDING, span, message).with_help(help),
                    );
                }
            }
            (true, None) => {}
            (false, _) => {
                let reason = format!("bind it in every branch of `{}` that goes on", step.name.text);
                self.show(name, Meaning::Lost(reason));
            }
        }
    }

    /// Without `else` the step may do nothing at all.
    fn lose_all(&mut self, branches: &[Option<Bound>], step: &Step) {
        let mut told: Vec<String> = vec![];
        for branch in branches.iter().flatten() {
            for (name, meaning) in branch {
                if told.contains(name) {
                    continue;
                }
                told.push(name.clone());
                let bound = [Some(Some(meaning.clone())), Some(None)];
                if matches!(self.lookup(name), Some(Meaning::Local(_))) {
                    self.lose(name, step, &bound);
                } else {
                    let reason = format!("add an `else` to `{}` that binds it too", step.name.text);
                    self.show(name, Meaning::Lost(reason));
                }
            }
        }
    }
}
