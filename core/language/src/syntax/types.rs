//! Type expressions: `map<string, array<integer>>`.
//!
//! What other languages write is understood too; all of it in one type is one diagnostic, whose fix is the
//! whole type as it is written here.

use std::fmt::Write as _;

use anrf_format::diagnostic::{Diagnostic, Span};

use super::declared::Declared;
use super::expression::Name;
use super::foreign;
use super::lexer::{self, Symbol, Token, TokenKind};
use super::module::{TypeExpression, TypeExpressionKind};
use super::parser::clipped;
use crate::codes::syntax as codes;

/// Types may be so deep.
const MAX_TYPE_DEPTH: usize = 32;

/// The constructors and how many types each takes.
static CONSTRUCTORS: &[(&str, usize)] = &[("optional", 1), ("array", 1), ("set", 1), ("map", 2)];

/// Reads a type. Places are offsets in the text.
pub(super) fn parse(text: &str, declared: &Declared) -> (TypeExpression, Vec<Diagnostic>) {
    let mut lexical = vec![];
    let tokens = lexer::tokens(text, &mut lexical);
    let mut reader = Reader { text, tokens, position: 0, depth: 0, declared, foreign: vec![], failure: None };
    let mut result = reader.any();
    if reader.failure.is_none() && reader.kind() != TokenKind::End {
        reader.fail("the end of the type");
    }
    let Reader { foreign, failure, .. } = reader;
    if let Some(diagnostic) = failure {
        result.kind = TypeExpressionKind::Error;
        return (result, vec![diagnostic]);
    }
    if foreign.is_empty() {
        return (result, vec![]);
    }
    let canonical = print(&result);
    let whole = Span::new(0, text.len());
    let place = match foreign.as_slice() {
        [place] => *place,
        _ => whole,
    };
    let written = clipped(text.get(place.range()).unwrap_or(text).trim());
    if NUMBERS.contains(&written.as_str()) {
        // Which kind of number is meant is the author's to say.
        let diagnostic =
            Diagnostic::error(&codes::FOREIGN_TYPE, place, format!("there is no type `{written}`"))
                .with_help("write `integer`, `decimal` (exact, for money) or `float`");
        result.kind = TypeExpressionKind::Error;
        return (result, vec![diagnostic]);
    }
    let message = if super::keywords::is_identifier(&written) {
        format!("there is no type `{written}`")
    } else {
        format!("`{}` is written `{}`", clipped(text.trim()), clipped(&canonical))
    };
    let diagnostic = Diagnostic::error(&codes::FOREIGN_TYPE, place, message)
        .with_help(format!("write `{canonical}`"))
        .with_fix(format!("write `{canonical}`"), whole, canonical);
    (result, vec![diagnostic])
}

/// The type as the language writes it.
pub(super) fn print(expression: &TypeExpression) -> String {
    let mut text = String::new();
    write_type(expression, &mut text);
    text
}

fn write_type(expression: &TypeExpression, text: &mut String) {
    match &expression.kind {
        TypeExpressionKind::Error => text.push_str("string"),
        TypeExpressionKind::Name(name) => text.push_str(name),
        TypeExpressionKind::Tensor => text.push_str("tensor"),
        TypeExpressionKind::Enum(symbols) => {
            let symbols: Vec<&str> = symbols.iter().map(|symbol| symbol.text.as_str()).collect();
            let _ = write!(text, "enum[{}]", symbols.join(", "));
        }
        TypeExpressionKind::Generic(name, arguments) => {
            text.push_str(&name.text);
            text.push('<');
            for (index, argument) in arguments.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write_type(argument, text);
            }
            text.push('>');
        }
    }
}

/// Calls `visit` with every place in a type.
pub(super) fn for_each_span(expression: &mut TypeExpression, visit: &mut dyn FnMut(&mut Span)) {
    visit(&mut expression.span);
    match &mut expression.kind {
        TypeExpressionKind::Generic(name, arguments) => {
            visit(&mut name.span);
            for argument in arguments {
                for_each_span(argument, visit);
            }
        }
        TypeExpressionKind::Enum(symbols) => symbols.iter_mut().for_each(|symbol| visit(&mut symbol.span)),
        TypeExpressionKind::Error | TypeExpressionKind::Name(_) | TypeExpressionKind::Tensor => {}
    }
}

/// Number types of other languages that fix neither integer nor decimal.
static NUMBERS: &[&str] = &["number", "Number", "numeric"];

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    declared: &'a Declared,
    /// Places that are written as in another language.
    foreign: Vec<Span>,
    failure: Option<Diagnostic>,
}

impl Reader<'_> {
    fn token(&self) -> Token {
        let end = Token { kind: TokenKind::End, start: 0, end: 0 };
        self.tokens.get(self.position).copied().unwrap_or(end)
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn advance(&mut self) {
        self.position = (self.position + 1).min(self.tokens.len().saturating_sub(1));
    }

    fn at(&self, symbol: Symbol) -> bool {
        self.kind() == TokenKind::Symbol(symbol)
    }

    fn eat(&mut self, symbol: Symbol) -> bool {
        let found = self.at(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn word(&self, token: Token) -> String {
        self.text.get(token.span().range()).unwrap_or("").to_owned()
    }

    fn since(&self, start: u32) -> Span {
        let end =
            self.position.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(start, |token| token.end);
        Span { start, end: end.max(start) }
    }

    fn fail(&mut self, expected: &str) -> TypeExpression {
        let token = self.token();
        if self.failure.is_none() {
            let found = match token.kind {
                TokenKind::End => "the end of the type".to_owned(),
                _ => format!("`{}`", clipped(&self.word(token))),
            };
            let message = format!("expected {expected}, found {found}");
            self.failure = Some(Diagnostic::error(&codes::TYPE, token.span(), message).with_help(
                "types look like `integer`, `array<string>`, `map<string, integer>` or `enum[a, b]`",
            ));
        }
        self.position = self.tokens.len().saturating_sub(1);
        TypeExpression { kind: TypeExpressionKind::Error, span: token.span() }
    }

    fn any(&mut self) -> TypeExpression {
        self.depth += 1;
        if self.depth > MAX_TYPE_DEPTH {
            let span = self.token().span();
            let message = format!("the type is nested more than {MAX_TYPE_DEPTH} levels deep");
            self.failure.get_or_insert(
                Diagnostic::error(&codes::TOO_DEEP, span, message)
                    .with_help("give parts of it a name under `types`"),
            );
            self.position = self.tokens.len().saturating_sub(1);
            return TypeExpression { kind: TypeExpressionKind::Error, span };
        }
        let start = self.token().start;
        let mut result = self.one();
        loop {
            if self.at(Symbol::LeftBracket) && self.following() == TokenKind::Symbol(Symbol::RightBracket) {
                // `T[]`
                let place = self.token().start;
                self.advance();
                self.advance();
                self.foreign.push(Span { start: place, end: self.since(start).end });
                result = self.wrap("array", vec![result], start);
            } else if self.at(Symbol::Question) {
                self.foreign.push(self.token().span());
                self.advance();
                result = self.wrap("optional", vec![result], start);
            } else if self.at(Symbol::Pipe) {
                match self.union(result, start) {
                    Some(union) => result = union,
                    None => {
                        self.depth -= 1;
                        return self.fail("one type");
                    }
                }
            } else {
                break;
            }
        }
        self.depth -= 1;
        result
    }

    fn following(&self) -> TokenKind {
        self.tokens.get(self.position + 1).map_or(TokenKind::End, |token| token.kind)
    }

    fn wrap(&self, constructor: &str, arguments: Vec<TypeExpression>, start: u32) -> TypeExpression {
        let span = self.since(start);
        let name = Name { text: constructor.to_owned(), span };
        TypeExpression { kind: TypeExpressionKind::Generic(name, arguments), span }
    }

    /// `T | None`
    fn union(&mut self, first: TypeExpression, start: u32) -> Option<TypeExpression> {
        let place = self.token().start;
        self.advance();
        let token = self.token();
        let nothing = matches!(self.word(token).as_str(), "None" | "null" | "undefined" | "NONE" | "none");
        if !nothing {
            return None;
        }
        self.advance();
        self.foreign.push(Span { start: place, end: token.end });
        Some(self.wrap("optional", vec![first], start))
    }

    fn one(&mut self) -> TypeExpression {
        let token = self.token();
        match token.kind {
            // `set` and `map` are names here; `SET` is a keyword elsewhere.
            TokenKind::Name | TokenKind::Keyword(_) => self.named(token),
            TokenKind::Symbol(Symbol::LeftBracket) => {
                // `[T]`
                self.advance();
                let element = self.any();
                if !self.eat(Symbol::RightBracket) {
                    return self.fail("`]`");
                }
                self.foreign.push(self.since(token.start));
                self.wrap("array", vec![element], token.start)
            }
            TokenKind::Text => self.quoted_symbols(token),
            TokenKind::End => {
                self.fail("a type");
                TypeExpression { kind: TypeExpressionKind::Error, span: token.span() }
            }
            _ => self.fail("a type"),
        }
    }

    /// `"a" | "b"`
    fn quoted_symbols(&mut self, token: Token) -> TypeExpression {
        let mut symbols = vec![];
        loop {
            let part = self.token();
            if part.kind != TokenKind::Text {
                return self.fail("a symbol");
            }
            let word = self.word(part);
            let inner = word.get(1..word.len().saturating_sub(1)).unwrap_or("").to_owned();
            if !super::keywords::is_identifier(&inner) {
                return self.fail("a type");
            }
            symbols.push(Name { text: inner, span: part.span() });
            self.advance();
            if !self.eat(Symbol::Pipe) {
                break;
            }
        }
        let span = self.since(token.start);
        self.foreign.push(span);
        TypeExpression { kind: TypeExpressionKind::Enum(symbols), span }
    }

    fn named(&mut self, token: Token) -> TypeExpression {
        let mut name = Name { text: self.word(token), span: token.span() };
        self.advance();
        let known = self.declared.types.contains(&name.text);
        if !known
            && !CONSTRUCTORS.iter().any(|(known, _)| *known == name.text)
            && let Some(meant) = foreign::type_name(&name.text)
        {
            self.foreign.push(name.span);
            meant.clone_into(&mut name.text);
        }
        if name.text == "enum" && !known {
            return self.enumeration(token);
        }
        if name.text == "tensor" && !known {
            self.position = self.tokens.len().saturating_sub(1);
            return TypeExpression { kind: TypeExpressionKind::Tensor, span: self.since(token.start) };
        }
        let constructor = CONSTRUCTORS.iter().any(|(known, _)| *known == name.text);
        let closing = match self.kind() {
            TokenKind::Symbol(Symbol::Less) => Symbol::Greater,
            TokenKind::Symbol(Symbol::LeftBracket)
                if constructor && self.following() != TokenKind::Symbol(Symbol::RightBracket) =>
            {
                Symbol::RightBracket
            }
            TokenKind::Symbol(Symbol::LeftParen) => Symbol::RightParen,
            _ => {
                let span = name.span;
                return TypeExpression { kind: TypeExpressionKind::Name(name.text), span };
            }
        };
        let open = self.token();
        self.advance();
        if closing == Symbol::RightParen && !constructor {
            // `varchar(20)`, `decimal(10, 2)`
            while !self.at(Symbol::RightParen) && self.kind() != TokenKind::End {
                self.advance();
            }
            if !self.eat(Symbol::RightParen) {
                return self.fail("`)`");
            }
            self.foreign.push(Span { start: open.start, end: self.since(open.start).end });
            let span = self.since(token.start);
            return TypeExpression { kind: TypeExpressionKind::Name(name.text), span };
        }
        let mut arguments = vec![];
        loop {
            arguments.push(self.any());
            if self.failure.is_some() {
                return TypeExpression { kind: TypeExpressionKind::Error, span: self.since(token.start) };
            }
            if !self.eat(Symbol::Comma) {
                break;
            }
        }
        if !self.close(closing) {
            return self.fail(match closing {
                Symbol::Greater => "`>`",
                Symbol::RightBracket => "`]`",
                _ => "`)`",
            });
        }
        if closing != Symbol::Greater && self.foreign.last() != Some(&name.span) {
            self.foreign.push(Span { start: open.start, end: self.since(open.start).end });
        }
        let span = self.since(token.start);
        TypeExpression { kind: TypeExpressionKind::Generic(name, arguments), span }
    }

    /// The closing bracket; `>>` is two of them.
    fn close(&mut self, closing: Symbol) -> bool {
        if closing == Symbol::Greater && self.at(Symbol::ShiftRight) {
            if let Some(token) = self.tokens.get_mut(self.position) {
                token.kind = TokenKind::Symbol(Symbol::Greater);
                token.start += 1;
            }
            return true;
        }
        self.eat(closing)
    }

    fn enumeration(&mut self, token: Token) -> TypeExpression {
        let open = self.token();
        let closing = match open.kind {
            TokenKind::Symbol(Symbol::LeftBracket) => Symbol::RightBracket,
            TokenKind::Symbol(Symbol::LeftParen) => Symbol::RightParen,
            TokenKind::Symbol(Symbol::LeftBrace) => Symbol::RightBrace,
            TokenKind::Symbol(Symbol::Less) => Symbol::Greater,
            _ => return self.fail("`[` and the symbols of the enum"),
        };
        self.advance();
        let mut symbols = vec![];
        let mut odd = closing != Symbol::RightBracket;
        while self.kind() != TokenKind::Symbol(closing) {
            let part = self.token();
            let word = self.word(part);
            let text = match part.kind {
                TokenKind::Name | TokenKind::Keyword(_) => word,
                TokenKind::Text => {
                    odd = true;
                    word.get(1..word.len().saturating_sub(1)).unwrap_or("").to_owned()
                }
                _ => return self.fail("a symbol"),
            };
            if !super::keywords::is_identifier(&text) || super::keywords::is_reserved(&text) {
                let message = format!("`{}` cannot be a symbol", clipped(&text));
                self.failure = Some(
                    Diagnostic::error(&codes::ENUM, part.span(), message)
                        .with_help("symbols are names: letters, digits and `_`, and no reserved words"),
                );
                return self.fail("a symbol");
            }
            symbols.push(Name { text, span: part.span() });
            self.advance();
            if !self.eat(Symbol::Comma) {
                if self.eat(Symbol::Pipe) {
                    odd = true;
                    continue;
                }
                break;
            }
        }
        if !self.eat(closing) {
            return self.fail("`]` after the symbols");
        }
        if symbols.is_empty() {
            self.failure = Some(
                Diagnostic::error(&codes::ENUM, self.since(token.start), "an enum needs a symbol")
                    .with_help("write such as `enum[open, closed]`"),
            );
        }
        let span = self.since(token.start);
        if odd && self.foreign.last() != Some(&token.span()) {
            self.foreign.push(Span { start: open.start, end: span.end });
        }
        TypeExpression { kind: TypeExpressionKind::Enum(symbols), span }
    }
}
