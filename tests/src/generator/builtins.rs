//! Calls of built-ins, chosen from the table by what they give.

use anrf_format::builtin::{Builtin, BuiltinInfo, Shape, Signature};

use super::author::Author;
use super::expression::{Expr, hole, level, text};
use super::types::{Kind, Ty};
use super::values;

/// What the variables of a signature stand for.
#[derive(Clone, Copy, Default)]
struct Meaning {
    scalar: Option<Ty>,
    t: Option<Ty>,
    u: Option<Ty>,
    k: Option<Ty>,
    v: Option<Ty>,
}

const MODES: &[&str] = &["HALF_EVEN", "HALF_UP", "HALF_DOWN", "UP", "DOWN", "CEILING", "FLOOR"];

const PATTERNS: &[&str] =
    &["[a-z]+", "a*b?c", ".*", "\\\\p{L}+", "[^,]*(,[^,]*)*", "\\\\d{1,3}", "x|abc|", "(ab)*"];

impl Author {
    /// A call of some built-in that gives this type.
    pub(crate) fn builtin(&mut self, ty: Ty) -> Option<Expr> {
        let mut found: Option<(&BuiltinInfo, &Signature, Meaning)> = None;
        let mut count = 0;
        for info in Builtin::ALL {
            for signature in info.signatures {
                let mut meaning = Meaning::default();
                if self.unify(signature.result, ty, &mut meaning) {
                    count += 1;
                    if self.random.below(count) == 0 {
                        found = Some((info, signature, meaning));
                    }
                }
            }
        }
        let (info, signature, mut meaning) = found?;
        if self.careful && !info.faults.is_empty() {
            return self.guarded(info.builtin, signature, ty);
        }
        let mut arguments = vec![];
        for (name, shape) in signature.parameters {
            arguments.push(self.argument(info.builtin, name, *shape, &mut meaning)?);
        }
        Some(self.applied(info, signature, ty, arguments))
    }

    fn applied(
        &mut self,
        info: &'static BuiltinInfo,
        signature: &Signature,
        ty: Ty,
        arguments: Vec<Expr>,
    ) -> Expr {
        let named = self.random.chance(8);
        let mut pieces = vec![text(info.name), text("(")];
        for (position, (argument, (name, _))) in arguments.into_iter().zip(signature.parameters).enumerate() {
            if position > 0 {
                pieces.push(text(", "));
            }
            if named {
                pieces.push(text(format!("{name}: ")));
            }
            pieces.push(hole(level::OPEN, argument));
        }
        pieces.push(text(")"));
        let (low, high) = bounds(info.builtin);
        Expr::new(ty, level::ATOM, pieces).within(low, high)
    }

    fn argument(
        &mut self,
        builtin: Builtin,
        name: &str,
        shape: Shape,
        meaning: &mut Meaning,
    ) -> Option<Expr> {
        if shape == Shape::RoundingMode {
            return Some(self.mode());
        }
        if (builtin, name) == (Builtin::Matches, "pattern") {
            return Some(self.pattern());
        }
        if let (Builtin::Repeat | Builtin::PadLeft | Builtin::PadRight, Shape::Integer) = (builtin, shape) {
            return Some(self.integer_within(-1, 20));
        }
        if let (
            Builtin::ShiftLeft
            | Builtin::ShiftRight
            | Builtin::Format
            | Builtin::Round
            | Builtin::Quantize
            | Builtin::Div
            | Builtin::Pow,
            Shape::Integer,
        ) = (builtin, shape)
        {
            return Some(self.integer_within(-1, 70));
        }
        let ty = self.instantiate(shape, meaning)?;
        if !self.types.has_name(ty) {
            return self.variable(|_, it| it.ty == ty).map(|variable| variable.read());
        }
        let concrete = matches!(
            shape,
            Shape::Boolean
                | Shape::Integer
                | Shape::Decimal
                | Shape::String
                | Shape::Bytes
                | Shape::Timestamp
        );
        // Of several signatures the arguments decide, so they have to tell their types.
        let alone = builtin.info().signatures.len() > 1 || !concrete;
        Some(self.expression(ty, !alone))
    }

    fn mode(&mut self) -> Expr {
        let chosen = Expr::atom(Ty::BOOLEAN, *self.random.pick(MODES));
        if self.random.chance(90) {
            return chosen;
        }
        let condition = self.expression(Ty::BOOLEAN, true);
        let other = Expr::atom(Ty::BOOLEAN, *self.random.pick(MODES));
        Expr::conditional(condition, chosen, other)
    }

    fn pattern(&mut self) -> Expr {
        if !self.careful && self.random.chance(50) {
            return self.leaf(Ty::STRING, true, true).checked_pattern();
        }
        let pattern = *self.random.pick(PATTERNS);
        Expr::atom(Ty::STRING, format!("\"{pattern}\""))
    }

    /// Whether a type has the shape, binding the variables on the way.
    fn unify(&mut self, shape: Shape, ty: Ty, meaning: &mut Meaning) -> bool {
        let slot = match shape {
            Shape::Boolean => return ty == Ty::BOOLEAN,
            Shape::Integer => return ty == Ty::INTEGER,
            Shape::Decimal => return ty == Ty::DECIMAL,
            Shape::Float => return ty == Ty::FLOAT,
            Shape::String => return ty == Ty::STRING,
            Shape::Bytes => return ty == Ty::BYTES,
            Shape::Timestamp => return ty == Ty::TIMESTAMP,
            Shape::RoundingMode => return false,
            Shape::Integral if ty != Ty::INTEGER => return false,
            Shape::Number if !matches!(ty, Ty::INTEGER | Ty::DECIMAL | Ty::FLOAT) => return false,
            Shape::Ordered if !self.types.is_ordered(ty) && ty != Ty::BOOLEAN => return false,
            Shape::Scalar if !self.types.is_scalar(ty) => return false,
            Shape::K if !self.types.is_key(ty) => return false,
            Shape::Integral | Shape::Number | Shape::Ordered | Shape::Scalar => &mut meaning.scalar,
            Shape::T => &mut meaning.t,
            Shape::U => &mut meaning.u,
            Shape::K => &mut meaning.k,
            Shape::V => &mut meaning.v,
            Shape::Optional(inner) => {
                return matches!(self.types.get(ty), Kind::Optional(it) if self.unify(*inner, it, meaning));
            }
            Shape::Array(inner) => {
                return matches!(self.types.get(ty), Kind::Array(it) if self.unify(*inner, it, meaning));
            }
            Shape::SetK => {
                return matches!(self.types.get(ty), Kind::Set(it) if self.unify(Shape::K, it, meaning));
            }
            Shape::MapKV => {
                return matches!(self.types.get(ty), Kind::Map(k, v)
                    if self.unify(Shape::K, k, meaning) && self.unify(Shape::V, v, meaning));
            }
            Shape::EntryKV => return self.unify_fields(ty, ["key", "value"], [Shape::K, Shape::V], meaning),
            Shape::PairTU => {
                return self.unify_fields(ty, ["first", "second"], [Shape::T, Shape::U], meaning);
            }
        };
        match slot {
            Some(known) => *known == ty,
            None => {
                *slot = Some(ty);
                true
            }
        }
    }

    fn unify_fields(&mut self, ty: Ty, names: [&str; 2], shapes: [Shape; 2], meaning: &mut Meaning) -> bool {
        let Some(record) = self.types.record(ty) else { return false };
        let fits = record.name.is_empty()
            && record.fields.len() == 2
            && record.fields.iter().zip(names).all(|(field, name)| field.name == name);
        if !fits {
            return false;
        }
        let fields = [record.fields[0].ty, record.fields[1].ty];
        fields.into_iter().zip(shapes).all(|(ty, shape)| self.unify(shape, ty, meaning))
    }

    /// A type of the shape; variables that are still free stand for something from the pool.
    fn instantiate(&mut self, shape: Shape, meaning: &mut Meaning) -> Option<Ty> {
        let ty = match shape {
            Shape::Boolean => Ty::BOOLEAN,
            Shape::Integer | Shape::Integral => Ty::INTEGER,
            Shape::Decimal => Ty::DECIMAL,
            Shape::Float => Ty::FLOAT,
            Shape::String => Ty::STRING,
            Shape::Bytes => Ty::BYTES,
            Shape::Timestamp => Ty::TIMESTAMP,
            Shape::RoundingMode => return None,
            Shape::Number => {
                let numbers = [Ty::INTEGER, Ty::DECIMAL, Ty::FLOAT];
                *meaning.scalar.get_or_insert(*self.random.pick(&numbers))
            }
            Shape::Ordered => {
                let chosen = self.key_type();
                *meaning.scalar.get_or_insert(chosen)
            }
            Shape::Scalar => self.pool_type(|author, it| author.types.is_scalar(it))?,
            Shape::T => {
                let chosen = self.some_type();
                *meaning.t.get_or_insert(chosen)
            }
            Shape::U => {
                let chosen = self.some_type();
                *meaning.u.get_or_insert(chosen)
            }
            Shape::V => {
                let chosen = self.some_type();
                *meaning.v.get_or_insert(chosen)
            }
            Shape::K => {
                let chosen = self.pool_type(|author, it| author.types.is_key(it))?;
                *meaning.k.get_or_insert(chosen)
            }
            Shape::Optional(inner) => {
                let inner = self.instantiate(*inner, meaning)?;
                self.types.intern(Kind::Optional(inner))
            }
            Shape::Array(inner) => {
                let inner = self.instantiate(*inner, meaning)?;
                self.types.intern(Kind::Array(inner))
            }
            Shape::SetK => {
                let inner = self.instantiate(Shape::K, meaning)?;
                self.types.intern(Kind::Set(inner))
            }
            Shape::MapKV => {
                let key = self.instantiate(Shape::K, meaning)?;
                let value = self.instantiate(Shape::V, meaning)?;
                self.types.intern(Kind::Map(key, value))
            }
            Shape::EntryKV | Shape::PairTU => return None,
        };
        Some(ty)
    }

    fn pool_type(&mut self, fits: impl Fn(&Self, Ty) -> bool) -> Option<Ty> {
        let pool = self.types.pool.clone();
        let fits: Vec<Ty> = pool.into_iter().filter(|it| fits(self, *it)).collect();
        if fits.is_empty() { None } else { Some(*self.random.pick(&fits)) }
    }

    /// A built-in that may fault, with arguments it is defined for.
    fn guarded(&mut self, builtin: Builtin, signature: &'static Signature, ty: Ty) -> Option<Expr> {
        let info = builtin.info();
        let call = |arguments| Expr::call(ty, info.name, arguments);
        let written = match builtin {
            Builtin::Abs if ty == Ty::INTEGER => {
                call(vec![self.integer_within(-i128::from(i64::MAX), i128::from(i64::MAX))])
                    .within(0, i128::from(i64::MAX))
            }
            Builtin::Abs => call(vec![self.expression(ty, false)]),
            Builtin::Isqrt => call(vec![self.integer_within(0, i128::from(i64::MAX))]).within(0, 1 << 32),
            Builtin::Pow if ty == Ty::INTEGER => {
                call(vec![self.integer_within(-8, 8), self.integer_within(0, 12)]).within(-(1 << 36), 1 << 36)
            }
            Builtin::Pow if ty == Ty::DECIMAL => {
                call(vec![self.expression(ty, false), self.integer_within(0, 5)])
            }
            Builtin::Pow => call(vec![self.expression(ty, false), self.expression(ty, false)]),
            Builtin::FloorDiv | Builtin::FloorMod => {
                let left = self.expression(Ty::INTEGER, true);
                let (low, high) = (left.low.min(0), left.high.max(0));
                let right = self.integer_within(1, 1 << 31);
                let (low, high) = if builtin == Builtin::FloorMod { (0, 1 << 31) } else { (low, high) };
                call(vec![left, right]).within(low, high)
            }
            Builtin::ShiftLeft => {
                call(vec![self.integer_within(-(1 << 31), 1 << 31), self.integer_within(0, 31)])
            }
            Builtin::ShiftRight => call(vec![self.expression(Ty::INTEGER, true), self.integer_within(0, 63)]),
            Builtin::ValueOf => return self.present(ty),
            Builtin::Split | Builtin::Replace => {
                let subject = self.expression(Ty::STRING, true);
                let part =
                    Expr::atom(Ty::STRING, *self.random.pick(&["','", "\"ab\"", "' '", "\"é\"", "'😀'"]));
                let mut arguments = vec![subject, part];
                if builtin == Builtin::Replace {
                    arguments.push(self.expression(Ty::STRING, true));
                }
                call(arguments)
            }
            Builtin::Substring => {
                let subject = self.expression(Ty::STRING, true);
                let name = self.bound(Ty::STRING, 0, 0);
                let length = Expr::call(Ty::INTEGER, "LEN", vec![name.read()]);
                let from = Expr::call(Ty::INTEGER, "MIN", vec![length.clone(), self.integer_within(0, 3)]);
                Expr::binding(&name.name, subject, call(vec![name.read(), from, length]))
            }
            Builtin::PadLeft | Builtin::PadRight => {
                let subject = self.expression(Ty::STRING, true);
                let fill = Expr::atom(Ty::STRING, *self.random.pick(&["'0'", "\" \"", "'𝔘'", "\"é\""]));
                call(vec![subject, self.integer_within(-1, 20), fill])
            }
            Builtin::Repeat => call(vec![self.expression(Ty::STRING, true), self.integer_within(0, 5)]),
            Builtin::Matches => call(vec![self.expression(Ty::STRING, true), self.pattern()]),
            Builtin::Format => call(vec![self.expression(Ty::DECIMAL, true), self.integer_within(0, 30)]),
            Builtin::ToInteger | Builtin::ToDecimal => return self.converted(builtin, signature, ty),
            Builtin::Round | Builtin::Quantize => {
                call(vec![self.expression(Ty::DECIMAL, true), self.integer_within(-20, 30), self.mode()])
            }
            Builtin::Div => {
                let (left, right) = (self.expression(Ty::DECIMAL, true), self.divisor(Ty::DECIMAL));
                call(vec![left, right, self.integer_within(0, 30), self.mode()])
            }
            Builtin::AddMicros => {
                let time = self.expression(Ty::TIMESTAMP, true);
                let name = self.bound(Ty::TIMESTAMP, 0, 0);
                let year = Expr::call(Ty::INTEGER, "year", vec![name.read()]);
                let pieces = vec![text("1000 < "), hole(level::UPDATE, year), text(" < 9000")];
                let inside = Expr::new(Ty::BOOLEAN, level::COMPARISON, pieces);
                let bound = 1 << 50;
                let moved = call(vec![name.read(), self.integer_within(-bound, bound)]);
                Expr::binding(&name.name, time, Expr::conditional(inside, moved, name.read()))
            }
            _ => return None,
        };
        Some(written)
    }

    /// `VALUE(x)` where there is one.
    fn present(&mut self, ty: Ty) -> Option<Expr> {
        let optional = self.types.find(Kind::Optional(ty));
        let optional = optional.filter(|it| self.types.has_name(*it))?;
        let whole = self.expression(optional, false);
        let name = self.bound(optional, 0, 0);
        let is_some = Expr::call(Ty::BOOLEAN, "IS_SOME", vec![name.read()]);
        let value = Expr::call(ty, "VALUE", vec![name.read()]);
        let other = self.leaf(ty, true, false);
        Some(Expr::binding(&name.name, whole, Expr::conditional(is_some, value, other)))
    }

    /// `integer(x)` and `decimal(x)` where they are defined.
    fn converted(&mut self, builtin: Builtin, signature: &Signature, ty: Ty) -> Option<Expr> {
        let name = builtin.info().name;
        let from = match signature.parameters[0].1 {
            Shape::Decimal => Ty::DECIMAL,
            Shape::Float => Ty::FLOAT,
            _ => Ty::INTEGER,
        };
        let source = self.expression(from, false);
        if from == Ty::INTEGER || from == ty {
            let (low, high) = (source.low, source.high);
            return Some(Expr::call(ty, name, vec![source]).within(low, high));
        }
        let variable = self.bound(from, 0, 0);
        let size = Expr::call(from, "ABS", vec![variable.read()]);
        let limit = if from == Ty::FLOAT { "float(1000000)" } else { "1000000.0" };
        let pieces = vec![hole(level::UPDATE, size), text(format!(" < {limit}"))];
        let inside = Expr::new(Ty::BOOLEAN, level::COMPARISON, pieces);
        let bound = if ty == Ty::INTEGER { 1_000_000 } else { i128::from(i64::MAX) };
        let value = Expr::call(ty, name, vec![variable.read()]).within(-bound, bound);
        let other = values::scalar(&mut self.random, ty, true);
        Some(Expr::binding(&variable.name, source, Expr::conditional(inside, value, other)))
    }
}

impl Expr {
    /// The same, unless it is a literal: those are checked when the program is.
    fn checked_pattern(self) -> Self {
        let text = self.to_text();
        if text.starts_with(['"', '\'']) { Self::atom(Ty::STRING, "'(a|b)+'") } else { self }
    }
}

/// What is known of a built-in's integer, faults apart.
fn bounds(builtin: Builtin) -> (i128, i128) {
    match builtin {
        Builtin::Len | Builtin::Isqrt => (0, 1 << 32),
        Builtin::Year => (1, 9999),
        Builtin::Month => (1, 12),
        Builtin::Day => (1, 31),
        Builtin::Hour => (0, 23),
        Builtin::Minute | Builtin::Second => (0, 59),
        Builtin::Abs => (0, i128::from(i64::MAX)),
        Builtin::MicrosBetween => (-(1 << 60), 1 << 60),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    }
}
