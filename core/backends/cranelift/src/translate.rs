//! From a function's register code to Cranelift's.
//!
//! Every register is a variable, which Cranelift brings into SSA form. The context is in the processor's pinned register.
//! A function takes its window, how many calls may still be made inside of each other, the slice of fuel, and its first
//! arguments; it gives the slice that is left, or how it ended otherwise, and its result. Other machine code calls it;
//! from outside it is entered with its registers in the window and, in the place of the calls, the number of the entry.

use std::collections::BTreeMap;

use anrf_runtime::register_code::{Code, Flow, Operand, Place, Program, Register};
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{AbiParam, Block, InstBuilder, JumpTableData, SigRef, Signature, Value, types};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, Variable};
use rustc_hash::FxHashMap;

use crate::context;
use crate::facts::{Facts, MOST_VERSIONS};
use crate::memory::{constant_flags, flags};

/// What is handed to functions before their arguments.
pub(crate) const HANDED: usize = 3;

/// How many arguments go in the processor's registers; further ones are in the callee's window. Together with what comes
/// before them they need no stack, so code that does not know how many there are may hand on all.
pub(crate) const ARGUMENTS: usize = 3;

/// How a function with so many arguments in the processor's registers is called.
pub(crate) fn signature(arguments: usize) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params = vec![AbiParam::new(types::I64); HANDED + arguments];
    signature.returns = vec![AbiParam::new(types::I64); 2];
    signature
}

/// How many arguments of a function go in the processor's registers.
pub(crate) fn in_registers(program: &Program, function: u32) -> usize {
    let parameters = program.functions.get(function as usize).map_or(0, |function| function.parameters);
    ARGUMENTS.min(parameters as usize)
}

/// Units of fuel beyond those of a charge that have to be there. Without them the interpreter goes on, which knows how to
/// use them up.
const AHEAD: u32 = 64;

/// What a branch compares.
pub(crate) type Comparison = (IntCC, Value, Value);

/// How an instruction ends the stay in machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The interpreter does it and goes on.
    GiveUp,
    /// The interpreter does it and finds that it faults.
    Fault,
    /// It has been tried, and stopped.
    Stop,
}

impl Way {
    const ALL: [Self; 3] = [Self::GiveUp, Self::Fault, Self::Stop];
}

/// The state of translating one function.
pub(crate) struct Translator<'a, 'b> {
    pub(crate) builder: FunctionBuilder<'b>,
    pub(crate) program: &'a Program,
    pub(crate) flow: &'a Flow,
    /// The functions that calls may go to.
    pub(crate) flows: &'a BTreeMap<u32, Flow>,
    pub(crate) convention: CallConv,
    pub(crate) base: Value,
    pub(crate) arena: Value,
    slice: Variable,
    /// Calls that may be made inside of each other from here.
    room: Variable,
    variables: FxHashMap<Register, Variable>,
    /// The address and the length of arrays in registers, where [`Facts`] say that they are known.
    arrays: FxHashMap<Register, (Variable, Variable)>,
    /// What holds before the instruction that is translated.
    pub(crate) facts: Facts,
    /// The versions of the block at an instruction.
    versions: FxHashMap<u32, Vec<(Facts, Block)>>,
    /// Whether what is translated is seldom run, and so are the blocks behind it.
    is_cold: bool,
    /// Instructions that were translated, and those of them that the library does.
    pub(crate) counts: (u32, u32),
    /// Versions that are to be translated.
    open: Vec<(u32, Facts, Block)>,
    /// The instruction that is translated.
    pub(crate) at: u32,
    /// Where the present instruction ends the stay, in the order of [`Way::ALL`].
    exits: [Option<Block>; 3],
    left: Vec<(Block, u32, Way)>,
    pub(crate) signatures: FxHashMap<usize, SigRef>,
}

/// How many instructions there have to be for each that the library does. With fewer nothing is gained over the
/// interpreter, which calls the library with less ado.
const LEAST_GAIN: u32 = 6;

/// Translates a function and finishes it. Whether it is quicker so.
pub(crate) fn translate(
    mut builder: FunctionBuilder<'_>,
    isa: &dyn TargetIsa,
    program: &Program,
    index: u32,
    flow: &Flow,
    flows: &BTreeMap<u32, Flow>,
) -> bool {
    let first = builder.create_block();
    builder.append_block_params_for_function_params(first);
    builder.switch_to_block(first);
    builder.seal_block(first);
    let parameters = builder.block_params(first).to_vec();
    let (handed, arguments) = parameters.split_at(HANDED);
    let context = builder.ins().get_pinned_reg(types::I64);
    let (slice, room) = (builder.declare_var(types::I64), builder.declare_var(types::I64));
    builder.def_var(room, handed[1]);
    builder.def_var(slice, handed[2]);
    let arena = builder.ins().load(types::I64, constant_flags(), context, context::ARENA);
    let mut translator = Translator {
        builder,
        program,
        flow,
        flows,
        convention: isa.default_call_conv(),
        base: handed[0],
        arena,
        slice,
        room,
        variables: FxHashMap::default(),
        arrays: FxHashMap::default(),
        facts: Facts::default(),
        versions: FxHashMap::default(),
        is_cold: false,
        counts: (0, 0),
        open: vec![],
        at: 0,
        exits: [None; 3],
        left: vec![],
        signatures: FxHashMap::default(),
    };
    translator.enter(index, arguments);
    translator.body();
    translator.builder.seal_all_blocks();
    let (all, steps) = translator.counts;
    translator.builder.finalize(isa.frontend_config());
    steps.saturating_mul(LEAST_GAIN) <= all
}

impl Translator<'_, '_> {
    /// Goes to the block of an index, the last for all other ones. Each block must stand there once.
    pub(crate) fn choose(&mut self, index: Value, blocks: &[Block]) {
        let calls: Vec<_> =
            blocks.iter().map(|block| self.builder.func.dfg.block_call(*block, &[])).collect();
        if let Some((other, calls)) = calls.split_last() {
            let table = self.builder.create_jump_table(JumpTableData::new(*other, calls));
            self.builder.ins().br_table(index, table);
        }
    }

    /// Brings the registers into variables, from the arguments or the window.
    fn enter(&mut self, index: u32, arguments: &[Value]) {
        let ways: Vec<(u32, Block)> =
            self.flow.entries.iter().map(|at| (*at, self.builder.create_block())).collect();
        let (called, entered) = (self.builder.create_block(), self.builder.create_block());
        let room = self.room();
        // Calls by machine code are the ones that have to be quick.
        let is_entered = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, room, 0);
        self.builder.ins().brif(is_entered, entered, &[], called, &[]);
        self.begin_cold(entered);
        let low = self.builder.ins().ireduce(types::I32, room);
        let number = self.builder.ins().bnot(low);
        let limit = self.context_half(context::DEPTH_LIMIT);
        let depth = self.context_half(context::DEPTH);
        let room = self.builder.ins().isub(limit, depth);
        self.set_room(room);
        let blocks: Vec<Block> = ways.iter().map(|(_, block)| *block).collect();
        self.choose(number, &blocks);
        self.begin(called);
        let compiled = self.program.functions.get(index as usize).copied().unwrap_or_default();
        let parameters = Register::try_from(compiled.parameters).unwrap_or(Register::MAX);
        for (register, argument) in (0..).zip(arguments) {
            self.set(register, *argument);
        }
        let passed = Register::try_from(arguments.len()).unwrap_or(0);
        let rest: Vec<Register> = (passed..parameters).collect();
        self.load(&rest);
        self.jump_to(compiled.entry);
        for (at, block) in ways {
            self.begin_cold(block);
            let registers = if at == compiled.entry { (0..parameters).collect() } else { self.flow.live(at) };
            self.load(&registers);
            self.jump_to(at);
        }
    }

    fn body(&mut self) {
        while let Some((at, facts, block)) = self.open.pop() {
            self.builder.switch_to_block(block);
            (self.at, self.facts) = (at, facts);
            loop {
                self.counts.0 += 1;
                let ended = self.instruction();
                self.seal_exits();
                if ended {
                    break;
                }
                self.at += 1;
                if self.flow.is_leader(self.at) {
                    self.jump_to(self.at);
                    break;
                }
            }
        }
        self.finish_exits();
    }

    pub(crate) fn get(&mut self, register: Register) -> Value {
        if let Some(number) = self.flow.constant(register) {
            return self.builder.ins().iconst(types::I64, i64::from(number));
        }
        let variable = self.variable(register);
        self.builder.use_var(variable)
    }

    pub(crate) fn set(&mut self, register: Register, value: Value) {
        self.facts.forget(register);
        let variable = self.variable(register);
        self.builder.def_var(variable, value);
    }

    fn variable(&mut self, register: Register) -> Variable {
        let builder = &mut self.builder;
        *self.variables.entry(register).or_insert_with(|| builder.declare_var(types::I64))
    }

    pub(crate) fn slice(&mut self) -> Value {
        self.builder.use_var(self.slice)
    }

    pub(crate) fn set_slice(&mut self, value: Value) {
        self.builder.def_var(self.slice, value);
    }

    pub(crate) fn room(&mut self) -> Value {
        self.builder.use_var(self.room)
    }

    pub(crate) fn set_room(&mut self, value: Value) {
        self.builder.def_var(self.room, value);
    }

    /// How many calls there are around, which the context does not know meanwhile.
    pub(crate) fn depth(&mut self) -> Value {
        let (limit, room) = (self.context_half(context::DEPTH_LIMIT), self.room());
        let depth = self.builder.ins().isub(limit, room);
        self.builder.ins().ireduce(types::I32, depth)
    }

    /// Tells the context what the library and the interpreter ask it for.
    pub(crate) fn tell_context(&mut self) {
        let (slice, depth) = (self.slice(), self.depth());
        self.set_context(context::SLICE, slice);
        self.set_context(context::DEPTH, depth);
    }

    /// The variables for the address and the length of an array.
    pub(crate) fn array_variables(&mut self, register: Register) -> (Variable, Variable) {
        let builder = &mut self.builder;
        *self
            .arrays
            .entry(register)
            .or_insert_with(|| (builder.declare_var(types::I64), builder.declare_var(types::I64)))
    }

    /// Goes on in a block of this instruction.
    pub(crate) fn begin(&mut self, block: Block) {
        self.builder.switch_to_block(block);
    }

    pub(crate) fn begin_cold(&mut self, block: Block) {
        self.builder.set_cold_block(block);
        self.builder.switch_to_block(block);
    }

    /// The block of an instruction that begins one, reached with the present facts.
    pub(crate) fn block_at(&mut self, at: u32) -> Block {
        let place = self.flow.place(at);
        // Elsewhere versions would only be more code.
        let mut facts = match place {
            Place::Loop | Place::Only => self.facts.about(|register| self.flow.is_live(at, register)),
            Place::Joined => Facts::default(),
        };
        if place == Place::Loop {
            facts.set_credit(0);
        }
        let versions = self.versions.entry(at).or_default();
        if let Some((_, block)) = versions.iter().find(|(known, _)| *known == facts) {
            return *block;
        }
        let facts = if facts.is_empty() || versions.len() + 1 < MOST_VERSIONS {
            facts
        } else {
            let weaker = versions.iter().filter(|(known, _)| known.hold_in(&facts));
            match weaker.max_by_key(|(known, _)| known.count()) {
                Some((_, block)) => return *block,
                None => Facts::default(),
            }
        };
        let block = self.builder.create_block();
        versions.push((facts.clone(), block));
        self.open.push((at, facts, block));
        block
    }

    pub(crate) fn jump_to(&mut self, at: u32) {
        let block = self.block_at(at);
        self.builder.ins().jump(block, &[]);
    }

    /// Loads registers from the window.
    pub(crate) fn load(&mut self, registers: &[Register]) {
        if registers.is_empty() {
            return;
        }
        let window = self.window();
        for register in registers {
            let value = self.builder.ins().load(types::I64, flags(), window, i32::from(*register) * 8);
            self.set(*register, value);
        }
    }

    /// Stores registers to the window.
    pub(crate) fn store(&mut self, registers: &[Register]) {
        if registers.is_empty() {
            return;
        }
        let window = self.window();
        for register in registers {
            let value = self.get(*register);
            self.builder.ins().store(flags(), value, window, i32::from(*register) * 8);
        }
    }

    /// Leaves the instruction to the interpreter where a condition holds. No register may have been set in it before.
    pub(crate) fn give_up_if(&mut self, condition: Value) {
        self.leave_if(condition, Way::GiveUp);
    }

    /// The same where the instruction is known to fault then.
    pub(crate) fn fault_if(&mut self, condition: Value) {
        self.leave_if(condition, Way::Fault);
    }

    pub(crate) fn leave_if(&mut self, condition: Value, way: Way) {
        let exit = self.exit(way);
        let next = self.builder.create_block();
        self.builder.ins().brif(condition, exit, &[], next, &[]);
        if self.is_cold {
            self.builder.set_cold_block(next);
        }
        self.begin(next);
    }

    /// Leaves the instruction to the interpreter.
    pub(crate) fn give_up(&mut self) {
        let exit = self.exit(Way::GiveUp);
        self.builder.ins().jump(exit, &[]);
    }

    /// Leaves an instruction to the interpreter whenever it is reached, which gains nothing.
    pub(crate) fn leave_to_interpreter(&mut self) {
        self.counts.1 += 1;
        self.give_up();
    }

    /// Where the present instruction ends the stay.
    pub(crate) fn exit(&mut self, way: Way) -> Block {
        let builder = &mut self.builder;
        *self.exits[way as usize].get_or_insert_with(|| builder.create_block())
    }

    /// The present instruction has no further exits; their blocks come behind all others.
    fn seal_exits(&mut self) {
        for way in Way::ALL {
            if let Some(block) = self.exits[way as usize].take() {
                self.builder.seal_block(block);
                self.left.push((block, self.at, way));
            }
        }
    }

    fn finish_exits(&mut self) {
        for (block, at, way) in std::mem::take(&mut self.left) {
            self.begin_cold(block);
            self.at = at;
            let live = self.live_on(way);
            self.store(&live);
            self.end(if way == Way::Stop { context::STOPPED } else { context::GAVE_UP });
        }
    }

    /// The registers that have to be in the window where the stay ends.
    fn live_on(&self, way: Way) -> Vec<Register> {
        let mut registers = match way {
            Way::GiveUp => return self.flow.live(self.at),
            Way::Fault | Way::Stop => self.flow.live_in_fault(self.program, self.at),
        };
        self.program.operands(self.at, &mut |operand, register| {
            if way == Way::Fault && operand == Operand::Read && !registers.contains(&register) {
                registers.push(register);
            }
        });
        registers
    }

    /// Ends the stay at the present instruction.
    pub(crate) fn end(&mut self, status: i64) {
        let at = self.builder.ins().iconst(types::I32, i64::from(self.at));
        self.set_context(context::EXIT_AT, at);
        self.set_context(context::EXIT_BASE, self.base);
        self.tell_context();
        let status = self.builder.ins().iconst(types::I64, status);
        self.builder.ins().return_(&[status, status]);
    }

    /// Takes units of fuel; gives up without them.
    pub(crate) fn charge(&mut self, units: u32) {
        if units == 0 {
            return;
        }
        if !self.facts.spend(units) {
            // Some more are asked for, so that what follows need not ask.
            self.want(units.saturating_add(AHEAD));
            self.facts.set_credit(AHEAD);
        }
        self.take(units);
    }

    /// Begins another slice if this one has too little left; gives up if the fuel has.
    fn want(&mut self, units: u32) {
        let wanted = i64::from(units);
        let slice = self.slice();
        let short = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, slice, wanted);
        let (renews, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(short, renews, &[], next, &[]);
        self.begin_cold(renews);
        self.is_cold = true;
        self.renew();
        let slice = self.slice();
        let short = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, slice, wanted);
        self.give_up_if(short);
        self.is_cold = false;
        self.builder.ins().jump(next, &[]);
        self.begin(next);
    }

    /// Takes units that are there.
    pub(crate) fn take(&mut self, units: u32) {
        let slice = self.slice();
        let left = self.builder.ins().iadd_imm_s(slice, -i64::from(units));
        self.set_slice(left);
    }

    /// Does what happens on one way, then goes there.
    pub(crate) fn way(&mut self, block: Block, units: u32, sets: &[(Register, Value)], target: u32) {
        self.begin(block);
        self.charge(units);
        for (register, value) in sets {
            self.set(*register, *value);
        }
        self.jump_to(target);
    }

    /// Goes to one of two places, each with its charge.
    pub(crate) fn branch(
        &mut self,
        (condition, a, b): Comparison,
        (charge, target): (u32, u32),
        other: u32,
        sets: &[(Register, Value)],
    ) {
        let next = self.at + 1;
        let (taken, passed) = if charge == other {
            self.charge(charge);
            for (register, value) in sets {
                self.set(*register, *value);
            }
            (self.block_at(target), self.block_at(next))
        } else {
            (self.builder.create_block(), self.builder.create_block())
        };
        // What stands second comes next in memory, which should be the loop and not the way out of it.
        if self.flow.stays_in_loop(self.at, target) && !self.flow.stays_in_loop(self.at, next) {
            let holds = self.builder.ins().icmp(condition.complement(), a, b);
            self.builder.ins().brif(holds, passed, &[], taken, &[]);
        } else {
            let holds = self.builder.ins().icmp(condition, a, b);
            self.builder.ins().brif(holds, taken, &[], passed, &[]);
        }
        if charge != other {
            let facts = self.facts.clone();
            self.way(taken, charge, sets, target);
            self.facts = facts;
            self.way(passed, other, sets, next);
        }
    }

    pub(crate) fn code(&self) -> Option<Code> {
        self.program.plain.get(self.at as usize).copied()
    }
}
