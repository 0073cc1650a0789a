//! Contracts: the conditions that are functions of their own, and what exits check.

use anrf_format::execution::{ClauseRef, FaultKind, ObligationKind, Op, Place, Role, Terminator, ValueId};
use anrf_format::semantic::Clause;
use anrf_format::types::TypeId;

use super::error::{LowerError, Result};
use super::scope::{Exit, Scope};
use super::{Lowering, Sink};

impl<'m> Lowering<'m, '_> {
    /// A clause as a contract: ghost code whose first locals have these values.
    fn clause(
        &mut self,
        clause: &'m Clause,
        reference: ClauseRef,
        first: &[ValueId],
        exit: Exit,
        (fault, kind): (FaultKind, ObligationKind),
    ) -> Result<()> {
        let scope = Scope::clause(clause, reference, first, exit);
        let outer = std::mem::replace(&mut self.scope, scope);
        let made = self.assertion(clause.root, fault, kind);
        self.scope = outer;
        // The contract instruction itself comes from the clause, too.
        made.map(drop)
    }

    /// A measure of recursion, over the parameters.
    pub(super) fn recursion_measure(
        &mut self,
        clause: &'m Clause,
        reference: ClauseRef,
        first: &[ValueId],
    ) -> Result<()> {
        let scope = Scope::clause(clause, reference, first, Exit::None);
        let outer = std::mem::replace(&mut self.scope, scope);
        let region = self.measure(clause.root);
        self.scope = outer;
        self.code.function.decreases.push(region?);
        Ok(())
    }

    /// `return`: on to the success exit of the compensations that are due.
    pub(super) fn return_from(&mut self, values: Vec<ValueId>) -> Result<()> {
        let handler = self.code.handler;
        let flow = self.flow()?;
        let known = flow.success_exit_of.get(&handler).and_then(|index| flow.success_exits.get(*index));
        let block = match known {
            Some((_, block)) => *block,
            None => {
                let types: Vec<TypeId> = flow.function.success.iter().map(|field| field.type_id).collect();
                let block = self.code.block()?;
                for type_id in types {
                    self.code.parameter(block, type_id)?;
                }
                let flow = self.flow()?;
                flow.success_exit_of.insert(handler, flow.success_exits.len());
                flow.success_exits.push((handler, block));
                block
            }
        };
        self.code.jump(block, values)
    }

    /// Makes the code of the exits: postconditions and invariants, then out.
    pub(super) fn finish_exits(&mut self, inputs: &[ValueId]) -> Result<()> {
        self.code.set_step("@exit");
        self.code.origin.step = None;
        self.code.origin.place = Place::Function;
        if let Some(block) = self.flow()?.failure_exit {
            self.set_due(None)?;
            self.code.enter(block);
            let &[code, message] = self.code.blocks[block.0 as usize].parameters.as_slice() else {
                return Err(LowerError::IllTyped("a failure"));
            };
            for variable in self.flow()?.restored.clone() {
                let before = self.entry_state.get(&variable).copied();
                let before = before.ok_or(LowerError::IllTyped("a state variable"))?;
                self.code.emit(Op::StateWrite(variable, before))?;
            }
            self.exit_conditions(inputs, &Exit::Failure(code))?;
            self.code.emit(Op::Leave)?;
            self.code.end(Terminator::Fail(code, message))?;
        }
        for (handler, block) in std::mem::take(&mut self.flow()?.success_exits) {
            self.code.handler = handler;
            self.code.enter(block);
            let fields = self.code.blocks[block.0 as usize].parameters.clone();
            self.exit_conditions(inputs, &Exit::Success(fields.clone()))?;
            self.code.emit(Op::Leave)?;
            self.code.end(Terminator::Return(fields))?;
        }
        Ok(())
    }

    fn exit_conditions(&mut self, inputs: &[ValueId], exit: &Exit) -> Result<()> {
        let (function, index) = (self.flow()?.function, self.flow()?.index);
        for (position, postcondition) in (0..).zip(&function.contract.postconditions) {
            if postcondition.success_only && matches!(exit, Exit::Failure(..)) {
                continue;
            }
            let reference = ClauseRef::Postcondition(index, position);
            let kinds = (FaultKind::PostconditionViolation, ObligationKind::Postcondition);
            self.clause(&postcondition.clause, reference, inputs, exit.clone(), kinds)?;
        }
        let written = self.facts.writes(index);
        if written.is_empty() {
            // State is what it was on entry, where all of this was checked.
            return Ok(());
        }
        if matches!(exit, Exit::Success(_)) {
            self.check_state(written.iter().copied())?;
        }
        self.invariants(index, inputs)
    }

    /// The constraints of these state variables.
    fn check_state(&mut self, variables: impl Iterator<Item = u32>) -> Result<()> {
        for variable in variables {
            let known = self.facts.semantic.state.get(variable as usize);
            if known.is_some_and(|variable| !variable.constraints.is_empty()) {
                let obligation = self.code.obligation(ObligationKind::Constraint)?;
                self.code.emit(Op::CheckState(variable, obligation))?;
            }
        }
        Ok(())
    }

    /// Module invariants that concern the function, then its own.
    fn invariants(&mut self, index: u32, inputs: &[ValueId]) -> Result<()> {
        let semantic = self.facts.semantic;
        let function = semantic.functions.get(index as usize).ok_or(LowerError::IllTyped("a function"))?;
        let kinds = (FaultKind::InvariantViolation, ObligationKind::Invariant);
        for position in &function.module_invariants {
            let clause =
                semantic.invariants.get(*position as usize).ok_or(LowerError::IllTyped("an invariant"))?;
            self.clause(clause, ClauseRef::ModuleInvariant(*position), &[], Exit::None, kinds)?;
        }
        for (position, clause) in (0..).zip(&function.contract.invariants) {
            self.clause(clause, ClauseRef::Invariant(index, position), inputs, Exit::None, kinds)?;
        }
        Ok(())
    }

    fn entry_conditions(&mut self, index: u32, inputs: &[ValueId]) -> Result<()> {
        let semantic = self.facts.semantic;
        let function = semantic.functions.get(index as usize).ok_or(LowerError::IllTyped("a function"))?;
        for (input, known) in (0..).zip(&function.inputs) {
            for (position, clause) in (0..).zip(&known.constraints) {
                let kinds = (FaultKind::ConstraintViolation, ObligationKind::Constraint);
                self.clause(clause, ClauseRef::Input(index, input, position), inputs, Exit::None, kinds)?;
            }
        }
        self.check_state(function.state.iter().copied())?;
        self.invariants(index, inputs)?;
        for (position, clause) in (0..).zip(&function.contract.preconditions) {
            let kinds = (FaultKind::PreconditionViolation, ObligationKind::Precondition);
            self.clause(clause, ClauseRef::Precondition(index, position), inputs, Exit::None, kinds)?;
        }
        Ok(())
    }

    /// The clauses of a role that is not a body.
    fn conditions(&mut self, role: Role, inputs: &[ValueId]) -> Result<()> {
        let (types, semantic) = (self.facts.types, self.facts.semantic);
        let constraint = (FaultKind::ConstraintViolation, ObligationKind::Constraint);
        // Neither records nor variables nor operations have a place of their own, but their clauses have.
        let first = match role {
            Role::Body(_) | Role::Entry(_) => None,
            Role::Record(index) => types
                .records
                .get(index as usize)
                .and_then(|it| it.constraints.first())
                .map(|clause| Place::Clause(ClauseRef::Record(index, 0), clause.root)),
            Role::State(index) => semantic
                .state
                .get(index as usize)
                .and_then(|it| it.constraints.first())
                .map(|clause| Place::Clause(ClauseRef::State(index, 0), clause.root)),
            Role::HostRequest(index) => semantic
                .host
                .get(index as usize)
                .and_then(|it| it.preconditions.first())
                .map(|clause| Place::Clause(ClauseRef::HostPrecondition(index, 0), clause.root)),
            Role::HostAnswer(index) => semantic
                .host
                .get(index as usize)
                .and_then(|it| it.postconditions.first())
                .map(|clause| Place::Clause(ClauseRef::HostPostcondition(index, 0), clause.root)),
        };
        self.code.origin.place = first.unwrap_or(self.code.origin.place);
        match role {
            Role::Body(_) => Err(LowerError::IllTyped("a condition")),
            Role::Entry(index) => self.entry_conditions(index, inputs),
            Role::Record(index) => {
                let record = types.records.get(index as usize).ok_or(LowerError::IllTyped("a record"))?;
                (0..).zip(&record.constraints).try_for_each(|(position, clause)| {
                    self.clause(clause, ClauseRef::Record(index, position), inputs, Exit::None, constraint)
                })
            }
            Role::State(index) => {
                let variable =
                    semantic.state.get(index as usize).ok_or(LowerError::IllTyped("a state variable"))?;
                (0..).zip(&variable.constraints).try_for_each(|(position, clause)| {
                    self.clause(clause, ClauseRef::State(index, position), inputs, Exit::None, constraint)
                })
            }
            Role::HostRequest(index) => {
                let operation =
                    semantic.host.get(index as usize).ok_or(LowerError::IllTyped("a host operation"))?;
                (0..).zip(&operation.preconditions).try_for_each(|(position, clause)| {
                    let kinds = (FaultKind::PreconditionViolation, ObligationKind::Precondition);
                    self.clause(
                        clause,
                        ClauseRef::HostPrecondition(index, position),
                        inputs,
                        Exit::None,
                        kinds,
                    )
                })
            }
            Role::HostAnswer(index) => {
                let operation =
                    semantic.host.get(index as usize).ok_or(LowerError::IllTyped("a host operation"))?;
                let fields = inputs.get(operation.inputs.len()..).unwrap_or_default().to_vec();
                (0..).zip(&operation.postconditions).try_for_each(|(position, clause)| {
                    let kinds = (FaultKind::HostContractViolation, ObligationKind::HostContract);
                    let reference = ClauseRef::HostPostcondition(index, position);
                    self.clause(clause, reference, inputs, Exit::Success(fields.clone()), kinds)
                })
            }
        }
    }
}

/// All conditions of the module that are not empty.
pub(super) fn conditions(sink: &mut Sink<'_>) -> Result<()> {
    let (types, semantic) = (sink.facts.types, sink.facts.semantic);
    let mut roles: Vec<(Role, Vec<TypeId>)> = vec![];
    for (index, function) in (0..).zip(&semantic.functions) {
        if sink.facts.has_entry(index) {
            roles.push((Role::Entry(index), function.inputs.iter().map(|input| input.type_id).collect()));
        }
    }
    for (index, record) in (0..).zip(&types.records) {
        if !record.constraints.is_empty() {
            roles.push((Role::Record(index), record.fields.iter().map(|field| field.type_id).collect()));
        }
    }
    for (index, variable) in (0..).zip(&semantic.state) {
        if !variable.constraints.is_empty() {
            roles.push((Role::State(index), vec![]));
        }
    }
    for (index, operation) in (0..).zip(&semantic.host) {
        let inputs = operation.inputs.iter().map(|field| field.type_id);
        if !operation.preconditions.is_empty() {
            roles.push((Role::HostRequest(index), inputs.clone().collect()));
        }
        if !operation.postconditions.is_empty() {
            let success = operation.success.iter().map(|field| field.type_id);
            roles.push((Role::HostAnswer(index), inputs.chain(success).collect()));
        }
    }
    for (role, parameters) in roles {
        sink.function(role, &parameters, &[], |lowering, inputs| {
            lowering.code.set_step("@entry");
            lowering.conditions(role, inputs)?;
            lowering.code.end(Terminator::Return(vec![]))
        })?;
    }
    Ok(())
}
