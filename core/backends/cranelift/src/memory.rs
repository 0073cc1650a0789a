//! The arena and the windows of registers.
//!
//! Offsets have 32 bits and are added to a base that never moves, behind which 4 GiB and 64 KiB are mapped: whatever an
//! offset is, the address lies inside.

use anrf_runtime::register_code::{GUARD_BYTES, Register, SEQUENCE_HEAD, SHARED};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};

use crate::context;
use crate::translate::Translator;

/// The byte of a header that holds its flags.
const FLAGS: i64 = 56;

/// The flag of what somebody else holds too, in its header.
const SHARED_FLAG: i64 = (SHARED as i64) << FLAGS;

/// Bytes before the elements of an array.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // it is small
const ELEMENTS: i32 = (SEQUENCE_HEAD * 8) as i32;

/// Where an array is, and how many elements it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Array {
    pub(crate) address: Value,
    pub(crate) length: Value,
}

pub(crate) fn flags() -> MemFlagsData {
    MemFlagsData::trusted()
}

/// What does not change during a stay.
pub(crate) fn constant_flags() -> MemFlagsData {
    MemFlagsData::trusted().with_readonly().with_can_move()
}

impl Translator<'_, '_> {
    /// The address of an object.
    pub(crate) fn object(&mut self, slot: Value) -> Value {
        let low = self.builder.ins().ireduce(types::I32, slot);
        let offset = self.builder.ins().uextend(types::I64, low);
        self.builder.ins().iadd(self.arena, offset)
    }

    /// A word of an object.
    pub(crate) fn word_place(&mut self, slot: Value, word: u32) -> (Value, i32) {
        let bytes = word.saturating_mul(8);
        match i32::try_from(bytes) {
            Ok(offset) if (bytes as usize) < GUARD_BYTES - 8 => (self.object(slot), offset),
            _ => {
                let low = self.builder.ins().ireduce(types::I32, slot);
                let sum = self.builder.ins().iadd_imm_u(low, i64::from(bytes));
                let offset = self.builder.ins().uextend(types::I64, sum);
                (self.builder.ins().iadd(self.arena, offset), 0)
            }
        }
    }

    pub(crate) fn word(&mut self, slot: Value, word: u32) -> Value {
        let (address, offset) = self.word_place(slot, word);
        self.builder.ins().load(types::I64, flags(), address, offset)
    }

    /// The array in a register. Its length is at most what there is room for behind its address.
    pub(crate) fn array(&mut self, register: Register) -> Array {
        let (address, length) = self.array_variables(register);
        if !self.facts.is_found(register) {
            let slot = self.get(register);
            let found = self.array_of(slot);
            self.builder.def_var(address, found.address);
            self.builder.def_var(length, found.length);
            self.facts.find(register);
        }
        Array { address: self.builder.use_var(address), length: self.builder.use_var(length) }
    }

    /// The array of an offset.
    pub(crate) fn array_of(&mut self, slot: Value) -> Array {
        let low = self.builder.ins().ireduce(types::I32, slot);
        let offset = self.builder.ins().uextend(types::I64, low);
        let address = self.builder.ins().iadd(self.arena, offset);
        let length = self.builder.ins().uload32(flags(), address, 0);
        let end = self.builder.ins().iconst(types::I64, 1 << 32);
        let room = self.builder.ins().isub(end, offset);
        let room = self.builder.ins().ushr_imm_u(room, 3);
        let length = self.builder.ins().umin(length, room);
        Array { address, length }
    }

    /// A register holds an array that is known.
    pub(crate) fn set_array(&mut self, register: Register, slot: Value, array: Array) {
        self.set(register, slot);
        let (address, length) = self.array_variables(register);
        self.builder.def_var(address, array.address);
        self.builder.def_var(length, array.length);
        self.facts.find(register);
    }

    /// The place of an element whose index is less than the length.
    pub(crate) fn element_place(&mut self, array: Array, index: Value) -> (Value, i32) {
        let bytes = self.builder.ins().ishl_imm_u(index, 3);
        (self.builder.ins().iadd(array.address, bytes), ELEMENTS)
    }

    pub(crate) fn element(&mut self, array: Array, index: Value) -> Value {
        let (address, offset) = self.element_place(array, index);
        self.builder.ins().load(types::I64, flags(), address, offset)
    }

    /// Whether updates must copy, as a condition.
    pub(crate) fn is_shared(&mut self, slot: Value) -> Value {
        let header = self.word(slot, 0);
        let bit = self.builder.ins().band_imm_u(header, SHARED_FLAG);
        let flagged = self.builder.ins().icmp_imm_u(IntCC::NotEqual, bit, 0);
        let old = self.is_old(slot);
        self.builder.ins().bor(flagged, old)
    }

    /// Whether an object belongs to code around the ghost code that runs.
    fn is_old(&mut self, slot: Value) -> Value {
        let low = self.builder.ins().ireduce(types::I32, slot);
        let word = self.builder.ins().ushr_imm_u(low, 3);
        let word = self.builder.ins().uextend(types::I64, word);
        let floor = self.context_word(context::FLOOR);
        self.builder.ins().icmp(IntCC::UnsignedLessThan, word, floor)
    }

    /// Sets the shared flag of an object.
    pub(crate) fn share(&mut self, slot: Value) {
        self.facts.shared();
        let (marked, after) = (self.builder.create_block(), self.builder.create_block());
        let none = self.builder.ins().icmp_imm_u(IntCC::Equal, slot, 0);
        let old = self.is_old(slot);
        let kept = self.builder.ins().bor(none, old);
        self.builder.ins().brif(kept, after, &[], marked, &[]);
        self.begin(marked);
        let object = self.object(slot);
        let header = self.builder.ins().load(types::I64, flags(), object, 0);
        let bit = self.builder.ins().iconst(types::I64, SHARED_FLAG);
        let marked = self.builder.ins().bor(header, bit);
        // In a loop it is marked already, but for the first time.
        let (writes, done) =
            (self.builder.create_block(), self.builder.ins().icmp(IntCC::Equal, header, marked));
        self.builder.ins().brif(done, after, &[], writes, &[]);
        self.begin_cold(writes);
        self.builder.ins().store(flags(), marked, object, 0);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// Takes so many words of the arena; gives up without them. The answer is the object's offset.
    pub(crate) fn allocate(&mut self, words: u32) -> Value {
        let top = self.context_word(context::TOP);
        let cap = self.context_word(context::CAP);
        let end = self.builder.ins().iadd_imm_u(top, i64::from(words));
        let over = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, cap);
        self.give_up_if(over);
        self.set_context(context::TOP, end);
        self.facts.allocated();
        self.builder.ins().ishl_imm_u(top, 3)
    }

    /// The window: the address of the function's first register.
    pub(crate) fn window(&mut self) -> Value {
        let stack = self.context_word(context::STACK);
        let bytes = self.builder.ins().ishl_imm_u(self.base, 3);
        self.builder.ins().iadd(stack, bytes)
    }
}
