//! The module of a program: its functions, what they import, and how the host enters them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use anrf_runtime::register_code::{Flow, Program, Register};
use wasm_encoder::{
    BranchHint, BranchHints, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, Instruction as Op, MemArg, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use crate::layout::{Layout, PAGE};
use crate::sites::Sites;
use crate::translate::{HEAD, Import, Shared, parameters, results, translate};

/// Instructions of all functions of a module; further functions are interpreted.
const MOST_INSTRUCTIONS: usize = 20_000;

/// Values that a function takes or gives, beyond which it is interpreted: engines have a limit of 1,000.
const MOST_VALUES: usize = 900;

/// What the host has to know about a module.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
    pub(crate) sites: Arc<Sites>,
    /// By function of the program: where the host enters it, and the registers that it reads there.
    pub(crate) entries: BTreeMap<u32, Vec<(u32, Vec<Register>)>>,
    /// By function of the program: what runs in a stay that begins with it.
    pub(crate) reached: BTreeMap<u32, BTreeSet<u32>>,
}

/// The function that does nothing but probe.
pub(crate) const PROBE_NAME: &str = "probe";

/// The name of the function by which the host enters one of the program.
pub(crate) fn entrance(function: u32) -> String {
    format!("enter{function}")
}

/// Translates a program, a function and what it calls first; `None` if there is nothing in it to translate.
pub(crate) fn assemble(program: &Program, first: u32) -> Option<Assembled> {
    let flows = together(program, first);
    let registers = |index: &u32| program.functions.get(*index as usize).map_or(0, |of| of.registers);
    let registers = flows.keys().map(registers).max()?;
    let layout = Layout::of(program, registers.max(u32::try_from(MOST_VALUES).unwrap_or(0)))?;
    let imports = u32::try_from(Import::ALL.len()).unwrap_or(0);
    let functions: BTreeMap<u32, u32> = flows.keys().copied().zip(imports..).collect();
    let shared = Shared { program, layout, functions: &functions };

    let mut types = TypeSection::new();
    let mut imported = ImportSection::new();
    for (index, import) in (0..).zip(Import::ALL) {
        let (takes, gives) = import_type(import);
        types.ty().function(takes, gives);
        imported.import("anrf", import.name(), EntityType::Function(index));
    }
    let enter_type = types.len();
    types.ty().function(HEAD, [ValType::I64]);

    let (mut declared, mut code, mut exports) =
        (FunctionSection::new(), CodeSection::new(), ExportSection::new());
    let (mut sites, mut entries, mut hints) = (Sites::default(), BTreeMap::new(), BranchHints::new());
    for (index, flow) in &flows {
        let type_index = types.len();
        let values = |head: &[ValType], count: usize| {
            head.iter().copied().chain(std::iter::repeat_n(ValType::I64, count)).collect::<Vec<_>>()
        };
        types.ty().function(
            values(&HEAD, parameters(program, *index)),
            values(&[ValType::I64], results(program, *index)),
        );
        declared.function(type_index);
        let translated = translate(&shared, flow, &mut sites, *index);
        let with_registers = |at: u32| (at, entered_with(program, flow, *index, at));
        entries.insert(*index, translated.entries.into_iter().map(with_registers).collect());
        let (function, rare) = translated.body.finish();
        let hint = |offset| BranchHint { branch_func_offset: offset, branch_hint_value: 0 };
        let function_index = functions.get(index).copied().unwrap_or(0);
        if !rare.is_empty() {
            hints.function_hints(function_index, rare.into_iter().map(hint));
        }
        code.function(&function);
    }
    let first_entrance = imports + u32::try_from(flows.len()).ok()?;
    for (offset, (index, function)) in (0..).zip(&functions) {
        declared.function(enter_type);
        code.function(&entrance_of(program, layout, *index, *function));
        exports.export(&entrance(*index), ExportKind::Func, first_entrance + offset);
    }

    declared.function(types.len());
    types.ty().function([], []);
    let mut probe = Function::new([]);
    probe.instruction(&Op::Call(Import::Probe as u32)).instruction(&Op::End);
    code.function(&probe);
    exports.export(PROBE_NAME, ExportKind::Func, first_entrance + u32::try_from(flows.len()).ok()?);

    let mut memories = MemorySection::new();
    let memory = |minimum, maximum| MemoryType {
        minimum,
        maximum: Some(maximum),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    memories.memory(memory(1, (1 << 32) / PAGE));
    memories.memory(memory(layout.pages(), layout.pages()));
    exports.export("arena", ExportKind::Memory, 0);
    exports.export("exchange", ExportKind::Memory, 1);

    let mut module = Module::new();
    module.section(&types).section(&imported).section(&declared).section(&memories).section(&exports);
    module.section(&hints).section(&code);
    let reached = flows.keys().map(|index| (*index, reached(program, &flows, *index))).collect();
    Some(Assembled { bytes: module.finish(), layout, sites: Arc::new(sites), entries, reached })
}

/// Registers that have to be in the exchange where a function is entered.
pub(crate) fn entered_with(program: &Program, flow: &Flow, index: u32, at: u32) -> Vec<Register> {
    let compiled = program.functions.get(index as usize).copied().unwrap_or_default();
    if at == compiled.entry {
        return (0..Register::try_from(compiled.parameters).unwrap_or(Register::MAX)).collect();
    }
    flow.live(at)
}

/// The functions that calls of one may come to.
fn reached(program: &Program, flows: &BTreeMap<u32, Flow>, first: u32) -> BTreeSet<u32> {
    let (mut found, mut open) = (BTreeSet::new(), vec![first]);
    while let Some(index) = open.pop() {
        let Some(flow) = flows.get(&index) else { continue };
        if found.insert(index) {
            open.extend(flow.callees(program));
        }
    }
    found
}

/// Whether a module is as the standard says.
#[cfg(debug_assertions)]
pub(crate) fn validate(bytes: &[u8]) -> Result<(), wasmparser::BinaryReaderError> {
    use wasmparser::{Validator, WasmFeatures};
    let features = WasmFeatures::MVP
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::WIDE_ARITHMETIC;
    Validator::new_with_features(features).validate_all(bytes).map(drop)
}

/// What an imported function takes and gives.
pub(crate) fn import_type(import: Import) -> (Vec<ValType>, Vec<ValType>) {
    use ValType::{I32, I64};
    match import {
        Import::Step => (vec![I32, I32, I64], vec![I64]),
        Import::Leave => (vec![I32, I32, I64], vec![]),
        Import::Left => (vec![I32, I32, I64], vec![]),
        Import::Charge => (vec![I32, I64], vec![I64]),
        Import::Probe => (vec![], vec![]),
    }
}

/// The function by which the host enters one: without arguments, which are in the exchange, where its results go.
fn entrance_of(program: &Program, layout: Layout, index: u32, function: u32) -> Function {
    let given = results(program, index);
    let count = u32::try_from(given).unwrap_or(0);
    let mut body = Function::new([(count, ValType::I64)]);
    let mut push = |operation: Op<'_>| {
        body.instruction(&operation);
    };
    for parameter in 0..3 {
        push(Op::LocalGet(parameter));
    }
    for _ in 0..parameters(program, index) {
        push(Op::I64Const(0));
    }
    push(Op::Call(function));
    for local in (3..3 + count).rev() {
        push(Op::LocalSet(local));
    }
    for (word, local) in (layout.exchange..).zip(3..3 + count) {
        push(Op::I32Const(0));
        push(Op::LocalGet(local));
        push(Op::I64Store(MemArg { offset: u64::from(word) * 8, align: 3, memory_index: 1 }));
    }
    push(Op::End);
    body
}

/// A function, what it calls, and all others, as far as there is room.
fn together(program: &Program, first: u32) -> BTreeMap<u32, Flow> {
    let mut flows = BTreeMap::new();
    let all = 0..u32::try_from(program.functions.len()).unwrap_or(u32::MAX);
    let mut open: VecDeque<u32> = std::iter::once(first).chain(all).collect();
    let mut room = MOST_INSTRUCTIONS;
    while let Some(index) = open.pop_front() {
        if flows.contains_key(&index) || parameters(program, index).max(results(program, index)) > MOST_VALUES
        {
            continue;
        }
        let Some(flow) = Flow::of(program, index) else { continue };
        let Some(left) = room.checked_sub(flow.instructions.len()) else { continue };
        room = left;
        flow.callees(program).into_iter().for_each(|callee| open.push_front(callee));
        flows.insert(index, flow);
    }
    flows
}
