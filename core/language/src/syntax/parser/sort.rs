//! `SORT(x IN xs BY key DESC, key)`.

use super::super::expression::{ExpressionKind, SortKey};
use super::super::keywords::Keyword;
use super::super::lexer::Symbol;
use super::Parser;
use crate::codes::syntax as codes;

impl Parser<'_> {
    /// Between the parentheses.
    #[inline(never)]
    pub(super) fn sort_by(&mut self) -> ExpressionKind {
        let Some(binder) = self.binder() else {
            self.skip();
            return ExpressionKind::Error;
        };
        let token = self.token();
        if !self.eat_keyword(Keyword::By) {
            if self.word(token).eq_ignore_ascii_case("by") {
                self.foreign(&codes::KEYWORD_CASE, token.span(), "keywords are upper case", "BY");
                self.advance();
            } else {
                self.unexpected("`BY` and a key");
                self.skip();
                return ExpressionKind::Error;
            }
        }
        let mut keys = vec![];
        loop {
            let key = self.expression();
            let descending = self.direction().unwrap_or(false);
            keys.push(SortKey { key, descending });
            if !self.eat_symbol(Symbol::Comma) {
                break;
            }
        }
        ExpressionKind::SortBy(binder, keys)
    }
}
