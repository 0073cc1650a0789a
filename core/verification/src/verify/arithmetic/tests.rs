//! Every lemma is evaluated on numbers: what is said of products, quotients, rounding, powers and floats holds for
//! all of them, whatever their signs and sizes.

#![allow(clippy::unwrap_used, clippy::panic)] // a test may fail

use num_bigint::BigInt;
use num_integer::Integer as _;
use rustc_hash::FxHashMap;

use super::fraction::Fraction;
use super::normal::Normal;
use super::{floats, instances, lemmas, of_remainders};
use crate::term::{Meaning, Op, SortId, TermId, Terms, Theory};

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Boolean(bool),
    Number(Fraction),
    Float(f64),
}

/// The value of a term whose functions mean what they stand for.
struct Evaluator<'a> {
    terms: &'a Terms,
    inputs: &'a FxHashMap<TermId, Value>,
    known: FxHashMap<TermId, Value>,
}

impl Evaluator<'_> {
    fn boolean(&mut self, id: TermId) -> bool {
        match self.value(id) {
            Value::Boolean(value) => value,
            other => panic!("{other:?}"),
        }
    }

    fn number(&mut self, id: TermId) -> Fraction {
        match self.value(id) {
            Value::Number(value) => value,
            other => panic!("{other:?}"),
        }
    }

    fn float(&mut self, id: TermId) -> f64 {
        match self.value(id) {
            Value::Float(value) => value,
            other => panic!("{other:?}"),
        }
    }

    fn value(&mut self, id: TermId) -> Value {
        if let Some(known) = self.inputs.get(&id).or_else(|| self.known.get(&id)) {
            return known.clone();
        }
        let term = self.terms.get(id);
        let a = term.arguments.to_vec();
        let value = match &term.op {
            Op::Boolean(value) => Value::Boolean(*value),
            Op::Integer(value) => Value::Number(Fraction::whole(value.clone())),
            Op::Real(n, d) => Value::Number(Fraction::new(n.clone(), d.clone())),
            Op::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Op::Apply(symbol) => {
                let symbol = self.terms.symbol(*symbol);
                match symbol.name.as_str() {
                    "float_product" => Value::Float(self.float(a[0]) * self.float(a[1])),
                    "float_sum" => Value::Float(self.float(a[0]) + self.float(a[1])),
                    "float_difference" => Value::Float(self.float(a[0]) - self.float(a[1])),
                    name => {
                        let given: Vec<Fraction> = a.iter().map(|it| self.number(*it)).collect();
                        let value = applied(name, symbol.result, &given);
                        if symbol.result == SortId::BOOLEAN {
                            Value::Boolean(!value.is_zero())
                        } else {
                            Value::Number(value)
                        }
                    }
                }
            }
            Op::Theory(function) => self.theory(*function, &a),
            other => panic!("{other:?}"),
        };
        self.known.insert(id, value.clone());
        value
    }

    fn theory(&mut self, function: Theory, a: &[TermId]) -> Value {
        use Theory as T;
        match function {
            T::Not => Value::Boolean(!self.boolean(a[0])),
            T::And => Value::Boolean(a.iter().all(|it| self.boolean(*it))),
            T::Or => Value::Boolean(a.iter().any(|it| self.boolean(*it))),
            T::Implies => Value::Boolean(!self.boolean(a[0]) || self.boolean(a[1])),
            T::IfThenElse => {
                let chosen = if self.boolean(a[0]) { a[1] } else { a[2] };
                self.value(chosen)
            }
            T::Equal => Value::Boolean(self.value(a[0]) == self.value(a[1])),
            T::Less => Value::Boolean(self.number(a[0]) < self.number(a[1])),
            T::LessEqual => Value::Boolean(self.number(a[0]) <= self.number(a[1])),
            T::Add => Value::Number(self.number(a[0]).plus(&self.number(a[1]))),
            T::Subtract => Value::Number(self.number(a[0]).plus(&self.number(a[1]).negated())),
            T::Multiply => Value::Number(self.number(a[0]).times(&self.number(a[1]))),
            T::Negate => Value::Number(self.number(a[0]).negated()),
            T::ToReal => self.value(a[0]),
            T::Divide => {
                Value::Number(applied("quotient", SortId::INTEGER, &[self.number(a[0]), self.number(a[1])]))
            }
            T::FloatLessEqual => Value::Boolean(self.float(a[0]) <= self.float(a[1])),
            T::FloatIsNan => Value::Boolean(self.float(a[0]).is_nan()),
            other => panic!("{other:?}"),
        }
    }
}

/// What a function is; by zero some value, as solvers may choose any.
fn applied(name: &str, result: SortId, given: &[Fraction]) -> Fraction {
    let integer = |value: &Fraction| value.numerator.clone();
    match name {
        "product" => given[0].times(&given[1]),
        _ if matches!(name, "quotient" | "remainder") && given[1].is_zero() => Fraction::whole(7),
        "quotient" if result == SortId::REAL => given[0].times(&given[1].inverse()),
        "quotient" | "remainder" => {
            let (a, b) = (integer(&given[0]), integer(&given[1]));
            let remainder = a.mod_floor(&magnitude(&b));
            if name == "remainder" {
                Fraction::whole(remainder)
            } else {
                Fraction::whole((a - remainder) / b)
            }
        }
        "pow" | "two_to" => {
            let (base, exponent) =
                if name == "pow" { (given[0].clone(), &given[1]) } else { (Fraction::whole(2), &given[0]) };
            let times = u32::try_from(integer(exponent)).unwrap_or(0);
            (0..times).fold(Fraction::whole(1), |product, _| product.times(&base))
        }
        "places_2" => {
            Fraction::whole(i64::from(given[0].times(&Fraction::whole(100)).denominator == 1.into()))
        }
        "toward_zero" if given[0].is_negative() => given[0].negated().floor().negated(),
        "toward_zero" => given[0].floor(),
        other => panic!("{other}"),
    }
}

fn magnitude(value: &BigInt) -> BigInt {
    value.magnitude().clone().into()
}

/// Pseudo-random numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below((high - low + 1).unsigned_abs())).unwrap()
    }
}

#[test]
fn lemmas_about_numbers_hold() {
    let mut terms = Terms::default();
    let [x, y, z] = ["x", "y", "z"].map(|name| terms.constant(name, SortId::INTEGER));
    let [r, s] = ["r", "s"].map(|name| terms.constant(name, SortId::REAL));
    let round = terms.declare("toward_zero", vec![SortId::REAL], SortId::INTEGER);
    terms.set_meaning(round, Meaning::Rounding);
    let pow = terms.declare("pow", vec![SortId::INTEGER, SortId::INTEGER], SortId::INTEGER);
    terms.set_meaning(pow, Meaning::Power);
    let two_to = terms.declare("two_to", vec![SortId::INTEGER], SortId::INTEGER);
    terms.set_meaning(two_to, Meaning::PowerOfTwo);
    let [real_x, real_y] = [x, y].map(|it| terms.theory(Theory::ToReal, vec![it]));
    let choice = terms.less(x, y);
    let choice = terms.if_then_else(choice, r, s);
    let quotient = terms.theory(Theory::RealDivide, vec![r, real_y]);
    let product = terms.multiply(r, real_x);
    let share = terms.theory(Theory::RealDivide, vec![product, real_y]);
    let rounded = terms.apply(round, vec![share]);
    let real_rounded = terms.theory(Theory::ToReal, vec![rounded]);
    let (two, limit) = (terms.integer(2), terms.real(BigInt::from(10).pow(40), 1.into()));
    let half = terms.theory(Theory::Divide, vec![z, two]);
    let powers = [(x, z), (x, half)].map(|(base, exponent)| terms.apply(pow, vec![base, exponent]));
    let of_two = terms.apply(two_to, vec![z]);
    let whole = [
        terms.multiply(x, y),
        terms.multiply(y, y),
        terms.theory(Theory::Divide, vec![x, y]),
        terms.theory(Theory::Modulo, vec![x, y]),
        terms.multiply(powers[0], x),
        terms.multiply(powers[1], powers[1]),
        terms.multiply(of_two, y),
    ];
    let mut parts = whole.map(|it| terms.theory(Theory::ToReal, vec![it])).to_vec();
    parts.extend([
        terms.multiply(r, s),
        terms.multiply(choice, s),
        terms.multiply(quotient, s),
        terms.multiply(real_rounded, real_y),
        terms.multiply(real_rounded, s),
    ]);
    let mut facts: Vec<TermId> = parts.into_iter().map(|part| terms.less_equal(part, limit)).collect();
    // With bounds that are known, of which lemmas speak; the rest has none.
    let (low, high, most) = (terms.integer(-4), terms.integer(4), terms.integer(6));
    facts.extend([terms.between(low, x, high), terms.less_equal(z, most)]);
    let three = terms.real(3.into(), 1.into());
    facts.push(terms.less_equal(s, three));
    // What may be something else.
    let (equal, more) = (terms.equal(r, s), terms.less_equal(r, limit));
    facts.push(terms.implies(equal, more));
    // A sum of cents and something else, and what something else may be.
    let places = terms.declare("places_2", vec![SortId::REAL], SortId::BOOLEAN);
    terms.set_meaning(places, Meaning::Places(2));
    let cent = terms.real(1.into(), 100.into());
    let cents = terms.multiply(real_x, cent);
    let sum = terms.add(cents, s);
    let sum = terms.apply(places, vec![sum]);
    let is_cent = terms.equal(s, cent);
    facts.push(terms.implies(is_cent, more));
    facts.push(terms.implies(sum, more));
    let mut related = vec![];
    instances::of_powers(&mut terms, &powers, &mut related);
    let mut normal = Normal::new(&mut terms);
    let facts: Vec<TermId> = facts.into_iter().map(|fact| normal.term(fact)).collect();
    let facts = super::facts::flat(normal.terms, &facts);
    let mut found = lemmas::lemmas(&mut normal, &facts);
    found.extend(related);
    assert!(found.len() > 100, "{}", found.len());
    let mut numbers = Numbers(1);
    let mut tried = 0;
    for _ in 0..2_000 {
        let real = |numbers: &mut Numbers| {
            Value::Number(Fraction::new(numbers.between(-40, 30).into(), numbers.between(1, 10).into()))
        };
        let whole = |value: i64| Value::Number(Fraction::whole(value));
        let inputs = FxHashMap::from_iter([
            (x, whole(numbers.between(-4, 4))),
            (y, whole(numbers.between(-5, 9))),
            (z, whole(numbers.between(-2, 6))),
            (r, real(&mut numbers)),
            (s, real(&mut numbers)),
        ]);
        let mut evaluator = Evaluator { terms: normal.terms, inputs: &inputs, known: FxHashMap::default() };
        if !facts.iter().all(|fact| evaluator.boolean(*fact)) {
            continue;
        }
        tried += 1;
        for lemma in &found {
            assert!(evaluator.boolean(*lemma), "{lemma:?} {:?} with {inputs:?}", normal.terms.get(*lemma));
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn lemmas_about_remainders_hold() {
    let mut terms = Terms::default();
    let symbol = terms.declare("remainder", vec![SortId::INTEGER, SortId::INTEGER], SortId::INTEGER);
    for axiom in of_remainders(&mut terms, symbol) {
        let Op::ForAll(variables) = terms.get(axiom).op.clone() else { panic!("no quantifier") };
        let body = terms.get(axiom).arguments[0];
        let places: Vec<TermId> = variables.iter().map(|variable| terms.bound(*variable)).collect();
        for a in -9..=9 {
            for b in -6..=6 {
                for d in -5..=5 {
                    let values = [a, b, d].map(|value: i64| Value::Number(Fraction::whole(value)));
                    let inputs = places.iter().copied().zip(values).collect();
                    let known = FxHashMap::default();
                    let mut evaluator = Evaluator { terms: &terms, inputs: &inputs, known };
                    assert!(evaluator.boolean(body), "{a} {b} {d}");
                }
            }
        }
    }
}

#[test]
fn lemmas_about_floats_hold() {
    let mut terms = Terms::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| terms.constant(name, SortId::FLOAT));
    let constant = terms.float(0.1);
    let mut facts = vec![];
    let product = terms.theory(Theory::FloatMultiply, vec![a, constant]);
    for part in [
        terms.theory(Theory::FloatMultiply, vec![a, b]),
        terms.theory(Theory::FloatMultiply, vec![product, c]),
        terms.theory(Theory::FloatAdd, vec![a, b]),
        terms.theory(Theory::FloatAdd, vec![product, c]),
        terms.theory(Theory::FloatSubtract, vec![a, b]),
        terms.theory(Theory::FloatSubtract, vec![c, b]),
    ] {
        facts.push(terms.theory(Theory::FloatLessEqual, vec![part, part]));
    }
    let limit = terms.float(1e6);
    for one in [a, b, c] {
        let bounded = terms.theory(Theory::FloatLessEqual, vec![one, limit]);
        let not = terms.not(bounded);
        facts.push(terms.or(vec![not, facts[0]]));
    }
    let mut normal = Normal::new(&mut terms);
    let facts: Vec<TermId> = facts.into_iter().map(|fact| normal.term(fact)).collect();
    let found = floats::lemmas(&mut normal, &facts);
    assert!(found.len() > 50, "{}", found.len());
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        0.3,
        1e6,
        999_999.999,
        -2.5,
        1e300,
        -1e300,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e-200,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    for x in special {
        for y in special {
            for z in special {
                let inputs =
                    FxHashMap::from_iter([(a, Value::Float(x)), (b, Value::Float(y)), (c, Value::Float(z))]);
                let mut evaluator =
                    Evaluator { terms: normal.terms, inputs: &inputs, known: FxHashMap::default() };
                for lemma in &found {
                    assert!(evaluator.boolean(*lemma), "{:?} of {x} {y} {z}", normal.terms.get(*lemma));
                }
            }
        }
    }
}
