//! State: reading, `update`, `transition`, what `old` reads, and what a failure writes back.

use std::collections::BTreeSet;

use anrf_format::execution::{Access, Check, ObligationKind, Op, ValueId};
use anrf_format::semantic::{Block, ExprId, ExprKind, Exprs, Function, Operation, TransitionTarget};
use anrf_format::types::{Type, TypeId};

use super::Lowering;
use super::error::{LowerError, Result};
use super::facts::Facts;

impl<'m> Lowering<'m, '_> {
    /// A state variable's present value, or in `old` its value on entry.
    pub(super) fn state_value(&mut self, variable: u32) -> Result<ValueId> {
        if self.scope.old
            && let Some(value) = self.entry_state.get(&variable)
        {
            return Ok(*value);
        }
        let type_id = self.state_type(variable)?;
        self.code.define(Op::StateRead(variable, Access::Read), type_id)
    }

    pub(super) fn state_type(&self, variable: u32) -> Result<TypeId> {
        let variable = self.facts.semantic.state.get(variable as usize);
        variable.map(|variable| variable.type_id).ok_or(LowerError::IllTyped("a state variable"))
    }

    /// Reads on entry what `old` or a failure will want. Reading marks aggregates shared, so that later
    /// updates leave these values alone.
    pub(super) fn read_entry_state(&mut self, variables: &BTreeSet<u32>) -> Result<()> {
        for variable in variables {
            let type_id = self.state_type(*variable)?;
            let value = self.code.define(Op::StateRead(*variable, Access::Read), type_id)?;
            self.entry_state.insert(*variable, value);
        }
        Ok(())
    }

    /// `update`: all values first, then all writes.
    pub(super) fn update(&mut self, values: &[(u32, ExprId)]) -> Result<()> {
        let mut written = vec![];
        for (variable, value) in values {
            written.push((*variable, self.expr(*value)?));
        }
        written.into_iter().try_for_each(|(variable, value)| self.code.emit(Op::StateWrite(variable, value)))
    }

    /// `transition`.
    pub(super) fn transition(
        &mut self,
        machine: u32,
        from: ExprId,
        to: u32,
        target: &TransitionTarget,
    ) -> Result<()> {
        let place = self.code.origin.place;
        let from = self.expr(from)?;
        let type_id = self.code.type_of(from)?;
        self.code.origin.place = place;
        self.code.check(Check::Transition(machine, to), vec![from], ObligationKind::TransitionAllowed)?;
        let value = self.code.immediate(i64::from(to), type_id)?;
        match target {
            TransitionTarget::Local(local) => self.scope.bind(*local, value),
            TransitionTarget::State(variable, path) => self.write_path(*variable, path, value),
        }
    }

    /// Writes a field path inside a state variable.
    fn write_path(&mut self, variable: u32, path: &[u32], value: ValueId) -> Result<()> {
        let mut records = vec![];
        if !path.is_empty() {
            let type_id = self.state_type(variable)?;
            records.push(self.code.define(Op::StateRead(variable, Access::Read), type_id)?);
        }
        for field in path.iter().take(path.len().saturating_sub(1)) {
            let record = records.last().copied().ok_or(LowerError::IllTyped("a field path"))?;
            let type_id = self.field_type(record, *field)?;
            records.push(self.code.define(Op::Field(record, *field, Access::Read), type_id)?);
        }
        let mut value = value;
        for (record, field) in records.into_iter().zip(path).rev() {
            let type_id = self.code.type_of(record)?;
            value = self.code.define(Op::WithField(record, *field, value), type_id)?;
            self.check_record(value)?;
        }
        self.code.emit(Op::StateWrite(variable, value))
    }

    fn field_type(&self, record: ValueId, field: u32) -> Result<TypeId> {
        let type_id = self.code.type_of(record)?;
        let Some(Type::Record(index)) = self.facts.types.types.get(type_id.0 as usize) else {
            return Err(LowerError::IllTyped("a field path"));
        };
        let record = self.facts.types.records.get(*index as usize);
        let field = record.and_then(|record| record.fields.get(field as usize));
        field.map(|field| field.type_id).ok_or(LowerError::IllTyped("a field path"))
    }
}

/// The state that the failure exit of a function has to write back: all that it may write, if a failure may
/// come after a write in the order of the text (or anywhere in a loop with a write).
pub(super) fn restored(facts: &Facts<'_>, index: u32, function: &Function) -> BTreeSet<u32> {
    let writes = facts.writes(index);
    if writes.is_empty() {
        return BTreeSet::new();
    }
    let mut scan = Scan { facts, function, written: false, dirty: false };
    scan.block(&function.body);
    if scan.dirty { writes.clone() } else { BTreeSet::new() }
}

struct Scan<'a, 'm> {
    facts: &'a Facts<'m>,
    function: &'a Function,
    written: bool,
    dirty: bool,
}

impl Scan<'_, '_> {
    /// Steps nest no deeper than [`anrf_format::semantic::validate::MAX_STEP_DEPTH`].
    fn block(&mut self, block: &Block) {
        for id in block {
            let Some(step) = self.function.steps.get(id.0 as usize) else { continue };
            self.dirty |= self.written && !step.guards.is_empty();
            match &step.operation {
                Operation::Require { .. } | Operation::Fail { .. } => self.dirty |= self.written,
                Operation::Call(call) => {
                    self.dirty |= self.written && !call.propagated.is_empty();
                    self.written |= !self.facts.writes(call.callee).is_empty();
                }
                Operation::Invoke(call) => self.dirty |= self.written && !call.propagated.is_empty(),
                Operation::Update(_) | Operation::Transition { target: TransitionTarget::State(..), .. } => {
                    self.written = true;
                }
                Operation::Loop(looping) => {
                    // A failure of one iteration comes after a write of the one before.
                    self.written |= self.writes(&looping.body);
                }
                _ => {}
            }
            super::steps::for_each_block(step, &mut |block| self.block(block));
            // Compensations run after a failure, whatever stands between.
            self.dirty |= self.writes(&step.compensate);
        }
    }

    fn writes(&self, block: &Block) -> bool {
        block.iter().any(|id| {
            let Some(step) = self.function.steps.get(id.0 as usize) else { return false };
            let mut found = match &step.operation {
                Operation::Update(_) | Operation::Transition { target: TransitionTarget::State(..), .. } => {
                    true
                }
                Operation::Call(call) => !self.facts.writes(call.callee).is_empty(),
                _ => false,
            };
            super::steps::for_each_block(step, &mut |block| found = found || self.writes(block));
            found
        })
    }
}

/// The state variables that `old` reads in these expressions, and the host operations that `calls` counts.
pub(super) fn entry_reads(exprs: &Exprs, state: &mut BTreeSet<u32>, operations: &mut BTreeSet<u32>) {
    let mut inside = vec![false; exprs.nodes.len()];
    // Parents stand after their children.
    for (position, expr) in exprs.nodes.iter().enumerate().rev() {
        let old = inside[position] || matches!(expr.kind, ExprKind::Old(_));
        match expr.kind {
            ExprKind::State(variable) if old => {
                state.insert(variable);
            }
            ExprKind::Calls(operation) => {
                operations.insert(operation);
            }
            _ => {}
        }
        if old {
            expr.kind.for_each_child(&mut |child| {
                if let Some(slot) = inside.get_mut(child.0 as usize) {
                    *slot = true;
                }
            });
        }
    }
}
