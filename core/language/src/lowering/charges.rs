//! The end of a function: charges, and the parts put together.

use anrf_format::execution::{Block, Function, Instruction, Op, segments};
use anrf_format::source_map::CodeMap;
use anrf_format::types::TypeTable;

use super::builder::Builder;
use super::error::{LowerError, Result};

/// Puts a `Charge` at the head of each straight segment and gives the function and its origins.
pub(super) fn finish(types: &TypeTable, code: Builder) -> Result<(Function, CodeMap)> {
    let Builder { mut function, blocks, .. } = code;
    let mut map = CodeMap::default();
    for open in blocks {
        let terminator = open.terminator.ok_or(LowerError::IllTyped("a block without end"))?;
        let segments = segments(types, &function.values, &open.instructions, &terminator);
        let mut segments = segments.into_iter().peekable();
        let mut instructions = Vec::with_capacity(open.instructions.len() + 2);
        let mut origins = Vec::with_capacity(open.origins.len() + 2);
        let steps = open.instructions.into_iter().map(Some).chain([None]).zip(open.origins).enumerate();
        // The last entry is the terminator's.
        for (position, (instruction, origin)) in steps {
            if let Some((_, units)) = segments.next_if(|(start, _)| *start == position) {
                instructions.push(Instruction { op: Op::Charge(units), result: None });
                origins.push(origin);
            }
            instructions.extend(instruction);
            origins.push(origin);
        }
        let Some(on_end) = origins.len().checked_sub(1).filter(|count| *count == instructions.len()) else {
            return Err(LowerError::IllTyped("an origin"));
        };
        debug_assert!(on_end == instructions.len());
        map.blocks.push(origins);
        let (region, parameters, on_fault) = (open.region, open.parameters, open.on_fault);
        function.blocks.push(Block { region, parameters, instructions, terminator, on_fault });
    }
    Ok((function, map))
}
