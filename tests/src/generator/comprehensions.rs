//! Comprehensions, aggregates and quantifiers.

use super::author::{Author, Variable};
use super::expression::{Expr, Piece, hole, level, text};
use super::types::{Kind, Ty};

/// Pieces in pieces: a domain is several of them, carried as the parts of an expression without a level.
pub(crate) fn flatten(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut flat = vec![];
    for piece in pieces {
        match piece {
            Piece::Hole(0, group) => flat.extend(group.pieces),
            other => flat.push(other),
        }
    }
    flat
}

impl Author {
    /// `x IN xs`, `x AT i IN xs` or `i IN 0..n`, and the names it binds, the element first. With a type the
    /// element is of it.
    pub(crate) fn domain(&mut self, element: Option<Ty>) -> Option<(Piece, Vec<Variable>)> {
        let ranged = element.is_none() && self.random.chance(35)
            || element == Some(Ty::INTEGER) && self.random.chance(40);
        if ranged {
            let low = self.integer_within(-2, 2);
            let high = self.integer_within(-1, 5);
            let name = self.bound(Ty::INTEGER, low.low, high.high.max(low.low));
            let pieces = vec![
                text(format!("{} IN ", name.name)),
                hole(level::UPDATE, low),
                text(".."),
                hole(level::UPDATE, high),
            ];
            return Some((hole(0, Expr::new(Ty::BOOLEAN, 0, pieces)), vec![name]));
        }
        let holder = self.variable(|types, it| match (types.get(it.ty), element) {
            (Kind::Array(inner) | Kind::Set(inner), Some(element)) => inner == element,
            (Kind::Array(_) | Kind::Set(_) | Kind::Map(..), None) => true,
            _ => false,
        });
        let (collection, wide) = match holder {
            Some(holder) if self.random.chance(70) => (holder.read(), holder.wide),
            _ => {
                let pool = self.types.pool.clone();
                let fits: Vec<Ty> = pool
                    .into_iter()
                    .filter(|it| match (self.types.get(*it), element) {
                        (Kind::Array(inner) | Kind::Set(inner), Some(element)) => inner == element,
                        (Kind::Array(_) | Kind::Set(_) | Kind::Map(..), None) => true,
                        _ => false,
                    })
                    .collect();
                if fits.is_empty() {
                    return None;
                }
                let ty = *self.random.pick(&fits);
                (self.expression(ty, false), self.contract)
            }
        };
        let found = match self.types.get(collection.ty) {
            Kind::Array(inner) | Kind::Set(inner) => inner,
            Kind::Map(key, value) => self.types.unnamed_record(vec![("key", key), ("value", value)]),
            _ => return None,
        };
        let mut name = self.bound(found, i128::from(i64::MIN), i128::from(i64::MAX));
        name.wide = wide;
        let mut names = vec![name.clone()];
        let at = if self.random.chance(20) {
            let index = self.bound(Ty::INTEGER, 0, 1 << 32);
            let at = format!(" AT {}", index.name);
            names.push(index);
            at
        } else {
            String::new()
        };
        let pieces = vec![text(format!("{}{at} IN ", name.name)), hole(level::UPDATE, collection)];
        Some((hole(0, Expr::new(Ty::BOOLEAN, 0, pieces)), names))
    }

    /// ` IF condition`, or nothing.
    pub(crate) fn filter(&mut self) -> Vec<Piece> {
        if self.random.chance(60) {
            return vec![];
        }
        let condition = self.expression(Ty::BOOLEAN, true);
        vec![text(" IF "), hole(level::OPEN, condition)]
    }

    /// `[e FOR x IN xs IF p]` and the like.
    pub(crate) fn comprehension(
        &mut self,
        ty: Ty,
        open: &'static str,
        element: Ty,
        close: &'static str,
        hinted: bool,
    ) -> Option<Expr> {
        let (domain, names) = self.domain(None)?;
        let (item, filter) = self.with(names, |it| (it.expression(element, hinted), it.filter()));
        let mut pieces = vec![text(open), hole(level::OPEN, item), text(" FOR "), domain];
        pieces.extend(filter);
        pieces.push(text(close));
        Some(Expr::new(ty, level::ATOM, flatten(pieces)))
    }

    /// `SUM(e FOR x IN xs IF p)` and the like; an empty MIN or MAX faults.
    pub(crate) fn aggregate(&mut self, ty: Ty, name: &'static str, item: Ty) -> Option<Expr> {
        let (domain, names) = self.domain(None)?;
        let (item, filter) = self.with(names, |it| {
            let item = match (item, name) {
                (Ty::INTEGER, "SUM") if it.careful => it.integer_within(-1_000_000, 1_000_000),
                _ => it.expression(item, false),
            };
            (item, it.filter())
        });
        let mut pieces = vec![text(format!("{name}(")), hole(level::OPEN, item), text(" FOR "), domain];
        pieces.extend(filter);
        pieces.push(text(")"));
        let (low, high) = match name {
            "COUNT" => (0, 1 << 32),
            _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
        };
        Some(Expr::new(ty, level::ATOM, flatten(pieces)).within(low, high))
    }

    /// `MIN(e FOR ...)`, guarded where faults are to be avoided: something is always yielded.
    pub(crate) fn extreme(&mut self, ty: Ty) -> Option<Expr> {
        let name = *self.random.pick(&["MIN", "MAX"]);
        if !self.careful {
            return self.aggregate(ty, name, ty);
        }
        let index = self.bound(Ty::INTEGER, 0, 3);
        let high = 1 + self.random.below(4);
        let item = self.with(vec![index.clone()], |it| it.expression(ty, false));
        let pieces = vec![
            text(format!("{name}(")),
            hole(level::OPEN, item),
            text(format!(" FOR {} IN 0..{high})", index.name)),
        ];
        let written = Expr::new(ty, level::ATOM, pieces);
        Some(written)
    }

    /// `FORALL x IN xs: p`.
    pub(crate) fn quantifier(&mut self) -> Option<Expr> {
        let (first, names) = self.domain(None)?;
        let known = self.scope.len();
        self.scope.extend(names);
        let mut pieces = vec![text(*self.random.pick(&["FORALL ", "EXISTS "])), first];
        if self.random.chance(25)
            && let Some((second, names)) = self.domain(None)
        {
            self.scope.extend(names);
            pieces.extend([text(", "), second]);
        }
        let body = self.expression(Ty::BOOLEAN, true);
        self.scope.truncate(known);
        pieces.extend([text(": "), hole(level::OPEN, body)]);
        Some(Expr::new(Ty::BOOLEAN, level::OPEN, flatten(pieces)))
    }

    /// A type with an order.
    pub(crate) fn key_type(&mut self) -> Ty {
        let pool = self.types.pool.clone();
        let fits: Vec<Ty> = pool.into_iter().filter(|it| self.types.is_ordered(*it)).collect();
        *self.random.pick(&fits)
    }
}
