//! Where control goes: regions are closed, loops go back by `Repeat` alone, everything is reached, faults go
//! to handlers and handlers to `Resume`.

use super::dominators::{Lists, NONE, immediate};
use super::shape::{Anchor, Shape};
use super::{Context, Defect, Result, ValidateError, broken, require};
use crate::execution::{BlockId, Fold, Function, LoopInfo, Op, Role, Terminator, ValueId};
use crate::semantic::Quantifier;

/// The dominator tree over halves of blocks: a fault leaves a block after its parameters and before its
/// instructions, so node `2b` stands for the parameters of block `b`, and `2b + 1` for the rest.
pub(super) struct Flow {
    pub(super) children: Lists,
    /// How many ways lead into a block, and a block that one of them comes from.
    pub(super) entering: Vec<(u32, u32)>,
    /// When the walk over the tree comes to a node and when it leaves it.
    interval: Vec<(u32, u32)>,
}

pub(super) fn check(context: &Context<'_>, function: &Function, shape: &Shape) -> Result<Flow> {
    for (index, block) in function.blocks.iter().enumerate() {
        let at = |error: ValidateError| error.at(index);
        let mut closed = true;
        block.terminator.for_each_successor(|next| {
            closed &= function.block(next).is_some_and(|next| next.region == block.region);
        });
        require(closed, Defect::Control, "a jump into or out of a region").map_err(at)?;
        if let Some(handler) = block.on_fault.and_then(|handler| function.block(handler)) {
            let fits = block.region.is_none() && handler.region.is_none() && handler.parameters.is_empty();
            require(fits, Defect::Control, "a fault handler that cannot be one").map_err(at)?;
        }
        require(ends_well(context, function, shape, index), Defect::Control, "an end that cannot stand here")
            .map_err(at)?;
    }
    handlers(function)?;
    acyclic(function)?;
    let flow = tree(function)?;
    loops(function, shape, &flow)?;
    Ok(flow)
}

fn ends_well(context: &Context<'_>, function: &Function, shape: &Shape, index: usize) -> bool {
    let block = &function.blocks[index];
    let body = match function.role {
        Role::Body(index) => context.semantic.functions.get(index as usize),
        _ => None,
    };
    match (&block.terminator, block.region) {
        (
            Terminator::Jump(_) | Terminator::Branch(..) | Terminator::Switch(..) | Terminator::Call { .. },
            _,
        )
        | (Terminator::Yield(_), Some(_))
        | (Terminator::Return(_), None) => true,
        (Terminator::Skip, Some(region)) => match shape.anchor[region.0 as usize] {
            Anchor::Measure(_) => false,
            Anchor::Instruction(block, position) => {
                let run = &function.blocks[block as usize].instructions[position as usize].op;
                let all = |fold: &Fold| {
                    matches!(
                        fold,
                        Fold::Sort { .. } | Fold::Quantifier(Quantifier::Forall | Quantifier::Exists)
                    )
                };
                matches!(run, Op::Fold(fold, ..) if !all(fold))
            }
        },
        (Terminator::Repeat { .. } | Terminator::Invoke { .. } | Terminator::Resume, None) => body.is_some(),
        (Terminator::Fail(..), None) => body.is_some_and(|body| !body.error_codes.is_empty()),
        _ => false,
    }
}

/// Code that faults reach and code that the entry reaches are apart; the one resumes, the other returns.
fn handlers(function: &Function) -> Result {
    let mut reached = vec![0_u8; function.blocks.len()];
    let mut open: Vec<(BlockId, u8)> = vec![(BlockId(0), 1)];
    for block in &function.blocks {
        open.extend(block.on_fault.map(|handler| (handler, 2)));
    }
    while let Some((id, side)) = open.pop() {
        let known = &mut reached[id.0 as usize];
        if *known & side == 0 {
            *known |= side;
            function.blocks[id.0 as usize].terminator.for_each_successor(|next| open.push((next, side)));
        }
    }
    for (index, (block, side)) in function.blocks.iter().zip(reached).enumerate() {
        let fits = match &block.terminator {
            _ if block.region.is_some() => true,
            Terminator::Resume => side == 2,
            Terminator::Return(_) | Terminator::Fail(..) => side == 1,
            _ => side == 1 || side == 2,
        };
        require(fits, Defect::Control, "a block that is not reached, or by faults and otherwise")
            .map_err(|error| error.at(index))?;
    }
    Ok(())
}

/// Without `Repeat` nothing goes in a circle, faults included.
fn acyclic(function: &Function) -> Result {
    let onward = |block: &crate::execution::Block, visit: &mut dyn FnMut(BlockId)| {
        if !matches!(block.terminator, Terminator::Repeat { .. }) {
            block.terminator.for_each_successor(&mut *visit);
        }
        block.on_fault.iter().for_each(|handler| visit(*handler));
    };
    let mut entering = vec![0_u32; function.blocks.len()];
    for block in &function.blocks {
        onward(block, &mut |next| entering[next.0 as usize] += 1);
    }
    let mut open: Vec<usize> = (0..entering.len()).filter(|index| entering[*index] == 0).collect();
    let mut seen = 0;
    while let Some(index) = open.pop() {
        seen += 1;
        onward(&function.blocks[index], &mut |next| {
            let left = &mut entering[next.0 as usize];
            *left -= 1;
            if *left == 0 {
                open.push(next.0 as usize);
            }
        });
    }
    require(seen == function.blocks.len(), Defect::Control, "a way back that is no `Repeat`")
}

fn tree(function: &Function) -> Result<Flow> {
    let blocks = function.blocks.len();
    let mut edges: Vec<(u32, u32)> = Vec::with_capacity(4 * blocks);
    let mut entering = vec![(0_u32, 0_u32); blocks];
    for (index, block) in (0_u32..).zip(&function.blocks) {
        edges.push((2 * index, 2 * index + 1));
        block.terminator.for_each_successor(|next| {
            edges.push((2 * index + 1, 2 * next.0));
            let known = &mut entering[next.0 as usize];
            *known = (known.0 + 1, index);
        });
        if let Some(handler) = block.on_fault {
            edges.push((2 * index, 2 * handler.0));
            entering[handler.0 as usize].0 += 2;
        }
    }
    // Regions are graphs of their own.
    let root = u32::try_from(2 * blocks).unwrap_or(NONE);
    edges.push((root, 0));
    entering[0].0 += 1;
    for region in &function.regions {
        edges.push((root, 2 * region.entry.0));
        entering[region.entry.0 as usize].0 += 1;
    }
    let dominator = immediate(2 * blocks + 1, &edges, root);
    let lost = dominator.iter().take(2 * blocks).position(|above| *above == NONE);
    if let Some(node) = lost {
        return broken(Defect::Control, "a block that is not reached")
            .map_err(|error: ValidateError| error.at(node / 2));
    }
    let children = Lists::new(2 * blocks + 1, dominator.iter().copied().zip(0..root));
    let mut interval = vec![(0, 0); 2 * blocks + 1];
    let mut clock = 0;
    let mut open = vec![(root, false)];
    while let Some((node, done)) = open.pop() {
        let times: &mut (u32, u32) = &mut interval[node as usize];
        if done {
            times.1 = clock;
        } else {
            times.0 = clock;
            open.push((node, true));
            open.extend(children.of(node).iter().map(|child| (*child, false)));
        }
        clock += 1;
    }
    Ok(Flow { children, entering, interval })
}

impl Flow {
    fn dominates(&self, a: u32, b: u32) -> bool {
        let (outer, inner) = (self.interval[a as usize], self.interval[b as usize]);
        outer.0 <= inner.0 && inner.1 <= outer.1
    }

    /// Whether a value is made before control comes to a block.
    fn is_before(&self, shape: &Shape, value: ValueId, block: BlockId) -> bool {
        let (made, position) = shape.definition[value.0 as usize];
        let node = 2 * made + u32::from(position.is_some());
        made != block.0 && self.dominates(node, 2 * block.0)
    }
}

fn loops(function: &Function, shape: &Shape, flow: &Flow) -> Result {
    let mut headers = vec![false; function.blocks.len()];
    for found in &function.loops {
        let first = !std::mem::replace(&mut headers[found.header.0 as usize], true);
        let fits = first && loop_fits(function, shape, flow, found);
        require(fits, Defect::Control, "a loop whose parts do not fit")
            .map_err(|e| e.at(found.header.0 as usize))?;
    }
    for (index, block) in (0_u32..).zip(&function.blocks) {
        let Terminator::Repeat { target, mark } = &block.terminator else { continue };
        let header = target.block;
        let marked = mark.is_none_or(|mark| {
            let (block, position) = shape.definition[mark.0 as usize];
            let made = position.and_then(|at| function.blocks[block as usize].instructions.get(at as usize));
            made.is_some_and(|made| made.op == Op::Mark) && flow.is_before(shape, mark, header)
        });
        let back = headers[header.0 as usize] && flow.dominates(2 * header.0 + 1, 2 * index + 1);
        require(marked && back, Defect::Control, "a `Repeat` that does not go back to its loop")
            .map_err(|error| error.at(index as usize))?;
    }
    Ok(())
}

fn loop_fits(function: &Function, shape: &Shape, flow: &Flow, found: &LoopInfo) -> bool {
    let header = &function.blocks[found.header.0 as usize];
    let range = found.range.is_none_or(|(low, high)| {
        let index = header.parameters.last().and_then(|index| function.type_of(*index));
        let bounds = [low, high].into_iter().all(|value| {
            (value.0 as usize) < function.values.len()
                && function.type_of(value) == index
                && flow.is_before(shape, value, found.header)
        });
        index.is_some() && bounds
    });
    let invariants = found.invariants.iter().all(|region| {
        let anchor = shape.anchor.get(region.0 as usize);
        matches!(anchor, Some(Anchor::Instruction(block, position))
            if *block == found.header.0
                && matches!(header.instructions[*position as usize].op, Op::Contract(..)))
    });
    header.region.is_none() && matches!(function.role, Role::Body(_)) && range && invariants
}
