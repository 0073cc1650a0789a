//! What the generator knows while it writes: types, names in scope, how careful it has to be.

use super::expression::{Expr, hole, level, text};
use super::random::Random;
use super::types::{Kind, Ty, Types};
use super::values;

/// A name that expressions may read.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) low: i128,
    pub(crate) high: i128,
    /// Only contracts may read it.
    pub(crate) ghost: bool,
    /// Its integers are unbounded.
    pub(crate) wide: bool,
    /// Known on entry, so `old` may read it.
    pub(crate) entry: bool,
}

impl Variable {
    pub(crate) fn new(name: impl Into<String>, ty: Ty) -> Self {
        let (low, high) = (i128::from(i64::MIN), i128::from(i64::MAX));
        Self { name: name.into(), ty, low, high, ghost: false, wide: false, entry: false }
    }

    pub(crate) fn within(mut self, low: i128, high: i128) -> Self {
        (self.low, self.high) = (low, high);
        self
    }

    pub(crate) fn read(&self) -> Expr {
        Expr::atom(self.ty, self.name.clone()).within(self.low, self.high)
    }
}

/// A function that may be called in expressions.
#[derive(Clone, Debug)]
pub(crate) struct Pure {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Variable>,
    pub(crate) result: Variable,
}

/// Writes expressions and steps.
#[derive(Debug)]
pub(crate) struct Author {
    pub(crate) random: Random,
    pub(crate) types: Types,
    pub(crate) scope: Vec<Variable>,
    pub(crate) pure: Vec<Pure>,
    /// Writing contract code: integers are mathematical.
    pub(crate) contract: bool,
    /// Avoid faults: guard what may not be defined.
    pub(crate) careful: bool,
    /// `old(e)` may be used.
    pub(crate) old: bool,
    /// How many more expressions this one may be made of.
    pub(crate) budget: usize,
    counter: usize,
}

impl Author {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            types: Types::new(),
            scope: vec![],
            pure: vec![],
            contract: false,
            careful: true,
            old: false,
            budget: 0,
            counter: 0,
        }
    }

    /// A name that nothing else has.
    pub(crate) fn fresh(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}{}", self.counter)
    }

    pub(crate) fn spend(&mut self) {
        self.budget = self.budget.saturating_sub(1);
    }

    /// An expression of up to so many parts, where the place says which type it has.
    pub(crate) fn write(&mut self, ty: Ty, budget: usize) -> Expr {
        self.budget = budget;
        self.expression(ty, true)
    }

    /// The same where nothing says so.
    pub(crate) fn write_alone(&mut self, ty: Ty, budget: usize) -> Expr {
        self.budget = budget;
        self.expression(ty, false)
    }

    /// Writes with more names in scope.
    pub(crate) fn with<T>(&mut self, names: Vec<Variable>, write: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.scope.len();
        self.scope.extend(names);
        let written = write(self);
        self.scope.truncate(known);
        written
    }

    /// Writes contract code.
    pub(crate) fn in_contract<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.contract, true);
        let written = write(self);
        self.contract = before;
        written
    }

    fn readable(&self, variable: &Variable) -> bool {
        self.contract || !variable.ghost
    }

    /// A name in scope that is so, if there is one.
    pub(crate) fn variable(&mut self, fits: impl Fn(&Types, &Variable) -> bool) -> Option<Variable> {
        let mut found = None;
        let mut count = 0;
        for position in 0..self.scope.len() {
            let variable = &self.scope[position];
            if self.readable(variable) && fits(&self.types, variable) {
                count += 1;
                if self.random.below(count) == 0 {
                    found = Some(position);
                }
            }
        }
        found.map(|position| self.scope[position].clone())
    }

    /// A new name for something made here: in contracts its integers are unbounded.
    pub(crate) fn bound(&mut self, ty: Ty, low: i128, high: i128) -> Variable {
        let name = self.fresh("x");
        let mut variable = Variable::new(name, ty).within(low, high);
        variable.wide = self.contract;
        variable.ghost = self.contract;
        variable
    }

    /// The simplest things of a type: a name or a literal. `exact` where integers must be of 64 bits.
    pub(crate) fn leaf(&mut self, ty: Ty, hinted: bool, exact: bool) -> Expr {
        let literal = !self.types.has_name(ty) || self.random.chance(65);
        let strict = exact && self.contract && self.types.carries_integers(ty);
        if literal && let Some(variable) = self.variable(|_, it| it.ty == ty && !(strict && it.wide)) {
            return variable.read();
        }
        self.literal(ty, hinted)
    }

    /// A literal, however deep the type is.
    pub(crate) fn literal(&mut self, ty: Ty, hinted: bool) -> Expr {
        match self.types.get(ty) {
            Kind::Optional(inner) => {
                if hinted && self.random.chance(40) {
                    return Expr::atom(ty, "NONE");
                }
                if !hinted && self.random.chance(15) && self.types.has_name(ty) {
                    return self.ascribed(ty, Expr::atom(ty, "NONE"));
                }
                let inner = self.literal_or_name(inner, hinted);
                Expr::call(ty, "SOME", vec![inner])
            }
            Kind::Array(inner) => {
                let least = usize::from(!hinted);
                let count = least + self.random.below(3);
                let items = (0..count).map(|_| self.literal_or_name(inner, hinted)).collect();
                listed(ty, "[", items, "]")
            }
            Kind::Set(inner) => {
                let least = usize::from(!hinted);
                let count = least + self.random.below(3);
                let items = (0..count).map(|_| self.literal_or_name(inner, hinted)).collect();
                listed(ty, "SET[", items, "]")
            }
            Kind::Map(key, value) => {
                if self.contract && !hinted && self.types.carries_integers(ty) && self.types.has_name(ty) {
                    // Alone its integers would be unbounded, which those of no other map are.
                    let literal = self.literal(ty, true);
                    return self.ascribed(ty, literal);
                }
                let least = usize::from(!hinted);
                let count = least + self.random.below(3);
                let mut pieces = vec![text("{")];
                for index in 0..count {
                    let key = self.literal_or_name(key, hinted);
                    let value = self.literal_or_name(value, hinted);
                    pieces.push(text(if index == 0 { " " } else { ", " }));
                    pieces.extend([hole(level::OPEN, key), text(": "), hole(level::OPEN, value)]);
                }
                pieces.push(text(" }"));
                Expr::new(ty, level::BRACE, pieces)
            }
            Kind::Enum(_) | Kind::Machine(_) => {
                let symbols = self.types.symbols(ty).unwrap_or_default().to_vec();
                let symbol = Expr::atom(ty, self.random.pick(&symbols).clone());
                if hinted { symbol } else { self.ascribed(ty, symbol) }
            }
            Kind::Record(index) => self.construct(ty, index, 0),
            Kind::Variant(index) => self.construct_case(ty, index, 0),
            _ => {
                let mut literal = values::scalar(&mut self.random, ty, hinted);
                if ty == Ty::INTEGER && self.careful && self.random.chance(60) {
                    literal = Expr::integer(i128::from(self.random.between(-20, 100)));
                }
                literal
            }
        }
    }

    fn literal_or_name(&mut self, ty: Ty, hinted: bool) -> Expr {
        if self.contract && ty == Ty::INTEGER {
            // A name may be unbounded here, and then the whole collection would be.
            return Expr::integer(i128::from(self.random.between(-20, 100)));
        }
        self.leaf(ty, hinted, true)
    }

    /// The expression in a place that gives its type.
    pub(crate) fn ascribed(&mut self, ty: Ty, inner: Expr) -> Expr {
        let name = self.types.boxed(ty);
        let pieces = vec![text(format!("{name} {{ v: ")), hole(level::OPEN, inner), text(" }.v")];
        Expr::new(ty, level::BRACE, pieces)
    }

    /// `Record { field: ... }`, each field an expression of up to `depth` levels.
    pub(crate) fn construct(&mut self, ty: Ty, index: usize, budget: usize) -> Expr {
        let record = self.types.records[index].clone();
        let mut pieces = vec![text(format!("{} {{", record.name))];
        for (position, field) in record.fields.iter().enumerate() {
            let value = self.field(field.ty, field.low, field.high, budget);
            let comma = if position == 0 { "" } else { "," };
            pieces.extend([text(format!("{comma} {}: ", field.name)), hole(level::OPEN, value)]);
        }
        pieces.push(text(" }"));
        Expr::new(ty, level::BRACE, pieces)
    }

    /// `case { field: ... }`.
    pub(crate) fn construct_case(&mut self, ty: Ty, index: usize, budget: usize) -> Expr {
        let variant = self.types.variants[index].clone();
        // The first case holds no value of the variant itself.
        let position = if self.budget == 0 { 0 } else { self.random.below(variant.cases.len()) };
        self.spend();
        let (name, fields) = &variant.cases[position];
        if fields.is_empty() {
            return Expr::atom(ty, name.clone());
        }
        let mut pieces = vec![text(format!("{name} {{"))];
        for (position, field) in fields.iter().enumerate() {
            let value = self.field(field.ty, field.low, field.high, budget);
            let comma = if position == 0 { "" } else { "," };
            pieces.extend([text(format!("{comma} {}: ", field.name)), hole(level::OPEN, value)]);
        }
        pieces.push(text(" }"));
        Expr::new(ty, level::BRACE, pieces)
    }

    /// A value for a field, input or variable that holds 64-bit integers.
    pub(crate) fn field(&mut self, ty: Ty, low: i128, high: i128, budget: usize) -> Expr {
        if ty == Ty::INTEGER {
            return self.integer_within(low, high);
        }
        let exact = self.contract && self.types.carries_integers(ty);
        if budget == 0 || self.budget == 0 || exact {
            return self.leaf(ty, true, true);
        }
        self.expression(ty, true)
    }
}

/// Items between brackets.
pub(crate) fn listed(ty: Ty, open: &'static str, items: Vec<Expr>, close: &'static str) -> Expr {
    let mut pieces = vec![text(open)];
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            pieces.push(text(", "));
        }
        pieces.push(hole(level::OPEN, item));
    }
    pieces.push(text(close));
    Expr::new(ty, level::ATOM, pieces)
}
