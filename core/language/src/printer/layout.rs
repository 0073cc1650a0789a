//! The canonical layout: two spaces a level, one blank after a dash, at most one empty line in a row.
//!
//! Lines keep their content and order; only what stands before and behind it changes. Lines inside a scalar
//! or a bracketed collection move with the line that it begins on.

use crate::yaml::{Kind, NodeId, Tree};

/// The text of a tree in the canonical layout.
pub(super) fn lay_out(tree: &Tree<'_>) -> String {
    let mut lines = Lines::new(tree.source());
    lines.anchor(tree);
    lines.protect(tree);
    for comment in tree.comments().iter().filter(|comment| comment.alone) {
        let line = lines.of(comment.span.start as usize);
        if let Some(line) = lines.all.get_mut(line) {
            line.comment = true;
        }
    }
    lines.print()
}

struct Line<'t> {
    /// Without blanks at both ends.
    text: &'t str,
    /// The whole line.
    full: &'t str,
    indent: usize,
    /// The canonical indentation of a key or dash that begins the line.
    anchor: Option<usize>,
    /// Blanks behind dashes that begin the line: offsets in `text` and how many there are.
    gaps: Vec<(usize, usize)>,
    comment: bool,
    /// Inside a scalar of several lines.
    inside: bool,
}

struct Lines<'t> {
    source: &'t str,
    starts: Vec<usize>,
    all: Vec<Line<'t>>,
}

impl<'t> Lines<'t> {
    fn new(source: &'t str) -> Self {
        let mut starts = vec![];
        let mut all = vec![];
        let mut at = 0;
        for full in source.split_inclusive('\n') {
            starts.push(at);
            at += full.len();
            let full = full.strip_suffix('\n').unwrap_or(full);
            let text = full.trim_matches([' ', '\t', '\r']);
            let indent = full.len() - full.trim_start_matches(' ').len();
            all.push(Line { text, full, indent, anchor: None, gaps: vec![], comment: false, inside: false });
        }
        Self { source, starts, all }
    }

    /// The line that holds an offset.
    fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// What stands before an offset on its line.
    fn before(&self, offset: usize) -> &'t str {
        let start = self.starts.get(self.of(offset)).copied().unwrap_or(0);
        self.source.get(start..offset).unwrap_or("")
    }

    fn set(&mut self, offset: usize, column: usize) {
        if self.before(offset).bytes().all(|byte| byte == b' ') {
            let line = self.of(offset);
            if let Some(line) = self.all.get_mut(line) {
                line.anchor = Some(column);
            }
        }
    }

    /// Finds the lines that begin with a key or a dash, and where these belong.
    fn anchor(&mut self, tree: &Tree<'_>) {
        let mut open = vec![(tree.root(), 0)];
        while let Some((node, column)) = open.pop() {
            match tree.kind(node) {
                Kind::Mapping { flow: false } => {
                    for entry in tree.entries(node) {
                        self.set(tree.span(entry.key).start as usize, column);
                        open.push((entry.value, column + 2));
                    }
                }
                Kind::Sequence { flow: false } => {
                    for item in tree.items(node) {
                        self.dash(tree, item, column);
                        open.push((item, column + 2));
                    }
                }
                _ => {}
            }
        }
    }

    /// The dash before an item.
    fn dash(&mut self, tree: &Tree<'_>, item: NodeId, column: usize) {
        let start = tree.span(item).start as usize;
        let before = self.before(start);
        let trimmed = before.trim_end_matches(' ');
        if trimmed.ends_with('-') {
            let dash = start - before.len() + trimmed.len() - 1;
            self.set(dash, column);
            let line = self.of(start);
            if let Some(line) = self.all.get_mut(line) {
                let offset = trimmed.len().saturating_sub(line.indent);
                line.gaps.push((offset, before.len() - trimmed.len()));
            }
            return;
        }
        // The item begins below its dash.
        let mut line = self.of(start);
        while let Some(above) = line.checked_sub(1) {
            line = above;
            let Some(candidate) = self.all.get_mut(line) else { return };
            if candidate.text == "-" || candidate.text.starts_with("- #") {
                candidate.anchor = Some(column);
                return;
            }
            if !candidate.text.is_empty() && !candidate.text.starts_with('#') {
                return;
            }
        }
    }

    /// Marks the lines inside scalars, where blanks count.
    fn protect(&mut self, tree: &Tree<'_>) {
        let mut open = vec![tree.root()];
        while let Some(node) = open.pop() {
            match tree.kind(node) {
                Kind::Scalar(_) => {
                    let span = tree.span(node);
                    let text = tree.source().get(span.range()).unwrap_or("");
                    let last = self.of(span.start as usize + text.trim_end_matches('\n').len());
                    for line in self.of(span.start as usize) + 1..=last {
                        if let Some(line) = self.all.get_mut(line) {
                            line.inside = true;
                        }
                    }
                }
                Kind::Mapping { .. } => {
                    open.extend(tree.entries(node).flat_map(|entry| [entry.key, entry.value]))
                }
                Kind::Sequence { .. } => open.extend(tree.items(node)),
                Kind::Null => {}
            }
        }
    }

    fn print(&self) -> String {
        let mut result = String::with_capacity(self.source.len());
        // Where the last anchored line stood and stands.
        let mut last = (0, 0);
        let mut empty = true;
        for (index, line) in self.all.iter().enumerate() {
            if line.text.is_empty() && !line.inside {
                if !empty {
                    result.push('\n');
                }
                empty = true;
                continue;
            }
            empty = false;
            let moved = |from: (usize, usize)| (line.indent + from.1).saturating_sub(from.0);
            let column = match line.anchor {
                Some(column) => {
                    last = (line.indent, column);
                    column
                }
                None if line.comment && !line.inside => self.comment_column(index, last),
                None => moved(last),
            };
            if line.inside {
                if !line.text.is_empty() {
                    result.extend(std::iter::repeat_n(' ', column));
                }
                result.push_str(line.full.get(line.indent..).unwrap_or(""));
            } else {
                result.extend(std::iter::repeat_n(' ', column));
                result.push_str(&line.with_gaps());
            }
            result.push('\n');
        }
        let length = result.trim_end_matches('\n').len();
        result.truncate(length);
        if !result.is_empty() {
            result.push('\n');
        }
        result
    }

    /// A comment goes with the key or dash that is nearest to its indentation: the one below, or the one above.
    fn comment_column(&self, index: usize, above: (usize, usize)) -> usize {
        let indent = self.all.get(index).map_or(0, |line| line.indent);
        let below = self
            .all
            .get(index + 1..)
            .unwrap_or_default()
            .iter()
            .find_map(|line| Some((line.indent, line.anchor?)));
        match below {
            Some((old, new)) if indent.abs_diff(old) <= indent.abs_diff(above.0) => new,
            _ if indent >= above.0 => above.1 + (indent - above.0).min(2),
            _ => indent / 2 * 2,
        }
    }
}

impl Line<'_> {
    /// The text with one blank behind each dash that begins it.
    fn with_gaps(&self) -> String {
        let mut text = self.text.to_owned();
        let mut gaps = self.gaps.clone();
        gaps.sort_unstable();
        for (offset, length) in gaps.into_iter().rev() {
            if length > 1
                && text.get(offset..offset + length).is_some_and(|gap| gap.bytes().all(|byte| byte == b' '))
            {
                text.replace_range(offset..offset + length, " ");
            }
        }
        text
    }
}
