//! Calls: of other machine code, and of the library.

use anrf_runtime::register_code::{Code, Operand, Register};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, InstBuilder, Signature, Type, UserExternalName, Value, types,
};

use crate::context;
use crate::library;
use crate::memory::flags;
use crate::translate::{Translator, Way, in_registers, signature};

impl Translator<'_, '_> {
    /// A call of a function, by its site, after these registers were set. Whether it was translated; else nothing was.
    pub(crate) fn call(&mut self, site: u32, set: Option<(Register, Value)>) -> bool {
        let Some(call) = self.program.calls.get(site as usize).cloned() else { return false };
        let callee = call.function as usize;
        let compiled = self.flows.contains_key(&call.function);
        if !compiled || !call.enters || self.flow.is_ghost(self.at) {
            return false;
        }
        let room = self.room();
        let deep = self.builder.ins().icmp_imm_u(IntCC::Equal, room, 0);
        self.give_up_if(deep);
        if let Some((register, value)) = set {
            self.set(register, value);
        }
        let parameters = self.program.functions.get(callee).map_or(0, |function| function.parameters);
        let parameters = Register::try_from(parameters).unwrap_or(Register::MAX);
        let in_registers = in_registers(self.program, call.function);
        let passed = Register::try_from(in_registers).unwrap_or(0);
        let further: Vec<Register> =
            (passed..parameters).map(|index| call.window.saturating_add(index)).collect();
        self.store(&further);
        let window = self.builder.ins().iadd_imm_u(self.base, i64::from(call.window));
        let inner = self.builder.ins().iadd_imm_s(room, -1);
        let slice = self.slice();
        let mut arguments = vec![window, inner, slice];
        for index in 0..passed {
            let argument = self.get(call.window.saturating_add(index));
            arguments.push(argument);
        }
        let signature = self.builder.import_signature(signature(in_registers));
        let name = UserExternalName::new(library::FUNCTIONS_OF_PROGRAM, call.function);
        let name = self.builder.func.declare_imported_user_function(name);
        let function = self.builder.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        let done = self.builder.ins().call(function, &arguments);
        let results = self.builder.inst_results(done).to_vec();
        self.set_slice(results[0]);
        self.facts.disturbed();
        self.facts.set_credit(0);
        let is_left = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, results[0], 0);
        let (returned, left) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(is_left, left, &[], returned, &[]);

        self.begin_cold(left);
        let live = self.flow.live_behind(self.program, self.at, site);
        self.store(&live);
        let (number, depth) = (self.builder.ins().iconst(types::I32, i64::from(site)), self.depth());
        self.library(library::LEFT, &[types::I32, types::I64, types::I32], &[number, self.base, depth], None);
        self.builder.ins().return_(&[results[0], results[0]]);

        self.begin(returned);
        self.results(&call, results[1]);
        self.charge_behind(call.charge);
        self.jump_to(call.success);
        true
    }

    /// Puts what a call gave into its registers.
    fn results(&mut self, call: &anrf_runtime::register_code::CallSite, value: Value) {
        let wanted = self.program.list(call.results).to_vec();
        let given = self.program.returns.get(call.function as usize).map_or(0, |types| types.len());
        if given == 1 {
            self.set(call.result, value);
            if let Some(register) = wanted.first() {
                self.set(*register, value);
            }
            return;
        }
        let window = self.window();
        for (index, register) in (0..).zip(wanted.iter().take(given)) {
            let offset = (i32::from(call.window) + index) * 8;
            let value = self.builder.ins().load(types::I64, flags(), window, offset);
            self.set(*register, value);
        }
    }

    /// Takes units behind a call, which cannot be given up there.
    fn charge_behind(&mut self, units: u32) {
        if units == 0 {
            return;
        }
        let slice = self.slice();
        let short = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, slice, i64::from(units));
        let (refill, take, next) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(short, refill, &[], take, &[]);
        self.begin_cold(refill);
        self.tell_context();
        let number = self.builder.ins().iconst(types::I32, i64::from(units));
        let status = self.library_rarely(library::CHARGE, &[number]);
        let (stopped, charged) = (self.builder.create_block(), self.builder.create_block());
        let left = self.context_word(context::SLICE);
        self.set_slice(left);
        self.builder.ins().brif(status, stopped, &[], charged, &[]);
        // A limit: nobody looks at registers again.
        self.begin_cold(stopped);
        self.end(context::STOPPED);
        self.begin_cold(charged);
        self.builder.ins().jump(next, &[]);
        self.begin(take);
        let left = self.builder.ins().iadd_imm_s(slice, -i64::from(units));
        self.set_slice(left);
        self.builder.ins().jump(next, &[]);
        self.begin(next);
    }

    /// Begins another slice of fuel.
    pub(crate) fn renew(&mut self) {
        self.tell_context();
        let status = self.library_rarely(library::RENEW, &[]);
        let slice = self.context_word(context::SLICE);
        self.set_slice(slice);
        self.leave_if(status, Way::Stop);
    }

    /// Calls a function of the library that is seldom needed where it stands, so that what is in the processor's
    /// registers stays there: see [`library::Rare`].
    fn library_rarely(&mut self, index: i32, arguments: &[Value]) -> Value {
        let Some(rare) = library::Rare::of(index) else { return self.context() };
        let signature = self.builder.import_signature(rare.signature());
        let name = self.builder.func.declare_imported_user_function(rare.name());
        let function = self.builder.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.builder.ins().call(function, arguments);
        self.context_word(context::VALUE)
    }

    /// Calls a function of the library with the context before its arguments.
    fn library(
        &mut self,
        index: i32,
        types: &[Type],
        arguments: &[Value],
        result: Option<Type>,
    ) -> Option<Value> {
        let mut signature = Signature::new(self.convention);
        signature.params.push(AbiParam::new(types::I64));
        signature.params.extend(types.iter().map(|of| AbiParam::new(*of)));
        signature.returns.extend(result.map(AbiParam::new));
        let number = usize::try_from(index).unwrap_or(0);
        let builder = &mut self.builder;
        let signature = *self.signatures.entry(number).or_insert_with(|| builder.import_signature(signature));
        let table = self.context_word(context::FUNCTIONS);
        let address = self.builder.ins().load(types::I64, flags(), table, index * 8);
        let mut all = vec![self.context()];
        all.extend(arguments);
        let call = self.builder.ins().call_indirect(signature, address, &all);
        self.builder.inst_results(call).first().copied()
    }

    /// The present instruction, done by the interpreter's library with its operands in the window.
    pub(crate) fn step(&mut self) {
        let mut writes = vec![];
        self.program.operands(self.at, &mut |operand, register| {
            if operand == Operand::Write {
                writes.push(register);
            }
        });
        self.counts.1 += 1;
        self.do_step(&writes, false);
    }

    /// The same of an instruction that is seldom left to the library, or only a part of it, which writes these registers.
    pub(crate) fn step_rarely(&mut self, writes: &[Register]) {
        self.do_step(writes, true);
    }

    fn do_step(&mut self, writes: &[Register], rarely: bool) {
        let mut reads = vec![];
        self.program.operands(self.at, &mut |operand, register| {
            if operand == Operand::Read {
                reads.push(register);
            }
        });
        self.store(&reads);
        self.tell_context();
        let at = self.builder.ins().iconst(types::I32, i64::from(self.at));
        let status = if rarely {
            self.library_rarely(library::STEP, &[at, self.base])
        } else {
            let types = [types::I32, types::I64];
            let status = self.library(library::STEP, &types, &[at, self.base], Some(types::I64));
            status.unwrap_or(at)
        };
        let slice = self.context_word(context::SLICE);
        self.set_slice(slice);
        self.facts.disturbed();
        self.facts.set_credit(0);
        let exit = self.exit(Way::Stop);
        let stopped = self.builder.ins().icmp_imm_u(IntCC::Equal, status, library::STOPS);
        let next = self.builder.create_block();
        self.builder.ins().brif(stopped, exit, &[], next, &[]);
        self.begin(next);
        self.load(writes);
        let jumps = matches!(
            self.code(),
            Some(Code::Contract { .. } | Code::GhostBegin { .. } | Code::FoldUnbounded { .. })
        );
        if let Some(target) = self.code().and_then(|code| code.target()).filter(|_| jumps) {
            let (taken, passed) = (self.block_at(target), self.builder.create_block());
            self.builder.ins().brif(status, taken, &[], passed, &[]);
            self.begin(passed);
        }
    }
}
