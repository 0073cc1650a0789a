//! Register code: what the execution layer is compiled to, once per module.
//!
//! An instruction has 16 bytes: a tag, up to four registers, and a jump target, an index or a small
//! number. Superinstructions stand for the pairs that loops are made of: a check and the operation it
//! guards, a comparison and the branch on it, the charge of a block that is nothing but those two.

use anrf_format::builtin::Builtin;
use anrf_format::execution::{Access, Arithmetic, Comparison, FaultKind};
use anrf_format::semantic::LogLevel;
use anrf_format::types::TypeId;

/// A register of the running function's window.
pub type Register = u16;

/// One instruction. `to` is written, the others are read; `target` is an index into `Program::code`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the parts of an instruction are named after what they are")]
pub enum Code {
    /// Machine code stands in the place of what follows here in `Program::plain`.
    Native {
        entry: u32,
    },
    Move {
        to: Register,
        from: Register,
    },
    /// From the instance's constants.
    Load {
        to: Register,
        index: u32,
    },
    Immediate {
        to: Register,
        value: i32,
    },
    Charge {
        units: u32,
    },
    Enter,
    Leave,

    // Integers. `Add` to `Multiply` fault with overflow; the others are total.
    Add {
        to: Register,
        a: Register,
        b: Register,
    },
    Subtract {
        to: Register,
        a: Register,
        b: Register,
    },
    Multiply {
        to: Register,
        a: Register,
        b: Register,
    },
    AddImmediate {
        to: Register,
        a: Register,
        value: i32,
    },
    /// `AddImmediate`, then the `Call` behind it.
    AddImmediateCall {
        to: Register,
        a: Register,
        value: i32,
        site: u32,
    },
    MultiplyImmediate {
        to: Register,
        a: Register,
        value: i32,
    },
    DivideImmediate {
        to: Register,
        a: Register,
        value: i32,
    },
    RemainderImmediate {
        to: Register,
        a: Register,
        value: i32,
    },
    Wrapping {
        operator: Arithmetic,
        to: Register,
        a: Register,
        b: Register,
    },
    NegateInteger {
        to: Register,
        a: Register,
    },
    /// `==` and the like on values whose slots are compared as signed integers.
    CompareInteger {
        comparison: Comparison,
        to: Register,
        a: Register,
        b: Register,
    },

    Float {
        operator: Arithmetic,
        to: Register,
        a: Register,
        b: Register,
    },
    NegateFloat {
        to: Register,
        a: Register,
    },
    CompareFloat {
        comparison: Comparison,
        to: Register,
        a: Register,
        b: Register,
    },
    /// Decimal or unbounded.
    Number {
        operator: Arithmetic,
        to: Register,
        a: Register,
        b: Register,
        type_id: u32,
    },
    NegateNumber {
        to: Register,
        a: Register,
        type_id: u32,
    },
    Compare {
        comparison: Comparison,
        to: Register,
        a: Register,
        b: Register,
        type_id: u32,
    },
    Not {
        to: Register,
        a: Register,
    },
    /// `integer` to `unbounded`.
    Widen {
        to: Register,
        a: Register,
    },
    Narrow {
        to: Register,
        a: Register,
    },

    // Aggregates. A `Pointer` form holds aggregates; `Read` marks them shared, `Take` does if the outer
    // value is.
    Field {
        to: Register,
        x: Register,
        word: u32,
    },
    FieldPointer {
        access: Access,
        to: Register,
        x: Register,
        word: u32,
    },
    WithField {
        to: Register,
        x: Register,
        value: Register,
        field: u32,
    },
    /// Faults unless the index is inside.
    CheckedElement {
        to: Register,
        x: Register,
        index: Register,
    },
    /// `CheckedElement`, then the `JumpUnless` behind it, of that element.
    CheckedElementJumpUnless {
        other: u8,
        to: Register,
        x: Register,
        index: Register,
        charge: u16,
        target: u32,
    },
    CheckedElementPointer {
        access: Access,
        to: Register,
        x: Register,
        index: Register,
    },
    CheckedWithElement {
        to: Register,
        x: Register,
        index: Register,
        value: Register,
    },
    Element {
        to: Register,
        x: Register,
        index: Register,
    },
    ElementPointer {
        access: Access,
        to: Register,
        x: Register,
        index: Register,
    },
    ElementOfText {
        to: Register,
        x: Register,
        index: Register,
    },
    ElementOfBytes {
        to: Register,
        x: Register,
        index: Register,
    },
    WithElement {
        to: Register,
        x: Register,
        index: Register,
        value: Register,
    },
    Lookup {
        access: Access,
        to: Register,
        x: Register,
        key: Register,
        type_id: u32,
    },
    /// `get` and `OR_ELSE`.
    LookupOr {
        to: Register,
        x: Register,
        key: Register,
        otherwise: Register,
        type_id: u32,
    },
    WithEntry {
        to: Register,
        x: Register,
        key: Register,
        value: Register,
        type_id: u32,
    },
    Without {
        to: Register,
        x: Register,
        key: Register,
        type_id: u32,
    },
    WithMember {
        to: Register,
        x: Register,
        key: Register,
        type_id: u32,
    },
    Contains {
        to: Register,
        x: Register,
        element: Register,
        type_id: u32,
    },
    Concat {
        to: Register,
        a: Register,
        b: Register,
        type_id: u32,
    },
    NewRecord {
        to: Register,
        type_id: u16,
        count: u16,
        list: u32,
    },
    NewSome {
        to: Register,
        a: Register,
        type_id: u32,
    },
    Length {
        to: Register,
        x: Register,
    },
    LengthOfText {
        to: Register,
        x: Register,
    },
    IsSome {
        to: Register,
        x: Register,
    },
    MinInteger {
        to: Register,
        a: Register,
        b: Register,
    },
    MaxInteger {
        to: Register,
        a: Register,
        b: Register,
    },
    Share {
        x: Register,
    },
    StateRead {
        to: Register,
        variable: u32,
    },
    StateReadPointer {
        to: Register,
        variable: u32,
    },
    StateWrite {
        from: Register,
        variable: u32,
    },

    // Checks that are not part of a superinstruction.
    CheckArithmetic {
        operator: Arithmetic,
        a: Register,
        b: Register,
    },
    CheckNegate {
        a: Register,
    },
    CheckNarrow {
        a: Register,
    },
    CheckNotZero {
        a: Register,
        type_id: u32,
    },
    CheckIndex {
        x: Register,
        index: Register,
    },
    CheckIndexOfText {
        x: Register,
        index: Register,
    },
    CheckSlice {
        x: Register,
        from: Register,
        to: Register,
        is_text: bool,
    },
    CheckKey {
        x: Register,
        key: Register,
        type_id: u32,
    },
    CheckSome {
        x: Register,
    },

    // Control.
    Jump {
        charge: u32,
        target: u32,
    },
    /// A conditional jump takes `charge` if it jumps and `other` if not: what the blocks there begin with.
    JumpIf {
        other: u8,
        a: Register,
        charge: u16,
        target: u32,
    },
    JumpUnless {
        other: u8,
        a: Register,
        charge: u16,
        target: u32,
    },
    JumpEqual {
        other: u8,
        a: Register,
        b: Register,
        charge: u16,
        target: u32,
    },
    JumpNotEqual {
        other: u8,
        a: Register,
        b: Register,
        charge: u16,
        target: u32,
    },
    JumpLess {
        other: u8,
        a: Register,
        b: Register,
        charge: u16,
        target: u32,
    },
    JumpLessEqual {
        other: u8,
        a: Register,
        b: Register,
        charge: u16,
        target: u32,
    },
    JumpEqualImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    JumpNotEqualImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    JumpLessImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    JumpLessEqualImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    JumpGreaterImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    JumpGreaterEqualImmediate {
        other: u8,
        a: Register,
        value: i16,
        charge: u16,
        target: u32,
    },
    /// To the entry of `Program::tables` with this index, the last for everything else.
    Switch {
        a: Register,
        table: u32,
    },
    Call {
        site: u32,
    },
    /// Runs a condition as ghost code; what it reports becomes one fault here.
    CheckCondition {
        site: u32,
    },
    Return {
        list: u32,
        count: u16,
    },
    LeaveReturn {
        list: u32,
        count: u16,
    },
    LeaveReturnOne {
        charge: u32,
        from: Register,
    },
    Fail {
        code: Register,
        message: Register,
    },
    Resume,

    // Regions.
    /// Enters ghost code that the Policy may skip.
    Contract {
        end: Register,
        target: u32,
    },
    /// Enters ghost code of a condition.
    Condition {
        end: Register,
    },
    /// Leaves it; faults unless the value is TRUE.
    Verdict {
        value: Register,
        end: Register,
        kind: FaultKind,
    },
    /// Enters ghost code whose value is kept; skipped as [`Code::Contract`], where it must be.
    GhostBegin {
        to: Register,
        optional: bool,
        target: u32,
    },
    GhostEnd,
    /// One element further in a range of integers, or to the end of the fold.
    FoldRange {
        counter: Register,
        high: Register,
        element: Register,
        target: u32,
    },
    /// The same on unbounded integers.
    FoldUnbounded {
        counter: Register,
        high: Register,
        element: Register,
        target: u32,
    },
    /// At the end of an element's code: back to its start for the next one, or on at the end of the fold.
    FoldRangeNext {
        charge: u8,
        counter: Register,
        high: Register,
        element: Register,
        target: u32,
    },
    /// `Push`, then the `FoldRangeNext` behind it.
    PushRangeNext {
        charge: u8,
        array: Register,
        value: Register,
        counter: Register,
        high: Register,
        element: Register,
        target: u32,
    },
    FoldArray {
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
    },
    FoldArrayNext {
        charge: u8,
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
    },
    FoldPointers {
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
    },
    Push {
        array: Register,
        element: Register,
    },
    NewArray {
        to: Register,
        type_id: u16,
        count: u16,
        list: u32,
    },

    Mark {
        to: Register,
    },
    /// At a back edge, after the moves: reclaims if enough was allocated.
    Reclaim {
        mark: Register,
    },
    /// The same with the test of the loop's head: back to the first instruction of its body, or on.
    RepeatLess {
        charge: u8,
        a: Register,
        b: Register,
        mark: Register,
        target: u32,
    },
    RepeatLessEqual {
        charge: u8,
        a: Register,
        b: Register,
        mark: Register,
        target: u32,
    },
    /// The same of a counter that goes up first, by one or by a register.
    RepeatNext {
        charge: u8,
        counter: Register,
        high: Register,
        mark: Register,
        target: u32,
    },
    RepeatAdd {
        charge: u8,
        counter: Register,
        step: Register,
        high: Register,
        mark: Register,
        target: u32,
    },
    Slow {
        index: u32,
    },
}

/// Registers in a row in `Program::lists`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct List {
    pub start: u32,
    pub count: u16,
}

/// A call's registers, kept out of line.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct CallSite {
    /// The instruction.
    pub at: u32,
    /// Index into `Program::functions`, and what is needed of it.
    pub function: u32,
    pub entry: u32,
    pub enters: bool,
    /// Where the callee's window starts in the caller's.
    pub window: Register,
    /// What a condition is about, in `Program::lists`; the arguments of a call are in the window.
    pub arguments: List,
    /// The parameters of the success block, and the first of them.
    pub results: List,
    pub result: Register,
    /// Where success goes, and the charge that is due there.
    pub success: u32,
    pub charge: u32,
    /// Where failure goes, and the registers of code and message.
    pub failure: Option<(u32, Register, Register)>,
    /// Of a condition: what its faults become.
    pub condition: Option<FaultKind>,
}

/// Rare or large instructions.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the parts of an instruction are named after what they are")]
pub enum Slow {
    Widen {
        to: Register,
        a: Register,
        from_type: TypeId,
        to_type: TypeId,
    },
    Slice {
        to: Register,
        x: Register,
        from: Register,
        until: Register,
        type_id: TypeId,
    },
    NewVariant {
        to: Register,
        case: u32,
        fields: Box<[Register]>,
        type_id: TypeId,
    },
    NewSet {
        to: Register,
        members: Box<[Register]>,
        type_id: TypeId,
    },
    NewMap {
        to: Register,
        entries: Box<[Register]>,
        type_id: TypeId,
    },
    /// Of the slots that a fold has pushed to an array.
    SetOf {
        to: Register,
        array: Register,
        type_id: TypeId,
    },
    MapOf {
        to: Register,
        array: Register,
        type_id: TypeId,
    },
    Builtin {
        builtin: Builtin,
        to: Register,
        arguments: Box<[Register]>,
        types: Box<[TypeId]>,
        result: TypeId,
    },
    CheckBuiltin {
        builtin: Builtin,
        arguments: Box<[Register]>,
        types: Box<[TypeId]>,
    },
    CheckTransition {
        machine: u32,
        from: Register,
        to: u32,
    },
    /// Keeps the better of two in `best`; `has` is 0 before the first.
    Extreme {
        best: Register,
        has: Register,
        value: Register,
        type_id: TypeId,
        smallest: bool,
    },
    /// Faults with `invalid_argument` if `has` is 0.
    RequireSome {
        has: Register,
    },
    Sort {
        to: Register,
        array: Register,
        type_id: TypeId,
        keys: Box<[(Register, TypeId, bool)]>,
    },
    Invoke(Box<InvokeSite>),
    Attempts {
        to: Register,
        operation: u32,
    },
    Log {
        level: LogLevel,
        step: Option<String>,
        message: Register,
        fields: Box<[(String, Register, TypeId)]>,
    },
    Wait {
        milliseconds: u64,
    },
    /// Tells who watches; only in code that is traced.
    Trace(Box<super::trace::TraceSite>),
}

/// The state of a loop, which survives reclaiming.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct Reclaim {
    /// The instruction.
    pub at: u32,
    pub mark: Register,
    pub roots: List,
}

/// An invocation of a host operation.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct InvokeSite {
    pub operation: u32,
    pub arguments: Box<[Register]>,
    pub results: Box<[Register]>,
    pub success: u32,
    pub failure: Option<(u32, Register, Register)>,
    /// Where a nested run's window starts.
    pub window: Register,
}

impl Code {
    /// The jump target, if there is one.
    pub fn target_mut(&mut self) -> Option<&mut u32> {
        match self {
            Self::Jump { target, .. }
            | Self::JumpIf { target, .. }
            | Self::JumpUnless { target, .. }
            | Self::JumpEqual { target, .. }
            | Self::JumpNotEqual { target, .. }
            | Self::JumpLess { target, .. }
            | Self::JumpLessEqual { target, .. }
            | Self::JumpEqualImmediate { target, .. }
            | Self::JumpNotEqualImmediate { target, .. }
            | Self::JumpLessImmediate { target, .. }
            | Self::JumpLessEqualImmediate { target, .. }
            | Self::JumpGreaterImmediate { target, .. }
            | Self::JumpGreaterEqualImmediate { target, .. }
            | Self::Contract { target, .. }
            | Self::GhostBegin { target, .. }
            | Self::RepeatLess { target, .. }
            | Self::RepeatLessEqual { target, .. }
            | Self::RepeatNext { target, .. }
            | Self::RepeatAdd { target, .. }
            | Self::FoldRange { target, .. }
            | Self::FoldUnbounded { target, .. }
            | Self::FoldArray { target, .. }
            | Self::FoldPointers { target, .. } => Some(target),
            _ => None,
        }
    }

    /// Where an instruction may go on, if not behind it; of a switch, none.
    #[must_use]
    pub fn target(&self) -> Option<u32> {
        match *self {
            Self::CheckedElementJumpUnless { target, .. }
            | Self::PushRangeNext { target, .. }
            | Self::FoldRangeNext { target, .. }
            | Self::FoldArrayNext { target, .. } => Some(target),
            mut other => other.target_mut().copied(),
        }
    }

    /// The register that is written by an instruction which only reads registers besides.
    pub fn number_to(&mut self) -> Option<&mut Register> {
        match self {
            Self::Move { to, .. }
            | Self::Load { to, .. }
            | Self::Immediate { to, .. }
            | Self::Add { to, .. }
            | Self::Subtract { to, .. }
            | Self::Multiply { to, .. }
            | Self::AddImmediate { to, .. }
            | Self::MultiplyImmediate { to, .. }
            | Self::DivideImmediate { to, .. }
            | Self::RemainderImmediate { to, .. }
            | Self::Wrapping { to, .. }
            | Self::CompareInteger { to, .. }
            | Self::Float { to, .. }
            | Self::Not { to, .. } => Some(to),
            _ => None,
        }
    }
}
