//! Keyword forms: `IF`, `LET`, `MATCH`, quantifiers, and the binders they share with comprehensions.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Arm, Binder, ExprId, ExpressionKind, Name, Pattern, Quantifier};
use super::super::keywords::{self, Keyword};
use super::super::lexer::{Symbol, Token, TokenKind};
use super::operators::{Level, Operand};
use super::{Context, Parser, clipped};
use crate::codes::syntax as codes;

/// The head of a `for` loop as it was read.
pub(crate) type BinderText = Binder;

impl Parser<'_> {
    #[inline(never)]
    fn with_context<R>(&mut self, context: Context, read: impl FnOnce(&mut Self) -> R) -> R {
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

    // Binders.

    #[inline(never)]
    pub(super) fn quantifier(&mut self, token: Token, quantifier: Quantifier) -> Operand {
        self.advance();
        let binders = self.quantifier_binders();
        if !self.eat_symbol(Symbol::Colon) && !self.quantifier_colon() {
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        let body = self.expression();
        if binders.is_empty() {
            let span = self.since(token.start);
            return Operand { id: self.error_node(span), span };
        }
        self.finished(ExpressionKind::Quantifier(quantifier, binders, body), token)
    }

    #[inline(never)]
    fn quantifier_binders(&mut self) -> Vec<Binder> {
        let mut binders = vec![];
        loop {
            // What is bound stands between commas.
            let context = Context {
                comma_separates: true,
                condition: false,
                filter_follows: false,
                brace_opens_arms: false,
                ..self.context
            };
            match self.with_context(context, Self::binder) {
                Some(binder) => binders.push(binder),
                None => {
                    self.skip_to_colon();
                    break;
                }
            }
            if !(self.at_symbol(Symbol::Comma)
                && self.ahead(1).kind == TokenKind::Name
                && self.binder_ahead(1))
            {
                break;
            }
            self.advance();
        }
        binders
    }

    /// Something else in place of the colon; false where no body follows.
    #[inline(never)]
    fn quantifier_colon(&mut self) -> bool {
        if self.fatal || self.reported == Some(self.position) {
            return !self.fatal;
        }
        let found = self.token();
        match found.kind {
            TokenKind::Symbol(
                Symbol::ColonColon | Symbol::Pipe | Symbol::Comma | Symbol::Dot | Symbol::FatArrow,
            ) => {
                let span = Span { start: self.end(), end: found.end };
                self.report(
                    Diagnostic::error(
                        &codes::QUANTIFIER,
                        found.span(),
                        "the body of a quantifier follows `:`",
                    )
                    .with_help("write `:`")
                    .with_fix("write `:`", span, ":"),
                );
                self.advance();
                true
            }
            _ => {
                self.unexpected("`:` and the body of the quantifier");
                false
            }
        }
    }

    #[inline(never)]
    fn skip_to_colon(&mut self) {
        while !self.at(TokenKind::End)
            && !self.at_symbol(Symbol::Colon)
            && !self.at_symbol(Symbol::RightParen)
        {
            self.advance();
        }
        self.reported = Some(self.position);
    }

    /// Whether `x IN` or `x AT i IN` begins at a distance.
    fn binder_ahead(&self, distance: usize) -> bool {
        let is_in = |kind| kind == TokenKind::Keyword(Keyword::In);
        let at = |token: Token| self.word(token).eq_ignore_ascii_case("at");
        self.ahead(distance).kind == TokenKind::Name
            && (is_in(self.ahead(distance + 1).kind)
                || at(self.ahead(distance + 1)) && is_in(self.ahead(distance + 3).kind))
    }

    /// Whether the arguments of `SORT` begin with a binder that has keys: `x IN xs BY`.
    pub(super) fn binder_follows(&self) -> bool {
        if !self.binder_ahead(0) {
            return false;
        }
        let mut open = 0_usize;
        for token in self.tokens.iter().skip(self.position) {
            match token.kind {
                TokenKind::Symbol(Symbol::LeftParen | Symbol::LeftBracket | Symbol::LeftBrace) => open += 1,
                TokenKind::Symbol(Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace) => {
                    match open.checked_sub(1) {
                        Some(less) => open = less,
                        None => return false,
                    }
                }
                TokenKind::Keyword(Keyword::By) | TokenKind::Name
                    if open == 0 && self.word(*token).eq_ignore_ascii_case("by") =>
                {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// `x IN xs`, `x AT i IN xs`, `i IN lo..hi`
    #[inline(never)]
    pub(super) fn binder(&mut self) -> Option<Binder> {
        if self.enumerated() {
            return self.enumerate();
        }
        let name = self.name("a name")?;
        let index = self.binder_index();
        if !self.eat_keyword(Keyword::In) && !self.binder_in(&name) {
            return None;
        }
        let domain = self.expression_at(Level::Range);
        let domain = self.range_call(domain);
        Some(Binder { name, index, domain })
    }

    /// Something else in place of `IN`; false where no domain follows.
    #[inline(never)]
    fn binder_in(&mut self, name: &Name) -> bool {
        let token = self.token();
        let word = self.word(token);
        if matches!(word, "of" | "In" | "OF") {
            self.foreign(&codes::KEYWORD_CASE, token.span(), format!("`{word}` is written `IN`"), "IN");
            self.advance();
            return true;
        }
        if matches!(
            token.kind,
            TokenKind::Symbol(Symbol::Colon | Symbol::ColonColon | Symbol::Comma | Symbol::Dot)
        ) {
            let message = format!("`{}` has no domain", name.text);
            self.report(
                Diagnostic::error(&codes::QUANTIFIER, name.span, message)
                    .with_help("a quantifier goes over a range or a collection: `FORALL i IN 0..n: ...`, `FORALL x IN xs: ...`"),
            );
        } else {
            self.unexpected("`IN` and a range or collection");
        }
        false
    }

    #[inline(never)]
    fn binder_index(&mut self) -> Option<Name> {
        let token = self.token();
        let word = self.word(token);
        if word.eq_ignore_ascii_case("at") && matches!(token.kind, TokenKind::Name | TokenKind::Keyword(_)) {
            if word != "AT" {
                self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "AT");
            }
            self.advance();
            return self.name("a name for the index");
        }
        None
    }

    /// Whether `i, x IN enumerate(` stands here.
    fn enumerated(&self) -> bool {
        self.kind() == TokenKind::Name
            && self.ahead(1).kind == TokenKind::Symbol(Symbol::Comma)
            && self.ahead(2).kind == TokenKind::Name
            && self.ahead(3).kind == TokenKind::Keyword(Keyword::In)
            && self.word(self.ahead(4)) == "enumerate"
            && self.ahead(5).kind == TokenKind::Symbol(Symbol::LeftParen)
    }

    #[inline(never)]
    fn enumerate(&mut self) -> Option<Binder> {
        let (index, element) = (self.name_of(self.token()), self.name_of(self.ahead(2)));
        self.position += 4;
        let domain = self.expression_at(Level::Range);
        let span = Span { start: index.span.start, end: domain.span.end };
        let inner = match self.kind_of(domain.id) {
            ExpressionKind::Call { arguments, .. } => arguments.first().map(|argument| argument.value),
            _ => None,
        };
        let inner = inner.unwrap_or(domain.id);
        let mend = format!("{} AT {} IN {}", element.text, index.text, self.slice(self.span_of(inner)));
        let message = "an element and its index are written `x AT i IN xs`";
        self.foreign(&codes::COMPREHENSION, span, message, &mend);
        Some(Binder { name: element, index: Some(index), domain: inner })
    }

    /// The domain; `range(n)` of another language is `0..n`.
    #[inline(never)]
    fn range_call(&mut self, domain: Operand) -> ExprId {
        let ExpressionKind::Call { callee, arguments } = self.kind_of(domain.id) else { return domain.id };
        if self.declared.functions.contains(&callee.text) {
            return domain.id;
        }
        let values: Vec<ExprId> = arguments.iter().map(|argument| argument.value).collect();
        let place = callee.span;
        match (callee.text.as_str(), values.as_slice()) {
            ("range", [high]) => {
                let high = *high;
                let mend = format!("0..{}", self.slice(self.span_of(high)));
                self.foreign(&codes::RANGE, domain.span, "a range is written `a..b`", &mend);
                let zero = self.node(ExpressionKind::Integer("0".into()), place);
                self.node(ExpressionKind::Range(zero, high), domain.span)
            }
            ("range", [low, high]) => {
                let (low, high) = (*low, *high);
                let mend = format!("{}..{}", self.slice(self.span_of(low)), self.slice(self.span_of(high)));
                self.foreign(&codes::RANGE, domain.span, "a range is written `a..b`", &mend);
                self.node(ExpressionKind::Range(low, high), domain.span)
            }
            ("enumerate", [inner]) => {
                let inner = *inner;
                let mend = self.slice(self.span_of(inner)).to_owned();
                self.foreign(
                    &codes::COMPREHENSION,
                    domain.span,
                    "an element and its index are written `x AT i IN xs`",
                    &mend,
                );
                inner
            }
            _ => domain.id,
        }
    }

    /// `FOR x IN xs IF p`, where it stands.
    #[inline(never)]
    pub(super) fn comprehension_tail(&mut self) -> Option<(Vec<Binder>, Option<ExprId>)> {
        if !self.at_keyword(Keyword::For) {
            return None;
        }
        let mut binders = vec![];
        while self.eat_keyword(Keyword::For)
            || !binders.is_empty() && self.at_symbol(Symbol::Comma) && self.binder_ahead(1)
        {
            self.eat_symbol(Symbol::Comma);
            let context = Context {
                comma_separates: true,
                condition: false,
                filter_follows: true,
                brace_opens_arms: false,
                ..self.context
            };
            match self.with_context(context, Self::binder) {
                Some(binder) => binders.push(binder),
                None => {
                    self.skip();
                    break;
                }
            }
        }
        let token = self.token();
        let where_word = token.kind == TokenKind::Name
            && matches!(self.word(token), "where" | "WHERE" | "when" | "WHEN" | "If");
        if where_word {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "a filter is written `IF`", "IF");
            if let Some(token) = self.tokens.get_mut(self.position) {
                token.kind = TokenKind::Keyword(Keyword::If);
            }
        }
        let filter = self.eat_keyword(Keyword::If).then(|| self.expression());
        Some((binders, filter))
    }

    /// The whole text as `x IN xs`.
    #[inline(never)]
    pub(super) fn loop_head(&mut self) -> Option<Binder> {
        if self.at_keyword(Keyword::For) {
            let span = Span { start: self.token().start, end: self.ahead(1).start };
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, self.token().span(), "the key says `for` already")
                    .with_help("write `i IN 0..n` or `x IN xs`")
                    .with_fix("remove it", span, ""),
            );
            self.advance();
        }
        let binder = self.binder()?;
        if self.at_symbol(Symbol::Colon) && self.ahead(1).kind == TokenKind::End {
            let span = self.token().span();
            self.report(
                Diagnostic::error(&codes::UNEXPECTED, span, "no colon stands after a loop's head").with_fix(
                    "remove it",
                    span,
                    "",
                ),
            );
            self.advance();
        }
        if !self.at(TokenKind::End) {
            self.unexpected("the end of the loop's head");
        }
        Some(binder)
    }

    /// Whether a word is a direction of `SORT`.
    #[inline(never)]
    pub(super) fn direction(&mut self) -> Option<bool> {
        let token = self.token();
        let info = keywords::any_case(self.word(token))?;
        let descending = match info.keyword {
            Keyword::Desc => true,
            Keyword::Asc => false,
            _ => return None,
        };
        if self.word(token) != info.text {
            self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", info.text);
        }
        self.advance();
        Some(descending)
    }
}
