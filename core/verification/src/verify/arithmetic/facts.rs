//! What is known, taken apart: conjunctions as several facts, equal constants as one, what is known put in
//! wherever it stands as a condition.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::term::{BoundId, Op, TermId, Terms, Theory};

/// Constants are put in for one another at most so often.
const MOST_REPLACED: usize = 32;

/// The same assertions in smaller pieces.
pub(super) fn simplified(terms: &mut Terms, assertions: &[TermId]) -> Vec<TermId> {
    let mut facts = flat(terms, assertions);
    let mut replaced = 0;
    let mut looked_at = 0;
    while let Some(fact) = facts.get(looked_at).copied() {
        looked_at += 1;
        let Some((constant, value)) = definition(terms, fact) else { continue };
        let replacement = FxHashMap::from_iter([(constant, value)]);
        let new: Vec<TermId> = facts.iter().map(|fact| terms.substitute(*fact, &replacement)).collect();
        facts = flat(terms, &new);
        looked_at = 0;
        replaced += 1;
        if replaced == MOST_REPLACED {
            break;
        }
    }
    put_in(terms, &facts)
}

/// Each fact by itself.
pub(super) fn flat(terms: &mut Terms, assertions: &[TermId]) -> Vec<TermId> {
    let (mut found, mut seen) = (vec![], FxHashSet::default());
    let mut stack: Vec<TermId> = assertions.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        let term = terms.get(id).clone();
        match (&term.op, &*term.arguments) {
            (Op::Boolean(true), _) => {}
            (Op::Theory(Theory::And), parts) => stack.extend(parts.iter().rev()),
            (Op::Exists(variables), &[body, ..]) => {
                let body = with_witnesses(terms, variables, body);
                stack.push(body);
            }
            (Op::Theory(Theory::Not), &[inner]) => {
                let inner_term = terms.get(inner).clone();
                match (&inner_term.op, &*inner_term.arguments) {
                    (Op::Theory(Theory::Or), parts) => {
                        for part in parts.iter().rev() {
                            let negated = terms.not(*part);
                            stack.push(negated);
                        }
                    }
                    (Op::Theory(Theory::Implies), &[a, b]) => {
                        let negated = terms.not(b);
                        stack.extend([negated, a]);
                    }
                    (Op::ForAll(variables), &[body, ..]) => {
                        let body = with_witnesses(terms, variables, body);
                        let negated = terms.not(body);
                        stack.push(negated);
                    }
                    _ => {
                        if seen.insert(id) {
                            found.push(id);
                        }
                    }
                }
            }
            _ => {
                if seen.insert(id) {
                    found.push(id);
                }
            }
        }
    }
    found
}

/// What holds for some values, of constants that stand for them.
fn with_witnesses(terms: &mut Terms, variables: &[BoundId], body: TermId) -> TermId {
    let mut witnesses = FxHashMap::default();
    for variable in variables {
        let sort = terms.bound_sort(*variable);
        let place = terms.bound(*variable);
        witnesses.insert(place, terms.constant("some", sort));
    }
    terms.substitute(body, &witnesses)
}

/// The constant and the value, if a fact says that a constant is something else.
fn definition(terms: &Terms, fact: TermId) -> Option<(TermId, TermId)> {
    let term = terms.get(fact);
    if !matches!(term.op, Op::Theory(Theory::Equal)) {
        return None;
    }
    let (a, b) = (*term.arguments.first()?, *term.arguments.get(1)?);
    [(a, b), (b, a)].into_iter().find(|(constant, value)| {
        let known = terms.get(*constant);
        matches!(known.op, Op::Apply(_)) && known.arguments.is_empty() && !occurs(terms, *constant, *value)
    })
}

fn occurs(terms: &Terms, part: TermId, root: TermId) -> bool {
    let (mut stack, mut seen) = (vec![root], FxHashSet::default());
    while let Some(id) = stack.pop() {
        if id == part {
            return true;
        }
        if seen.insert(id) {
            stack.extend(terms.get(id).arguments.iter().copied());
        }
    }
    false
}

/// Conditions that are known are true wherever else they stand.
fn put_in(terms: &mut Terms, facts: &[TermId]) -> Vec<TermId> {
    let (yes, no) = (terms.boolean(true), terms.boolean(false));
    let mut known: FxHashMap<TermId, TermId> = FxHashMap::default();
    for fact in facts {
        match terms.get(*fact) {
            crate::term::Term { op: Op::Theory(Theory::Not), arguments, .. } => {
                known.insert(arguments[0], no)
            }
            _ => known.insert(*fact, yes),
        };
    }
    let mut new = vec![];
    for fact in facts {
        let root = match terms.get(*fact) {
            crate::term::Term { op: Op::Theory(Theory::Not), arguments, .. } => arguments[0],
            _ => *fact,
        };
        // A fact is not put into itself.
        let own = known.remove(&root);
        new.push(terms.substitute(*fact, &known));
        if let Some(own) = own {
            known.insert(root, own);
        }
    }
    flat(terms, &new)
}
