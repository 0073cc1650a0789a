//! What follows an operand directly: fields, indices, slices, and the methods of other languages.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{ExprId, ExpressionKind, Name, UnaryOperator};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::operators::{Level, Operand};
use super::{Parser, clipped};
use crate::codes::syntax as codes;

impl Parser<'_> {
    #[inline(never)]
    pub(super) fn postfix(&mut self, mut operand: Operand) -> Operand {
        loop {
            let token = self.token();
            operand = match token.kind {
                TokenKind::Symbol(Symbol::Dot) => self.field(operand),
                TokenKind::Symbol(Symbol::OptionalDot) => {
                    self.foreign(
                        &codes::FOREIGN_OPERATOR,
                        token.span(),
                        "there is no `?.`; optionals are taken apart with `MATCH`",
                        ".",
                    );
                    self.field(operand)
                }
                TokenKind::Symbol(Symbol::ColonColon)
                    if self.ahead(1).kind == TokenKind::Name
                        && token.start == operand.span.end
                        && token.end == self.ahead(1).start =>
                {
                    self.qualified(operand)
                }
                TokenKind::Symbol(Symbol::LeftBracket) => self.index(operand),
                TokenKind::Symbol(Symbol::LeftParen) if !self.context.condition => self.called(operand),
                // `xs[i]!`, `call()?`
                _ => return operand,
            };
            if self.fatal {
                return operand;
            }
        }
    }

    #[inline(never)]
    pub(super) fn built(&mut self, kind: ExpressionKind, start: u32) -> Operand {
        let span = self.since(start);
        Operand { id: self.node(kind, span), span }
    }

    #[inline(never)]
    pub(super) fn broken(&mut self, start: u32) -> Operand {
        let span = self.since(start);
        Operand { id: self.error_node(span), span }
    }

    #[inline(never)]
    fn field(&mut self, operand: Operand) -> Operand {
        self.advance();
        let token = self.token();
        let name = match token.kind {
            TokenKind::Integer => {
                let word = self.word(token);
                self.report(
                    Diagnostic::error(&codes::UNEXPECTED, token.span(), format!("`{word}` is not a field"))
                        .with_help("fields have names; an element of an array is `xs[0]`"),
                );
                self.advance();
                return self.broken(operand.span.start);
            }
            _ => self.name("a field"),
        };
        let Some(name) = name else { return self.broken(operand.span.start) };
        match self.kind() {
            TokenKind::Symbol(Symbol::LeftParen) => self.method(operand, name),
            TokenKind::Symbol(Symbol::LeftBrace)
                if !self.context.brace_opens_arms
                    && matches!(self.kind_of(operand.id), ExpressionKind::Name(_)) =>
            {
                self.qualified_construct(operand, token)
            }
            _ => self.plain_field(operand, name),
        }
    }

    /// `a.b`, unless it is `xs.length`.
    #[inline(never)]
    fn plain_field(&mut self, operand: Operand, name: Name) -> Operand {
        let is_length = matches!(name.text.as_str(), "length" | "len" | "size")
            && !self.declared.keys.contains(&name.text);
        if !is_length || self.is_error(operand.id) {
            return self.built(ExpressionKind::Field(operand.id, name), operand.span.start);
        }
        let span = self.since(operand.span.start);
        let mend = format!("LEN({})", self.slice(operand.span));
        let message = format!("there is no field `{}`", name.text);
        self.report(
            Diagnostic::error(&codes::METHOD, name.span, message)
                .with_help(format!("write `{mend}`"))
                .with_fix(format!("write `{mend}`"), span, mend),
        );
        let kind = self.call_of("LEN", name.span, vec![operand.id]);
        self.built(kind, operand.span.start)
    }

    /// `Shape.circle { ... }`: cases and records are named without their type.
    #[inline(never)]
    fn qualified_construct(&mut self, operand: Operand, case: Token) -> Operand {
        let span = Span { start: operand.span.start, end: case.start };
        let word = self.word(case);
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, span, format!("`{word}` is named without its type"))
                .with_help(format!("write `{word} {{ ... }}`"))
                .with_fix(format!("write `{word}` alone"), span, ""),
        );
        self.position -= 1;
        self.construct(case)
    }

    /// `Shape::circle`, `module::name`
    #[inline(never)]
    fn qualified(&mut self, operand: Operand) -> Operand {
        self.advance();
        let token = self.token();
        let span = Span { start: operand.span.start, end: token.start };
        let word = self.word(token);
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, span, format!("`{word}` is named without its type"))
                .with_help(format!("write `{word}`"))
                .with_fix(format!("write `{word}` alone"), span, ""),
        );
        self.operand()
    }

    /// `f(...)(...)`, `xs[0](...)`
    #[inline(never)]
    fn called(&mut self, operand: Operand) -> Operand {
        let open = self.token();
        self.advance();
        self.arguments(open);
        let span = self.since(operand.span.start);
        let what = clipped(self.slice(operand.span));
        self.report(
            Diagnostic::error(&codes::UNEXPECTED, span, format!("`{what}` cannot be called"))
                .with_help("only functions, which are named, can be called; there are no function values"),
        );
        self.broken(operand.span.start)
    }

    pub(super) fn call_of(&self, name: &str, span: Span, arguments: Vec<ExprId>) -> ExpressionKind {
        use super::super::expression::Argument;
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        ExpressionKind::Call { callee: Name { text: name.to_owned(), span }, arguments }
    }

    // Indices and slices.

    #[inline(never)]
    fn index(&mut self, operand: Operand) -> Operand {
        let open = self.token();
        self.advance();
        if self.at_symbol(Symbol::RightBracket) {
            self.unexpected("an index");
            self.advance();
            return self.broken(operand.span.start);
        }
        let kind = self.inside(false, |parser| parser.index_or_slice(operand));
        self.close(open, Symbol::RightBracket);
        let kind = match kind {
            Ok(kind) => kind,
            Err(mend) => {
                let span = self.since(operand.span.start);
                return self.foreign_slice(operand, open, span, mend);
            }
        };
        if matches!(kind, ExpressionKind::Error) {
            return self.broken(operand.span.start);
        }
        self.built(kind, operand.span.start)
    }

    /// Between the brackets; `Err` is a slice of another language, with its bounds.
    #[inline(never)]
    fn index_or_slice(&mut self, operand: Operand) -> Result<ExpressionKind, [Option<Operand>; 3]> {
        let separates = |parser: &Self| parser.at_symbol(Symbol::Colon) || parser.at_symbol(Symbol::DotDot);
        let first = if separates(self) || self.at_symbol(Symbol::ColonColon) {
            None
        } else {
            Some(self.slice_bound())
        };
        if self.at_symbol(Symbol::DotDot) {
            // `xs[..n]`, `xs[n..]`
            self.advance();
            let second = (!self.at_symbol(Symbol::RightBracket)).then(|| self.slice_bound());
            match (first, second) {
                (Some(low), Some(high)) => return Ok(ExpressionKind::Slice(operand.id, low.id, high.id)),
                (first, second) => return Err([first, second, None]),
            }
        }
        if self.at_symbol(Symbol::ColonColon) || self.at_symbol(Symbol::Colon) {
            let mut bounds = [first, None, None];
            let mut place = 0_usize;
            while !self.at(TokenKind::End) {
                if self.eat_symbol(Symbol::Colon) {
                    place += 1;
                } else if self.eat_symbol(Symbol::ColonColon) {
                    place += 2;
                } else {
                    break;
                }
                if !separates(self)
                    && !self.at_symbol(Symbol::RightBracket)
                    && !self.at_symbol(Symbol::ColonColon)
                {
                    let bound = self.slice_bound();
                    if let Some(slot) = bounds.get_mut(place) {
                        *slot = Some(bound);
                    }
                }
            }
            return Err(bounds);
        }
        if self.at_symbol(Symbol::InclusiveRange) {
            let token = self.token();
            let message = "`..=` is no range; `a..b` goes from `a` to just before `b`";
            self.foreign(&codes::SLICE, token.span(), message, "..");
            self.advance();
            let high = self.slice_bound();
            let low = first.map_or(high.id, |low| low.id);
            return Ok(ExpressionKind::Slice(operand.id, low, high.id));
        }
        if self.at_symbol(Symbol::Comma) && self.reported != Some(self.position) {
            let token = self.token();
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, token.span(), "one index at a time")
                    .with_help("an element of an array of arrays is `xs[i][j]`")
                    .with_fix("write `][`", token.span(), "]["),
            );
            self.skip();
            while self.eat_symbol(Symbol::Comma) {
                self.skip();
            }
            return Ok(ExpressionKind::Error);
        }
        let Some(first) = first else { return Ok(ExpressionKind::Error) };
        // `xs[a..b]` came as one range.
        let range = match self.kind_of(first.id) {
            ExpressionKind::Range(low, high) => Some((*low, *high)),
            _ => None,
        };
        Ok(match range {
            Some((low, high)) => ExpressionKind::Slice(operand.id, low, high),
            None => ExpressionKind::Index(operand.id, first.id),
        })
    }

    /// An index, or a bound, or both bounds as a range.
    #[inline(never)]
    fn slice_bound(&mut self) -> Operand {
        self.expression_at(Level::Expression)
    }

    /// `xs[1:3]` and its kin.
    #[inline(never)]
    fn foreign_slice(
        &mut self,
        operand: Operand,
        open: Token,
        span: Span,
        bounds: [Option<Operand>; 3],
    ) -> Operand {
        let subject = self.slice(operand.span).to_owned();
        let [low, high, step] = bounds;
        let place = Span { start: open.start, end: span.end };
        if let Some(step) = step {
            let text = self.slice(step.span).to_owned();
            let reversed = text == "-1" && low.is_none() && high.is_none();
            let mut diagnostic = Diagnostic::error(&codes::SLICE, place, "a slice has no step");
            if reversed {
                let mend = format!("REVERSE({subject})");
                diagnostic = diagnostic.with_help(format!("write `{mend}`")).with_fix(
                    format!("write `{mend}`"),
                    span,
                    mend,
                );
                self.report(diagnostic);
                let kind = self.call_of("REVERSE", place, vec![operand.id]);
                return self.built(kind, operand.span.start);
            }
            self.report(diagnostic.with_help("write a comprehension: `[xs[2 * i] FOR i IN 0..n]`"));
            return self.broken(operand.span.start);
        }
        let length = format!("LEN({subject})");
        let text_of = |bound: Option<Operand>, otherwise: &str| match bound {
            None => otherwise.to_owned(),
            Some(bound) => {
                let text = self.slice(bound.span);
                // `-1` counts from the end in the other language.
                match self.kind_of(bound.id) {
                    ExpressionKind::Unary(UnaryOperator::Negate, _) => {
                        format!("{length} - {}", text.trim_start_matches('-').trim_start())
                    }
                    _ => text.to_owned(),
                }
            }
        };
        let (from, to) = (text_of(low, "0"), text_of(high, &length));
        let mend = format!("[{from}..{to}]");
        self.report(
            Diagnostic::error(&codes::SLICE, place, "a slice has two bounds with `..` between them")
                .with_help(format!("write `{subject}{mend}`"))
                .with_fix(format!("write `{subject}{mend}`"), place, mend),
        );
        let negative = |bound: Option<Operand>| {
            bound.is_some_and(|bound| {
                matches!(self.kind_of(bound.id), ExpressionKind::Unary(UnaryOperator::Negate, _))
            })
        };
        if negative(low) || negative(high) {
            return self.broken(operand.span.start);
        }
        // A node stands in one place only, or walks over chains of slices would take exponential time.
        let length = self.error_node(place);
        let low = match low {
            Some(low) => low.id,
            None => self.node(ExpressionKind::Integer("0".into()), place),
        };
        let high = high.map_or(length, |high| high.id);
        self.built(ExpressionKind::Slice(operand.id, low, high), operand.span.start)
    }
}
