//! `x IN xs`: quantifiers, comprehensions and the heads of loops.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Binder, ExprId, ExpressionKind, Name, Quantifier};
use super::super::keywords::{self, Keyword};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::operators::{Level, Operand};
use super::{Context, Parser};
use crate::codes::syntax as codes;

impl Parser<'_> {
    // Binders.

    #[inline(never)]
    pub(super) fn quantifier(&mut self, token: Token, quantifier: Quantifier) -> Operand {
        self.advance();
        let binders = self.quantifier_binders();
        if !self.eat_symbol(Symbol::Colon) && !self.quantifier_colon() {
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        let body = self.expression();
        if binders.is_empty() {
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        self.finished(ExpressionKind::Quantifier(quantifier, binders, body), token)
    }

    #[inline(never)]
    fn quantifier_binders(&mut self) -> Vec<Binder> {
        let mut binders = vec![];
        loop {
            // What is bound stands between commas.
            let context = Context {
                comma_separates: true,
                condition: false,
                filter_follows: false,
                brace_opens_arms: false,
                ..self.context
            };
            match self.with_context(context, Self::binder) {
                Some(binder) => binders.push(binder),
                None => {
                    self.skip_to_colon();
                    break;
                }
            }
            if !(self.at_symbol(Symbol::Comma)
                && self.ahead(1).kind == TokenKind::Name
                && self.binder_ahead(1))
            {
                break;
            }
            self.advance();
        }
        binders
    }

    /// Something else in place of the colon; false where no body follows.
    #[inline(never)]
    fn quantifier_colon(&mut self) -> bool {
        if self.fatal || self.reported == Some(self.position) {
            return !self.fatal;
        }
        let found = self.token();
        match found.kind {
            TokenKind::Symbol(
                Symbol::ColonColon | Symbol::Pipe | Symbol::Comma | Symbol::Dot | Symbol::FatArrow,
            ) => {
                let span = Span { start: self.end(), end: found.end };
                self.report(
                    Diagnostic::error(
                        &codes::QUANTIFIER,
                        found.span(),
                        "the body of a quantifier follows `:`",
                    )
                    .with_help("write `:`")
                    .with_fix("write `:`", span, ":"),
                );
                self.advance();
                true
            }
            _ => {
                self.unexpected("`:` and the body of the quantifier");
                false
            }
        }
    }

    #[inline(never)]
    fn skip_to_colon(&mut self) {
        while !self.at(TokenKind::End)
            && !self.at_symbol(Symbol::Colon)
            && !self.at_symbol(Symbol::RightParen)
        {
            self.advance();
        }
        self.reported = Some(self.position);
    }

    /// Whether `x IN` or `x AT i IN` begins at a distance.
    fn binder_ahead(&self, distance: usize) -> bool {
        let is_in = |kind| kind == TokenKind::Keyword(Keyword::In);
        let at = |token: Token| self.word(token).eq_ignore_ascii_case("at");
        self.ahead(distance).kind == TokenKind::Name
            && (is_in(self.ahead(distance + 1).kind)
                || at(self.ahead(distance + 1)) && is_in(self.ahead(distance + 3).kind))
    }

    /// Whether the arguments of `SORT` begin with a binder that has keys: `x IN xs BY`.
    pub(super) fn binder_follows(&self) -> bool {
        if !self.binder_ahead(0) {
            return false;
        }
        let mut open = 0_usize;
        for token in self.tokens.iter().skip(self.position) {
            match token.kind {
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::LeftBrace) => open += 1,
                TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace) => {
                    match open.checked_sub(1) {
                        Some(less) => open = less,
                        None => return false,
                    }
                }
                TokenKind::Keyword(Keyword::By) | TokenKind::Name
                    if open == 0 && self.word(*token).eq_ignore_ascii_case("by") =>
                {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// `x IN xs`, `x AT i IN xs`, `i IN lo..hi`
    #[inline(never)]
    pub(super) fn binder(&mut self) -> Option<Binder> {
        if self.enumerated() {
            return self.enumerate();
        }
        let name = self.name("a name")?;
        let index = self.binder_index();
        if !self.eat_keyword(Keyword::In) && !self.binder_in(&name) {
            return None;
        }
        let domain = self.expression_at(Level::Range);
        let domain = self.range_call(domain);
        Some(Binder { name, index, domain })
    }

    /// Something else in place of `IN`; false where no domain follows.
    #[inline(never)]
    fn binder_in(&mut self, name: &Name) -> bool {
        let token = self.token();
        let word = self.word(token);
        if matches!(word, "of" | "In" | "OF") {
            self.foreign(&codes::KEYWORD_CASE, token.span(), format!("`{word}` is written `IN`"), "IN");
            self.advance();
            return true;
        }
        if matches!(
            token.kind,
            TokenKind::Symbol(Symbol::Colon | Symbol::ColonColon | Symbol::Comma | Symbol::Dot)
        ) {
            let message = format!("`{}` has no domain", name.text);
            self.report(
                Diagnostic::error(&codes::QUANTIFIER, name.span, message)
                    .with_help("a quantifier goes over a range or a collection: `FORALL i IN 0..n: ...`, `FORALL x IN xs: ...`"),
            );
        } else {
            self.unexpected("`IN` and a range or collection");
        }
        false
    }

    #[inline(never)]
    fn binder_index(&mut self) -> Option<Name> {
        let token = self.token();
        let word = self.word(token);
        if word.eq_ignore_ascii_case("at") && matches!(token.kind, TokenKind::Name | TokenKind::Keyword(_)) {
            if word != "AT" {
                self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "AT");
            }
            self.advance();
            return self.name("a name for the index");
        }
        None
    }

    /// Whether `i, x IN enumerate(` stands here.
    fn enumerated(&self) -> bool {
        self.kind() == TokenKind::Name
            && self.ahead(1).kind == TokenKind::Symbol(Symbol::Comma)
            && self.ahead(2).kind == TokenKind::Name
            && self.ahead(3).kind == TokenKind::Keyword(Keyword::In)
            && self.word(self.ahead(4)) == "enumerate"
            && self.ahead(5).kind == TokenKind::Symbol(Symbol::LeftParen)
    }

    #[inline(never)]
    fn enumerate(&mut self) -> Option<Binder> {
        let (index, element) = (self.name_of(self.token()), self.name_of(self.ahead(2)));
        self.position += 4;
        let domain = self.expression_at(Level::Range);
        let span = Span { start: index.span.start, end: domain.span.end };
        let inner = match self.kind_of(domain.id) {
            ExpressionKind::Call { arguments, .. } => arguments.first().map(|argument| argument.value),
            _ => None,
        };
        let inner = inner.unwrap_or(domain.id);
        let mend = format!("{} AT {} IN {}", element.text, index.text, self.slice(self.span_of(inner)));
        let message = "an element and its index are written `x AT i IN xs`";
        self.foreign(&codes::COMPREHENSION, span, message, &mend);
        Some(Binder { name: element, index: Some(index), domain: inner })
    }

    /// The domain; `range(n)` of another language is `0..n`.
    #[inline(never)]
    fn range_call(&mut self, domain: Operand) -> ExprId {
        let ExpressionKind::Call { callee, arguments } = self.kind_of(domain.id) else { return domain.id };
        if self.declared.functions.contains(&callee.text) {
            return domain.id;
        }
        let values: Vec<ExprId> = arguments.iter().map(|argument| argument.value).collect();
        let place = callee.span;
        match (callee.text.as_str(), values.as_slice()) {
            ("range", [high]) => {
                let high = *high;
                let mend = format!("0..{}", self.slice(self.span_of(high)));
                self.foreign(&codes::RANGE, domain.span, "a range is written `a..b`", &mend);
                let zero = self.node(ExpressionKind::Integer("0".into()), place);
                self.node(ExpressionKind::Range(zero, high), domain.span)
            }
            ("range", [low, high]) => {
                let (low, high) = (*low, *high);
                let mend = format!("{}..{}", self.slice(self.span_of(low)), self.slice(self.span_of(high)));
                self.foreign(&codes::RANGE, domain.span, "a range is written `a..b`", &mend);
                self.node(ExpressionKind::Range(low, high), domain.span)
            }
            ("enumerate", [inner]) => {
                let inner = *inner;
                let mend = self.slice(self.span_of(inner)).to_owned();
                self.foreign(
                    &codes::COMPREHENSION,
                    domain.span,
                    "an element and its index are written `x AT i IN xs`",
                    &mend,
                );
                inner
            }
            _ => domain.id,
        }
    }

    /// `FOR x IN xs IF p`, where it stands; without binders if one of them cannot be read.
    #[inline(never)]
    pub(super) fn comprehension_tail(&mut self) -> Option<(Vec<Binder>, Option<ExprId>)> {
        if !self.at_keyword(Keyword::For) {
            return None;
        }
        let mut binders = vec![];
        while self.eat_keyword(Keyword::For)
            || !binders.is_empty() && self.at_symbol(Symbol::Comma) && self.binder_ahead(1)
        {
            self.eat_symbol(Symbol::Comma);
            let context = Context {
                comma_separates: true,
                condition: false,
                filter_follows: true,
                brace_opens_arms: false,
                ..self.context
            };
            match self.with_context(context, Self::binder) {
                Some(binder) => binders.push(binder),
                None => {
                    self.skip();
                    return Some((vec![], None));
                }
            }
        }
        let token = self.token();
        let where_word = token.kind == TokenKind::Name
            && matches!(self.word(token), "where" | "WHERE" | "when" | "WHEN" | "If");
        if where_word {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "a filter is written `IF`", "IF");
            if let Some(token) = self.tokens.get_mut(self.position) {
                token.kind = TokenKind::Keyword(Keyword::If);
            }
        }
        let filter = self.eat_keyword(Keyword::If).then(|| self.expression());
        Some((binders, filter))
    }

    /// The whole text as `x IN xs`.
    #[inline(never)]
    pub(super) fn loop_head(&mut self) -> Option<Binder> {
        if self.at_keyword(Keyword::For) {
            let span = Span { start: self.token().start, end: self.ahead(1).start };
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, self.token().span(), "the key says `for` already")
                    .with_help("write `i IN 0..n` or `x IN xs`")
                    .with_fix("remove it", span, ""),
            );
            self.advance();
        }
        let binder = self.binder()?;
        if self.at_symbol(Symbol::Colon) && self.ahead(1).kind == TokenKind::End {
            let span = self.token().span();
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, span, "no colon stands after a loop's head").with_fix(
                    "remove it",
                    span,
                    "",
                ),
            );
            self.advance();
        }
        if !self.at(TokenKind::End) {
            self.unexpected("the end of the loop's head");
        }
        Some(binder)
    }

    /// Whether a word is a direction of `SORT`.
    #[inline(never)]
    pub(super) fn direction(&mut self) -> Option<bool> {
        let token = self.token();
        let info = keywords::any_case(self.word(token))?;
        let descending = match info.keyword {
            Keyword::Desc => true,
            Keyword::Asc => false,
            _ => return None,
        };
        if self.word(token) != info.text {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", info.text);
        }
        self.advance();
        Some(descending)
    }
}
