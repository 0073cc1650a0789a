//! Goals of arithmetic, made ready for solvers that decide linear arithmetic quickly and lose themselves in products:
//! facts in small pieces, axioms at the arguments that occur, sums of products in one form. Products, quotients and
//! remainders of what is not plain are functions there, of which lemmas say what the goal is likely to need: what
//! follows from that follows from the goal's own facts.

mod facts;
mod floats;
mod fraction;
mod instances;
mod lemmas;
mod normal;
mod ranges;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use self::normal::Normal;
use crate::term::{Meaning, Op, SortId, SymbolId, Term, TermId, Terms, Theory};

/// What contradicts itself only if the assertions do; all axioms that it needs stand in it. `None` if there is no
/// arithmetic in them that is not plain.
pub(super) fn prepared(terms: &mut Terms, assertions: &[TermId]) -> Option<Vec<TermId>> {
    if !instances::is_arithmetic(terms, assertions) {
        return None;
    }
    let facts = facts::simplified(terms, assertions);
    let facts = instances::instantiated(terms, &facts);
    let facts = with_units(terms, &facts);
    let facts = facts::simplified(terms, &facts);
    let mut normal = Normal::new(terms);
    let mut found: Vec<TermId> = facts.iter().map(|fact| normal.term(*fact)).collect();
    let lemmas = lemmas::lemmas(&mut normal, &found);
    found.extend(lemmas);
    let lemmas = floats::lemmas(&mut normal, &found);
    found.extend(lemmas);
    if let Some(remainder) = normal.remainder {
        found.extend(of_remainders(normal.terms, remainder));
    }
    Some(facts::flat(terms, &found))
}

/// A number that is known to have at most so many decimal places is so many units: an integer over a power of ten.
fn with_units(terms: &mut Terms, facts: &[TermId]) -> Vec<TermId> {
    let mut units: FxHashMap<TermId, TermId> = FxHashMap::default();
    for fact in facts {
        let Term { op: Op::Apply(symbol), arguments, .. } = terms.get(*fact).clone() else { continue };
        let Meaning::Places(places) = terms.symbol(symbol).meaning else { continue };
        let number = arguments[0];
        let is_constant =
            matches!(terms.get(number).op, Op::Apply(_)) && terms.get(number).arguments.is_empty();
        if !is_constant || units.contains_key(&number) {
            continue;
        }
        let count = terms.constant("units", SortId::INTEGER);
        let count = terms.theory(Theory::ToReal, vec![count]);
        let unit = terms.real(1.into(), num_bigint::BigInt::from(10).pow(places));
        let value = terms.multiply(count, unit);
        units.insert(number, value);
    }
    facts.iter().map(|fact| terms.substitute(*fact, &units)).collect()
}

/// What divides the divisor leaves of a remainder what it leaves of the dividend: so common divisors stay.
fn of_remainders(terms: &mut Terms, remainder: SymbolId) -> Vec<TermId> {
    let (a_variable, a) = terms.variable(SortId::INTEGER);
    let (b_variable, b) = terms.variable(SortId::INTEGER);
    let (d_variable, d) = terms.variable(SortId::INTEGER);
    let zero = terms.integer(0);
    let of_a_by_b = terms.apply(remainder, vec![a, b]);
    let of_remainder = terms.apply(remainder, vec![of_a_by_b, d]);
    let of_b = terms.apply(remainder, vec![b, d]);
    let of_a = terms.apply(remainder, vec![a, d]);
    let (b_is_zero, d_is_zero) = (terms.equal(b, zero), terms.equal(d, zero));
    let (b_divides, d_divides) = (terms.not(b_is_zero), terms.not(d_is_zero));
    let divided = terms.equal(of_b, zero);
    let conditions = terms.and(vec![b_divides, d_divides, divided]);
    let same = terms.equal(of_remainder, of_a);
    let body = terms.implies(conditions, same);
    let nested = terms.for_all(vec![a_variable, b_variable, d_variable], body, vec![of_remainder]);
    // A remainder by what is positive.
    let positive = terms.less(zero, b);
    let (low, high) = (terms.less_equal(zero, of_a_by_b), terms.less(of_a_by_b, b));
    let (up, smaller) = (terms.less_equal(zero, a), terms.less(a, b));
    let itself = terms.equal(of_a_by_b, a);
    let is_small = terms.and(vec![up, smaller]);
    let small = terms.implies(is_small, itself);
    let (is_b, nothing) = (terms.equal(a, b), terms.equal(of_a_by_b, zero));
    let whole = terms.implies(is_b, nothing);
    let said = terms.and(vec![low, high, small, whole]);
    let body = terms.implies(positive, said);
    let plain = terms.for_all(vec![a_variable, b_variable], body, vec![of_a_by_b]);
    vec![nested, plain]
}
