//! Scalars, each read by what is expected in its place.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Binder, ExprId, ExpressionKind, Name};
use super::super::module::{Template, TemplatePart, TypeExpression, TypeExpressionKind};
use super::super::parser::clipped;
use super::super::{keywords, parser, template, types};
use super::{Reader, Written, mend, quoted};
use crate::codes::reader as codes;
use crate::yaml::{Entry, Kind, NodeId, Style};

/// "a list", "a mapping", "text".
pub(super) fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "nothing",
        Kind::Scalar(_) => "a single value",
        Kind::Sequence { .. } => "a list",
        Kind::Mapping { .. } => "a mapping",
    }
}

impl Reader<'_> {
    pub(super) fn span(&self, node: NodeId) -> Span {
        self.tree.span(node)
    }

    pub(super) fn source_text(&self, span: Span) -> &str {
        self.tree.source().get(span.range()).unwrap_or("")
    }

    /// The key as a name; what kind of name is not looked at.
    pub(super) fn key_name(&mut self, key: NodeId) -> Name {
        self.scalars.push((key, Written::Name));
        Name { text: self.tree.text(key).unwrap_or("").to_owned(), span: self.inner(key) }
    }

    /// The place of a scalar's text, without quotes.
    pub(super) fn inner(&self, node: NodeId) -> Span {
        let span = self.span(node);
        match self.tree.kind(node) {
            Kind::Scalar(Style::SingleQuoted | Style::DoubleQuoted) if span.end > span.start + 1 => {
                Span { start: span.start + 1, end: span.end - 1 }
            }
            _ => span,
        }
    }

    /// Reports that a node is not of the expected shape, or is not there at all.
    pub(super) fn wrong_shape(&mut self, node: NodeId, expected: &str) {
        if self.is_damaged(node) {
            return;
        }
        let kind = self.tree.kind(node);
        let span = self.span(node);
        if kind == Kind::Null {
            let message = format!("{expected} is expected, but nothing is written");
            let help = "write a value, or leave the key out";
            self.report(Diagnostic::error(&codes::MISSING_VALUE, span, message).with_help(help));
            return;
        }
        let message = format!("{expected} is expected, found {}", what(kind));
        self.report(Diagnostic::error(&codes::SHAPE, self.beginning(span), message));
    }

    /// The first line of something long.
    pub(super) fn beginning(&self, span: Span) -> Span {
        let text = self.source_text(span);
        let length = text.find('\n').unwrap_or(text.len());
        Span::new(
            span.start as usize,
            span.start as usize + text.get(..length).unwrap_or("").trim_end().len(),
        )
    }

    /// Free text.
    pub(super) fn text(&mut self, node: NodeId) -> Option<String> {
        match self.tree.text(node) {
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong_shape(node, "text");
                None
            }
        }
    }

    /// The name of something. What is no name at all is reported and empty.
    pub(super) fn name(&mut self, node: NodeId) -> Name {
        let span = self.inner(node);
        let Some(text) = self.tree.text(node) else {
            self.wrong_shape(node, "a name");
            return Name { text: String::new(), span };
        };
        self.scalars.push((node, Written::Name));
        Name { text: text.trim().to_owned(), span }
    }

    /// A name that also has the form of one.
    pub(super) fn identifier(&mut self, node: NodeId) -> Name {
        let mut name = self.name(node);
        if !name.text.is_empty() && !keywords::is_identifier(&name.text) {
            let message = format!("`{}` is not a name", clipped(&name.text));
            let mut diagnostic = Diagnostic::error(&codes::NAME, name.span, message)
                .with_help("a name stands here by itself: letters, digits and `_`");
            let inner = name.text.trim_matches(['\'', '"']);
            if inner != name.text && keywords::is_identifier(inner) {
                diagnostic = diagnostic.with_fix(format!("write `{inner}`"), self.span(node), inner);
                self.report(diagnostic);
                name.text = inner.to_owned();
                return name;
            }
            self.report(diagnostic);
            name.text.clear();
        }
        name
    }

    pub(super) fn boolean(&mut self, node: NodeId) -> Option<bool> {
        let Some(text) = self.tree.text(node) else {
            self.wrong_shape(node, "`true` or `false`");
            return None;
        };
        let meant = match text {
            "true" => return Some(true),
            "false" => return Some(false),
            "yes" | "Yes" | "YES" | "on" | "On" | "y" | "True" | "TRUE" | "1" => Some(true),
            "no" | "No" | "NO" | "off" | "Off" | "n" | "False" | "FALSE" | "0" => Some(false),
            _ => None,
        };
        let message = format!("`{}` is not a boolean", clipped(text));
        let mut diagnostic =
            Diagnostic::error(&codes::BOOLEAN, self.span(node), message).with_help("write `true` or `false`");
        if let Some(meant) = meant {
            diagnostic = diagnostic.with_fix(format!("write `{meant}`"), self.span(node), meant.to_string());
        }
        self.report(diagnostic);
        meant
    }

    /// A whole number, at least 0.
    pub(super) fn count(&mut self, node: NodeId) -> Option<u64> {
        let Some(text) = self.tree.text(node) else {
            self.wrong_shape(node, "a whole number");
            return None;
        };
        let digits = text.replace('_', "");
        let number =
            if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None };
        if number.is_none() {
            let message = format!("`{}` is not a whole number that is at least 0", clipped(text));
            self.report(
                Diagnostic::error(&codes::NUMBER, self.span(node), message)
                    .with_help("write digits, such as `100`"),
            );
        }
        number
    }

    // Expressions.

    /// Moves what a parser made from offsets in a scalar's value to offsets in the file.
    fn place(&mut self, node: NodeId, first: usize, found: Vec<Diagnostic>) {
        let map = self.tree.offset_map(node);
        let place = |span: &mut Span| *span = map.span(*span);
        for expression in self.output.expressions.nodes.iter_mut().skip(first) {
            expression.for_each_span(place);
        }
        for mut diagnostic in found {
            template::for_each_span(&mut diagnostic, place);
            mend::fit(self.tree, node, &mut diagnostic);
            self.report(diagnostic);
        }
    }

    fn error_expression(&mut self, span: Span) -> ExprId {
        self.output.expressions.push(ExpressionKind::Error, span)
    }

    pub(super) fn expression(&mut self, node: NodeId) -> ExprId {
        match self.tree.kind(node) {
            Kind::Scalar(_) => {
                let text = self.tree.text(node).unwrap_or("");
                if text.starts_with('*') && self.is_damaged(node) {
                    return self.error_expression(self.span(node));
                }
                let first = self.output.expressions.nodes.len();
                let (id, found) = parser::parse(text, &mut self.output.expressions, &self.declared);
                self.place(node, first, found);
                self.scalars.push((node, Written::Expression(id)));
                id
            }
            Kind::Null => {
                self.wrong_shape(node, "an expression");
                self.error_expression(self.span(node))
            }
            Kind::Sequence { flow } | Kind::Mapping { flow } => self.collection_as_expression(node, flow),
        }
    }

    /// `value: [1, 2]` without quotes: the same text is an expression, unless quotes in it would make YAML
    /// and the expression mean different things.
    fn collection_as_expression(&mut self, node: NodeId, flow: bool) -> ExprId {
        let span = self.span(node);
        if self.is_damaged(node) {
            return self.error_expression(span);
        }
        let text = self.source_text(span).to_owned();
        if !flow {
            self.report(
                Diagnostic::error(
                    &codes::SHAPE,
                    self.beginning(span),
                    format!("an expression is expected, found {}", what(self.tree.kind(node))),
                )
                .with_help(
                    "write it on one line and in quotes, such as `\"[a, b]\"` or `\"T { field: a }\"`",
                ),
            );
            return self.error_expression(span);
        }
        let first = self.output.expressions.nodes.len();
        let (id, found) = parser::parse(&text, &mut self.output.expressions, &self.declared);
        let offset = span.start;
        let shift = |span: &mut Span| {
            span.start += offset;
            span.end += offset;
        };
        for expression in self.output.expressions.nodes.iter_mut().skip(first) {
            expression.for_each_span(shift);
        }
        let has_quotes = text.contains(['"', '\'']);
        if found.is_empty() && !has_quotes && !text.contains('\n') {
            return id;
        }
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mend = quoted(if text.contains('\n') { &one_line } else { &text });
        let mut diagnostic = Diagnostic::error(&codes::QUOTE, span, "this expression needs quotes around it")
            .with_help(format!("write `{}`", clipped(&mend)));
        if found.is_empty() {
            diagnostic = diagnostic.with_fix("put quotes around it", span, mend);
            self.report(diagnostic);
            return id;
        }
        self.report(diagnostic);
        self.error_expression(span)
    }

    pub(super) fn expressions(&mut self, node: NodeId) -> Vec<ExprId> {
        let items = self.list(node, "an expression");
        items.into_iter().map(|item| self.expression(item)).collect()
    }

    /// `i IN 0..n`
    pub(super) fn binder(&mut self, node: NodeId) -> Option<Binder> {
        let Some(text) = self.tree.text(node) else {
            self.wrong_shape(node, "the head of a loop, such as `i IN 0..n`,");
            return None;
        };
        let first = self.output.expressions.nodes.len();
        let (binder, found) = parser::parse_binder(text, &mut self.output.expressions, &self.declared);
        self.place(node, first, found);
        let map = self.tree.offset_map(node);
        let mut binder = binder?;
        binder.name.span = map.span(binder.name.span);
        if let Some(index) = &mut binder.index {
            index.span = map.span(index.span);
        }
        self.scalars.push((node, Written::Binder(binder.clone())));
        Some(binder)
    }

    /// A message.
    pub(super) fn template(&mut self, node: NodeId) -> Template {
        let span = self.inner(node);
        let Some(text) = self.tree.text(node) else {
            if self.tree.kind(node) == (Kind::Mapping { flow: true }) && !self.is_damaged(node) {
                // `message: {x}`
                let text = self.source_text(span).to_owned();
                self.report(
                    Diagnostic::error(&codes::QUOTE, span, "a message that begins with a brace needs quotes")
                        .with_help(format!("write `{}`", quoted(&text)))
                        .with_fix("put quotes around it", span, quoted(&text)),
                );
            } else {
                self.wrong_shape(node, "text");
            }
            return Template { parts: vec![TemplatePart::Text(String::new())], span };
        };
        let first = self.output.expressions.nodes.len();
        let (parts, found) = template::parse(text, &mut self.output.expressions, &self.declared);
        self.place(node, first, found);
        let holes = parts.iter().filter_map(|part| match part {
            TemplatePart::Expression(id) => Some(*id),
            TemplatePart::Text(_) => None,
        });
        self.scalars.push((node, Written::Template(holes.collect())));
        Template { parts, span }
    }

    // Types.

    pub(super) fn type_expression(&mut self, node: NodeId) -> TypeExpression {
        let span = self.inner(node);
        let error = TypeExpression { kind: TypeExpressionKind::Error, span };
        if self.is_damaged(node) {
            return error;
        }
        match self.tree.kind(node) {
            Kind::Scalar(_) => {
                let text = self.tree.text(node).unwrap_or("");
                let (mut result, found) = types::parse(text, &self.declared);
                self.place(node, usize::MAX, found);
                self.scalars.push((node, Written::Type(types::print(&result))));
                let map = self.tree.offset_map(node);
                types::for_each_span(&mut result, &mut |span| *span = map.span(*span));
                result
            }
            Kind::Sequence { flow: true } | Kind::Mapping { flow: true } => self.collection_as_type(node),
            _ => {
                self.wrong_shape(node, "a type");
                error
            }
        }
    }

    /// `type: [integer]`
    fn collection_as_type(&mut self, node: NodeId) -> TypeExpression {
        let span = self.span(node);
        let text = self.source_text(span).to_owned();
        let (mut result, found) = types::parse(&text, &self.declared);
        types::for_each_span(&mut result, &mut |place| {
            place.start += span.start;
            place.end += span.start;
        });
        if matches!(result.kind, TypeExpressionKind::Error) {
            self.wrong_shape(node, "a type");
            return result;
        }
        for mut diagnostic in found {
            diagnostic.span = span;
            for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.span = span;
                if !mend::is_plain(&edit.replacement) {
                    edit.replacement = quoted(&edit.replacement);
                }
            }
            self.report(diagnostic);
        }
        result
    }

    /// What stands under a key, for messages.
    pub(super) fn entry_span(&self, entry: Entry) -> Span {
        self.span(entry.key).to(self.span(entry.value))
    }
}
