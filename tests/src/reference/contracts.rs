//! What is checked on the way in and out.

use anrf_format::execution::FaultKind;
use anrf_format::semantic::Clause;
use anrf_format::types::{Type, TypeId};

use super::value::Value;
use super::{Entry, Exit, Reference, Result, Stop, fault};

impl<'m> Reference<'m> {
    /// A clause has to hold; what goes wrong in it goes wrong by itself.
    pub(super) fn clause(
        &mut self,
        clause: &'m Clause,
        arguments: &[Value],
        entry: Entry,
        exit: Exit,
        kind: FaultKind,
    ) -> Result<()> {
        if self.in_clause(clause, arguments, entry, exit)?.boolean()? { Ok(()) } else { fault(kind) }
    }

    fn clauses(&mut self, clauses: &'m [Clause], arguments: &[Value], kind: FaultKind) -> Result<()> {
        clauses.iter().try_for_each(|it| self.clause(it, arguments, Entry::default(), Exit::None, kind))
    }

    /// What stands for a condition as a whole: anything that goes wrong in it is this fault.
    pub(super) fn as_one<T>(checked: Result<T>, kind: FaultKind) -> Result<T> {
        match checked {
            Err(Stop::Fault(_)) => fault(kind),
            other => other,
        }
    }

    pub(super) fn entry_conditions(&mut self, index: usize, arguments: &[Value]) -> Result<()> {
        let function = &self.module.semantic.functions[index];
        for input in &function.inputs {
            self.clauses(&input.constraints, arguments, FaultKind::ConstraintViolation)?;
        }
        self.check_state(&function.state)?;
        self.invariants(index, arguments)?;
        self.clauses(&function.contract.preconditions, arguments, FaultKind::PreconditionViolation)
    }

    pub(super) fn check_state(&mut self, variables: &[u32]) -> Result<()> {
        let module = self.module;
        for variable in variables {
            let constraints = &module.semantic.state[*variable as usize].constraints;
            let checked = self.clauses(constraints, &[], FaultKind::ConstraintViolation);
            Self::as_one(checked, FaultKind::ConstraintViolation)?;
        }
        Ok(())
    }

    pub(super) fn invariants(&mut self, index: usize, arguments: &[Value]) -> Result<()> {
        let semantic = &self.module.semantic;
        let function = &semantic.functions[index];
        for position in &function.module_invariants {
            let clause = &semantic.invariants[*position as usize];
            self.clause(clause, &[], Entry::default(), Exit::None, FaultKind::InvariantViolation)?;
        }
        self.clauses(&function.contract.invariants, arguments, FaultKind::InvariantViolation)
    }

    /// The constraints of a record that is made.
    pub(super) fn check_record(&mut self, type_id: TypeId, value: &Value) -> Result<()> {
        let module = self.module;
        let Type::Record(index) = module.types.get(type_id) else { return Ok(()) };
        let constraints = &module.types.records[*index as usize].constraints;
        let checked = self.clauses(constraints, value.elements()?, FaultKind::ConstraintViolation);
        Self::as_one(checked, FaultKind::ConstraintViolation)
    }

    /// Those of all records in a value from outside.
    pub(super) fn check_records(&mut self, type_id: TypeId, value: &Value) -> Result<()> {
        self.step()?;
        let module = self.module;
        match (module.types.get(type_id), value) {
            (Type::Optional(inner), Value::Optional(Some(value))) => self.check_records(*inner, value),
            (Type::Array(inner), Value::Array(values)) => {
                values.iter().try_for_each(|value| self.check_records(*inner, value))
            }
            (Type::Map(_, inner), Value::Map(entries)) => {
                entries.values().try_for_each(|value| self.check_records(*inner, value))
            }
            (Type::Record(index), Value::Record(values)) => {
                self.check_record(type_id, value)?;
                let fields = module.types.records[*index as usize].fields.iter().zip(values.iter());
                fields.into_iter().try_for_each(|(field, value)| self.check_records(field.type_id, value))
            }
            (Type::Variant(index), Value::Variant(case, values)) => {
                let case = &module.types.variants[*index as usize].cases[*case];
                let fields = case.fields.iter().zip(values.iter());
                fields.into_iter().try_for_each(|(field, value)| self.check_records(field.type_id, value))
            }
            _ => Ok(()),
        }
    }

    /// Postconditions and invariants of an exit.
    pub(super) fn exit_conditions(
        &mut self,
        index: usize,
        arguments: &[Value],
        entry: &Entry,
        exit: &Exit,
    ) -> Result<()> {
        let function = &self.module.semantic.functions[index];
        for postcondition in &function.contract.postconditions {
            if postcondition.success_only && matches!(exit, Exit::Failure(_)) {
                continue;
            }
            let kind = FaultKind::PostconditionViolation;
            self.clause(&postcondition.clause, arguments, entry.clone(), exit.clone(), kind)?;
        }
        // Of what the function cannot have changed nothing is asked again.
        let written = self.writes(index);
        if written.is_empty() {
            return Ok(());
        }
        if matches!(exit, Exit::Success(_)) {
            self.check_state(&written)?;
        }
        self.invariants(index, arguments)
    }

    /// The state variables that a function, or one that it comes to call, writes.
    fn writes(&self, index: usize) -> Vec<u32> {
        use anrf_format::semantic::{Operation, TransitionTarget};
        let functions = &self.module.semantic.functions;
        let (mut seen, mut open, mut written) = (vec![false; functions.len()], vec![index], vec![]);
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            for step in &functions[index].steps {
                match &step.operation {
                    Operation::Update(values) => written.extend(values.iter().map(|(variable, _)| *variable)),
                    Operation::Transition { target: TransitionTarget::State(variable, _), .. } => {
                        written.push(*variable);
                    }
                    Operation::Call(call) => open.push(call.callee as usize),
                    _ => {}
                }
            }
        }
        written.sort_unstable();
        written.dedup();
        written
    }
}
