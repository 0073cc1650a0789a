//! What a finished list or mapping shows: keys given twice, and expressions that YAML tore apart.
//!
//! Where the meant text is plain, the node takes it, so that later stages do not complain once more.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::builder::Builder;
use super::quoting::{clipped, expression_end, quote_end, quoted};
use super::tree::{Kind, NodeId, Style, VERBATIM};
use crate::codes::yaml as codes;

impl Builder<'_, '_> {
    /// Every key once. Sorting keeps this fast for any choice of keys.
    pub(super) fn check_duplicates(&mut self, mapping: NodeId) {
        let Some(node) = self.node(mapping.0) else { return };
        let mut keys = vec![];
        let mut key = mapping.0 + 1;
        while key < node.subtree_end {
            if self.node(key).is_some_and(|key| !key.refused) {
                keys.push(key);
            }
            key = self.child_after(self.child_after(key));
        }
        if keys.len() < 2 {
            return;
        }
        keys.sort_by(|&left, &right| self.value(left).cmp(&self.value(right)).then(left.cmp(&right)));
        let mut pairs = vec![];
        let mut first = None;
        for &key in &keys {
            match first {
                Some(earlier) if self.value(earlier) == self.value(key) => pairs.push((earlier, key)),
                _ => first = Some(key),
            }
        }
        for (first, second) in pairs {
            self.duplicate(first, second);
        }
    }

    fn duplicate(&mut self, first: u32, second: u32) {
        let (Some(earlier), Some(later)) = (self.node(first), self.node(second)) else { return };
        let message = format!("key `{}` is given twice", clipped(&self.value(second)));
        let diagnostic = Diagnostic::error(&codes::DUPLICATE_KEY, later.span, message)
            .with_help("rename or remove one of the two")
            .with_note(earlier.span, "first given here");
        self.report(diagnostic);
        if let Some(node) = self.nodes.get_mut(second as usize) {
            node.refused = true;
        }
    }

    /// `[x * 2 FOR x IN xs]` is a list of one text to YAML.
    pub(super) fn check_comprehension(&mut self, collection: NodeId) -> bool {
        let Some(node) = self.node(collection.0) else { return false };
        let bracket = self.byte(node.span.start as usize);
        let text = self.text.get(node.span.range()).unwrap_or("");
        if !matches!(bracket, Some(b'[' | b'{')) || text.len() > 4096 || text.contains('\n') {
            return false;
        }
        let found = text.get(1..).is_some_and(is_comprehension);
        if found {
            let diagnostic =
                must_quote(self.text, node.span, "YAML reads its brackets as a list or mapping of texts");
            self.report(diagnostic);
            self.take_over(collection.0, node.span);
        }
        found
    }

    /// `{ type: map<string, integer> }` and `[f(x, y)]`: a comma inside an unquoted value.
    pub(super) fn check_split_values(&mut self, collection: NodeId) {
        let Some(node) = self.node(collection.0) else { return };
        let mapping = matches!(node.kind, Kind::Mapping { .. });
        let mut key = collection.0 + 1;
        while key < node.subtree_end {
            let value = if mapping { self.child_after(key) } else { key };
            let next = self.child_after(value);
            if self.node(key).is_some_and(|key| !key.refused) {
                self.check_split_value(value, next, node.span.end, node.subtree_end, mapping);
            }
            key = next;
        }
    }

    fn check_split_value(&mut self, value: u32, next: u32, close: u32, subtree_end: u32, mapping: bool) {
        let Some(node) = self.node(value) else { return };
        // A value that is split is followed by something.
        if node.kind != Kind::Scalar(Style::Plain) || node.cooked != VERBATIM || next >= subtree_end {
            return;
        }
        let text = self.text.get(node.span.range()).unwrap_or("");
        if self.patience == 0 || !text.contains(['(', '<']) {
            return;
        }
        let Some(end) = expression_end(self.text, node.span.start as usize, true) else {
            self.patience = self.patience.saturating_sub(1024);
            return;
        };
        let span = Span { start: node.span.start, end: Span::new(end, 0).start };
        if span.end <= node.span.end || span.end >= close {
            return;
        }
        let whole = self.text.get(span.range()).unwrap_or("").to_owned();
        let shown = clipped(&whole);
        let what = if mapping { "two keys" } else { "two items" };
        let diagnostic =
            Diagnostic::error(&codes::UNQUOTED_COMMA, span, format!("`{shown}` is {what} to YAML"))
                .with_help(format!("quote it: `{}`", quoted(&shown)))
                .with_fix("put it in quotes", span, quoted(&whole));
        self.report(diagnostic);
        self.take_over(value, span);
        let mut key = next;
        while key < subtree_end {
            match self.nodes.get_mut(key as usize) {
                Some(swallowed) if swallowed.span.start < span.end => swallowed.refused = true,
                _ => break,
            }
            key = self.child_after(key);
            if mapping {
                key = self.child_after(key);
            }
        }
    }

    /// `- FORALL i IN 0..n: p` is a mapping with one key to YAML.
    pub(super) fn check_quantifier_key(&mut self, mapping: NodeId, flow: bool) {
        let (Some(node), key) = (self.node(mapping.0), mapping.0 + 1) else { return };
        let Some(Kind::Scalar(Style::Plain)) = self.node(key).map(|key| key.kind) else { return };
        let first = self.value(key);
        let quantifier =
            ["FORALL ", "EXISTS ", "forall ", "exists "].iter().any(|word| first.starts_with(word));
        let value = self.child_after(key);
        if !quantifier || flow || self.child_after(value) != node.subtree_end {
            return;
        }
        let start = node.span.start as usize;
        let end = expression_end(self.text, start, false).map_or(node.span, |end| Span::new(start, end));
        if end.end < node.span.end {
            return;
        }
        let diagnostic = must_quote(self.text, end, "it holds `: `, which YAML reads as a key and its value");
        self.report(diagnostic);
        self.take_over(mapping.0, end);
        if let Some(key) = self.nodes.get_mut(key as usize) {
            key.refused = true;
        }
    }

    /// `f("a", " #b")`: a comment begins inside the expression.
    pub(super) fn cut_by_comment(&mut self, span: Span) -> Span {
        let bytes = self.text.as_bytes();
        let after = bytes.get(span.end as usize..).unwrap_or_default();
        let blanks = after.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(0);
        let text = self.text.get(span.range()).unwrap_or("");
        if after.get(blanks) != Some(&b'#') || self.patience == 0 || !text.contains(['"', '\'', '(']) {
            return span;
        }
        let Some(end) = expression_end(self.text, span.start as usize, false) else {
            self.patience = self.patience.saturating_sub(1024);
            return span;
        };
        let whole = Span::new(span.start as usize, end);
        if whole.end <= span.end {
            return span;
        }
        let comment = Span::new(span.end as usize + blanks, end);
        let text = self.text.get(whole.range()).unwrap_or("").to_owned();
        let diagnostic =
            Diagnostic::error(&codes::COMMENT_CUTS, comment, "` #` begins a comment inside this value")
                .with_help(format!("quote the value: `{}`", quoted(&clipped(&text))))
                .with_fix("put the value in quotes", whole, quoted(&text));
        self.report(diagnostic);
        self.gaps.skip_to(end);
        whole
    }

    /// Makes a node a plain scalar with exactly this text.
    fn take_over(&mut self, index: u32, span: Span) {
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.kind = Kind::Scalar(Style::Plain);
            node.span = span;
            node.cooked = VERBATIM;
        }
    }
}

/// Whether `FOR`, and `IN` after it, stand in a text outside of brackets and quotes.
fn is_comprehension(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => match quote_end(bytes, at) {
                Some(end) => at = end - 1,
                None => return false,
            },
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 && bytes.get(at..).is_some_and(|rest| rest.starts_with(b" FOR ")) => {
                return text.get(at..).is_some_and(|rest| rest.contains(" IN "));
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// The diagnostic for an expression that YAML reads as something else.
pub(super) fn must_quote(text: &str, span: Span, why: &str) -> Diagnostic {
    let whole = text.get(span.range()).unwrap_or("");
    let shown = clipped(whole);
    Diagnostic::error(&codes::UNQUOTED_EXPRESSION, span, format!("`{shown}` must be quoted: {why}"))
        .with_help(format!("write `{}`", quoted(&shown)))
        .with_fix("put it in quotes", span, quoted(whole))
}
