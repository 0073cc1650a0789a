//! Operators by precedence: a stack of operators waits until a looser one comes.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{
    Argument, BinaryOperator, ExprId, ExpressionKind, Name, UnaryOperator, Update,
};
use super::super::foreign;
use super::super::keywords::{self, Keyword};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::{MAX_DEPTH, Parser};
use crate::codes::syntax as codes;

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// What may stand anywhere.
    Expression,
    Iff,
    Implies,
    Or,
    And,
    Not,
    Comparison,
    Range,
    With,
    Sum,
    Product,
    Sign,
    /// `**` of other languages.
    Power,
}

/// A waiting operator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operator {
    level: Level,
    action: Action,
    token: Token,
}

/// What an operator makes of its operands.
#[derive(Clone, Copy, Debug)]
enum Action {
    Unary(UnaryOperator),
    Binary(BinaryOperator),
    Range,
    /// An operator that the language has as a function: `a // b`.
    Function(&'static str),
    /// A unary one: `~a`.
    UnaryFunction,
    /// `a not in b`.
    NotIn,
    /// `x is None`, `x is not None`.
    Is {
        negated: bool,
    },
}

/// A waiting operand, with its parentheses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) id: ExprId,
    pub(super) span: Span,
}

/// What stands after an operand.
enum Infix {
    /// An operator was taken: an operand has to follow.
    Operand,
    /// Something was applied to the operand.
    Again,
    /// The expression ends here.
    End,
}

/// The binary operators: symbol or keyword, level, meaning.
fn binary(token: TokenKind) -> Option<(Level, BinaryOperator)> {
    use BinaryOperator as B;
    use Level::{And, Comparison, Iff, Implies, Or, Product, Sum};
    Some(match token {
        TokenKind::Keyword(keyword) => match keyword {
            Keyword::Iff => (Iff, B::Iff),
            Keyword::Implies => (Implies, B::Implies),
            Keyword::Or => (Or, B::Or),
            Keyword::And => (And, B::And),
            Keyword::In => (Comparison, B::In),
            Keyword::Contains => (Comparison, B::Contains),
            _ => return None,
        },
        TokenKind::Symbol(symbol) => match symbol {
            Symbol::Arrow | Symbol::FatArrow => (Implies, B::Implies),
            Symbol::OrOr => (Or, B::Or),
            Symbol::AndAnd => (And, B::And),
            Symbol::Equal => (Comparison, B::Equal),
            Symbol::NotEqual => (Comparison, B::NotEqual),
            Symbol::Less => (Comparison, B::Less),
            Symbol::LessEqual => (Comparison, B::LessEqual),
            Symbol::Greater => (Comparison, B::Greater),
            Symbol::GreaterEqual => (Comparison, B::GreaterEqual),
            Symbol::Plus => (Sum, B::Add),
            Symbol::Minus => (Sum, B::Subtract),
            Symbol::PlusPlus => (Sum, B::Concat),
            Symbol::Star => (Product, B::Multiply),
            Symbol::Slash => (Product, B::Divide),
            Symbol::Percent => (Product, B::Remainder),
            _ => return None,
        },
        _ => return None,
    })
}

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
    /// An expression of any form. A range is none: it is reported.
    #[inline(never)]
    pub(super) fn expression(&mut self) -> ExprId {
        let operand = self.expression_at(Level::Expression);
        self.no_range(operand).id
    }

    /// An expression whose operators bind at least so tightly.
    #[inline(never)]
    pub(super) fn expression_at(&mut self, loosest: Level) -> Operand {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.too_deep(self.token().span());
        }
        let first_operand = self.operands.len();
        let first_operator = self.operators.len();
        'operand: loop {
            self.prefixes();
            let operand = self.operand();
            self.operands.push(operand);
            loop {
                match self.infix(loosest, first_operator) {
                    Infix::Operand => continue 'operand,
                    Infix::Again => {}
                    Infix::End => break 'operand,
                }
            }
        }
        self.reduce(Level::Expression, first_operator);
        self.depth -= 1;
        let result = self.operands.pop();
        self.operands.truncate(first_operand);
        result.unwrap_or_else(|| {
            let span = self.token().span();
            Operand { id: self.error_node(span), span }
        })
    }

    /// `NOT`, `-` and the like before an operand.
    #[inline(never)]
    fn prefixes(&mut self) {
        loop {
            let token = self.token();
            let (level, action) = match token.kind {
                TokenKind::Keyword(Keyword::Not) | TokenKind::Symbol(Symbol::Bang) => {
                    (Level::Not, Action::Unary(UnaryOperator::Not))
                }
                TokenKind::Symbol(Symbol::Minus) => (Level::Sign, Action::Unary(UnaryOperator::Negate)),
                TokenKind::Symbol(Symbol::Tilde) => (Level::Sign, Action::UnaryFunction),
                TokenKind::Symbol(Symbol::Plus) if self.operand_follows() => {
                    let help = "a number without a sign is positive";
                    self.report(
                        Diagnostic::error(&codes::FOREIGN_OPERATOR, token.span(), "there is no unary `+`")
                            .with_help(help)
                            .with_fix("remove it", token.span(), ""),
                    );
                    self.advance();
                    continue;
                }
                TokenKind::Name if self.word(token) == "Not" && self.operand_follows() => {
                    self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "NOT");
                    (Level::Not, Action::Unary(UnaryOperator::Not))
                }
                _ => return,
            };
            self.operators.push(Operator { level, action, token });
            self.advance();
        }
    }

    /// Whether what is around ends after the present token.
    fn nothing_follows(&self) -> bool {
        use Symbol::{Comma, RightBrace, RightBracket, RightParen, Semicolon};
        matches!(
            self.ahead(1).kind,
            TokenKind::End | TokenKind::Symbol(Comma | RightBrace | RightBracket | RightParen | Semicolon)
        )
    }

    /// Whether the token after the present one can begin an operand.
    fn operand_follows(&self) -> bool {
        begins_operand(self.ahead(1).kind)
            || matches!(
                self.ahead(1).kind,
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::Minus)
            )
    }

    #[inline(never)]
    fn infix(&mut self, loosest: Level, base: usize) -> Infix {
        let token = self.token();
        if token.kind == TokenKind::Keyword(Keyword::In) && self.context.in_ends {
            return Infix::End;
        }
        if token.kind == TokenKind::Symbol(Symbol::PlusPlus)
            && Level::Sum >= loosest
            && self.nothing_follows()
        {
            self.reduce(Level::Sum, base);
            return self.increment();
        }
        if token.kind == TokenKind::Symbol(Symbol::Percent)
            && Level::Product >= loosest
            && self.nothing_follows()
        {
            return self.percentage();
        }
        if let Some((level, operator)) = binary(token.kind) {
            return self.push(level, Action::Binary(operator), loosest, base);
        }
        match token.kind {
            // `xs[2..]` ends before its bracket.
            TokenKind::Symbol(Symbol::DotDot)
                if self.ahead(1).kind == TokenKind::Symbol(Symbol::RightBracket) =>
            {
                Infix::End
            }
            TokenKind::Symbol(Symbol::DotDot) => self.push(Level::Range, Action::Range, loosest, base),
            TokenKind::Keyword(Keyword::With | Keyword::Without) => self.with(loosest, base),
            TokenKind::Keyword(Keyword::Not)
                if self.ahead(1).kind == TokenKind::Keyword(Keyword::In) && Level::Comparison >= loosest =>
            {
                self.advance();
                self.push_at(token, Level::Comparison, Action::NotIn, loosest, base)
            }
            TokenKind::Keyword(Keyword::If)
                if loosest == Level::Expression && !self.context.filter_follows =>
            {
                self.conditional_after(base)
            }
            TokenKind::Symbol(Symbol::Question) if loosest == Level::Expression => self.ternary(base),
            TokenKind::Symbol(symbol) => self.foreign_infix(symbol, loosest, base),
            TokenKind::Name => self.word_infix(token, loosest, base),
            kind if begins_operand(kind) => self.missing_operator(),
            _ => Infix::End,
        }
    }

    #[inline(never)]
    fn push(&mut self, level: Level, action: Action, loosest: Level, base: usize) -> Infix {
        if level < loosest {
            return Infix::End;
        }
        let token = self.token();
        // Comparisons wait for each other: two of them in a row are a chain.
        let waits = matches!(level, Level::Implies | Level::Comparison | Level::Power);
        self.reduce_tighter(level, waits, base);
        self.operators.push(Operator { level, action, token });
        self.advance();
        Infix::Operand
    }

    /// Operators of other languages.
    #[inline(never)]
    fn foreign_infix(&mut self, symbol: Symbol, loosest: Level, base: usize) -> Infix {
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
    fn word_infix(&mut self, token: Token, loosest: Level, base: usize) -> Infix {
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

    #[inline(never)]
    fn push_at(&mut self, token: Token, level: Level, action: Action, loosest: Level, base: usize) -> Infix {
        let before = self.operators.len();
        let result = self.push(level, action, loosest, base);
        if let (Infix::Operand, Some(operator)) = (&result, self.operators.last_mut()) {
            operator.token = token;
        }
        debug_assert!(self.operators.len() <= before + 1);
        result
    }

    /// An operand follows an operand.
    #[inline(never)]
    fn missing_operator(&mut self) -> Infix {
        if self.context.condition {
            return Infix::End;
        }
        let expected = if self.context.comma_separates { "an operator or a comma" } else { "an operator" };
        self.unexpected(expected);
        let start = self.position;
        self.skip();
        if self.position == start {
            return Infix::End;
        }
        if let Some(operand) = self.operands.pop() {
            let span = self.since(operand.span.start);
            let id = self.error_node(span);
            self.operands.push(Operand { id, span });
        }
        Infix::Again
    }

    /// `s LIKE 'a%'`: the pattern means something else here, so nothing is mended.
    #[inline(never)]
    fn like(&mut self, token: Token, loosest: Level, base: usize) -> Infix {
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
    fn increment(&mut self) -> Infix {
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
    fn percentage(&mut self) -> Infix {
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
    fn between(&mut self, loosest: Level, base: usize) -> Infix {
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
    fn conditional_after(&mut self, base: usize) -> Infix {
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
    fn ternary(&mut self, base: usize) -> Infix {
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
    fn conditional(
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

    /// Applies the waiting operators that bind at least so tightly.
    #[inline(never)]
    fn reduce(&mut self, tightest: Level, base: usize) {
        while self.operators.len() > base && self.operators.last().is_some_and(|top| top.level >= tightest) {
            self.reduce_one(base);
        }
    }

    #[inline(never)]
    fn reduce_tighter(&mut self, level: Level, waits: bool, base: usize) {
        while self.operators.len() > base
            && self.operators.last().is_some_and(|top| top.level > level || !waits && top.level == level)
        {
            self.reduce_one(base);
        }
    }

    #[inline(never)]
    fn reduce_one(&mut self, base: usize) {
        let Some(operator) = self.operators.pop() else { return };
        match operator.action {
            Action::Unary(_) | Action::UnaryFunction => self.reduce_unary(operator),
            _ if operator.level == Level::Comparison => self.reduce_comparisons(operator, base),
            _ => {
                let (Some(right), Some(left)) = (self.operands.pop(), self.operands.pop()) else { return };
                let operand = self.apply(operator, left, right);
                self.operands.push(operand);
            }
        }
    }

    #[inline(never)]
    fn reduce_unary(&mut self, operator: Operator) {
        let Some(operand) = self.operands.pop() else { return };
        let operand = self.no_range(operand);
        let span = operator.token.span().to(operand.span);
        let kind = match operator.action {
            Action::Unary(unary) => ExpressionKind::Unary(unary, operand.id),
            _ => {
                self.write_as_call(
                    &codes::FOREIGN_OPERATOR,
                    operator.token,
                    "bit_not",
                    &[operand.span],
                    span,
                );
                self.call("bit_not", operator.token.span(), vec![operand.id])
            }
        };
        let id = self.node(kind, span);
        self.operands.push(Operand { id, span });
    }

    fn call(&self, name: &str, span: Span, arguments: Vec<ExprId>) -> ExpressionKind {
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        ExpressionKind::Call { callee: Name { text: name.to_owned(), span }, arguments }
    }

    /// Reports an operator that is a function here.
    #[inline(never)]
    fn write_as_call(
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

    /// One operator on two operands.
    #[inline(never)]
    fn apply(&mut self, operator: Operator, left: Operand, right: Operand) -> Operand {
        let span = left.span.to(right.span);
        let (left, right) = (self.no_range(left), self.no_range(right));
        let kind = match operator.action {
            Action::Binary(binary) => ExpressionKind::Binary(binary, left.id, right.id),
            Action::Range => ExpressionKind::Range(left.id, right.id),
            Action::Function(name) => {
                let operands = [left.span, right.span];
                self.write_as_call(&codes::FOREIGN_OPERATOR, operator.token, name, &operands, span);
                self.call(name, operator.token.span(), vec![left.id, right.id])
            }
            Action::NotIn => {
                let (x, xs) = (self.slice(left.span), self.slice(right.span));
                let mend = format!("NOT ({x} IN {xs})");
                self.report(
                    Diagnostic::error(
                        &codes::FOREIGN_OPERATOR,
                        operator.token.span(),
                        "there is no operator `NOT IN`",
                    )
                    .with_help(format!("write `{mend}`"))
                    .with_fix(format!("write `{mend}`"), span, mend),
                );
                let inner = self.node(ExpressionKind::Binary(BinaryOperator::In, left.id, right.id), span);
                ExpressionKind::Unary(UnaryOperator::Not, inner)
            }
            Action::Is { negated } => {
                let (x, y) = (self.slice(left.span), self.slice(right.span));
                let (sign, binary) =
                    if negated { ("!=", BinaryOperator::NotEqual) } else { ("==", BinaryOperator::Equal) };
                let y = if y.eq_ignore_ascii_case("null") || y == "None" { "NONE" } else { y };
                let mend = format!("{x} {sign} {y}");
                self.report(
                    Diagnostic::error(
                        &codes::FOREIGN_OPERATOR,
                        operator.token.span(),
                        "there is no operator `is`",
                    )
                    .with_help(format!("write `{mend}`"))
                    .with_fix(format!("write `{mend}`"), span, mend),
                );
                ExpressionKind::Binary(binary, left.id, right.id)
            }
            Action::Unary(_) | Action::UnaryFunction => ExpressionKind::Error,
        };
        let id = self.node(kind, span);
        Operand { id, span }
    }

    /// All comparisons that wait in a row: one, or a chain.
    #[inline(never)]
    fn reduce_comparisons(&mut self, last: Operator, base: usize) {
        let mut operators = vec![last];
        while self.operators.len() > base
            && self.operators.last().is_some_and(|top| top.level == Level::Comparison)
        {
            operators.extend(self.operators.pop());
        }
        operators.reverse();
        let from = self.operands.len().saturating_sub(operators.len() + 1);
        let operands = self.operands.split_off(from);
        let [first, rest @ ..] = operands.as_slice() else { return };
        if let ([operator], [second]) = (operators.as_slice(), rest) {
            let operand = self.one_comparison(*operator, *first, *second);
            self.operands.push(operand);
            return;
        }
        let only_ours = operators.iter().all(|operator| matches!(operator.action, Action::Binary(_)));
        if !only_ours {
            // `a is b == c`: one after the other, as the other language would.
            let mut left = *first;
            for (operator, right) in operators.iter().zip(rest) {
                left = self.apply(*operator, left, *right);
            }
            self.operands.push(left);
            return;
        }
        let span = rest.last().map_or(first.span, |last| first.span.to(last.span));
        let first = self.no_range(*first);
        let mut links = Vec::with_capacity(rest.len());
        for (operator, operand) in operators.iter().zip(rest) {
            let operand = self.no_range(*operand);
            if let Action::Binary(binary) = operator.action {
                links.push((binary, operand.id));
            }
        }
        let id = self.node(ExpressionKind::Chain(first.id, links), span);
        self.operands.push(Operand { id, span });
    }

    /// `x IN lo..hi` means `lo <= x < hi`.
    #[inline(never)]
    fn one_comparison(&mut self, operator: Operator, left: Operand, right: Operand) -> Operand {
        let range = match self.kind_of(right.id) {
            ExpressionKind::Range(low, high) => Some((*low, *high)),
            _ => None,
        };
        if let (Action::Binary(BinaryOperator::In), Some((low, high))) = (operator.action, range) {
            let left = self.no_range(left);
            let span = left.span.to(right.span);
            let links = vec![(BinaryOperator::LessEqual, left.id), (BinaryOperator::Less, high)];
            let id = self.node(ExpressionKind::Chain(low, links), span);
            return Operand { id, span };
        }
        self.apply(operator, left, right)
    }

    /// `a WITH ...` and `a WITHOUT k`.
    #[inline(never)]
    fn with(&mut self, loosest: Level, base: usize) -> Infix {
        if Level::With < loosest {
            return Infix::End;
        }
        self.reduce(Level::With, base);
        let Some(operand) = self.operands.pop() else { return Infix::End };
        let operand = self.no_range(operand);
        let without = self.at_keyword(Keyword::Without);
        self.advance();
        let kind = if without {
            let removed = self.expression_at(Level::Sum);
            ExpressionKind::Without(operand.id, removed.id)
        } else {
            let updates = self.updates();
            ExpressionKind::With(operand.id, updates)
        };
        let span = self.since(operand.span.start);
        let id = self.node(kind, span);
        self.operands.push(Operand { id, span });
        Infix::Again
    }

    #[inline(never)]
    fn updates(&mut self) -> Vec<Update> {
        if self.at_symbol(Symbol::LeftBrace) {
            return self.field_updates();
        }
        let mut updates = vec![];
        loop {
            let value = self.expression_at(Level::Sum);
            let index = match self.kind_of(value.id) {
                ExpressionKind::Array(items) => match items.as_slice() {
                    [index] => Some(*index),
                    _ => None,
                },
                _ => None,
            };
            match index {
                Some(index) if self.eat_symbol(Symbol::Assign) => {
                    let value = self.expression_at(Level::Sum);
                    updates.push(Update::Index(index, value.id));
                }
                _ => updates.push(Update::Element(value.id)),
            }
            let more = !self.context.comma_separates
                && self.at_symbol(Symbol::Comma)
                && self.ahead(1).kind == TokenKind::Symbol(Symbol::LeftBracket);
            if !more {
                return updates;
            }
            self.advance();
        }
    }

    /// A range is no value.
    #[inline(never)]
    pub(super) fn no_range(&mut self, operand: Operand) -> Operand {
        let ExpressionKind::Range(low, high) = *self.kind_of(operand.id) else { return operand };
        if self.is_error(low) || self.is_error(high) {
            return Operand { id: self.error_node(operand.span), span: operand.span };
        }
        self.report(
            Diagnostic::error(&codes::RANGE, operand.span, "a range is not a value")
                .with_help("ranges stand after `IN` and in brackets: `i IN 0..n`, `xs[1..3]`; an array of numbers is `[i FOR i IN 0..n]`"),
        );
        Operand { id: self.error_node(operand.span), span: operand.span }
    }
}

/// Whether a token can only be the beginning of an operand.
pub(super) fn begins_operand(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Name
        | TokenKind::Integer
        | TokenKind::Decimal
        | TokenKind::Text
        | TokenKind::Bytes
        | TokenKind::Timestamp
        | TokenKind::Interpolated
        | TokenKind::Invalid => true,
        TokenKind::Keyword(keyword) => {
            use Keyword::{Exists, False, Forall, Let, Match, None, Not, Some, True};
            matches!(keyword, Exists | False | Forall | Let | Match | None | Not | Some | True)
        }
        TokenKind::Symbol(_) | TokenKind::End => false,
    }
}
