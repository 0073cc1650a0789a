//! Registers for values.

use anrf_format::execution::Function;

use super::code::Register;

/// A register for each value, and how many there are.
pub(super) fn assign_registers(function: &Function) -> (Vec<Register>, u32) {
    let registers =
        (0..function.values.len()).map(|value| Register::try_from(value).unwrap_or(Register::MAX));
    (registers.collect(), u32::try_from(function.values.len()).unwrap_or(u32::MAX))
}
