//! `IF` and `LET`.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{ExprId, ExpressionKind};
use super::super::keywords::Keyword;
use super::super::lexer::{Symbol, Token, TokenKind};
use super::operators::Operand;
use super::{Context, Parser};
use crate::codes::syntax as codes;

impl Parser<'_> {
    #[inline(never)]
    pub(super) fn with_context<R>(&mut self, context: Context, read: impl FnOnce(&mut Self) -> R) -> R {
        let around = std::mem::replace(&mut self.context, context);
        let result = read(self);
        self.context = around;
        result
    }

    // IF.

    #[inline(never)]
    pub(super) fn if_form(&mut self, token: Token) -> Operand {
        self.advance();
        let context = Context { condition: true, filter_follows: false, in_ends: false, ..self.context };
        let condition = self.with_context(context, Self::expression);
        if !self.then() {
            self.skip();
            if self.eat_keyword(Keyword::Else) {
                self.skip();
            }
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        let context = Context { condition: false, filter_follows: false, in_ends: false, ..self.context };
        let then = self.with_context(context, Self::expression);
        if !self.otherwise(token) {
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        let context = Context { condition: false, ..self.context };
        let otherwise = self.with_context(context, Self::expression);
        self.finished(ExpressionKind::If(condition, then, otherwise), token)
    }

    /// `THEN`; false where what follows cannot be read.
    #[inline(never)]
    fn then(&mut self) -> bool {
        if self.eat_keyword(Keyword::Then) {
            return true;
        }
        if self.fatal || self.reported == Some(self.position) {
            return false;
        }
        let token = self.token();
        let word = self.word(token);
        if word.eq_ignore_ascii_case("then") {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "THEN");
            self.advance();
            return true;
        }
        let diagnostic =
            Diagnostic::error(&codes::CONDITIONAL, token.span(), "`THEN` is missing after the condition")
                .with_help("a choice is written `IF c THEN a ELSE b`");
        match token.kind {
            TokenKind::Symbol(Symbol::Colon) => {
                self.report(diagnostic.with_fix("write `THEN`", token.span(), " THEN"));
                self.advance();
            }
            TokenKind::End | TokenKind::Symbol(Symbol::LeftBrace) => {
                self.report(diagnostic);
                self.reported = Some(self.position);
                return false;
            }
            _ => {
                let place = Span { start: token.start, end: token.start };
                self.report(diagnostic.with_fix("write `THEN`", place, "THEN "));
            }
        }
        true
    }

    /// `ELSE`; false where there is none.
    #[inline(never)]
    fn otherwise(&mut self, start: Token) -> bool {
        let token = self.token();
        let word = self.word(token);
        if self.eat_keyword(Keyword::Else) {
            if self.at_symbol(Symbol::Colon) {
                let span = self.token().span();
                self.report(
                    Diagnostic::error(&codes::CONDITIONAL, span, "no colon stands after `ELSE`")
                        .with_help("a choice is written `IF c THEN a ELSE b`")
                        .with_fix("remove it", span, ""),
                );
                self.advance();
            }
            return true;
        }
        if matches!(word, "elif" | "elseif" | "elsif" | "ELIF" | "ELSEIF" | "ELSIF") {
            self.foreign(
                &codes::CONDITIONAL,
                token.span(),
                format!("`{word}` is written `ELSE IF`"),
                "ELSE IF",
            );
            // Read again as the `IF` it contains.
            if let Some(token) = self.tokens.get_mut(self.position) {
                token.kind = TokenKind::Keyword(Keyword::If);
            }
            return true;
        }
        if word.eq_ignore_ascii_case("else") && token.kind == TokenKind::Name {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "ELSE");
            self.advance();
            return true;
        }
        if self.reported != Some(self.position) {
            self.reported = Some(self.position);
            let span = Span { start: start.start, end: self.end() };
            self.report(
                Diagnostic::error(&codes::CONDITIONAL, span, "`IF` without `ELSE`")
                    .with_help("an expression has a value in every case: `IF c THEN a ELSE b`"),
            );
        }
        false
    }

    // LET.

    #[inline(never)]
    pub(super) fn let_form(&mut self, token: Token) -> Operand {
        self.advance();
        let name = self.name("a name");
        if self.at_symbol(Symbol::Equal) || self.at_symbol(Symbol::ColonAssign) {
            let found = self.token();
            self.foreign(&codes::UNEXPECTED, found.span(), "`LET` binds with `=`", "=");
            self.advance();
        } else if !self.eat_symbol(Symbol::Assign) {
            self.unexpected("`=`");
            self.skip_to_in();
        }
        // `IN` of the form, not of membership: the value ends before it.
        let value = self.let_value();
        if !self.eat_keyword(Keyword::In) {
            if self.at_symbol(Symbol::Semicolon)
                || self.at_symbol(Symbol::Comma) && !self.context.comma_separates
            {
                let found = self.token();
                self.foreign(&codes::UNEXPECTED, found.span(), "the body of `LET` follows `IN`", " IN");
                self.advance();
                if self.at_keyword(Keyword::In) {
                    self.advance();
                }
            } else {
                self.unexpected("`IN` and the body of `LET`");
                let span = self.since(token.start);
                return Operand { id: self.error_node(span), span };
            }
        }
        let body = self.expression();
        match name {
            Some(name) => self.finished(ExpressionKind::Let(name, value, body), token),
            None => {
                let span = self.since(token.start);
                Operand { id: self.error_node(span), span }
            }
        }
    }

    #[inline(never)]
    fn skip_to_in(&mut self) {
        while !self.at(TokenKind::End) && !self.at_keyword(Keyword::In) {
            self.advance();
        }
    }

    #[inline(never)]
    fn let_value(&mut self) -> ExprId {
        let context = Context { in_ends: true, condition: false, filter_follows: false, ..self.context };
        self.with_context(context, Self::expression)
    }
}
