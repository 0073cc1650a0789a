//! The arena, which is the first memory, and what is exchanged with the host, which is in the second.

use anrf_runtime::register_code::{Register, SEQUENCE_HEAD, SHARED};
use wasm_encoder::{Instruction as Op, MemArg};

use crate::layout::Word;
use crate::translate::Translator;

/// The byte of a header that holds its flags.
const FLAGS: i64 = 56;

/// The flag of what somebody else holds too, in its header.
const SHARED_FLAG: i64 = (SHARED as i64) << FLAGS;

/// Bytes before the elements of an array.
pub(crate) const ELEMENTS: u64 = SEQUENCE_HEAD as u64 * 8;

/// A word of an object in the arena.
fn in_arena(offset: u64) -> MemArg {
    MemArg { offset, align: 3, memory_index: 0 }
}

/// A word of the exchange.
fn exchanged(word: u32) -> MemArg {
    MemArg { offset: u64::from(word) * 8, align: 3, memory_index: 1 }
}

impl Translator<'_> {
    /// The address of an object, from its slot on the stack.
    pub(crate) fn address(&mut self) {
        self.op(Op::I32WrapI64);
    }

    /// A word of the object whose address is on the stack.
    pub(crate) fn load(&mut self, bytes: u64) {
        self.op(Op::I64Load(in_arena(bytes)));
    }

    /// Stores a word to the object whose address is below it.
    pub(crate) fn store(&mut self, bytes: u64) {
        self.op(Op::I64Store(in_arena(bytes)));
    }

    /// A word of the object of a local.
    pub(crate) fn word(&mut self, object: u32, word: u32) {
        self.op(Op::LocalGet(object));
        self.address();
        self.load(u64::from(word) * 8);
    }

    /// The address of an element whose index is inside, without what is before all elements.
    pub(crate) fn element_address(&mut self, array: u32, index: u32) {
        self.op(Op::LocalGet(array));
        self.address();
        self.op(Op::LocalGet(index));
        self.op(Op::I32WrapI64);
        self.op(Op::I32Const(3));
        self.op(Op::I32Shl);
        self.op(Op::I32Add);
    }

    pub(crate) fn element(&mut self, array: u32, index: u32) {
        self.element_address(array, index);
        self.load(ELEMENTS);
    }

    /// The length in the header of a local's object.
    pub(crate) fn length(&mut self, object: u32) {
        self.op(Op::LocalGet(object));
        self.address();
        self.op(Op::I64Load32U(MemArg { align: 2, ..in_arena(0) }));
    }

    /// Whether updates of a local's object must copy, as a condition.
    pub(crate) fn is_shared(&mut self, object: u32) {
        self.word(object, 0);
        self.number(SHARED_FLAG);
        self.op(Op::I64And);
        self.number(0);
        self.op(Op::I64Ne);
        self.is_old(object);
        self.op(Op::I32Or);
    }

    /// Whether an object belongs to code around the ghost code that runs.
    fn is_old(&mut self, object: u32) {
        self.op(Op::LocalGet(object));
        self.number(i64::from(u32::MAX));
        self.op(Op::I64And);
        self.number(3);
        self.op(Op::I64ShrU);
        self.load_word(Word::Floor);
        self.op(Op::I64LtU);
    }

    /// Sets the shared flag of a local's object.
    pub(crate) fn share(&mut self, object: u32) {
        self.op(Op::LocalGet(object));
        self.op(Op::I64Eqz);
        self.is_old(object);
        self.op(Op::I32Or);
        self.op(Op::I32Eqz);
        self.body.begin_if();
        self.op(Op::LocalGet(object));
        self.address();
        self.word(object, 0);
        self.number(SHARED_FLAG);
        self.op(Op::I64Or);
        self.store(0);
        self.body.end();
    }

    /// Takes so many words of the arena; gives up without them. The local holds the object's slot.
    pub(crate) fn allocate(&mut self, words: u32) -> u32 {
        self.load_word(Word::Top);
        let top = self.keep();
        self.number(i64::from(words));
        self.op(Op::I64Add);
        let end = self.keep();
        self.load_word(Word::Cap);
        self.op(Op::I64GtU);
        self.give_up_if();
        self.store_word(Word::Top, end);
        self.op(Op::LocalGet(top));
        self.number(3);
        self.op(Op::I64Shl);
        self.op(Op::LocalSet(top));
        top
    }

    /// A word of the run.
    pub(crate) fn load_word(&mut self, word: Word) {
        self.load_exchanged(word as u32);
    }

    pub(crate) fn store_word(&mut self, word: Word, local: u32) {
        self.store_exchanged(word as u32, local);
    }

    /// A word of the second memory.
    pub(crate) fn load_exchanged(&mut self, word: u32) {
        self.op(Op::I32Const(0));
        self.op(Op::I64Load(exchanged(word)));
    }

    pub(crate) fn store_exchanged(&mut self, word: u32, local: u32) {
        self.op(Op::I32Const(0));
        self.op(Op::LocalGet(local));
        self.op(Op::I64Store(exchanged(word)));
    }

    /// Puts registers into the exchange, in order.
    pub(crate) fn put_exchange(&mut self, registers: &[Register]) {
        for (word, register) in (self.shared.layout.exchange..).zip(registers) {
            let local = self.local(*register);
            self.store_exchanged(word, local);
        }
    }

    /// Takes registers from the exchange, in order.
    pub(crate) fn take_exchange(&mut self, registers: &[Register]) {
        for (word, register) in (self.shared.layout.exchange..).zip(registers) {
            self.load_exchanged(word);
            self.set(*register);
        }
    }
}
