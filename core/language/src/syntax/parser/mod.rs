//! The recovering expression parser.
//!
//! Operators are read with a stack of operators and one of operands ([`operators`]), so only brackets and
//! keyword forms recurse, at most [`MAX_DEPTH`] deep. After a mistake the parser goes on as if the mend had
//! been written, or at the next comma, closing bracket or connective; it never reports twice at one token.
//!
//! All places are offsets in the expression's own text until the caller maps them to the file.
//!
//! Methods are not inlined: one that is adds its locals to the frames of every level of nesting, and 128
//! levels have to fit a small stack.

mod binders;
mod calls;
mod collections;
mod foreign_operators;
mod forms;
mod literals;
mod matching;
mod methods;
mod operand;
mod operators;
mod postfix;
mod sort;

use anrf_format::diagnostic::{Code, Diagnostic, Span};

use super::declared::Declared;
use super::expression::{Binder, ExprId, ExpressionKind, Expressions, MAX_DEPTH, Name};
use super::keywords::Keyword;
use super::lexer::{self, Symbol, Token, TokenKind};
use crate::codes::syntax as codes;
use operators::{Operand, Operator};

/// What surrounds the expression being read, as far as it decides where the expression ends.
#[derive(Clone, Copy, Debug, Default)]
struct Context {
    /// A comma belongs to the list around, so `xs WITH [i] = x, [j] = y` has to stand in parentheses.
    comma_separates: bool,
    /// The scrutinee of `MATCH`: a brace opens its arms.
    brace_opens_arms: bool,
    /// The domain of a comprehension: `IF` is its filter.
    filter_follows: bool,
    /// A condition before `THEN`: an operand without an operator before it means that `THEN` is missing.
    condition: bool,
    /// The value of `LET`: `IN` ends it.
    in_ends: bool,
}

/// Reads one expression.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    position: usize,
    output: &'a mut Expressions,
    /// Index of the first node of this expression.
    first: usize,
    /// Of each node from `first` on.
    heights: Vec<u8>,
    operands: Vec<Operand>,
    operators: Vec<Operator>,
    depth: usize,
    context: Context,
    diagnostics: Vec<Diagnostic>,
    /// Too deep: nothing more is read or said.
    fatal: bool,
    /// The token at which something unexpected was last reported.
    reported: Option<usize>,
    declared: &'a Declared,
    /// A string without an end swallowed the rest.
    open_string: bool,
}

/// Reads a text as one expression. Places in the nodes from `output.nodes.len()` on and in the diagnostics
/// are offsets in the text.
pub(super) fn parse(text: &str, output: &mut Expressions, declared: &Declared) -> (ExprId, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, output, declared);
    let id = parser.whole();
    (id, parser.diagnostics)
}

/// Reads a text as the head of a `for` loop.
pub(super) fn parse_binder(
    text: &str,
    output: &mut Expressions,
    declared: &Declared,
) -> (Option<Binder>, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, output, declared);
    let binder = parser.loop_head();
    (binder, parser.diagnostics)
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, output: &'a mut Expressions, declared: &'a Declared) -> Self {
        let mut diagnostics = vec![];
        let tokens = lexer::tokens(text, &mut diagnostics);
        let first = output.nodes.len();
        let open_string = diagnostics.iter().any(|diagnostic| diagnostic.code == &codes::OPEN_STRING);
        Self {
            text,
            tokens,
            position: 0,
            output,
            first,
            heights: vec![],
            operands: vec![],
            operators: vec![],
            depth: 0,
            context: Context::default(),
            diagnostics,
            fatal: false,
            reported: None,
            declared,
            open_string,
        }
    }

    /// The expression and the end of the text.
    #[inline(never)]
    fn whole(&mut self) -> ExprId {
        if self.kind() == TokenKind::End {
            let span = Span::new(0, self.text.len());
            self.report(
                Diagnostic::error(&codes::EMPTY, span, "an expression is expected, but nothing is written")
                    .with_help("write a value, such as `0`, `\"\"`, `[]` or `NONE`"),
            );
            return self.error_node(span);
        }
        let id = self.expression();
        if self.at(TokenKind::End) {
            return id;
        }
        if self.at_symbol(Symbol::Semicolon) && self.ahead(1).kind == TokenKind::End {
            let span = self.token().span();
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, span, "an expression ends without `;`")
                    .with_help("remove it")
                    .with_fix("remove it", span, ""),
            );
            return id;
        }
        loop {
            self.unexpected("an operator or the end");
            self.skip();
            let connective = matches!(
                self.kind(),
                TokenKind::Keyword(Keyword::And | Keyword::Or | Keyword::Implies | Keyword::Iff)
            );
            if !connective {
                break;
            }
            // What follows may have mistakes of its own.
            self.advance();
            self.expression();
        }
        self.error_node(Span::new(0, self.text.len()))
    }

    // Tokens.

    fn token(&self) -> Token {
        self.ahead(0)
    }

    fn ahead(&self, distance: usize) -> Token {
        let last = self.tokens.len().saturating_sub(1);
        let end = Token { kind: TokenKind::End, start: 0, end: 0 };
        self.tokens.get((self.position + distance).min(last)).copied().unwrap_or(end)
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn at_symbol(&self, symbol: Symbol) -> bool {
        self.kind() == TokenKind::Symbol(symbol)
    }

    fn at_keyword(&self, keyword: Keyword) -> bool {
        self.kind() == TokenKind::Keyword(keyword)
    }

    fn advance(&mut self) {
        self.position = (self.position + 1).min(self.tokens.len().saturating_sub(1));
    }

    fn eat_symbol(&mut self, symbol: Symbol) -> bool {
        let found = self.at_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.advance();
        }
        found
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn word(&self, token: Token) -> &'a str {
        self.slice(token.span())
    }

    fn name_of(&self, token: Token) -> Name {
        Name { text: self.word(token).to_owned(), span: token.span() }
    }

    /// The end of the last token that was read.
    fn end(&self) -> u32 {
        self.position.checked_sub(1).and_then(|index| self.tokens.get(index)).map_or(0, |token| token.end)
    }

    fn since(&self, start: u32) -> Span {
        Span { start, end: self.end().max(start) }
    }

    // Nodes.

    #[inline(never)]
    fn node(&mut self, kind: ExpressionKind, span: Span) -> ExprId {
        let mut height = 0;
        kind.for_each_child(|child| {
            let index = (child.0 as usize).wrapping_sub(self.first);
            height = height.max(self.heights.get(index).copied().unwrap_or(0));
        });
        if usize::from(height) >= MAX_DEPTH {
            self.too_deep(span);
            return self.error_node(span);
        }
        self.heights.push(height + 1);
        self.output.push(kind, span)
    }

    #[inline(never)]
    fn error_node(&mut self, span: Span) -> ExprId {
        self.heights.push(1);
        self.output.push(ExpressionKind::Error, span)
    }

    fn span_of(&self, id: ExprId) -> Span {
        self.output.nodes.get(id.0 as usize).map_or_else(Span::default, |node| node.span)
    }

    fn kind_of(&self, id: ExprId) -> &ExpressionKind {
        self.output.nodes.get(id.0 as usize).map_or(&ExpressionKind::Error, |node| &node.kind)
    }

    fn is_error(&self, id: ExprId) -> bool {
        matches!(self.kind_of(id), ExpressionKind::Error)
    }

    // Reports.

    #[inline(never)]
    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.fatal && self.diagnostics.len() < 50 {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports something that was written as in another language, with what to write instead.
    #[inline(never)]
    fn foreign(&mut self, code: &'static Code, span: Span, message: impl Into<String>, mend: &str) {
        let title = format!("write `{mend}`");
        self.report(
            Diagnostic::error(code, span, message).with_help(title.clone()).with_fix(title, span, mend),
        );
    }

    /// Reports the present token, once.
    #[inline(never)]
    fn unexpected(&mut self, expected: &str) {
        if self.reported == Some(self.position) {
            return;
        }
        self.reported = Some(self.position);
        let token = self.token();
        // What the lexer could not read explains what follows it.
        let before = self.position.checked_sub(1).and_then(|index| self.tokens.get(index));
        if self.open_string || before.is_some_and(|token| token.kind == TokenKind::Invalid) {
            return;
        }
        let message = match token.kind {
            TokenKind::End => format!("expected {expected}, found the end of the expression"),
            TokenKind::Invalid => return,
            _ => format!("expected {expected}, found `{}`", clipped(self.word(token))),
        };
        let diagnostic = Diagnostic::error(&codes::UNEXPECTED, token.span(), message);
        self.report(match token.kind {
            TokenKind::Symbol(Symbol::Pipe) if expected == "an operand" => diagnostic.with_help(
                "a length is `LEN(x)`, an absolute value `ABS(x)`, and what is made of each element `[x + 1 FOR x IN xs]`",
            ),
            _ => diagnostic,
        });
    }

    #[inline(never)]
    fn too_deep(&mut self, span: Span) {
        let message = format!("the expression is nested more than {MAX_DEPTH} levels deep");
        self.report(
            Diagnostic::error(&codes::TOO_DEEP, span, message)
                .with_help("give parts of it a name in a `compute` step, or write a function of its own"),
        );
        self.fatal = true;
        self.position = self.tokens.len().saturating_sub(1);
    }

    /// Goes to the next token at which reading can go on: a comma, a bracket that closes something around, a
    /// connective, `THEN`, `ELSE`, or the end.
    #[inline(never)]
    fn skip(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::LeftBrace) => open += 1,
                TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace) => {
                    let Some(less) = open.checked_sub(1) else { return };
                    open = less;
                }
                TokenKind::Symbol(Symbol::Comma) if open == 0 => return,
                TokenKind::Keyword(keyword) if open == 0 => {
                    use Keyword::{And, Else, For, Iff, Implies, Or, Then};
                    if matches!(keyword, And | Or | Implies | Iff | Then | Else | For) {
                        return;
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// The bracket that closes `open`.
    #[inline(never)]
    fn close(&mut self, open: Token, closing: Symbol) {
        if self.eat_symbol(closing) || self.fatal {
            return;
        }
        let (open_text, close_text) = match closing {
            Symbol::RightParen => ("(", ")"),
            Symbol::RightBracket => ("[", "]"),
            _ => ("{", "}"),
        };
        let token = self.token();
        let bracket = matches!(
            token.kind,
            TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace)
        );
        if self.reported != Some(self.position) && token.kind != TokenKind::Invalid && !self.open_string {
            self.reported = Some(self.position);
            let found = match token.kind {
                TokenKind::End => "the end of the expression".to_owned(),
                _ => format!("`{}`", clipped(self.word(token))),
            };
            let message = format!("expected `{close_text}` for the open `{open_text}`, found {found}");
            let mut diagnostic = Diagnostic::error(&codes::UNCLOSED, token.span(), message)
                .with_note(open.span(), format!("`{open_text}` opens here"));
            let title = format!("write `{close_text}`");
            if bracket {
                diagnostic = diagnostic.with_fix(title, token.span(), close_text);
            } else if token.kind == TokenKind::End {
                // Where it should close is the author's to say.
                diagnostic = Diagnostic::error(
                    &codes::UNCLOSED,
                    open.span(),
                    format!("`{open_text}` is never closed"),
                );
            }
            self.report(diagnostic.with_help(format!("write `{close_text}` where it ends")));
        }
        if bracket {
            // The wrong one, most likely.
            self.advance();
            return;
        }
        // Look for the right one behind what could not be read.
        while !self.at(TokenKind::End) {
            self.skip();
            if self.eat_symbol(closing) {
                return;
            }
            if matches!(
                self.kind(),
                TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace)
            ) {
                return;
            }
            self.advance();
        }
    }

    /// Runs with the context of something in brackets, where nothing around decides.
    #[inline(never)]
    fn inside<R>(&mut self, comma_separates: bool, read: impl FnOnce(&mut Self) -> R) -> R {
        let around = std::mem::replace(&mut self.context, Context { comma_separates, ..Context::default() });
        let result = read(self);
        self.context = around;
        result
    }

    /// A name where one has to stand; reserved words and missing names are reported.
    #[inline(never)]
    fn name(&mut self, what: &str) -> Option<Name> {
        let token = self.token();
        match token.kind {
            TokenKind::Name => {
                self.advance();
                Some(self.name_of(token))
            }
            TokenKind::Keyword(_) => {
                let word = self.word(token);
                self.report(
                    Diagnostic::error(
                        &codes::RESERVED,
                        token.span(),
                        format!("`{word}` is reserved and cannot be {what}"),
                    )
                    .with_help(format!("choose another name, such as `{}_`", word.to_lowercase())),
                );
                self.advance();
                Some(self.name_of(token))
            }
            _ => {
                self.unexpected(what);
                None
            }
        }
    }
}

/// The first characters of something long.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(32) {
        Some((offset, _)) => format!("{}...", text.get(..offset).unwrap_or("")),
        None => text.to_owned(),
    }
}
