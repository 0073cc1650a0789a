//! The tree of one YAML document: an array in text order, so that neither building nor dropping it recurses.

use anrf_format::diagnostic::Span;

use super::offsets::OffsetMap;

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'...'`
    SingleQuoted,
    /// `"..."`
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing is written, as after `key:`.
    Null,
    /// Text; what it means depends on the type that is expected in its place.
    Scalar(Style),
    /// A list; `flow` when written in brackets.
    Sequence {
        /// Written as `[...]`.
        flow: bool,
    },
    /// Keys and values; `flow` when written in braces.
    Mapping {
        /// Written as `{...}`.
        flow: bool,
    },
}

/// One key with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Always a scalar.
    pub key: NodeId,
    /// Anything.
    pub value: NodeId,
}

/// A comment, from its `#` to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to just before the line end.
    pub span: Span,
    /// Nothing but blanks stands before it on its line; otherwise it trails something.
    pub alone: bool,
}

/// Marks a scalar whose value is the text of its span, without the quotes.
pub(super) const VERBATIM: u32 = u32::MAX;

/// Twenty bytes: the tree of a dense file must stay a small multiple of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    /// The index just past the last descendant, which is that of the next sibling.
    pub(super) subtree_end: u32,
    /// Scalar: index into `cooked`, or `VERBATIM`.
    pub(super) cooked: u32,
    pub(super) kind: Kind,
    /// A diagnostic has dealt with this key or item, so readers do not see it.
    pub(super) refused: bool,
}

/// The value of a scalar that is not verbatim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cooked {
    /// Range in `Tree::values`.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Spaces before each line of a block scalar.
    pub(super) indentation: u32,
}

/// One document. Accessors are total: a node of another tree gives an empty answer, never a panic.
#[derive(Clone, Debug)]
pub struct Tree<'source> {
    pub(super) source: &'source str,
    pub(super) nodes: Vec<Node>,
    pub(super) cooked: Vec<Cooked>,
    pub(super) values: String,
    pub(super) comments: Vec<Comment>,
}

impl<'source> Tree<'source> {
    /// The tree of an empty text.
    #[must_use]
    pub fn empty() -> Self {
        Self { source: "", nodes: vec![], cooked: vec![], values: String::new(), comments: vec![] }
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &'source str {
        self.source
    }

    /// The whole document; [`Kind::Null`] for an empty file.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, node: NodeId) -> Kind {
        self.node(node).map_or(Kind::Null, |node| node.kind)
    }

    /// Where a node stands, quotes, brackets and the `|` of a block included. The span of a null is empty
    /// and lies where the value would begin.
    #[must_use]
    pub fn span(&self, node: NodeId) -> Span {
        self.node(node).map_or_else(Span::default, |node| node.span)
    }

    /// The value of a scalar with escapes and folding resolved; `None` for anything else.
    #[must_use]
    pub fn text(&self, node: NodeId) -> Option<&str> {
        let node = self.node(node)?;
        let Kind::Scalar(style) = node.kind else { return None };
        match self.cooked.get(node.cooked as usize) {
            Some(cooked) => self.values.get(cooked.start as usize..cooked.end as usize),
            None => self.source.get(inner_span(node.span, style).range()),
        }
    }

    /// The items of a sequence, in order; nothing for other nodes.
    #[must_use]
    pub fn items(&self, node: NodeId) -> Items<'_> {
        match self.node(node) {
            Some(Node { kind: Kind::Sequence { .. }, subtree_end, .. }) => self.children(node, *subtree_end),
            _ => self.children(node, node.0),
        }
    }

    /// The entries of a mapping, in order; nothing for other nodes. Entries that were refused with a
    /// diagnostic (such as the second of two equal keys) are left out.
    #[must_use]
    pub fn entries(&self, node: NodeId) -> Entries<'_> {
        match self.node(node) {
            Some(Node { kind: Kind::Mapping { .. }, subtree_end, .. }) => {
                Entries(self.children(node, *subtree_end))
            }
            _ => Entries(self.children(node, node.0)),
        }
    }

    /// The entry with this key.
    #[must_use]
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<Entry> {
        self.entries(mapping).find(|entry| self.text(entry.key) == Some(key))
    }

    /// All comments, in order of position.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// How offsets in the value of a scalar map to offsets in the source. Cheap for scalars without escapes
    /// and folding; otherwise it walks the scalar once.
    #[must_use]
    pub fn offset_map(&self, node: NodeId) -> OffsetMap {
        let Some(node) = self.node(node) else { return OffsetMap::verbatim(0, 0) };
        let Kind::Scalar(style) = node.kind else { return OffsetMap::verbatim(node.span.start, 0) };
        let inner = inner_span(node.span, style);
        match self.cooked.get(node.cooked as usize) {
            None => OffsetMap::verbatim(inner.start, inner.end - inner.start),
            Some(cooked) => {
                let value = self.values.get(cooked.start as usize..cooked.end as usize).unwrap_or("");
                OffsetMap::aligned(self.source, inner, style, cooked.indentation as usize, value)
            }
        }
    }

    /// The offset in the source of one offset in a scalar's value. Who maps several offsets of one scalar
    /// keeps its [`Self::offset_map`].
    #[must_use]
    pub fn source_offset(&self, node: NodeId, offset: u32) -> u32 {
        self.offset_map(node).source(offset)
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node.0 as usize)
    }

    fn children(&self, node: NodeId, end: u32) -> Items<'_> {
        Items { nodes: &self.nodes, next: node.0.saturating_add(1), end }
    }
}

/// The span without quotes.
pub(super) fn inner_span(span: Span, style: Style) -> Span {
    match style {
        Style::SingleQuoted | Style::DoubleQuoted => {
            Span { start: span.start + 1, end: span.end.saturating_sub(1).max(span.start + 1) }
        }
        Style::Plain | Style::Literal | Style::Folded => span,
    }
}

/// See [`Tree::items`].
#[derive(Clone, Debug)]
pub struct Items<'tree> {
    nodes: &'tree [Node],
    next: u32,
    end: u32,
}

impl Items<'_> {
    fn step(&mut self) -> Option<(NodeId, bool)> {
        if self.next >= self.end {
            return None;
        }
        let id = self.next;
        let node = self.nodes.get(id as usize)?;
        self.next = node.subtree_end.max(id + 1);
        Some((NodeId(id), node.refused))
    }
}

impl Iterator for Items<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            let (id, refused) = self.step()?;
            if !refused {
                return Some(id);
            }
        }
    }
}

/// See [`Tree::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'tree>(Items<'tree>);

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let (key, refused) = self.0.step()?;
            let (value, _) = self.0.step()?;
            if !refused {
                return Some(Entry { key, value });
            }
        }
    }
}
