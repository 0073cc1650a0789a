//! What moves between frames without being hot: conditions, returns of several values, failures, faults
//! that go on after their handler. And reclaiming at the end of an iteration.

use anrf_format::types::TypeId;

use super::code::{Code, Register};
use super::machine::{Cursor, Frame, Halt, Machine};
use super::scalar::narrow;
use crate::library;
use crate::stop::{Limit, Stop};

impl Machine<'_> {
    /// Ends the running function: its values go where the call wants them.
    pub(super) fn return_to_caller(&mut self, returned: &[Register], base: usize) -> Result<Cursor, Stop> {
        let program = self.program;
        let frame = self.frames.pop().ok_or(Stop::Internal("no caller"))?;
        let call = program.calls.get(frame.site as usize).ok_or(Stop::Internal("no such call"))?;
        let caller = frame.base as usize;
        if call.condition.is_some() {
            self.leave_ghost();
            let end = self.ends.pop().unwrap_or(u64::MAX);
            self.arena.truncate(end);
            return Ok(Cursor { pc: call.at as usize + 1, base: caller });
        }
        for (to, from) in program.list(call.results).iter().zip(returned) {
            let value = self.register(base, *from);
            self.set_register(caller, *to, value);
        }
        self.meter.charge(u64::from(call.charge))?;
        Ok(Cursor { pc: call.success as usize, base: caller })
    }

    /// Moves the cursor to another frame or handler; the answer is how the code ended, if it did.
    pub(super) fn transfer(
        &mut self,
        instruction: &Code,
        floor: usize,
        cursor: &mut Cursor,
    ) -> Result<Option<Halt>, Stop> {
        match *instruction {
            Code::CheckCondition { site } => self.enter_condition(site, cursor)?,
            Code::Fail { code, message } => {
                let (code, message) = (self.register(cursor.base, code), self.register(cursor.base, message));
                if self.frames.len() <= floor {
                    return Ok(Some(Halt::Fail(code, message)));
                }
                self.fail_to_caller(code, message, cursor)?;
            }
            _ => {
                let (_, report) = self.pending.pop().ok_or(Stop::Internal("no fault"))?;
                if let Err(report) = self.unwind(floor, cursor, report) {
                    return Ok(Some(Halt::Fault(report)));
                }
            }
        }
        Ok(None)
    }

    fn enter_condition(&mut self, site: u32, cursor: &mut Cursor) -> Result<(), Stop> {
        let program = self.program;
        let call = program.calls.get(site as usize).ok_or(Stop::Internal("no such call"))?;
        if self.frames.len() >= self.frame_limit {
            return Err(Stop::Limit(Limit::Depth));
        }
        let Cursor { base, .. } = *cursor;
        let window = base + usize::from(call.window);
        self.reach(window)?;
        for (parameter, from) in (0..).zip(program.list(call.arguments)) {
            let value = self.register(base, *from);
            self.set_register(window, parameter, value);
        }
        let (ghost, depth) = (self.meter.ghost(), self.depth);
        self.frames.push(Frame { site, base: narrow(base), ghost, depth });
        self.ends.push(self.arena.end());
        self.enter_ghost();
        *cursor = Cursor { pc: call.entry as usize, base: window };
        Ok(())
    }

    fn fail_to_caller(&mut self, code: u64, message: u64, cursor: &mut Cursor) -> Result<(), Stop> {
        let frame = self.frames.pop().ok_or(Stop::Internal("no caller"))?;
        let call = self.program.calls.get(frame.site as usize);
        let failure = call.and_then(|call| call.failure);
        let (target, code_register, message_register) =
            failure.ok_or(Stop::Internal("a function without errors fails"))?;
        let base = frame.base as usize;
        self.set_register(base, code_register, code);
        self.set_register(base, message_register, message);
        *cursor = Cursor { pc: target as usize, base };
        Ok(())
    }

    /// Reclaims at the end of an iteration, at this instruction.
    #[cold]
    #[inline(never)]
    pub(super) fn reclaim_at(&mut self, at: usize, base: usize) -> Result<(), Stop> {
        let program = self.program;
        let found = program.reclaims.binary_search_by_key(&narrow(at), |reclaim| reclaim.at);
        let Some(reclaim) = found.ok().and_then(|index| program.reclaims.get(index)) else {
            return Err(Stop::Internal("nothing to reclaim"));
        };
        let roots = program.list(reclaim.roots);
        let start = reclaim.roots.start as usize;
        let types = program.list_types.get(start..start + roots.len()).unwrap_or_default();
        let mark = self.register(base, reclaim.mark);
        let mut slots: Vec<(TypeId, u64)> = Vec::with_capacity(roots.len() + self.state.len());
        for (type_id, root) in types.iter().zip(roots) {
            slots.push((*type_id, self.register(base, *root)));
        }
        let variables = self.module.semantic.state.iter().zip(&self.state);
        slots.extend(variables.map(|(variable, slot)| (variable.type_id, *slot)));
        self.arena.reclaim(&program.shapes, mark, &mut slots)?;
        let mut moved = slots.into_iter().map(|(_, slot)| slot);
        for (root, slot) in roots.iter().zip(moved.by_ref()) {
            self.set_register(base, *root, slot);
        }
        for (state, slot) in self.state.iter_mut().zip(moved) {
            *state = slot;
        }
        Ok(())
    }

    /// The array with another word, which is a copy as somebody else holds it too.
    #[cold]
    #[inline(never)]
    pub(super) fn with_word(&mut self, slot: u64, word: usize, value: u64) -> Result<u64, Stop> {
        library::with_word(&mut self.context(), slot, word, value)
    }
}
