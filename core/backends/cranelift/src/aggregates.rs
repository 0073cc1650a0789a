//! Aggregates: what is read out of them, updates in place or by copying, new ones, and state.

use anrf_format::execution::Access;
use anrf_runtime::register_code::Register;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use crate::context;
use crate::memory::flags;
use crate::translate::Translator;

impl Translator<'_, '_> {
    /// Marks what was read out of an aggregate, as the access says.
    pub(crate) fn read_out(&mut self, access: Access, outer: Value, value: Value) {
        if access == Access::Read {
            self.share(value);
            return;
        }
        let shared = self.is_shared(outer);
        let (mark, after) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, mark, &[], after, &[]);
        self.begin(mark);
        self.share(value);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// Updates in place, or by the library where a copy is needed.
    pub(crate) fn update(&mut self, shared: Value, in_place: impl FnOnce(&mut Self)) {
        let (copies, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, copies, &[], stores, &[]);
        self.begin_cold(copies);
        self.step();
        self.builder.ins().jump(after, &[]);
        self.begin(stores);
        in_place(self);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// An array and an index that is inside.
    pub(crate) fn inside(&mut self, x: Register, index: Register) -> (Value, Value) {
        let (x, index) = (self.get(x), self.get(index));
        let length = self.length(x);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.fault_if(outside);
        (x, index)
    }

    /// Unicode scalars of a text.
    pub(crate) fn scalars(&mut self, x: Register) -> Value {
        let x = self.get(x);
        let second = self.word(x, 1);
        let scalars = self.builder.ins().ushr_imm_u(second, 32);
        let (none, zero) =
            (self.builder.ins().icmp_imm_u(IntCC::Equal, x, 0), self.builder.ins().iconst(types::I64, 0));
        self.builder.ins().select(none, zero, scalars)
    }

    pub(crate) fn new_record(&mut self, to: Register, header: u64, fields: &[Register]) {
        let words = u32::try_from(fields.len() + 1).unwrap_or(u32::MAX);
        let slot = self.allocate(words);
        let header = self.builder.ins().iconst(types::I64, header.cast_signed());
        let values: Vec<Value> =
            std::iter::once(header).chain(fields.iter().map(|field| self.get(*field))).collect();
        for (word, value) in (0..).zip(values) {
            let (place, offset) = self.word_place(slot, word);
            self.builder.ins().store(flags(), value, place, offset);
        }
        self.set(to, slot);
    }

    /// Where a state variable is; `None` if the module has no such one.
    pub(crate) fn state(&mut self, variable: u32) -> Option<(Value, i32)> {
        let offset = offset_of(variable).filter(|_| variable < self.program.variables)?;
        Some((self.builder.ins().load(types::I64, flags(), self.context, context::STATE), offset))
    }

    /// Where a constant is among them; `None` if the program has no such one.
    pub(crate) fn constant(&self, index: u32) -> Option<i32> {
        let count = self.program.constants.len() + self.program.immediates.len();
        offset_of(index).filter(|_| (index as usize) < count)
    }

    /// Another element behind an array that a fold collects: in the room that it has, or by the library.
    pub(crate) fn push(&mut self, array: Register, value: Value) {
        let object = self.get(array);
        let header = self.word(object, 0);
        let length = self.length(object);
        let second = self.word(object, 1);
        let capacity = self.builder.ins().ireduce(types::I32, second);
        let capacity = self.builder.ins().uextend(types::I64, capacity);
        let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, length, capacity);
        let (grows, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(full, grows, &[], stores, &[]);
        self.begin_cold(grows);
        self.step_with(&[array]);
        self.builder.ins().jump(after, &[]);
        self.begin(stores);
        let longer = self.builder.ins().iadd_imm_u(header, 1);
        let (place, offset) = self.word_place(object, 0);
        self.builder.ins().store(flags(), longer, place, offset);
        let (place, offset) = self.element_place(object, length);
        self.builder.ins().store(flags(), value, place, offset);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }
}

fn offset_of(index: u32) -> Option<i32> {
    i32::try_from(index).ok()?.checked_mul(8)
}
