//! Obligations that the walk does not meet.

use anrf_format::execution::{BlockId, ObligationId, ObligationKind, Op, Terminator};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Goal, Part, Walk};
use crate::encode::Encoder;

impl<'m> Encoder<'m> {
    /// Obligations that the walk did not meet: in code that nothing leads to there is nothing to prove; any
    /// other is a gap of the encoder and is never proved.
    pub(super) fn missing(&mut self, walk: &mut Walk<'m>) {
        let code = walk.frame.function;
        let met: FxHashSet<ObligationId> = walk
            .goals
            .iter()
            .filter(|goal| goal.function == walk.function)
            .map(|goal| goal.obligation)
            .collect();
        let unreachable = unreachable_obligations(code, |block| walk.blocks.contains_key(&block));
        for (id, obligation) in (0..).zip(&code.obligations) {
            let id = ObligationId(id);
            if met.contains(&id) || obligation.kind == ObligationKind::HostContract {
                continue;
            }
            let ends_at_once = obligation.kind == ObligationKind::Termination
                && code.loops.iter().any(|info| {
                    Some(info.step) == obligation.origin.step && !goes_back(code, info.header, walk)
                });
            let goal = self.terms.boolean(unreachable.contains(&id) || ends_at_once);
            walk.goals.push(Goal {
                function: walk.function,
                obligation: id,
                part: Part::Whole,
                iteration: None,
                reached: None,
                known: vec![],
                goal,
            });
        }
    }
}

/// Whether a block that was walked goes back to a header.
fn goes_back(code: &anrf_format::execution::Function, header: BlockId, walk: &Walk<'_>) -> bool {
    (0..).zip(&code.blocks).any(|(id, block)| {
        walk.blocks.contains_key(&BlockId(id))
            && matches!(&block.terminator, Terminator::Repeat { target, .. } if target.block == header)
    })
}

/// Obligations of instructions in blocks, or in regions of instructions in blocks, that were not walked.
fn unreachable_obligations(
    code: &anrf_format::execution::Function,
    walked: impl Fn(BlockId) -> bool,
) -> FxHashSet<ObligationId> {
    let mut home: FxHashMap<u32, BlockId> = FxHashMap::default();
    for (id, block) in (0..).zip(&code.blocks) {
        for region in block.instructions.iter().filter_map(|instruction| instruction.op.region()) {
            home.insert(region.0, BlockId(id));
        }
    }
    let mut found = FxHashSet::default();
    for (id, block) in (0..).zip(&code.blocks) {
        let (mut place, mut region) = (BlockId(id), block.region);
        while let Some(inner) = region {
            let Some(outer) = home.get(&inner.0) else { break };
            place = *outer;
            region = code.block(place).and_then(|block| block.region);
        }
        if region.is_some() || walked(place) {
            continue;
        }
        for instruction in &block.instructions {
            match instruction.op {
                Op::Check(_, _, obligation)
                | Op::CheckRecord(_, _, obligation)
                | Op::CheckState(_, obligation)
                | Op::CheckCall(_, _, obligation)
                | Op::CheckRequest(_, _, obligation)
                | Op::Contract(_, _, obligation)
                | Op::Fold(anrf_format::execution::Fold::Aggregate(_, obligation), ..) => {
                    found.insert(obligation);
                }
                _ => {}
            }
        }
    }
    found
}
