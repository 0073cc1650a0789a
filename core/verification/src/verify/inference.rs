//! Invariants of loops that nobody wrote: conjectured by templates, and kept if all of those that are kept hold
//! together when the loop is reached and after every iteration (Houdini).
//!
//! Tried only where a function with loops is not proved without, so that others pay nothing.

use std::collections::BTreeMap;
use std::time::Instant;

use anrf_format::execution::{Op, Role};
use anrf_format::module::Module;
use anrf_format::types::{Type, TypeId};
use anrf_runtime::CancellationToken;

use super::proof::Prover;
use crate::encode::{Base, Calls, Conjecture, Encoded, Encoder, Goal, Operand, Relation};
use crate::report::{Effort, Inferred};
use crate::solver::{Answer, Features, Query};
use crate::term::TermId;

/// Of all that a goal may spend, the part that a question about conjectures gets.
const SHARE: u64 = 30;
/// Most conjectures about one loop.
const MOST: usize = 72;
/// Most numbers of the code that conjectures use.
const NUMBERS: usize = 4;
/// Most loops of a function for which invariants are looked for.
const LOOPS: usize = 4;
/// Most questions about the loops of a function; what is not settled by then is not inferred.
const QUESTIONS: usize = 1_000;

impl Prover {
    /// The conjectures about the loops of a function that hold together, and what finding them took.
    pub(super) fn infer(
        &self,
        module: &Module,
        calls: &Calls,
        encoded: &Encoded,
        cancel: &CancellationToken,
    ) -> (Vec<Conjecture>, Effort) {
        let mut effort = Effort::default();
        if encoded.names.is_empty() || encoded.names.len() > LOOPS {
            return (vec![], effort);
        }
        // What takes long to prove is no easy invariant. Steps end a question, so that two runs find the same.
        let quick = self.first(SHARE);
        let mut alive = conjectures(module, encoded);
        while !alive.is_empty() && effort.asked < QUESTIONS && !cancel.is_cancelled() {
            let mut encoder = Encoder::new(module, calls);
            encoder.conjectures = alive.clone();
            let encoded = encoder.encode(encoded.index);
            let mut kept = vec![true; alive.len()];
            for way in ways(&encoded) {
                quick.drop_what_fails(&mut encoder, &way, &mut kept, &mut effort, cancel);
            }
            if kept.iter().all(|kept| *kept) {
                return if cancel.is_cancelled() { (vec![], effort) } else { (alive, effort) };
            }
            let mut kept = kept.into_iter();
            alive.retain(|_| kept.next().unwrap_or(false));
        }
        (vec![], effort)
    }

    /// Marks conjectures that do not hold on a way to the head of a loop: asks for all at once, drops those that a
    /// model contradicts, and goes on by halves where none says which.
    fn drop_what_fails(
        &self,
        encoder: &mut Encoder<'_>,
        way: &[(usize, &Goal)],
        kept: &mut [bool],
        effort: &mut Effort,
        cancel: &CancellationToken,
    ) {
        let mut open = vec![way.to_vec()];
        while let Some(mut part) = open.pop() {
            part.retain(|(number, _)| kept.get(*number).copied().unwrap_or(false));
            let Some((_, first)) = part.first() else { continue };
            if effort.asked >= QUESTIONS {
                drop_all(&part, kept);
                continue;
            }
            let goals: Vec<TermId> = part.iter().map(|(_, goal)| goal.goal).collect();
            let goal = Goal { goal: encoder.terms.and(goals.clone()), ..(*first).clone() };
            let Some(Ok(script)) = Self::script(encoder, &goal, &goals) else {
                // It follows plainly, or cannot be said; only the first is known to hold.
                if Self::assertions(encoder, &goal).is_some() {
                    drop_all(&part, kept);
                }
                continue;
            };
            let by_patterns = script.features.contains(Features::QUANTIFIERS);
            let (text, features) = (&script.text, script.features);
            let query = Query { script: text, features, wants_core: false, by_patterns };
            let begun = Instant::now();
            let solved = self.portfolio.solve_for_model(&query, &self.limits(&query, |all| all), cancel);
            let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            effort.asked += 1;
            effort.solver_micros += micros;
            let Ok(solved) = solved else {
                drop_all(&part, kept);
                continue;
            };
            if solved.answer == Answer::Unsat {
                continue;
            }
            let before = part.len();
            if let Some(mut session) = solved.session {
                part.retain(|(number, goal)| {
                    let printed = script.print(&encoder.terms, goal.goal).ok();
                    let value = printed.and_then(|printed| session.values(&[&printed]).ok()?.pop());
                    let is_false = value.is_some_and(|value| value.symbol() == Some("false"));
                    if let Some(kept) = kept.get_mut(*number).filter(|_| is_false) {
                        *kept = false;
                    }
                    !is_false
                });
            }
            if part.len() < before {
                open.push(part);
            } else if before == 1 {
                drop_all(&part, kept);
            } else {
                let half = part.split_off(before / 2);
                open.extend([half, part]);
            }
        }
    }
}

fn drop_all(part: &[(usize, &Goal)], kept: &mut [bool]) {
    for (number, _) in part {
        if let Some(kept) = kept.get_mut(*number) {
            *kept = false;
        }
    }
}

/// Without those that others say already, for people.
pub(super) fn telling(conjectures: &[Conjecture]) -> Vec<Conjecture> {
    let sides = |it: &Conjecture| {
        let side = |operand: Operand| (operand.base, operand.is_length);
        (it.head, side(it.left), side(it.right))
    };
    let is_weaker = |it: &&Conjecture| {
        let (head, left, right) = sides(it);
        it.relation == Relation::AtMost
            && conjectures.iter().any(|other| {
                let (other_head, a, b) = sides(other);
                let same = (a, b) == (left, right);
                let closer = same && other.relation == it.relation && other.right.factor < it.right.factor;
                let equal = other.relation == Relation::Equal && (same || (b, a) == (left, right));
                other_head == head && (equal || closer)
            })
    };
    conjectures.iter().filter(|it| !is_weaker(it)).cloned().collect()
}

/// The goals of conjectures by the way to the head that they are about: all of one way know the same.
pub(super) fn ways(encoded: &Encoded) -> Vec<Vec<(usize, &Goal)>> {
    let mut ways: Vec<Vec<(usize, &Goal)>> = vec![];
    for (number, goal) in &encoded.conjectures {
        match ways.last_mut() {
            Some(way)
                if way.last().is_some_and(|(last, known)| last < number && known.known == goal.known) =>
            {
                way.push((*number, goal));
            }
            _ => ways.push(vec![(*number, goal)]),
        }
    }
    ways
}

/// A conjecture as the text would say it.
pub(super) fn told(module: &Module, encoded: &Encoded, conjecture: &Conjecture) -> Inferred {
    let function = module.semantic.functions.get(encoded.index as usize);
    let name = |base: Base| -> String {
        let carried = |number: usize| {
            let names = encoded.names.get(conjecture.head);
            names.and_then(|names| names.get(number)).map(|(name, ..)| name.clone()).unwrap_or_default()
        };
        match base {
            Base::One => "1".to_owned(),
            Base::Carried(number) => carried(number),
            Base::Start(number) => format!("{} at the start", carried(number)),
            Base::Input(number) => function
                .and_then(|function| function.inputs.get(number))
                .map(|input| input.name.clone())
                .unwrap_or_default(),
        }
    };
    let side = |operand: Operand| {
        let quantity = match operand.is_length {
            true => format!("LEN({})", name(operand.base)),
            false => name(operand.base),
        };
        match (operand.base, operand.factor) {
            (Base::One, number) => number.to_string(),
            (_, 1) => quantity,
            (_, factor) => format!("{factor} * {quantity}"),
        }
    };
    let relation = match conjecture.relation {
        Relation::Equal => "==",
        Relation::AtMost => "<=",
    };
    let step = encoded.loops.get(conjecture.head).cloned().unwrap_or_default();
    Inferred { step, text: format!("{} {relation} {}", side(conjecture.left), side(conjecture.right)) }
}

fn plain(base: Base) -> Operand {
    Operand { factor: 1, is_length: false, base }
}

fn length(base: Base) -> Operand {
    Operand { is_length: true, ..plain(base) }
}

fn number(factor: i64) -> Operand {
    Operand { factor, ..plain(Base::One) }
}

/// What may hold at the heads of a function's loops, by templates over the names that they carry, inputs, lengths
/// and numbers of the code.
fn conjectures(module: &Module, encoded: &Encoded) -> Vec<Conjecture> {
    let kind = |id: TypeId| module.types.get(id);
    let is_number = |id: TypeId| matches!(kind(id), Type::Integer | Type::Unbounded);
    let is_array = |id: TypeId| matches!(kind(id), Type::Array(_));
    let numbers = numbers(module, encoded.index);
    let inputs: Vec<(Base, TypeId)> =
        encoded.inputs.iter().enumerate().map(|(place, (id, _))| (Base::Input(place), *id)).collect();
    let mut all = vec![];
    for (head, names) in encoded.names.iter().enumerate() {
        let mut found: Vec<Conjecture> = vec![];
        let mut say = |left: Operand, relation: Relation, right: Operand| {
            found.push(Conjecture { head, left, relation, right });
        };
        let carried: Vec<(usize, TypeId)> =
            names.iter().enumerate().map(|(place, (_, id, _))| (place, *id)).collect();
        // The bounds of a `for`'s index are known anyway.
        let is_index = |place: usize| names.get(place).is_some_and(|(.., is_index)| *is_index);
        // What does not change.
        for (place, _) in carried.iter().filter(|(place, _)| !is_index(*place)) {
            say(plain(Base::Carried(*place)), Relation::Equal, plain(Base::Start(*place)));
        }
        for (place, id) in &carried {
            let (here, start) = (plain(Base::Carried(*place)), plain(Base::Start(*place)));
            if is_index(*place) {
                continue;
            }
            if is_number(*id) || *kind(*id) == Type::Decimal {
                say(number(0), Relation::AtMost, here);
                say(start, Relation::AtMost, here);
                say(here, Relation::AtMost, start);
            }
            if is_array(*id) {
                let here = length(Base::Carried(*place));
                say(here, Relation::Equal, length(Base::Start(*place)));
                for (other, _) in inputs.iter().filter(|(_, id)| is_array(*id)) {
                    say(here, Relation::Equal, length(*other));
                    say(here, Relation::AtMost, length(*other));
                }
                for (other, _) in carried.iter().filter(|(_, id)| is_number(*id)) {
                    say(here, Relation::Equal, plain(Base::Carried(*other)));
                    say(here, Relation::AtMost, plain(Base::Carried(*other)));
                }
            }
            if !is_number(*id) {
                continue;
            }
            for bound in &numbers {
                say(here, Relation::AtMost, number(*bound));
            }
            for (other, _) in inputs.iter().filter(|(_, id)| is_number(*id)) {
                say(here, Relation::AtMost, plain(*other));
            }
            for (other, _) in inputs.iter().filter(|(_, id)| is_array(*id)) {
                say(here, Relation::AtMost, length(*other));
            }
            for (other, _) in carried.iter().filter(|(other, id)| is_number(*id) && other != place) {
                let there = Base::Carried(*other);
                if other > place || is_index(*other) {
                    say(here, Relation::Equal, plain(there));
                }
                say(here, Relation::AtMost, plain(there));
                if is_index(*other) {
                    say(plain(there), Relation::AtMost, here);
                }
                for factor in &numbers {
                    say(here, Relation::Equal, Operand { factor: *factor, ..plain(there) });
                    say(here, Relation::AtMost, Operand { factor: *factor, ..plain(there) });
                }
            }
        }
        found.truncate(MOST);
        all.extend(found);
    }
    all
}

/// The numbers that a function and its conditions on entry name, 0 and 1 aside, the first ones first.
fn numbers(module: &Module, index: u32) -> Vec<i64> {
    let mut found = BTreeMap::new();
    for role in [Role::Body(index), Role::Entry(index)] {
        let code = module.execution.find(role);
        let code = code.and_then(|id| module.execution.functions.get(id.0 as usize));
        let instructions =
            code.into_iter().flat_map(|code| &code.blocks).flat_map(|block| &block.instructions);
        for (place, instruction) in instructions.enumerate() {
            if let Op::Immediate(number @ 2..=1_000_000_000_000) = instruction.op {
                found.entry(number).or_insert((role == Role::Entry(index), place));
            }
        }
    }
    let mut found: Vec<((bool, usize), i64)> = found.into_iter().map(|(number, at)| (at, number)).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, number)| number).take(NUMBERS).collect()
}
