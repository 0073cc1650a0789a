//! Walking over instructions, and the rule of charges: what lowering, the validator and passes share.

use super::{Block, BlockId, Domain, Function, Instruction, Op, RegionId, Target, Terminator, ValueId};
use crate::builtin::Builtin;
use crate::types::{Type, TypeId, TypeTable};

/// Visits the operands of an operation, by reference or by mutable reference.
macro_rules! visit_operands {
    ($op:expr, $visit:expr) => {{
        let mut visit = $visit;
        match $op {
            Op::Constant(_)
            | Op::Immediate(_)
            | Op::NewNone
            | Op::CheckState(..)
            | Op::Contract(..)
            | Op::Ghost(_)
            | Op::Charge(_)
            | Op::Enter
            | Op::Leave
            | Op::Mark
            | Op::StateRead(..)
            | Op::Attempts(_)
            | Op::Wait(_) => {}
            Op::Negate(a)
            | Op::Not(a)
            | Op::Widen(a)
            | Op::Narrow(a)
            | Op::Field(a, ..)
            | Op::NewSome(a)
            | Op::Payload(a, _)
            | Op::CaseOf(a)
            | Op::CaseField(a, ..)
            | Op::SymbolOf(a)
            | Op::CheckRecord(_, a, _)
            | Op::Share(a)
            | Op::StateWrite(_, a)
            | Op::Fold(_, Domain::Array(a), _) => visit(a),
            Op::Arithmetic(_, a, b)
            | Op::Compare(_, a, b)
            | Op::Contains(a, b)
            | Op::WithField(a, _, b)
            | Op::Element(a, b, _)
            | Op::Lookup(a, b, _)
            | Op::WithMember(a, b)
            | Op::Without(a, b)
            | Op::Concat(a, b)
            | Op::Fold(_, Domain::Range(a, b), _) => {
                visit(a);
                visit(b);
            }
            Op::WithElement(a, b, c) | Op::Slice(a, b, c) | Op::WithEntry(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            Op::NewRecord(parts)
            | Op::NewVariant(_, parts)
            | Op::NewArray(parts)
            | Op::NewSet(parts)
            | Op::Builtin(_, parts)
            | Op::Check(_, parts, _)
            | Op::CheckCall(_, parts, _)
            | Op::CheckRequest(_, parts, _) => {
                for part in parts {
                    visit(part);
                }
            }
            Op::NewMap(entries) => {
                for (key, value) in entries {
                    visit(key);
                    visit(value);
                }
            }
            Op::Log(_, message, fields) => {
                visit(message);
                for (_, value) in fields {
                    visit(value);
                }
            }
        }
    }};
}

/// Visits the operands of a terminator that are not arguments of targets, either way.
macro_rules! visit_own_operands {
    ($terminator:expr, $visit:expr) => {{
        let mut visit = $visit;
        match $terminator {
            Terminator::Jump(_) | Terminator::Skip | Terminator::Resume => {}
            Terminator::Repeat { mark, .. } => {
                if let Some(mark) = mark {
                    visit(mark);
                }
            }
            Terminator::Branch(condition, ..) | Terminator::Switch(condition, _) => visit(condition),
            Terminator::Fail(code, message) => {
                visit(code);
                visit(message);
            }
            Terminator::Return(values)
            | Terminator::Yield(values)
            | Terminator::Call { arguments: values, .. }
            | Terminator::Invoke { arguments: values, .. } => {
                for value in values {
                    visit(value);
                }
            }
        }
    }};
}

/// Visits the targets of a terminator, either way.
macro_rules! visit_targets {
    ($terminator:expr, $visit:expr) => {{
        let mut visit = $visit;
        match $terminator {
            Terminator::Jump(target) | Terminator::Repeat { target, .. } => visit(target),
            Terminator::Branch(_, yes, no) => {
                visit(yes);
                visit(no);
            }
            Terminator::Switch(_, targets) => {
                for target in targets {
                    visit(target);
                }
            }
            _ => {}
        }
    }};
}

impl Op {
    /// Calls `visit` for every operand, in order.
    pub fn for_each_operand(&self, mut visit: impl FnMut(ValueId)) {
        visit_operands!(self, |value: &ValueId| visit(*value));
    }

    /// Calls `visit` for every operand, in order, to change it.
    pub fn for_each_operand_mut(&mut self, mut visit: impl FnMut(&mut ValueId)) {
        visit_operands!(self, |value: &mut ValueId| visit(value));
    }

    /// The region that the instruction runs as part of itself.
    #[must_use]
    pub fn region(&self) -> Option<RegionId> {
        match self {
            Self::Contract(_, region, _) | Self::Ghost(region) | Self::Fold(_, _, region) => Some(*region),
            _ => None,
        }
    }

    /// Whether the region that the instruction runs is ghost code.
    #[must_use]
    pub fn region_is_ghost(&self) -> bool {
        matches!(self, Self::Contract(..) | Self::Ghost(_))
    }

    /// Whether it counts toward the charge of its segment. Checks and ghost code do not, so that leaving
    /// them out changes no charge; nor does `Share`, which a pass may find needless.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        !matches!(
            self,
            Self::Charge(_)
                | Self::Share(_)
                | Self::Check(..)
                | Self::CheckRecord(..)
                | Self::CheckState(..)
                | Self::CheckCall(..)
                | Self::CheckRequest(..)
                | Self::Contract(..)
                | Self::Ghost(_)
        )
    }
}

/// Whether a straight segment ends after the operation: work that is charged by size before it starts, and
/// what the outside sees.
#[must_use]
pub fn ends_segment(types: &TypeTable, values: &[TypeId], op: &Op) -> bool {
    let is_aggregate = |id: &ValueId| values.get(id.0 as usize).is_some_and(|id| is_aggregate(types, *id));
    match op {
        Op::Log(..)
        | Op::Wait(_)
        | Op::Fold(..)
        | Op::Concat(..)
        | Op::Slice(..)
        | Op::Contains(..)
        | Op::NewArray(_)
        | Op::NewSet(_)
        | Op::NewMap(_) => true,
        Op::Compare(_, a, _) | Op::Widen(a) => is_aggregate(a),
        Op::Builtin(builtin, arguments) => !is_quick(*builtin) && arguments.iter().any(is_aggregate),
        _ => false,
    }
}

/// Built-ins on aggregates that look at no more than a header or a slot.
fn is_quick(builtin: Builtin) -> bool {
    matches!(builtin, Builtin::Len | Builtin::IsSome | Builtin::ValueOf | Builtin::OrElse | Builtin::Get)
}

fn is_aggregate(types: &TypeTable, id: TypeId) -> bool {
    (id.0 as usize) < types.types.len() && types.is_aggregate(id)
}

/// Whether the header of such values has a shared bit that decides over an update in place. Optionals and
/// variants have none: nothing updates them, and reading out of them marks what is read.
#[must_use]
pub fn is_updatable(types: &TypeTable, id: TypeId) -> bool {
    use Type::{Array, Bytes, Map, Record, Set, String};
    matches!(types.types.get(id.0 as usize), Some(Array(_) | Map(..) | Set(_) | Record(_) | String | Bytes))
}

/// Where the segments of a block start, and what is charged for each: the instructions that count, and one
/// for a terminator that goes back, calls or invokes. `Enter` stands before the first segment.
#[must_use]
pub fn segments(
    types: &TypeTable,
    values: &[TypeId],
    instructions: &[Instruction],
    terminator: &Terminator,
) -> Vec<(usize, u32)> {
    let mut found = vec![];
    let mut start = usize::from(matches!(instructions.first(), Some(Instruction { op: Op::Enter, .. })));
    let mut units = 0_u32;
    for (position, instruction) in instructions.iter().enumerate().skip(start) {
        units = units.saturating_add(u32::from(instruction.op.is_counted()));
        if ends_segment(types, values, &instruction.op) {
            found.push((start, units));
            (start, units) = (position + 1, 0);
        }
    }
    units = units.saturating_add(u32::from(matches!(
        terminator,
        Terminator::Repeat { .. } | Terminator::Call { .. } | Terminator::Invoke { .. }
    )));
    found.push((start, units));
    found.retain(|(_, units)| *units > 0);
    found
}

impl Terminator {
    /// Calls `visit` for every operand, arguments of targets included.
    pub fn for_each_operand(&self, mut visit: impl FnMut(ValueId)) {
        visit_own_operands!(self, |value: &ValueId| visit(*value));
        self.for_each_target(|target| target.arguments.iter().for_each(|argument| visit(*argument)));
    }

    /// Calls `visit` for every operand, arguments of targets included, to change it.
    pub fn for_each_operand_mut(&mut self, mut visit: impl FnMut(&mut ValueId)) {
        visit_own_operands!(self, |value: &mut ValueId| visit(value));
        visit_targets!(self, |target: &mut Target| target.arguments.iter_mut().for_each(&mut visit));
    }

    /// Calls `visit` for every target that passes arguments.
    pub fn for_each_target(&self, mut visit: impl FnMut(&Target)) {
        visit_targets!(self, |target: &Target| visit(target));
    }

    /// Calls `visit` for every block that control goes to from here (not where a fault goes).
    pub fn for_each_successor(&self, mut visit: impl FnMut(BlockId)) {
        self.for_each_target(|target| visit(target.block));
        if let Self::Call { success, failure, .. } | Self::Invoke { success, failure, .. } = self {
            visit(*success);
            failure.iter().for_each(|block| visit(*block));
        }
    }
}

impl Function {
    /// The block of an id, if there is one.
    #[must_use]
    pub fn block(&self, id: BlockId) -> Option<&Block> {
        self.blocks.get(id.0 as usize)
    }

    /// The type of a value, if there is such a value.
    #[must_use]
    pub fn type_of(&self, id: ValueId) -> Option<TypeId> {
        self.values.get(id.0 as usize).copied()
    }
}

/// Whether a built-in can end in a fault on arguments of these types (that of the first decides), so that a
/// [`super::Check::Builtin`] stands before it.
#[must_use]
pub fn builtin_can_fault(builtin: Builtin, first: Option<TypeId>) -> bool {
    match builtin {
        Builtin::Abs => first == Some(TypeId::INTEGER),
        Builtin::Pow => first != Some(TypeId::FLOAT),
        Builtin::ToInteger => !matches!(first, Some(TypeId::INTEGER | TypeId::UNBOUNDED)),
        Builtin::ToDecimal => first == Some(TypeId::FLOAT),
        _ => !builtin.info().faults.is_empty(),
    }
}
