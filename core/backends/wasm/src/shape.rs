//! From jumps to the nested blocks and loops of WebAssembly.
//!
//! A node whose edges come from several places stands behind a block that its immediate dominator opens, so a jump to it
//! leaves that block (Ramsey, Beyond Relooper, ICFP 2022). Nodes are few and small, so every target of a conditional jump
//! gets such a block; only what a node goes on with at its end follows it directly. A graph with a loop that is entered
//! in two places has no such form; its nodes are chosen by a number in one loop.

/// Where a node leads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edges {
    /// Jumps from inside of it.
    pub(crate) jumps: Vec<usize>,
    /// Where its end goes on.
    pub(crate) tail: Option<usize>,
}

impl Edges {
    fn all(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.jumps.iter().copied().chain(self.tail)
    }
}

/// What is known about the nodes that node 0 leads to.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Nodes in reverse postorder.
    pub(crate) order: Vec<usize>,
    /// By node: its place in the order, or none if nothing leads there.
    pub(crate) number: Vec<Option<usize>>,
    /// By node: the number of its immediate dominator's place.
    dominator: Vec<usize>,
    /// By node: whether edges go back to it.
    pub(crate) is_head: Vec<bool>,
    /// By node: whether it follows the one node that leads to it.
    is_inline: Vec<bool>,
    /// By node: the nodes that stand behind a block of it, in order.
    pub(crate) behind: Vec<Vec<usize>>,
    /// Whether each loop has one entry.
    pub(crate) is_reducible: bool,
    /// Sources and targets of edges that go back.
    pub(crate) back: Vec<(usize, usize)>,
}

impl Shape {
    /// Of a graph whose first node is its entry.
    pub(crate) fn of(graph: &[Edges]) -> Self {
        let order = reverse_postorder(graph);
        let mut number = vec![None; graph.len()];
        for (place, node) in order.iter().enumerate() {
            number[*node] = Some(place);
        }
        let mut shape = Self {
            order,
            number,
            dominator: vec![],
            is_head: vec![false; graph.len()],
            is_inline: vec![false; graph.len()],
            behind: vec![vec![]; graph.len()],
            is_reducible: true,
            back: vec![],
        };
        shape.find_dominators(graph);
        let mut forward = vec![0_u32; graph.len()];
        let mut tails = vec![false; graph.len()];
        for source in shape.order.clone() {
            for target in graph[source].all() {
                if shape.number[target] <= shape.number[source] {
                    shape.is_head[target] = true;
                    shape.back.push((source, target));
                    shape.is_reducible &= shape.dominates(target, source);
                } else {
                    forward[target] += 1;
                }
            }
            if let Some(tail) = graph[source].tail {
                tails[tail] |= shape.number[tail] > shape.number[source];
            }
        }
        for (place, node) in shape.order.clone().into_iter().enumerate().skip(1) {
            shape.is_inline[node] = forward[node] == 1 && tails[node];
            if !shape.is_inline[node] {
                let dominator = shape.order[shape.dominator[place]];
                shape.behind[dominator].push(node);
            }
        }
        shape
    }

    /// Whether a node stands directly behind one that goes on there.
    pub(crate) fn is_followed(&self, node: usize, next: usize) -> bool {
        self.is_inline[next] && self.number[node] < self.number[next]
    }

    /// Whether every way to a node leads through another one.
    pub(crate) fn dominates(&self, one: usize, node: usize) -> bool {
        let (Some(one), Some(mut place)) = (self.number[one], self.number[node]) else { return false };
        while place > one {
            place = self.dominator[place];
        }
        place == one
    }

    /// Nodes of the loop of a head, the head included.
    pub(crate) fn body(&self, head: usize, sources: &[Vec<usize>]) -> Vec<bool> {
        let mut inside = vec![false; self.number.len()];
        inside[head] = true;
        let mut open: Vec<usize> =
            self.back.iter().filter(|(_, target)| *target == head).map(|(source, _)| *source).collect();
        while let Some(node) = open.pop() {
            if !inside[node] && self.number[node].is_some() {
                inside[node] = true;
                open.extend(&sources[node]);
            }
        }
        inside
    }

    /// By iteration in reverse postorder (Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm).
    fn find_dominators(&mut self, graph: &[Edges]) {
        const NONE: usize = usize::MAX;
        let sources = sources(graph);
        let mut found = vec![NONE; self.order.len()];
        if let Some(first) = found.first_mut() {
            *first = 0;
        }
        let mut changed = true;
        while changed {
            changed = false;
            for (place, node) in self.order.iter().enumerate().skip(1) {
                let mut nearest = NONE;
                for source in sources[*node].iter().filter_map(|source| self.number[*source]) {
                    if found[source] == NONE {
                        continue;
                    }
                    nearest = if nearest == NONE { source } else { common(&found, nearest, source) };
                }
                if found[place] != nearest {
                    found[place] = nearest;
                    changed = true;
                }
            }
        }
        self.dominator = found;
    }
}

fn common(dominator: &[usize], mut one: usize, mut other: usize) -> usize {
    while one != other {
        while one > other {
            one = dominator[one];
        }
        while other > one {
            other = dominator[other];
        }
    }
    one
}

/// By node: from where edges lead to it.
pub(crate) fn sources(graph: &[Edges]) -> Vec<Vec<usize>> {
    let mut sources = vec![vec![]; graph.len()];
    for (source, edges) in graph.iter().enumerate() {
        edges.all().for_each(|target| sources[target].push(source));
    }
    sources
}

fn reverse_postorder(graph: &[Edges]) -> Vec<usize> {
    let mut order = vec![];
    let mut seen = vec![false; graph.len()];
    let mut open: Vec<(usize, Vec<usize>)> = vec![];
    if !graph.is_empty() {
        seen[0] = true;
        open.push((0, graph[0].all().collect()));
    }
    while let Some((node, left)) = open.last_mut() {
        match left.pop() {
            Some(next) if !seen[next] => {
                seen[next] = true;
                open.push((next, graph[next].all().collect()));
            }
            Some(_) => {}
            None => {
                order.push(*node);
                open.pop();
            }
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&[usize], Option<usize>)]) -> Vec<Edges> {
        edges.iter().map(|(jumps, tail)| Edges { jumps: jumps.to_vec(), tail: *tail }).collect()
    }

    #[test]
    fn a_diamond_joins_behind_a_block_of_its_first_node() {
        let shape = Shape::of(&graph(&[(&[1], Some(2)), (&[], Some(3)), (&[], Some(3)), (&[], None)]));
        assert!(shape.is_reducible);
        assert_eq!(shape.behind[0], [1, 3]);
        assert!(shape.is_inline[2]);
    }

    #[test]
    fn a_loop_in_a_loop_has_two_heads() {
        let shape = Shape::of(&graph(&[
            (&[], Some(1)),
            (&[4], Some(2)),
            (&[1], Some(3)),
            (&[2], Some(1)),
            (&[], None),
        ]));
        assert!(shape.is_reducible);
        assert_eq!((shape.is_head[1], shape.is_head[2], shape.is_head[3]), (true, true, false));
        let inner = shape.body(
            2,
            &sources(&graph(&[
                (&[], Some(1)),
                (&[4], Some(2)),
                (&[1], Some(3)),
                (&[2], Some(1)),
                (&[], None),
            ])),
        );
        assert_eq!(inner, [false, false, true, true, false]);
    }

    #[test]
    fn a_loop_that_is_entered_twice_is_told() {
        let shape = Shape::of(&graph(&[(&[1], Some(2)), (&[], Some(2)), (&[3], Some(1)), (&[], None)]));
        assert!(!shape.is_reducible);
    }
}
