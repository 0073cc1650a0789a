//! Goals that contracts are well defined: of the function itself, and of the constraints and host operations
//! that it uses.

use std::collections::BTreeSet;

use anrf_format::execution::{BlockId, Op, Role, Terminator, ValueId};
use anrf_format::types::TypeId;

use super::{Encoded, Goal, fact};
use crate::encode::frame::World;
use crate::encode::{Context, Encoder};
use crate::term::{Fact, TermId};

impl<'m> Encoder<'m> {
    /// The entry conditions become known, in order; that each is well defined under those before it is a
    /// goal.
    pub(super) fn entry_goals(
        &mut self,
        index: u32,
        arguments: &[TermId],
        world: &World,
        encoded: &mut Encoded,
    ) {
        let known = std::mem::take(&mut encoded.entry);
        encoded.entry = self.contract_goals(Role::Entry(index), arguments, world, known, &mut encoded.goals);
    }

    /// Goals that the clauses of a role are well defined, each under those before it; gives what is known
    /// when all of them hold.
    pub(super) fn contract_goals(
        &mut self,
        role: Role,
        arguments: &[TermId],
        world: &World,
        mut known: Vec<Fact>,
        goals: &mut Vec<Goal>,
    ) -> Vec<Fact> {
        let Some(id) = self.module.execution.find(role) else { return known };
        let Some(code) = self.body(id) else { return known };
        let mut frame = self.frame(code, world.clone());
        for (number, argument) in (0..).zip(arguments) {
            frame.set(ValueId(number), *argument);
        }
        let always = self.terms.boolean(true);
        let Some(block) = code.block(BlockId(0)) else { return known };
        for instruction in &block.instructions {
            let mut context = Context { pending: Some(vec![]), ..Context::default() };
            let clause = match &instruction.op {
                Op::Contract(_, region, obligation) => {
                    let holds = self.condition(&frame, *region, &mut context);
                    let label = code.obligations.get(obligation.0 as usize).map(|known| known.id.clone());
                    Some(fact(holds, &label.unwrap_or_default()))
                }
                Op::CheckState(variable, _) => {
                    let holds = self.state_constraints(*variable, world);
                    Some(fact(holds, ""))
                }
                op => {
                    let value =
                        self.pure_instruction(&mut frame, op, instruction.result, always, &mut context);
                    if let (Some(value), Some(result)) = (value, instruction.result) {
                        frame.set(result, value);
                    }
                    None
                }
            };
            for pending in context.pending.into_iter().flatten() {
                goals.push(Goal {
                    function: id,
                    obligation: pending.obligation,
                    part: pending.part,
                    iteration: None,
                    reached: None,
                    known: known.clone(),
                    goal: pending.goal,
                });
            }
            known.extend(clause);
        }
        known
    }

    /// That the constraints of records and state, and the contracts of host operations, that a body or its
    /// entry checks can be evaluated for all values of their types.
    pub(super) fn used_contracts(
        &mut self,
        index: u32,
        world: &World,
        entry: &[Fact],
        goals: &mut Vec<Goal>,
    ) {
        let mut roles = BTreeSet::new();
        let codes = [self.code(Role::Body(index)), self.code(Role::Entry(index))];
        for block in codes.into_iter().flatten().flat_map(|code| &code.blocks) {
            for instruction in &block.instructions {
                match instruction.op {
                    Op::CheckRecord(record, ..) => roles.insert((0, record)),
                    Op::CheckState(variable, _) => roles.insert((1, variable)),
                    Op::CheckRequest(operation, ..) => roles.insert((2, operation)),
                    _ => false,
                };
            }
            if let Terminator::Invoke { operation, .. } = block.terminator {
                roles.insert((3, operation));
            }
        }
        for (kind, number) in roles {
            let role = match kind {
                0 => Role::Record(number),
                1 => Role::State(number),
                2 => Role::HostRequest(number),
                _ => Role::HostAnswer(number),
            };
            let Some(code) = self.code(role) else { continue };
            let types: Vec<TypeId> = code.values.iter().take(code.parameters as usize).copied().collect();
            let mut known = if kind == 1 { entry.to_vec() } else { vec![] };
            let mut arguments = vec![];
            for type_id in types {
                let sort = self.sort(type_id);
                let value = self.terms.constant("any", sort);
                let formed = self.well_formed(type_id, value);
                known.push(fact(formed, ""));
                arguments.push(value);
            }
            // An answer is judged when the request was allowed.
            if kind == 3 {
                let inputs = self.module.semantic.host.get(number as usize).map_or(0, |it| it.inputs.len());
                for clause in self.request_clauses(number, arguments.get(..inputs).unwrap_or_default()) {
                    known.push(fact(clause, ""));
                }
            }
            let before = goals.len();
            self.contract_goals(role, &arguments, world, known, goals);
            debug_assert!(goals.len() >= before, "goals are only added");
        }
    }
}
