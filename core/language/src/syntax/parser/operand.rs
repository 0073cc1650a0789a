//! One operand: a literal, a name, something in brackets or a keyword form.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{ExpressionKind, Quantifier};
use super::super::foreign;
use super::super::keywords::{self, Keyword};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::Parser;
use super::operators::Operand;
use crate::codes::syntax as codes;

impl Parser<'_> {
    /// An operand with what follows it directly: calls, indices, fields.
    #[inline(never)]
    pub(super) fn operand(&mut self) -> Operand {
        let token = self.token();
        let operand = self.primary(token);
        self.postfix(operand)
    }

    #[inline(never)]
    fn primary(&mut self, token: Token) -> Operand {
        let kind = match token.kind {
            TokenKind::Integer if self.thousands_follow() => return self.thousands(token),
            TokenKind::Integer => ExpressionKind::Integer(self.integer_digits(token)),
            TokenKind::Decimal => ExpressionKind::Decimal(self.decimal_digits(token)),
            TokenKind::Text => match self.string(token) {
                Some(text) => ExpressionKind::String(text),
                None => ExpressionKind::Error,
            },
            TokenKind::Bytes => self.bytes(token),
            TokenKind::Timestamp => self.timestamp(token),
            TokenKind::Interpolated => self.interpolated(token),
            TokenKind::Invalid => ExpressionKind::Error,
            TokenKind::Name => return self.named(token),
            TokenKind::Keyword(keyword) => return self.keyword_form(token, keyword),
            TokenKind::Symbol(Symbol::LeftParen) => return self.parenthesised(token),
            TokenKind::Symbol(Symbol::LeftBracket) => return self.array(token),
            TokenKind::Symbol(Symbol::LeftBrace) if !self.context.brace_opens_arms => return self.map(token),
            TokenKind::Symbol(_) | TokenKind::End => return self.no_operand(),
        };
        self.advance();
        self.finished(kind, token)
    }

    /// `1,000` outside a list.
    fn thousands_follow(&self) -> bool {
        let (number, comma, rest) = (self.ahead(0), self.ahead(1), self.ahead(2));
        !self.context.comma_separates
            && comma.kind == TokenKind::Symbol(Symbol::Comma)
            && number.end == comma.start
            && comma.end == rest.start
            && matches!(rest.kind, TokenKind::Integer | TokenKind::Decimal)
            && self.word(rest).split('.').next().is_some_and(|digits| digits.len() == 3)
    }

    #[inline(never)]
    fn thousands(&mut self, token: Token) -> Operand {
        let mut digits = self.word(token).to_owned();
        let comma = self.ahead(1);
        let mut last = token.kind;
        while self.thousands_follow() {
            self.advance();
            self.advance();
            last = self.kind();
            digits = format!("{digits}_{}", self.word(self.token()));
        }
        self.advance();
        let span = self.since(token.start);
        self.report(
            Diagnostic::error(&codes::NUMBER, comma.span(), "digits are grouped with `_`")
                .with_help(format!("write `{digits}`"))
                .with_fix(format!("write `{digits}`"), span, digits.clone()),
        );
        let digits = digits.replace('_', "");
        let kind = if last == TokenKind::Decimal {
            ExpressionKind::Decimal(digits)
        } else {
            ExpressionKind::Integer(digits)
        };
        self.finished(kind, token)
    }

    /// A node from a token to here.
    #[inline(never)]
    pub(super) fn finished(&mut self, kind: ExpressionKind, from: Token) -> Operand {
        let span = self.since(from.start);
        Operand { id: self.node(kind, span), span }
    }

    #[inline(never)]
    fn failed(&mut self, from: Token) -> Operand {
        let span = self.since(from.start);
        Operand { id: self.error_node(span), span }
    }

    #[inline(never)]
    fn no_operand(&mut self) -> Operand {
        let token = self.token();
        self.unexpected("an operand");
        // A second operator, as in `a + * b`, is passed over together with its operand.
        if !self.at(TokenKind::End) {
            self.skip();
        }
        let span = Span { start: token.start, end: self.end().max(token.start) };
        Operand { id: self.error_node(span), span }
    }

    #[inline(never)]
    fn parenthesised(&mut self, open: Token) -> Operand {
        self.advance();
        if self.at_symbol(Symbol::RightParen) {
            self.unexpected("an operand");
            self.advance();
            return self.failed(open);
        }
        let inner = self.inside(false, Self::expression);
        if self.at_symbol(Symbol::Comma) && self.reported != Some(self.position) {
            return self.tuple(open);
        }
        self.close(open, Symbol::RightParen);
        Operand { id: inner, span: self.since(open.start) }
    }

    /// `(a, b)`, which only other languages have.
    #[inline(never)]
    fn tuple(&mut self, open: Token) -> Operand {
        let mut ends = vec![self.token().start];
        let mut starts = vec![open.end];
        while self.eat_symbol(Symbol::Comma) {
            if !self.at_symbol(Symbol::RightParen) {
                starts.push(self.token().start);
                self.inside(true, Self::expression);
                ends.push(self.end());
            }
        }
        self.close(open, Symbol::RightParen);
        self.tuple_meaning(open, &starts, &ends)
    }

    #[inline(never)]
    fn tuple_meaning(&mut self, open: Token, starts: &[u32], ends: &[u32]) -> Operand {
        let span = self.since(open.start);
        let if_call = self.tokens.iter().any(|token| {
            token.kind == TokenKind::Keyword(Keyword::If)
                && token.end <= open.start
                && self
                    .text
                    .get(token.end as usize..open.start as usize)
                    .is_some_and(|between| between.trim().is_empty())
        });
        if if_call {
            let parts: Vec<&str> = starts
                .iter()
                .zip(ends)
                .map(|(start, end)| self.slice(Span { start: *start, end: *end }).trim())
                .collect();
            let mut diagnostic = Diagnostic::error(&codes::CONDITIONAL, span, "`IF` is no function")
                .with_help("a choice is written `IF c THEN a ELSE b`");
            if let [c, a, b] = parts.as_slice() {
                let mend = format!(" {c} THEN {a} ELSE {b}");
                diagnostic = diagnostic.with_fix(format!("write `IF{mend}`"), span, mend);
            }
            self.report(diagnostic);
            // The rest of the form is not there; nothing is said about that.
            self.reported = Some(self.position);
            return self.failed(open);
        }
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, span, "there are no tuples")
                .with_help("write a record `T { a: x, b: y }`, or an array `[x, y]`"),
        );
        self.failed(open)
    }

    #[inline(never)]
    fn keyword_form(&mut self, token: Token, keyword: Keyword) -> Operand {
        match keyword {
            Keyword::True | Keyword::False => {
                self.advance();
                self.finished(ExpressionKind::Boolean(keyword == Keyword::True), token)
            }
            Keyword::None => {
                self.advance();
                self.finished(ExpressionKind::None, token)
            }
            Keyword::Some => self.some(token),
            Keyword::If => self.if_form(token),
            Keyword::Let => self.let_form(token),
            Keyword::Match => self.match_form(token),
            Keyword::Forall => self.quantifier(token, Quantifier::Forall),
            Keyword::Exists => self.quantifier(token, Quantifier::Exists),
            Keyword::Set => self.set(token),
            Keyword::By | Keyword::At | Keyword::Desc | Keyword::Asc => {
                // They mean something in one place only; anywhere else they are names nobody declares.
                self.advance();
                let kind = ExpressionKind::Name(self.word(token).to_owned());
                self.finished(kind, token)
            }
            Keyword::Contains if self.ahead(1).kind == TokenKind::Symbol(Symbol::LeftParen) => {
                if let Some(token) = self.tokens.get_mut(self.position) {
                    token.kind = TokenKind::Name;
                }
                self.call_form(token)
            }
            _ => self.no_operand(),
        }
    }

    #[inline(never)]
    fn some(&mut self, token: Token) -> Operand {
        self.advance();
        let open = self.token();
        if !self.eat_symbol(Symbol::LeftParen) {
            self.unexpected("`(` after `SOME`");
            return self.failed(token);
        }
        let inner = self.inside(true, Self::expression);
        self.close(open, Symbol::RightParen);
        self.finished(ExpressionKind::Some(inner), token)
    }

    /// Something that begins with a name.
    #[inline(never)]
    fn named(&mut self, token: Token) -> Operand {
        let word = self.word(token);
        let next = self.ahead(1).kind;
        if next == TokenKind::Symbol(Symbol::LeftBrace)
            && !self.context.brace_opens_arms
            && !self.brace_opens_branch()
        {
            return self.construct(token);
        }
        if next == TokenKind::Symbol(Symbol::LeftParen) {
            return self.call_form(token);
        }
        if let Some(operand) = self.foreign_word(token, word) {
            return operand;
        }
        self.advance();
        let kind = ExpressionKind::Name(word.to_owned());
        self.finished(kind, token)
    }

    /// `IF c { a } ELSE { b }`, as other languages write it, and no record.
    fn brace_opens_branch(&self) -> bool {
        let field = matches!(self.ahead(2).kind, TokenKind::Name | TokenKind::Text)
            && matches!(
                self.ahead(3).kind,
                TokenKind::Symbol(Symbol::Colon | Symbol::Assign | Symbol::Comma)
            );
        let empty = self.ahead(2).kind == TokenKind::Symbol(Symbol::RightBrace);
        self.context.condition && !field && !empty
    }

    /// Words that stand for something in other languages, and keywords in the wrong case.
    #[inline(never)]
    fn foreign_word(&mut self, token: Token, word: &str) -> Option<Operand> {
        if let Some(mend) = foreign::constant(word) {
            self.foreign(&codes::KEYWORD_CASE, token.span(), format!("`{word}` is written `{mend}`"), mend);
            self.advance();
            let kind = match mend {
                "NONE" => ExpressionKind::None,
                mend => ExpressionKind::Boolean(mend == "TRUE"),
            };
            return Some(self.finished(kind, token));
        }
        if word == "lambda" || word == "new" || word == "case" || word == "CASE" {
            return self.foreign_form(token, word);
        }
        let info = keywords::any_case(word)?;
        let begins_form = matches!(
            info.keyword,
            Keyword::If | Keyword::Let | Keyword::Match | Keyword::Forall | Keyword::Exists
        );
        if !begins_form || !self.operand_may_follow() {
            return None;
        }
        self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", info.text);
        Some(self.keyword_form(token, info.keyword))
    }

    fn operand_may_follow(&self) -> bool {
        let next = self.ahead(1).kind;
        super::operators::begins_operand(next)
            || matches!(
                next,
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::Minus | Symbol::Bang)
            )
    }

    #[inline(never)]
    fn foreign_form(&mut self, token: Token, word: &str) -> Option<Operand> {
        let next = self.ahead(1).kind;
        if word == "new" && next == TokenKind::Name {
            let span = Span { start: token.start, end: self.ahead(1).start };
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, token.span(), "a value is made without `new`")
                    .with_help("write `Account { id: x }`")
                    .with_fix("remove `new`", span, ""),
            );
            self.advance();
            let token = self.token();
            return Some(self.named(token));
        }
        if word == "lambda" && super::operators::begins_operand(next) {
            self.report(
                Diagnostic::error(&codes::LAMBDA, token.span(), "there are no function values").with_help(
                    "write a comprehension `[f(x) FOR x IN xs IF p]`, or `SORT(x IN xs BY x.key)`",
                ),
            );
            self.skip();
            return Some(self.failed(token));
        }
        if word.eq_ignore_ascii_case("case") && self.word(self.ahead(1)).eq_ignore_ascii_case("when") {
            self.report(
                Diagnostic::error(&codes::CONDITIONAL, token.span(), "there is no `CASE`")
                    .with_help("write `IF c THEN a ELSE b`, or `MATCH v { ... }`"),
            );
            while !self.at(TokenKind::End) && !self.word(self.token()).eq_ignore_ascii_case("end") {
                self.advance();
            }
            self.advance();
            return Some(self.failed(token));
        }
        None
    }
}
