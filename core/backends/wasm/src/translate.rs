//! From a function's register code to WebAssembly's.
//!
//! Every register is a local of a word. A function takes the number of the entry, its window, the slice of fuel, and its
//! arguments; it gives the slice, or a negative number that says why it did not return, and its results. By entry 0
//! other code of the module calls it, by the others the host enters it, with the registers in the exchange.

use std::collections::BTreeMap;

use anrf_runtime::register_code::{Code, Flow, Operand, Program, Register};
use rustc_hash::FxHashMap;
use wasm_encoder::{Instruction as Op, ValType};

use crate::body::Body;
use crate::layout::{Layout, Word};
use crate::module::entered_with;
use crate::plan::{Hop, Node, Plan};
use crate::shape::Shape;
use crate::sites::{ExitSite, Sites};

/// What code answers where it does not return.
pub(crate) const GAVE_UP: i64 = -1;
/// See [`GAVE_UP`].
pub(crate) const STOPPED: i64 = -2;

/// The entry by which the host finds out how large a frame is.
pub(crate) const PROBE: i32 = -1;

/// Parameters before the arguments, and their locals.
pub(crate) const HEAD: [ValType; 3] = [ValType::I32, ValType::I32, ValType::I64];
const ENTRY: u32 = 0;
const BASE: u32 = 1;
const SLICE: u32 = 2;

/// Functions that the module imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Import {
    /// One instruction, done by the library: `(site, base, slice)`, answers twice the slice that is left, plus one if
    /// it jumps; or [`STOPPED`].
    Step,
    /// Ends the stay: `(exit, base, slice)`.
    Leave,
    /// A call was given up inside: `(site, base, depth)`.
    Left,
    /// Takes what the slice does not have: `(units, slice)`, answers the slice, or [`STOPPED`].
    Charge,
    /// Says where the stack is.
    Probe,
}

impl Import {
    pub(crate) const ALL: [Self; 5] = [Self::Step, Self::Leave, Self::Left, Self::Charge, Self::Probe];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Leave => "leave",
            Self::Left => "left",
            Self::Charge => "charge",
            Self::Probe => "probe",
        }
    }
}

/// How an instruction ends the stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The interpreter does it and goes on.
    GiveUp,
    /// The interpreter does it and finds that it faults.
    Fault,
    /// It has been tried, and stopped.
    Stop,
}

/// What all functions of a module are translated with.
pub(crate) struct Shared<'a> {
    pub(crate) program: &'a Program,
    pub(crate) layout: Layout,
    /// The functions that calls may go to, with their indices in the module.
    pub(crate) functions: &'a BTreeMap<u32, u32>,
}

/// The state of translating one function.
pub(crate) struct Translator<'a> {
    pub(crate) program: &'a Program,
    pub(crate) shared: &'a Shared<'a>,
    pub(crate) flow: &'a Flow,
    pub(crate) sites: &'a mut Sites,
    pub(crate) body: Body,
    pub(crate) index: u32,
    /// The local of the depth.
    pub(crate) depth: u32,
    registers: FxHashMap<Register, u32>,
    nodes: Vec<Node>,
    places: FxHashMap<u32, usize>,
    shape: Shape,
    hops: BTreeMap<usize, Vec<Hop>>,
    /// The local of the next node, where nodes are chosen by number.
    dispatch: Option<u32>,
    /// The instruction that is translated.
    pub(crate) at: u32,
    /// Where the node goes on that has come to its end.
    tail: Option<usize>,
}

/// What a function has become.
pub(crate) struct Translated {
    pub(crate) body: Body,
    /// Where it can be entered by the host: the function, then heads of loops.
    pub(crate) entries: Vec<u32>,
}

/// How many values a function gives.
pub(crate) fn results(program: &Program, function: u32) -> usize {
    program.returns.get(function as usize).map_or(0, |types| types.len())
}

/// How many arguments a function takes.
pub(crate) fn parameters(program: &Program, function: u32) -> usize {
    program.functions.get(function as usize).map_or(0, |function| function.parameters as usize)
}

/// Translates a function.
pub(crate) fn translate(shared: &Shared<'_>, flow: &Flow, sites: &mut Sites, index: u32) -> Translated {
    let program = shared.program;
    let first = program.functions.get(index as usize).map_or(0, |function| function.entry);
    let Plan { nodes, shape, places, entries, hops } = Plan::of(program, flow, first);
    let mut types = HEAD.to_vec();
    types.resize(HEAD.len() + parameters(program, index), ValType::I64);
    let mut body = Body::new(&types);
    let depth = body.local(ValType::I64);
    let dispatch = (!shape.is_reducible).then(|| body.local(ValType::I32));
    let registers = (0..).zip(3..).take(parameters(program, index)).collect();
    let mut translator = Translator {
        program,
        shared,
        flow,
        sites,
        body,
        index,
        depth,
        registers,
        nodes,
        places,
        shape,
        hops,
        dispatch,
        at: first,
        tail: None,
    };
    translator.all(&entries);
    Translated { body: translator.body, entries }
}

impl Translator<'_> {
    /// All nodes, each where its blocks are open.
    fn all(&mut self, entries: &[u32]) {
        enum Work {
            Node(usize),
            End,
        }
        if let Some(choice) = self.dispatch {
            self.chosen(choice, entries);
            return;
        }
        let mut work = vec![Work::Node(0)];
        while let Some(next) = work.pop() {
            let Work::Node(first) = next else {
                self.body.end();
                continue;
            };
            let mut next = Some(first);
            while let Some(node) = next {
                if self.shape.is_head[node] {
                    self.body.begin_loop(node);
                    work.push(Work::End);
                }
                for behind in self.shape.behind[node].clone().into_iter().rev() {
                    self.body.begin_block(behind);
                    work.push(Work::Node(behind));
                    work.push(Work::End);
                }
                self.node(node, entries);
                // What follows stands here, or has its block or loop.
                next = match self.tail.take() {
                    Some(tail) if self.shape.is_followed(node, tail) => Some(tail),
                    Some(tail) => {
                        self.jump_to_node(tail);
                        None
                    }
                    None => None,
                };
            }
        }
        self.op(Op::Unreachable);
    }

    /// All nodes in one loop that chooses.
    fn chosen(&mut self, choice: u32, entries: &[u32]) {
        self.body.begin_dispatch();
        let order = self.shape.order.clone();
        for node in order.iter().rev() {
            self.body.begin_block(*node);
        }
        let mut depths: Vec<u32> = vec![0; self.nodes.len()];
        for node in &order {
            depths[*node] = self.body.depth_of(*node).unwrap_or(0);
        }
        self.op(Op::LocalGet(choice));
        self.op(Op::BrTable(depths.into(), 0));
        for node in &order {
            self.body.end();
            self.node(*node, entries);
            if let Some(tail) = self.tail.take() {
                self.jump_to_node(tail);
            }
        }
        self.body.end();
        self.op(Op::Unreachable);
    }

    fn node(&mut self, node: usize, entries: &[u32]) {
        match self.nodes[node] {
            Node::Root => self.root(entries),
            Node::Gate(at) => self.gate(node, at),
            Node::Block(at) => self.block(at),
        }
    }

    /// Where calls come in, and the host.
    fn root(&mut self, entries: &[u32]) {
        self.load_word(Word::Depth);
        self.op(Op::LocalSet(self.depth));
        self.op(Op::LocalGet(ENTRY));
        self.body.begin_rare();
        self.when_entered(PROBE);
        self.call_import(Import::Probe);
        self.answer(GAVE_UP);
        self.body.end();
        for (number, at) in (1..).zip(entries) {
            self.when_entered(number);
            let registers = entered_with(self.program, self.flow, self.index, *at);
            self.take_exchange(&registers);
            if number == 1 {
                self.set_entered();
            }
            self.body.end();
        }
        self.hop(0);
        self.body.end();
        let first = self.program.functions.get(self.index as usize).map_or(0, |function| function.entry);
        self.tail = self.places.get(&first).copied();
    }

    /// Before the head of a loop: on to one in it, if that is what was entered.
    fn gate(&mut self, node: usize, at: u32) {
        self.op(Op::LocalGet(ENTRY));
        self.body.begin_rare();
        self.hop(node);
        self.body.end();
        self.tail = self.nodes.iter().position(|other| *other == Node::Block(at));
    }

    /// A step on the way to what was entered.
    fn hop(&mut self, node: usize) {
        for hop in self.hops.get(&node).cloned().unwrap_or_default() {
            self.when_entered(hop.number);
            if hop.is_last {
                self.set_entered();
            }
            self.jump_to_node(hop.next);
            self.body.end();
        }
    }

    fn when_entered(&mut self, number: i32) {
        self.op(Op::LocalGet(ENTRY));
        self.op(Op::I32Const(number));
        self.op(Op::I32Eq);
        self.body.begin_if();
    }

    /// The way to the entry has come to its end.
    fn set_entered(&mut self) {
        self.op(Op::I32Const(0));
        self.op(Op::LocalSet(ENTRY));
    }

    /// Instructions up to the next block.
    fn block(&mut self, first: u32) {
        let mut at = first;
        loop {
            self.at = at;
            self.body.forget_temporaries();
            let ended = self.instruction();
            let next = self.places.get(&(at + 1)).copied();
            match next {
                _ if ended => return,
                Some(next) => {
                    // An instruction that jumps has said where it goes on.
                    self.tail.get_or_insert(next);
                    return;
                }
                None => at += 1,
            }
        }
    }

    pub(crate) fn op(&mut self, operation: Op<'static>) {
        self.body.push(operation);
    }

    pub(crate) fn number(&mut self, value: i64) {
        self.op(Op::I64Const(value));
    }

    pub(crate) fn local(&mut self, register: Register) -> u32 {
        let body = &mut self.body;
        *self.registers.entry(register).or_insert_with(|| body.local(ValType::I64))
    }

    pub(crate) fn get(&mut self, register: Register) {
        let local = self.local(register);
        self.op(Op::LocalGet(local));
    }

    pub(crate) fn set(&mut self, register: Register) {
        let local = self.local(register);
        self.op(Op::LocalSet(local));
    }

    /// Keeps what was computed in a temporary local, and leaves it there too.
    pub(crate) fn keep(&mut self) -> u32 {
        let local = self.body.temporary();
        self.op(Op::LocalTee(local));
        local
    }

    /// The same, taking it.
    pub(crate) fn store_away(&mut self) -> u32 {
        let local = self.body.temporary();
        self.op(Op::LocalSet(local));
        local
    }

    pub(crate) fn slice(&mut self) {
        self.op(Op::LocalGet(SLICE));
    }

    pub(crate) fn set_slice(&mut self) {
        self.op(Op::LocalSet(SLICE));
    }

    pub(crate) fn base(&mut self) {
        self.op(Op::LocalGet(BASE));
    }

    /// Goes to an instruction that begins a block.
    pub(crate) fn jump_to(&mut self, at: u32) {
        match self.places.get(&at).copied() {
            Some(node) => self.jump_to_node(node),
            None => self.op(Op::Unreachable),
        }
    }

    /// Where the present instruction goes on at its end. Whether that is another block; else it is the next instruction.
    pub(crate) fn go_on_at(&mut self, at: u32) -> bool {
        self.tail = self.places.get(&at).copied();
        self.tail.is_some()
    }

    /// Goes to an instruction if the condition holds.
    pub(crate) fn jump_if(&mut self, at: u32) {
        match self.places.get(&at).and_then(|node| self.body.depth_of(*node)) {
            Some(depth) => self.op(Op::BrIf(depth)),
            None => {
                self.body.begin_if();
                self.jump_to(at);
                self.body.end();
            }
        }
    }

    fn jump_to_node(&mut self, node: usize) {
        if let Some(choice) = self.dispatch {
            self.op(Op::I32Const(i32::try_from(node).unwrap_or(0)));
            self.op(Op::LocalSet(choice));
            if let Some(depth) = self.body.depth_of_dispatch() {
                self.op(Op::Br(depth));
            }
            return;
        }
        match self.body.depth_of(node) {
            Some(depth) => self.op(Op::Br(depth)),
            None => self.op(Op::Unreachable),
        }
    }

    /// The label of the block of an instruction, from here.
    pub(crate) fn label_of(&self, at: u32) -> Option<u32> {
        if self.dispatch.is_some() {
            return None;
        }
        self.places.get(&at).and_then(|node| self.body.depth_of(*node))
    }

    /// Leaves the instruction to the interpreter where the condition holds. No register may have been set in it before.
    pub(crate) fn give_up_if(&mut self) {
        self.leave_if(Way::GiveUp);
    }

    /// The same where the instruction is known to fault then.
    pub(crate) fn fault_if(&mut self) {
        self.leave_if(Way::Fault);
    }

    pub(crate) fn leave_if(&mut self, way: Way) {
        self.body.begin_rare();
        self.leave(way);
        self.body.end();
    }

    /// Leaves the instruction to the interpreter.
    pub(crate) fn give_up(&mut self) {
        self.leave(Way::GiveUp);
    }

    pub(crate) fn leave(&mut self, way: Way) {
        let registers = self.live_on(way);
        self.leave_with(registers, if way == Way::Stop { STOPPED } else { GAVE_UP });
    }

    /// Ends the stay with these registers in the exchange.
    pub(crate) fn leave_with(&mut self, registers: Vec<Register>, status: i64) {
        self.put_exchange(&registers);
        let site = self.sites.exit(ExitSite { at: self.at, registers });
        self.op(Op::I32Const(site));
        self.base();
        self.slice();
        self.call_import(Import::Leave);
        self.answer(status);
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

    /// Ends the function without a result.
    pub(crate) fn answer(&mut self, status: i64) {
        self.number(status);
        self.answer_rest();
    }

    /// The same with the status on the stack.
    pub(crate) fn answer_rest(&mut self) {
        for _ in 0..results(self.program, self.index) {
            self.number(0);
        }
        self.op(Op::Return);
    }

    /// Takes units of fuel; gives up without them.
    pub(crate) fn charge(&mut self, units: u32) {
        if units == 0 {
            return;
        }
        self.slice();
        self.number(i64::from(units));
        self.op(Op::I64LtU);
        self.give_up_if();
        self.take(units);
    }

    /// Takes units that are there.
    pub(crate) fn take(&mut self, units: u32) {
        self.slice();
        self.number(i64::from(units));
        self.op(Op::I64Sub);
        self.set_slice();
    }

    /// Goes to one of two places, each with its charge, by the condition.
    pub(crate) fn branch(&mut self, (charge, target): (u32, u32), other: u32, sets: &[(Register, u32)]) {
        let next = self.at + 1;
        if charge == other {
            self.charge(charge);
            self.set_all(sets);
            self.jump_if(target);
        } else {
            self.body.begin_if();
            self.charge(charge);
            self.set_all(sets);
            self.jump_to(target);
            self.body.end();
            self.charge(other);
            self.set_all(sets);
        }
        self.go_on_at(next);
    }

    /// Sets registers from locals.
    pub(crate) fn set_all(&mut self, sets: &[(Register, u32)]) {
        for (register, local) in sets {
            self.op(Op::LocalGet(*local));
            self.set(*register);
        }
    }

    pub(crate) fn code(&self) -> Option<Code> {
        self.program.plain.get(self.at as usize).copied()
    }

    pub(crate) fn call_import(&mut self, import: Import) {
        self.op(Op::Call(import as u32));
    }
}
