//! What to say where an expression has another type than its place wants.

use anrf_format::diagnostic::{Diagnostic, Edit, Fix, Span};
use anrf_format::types::{Type, TypeId};

use crate::checker::body::{Body, Typed};
use crate::codes::types;
use crate::syntax::expression::{ExprId, ExpressionKind};

/// A fix that puts text before and after an expression.
pub(super) fn wrap(title: String, span: Span, before: &str, after: &str) -> Fix {
    let at = |offset: u32| Span { start: offset, end: offset };
    Fix {
        title,
        edits: vec![
            Edit { span: at(span.start), replacement: before.to_owned() },
            Edit { span: at(span.end), replacement: after.to_owned() },
        ],
    }
}

pub(super) fn is_number(type_id: TypeId) -> bool {
    matches!(type_id, TypeId::INTEGER | TypeId::UNBOUNDED | TypeId::DECIMAL | TypeId::FLOAT)
}

impl Body<'_, '_> {
    /// Reports that an expression is not of the wanted type.
    #[cold]
    #[inline(never)]
    pub(in crate::checker) fn mismatch(&mut self, found: Typed, id: ExprId, wanted: TypeId) {
        let span = self.span(id);
        let (has, wants) = (self.type_name(found.type_id), self.type_name(wanted));
        if is_number(found.type_id) && is_number(wanted) {
            let diagnostic = self.mixed_numbers(found.type_id, wanted, span);
            self.report(diagnostic);
            return;
        }
        if self.is_optional_of(found.type_id, wanted) {
            let message = format!("`{wants}` is wanted, found `{has}`, which may have no value");
            let diagnostic = Diagnostic::error(&types::OPTIONAL_USED, span, message)
                .with_help("take it out with `VALUE(x)`, or give a substitute with `OR_ELSE(x, y)`");
            let mut diagnostic = diagnostic;
            diagnostic.fixes.push(wrap("take the value with `VALUE`".into(), span, "VALUE(", ")"));
            self.report(diagnostic);
            return;
        }
        let message = format!("`{wants}` is wanted, found `{has}`");
        let mut diagnostic = Diagnostic::error(&types::MISMATCH, span, message);
        if self.is_optional_of(wanted, found.type_id) {
            diagnostic = diagnostic.with_help("write `SOME(x)` around a value that is there");
            diagnostic.fixes.push(wrap("write `SOME(...)` around it".into(), span, "SOME(", ")"));
        } else if wanted == TypeId::STRING && self.is_scalar(found.type_id) {
            diagnostic = diagnostic.with_help("`to_string(x)` makes text of a scalar");
            diagnostic.fixes.push(wrap("write `to_string(...)` around it".into(), span, "to_string(", ")"));
        } else if wanted == TypeId::BOOLEAN {
            let (help, before, after) = match self.cx.types.get(found.type_id) {
                Type::Integer | Type::Unbounded | Type::Decimal | Type::Float => {
                    ("compare it; numbers are not conditions", "", " != 0")
                }
                Type::String | Type::Bytes | Type::Array(_) | Type::Map(..) | Type::Set(_) => {
                    ("compare its length; only booleans are conditions", "LEN(", ") > 0")
                }
                Type::Optional(_) => {
                    ("ask whether it is there; only booleans are conditions", "IS_SOME(", ")")
                }
                _ => ("only booleans are conditions", "", ""),
            };
            diagnostic = diagnostic.with_help(help);
            // The missing half of a comparison is only guessed for what stands alone.
            let alone = !matches!(self.syntax[id].kind, ExpressionKind::Binary(..));
            if !after.is_empty() && alone {
                let title = format!("write `{before}...{after}`");
                diagnostic.fixes.push(wrap(title, span, before, after));
            }
        } else if found.type_id == TypeId::STRING && wanted == TypeId::DECIMAL {
            diagnostic = self.number_from_text(diagnostic, id, "parse_decimal");
        } else if found.type_id == TypeId::STRING && matches!(wanted, TypeId::INTEGER | TypeId::UNBOUNDED) {
            diagnostic = self.number_from_text(diagnostic, id, "parse_integer");
        } else if found.type_id == TypeId::STRING && wanted == TypeId::TIMESTAMP {
            diagnostic = self.time_from_text(diagnostic, id);
        } else if let (Type::Record(_), ExpressionKind::Map(_)) =
            (self.cx.types.get(wanted), &self.syntax[id].kind)
        {
            diagnostic = diagnostic.with_help(format!("write `{wants} {{ field: value }}`"));
        }
        self.report(diagnostic);
    }

    fn number_from_text(&self, diagnostic: Diagnostic, id: ExprId, parse: &str) -> Diagnostic {
        let span = self.span(id);
        let is_number = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        match &self.syntax[id].kind {
            ExpressionKind::String(text) if is_number(text) => diagnostic
                .with_help("numbers of expressions are written without quotes")
                .with_fix(format!("write `{text}`"), span, text.clone()),
            _ => diagnostic.with_help(format!("`{parse}(text)` reads a number, and answers an optional")),
        }
    }

    /// A text where a time is wanted: its literal has a `t` before the quotes.
    pub(super) fn time_from_text(&self, diagnostic: Diagnostic, id: ExprId) -> Diagnostic {
        let diagnostic = diagnostic.with_help("a constant time is written `t\"2026-01-08T14:23:15Z\"`");
        match &self.syntax[id].kind {
            ExpressionKind::String(text) if anrf_format::timestamp::Timestamp::parse(text).is_ok() => {
                let literal = format!("t\"{text}\"");
                diagnostic.with_fix(format!("write `{literal}`"), self.span(id), literal)
            }
            _ => diagnostic,
        }
    }

    /// What to say about numbers of two types; the mend converts the one at `span`.
    pub(super) fn mixed_numbers(&self, found: TypeId, wanted: TypeId, span: Span) -> Diagnostic {
        let (has, wants) = (self.type_name(found), self.type_name(wanted));
        let message = format!("`{wants}` is wanted, found `{has}`: numbers are not converted by themselves");
        let diagnostic = Diagnostic::error(&types::MIXED_NUMBERS, span, message);
        match (found, wanted) {
            (TypeId::DECIMAL | TypeId::FLOAT, TypeId::INTEGER | TypeId::UNBOUNDED) => diagnostic
                .with_help("`integer(x)` cuts the places off; `round(x, 0, HALF_UP)` rounds a decimal"),
            _ => {
                let mut diagnostic = diagnostic.with_help(format!("convert it: `{wants}(x)`"));
                let title = format!("write `{wants}(...)` around it");
                diagnostic.fixes.push(wrap(title, span, &format!("{wants}("), ")"));
                diagnostic
            }
        }
    }

    /// Whether `optional` is `optional<inner>`, integers being alike.
    pub(super) fn is_optional_of(&mut self, optional: TypeId, inner: TypeId) -> bool {
        match self.cx.types.get(optional) {
            Type::Optional(payload) => {
                let payload = *payload;
                super::coercion::join(self.cx, payload, inner).is_some()
            }
            _ => false,
        }
    }

    /// What `to_string` takes.
    pub(in crate::checker) fn is_scalar(&self, type_id: TypeId) -> bool {
        use Type::{Boolean, Bytes, Decimal, Enum, Float, Integer, Machine, String, Timestamp, Unbounded};
        matches!(
            self.cx.types.get(type_id),
            Boolean
                | Integer
                | Unbounded
                | Decimal
                | Float
                | String
                | Bytes
                | Timestamp
                | Enum(_)
                | Machine(_)
        )
    }
}
