//! Parallel moves: block arguments are assigned at once, registers one after the other.

use super::code::Register;

/// An order of moves (to, from) that has the effect of doing all at once; `spare` breaks cycles. Each
/// register is written at most once.
pub(crate) fn in_sequence(moves: &[(Register, Register)], spare: Register) -> Vec<(Register, Register)> {
    let mut pending: Vec<_> = moves.iter().copied().filter(|(to, from)| to != from).collect();
    let mut ordered = Vec::with_capacity(pending.len() + 1);
    while !pending.is_empty() {
        let before = pending.len();
        let mut index = 0;
        while index < pending.len() {
            let (to, _) = pending[index];
            if pending.iter().any(|(_, from)| *from == to) {
                index += 1;
            } else {
                ordered.push(pending.swap_remove(index));
            }
        }
        if pending.len() == before {
            // Only cycles are left: one register steps aside, which opens its cycle.
            let (to, _) = pending[0];
            ordered.push((spare, to));
            for (_, from) in &mut pending {
                if *from == to {
                    *from = spare;
                }
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_effect_of_assigning_at_once() {
        let cases: &[&[(u16, u16)]] = &[
            &[(0, 1), (1, 0)],
            &[(0, 1), (1, 2), (2, 0)],
            &[(0, 1), (2, 1), (1, 3)],
            &[(0, 0), (1, 2), (2, 1), (3, 1)],
            &[(0, 1), (1, 0), (2, 3), (3, 2)],
        ];
        for moves in cases {
            let mut registers: Vec<u16> = (0..10).collect();
            for (to, from) in in_sequence(moves, 9) {
                registers[to as usize] = registers[from as usize];
            }
            for (to, from) in *moves {
                assert_eq!(registers[*to as usize], *from, "{moves:?}");
            }
        }
    }
}
