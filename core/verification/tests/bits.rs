//! Bit operations: proved in bit-vectors of one width, and refuted there.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

mod harness;

use harness::{change, check};

const FLAGS: &str = r#"
node_id: flags_v1
type: algorithm
intent: Set and clear flags.
inputs: { flags: integer, place: integer }
outputs: { success: { set: integer, cleared: integer } }
contracts:
  preconditions: ["0 <= place <= 62"]
  postconditions:
    - "bit_and(set, shift_left(1, place)) == shift_left(1, place)"
    - "bit_and(cleared, shift_left(1, place)) == 0"
    - "bit_or(cleared, shift_left(1, place)) == set"
    - "set >= flags"
    - "cleared <= flags"
flow:
  - step: mask
    operation: compute
    parameters: { m: "shift_left(1, place)" }
  - step: done
    operation: return
    parameters: { set: "bit_or(flags, m)", cleared: "bit_and(flags, bit_not(m))" }
"#;

#[test]
fn flags_are_set_and_cleared() {
    check(
        FLAGS,
        &[
            change("bit_or(flags, m)", "bit_xor(flags, m)", "flags_v1/@exit/postcondition/0 refuted"),
            change(
                "bit_and(flags, bit_not(m))",
                "bit_and(flags, m)",
                "flags_v1/@exit/postcondition/1 refuted",
            ),
            change("place <= 62", "place <= 63", "flags_v1/mask/valid_argument/0 refuted"),
            change("set >= flags", "set > flags", "flags_v1/@exit/postcondition/3 refuted"),
        ],
    );
}

const MIXED: &str = r#"
node_id: is_power_v1
type: algorithm
intent: Say whether a number has exactly one bit, and add two numbers through their bits.
inputs: { a: integer, b: integer }
outputs: { success: { one: boolean, sum: integer, parity: integer, low: integer } }
contracts:
  preconditions: ["0 < a <= 1000000000", "-1000000000 <= b <= 1000000000"]
  postconditions:
    - "sum == a + b"
    - "one IMPLIES bit_and(a, 0 - a) == a"
    - "parity == b % 2 OR parity == 0 - b % 2"
    - "low == b - floor_mod(b, 8)"
flow:
  - step: done
    operation: return
    parameters:
      one: "bit_and(a, a - 1) == 0"
      sum: "bit_xor(a, b) + 2 * bit_and(a, b)"
      parity: "bit_and(b, 1)"
      low: "shift_left(shift_right(b, 3), 3)"
"#;

#[test]
fn sums_and_bits_are_mixed() {
    check(
        MIXED,
        &[
            change("2 * bit_and(a, b)", "2 * bit_or(a, b)", "is_power_v1/@exit/postcondition/0 refuted"),
            change(
                "bit_and(a, a - 1) == 0",
                "bit_and(a, a + 1) == 0",
                "is_power_v1/@exit/postcondition/1 refuted",
            ),
            change("bit_and(b, 1)", "bit_and(b, 3)", "is_power_v1/@exit/postcondition/2 refuted"),
            change(
                "shift_right(b, 3), 3",
                "shift_right(b, 2), 2",
                "is_power_v1/@exit/postcondition/3 refuted",
            ),
        ],
    );
}
