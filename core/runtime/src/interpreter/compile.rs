//! From the execution layer to register code.
//!
//! Every SSA value has a register (values that are never live together and are tied by a block argument
//! share one, see [`super::coalesce`]); small immediates are folded into the instructions that use them.
//! Each function is emitted twice: the first time finds out which immediates need a register after all.

use anrf_format::execution::{
    Block, BlockId, Check, Comparison, Execution, Function, Instruction, ObligationId, Op, Origin, Place,
    RegionId, Role, Target, Terminator, ValueId,
};
use anrf_format::module::Module;
use anrf_format::semantic::Step;
use anrf_format::source_map::CodeMap;
use anrf_format::types::{TypeId, TypeTable};

use super::coalesce::assign_registers;
use super::code::{CallSite, Code, Compiled, InvokeSite, List, NO_TARGET, Program, Register, Site, Slow};
use super::moves::in_sequence;
use super::region::Context;
use crate::arena::{Shape, Shapes, Trace};
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
    if module.types.types.len() > usize::from(u16::MAX) {
        return Err(Error::unsupported("a module of more than 65,535 types cannot be run"));
    }
    let execution = &module.execution;
    let mut program = Program {
        shapes: Shapes::new(&module.types),
        constants: execution.constants.clone(),
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
        FunctionCompiler::compile(&mut program, module, index, function)?;
    }
    program.find_constrained(&module.types);
    for site in &program.calls {
        if program.functions.get(site.function as usize).is_none() {
            return Err(Error::malformed("a function"));
        }
    }
    Ok(program)
}

/// The state of compiling one function.
pub(super) struct FunctionCompiler<'a> {
    pub(super) program: &'a mut Program,
    pub(super) types: &'a TypeTable,
    pub(super) execution: &'a Execution,
    pub(super) function: &'a Function,
    index: u32,
    /// How often each value is used.
    uses: Vec<u32>,
    /// Values that are small immediates.
    immediates: Vec<Option<i64>>,
    /// Immediates that somebody wants in a register.
    needed: Vec<bool>,
    registers: Vec<Register>,
    next_register: u32,
    /// Where each label is: the blocks, then the blocks behind the charge they begin with, then others.
    labels: Vec<u32>,
    /// How many jumps to each block there are still to come, and whether anything else goes there.
    jumps: Vec<u32>,
    entered: Vec<bool>,
    /// A charge that the next instruction takes.
    pending: u32,
    /// The jump into the next block has taken the charge that it begins with.
    head_paid: bool,
    /// Where a `Leave` has just been emitted.
    left_at: u32,
    enters: bool,
    /// Blocks of the body, then of each region.
    pub(super) body: Vec<BlockId>,
    pub(super) region_blocks: Vec<Vec<BlockId>>,
    pub(super) contexts: Vec<Context>,
    handler: Option<BlockId>,
    /// Origins of the instructions, if the module has them, and the step of the present one.
    origins: Option<&'a CodeMap>,
    steps: &'a [Step],
    pub(super) step: Option<String>,
    failed: bool,
}

/// Lengths of a program's lists, to emit a function again.
struct Lengths([usize; 8]);

impl Lengths {
    fn of(program: &Program) -> Self {
        Self([
            program.code.len(),
            program.lists.len(),
            program.tables.len(),
            program.calls.len(),
            program.slow.len(),
            program.sites.len(),
            program.handlers.len(),
            program.immediates.len(),
        ])
    }

    fn restore(&self, program: &mut Program) {
        program.code.truncate(self.0[0]);
        program.lists.truncate(self.0[1]);
        program.list_types.truncate(self.0[1]);
        program.tables.truncate(self.0[2]);
        program.calls.truncate(self.0[3]);
        program.slow.truncate(self.0[4]);
        program.sites.truncate(self.0[5]);
        program.handlers.truncate(self.0[6]);
        program.immediates.truncate(self.0[7]);
    }
}

impl<'a> FunctionCompiler<'a> {
    fn compile(
        program: &'a mut Program,
        module: &'a Module,
        index: usize,
        function: &'a Function,
    ) -> Result<(), Error> {
        let (execution, types) = (&module.execution, &module.types);
        let steps = match function.role {
            Role::Body(of) => {
                module.semantic.functions.get(of as usize).map_or(&[][..], |function| &function.steps)
            }
            _ => &[],
        };
        if function.parameters as usize > MOST_PARAMETERS {
            return Err(Error::unsupported("a function of more than 5,000 parameters cannot be run"));
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
        let (uses, immediates) = count_uses(function)?;
        let (registers, register_count) = assign_registers(function);
        let lengths = Lengths::of(program);
        let mut needed = vec![false; function.values.len()];
        for pass in 0..2 {
            let mut compiler = FunctionCompiler {
                program: &mut *program,
                types,
                execution,
                function,
                index: u32::try_from(index).unwrap_or(u32::MAX),
                uses: uses.clone(),
                immediates: immediates.clone(),
                needed,
                registers: registers.clone(),
                next_register: register_count,
                labels: vec![NO_TARGET; 2 * function.blocks.len()],
                jumps: vec![0; function.blocks.len()],
                entered: vec![false; function.blocks.len()],
                pending: 0,
                head_paid: false,
                left_at: NO_TARGET,
                enters: false,
                body: body.clone(),
                region_blocks: region_blocks.clone(),
                contexts: vec![],
                handler: None,
                origins: module.source_map.execution.get(index),
                steps,
                step: None,
                failed: false,
            };
            compiler.emit()?;
            needed = std::mem::take(&mut compiler.needed);
            if pass == 0 {
                lengths.restore(program);
            }
        }
        Ok(())
    }

    fn emit(&mut self) -> Result<(), Error> {
        let starts = Lengths::of(self.program);
        self.count_jumps();
        let entry = self.here();
        // What came before has no handler here.
        self.program.handlers.push((entry, NO_TARGET));
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
        let [code, _, tables, calls, slow, _, handlers, _] = starts.0;
        let window = Register::try_from(self.next_register).map_err(|_| too_large())?;
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
        let outer = self.handler;
        self.set_handler(block.on_fault.or(outer));
        let end = block.instructions.len() - self.fused_tail(block);
        let mut at = self.begin(id, block).min(end);
        while at < end {
            let rest = &block.instructions[at..end];
            if matches!(rest, [Instruction { op: Op::Log(..), .. }, ..]) {
                let origin = self.origins.and_then(|map| map.blocks.get(id.0 as usize)?.get(at));
                let step = origin.and_then(|origin| self.steps.get(origin.step?.0 as usize));
                self.step = step.map(|step| step.name.clone());
            }
            at += self.instruction(rest)?;
        }
        self.terminator(block, next)?;
        self.set_handler(outer);
        Ok(())
    }

    fn set_handler(&mut self, handler: Option<BlockId>) {
        if handler != self.handler {
            self.handler = handler;
            let here = self.here();
            self.program.handlers.push((here, handler.map_or(NO_TARGET, |block| block.0)));
        }
    }

    /// Places a block's labels and sees to the charge that it begins with; the answer is how many
    /// instructions that was.
    fn begin(&mut self, id: BlockId, block: &Block) -> usize {
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
    fn count_jumps(&mut self) {
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
                other => other.for_each_target(&mut |target| {
                    jump(target.block);
                    // The test of a loop's head may be repeated at its end.
                    if let (Terminator::Repeat { .. }, Some(head)) =
                        (other, function.blocks.get(target.block.0 as usize))
                    {
                        head.terminator.for_each_target(&mut |target| jump(target.block));
                    }
                }),
            }
        }
    }

    /// The label to jump to for a block, and the charge that is then due.
    fn way_to(&self, block: BlockId) -> (u32, u32) {
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
    fn fused_tail(&self, block: &Block) -> usize {
        let (Terminator::Branch(condition, ..), Some(last)) = (&block.terminator, block.instructions.last())
        else {
            return 0;
        };
        let Op::Compare(_, a, _) = last.op else { return 0 };
        let fused =
            last.result == Some(*condition) && self.uses_of(*condition) == 1 && self.is_integer_like(a);
        usize::from(fused)
    }

    /// Whether a block is nothing but a test, with the charge it begins with.
    fn is_test(&self, block: &Block) -> bool {
        self.fused_tail(block) == 1
            && block.instructions.len() == 1 + usize::from(head_charge(block).is_some())
    }

    fn terminator(&mut self, block: &Block, next: Option<BlockId>) -> Result<(), Error> {
        match &block.terminator {
            Terminator::Jump(target) => self.jump(target, next)?,
            Terminator::Repeat { target, mark } => {
                self.assign(target)?;
                if let Some(mark) = mark {
                    self.reclaim(target, *mark)?;
                }
                match self.function.blocks.get(target.block.0 as usize) {
                    // The head is only a test: testing here saves a jump per iteration.
                    Some(head) if self.is_test(head) => {
                        self.pending = self.pending.saturating_add(head_charge(head).unwrap_or(0));
                        self.terminator(head, next)?;
                    }
                    _ => self.jump_to(target.block, next),
                }
            }
            Terminator::Branch(condition, then, otherwise) => {
                self.branch(block, *condition, then, otherwise, next)?;
            }
            Terminator::Switch(value, targets) => {
                let a = self.register(*value)?;
                let mut labels = vec![];
                for target in targets {
                    labels.push(if target.arguments.is_empty() { target.block.0 } else { self.label() });
                }
                if labels.is_empty() {
                    return Err(Error::malformed("a target"));
                }
                let table = index_of(self.program.tables.len())?;
                self.program.tables.push(labels.clone().into());
                self.push(Code::Switch { a, table });
                for (target, label) in targets.iter().zip(labels) {
                    if !target.arguments.is_empty() {
                        self.place(label);
                        self.jump(target, None)?;
                    }
                }
            }
            Terminator::Return(values) => {
                let (list, count) = self.list(values)?;
                if self.left_at == self.here()
                    && self.program.code.last() == Some(&Code::Leave)
                    && self.pending == 0
                {
                    self.program.code.pop();
                    self.push(Code::LeaveReturn { list, count });
                } else {
                    self.push(Code::Return { list, count });
                }
            }
            Terminator::Fail(code, message) => {
                let register = self.fresh();
                self.immediate(register, i64::from(*code))?;
                let message = self.register(*message)?;
                self.push(Code::Fail { code: register, message });
            }
            Terminator::FailWith(code, message) => {
                let (code, message) = (self.register(*code)?, self.register(*message)?);
                self.push(Code::Fail { code, message });
            }
            Terminator::Call { function, arguments, success, failure } => {
                let parameters = self.block_parameters(*success)?;
                let arguments = self.list_of(arguments)?;
                let (results, failure) = (self.list_of(parameters)?, self.failure(*failure)?);
                let (success, charge) = self.way_to(*success);
                let site = CallSite {
                    function: function.0,
                    window: 0,
                    arguments,
                    results,
                    success,
                    charge,
                    failure,
                    condition: None,
                };
                self.call(site)?;
            }
            Terminator::Invoke { operation, arguments, success, failure, obligation } => {
                let arguments = self.registers_of(arguments)?;
                let parameters = self.block_parameters(*success)?;
                let (results, failure) = (self.registers_of(parameters)?, self.failure(*failure)?);
                let operation = *operation;
                self.site(*obligation, &[])?;
                let site =
                    InvokeSite { operation, arguments, results, success: success.0, failure, window: 0 };
                self.slow(Slow::Invoke(Box::new(site)))?;
            }
            Terminator::Yield(values) => self.yielded(values, next)?,
            Terminator::Skip => self.skipped()?,
            Terminator::Resume => self.push(Code::Resume),
        }
        Ok(())
    }

    fn block_parameters(&self, block: BlockId) -> Result<&'a [ValueId], Error> {
        let block = self.function.blocks.get(block.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        Ok(&block.parameters)
    }

    fn failure(&mut self, failure: Option<BlockId>) -> Result<Option<(u32, Register, Register)>, Error> {
        let Some(failure) = failure else { return Ok(None) };
        let block =
            self.function.blocks.get(failure.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        match *block.parameters.as_slice() {
            [code, message] => Ok(Some((failure.0, self.register(code)?, self.register(message)?))),
            _ => Err(Error::malformed("a parameter")),
        }
    }

    pub(super) fn call(&mut self, site: CallSite) -> Result<(), Error> {
        let index = index_of(self.program.calls.len())?;
        let code = if site.condition.is_some() {
            Code::CheckCondition { site: index }
        } else {
            Code::Call { site: index }
        };
        let callee = self.execution.functions.get(site.function as usize);
        if callee.is_none_or(|callee| callee.parameters != u32::from(site.arguments.count)) {
            return Err(Error::malformed("a function"));
        }
        self.program.calls.push(site);
        self.push(code);
        Ok(())
    }

    fn reclaim(&mut self, target: &Target, mark: ValueId) -> Result<(), Error> {
        let mark = self.register(mark)?;
        let parameters = &self
            .function
            .blocks
            .get(target.block.0 as usize)
            .ok_or_else(|| Error::malformed("a block"))?
            .parameters;
        let list = index_of(self.program.lists.len())?;
        for parameter in parameters {
            let type_id = self.type_of(*parameter);
            if self.program.shapes.trace(type_id) != Trace::Scalar {
                let register = self.register(*parameter)?;
                self.program.lists.push(register);
                self.program.list_types.push(type_id);
            }
        }
        let count = u16::try_from(self.program.lists.len() - list as usize).map_err(|_| too_large())?;
        self.push(Code::Reclaim { mark, list, count });
        Ok(())
    }

    fn branch(
        &mut self,
        block: &Block,
        condition: ValueId,
        then: &Target,
        otherwise: &Target,
        next: Option<BlockId>,
    ) -> Result<(), Error> {
        match (then.arguments.is_empty(), otherwise.arguments.is_empty()) {
            (true, true) if next == Some(then.block) => {
                self.jump_on(block, condition, false, self.way_to(otherwise.block), Some(then.block))?;
            }
            (true, true) if next == Some(otherwise.block) => {
                self.jump_on(block, condition, true, self.way_to(then.block), Some(otherwise.block))?;
            }
            (true, _) => {
                self.jump_on(block, condition, true, self.way_to(then.block), None)?;
                self.jump(otherwise, next)?;
            }
            (false, true) => {
                self.jump_on(block, condition, false, self.way_to(otherwise.block), None)?;
                self.jump(then, next)?;
            }
            (false, false) => {
                self.flush();
                let label = self.label();
                self.jump_on(block, condition, false, (label, 0), None)?;
                self.jump(then, None)?;
                self.place(label);
                self.jump(otherwise, next)?;
            }
        }
        Ok(())
    }

    /// Jumps if the condition of a block's branch is `wanted`, else goes on, to `behind` if that stands
    /// there. What is pending is paid on both ways, and the charges that the blocks there begin with.
    fn jump_on(
        &mut self,
        block: &Block,
        condition: ValueId,
        wanted: bool,
        (target, due): (u32, u32),
        behind: Option<BlockId>,
    ) -> Result<(), Error> {
        if self.pending > u32::from(u8::MAX) || due > 0x8000 {
            self.flush();
        }
        let (target, charge) = match u16::try_from(self.pending.saturating_add(due)) {
            Ok(charge) => (target, charge),
            // Too much for the instruction: the block itself takes it.
            Err(_) => return Err(Error::unsupported("a charge of more than 32,768 units cannot be run")),
        };
        let mut other = u8::try_from(self.pending).unwrap_or(u8::MAX);
        self.pending = 0;
        if let Some(behind) = behind {
            self.falls_into(behind);
            let head = self.function.blocks.get(behind.0 as usize).and_then(head_charge);
            let both = head.and_then(|units| u8::try_from(u32::from(other).saturating_add(units)).ok());
            if let Some(both) = both
                && !self.entered[behind.0 as usize]
            {
                other = both;
                self.head_paid = true;
            }
        }
        if self.fused_tail(block) == 0 {
            let a = self.register(condition)?;
            self.program.code.push(if wanted {
                Code::JumpIf { other, a, charge, target }
            } else {
                Code::JumpUnless { other, a, charge, target }
            });
            return Ok(());
        }
        let Some(Op::Compare(comparison, left, right)) = block.instructions.last().map(|last| &last.op)
        else {
            return Err(Error::malformed("a comparison"));
        };
        let comparison = if wanted { *comparison } else { negated(*comparison) };
        let small = |value: Option<i64>| value.and_then(|value| i16::try_from(value).ok());
        let (comparison, a, value) = match (small(self.immediate_of(*left)), small(self.immediate_of(*right)))
        {
            (_, Some(value)) => (comparison, *left, Some(value)),
            (Some(value), None) => (swapped(comparison), *right, Some(value)),
            (None, None) => (comparison, *left, None),
        };
        let code = if let Some(value) = value {
            let a = self.register(a)?;
            match comparison {
                Comparison::Equal => Code::JumpEqualImmediate { other, a, value, charge, target },
                Comparison::NotEqual => Code::JumpNotEqualImmediate { other, a, value, charge, target },
                Comparison::Less => Code::JumpLessImmediate { other, a, value, charge, target },
                Comparison::LessEqual => Code::JumpLessEqualImmediate { other, a, value, charge, target },
                Comparison::Greater => Code::JumpGreaterImmediate { other, a, value, charge, target },
                Comparison::GreaterEqual => {
                    Code::JumpGreaterEqualImmediate { other, a, value, charge, target }
                }
            }
        } else {
            let (a, b) = (self.register(*left)?, self.register(*right)?);
            match comparison {
                Comparison::Equal => Code::JumpEqual { other, a, b, charge, target },
                Comparison::NotEqual => Code::JumpNotEqual { other, a, b, charge, target },
                Comparison::Less => Code::JumpLess { other, a, b, charge, target },
                Comparison::LessEqual => Code::JumpLessEqual { other, a, b, charge, target },
                Comparison::Greater => Code::JumpLess { other, a: b, b: a, charge, target },
                Comparison::GreaterEqual => Code::JumpLessEqual { other, a: b, b: a, charge, target },
            }
        };
        self.program.code.push(code);
        Ok(())
    }

    fn jump(&mut self, target: &Target, next: Option<BlockId>) -> Result<(), Error> {
        self.assign(target)?;
        self.jump_to(target.block, next);
        Ok(())
    }

    fn jump_to(&mut self, block: BlockId, next: Option<BlockId>) {
        if next == Some(block) {
            self.falls_into(block);
        } else {
            let way = self.way_to(block);
            self.go(way);
        }
    }

    /// Jumps to a label, paying what is due there.
    pub(super) fn go(&mut self, (target, due): (u32, u32)) {
        let charge = std::mem::take(&mut self.pending).saturating_add(due);
        self.program.code.push(Code::Jump { charge, target });
    }

    /// The block behind is reached without a jump.
    fn falls_into(&mut self, block: BlockId) {
        if let Some(jumps) = self.jumps.get_mut(block.0 as usize) {
            *jumps = jumps.saturating_sub(1);
        }
    }

    /// Gives a block's parameters their values.
    fn assign(&mut self, target: &Target) -> Result<(), Error> {
        let block =
            self.function.blocks.get(target.block.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        if block.parameters.len() != target.arguments.len() {
            return Err(Error::malformed("a parameter"));
        }
        let (mut moves, mut immediates) = (vec![], vec![]);
        for (parameter, argument) in block.parameters.iter().zip(&target.arguments) {
            let to = self.register(*parameter)?;
            match self.immediate_of(*argument).and_then(|value| i32::try_from(value).ok()) {
                Some(value) => immediates.push(Code::Immediate { to, value }),
                None => moves.push((to, self.register(*argument)?)),
            }
        }
        if !moves.is_empty() {
            let spare = if moves.len() > 1 { self.fresh() } else { 0 };
            // Neither can fail, so a pending charge may stay behind them.
            let moves = in_sequence(&moves, spare).into_iter().map(|(to, from)| Code::Move { to, from });
            self.program.code.extend(moves);
        }
        self.program.code.extend(immediates);
        Ok(())
    }

    /// Emits the first of these instructions, or several as one; the answer is how many.
    fn instruction(&mut self, rest: &[Instruction]) -> Result<usize, Error> {
        if let [first, second, ..] = rest
            && self.superinstruction(first, second)?
        {
            return Ok(2);
        }
        if let [first, ..] = rest {
            super::operation::emit(self, first)?;
        }
        Ok(1)
    }

    /// A check and the operation it guards.
    fn superinstruction(&mut self, first: &Instruction, second: &Instruction) -> Result<bool, Error> {
        let Op::Check(check, operands, obligation) = &first.op else { return Ok(false) };
        match (check, operands.as_slice(), &second.op) {
            (Check::Arithmetic(checked), [x, y], Op::Arithmetic(operator, a, b))
                if checked == operator && (x, y) == (a, b) && self.type_of(*a) == TypeId::INTEGER =>
            {
                use anrf_format::execution::Arithmetic::{Add, Multiply, Subtract};
                let to = self.result(second)?;
                let small = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
                let (left, right) = (small(self.immediate_of(*a)), small(self.immediate_of(*b)));
                let code = match (operator, left, right) {
                    (Add, _, Some(value)) => Code::AddImmediate { to, a: self.register(*a)?, value },
                    (Add, Some(value), None) => Code::AddImmediate { to, a: self.register(*b)?, value },
                    (Subtract, _, Some(value)) if value != i32::MIN => {
                        Code::AddImmediate { to, a: self.register(*a)?, value: -value }
                    }
                    (Multiply, _, Some(value)) => {
                        Code::MultiplyImmediate { to, a: self.register(*a)?, value }
                    }
                    (Multiply, Some(value), None) => {
                        Code::MultiplyImmediate { to, a: self.register(*b)?, value }
                    }
                    (Add, ..) => Code::Add { to, a: self.register(*a)?, b: self.register(*b)? },
                    (Subtract, ..) => Code::Subtract { to, a: self.register(*a)?, b: self.register(*b)? },
                    (Multiply, ..) => Code::Multiply { to, a: self.register(*a)?, b: self.register(*b)? },
                    _ => return Ok(false),
                };
                self.site(*obligation, operands)?;
                self.push(code);
                Ok(true)
            }
            (Check::Index, [x, i], Op::Element(array, index, access)) if (x, i) == (array, index) => {
                let Shape::Array(element) = *self.program.shapes.get(self.type_of(*x)) else {
                    return Ok(false);
                };
                let (to, x, index) = (self.result(second)?, self.register(*x)?, self.register(*i)?);
                self.site(*obligation, operands)?;
                self.push(match self.program.shapes.trace(element) {
                    Trace::Pointer => Code::CheckedElementPointer { access: *access, to, x, index },
                    _ => Code::CheckedElement { to, x, index },
                });
                Ok(true)
            }
            (Check::Index, [x, i], Op::WithElement(array, index, value)) if (x, i) == (array, index) => {
                let (to, x, index) = (self.result(second)?, self.register(*x)?, self.register(*i)?);
                let value = self.register(*value)?;
                self.site(*obligation, operands)?;
                self.push(Code::CheckedWithElement { to, x, index, value });
                Ok(true)
            }
            _ => Ok(false),
        }
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
        let index = value.0 as usize;
        if let Some(needed) = self.needed.get_mut(index) {
            *needed = true;
        }
        self.registers.get(index).copied().ok_or_else(|| Error::malformed("a value"))
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
    fn flush(&mut self) {
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

    fn uses_of(&self, value: ValueId) -> u32 {
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
fn head_charge(block: &Block) -> Option<u32> {
    match block.instructions.first() {
        Some(Instruction { op: Op::Charge(units), .. }) => Some(*units),
        _ => None,
    }
}

/// How often each value is used, and which are small immediates.
fn count_uses(function: &Function) -> Result<(Vec<u32>, Vec<Option<i64>>), Error> {
    let mut uses = vec![0; function.values.len()];
    let mut immediates = vec![None; function.values.len()];
    for block in &function.blocks {
        for instruction in &block.instructions {
            instruction.op.for_each_operand(&mut |value| count(&mut uses, value));
            if let (Op::Immediate(number), Some(value)) = (&instruction.op, instruction.result) {
                let type_id =
                    function.values.get(value.0 as usize).ok_or_else(|| Error::malformed("a value"))?;
                if *type_id != TypeId::UNBOUNDED {
                    immediates[value.0 as usize] = Some(*number);
                }
            }
        }
        block.terminator.for_each_operand(&mut |value| count(&mut uses, value));
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

fn swapped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        same => same,
    }
}
