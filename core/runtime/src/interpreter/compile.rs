//! From the execution layer to register code.
//!
//! Every SSA value has a register (values that are never live together and are tied by a block argument
//! share one, see [`super::coalesce`]); small immediates are folded into the instructions that use them.
//! Each function is emitted twice: the first time finds out which immediates need a register after all.

use std::collections::BTreeMap;

use anrf_format::execution::{
    Block, BlockId, Comparison, Execution, Function, Instruction, ObligationId, Op, Origin, Place, RegionId,
    Role, Terminator, ValueId,
};
use anrf_format::module::Module;
use anrf_format::semantic::{Exprs, Step};
use anrf_format::source_map::CodeMap;
use anrf_format::types::{TypeId, TypeTable};

use super::coalesce::assign_registers;
use super::code::{Code, List, Register, Slow};
use super::program::{Compiled, NO_TARGET, Program, Site};
use super::region::Context;
use super::reuse::without_repetition;
use super::trace::{NamedValue, Tracing};
use crate::arena::{Shape, Shapes};
use crate::error::Error;

/// Registers that a function may have; the rest of a window is for the arguments of its calls.
const MOST_REGISTERS: u32 = 60_000;

/// Parameters that a function may have.
const MOST_PARAMETERS: usize = 5_000;

/// Regions inside regions; expressions nest less deeply.
const MOST_NESTED_REGIONS: usize = 160;

/// Compiles a module's execution layer.
///
/// # Errors
/// Too large for the instruction set, or not well-formed.
pub(crate) fn compile(module: &Module) -> Result<Program, Error> {
    compile_with(module, None)
}

/// Compiles; with names, to code that is traced: see [`super::trace`].
pub(super) fn compile_with(module: &Module, names: Option<&[Vec<NamedValue>]>) -> Result<Program, Error> {
    if module.types.types.len() > usize::from(u16::MAX) {
        return Err(Error::unsupported("a module of more than 65,535 types cannot be run"));
    }
    let execution = &module.execution;
    let mut program = Program {
        shapes: Shapes::new(&module.types),
        constants: execution.constants.clone(),
        variables: u32::try_from(module.semantic.state.len()).unwrap_or(u32::MAX),
        ..Program::default()
    };
    for (index, function) in execution.functions.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let roles = &mut program.roles;
        let (list, of) = match function.role {
            Role::Body(of) => (&mut roles.body, of),
            Role::Entry(of) => (&mut roles.entry, of),
            Role::Record(of) => (&mut roles.record, of),
            Role::State(of) => (&mut roles.state, of),
            Role::HostRequest(of) => (&mut roles.request, of),
            Role::HostAnswer(of) => (&mut roles.answer, of),
        };
        let of = of as usize;
        if of
            > execution
                .functions
                .len()
                .max(module.types.records.len())
                .max(module.semantic.state.len())
                .max(module.semantic.host.len())
        {
            return Err(Error::malformed("a role"));
        }
        if list.len() <= of {
            list.resize(of + 1, None);
        }
        list[of] = Some(index);
        program.describe(function);
    }
    program.functions = vec![Compiled::default(); execution.functions.len()];
    for (index, function) in execution.functions.iter().enumerate() {
        let tracing = match function.role {
            Role::Body(of) => names.and_then(|names| names.get(of as usize)).map(|names| (of, names)),
            _ => None,
        };
        let tracing = tracing.map(|(function, names)| Tracing { function, names, step: None });
        // Who watches wants to see every value.
        let shorter = if tracing.is_none() { without_repetition(function, &program.shapes) } else { None };
        let shorter = shorter.as_ref().unwrap_or(function);
        FunctionCompiler::compile(&mut program, module, index, (function, shorter), tracing).map_err(
            |error| {
                let of = match function.role {
                    Role::Body(of) | Role::Entry(of) => Some(of),
                    _ => None,
                };
                Error { function: of, ..error }
            },
        )?;
    }
    program.link()?;
    program.find_constrained(&module.types);
    Ok(program)
}

/// The state of compiling one function.
pub(super) struct FunctionCompiler<'a> {
    pub(super) program: &'a mut Program,
    pub(super) types: &'a TypeTable,
    pub(super) execution: &'a Execution,
    pub(super) function: &'a Function,
    /// The same with what it does twice, at the same positions.
    pub(super) whole: &'a Function,
    pub(super) index: u32,
    /// How often each value is used.
    pub(super) uses: Vec<u32>,
    /// Values that are small immediates.
    pub(super) immediates: Vec<Option<i64>>,
    /// Immediates that somebody wants in a register.
    pub(super) needed: Vec<bool>,
    pub(super) registers: Vec<Register>,
    pub(super) next_register: u32,
    /// Where each label is: the blocks, then the blocks behind the charge they begin with, then others.
    pub(super) labels: Vec<u32>,
    /// How many jumps to each block there are still to come, and whether anything else goes there.
    pub(super) jumps: Vec<u32>,
    pub(super) entered: Vec<bool>,
    /// A charge that the next instruction takes.
    pub(super) pending: u32,
    /// The jump into the next block has taken the charge that it begins with.
    pub(super) head_paid: bool,
    /// No jump goes to an instruction from here on: what was emitted there may still be changed.
    pub(super) settled: u32,
    /// Where the arguments of calls go, from the pass before.
    pub(super) window: Register,
    /// Numbers that code in loops wants in a register, which they are put into once.
    pub(super) hoisted: BTreeMap<i64, Register>,
    /// Blocks inside a loop, and whether the present one is.
    pub(super) looping: Vec<bool>,
    pub(super) in_loop: bool,
    /// Where a `Leave` has just been emitted.
    pub(super) left_at: u32,
    pub(super) enters: bool,
    /// Blocks of the body, then of each region.
    pub(super) body: Vec<BlockId>,
    pub(super) region_blocks: Vec<Vec<BlockId>>,
    pub(super) contexts: Vec<Context>,
    pub(super) handler: Option<BlockId>,
    /// Origins of the instructions, if the module has them, and the step of the present one.
    pub(super) origins: Option<&'a CodeMap>,
    pub(super) steps: &'a [Step],
    /// The expressions that the origins name.
    pub(super) exprs: Option<&'a Exprs>,
    /// Of code that is traced, with the names of the state's variables.
    pub(super) tracing: Option<Tracing<'a>>,
    pub(super) state_names: Vec<String>,
    pub(super) step: Option<String>,
    pub(super) failed: bool,
}

/// Lengths of a program's lists, to emit a function again.
struct Lengths([usize; 9]);

impl Lengths {
    pub(super) fn of(program: &Program) -> Self {
        Self([
            program.code.len(),
            program.lists.len(),
            program.tables.len(),
            program.calls.len(),
            program.slow.len(),
            program.sites.len(),
            program.handlers.len(),
            program.immediates.len(),
            program.reclaims.len(),
        ])
    }

    pub(super) fn restore(&self, program: &mut Program) {
        program.code.truncate(self.0[0]);
        program.lists.truncate(self.0[1]);
        program.list_types.truncate(self.0[1]);
        program.tables.truncate(self.0[2]);
        program.calls.truncate(self.0[3]);
        program.slow.truncate(self.0[4]);
        program.sites.truncate(self.0[5]);
        program.handlers.truncate(self.0[6]);
        program.immediates.truncate(self.0[7]);
        program.reclaims.truncate(self.0[8]);
    }
}

impl<'a> FunctionCompiler<'a> {
    pub(super) fn compile(
        program: &'a mut Program,
        module: &'a Module,
        index: usize,
        (whole, function): (&'a Function, &'a Function),
        tracing: Option<Tracing<'a>>,
    ) -> Result<(), Error> {
        let state = tracing.map_or(&[][..], |_| &module.semantic.state);
        let state_names: Vec<String> = state.iter().map(|variable| variable.name.clone()).collect();
        let (execution, types) = (&module.execution, &module.types);
        let written = match function.role {
            Role::Body(of) => module.semantic.functions.get(of as usize),
            _ => None,
        };
        let (steps, exprs) =
            (written.map_or(&[][..], |function| &function.steps), written.map(|function| &function.exprs));
        if function.parameters as usize > MOST_PARAMETERS {
            return Err(Error::unsupported("a function of more than 5,000 parameters cannot be run")
                .with_help("group them in records"));
        }
        if function.values.len() > MOST_REGISTERS as usize {
            return Err(too_large());
        }
        let mut body = vec![];
        let mut region_blocks = vec![vec![]; function.regions.len()];
        for (block, at) in function.blocks.iter().zip(0..) {
            match block.region {
                None => body.push(BlockId(at)),
                Some(region) => region_blocks
                    .get_mut(region.0 as usize)
                    .ok_or_else(|| Error::malformed("a region"))?
                    .push(BlockId(at)),
            }
        }
        for (blocks, region) in region_blocks.iter_mut().zip(&function.regions) {
            // The entry first, the rest in order.
            blocks.sort_by_key(|block| (*block != region.entry, *block));
        }
        let body = in_line(function, &body);
        let (uses, immediates) = count_uses(function)?;
        let (registers, register_count) = assign_registers(function);
        let lengths = Lengths::of(program);
        let looping = looping(function);
        let mut needed = vec![false; function.values.len()];
        let (mut window, mut hoisted) = (0, BTreeMap::new());
        // What a pass finds out, the next one needs: the last changes nothing.
        loop {
            let mut compiler = FunctionCompiler {
                program: &mut *program,
                types,
                execution,
                function,
                whole,
                index: u32::try_from(index).unwrap_or(u32::MAX),
                uses: uses.clone(),
                immediates: immediates.clone(),
                needed: needed.clone(),
                registers: registers.clone(),
                next_register: register_count,
                labels: vec![NO_TARGET; 2 * function.blocks.len()],
                jumps: vec![0; function.blocks.len()],
                entered: vec![false; function.blocks.len()],
                pending: 0,
                head_paid: false,
                settled: 0,
                window,
                hoisted: hoisted.keys().map(|number| (*number, 0)).collect(),
                looping: looping.clone(),
                in_loop: false,
                left_at: NO_TARGET,
                enters: false,
                body: body.clone(),
                region_blocks: region_blocks.clone(),
                contexts: vec![],
                handler: None,
                origins: module.source_map.execution.get(index),
                steps,
                exprs,
                tracing,
                state_names: state_names.clone(),
                step: None,
                failed: false,
            };
            compiler.emit()?;
            let next = Register::try_from(compiler.next_register).map_err(|_| too_large())?;
            let found = (std::mem::take(&mut compiler.needed), std::mem::take(&mut compiler.hoisted));
            let is_same = next == window && found.0 == needed && found.1.keys().eq(hoisted.keys());
            (needed, hoisted) = found;
            if is_same {
                return Ok(());
            }
            window = next.max(window);
            lengths.restore(program);
        }
    }

    pub(super) fn emit(&mut self) -> Result<(), Error> {
        let starts = Lengths::of(self.program);
        self.count_jumps();
        let entry = self.here();
        // What came before has no handler here.
        self.program.handlers.push((entry, NO_TARGET));
        for number in self.hoisted.keys().copied().collect::<Vec<_>>() {
            let register = self.fresh();
            self.hoisted.insert(number, register);
            self.immediate(register, number)?;
        }
        // The arguments of calls come behind all registers, at least where they did in the last pass.
        for position in 0..self.body.len() {
            let next = self.body.get(position + 1).copied();
            self.block(self.body[position], next)?;
        }
        // A handler's label was kept in the place of its address.
        let (labels, failed) = (&self.labels, &mut self.failed);
        let mut resolve = |target: &mut u32| match labels.get(*target as usize) {
            Some(at) if *at != NO_TARGET => *target = *at,
            _ => *failed = true,
        };
        let [code, _, tables, calls, slow, _, handlers, ..] = starts.0;
        self.next_register = self.next_register.max(u32::from(self.window));
        let window = self.window;
        for instruction in &mut self.program.code[code..] {
            if let Some(target) = instruction.target_mut() {
                resolve(target);
            }
        }
        self.program.tables[tables..].iter_mut().flatten().for_each(&mut resolve);
        for (_, handler) in &mut self.program.handlers[handlers..] {
            if *handler != NO_TARGET {
                resolve(handler);
            }
        }
        for call in &mut self.program.calls[calls..] {
            call.window = window;
            if call.condition.is_none() {
                resolve(&mut call.success);
            }
            if let Some((target, ..)) = &mut call.failure {
                resolve(target);
            }
        }
        for slow in &mut self.program.slow[slow..] {
            if let Slow::Invoke(invoke) = slow {
                invoke.window = window;
                resolve(&mut invoke.success);
                if let Some((target, ..)) = &mut invoke.failure {
                    resolve(target);
                }
            }
        }
        if self.failed {
            return Err(Error::malformed("a block"));
        }
        super::threading::thread(self.program, code, calls, tables);
        if self.next_register > MOST_REGISTERS {
            return Err(too_large());
        }
        let compiled = Compiled {
            entry,
            enters: self.enters,
            registers: self.next_register,
            parameters: self.function.parameters,
        };
        self.program.functions[self.index as usize] = compiled;
        Ok(())
    }

    /// Emits one block; `next` is the block that stands behind it.
    pub(super) fn block(&mut self, id: BlockId, next: Option<BlockId>) -> Result<(), Error> {
        let function = self.function;
        let block = function.blocks.get(id.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        let (outer, outer_loop) = (self.handler, self.in_loop);
        self.in_loop |= self.looping.get(id.0 as usize).copied().unwrap_or(false);
        self.set_handler(block.on_fault.or(outer));
        let end = block.instructions.len() - self.fused_tail(block);
        let mut at = self.begin(id, block).min(end);
        self.trace_block(id, block, at)?;
        while at < end {
            let rest = &block.instructions[at..end];
            self.trace_step(id, block, at)?;
            if matches!(rest, [Instruction { op: Op::Log(..), .. }, ..]) {
                let origin = self.origins.and_then(|map| map.blocks.get(id.0 as usize)?.get(at));
                let step = origin.and_then(|origin| self.steps.get(origin.step?.0 as usize));
                self.step = step.map(|step| step.name.clone());
            }
            let count = self.instruction(id, at, rest)?;
            self.trace_results(block, rest.get(..count).unwrap_or_default())?;
            at += count;
        }
        self.trace_step(id, block, end)?;
        self.terminator(block, next)?;
        self.set_handler(outer);
        self.in_loop = outer_loop;
        Ok(())
    }

    pub(super) fn set_handler(&mut self, handler: Option<BlockId>) {
        if handler != self.handler {
            self.handler = handler;
            let here = self.here();
            self.program.handlers.push((here, handler.map_or(NO_TARGET, |block| block.0)));
        }
    }

    /// Places a block's labels and sees to the charge that it begins with; the answer is how many
    /// instructions that was.
    pub(super) fn begin(&mut self, id: BlockId, block: &Block) -> usize {
        let index = id.0 as usize;
        let (jumps, entered) = (self.jumps[index], self.entered[index]);
        let paid = std::mem::take(&mut self.head_paid);
        let head = head_charge(block);
        if entered || (jumps > 0 && head.is_none()) {
            self.flush();
        }
        self.labels[index] = self.here();
        if let Some(units) = head
            && !paid
        {
            self.pending = self.pending.saturating_add(units);
        }
        if jumps > 0 {
            self.flush();
        }
        let behind = self.function.blocks.len() + index;
        self.labels[behind] = self.here();
        self.settled = self.here();
        let mut done = usize::from(head.is_some());
        if id == BlockId(0)
            && jumps == 0
            && matches!(block.instructions.first(), Some(Instruction { op: Op::Enter, .. }))
        {
            self.enters = true;
            done = 1;
        }
        done
    }

    /// Counts what goes where.
    pub(super) fn count_jumps(&mut self) {
        let function = self.function;
        let (jumps, entered) = (&mut self.jumps, &mut self.entered);
        let mut enter = |block: BlockId| {
            if let Some(entered) = entered.get_mut(block.0 as usize) {
                *entered = true;
            }
        };
        enter(BlockId(0));
        function.regions.iter().for_each(|region| enter(region.entry));
        let mut jump = |block: BlockId| {
            if let Some(jumps) = jumps.get_mut(block.0 as usize) {
                *jumps += 1;
            }
        };
        for block in &function.blocks {
            block.on_fault.iter().for_each(|handler| enter(*handler));
            match &block.terminator {
                Terminator::Call { success, failure, .. } => {
                    jump(*success);
                    failure.iter().for_each(|failure| enter(*failure));
                }
                Terminator::Invoke { success, failure, .. } => {
                    enter(*success);
                    failure.iter().for_each(|failure| enter(*failure));
                }
                Terminator::Switch(_, targets) => targets.iter().for_each(|target| {
                    jump(target.block);
                    enter(target.block);
                }),
                other => other.for_each_target(|target| {
                    jump(target.block);
                    // The test of a loop's head may be repeated at its end.
                    if let (Terminator::Repeat { .. }, Some(head)) =
                        (other, function.blocks.get(target.block.0 as usize))
                    {
                        head.terminator.for_each_target(|target| jump(target.block));
                    }
                }),
            }
        }
    }

    /// The label to jump to for a block, and the charge that is then due.
    pub(super) fn way_to(&self, block: BlockId) -> (u32, u32) {
        match self.function.blocks.get(block.0 as usize).and_then(head_charge) {
            Some(units) => (
                u32::try_from(self.function.blocks.len()).unwrap_or(NO_TARGET).saturating_add(block.0),
                units,
            ),
            None => (block.0, 0),
        }
    }

    /// Whether a block's end is a comparison of integers that nothing else reads (1), which is then part of
    /// the jump, or not (0).
    pub(super) fn fused_tail(&self, block: &Block) -> usize {
        let (Terminator::Branch(condition, ..), Some(last)) = (&block.terminator, block.instructions.last())
        else {
            return 0;
        };
        let Op::Compare(_, a, _) = last.op else { return 0 };
        if self.tracing.is_some() {
            return 0;
        }
        let fused =
            last.result == Some(*condition) && self.uses_of(*condition) == 1 && self.is_integer_like(a);
        usize::from(fused)
    }

    /// Whether a block is nothing but a test, with the charge it begins with.
    pub(super) fn is_test(&self, block: &Block) -> bool {
        let rest = block.instructions.len() - self.fused_tail(block);
        let mut rest = block.instructions[..rest].iter().skip(usize::from(head_charge(block).is_some()));
        self.fused_tail(block) == 1 && rest.all(|instruction| matches!(instruction.op, Op::Immediate(_)))
    }

    /// Remembers what a fault of the next instruction says.
    pub(super) fn site(&mut self, obligation: ObligationId, operands: &[ValueId]) -> Result<(), Error> {
        self.flush();
        let mut registers = vec![];
        for operand in operands {
            // Naming an immediate in a fault is no reason to keep it in a register.
            if self.immediate_of(*operand).is_none() || self.needed[operand.0 as usize] {
                registers.push((self.register(*operand)?, self.type_of(*operand)));
            }
        }
        let origin = self.function.obligations.get(obligation.0 as usize);
        let origin = origin.map_or(Origin { step: None, place: Place::Function }, |found| found.origin);
        self.program.sites.push(Site {
            at: self.here(),
            function: self.index,
            obligation: obligation.0,
            origin,
            operands: registers.into(),
        });
        Ok(())
    }

    /// A new label, to be placed later.
    pub(super) fn label(&mut self) -> u32 {
        self.labels.push(NO_TARGET);
        u32::try_from(self.labels.len() - 1).unwrap_or(NO_TARGET)
    }

    /// Puts a label here.
    pub(super) fn place(&mut self, label: u32) {
        self.flush();
        self.labels[label as usize] = self.here();
        self.settled = self.here();
    }

    /// A register of its own.
    pub(super) fn fresh(&mut self) -> Register {
        let register = self.next_register;
        self.next_register += 1;
        // Too many are refused at the end.
        Register::try_from(register).unwrap_or(Register::MAX)
    }

    /// The register of a value; of an immediate from now on too.
    pub(super) fn register(&mut self, value: ValueId) -> Result<Register, Error> {
        if let Some(number) = self.immediate_of(value).filter(|_| self.in_loop) {
            return Ok(self.hoist(number));
        }
        let index = value.0 as usize;
        if let Some(needed) = self.needed.get_mut(index) {
            *needed = true;
        }
        self.own_register(value)
    }

    /// The register that is a value's own, where its definition puts it.
    pub(super) fn own_register(&self, value: ValueId) -> Result<Register, Error> {
        self.registers.get(value.0 as usize).copied().ok_or_else(|| Error::malformed("a value"))
    }

    /// The register of a number that loops read.
    fn hoist(&mut self, number: i64) -> Register {
        if let Some(register) = self.hoisted.get(&number) {
            return *register;
        }
        let register = self.fresh();
        self.hoisted.insert(number, register);
        register
    }

    pub(super) fn registers_of(&mut self, values: &[ValueId]) -> Result<Box<[Register]>, Error> {
        values.iter().map(|value| self.register(*value)).collect()
    }

    /// The register of an instruction's result.
    pub(super) fn result(&mut self, instruction: &Instruction) -> Result<Register, Error> {
        match instruction.result {
            Some(value) => self.register(value),
            None => Ok(self.fresh()),
        }
    }

    /// Whether an immediate must be kept in its register.
    pub(super) fn is_needed(&self, value: ValueId) -> bool {
        self.needed.get(value.0 as usize).copied().unwrap_or(true)
    }

    /// Puts a number into a register.
    pub(super) fn immediate(&mut self, to: Register, value: i64) -> Result<(), Error> {
        match i32::try_from(value) {
            Ok(value) => self.push(Code::Immediate { to, value }),
            Err(_) => {
                let index = index_of(self.program.constants.len() + self.program.immediates.len())?;
                self.program.immediates.push(value.cast_unsigned());
                self.push(Code::Load { to, index });
            }
        }
        Ok(())
    }

    /// The same for a call.
    pub(super) fn list_of(&mut self, values: &[ValueId]) -> Result<List, Error> {
        let (start, count) = self.list(values)?;
        Ok(List { start, count })
    }

    /// Registers in a row, out of line.
    pub(super) fn list(&mut self, values: &[ValueId]) -> Result<(u32, u16), Error> {
        let registers = self.registers_of(values)?;
        let list = index_of(self.program.lists.len())?;
        self.program.lists.extend_from_slice(&registers);
        self.program.list_types.resize(self.program.lists.len(), TypeId::BOOLEAN);
        Ok((list, u16::try_from(values.len()).map_err(|_| too_large())?))
    }

    pub(super) fn slow(&mut self, slow: Slow) -> Result<(), Error> {
        let index = index_of(self.program.slow.len())?;
        self.program.slow.push(slow);
        self.push(Code::Slow { index });
        Ok(())
    }

    pub(super) fn push(&mut self, code: Code) {
        if let Code::Charge { units } = code {
            self.pending = self.pending.saturating_add(units);
            return;
        }
        self.flush();
        self.program.code.push(code);
        if code == Code::Leave {
            self.left_at = self.here();
        }
    }

    /// Emits the pending charge.
    pub(super) fn flush(&mut self) {
        if self.pending > 0 {
            let units = std::mem::take(&mut self.pending);
            self.program.code.push(Code::Charge { units });
        }
    }

    pub(super) fn here(&self) -> u32 {
        u32::try_from(self.program.code.len()).unwrap_or(NO_TARGET)
    }

    pub(super) fn type_of(&self, value: ValueId) -> TypeId {
        self.function.values.get(value.0 as usize).copied().unwrap_or(TypeId::BOOLEAN)
    }

    /// The small number that a value is.
    pub(super) fn immediate_of(&self, value: ValueId) -> Option<i64> {
        self.immediates.get(value.0 as usize).copied().flatten()
    }

    pub(super) fn uses_of(&self, value: ValueId) -> u32 {
        self.uses.get(value.0 as usize).copied().unwrap_or(u32::MAX)
    }

    /// Whether values of the type compare as the signed integers in their slots.
    pub(super) fn is_integer_like(&self, value: ValueId) -> bool {
        matches!(
            self.program.shapes.get(self.type_of(value)),
            Shape::Boolean | Shape::Integer | Shape::Timestamp | Shape::Enum(_)
        )
    }

    /// The deepest that regions nest.
    pub(super) fn check_nesting(&self) -> Result<(), Error> {
        if self.contexts.len() < MOST_NESTED_REGIONS {
            Ok(())
        } else {
            Err(Error::unsupported("regions nested more than 160 deep cannot be run"))
        }
    }

    /// Blocks of a region, the entry first.
    pub(super) fn blocks_of(&self, region: RegionId) -> Result<Vec<BlockId>, Error> {
        self.region_blocks.get(region.0 as usize).cloned().ok_or_else(|| Error::malformed("a region"))
    }
}

/// The charge that a block begins with.
pub(super) fn head_charge(block: &Block) -> Option<u32> {
    match block.instructions.first() {
        Some(Instruction { op: Op::Charge(units), .. }) => Some(*units),
        _ => None,
    }
}

/// The blocks in an order in which jumps often go to what stands next: behind a block comes the one that it
/// jumps to, and loops before what follows them.
fn in_line(function: &Function, body: &[BlockId]) -> Vec<BlockId> {
    let mut waiting: Vec<bool> = function.blocks.iter().map(|block| block.region.is_none()).collect();
    let mut order = Vec::with_capacity(body.len());
    let mut starts: Vec<BlockId> = body.iter().rev().copied().collect();
    let looping = looping(function);
    let loops = |block: BlockId| looping.get(block.0 as usize).copied().unwrap_or(false);
    while let Some(mut block) = starts.pop() {
        while waiting.get_mut(block.0 as usize).is_some_and(std::mem::take) {
            order.push(block);
            let Some(found) = function.block(block) else { break };
            match &found.terminator {
                Terminator::Jump(target) => block = target.block,
                Terminator::Call { success, .. } | Terminator::Invoke { success, .. } => block = *success,
                Terminator::Branch(_, then, otherwise) => {
                    let (then, otherwise) = (then.block, otherwise.block);
                    let (near, far) =
                        if loops(otherwise) && !loops(then) { (otherwise, then) } else { (then, otherwise) };
                    starts.push(far);
                    block = near;
                }
                _ => break,
            }
        }
    }
    order
}

/// Which blocks lie between the head of a loop and a way back to it.
fn looping(function: &Function) -> Vec<bool> {
    let mut looping = vec![false; function.blocks.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        if let Terminator::Repeat { target, .. } = &block.terminator
            && let Some(blocks) = looping.get_mut(target.block.0 as usize..=index)
        {
            blocks.fill(true);
        }
    }
    looping
}

/// How often each value is used, and which are small immediates.
fn count_uses(function: &Function) -> Result<(Vec<u32>, Vec<Option<i64>>), Error> {
    let mut uses = vec![0; function.values.len()];
    let mut immediates = vec![None; function.values.len()];
    for block in &function.blocks {
        for instruction in &block.instructions {
            instruction.op.for_each_operand(|value| count(&mut uses, value));
            if let (Op::Immediate(number), Some(value)) = (&instruction.op, instruction.result) {
                let type_id =
                    function.values.get(value.0 as usize).ok_or_else(|| Error::malformed("a value"))?;
                if *type_id != TypeId::UNBOUNDED {
                    immediates[value.0 as usize] = Some(*number);
                }
            }
        }
        block.terminator.for_each_operand(|value| count(&mut uses, value));
    }
    Ok((uses, immediates))
}

fn count(uses: &mut [u32], value: ValueId) {
    if let Some(count) = uses.get_mut(value.0 as usize) {
        *count += 1;
    }
}

pub(super) fn index_of(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(|_| too_large())
}

pub(super) fn too_large() -> Error {
    Error::unsupported("a function of more than 60,000 values cannot be run").with_help("divide the function")
}

pub(super) fn negated(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
    }
}

pub(super) fn swapped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        same => same,
    }
}
