//! Operators by precedence: a stack of operators waits until a looser one comes.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{BinaryOperator, ExprId, ExpressionKind, UnaryOperator, Update};
use super::super::keywords::Keyword;
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
pub(super) enum Action {
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

/// How many operators may wait for their right operand: what nests, and the comparisons of chains.
const WAITING: usize = 16 * MAX_DEPTH;

/// What stands after an operand.
pub(super) enum Infix {
    /// An operator was taken: an operand has to follow.
    Operand,
    /// Something was applied to the operand.
    Again,
    /// The expression ends here.
    End,
}

/// The binary operators: symbol or keyword, level, meaning.
pub(super) fn binary(token: TokenKind) -> Option<(Level, BinaryOperator)> {
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
            if self.waits_too_long(token) {
                return;
            }
            self.operators.push(Operator { level, action, token });
            self.advance();
        }
    }

    /// Whether more operators wait for their operands than a tree may be high; then reading ends.
    fn waits_too_long(&mut self, token: Token) -> bool {
        let too_long = self.operators.len() > WAITING;
        if too_long {
            self.too_deep(token.span());
        }
        too_long
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
    pub(super) fn push(&mut self, level: Level, action: Action, loosest: Level, base: usize) -> Infix {
        if level < loosest {
            return Infix::End;
        }
        let token = self.token();
        // Comparisons wait for each other: two of them in a row are a chain.
        let waits = matches!(level, Level::Implies | Level::Comparison | Level::Power);
        self.reduce_tighter(level, waits, base);
        if self.waits_too_long(token) {
            return Infix::End;
        }
        self.operators.push(Operator { level, action, token });
        self.advance();
        Infix::Operand
    }

    #[inline(never)]
    pub(super) fn push_at(
        &mut self,
        token: Token,
        level: Level,
        action: Action,
        loosest: Level,
        base: usize,
    ) -> Infix {
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
    pub(super) fn missing_operator(&mut self) -> Infix {
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

    /// Applies the waiting operators that bind at least so tightly.
    #[inline(never)]
    pub(super) fn reduce(&mut self, tightest: Level, base: usize) {
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
            // Whether an element or a field was meant is unknown, so nothing more can be said.
            let unread = |update: &Update| matches!(update, Update::Element(id) if self.is_error(*id));
            match updates.iter().any(unread) {
                true => ExpressionKind::Error,
                false => ExpressionKind::With(operand.id, updates),
            }
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
