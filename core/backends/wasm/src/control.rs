//! Jumps, loops, folds and returns.

use anrf_format::execution::Arithmetic;
use anrf_runtime::register_code::{LEAST_RECLAIMED, Register};
use wasm_encoder::Instruction as Op;

use crate::layout::Word;
use crate::translate::{Translator, results};

/// What a jump compares with.
#[derive(Clone, Copy)]
pub(crate) enum Other {
    Register(Register),
    Number(i16),
}

impl Translator<'_> {
    pub(crate) fn leave_call(&mut self) {
        self.op(Op::LocalGet(self.depth));
        self.number(1);
        self.op(Op::I64Sub);
        let outer = self.store_away();
        self.store_word(Word::Depth, outer);
    }

    /// Returns registers.
    pub(crate) fn return_all(&mut self, list: u32, count: u16) {
        let start = list as usize;
        let registers =
            self.program.lists.get(start..start + usize::from(count)).unwrap_or_default().to_vec();
        if registers.len() != results(self.program, self.index) {
            self.give_up();
            return;
        }
        self.return_registers(&registers);
    }

    pub(crate) fn return_registers(&mut self, registers: &[Register]) {
        self.slice();
        for register in registers {
            self.get(*register);
        }
        self.op(Op::Return);
    }

    /// One element further, which is the value of a local.
    pub(crate) fn count(&mut self, element_value: u32, (counter, element): (Register, Register)) {
        self.get(counter);
        self.number(1);
        self.op(Op::I64Add);
        // The element may be the counter before it goes up.
        let next = self.store_away();
        self.op(Op::LocalGet(element_value));
        self.set(element);
        self.op(Op::LocalGet(next));
        self.set(counter);
    }

    /// One further in a range.
    pub(crate) fn count_range(&mut self, (counter, element): (Register, Register)) {
        self.get(counter);
        let value = self.store_away();
        self.count(value, (counter, element));
    }

    /// At the end of an element's code of a range, by the condition.
    pub(crate) fn range_next(&mut self, (charge, target): (u32, u32), registers: (Register, Register)) {
        self.body.begin_if();
        self.charge(charge);
        self.count_range(registers);
        self.jump_to(target);
        self.body.end();
        self.go_on_at(self.at + 1);
    }

    pub(crate) fn fold_array(
        &mut self,
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
        shares: bool,
    ) {
        let (next, array) = (self.local(counter), self.local(array));
        self.op(Op::LocalGet(next));
        self.length(array);
        self.op(Op::I64GeU);
        self.jump_if(target);
        self.charge(1);
        self.element(array, next);
        let value = self.store_away();
        if shares {
            self.share(value);
        }
        self.count(value, (counter, element));
    }

    pub(crate) fn jump(
        &mut self,
        condition: Op<'static>,
        a: Register,
        b: Other,
        (charge, target, other): (u16, u32, u8),
    ) -> bool {
        self.get(a);
        match b {
            Other::Register(b) => self.get(b),
            Other::Number(number) => self.number(i64::from(number)),
        }
        self.op(condition);
        self.branch((u32::from(charge), target), u32::from(other), &[]);
        true
    }

    /// Leaves reclaiming to the interpreter where enough was allocated since the mark and the last time.
    pub(crate) fn reclaim(&mut self, mark: Register) {
        self.load_word(Word::Top);
        let top = self.keep();
        self.get(mark);
        self.number(3);
        self.op(Op::I64ShrU);
        self.op(Op::I64Sub);
        self.number(i64::try_from(LEAST_RECLAIMED).unwrap_or(i64::MAX));
        self.op(Op::I64GeS);
        self.body.begin_rare();
        self.op(Op::LocalGet(top));
        self.load_word(Word::NextReclaim);
        self.op(Op::I64GeU);
        self.give_up_if();
        self.body.end();
    }

    pub(crate) fn repeat(
        &mut self,
        (charge, target): (u32, u32),
        counter: Register,
        step: u32,
        high: Register,
        mark: Register,
    ) {
        let before = self.local(counter);
        let next = self.checked_value(Arithmetic::Add, before, step);
        self.reclaim(mark);
        self.op(Op::LocalGet(next));
        self.get(high);
        self.op(Op::I64LtS);
        self.branch((charge, target), 0, &[(counter, next)]);
    }

    pub(crate) fn switch(&mut self, a: Register, table: u32) {
        let targets = self.program.tables.get(table as usize).map(|table| table.to_vec()).unwrap_or_default();
        let labels: Option<Vec<u32>> = targets.iter().map(|target| self.label_of(*target)).collect();
        match labels.as_deref() {
            Some([others @ .., last]) => {
                self.get(a);
                self.number(i64::try_from(others.len()).unwrap_or(i64::MAX));
                self.get(a);
                self.number(i64::try_from(others.len()).unwrap_or(i64::MAX));
                self.op(Op::I64LtU);
                self.op(Op::Select);
                self.op(Op::I32WrapI64);
                self.op(Op::BrTable(others.to_vec().into(), *last));
            }
            _ => self.switch_in_turn(a, &targets),
        }
    }

    /// Where targets have no labels.
    fn switch_in_turn(&mut self, a: Register, targets: &[u32]) {
        let Some((last, others)) = targets.split_last() else {
            self.give_up();
            return;
        };
        for (value, target) in (0..).zip(others) {
            self.get(a);
            self.number(value);
            self.op(Op::I64Eq);
            self.jump_if(*target);
        }
        self.jump_to(*last);
    }
}
