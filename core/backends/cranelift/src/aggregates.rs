//! Aggregates: what is read out of them, updates in place or by copying, new ones, and state.

use anrf_format::execution::Access;
use anrf_runtime::register_code::Register;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use crate::context;
use crate::memory::{Array, flags};
use crate::translate::Translator;

impl Translator<'_, '_> {
    /// Another register holds the same value.
    pub(crate) fn move_register(&mut self, to: Register, from: Register) {
        let (value, owned) = (self.get(from), self.facts.owns(from));
        let array = self.facts.is_found(from).then(|| self.array(from));
        self.set_object(to, value, array);
        // Only one of the two is live where one is updated, or it is shared before.
        if owned {
            self.facts.own(to);
        }
    }

    /// Marks what was read out of an aggregate, as the access says.
    pub(crate) fn read_out(&mut self, access: Access, outer: Register, value: Value) {
        if access == Access::Read {
            self.share(value);
            return;
        }
        if self.facts.owns(outer) {
            return;
        }
        let outer = self.get(outer);
        let shared = self.is_shared(outer);
        let (mark, after) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, mark, &[], after, &[]);
        self.begin(mark);
        self.share(value);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// A record with another field.
    pub(crate) fn with_field(&mut self, to: Register, x: Register, field: u32, value: Register) {
        let (object, value) = (self.get(x), self.get(value));
        self.update(to, x, None, |this| {
            let (place, offset) = this.word_place(object, field.saturating_add(1));
            this.builder.ins().store(flags(), value, place, offset);
        });
    }

    /// An array with another element.
    pub(crate) fn with_element(&mut self, to: Register, x: Register, index: Register, value: Register) {
        let (array, index) = self.inside(x, index);
        let value = self.get(value);
        self.update(to, x, Some(array), |this| {
            let (place, offset) = this.element_place(array, index);
            this.builder.ins().store(flags(), value, place, offset);
        });
    }

    /// Updates in place what nobody else holds; of the rest the library makes a copy, which nobody else holds.
    fn update(&mut self, to: Register, x: Register, array: Option<Array>, in_place: impl FnOnce(&mut Self)) {
        let object = self.get(x);
        if self.facts.owns(x) {
            in_place(self);
            self.set_object(to, object, array);
            self.facts.own(to);
            return;
        }
        let shared = self.is_shared(object);
        let (copies, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, copies, &[], stores, &[]);
        let facts = self.facts.clone();
        self.begin_cold(copies);
        self.step_rarely(&[to]);
        if array.is_some() {
            self.array(to);
        }
        self.builder.ins().jump(after, &[]);
        let disturbed = std::mem::replace(&mut self.facts, facts);
        self.begin(stores);
        in_place(self);
        self.set_object(to, object, array);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
        self.facts = disturbed;
        self.facts.own(to);
    }

    fn set_object(&mut self, to: Register, object: Value, array: Option<Array>) {
        match array {
            Some(array) => self.set_array(to, object, array),
            None => self.set(to, object),
        }
    }

    /// An array and an index that is inside.
    pub(crate) fn inside(&mut self, x: Register, index: Register) -> (Array, Value) {
        let (array, index) = (self.array(x), self.get(index));
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, array.length);
        self.fault_if(outside);
        (array, index)
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
        self.facts.own(to);
    }

    /// Where a state variable is; `None` if the module has no such one.
    pub(crate) fn state(&mut self, variable: u32) -> Option<(Value, i32)> {
        let offset = offset_of(variable).filter(|_| variable < self.program.variables)?;
        Some((self.context_word(context::STATE), offset))
    }

    /// Where a constant is among them; `None` if the program has no such one.
    pub(crate) fn constant(&self, index: u32) -> Option<i32> {
        let count = self.program.constants.len() + self.program.immediates.len();
        offset_of(index).filter(|_| (index as usize) < count)
    }

    /// Another element behind an array that a fold collects: in the room that it has, or by the library.
    pub(crate) fn push(&mut self, register: Register, value: Value) {
        let (object, array) = (self.get(register), self.array(register));
        let header = self.builder.ins().load(types::I64, flags(), array.address, 0);
        let capacity = self.builder.ins().uload32(flags(), array.address, 8);
        let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, array.length, capacity);
        let (grows, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(full, grows, &[], stores, &[]);
        let facts = self.facts.clone();
        self.begin_cold(grows);
        self.step_rarely(&[register]);
        self.array(register);
        self.builder.ins().jump(after, &[]);
        let disturbed = std::mem::replace(&mut self.facts, facts);
        self.begin(stores);
        let longer = self.builder.ins().iadd_imm_u(header, 1);
        self.builder.ins().store(flags(), longer, array.address, 0);
        let (place, offset) = self.element_place(array, array.length);
        self.builder.ins().store(flags(), value, place, offset);
        let length = self.builder.ins().iadd_imm_u(array.length, 1);
        self.set_array(register, object, Array { length, ..array });
        self.builder.ins().jump(after, &[]);
        self.begin(after);
        self.facts = disturbed;
    }
}

fn offset_of(index: u32) -> Option<i32> {
    i32::try_from(index).ok()?.checked_mul(8)
}
