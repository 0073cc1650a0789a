//! Machine code in memory that can be executed, and the way in.
#![allow(unsafe_code, reason = "machine code is entered by its address")]

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use anrf_runtime::register_code::{Context, Entry, Exit, Flow, NativeCode, NativeRun, Program};
use anrf_runtime::{Error, codes};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, ExternalName, Function, InstBuilder, Signature, UserExternalName, UserFuncName, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, FinalizedRelocTarget};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use memmap2::{Mmap, MmapMut};
use rustc_hash::FxHashMap;

use crate::context;
use crate::library;
use crate::memory::flags;
use crate::translate::{ARGUMENTS, HANDED, in_registers, signature, translate};

/// Functions begin at multiples of it.
const ALIGNMENT: usize = 16;

/// Frames beyond this are left to the interpreter, whose stack is not the thread's.
const LARGEST_FRAME: u32 = 8 << 10;

/// What a frame takes beside what its function says: return address, frame pointer, arguments.
const FRAME_HEAD: u32 = 128;

/// The machine code of a program: position-independent, with the way in at its beginning.
pub(crate) struct Blob {
    code: Mmap,
    /// Where the function begins.
    start: usize,
    entries: Vec<Entry>,
}

impl fmt::Debug for Blob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of machine code with {} entries", self.code.len(), self.entries.len())
    }
}

/// A function, and where calls in it go.
struct Piece {
    bytes: Vec<u8>,
    calls: Vec<(usize, Reloc, i64, UserExternalName)>,
    frame_bytes: u32,
}

/// Instructions of all functions of a blob.
const MOST_INSTRUCTIONS: usize = 20_000;

/// Compiles a function with what it calls; `None` if it is too large, or gains nothing unless everything is compiled.
pub(crate) fn assemble(
    isa: &dyn TargetIsa,
    program: &Program,
    function: u32,
    everything: bool,
) -> Result<Option<Blob>, Error> {
    let mut flows = together(program, function);
    let mut pieces: BTreeMap<u32, Piece> = BTreeMap::new();
    // Calls go to functions that are there: without one that is too large, its callers are compiled again.
    while pieces.len() < flows.len() {
        pieces.clear();
        for (index, flow) in &flows {
            match piece(isa, program, *index, flow, &flows, everything)? {
                Some(piece) => pieces.insert(*index, piece),
                None => break,
            };
        }
        if let Some(large) = flows.keys().copied().find(|index| !pieces.contains_key(index)) {
            flows.remove(&large);
        }
    }
    let Some(flow) = flows.get(&function) else { return Ok(None) };
    let mut bytes = way_in(isa)?.bytes;
    let stubs = library::Rare::ALL.into_iter().map(|rare| Ok((rare.name(), stub(isa, rare)?)));
    let stubs: Vec<(UserExternalName, Piece)> = stubs.collect::<Result<_, Error>>()?;
    let functions = pieces.iter().map(|(index, piece)| (name_of(*index), piece));
    let all: Vec<(UserExternalName, &Piece)> =
        functions.chain(stubs.iter().map(|(name, piece)| (name.clone(), piece))).collect();
    let mut starts = FxHashMap::default();
    for (name, piece) in &all {
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        starts.insert(name.clone(), bytes.len());
        bytes.extend(&piece.bytes);
    }
    let place =
        |name: &UserExternalName| starts.get(name).copied().ok_or_else(|| broken("a call to nowhere"));
    for (name, piece) in &all {
        for (offset, kind, addend, callee) in &piece.calls {
            link(&mut bytes, place(name)? + offset, *kind, *addend, place(callee)?)?;
        }
    }
    let frame_bytes = pieces.values().map(|piece| piece.frame_bytes).max().unwrap_or(0);
    let registers =
        |index: &u32| program.functions.get(*index as usize).map_or(0, |function| function.registers);
    let window = pieces.keys().map(registers).max().unwrap_or(0);
    let entries = flow.entries.iter().map(|at| Entry { at: *at, function, frame_bytes, window }).collect();
    let failed =
        |error: std::io::Error| Error::new(&codes::COMPILER, format!("no memory for machine code: {error}"));
    let mut code = MmapMut::map_anon(bytes.len()).map_err(failed)?;
    code.copy_from_slice(&bytes);
    let start = place(&name_of(function))?;
    Ok(Some(Blob { code: code.make_exec().map_err(failed)?, start, entries }))
}

/// A function and what it calls, as far as there is room.
fn together(program: &Program, function: u32) -> BTreeMap<u32, Flow> {
    let mut flows = BTreeMap::new();
    let mut open = VecDeque::from([function]);
    let mut room = MOST_INSTRUCTIONS;
    while let Some(index) = open.pop_front() {
        if flows.contains_key(&index) {
            continue;
        }
        let Some(flow) = Flow::of(program, index) else { continue };
        let Some(left) = room.checked_sub(flow.instructions.len()) else { continue };
        room = left;
        open.extend(flow.callees(program));
        flows.insert(index, flow);
    }
    flows
}

/// What the way in takes: the context, the window, the number of the entry (as -1 - number), and the function's address.
type WayIn = unsafe extern "C" fn(*mut Context, u64, i64, *const u8) -> i64;

impl NativeCode for Blob {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn enter(&self, entry: u32, run: &mut NativeRun<'_, '_>) -> Exit {
        let entry = !i64::from(entry);
        let base = run.context.exit_base;
        run.context.functions = library::FUNCTIONS.as_ptr().cast();
        let context = std::ptr::from_mut(run).cast::<Context>();
        let code = self.code.as_ptr();
        // SAFETY: the way in was compiled with this signature and lies at the beginning of the blob, which lives as long
        // as `self` and is no longer written. The context is the first field of a `NativeRun`, which nobody else uses
        // meanwhile; its pointers are to memory that the run's machine owns, as `Context` promises.
        let status = unsafe {
            let enter = std::mem::transmute::<*const u8, WayIn>(code);
            enter(context, base, entry, code.add(self.start))
        };
        match status {
            context::GAVE_UP => Exit::GaveUp,
            context::STOPPED => Exit::Stopped,
            _ => Exit::Returned,
        }
    }
}

fn broken(error: impl fmt::Display) -> Error {
    Error::new(&codes::COMPILER, format!("the compiler of machine code failed: {error}"))
}

/// Compiles a function; `None` if it is too large, or gains nothing.
fn piece(
    isa: &dyn TargetIsa,
    program: &Program,
    index: u32,
    flow: &Flow,
    flows: &BTreeMap<u32, Flow>,
    everything: bool,
) -> Result<Option<Piece>, Error> {
    let signature = signature(in_registers(program, index));
    let mut function = Function::with_name_signature(UserFuncName::User(name_of(index)), signature);
    let mut builders = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut function, &mut builders);
    let gains = translate(builder, isa, program, index, flow, flows);
    if !(gains || everything) {
        return Ok(None);
    }
    let piece = match compile(isa, function) {
        Ok(piece) => piece,
        Err(CodegenError::ImplLimitExceeded | CodegenError::CodeTooLarge) => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    Ok((piece.frame_bytes <= LARGEST_FRAME).then_some(piece))
}

fn compile(isa: &dyn TargetIsa, function: Function) -> Result<Piece, CodegenError> {
    let mut compiling = cranelift_codegen::Context::for_function(function);
    compiling.compile(isa, &mut ControlPlane::default()).map_err(|error| error.inner)?;
    let Some(compiled) = compiling.compiled_code() else { return Err(CodegenError::CodeTooLarge) };
    let mut calls = vec![];
    for reloc in compiled.buffer.relocs() {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = &reloc.target else {
            return Err(CodegenError::Unsupported("a call of something else".to_owned()));
        };
        let callee = compiling.func.params.user_named_funcs()[*name].clone();
        calls.push((reloc.offset as usize, reloc.kind, reloc.addend, callee));
    }
    let frame = compiled.buffer.frame_layout().map_or(LARGEST_FRAME, |layout| layout.frame_to_fp_offset);
    let frame_bytes = frame.saturating_add(FRAME_HEAD);
    Ok(Piece { bytes: compiled.code_buffer().to_vec(), calls, frame_bytes })
}

/// A function with the calling convention of the host that calls one with that of machine code.
fn way_in(isa: &dyn TargetIsa) -> Result<Piece, Error> {
    let mut outer = Signature::new(isa.default_call_conv());
    outer.params = vec![AbiParam::new(types::I64); 4];
    outer.returns = vec![AbiParam::new(types::I64)];
    let mut function = Function::with_name_signature(UserFuncName::user(0, u32::MAX), outer);
    let mut builders = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut builders);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let &[context, base, entry, address] = builder.block_params(block) else {
        return Err(broken("a way in without parameters"));
    };
    // The pinned register is the caller's.
    let pinned = builder.ins().get_pinned_reg(types::I64);
    builder.ins().set_pinned_reg(context);
    let slice = builder.ins().load(types::I64, flags(), context, context::SLICE);
    let inner = builder.import_signature(signature(ARGUMENTS));
    let mut arguments = vec![base, entry, slice];
    arguments.resize(HANDED + ARGUMENTS, slice);
    let call = builder.ins().call_indirect(inner, address, &arguments);
    let (status, value) = (builder.inst_results(call)[0], builder.inst_results(call)[1]);
    let context = builder.ins().get_pinned_reg(types::I64);
    builder.ins().set_pinned_reg(pinned);
    let (returned, ended) = (builder.create_block(), builder.create_block());
    let is_left = builder.ins().icmp_imm_s(IntCC::SignedLessThan, status, 0);
    builder.ins().brif(is_left, ended, &[], returned, &[]);
    builder.switch_to_block(returned);
    builder.ins().store(flags(), value, context, context::VALUE);
    builder.ins().store(flags(), status, context, context::SLICE);
    builder.ins().jump(ended, &[]);
    builder.switch_to_block(ended);
    builder.ins().return_(&[status]);
    builder.seal_all_blocks();
    builder.finalize(isa.frontend_config());
    compile(isa, function).map_err(broken)
}

/// What a function of the program is called.
fn name_of(function: u32) -> UserExternalName {
    UserExternalName::new(library::FUNCTIONS_OF_PROGRAM, function)
}

/// A function that calls one of the library and keeps all registers.
fn stub(isa: &dyn TargetIsa, rare: library::Rare) -> Result<Piece, Error> {
    let name = UserFuncName::User(rare.name());
    let mut function = Function::with_name_signature(name, rare.signature());
    let mut builders = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut builders);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let context = builder.ins().get_pinned_reg(types::I64);
    let mut arguments = vec![context];
    arguments.extend(builder.block_params(block));
    let mut called = Signature::new(isa.default_call_conv());
    called.params = vec![AbiParam::new(types::I64)];
    called.params.extend(rare.parameters.iter().map(|of| AbiParam::new(*of)));
    called.returns = vec![AbiParam::new(types::I64)];
    let called = builder.import_signature(called);
    let table = builder.ins().load(types::I64, flags(), context, context::FUNCTIONS);
    let place = i32::try_from(rare.index).unwrap_or(0) * 8;
    let address = builder.ins().load(types::I64, flags(), table, place);
    let call = builder.ins().call_indirect(called, address, &arguments);
    let answer = builder.inst_results(call)[0];
    builder.ins().store(flags(), answer, context, context::VALUE);
    builder.ins().return_(&[]);
    builder.seal_all_blocks();
    builder.finalize(isa.frontend_config());
    compile(isa, function).map_err(broken)
}

/// Writes where a call goes.
fn link(bytes: &mut [u8], at: usize, kind: Reloc, addend: i64, target: usize) -> Result<(), Error> {
    let signed = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
    let distance = signed(target) - signed(at) + addend;
    let place = bytes.get_mut(at..at + 4).ok_or_else(|| broken("a call outside of the code"))?;
    let too_far = |_| broken("a call is too far");
    let word = match kind {
        Reloc::X86CallPCRel4 => i32::try_from(distance).map_err(too_far)?.to_le_bytes(),
        Reloc::Arm64Call => {
            let old = u32::from_le_bytes(place.try_into().unwrap_or_default());
            let words = i32::try_from(distance / 4).map_err(too_far)?.cast_unsigned() & 0x03ff_ffff;
            (old & 0xfc00_0000 | words).to_le_bytes()
        }
        other => return Err(broken(format!("a call by {other}"))),
    };
    place.copy_from_slice(&word);
    Ok(())
}
