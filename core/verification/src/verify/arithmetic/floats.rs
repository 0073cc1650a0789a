//! Lemmas about sums, differences and products of floats: rounding keeps the order of what is rounded, so that order
//! and signs of exact numbers are those of floats, too, as long as nothing is NaN. That spares solvers to look at
//! single bits.

use rustc_hash::{FxHashMap, FxHashSet};

use super::normal::Normal;
use crate::term::{Op, SortId, TermId, Terms, Theory};

/// More sums and products than this have no lemmas.
const MOST: usize = 16;
/// Bounds of one number that are tried.
const MOST_BOUNDS: usize = 4;

/// The float that a term plainly is.
pub(super) fn number(terms: &Terms, id: TermId) -> Option<f64> {
    match terms.get(id).op {
        Op::Float(bits) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

/// What an operation gives; rounded to the nearest, ties to even, as the language and this machine do.
pub(super) fn computed(function: Theory, x: f64, y: f64) -> f64 {
    match function {
        Theory::FloatMultiply => x * y,
        Theory::FloatAdd => x + y,
        _ => x - y,
    }
}

/// All lemmas about the operations on floats that a normal form has.
pub(super) fn lemmas(normal: &mut Normal<'_>, facts: &[TermId]) -> Vec<TermId> {
    let mut found = vec![];
    let operations = normal.floats.clone();
    if operations.is_empty() || operations.len() > MOST {
        return found;
    }
    let mut bounds = upper_bounds(normal.terms, facts);
    for (function, a, b, value) in &operations {
        of_one(normal, *function, (*a, *b), *value, &mut found);
        of_bounds(normal, *function, (*a, *b), *value, &mut bounds, &mut found);
    }
    for (position, one) in operations.iter().enumerate() {
        for other in operations.iter().skip(position + 1).filter(|other| other.0 == one.0) {
            of_two(normal, *one, *other, &mut found);
            of_two(normal, *other, *one, &mut found);
        }
    }
    found
}

impl Normal<'_> {
    fn at_most(&mut self, a: TermId, b: TermId) -> TermId {
        if let (Some(x), Some(y)) = (number(self.terms, a), number(self.terms, b)) {
            return self.terms.boolean(x <= y);
        }
        if a == b {
            let nan = self.terms.theory(Theory::FloatIsNan, vec![a]);
            return self.terms.not(nan);
        }
        self.terms.theory(Theory::FloatLessEqual, vec![a, b])
    }

    /// Neither NaN nor infinite.
    fn is_finite(&mut self, a: TermId) -> TermId {
        let (low, high) = (self.terms.float(f64::MIN), self.terms.float(f64::MAX));
        let parts = vec![self.at_most(low, a), self.at_most(a, high)];
        self.terms.and(parts)
    }

    fn are_finite(&mut self, all: &[TermId]) -> TermId {
        let parts = all.iter().map(|it| self.is_finite(*it)).collect();
        self.terms.and(parts)
    }
}

/// Of `value = a op b`, both finite: it is a number, and has the sign of the exact one (or is zero).
fn of_one(
    normal: &mut Normal<'_>,
    function: Theory,
    (a, b): (TermId, TermId),
    value: TermId,
    found: &mut Vec<TermId>,
) {
    let zero = normal.terms.float(0.0);
    let finite = normal.are_finite(&[a, b]);
    let nan = normal.terms.theory(Theory::FloatIsNan, vec![value]);
    let is_number = normal.terms.not(nan);
    normal.say(vec![finite], is_number, found);
    let (a_up, b_up) = (normal.at_most(zero, a), normal.at_most(zero, b));
    let (a_down, b_down) = (normal.at_most(a, zero), normal.at_most(b, zero));
    let (up, down) = (normal.at_most(zero, value), normal.at_most(value, zero));
    match function {
        Theory::FloatMultiply => {
            for (signs, sign) in
                [([a_up, b_up], up), ([a_down, b_down], up), ([a_up, b_down], down), ([a_down, b_up], down)]
            {
                normal.say(vec![finite, signs[0], signs[1]], sign, found);
            }
        }
        Theory::FloatAdd => {
            for (x, y_up, y_down) in [(a, b_up, b_down), (b, a_up, a_down)] {
                let (above, below) = (normal.at_most(x, value), normal.at_most(value, x));
                normal.say(vec![finite, y_up], above, found);
                normal.say(vec![finite, y_down], below, found);
            }
        }
        _ => {
            let (less, more) = (normal.at_most(b, a), normal.at_most(a, b));
            normal.say(vec![finite, less], up, found);
            normal.say(vec![finite, more], down, found);
            let below = normal.at_most(value, a);
            normal.say(vec![finite, b_up], below, found);
        }
    }
}

/// Of `value = a op b` with `0 <= a <= A` and `0 <= b <= B`: it is at most `A op B`, as floats are rounded. For a
/// difference `a - b` it is at most `A`.
fn of_bounds(
    normal: &mut Normal<'_>,
    function: Theory,
    (a, b): (TermId, TermId),
    value: TermId,
    bounds: &mut FxHashMap<TermId, Vec<u64>>,
    found: &mut Vec<TermId>,
) {
    if function == Theory::FloatSubtract {
        return;
    }
    let zero = normal.terms.float(0.0);
    let of = |normal: &Normal<'_>, id: TermId| match number(normal.terms, id) {
        Some(value) => vec![value.to_bits()],
        None => bounds.get(&id).cloned().unwrap_or_default(),
    };
    let (of_a, of_b) = (of(normal, a), of(normal, b));
    let mut own = vec![];
    for high_a in &of_a {
        for high_b in &of_b {
            let most = computed(function, f64::from_bits(*high_a), f64::from_bits(*high_b));
            if !most.is_finite() || most < 0.0 || own.len() == MOST_BOUNDS {
                continue;
            }
            let (high_a, high_b) =
                (normal.terms.float(f64::from_bits(*high_a)), normal.terms.float(f64::from_bits(*high_b)));
            let most_term = normal.terms.float(most);
            let conditions = vec![
                normal.at_most(zero, a),
                normal.at_most(a, high_a),
                normal.at_most(zero, b),
                normal.at_most(b, high_b),
            ];
            let follows = normal.at_most(value, most_term);
            normal.say(conditions, follows, found);
            own.push(most.to_bits());
        }
    }
    bounds.entry(value).or_default().extend(own);
}

/// Of `p = a op b` and `q = c op d`, all finite: with `a <= c` and `b <= d` the order is theirs; of products where
/// `a` and `b` are not negative, of differences with `d <= b`.
fn of_two(
    normal: &mut Normal<'_>,
    (function, a, b, p): (Theory, TermId, TermId, TermId),
    (_, c, d, q): (Theory, TermId, TermId, TermId),
    found: &mut Vec<TermId>,
) {
    let zero = normal.terms.float(0.0);
    let follows = normal.at_most(p, q);
    let ways: &[(TermId, TermId)] =
        if function == Theory::FloatSubtract { &[(c, d)] } else { &[(c, d), (d, c)] };
    for (c, d) in ways {
        let finite = normal.are_finite(&[a, b, *c, *d]);
        let mut conditions = vec![finite, normal.at_most(a, *c)];
        if function == Theory::FloatSubtract {
            conditions.push(normal.at_most(*d, b));
        } else {
            conditions.push(normal.at_most(b, *d));
        }
        if function == Theory::FloatMultiply {
            conditions.extend([normal.at_most(zero, a), normal.at_most(zero, b)]);
        }
        normal.say(conditions, follows, found);
    }
}

/// Numbers that something is compared with from above, by what is compared; only candidates, that each lemma asks for.
fn upper_bounds(terms: &Terms, facts: &[TermId]) -> FxHashMap<TermId, Vec<u64>> {
    let mut bounds: FxHashMap<TermId, Vec<u64>> = FxHashMap::default();
    let (mut stack, mut seen) = (facts.iter().rev().copied().collect::<Vec<_>>(), FxHashSet::default());
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = terms.get(id);
        if let Op::Theory(Theory::FloatLess | Theory::FloatLessEqual) = term.op
            && let &[a, b] = &*term.arguments
            && terms.sort(a) == SortId::FLOAT
            && let Some(value) = number(terms, b)
            && value.is_finite()
            && value >= 0.0
        {
            let known = bounds.entry(a).or_default();
            if known.len() < MOST_BOUNDS && !known.contains(&value.to_bits()) {
                known.push(value.to_bits());
            }
        }
        stack.extend(term.arguments.iter().rev());
    }
    bounds
}
