//! Expressions of any type: what is the same whichever type is wanted.

use super::author::{Author, Variable, listed};
use super::expression::{Expr, hole, level, text};
use super::types::{Kind, Ty};

/// The most parts of an expression that is put into another one.
const PART: usize = 6;

impl Author {
    /// An expression of a type; `hinted` where its place gives the type, otherwise it tells it itself.
    pub(crate) fn expression(&mut self, ty: Ty, hinted: bool) -> Expr {
        self.spend();
        if self.budget == 0 || !self.types.has_name(ty) {
            return self.leaf(ty, hinted, false);
        }
        let written = match self.random.below(20) {
            0..=2 => return self.leaf(ty, hinted, false),
            3 => self.conditional(ty, hinted),
            4 => self.binding(ty, hinted),
            5 => self.matched(ty, hinted),
            6 => self.element(ty),
            7 => self.projected(ty),
            8 | 9 => self.pure_call(ty),
            10..=13 => self.builtin(ty),
            14 if self.old => self.on_entry(ty),
            _ => self.of_type(ty, hinted),
        };
        match written {
            Some(written) => written,
            None => self.of_type(ty, hinted).unwrap_or_else(|| self.leaf(ty, hinted, false)),
        }
    }

    fn of_type(&mut self, ty: Ty, hinted: bool) -> Option<Expr> {
        match self.types.get(ty) {
            Kind::Boolean => Some(self.truth()),
            Kind::Integer => Some(self.whole_number()),
            Kind::Decimal | Kind::Float => Some(self.fraction(ty, hinted)),
            Kind::String | Kind::Bytes => self.sequence(ty, hinted),
            Kind::Array(element) => self.array(ty, element, hinted),
            Kind::Map(key, value) => self.map(ty, key, value, hinted),
            Kind::Set(element) => self.set(ty, element, hinted),
            Kind::Optional(inner) => self.optional(ty, inner, hinted),
            Kind::Record(index) => Some(self.record(ty, index)),
            Kind::Variant(index) => Some(self.construct_case(ty, index, PART)),
            Kind::Timestamp | Kind::Enum(_) | Kind::Machine(_) => None,
        }
    }

    fn conditional(&mut self, ty: Ty, hinted: bool) -> Option<Expr> {
        let condition = self.expression(Ty::BOOLEAN, true);
        let yes = self.expression(ty, hinted);
        let no = self.expression(ty, hinted);
        Some(Expr::conditional(condition, yes, no))
    }

    fn binding(&mut self, ty: Ty, hinted: bool) -> Option<Expr> {
        let value_type = self.some_type();
        let value = self.expression(value_type, false);
        let name = self.bound(value_type, value.low, value.high);
        let body = self.with(vec![name.clone()], |it| it.expression(ty, hinted));
        Some(Expr::binding(&name.name, value, body))
    }

    /// A type that values of the program have, the simple ones more often.
    pub(crate) fn some_type(&mut self) -> Ty {
        if self.random.chance(30) {
            return *self.random.pick(&Ty::SCALARS);
        }
        *self.random.pick(&self.types.pool.clone())
    }

    fn matched(&mut self, ty: Ty, hinted: bool) -> Option<Expr> {
        let scrutinee = self.variable(|types, it| {
            matches!(
                types.get(it.ty),
                Kind::Optional(_) | Kind::Variant(_) | Kind::Enum(_) | Kind::Machine(_)
            )
        });
        let scrutinee = match scrutinee {
            Some(variable) => {
                let wide = variable.wide;
                (variable.read(), wide)
            }
            None => {
                let pool = self.types.pool.clone();
                let fits = pool.into_iter().find(|it| matches!(self.types.get(*it), Kind::Optional(_)))?;
                (self.expression(fits, false), self.contract)
            }
        };
        self.match_on(scrutinee.0, scrutinee.1, ty, hinted)
    }

    /// `MATCH scrutinee { ... }`; `wide` if the integers in the scrutinee may be unbounded.
    pub(crate) fn match_on(&mut self, scrutinee: Expr, wide: bool, ty: Ty, hinted: bool) -> Option<Expr> {
        let mut arms: Vec<(String, Vec<Variable>)> = vec![];
        match self.types.get(scrutinee.ty) {
            Kind::Optional(inner) => {
                let mut payload = self.bound(inner, i128::from(i64::MIN), i128::from(i64::MAX));
                payload.wide = wide;
                arms.push((format!("SOME({})", payload.name), vec![payload]));
                arms.push(("NONE".into(), vec![]));
            }
            Kind::Variant(index) => {
                for (case, fields) in self.types.variants[index].cases.clone() {
                    let mut names = vec![];
                    let mut texts = vec![];
                    for field in &fields {
                        let mut name = self.bound(field.ty, field.low, field.high);
                        name.wide = false;
                        texts.push(format!("{}: {}", field.name, name.name));
                        names.push(name);
                    }
                    let pattern =
                        if fields.is_empty() { case } else { format!("{case} {{ {} }}", texts.join(", ")) };
                    arms.push((pattern, names));
                }
            }
            _ => {
                let symbols = self.types.symbols(scrutinee.ty)?.to_vec();
                arms.extend(symbols.into_iter().map(|symbol| (symbol, vec![])));
            }
        }
        if self.random.chance(30) {
            arms.reverse();
        }
        let (mut low, mut high) = (i128::MAX, i128::MIN);
        let mut pieces = vec![text("MATCH "), hole(level::ATOM, scrutinee), text(" {")];
        for (position, (pattern, names)) in arms.into_iter().enumerate() {
            let body = self.with(names, |it| it.expression(ty, hinted));
            (low, high) = (low.min(body.low), high.max(body.high));
            let comma = if position == 0 { "" } else { "," };
            pieces.extend([text(format!("{comma} {pattern} => ")), hole(level::OPEN, body)]);
        }
        pieces.push(text(" }"));
        Some(Expr::new(ty, level::BRACE, pieces).within(low, high))
    }

    /// `xs[i]` or `m[k]` of something in scope.
    fn element(&mut self, ty: Ty) -> Option<Expr> {
        let holder = self.variable(|types, it| match types.get(it.ty) {
            Kind::Array(element) => element == ty,
            Kind::Map(_, value) => value == ty,
            Kind::Bytes => ty == Ty::INTEGER,
            Kind::String => ty == Ty::STRING,
            _ => false,
        })?;
        if let Kind::Map(key, _) = self.types.get(holder.ty) {
            // Under LET nothing gives the key its type.
            let key = self.expression(key, !self.careful);
            let read = |key: Expr| {
                let pieces =
                    vec![hole(level::BRACE, holder.read()), text("["), hole(level::OPEN, key), text("]")];
                Expr::new(ty, level::ATOM, pieces)
            };
            if !self.careful {
                return Some(read(key));
            }
            let name = self.bound(key.ty, key.low, key.high);
            let present = Expr::infix(
                Ty::BOOLEAN,
                level::COMPARISON,
                (level::UPDATE, name.read()),
                " IN ",
                (level::UPDATE, holder.read()),
            );
            let other = self.leaf(ty, true, false);
            let chosen = Expr::conditional(present, read(name.read()), other);
            return Some(Expr::binding(&name.name, key, chosen));
        }
        let index = if self.careful { self.integer_within(0, 3) } else { self.integer_within(-1, 4) };
        let bounds = if ty == Ty::INTEGER && self.types.get(holder.ty) == Kind::Bytes {
            (0, 255)
        } else {
            (i128::from(i64::MIN), i128::from(i64::MAX))
        };
        let read = |index: Expr| {
            let pieces =
                vec![hole(level::BRACE, holder.read()), text("["), hole(level::OPEN, index), text("]")];
            Expr::new(ty, level::ATOM, pieces).within(bounds.0, bounds.1)
        };
        if !self.careful {
            return Some(read(index));
        }
        let name = self.bound(Ty::INTEGER, index.low, index.high);
        let length = Expr::call(Ty::INTEGER, "LEN", vec![holder.read()]);
        let inside = Expr::infix(
            Ty::BOOLEAN,
            level::COMPARISON,
            (level::UPDATE, name.read()),
            " < ",
            (level::UPDATE, length),
        );
        let other = self.leaf(ty, true, false);
        let chosen = Expr::conditional(inside, read(name.read()), other);
        Some(Expr::binding(&name.name, index, chosen))
    }

    /// A value of a type that may not have unbounded integers inside.
    pub(crate) fn expression_exact(&mut self, ty: Ty) -> Expr {
        if self.contract && self.types.carries_integers(ty) {
            return self.leaf(ty, true, true);
        }
        self.expression(ty, true)
    }

    /// A field of a record in scope.
    fn projected(&mut self, ty: Ty) -> Option<Expr> {
        let holder = self.variable(|types, it| {
            types.record(it.ty).is_some_and(|record| record.fields.iter().any(|field| field.ty == ty))
        })?;
        let record = self.types.record(holder.ty)?;
        let fields: Vec<_> = record.fields.iter().filter(|field| field.ty == ty).cloned().collect();
        let field = self.random.pick(&fields);
        let (low, high) = (field.low, field.high);
        let pieces = vec![hole(level::BRACE, holder.read()), text(format!(".{}", field.name))];
        Some(Expr::new(ty, level::ATOM, pieces).within(low, high))
    }

    /// A call of a function of the module.
    fn pure_call(&mut self, ty: Ty) -> Option<Expr> {
        let fits: Vec<usize> = (0..self.pure.len()).filter(|it| self.pure[*it].result.ty == ty).collect();
        if fits.is_empty() {
            return None;
        }
        let callee = self.pure[*self.random.pick(&fits)].clone();
        let named = self.random.chance(30);
        let mut pieces = vec![text(format!("{}(", callee.name))];
        for (position, input) in callee.inputs.iter().enumerate() {
            let argument = self.field(input.ty, input.low, input.high, PART);
            if position > 0 {
                pieces.push(text(", "));
            }
            if named {
                pieces.push(text(format!("{}: ", input.name)));
            }
            pieces.push(hole(level::OPEN, argument));
        }
        pieces.push(text(")"));
        Some(Expr::new(ty, level::ATOM, pieces).within(callee.result.low, callee.result.high))
    }

    /// `old(e)` of an input or a state variable.
    fn on_entry(&mut self, ty: Ty) -> Option<Expr> {
        let variable = self.variable(|_, it| it.entry && it.ty == ty)?;
        Some(Expr::call(ty, "old", vec![variable.read()]).within(variable.low, variable.high))
    }

    fn record(&mut self, ty: Ty, index: usize) -> Expr {
        if self.random.chance(60) || self.types.records[index].fields.is_empty() {
            return self.construct(ty, index, PART);
        }
        let base = self.leaf(ty, false, false);
        let fields = self.types.records[index].fields.clone();
        let field = self.random.pick(&fields).clone();
        let value = self.field(field.ty, field.low, field.high, PART);
        let pieces = vec![
            hole(level::UPDATE, base),
            text(format!(" WITH {{ {}: ", field.name)),
            hole(level::OPEN, value),
            text(" }"),
        ];
        // The brace closes the update, but it binds no tighter than its form.
        Expr::new(ty, level::UPDATE, pieces)
    }

    fn optional(&mut self, ty: Ty, inner: Ty, hinted: bool) -> Option<Expr> {
        if self.random.chance(60) {
            let inner = self.expression(inner, hinted);
            return Some(Expr::call(ty, "SOME", vec![inner]));
        }
        let (domain, names) = self.domain(Some(inner))?;
        let filter = self.with(names.clone(), |it| it.expression(Ty::BOOLEAN, true));
        let pieces = vec![
            text("FIND("),
            hole(level::OPEN, names[0].read()),
            text(" FOR "),
            domain,
            text(" IF "),
            hole(level::OPEN, filter),
            text(")"),
        ];
        Some(Expr::new(ty, level::ATOM, flatten(pieces)))
    }

    fn array(&mut self, ty: Ty, element: Ty, hinted: bool) -> Option<Expr> {
        match self.random.below(9) {
            0 => {
                let count = self.random.below(4) + usize::from(!hinted);
                let items = (0..count).map(|_| self.expression(element, hinted)).collect();
                Some(listed(ty, "[", items, "]"))
            }
            1 => {
                let left = self.expression(ty, false);
                let right = self.expression(ty, false);
                Some(Expr::infix(
                    ty,
                    level::ADDITIVE,
                    (level::ADDITIVE, left),
                    " ++ ",
                    (level::MULTIPLICATIVE, right),
                ))
            }
            2 => self.slice(ty),
            3 | 4 => self.comprehension(ty, "[", element, "]", hinted),
            5 | 6 => self.replaced(ty, element),
            _ => self.sorted_by(ty, element),
        }
    }

    /// `xs[i..j]`.
    pub(crate) fn slice(&mut self, ty: Ty) -> Option<Expr> {
        let base = self.leaf(ty, false, false);
        let read = |base: Expr, from: Expr, to: Expr| {
            let pieces = vec![
                hole(level::BRACE, base),
                text("["),
                hole(level::UPDATE, from),
                text(".."),
                hole(level::UPDATE, to),
                text("]"),
            ];
            Expr::new(ty, level::ATOM, pieces)
        };
        if !self.careful {
            let (from, to) = (self.integer_within(0, 2), self.integer_within(0, 4));
            return Some(read(base, from, to));
        }
        let name = self.bound(ty, 0, 0);
        let length = Expr::call(Ty::INTEGER, "LEN", vec![name.read()]);
        let bound = self.integer_within(0, 3);
        let from = if self.random.chance(50) {
            Expr::integer(0)
        } else {
            Expr::call(Ty::INTEGER, "MIN", vec![bound, length.clone()])
        };
        let sliced = read(name.read(), from, length);
        Some(Expr::binding(&name.name, base, sliced))
    }

    fn replaced(&mut self, ty: Ty, element: Ty) -> Option<Expr> {
        let base = self.leaf(ty, false, false);
        let name = self.bound(ty, 0, 0);
        let value = self.expression_exact(element);
        let count = 1 + usize::from(self.random.chance(25));
        let mut pieces = vec![hole(level::UPDATE, name.read()), text(" WITH ")];
        for position in 0..count {
            let index = if self.careful { Expr::integer(0) } else { self.integer_within(0, 2) };
            if position > 0 {
                pieces.push(text(", "));
            }
            pieces.extend([
                text("["),
                hole(level::OPEN, index),
                text("] = "),
                hole(level::ADDITIVE, value.clone()),
            ]);
        }
        let level = if count > 1 { level::SEVERAL } else { level::UPDATE };
        let updated = Expr::new(ty, level, pieces);
        let length = Expr::call(Ty::INTEGER, "LEN", vec![name.read()]);
        let present = Expr::infix(
            Ty::BOOLEAN,
            level::COMPARISON,
            (level::UPDATE, length),
            " > ",
            (level::UPDATE, Expr::integer(0)),
        );
        let updated = if self.careful { Expr::conditional(present, updated, name.read()) } else { updated };
        Some(Expr::binding(&name.name, base, updated))
    }

    fn sorted_by(&mut self, ty: Ty, element: Ty) -> Option<Expr> {
        let base = self.expression(ty, false);
        let name = self.bound(element, i128::from(i64::MIN), i128::from(i64::MAX));
        let mut pieces =
            vec![text(format!("SORT({} IN ", name.name)), hole(level::UPDATE, base), text(" BY ")];
        for position in 0..=self.random.below(2) {
            let key_type = self.key_type();
            let key = if self.types.is_ordered(element) && self.random.chance(50) {
                name.read()
            } else {
                self.with(vec![name.clone()], |it| it.expression(key_type, false))
            };
            if position > 0 {
                pieces.push(text(", "));
            }
            pieces.push(hole(level::IFF, key));
            pieces.push(text(*self.random.pick(&["", " DESC", " ASC"])));
        }
        pieces.push(text(")"));
        Some(Expr::new(ty, level::ATOM, pieces))
    }

    fn map(&mut self, ty: Ty, key: Ty, value: Ty, hinted: bool) -> Option<Expr> {
        if self.contract && self.types.carries_integers(ty) {
            return None;
        }
        match self.random.below(6) {
            0 => {
                let mut pieces = vec![text("{")];
                for position in 0..self.random.below(3) + usize::from(!hinted) {
                    let (key, value) = (self.expression(key, hinted), self.expression(value, hinted));
                    pieces.push(text(if position == 0 { " " } else { ", " }));
                    pieces.extend([hole(level::OPEN, key), text(": "), hole(level::OPEN, value)]);
                }
                pieces.push(text(" }"));
                Some(Expr::new(ty, level::BRACE, pieces))
            }
            1 | 2 => {
                let base = self.expression(ty, false);
                let (key, value) = (self.expression(key, true), self.expression(value, true));
                let pieces = vec![
                    hole(level::UPDATE, base),
                    text(" WITH ["),
                    hole(level::OPEN, key),
                    text("] = "),
                    hole(level::ADDITIVE, value),
                ];
                Some(Expr::new(ty, level::UPDATE, pieces))
            }
            3 => {
                let (base, key) = (self.expression(ty, false), self.expression(key, true));
                let (base, key) = ((level::UPDATE, base), (level::ADDITIVE, key));
                Some(Expr::infix(ty, level::UPDATE, base, " WITHOUT ", key))
            }
            _ => {
                let (domain, names) = self.domain(None)?;
                let (key, value, filter) = self
                    .with(names, |it| (it.expression(key, false), it.expression(value, false), it.filter()));
                let mut pieces = vec![
                    text("{ "),
                    hole(level::OPEN, key),
                    text(": "),
                    hole(level::OPEN, value),
                    text(" FOR "),
                    domain,
                ];
                pieces.extend(filter);
                pieces.push(text(" }"));
                Some(Expr::new(ty, level::BRACE, flatten(pieces)))
            }
        }
    }

    fn set(&mut self, ty: Ty, element: Ty, hinted: bool) -> Option<Expr> {
        match self.random.below(6) {
            0 => {
                let count = self.random.below(4) + usize::from(!hinted);
                let items = (0..count).map(|_| self.expression(element, hinted)).collect();
                Some(listed(ty, "SET[", items, "]"))
            }
            1 | 2 => {
                let (base, member) = (self.expression(ty, false), self.expression_exact(element));
                let operator = *self.random.pick(&[" WITH ", " WITHOUT "]);
                Some(Expr::infix(
                    ty,
                    level::UPDATE,
                    (level::UPDATE, base),
                    operator,
                    (level::ADDITIVE, member),
                ))
            }
            _ => self.comprehension(ty, "SET[", element, "]", hinted),
        }
    }
}

pub(crate) use super::comprehensions::flatten;
