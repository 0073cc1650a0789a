//! Facts about the head of a loop that nobody wrote: conjectured by templates, and known only if each holds when
//! the loop is reached and every iteration keeps it. Here they become terms; what is believed is decided where
//! goals are.

use anrf_format::types::{Type, TypeId};
use num_bigint::BigInt;

use super::Encoder;
use crate::term::{SortId, TermId, Theory};

/// A relation between two quantities at the head of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conjecture {
    /// The loop, as in [`Encoded::heads`](super::Encoded::heads).
    pub head: usize,
    /// On the left.
    pub left: Operand,
    /// How they relate.
    pub relation: Relation,
    /// On the right.
    pub right: Operand,
}

/// How two quantities relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `==`, of whatever type.
    Equal,
    /// `<=`, of numbers.
    AtMost,
}

/// A quantity: some times a value, or the length of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// Times what follows, unless it is no number; for [`Base::One`] the number itself.
    pub factor: i64,
    /// Whether its length is meant.
    pub is_length: bool,
    /// Of what.
    pub base: Base,
}

/// What a quantity is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// One.
    One,
    /// A name that the loop carries, at its head.
    Carried(usize),
    /// What it was when the loop was reached.
    Start(usize),
    /// An input of the function.
    Input(usize),
}

/// Values by their types.
pub(super) type Typed = Vec<(TypeId, TermId)>;

/// The values that conjectures about one loop speak of.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub(super) carried: Typed,
    pub(super) start: Typed,
    pub(super) inputs: Typed,
}

impl Encoder<'_> {
    /// A conjecture of these values; TRUE, which says nothing, if it does not fit their types.
    pub(super) fn conjecture(&mut self, conjecture: &Conjecture, values: &Values) -> TermId {
        let always = self.terms.boolean(true);
        let value = |base| match base {
            Base::One => None,
            Base::Carried(number) => values.carried.get(number).copied(),
            Base::Start(number) => values.start.get(number).copied(),
            Base::Input(number) => values.inputs.get(number).copied(),
        };
        // Values that are no numbers are the same or not.
        if let (Relation::Equal, false, Some((id, a)), Some((other, b))) = (
            conjecture.relation,
            conjecture.left.is_length || conjecture.right.is_length,
            value(conjecture.left.base),
            value(conjecture.right.base),
        ) && !matches!(self.types().get(id), Type::Integer | Type::Unbounded | Type::Decimal)
        {
            return if id == other { self.equal_values(id, a, b, false) } else { always };
        }
        let is_real = [conjecture.left, conjecture.right].iter().any(|operand| {
            let id = value(operand.base).map(|(id, _)| id);
            !operand.is_length && id.is_some_and(|id| *self.types().get(id) == Type::Decimal)
        });
        let mut quantity = |operand: Operand| -> Option<TermId> {
            let sort = if is_real { SortId::REAL } else { SortId::INTEGER };
            let number = |encoder: &mut Self, number: i64| match is_real {
                true => encoder.terms.real(BigInt::from(number), BigInt::from(1)),
                false => encoder.terms.integer(number),
            };
            let Some((id, term)) = value(operand.base) else { return Some(number(self, operand.factor)) };
            let term = match (operand.is_length, self.types().get(id)) {
                (true, Type::Array(_)) => self.len_of(id, term),
                (false, Type::Integer | Type::Unbounded | Type::Decimal) => term,
                _ => return None,
            };
            let term = match (self.terms.sort(term) == sort, is_real) {
                (true, _) => term,
                (false, true) => self.terms.theory(Theory::ToReal, vec![term]),
                (false, false) => return None,
            };
            let factor = number(self, operand.factor);
            Some(self.terms.multiply(factor, term))
        };
        let (Some(a), Some(b)) = (quantity(conjecture.left), quantity(conjecture.right)) else {
            return always;
        };
        match conjecture.relation {
            Relation::Equal => self.terms.equal(a, b),
            Relation::AtMost => self.terms.less_equal(a, b),
        }
    }
}
