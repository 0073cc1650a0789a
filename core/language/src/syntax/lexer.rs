//! Text to tokens. Every byte belongs to a token or to blanks; what cannot be a token is reported here and
//! stands for an operand afterwards, so that the parser says nothing more about it.

use anrf_format::diagnostic::{Diagnostic, Edit, Fix, Span};

use super::keywords::{self, Keyword};
use crate::codes::syntax as codes;

/// One token; the place is in the expression's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Token {
    pub(super) fn span(self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Past the last token.
    End,
    Name,
    Integer,
    Decimal,
    /// `"..."` or `'...'`.
    Text,
    /// `b"..."`.
    Bytes,
    /// `t"..."`.
    Timestamp,
    /// `f"..."`, which other languages have.
    Interpolated,
    /// Reported already; an operand as far as the parser is concerned.
    Invalid,
    Keyword(Keyword),
    Symbol(Symbol),
}

macro_rules! symbols {
    ($($name:ident $text:literal),* $(,)?) => {
        /// Operators and punctuation, of other languages too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Symbol { $($name),* }

        /// Longer texts first, so that the first that fits is the longest.
        static SYMBOLS: &[(&str, Symbol)] = &[$(($text, Symbol::$name)),*];
    };
}

symbols! {
    ForeignIff "<==>",
    StrictEqual "===", StrictNotEqual "!==", ForeignImplies "==>", Spaceship "<=>", InclusiveRange "..=", Ellipsis "...",
    Equal "==", NotEqual "!=", LessEqual "<=", GreaterEqual ">=", EqualLess "=<", Diamond "<>",
    AndAnd "&&", OrOr "||", Arrow "->", FatArrow "=>", DotDot "..", PlusPlus "++",
    Power "**", SlashSlash "//", PlusAssign "+=", MinusAssign "-=", TimesAssign "*=", DivideAssign "/=",
    RemainderAssign "%=", ColonAssign ":=", ColonColon "::", OptionalDot "?.", Coalesce "??", ShiftLeft "<<",
    ShiftRight ">>",
    LeftParen "(", RightParen ")", LeftBracket "[", RightBracket "]", LeftBrace "{", RightBrace "}",
    Comma ",", Colon ":", Dot ".", Plus "+", Minus "-", Star "*", Slash "/", Percent "%",
    Less "<", Greater ">", Assign "=", Bang "!", Question "?", Semicolon ";", Ampersand "&", Pipe "|",
    Caret "^", Tilde "~",
}

/// What other scripts and keyboards write for something the language has.
static UNICODE: &[(char, &str)] = &[
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('≡', "=="),
    ('∧', "AND"),
    ('∨', "OR"),
    ('¬', "NOT"),
    ('→', "IMPLIES"),
    ('⇒', "IMPLIES"),
    ('⇔', "IFF"),
    ('↔', "IFF"),
    ('∈', "IN"),
    ('∀', "FORALL"),
    ('∃', "EXISTS"),
    ('×', "*"),
    ('·', "*"),
    ('÷', "/"),
    ('−', "-"),
    ('–', "-"),
    ('…', ".."),
    ('\u{a0}', " "),
    ('\u{200b}', ""),
    ('，', ","),
];

/// Reads all tokens of a text; the last is [`TokenKind::End`].
pub(super) fn tokens(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 4 + 2),
        diagnostics,
        placeholder_end: None,
    };
    while lexer.next() {}
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// The brace that closes a `${`.
    placeholder_end: Option<usize>,
}

impl Lexer<'_> {
    fn byte(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(offset).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        let span = Span::new(self.at, end);
        self.tokens.push(Token { kind, start: span.start, end: span.end });
        self.at = end;
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        // A text full of the same stray character needs no more than a few.
        if self.diagnostics.len() < 20 {
            self.diagnostics.push(diagnostic);
        }
    }

    fn next(&mut self) -> bool {
        while matches!(self.byte(self.at), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        if self.at >= self.text.len() {
            self.push(TokenKind::End, self.text.len());
            return false;
        }
        match self.byte(self.at) {
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(self.at + 1).is_ascii_digit() && !self.after_operand() => self.bare_fraction(),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            b'"' | b'\'' | b'`' => self.quoted(TokenKind::Text, self.at),
            _ => self.symbol(),
        }
        true
    }

    /// Whether the previous token ends right here and is an operand, as in `a.5`.
    fn after_operand(&self) -> bool {
        self.tokens.last().is_some_and(|token| {
            use Symbol::{Dot, RightBrace, RightBracket, RightParen};
            token.end as usize == self.at
                && match token.kind {
                    TokenKind::Symbol(symbol) => {
                        matches!(symbol, Dot | RightBrace | RightBracket | RightParen)
                    }
                    TokenKind::Keyword(_) => false,
                    _ => true,
                }
        })
    }

    fn word(&mut self) {
        let mut end = self.at;
        while self.byte(end).is_ascii_alphanumeric() || self.byte(end) == b'_' {
            end += 1;
        }
        let word = self.text.get(self.at..end).unwrap_or("");
        if matches!(self.byte(end), b'"' | b'\'' | b'`') {
            match word {
                "b" => return self.quoted(TokenKind::Bytes, end),
                "t" => return self.quoted(TokenKind::Timestamp, end),
                "f" | "F" => return self.quoted(TokenKind::Interpolated, end),
                "r" | "u" | "R" | "U" | "B" | "T" => {
                    let span = Span::new(self.at, end);
                    let message = format!("a string has no prefix `{word}`");
                    let replacement =
                        if word == "B" || word == "T" { word.to_lowercase() } else { String::new() };
                    let title = if replacement.is_empty() {
                        "remove the prefix".into()
                    } else {
                        format!("write `{replacement}`")
                    };
                    self.report(
                        Diagnostic::error(&codes::LITERAL, span, message)
                            .with_help("prefixes are `b` for bytes and `t` for a timestamp")
                            .with_fix(title, span, replacement.clone()),
                    );
                    let kind = match word {
                        "B" => TokenKind::Bytes,
                        "T" => TokenKind::Timestamp,
                        _ => TokenKind::Text,
                    };
                    if replacement.is_empty() {
                        self.at = end;
                    }
                    return self.quoted(kind, end);
                }
                _ => {}
            }
        }
        let kind = keywords::keyword(word).map_or(TokenKind::Name, TokenKind::Keyword);
        self.push(kind, end);
    }

    /// `quote` is the offset of the opening quote.
    fn quoted(&mut self, kind: TokenKind, quote: usize) {
        let bytes = self.text.as_bytes();
        let mark = self.byte(quote);
        let mut end = quote + 1;
        while let Some(&byte) = bytes.get(end) {
            end += 1;
            match byte {
                b'\\' => end += 1,
                byte if byte == mark => {
                    if mark == b'`' {
                        let span = Span::new(self.at, end);
                        self.report(
                            Diagnostic::error(
                                &codes::LITERAL,
                                span,
                                "a string stands in double or single quotes",
                            )
                            .with_help("join pieces with `++`: `\"total \" ++ to_string(x)`"),
                        );
                        return self.push(TokenKind::Invalid, end);
                    }
                    return self.push(kind, end);
                }
                _ => {}
            }
        }
        let span = Span::new(self.at, self.text.len());
        self.report(
            Diagnostic::error(&codes::OPEN_STRING, span, "string without a closing quote")
                .with_help(format!("close it with `{}`", char::from(mark))),
        );
        self.push(TokenKind::Invalid, self.text.len());
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() || self.byte(at) == b'_' && self.byte(at + 1).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn number(&mut self) {
        let mut end = self.digits(self.at);
        let mut kind = TokenKind::Integer;
        let mut exponent = None;
        if self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit() {
            end = self.digits(end + 1);
            kind = TokenKind::Decimal;
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            if self.byte(end + 1 + sign).is_ascii_digit() {
                exponent = Some(end);
                end = self.digits(end + 1 + sign);
            }
        }
        let mut rest = end;
        while self.byte(rest).is_ascii_alphanumeric() || self.byte(rest) == b'_' {
            rest += 1;
        }
        if rest > end {
            return self.number_with_letters(end, rest);
        }
        if let Some(mantissa_end) = exponent {
            let span = Span::new(self.at, end);
            let text = self.text.get(self.at..end).unwrap_or("");
            let diagnostic = Diagnostic::error(&codes::NUMBER, span, format!("`{text}` has an exponent"));
            self.report(match without_exponent(text, mantissa_end - self.at) {
                Some(plain) => {
                    let integer = plain.strip_suffix(".0").map(|whole| format!("`{whole}` is an integer, "));
                    let help = format!(
                        "write it out: {}`{plain}` is a decimal, `float({plain})` a float",
                        integer.unwrap_or_default()
                    );
                    let diagnostic = diagnostic.with_help(help);
                    // Which of two a whole number is meant to be is not ours to say.
                    if plain.ends_with(".0") {
                        diagnostic
                    } else {
                        diagnostic.with_fix(format!("write `{plain}`"), span, plain)
                    }
                }
                None => diagnostic.with_help(
                    "write it out: with a point it is a decimal, and `float(...)` of that a float",
                ),
            });
            return self.push(TokenKind::Invalid, end);
        }
        if kind == TokenKind::Integer
            && self.byte(end) == b'.'
            && !matches!(self.byte(end + 1), b'.' | b'a'..=b'z' | b'A'..=b'Z' | b'_')
        {
            let span = Span::new(self.at, end + 1);
            let text = self.text.get(self.at..=end).unwrap_or("");
            let message = format!("`{text}` has no digit after the point");
            self.report(
                Diagnostic::error(&codes::NUMBER, span, message)
                    .with_help(format!("write `{text}0`"))
                    .with_fix(format!("write `{text}0`"), span, format!("{text}0")),
            );
            return self.push(TokenKind::Invalid, end + 1);
        }
        self.push(kind, end);
    }

    fn number_with_letters(&mut self, digits_end: usize, end: usize) {
        let span = Span::new(self.at, end);
        let text = self.text.get(self.at..end).unwrap_or("");
        let digits = self.text.get(self.at..digits_end).unwrap_or("");
        let suffix = self.text.get(digits_end..end).unwrap_or("");
        let diagnostic = Diagnostic::error(&codes::NUMBER, span, format!("`{text}` is not a number"));
        let radix = match suffix.as_bytes() {
            [b'x' | b'X', ..] => 16,
            [b'b' | b'B', ..] => 2,
            [b'o' | b'O', ..] => 8,
            _ => 10,
        };
        let value = if digits == "0" && radix != 10 {
            i64::from_str_radix(&suffix.get(1..).unwrap_or("").replace('_', ""), radix).ok()
        } else {
            None
        };
        let diagnostic = if let Some(value) = value {
            diagnostic.with_help("numbers are written in base ten").with_fix(
                format!("write `{value}`"),
                span,
                value.to_string(),
            )
        } else if matches!(
            suffix,
            "f" | "F" | "d" | "D" | "m" | "M" | "n" | "L" | "l" | "u" | "i64" | "u64" | "f64" | "_"
        ) {
            let fix = format!("write `{digits}`");
            diagnostic.with_help("the type of a number comes from its context").with_fix(fix, span, digits)
        } else {
            diagnostic.with_help("a name begins with a letter, a number has digits and at most one point")
        };
        self.report(diagnostic);
        self.push(TokenKind::Invalid, end);
    }

    /// `.5`
    fn bare_fraction(&mut self) {
        let end = self.digits(self.at + 1);
        let span = Span::new(self.at, end);
        let text = self.text.get(self.at..end).unwrap_or("");
        let fixed = format!("0{text}");
        let message = format!("`{text}` has no digit before the point");
        self.report(
            Diagnostic::error(&codes::NUMBER, span, message).with_help(format!("write `{fixed}`")).with_fix(
                format!("write `{fixed}`"),
                span,
                fixed,
            ),
        );
        self.push(TokenKind::Invalid, end);
    }

    /// `${x}`, which other languages fill in.
    fn placeholder(&mut self, length: usize) {
        let end = self.at + 2 + length;
        let (open, close) = (Span::new(self.at, self.at + 2), Span::new(end, end + 1));
        let inner = self.text.get(self.at + 2..end).unwrap_or("");
        let simple = inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        let brackets = if simple { ["", ""] } else { ["(", ")"] };
        let edits = [(open, brackets[0]), (close, brackets[1])]
            .map(|(span, text)| Edit { span, replacement: text.to_owned() })
            .to_vec();
        let dollar = Span::new(self.at, self.at + 1);
        let mut diagnostic =
            Diagnostic::error(&codes::CHARACTER, dollar, "a name stands alone, without `${}`")
                .with_help(format!("write `{}`", inner.trim()));
        diagnostic.fixes.push(Fix { title: "remove `${}`".into(), edits });
        self.report(diagnostic);
        self.placeholder_end = Some(end);
        self.push(TokenKind::Symbol(Symbol::LeftParen), self.at + 2);
    }

    fn symbol(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or("");
        if let Some(length) = rest.strip_prefix("${").and_then(|rest| rest.find(['{', '}']))
            && self.byte(self.at + 2 + length) == b'}'
        {
            return self.placeholder(length);
        }
        if self.placeholder_end == Some(self.at) {
            return self.push(TokenKind::Symbol(Symbol::RightParen), self.at + 1);
        }
        let first = self.byte(self.at);
        let mut known = SYMBOLS.iter().filter(|(text, _)| text.as_bytes().first() == Some(&first));
        if let Some((text, symbol)) = known.find(|(text, _)| rest.starts_with(text)) {
            return self.push(TokenKind::Symbol(*symbol), self.at + text.len());
        }
        let Some(character) = rest.chars().next() else {
            self.at = self.text.len();
            return;
        };
        let end = self.at + character.len_utf8();
        let span = Span::new(self.at, end);
        if let '“' | '”' | '„' | '‘' | '’' = character {
            return self.smart_quotes(character);
        }
        let message = format!("`{}` has no meaning in an expression", character.escape_default());
        let known = UNICODE.iter().find(|(foreign, _)| *foreign == character);
        if let Some((_, meant)) = known {
            let message =
                if character.is_alphanumeric() || character.is_control() || character.is_whitespace() {
                    message
                } else {
                    format!("`{character}` is written `{meant}`")
                };
            let before = self.text.get(..self.at).and_then(|text| text.chars().next_back());
            let glued = |other: Option<char>| other.is_some_and(|it| it.is_alphanumeric() || it == '_');
            let word = meant.bytes().all(|byte| byte.is_ascii_uppercase());
            let left = if word && glued(before) { " " } else { "" };
            let right = if word && glued(self.text.get(end..).and_then(|text| text.chars().next())) {
                " "
            } else {
                ""
            };
            self.report(
                Diagnostic::error(&codes::CHARACTER, span, message)
                    .with_help(format!("write `{meant}`"))
                    .with_fix(format!("write `{meant}`"), span, format!("{left}{meant}{right}")),
            );
            if meant.trim().is_empty() {
                self.at = end;
                return;
            }
            let kind = match keywords::keyword(meant) {
                Some(keyword) => TokenKind::Keyword(keyword),
                None => SYMBOLS
                    .iter()
                    .find(|(text, _)| text == meant)
                    .map_or(TokenKind::Invalid, |(_, symbol)| TokenKind::Symbol(*symbol)),
            };
            return self.push(kind, end);
        }
        if character.is_alphabetic() {
            let stop = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
            let word = rest.get(..stop).unwrap_or("");
            let span = Span::new(self.at, self.at + stop);
            self.report(
                Diagnostic::error(&codes::CHARACTER, span, format!("`{word}` is not a name"))
                    .with_help("names are made of ASCII letters, digits and `_`"),
            );
            return self.push(TokenKind::Invalid, self.at + stop);
        }
        let mut diagnostic = Diagnostic::error(&codes::CHARACTER, span, message);
        match character {
            '#' => {
                diagnostic =
                    diagnostic.with_help("an expression has no comments; write one in the YAML around it")
            }
            '$' => {
                diagnostic = diagnostic.with_help("write the name alone").with_fix("remove it", span, "");
            }
            _ => {}
        }
        self.report(diagnostic);
        if character == '$' {
            self.at = end;
            return;
        }
        // One diagnostic for a run of the same character.
        let run = rest.chars().take_while(|it| *it == character).count() * character.len_utf8();
        self.push(TokenKind::Invalid, self.at + run);
    }

    fn smart_quotes(&mut self, open: char) {
        let rest = self.text.get(self.at + open.len_utf8()..).unwrap_or("");
        let single = matches!(open, '‘' | '’');
        let close = |it: char| {
            if single { matches!(it, '’' | '‘' | '\'') } else { matches!(it, '”' | '“' | '"') }
        };
        let length = rest.find(close).map(|at| {
            let mark = rest.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            (at, at + mark)
        });
        let (inner, length) = length.unwrap_or((rest.len(), rest.len()));
        let end = self.at + open.len_utf8() + length;
        let span = Span::new(self.at, end);
        let text = rest.get(..inner).unwrap_or("");
        let mark = if single { '\'' } else { '"' };
        let text = text.replace(mark, &format!("\\{mark}"));
        self.report(
            Diagnostic::error(&codes::CHARACTER, span, "typographic quotes do not make a string")
                .with_help("use straight quotes")
                .with_fix("write straight quotes", span, format!("{mark}{text}{mark}")),
        );
        self.push(TokenKind::Invalid, end);
    }
}

/// `1.5e3` as `1500`, while it is short.
fn without_exponent(text: &str, mantissa_length: usize) -> Option<String> {
    let mantissa = text.get(..mantissa_length)?.replace('_', "");
    let exponent: i32 = text.get(mantissa_length + 1..)?.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    let shift = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if !(-30..=30).contains(&shift) || whole.len() + fraction.len() > 30 {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = usize::try_from(shift.max(0)).ok()?;
    let padded = if shift <= 0 {
        format!("{}{digits}", "0".repeat(usize::try_from(1 - shift).ok()?))
    } else {
        format!("{digits:0<point$}")
    };
    let point = point.max(1);
    let (whole, fraction) = (padded.get(..point)?, padded.get(point..)?.trim_end_matches('0'));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    // A float or decimal stays one.
    Some(format!("{whole}.{}", if fraction.is_empty() { "0" } else { fraction }))
}
