//! From the parser's events to the tree, with everything that strictness refuses along the way.

use std::borrow::Cow;
use std::ops::ControlFlow;

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::line_index::LineIndex;
use saphyr_parser::{Event, ScalarStyle, Span as Marks};

use super::Limits;
use super::gap::{Gap, Gaps};
use super::quoting::{clipped, quote_end};
use super::syntax::{character, with_quotes};
use super::tree::{Cooked, Kind, Node, NodeId, Style, Tree, VERBATIM, inner_span};
use crate::codes::yaml as codes;

/// A collection whose end has not come yet.
struct Open {
    node: u32,
    mapping: bool,
    flow: bool,
    /// In a mapping: the next node is a key.
    key_next: bool,
}

/// Takes events, gives a tree.
pub(super) struct Builder<'source, 'masks> {
    pub(super) text: &'source str,
    limits: &'masks Limits,
    /// Parts of the text that the parser was shown as a word of the same length; see `recovery`.
    masks: &'masks [Span],
    /// Where the parser's text begins in the file: after the byte order mark.
    base: usize,
    /// From the parser's offsets, which count scalar values, to bytes; `None` for ASCII.
    pub(super) characters: Option<LineIndex>,
    pub(super) nodes: Vec<Node>,
    pub(super) cooked: Vec<Cooked>,
    values: String,
    pub(super) gaps: Gaps<'source>,
    open: Vec<Open>,
    /// End of the node that was finished last.
    last_end: u32,
    documents: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// An expression that the parser has to be kept from; see `recovery`.
    pub(super) expression: Option<(Diagnostic, Span)>,
    /// How much more text the checks for unquoted expressions may read in vain.
    pub(super) patience: usize,
}

/// Anchor and tag of a node.
struct Properties {
    anchor: bool,
    tag: bool,
}

impl<'source, 'masks> Builder<'source, 'masks> {
    pub(super) fn new(
        text: &'source str,
        limits: &'masks Limits,
        masks: &'masks [Span],
        base: usize,
    ) -> Self {
        Self {
            text,
            limits,
            masks,
            base,
            characters: None,
            // A guess for ordinary files, in which a node takes some sixteen bytes of text.
            nodes: Vec::with_capacity(text.len() / 16 + 4),
            cooked: vec![],
            values: String::new(),
            gaps: Gaps::new(text, base),
            open: vec![],
            last_end: 0,
            documents: 0,
            diagnostics: vec![],
            expression: None,
            patience: 1 << 20,
        }
    }

    /// Takes one event; breaks when reading on makes no sense.
    pub(super) fn event(&mut self, event: Event<'_>, marks: Marks) -> ControlFlow<()> {
        let ends =
            matches!(event, Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd);
        if self.nodes.len() >= self.limits.max_nodes && !ends {
            self.report(too_many(character(self.text, self.offset(marks.start)), self.limits.max_nodes));
            return ControlFlow::Break(());
        }
        match event {
            Event::DocumentStart(explicit) => return self.document(explicit, marks),
            Event::Scalar(value, style, anchor, tag) => {
                let properties = Properties { anchor: anchor > 0, tag: tag.is_some() };
                self.scalar(&value, style, &properties, marks);
            }
            Event::Alias(_) => self.alias(marks),
            Event::SequenceStart(anchor, tag) => {
                let properties = Properties { anchor: anchor > 0, tag: tag.is_some() };
                return self.open(false, &properties, marks);
            }
            Event::MappingStart(anchor, tag) => {
                let properties = Properties { anchor: anchor > 0, tag: tag.is_some() };
                return self.open(true, &properties, marks);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(marks),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        ControlFlow::Continue(())
    }

    /// The tree, after the last event.
    pub(super) fn finish(mut self) -> (Tree<'source>, Vec<Diagnostic>) {
        self.gaps.advance(self.text.len());
        for span in std::mem::take(&mut self.gaps.tabs) {
            let spaces = self.text.get(span.range()).unwrap_or("").replace('\t', "  ");
            self.report(
                Diagnostic::error(&codes::TAB_INDENTATION, span, "tab used as indentation")
                    .with_help("indent with spaces")
                    .with_fix("write spaces", span, spaces),
            );
        }
        if self.nodes.is_empty() {
            let span = Span::new(self.text.len(), self.text.len());
            self.push(Kind::Null, span, VERBATIM);
        }
        let Self { text, nodes, cooked, values, gaps, diagnostics, .. } = self;
        (Tree { source: text, nodes, cooked, values, comments: gaps.comments }, diagnostics)
    }

    /// Adds a diagnostic, unless there are too many already.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.limits.max_diagnostics {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The flow collection that is open, for an error about its end.
    pub(super) fn open_flow(&self) -> Option<Span> {
        // The mapping around `a: 1` in `[a: 1]` has no bracket of its own.
        self.open.iter().rev().filter(|open| open.flow).find_map(|open| {
            let start = self.nodes.get(open.node as usize)?.span.start;
            matches!(self.byte(start as usize), Some(b'[' | b'{')).then_some(Span { start, end: start + 1 })
        })
    }

    pub(super) fn offset(&self, mark: saphyr_parser::Marker) -> usize {
        let index = mark.index();
        let in_text = self.characters.as_ref().map_or(index, |characters| {
            characters.offset_of_scalar(u32::try_from(index).unwrap_or(u32::MAX)) as usize
        });
        (self.base + in_text).min(self.text.len())
    }

    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(offset).copied()
    }

    fn document(&mut self, explicit: bool, marks: Marks) -> ControlFlow<()> {
        let start = self.offset(marks.start);
        if explicit {
            let before = self.text.get(self.gaps.cursor..start).unwrap_or("");
            if let Some(line) = before.lines().find(|line| line.starts_with('%')) {
                let at = line.as_ptr() as usize - self.text.as_ptr() as usize;
                self.report(directive(self.text, at));
            }
            self.gaps.advance(start);
            self.gaps.skip_to(start + 3);
        }
        self.documents += 1;
        if self.documents == 2 {
            let span = Span::new(start, start + if explicit { 3 } else { 0 });
            let diagnostic =
                Diagnostic::error(&codes::SEVERAL_DOCUMENTS, span, "a second document begins here")
                    .with_help("one file holds one module; move the rest into a file of its own");
            self.report(diagnostic);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, properties: &Properties, marks: Marks) {
        let mut start = self.offset(marks.start);
        if properties.anchor || properties.tag {
            start = self.properties(start, properties, style == ScalarStyle::Plain);
        }
        let before = self.gaps.cursor;
        let gap = self.gaps.advance(start);
        let style = match style {
            ScalarStyle::Plain if value.is_empty() => return self.null(start, before, gap),
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        if let Ok(mask) = self.masks.binary_search_by_key(&start, |mask| mask.start as usize) {
            let span = self.masks.get(mask).copied().unwrap_or_default();
            self.gaps.skip_to(span.end as usize);
            return self.push(Kind::Scalar(Style::Plain), span, VERBATIM);
        }
        let (span, indentation) = match style {
            Style::Plain => (Span::new(start, self.offset(marks.end)), 0),
            // The parser's mark lies after the blanks and the comment that follow.
            Style::SingleQuoted | Style::DoubleQuoted => (Span::new(start, self.closing_quote(start)), 0),
            Style::Literal | Style::Folded => {
                let header = gap.block_header.unwrap_or(start);
                let indentation = if header == start { 0 } else { marks.start.col() };
                (Span::new(header, self.block_end(header, start, self.offset(marks.end))), indentation)
            }
        };
        self.gaps.skip_to(span.end as usize);
        let block = matches!(style, Style::Literal | Style::Folded);
        let verbatim = !block && self.text.get(inner_span(span, style).range()) == Some(value);
        let cooked = if verbatim { VERBATIM } else { self.cook(value, indentation) };
        let span = if style == Style::Plain { self.cut_by_comment(span) } else { span };
        self.push(Kind::Scalar(style), span, cooked);
    }

    /// Stores the value of a scalar that differs from its text.
    fn cook(&mut self, value: &str, indentation: usize) -> u32 {
        let start = self.values.len();
        self.values.push_str(value);
        let Span { start, end } = Span::new(start, self.values.len());
        self.cooked.push(Cooked { start, end, indentation: Span::new(indentation, 0).start });
        Span::new(self.cooked.len() - 1, 0).start
    }

    /// The parser marks an absent value with some token nearby; it belongs after the last indicator.
    fn null(&mut self, mark: usize, before: usize, gap: Gap) {
        let at = if mark >= before && self.byte(mark) == Some(b':') {
            self.gaps.skip_to(mark + 1);
            mark + 1
        } else {
            gap.after_indicator.unwrap_or(before)
        };
        self.push(Kind::Null, Span::new(at, at), VERBATIM);
    }

    fn alias(&mut self, marks: Marks) {
        let span = Span::new(self.offset(marks.start), self.offset(marks.end));
        self.gaps.advance(span.start as usize);
        self.gaps.skip_to(span.end as usize);
        self.report(alias(self.text, span));
        self.push(Kind::Scalar(Style::Plain), span, VERBATIM);
    }

    fn open(&mut self, mapping: bool, properties: &Properties, marks: Marks) -> ControlFlow<()> {
        let mut start = self.offset(marks.start);
        if properties.anchor || properties.tag {
            start = self.properties(start, properties, false);
        }
        let gap = self.gaps.advance(start);
        let bracket = if mapping { b'{' } else { b'[' };
        let parent = self.open.last();
        let mut flow = parent.is_some_and(|open| open.flow);
        if let (false, Some(dash), Some(Open { mapping: true, .. })) = (mapping, gap.first_dash, parent) {
            // For a list at the indentation of its key, the parser marks the first item instead.
            start = dash;
        } else if self.byte(start) == Some(bracket) {
            flow = true;
            self.gaps.skip_to(start + 1);
        }
        if self.open.len() >= self.limits.max_depth {
            self.report(too_deep(character(self.text, start), self.limits.max_depth));
            return ControlFlow::Break(());
        }
        let node = Span::new(self.nodes.len(), 0).start;
        let kind = if mapping { Kind::Mapping { flow } } else { Kind::Sequence { flow } };
        self.push(kind, Span::new(start, start), VERBATIM);
        self.open.push(Open { node, mapping, flow, key_next: mapping });
        ControlFlow::Continue(())
    }

    fn close(&mut self, marks: Marks) {
        let Some(open) = self.open.pop() else { return };
        let at = self.offset(marks.start);
        let bracket = if open.mapping { b'}' } else { b']' };
        let start = self.nodes.get(open.node as usize).map_or(0, |node| node.span.start);
        let opened = self.byte(start as usize);
        let end = if open.flow && self.byte(at) == Some(bracket) && opened == Some(bracket - 2) {
            self.gaps.advance(at);
            self.gaps.skip_to(at + 1);
            Span::new(at + 1, 0).start
        } else {
            self.last_end
        };
        let subtree_end = Span::new(self.nodes.len(), 0).start;
        if let Some(node) = self.nodes.get_mut(open.node as usize) {
            node.span.end = end.max(start);
            node.subtree_end = subtree_end;
        }
        self.last_end = end;
        if open.flow {
            if self.check_comprehension(NodeId(open.node)) {
                return;
            }
            self.check_split_values(NodeId(open.node));
        }
        if open.mapping {
            self.check_quantifier_key(NodeId(open.node), open.flow);
            self.check_duplicates(NodeId(open.node));
        }
    }

    /// Adds a node; the caller has checked nothing about keys yet.
    fn push(&mut self, kind: Kind, span: Span, cooked: u32) {
        let index = self.nodes.len();
        let is_key = match self.open.last_mut() {
            Some(open) if open.mapping => {
                open.key_next = !open.key_next;
                !open.key_next
            }
            _ => false,
        };
        if index == self.nodes.capacity() {
            // Doubling would hold three times the nodes for a moment.
            self.nodes.reserve_exact(index / 2 + 16);
        }
        let subtree_end = Span::new(index + 1, 0).start;
        self.nodes.push(Node { span, subtree_end, cooked, kind, refused: false });
        self.last_end = span.end;
        if is_key {
            let refused = self.check_key(kind, span);
            if let Some(node) = self.nodes.last_mut() {
                node.refused = refused;
            }
        }
    }

    fn check_key(&mut self, kind: Kind, span: Span) -> bool {
        let diagnostic = match kind {
            Kind::Scalar(Style::Plain) if self.text.get(span.range()) == Some("<<") => {
                Diagnostic::error(&codes::MERGE_KEY, span, "merge keys (`<<`) are not supported")
                    .with_help("write the keys out")
            }
            Kind::Scalar(_) => return false,
            Kind::Null => Diagnostic::error(&codes::KEY_NOT_TEXT, span, "expected a key before `:`")
                .with_help("write a name before the colon"),
            Kind::Sequence { .. } | Kind::Mapping { .. } => {
                let what = if matches!(kind, Kind::Sequence { .. }) { "a list" } else { "a mapping" };
                let span = character(self.text, span.start as usize);
                Diagnostic::error(&codes::KEY_NOT_TEXT, span, format!("{what} cannot be a key"))
                    .with_help("a key is a plain or quoted text")
            }
        };
        self.report(diagnostic);
        true
    }

    /// Reports anchor and tag of a node and finds where the node itself begins.
    fn properties(&mut self, start: usize, properties: &Properties, plain: bool) -> usize {
        let mut at = start;
        loop {
            let token = at;
            match self.byte(at) {
                Some(b'&' | b'!') => {
                    while !matches!(
                        self.byte(at),
                        None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}')
                    ) {
                        at += 1;
                    }
                    self.property(Span::new(token, at), properties, plain);
                }
                Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
                Some(b'#') => {
                    while !matches!(self.byte(at), None | Some(b'\n')) {
                        at += 1;
                    }
                }
                _ => break,
            }
            if token == at {
                break;
            }
        }
        at
    }

    fn property(&mut self, span: Span, properties: &Properties, plain: bool) {
        let text = self.text.get(span.range()).unwrap_or("");
        let shown = clipped(text);
        let mut removed = span;
        while self.byte(removed.end as usize) == Some(b' ') {
            removed.end += 1;
        }
        let diagnostic = if text.starts_with('&') && properties.anchor {
            Diagnostic::error(&codes::ANCHOR, span, format!("anchors are not supported: `{shown}`"))
                .with_help("remove the anchor; shared definitions go under `types:`")
                .with_fix("remove the anchor", removed, "")
        } else if properties.tag {
            let diagnostic =
                Diagnostic::error(&codes::TAG, span, format!("tags are not supported: `{shown}`"));
            // Looking for an expression reads the line, which is not worth it for what nobody is told.
            let unseen = self.diagnostics.len() >= self.limits.max_diagnostics;
            if text.starts_with("!!") || text.starts_with("!<") || !plain || unseen {
                diagnostic
                    .with_help("remove the tag; a scalar is read by the type that is expected here")
                    .with_fix("remove the tag", removed, "")
            } else {
                let open_flow = self.open_flow();
                let (diagnostic, expression) =
                    with_quotes(diagnostic, self.text, span.start as usize, open_flow);
                if let (Some(expression), None) = (expression, &self.expression) {
                    self.expression = Some((diagnostic, expression));
                    return;
                }
                diagnostic
            }
        } else {
            return;
        };
        self.report(diagnostic);
    }

    pub(super) fn closing_quote(&self, open: usize) -> usize {
        let bytes = self.text.as_bytes();
        if let Some(end) = quote_end(bytes, open) {
            return end;
        }
        // Over several lines.
        let Some(&quote) = bytes.get(open) else { return open };
        let mut at = open + 1;
        while let Some(&byte) = bytes.get(at) {
            at += match byte {
                b'\\' if quote == b'"' => 2,
                b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => 2,
                _ if byte == quote => return at + 1,
                _ => 1,
            };
        }
        bytes.len()
    }

    /// The end of the last line of a block that is not blank.
    fn block_end(&self, header: usize, content: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        if header == content {
            let mut at = header + 1;
            while matches!(self.byte(at), Some(b'0'..=b'9' | b'+' | b'-')) {
                at += 1;
            }
            return at;
        }
        let body = bytes.get(content..end).unwrap_or_default();
        let last = body.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        let mut at = content + last.map_or(0, |last| last + 1);
        while at < end && !matches!(self.byte(at), None | Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    }
}

pub(super) fn directive(text: &str, at: usize) -> Diagnostic {
    let line = text.get(at..).unwrap_or("").lines().next().unwrap_or("");
    let shown = clipped(line);
    Diagnostic::error(
        &codes::DIRECTIVE,
        Span::new(at, at + line.len()),
        format!("directives are not supported: `{shown}`"),
    )
    .with_help("remove the line")
    .with_fix("remove the directive", Span::new(at, at + line.len()), "")
}

pub(super) fn too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(&codes::TOO_DEEP, span, format!("nested deeper than {limit} levels"))
        .with_help("name parts of the structure, as types or functions of their own")
}

fn too_many(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(&codes::TOO_MANY, span, format!("more than {limit} keys and values"))
        .with_help("a module is no place for data: give it as an input, or split the module")
}

pub(super) fn alias(text: &str, span: Span) -> Diagnostic {
    let shown = clipped(text.get(span.range()).unwrap_or(""));
    let diagnostic = Diagnostic::error(&codes::ALIAS, span, format!("aliases are not supported: `{shown}`"));
    diagnostic.with_help("write the value out; if the `*` belongs to an expression, quote the expression")
}

/// Used by the checks that look at finished collections.
impl Builder<'_, '_> {
    /// The direct children of a node: index and whether it has been refused.
    pub(super) fn child_after(&self, node: u32) -> u32 {
        self.nodes.get(node as usize).map_or(u32::MAX, |node| node.subtree_end.max(1))
    }

    pub(super) fn node(&self, index: u32) -> Option<Node> {
        self.nodes.get(index as usize).copied()
    }

    /// The value of a scalar node.
    pub(super) fn value(&self, index: u32) -> Cow<'_, str> {
        let text = self.node(index).and_then(|node| {
            let Kind::Scalar(style) = node.kind else { return None };
            match self.cooked.get(node.cooked as usize) {
                Some(cooked) => self.values.get(cooked.start as usize..cooked.end as usize),
                None => self.text.get(inner_span(node.span, style).range()),
            }
        });
        Cow::Borrowed(text.unwrap_or(""))
    }
}
