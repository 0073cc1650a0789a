//! What is checked of values that come from outside: the constraints of every record in them.

use anrf_format::types::TypeId;

use super::fault::FaultReport;
use super::machine::{Halt, Machine};
use super::program::Roles;
use crate::arena::{SEQUENCE_HEAD, Shape, Trace};
use crate::backend::HostEffects;
use crate::library;
use crate::stop::Stop;

impl Machine<'_> {
    /// Runs the constraints of all records inside a value, outer ones after inner ones of the same
    /// list; the answer is the first fault.
    ///
    /// # Errors
    /// Limits; the walk itself charges the contract budget.
    pub(crate) fn check_records(
        &mut self,
        effects: &mut dyn HostEffects,
        type_id: TypeId,
        slot: u64,
        base: usize,
    ) -> Result<Option<Box<FaultReport>>, Stop> {
        if !self.has_constraints(type_id) {
            return Ok(None);
        }
        let program = self.program;
        let mut work = vec![(type_id, slot)];
        while let Some((type_id, slot)) = work.pop() {
            let ghost = self.meter.ghost();
            self.enter_ghost();
            let charged = self.meter.charge(1);
            self.leave_ghost_to(ghost);
            charged?;
            if slot == 0 && program.shapes.trace(type_id) == Trace::Pointer {
                continue;
            }
            match program.shapes.get(type_id) {
                Shape::Optional(inner) => work.push((*inner, self.arena.word(slot, 1))),
                Shape::Array(element) if self.has_constraints(*element) => {
                    let elements = self.arena.elements(slot);
                    work.extend(elements.iter().rev().map(|value| (*element, *value)));
                }
                Shape::Map(_, value) if self.has_constraints(*value) => {
                    let entries = library::flatten(&mut self.context(), slot)?;
                    work.extend(entries.chunks_exact(2).rev().map(|entry| (*value, entry[1])));
                }
                Shape::Variant(cases) => {
                    let case =
                        usize::try_from(self.arena.word(slot, 1)).ok().and_then(|case| cases.get(case));
                    let fields = case.map_or(&[][..], |fields| fields);
                    for (index, field) in fields.iter().enumerate().rev() {
                        work.push((*field, self.arena.word(slot, 2 + index)));
                    }
                }
                Shape::Record(fields) => {
                    let slots: Vec<u64> =
                        (0..fields.len()).map(|index| self.arena.word(slot, 1 + index)).collect();
                    let record = match self.module.types.get(type_id) {
                        anrf_format::types::Type::Record(record) => *record,
                        _ => continue,
                    };
                    if let Some(condition) = Roles::get(&program.roles.record, record) {
                        match self.run_condition(effects, condition, &slots, base) {
                            Halt::Return(_) => {}
                            Halt::Fault(report) => return Ok(Some(report)),
                            Halt::Limit(limit) => return Err(Stop::Limit(limit)),
                            Halt::Internal(what) => return Err(Stop::Internal(what)),
                            Halt::Fail(..) => return Err(Stop::Internal("a condition fails")),
                        }
                    }
                    let inner = fields.iter().copied().zip(slots).rev();
                    work.extend(inner);
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether values of a type may hold records with constraints.
    fn has_constraints(&self, type_id: TypeId) -> bool {
        self.program.constrained.get(type_id.0 as usize).copied().unwrap_or(false)
    }
}

const _: () = assert!(SEQUENCE_HEAD == 2, "elements follow header and capacity");
