//! Instructions and terminators.

use serde::{Deserialize, Serialize};

use super::{BlockId, FaultKind, FunctionId, ObligationId, RegionId, ValueId};
use crate::builtin::Builtin;
use crate::semantic::{Aggregate, LogLevel, Quantifier};

/// An operation and the value it defines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// What it does.
    pub op: Op,
    /// The value it defines; its type stands in the function.
    pub result: Option<ValueId>,
}

/// What an instruction does. Only the `Check`s, `Contract` and a `Fold` that aggregates fault (limits
/// apart): the others are total once their check has passed, and give *some* value of their type if it
/// was wrongly removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// A constant of [`super::Execution::constants`]. An aggregate is shared: an update copies it.
    Constant(u32),
    /// A small constant: boolean (0, 1), integer, unbounded, timestamp, enum (index of the symbol).
    Immediate(i64),
    /// `+ - * / %` on integer (wrapping), unbounded, decimal (no `/`) or float.
    Arithmetic(Arithmetic, ValueId, ValueId),
    /// `-a` on the same types.
    Negate(ValueId),
    /// `NOT a`.
    Not(ValueId),
    /// `== != < <= > >=` on two values of one type. Floats by IEEE, floats inside containers canonically.
    Compare(Comparison, ValueId, ValueId),
    /// Whether the collection (array, set, map's keys, string's substring) has the element.
    Contains(ValueId, ValueId),
    /// The same value with every integer inside unbounded.
    Widen(ValueId),
    /// Unbounded to integer; outside 64 bits the nearest bound.
    Narrow(ValueId),
    /// A record's field.
    Field(ValueId, u32, Access),
    /// The record with another field, in place if it is not shared.
    WithField(ValueId, u32, ValueId),
    /// An element of array, string or bytes; the index is `integer`.
    Element(ValueId, ValueId, Access),
    /// The array with another element, in place if it is not shared.
    WithElement(ValueId, ValueId, ValueId),
    /// `x[from..to]` of array, string or bytes.
    Slice(ValueId, ValueId, ValueId),
    /// The value of a key that is there.
    Lookup(ValueId, ValueId, Access),
    /// The map with a key set, in place if it is not shared.
    WithEntry(ValueId, ValueId, ValueId),
    /// The set with one more member, in place if it is not shared.
    WithMember(ValueId, ValueId),
    /// The map or set without a key, in place if it is not shared.
    Without(ValueId, ValueId),
    /// `a ++ b` on string, bytes or array; grows `a` in place if it is not shared.
    Concat(ValueId, ValueId),
    /// A record of its fields in order.
    NewRecord(Vec<ValueId>),
    /// A variant's case of its fields in order.
    NewVariant(u32, Vec<ValueId>),
    /// An array of its elements.
    NewArray(Vec<ValueId>),
    /// A set of these.
    NewSet(Vec<ValueId>),
    /// A map of these; of equal keys the last counts.
    NewMap(Vec<(ValueId, ValueId)>),
    /// `SOME(x)`.
    NewSome(ValueId),
    /// `NONE`.
    NewNone,
    /// The payload of a present optional.
    Payload(ValueId, Access),
    /// The index of a variant's case, an integer.
    CaseOf(ValueId),
    /// A field of a variant that is of this case: case, field.
    CaseField(ValueId, u32, u32, Access),
    /// The index of an enum's symbol, an integer.
    SymbolOf(ValueId),
    /// A built-in; its faults are `Check`s before it.
    Builtin(Builtin, Vec<ValueId>),
    /// Faults unless the condition holds.
    Check(Check, Vec<ValueId>, ObligationId),
    /// Faults with `constraint_violation` unless the record keeps its definition's constraints.
    CheckRecord(u32, ValueId, ObligationId),
    /// Faults with `constraint_violation` unless the state variable keeps its constraints.
    CheckState(u32, ObligationId),
    /// Runs the entry conditions of the semantic function on these arguments; what they break is
    /// `call_precondition_violation` here. Nothing to do where the function has no [`super::Role::Entry`].
    CheckCall(u32, Vec<ValueId>, ObligationId),
    /// The same for a host operation.
    CheckRequest(u32, Vec<ValueId>, ObligationId),
    /// Runs the region, which yields a boolean; FALSE is this fault. Ghost: charges no fuel, and a Policy
    /// or a proof may leave it out.
    Contract(FaultKind, RegionId, ObligationId),
    /// Runs the region and is the value it yields. Ghost: only ghost code may use the result.
    Ghost(RegionId),
    /// A fold over a domain.
    Fold(Fold, Domain, RegionId),
    /// Sets the header's shared bit: somebody else holds the value too, so updates copy. Ghost code sets no
    /// shared bit and always copies on an update, so that leaving it out changes no charge.
    Share(ValueId),
    /// Takes fuel, or in ghost code from the contract budget: `Limit` if there is not enough.
    Charge(u32),
    /// One level deeper: `Limit` if that is too deep.
    Enter,
    /// One level back.
    Leave,
    /// The arena's present end, for [`Terminator::Repeat`]: an integer.
    Mark,
    /// A state variable's present value.
    StateRead(u32, Access),
    /// Assigns a state variable.
    StateWrite(u32, ValueId),
    /// How often this run has attempted the host operation so far: unbounded.
    Attempts(u32),
    /// A log entry: message and named values.
    Log(LogLevel, ValueId, Vec<(String, ValueId)>),
    /// Lets so many milliseconds pass before the next attempt of a host operation.
    Wait(u64),
}

/// How an aggregate inside another is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Access {
    /// The outer value keeps it: marks an aggregate result shared (not in ghost code, see [`Op::Share`]).
    Read,
    /// Nothing is marked: the result is as unshared as the outer value is (of a shared outer value it is
    /// marked as by [`Access::Read`]). Lowering uses it for path updates, where the outer value's slot is
    /// overwritten before it is read again, and for what is only looked at while the outer value is live.
    Take,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Arithmetic {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`, toward zero.
    Divide,
    /// `%`, the dividend's sign.
    Remainder,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
}

/// What a check demands of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Check {
    /// `a op b` is within 64 bits: `overflow`.
    Arithmetic(Arithmetic),
    /// `-a` is within 64 bits: `overflow`.
    Negate,
    /// An unbounded integer is within 64 bits: `overflow`.
    Narrow,
    /// Not zero (integer, unbounded, decimal): `division_by_zero`.
    NotZero,
    /// `0 <= index < LEN(x)`; operands x, index: `out_of_bounds`.
    Index,
    /// `0 <= from <= to <= LEN(x)`; operands x, from, to: `out_of_bounds`.
    Slice,
    /// The map has the key; operands map, key: `missing_key`.
    Key,
    /// The optional has a value: `none_value`.
    Some,
    /// The machine (index) allows the move from the operand to the state (index): `invalid_transition`.
    Transition(u32, u32),
    /// The built-in is defined for these arguments; the fault is whichever of its faults applies.
    Builtin(Builtin),
}

/// What a region ranges over. The element, and the index where the entry block has a second parameter, are
/// parameters of its entry block (their types say whether they are `integer` or `unbounded`). The element of
/// an array is read as by [`Access::Read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Domain {
    /// `lo..hi`: integer or unbounded.
    Range(ValueId, ValueId),
    /// The elements of an array.
    Array(ValueId),
}

/// What a fold makes of what its region yields for each element. `Skip` leaves an element out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fold {
    /// Yields a boolean; stops early.
    Quantifier(Quantifier),
    /// Yields an element.
    Array,
    /// Yields an element.
    Set,
    /// Yields key and value; of equal keys the last counts.
    Map,
    /// Yields an operand (`Count` ignores it). `Sum` of integers faults with `overflow` at the addition that
    /// leaves 64 bits, `Min` and `Max` with `invalid_argument` when nothing was yielded; the obligation is
    /// the check's, [`ObligationId::NONE`] for those that cannot fault.
    Aggregate(Aggregate, ObligationId),
    /// Yields one key per entry of the list, `true` is descending (bit per key, first key lowest); the
    /// result is the domain's array in that order, stable.
    Sort {
        /// How many keys.
        keys: u8,
        /// Bit i is set where key i is descending.
        descending: u64,
    },
}

/// A block and the arguments for its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The block.
    pub block: BlockId,
    /// One per parameter.
    pub arguments: Vec<ValueId>,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Terminator {
    /// To a block that is not the header of a loop around this one.
    Jump(Target),
    /// Back to a loop's header. With a mark, arguments that were allocated after it survive, as does what
    /// the state holds, and the rest of what was allocated after it is reclaimed.
    Repeat {
        /// The header and the next state.
        target: Target,
        /// What [`Op::Mark`] gave before the loop.
        mark: Option<ValueId>,
    },
    /// On a boolean.
    Branch(ValueId, Target, Target),
    /// On an integer: one target per value 0, 1, ...; the last also for everything else.
    Switch(ValueId, Vec<Target>),
    /// Success.
    Return(Vec<ValueId>),
    /// Failure: index of the function's error code (integer), and the message.
    Fail(ValueId, ValueId),
    /// Calls a body. The success block takes the returned values, the failure block the index of the
    /// callee's error code (integer) and the message (string).
    Call {
        /// What is called.
        function: FunctionId,
        /// Its arguments.
        arguments: Vec<ValueId>,
        /// Where success goes.
        success: BlockId,
        /// Where failure goes; `None` if the callee declares no errors.
        failure: Option<BlockId>,
    },
    /// Invokes a host operation; the same, and answers are checked before they arrive.
    Invoke {
        /// Index of the host operation.
        operation: u32,
        /// Its arguments.
        arguments: Vec<ValueId>,
        /// Where success goes.
        success: BlockId,
        /// Where failure goes; `None` if it declares no errors.
        failure: Option<BlockId>,
        /// Where a host contract violation is reported.
        obligation: ObligationId,
    },
    /// Of a region: the element's values.
    Yield(Vec<ValueId>),
    /// Of a fold's region: nothing for this element.
    Skip,
    /// Of a fault handler: the fault goes on. A fault inside a handler goes to that block's own `on_fault`;
    /// the first fault is the one that the run ends in.
    Resume,
}
