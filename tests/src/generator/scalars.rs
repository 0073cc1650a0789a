//! Booleans, numbers, text and bytes.

use super::author::Author;
use super::expression::{Expr, hole, level, text};
use super::types::{Kind, Ty};

const LEAST: i128 = i64::MIN as i128;
const MOST: i128 = i64::MAX as i128;

impl Author {
    /// An integer that is known to lie within bounds.
    pub(crate) fn integer_within(&mut self, low: i128, high: i128) -> Expr {
        let written = if self.budget == 0 || self.random.chance(30) {
            let inside = self.variable(|_, it| it.ty == Ty::INTEGER && low <= it.low && it.high <= high);
            match inside {
                Some(variable) => variable.read(),
                None => Expr::integer(super::values::integer(&mut self.random, low, high)),
            }
        } else {
            self.expression(Ty::INTEGER, true)
        };
        let free = !self.careful && !self.contract && self.random.chance(25);
        if (low <= written.low && written.high <= high) || free || (low, high) == (LEAST, MOST) {
            return written;
        }
        self.clamped(written, low, high)
    }

    fn clamped(&mut self, written: Expr, low: i128, high: i128) -> Expr {
        let width = high - low + 1;
        if width <= MOST && written.low >= LEAST && written.high <= MOST && self.random.chance(40) {
            let modulus = Expr::integer(width);
            let offset = Expr::call(Ty::INTEGER, "floor_mod", vec![written, modulus]).within(0, width - 1);
            if low == 0 {
                return offset;
            }
            return Expr::infix(
                Ty::INTEGER,
                level::ADDITIVE,
                (level::ADDITIVE, offset),
                " + ",
                (level::MULTIPLICATIVE, Expr::integer(low)),
            )
            .within(low, high);
        }
        let below = Expr::call(Ty::INTEGER, "MIN", vec![written, Expr::integer(high)]);
        Expr::call(Ty::INTEGER, "MAX", vec![below, Expr::integer(low)]).within(low, high)
    }

    /// An integer small enough for this bound on its size, for arithmetic that stays within 64 bits.
    fn small(&mut self, bound: i128) -> Expr {
        let written = self.expression(Ty::INTEGER, true);
        if !self.careful || self.contract || (-bound <= written.low && written.high <= bound) {
            return written;
        }
        if bound == MOST {
            return self.clamped(written, -MOST, MOST);
        }
        let modulus = Expr::integer(bound + 1);
        Expr::infix(
            Ty::INTEGER,
            level::MULTIPLICATIVE,
            (level::MULTIPLICATIVE, written),
            " % ",
            (level::UNARY, modulus),
        )
        .within(-bound, bound)
    }

    pub(crate) fn whole_number(&mut self) -> Expr {
        match self.random.below(12) {
            0 | 1 => self.sum(),
            2 => {
                let (left, right) = (self.small(3_000_000), self.small(3_000_000_000));
                let corners = [left.low, left.high]
                    .map(|it| [it.saturating_mul(right.low), it.saturating_mul(right.high)])
                    .concat();
                let low = corners.iter().copied().min().unwrap_or(LEAST);
                let high = corners.iter().copied().max().unwrap_or(MOST);
                let right = (level::UNARY, right);
                let product = Expr::infix(
                    Ty::INTEGER,
                    level::MULTIPLICATIVE,
                    (level::MULTIPLICATIVE, left),
                    " * ",
                    right,
                );
                self.known(product, low, high)
            }
            3 | 4 => {
                let left = self.expression(Ty::INTEGER, true);
                let right = self.divisor(Ty::INTEGER);
                let (low, high) = (left.low, left.high);
                let positive = right.low > 0;
                let operator = *self.random.pick(&[" / ", " % "]);
                let quotient = Expr::infix(
                    Ty::INTEGER,
                    level::MULTIPLICATIVE,
                    (level::MULTIPLICATIVE, left),
                    operator,
                    (level::UNARY, right),
                );
                if positive { self.known(quotient, low.min(0), high.max(0)) } else { quotient }
            }
            5 => {
                let inner = self.small(MOST);
                let (low, high) = (-inner.high, -inner.low);
                let negated =
                    Expr::new(Ty::INTEGER, level::UNARY, vec![text("-"), hole(level::BRACE, inner)]);
                self.known(negated, low, high)
            }
            6 | 7 => match self.random.below(3) {
                0 => self.aggregate(Ty::INTEGER, "COUNT", Ty::INTEGER),
                1 => self.aggregate(Ty::INTEGER, "SUM", Ty::INTEGER),
                _ => self.extreme(Ty::INTEGER),
            }
            .unwrap_or_else(|| self.leaf(Ty::INTEGER, true, false)),
            8 => {
                let holder = self.variable(|types, it| {
                    matches!(
                        types.get(it.ty),
                        Kind::Array(_) | Kind::Map(..) | Kind::Set(_) | Kind::String | Kind::Bytes
                    )
                });
                match holder {
                    Some(holder) => Expr::call(Ty::INTEGER, "LEN", vec![holder.read()]).within(0, 1 << 32),
                    None => self.leaf(Ty::INTEGER, true, false),
                }
            }
            _ => self.leaf(Ty::INTEGER, true, false),
        }
    }

    fn sum(&mut self) -> Expr {
        let (mut left, mut right) = (self.expression(Ty::INTEGER, true), self.expression(Ty::INTEGER, true));
        let minus = self.random.chance(45);
        let bounds = |left: &Expr, right: &Expr| {
            if minus {
                (left.low.saturating_sub(right.high), left.high.saturating_sub(right.low))
            } else {
                (left.low.saturating_add(right.low), left.high.saturating_add(right.high))
            }
        };
        let (low, high) = bounds(&left, &right);
        if self.careful && !self.contract && (low < LEAST || high > MOST) {
            let shrunk = |written: Expr| {
                let bound = 1 << 61;
                if -bound <= written.low && written.high <= bound {
                    return written;
                }
                let modulus = (level::UNARY, Expr::integer(1_000_003));
                let operand = (level::MULTIPLICATIVE, written);
                Expr::infix(Ty::INTEGER, level::MULTIPLICATIVE, operand, " % ", modulus)
                    .within(-1_000_002, 1_000_002)
            };
            (left, right) = (shrunk(left), shrunk(right));
        }
        let (low, high) = bounds(&left, &right);
        let operator = if minus { " - " } else { " + " };
        let operands = ((level::ADDITIVE, left), (level::MULTIPLICATIVE, right));
        let sum = Expr::infix(Ty::INTEGER, level::ADDITIVE, operands.0, operator, operands.1);
        self.known(sum, low, high)
    }

    /// What is known of a result; a computed one that leaves 64 bits has faulted.
    fn known(&self, written: Expr, low: i128, high: i128) -> Expr {
        if self.contract {
            let bound = 1 << 110;
            return written.within(low.max(-bound), high.min(bound));
        }
        written.within(low.max(LEAST), high.min(MOST).max(low.max(LEAST)))
    }

    /// Not zero where faults are to be avoided, and never a constant zero.
    pub(crate) fn divisor(&mut self, ty: Ty) -> Expr {
        if !self.careful
            && let Some(variable) = self.variable(|_, it| it.ty == ty)
        {
            return variable.read();
        }
        match ty {
            Ty::INTEGER if self.random.chance(40) => self.integer_within(1, 1000),
            Ty::INTEGER => Expr::integer(1 + i128::from(self.random.between(0, 12))),
            Ty::DECIMAL => {
                Expr::atom(ty, *self.random.pick(&["0.5", "3.0", "7.25", "1000000.0", "0.0000001"]))
            }
            _ => self.expression(ty, false),
        }
    }

    /// Decimals and floats.
    pub(crate) fn fraction(&mut self, ty: Ty, hinted: bool) -> Expr {
        let operator = match self.random.below(9) {
            0 | 1 => " + ",
            2 => " - ",
            3 => " * ",
            4 if ty == Ty::FLOAT => " / ",
            4 => " % ",
            5 => {
                let inner = self.expression(ty, hinted);
                return Expr::new(ty, level::UNARY, vec![text("-"), hole(level::BRACE, inner)]);
            }
            6 => {
                let written = match self.random.below(2) {
                    0 => self.aggregate(ty, "SUM", ty),
                    _ => self.extreme(ty),
                };
                return written.unwrap_or_else(|| self.leaf(ty, hinted, false));
            }
            7 if ty == Ty::FLOAT => " % ",
            _ => return self.leaf(ty, hinted, false),
        };
        let left = self.expression(ty, false);
        let right = if operator == " % " || operator == " / " {
            self.divisor(ty)
        } else {
            self.expression(ty, false)
        };
        match operator {
            " + " | " - " => {
                let operands = ((level::ADDITIVE, left), (level::MULTIPLICATIVE, right));
                Expr::infix(ty, level::ADDITIVE, operands.0, operator, operands.1)
            }
            _ => {
                let operands = ((level::MULTIPLICATIVE, left), (level::UNARY, right));
                Expr::infix(ty, level::MULTIPLICATIVE, operands.0, operator, operands.1)
            }
        }
    }

    /// Text and bytes.
    pub(crate) fn sequence(&mut self, ty: Ty, hinted: bool) -> Option<Expr> {
        match self.random.below(4) {
            0 | 1 => {
                let (left, right) = (self.expression(ty, hinted), self.expression(ty, hinted));
                let operands = ((level::ADDITIVE, left), (level::MULTIPLICATIVE, right));
                Some(Expr::infix(ty, level::ADDITIVE, operands.0, " ++ ", operands.1))
            }
            2 => self.slice(ty),
            _ => None,
        }
    }

    pub(crate) fn truth(&mut self) -> Expr {
        match self.random.below(16) {
            0..=3 => self.comparison(),
            4 | 5 => self.equality(),
            6 | 7 => {
                let (operator, level, left, right) = *self.random.pick(&[
                    (" AND ", level::AND, level::AND, level::NOT),
                    (" OR ", level::OR, level::OR, level::AND),
                    (" IMPLIES ", level::IMPLIES, level::OR, level::IMPLIES),
                    (" IFF ", level::IFF, level::IFF, level::IMPLIES),
                ]);
                let (a, b) = (self.expression(Ty::BOOLEAN, true), self.expression(Ty::BOOLEAN, true));
                Expr::infix(Ty::BOOLEAN, level, (left, a), operator, (right, b))
            }
            8 => {
                let inner = self.expression(Ty::BOOLEAN, true);
                Expr::new(Ty::BOOLEAN, level::NOT, vec![text("NOT "), hole(level::NOT, inner)])
            }
            9 | 10 => self.member().unwrap_or_else(|| self.equality()),
            11 | 12 => self.quantifier().unwrap_or_else(|| self.comparison()),
            13 => {
                let name = *self.random.pick(&["ALL", "ANY"]);
                self.aggregate(Ty::BOOLEAN, name, Ty::BOOLEAN).unwrap_or_else(|| self.comparison())
            }
            14 => {
                let parts: Vec<Expr> = (0..3).map(|_| self.expression(Ty::INTEGER, true)).collect();
                let mut pieces = vec![];
                for (position, part) in parts.into_iter().enumerate() {
                    if position > 0 {
                        pieces.push(text(*self.random.pick(&[" < ", " <= "])));
                    }
                    pieces.push(hole(level::UPDATE, part));
                }
                Expr::new(Ty::BOOLEAN, level::COMPARISON, pieces)
            }
            _ => self.leaf(Ty::BOOLEAN, true, false),
        }
    }

    /// Two of one type; the second is a literal that takes its type from the first now and then.
    fn operands(&mut self, ty: Ty) -> (Expr, Expr) {
        let left = self.expression(ty, false);
        let right = if self.random.chance(25) { self.literal(ty, true) } else { self.expression(ty, false) };
        (left, right)
    }

    fn comparison(&mut self) -> Expr {
        let ty = self.key_type();
        let (left, right) = self.operands(ty);
        let operator = *self.random.pick(&[" < ", " <= ", " > ", " >= "]);
        let operands = ((level::UPDATE, left), (level::UPDATE, right));
        Expr::infix(Ty::BOOLEAN, level::COMPARISON, operands.0, operator, operands.1)
    }

    fn equality(&mut self) -> Expr {
        let ty = self.some_type();
        let (left, right) = self.operands(ty);
        let operator = *self.random.pick(&[" == ", " != "]);
        let operands = ((level::UPDATE, left), (level::UPDATE, right));
        Expr::infix(Ty::BOOLEAN, level::COMPARISON, operands.0, operator, operands.1)
    }

    fn member(&mut self) -> Option<Expr> {
        if self.random.chance(25) {
            let element = self.expression(Ty::INTEGER, true);
            let (low, high) = (self.expression(Ty::INTEGER, true), self.expression(Ty::INTEGER, true));
            let pieces = vec![
                hole(level::UPDATE, element),
                text(" IN "),
                hole(level::UPDATE, low),
                text(".."),
                hole(level::UPDATE, high),
            ];
            return Some(Expr::new(Ty::BOOLEAN, level::COMPARISON, pieces));
        }
        let holder = self.variable(|types, it| {
            matches!(types.get(it.ty), Kind::Array(_) | Kind::Set(_) | Kind::Map(..) | Kind::String)
        })?;
        let element = match self.types.get(holder.ty) {
            Kind::Array(inner) | Kind::Set(inner) | Kind::Map(inner, _) => inner,
            _ => Ty::STRING,
        };
        if !self.types.has_name(element) {
            return None;
        }
        let element = self.expression_exact(element);
        let (element, holder) = ((level::UPDATE, element), (level::UPDATE, holder.read()));
        Some(if self.random.chance(50) {
            Expr::infix(Ty::BOOLEAN, level::COMPARISON, element, " IN ", holder)
        } else {
            Expr::infix(Ty::BOOLEAN, level::COMPARISON, holder, " CONTAINS ", element)
        })
    }
}
