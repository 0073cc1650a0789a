//! The nodes of a function and how it is entered.
//!
//! The interpreter may enter at the head of a loop inside of others. A jump straight there would give the outer loops a
//! second entry, which nothing that is nested can express. So the way leads through the heads of the outer loops, before
//! each of which a gate looks whether there is somewhere further to go.

use std::collections::BTreeMap;

use anrf_runtime::register_code::{Code, Flow, Program, successors};
use rustc_hash::FxHashMap;

use crate::shape::{Edges, Shape, sources};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Where the function is entered.
    Root,
    /// Before the head of a loop in which another one can be entered.
    Gate(u32),
    /// The instructions from one on.
    Block(u32),
}

/// A step on the way to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    /// The number of the entry.
    pub(crate) number: i32,
    pub(crate) next: usize,
    pub(crate) is_last: bool,
}

/// The nodes of a function, in the order that its code has.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<Node>,
    pub(crate) shape: Shape,
    /// By instruction: the node that a jump to it goes to.
    pub(crate) places: FxHashMap<u32, usize>,
    /// Where the host enters: the function, then heads of loops. Their numbers begin with 1.
    pub(crate) entries: Vec<u32>,
    /// By node, of the root and the gates.
    pub(crate) hops: BTreeMap<usize, Vec<Hop>>,
}

impl Plan {
    /// Of a function that begins at an instruction.
    pub(crate) fn of(program: &Program, flow: &Flow, first: u32) -> Self {
        let (blocks, graph) = blocks(program, flow, first);
        let shape = Shape::of(&graph);
        let numbers: FxHashMap<u32, usize> = blocks.iter().copied().zip(0..).collect();
        let is_head = |at: &u32| numbers.get(at).is_some_and(|node| shape.is_head[*node]);
        let heads = flow.entries.iter().copied().filter(|at| *at != first && is_head(at));
        let entries: Vec<u32> = std::iter::once(first).chain(heads).collect();
        let around = loops_around(&entries, &numbers, &graph, &shape);

        let mut nodes = vec![Node::Root];
        nodes.extend(blocks.iter().map(|at| Node::Block(*at)));
        let mut gates: Vec<usize> = around.iter().flatten().copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let gate = |block: usize| gates.binary_search(&block).ok().map(|index| 1 + blocks.len() + index);
        nodes.extend(gates.iter().map(|block| Node::Gate(blocks[*block])));
        let way_to = |block: usize| gate(block).unwrap_or(block + 1);

        let mut hops: BTreeMap<usize, Vec<Hop>> = BTreeMap::new();
        for ((number, entry), around) in (2..).zip(&entries[1..]).zip(&around) {
            let mut from = 0;
            let target = numbers.get(entry).copied().unwrap_or(0);
            for head in around {
                let next = way_to(*head);
                hops.entry(from).or_default().push(Hop { number, next, is_last: false });
                from = next;
            }
            hops.entry(from).or_default().push(Hop { number, next: way_to(target), is_last: true });
        }
        let hop_targets = |node: usize| {
            hops.get(&node).map_or_else(Vec::new, |hops| hops.iter().map(|hop| hop.next).collect())
        };
        let mut edges = vec![Edges { jumps: hop_targets(0), tail: Some(way_to(0)) }];
        edges.extend(graph.iter().map(|edges| Edges {
            jumps: edges.jumps.iter().map(|block| way_to(*block)).collect(),
            tail: edges.tail.map(way_to),
        }));
        for block in &gates {
            edges.push(Edges { jumps: hop_targets(edges.len()), tail: Some(block + 1) });
        }
        let places = blocks.iter().copied().zip((0..).map(way_to)).collect();
        Self { nodes, shape: Shape::of(&edges), places, entries, hops }
    }
}

/// The blocks of a function and their edges, the first of them first.
fn blocks(program: &Program, flow: &Flow, first: u32) -> (Vec<u32>, Vec<Edges>) {
    let leaders = flow.leaders.iter().copied().filter(|at| *at != first);
    let blocks: Vec<u32> = std::iter::once(first).chain(leaders).collect();
    let numbers: FxHashMap<u32, usize> = blocks.iter().copied().zip(0..).collect();
    let edges = |first: &u32| {
        let mut at = *first;
        loop {
            let next = successors(program, at);
            let falls_through = matches!(next[..], [only] if only == at + 1);
            if falls_through && !numbers.contains_key(&(at + 1)) && (at as usize) < program.plain.len() {
                at += 1;
                continue;
            }
            let tail = match program.plain.get(at as usize) {
                Some(Code::Switch { .. }) => None,
                Some(Code::Call { .. } | Code::AddImmediateCall { .. }) => next.first().copied(),
                _ => next.last().copied(),
            };
            let node = |at: &u32| numbers.get(at).copied();
            // Of several edges to the same place one is the tail.
            let mut jumps: Vec<usize> = next.iter().filter_map(node).collect();
            let tail = tail.as_ref().and_then(node);
            if let Some(index) = tail.and_then(|tail| jumps.iter().position(|jump| *jump == tail)) {
                jumps.remove(index);
            }
            return Edges { jumps, tail };
        }
    };
    let graph = blocks.iter().map(edges).collect();
    (blocks, graph)
}

/// For each entry but the first: the heads of the loops around it, outermost first. Without nesting there are none.
fn loops_around(
    entries: &[u32],
    numbers: &FxHashMap<u32, usize>,
    graph: &[Edges],
    shape: &Shape,
) -> Vec<Vec<usize>> {
    let sources = sources(graph);
    // In reverse postorder heads of outer loops come first.
    let heads = shape.order.iter().filter(|node| shape.is_reducible && shape.is_head[**node]);
    let loops: Vec<(usize, Vec<bool>)> = heads.map(|head| (*head, shape.body(*head, &sources))).collect();
    let around = |entry: &u32| {
        let Some(target) = numbers.get(entry).copied() else { return vec![] };
        let outer = loops.iter().filter(|(head, body)| *head != target && body[target]);
        outer.map(|(head, _)| *head).collect()
    };
    entries[1..].iter().map(around).collect()
}
