//! Quantifiers with their patterns.

use rustc_hash::FxHashSet;

use crate::encode::Encoder;
use crate::term::{BoundId, Op, TermId};

impl<'m> Encoder<'m> {
    /// A quantifier over one variable more; directly nested ones of the same kind become one. Its patterns
    /// are the smallest applications to the variables themselves.
    pub(in crate::encode) fn quantified(&mut self, for_all: bool, variable: BoundId, body: TermId) -> TermId {
        let (mut variables, mut inner) = (vec![variable], body);
        if for_all && let Op::Theory(crate::term::Theory::Implies) = self.terms.get(body).op {
            let (condition, conclusion) =
                (self.terms.get(body).arguments[0], self.terms.get(body).arguments[1]);
            if let Op::ForAll(nested) = &self.terms.get(conclusion).op {
                variables.extend(nested.clone());
                let conclusion = self.terms.get(conclusion).arguments[0];
                inner = self.terms.implies(condition, conclusion);
            }
        }
        let patterns = self.patterns(&variables, inner);
        if for_all {
            self.terms.for_all(variables, inner, patterns)
        } else {
            self.terms.exists(variables, inner, patterns)
        }
    }

    /// Applications that name an index plainly, outside of quantifiers: what is said of an element.
    pub(super) fn elements_at(&self, index: BoundId, body: TermId) -> Vec<TermId> {
        let (mut found, mut seen, mut stack) = (vec![], FxHashSet::default(), vec![body]);
        while let Some(id) = stack.pop() {
            let term = self.terms.get(id);
            let is_quantifier = matches!(term.op, Op::ForAll(_) | Op::Exists(_));
            if is_quantifier || !seen.insert(id) || !self.terms.free(id).contains(&index) {
                continue;
            }
            let is_index = |argument: &TermId| self.terms.get(*argument).op == Op::Bound(index);
            if matches!(term.op, Op::Apply(_)) && term.arguments.iter().any(is_index) {
                found.push(id);
            }
            stack.extend(term.arguments.iter().copied());
        }
        found.sort_unstable();
        found
    }

    /// Applications whose arguments name the variables plainly: one that names all, or one for each.
    pub(super) fn patterns(&mut self, variables: &[BoundId], body: TermId) -> Vec<TermId> {
        let mut found: Vec<(TermId, Vec<BoundId>)> = vec![];
        let mut bound_inside = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) || self.terms.free(id).iter().all(|free| !variables.contains(free)) {
                continue;
            }
            let term = self.terms.get(id);
            if let Op::ForAll(inner) | Op::Exists(inner) = &term.op {
                bound_inside.extend(inner.iter().copied());
            }
            if matches!(term.op, Op::Apply(_)) {
                let named: Vec<BoundId> = term
                    .arguments
                    .iter()
                    .filter_map(|argument| match self.terms.get(*argument).op {
                        Op::Bound(id) if variables.contains(&id) => Some(id),
                        _ => None,
                    })
                    .collect();
                if !named.is_empty() && named.len() == self.terms.free(id).len() {
                    found.push((id, named));
                }
            }
            stack.extend(term.arguments.iter().copied());
        }
        found.retain(|(id, _)| self.terms.free(*id).iter().all(|free| !bound_inside.contains(free)));
        found.sort_unstable_by_key(|(id, _)| *id);
        let whole: Vec<TermId> =
            found.iter().filter(|(_, named)| named.len() == variables.len()).map(|(id, _)| *id).collect();
        if !whole.is_empty() {
            return whole;
        }
        // Together the first of each variable cover them all.
        let firsts: Option<Vec<TermId>> = variables
            .iter()
            .map(|variable| found.iter().find(|(_, named)| named == &[*variable]).map(|(id, _)| *id))
            .collect();
        match firsts {
            Some(parts) if parts.len() > 1 => vec![self.terms.together(parts)],
            _ => vec![],
        }
    }
}
