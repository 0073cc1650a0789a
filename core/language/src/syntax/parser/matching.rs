//! `MATCH` and its patterns.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Arm, ExpressionKind, Pattern};
use super::super::keywords::Keyword;
use super::super::lexer::{Symbol, Token, TokenKind};
use super::operators::Operand;
use super::{Context, Parser, clipped};
use crate::codes::syntax as codes;

impl Parser<'_> {
    // MATCH.

    #[inline(never)]
    pub(super) fn match_form(&mut self, token: Token) -> Operand {
        self.advance();
        let context = Context {
            brace_opens_arms: true,
            condition: false,
            filter_follows: false,
            in_ends: false,
            ..self.context
        };
        let scrutinee = self.with_context(context, Self::expression);
        let open = self.token();
        if !self.eat_symbol(Symbol::LeftBrace) {
            self.unexpected("`{` and the arms of `MATCH`");
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        let arms = self.inside(true, Self::arms);
        self.close(open, Symbol::RightBrace);
        let span = self.since(token.start);
        match arms {
            Some(arms) => self.finished(ExpressionKind::Match(scrutinee, arms), token),
            None => Operand { id: self.error_node(span), span },
        }
    }

    /// `None` if an arm could not be understood.
    #[inline(never)]
    fn arms(&mut self) -> Option<Vec<Arm>> {
        let mut arms = vec![];
        let mut complete = true;
        while !self.at_symbol(Symbol::RightBrace) && !self.at(TokenKind::End) {
            let start = self.token();
            let position = self.position;
            let pattern = self.pattern();
            if pattern.is_none() && self.reported == Some(self.position) {
                // Not a pattern at all: on to the next arm.
                complete = false;
                while !self.at(TokenKind::End)
                    && !self.at_symbol(Symbol::Comma)
                    && !self.at_symbol(Symbol::RightBrace)
                {
                    self.skip();
                    if !self.at_symbol(Symbol::Comma) && !self.at_symbol(Symbol::RightBrace) {
                        self.advance();
                    }
                }
            } else {
                self.arm_arrow();
                let body = self.expression();
                match pattern {
                    Some(pattern) => arms.push(Arm { pattern, body, span: self.since(start.start) }),
                    None => complete = false,
                }
            }
            if self.eat_symbol(Symbol::Comma) || self.at_symbol(Symbol::RightBrace) {
                continue;
            }
            if self.at_symbol(Symbol::Semicolon) {
                self.foreign(&codes::UNEXPECTED, self.token().span(), "arms are separated by commas", ",");
                self.advance();
                continue;
            }
            self.unexpected("a comma or `}`");
            self.skip();
            if !self.eat_symbol(Symbol::Comma) && self.position == position {
                break;
            }
        }
        complete.then_some(arms)
    }

    #[inline(never)]
    fn arm_arrow(&mut self) {
        let token = self.token();
        if self.eat_symbol(Symbol::FatArrow) {
            return;
        }
        match token.kind {
            TokenKind::Symbol(Symbol::Arrow | Symbol::Colon | Symbol::Assign)
            | TokenKind::Keyword(Keyword::Then) => {
                self.foreign(
                    &codes::UNEXPECTED,
                    token.span(),
                    "a pattern and its value are separated by `=>`",
                    "=>",
                );
                self.advance();
            }
            _ => {
                self.unexpected("`=>`");
                self.skip();
            }
        }
    }

    #[inline(never)]
    fn pattern(&mut self) -> Option<Pattern> {
        let token = self.token();
        let word = self.word(token);
        match token.kind {
            TokenKind::Keyword(Keyword::None) => {
                self.advance();
                Some(Pattern::None(token.span()))
            }
            TokenKind::Keyword(Keyword::Some) => self.some_pattern(),
            TokenKind::Name if word == "None" => {
                self.foreign(&codes::KEYWORD_CASE, token.span(), "`None` is written `NONE`", "NONE");
                self.advance();
                Some(Pattern::None(token.span()))
            }
            TokenKind::Name
                if matches!(word, "Some" | "some")
                    && self.ahead(1).kind == TokenKind::Symbol(Symbol::LeftParen) =>
            {
                self.foreign(
                    &codes::KEYWORD_CASE,
                    token.span(),
                    format!("`{word}` is written `SOME`"),
                    "SOME",
                );
                self.some_pattern()
            }
            TokenKind::Name
                if matches!(word, "_" | "default" | "otherwise")
                    && self.ahead(1).kind != TokenKind::Symbol(Symbol::LeftBrace) =>
            {
                self.report(
                    Diagnostic::error(
                        &codes::PATTERN,
                        token.span(),
                        "there is no pattern for all other cases",
                    )
                    .with_help("list every case; with many equal ones, `IF` may be shorter"),
                );
                self.advance();
                None
            }
            TokenKind::Name => self.case_pattern(token),
            TokenKind::Keyword(Keyword::True | Keyword::False)
            | TokenKind::Integer
            | TokenKind::Decimal
            | TokenKind::Text => {
                self.report(
                    Diagnostic::error(&codes::PATTERN, token.span(), format!("`{}` is no pattern", clipped(word)))
                        .with_help("`MATCH` takes variants, optionals and enums apart; compare other values with `IF x == ... THEN ... ELSE ...`"),
                );
                self.advance();
                None
            }
            _ => {
                self.unexpected("a pattern: `NONE`, `SOME(x)`, `case { field }` or a symbol");
                None
            }
        }
    }

    #[inline(never)]
    fn some_pattern(&mut self) -> Option<Pattern> {
        self.advance();
        let open = self.token();
        if !self.eat_symbol(Symbol::LeftParen) {
            self.unexpected("`(` after `SOME`");
            return None;
        }
        let name = self.name("a name for the value");
        self.close(open, Symbol::RightParen);
        name.map(Pattern::Some)
    }

    #[inline(never)]
    fn case_pattern(&mut self, token: Token) -> Option<Pattern> {
        let mut name = self.name_of(token);
        self.advance();
        while self.at_symbol(Symbol::Dot) || self.at_symbol(Symbol::ColonColon) {
            // `Shape.circle`
            let start = name.span.start;
            self.advance();
            let case = self.token();
            name = self.name("a case")?;
            let span = Span { start, end: case.start };
            self.report(
                Diagnostic::error(
                    &codes::PATTERN,
                    span,
                    format!("`{}` is named without its type", name.text),
                )
                .with_help(format!("write `{}`", name.text))
                .with_fix(format!("write `{}` alone", name.text), span, ""),
            );
        }
        let open = self.token();
        let closing = match open.kind {
            TokenKind::Symbol(Symbol::LeftBrace) => Symbol::RightBrace,
            TokenKind::Symbol(Symbol::LeftParen) => Symbol::RightParen,
            _ => return Some(Pattern::Case(name, vec![])),
        };
        self.advance();
        let mut fields = vec![];
        while !self.at_symbol(closing) && !self.at(TokenKind::End) {
            let Some(field) = self.name("a field") else { break };
            let bound = if self.eat_symbol(Symbol::Colon) { self.name("a name")? } else { field.clone() };
            fields.push((field, bound));
            if !self.eat_symbol(Symbol::Comma) {
                break;
            }
        }
        let end = self.token();
        self.close(open, closing);
        if closing == Symbol::RightParen {
            let inner = self.slice(Span { start: open.end, end: end.start }).trim();
            let span = Span { start: open.start, end: end.end };
            let mend = format!("{} {{ {inner} }}", name.text);
            self.report(
                Diagnostic::error(&codes::PATTERN, span, "the fields of a case stand in braces, by name")
                    .with_help(format!("write `{mend}`"))
                    .with_fix("write braces", span, format!(" {{ {inner} }}")),
            );
        }
        Some(Pattern::Case(name, fields))
    }
}
