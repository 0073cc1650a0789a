//! Programs of the execution layer, built by hand: what each instruction promises.

mod aggregates;
mod control;
mod limits;
mod regions;

use anrf_format::execution::{
    Arithmetic, Block, BlockId, Check, Comparison, Execution, FaultKind, Function, FunctionId, Instruction,
    Obligation, ObligationId, ObligationKind, Op, Origin, Place, Region, RegionId, Role, Target, Terminator,
    ValueId,
};
use anrf_format::module::Module;
use anrf_format::types::TypeId;

use super::compile::compile;
use super::instance::NoEffects;
use super::machine::{Halt, Machine, Memory};
use super::program::Program;
use crate::meter::Meter;

pub(super) const I: TypeId = TypeId::INTEGER;
pub(super) const B: TypeId = TypeId::BOOLEAN;
pub(super) const S: TypeId = TypeId::STRING;
pub(super) const U: TypeId = TypeId::UNBOUNDED;

/// The obligation that every check of these programs names.
pub(super) const OB: ObligationId = ObligationId(0);

/// Builds one function.
pub(super) struct Builder {
    pub(super) function: Function,
}

impl Builder {
    /// A function of a role with an empty entry block.
    pub(super) fn new(role: Role, parameters: &[TypeId], returns: &[TypeId]) -> Self {
        let origin = Origin { step: None, place: Place::Function };
        let obligation =
            Obligation { kind: ObligationKind::NoOverflow, id: "f/no_overflow/1".into(), origin };
        let count = u32::try_from(parameters.len()).unwrap();
        Self {
            function: Function {
                role,
                values: parameters.to_vec(),
                parameters: count,
                returns: returns.to_vec(),
                blocks: vec![Block {
                    region: None,
                    parameters: (0..count).map(ValueId).collect(),
                    instructions: vec![],
                    terminator: Terminator::Resume,
                    on_fault: None,
                }],
                regions: vec![],
                obligations: vec![obligation],
                loops: vec![],
                decreases: vec![],
            },
        }
    }

    pub(super) fn value(&mut self, type_id: TypeId) -> ValueId {
        self.function.values.push(type_id);
        ValueId(u32::try_from(self.function.values.len() - 1).unwrap())
    }

    pub(super) fn block(&mut self, parameters: &[TypeId]) -> (BlockId, Vec<ValueId>) {
        self.block_in(None, parameters)
    }

    pub(super) fn block_in(
        &mut self,
        region: Option<RegionId>,
        parameters: &[TypeId],
    ) -> (BlockId, Vec<ValueId>) {
        let values: Vec<_> = parameters.iter().map(|type_id| self.value(*type_id)).collect();
        self.function.blocks.push(Block {
            region,
            parameters: values.clone(),
            instructions: vec![],
            terminator: Terminator::Resume,
            on_fault: None,
        });
        (BlockId(u32::try_from(self.function.blocks.len() - 1).unwrap()), values)
    }

    /// A region whose entry block takes these.
    pub(super) fn region(&mut self, parameters: &[TypeId]) -> (RegionId, BlockId, Vec<ValueId>) {
        let id = RegionId(u32::try_from(self.function.regions.len()).unwrap());
        self.function.regions.push(Region { entry: BlockId(0), parent: None });
        let (entry, values) = self.block_in(Some(id), parameters);
        self.function.regions[id.0 as usize].entry = entry;
        (id, entry, values)
    }

    pub(super) fn op(&mut self, block: BlockId, type_id: TypeId, op: Op) -> ValueId {
        let value = self.value(type_id);
        self.function.blocks[block.0 as usize].instructions.push(Instruction { op, result: Some(value) });
        value
    }

    pub(super) fn effect(&mut self, block: BlockId, op: Op) {
        self.function.blocks[block.0 as usize].instructions.push(Instruction { op, result: None });
    }

    pub(super) fn number(&mut self, block: BlockId, value: i64) -> ValueId {
        self.op(block, I, Op::Immediate(value))
    }

    /// A checked operation on integers.
    pub(super) fn checked(
        &mut self,
        block: BlockId,
        operator: Arithmetic,
        a: ValueId,
        b: ValueId,
    ) -> ValueId {
        self.effect(block, Op::Check(Check::Arithmetic(operator), vec![a, b], OB));
        self.op(block, I, Op::Arithmetic(operator, a, b))
    }

    pub(super) fn compare(
        &mut self,
        block: BlockId,
        comparison: Comparison,
        a: ValueId,
        b: ValueId,
    ) -> ValueId {
        self.op(block, B, Op::Compare(comparison, a, b))
    }

    pub(super) fn end(&mut self, block: BlockId, terminator: Terminator) {
        self.function.blocks[block.0 as usize].terminator = terminator;
    }

    pub(super) fn returns(&mut self, block: BlockId, values: &[ValueId]) {
        self.end(block, Terminator::Return(values.to_vec()));
    }
}

pub(super) const ENTRY: BlockId = BlockId(0);

pub(super) fn to(block: BlockId, arguments: &[ValueId]) -> Target {
    Target { block, arguments: arguments.to_vec() }
}

pub(super) fn module(functions: Vec<Builder>) -> Module {
    let functions = functions.into_iter().map(|builder| builder.function).collect();
    Module { execution: Execution { constants: vec![], functions }, ..Module::default() }
}

/// How much a run of these tests may use.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) fuel: u64,
    pub(super) contract: u64,
    pub(super) memory: u64,
    pub(super) depth: u32,
    pub(super) checks: bool,
}

pub(super) const PLENTY: Budget =
    Budget { fuel: u64::MAX, contract: u64::MAX, memory: 64 << 20, depth: 1_000, checks: true };

/// What a run did.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) halt: Halt,
    pub(super) fuel: u64,
    pub(super) contract: u64,
    pub(super) peak: u64,
    /// The first returned string.
    pub(super) text: String,
}

pub(super) fn run_with(module: &Module, function: u32, arguments: &[u64], budget: Budget) -> Outcome {
    let program: Program = compile(module).unwrap();
    let meter = Meter::new(budget.fuel, budget.contract);
    let mut memory = Memory::new(budget.memory);
    let mut machine = Machine::new(&program, module, memory, Meter::new(u64::MAX, 0));
    let mut constants = vec![];
    for (type_id, value) in &program.constants {
        let slot = machine.slot(*type_id, value).unwrap();
        machine.arena.share(slot);
        constants.push(slot);
    }
    constants.extend_from_slice(&program.immediates);
    machine.arena.keep();
    memory = machine.into_memory();
    memory.constants = constants;
    let mut machine = Machine::new(&program, module, memory, meter);
    machine.depth_limit = budget.depth;
    machine.memory_limit = budget.memory;
    machine.checks_contracts = budget.checks;
    let halt = machine.run(&mut NoEffects, function, arguments);
    let text = match &halt {
        Halt::Return(values) => {
            values.first().map_or(String::new(), |slot| machine.arena.text(*slot).to_owned())
        }
        _ => String::new(),
    };
    let (fuel, contract) = (machine.meter.fuel_used(), machine.meter.contract_used());
    Outcome { halt, fuel, contract, peak: machine.arena.peak_bytes(), text }
}

pub(super) fn run(module: &Module, arguments: &[i64]) -> Outcome {
    let slots: Vec<u64> = arguments.iter().map(|argument| argument.cast_unsigned()).collect();
    run_with(module, 0, &slots, PLENTY)
}

/// The one integer that a run returns.
#[track_caller]
pub(super) fn result(module: &Module, arguments: &[i64]) -> i64 {
    match run(module, arguments).halt {
        Halt::Return(values) => values[0].cast_signed(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(super) fn fault(module: &Module, arguments: &[i64]) -> FaultKind {
    match run(module, arguments).halt {
        Halt::Fault(report) => report.kind,
        other => panic!("{other:?}"),
    }
}

pub(super) fn body(parameters: &[TypeId], returns: &[TypeId]) -> Builder {
    Builder::new(Role::Body(0), parameters, returns)
}

/// `fib(n)`, the slow way.
pub(super) fn fibonacci() -> Module {
    let mut b = body(&[I], &[I]);
    let n = ValueId(0);
    b.effect(ENTRY, Op::Enter);
    b.effect(ENTRY, Op::Charge(2));
    let two = b.number(ENTRY, 2);
    let small = b.compare(ENTRY, Comparison::Less, n, two);
    let (base, _) = b.block(&[]);
    let (first, _) = b.block(&[]);
    let (second, x) = b.block(&[I]);
    let (sum, y) = b.block(&[I]);
    b.end(ENTRY, Terminator::Branch(small, to(base, &[]), to(first, &[])));
    b.effect(base, Op::Leave);
    b.returns(base, &[n]);
    b.effect(first, Op::Charge(2));
    let one = b.number(first, 1);
    let less = b.checked(first, Arithmetic::Subtract, n, one);
    let callee = FunctionId(0);
    let call = |argument, success| Terminator::Call {
        function: callee,
        arguments: vec![argument],
        success,
        failure: None,
    };
    b.end(first, call(less, second));
    b.effect(second, Op::Charge(2));
    let less = b.checked(second, Arithmetic::Subtract, n, two);
    b.end(second, call(less, sum));
    b.effect(sum, Op::Charge(1));
    let total = b.checked(sum, Arithmetic::Add, x[0], y[0]);
    b.effect(sum, Op::Leave);
    b.returns(sum, &[total]);
    module(vec![b])
}

/// A loop over `0..n` with one integer of state; `step` emits what happens to it.
pub(super) fn counting(step: impl FnOnce(&mut Builder, BlockId, ValueId, ValueId) -> ValueId) -> Builder {
    let mut b = body(&[I], &[I]);
    b.effect(ENTRY, Op::Enter);
    b.effect(ENTRY, Op::Charge(2));
    let zero = b.number(ENTRY, 0);
    let (head, state) = b.block(&[I, I]);
    let (inside, _) = b.block(&[]);
    let (after, _) = b.block(&[]);
    b.end(ENTRY, Terminator::Jump(to(head, &[zero, zero])));
    b.effect(head, Op::Charge(1));
    let more = b.compare(head, Comparison::Less, state[1], ValueId(0));
    b.end(head, Terminator::Branch(more, to(inside, &[]), to(after, &[])));
    b.effect(inside, Op::Charge(3));
    let next = step(&mut b, inside, state[0], state[1]);
    let one = b.number(inside, 1);
    let index = b.checked(inside, Arithmetic::Add, state[1], one);
    b.end(inside, Terminator::Repeat { target: to(head, &[next, index]), mark: None });
    b.effect(after, Op::Leave);
    b.returns(after, &[state[0]]);
    b
}
