//! Axioms at the arguments that a goal names. Where that is all that a function is used on, the axiom itself is
//! not needed any more, and without quantifiers solvers are quicker by far.

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::flat;
use crate::term::{Meaning, Op, Sort, SortId, SymbolId, Term, TermId, Terms, Theory};

/// More instances than this are left to the solver.
const MOST_INSTANCES: usize = 60;
/// Instances make terms, of which there are instances, and so on.
const GENERATIONS: usize = 3;
/// Powers that are compared with each other.
const MOST_POWERS: usize = 6;

/// The facts with instances, and the axioms that are still needed.
pub(super) fn instantiated(terms: &mut Terms, facts: &[TermId]) -> Vec<TermId> {
    let mut all = facts.to_vec();
    let (mut done, mut looked_at) = (vec![], FxHashSet::default());
    let mut next = 0;
    for _ in 0..GENERATIONS {
        let generation = all.len();
        while next < generation {
            let applied = ground(terms, all[next], &mut looked_at);
            next += 1;
            for id in applied {
                let Term { op: Op::Apply(symbol), arguments, .. } = terms.get(id).clone() else { continue };
                if done.len() == MOST_INSTANCES || !is_instantiable(terms, symbol) {
                    continue;
                }
                done.push(id);
                for axiom in terms.symbol(symbol).axioms.clone() {
                    if let Some((variables, body)) = plain(terms, symbol, axiom) {
                        let values = variables.into_iter().zip(arguments.iter().copied()).collect();
                        let instance = terms.substitute(body, &values);
                        all.extend(flat(terms, &[instance]));
                    }
                }
            }
        }
    }
    done.retain(|id| is_power(terms, *id));
    of_powers(terms, &done, &mut all);
    let mut axioms = needed(terms, &all);
    axioms.extend(all);
    axioms
}

/// Applications without variables of quantifiers, in the order in which they are met.
fn ground(terms: &Terms, root: TermId, seen: &mut FxHashSet<TermId>) -> Vec<TermId> {
    let (mut found, mut stack) = (vec![], vec![root]);
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = terms.get(id);
        if matches!(term.op, Op::Apply(_)) && terms.free(id).is_empty() && !term.arguments.is_empty() {
            found.push(id);
        }
        stack.extend(term.arguments.iter().rev());
    }
    found
}

/// Whether a function has axioms that say what it is at its arguments: one of numbers and records of them, or one whose
/// axioms multiply.
fn is_instantiable(terms: &Terms, symbol: SymbolId) -> bool {
    let known = terms.symbol(symbol);
    let is_scalar = known.parameters.iter().all(|sort| {
        matches!(terms.sorts.get(*sort), Sort::Integer | Sort::Real | Sort::Boolean | Sort::Datatype(_))
    });
    known.axioms.iter().any(|axiom| {
        plain(terms, symbol, *axiom).is_some_and(|(_, body)| is_scalar || multiplies(terms, body))
    })
}

/// Whether its instances say all that its axioms do.
fn is_covered(terms: &Terms, symbol: SymbolId) -> bool {
    is_instantiable(terms, symbol)
        && terms.symbol(symbol).axioms.iter().all(|axiom| plain(terms, symbol, *axiom).is_some())
}

/// Whether there is a product of what is not plain.
fn multiplies(terms: &Terms, root: TermId) -> bool {
    let (mut stack, mut seen) = (vec![root], FxHashSet::default());
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = terms.get(id);
        let number = |id: &TermId| matches!(terms.get(*id).op, Op::Integer(_) | Op::Real(..));
        if matches!(term.op, Op::Theory(Theory::Multiply)) && !term.arguments.iter().any(number) {
            return true;
        }
        stack.extend(term.arguments.iter().copied());
    }
    false
}

/// The variables, in the order of the parameters, and the body of an axiom whose pattern is the function itself.
fn plain(terms: &Terms, symbol: SymbolId, axiom: TermId) -> Option<(Vec<TermId>, TermId)> {
    let Term { op: Op::ForAll(bound), arguments, .. } = terms.get(axiom) else { return None };
    let &[body, pattern] = &**arguments else { return None };
    let Term { op: Op::Apply(found), arguments, .. } = terms.get(pattern) else { return None };
    let distinct: FxHashSet<TermId> = arguments.iter().copied().collect();
    let fits = *found == symbol
        && distinct.len() == arguments.len()
        && arguments.len() == bound.len()
        && arguments.iter().all(|id| matches!(terms.get(*id).op, Op::Bound(_)));
    fits.then(|| (arguments.to_vec(), body))
}

/// The axioms of all functions that are used on variables, or whose axioms are not instantiated here. What is left out
/// in this way after the last generation is missing, which can only make a proof fail.
fn needed(terms: &Terms, facts: &[TermId]) -> Vec<TermId> {
    let (mut axioms, mut known) = (vec![], FxHashSet::default());
    let mut seen = FxHashSet::default();
    let mut roots: Vec<TermId> = facts.to_vec();
    while !roots.is_empty() {
        let mut stack: Vec<TermId> = std::mem::take(&mut roots).into_iter().rev().collect();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let term = terms.get(id);
            stack.extend(term.arguments.iter().rev());
            let Op::Apply(symbol) = term.op else { continue };
            let covered = terms.free(id).is_empty() && is_covered(terms, symbol);
            if !covered && known.insert(symbol) {
                let more = &terms.symbol(symbol).axioms;
                axioms.extend_from_slice(more);
                roots.extend_from_slice(more);
            }
        }
    }
    axioms
}

fn is_power(terms: &Terms, id: TermId) -> bool {
    let Op::Apply(symbol) = terms.get(id).op else { return false };
    matches!(terms.symbol(symbol).meaning, Meaning::Power | Meaning::PowerOfTwo)
}

/// How the powers of one base hang together.
pub(super) fn of_powers(terms: &mut Terms, powers: &[TermId], facts: &mut Vec<TermId>) {
    if powers.len() > MOST_POWERS {
        return;
    }
    for large in powers {
        for small in powers.iter().filter(|small| *small != large) {
            let (Some((base, exponent)), Some((other, less))) = (parts(terms, *large), parts(terms, *small))
            else {
                continue;
            };
            if base != other {
                continue;
            }
            let (zero, one, two) = (terms.integer(0), terms.integer(1), terms.integer(2));
            let one_in_base =
                if terms.sort(base) == SortId::REAL { terms.real(1.into(), 1.into()) } else { one };
            let counts = terms.less_equal(zero, less);
            let (next, twice) = (terms.add(less, one), terms.multiply(two, less));
            let after_twice = terms.add(twice, one);
            let square = terms.multiply(*small, *small);
            let (longer, odd) = (terms.multiply(base, *small), terms.multiply(base, square));
            let mut ways = vec![(next, longer)];
            if is_divided(terms, less) {
                ways.extend([(twice, square), (after_twice, odd)]);
            }
            for (sum, value) in ways {
                let is_sum = terms.equal(exponent, sum);
                let condition = terms.and(vec![counts, is_sum]);
                let equal = terms.equal(*large, value);
                facts.push(terms.implies(condition, equal));
            }
            // Not smaller for a larger exponent.
            let (grows, later) = (terms.less_equal(one_in_base, base), terms.less_equal(less, exponent));
            let condition = terms.and(vec![grows, later]);
            let above = terms.less_equal(*small, *large);
            facts.push(terms.implies(condition, above));
        }
    }
}

/// Whether something was divided by a number, as an exponent that is halved.
fn is_divided(terms: &Terms, root: TermId) -> bool {
    let (mut stack, mut seen) = (vec![root], FxHashSet::default());
    while let Some(id) = stack.pop() {
        if matches!(terms.get(id).op, Op::Theory(Theory::Divide)) {
            return true;
        }
        if seen.insert(id) {
            stack.extend(terms.get(id).arguments.iter().copied());
        }
    }
    false
}

/// Base and exponent of a power.
pub(super) fn parts(terms: &mut Terms, id: TermId) -> Option<(TermId, TermId)> {
    let Term { op: Op::Apply(symbol), arguments, .. } = terms.get(id).clone() else { return None };
    match (terms.symbol(symbol).meaning, &*arguments) {
        (Meaning::Power, &[base, exponent]) => Some((base, exponent)),
        (Meaning::PowerOfTwo, &[exponent]) => Some((terms.integer(2), exponent)),
        _ => None,
    }
}

/// Whether anything here is a product or quotient of what is not plain, or a function of numbers.
pub(super) fn is_arithmetic(terms: &Terms, roots: &[TermId]) -> bool {
    let (mut stack, mut seen) = (roots.to_vec(), FxHashSet::default());
    let mut checked: FxHashMap<SymbolId, ()> = FxHashMap::default();
    let number = |id: &TermId| matches!(terms.get(*id).op, Op::Integer(_) | Op::Real(..));
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = terms.get(id);
        match term.op {
            Op::Theory(Theory::Multiply) if !term.arguments.iter().any(number) => return true,
            Op::Float(_) => return true,
            Op::Theory(_) if term.arguments.iter().any(|it| terms.sort(*it) == SortId::FLOAT) => return true,
            Op::Theory(Theory::RealDivide | Theory::Divide | Theory::Modulo)
                if !term.arguments.get(1).is_some_and(number) =>
            {
                return true;
            }
            Op::Apply(symbol) => {
                if terms.symbol(symbol).meaning != Meaning::Plain {
                    return true;
                }
                if checked.insert(symbol, ()).is_none() {
                    stack.extend_from_slice(&terms.symbol(symbol).axioms);
                }
            }
            _ => {}
        }
        stack.extend(term.arguments.iter().copied());
    }
    false
}
