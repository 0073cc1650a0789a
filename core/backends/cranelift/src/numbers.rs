//! Numbers: checked arithmetic, division, floats, comparisons.

use anrf_format::execution::{Arithmetic, Comparison};
use anrf_runtime::register_code::Register;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};

use crate::translate::Translator;

impl Translator<'_, '_> {
    pub(crate) fn checked(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get(a), self.get(b));
        let (value, over) = match operator {
            Arithmetic::Add => self.builder.ins().sadd_overflow(a, b),
            Arithmetic::Subtract => self.builder.ins().ssub_overflow(a, b),
            _ => self.builder.ins().smul_overflow(a, b),
        };
        self.fault_if(over);
        self.set(to, value);
    }

    pub(crate) fn sum_with(&mut self, a: Register, value: i32) -> Value {
        let a = self.get(a);
        let sum = self.builder.ins().iadd_imm_s(a, i64::from(value));
        // One comparison, where the overflow flag would be brought into a register first.
        let wrong = if value < 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
        let over = self.builder.ins().icmp(wrong, sum, a);
        self.fault_if(over);
        sum
    }

    /// By a number that is known; by none, 0.
    pub(crate) fn divide_by(&mut self, operator: Arithmetic, to: Register, a: Register, value: i32) {
        let a = self.get(a);
        let zero = self.builder.ins().iconst(types::I64, 0);
        let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
        let result = match (operator, value) {
            (_, 0) | (Arithmetic::Remainder, -1 | 1) => zero,
            (_, -1) => {
                let negated = self.builder.ins().ineg(a);
                self.builder.ins().select(least, zero, negated)
            }
            (Arithmetic::Divide, _) => self.builder.ins().sdiv_imm_s(a, i64::from(value)),
            _ => self.builder.ins().srem_imm_s(a, i64::from(value)),
        };
        self.set(to, result);
    }

    /// Arithmetic that has passed its check, and is total without it.
    pub(crate) fn wrapping(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get(a), self.get(b));
        let value = match operator {
            Arithmetic::Add => self.builder.ins().iadd(a, b),
            Arithmetic::Subtract => self.builder.ins().isub(a, b),
            Arithmetic::Multiply => self.builder.ins().imul(a, b),
            Arithmetic::Divide | Arithmetic::Remainder => self.divide(operator, a, b),
        };
        self.set(to, value);
    }

    /// By 0 it is 0; by -1, which the processor may not be asked for, the negation, or without rest.
    pub(crate) fn divide(&mut self, operator: Arithmetic, a: Value, b: Value) -> Value {
        let (special, usual, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let result = self.builder.append_block_param(after, types::I64);
        let bumped = self.builder.ins().iadd_imm_u(b, 1);
        let is_special = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, bumped, 1);
        self.builder.ins().brif(is_special, special, &[], usual, &[]);
        self.begin_cold(special);
        let zero = self.builder.ins().iconst(types::I64, 0);
        let value = if operator == Arithmetic::Divide {
            let (negated, by_zero) =
                (self.builder.ins().ineg(a), self.builder.ins().icmp_imm_u(IntCC::Equal, b, 0));
            self.builder.ins().select(by_zero, zero, negated)
        } else {
            zero
        };
        self.builder.ins().jump(after, &[value.into()]);
        self.begin(usual);
        let value = if operator == Arithmetic::Divide {
            self.builder.ins().sdiv(a, b)
        } else {
            self.builder.ins().srem(a, b)
        };
        self.builder.ins().jump(after, &[value.into()]);
        self.begin(after);
        result
    }

    pub(crate) fn get_float(&mut self, register: Register) -> Value {
        let bits = self.get(register);
        self.builder.ins().bitcast(types::F64, MemFlagsData::new(), bits)
    }

    /// All NaN have the same bits.
    pub(crate) fn set_float(&mut self, to: Register, value: Value) {
        let bits = self.builder.ins().bitcast(types::I64, MemFlagsData::new(), value);
        let nan = self.builder.ins().iconst(types::I64, f64::NAN.to_bits().cast_signed());
        let is_number = self.builder.ins().fcmp(FloatCC::Ordered, value, value);
        let bits = self.builder.ins().select(is_number, bits, nan);
        self.set(to, bits);
    }

    pub(crate) fn float(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get_float(a), self.get_float(b));
        let value = match operator {
            Arithmetic::Add => self.builder.ins().fadd(a, b),
            Arithmetic::Subtract => self.builder.ins().fsub(a, b),
            Arithmetic::Multiply => self.builder.ins().fmul(a, b),
            Arithmetic::Divide | Arithmetic::Remainder => self.builder.ins().fdiv(a, b),
        };
        self.set_float(to, value);
    }

    pub(crate) fn set_condition(&mut self, to: Register, condition: Value) {
        let value = self.builder.ins().uextend(types::I64, condition);
        self.set(to, value);
    }
}

pub(crate) fn signed(comparison: Comparison) -> IntCC {
    match comparison {
        Comparison::Equal => IntCC::Equal,
        Comparison::NotEqual => IntCC::NotEqual,
        Comparison::Less => IntCC::SignedLessThan,
        Comparison::LessEqual => IntCC::SignedLessThanOrEqual,
        Comparison::Greater => IntCC::SignedGreaterThan,
        Comparison::GreaterEqual => IntCC::SignedGreaterThanOrEqual,
    }
}

pub(crate) fn ieee(comparison: Comparison) -> FloatCC {
    match comparison {
        Comparison::Equal => FloatCC::Equal,
        Comparison::NotEqual => FloatCC::NotEqual,
        Comparison::Less => FloatCC::LessThan,
        Comparison::LessEqual => FloatCC::LessThanOrEqual,
        Comparison::Greater => FloatCC::GreaterThan,
        Comparison::GreaterEqual => FloatCC::GreaterThanOrEqual,
    }
}
