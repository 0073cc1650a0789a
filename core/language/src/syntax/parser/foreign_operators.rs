//! Operators of other languages: each is reported with what to write instead, and read as that.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Argument, BinaryOperator, ExprId, ExpressionKind, Name};
use super::super::foreign;
use super::super::keywords::{self, Keyword};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::Parser;
use super::operators::{Action, Infix, Level, Operand, binary};
use crate::codes::syntax as codes;

/// Operators of other languages that are one of ours in another spelling.
fn respelled(symbol: Symbol) -> Option<&'static str> {
    Some(match symbol {
        Symbol::StrictEqual | Symbol::Assign | Symbol::ColonAssign => "==",
        Symbol::StrictNotEqual | Symbol::Diamond => "!=",
        Symbol::EqualLess => "<=",
        Symbol::ForeignIff | Symbol::Spaceship => "IFF",
        Symbol::ForeignImplies => "IMPLIES",
        Symbol::PlusAssign => "+",
        Symbol::MinusAssign => "-",
        Symbol::TimesAssign => "*",
        Symbol::DivideAssign => "/",
        Symbol::RemainderAssign => "%",
        Symbol::InclusiveRange | Symbol::Ellipsis => "..",
        _ => return None,
    })
}

/// Operators of other languages that are functions here.
fn function(symbol: Symbol) -> Option<(Level, &'static str)> {
    Some(match symbol {
        Symbol::Power => (Level::Power, "pow"),
        Symbol::SlashSlash => (Level::Product, "floor_div"),
        Symbol::Ampersand => (Level::Product, "bit_and"),
        Symbol::ShiftLeft => (Level::Product, "shift_left"),
        Symbol::ShiftRight => (Level::Product, "shift_right"),
        Symbol::Caret => (Level::Product, "bit_xor"),
        Symbol::Pipe => (Level::Product, "bit_or"),
        Symbol::Coalesce => (Level::With, "OR_ELSE"),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Whether what is around ends after the present token.
    pub(super) fn nothing_follows(&self) -> bool {
        use Symbol::{Comma, RightBrace, RightBracket, RightParen, Semicolon};
        matches!(
            self.ahead(1).kind,
            TokenKind::End | TokenKind::Symbol(Comma | RightBrace | RightBracket | RightParen | Semicolon)
        )
    }

    /// Operators of other languages.
    #[inline(never)]
    pub(super) fn foreign_infix(&mut self, symbol: Symbol, loosest: Level, base: usize) -> Infix {
        let token = self.token();
        if let Some(meant) = respelled(symbol) {
            let kind = match meant {
                "==" => TokenKind::Symbol(Symbol::Equal),
                "!=" => TokenKind::Symbol(Symbol::NotEqual),
                "<=" => TokenKind::Symbol(Symbol::LessEqual),
                "IFF" => TokenKind::Keyword(Keyword::Iff),
                "IMPLIES" => TokenKind::Keyword(Keyword::Implies),
                "+" => TokenKind::Symbol(Symbol::Plus),
                "-" => TokenKind::Symbol(Symbol::Minus),
                "*" => TokenKind::Symbol(Symbol::Star),
                "/" => TokenKind::Symbol(Symbol::Slash),
                "%" => TokenKind::Symbol(Symbol::Percent),
                _ => TokenKind::Symbol(Symbol::DotDot),
            };
            let (level, action) = match binary(kind) {
                Some((level, operator)) => (level, Action::Binary(operator)),
                None => (Level::Range, Action::Range),
            };
            // `WITH [i] = x`: the update's own sign.
            if level < loosest {
                return Infix::End;
            }
            let word = self.word(token);
            let message = match symbol {
                Symbol::Assign | Symbol::ColonAssign => {
                    format!("`{word}` assigns in other languages; equality is `==`")
                }
                Symbol::PlusAssign
                | Symbol::MinusAssign
                | Symbol::TimesAssign
                | Symbol::DivideAssign
                | Symbol::RemainderAssign => {
                    format!("`{word}` assigns in other languages; an expression has the new value")
                }
                Symbol::InclusiveRange | Symbol::Ellipsis => {
                    format!("`{word}` is no range; `a..b` goes from `a` to just before `b`")
                }
                _ => format!("`{word}` is written `{meant}`"),
            };
            self.foreign(&codes::FOREIGN_OPERATOR, token.span(), message, meant);
            return self.push(level, action, loosest, base);
        }
        if let Some((level, name)) = function(symbol) {
            return self.push(level, Action::Function(name), loosest, base);
        }
        Infix::End
    }

    /// A word after an operand: an operator of another language or in the wrong case, or a missing one.
    #[inline(never)]
    pub(super) fn word_infix(&mut self, token: Token, loosest: Level, base: usize) -> Infix {
        let word = self.word(token);
        if word.eq_ignore_ascii_case("is") {
            if Level::Comparison < loosest {
                return Infix::End;
            }
            self.advance();
            let negated = self.eat_keyword(Keyword::Not);
            if foreign::constant(self.word(self.token())) == Some("NONE") {
                // Part of the same habit; the mend writes it right.
                if let Some(token) = self.tokens.get_mut(self.position) {
                    token.kind = TokenKind::Keyword(Keyword::None);
                }
            }
            self.position -= 1;
            return self.push_at(token, Level::Comparison, Action::Is { negated }, loosest, base);
        }
        if let Some((level, name)) = foreign::word_operator(word) {
            let level = if level { Level::Comparison } else { Level::Product };
            return match name {
                "%" => {
                    self.foreign(
                        &codes::FOREIGN_OPERATOR,
                        token.span(),
                        format!("`{word}` is written `%`"),
                        "%",
                    );
                    self.push(level, Action::Binary(BinaryOperator::Remainder), loosest, base)
                }
                "!=" => {
                    self.foreign(
                        &codes::FOREIGN_OPERATOR,
                        token.span(),
                        format!("`{word}` is written `!=`"),
                        "!=",
                    );
                    self.push(level, Action::Binary(BinaryOperator::NotEqual), loosest, base)
                }
                name => self.push(level, Action::Function(name), loosest, base),
            };
        }
        if word.eq_ignore_ascii_case("like") {
            return self.like(token, loosest, base);
        }
        if self.context.filter_follows && matches!(word, "where" | "WHERE" | "when" | "WHEN" | "If") {
            return Infix::End;
        }
        if word.eq_ignore_ascii_case("between") {
            return self.between(loosest, base);
        }
        if let Some(info) = keywords::any_case(word) {
            if self.context.condition && info.keyword == Keyword::Then {
                return Infix::End;
            }
            match info.keyword {
                Keyword::Asc | Keyword::At | Keyword::By | Keyword::Desc => return Infix::End,
                _ => {}
            }
            // The same word in the right case; read it again as that.
            self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", info.text);
            if let Some(token) = self.tokens.get_mut(self.position) {
                token.kind = TokenKind::Keyword(info.keyword);
            }
            return Infix::Again;
        }
        if matches!(word, "elif" | "elseif" | "elsif" | "ELIF" | "ELSEIF" | "ELSIF") {
            return Infix::End;
        }
        self.missing_operator()
    }

    /// `s LIKE 'a%'`: the pattern means something else here, so nothing is mended.
    #[inline(never)]
    pub(super) fn like(&mut self, token: Token, loosest: Level, base: usize) -> Infix {
        if Level::Comparison < loosest {
            return Infix::End;
        }
        self.reduce(Level::Comparison, base);
        self.report(
            Diagnostic::error(&codes::FOREIGN_OPERATOR, token.span(), "there is no operator `LIKE`")
                .with_help("write `starts_with(s, 'a')`, `contains(s, 'a')`, or a regular expression: `matches(s, 'a.*')`"),
        );
        self.advance();
        let right = self.expression_at(Level::With);
        if let Some(left) = self.operands.pop() {
            let span = left.span.to(right.span);
            let id = self.error_node(span);
            self.operands.push(Operand { id, span });
        }
        Infix::Again
    }

    /// `n++`
    #[inline(never)]
    pub(super) fn increment(&mut self) -> Infix {
        let token = self.token();
        let Some(operand) = self.operands.pop() else { return Infix::End };
        let text = self.slice(operand.span);
        let mend = format!("{text} + 1");
        let span = operand.span.to(token.span());
        self.report(
            Diagnostic::error(
                &codes::FOREIGN_OPERATOR,
                token.span(),
                "`++` concatenates; it does not count up",
            )
            .with_help(format!("write `{mend}`"))
            .with_fix(format!("write `{mend}`"), span, mend),
        );
        self.advance();
        let one = self.node(ExpressionKind::Integer("1".into()), token.span());
        let id = self.node(ExpressionKind::Binary(BinaryOperator::Add, operand.id, one), span);
        self.operands.push(Operand { id, span });
        Infix::Again
    }

    /// `10%`
    #[inline(never)]
    pub(super) fn percentage(&mut self) -> Infix {
        let token = self.token();
        let Some(operand) = self.operands.pop() else { return Infix::End };
        self.report(
            Diagnostic::error(&codes::NUMBER, token.span(), "there are no percentages")
                .with_help("write the share as a decimal: ten percent is `0.1`"),
        );
        self.advance();
        let span = operand.span.to(token.span());
        let id = self.error_node(span);
        self.operands.push(Operand { id, span });
        Infix::Again
    }

    /// `x BETWEEN a AND b`
    #[inline(never)]
    pub(super) fn between(&mut self, loosest: Level, base: usize) -> Infix {
        if Level::Comparison < loosest {
            return Infix::End;
        }
        self.reduce(Level::Comparison, base);
        let token = self.token();
        self.advance();
        let low = self.expression_at(Level::With);
        let both = self.eat_keyword(Keyword::And) || self.eat_symbol(Symbol::AndAnd);
        if !both {
            self.unexpected("`AND` of `BETWEEN`");
            return Infix::Again;
        }
        let high = self.expression_at(Level::With);
        let Some(operand) = self.operands.pop() else { return Infix::End };
        let span = operand.span.to(high.span);
        let mend =
            format!("{} <= {} <= {}", self.slice(low.span), self.slice(operand.span), self.slice(high.span));
        self.report(
            Diagnostic::error(&codes::FOREIGN_OPERATOR, token.span(), "`BETWEEN` is a chain of comparisons")
                .with_help(format!("write `{mend}`"))
                .with_fix(format!("write `{mend}`"), span, mend),
        );
        let rest = vec![(BinaryOperator::LessEqual, operand.id), (BinaryOperator::LessEqual, high.id)];
        let id = self.node(ExpressionKind::Chain(low.id, rest), span);
        self.operands.push(Operand { id, span });
        Infix::Again
    }

    /// `a if c else b`
    #[inline(never)]
    pub(super) fn conditional_after(&mut self, base: usize) -> Infix {
        let token = self.token();
        self.reduce(Level::Expression, base);
        self.advance();
        let condition = self.expression();
        if !self.at_keyword(Keyword::Else) {
            let message = "`IF` cannot follow an operand here";
            if self.reported != Some(self.position) {
                self.report(
                    Diagnostic::error(&codes::CONDITIONAL, token.span(), message)
                        .with_help("write `IF c THEN a ELSE b`; several filters are joined with `AND`"),
                );
            }
            if let Some(operand) = self.operands.last_mut() {
                operand.span.end =
                    self.output.nodes.get(condition.0 as usize).map_or(0, |node| node.span.end);
            }
            return Infix::Again;
        }
        self.advance();
        let otherwise = self.expression();
        self.conditional(token, condition, None, otherwise)
    }

    /// `c ? a : b`
    #[inline(never)]
    pub(super) fn ternary(&mut self, base: usize) -> Infix {
        let token = self.token();
        self.reduce(Level::Expression, base);
        self.advance();
        let then = self.expression();
        if !self.eat_symbol(Symbol::Colon) {
            self.report(
                Diagnostic::error(&codes::CONDITIONAL, token.span(), "`?` has no meaning here")
                    .with_help("a choice is written `IF c THEN a ELSE b`"),
            );
            return Infix::Again;
        }
        let otherwise = self.expression();
        let condition = self.operands.last().map(|operand| operand.id);
        let Some(condition) = condition else { return Infix::End };
        self.conditional(token, condition, Some(then), otherwise)
    }

    /// Builds the `IF` that was meant; `then` is the operand at hand unless it is given.
    #[inline(never)]
    pub(super) fn conditional(
        &mut self,
        token: Token,
        condition: ExprId,
        then: Option<ExprId>,
        otherwise: ExprId,
    ) -> Infix {
        let Some(operand) = self.operands.pop() else { return Infix::End };
        let span = self.since(operand.span.start);
        let (then, texts) = match then {
            Some(then) => (
                then,
                [operand.span, self.span_of(then), self.span_of(otherwise)].map(|span| self.slice(span)),
            ),
            None => {
                let spans = [self.span_of(condition), operand.span, self.span_of(otherwise)];
                (operand.id, spans.map(|span| self.slice(span)))
            }
        };
        let [c, a, b] = texts;
        let mend = format!("IF {c} THEN {a} ELSE {b}");
        self.report(
            Diagnostic::error(&codes::CONDITIONAL, token.span(), "a choice is written `IF c THEN a ELSE b`")
                .with_help(format!("write `{mend}`"))
                .with_fix(format!("write `{mend}`"), span, mend),
        );
        let id = self.node(ExpressionKind::If(condition, then, otherwise), span);
        self.operands.push(Operand { id, span });
        Infix::Again
    }

    pub(super) fn call(&self, name: &str, span: Span, arguments: Vec<ExprId>) -> ExpressionKind {
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        ExpressionKind::Call { callee: Name { text: name.to_owned(), span }, arguments }
    }

    /// Reports an operator that is a function here.
    #[inline(never)]
    pub(super) fn write_as_call(
        &mut self,
        code: &'static anrf_format::diagnostic::Code,
        token: Token,
        name: &str,
        operands: &[Span],
        whole: Span,
    ) {
        let word = self.word(token);
        let operands: Vec<&str> = operands.iter().map(|span| self.slice(*span)).collect();
        let mend = format!("{name}({})", operands.join(", "));
        let mut help = format!("write `{mend}`");
        if name.starts_with("bit_") && operands.len() == 2 {
            help += "; on booleans the operators are `AND`, `OR` and `!=`";
        }
        self.report(
            Diagnostic::error(code, token.span(), format!("`{word}` is the function `{name}`"))
                .with_help(help)
                .with_fix(format!("write `{mend}`"), whole, mend),
        );
    }
}
