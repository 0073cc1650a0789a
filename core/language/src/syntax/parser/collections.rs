//! What stands in brackets: arrays, sets, maps, records, arguments, and comprehensions in their place.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Aggregate, Binder, ComprehensionHead, ExprId, ExpressionKind, Name, Update};
use super::super::keywords::Keyword;
use super::super::lexer::{Symbol, Token, TokenKind};
use super::Parser;
use super::operators::Operand;
use crate::codes::syntax as codes;

/// The aggregates by name.
pub(crate) static AGGREGATES: &[(&str, Aggregate)] = &[
    ("SUM", Aggregate::Sum),
    ("COUNT", Aggregate::Count),
    ("MIN", Aggregate::Min),
    ("MAX", Aggregate::Max),
    ("ALL", Aggregate::All),
    ("ANY", Aggregate::Any),
    ("FIND", Aggregate::Find),
];

impl Parser<'_> {
    /// Items between commas up to `closing`, which is left in place.
    #[inline(never)]
    pub(super) fn list(&mut self, closing: Symbol, mut item: impl FnMut(&mut Self)) {
        loop {
            if self.at_symbol(closing) || self.at(TokenKind::End) {
                return;
            }
            let start = self.position;
            item(self);
            if self.at_symbol(closing) || self.at(TokenKind::End) {
                return;
            }
            if !self.eat_symbol(Symbol::Comma) && !self.list_goes_on(closing, start) {
                return;
            }
        }
    }

    /// After an item without a comma; false where the list cannot be read on.
    #[inline(never)]
    fn list_goes_on(&mut self, closing: Symbol, start: usize) -> bool {
        if self.at_symbol(Symbol::Semicolon) {
            self.foreign(&codes::UNEXPECTED, self.token().span(), "items are separated by commas", ",");
            self.advance();
            return true;
        }
        if self.at_symbol(Symbol::RightParen)
            || self.at_symbol(Symbol::RightBracket)
            || self.at_symbol(Symbol::RightBrace)
        {
            return false;
        }
        self.unexpected("a comma");
        self.skip();
        self.eat_symbol(Symbol::Comma) || self.position != start && self.at_symbol(closing)
    }

    /// `[a, b]`, `[e FOR x IN xs IF p]`
    #[inline(never)]
    pub(super) fn array(&mut self, open: Token) -> Operand {
        self.advance();
        let kind = self.inside(true, |parser| match parser.elements(Symbol::RightBracket) {
            Elements::Items(items) => ExpressionKind::Array(items),
            Elements::Unread => ExpressionKind::Error,
            Elements::Each(element, binders, filter) => {
                ExpressionKind::Comprehension(ComprehensionHead::Array(element), binders, filter)
            }
        });
        self.close(open, Symbol::RightBracket);
        self.finished(kind, open)
    }

    /// `SET[a, b]`, `SET[e FOR x IN xs IF p]`
    #[inline(never)]
    pub(super) fn set(&mut self, token: Token) -> Operand {
        self.advance();
        let open = self.token();
        let closing = match open.kind {
            TokenKind::Symbol(Symbol::LeftBracket) => Symbol::RightBracket,
            TokenKind::Symbol(Symbol::LeftParen) => Symbol::RightParen,
            TokenKind::Symbol(Symbol::LeftBrace) if !self.context.brace_opens_arms => Symbol::RightBrace,
            _ => {
                // Only before a bracket is it more than a name.
                let kind = ExpressionKind::Name(self.word(token).to_owned());
                return self.finished(kind, token);
            }
        };
        self.advance();
        let kind = self.inside(true, |parser| match parser.elements(closing) {
            Elements::Items(items) => ExpressionKind::Set(items),
            Elements::Unread => ExpressionKind::Error,
            Elements::Each(element, binders, filter) => {
                ExpressionKind::Comprehension(ComprehensionHead::Set(element), binders, filter)
            }
        });
        let end = self.token();
        self.close(open, closing);
        if closing != Symbol::RightBracket {
            self.set_in_other_brackets(open, end, &kind);
        }
        self.finished(kind, token)
    }

    #[inline(never)]
    fn set_in_other_brackets(&mut self, open: Token, end: Token, kind: &ExpressionKind) {
        let diagnostic =
            Diagnostic::error(&codes::UNEXPECTED, open.span(), "a set is written in square brackets");
        let single = match kind {
            ExpressionKind::Set(items) => match items.as_slice() {
                [item] => Some(*item),
                _ => None,
            },
            _ => None,
        };
        // `SET(xs)` converts in other languages.
        if let Some(item) = single {
            let text = self.slice(self.span_of(item));
            let help = format!(
                "a set of one element is `SET[{text}]`; the elements of a collection are `SET[x FOR x IN {text}]`"
            );
            self.report(diagnostic.with_help(help));
            return;
        }
        let span = Span { start: open.start, end: end.end };
        let inner = self.slice(Span { start: open.end, end: end.start });
        self.report(diagnostic.with_help("write `SET[...]`").with_fix(
            "write square brackets",
            span,
            format!("[{inner}]"),
        ));
    }

    #[inline(never)]
    fn elements(&mut self, closing: Symbol) -> Elements {
        if self.at_symbol(closing) {
            return Elements::Items(vec![]);
        }
        let first = self.expression();
        if let Some((binders, filter)) = self.comprehension_tail() {
            return match binders.is_empty() {
                true => Elements::Unread,
                false => Elements::Each(first, binders, filter),
            };
        }
        let mut items = vec![first];
        let mut pending = true;
        self.list(closing, |parser| {
            // The first was read already.
            if !std::mem::take(&mut pending) {
                let item = parser.expression();
                items.push(item);
            }
        });
        Elements::Items(items)
    }

    /// `{ k: v }`, `{k: v FOR ...}`, `{}`
    #[inline(never)]
    pub(super) fn map(&mut self, open: Token) -> Operand {
        self.advance();
        let kind = self.inside(true, |parser| parser.map_entries(open));
        self.close(open, Symbol::RightBrace);
        self.finished(kind, open)
    }

    #[inline(never)]
    fn map_entries(&mut self, open: Token) -> ExpressionKind {
        if self.at_symbol(Symbol::Ellipsis) || self.at_symbol(Symbol::DotDot) {
            return self.spread_map(open);
        }
        let mut entries = vec![];
        let mut each = None;
        let mut set_items = 0_usize;
        self.list(Symbol::RightBrace, |parser| {
            let key = parser.expression();
            match parser.map_value() {
                Some(value) => entries.push((key, value)),
                None => set_items += usize::from(parser.set_item_ends()),
            }
            if parser.at_keyword(Keyword::For) {
                each = parser.comprehension_tail();
            }
        });
        if set_items > 0 {
            self.set_in_braces(open, entries.is_empty());
            return ExpressionKind::Error;
        }
        match (each, entries.as_slice()) {
            (Some((binders, _)), _) if binders.is_empty() => ExpressionKind::Error,
            (Some((binders, filter)), [(key, value)]) => {
                ExpressionKind::Comprehension(ComprehensionHead::Map(*key, *value), binders, filter)
            }
            _ => ExpressionKind::Map(entries),
        }
    }

    /// `: v` after a key.
    #[inline(never)]
    fn map_value(&mut self) -> Option<ExprId> {
        (self.eat_symbol(Symbol::Colon) || self.key_arrow()).then(|| self.expression())
    }

    /// Whether an entry without a value ends here, as in `{1, 2}`; anything else is reported.
    #[inline(never)]
    fn set_item_ends(&mut self) -> bool {
        let ends = self.at_symbol(Symbol::Comma)
            || self.at_symbol(Symbol::RightBrace)
            || self.at_keyword(Keyword::For);
        if !ends {
            self.unexpected("`:` and a value");
            self.skip();
        }
        ends
    }

    #[inline(never)]
    fn set_in_braces(&mut self, open: Token, whole: bool) {
        let end = self.token();
        let span = Span { start: open.start, end: end.end };
        let inner = self.slice(Span { start: open.end, end: end.start }).trim();
        let mut diagnostic =
            Diagnostic::error(&codes::UNEXPECTED, span, "a map has a key and a value in each entry")
                .with_help("write `{ key: value }`; a set is `SET[a, b]`");
        if whole {
            diagnostic = diagnostic.with_fix("write a set", span, format!("SET[{inner}]"));
        }
        self.report(diagnostic);
    }

    /// `{ ...a, b: x }`, which is `a WITH { b: x }`.
    #[inline(never)]
    fn spread_map(&mut self, open: Token) -> ExpressionKind {
        let token = self.token();
        self.advance();
        let base = self.expression();
        let rest = self.eat_symbol(Symbol::Comma);
        let from = self.token().start;
        let fields = if rest { self.fields() } else { vec![] };
        let written = (rest && !fields.is_empty()).then_some(from);
        self.report_spread(open, token, base, written);
        ExpressionKind::With(
            base,
            fields.into_iter().map(|(name, value)| Update::Field(name, value)).collect(),
        )
    }

    /// `from` is where the other fields begin.
    #[inline(never)]
    fn report_spread(&mut self, open: Token, token: Token, base: ExprId, from: Option<u32>) {
        let to = self.token();
        let mut diagnostic = Diagnostic::error(&codes::UNEXPECTED, token.span(), "there is no spread")
            .with_help("a copy with other fields is `a WITH { b: x }`");
        if let Some(from) = from {
            let text = self.slice(Span { start: from, end: to.start }).trim();
            let mend = format!("{} WITH {{ {text} }}", self.slice(self.span_of(base)));
            let span = Span { start: open.start, end: to.end };
            diagnostic = diagnostic.with_fix(format!("write `{mend}`"), span, mend);
        }
        self.report(diagnostic);
    }

    /// A `:` in place of another sign, spaced as a `:` is.
    #[inline(never)]
    pub(super) fn write_colon(&mut self, message: &str) {
        let token = self.token();
        let span = Span { start: self.end(), end: self.ahead(1).start };
        self.report(Diagnostic::error(&codes::NAMED, token.span(), message).with_help("write `:`").with_fix(
            "write `:`",
            span,
            ": ",
        ));
    }

    /// `=` where `:` stands between a key and its value.
    #[inline(never)]
    fn key_arrow(&mut self) -> bool {
        if !self.at_symbol(Symbol::Assign) {
            return false;
        }
        self.write_colon("a key and its value are separated by `:`");
        self.advance();
        true
    }

    /// `Account { id: "a" }`
    #[inline(never)]
    pub(super) fn construct(&mut self, token: Token) -> Operand {
        let name = self.name_of(token);
        self.advance();
        let open = self.token();
        self.advance();
        let fields = self.inside(true, Self::fields);
        self.close(open, Symbol::RightBrace);
        self.finished(ExpressionKind::Construct { name, fields }, token)
    }

    /// `WITH { b: x }`
    #[inline(never)]
    pub(super) fn field_updates(&mut self) -> Vec<Update> {
        let open = self.token();
        self.advance();
        let fields = self.inside(true, Self::fields);
        self.close(open, Symbol::RightBrace);
        fields.into_iter().map(|(name, value)| Update::Field(name, value)).collect()
    }

    /// `id: x, balance: y` up to the brace.
    #[inline(never)]
    fn fields(&mut self) -> Vec<(Name, ExprId)> {
        let mut fields = vec![];
        self.list(Symbol::RightBrace, |parser| {
            let token = parser.token();
            let name = match token.kind {
                TokenKind::Text => parser.quoted_field(token),
                TokenKind::Symbol(Symbol::DotDot | Symbol::Ellipsis) => return parser.spread(),
                TokenKind::Symbol(Symbol::LeftBracket) => return parser.map_update(),
                _ => parser.name("a field name"),
            };
            let Some(name) = name else { return parser.skip() };
            if parser.eat_symbol(Symbol::Colon) || parser.key_arrow() {
                let value = parser.expression();
                fields.push((name, value));
            } else if parser.at_symbol(Symbol::Comma) || parser.at_symbol(Symbol::RightBrace) {
                // `{ id }` for `{ id: id }`
                let mend = format!("{0}: {0}", name.text);
                let message = format!("the field `{}` has no value", name.text);
                parser.foreign(&codes::NAMED, name.span, message, &mend);
                let value = parser.node(ExpressionKind::Name(name.text.clone()), name.span);
                fields.push((name, value));
            } else {
                parser.unexpected("`:` and a value");
                parser.skip();
            }
        });
        fields
    }

    /// `{ "id": x }` where a field is meant.
    #[inline(never)]
    fn quoted_field(&mut self, token: Token) -> Option<Name> {
        let text = self.string(token).unwrap_or_default();
        self.advance();
        self.foreign(&codes::NAMED, token.span(), "field names stand without quotes", &text);
        Some(Name { text, span: token.span() })
    }

    /// `{ ...a, b: x }`
    #[inline(never)]
    fn spread(&mut self) {
        let token = self.token();
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, token.span(), "there is no spread")
                .with_help("a copy with other fields is `a WITH { b: x }`"),
        );
        self.advance();
        self.expression();
    }

    /// `WITH { [k]: v }`
    #[inline(never)]
    fn map_update(&mut self) {
        let token = self.token();
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, token.span(), "braces update the fields of a record")
                .with_help("an element or key is updated with `xs WITH [i] = x`"),
        );
        self.skip();
        self.advance();
        self.skip();
    }
}

/// Binders and filter after `FOR`.
pub(super) type Tail = (Vec<Binder>, Option<ExprId>);

enum Elements {
    Items(Vec<ExprId>),
    Each(ExprId, Vec<Binder>, Option<ExprId>),
    /// A comprehension without binders that could be read.
    Unread,
}
