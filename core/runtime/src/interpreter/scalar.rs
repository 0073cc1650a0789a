//! What instructions do to scalars: indices, comparisons, arithmetic that has passed its check.

use anrf_format::execution::{Arithmetic, Comparison};
use anrf_format::value::float_order;

use super::code::Register;
use super::program::Program;

/// Registers in a row, out of line.
#[inline]
pub(super) fn registers(program: &Program, list: u32, count: u16) -> &[Register] {
    program.lists.get(list as usize..list as usize + usize::from(count)).unwrap_or_default()
}

/// The low half of an index that has passed its check.
#[inline]
#[allow(clippy::cast_possible_truncation)] // lengths have 32 bits
pub(super) fn low(index: u64) -> usize {
    index as u32 as usize
}

#[inline]
#[allow(clippy::cast_possible_truncation)] // code and registers are fewer than 2^32
pub(super) fn narrow(index: usize) -> u32 {
    index as u32
}

#[inline]
pub(super) fn compares<T: PartialOrd>(comparison: Comparison, a: &T, b: &T) -> bool {
    match comparison {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterEqual => a >= b,
    }
}

pub(super) fn wrapping(operator: Arithmetic, a: i64, b: i64) -> i64 {
    match operator {
        Arithmetic::Add => a.wrapping_add(b),
        Arithmetic::Subtract => a.wrapping_sub(b),
        Arithmetic::Multiply => a.wrapping_mul(b),
        Arithmetic::Divide if b == 0 => 0,
        Arithmetic::Divide => a.wrapping_div(b),
        Arithmetic::Remainder if b == 0 => 0,
        Arithmetic::Remainder => a.wrapping_rem(b),
    }
}

pub(super) fn float(operator: Arithmetic, a: f64, b: f64) -> f64 {
    match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

/// The bits of a float; of all NaN the same ones, which no machine promises by itself.
#[inline]
pub(super) fn canonical(value: f64) -> u64 {
    if float_order(value) == i64::MAX { f64::NAN.to_bits() } else { value.to_bits() }
}
