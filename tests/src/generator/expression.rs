//! Generated expressions: text with holes, so that they print with no more parentheses than they need and
//! can be made smaller by putting a part in the place of the whole.

use std::borrow::Cow;

use super::types::Ty;

/// How tightly a form binds; the grammar's levels, loosest first.
pub(crate) mod level {
    /// A `WITH` of several elements: its commas want parentheses in a list.
    pub(crate) const SEVERAL: u8 = 0;
    /// `IF`, `LET`, `FORALL`, `EXISTS`: reach as far right as they can.
    pub(crate) const OPEN: u8 = 1;
    pub(crate) const IFF: u8 = 2;
    pub(crate) const IMPLIES: u8 = 3;
    pub(crate) const OR: u8 = 4;
    pub(crate) const AND: u8 = 5;
    pub(crate) const NOT: u8 = 6;
    pub(crate) const COMPARISON: u8 = 7;
    pub(crate) const UPDATE: u8 = 8;
    pub(crate) const ADDITIVE: u8 = 9;
    pub(crate) const MULTIPLICATIVE: u8 = 10;
    pub(crate) const UNARY: u8 = 11;
    /// Ends in a brace, so it cannot stand before one.
    pub(crate) const BRACE: u8 = 12;
    pub(crate) const ATOM: u8 = 13;
}

/// A piece of an expression's text.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Cow<'static, str>),
    /// A part, in parentheses if it binds less tightly than this.
    Hole(u8, Expr),
}

/// A well-typed expression.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) ty: Ty,
    pub(crate) level: u8,
    pub(crate) pieces: Vec<Piece>,
    /// What an integer is known to lie within.
    pub(crate) low: i128,
    pub(crate) high: i128,
}

/// Text of an expression.
pub(crate) fn text(text: impl Into<Cow<'static, str>>) -> Piece {
    Piece::Text(text.into())
}

/// A part of an expression that binds at least so tightly.
pub(crate) fn hole(level: u8, part: Expr) -> Piece {
    Piece::Hole(level, part)
}

impl Expr {
    pub(crate) fn new(ty: Ty, level: u8, pieces: Vec<Piece>) -> Self {
        Self { ty, level, pieces, low: i128::from(i64::MIN), high: i128::from(i64::MAX) }
    }

    pub(crate) fn atom(ty: Ty, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ty, level::ATOM, vec![Piece::Text(text.into())])
    }

    pub(crate) fn boolean(value: bool) -> Self {
        Self::atom(Ty::BOOLEAN, if value { "TRUE" } else { "FALSE" })
    }

    pub(crate) fn integer(value: i128) -> Self {
        let level = if value < 0 { level::UNARY } else { level::ATOM };
        Self::new(Ty::INTEGER, level, vec![text(value.to_string())]).within(value, value)
    }

    /// The same with what is known of its value.
    pub(crate) fn within(mut self, low: i128, high: i128) -> Self {
        (self.low, self.high) = (low, high);
        self
    }

    /// `name(arguments)`.
    pub(crate) fn call(ty: Ty, name: impl Into<Cow<'static, str>>, arguments: Vec<Self>) -> Self {
        let mut pieces = vec![text(name), text("(")];
        for (index, argument) in arguments.into_iter().enumerate() {
            if index > 0 {
                pieces.push(text(", "));
            }
            pieces.push(hole(level::OPEN, argument));
        }
        pieces.push(text(")"));
        Self::new(ty, level::ATOM, pieces)
    }

    /// `left operator right`, where both sides bind at least so tightly.
    pub(crate) fn infix(
        ty: Ty,
        level: u8,
        left: (u8, Self),
        operator: &'static str,
        right: (u8, Self),
    ) -> Self {
        Self::new(ty, level, vec![hole(left.0, left.1), text(operator), hole(right.0, right.1)])
    }

    /// `IF condition THEN yes ELSE no`.
    pub(crate) fn conditional(condition: Self, yes: Self, no: Self) -> Self {
        let (low, high) = (yes.low.min(no.low), yes.high.max(no.high));
        let pieces = vec![
            text("IF "),
            hole(level::OPEN, condition),
            text(" THEN "),
            hole(level::OPEN, yes),
            text(" ELSE "),
            hole(level::OPEN, no),
        ];
        let ty = match &pieces[3] {
            Piece::Hole(_, yes) => yes.ty,
            Piece::Text(_) => Ty::BOOLEAN,
        };
        Self::new(ty, level::OPEN, pieces).within(low, high)
    }

    /// `LET name = value IN body`.
    pub(crate) fn binding(name: &str, value: Self, body: Self) -> Self {
        let (ty, low, high) = (body.ty, body.low, body.high);
        let pieces = vec![
            text(format!("LET {name} = ")),
            hole(level::UPDATE, value),
            text(" IN "),
            hole(level::OPEN, body),
        ];
        Self::new(ty, level::OPEN, pieces).within(low, high)
    }

    /// Writes the expression.
    pub(crate) fn print(&self, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(level, part) if part.level < *level => {
                    out.push('(');
                    part.print(out);
                    out.push(')');
                }
                Piece::Hole(_, part) => part.print(out),
            }
        }
    }

    /// The expression as text.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.print(&mut out);
        out
    }

    /// Its parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(_, part) => Some(part),
            Piece::Text(_) => None,
        })
    }

    /// Its parts, to be changed.
    pub(crate) fn parts_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Hole(_, part) => Some(part),
            Piece::Text(_) => None,
        })
    }

    /// How many expressions it is made of.
    pub(crate) fn size(&self) -> usize {
        1 + self.parts().map(Self::size).sum::<usize>()
    }
}
