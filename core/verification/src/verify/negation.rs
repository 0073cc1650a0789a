//! What is asserted of a goal that is to be contradicted.

use num_bigint::BigInt;
use rustc_hash::FxHashMap;

use super::hints::ground_pairs;
use crate::term::{Op, TermId, Terms, Theory};

/// That a goal does not hold: of "for all" there is one for which it does not, which gets a name, so that facts can
/// be found of it. Second the names.
pub(super) fn negated(terms: &mut Terms, goal: TermId) -> (Vec<TermId>, Vec<TermId>) {
    let (mut found, mut names) = (vec![], vec![]);
    let mut goal = goal;
    loop {
        let term = terms.get(goal).clone();
        match (&term.op, &*term.arguments) {
            (Op::Theory(Theory::Implies), &[condition, conclusion]) => {
                found.push(condition);
                goal = conclusion;
            }
            (Op::ForAll(variables), [body, ..]) => {
                let mut replacements = FxHashMap::default();
                for variable in variables {
                    let sort = terms.bound_sort(*variable);
                    let constant = terms.constant("any", sort);
                    let bound = terms.bound(*variable);
                    replacements.insert(bound, constant);
                    names.push(constant);
                }
                goal = terms.substitute(*body, &replacements);
            }
            _ => break,
        }
    }
    found.push(terms.not(goal));
    (found, names)
}

/// What facts of every number say of the named ones: a solver asks them of numbers only that they are used on.
pub(super) fn said_of_names(terms: &mut Terms, facts: &[TermId], names: &[TermId]) -> Vec<TermId> {
    /// More are left to the solver.
    const MOST: usize = 24;
    let mut found = vec![];
    for fact in facts {
        let term = terms.get(*fact);
        let (Op::ForAll(variables), [body, ..]) = (&term.op, &*term.arguments) else { continue };
        let (&[variable], body) = (&variables[..], *body) else { continue };
        for name in names {
            if terms.sort(*name) == terms.bound_sort(variable) && found.len() < MOST {
                let bound = terms.bound(variable);
                found.push(terms.substitute(body, &FxHashMap::from_iter([(bound, *name)])));
            }
        }
    }
    found
}

/// Of each remainder `a % b` and each multiple `m` of `b` that is named: `a - m` is it if that is in range.
pub(super) fn remainders(terms: &mut Terms, roots: &[TermId]) -> Vec<TermId> {
    /// More pairs than this are left alone.
    const MOST: usize = 24;
    let (mut remainders, mut products) = (vec![], vec![]);
    for (id, function, a, b) in ground_pairs(terms, roots) {
        match function {
            Theory::Modulo => remainders.push((id, a, b)),
            Theory::Multiply => products.push((id, a, b)),
            _ => {}
        }
    }
    let mut found = vec![];
    let zero = terms.integer(BigInt::ZERO);
    for (remainder, a, b) in &remainders {
        for (product, x, y) in &products {
            if (x == b || y == b) && found.len() < MOST {
                let rest = terms.subtract(*a, *product);
                let (low, high) = (terms.less_equal(zero, rest), terms.less(rest, *b));
                let inside = terms.and(vec![low, high]);
                let is_rest = terms.equal(*remainder, rest);
                found.push(terms.implies(inside, is_rest));
            }
        }
    }
    found
}
