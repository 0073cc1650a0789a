//! Goals about bits, said again with bit-vectors of one width.
//!
//! Integers of a goal with bit operations are mixed with bit-vectors that solvers convert back and forth, which
//! they are bad at. Where every integer that matters has bounds, there is a width at which no value of the goal
//! leaves the vectors; at that width sums, products and comparisons mean the same, and bit operations are plain
//! ones. What has no such reading (quantifiers, other sorts, integers without bounds) becomes a boolean of which
//! nothing is known: what contradicts itself so also contradicts itself in full, and only that is concluded.

use std::fmt::Write as _;

use anrf_format::value::Value;
use num_bigint::BigInt;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::solver::{Features, Node, Session};
use crate::term::{Op, SortId, SymbolId, TermId, Terms, Theory};

/// Wider vectors take solvers longer than the detour.
const WIDEST: u64 = 160;

/// A goal in bit-vectors.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    /// Declarations, definitions and assertions.
    pub(crate) text: String,
    /// What it needs of a solver.
    pub(crate) features: Features,
    /// Whether it says all that the goal does, so that a model of it is one of the goal.
    pub(super) is_exact: bool,
    names: FxHashMap<TermId, String>,
}

impl Bits {
    /// What a model says of a boolean or an integer of the goal.
    pub(super) fn value(&self, session: &mut dyn Session, term: TermId) -> Option<Value> {
        let name = self.names.get(&term)?;
        let value = session.values(&[name]).ok()?.pop()?;
        let (digits, radix, bits) = match value.node() {
            Node::Symbol(truth) => return Some(Value::Boolean(truth == "true")),
            Node::Binary(digits) => (digits, 2, 1),
            Node::Hexadecimal(digits) => (digits, 16, 4),
            _ => return None,
        };
        let natural = BigInt::parse_bytes(digits.as_bytes(), radix)?;
        let width = digits.len() * bits;
        let is_negative = natural.bits() == width as u64;
        let integer = if is_negative { natural - (BigInt::one() << width) } else { natural };
        integer.to_i64().map(Value::Integer)
    }
}

/// These assertions in bit-vectors; `None` if nothing of them is about bits, or their numbers are too wide.
/// `two_to` is the encoder's power of two.
pub(crate) fn bits(terms: &Terms, assertions: &[TermId], two_to: Option<SymbolId>) -> Option<Bits> {
    let order = parts(assertions, |id| children(terms, id, two_to));
    let about_bits = |id: &TermId| match terms.get(*id).op {
        Op::Theory(Theory::NaturalOfBits) => true,
        Op::Apply(symbol) => Some(symbol) == two_to,
        _ => false,
    };
    if !order.iter().any(about_bits) {
        return None;
    }
    let mut view = View::new(terms, assertions, two_to);
    for id in &order {
        view.measure(*id);
    }
    let widest = view.ranges.values().map(|range| range.low.bits().max(range.high.bits())).max()?;
    view.width = u32::try_from(widest + 1).ok().filter(|_| widest < WIDEST)?;
    for id in parts(assertions, |id| view.read(id)) {
        view.say(id);
    }
    for assertion in assertions {
        let name = view.names.get(assertion)?;
        let _ = writeln!(view.text, "(assert {name})");
    }
    Some(Bits {
        text: view.text,
        features: Features::BIT_VECTORS,
        is_exact: view.is_exact,
        names: view.names,
    })
}

/// What a term is made of that can have a reading of its own.
fn children(terms: &Terms, id: TermId, two_to: Option<SymbolId>) -> &[TermId] {
    use Theory as T;
    let term = terms.get(id);
    let plain = |sort| matches!(sort, SortId::BOOLEAN | SortId::INTEGER | SortId::BITS);
    match &term.op {
        Op::Theory(
            T::Not
            | T::And
            | T::Or
            | T::Implies
            | T::Less
            | T::LessEqual
            | T::Add
            | T::Subtract
            | T::Multiply
            | T::Negate
            | T::Divide
            | T::Modulo
            | T::IfThenElse
            | T::Equal
            | T::NaturalOfBits
            | T::BitsOfInteger
            | T::BitAnd
            | T::BitOr
            | T::BitXor,
        ) if term.arguments.iter().all(|part| plain(terms.sort(*part))) => &term.arguments,
        Op::Apply(symbol) if Some(*symbol) == two_to => &term.arguments,
        _ => &[],
    }
}

/// The roots and what they are made of, parts first.
fn parts<'t>(roots: &[TermId], children: impl Fn(TermId) -> &'t [TermId]) -> Vec<TermId> {
    let mut order = vec![];
    let mut seen = FxHashSet::default();
    let mut stack: Vec<(TermId, bool)> = roots.iter().rev().map(|root| (*root, false)).collect();
    while let Some((id, children_done)) = stack.pop() {
        if children_done {
            order.push(id);
        } else if seen.insert(id) {
            stack.push((id, true));
            stack.extend(children(id).iter().rev().map(|part| (*part, false)));
        }
    }
    order
}

/// The integers from `low` to `high`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    low: BigInt,
    high: BigInt,
}

impl Range {
    fn of(values: impl IntoIterator<Item = BigInt>) -> Option<Self> {
        let mut values = values.into_iter();
        let first = values.next()?;
        let mut range = Self { low: first.clone(), high: first };
        for value in values {
            range.low = range.low.min(value.clone());
            range.high = range.high.max(value);
        }
        Some(range)
    }

    /// Whether each of these is at most each of those, or greater than each.
    fn no_more_than(&self, other: &Self) -> Option<bool> {
        if self.high <= other.low {
            return Some(true);
        }
        (self.low > other.high).then_some(false)
    }

    fn largest(&self) -> BigInt {
        self.low.abs().max(self.high.abs())
    }
}

/// What the assertions say of a term by themselves: true of every model, so that values outside need no room.
#[derive(Clone, Debug, Default)]
struct Bounds {
    low: Option<BigInt>,
    high: Option<BigInt>,
    is_not_zero: bool,
}

struct View<'t> {
    terms: &'t Terms,
    two_to: Option<SymbolId>,
    bounds: FxHashMap<TermId, Bounds>,
    /// Integers that fit; the others have no reading.
    ranges: FxHashMap<TermId, Range>,
    /// Comparisons that ranges decide, and what is made of them.
    truths: FxHashMap<TermId, bool>,
    /// Integers that are read by their parts, not as something of which only the bounds are known.
    composed: FxHashSet<TermId>,
    width: u32,
    names: FxHashMap<TermId, String>,
    is_exact: bool,
    text: String,
}

impl<'t> View<'t> {
    fn new(terms: &'t Terms, assertions: &[TermId], two_to: Option<SymbolId>) -> Self {
        let mut view = Self {
            terms,
            two_to,
            bounds: FxHashMap::default(),
            ranges: FxHashMap::default(),
            truths: FxHashMap::default(),
            composed: FxHashSet::default(),
            width: 0,
            names: FxHashMap::default(),
            is_exact: true,
            text: String::new(),
        };
        let mut stack = assertions.to_vec();
        while let Some(id) = stack.pop() {
            let term = terms.get(id);
            match (&term.op, &*term.arguments) {
                (Op::Theory(Theory::And), parts) => stack.extend(parts),
                (Op::Theory(Theory::LessEqual), &[a, b]) => view.bound(a, b, 0),
                (Op::Theory(Theory::Less), &[a, b]) => view.bound(a, b, 1),
                (Op::Theory(Theory::Not), &[negated]) => {
                    match (&terms.get(negated).op, &*terms.get(negated).arguments) {
                        (Op::Theory(Theory::LessEqual), &[a, b]) => view.bound(b, a, 1),
                        (Op::Theory(Theory::Less), &[a, b]) => view.bound(b, a, 0),
                        (Op::Theory(Theory::Equal), &[a, b]) => {
                            for (number, other) in [(a, b), (b, a)] {
                                if terms.as_integer(number).is_some_and(BigInt::is_zero) {
                                    view.bounds.entry(other).or_default().is_not_zero = true;
                                }
                            }
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        view
    }

    /// `a + gap <= b` holds.
    fn bound(&mut self, a: TermId, b: TermId, gap: i64) {
        if let Some(number) = self.terms.as_integer(a) {
            let low = number + gap;
            let known = self.bounds.entry(b).or_default();
            known.low = Some(known.low.take().map_or(low.clone(), |before| before.max(low)));
        } else if let Some(number) = self.terms.as_integer(b) {
            let high = number - gap;
            let known = self.bounds.entry(a).or_default();
            known.high = Some(known.high.take().map_or(high.clone(), |before| before.min(high)));
        }
    }

    fn integer(&self, id: TermId) -> bool {
        self.terms.sort(id) == SortId::INTEGER
    }

    /// Finds the range of an integer, or what ranges make of a condition.
    fn measure(&mut self, id: TermId) {
        if !self.integer(id) {
            if let Some(truth) = self.truth(id) {
                self.truths.insert(id, truth);
            }
            return;
        }
        let computed = self.by_parts(id);
        if computed.is_some() {
            self.composed.insert(id);
        }
        let (low, high) = match self.bounds.get(&id) {
            Some(known) => (known.low.clone(), known.high.clone()),
            None => (None, None),
        };
        let range = match computed {
            Some(range) => Some(Range {
                low: low.map_or(range.low.clone(), |low| low.max(range.low)),
                high: high.map_or(range.high.clone(), |high| high.min(range.high)),
            }),
            None => low.zip(high).map(|(low, high)| Range { low, high }),
        };
        // Bounds that contradict each other leave nothing to be proved; any range will do.
        if let Some(range) =
            range.map(|it| if it.low <= it.high { it } else { Range { low: it.high, high: it.low } })
        {
            self.ranges.insert(id, range);
        }
    }

    fn truth(&self, id: TermId) -> Option<bool> {
        let term = self.terms.get(id);
        let range = |part: &TermId| self.ranges.get(part);
        let known = |part: &TermId| self.truths.get(part).copied();
        match (&term.op, &*term.arguments) {
            (Op::Boolean(value), _) => Some(*value),
            (Op::Theory(Theory::LessEqual), [a, b]) => range(a)?.no_more_than(range(b)?),
            (Op::Theory(Theory::Less), [a, b]) => range(b)?.no_more_than(range(a)?).map(|truth| !truth),
            (Op::Theory(Theory::Not), [a]) => known(a).map(|truth| !truth),
            (Op::Theory(Theory::And), all) => {
                if all.iter().any(|part| known(part) == Some(false)) {
                    return Some(false);
                }
                all.iter().all(|part| known(part) == Some(true)).then_some(true)
            }
            _ => None,
        }
    }

    fn by_parts(&self, id: TermId) -> Option<Range> {
        use Theory as T;
        let term = self.terms.get(id);
        let range = |part: &TermId| self.ranges.get(part);
        let corners = |a: &Range, b: &Range, with: fn(&BigInt, &BigInt) -> BigInt| {
            Range::of([
                with(&a.low, &b.low),
                with(&a.low, &b.high),
                with(&a.high, &b.low),
                with(&a.high, &b.high),
            ])
        };
        match (&term.op, &*term.arguments) {
            (Op::Integer(value), _) => Range::of([value.clone()]),
            (Op::Theory(T::Add), [a, b]) => corners(range(a)?, range(b)?, |a, b| a + b),
            (Op::Theory(T::Subtract), [a, b]) => corners(range(a)?, range(b)?, |a, b| a - b),
            (Op::Theory(T::Multiply), [a, b]) => corners(range(a)?, range(b)?, |a, b| a * b),
            (Op::Theory(T::Negate), [a]) => range(a).and_then(|a| Range::of([-&a.low, -&a.high])),
            (Op::Theory(T::IfThenElse), [condition, a, b]) if self.truths.contains_key(condition) => {
                range(if self.truths[condition] { a } else { b }).cloned()
            }
            (Op::Theory(T::IfThenElse), [_, a, b]) => {
                let (a, b) = (range(a)?, range(b)?);
                Range::of([a.low.clone(), a.high.clone(), b.low.clone(), b.high.clone()])
            }
            (Op::Theory(T::Divide), [a, b]) if range(b).is_some_and(|b| b.low.is_positive()) => {
                corners(range(a)?, range(b)?, |a, b| if (a % b).is_negative() { a / b - 1 } else { a / b })
            }
            (Op::Theory(T::Divide), [a, b]) if self.is_not_zero(*b) => {
                let most = range(a)?.largest();
                Range::of([-&most, most])
            }
            (Op::Theory(T::Modulo), [a, b]) if self.is_not_zero(*b) => {
                range(a)?;
                Range::of([BigInt::ZERO, range(b)?.largest()])
            }
            (Op::Theory(T::NaturalOfBits), [bits]) => {
                self.operands(*bits)?;
                Range::of([BigInt::ZERO, (BigInt::one() << 64) - 1])
            }
            (Op::Apply(symbol), [places]) if Some(*symbol) == self.two_to => {
                let places = range(places)?;
                let (low, high) = (u32::try_from(&places.low).ok()?, u32::try_from(&places.high).ok()?);
                (high < 64).then(|| Range::of([BigInt::one() << low, BigInt::one() << high]))?
            }
            _ => None,
        }
    }

    fn is_not_zero(&self, id: TermId) -> bool {
        let inside =
            self.ranges.get(&id).is_some_and(|range| range.low.is_positive() || range.high.is_negative());
        inside || self.ranges.contains_key(&id) && self.bounds.get(&id).is_some_and(|known| known.is_not_zero)
    }

    /// The operation and the two integers of which 64 bits are taken.
    fn operands(&self, bits: TermId) -> Option<(&'static str, TermId, TermId)> {
        let term = self.terms.get(bits);
        let (Op::Theory(function @ (Theory::BitAnd | Theory::BitOr | Theory::BitXor)), &[a, b]) =
            (&term.op, &*term.arguments)
        else {
            return None;
        };
        let integer = |id| match (&self.terms.get(id).op, &*self.terms.get(id).arguments) {
            (Op::Theory(Theory::BitsOfInteger), &[of]) => self.ranges.contains_key(&of).then_some(of),
            _ => None,
        };
        Some((function.name(), integer(a)?, integer(b)?))
    }

    /// What a term is read by: of a choice that ranges decide only the part that counts.
    fn read(&self, id: TermId) -> &'t [TermId] {
        let term = self.terms.get(id);
        match (&term.op, &*term.arguments) {
            _ if self.integer(id) && !self.composed.contains(&id) => &[],
            (Op::Theory(Theory::IfThenElse), [condition, ..]) if self.truths.contains_key(condition) => {
                if self.truths[condition] {
                    &term.arguments[1..2]
                } else {
                    &term.arguments[2..3]
                }
            }
            _ => children(self.terms, id, self.two_to),
        }
    }

    /// Declares or defines what stands for a term.
    fn say(&mut self, id: TermId) {
        let boolean = self.terms.sort(id) == SortId::BOOLEAN;
        if !boolean && !self.ranges.contains_key(&id) {
            self.is_exact &= self.terms.sort(id) == SortId::BITS;
            return;
        }
        let name = format!("t{}", self.names.len());
        let sort = if boolean { "Bool".to_owned() } else { format!("(_ BitVec {})", self.width) };
        let written = self.written(id);
        let term = self.terms.get(id);
        self.is_exact &= written.is_some() || matches!(term.op, Op::Apply(_)) && term.arguments.is_empty();
        let _ = match written {
            Some(written) => writeln!(self.text, "(define-fun {name} () {sort} {written})"),
            None => writeln!(self.text, "(declare-const {name} {sort})"),
        };
        self.names.insert(id, name);
    }

    fn literal(&self, value: &BigInt) -> String {
        let whole = BigInt::one() << self.width;
        let natural = if value.is_negative() { value + whole } else { value.clone() };
        format!("(_ bv{natural} {})", self.width)
    }

    /// The places of a power of two.
    fn exponent(&self, id: TermId) -> Option<String> {
        let term = self.terms.get(id);
        match &term.op {
            Op::Integer(value) if value.is_positive() => {
                let places = value.bits() - 1;
                (value.trailing_zeros() == Some(places)).then(|| self.literal(&BigInt::from(places)))
            }
            Op::Apply(symbol) if Some(*symbol) == self.two_to && self.composed.contains(&id) => {
                self.names.get(term.arguments.first()?).cloned()
            }
            _ => None,
        }
    }

    fn written(&self, id: TermId) -> Option<String> {
        use Theory as T;
        let term = self.terms.get(id);
        if self.integer(id) && !self.composed.contains(&id) {
            return None;
        }
        let names: Option<Vec<&str>> =
            term.arguments.iter().map(|part| self.names.get(part).map(String::as_str)).collect();
        match (&term.op, &*term.arguments) {
            (Op::Boolean(value), _) => return Some(value.to_string()),
            (Op::Integer(value), _) => return Some(self.literal(value)),
            (Op::Theory(T::NaturalOfBits), &[bits]) => {
                let (function, a, b) = self.operands(bits)?;
                let all = self.literal(&((BigInt::one() << 64) - 1));
                return Some(format!(
                    "(bvand ({function} {} {}) {all})",
                    self.names.get(&a)?,
                    self.names.get(&b)?
                ));
            }
            (Op::Theory(T::IfThenElse), &[condition, a, b]) if self.truths.contains_key(&condition) => {
                return self.names.get(if self.truths[&condition] { &a } else { &b }).cloned();
            }
            (Op::Apply(_), &[places]) if self.composed.contains(&id) => {
                let one = self.literal(&BigInt::one());
                return Some(format!("(bvshl {one} {})", self.names.get(&places)?));
            }
            _ => {}
        }
        let zero = || self.literal(&BigInt::ZERO);
        let names = names?;
        Some(match (&term.op, &names[..]) {
            (Op::Theory(T::Not), [a]) => format!("(not {a})"),
            (Op::Theory(function @ (T::And | T::Or)), all) => {
                format!("({} {})", function.name(), all.join(" "))
            }
            (Op::Theory(T::Implies), [a, b]) => format!("(=> {a} {b})"),
            (Op::Theory(T::Equal), [a, b]) => format!("(= {a} {b})"),
            (Op::Theory(T::IfThenElse), [condition, a, b]) => format!("(ite {condition} {a} {b})"),
            (Op::Theory(T::Less), [a, b]) => format!("(bvslt {a} {b})"),
            (Op::Theory(T::LessEqual), [a, b]) => format!("(bvsle {a} {b})"),
            (Op::Theory(T::Add), [a, b]) => format!("(bvadd {a} {b})"),
            (Op::Theory(T::Subtract), [a, b]) => format!("(bvsub {a} {b})"),
            (Op::Theory(T::Negate), [a]) => format!("(bvneg {a})"),
            (Op::Theory(T::Multiply), [a, b]) => {
                match (self.exponent(term.arguments[0]), self.exponent(term.arguments[1])) {
                    (_, Some(places)) => format!("(bvshl {a} {places})"),
                    (Some(places), None) => format!("(bvshl {b} {places})"),
                    (None, None) => format!("(bvmul {a} {b})"),
                }
            }
            // SMT-LIB's `div` and `mod` of integers leave a remainder that is not negative.
            (Op::Theory(T::Divide), [a, b]) => match self.exponent(term.arguments[1]) {
                Some(places) => format!("(bvashr {a} {places})"),
                None => {
                    let (zero, one) = (zero(), self.literal(&BigInt::one()));
                    format!(
                        "(ite (bvslt (bvsrem {a} {b}) {zero}) (ite (bvslt {b} {zero}) (bvadd (bvsdiv {a} {b}) {one}) \
                         (bvsub (bvsdiv {a} {b}) {one})) (bvsdiv {a} {b}))"
                    )
                }
            },
            (Op::Theory(T::Modulo), [a, b]) => {
                if self.exponent(term.arguments[1]).is_some() {
                    let one = self.literal(&BigInt::one());
                    return Some(format!("(bvand {a} (bvsub {b} {one}))"));
                }
                let zero = zero();
                format!(
                    "(ite (bvslt (bvsrem {a} {b}) {zero}) (ite (bvslt {b} {zero}) (bvsub (bvsrem {a} {b}) {b}) \
                     (bvadd (bvsrem {a} {b}) {b})) (bvsrem {a} {b}))"
                )
            }
            _ => return None,
        })
    }
}
