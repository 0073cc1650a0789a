//! Walking over instructions, and the rule of charges: what lowering, the validator and passes share.

use super::{Block, BlockId, Domain, Function, Instruction, Op, RegionId, Target, Terminator, ValueId};
use crate::builtin::Builtin;
use crate::types::{Type, TypeId, TypeTable};

impl Op {
    /// Calls `visit` for every operand, in order.
    pub fn for_each_operand(&self, visit: &mut dyn FnMut(ValueId)) {
        match self {
            Self::Constant(_)
            | Self::Immediate(_)
            | Self::NewNone
            | Self::CheckState(..)
            | Self::Contract(..)
            | Self::Ghost(_)
            | Self::Charge(_)
            | Self::Enter
            | Self::Leave
            | Self::Mark
            | Self::StateRead(..)
            | Self::Attempts(_)
            | Self::Wait(_) => {}
            Self::Negate(a)
            | Self::Not(a)
            | Self::Widen(a)
            | Self::Narrow(a)
            | Self::Field(a, ..)
            | Self::NewSome(a)
            | Self::Payload(a, _)
            | Self::CaseOf(a)
            | Self::CaseField(a, ..)
            | Self::SymbolOf(a)
            | Self::CheckRecord(_, a, _)
            | Self::Share(a)
            | Self::StateWrite(_, a) => visit(*a),
            Self::Arithmetic(_, a, b)
            | Self::Compare(_, a, b)
            | Self::Contains(a, b)
            | Self::WithField(a, _, b)
            | Self::Element(a, b, _)
            | Self::Lookup(a, b, _)
            | Self::WithMember(a, b)
            | Self::Without(a, b)
            | Self::Concat(a, b)
            | Self::Fold(_, Domain::Range(a, b), _) => {
                visit(*a);
                visit(*b);
            }
            Self::Fold(_, Domain::Array(a), _) => visit(*a),
            Self::WithElement(a, b, c) | Self::Slice(a, b, c) | Self::WithEntry(a, b, c) => {
                visit(*a);
                visit(*b);
                visit(*c);
            }
            Self::NewRecord(parts)
            | Self::NewVariant(_, parts)
            | Self::NewArray(parts)
            | Self::NewSet(parts)
            | Self::Builtin(_, parts)
            | Self::Check(_, parts, _)
            | Self::CheckCall(_, parts, _)
            | Self::CheckRequest(_, parts, _) => parts.iter().for_each(|part| visit(*part)),
            Self::NewMap(entries) => entries.iter().for_each(|(key, value)| {
                visit(*key);
                visit(*value);
            }),
            Self::Log(_, message, fields) => {
                visit(*message);
                fields.iter().for_each(|(_, value)| visit(*value));
            }
        }
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
    pub fn for_each_operand(&self, visit: &mut dyn FnMut(ValueId)) {
        match self {
            Self::Jump(_) | Self::Skip | Self::Resume => {}
            Self::Repeat { mark, .. } => mark.iter().for_each(|mark| visit(*mark)),
            Self::Branch(condition, ..) | Self::Switch(condition, _) => visit(*condition),
            Self::Return(values) | Self::Yield(values) => values.iter().for_each(|value| visit(*value)),
            Self::Fail(code, message) => {
                visit(*code);
                visit(*message);
            }
            Self::Call { arguments, .. } | Self::Invoke { arguments, .. } => {
                arguments.iter().for_each(|argument| visit(*argument));
            }
        }
        self.for_each_target(&mut |target| target.arguments.iter().for_each(|argument| visit(*argument)));
    }

    /// Calls `visit` for every target that passes arguments.
    pub fn for_each_target(&self, visit: &mut dyn FnMut(&Target)) {
        match self {
            Self::Jump(target) | Self::Repeat { target, .. } => visit(target),
            Self::Branch(_, yes, no) => {
                visit(yes);
                visit(no);
            }
            Self::Switch(_, targets) => targets.iter().for_each(visit),
            _ => {}
        }
    }

    /// Calls `visit` for every block that control goes to from here (not where a fault goes).
    pub fn for_each_successor(&self, visit: &mut dyn FnMut(BlockId)) {
        self.for_each_target(&mut |target| visit(target.block));
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
