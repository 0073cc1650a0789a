//! Dominators: T. Lengauer and R. Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), the
//! simple version with path compression, without recursion.

/// Of nodes that cannot be reached, or of the root.
pub(super) const NONE: u32 = u32::MAX;

/// The immediate dominator of every node of a graph, [`NONE`] for the root and for what cannot be reached.
pub(super) fn immediate(successors: &[Vec<u32>], root: u32) -> Vec<u32> {
    let count = successors.len();
    let mut tree =
        Tree { ancestor: vec![NONE; count], label: (0..).take(count).collect(), semi: vec![NONE; count] };
    let mut parent = vec![NONE; count];
    let mut order: Vec<u32> = vec![];
    let mut predecessors: Vec<Vec<u32>> = vec![vec![]; count];
    let mut path = vec![(root, 0)];
    while let Some((node, position)) = path.pop() {
        let here = node as usize;
        if position == 0 {
            tree.semi[here] = u32::try_from(order.len()).unwrap_or(NONE);
            order.push(node);
        }
        if let Some(next) = successors[here].get(position) {
            path.push((node, position + 1));
            predecessors[*next as usize].push(node);
            if tree.semi[*next as usize] == NONE {
                // Marked at once, so that no other edge pushes it again.
                tree.semi[*next as usize] = 0;
                parent[*next as usize] = node;
                path.push((*next, 0));
            }
        }
    }
    let mut bucket: Vec<Vec<u32>> = vec![vec![]; count];
    let mut dominator = vec![NONE; count];
    for node in order.iter().skip(1).rev().copied() {
        let here = node as usize;
        for previous in &predecessors[here] {
            let best = tree.eval(*previous);
            tree.semi[here] = tree.semi[here].min(tree.semi[best as usize]);
        }
        bucket[order[tree.semi[here] as usize] as usize].push(node);
        let above = parent[here];
        tree.ancestor[here] = above;
        for other in std::mem::take(&mut bucket[above as usize]) {
            let best = tree.eval(other);
            let earlier = tree.semi[best as usize] < tree.semi[other as usize];
            dominator[other as usize] = if earlier { best } else { above };
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
}

impl Tree {
    fn eval(&mut self, node: u32) -> u32 {
        if self.ancestor[node as usize] == NONE {
            return self.label[node as usize];
        }
        let mut path = vec![];
        let mut at = node;
        while self.ancestor[self.ancestor[at as usize] as usize] != NONE {
            path.push(at);
            at = self.ancestor[at as usize];
        }
        for at in path.into_iter().rev() {
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
        let successors: Vec<Vec<u32>> = edges.iter().map(|edges| edges.to_vec()).collect();
        let expected = [NONE, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4];
        assert_eq!(immediate(&successors, 0), expected);
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
            for _ in 0..next(24) {
                successors[usize::try_from(next(count)).unwrap()].push(u32::try_from(next(count)).unwrap());
            }
            let found = immediate(&successors, 0);
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
