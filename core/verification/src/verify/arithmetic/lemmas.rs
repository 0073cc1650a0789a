//! Lemmas about the products, quotients and rounded numbers of a goal. Each holds for all numbers; solvers that are
//! incomplete for products find proofs with them that they do not find alone.

use num_bigint::BigInt;

use super::fraction::Fraction;
use super::normal::{Monomial, Normal, Polynomial, plus, sorted, times};
use super::ranges::{Range, Ranges};
use crate::term::{Meaning, Op, SortId, SymbolId, Term, TermId, Theory};

/// More products than this are not compared with each other.
const MOST_COMPARED: usize = 16;
/// Magnitudes of powers that products are compared with.
const MOST_MAGNITUDES: usize = 2;
/// More products than this have no lemmas.
const MOST_PRODUCTS: usize = 48;

/// All lemmas about what a normal form was made of.
pub(super) fn lemmas(normal: &mut Normal<'_>, facts: &[TermId]) -> Vec<TermId> {
    let mut found = vec![];
    of_quotients(normal, &mut found);
    of_rounding(normal, facts, &mut found);
    of_places(normal, facts, &mut found);
    // Each makes products that the other speaks of.
    of_choices(normal, &mut found);
    of_equalities(normal, facts, &mut found);
    of_choices(normal, &mut found);
    let all: Vec<TermId> = facts.iter().chain(&found).copied().collect();
    let ranges = Ranges::of(normal, &all);
    let magnitudes = of_powers(normal, &ranges, facts, &mut found);
    let products: Vec<((SortId, Monomial), TermId)> =
        normal.products.iter().map(|(key, product)| (key.clone(), *product)).collect();
    if products.len() > MOST_PRODUCTS {
        return found;
    }
    for ((sort, factors), product) in &products {
        // Said of the integers.
        if *sort == SortId::REAL && factors.iter().all(|it| normal.integer_of(*it).is_some()) {
            continue;
        }
        for (x, y) in halves(normal, *sort, factors) {
            of_product(normal, &ranges, *product, x, y, &mut found);
            for magnitude in &magnitudes {
                within(normal, *product, (x, y), magnitude, &mut found);
            }
        }
    }
    if products.len() <= MOST_COMPARED {
        for (position, (one, first)) in products.iter().enumerate() {
            for (other, second) in products.iter().skip(position + 1).filter(|(other, _)| other.0 == one.0) {
                of_common_factors(normal, (one, *first), (other, *second), &mut found);
            }
        }
    }
    found
}

/// The ways in which a product is one of two terms that are there.
fn halves(normal: &Normal<'_>, sort: SortId, factors: &[TermId]) -> Vec<(TermId, TermId)> {
    let mut found = vec![];
    for position in 0..factors.len() {
        if position > 0 && factors[position] == factors[position - 1] {
            continue;
        }
        let mut rest = factors.to_vec();
        let one = rest.remove(position);
        if let Some(rest) = known(normal, sort, &rest)
            && !found.contains(&(rest, one))
        {
            found.push((one, rest));
        }
    }
    found
}

fn known(normal: &Normal<'_>, sort: SortId, factors: &[TermId]) -> Option<TermId> {
    match factors {
        [one] => Some(*one),
        _ => normal.products.get(&(sort, factors.to_vec())).copied(),
    }
}

impl Normal<'_> {
    pub(super) fn say(&mut self, conditions: Vec<TermId>, conclusion: TermId, found: &mut Vec<TermId>) {
        let conditions = self.terms.and(conditions);
        let lemma = self.terms.implies(conditions, conclusion);
        if self.terms.as_boolean(lemma) != Some(true) && !found.contains(&lemma) {
            found.push(lemma);
        }
    }

    fn plain(&mut self, like: TermId, value: i64) -> TermId {
        let sort = self.terms.sort(like);
        self.constant(sort, &Fraction::whole(value))
    }

    /// `0 <= polynomial` or `0 < polynomial`, simplified.
    fn above_zero(&mut self, sort: SortId, polynomial: Polynomial, strict: bool) -> TermId {
        let (zero, sum) = (self.constant(sort, &Fraction::whole(0)), self.sum(sort, polynomial));
        if strict { self.terms.less(zero, sum) } else { self.terms.less_equal(zero, sum) }
    }
}

/// Of `product = x * y`: its sign, and how it grows.
fn of_product(
    normal: &mut Normal<'_>,
    ranges: &Ranges,
    product: TermId,
    x: TermId,
    y: TermId,
    found: &mut Vec<TermId>,
) {
    let (zero, one) = (normal.plain(product, 0), normal.plain(product, 1));
    let at_least = |normal: &mut Normal<'_>, low, high| normal.terms.less_equal(low, high);
    if x == y {
        let up = at_least(normal, zero, product);
        normal.say(vec![], up, found);
    }
    for (low_x, high_x) in [(zero, x), (x, zero)] {
        for (low_y, high_y) in [(zero, y), (y, zero)] {
            let (of_x, of_y) = (at_least(normal, low_x, high_x), at_least(normal, low_y, high_y));
            let (more_x, more_y) = (normal.terms.less(low_x, high_x), normal.terms.less(low_y, high_y));
            let up = (low_x == zero) == (low_y == zero);
            let (low, high) = if up { (zero, product) } else { (product, zero) };
            let (weak, strong) = (at_least(normal, low, high), normal.terms.less(low, high));
            normal.say(vec![of_x, of_y], weak, found);
            normal.say(vec![more_x, more_y], strong, found);
        }
    }
    for (x, y) in [(x, y), (y, x)] {
        let y_up = at_least(normal, zero, y);
        let (large, grows) = (at_least(normal, one, x), at_least(normal, y, product));
        normal.say(vec![large, y_up], grows, found);
        let (small, shrinks) = (at_least(normal, x, one), at_least(normal, product, y));
        normal.say(vec![small, y_up], shrinks, found);
    }
    let (range_x, range_y) = (ranges.range(normal, x), ranges.range(normal, y));
    within_ranges(normal, (x, &range_x), (y, &range_y), found);
}

/// `0 <= (x - a) * (y - b)` for every two bounds of one side, and likewise for the others; and where only one
/// factor has bounds, that of the product with the other's sign.
fn within_ranges(
    normal: &mut Normal<'_>,
    (x, range_x): (TermId, &Range),
    (y, range_y): (TermId, &Range),
    found: &mut Vec<TermId>,
) {
    let sort = normal.terms.sort(x);
    let (of_x, of_y) = (normal.polynomial(x), normal.polynomial(y));
    let minus_one = Fraction::whole(-1);
    let distance = |of: &Polynomial, bound: &Fraction, from_below: bool| {
        let bound = Polynomial::from([(vec![], bound.clone())]);
        if from_below { plus(of.clone(), &bound, &minus_one) } else { plus(bound, of, &minus_one) }
    };
    let sides = |range: &Range| {
        let low = range.0.clone().map(|bound| (bound, true));
        let high = range.1.clone().map(|bound| (bound, false));
        low.into_iter().chain(high).collect::<Vec<_>>()
    };
    for (bound_x, below_x) in sides(range_x) {
        let from_x = clean(distance(&of_x, &bound_x, below_x));
        for (bound_y, below_y) in sides(range_y) {
            let from_y = clean(distance(&of_y, &bound_y, below_y));
            let holds = normal.above_zero(sort, times(&from_x, &from_y), false);
            normal.say(vec![], holds, found);
        }
    }
    for ((of_one, range), other) in [((&of_x, range_x), &of_y), ((&of_y, range_y), &of_x)] {
        for (bound, below) in sides(range) {
            let from = clean(distance(of_one, &bound, below));
            let not_negative = normal.above_zero(sort, other.clone(), false);
            let holds = normal.above_zero(sort, times(&from, other), false);
            normal.say(vec![not_negative], holds, found);
        }
    }
}

/// Without a constant of zero.
fn clean(mut polynomial: Polynomial) -> Polynomial {
    polynomial.retain(|_, factor| !factor.is_zero());
    polynomial
}

/// Of `one = x * y` and `other = x * z`: the order of `y` and `z` is theirs where `x` is not negative.
fn of_common_factors(
    normal: &mut Normal<'_>,
    (one, first): (&(SortId, Monomial), TermId),
    (other, second): (&(SortId, Monomial), TermId),
    found: &mut Vec<TermId>,
) {
    let mut rest = other.1.clone();
    let (mut common, mut mine) = (vec![], vec![]);
    for factor in &one.1 {
        match rest.iter().position(|it| it == factor) {
            Some(position) => common.push(rest.remove(position)),
            None => mine.push(*factor),
        }
    }
    if common.is_empty() || mine.is_empty() || rest.is_empty() {
        return;
    }
    let (Some(x), Some(y), Some(z)) =
        (known(normal, one.0, &common), known(normal, one.0, &mine), known(normal, one.0, &rest))
    else {
        return;
    };
    let zero = normal.plain(x, 0);
    let (not_negative, positive) = (normal.terms.less_equal(zero, x), normal.terms.less(zero, x));
    for ((small, y), (large, z)) in [((first, y), (second, z)), ((second, z), (first, y))] {
        let (ordered, follows) = (normal.terms.less_equal(y, z), normal.terms.less_equal(small, large));
        normal.say(vec![not_negative, ordered], follows, found);
        let (less, strictly) = (normal.terms.less(y, z), normal.terms.less(small, large));
        normal.say(vec![positive, less], strictly, found);
    }
}

/// A quotient times the divisor is the dividend, or what is missing to that is the remainder.
fn of_quotients(normal: &mut Normal<'_>, found: &mut Vec<TermId>) {
    for (function, a, b, value) in normal.quotients.clone() {
        let sort = normal.terms.sort(a);
        let zero = normal.plain(a, 0);
        let none = normal.terms.equal(b, zero);
        let divides = normal.terms.not(none);
        let divisor = normal.polynomial(b);
        if function == Theory::RealDivide {
            let product = times(&normal.polynomial(value), &divisor);
            let product = normal.sum(sort, product);
            let equal = normal.terms.equal(product, a);
            normal.say(vec![divides], equal, found);
            // A factor that the dividend has, too, can be left out.
            if let [(factors, _)] = &*divisor.iter().collect::<Vec<_>>()
                && let [factor] = &***factors
                && let Some(rest) = without_factor(&normal.polynomial(a), *factor)
            {
                let scale = divisor.values().next().map_or_else(|| Fraction::whole(1), Fraction::inverse);
                let rest = plus(Polynomial::new(), &rest, &scale);
                let rest = normal.sum(sort, rest);
                let equal = normal.terms.equal(value, rest);
                normal.say(vec![divides], equal, found);
            }
            of_share(normal, (a, b, value), found);
            continue;
        }
        let (quotient, remainder) = (normal.whole_quotient(a, b), normal.whole_remainder(a, b));
        let product = times(&normal.polynomial(quotient), &divisor);
        let sum = plus(product, &normal.polynomial(remainder), &Fraction::whole(1));
        let sum = normal.sum(sort, sum);
        let equal = normal.terms.equal(sum, a);
        normal.say(vec![divides], equal, found);
        let up = normal.terms.less_equal(zero, remainder);
        normal.say(vec![divides], up, found);
        let positive = normal.terms.less(zero, b);
        let below = normal.terms.less(remainder, b);
        normal.say(vec![positive], below, found);
        let negative = normal.terms.less(b, zero);
        let magnitude = plus(Polynomial::new(), &divisor, &Fraction::whole(-1));
        let magnitude = normal.sum(sort, magnitude);
        let below = normal.terms.less(remainder, magnitude);
        normal.say(vec![negative], below, found);
        // What is smaller than the divisor is its own remainder.
        let (up, smaller) = (normal.terms.less_equal(zero, a), normal.terms.less(a, b));
        let itself = normal.terms.equal(remainder, a);
        normal.say(vec![up, smaller], itself, found);
    }
}

/// Of `value = c * w * z / b`: it is to `c * w` as `z` is to `b`.
fn of_share(normal: &mut Normal<'_>, (a, b, value): (TermId, TermId, TermId), found: &mut Vec<TermId>) {
    let dividend = normal.polynomial(a);
    let mut parts = dividend.iter();
    let (Some((factors, scale)), None) = (parts.next(), parts.next()) else { return };
    if scale.is_negative() {
        return;
    }
    let zero = normal.plain(a, 0);
    let positive = normal.terms.less(zero, b);
    for (one, other) in halves(normal, SortId::REAL, factors) {
        for (w, z) in [(one, other), (other, one)] {
            let not_negative = normal.terms.less_equal(zero, w);
            let whole = plus(Polynomial::new(), &normal.polynomial(w), scale);
            let whole = normal.sum(SortId::REAL, whole);
            let (less, at_most) = (normal.terms.less_equal(z, b), normal.terms.less_equal(value, whole));
            normal.say(vec![positive, not_negative, less], at_most, found);
            let (more, at_least) = (normal.terms.less_equal(b, z), normal.terms.less_equal(whole, value));
            normal.say(vec![positive, not_negative, more], at_least, found);
        }
    }
}

/// Where a factor may be something else, the product is that times the rest: ways that meet again name what they give.
fn of_equalities(normal: &mut Normal<'_>, facts: &[TermId], found: &mut Vec<TermId>) {
    let (mut equalities, mut seen) = (vec![], rustc_hash::FxHashSet::default());
    let mut stack: Vec<TermId> = facts.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = normal.terms.get(id);
        stack.extend(term.arguments.iter().rev());
        let (Op::Theory(Theory::Equal), &[a, b]) = (&term.op, &*term.arguments) else { continue };
        let is_number = matches!(normal.terms.sort(a), SortId::INTEGER | SortId::REAL);
        if !is_number || !normal.terms.free(id).is_empty() {
            continue;
        }
        for (factor, value) in [(a, b), (b, a)] {
            let named = normal.terms.get(factor);
            if matches!(named.op, Op::Apply(_)) && named.arguments.is_empty() {
                equalities.push((id, factor, value));
            }
        }
    }
    let mut said = 0;
    for (condition, factor, value) in equalities {
        let products: Vec<((SortId, Monomial), TermId)> = normal
            .products
            .iter()
            .filter(|((_, factors), _)| factors.contains(&factor))
            .map(|(key, product)| (key.clone(), *product))
            .collect();
        for ((sort, mut rest), product) in products {
            if said == MOST_COMPARED || sort != normal.terms.sort(factor) {
                continue;
            }
            said += 1;
            if let Some(position) = rest.iter().position(|it| *it == factor) {
                rest.remove(position);
            }
            let rest = Polynomial::from([(rest, Fraction::whole(1))]);
            let value = times(&rest, &normal.polynomial(value));
            let value = normal.sum(sort, value);
            let equal = normal.terms.equal(product, value);
            normal.say(vec![condition], equal, found);
        }
    }
}

/// A product with one of two numbers is one of two products.
fn of_choices(normal: &mut Normal<'_>, found: &mut Vec<TermId>) {
    let mut done: Vec<(SortId, Monomial)> = vec![];
    while done.len() < MOST_COMPARED {
        let next = normal.products.iter().find_map(|(key, product)| {
            let choice =
                |factor: &TermId| matches!(normal.terms.get(*factor).op, Op::Theory(Theory::IfThenElse));
            let position = key.1.iter().position(choice).filter(|_| !done.contains(key))?;
            Some((key.clone(), *product, position))
        });
        let Some(((sort, factors), product, position)) = next else { break };
        done.push((sort, factors.clone()));
        let Term { arguments, .. } = normal.terms.get(factors[position]).clone();
        let &[condition, yes, no] = &*arguments else { continue };
        let mut rest = factors;
        rest.remove(position);
        let rest = Polynomial::from([(rest, Fraction::whole(1))]);
        let otherwise = normal.terms.not(condition);
        for (condition, value) in [(condition, yes), (otherwise, no)] {
            let value = times(&rest, &normal.polynomial(value));
            let value = normal.sum(sort, value);
            let equal = normal.terms.equal(product, value);
            normal.say(vec![condition], equal, found);
        }
    }
}

/// Each part divided by a factor, if all have it.
fn without_factor(polynomial: &Polynomial, factor: TermId) -> Option<Polynomial> {
    let mut rest = Polynomial::new();
    for (factors, value) in polynomial {
        let position = factors.iter().position(|it| *it == factor)?;
        let mut factors = factors.clone();
        factors.remove(position);
        rest.insert(sorted(factors), value.clone());
    }
    (!rest.is_empty()).then_some(rest)
}

/// Of a rounded number `t` of `s` in a product with `x`, which is not negative: the product is as far from `s * x`
/// as `x` times the distance of `t` from `s`.
fn of_rounding(normal: &mut Normal<'_>, facts: &[TermId], found: &mut Vec<TermId>) {
    for (rounded, real, exact) in rounded_numbers(normal, facts) {
        let products: Vec<Monomial> = normal
            .products
            .keys()
            .filter(|(sort, factors)| {
                (*sort == SortId::INTEGER && factors.contains(&rounded))
                    || (*sort == SortId::REAL && factors.contains(&real))
            })
            .map(|(sort, factors)| {
                let mut factors: Monomial = factors.clone();
                let own = if *sort == SortId::INTEGER { rounded } else { real };
                if let Some(position) = factors.iter().position(|it| *it == own) {
                    factors.remove(position);
                }
                if *sort == SortId::INTEGER {
                    let to_real = |it: TermId| normal.terms.theory(Theory::ToReal, vec![it]);
                    factors = sorted(factors.into_iter().map(to_real).collect());
                }
                factors
            })
            .collect();
        let mut seen = vec![];
        for other in products {
            if seen.contains(&other) || seen.len() > 4 {
                continue;
            }
            seen.push(other.clone());
            let x = Polynomial::from([(other, Fraction::whole(1))]);
            let not_negative = normal.above_zero(SortId::REAL, x.clone(), false);
            let distance = plus(exact.clone(), &normal.polynomial(real), &Fraction::whole(-1));
            for sign in [1, -1] {
                let away = plus(Polynomial::new(), &distance, &Fraction::whole(sign));
                for halves in [0, 1, 2] {
                    let bound = Polynomial::from([(vec![], Fraction::new(halves.into(), 2.into()))]);
                    let left = plus(clean(bound), &away, &Fraction::whole(-1));
                    let near = normal.above_zero(SortId::REAL, left.clone(), false);
                    let product = normal.above_zero(SortId::REAL, times(&left, &x), false);
                    normal.say(vec![not_negative, near], product, found);
                }
            }
        }
    }
}

/// The rounded integers, as reals, and what was rounded.
fn rounded_numbers(normal: &mut Normal<'_>, facts: &[TermId]) -> Vec<(TermId, TermId, Polynomial)> {
    let mut found = vec![];
    for id in applied(normal, facts, |meaning| meaning == Meaning::Rounding) {
        let Term { arguments, .. } = normal.terms.get(id).clone();
        let real = normal.terms.theory(Theory::ToReal, vec![id]);
        let exact = normal.polynomial(arguments[0]);
        found.push((id, real, exact));
    }
    found
}

/// Of `product = x * y`, where neither is larger than this by magnitude.
fn within(
    normal: &mut Normal<'_>,
    product: TermId,
    (x, y): (TermId, TermId),
    magnitude: &Fraction,
    found: &mut Vec<TermId>,
) {
    let sort = normal.terms.sort(product);
    let mut is_within = |id: TermId, bound: &Fraction| {
        let (low, high) = (normal.constant(sort, &bound.negated()), normal.constant(sort, bound));
        normal.terms.between(low, id, high)
    };
    let conditions = vec![is_within(x, magnitude), is_within(y, magnitude)];
    let follows = is_within(product, &magnitude.times(magnitude));
    normal.say(conditions, follows, found);
}

/// What has so many decimal places: numbers that have, whole numbers of the last of them, and sums of such.
fn of_places(normal: &mut Normal<'_>, facts: &[TermId], found: &mut Vec<TermId>) {
    let asked = applied(normal, facts, |meaning| matches!(meaning, Meaning::Places(_)));
    let mut kinds: Vec<(SymbolId, u32)> = vec![];
    // What is known of a number's places is said elsewhere.
    for id in asked.iter().filter(|id| !facts.contains(id)) {
        if let Op::Apply(symbol) = normal.terms.get(*id).op
            && let Meaning::Places(places) = normal.terms.symbol(symbol).meaning
            && !kinds.contains(&(symbol, places))
        {
            kinds.push((symbol, places));
        }
    }
    if kinds.is_empty() {
        return;
    }
    // What functions are applied to, and what something may be.
    let (mut numbers, mut seen) = (vec![], rustc_hash::FxHashSet::default());
    let mut stack: Vec<TermId> = facts.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = normal.terms.get(id);
        if matches!(term.op, Op::Apply(_) | Op::Theory(Theory::Equal) | Op::Construct(..)) {
            let real =
                |it: &&TermId| normal.terms.sort(**it) == SortId::REAL && normal.terms.free(**it).is_empty();
            numbers.extend(term.arguments.iter().filter(real).copied());
        }
        stack.extend(term.arguments.iter().rev());
    }
    for (symbol, places) in kinds {
        let unit = Fraction::whole(BigInt::from(10).pow(places));
        for number in numbers.iter().take(MOST_PRODUCTS) {
            let polynomial = normal.polynomial(*number);
            let is_whole = |factors: &Monomial, factor: &Fraction| {
                factor.times(&unit).denominator == 1.into()
                    && factors.iter().all(|it| normal.integer_of(*it).is_some())
            };
            let rest: Polynomial = polynomial
                .iter()
                .filter(|(factors, factor)| !is_whole(factors, factor))
                .map(|(factors, factor)| (factors.clone(), factor.clone()))
                .collect();
            if rest.len() == polynomial.len() && !rest.is_empty() {
                continue;
            }
            let holds = normal.terms.apply(symbol, vec![*number]);
            let conditions = if rest.is_empty() {
                vec![]
            } else {
                let rest = normal.sum(SortId::REAL, rest);
                vec![normal.terms.apply(symbol, vec![rest])]
            };
            normal.say(conditions, holds, found);
        }
    }
}

/// Bounds of powers; gives their magnitudes, the first few.
fn of_powers(
    normal: &mut Normal<'_>,
    ranges: &Ranges,
    facts: &[TermId],
    found: &mut Vec<TermId>,
) -> Vec<Fraction> {
    let mut magnitudes: Vec<Fraction> = vec![];
    for id in applied(normal, facts, |meaning| matches!(meaning, Meaning::Power | Meaning::PowerOfTwo)) {
        let sort = normal.terms.sort(id);
        let (low, high) = ranges.range(normal, id);
        if let Some(low) = low {
            let low = normal.constant(sort, &low);
            let holds = normal.terms.less_equal(low, id);
            normal.say(vec![], holds, found);
        }
        if let Some(high) = high {
            if high.denominator == 1.into()
                && magnitudes.len() < MOST_MAGNITUDES
                && !magnitudes.contains(&high)
            {
                magnitudes.push(high.clone());
            }
            let high = normal.constant(sort, &high);
            let holds = normal.terms.less_equal(id, high);
            normal.say(vec![], holds, found);
        }
    }
    magnitudes
}

/// Applications without variables of quantifiers of symbols that mean something, in the order in which they are met.
fn applied(normal: &Normal<'_>, facts: &[TermId], wanted: impl Fn(Meaning) -> bool) -> Vec<TermId> {
    let (mut found, mut seen) = (vec![], rustc_hash::FxHashSet::default());
    let mut stack: Vec<TermId> = facts.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        let term = normal.terms.get(id);
        if let Op::Apply(symbol) = term.op
            && wanted(normal.terms.symbol(symbol).meaning)
            && normal.terms.free(id).is_empty()
        {
            found.push(id);
        }
        stack.extend(term.arguments.iter().rev());
    }
    found
}
