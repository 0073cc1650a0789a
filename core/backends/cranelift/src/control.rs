//! Jumps, loops, folds and returns.

use anrf_runtime::register_code::{LEAST_RECLAIMED, Register};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};

use crate::context;
use crate::memory::flags;
use crate::translate::{Translator, Way};

/// What a jump compares with.
pub(crate) enum Other {
    Register(Register),
    Number(i16),
}

impl Translator<'_, '_> {
    pub(crate) fn leave(&mut self) {
        let room = self.room();
        let outer = self.builder.ins().iadd_imm_u(room, 1);
        self.set_room(outer);
    }

    /// Returns any number of values: one in the processor's registers, others in the first of the window.
    pub(crate) fn return_all(&mut self, list: u32, count: u16) {
        let registers = self
            .program
            .lists
            .get(list as usize..list as usize + usize::from(count))
            .unwrap_or_default()
            .to_vec();
        let values: Vec<Value> = registers.iter().map(|register| self.get(*register)).collect();
        let value = match values[..] {
            [only] => only,
            _ => {
                let window = self.window();
                for (index, value) in (0..).zip(&values) {
                    self.builder.ins().store(flags(), *value, window, index * 8);
                }
                self.builder.ins().iconst(types::I64, 0)
            }
        };
        self.return_with(value);
    }

    pub(crate) fn return_with(&mut self, value: Value) {
        let slice = self.slice();
        self.builder.ins().return_(&[slice, value]);
    }

    /// One element further.
    pub(crate) fn count(
        &mut self,
        counter_value: Value,
        element_value: Value,
        (counter, element): (Register, Register),
    ) {
        let next = self.builder.ins().iadd_imm_u(counter_value, 1);
        self.set(element, element_value);
        self.set(counter, next);
    }

    /// Another turn of a fold over a range, whose charge is there if it is not to be asked for.
    pub(crate) fn range_next(
        &mut self,
        more: Value,
        (charge, asks, target): (u32, bool, u32),
        next: Value,
        registers: (Register, Register),
    ) {
        let (taken, passed) = (self.builder.create_block(), self.block_at(self.at + 1));
        self.builder.ins().brif(more, taken, &[], passed, &[]);
        self.begin(taken);
        if asks {
            self.charge(charge);
        } else {
            self.take(charge);
        }
        self.count(next, next, registers);
        self.jump_to(target);
    }

    pub(crate) fn fold_array(
        &mut self,
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
        shares: bool,
    ) {
        let (next, array) = (self.get(counter), self.array(array));
        let length = array.length;
        let done = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, next, length);
        let (exit, passed) = (self.block_at(target), self.builder.create_block());
        self.builder.ins().brif(done, exit, &[], passed, &[]);
        self.begin(passed);
        self.charge(1);
        let value = self.element(array, next);
        if shares {
            self.share(value);
        }
        self.count(next, value, (counter, element));
    }

    pub(crate) fn jump(
        &mut self,
        condition: IntCC,
        a: Register,
        b: Other,
        (charge, target, other): (u16, u32, u8),
    ) -> bool {
        let a = self.get(a);
        let b = match b {
            Other::Register(b) => self.get(b),
            Other::Number(number) => self.builder.ins().iconst(types::I64, i64::from(number)),
        };
        let holds = (condition, a, b);
        self.branch(holds, (u32::from(charge), target), u32::from(other), &[]);
        true
    }

    /// Leaves reclaiming to the interpreter where enough was allocated since the mark and the last time.
    pub(crate) fn reclaim(&mut self, mark: Register) {
        if self.facts.is_settled(mark) {
            return;
        }
        self.facts.settle(mark);
        let mark = self.get(mark);
        let top = self.context_word(context::TOP);
        let since = self.builder.ins().ushr_imm_u(mark, 3);
        let grown = self.builder.ins().isub(top, since);
        let enough =
            self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, grown, LEAST_RECLAIMED as i64);
        let (look, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(enough, look, &[], next, &[]);
        self.begin_cold(look);
        let due = self.context_word(context::NEXT_RECLAIM);
        let due = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, top, due);
        let exit = self.exit(Way::GiveUp);
        self.builder.ins().brif(due, exit, &[], next, &[]);
        self.begin(next);
    }

    pub(crate) fn repeat(
        &mut self,
        (charge, target): (u32, u32),
        counter: Register,
        step: Value,
        high: Register,
        mark: Register,
    ) {
        let (before, high) = (self.get(counter), self.get(high));
        let (next, over) = self.builder.ins().sadd_overflow(before, step);
        self.fault_if(over);
        self.reclaim(mark);
        let more = (IntCC::SignedLessThan, next, high);
        self.branch(more, (charge, target), 0, &[(counter, next)]);
    }

    pub(crate) fn switch(&mut self, a: Register, table: u32) {
        let targets = self.program.tables.get(table as usize).map(|table| table.to_vec()).unwrap_or_default();
        if targets.is_empty() {
            self.give_up();
            return;
        }
        let a = self.get(a);
        let count = self.builder.ins().iconst(types::I64, i64::try_from(targets.len()).unwrap_or(i64::MAX));
        let index = self.builder.ins().umin(a, count);
        let index = self.builder.ins().ireduce(types::I32, index);
        let blocks: Vec<Block> = targets.iter().map(|_| self.builder.create_block()).collect();
        self.choose(index, &blocks);
        for (block, target) in blocks.into_iter().zip(targets) {
            self.begin(block);
            self.jump_to(target);
        }
    }
}
