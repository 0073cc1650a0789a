//! Lists, and single values that stand in their place.

use anrf_format::diagnostic::Diagnostic;

use super::super::expression::Name;
use super::super::parser::clipped;
use super::scalars::what;
use super::{Reader, mend, quoted};
use crate::codes::reader as codes;
use crate::yaml::{Kind, NodeId, Style};

impl Reader<'_> {
    /// The items of a list; nothing at all is an empty list, a single value is reported and read as one item.
    pub(super) fn list(&mut self, node: NodeId, item: &str) -> Vec<NodeId> {
        match self.tree.kind(node) {
            Kind::Sequence { .. } => self.tree.items(node).collect(),
            Kind::Null => vec![],
            Kind::Scalar(style) => {
                self.scalar_for_list(node, style, item);
                vec![node]
            }
            Kind::Mapping { .. } => {
                if !self.is_damaged(node) {
                    let span = self.beginning(self.span(node));
                    let message = format!("a list is expected, found {}", what(self.tree.kind(node)));
                    self.report(
                        Diagnostic::error(&codes::SHAPE, span, message)
                            .with_help(format!("write {item} behind each `-`, or between `[` and `]`")),
                    );
                }
                vec![]
            }
        }
    }

    fn scalar_for_list(&mut self, node: NodeId, style: Style, item: &str) {
        let span = self.span(node);
        let written = self.source_text(span);
        let mend = match style {
            Style::Plain => {
                let text = self.tree.text(node).unwrap_or("");
                let text = if mend::is_plain(text) { text.to_owned() } else { quoted(text) };
                Some(format!("[{text}]"))
            }
            Style::SingleQuoted | Style::DoubleQuoted => Some(format!("[{written}]")),
            Style::Literal | Style::Folded => None,
        };
        let message = format!(
            "a list is expected, found a single value; {item} stands in brackets even where there is only one"
        );
        let mut diagnostic = Diagnostic::error(&codes::SHAPE, span, message);
        if let Some(mend) = mend {
            diagnostic = diagnostic.with_help(format!("write `{}`", clipped(&mend))).with_fix(
                "put it in brackets",
                span,
                mend,
            );
        }
        self.report(diagnostic);
    }

    pub(super) fn names(&mut self, node: NodeId) -> Vec<Name> {
        let items = self.list(node, "a name");
        items.into_iter().map(|item| self.name(item)).filter(|name| !name.text.is_empty()).collect()
    }

    pub(super) fn texts(&mut self, node: NodeId) -> Vec<String> {
        let items = self.list(node, "a text");
        items.into_iter().filter_map(|item| self.text(item)).collect()
    }
}
