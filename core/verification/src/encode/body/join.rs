//! Where control comes together.

use std::collections::BTreeSet;

use anrf_format::execution::{Block, BlockId};
use anrf_format::types::TypeId;

use super::{Walk, fact};
use crate::encode::Encoder;
use crate::encode::frame::World;
use crate::term::{Fact, TermId};

/// What is known of a block once it has been walked.
#[derive(Clone, Debug, Default)]
pub(super) struct Walked {
    pub(super) reached: Option<TermId>,
    pub(super) facts: Vec<Fact>,
    /// Blocks from which control can come here, itself included.
    pub(super) before: BTreeSet<BlockId>,
    /// Blocks that control always comes through.
    pub(super) dominators: BTreeSet<BlockId>,
}

/// A way into a block.
pub(super) struct Edge {
    pub(super) from: BlockId,
    pub(super) taken: TermId,
    pub(super) values: Vec<TermId>,
    pub(super) world: World,
}

impl<'m> Encoder<'m> {
    /// Joins the ways into a block. Where values differ the parameter is a new constant that each way
    /// defines.
    pub(super) fn enter_block(&mut self, walk: &mut Walk<'m>, id: BlockId, block: &'m Block, edges: &[Edge]) {
        let mut walked = Walked::default();
        for (position, edge) in edges.iter().enumerate() {
            let from = walk.blocks.get(&edge.from);
            let mut before = from.map(|from| from.before.clone()).unwrap_or_default();
            let mut dominators = from.map(|from| from.dominators.clone()).unwrap_or_default();
            before.insert(edge.from);
            dominators.insert(edge.from);
            walked.before.extend(before);
            walked.dominators = if position == 0 {
                dominators
            } else {
                walked.dominators.intersection(&dominators).copied().collect()
            };
        }
        walked.before.insert(id);
        walked.dominators.insert(id);
        let taken = edges.iter().map(|edge| edge.taken).collect();
        let mut reached = self.terms.or(taken);
        if edges.len() > 1 && self.terms.as_boolean(reached).is_none() {
            let known = self.terms.constant("reached", crate::term::SortId::BOOLEAN);
            let means = self.terms.equal(known, reached);
            walked.facts.push(fact(means, ""));
            reached = known;
        }
        walked.reached = Some(reached);
        let looping = walk.headers.get(&id).copied();
        for (number, parameter) in block.parameters.iter().enumerate() {
            let values: Vec<TermId> =
                edges.iter().filter_map(|edge| edge.values.get(number).copied()).collect();
            let type_id = walk.frame.type_of(*parameter);
            let value = self.join(type_id, "v", edges, &values, &mut walked);
            walk.frame.set(*parameter, value);
        }
        let mut world = World::default();
        let variables: BTreeSet<u32> =
            edges.iter().flat_map(|edge| edge.world.state.keys().copied()).collect();
        for variable in variables {
            let known = &self.module.semantic.state[variable as usize];
            let (name, type_id) = (known.name.clone(), known.type_id);
            let values: Vec<TermId> =
                edges.iter().filter_map(|edge| edge.world.state.get(&variable).copied()).collect();
            let value = self.join(type_id, &name, edges, &values, &mut walked);
            world.state.insert(variable, value);
        }
        let operations: BTreeSet<u32> =
            edges.iter().flat_map(|edge| edge.world.attempts.keys().copied()).collect();
        let none = self.terms.integer(0);
        for operation in operations {
            let values: Vec<TermId> = edges
                .iter()
                .map(|edge| edge.world.attempts.get(&operation).copied().unwrap_or(none))
                .collect();
            let value = self.join(TypeId::UNBOUNDED, "attempts", edges, &values, &mut walked);
            world.attempts.insert(operation, value);
        }
        walk.frame.world = world;
        walk.blocks.insert(id, walked);
        if let Some(info) = looping {
            self.cut_loop(walk, id, block, info);
        }
    }

    /// One value for what comes in on several ways.
    pub(super) fn join(
        &mut self,
        id: TypeId,
        name: &str,
        edges: &[Edge],
        values: &[TermId],
        walked: &mut Walked,
    ) -> TermId {
        match values {
            [] => return self.opaque("a value that is not there", id),
            [first, rest @ ..] if rest.iter().all(|value| value == first) => return *first,
            _ => {}
        }
        let sort = self.sort(id);
        let joined = self.terms.constant(name, sort);
        for (edge, value) in edges.iter().zip(values) {
            let equal = self.terms.equal(joined, *value);
            let said = self.terms.implies(edge.taken, equal);
            walked.facts.push(fact(said, ""));
        }
        joined
    }
}

pub(super) fn go(walk: &mut Walk<'_>, from: BlockId, to: BlockId, taken: TermId, values: Vec<TermId>) {
    let world = walk.frame.world.clone();
    walk.edges.entry(to).or_default().push(Edge { from, taken, values, world });
}
