//! Jumps to jumps: what stands at a jump's target is done by the jump itself where that saves an
//! instruction (Aho, Lam, Sethi and Ullman, Compilers, 8.7.3).

use super::code::Code;
use super::program::Program;

/// Longer chains are followed no further; they may be circles.
const LONGEST_CHAIN: usize = 8;

/// Shortens the ways in the code from `start` on, and of the calls and tables from there on.
pub(super) fn thread(program: &mut Program, start: usize, calls: usize, tables: usize) {
    for at in start..program.code.len() {
        let instruction = program.code[at];
        program.code[at] = match instruction {
            Code::Jump { charge, target } => {
                let (charge, target) = end_of(&program.code, charge, target, u32::MAX);
                merged(&program.code, at, charge, target)
            }
            Code::Charge { units } => match program.code.get(at + 1) {
                Some(Code::LeaveReturnOne { charge, from }) => match units.checked_add(*charge) {
                    Some(charge) => Code::LeaveReturnOne { charge, from: *from },
                    None => instruction,
                },
                _ => instruction,
            },
            mut other => {
                if let Some((mut charge, most, target)) = other.way_mut() {
                    let (units, end) = end_of(&program.code, charge.get(), *target, most);
                    charge.set(units);
                    *target = end;
                }
                other
            }
        };
    }
    // The second of a pair stays where it is, for those that jump to it.
    for at in start + 1..program.code.len() {
        if let Some(pair) = joined(program.code[at - 1], program.code[at]) {
            program.code[at - 1] = pair;
        }
    }
    for call in program.calls.iter_mut().skip(calls).filter(|call| call.condition.is_none()) {
        (call.charge, call.success) = end_of(&program.code, call.charge, call.success, u32::MAX);
    }
    for target in program.tables.iter_mut().skip(tables).flatten() {
        (_, *target) = end_of(&program.code, 0, *target, 0);
    }
}

/// Two instructions that often follow each other, as one.
fn joined(first: Code, second: Code) -> Option<Code> {
    match (first, second) {
        (Code::AddImmediate { to, a, value }, Code::Call { site }) => {
            Some(Code::AddImmediateCall { to, a, value, site })
        }
        (Code::CheckedElement { to, x, index }, Code::JumpUnless { other, a, charge, target }) if a == to => {
            Some(Code::CheckedElementJumpUnless { other, to, x, index, charge, target })
        }
        (
            Code::Push { array, element: value },
            Code::FoldRangeNext { charge, counter, high, element, target },
        ) => Some(Code::PushRangeNext { charge, array, value, counter, high, element, target }),
        _ => None,
    }
}

/// Where a way leads in the end, and what it takes then; no more than `most`.
fn end_of(code: &[Code], mut charge: u32, mut target: u32, most: u32) -> (u32, u32) {
    for _ in 0..LONGEST_CHAIN {
        let (more, next) = match code.get(target as usize) {
            Some(Code::Jump { charge, target }) => (*charge, *target),
            Some(Code::Charge { units }) => (*units, target + 1),
            _ => break,
        };
        let Some(sum) = charge.checked_add(more).filter(|sum| *sum <= most) else { break };
        (charge, target) = (sum, next);
    }
    (charge, target)
}

/// A jump with what stands at its target, if that is the end of the function or the head of a fold.
fn merged(code: &[Code], at: usize, charge: u32, target: u32) -> Code {
    let jump = Code::Jump { charge, target };
    let behind = u32::try_from(at + 1).unwrap_or(u32::MAX);
    // Code of an element often begins with its charge, which is then taken with the fold's own unit.
    let body = |head: u32| match code.get(head as usize + 1) {
        Some(Code::Charge { units }) if *units < u32::from(u8::MAX) => {
            u8::try_from(units + 1).map_or((1, head + 1), |charge| (charge, head + 2))
        }
        _ => (1, head + 1),
    };
    match code.get(target as usize) {
        Some(Code::LeaveReturnOne { charge: more, from }) => {
            charge.checked_add(*more).map_or(jump, |charge| Code::LeaveReturnOne { charge, from: *from })
        }
        Some(&Code::FoldRange { counter, high, element, target: exit }) if charge == 0 && exit == behind => {
            let (charge, target) = body(target);
            Code::FoldRangeNext { charge, counter, high, element, target }
        }
        Some(&Code::FoldArray { counter, array, element, target: exit }) if charge == 0 && exit == behind => {
            let (charge, target) = body(target);
            Code::FoldArrayNext { charge, counter, array, element, target }
        }
        _ => jump,
    }
}

impl Code {
    /// What a conditional jump takes if it jumps, the most that it could, and where to.
    fn way_mut(&mut self) -> Option<(Units<'_>, u32, &mut u32)> {
        match self {
            Self::JumpIf { charge, target, .. }
            | Self::JumpUnless { charge, target, .. }
            | Self::JumpEqual { charge, target, .. }
            | Self::JumpNotEqual { charge, target, .. }
            | Self::JumpLess { charge, target, .. }
            | Self::JumpLessEqual { charge, target, .. }
            | Self::JumpEqualImmediate { charge, target, .. }
            | Self::JumpNotEqualImmediate { charge, target, .. }
            | Self::JumpLessImmediate { charge, target, .. }
            | Self::JumpLessEqualImmediate { charge, target, .. }
            | Self::JumpGreaterImmediate { charge, target, .. }
            | Self::JumpGreaterEqualImmediate { charge, target, .. } => {
                Some((Units::Short(charge), u32::from(u16::MAX), target))
            }
            Self::RepeatLess { charge, target, .. }
            | Self::RepeatLessEqual { charge, target, .. }
            | Self::RepeatNext { charge, target, .. }
            | Self::RepeatAdd { charge, target, .. } => {
                Some((Units::Byte(charge), u32::from(u8::MAX), target))
            }
            _ => None,
        }
    }
}

/// The charge in an instruction.
enum Units<'a> {
    Byte(&'a mut u8),
    Short(&'a mut u16),
}

impl Units<'_> {
    fn get(&self) -> u32 {
        match self {
            Self::Byte(units) => u32::from(**units),
            Self::Short(units) => u32::from(**units),
        }
    }

    /// Changes the charge to one that fits.
    fn set(&mut self, value: u32) {
        match self {
            Self::Byte(units) => **units = u8::try_from(value).unwrap_or(u8::MAX),
            Self::Short(units) => **units = u16::try_from(value).unwrap_or(u16::MAX),
        }
    }
}
