//! Conditions of contracts, most of which hold by construction.

use super::author::Author;
use super::expression::{Expr, hole, level, text};
use super::program::{HostOperation, StateVariable};
use super::types::{Field, Kind, Ty};

/// Where a clause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Precondition, constraint.
    Entry,
    /// What the initial value has to meet.
    Initial,
    /// Assertion, loop invariant.
    Flow,
    /// Postcondition.
    Exit,
}

/// `low <= x <= high`.
pub(crate) fn bounds(name: Expr, low: i128, high: i128) -> Expr {
    let pieces = vec![
        hole(level::UPDATE, Expr::integer(low)),
        text(" <= "),
        hole(level::UPDATE, name),
        text(" <= "),
        hole(level::UPDATE, Expr::integer(high)),
    ];
    Expr::new(Ty::BOOLEAN, level::COMPARISON, pieces)
}

/// The condition that keeps a field within its bounds, if it has any.
pub(crate) fn field_bounds(field: &Field) -> Option<Expr> {
    let bounded = field.ty == Ty::INTEGER && (field.low, field.high) != (i64::MIN.into(), i64::MAX.into());
    bounded.then(|| bounds(Expr::atom(Ty::INTEGER, field.name.clone()), field.low, field.high))
}

impl Author {
    /// A condition; most hold by construction, in careless programs some do not. The caller has switched to
    /// contract code.
    pub(crate) fn clause(&mut self, place: Place) -> Expr {
        self.budget = *self.random.pick(&[3, 6, 10]);
        let free = if self.careful { 1 } else { 14 };
        if place != Place::Initial && self.random.chance(free) {
            return self.expression(Ty::BOOLEAN, true);
        }
        let holds = self.tautology(place);
        match self.random.below(5) {
            0 => {
                let premise = self.expression(Ty::BOOLEAN, true);
                let operands = ((level::OR, premise), (level::IMPLIES, holds));
                Expr::infix(Ty::BOOLEAN, level::IMPLIES, operands.0, " IMPLIES ", operands.1)
            }
            1 => {
                let other = self.tautology(place);
                Expr::infix(Ty::BOOLEAN, level::AND, (level::AND, holds), " AND ", (level::NOT, other))
            }
            _ => holds,
        }
    }

    fn tautology(&mut self, place: Place) -> Expr {
        match self.random.below(8) {
            0 | 1 => {
                let known =
                    self.variable(|_, it| it.ty == Ty::INTEGER && !(it.ghost && place != Place::Flow));
                match known {
                    Some(known) => bounds(known.read(), known.low, known.high),
                    None => self.same(),
                }
            }
            2 => {
                let condition = self.expression(Ty::BOOLEAN, true);
                let opposite = Expr::new(
                    Ty::BOOLEAN,
                    level::NOT,
                    vec![text("NOT "), hole(level::NOT, condition.clone())],
                );
                Expr::infix(Ty::BOOLEAN, level::OR, (level::OR, condition), " OR ", (level::AND, opposite))
            }
            3 => {
                let known = self.variable(|types, it| {
                    matches!(
                        types.get(it.ty),
                        Kind::Array(_) | Kind::String | Kind::Bytes | Kind::Map(..) | Kind::Set(_)
                    )
                });
                match known {
                    Some(known) => {
                        let length = Expr::call(Ty::INTEGER, "LEN", vec![known.read()]);
                        bounds(length, 0, (1 << 32) - 1)
                    }
                    None => self.same(),
                }
            }
            4 => self.elements().unwrap_or_else(|| self.same()),
            5 => {
                // Whatever its body is, a quantifier agrees with its own opposite.
                let Some(quantified) = self.quantifier() else { return self.same() };
                Expr::infix(
                    Ty::BOOLEAN,
                    level::IFF,
                    (level::IFF, quantified.clone()),
                    " IFF ",
                    (level::IMPLIES, quantified),
                )
            }
            6 if self.old => {
                let known = self.variable(|_, it| it.entry && it.ty != Ty::FLOAT);
                match known {
                    Some(known) => {
                        let old = Expr::call(known.ty, "old", vec![known.read()]);
                        let operands = ((level::UPDATE, old.clone()), (level::UPDATE, old));
                        Expr::infix(Ty::BOOLEAN, level::COMPARISON, operands.0, " == ", operands.1)
                    }
                    None => self.same(),
                }
            }
            _ => self.same(),
        }
    }

    /// `e == e`, where equality is reflexive.
    fn same(&mut self) -> Expr {
        let mut ty = self.some_type();
        if ty == Ty::FLOAT {
            ty = Ty::INTEGER;
        }
        let value = self.expression(ty, false);
        let operator = if self.types.is_ordered(ty) && self.random.chance(40) { " <= " } else { " == " };
        let has_floats = matches!(self.types.get(ty), Kind::Array(inner) if inner == Ty::FLOAT);
        let operator = if has_floats { " == " } else { operator };
        let operands = ((level::UPDATE, value.clone()), (level::UPDATE, value));
        Expr::infix(Ty::BOOLEAN, level::COMPARISON, operands.0, operator, operands.1)
    }

    /// Something that holds for every element of an array.
    fn elements(&mut self) -> Option<Expr> {
        let array = self.variable(
            |types, it| matches!(types.get(it.ty), Kind::Array(inner) if inner != Ty::FLOAT && types.has_name(inner)),
        )?;
        let index = self.fresh("x");
        let name = &array.name;
        let condition = match self.random.below(3) {
            0 => format!("FORALL {index} IN 0..LEN({name}): {name}[{index}] == {name}[{index}]"),
            1 => format!("FORALL {index} IN 0..LEN({name}): {name}[{index}] IN {name}"),
            _ => format!("ALL({index} IN {name} FOR {index} IN {name})"),
        };
        let level = if condition.starts_with("ALL") { level::ATOM } else { level::OPEN };
        Some(Expr::new(Ty::BOOLEAN, level, vec![text(condition)]))
    }

    /// Postconditions of a function: over success, over each error, over state and attempts.
    pub(crate) fn postconditions(
        &mut self,
        success: &[Field],
        errors: &[String],
        state: &[StateVariable],
        host: &[HostOperation],
    ) -> Vec<Expr> {
        use super::author::Variable;
        let careful = self.careful;
        let mut found = vec![];
        let fields: Vec<Variable> =
            success.iter().map(|it| Variable::new(it.name.clone(), it.ty).within(it.low, it.high)).collect();
        for _ in 0..self.random.below(4) {
            self.careful = careful || self.random.chance(85);
            let clause = match self.random.below(6) {
                0 | 1 => self.with(fields.clone(), |it| it.clause(Place::Exit)),
                2 => {
                    let clause = self.with(fields.clone(), |it| it.clause(Place::Exit));
                    let premise = Expr::atom(Ty::BOOLEAN, "success");
                    Expr::infix(
                        Ty::BOOLEAN,
                        level::IMPLIES,
                        (level::OR, premise),
                        " IMPLIES ",
                        (level::IMPLIES, clause),
                    )
                }
                3 if !errors.is_empty() => {
                    let code = self.random.pick(errors).clone();
                    let clause = self.clause(Place::Exit);
                    let premise = Expr::atom(Ty::BOOLEAN, format!("failed({code})"));
                    Expr::infix(
                        Ty::BOOLEAN,
                        level::IMPLIES,
                        (level::OR, premise),
                        " IMPLIES ",
                        (level::IMPLIES, clause),
                    )
                }
                4 if !state.is_empty() => {
                    let variable = self.random.pick(state);
                    let name = &variable.field.name;
                    let text = format!("NOT success IMPLIES {name} == old({name})");
                    if variable.field.ty == Ty::FLOAT {
                        continue;
                    }
                    Expr::new(Ty::BOOLEAN, level::IMPLIES, vec![super::expression::text(text)])
                }
                5 if !host.is_empty() => {
                    let operation = self.random.pick(host);
                    let most = if self.careful || self.random.chance(80) { 1000 } else { 0 };
                    bounds(Expr::atom(Ty::INTEGER, format!("calls({})", operation.name)), 0, most)
                }
                _ => self.clause(Place::Exit),
            };
            found.push(clause);
        }
        self.careful = careful;
        found
    }
}
