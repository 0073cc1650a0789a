//! Aggregates: what is read out of them, updates in place or by copying, new ones, and state.

use anrf_format::execution::Access;
use anrf_runtime::register_code::Register;
use wasm_encoder::Instruction as Op;

use crate::memory::ELEMENTS;
use crate::translate::Translator;

impl Translator<'_> {
    /// Marks what was read out of an aggregate, as the access says.
    pub(crate) fn read_out(&mut self, access: Access, outer: u32, value: u32) {
        if access == Access::Read {
            self.share(value);
            return;
        }
        self.is_shared(outer);
        self.body.begin_if();
        self.share(value);
        self.body.end();
    }

    /// Updates an object in place, or by the library where a copy is needed.
    pub(crate) fn update(&mut self, object: u32, in_place: impl FnOnce(&mut Self)) {
        self.is_shared(object);
        self.body.begin_rare();
        self.step();
        self.body.otherwise();
        in_place(self);
        self.body.end();
    }

    /// An array and an index that is inside, as locals.
    pub(crate) fn inside(&mut self, x: Register, index: Register) -> (u32, u32) {
        let (x, index) = (self.local(x), self.local(index));
        self.op(Op::LocalGet(index));
        self.length(x);
        self.op(Op::I64GeU);
        self.fault_if();
        (x, index)
    }

    /// Unicode scalars of a text.
    pub(crate) fn scalars(&mut self, x: Register) {
        let x = self.local(x);
        self.word(x, 1);
        self.number(32);
        self.op(Op::I64ShrU);
        self.number(0);
        self.op(Op::LocalGet(x));
        self.op(Op::I64Eqz);
        self.op(Op::I32Eqz);
        self.op(Op::Select);
    }

    /// An element, or 0 if there is none.
    pub(crate) fn element_or_zero(&mut self, to: Register, x: Register, index: Register) {
        let (x, index) = (self.local(x), self.local(index));
        self.op(Op::LocalGet(index));
        self.length(x);
        self.op(Op::I64LtU);
        self.body.begin_value(wasm_encoder::ValType::I64);
        self.element(x, index);
        self.body.otherwise();
        self.number(0);
        self.body.end();
        self.set(to);
    }

    pub(crate) fn new_record(&mut self, to: Register, header: u64, fields: &[Register]) {
        let words = u32::try_from(fields.len() + 1).unwrap_or(u32::MAX);
        let object = self.allocate(words);
        self.op(Op::LocalGet(object));
        self.address();
        self.number(header.cast_signed());
        self.store(0);
        for (word, field) in (1..).zip(fields) {
            self.op(Op::LocalGet(object));
            self.address();
            self.get(*field);
            self.store(word * 8);
        }
        self.op(Op::LocalGet(object));
        self.set(to);
    }

    /// Where a state variable is; `None` if the module has no such one.
    pub(crate) fn state(&self, variable: u32) -> Option<u32> {
        (variable < self.program.variables).then(|| self.shared.layout.state + variable)
    }

    /// A constant, on the stack. Whether the program has it.
    pub(crate) fn constant(&mut self, index: u32) -> bool {
        let constants = self.program.constants.len();
        if (index as usize) < constants {
            self.load_exchanged(self.shared.layout.constants + index);
            return true;
        }
        match self.program.immediates.get(index as usize - constants) {
            Some(value) => self.number(value.cast_signed()),
            None => return false,
        }
        true
    }

    /// Another element behind an array that a fold collects: in the room that it has, or by the library.
    pub(crate) fn push(&mut self, array: Register, value: Register) {
        let (object, value) = (self.local(array), self.local(value));
        self.length(object);
        let length = self.keep();
        self.word(object, 1);
        self.number(i64::from(u32::MAX));
        self.op(Op::I64And);
        self.op(Op::I64GeU);
        self.body.begin_rare();
        self.step_with(&[array]);
        self.body.otherwise();
        self.op(Op::LocalGet(object));
        self.address();
        self.word(object, 0);
        self.number(1);
        self.op(Op::I64Add);
        self.store(0);
        self.element_address(object, length);
        self.op(Op::LocalGet(value));
        self.store(ELEMENTS);
        self.body.end();
    }
}
