//! Modules that mean harm: whatever their code does, the run ends in an error, soon, and nobody else's memory changes.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anrf_format::module::Module;
use anrf_format::value::Value;
use anrf_runtime::register_code::{Compiler, NativeCode, Program, accelerated};
use anrf_runtime::{
    Backend, Code, Environment, Error, Limits, Loaded, NoHost, NoObserver, Outcome, Policy, Request, run,
};
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Instruction as Op, MemArg, MemorySection, MemoryType, Module as Encoded, TypeSection, ValType,
};

use crate::Wasm;
use crate::layout::{Layout, PAGE, Word};
use crate::module::{Assembled, PROBE_NAME, assemble, entrance, import_type};
use crate::sandbox::{Sandbox, Unit};
use crate::tests::module;
use crate::translate::{GAVE_UP, HEAD, Import, PROBE, STOPPED};

/// What the code of a forged function is.
type Forgery = fn(&Layout) -> Vec<Op<'static>>;

/// A compiler whose modules are forged.
#[derive(Debug)]
struct Forger {
    wasm: Wasm,
    forgery: Forgery,
    whole: OnceLock<Arc<Sandbox>>,
}

impl Compiler for Forger {
    fn name(&self) -> &'static str {
        "forger"
    }

    fn threshold(&self) -> u32 {
        0
    }

    fn compile(&self, program: &Program, function: u32) -> Result<Option<Arc<dyn NativeCode>>, Error> {
        let sandbox = self.whole.get_or_init(|| {
            let assembled = assemble(program, function).unwrap();
            let bytes = forged(&assembled, (self.forgery)(&assembled.layout));
            self.wasm.start_clock().unwrap();
            let assembled = Assembled { bytes, ..assembled };
            Arc::new(Sandbox::of(&self.wasm.engine, &self.wasm.lender, program, assembled).unwrap())
        });
        let entries = sandbox.entries(function).unwrap().to_vec();
        Ok(Some(Arc::new(Unit { sandbox: Arc::clone(sandbox), function, entries })))
    }
}

#[derive(Clone)]
struct Forging(Wasm, Forgery);

impl Backend for Forging {
    fn name(&self) -> &'static str {
        "forging"
    }

    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error> {
        let forger = Forger { wasm: self.0.clone(), forgery: self.1, whole: OnceLock::new() };
        accelerated(module, Arc::new(forger))
    }
}

/// A module like the one that was assembled, in which each function is this code.
fn forged(assembled: &Assembled, code: Vec<Op<'static>>) -> Vec<u8> {
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    for (index, import) in (0..).zip(Import::ALL) {
        let (takes, gives) = import_type(import);
        types.ty().function(takes, gives);
        imports.import("anrf", import.name(), EntityType::Function(index));
    }
    types.ty().function(HEAD, [ValType::I64]);
    types.ty().function([], []);
    let (mut functions, mut bodies, mut exports) =
        (FunctionSection::new(), CodeSection::new(), ExportSection::new());
    for (index, function) in (5..).zip(assembled.entries.keys()) {
        functions.function(5);
        exports.export(&entrance(*function), ExportKind::Func, index);
        let mut body = Function::new([(2, ValType::I64)]);
        let probe = [
            Op::LocalGet(0),
            Op::I32Const(PROBE),
            Op::I32Eq,
            Op::If(BlockType::Empty),
            Op::Call(Import::Probe as u32),
            Op::I64Const(GAVE_UP),
            Op::Return,
            Op::End,
        ];
        probe.iter().chain(&code).chain(&[Op::End]).for_each(|operation| {
            body.instruction(operation);
        });
        bodies.function(&body);
    }
    functions.function(6);
    let count = u32::try_from(assembled.entries.len()).unwrap();
    exports.export(PROBE_NAME, ExportKind::Func, 5 + count);
    let mut probe = Function::new([]);
    probe.instruction(&Op::Call(Import::Probe as u32)).instruction(&Op::End);
    bodies.function(&probe);
    let mut memories = MemorySection::new();
    let pages = assembled.layout.pages();
    for (minimum, maximum) in [(1, (1 << 32) / PAGE), (pages, pages)] {
        let maximum = Some(maximum);
        memories.memory(MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    exports.export("arena", ExportKind::Memory, 0).export("exchange", ExportKind::Memory, 1);
    let mut module = Encoded::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports);
    module.section(&bodies);
    module.finish()
}

const TEXT: &str = r#"
anrf: "1"
module: target
functions:
  - node_id: joined
    type: algorithm
    intent: Numbers as texts, behind each other.
    inputs: { n: integer }
    outputs: { success: { text: string, numbers: "array<integer>" } }
    flow:
      - step: turn
        operation: loop
        parameters:
          state: { text: '""', numbers: "[n]" }
          for: "i IN 0..n"
          do:
            - { step: next, operation: next, parameters: { text: "text ++ to_string(i)", numbers: "numbers ++ [i]" } }
      - { step: done, operation: return, parameters: { text: "text", numbers: "numbers" } }
"#;

fn attacked(forgery: Forgery) -> Result<Outcome, String> {
    let backend = Forging(Wasm::new().unwrap(), forgery);
    let module = module(TEXT);
    let loaded = Loaded::new(&backend, &module).unwrap();
    let function = loaded.find("joined").unwrap();
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let policy = Policy::default().limits(limits);
    let environment = Environment { policy: &policy, host: &NoHost, observer: &NoObserver, hooks: &[] };
    let inputs = vec![("n".to_owned(), Value::Integer(3))];
    let begun = Instant::now();
    let ran = run(&loaded, Request { function, inputs, ..Request::default() }, &environment);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    ran.map(|ran| ran.outcome().clone()).map_err(|error| error.to_string())
}

/// The attack is found, and the run ends in an internal error.
fn is_found(forgery: Forgery) {
    let ended = attacked(forgery);
    assert!(matches!(&ended, Err(error) if error.contains("code in the sandbox failed")), "{ended:?}");
}

fn word(word: Word, value: i64) -> [Op<'static>; 3] {
    let place = MemArg { offset: word as u64 * 8, align: 3, memory_index: 1 };
    [Op::I32Const(0), Op::I64Const(value), Op::I64Store(place)]
}

fn call(import: Import, numbers: [i32; 2], last: i64) -> Vec<Op<'static>> {
    vec![Op::I32Const(numbers[0]), Op::I32Const(numbers[1]), Op::I64Const(last), Op::Call(import as u32)]
}

/// Calls something that answers, and gives up.
fn after(mut calls: Vec<Op<'static>>, drops: bool) -> Vec<Op<'static>> {
    if drops {
        calls.push(Op::Drop);
    }
    calls.push(Op::I64Const(GAVE_UP));
    calls
}

/// Leaves with a word of the run that it has changed.
fn leaving_with(of: Word, value: i64) -> Vec<Op<'static>> {
    after([word(of, value).to_vec(), call(Import::Leave, [0, 0], 0)].concat(), false)
}

#[test]
fn numbers_of_places_are_looked_up() {
    is_found(|_| after(call(Import::Step, [9_999, 0], 0), true));
    is_found(|_| after(call(Import::Step, [-1, 0], 0), true));
    is_found(|_| after(call(Import::Leave, [9_999, 0], 0), false));
    is_found(|_| after([call(Import::Leave, [0, 0], 0), call(Import::Left, [77, 0], 1)].concat(), false));
}

#[test]
fn windows_have_to_be_there() {
    is_found(|_| after(call(Import::Step, [0, i32::MAX], 0), true));
    is_found(|_| after(call(Import::Step, [0, -8], 0), true));
    is_found(|_| after(call(Import::Leave, [0, 0x7fff_0000], 0), false));
}

#[test]
fn what_may_only_go_one_way_is_compared() {
    is_found(|_| leaving_with(Word::Top, -1));
    is_found(|_| leaving_with(Word::Top, 1));
    is_found(|_| leaving_with(Word::Barrier, -1));
    is_found(|_| leaving_with(Word::Depth, -1));
    is_found(|_| leaving_with(Word::Depth, 1 << 40));
    is_found(|_| after(call(Import::Leave, [0, 0], i64::MAX), false));
    is_found(|_| after(call(Import::Step, [0, 0], -1), true));
    is_found(|_| vec![Op::I64Const(i64::MAX)]);
}

#[test]
fn answers_have_to_fit() {
    is_found(|_| vec![Op::I64Const(GAVE_UP)]);
    is_found(|_| vec![Op::I64Const(STOPPED)]);
    is_found(|_| vec![Op::I64Const(-3)]);
    is_found(|_| [call(Import::Leave, [0, 0], 0), vec![Op::I64Const(STOPPED)]].concat());
    is_found(|_| [call(Import::Leave, [0, 0], 0), vec![Op::I64Const(0)]].concat());
    is_found(|_| after([call(Import::Leave, [0, 0], 0), call(Import::Leave, [0, 0], 0)].concat(), false));
    is_found(|_| after(call(Import::Left, [0, 0], 1), false));
}

#[test]
fn frames_cannot_be_piled_up() {
    is_found(|_| {
        let mut code = call(Import::Leave, [0, 0], 0);
        code.push(Op::Loop(BlockType::Empty));
        code.extend(call(Import::Left, [0, 0], 1));
        code.extend([Op::Br(0), Op::End, Op::I64Const(GAVE_UP)]);
        code
    });
}

#[test]
fn code_that_does_not_come_back_is_ended() {
    is_found(|_| vec![Op::Loop(BlockType::Empty), Op::Br(0), Op::End, Op::Unreachable]);
    // Also where it calls the library all the time, and charges nothing.
    is_found(|_| {
        let mut code = vec![Op::Loop(BlockType::Empty)];
        code.extend(call(Import::Step, [0, 0], 0));
        code.extend([Op::Drop, Op::Br(0), Op::End, Op::Unreachable]);
        code
    });
}

#[test]
fn the_arena_ends_at_the_limit() {
    is_found(|_| {
        let place = MemArg { offset: 0, align: 0, memory_index: 0 };
        vec![Op::I32Const(1 << 20), Op::I64Const(-1), Op::I64Store(place), Op::I64Const(0)]
    });
    is_found(|_| {
        let place = MemArg { offset: u64::from(u32::MAX), align: 0, memory_index: 0 };
        vec![Op::I32Const(-1), Op::I64Load(place)]
    });
    // Memory that is asked for is not given: the code goes on with -1 and traps.
    is_found(|_| {
        vec![
            Op::I32Const(1),
            Op::MemoryGrow(0),
            Op::I32Const(-1),
            Op::I32Eq,
            Op::If(BlockType::Empty),
            Op::Unreachable,
            Op::End,
            Op::I64Const(0),
        ]
    });
}

#[test]
fn traps_and_deep_recursion_are_errors() {
    is_found(|_| vec![Op::Unreachable]);
    is_found(|_| vec![Op::I64Const(1), Op::I64Const(0), Op::I64DivS]);
    is_found(|_| vec![Op::LocalGet(0), Op::LocalGet(1), Op::LocalGet(2), Op::Call(5)]);
}

#[test]
fn garbage_in_the_arena_is_wrong_at_most() {
    // Every word of the first page becomes garbage, then the function returns slots of nonsense.
    let ended = attacked(|layout| {
        let place = MemArg { offset: 0, align: 0, memory_index: 0 };
        let result = |word: u32| MemArg { offset: u64::from(word) * 8, align: 3, memory_index: 1 };
        vec![
            Op::Loop(BlockType::Empty),
            Op::LocalGet(3),
            Op::I32WrapI64,
            Op::I64Const(-7),
            Op::I64Store(place),
            Op::LocalGet(3),
            Op::I64Const(8),
            Op::I64Add,
            Op::LocalTee(3),
            Op::I64Const(60_000),
            Op::I64LtS,
            Op::BrIf(0),
            Op::End,
            Op::I32Const(0),
            Op::I64Const(0x7fff_fff8),
            Op::I64Store(result(layout.exchange)),
            Op::I32Const(0),
            Op::I64Const(16),
            Op::I64Store(result(layout.exchange + 1)),
            Op::I64Const(0),
        ]
    });
    assert!(!matches!(&ended, Ok(Outcome::Fault(_))), "{ended:?}");
}
