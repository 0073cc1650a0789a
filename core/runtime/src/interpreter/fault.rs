//! Faults: what is reported, and where they go.

use anrf_format::execution::{FaultKind, Origin};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use super::machine::{Cursor, Machine};
use crate::arena;
use crate::library::Context;

/// Bytes of values that a report keeps, each; larger ones are left out.
const VALUE_BYTES: u64 = 1_024;

/// A fault and what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FaultReport {
    pub(crate) kind: FaultKind,
    /// Where it is reported: execution function, obligation and origin.
    pub(crate) function: u32,
    pub(crate) obligation: Option<u32>,
    pub(crate) origin: Option<Origin>,
    /// Of a condition: the clause that did not hold, in the condition's own code.
    pub(crate) cause: Option<(u32, Origin)>,
    /// What was checked, in order.
    pub(crate) values: Vec<Option<Value>>,
}

impl Machine<'_> {
    /// What a fault at an instruction says.
    pub(super) fn report(&mut self, kind: FaultKind, cursor: &Cursor) -> Box<FaultReport> {
        let program = self.program;
        let site = program.site(u32::try_from(cursor.pc).unwrap_or(u32::MAX));
        let mut values = vec![];
        if let Some(site) = site.filter(|_| self.keeps_values) {
            for (register, type_id) in &site.operands {
                let slot = self.stack.get(cursor.base + usize::from(*register)).copied().unwrap_or(0);
                values.push(self.small_value(*type_id, slot));
            }
        }
        Box::new(FaultReport {
            kind,
            function: site.map_or(u32::MAX, |site| site.function),
            obligation: site.map(|site| site.obligation),
            origin: site.map(|site| site.origin),
            cause: None,
            values,
        })
    }

    /// A value for a report, unless it is large.
    fn small_value(&mut self, type_id: TypeId, slot: u64) -> Option<Value> {
        let mut budget = VALUE_BYTES;
        let mut meter = crate::meter::Meter::new(VALUE_BYTES, 0);
        let context = &mut Context {
            arena: &mut self.arena,
            shapes: &self.program.shapes,
            meter: &mut meter,
            cache: &mut self.cache,
        };
        arena::decode(context, &self.module.types, type_id, slot, &mut budget, 0).ok()
    }

    /// Moves the cursor to the handler of a fault at its instruction, leaving frames that have none.
    ///
    /// # Errors
    /// The fault, if no frame above `floor` handles it.
    pub(super) fn unwind(
        &mut self,
        floor: usize,
        cursor: &mut Cursor,
        mut report: Box<FaultReport>,
    ) -> Result<(), Box<FaultReport>> {
        loop {
            let at = u32::try_from(cursor.pc).unwrap_or(u32::MAX);
            // A handler that faults itself does not hide what it was to handle.
            if let Some(handler) = self.program.handler(at) {
                let (ghost, depth) = match self.frames.last() {
                    Some(frame) if self.frames.len() > floor => (frame.ghost, frame.depth),
                    _ => self.outer,
                };
                self.leave_ghost_to(ghost);
                self.depth = depth.saturating_add(1);
                self.pending.push((self.frames.len(), report));
                cursor.pc = handler as usize;
                return Ok(());
            }
            while let Some((frames, _)) = self.pending.last()
                && *frames >= self.frames.len()
            {
                if let Some((_, first)) = self.pending.pop() {
                    report = first;
                }
            }
            if self.frames.len() <= floor {
                return Err(report);
            }
            let Some(frame) = self.frames.pop() else { return Err(report) };
            let call = self.program.calls.get(frame.site as usize);
            let caller = Cursor { pc: call.map_or(0, |call| call.at as usize), base: frame.base as usize };
            if let Some(kind) = call.and_then(|call| call.condition) {
                self.ends.pop();
                let cause = report.cause.or(report.origin.map(|origin| (report.function, origin)));
                report = self.report(kind, &caller);
                report.cause = cause;
            }
            *cursor = caller;
        }
    }
}
