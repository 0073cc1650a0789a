//! Calls: of other functions of the module, and of the library.

use anrf_runtime::register_code::{CallSite as Call, Code, Operand, Register};
use wasm_encoder::Instruction as Op;

use crate::layout::Word;
use crate::sites::{CallSite, StepSite};
use crate::translate::{Import, STOPPED, Translator, Way, parameters, results};

impl Translator<'_> {
    /// A call of a function, by its site, after a register was set from a local. Whether the next
    /// instruction is not reached from it, but where `go_on_at` says.
    pub(crate) fn call(&mut self, site: u32, set: Option<(Register, u32)>) -> bool {
        let call = self.program.calls.get(site as usize).cloned();
        let callee = call.as_ref().and_then(|call| self.shared.functions.get(&call.function).copied());
        let (Some(call), Some(callee)) = (call, callee) else {
            self.give_up();
            return true;
        };
        if !call.enters || self.flow.is_ghost(self.at) {
            self.give_up();
            return true;
        }
        self.op(Op::LocalGet(self.depth));
        self.load_word(Word::DepthLimit);
        self.op(Op::I64GeU);
        self.give_up_if();
        self.set_all(set.as_slice());
        self.op(Op::LocalGet(self.depth));
        self.number(1);
        self.op(Op::I64Add);
        let inner = self.store_away();
        self.store_word(Word::Depth, inner);

        self.op(Op::I32Const(0));
        self.base();
        self.op(Op::I32Const(i32::from(call.window)));
        self.op(Op::I32Add);
        self.slice();
        for (index, _) in (0..).zip(0..parameters(self.program, call.function)) {
            self.get(call.window.saturating_add(index));
        }
        self.op(Op::Call(callee));
        let given: Vec<u32> =
            (0..results(self.program, call.function)).map(|_| self.body.temporary()).collect();
        given.iter().rev().for_each(|local| self.op(Op::LocalSet(*local)));
        let status = self.keep();
        self.number(0);
        self.op(Op::I64LtS);
        self.body.begin_rare();
        let registers = self.flow.live_behind(self.program, self.at, site);
        self.put_exchange(&registers);
        let number = self.sites.call(CallSite { site, registers });
        self.op(Op::I32Const(number));
        self.base();
        self.op(Op::LocalGet(self.depth));
        self.call_import(Import::Left);
        self.op(Op::LocalGet(status));
        self.answer_rest();
        self.body.end();
        self.op(Op::LocalGet(status));
        self.set_slice();
        self.results(&call, &given);
        self.charge_behind(call.charge);
        self.go_on_at(call.success)
    }

    /// Puts what a call gave into its registers.
    fn results(&mut self, call: &Call, given: &[u32]) {
        let wanted = self.program.list(call.results).to_vec();
        if let [only] = given {
            self.set_all(&[(call.result, *only)]);
        }
        let sets: Vec<(Register, u32)> = wanted.into_iter().zip(given.iter().copied()).collect();
        self.set_all(&sets);
    }

    /// Takes units behind a call, which cannot be given up there.
    fn charge_behind(&mut self, units: u32) {
        if units == 0 {
            return;
        }
        self.slice();
        self.number(i64::from(units));
        self.op(Op::I64LtU);
        self.body.begin_rare();
        self.op(Op::I32Const(units.cast_signed()));
        self.slice();
        self.call_import(Import::Charge);
        let left = self.keep();
        self.number(0);
        self.op(Op::I64LtS);
        self.body.begin_if();
        // A limit: nobody looks at registers again.
        self.leave_with(vec![], STOPPED);
        self.body.end();
        self.op(Op::LocalGet(left));
        self.set_slice();
        self.body.otherwise();
        self.take(units);
        self.body.end();
    }

    /// The present instruction, done by the interpreter's library.
    pub(crate) fn step(&mut self) {
        let mut writes = vec![];
        self.program.operands(self.at, &mut |operand, register| {
            if operand == Operand::Write {
                writes.push(register);
            }
        });
        self.step_with(&writes);
    }

    /// The same of an instruction of which only a part is done, that which writes these registers.
    pub(crate) fn step_with(&mut self, writes: &[Register]) {
        let mut reads = vec![];
        // What it writes it may also leave as it is.
        self.program.operands(self.at, &mut |_, register| {
            if !reads.contains(&register) {
                reads.push(register);
            }
        });
        self.put_exchange(&reads);
        let site = self.sites.step(StepSite { at: self.at, reads, writes: writes.to_vec() });
        self.op(Op::I32Const(site));
        self.base();
        self.slice();
        self.call_import(Import::Step);
        let status = self.keep();
        self.number(0);
        self.op(Op::I64LtS);
        self.leave_if(Way::Stop);
        self.op(Op::LocalGet(status));
        self.number(1);
        self.op(Op::I64ShrU);
        self.set_slice();
        self.take_exchange(writes);
        let jumps = matches!(
            self.code(),
            Some(Code::Contract { .. } | Code::GhostBegin { .. } | Code::FoldUnbounded { .. })
        );
        if let Some(target) = self.code().and_then(|code| code.target()).filter(|_| jumps) {
            self.op(Op::LocalGet(status));
            self.op(Op::I32WrapI64);
            self.op(Op::I32Const(1));
            self.op(Op::I32And);
            self.jump_if(target);
        }
    }
}
