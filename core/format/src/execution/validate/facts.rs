//! What checks and branches have established about values, and what operations want established.

use rustc_hash::FxHashMap;

use super::Context;
use super::conditions::has_entry;
use crate::builtin::Builtin;
use crate::execution::{Arithmetic, Check, Function, FunctionId, Op, Terminator, ValueId, builtin_can_fault};
use crate::types::{Type, TypeId};

/// Something that holds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact<'a> {
    InRange(Arithmetic, ValueId, ValueId),
    Negatable(ValueId),
    NotZero(ValueId),
    Index(ValueId, ValueId),
    Slice(ValueId, ValueId, ValueId),
    Key(ValueId, ValueId),
    Some(ValueId),
    Case(ValueId, u32),
    Defined(Builtin, &'a [ValueId]),
    Call(u32, &'a [ValueId]),
    Request(u32, &'a [ValueId]),
}

/// Facts in force, with what to take back when a scope ends.
#[derive(Default)]
pub(super) struct Facts<'a> {
    known: FxHashMap<Fact<'a>, u32>,
    log: Vec<Fact<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    pub(super) fn add(&mut self, fact: Fact<'a>) {
        *self.known.entry(fact).or_default() += 1;
        self.log.push(fact);
    }

    pub(super) fn rollback(&mut self, mark: usize) {
        for fact in self.log.drain(mark.min(self.log.len())..) {
            if let Some(times) = self.known.get_mut(&fact) {
                *times -= 1;
                if *times == 0 {
                    self.known.remove(&fact);
                }
            }
        }
    }

    fn holds(&self, fact: &Fact<'_>) -> bool {
        self.known.contains_key(fact)
    }

    /// What an instruction establishes.
    pub(super) fn learn(&mut self, op: &'a Op) {
        let fact = match op {
            Op::Check(check, operands, _) => match (check, operands.as_slice()) {
                (Check::Arithmetic(operator), [a, b]) => Fact::InRange(*operator, *a, *b),
                (Check::Negate, [a]) => Fact::Negatable(*a),
                (Check::NotZero, [a]) => Fact::NotZero(*a),
                (Check::Index, [a, b]) => Fact::Index(*a, *b),
                (Check::Slice, [a, b, c]) => Fact::Slice(*a, *b, *c),
                (Check::Key, [a, b]) => Fact::Key(*a, *b),
                (Check::Some, [a]) => Fact::Some(*a),
                (Check::Builtin(builtin), arguments) => Fact::Defined(*builtin, arguments),
                _ => return,
            },
            Op::CheckCall(callee, arguments, _) => Fact::Call(*callee, arguments),
            Op::CheckRequest(operation, arguments, _) => Fact::Request(*operation, arguments),
            _ => return,
        };
        self.add(fact);
    }

    /// Whether everything is established that an operation wants.
    pub(super) fn allow(&self, function: &Function, op: &Op) -> bool {
        let of = |value: &ValueId| function.type_of(*value);
        match op {
            Op::Arithmetic(operator, a, b) => {
                let divides = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
                let nonzero = !divides || of(b) == Some(TypeId::FLOAT) || self.holds(&Fact::NotZero(*b));
                // The remainder of the smallest integer by -1 is 0.
                let inside = of(a) != Some(TypeId::INTEGER)
                    || *operator == Arithmetic::Remainder
                    || self.holds(&Fact::InRange(*operator, *a, *b));
                nonzero && inside
            }
            Op::Negate(a) => of(a) != Some(TypeId::INTEGER) || self.holds(&Fact::Negatable(*a)),
            Op::Element(a, index, _) | Op::WithElement(a, index, _) => self.holds(&Fact::Index(*a, *index)),
            Op::Slice(a, from, to) => self.holds(&Fact::Slice(*a, *from, *to)),
            Op::Lookup(a, key, _) => self.holds(&Fact::Key(*a, *key)),
            Op::Payload(a, _) => self.holds(&Fact::Some(*a)),
            Op::CaseField(a, case, ..) => self.holds(&Fact::Case(*a, *case)),
            Op::Builtin(builtin, arguments) => {
                !builtin_can_fault(*builtin, arguments.first().and_then(of))
                    || self.holds(&Fact::Defined(*builtin, arguments))
            }
            _ => true,
        }
    }

    /// Whether the conditions of a call or invocation have been checked.
    pub(super) fn allow_end(&self, context: &Context<'_>, end: &Terminator) -> bool {
        match end {
            Terminator::Call { function: FunctionId(callee), arguments, .. } => {
                let known = context.semantic.functions.get(*callee as usize);
                !known.is_some_and(|known| has_entry(context.semantic, known))
                    || self.holds(&Fact::Call(*callee, arguments))
            }
            Terminator::Invoke { operation, arguments, .. } => {
                let known = context.semantic.host.get(*operation as usize);
                known.is_none_or(|known| known.preconditions.is_empty())
                    || self.holds(&Fact::Request(*operation, arguments))
            }
            _ => true,
        }
    }
}

/// What is known in a block because the one way into it comes from this end.
pub(super) fn of_branch<'f>(
    context: &Context<'_>,
    function: &'f Function,
    definition: impl Fn(ValueId) -> Option<&'f Op>,
    end: &Terminator,
    block: u32,
) -> Option<Fact<'f>> {
    match end {
        Terminator::Branch(condition, yes, _) if yes.block.0 == block => match definition(*condition)? {
            Op::Builtin(Builtin::IsSome, arguments) => {
                arguments.first().map(|optional| Fact::Some(*optional))
            }
            _ => None,
        },
        Terminator::Switch(on, targets) => {
            let Op::CaseOf(variant) = definition(*on)? else { return None };
            let case = targets.iter().position(|target| target.block.0 == block)?;
            let Type::Variant(index) = context.types.types.get(function.type_of(*variant)?.0 as usize)?
            else {
                return None;
            };
            let cases = context.types.variants.get(*index as usize)?.cases.len();
            // The last target also takes the cases after it.
            let exact = case + 1 < targets.len() || targets.len() == cases;
            exact.then_some(Fact::Case(*variant, u32::try_from(case).ok()?))
        }
        _ => None,
    }
}
