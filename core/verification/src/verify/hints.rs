//! Facts of arithmetic about the products and quotients of a goal. They hold always; solvers that are
//! incomplete for products find proofs with them that they do not find alone.

use num_bigint::BigInt;
use rustc_hash::FxHashSet;

use crate::term::{Op, SortId, TermId, Terms, Theory};

/// More products than this are left alone.
const MOST_PRODUCTS: usize = 24;

/// Hints about everything that stands in these terms outside of quantifiers.
pub(super) fn hints(terms: &mut Terms, roots: &[TermId]) -> Vec<TermId> {
    let (mut products, mut quotients) = (vec![], vec![]);
    for (id, function, a, b) in ground_pairs(terms, roots) {
        match function {
            Theory::Multiply if !is_number(terms, a) && !is_number(terms, b) => products.push((id, a, b)),
            Theory::RealDivide if !is_number(terms, b) => quotients.push((id, a, b)),
            _ => {}
        }
    }
    if products.len() + quotients.len() > MOST_PRODUCTS {
        return vec![];
    }
    let mut found = vec![];
    for (product, a, b) in &products {
        for (x, y) in [(*a, *b), (*b, *a)] {
            of_product(terms, *product, x, y, &mut found);
        }
    }
    for (position, (one, a, b)) in products.iter().enumerate() {
        for (other, c, d) in products.iter().skip(position + 1) {
            for (x, y, u, z) in [(*a, *b, *c, *d), (*b, *a, *c, *d), (*a, *b, *d, *c), (*b, *a, *d, *c)] {
                if x == u {
                    of_common_factor(terms, (*one, y), (*other, z), x, &mut found);
                }
            }
        }
    }
    for (quotient, a, b) in &quotients {
        of_quotient(terms, *quotient, *a, *b, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|hint| terms.as_boolean(*hint) != Some(true));
    found
}

/// Functions of the theories on two arguments that stand in these terms outside of quantifiers, in order.
pub(super) fn ground_pairs(terms: &Terms, roots: &[TermId]) -> Vec<(TermId, Theory, TermId, TermId)> {
    let mut found = vec![];
    let mut seen = FxHashSet::default();
    let mut stack = roots.to_vec();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = terms.get(id);
        if let (Op::Theory(function), &[a, b]) = (&term.op, &*term.arguments)
            && terms.free(id).is_empty()
        {
            found.push((id, *function, a, b));
        }
        stack.extend(term.arguments.iter().copied());
    }
    found.sort_unstable_by_key(|(id, ..)| *id);
    found
}

fn is_number(terms: &Terms, id: TermId) -> bool {
    matches!(terms.get(id).op, Op::Integer(_) | Op::Real(..))
}

fn number(terms: &mut Terms, like: TermId, value: i64) -> TermId {
    if terms.sort(like) == SortId::REAL {
        terms.real(BigInt::from(value), BigInt::from(1))
    } else {
        terms.integer(value)
    }
}

fn push(terms: &mut Terms, conditions: Vec<TermId>, conclusion: TermId, found: &mut Vec<TermId>) {
    let conditions = terms.and(conditions);
    found.push(terms.implies(conditions, conclusion));
}

/// Of `product = x * y`.
fn of_product(terms: &mut Terms, product: TermId, x: TermId, y: TermId, found: &mut Vec<TermId>) {
    let (zero, one) = (number(terms, product, 0), number(terms, product, 1));
    let (x_up, y_up) = (terms.less_equal(zero, x), terms.less_equal(zero, y));
    let (x_down, y_down) = (terms.less_equal(x, zero), terms.less_equal(y, zero));
    let (up, down) = (terms.less_equal(zero, product), terms.less_equal(product, zero));
    push(terms, vec![x_up, y_up], up, found);
    push(terms, vec![x_down, y_down], up, found);
    push(terms, vec![x_up, y_down], down, found);
    let large = terms.less_equal(one, x);
    let grows = terms.less_equal(y, product);
    push(terms, vec![large, y_up], grows, found);
    let small = terms.less_equal(x, one);
    let shrinks = terms.less_equal(product, y);
    push(terms, vec![small, y_up], shrinks, found);
}

/// Of `one = x * y` and `other = x * z`.
fn of_common_factor(
    terms: &mut Terms,
    (one, y): (TermId, TermId),
    (other, z): (TermId, TermId),
    x: TermId,
    found: &mut Vec<TermId>,
) {
    let zero = number(terms, one, 0);
    let not_negative = terms.less_equal(zero, x);
    for ((small, y), (large, z)) in [((one, y), (other, z)), ((other, z), (one, y))] {
        let ordered = terms.less_equal(y, z);
        let follows = terms.less_equal(small, large);
        push(terms, vec![not_negative, ordered], follows, found);
    }
}

/// Of `quotient = x / y`.
fn of_quotient(terms: &mut Terms, quotient: TermId, x: TermId, y: TermId, found: &mut Vec<TermId>) {
    let (zero, one) = (number(terms, quotient, 0), number(terms, quotient, 1));
    let positive = terms.less(zero, y);
    let x_up = terms.less_equal(zero, x);
    let up = terms.less_equal(zero, quotient);
    push(terms, vec![positive, x_up], up, found);
    let (below, above) = (terms.less_equal(x, y), terms.less_equal(y, x));
    let (at_most, at_least) = (terms.less_equal(quotient, one), terms.less_equal(one, quotient));
    push(terms, vec![positive, below], at_most, found);
    push(terms, vec![positive, above], at_least, found);
    let large = terms.less_equal(one, y);
    let shrinks = terms.less_equal(quotient, x);
    push(terms, vec![large, x_up], shrinks, found);
    if let Op::Theory(Theory::Multiply) = terms.get(x).op {
        let (a, b) = (terms.get(x).arguments[0], terms.get(x).arguments[1]);
        for (a, b) in [(a, b), (b, a)] {
            let a_up = terms.less_equal(zero, a);
            let fits = terms.less_equal(b, y);
            let bounded = terms.less_equal(quotient, a);
            push(terms, vec![positive, a_up, fits], bounded, found);
        }
    }
}
