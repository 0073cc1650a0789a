//! The end of a function: charges, and the parts put together.

use anrf_format::execution::{Block, Function, Op, segments};
use anrf_format::source_map::CodeMap;
use anrf_format::types::TypeTable;

use super::builder::{Builder, OpenBlock};
use super::error::{LowerError, Result};

/// Puts a `Charge` at the head of each straight segment and gives the function and its origins.
pub(super) fn finish(types: &TypeTable, code: Builder) -> Result<(Function, CodeMap)> {
    let Builder { mut function, blocks, .. } = code;
    let mut map = CodeMap::default();
    function.blocks.reserve_exact(blocks.len());
    map.blocks.reserve_exact(blocks.len());
    for mut open in blocks {
        let terminator = open.terminator.take().ok_or(LowerError::IllTyped("a block without end"))?;
        let segments = segments(types, &function.values, &open.instructions, &terminator);
        open.insert(segments.into_iter().map(|(start, units)| (start, Op::Charge(units))).collect())?;
        let OpenBlock { region, parameters, instructions, origins, on_fault, .. } = open;
        map.blocks.push(origins);
        function.blocks.push(Block { region, parameters, instructions, terminator, on_fault });
    }
    Ok((function, map))
}
