//! Dominators: T. Lengauer and R. Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), the
//! simple version with path compression, without recursion.

/// Of nodes that cannot be reached, or of the root.
pub(super) const NONE: u32 = u32::MAX;

/// For each number below a count a list of others.
pub(super) struct Lists {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Lists {
    /// The second of each pair stands in the list of the first, in the order of the pairs.
    pub(super) fn new(count: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; count + 1];
        pairs.clone().for_each(|(of, _)| starts[of as usize] += 1);
        let mut total = 0;
        for start in &mut starts {
            total += std::mem::replace(start, total);
        }
        let mut items = vec![0; total];
        for (of, item) in pairs {
            let next = &mut starts[of as usize];
            items[*next] = item;
            *next += 1;
        }
        // Each start has come to where the next list starts.
        starts.rotate_right(1);
        starts[0] = 0;
        Self { starts, items }
    }

    pub(super) fn of(&self, index: u32) -> &[u32] {
        &self.items[self.starts[index as usize]..self.starts[index as usize + 1]]
    }
}

/// The immediate dominator of every node of a graph, [`NONE`] for the root and for what cannot be reached.
pub(super) fn immediate(count: usize, edges: &[(u32, u32)], root: u32) -> Vec<u32> {
    let successors = Lists::new(count, edges.iter().copied());
    let predecessors = Lists::new(count, edges.iter().map(|(from, to)| (*to, *from)));
    let mut tree = Tree {
        ancestor: vec![NONE; count],
        label: (0..).take(count).collect(),
        semi: vec![NONE; count],
        path: vec![],
    };
    let mut parent = vec![NONE; count];
    let mut order: Vec<u32> = Vec::with_capacity(count);
    let mut path = vec![(root, 0)];
    while let Some((node, position)) = path.pop() {
        if position == 0 {
            tree.semi[node as usize] = u32::try_from(order.len()).unwrap_or(NONE);
            order.push(node);
        }
        if let Some(next) = successors.of(node).get(position) {
            path.push((node, position + 1));
            if tree.semi[*next as usize] == NONE {
                // Marked at once, so that no other edge pushes it again.
                tree.semi[*next as usize] = 0;
                parent[*next as usize] = node;
                path.push((*next, 0));
            }
        }
    }
    // Of a node: the nodes that it may be the semidominator of, each with the next one.
    let mut bucket = vec![NONE; count];
    let mut after = vec![NONE; count];
    let mut dominator = vec![NONE; count];
    for node in order.iter().skip(1).rev().copied() {
        let here = node as usize;
        for previous in predecessors.of(node) {
            let best = tree.eval(*previous);
            tree.semi[here] = tree.semi[here].min(tree.semi[best as usize]);
        }
        let semidominator = order[tree.semi[here] as usize] as usize;
        after[here] = std::mem::replace(&mut bucket[semidominator], node);
        let above = parent[here];
        tree.ancestor[here] = above;
        let mut next = std::mem::replace(&mut bucket[above as usize], NONE);
        while next != NONE {
            let other = next as usize;
            let best = tree.eval(next);
            let earlier = tree.semi[best as usize] < tree.semi[other];
            dominator[other] = if earlier { best } else { above };
            next = after[other];
        }
    }
    for node in order.iter().skip(1).copied() {
        let here = node as usize;
        if dominator[here] != order[tree.semi[here] as usize] {
            dominator[here] = dominator[dominator[here] as usize];
        }
    }
    dominator[root as usize] = NONE;
    dominator
}

struct Tree {
    ancestor: Vec<u32>,
    label: Vec<u32>,
    /// Number of the semidominator in depth-first order.
    semi: Vec<u32>,
    /// For [`Tree::eval`].
    path: Vec<u32>,
}

impl Tree {
    fn eval(&mut self, node: u32) -> u32 {
        if self.ancestor[node as usize] == NONE {
            return self.label[node as usize];
        }
        let mut at = node;
        while self.ancestor[self.ancestor[at as usize] as usize] != NONE {
            self.path.push(at);
            at = self.ancestor[at as usize];
        }
        while let Some(at) = self.path.pop() {
            let above = self.ancestor[at as usize];
            let (mine, theirs) = (self.label[at as usize], self.label[above as usize]);
            if self.semi[theirs as usize] < self.semi[mine as usize] {
                self.label[at as usize] = theirs;
            }
            self.ancestor[at as usize] = self.ancestor[above as usize];
        }
        self.label[node as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_s_example() {
        // R A B C D E F G H I J K L as 0..13, from figure 1 of the paper.
        let edges: &[&[u32]] = &[
            &[1, 2, 3], // R: A B C
            &[4],       // A: D
            &[1, 4, 5], // B: A D E
            &[6, 7],    // C: F G
            &[12],      // D: L
            &[8],       // E: H
            &[9],       // F: I
            &[9, 10],   // G: I J
            &[5, 11],   // H: E K
            &[11],      // I: K
            &[9],       // J: I
            &[0, 9],    // K: R I
            &[8],       // L: H
        ];
        let edges: Vec<(u32, u32)> =
            (0..).zip(edges).flat_map(|(from, edges)| edges.iter().map(move |to| (from, *to))).collect();
        let expected = [NONE, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4];
        assert_eq!(immediate(13, &edges, 0), expected);
    }

    #[test]
    fn dominators_are_those_of_the_definition() {
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..300 {
            let count = 2 + next(9);
            let mut successors = vec![vec![]; usize::try_from(count).unwrap()];
            let mut edges = vec![];
            for _ in 0..next(24) {
                let (from, to) = (u32::try_from(next(count)).unwrap(), u32::try_from(next(count)).unwrap());
                successors[from as usize].push(to);
                edges.push((from, to));
            }
            let found = immediate(successors.len(), &edges, 0);
            let reach = |without: Option<usize>| {
                let mut seen = vec![false; successors.len()];
                let mut open = if without == Some(0) { vec![] } else { vec![0] };
                while let Some(node) = open.pop() {
                    if !std::mem::replace(&mut seen[node], true) {
                        let next = successors[node].iter().map(|next| *next as usize);
                        open.extend(next.filter(|next| Some(*next) != without));
                    }
                }
                seen
            };
            let reachable = reach(None);
            for node in 1..successors.len() {
                let dominators: Vec<usize> =
                    (0..successors.len()).filter(|it| *it != node && !reach(Some(*it))[node]).collect();
                let expected = dominators.iter().copied().find(|it| {
                    // The closest is dominated by all the others.
                    dominators.iter().all(|other| other == it || !reach(Some(*other))[*it])
                });
                let expected =
                    expected.filter(|_| reachable[node]).map_or(NONE, |it| u32::try_from(it).unwrap());
                assert_eq!(found[node], expected, "node {node} of {successors:?}");
            }
        }
    }
}
