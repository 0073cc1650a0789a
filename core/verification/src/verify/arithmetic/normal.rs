//! Arithmetic in one form: sums of products of what is neither, so that equal things are one term. A product or
//! quotient of what is not plain becomes a function of which only the lemmas say something.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::fraction::Fraction;
use crate::term::{Op, SortId, SymbolId, Term, TermId, Terms, Theory};

/// Factors of one product, ascending; none is the number 1.
pub(super) type Monomial = Vec<TermId>;
/// Products with what they are multiplied by; none is zero.
pub(super) type Polynomial = BTreeMap<Monomial, Fraction>;

/// Sums longer than this are not multiplied out.
const MOST_PARTS: usize = 40;

/// What was made on the way.
pub(super) struct Normal<'t> {
    pub(super) terms: &'t mut Terms,
    done: FxHashMap<TermId, TermId>,
    polynomials: FxHashMap<TermId, Polynomial>,
    functions: FxHashMap<(Theory, SortId), SymbolId>,
    /// Products without variables of quantifiers, by sort and factors.
    pub(super) products: BTreeMap<(SortId, Monomial), TermId>,
    /// Quotients and remainders, likewise: the function, dividend, divisor, value.
    pub(super) quotients: Vec<(Theory, TermId, TermId, TermId)>,
    /// Sums, differences and products of floats, likewise.
    pub(super) floats: Vec<(Theory, TermId, TermId, TermId)>,
    /// The function that stands for remainders, if one is applied to a variable of a quantifier or to another.
    pub(super) remainder: Option<SymbolId>,
}

impl<'t> Normal<'t> {
    pub(super) fn new(terms: &'t mut Terms) -> Self {
        Self {
            terms,
            done: FxHashMap::default(),
            polynomials: FxHashMap::default(),
            functions: FxHashMap::default(),
            products: BTreeMap::new(),
            quotients: vec![],
            floats: vec![],
            remainder: None,
        }
    }

    /// The normal form of a term. Iterative; every node is looked at once.
    pub(super) fn term(&mut self, root: TermId) -> TermId {
        let mut stack = vec![(root, false)];
        while let Some((id, children_done)) = stack.pop() {
            if self.done.contains_key(&id) {
                continue;
            }
            let arguments = self.terms.get(id).arguments.clone();
            if children_done {
                let new: Vec<TermId> = arguments.iter().map(|argument| self.done[argument]).collect();
                let made = self.made(id, new);
                self.done.insert(id, made);
            } else {
                stack.push((id, true));
                stack.extend(arguments.iter().map(|argument| (*argument, false)));
            }
        }
        self.done[&root]
    }

    /// The polynomial that a normal form is.
    pub(super) fn polynomial(&self, id: TermId) -> Polynomial {
        if let Some(known) = self.polynomials.get(&id) {
            return known.clone();
        }
        match &self.terms.get(id).op {
            Op::Integer(value) => constant(Fraction::whole(value.clone())),
            Op::Real(n, d) => constant(Fraction::new(n.clone(), d.clone())),
            _ => Polynomial::from([(vec![id], Fraction::whole(1))]),
        }
    }

    fn made(&mut self, id: TermId, new: Vec<TermId>) -> TermId {
        let Term { op, sort, .. } = self.terms.get(id).clone();
        let Op::Theory(function) = op else { return self.rebuilt(id, new) };
        match (function, new.as_slice()) {
            (Theory::Add, &[a, b]) => {
                let sum = plus(self.polynomial(a), &self.polynomial(b), &Fraction::whole(1));
                self.sum(sort, sum)
            }
            (Theory::Subtract, &[a, b]) => {
                let sum = plus(self.polynomial(a), &self.polynomial(b), &Fraction::whole(-1));
                self.sum(sort, sum)
            }
            (Theory::Negate, &[a]) if is_number(sort) => {
                let sum = plus(Polynomial::new(), &self.polynomial(a), &Fraction::whole(-1));
                self.sum(sort, sum)
            }
            (Theory::Multiply, &[a, b]) => {
                let (x, y) = (self.polynomial(a), self.polynomial(b));
                let product = if x.len().saturating_mul(y.len()) > MOST_PARTS {
                    Polynomial::from([(sorted(vec![a, b]), Fraction::whole(1))])
                } else {
                    times(&x, &y)
                };
                self.sum(sort, product)
            }
            (Theory::RealDivide, &[a, b]) => match self.number(b) {
                Some(divisor) if !divisor.is_zero() => {
                    let quotient = plus(Polynomial::new(), &self.polynomial(a), &divisor.inverse());
                    self.sum(sort, quotient)
                }
                _ => self.hidden(function, a, b),
            },
            (Theory::Divide | Theory::Modulo, &[a, b]) => match self.number(b) {
                Some(_) => self.rebuilt(id, new),
                None => self.hidden(function, a, b),
            },
            (Theory::FloatMultiply | Theory::FloatAdd | Theory::FloatSubtract, &[a, b]) => {
                self.hidden_float(function, a, b)
            }
            (
                Theory::FloatDivide
                | Theory::FloatSqrt
                | Theory::FloatNegate
                | Theory::FloatAbsolute
                | Theory::FloatFloor
                | Theory::FloatCeiling
                | Theory::FloatOfReal
                | Theory::RealOfFloat,
                _,
            ) => self.hidden_plainly(function, new, sort),
            (Theory::ToReal, &[a]) => {
                let of_integers = self.polynomial(a);
                let mut sum = Polynomial::new();
                for (factors, factor) in of_integers {
                    let factors =
                        factors.into_iter().map(|it| self.terms.theory(Theory::ToReal, vec![it])).collect();
                    sum.insert(sorted(factors), factor);
                }
                self.sum(sort, sum)
            }
            (Theory::Floor, &[a]) => match self.of_integers(a) {
                Some(sum) => self.sum(SortId::INTEGER, sum),
                None => self.rebuilt(id, new),
            },
            (Theory::Less | Theory::LessEqual | Theory::Equal, &[a, b]) if is_number(self.terms.sort(a)) => {
                let difference = plus(self.polynomial(b), &self.polynomial(a), &Fraction::whole(-1));
                match as_constant(&difference) {
                    Some(value) => self.terms.boolean(match function {
                        Theory::Less => !value.is_negative() && !value.is_zero(),
                        Theory::LessEqual => !value.is_negative(),
                        _ => value.is_zero(),
                    }),
                    None => self.rebuilt(id, new),
                }
            }
            _ => self.rebuilt(id, new),
        }
    }

    fn rebuilt(&mut self, id: TermId, new: Vec<TermId>) -> TermId {
        if new[..] == self.terms.get(id).arguments[..] { id } else { self.terms.rebuild(id, new) }
    }

    fn number(&self, id: TermId) -> Option<Fraction> {
        as_constant(&self.polynomial(id))
    }

    /// The polynomial of integers that a real is, if it is one.
    fn of_integers(&self, a: TermId) -> Option<Polynomial> {
        let mut sum = Polynomial::new();
        for (factors, factor) in self.polynomial(a) {
            let whole = factor.denominator == 1.into();
            let inner: Option<Vec<TermId>> = factors.iter().map(|it| self.integer_of(*it)).collect();
            sum.insert(sorted(inner.filter(|_| whole)?), factor);
        }
        Some(sum)
    }

    /// The integer that a real is made of.
    pub(super) fn integer_of(&self, id: TermId) -> Option<TermId> {
        match self.terms.get(id) {
            Term { op: Op::Theory(Theory::ToReal), arguments, .. } => arguments.first().copied(),
            _ => None,
        }
    }

    fn hidden(&mut self, function: Theory, a: TermId, b: TermId) -> TermId {
        let sort = self.terms.sort(a);
        let name = match function {
            Theory::Modulo => "remainder",
            _ => "quotient",
        };
        let symbol = self.function(function, name, sort);
        let value = self.terms.apply(symbol, vec![a, b]);
        let is_ground = self.terms.free(value).is_empty();
        if is_ground && !self.quotients.iter().any(|known| known.3 == value) {
            self.quotients.push((function, a, b, value));
        }
        if function == Theory::Modulo {
            self.remainder = Some(symbol);
        }
        value
    }

    /// Sums and products of floats do not depend on the order of the two.
    fn hidden_float(&mut self, function: Theory, a: TermId, b: TermId) -> TermId {
        let (a, b) = if function == Theory::FloatSubtract { (a, b) } else { (a.min(b), a.max(b)) };
        if let (Some(x), Some(y)) =
            (super::floats::number(self.terms, a), super::floats::number(self.terms, b))
        {
            let value = super::floats::computed(function, x, y);
            return self.terms.float(value);
        }
        let name = match function {
            Theory::FloatMultiply => "float_product",
            Theory::FloatAdd => "float_sum",
            _ => "float_difference",
        };
        let symbol = self.function(function, name, SortId::FLOAT);
        let value = self.terms.apply(symbol, vec![a, b]);
        if self.terms.free(value).is_empty() && !self.floats.iter().any(|known| known.3 == value) {
            self.floats.push((function, a, b, value));
        }
        value
    }

    /// An operation on floats of which nothing is said but that it is a function.
    fn hidden_plainly(&mut self, function: Theory, arguments: Vec<TermId>, sort: SortId) -> TermId {
        let name = match function {
            Theory::FloatDivide => "float_quotient",
            Theory::FloatSqrt => "float_root",
            Theory::FloatNegate => "float_negated",
            Theory::FloatAbsolute => "float_magnitude",
            Theory::FloatFloor => "float_floor",
            Theory::FloatCeiling => "float_ceiling",
            Theory::FloatOfReal => "float_of_decimal",
            _ => "decimal_of_float",
        };
        let key = (function, sort);
        let symbol = match self.functions.get(&key) {
            Some(symbol) => *symbol,
            None => {
                let parameters = arguments.iter().map(|it| self.terms.sort(*it)).collect();
                let symbol = self.terms.declare(name, parameters, sort);
                self.functions.insert(key, symbol);
                symbol
            }
        };
        self.terms.apply(symbol, arguments)
    }

    fn function(&mut self, function: Theory, name: &str, sort: SortId) -> SymbolId {
        if let Some(symbol) = self.functions.get(&(function, sort)) {
            return *symbol;
        }
        let symbol = self.terms.declare(name, vec![sort, sort], sort);
        self.functions.insert((function, sort), symbol);
        symbol
    }

    /// The quotient of integers as the function that stands for it.
    pub(super) fn whole_quotient(&mut self, a: TermId, b: TermId) -> TermId {
        let symbol = self.function(Theory::Divide, "quotient", SortId::INTEGER);
        self.terms.apply(symbol, vec![a, b])
    }

    /// The remainder of integers, likewise.
    pub(super) fn whole_remainder(&mut self, a: TermId, b: TermId) -> TermId {
        let symbol = self.function(Theory::Modulo, "remainder", SortId::INTEGER);
        self.terms.apply(symbol, vec![a, b])
    }

    /// A polynomial as a term: the constant last.
    pub(super) fn sum(&mut self, sort: SortId, polynomial: Polynomial) -> TermId {
        let mut made: Option<TermId> = None;
        let mut last = None;
        for (factors, factor) in &polynomial {
            if factors.is_empty() {
                last = Some(self.constant(sort, factor));
                continue;
            }
            let product = self.product(sort, factors);
            let factor = self.constant(sort, factor);
            let part = self.terms.multiply(factor, product);
            made = Some(match made {
                Some(sum) => self.terms.add(sum, part),
                None => part,
            });
        }
        let made = match (made, last) {
            (Some(sum), Some(last)) => self.terms.add(sum, last),
            (Some(sum), None) => sum,
            (None, Some(last)) => last,
            (None, None) => self.constant(sort, &Fraction::whole(0)),
        };
        if polynomial.len() != 1
            || polynomial.keys().any(|factors| factors.len() != 1)
            || made_anew(&polynomial)
        {
            self.polynomials.insert(made, polynomial);
        }
        made
    }

    pub(super) fn constant(&mut self, sort: SortId, value: &Fraction) -> TermId {
        if sort == SortId::INTEGER {
            self.terms.integer(value.numerator.clone())
        } else {
            self.terms.real(value.numerator.clone(), value.denominator.clone())
        }
    }

    /// A product: of reals that are integers it is the integers'.
    pub(super) fn product(&mut self, sort: SortId, factors: &[TermId]) -> TermId {
        let &[first, second, ref rest @ ..] = factors else {
            return factors.first().copied().unwrap_or_else(|| self.constant(sort, &Fraction::whole(1)));
        };
        if let Some(known) = self.products.get(&(sort, factors.to_vec())) {
            return *known;
        }
        let (whole, others): (Vec<TermId>, Vec<TermId>) =
            factors.iter().partition(|it| sort == SortId::REAL && self.integer_of(**it).is_some());
        let made = if whole.len() > 1 {
            let integers: Vec<TermId> = whole.iter().filter_map(|it| self.integer_of(*it)).collect();
            let product = self.product(SortId::INTEGER, &sorted(integers));
            let product = self.terms.theory(Theory::ToReal, vec![product]);
            self.note(sort, &whole, product);
            others.iter().fold(product, |product, other| self.two(sort, product, *other))
        } else {
            let mut product = self.two(sort, first, second);
            let mut taken = vec![first, second];
            self.note(sort, &taken, product);
            for factor in rest {
                product = self.two(sort, product, *factor);
                taken.push(*factor);
                self.note(sort, &taken, product);
            }
            product
        };
        self.note(sort, factors, made);
        self.polynomials.insert(made, Polynomial::from([(factors.to_vec(), Fraction::whole(1))]));
        made
    }

    fn two(&mut self, sort: SortId, a: TermId, b: TermId) -> TermId {
        let symbol = self.function(Theory::Multiply, "product", sort);
        self.terms.apply(symbol, vec![a, b])
    }

    fn note(&mut self, sort: SortId, factors: &[TermId], product: TermId) {
        if self.terms.free(product).is_empty() {
            self.products.insert((sort, factors.to_vec()), product);
        }
    }
}

/// Whether a single part is more than the term itself.
fn made_anew(polynomial: &Polynomial) -> bool {
    polynomial.values().any(|factor| *factor != Fraction::whole(1))
}

fn is_number(sort: SortId) -> bool {
    sort == SortId::INTEGER || sort == SortId::REAL
}

fn constant(value: Fraction) -> Polynomial {
    if value.is_zero() { Polynomial::new() } else { Polynomial::from([(vec![], value)]) }
}

/// The number, if a polynomial is one.
pub(super) fn as_constant(polynomial: &Polynomial) -> Option<Fraction> {
    match polynomial.len() {
        0 => Some(Fraction::whole(0)),
        1 => polynomial.get(&vec![]).cloned(),
        _ => None,
    }
}

pub(super) fn sorted(mut factors: Vec<TermId>) -> Vec<TermId> {
    factors.sort_unstable();
    factors
}

/// `a + b * factor`.
pub(super) fn plus(mut a: Polynomial, b: &Polynomial, factor: &Fraction) -> Polynomial {
    for (factors, value) in b {
        let known = a.remove(factors).unwrap_or_else(|| Fraction::whole(0));
        let sum = known.plus(&value.times(factor));
        if !sum.is_zero() {
            a.insert(factors.clone(), sum);
        }
    }
    a
}

pub(super) fn times(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let mut product = Polynomial::new();
    for (factors, value) in a {
        let shifted: Polynomial = b
            .iter()
            .map(|(more, other)| {
                let all = factors.iter().chain(more).copied().collect();
                (sorted(all), value.times(other))
            })
            .collect();
        product = plus(product, &shifted, &Fraction::whole(1));
    }
    product
}
