//! Numbers: checked arithmetic, division, floats, comparisons.

use anrf_format::execution::{Arithmetic, Comparison};
use anrf_runtime::register_code::Register;
use wasm_encoder::{Instruction as Op, ValType};

use crate::translate::Translator;

impl Translator<'_> {
    pub(crate) fn checked(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.local(a), self.local(b));
        let value = self.checked_value(operator, a, b);
        self.op(Op::LocalGet(value));
        self.set(to);
    }

    /// What an operation on two locals gives, in a local; faults where it does not fit.
    pub(crate) fn checked_value(&mut self, operator: Arithmetic, a: u32, b: u32) -> u32 {
        self.op(Op::LocalGet(a));
        self.op(Op::LocalGet(b));
        match operator {
            Arithmetic::Add => {
                self.op(Op::I64Add);
                let sum = self.store_away();
                // The sum has another sign than both.
                self.have_other_signs((sum, a), (sum, b));
                sum
            }
            Arithmetic::Subtract => {
                self.op(Op::I64Sub);
                let difference = self.store_away();
                // They have different signs, and the difference has not that of the first.
                self.have_other_signs((difference, a), (a, b));
                difference
            }
            _ => self.product(),
        }
    }

    /// Faults where the signs of both pairs of locals differ.
    fn have_other_signs(&mut self, one: (u32, u32), other: (u32, u32)) {
        for (a, b) in [one, other] {
            self.op(Op::LocalGet(a));
            self.op(Op::LocalGet(b));
            self.op(Op::I64Xor);
        }
        self.op(Op::I64And);
        self.number(0);
        self.op(Op::I64LtS);
        self.fault_if();
    }

    /// The product of what is on the stack: it fits if its high word is nothing but the sign of the low one.
    fn product(&mut self) -> u32 {
        self.op(Op::I64MulWideS);
        let high = self.store_away();
        let low = self.keep();
        self.number(63);
        self.op(Op::I64ShrS);
        self.op(Op::LocalGet(high));
        self.op(Op::I64Ne);
        self.fault_if();
        low
    }

    pub(crate) fn sum_with(&mut self, a: Register, value: i32) -> u32 {
        let a = self.local(a);
        self.number(i64::from(value));
        let value = self.store_away();
        self.checked_value(Arithmetic::Add, a, value)
    }

    /// By a number that is known; by none, 0.
    pub(crate) fn divide_by(&mut self, operator: Arithmetic, to: Register, a: Register, value: i32) {
        match (operator, value) {
            (_, 0) | (Arithmetic::Remainder, -1 | 1) => self.number(0),
            (_, -1) => {
                // The least number has no negation.
                self.number(0);
                self.number(0);
                self.get(a);
                self.op(Op::I64Sub);
                self.get(a);
                self.number(i64::MIN);
                self.op(Op::I64Eq);
                self.op(Op::Select);
            }
            _ => {
                self.get(a);
                self.number(i64::from(value));
                self.op(if operator == Arithmetic::Divide { Op::I64DivS } else { Op::I64RemS });
            }
        }
        self.set(to);
    }

    /// Arithmetic that has passed its check, and is total without it.
    pub(crate) fn wrapping(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let plain = match operator {
            Arithmetic::Add => Op::I64Add,
            Arithmetic::Subtract => Op::I64Sub,
            Arithmetic::Multiply => Op::I64Mul,
            Arithmetic::Divide | Arithmetic::Remainder => return self.divide(operator, to, a, b),
        };
        self.get(a);
        self.get(b);
        self.op(plain);
        self.set(to);
    }

    /// By 0 it is 0; by -1, which traps for one number, the negation, or without rest.
    fn divide(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        self.get(b);
        self.number(1);
        self.op(Op::I64Add);
        self.number(1);
        self.op(Op::I64LeU);
        self.body.begin_value(ValType::I64);
        if operator == Arithmetic::Divide {
            self.number(0);
            self.number(0);
            self.get(a);
            self.op(Op::I64Sub);
            self.get(b);
            self.op(Op::I64Eqz);
            self.op(Op::Select);
        } else {
            self.number(0);
        }
        self.body.otherwise();
        self.get(a);
        self.get(b);
        self.op(if operator == Arithmetic::Divide { Op::I64DivS } else { Op::I64RemS });
        self.body.end();
        self.set(to);
    }

    pub(crate) fn get_float(&mut self, register: Register) {
        self.get(register);
        self.op(Op::F64ReinterpretI64);
    }

    /// All NaN have the same bits.
    pub(crate) fn float(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        self.get_float(a);
        self.get_float(b);
        self.op(match operator {
            Arithmetic::Add => Op::F64Add,
            Arithmetic::Subtract => Op::F64Sub,
            Arithmetic::Multiply => Op::F64Mul,
            Arithmetic::Divide | Arithmetic::Remainder => Op::F64Div,
        });
        self.set_float(to);
    }

    pub(crate) fn set_float(&mut self, to: Register) {
        self.op(Op::I64ReinterpretF64);
        let bits = self.keep();
        self.number(f64::NAN.to_bits().cast_signed());
        for _ in 0..2 {
            self.op(Op::LocalGet(bits));
            self.op(Op::F64ReinterpretI64);
        }
        self.op(Op::F64Eq);
        self.op(Op::Select);
        self.set(to);
    }

    /// A comparison of two registers.
    pub(crate) fn compare(&mut self, operation: Op<'static>, to: Register, a: Register, b: Register) {
        self.get(a);
        self.get(b);
        self.op(operation);
        self.set_condition(to);
    }

    /// One of two registers: the first if they compare so.
    pub(crate) fn choose(&mut self, operation: Op<'static>, to: Register, a: Register, b: Register) {
        self.get(a);
        self.get(b);
        self.get(a);
        self.get(b);
        self.op(operation);
        self.op(Op::Select);
        self.set(to);
    }

    pub(crate) fn set_condition(&mut self, to: Register) {
        self.op(Op::I64ExtendI32U);
        self.set(to);
    }
}

pub(crate) fn signed(comparison: Comparison) -> Op<'static> {
    match comparison {
        Comparison::Equal => Op::I64Eq,
        Comparison::NotEqual => Op::I64Ne,
        Comparison::Less => Op::I64LtS,
        Comparison::LessEqual => Op::I64LeS,
        Comparison::Greater => Op::I64GtS,
        Comparison::GreaterEqual => Op::I64GeS,
    }
}

pub(crate) fn ieee(comparison: Comparison) -> Op<'static> {
    match comparison {
        Comparison::Equal => Op::F64Eq,
        Comparison::NotEqual => Op::F64Ne,
        Comparison::Less => Op::F64Lt,
        Comparison::LessEqual => Op::F64Le,
        Comparison::Greater => Op::F64Gt,
        Comparison::GreaterEqual => Op::F64Ge,
    }
}
