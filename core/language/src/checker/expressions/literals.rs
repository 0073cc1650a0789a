//! Literals of scalars and of optionals.

use anrf_format::decimal::Decimal;
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprKind, MOST_INTEGER_DIGITS};
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use crate::checker::body::{Body, Known, Typed};
use crate::codes::types;
use crate::syntax::expression::ExprId;

impl Body<'_, '_> {
    /// Digits without a sign. They adopt decimal and float from the hint; in contracts they are unbounded
    /// unless a 64-bit integer is wanted.
    #[inline(never)]
    pub(super) fn integer(
        &mut self,
        digits: &str,
        negative: bool,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let text = if negative { format!("-{digits}") } else { digits.to_owned() };
        match hint {
            Some(TypeId::DECIMAL) => return self.decimal_literal(&text, span),
            Some(TypeId::FLOAT) => return self.float_literal(&text, span),
            _ => {}
        }
        let small: Option<i64> = text.parse().ok();
        let type_id = match small {
            Some(_) if !self.contract || hint == Some(TypeId::INTEGER) => TypeId::INTEGER,
            None if !self.contract => {
                let message = format!("`{text}` does not fit a 64-bit integer");
                let help = "the largest is 9223372036854775807; a decimal can be larger";
                self.report(Diagnostic::error(&types::INTEGER_RANGE, span, message).with_help(help));
                return None;
            }
            _ => TypeId::UNBOUNDED,
        };
        let kind = match small {
            Some(value) => ExprKind::Literal(Value::Integer(value)),
            None => {
                let trimmed = digits.trim_start_matches('0');
                if trimmed.len() > MOST_INTEGER_DIGITS {
                    let message = format!("the integer has more than {MOST_INTEGER_DIGITS} digits");
                    let diagnostic = Diagnostic::error(&types::BAD_LITERAL, span, message);
                    self.report(diagnostic.with_help("write fewer digits"));
                    return None;
                }
                ExprKind::BigInteger(if negative { format!("-{trimmed}") } else { trimmed.to_owned() })
            }
        };
        let typed = self.push(kind, type_id, span);
        if let Ok(value) = text.parse() {
            self.set_known(typed, Known::Integer(value));
        }
        Some(typed)
    }

    /// Digits with a point.
    #[inline(never)]
    pub(super) fn decimal(
        &mut self,
        digits: &str,
        negative: bool,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let text = if negative { format!("-{digits}") } else { digits.to_owned() };
        match hint {
            Some(TypeId::FLOAT) => self.float_literal(&text, span),
            _ => self.decimal_literal(&text, span),
        }
    }

    fn decimal_literal(&mut self, text: &str, span: Span) -> Option<Typed> {
        match Decimal::parse(text) {
            Ok(value) => Some(self.push(ExprKind::Literal(Value::Decimal(value)), TypeId::DECIMAL, span)),
            Err(error) => {
                let help = error.help().unwrap_or("write fewer digits");
                self.report(Diagnostic::error(&types::BAD_LITERAL, span, error.to_string()).with_help(help));
                None
            }
        }
    }

    fn float_literal(&mut self, text: &str, span: Span) -> Option<Typed> {
        match text.parse::<f64>().ok().filter(|value| value.is_finite()) {
            Some(value) => Some(self.push(ExprKind::Literal(Value::Float(value)), TypeId::FLOAT, span)),
            None => {
                let message = format!("`{}` is too large for a float", crate::syntax::clipped(text));
                let help = "the largest has 309 digits before the point; a decimal can be larger";
                self.report(Diagnostic::error(&types::BAD_LITERAL, span, message).with_help(help));
                None
            }
        }
    }

    #[inline(never)]
    pub(super) fn string(&mut self, text: &str, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        if let Some(wanted) = hint
            && let Some(symbols) = self.cx.types.symbols(wanted)
        {
            let known = symbols.iter().any(|symbol| symbol == text);
            let message = format!("`{}` is wanted, found the text `{text}`", self.type_name(wanted));
            let diagnostic = Diagnostic::error(&types::TEXT_FOR_SYMBOL, span, message);
            let diagnostic = if known {
                diagnostic.with_help(format!("write the symbol without quotes: `{text}`")).with_fix(
                    format!("write `{text}`"),
                    span,
                    text,
                )
            } else {
                let help = format!("its symbols are {}", symbols.join(", "));
                diagnostic.with_help(help)
            };
            self.report(diagnostic);
            return None;
        }
        Some(self.push(ExprKind::Literal(Value::String(text.to_owned())), TypeId::STRING, span))
    }

    #[inline(never)]
    pub(super) fn bytes(&mut self, bytes: &[u8], span: Span) -> Option<Typed> {
        Some(self.push(ExprKind::Literal(Value::Bytes(bytes.to_vec())), TypeId::BYTES, span))
    }

    #[inline(never)]
    pub(super) fn timestamp(&mut self, text: &str, span: Span) -> Option<Typed> {
        match Timestamp::parse(text) {
            Ok(value) => Some(self.push(ExprKind::Literal(Value::Timestamp(value)), TypeId::TIMESTAMP, span)),
            Err(error) => {
                let diagnostic = Diagnostic::error(&types::BAD_LITERAL, span, error.to_string());
                let help = error.help().unwrap_or("write it as `t\"2026-01-08T14:23:15Z\"`");
                self.report(diagnostic.with_help(help));
                None
            }
        }
    }

    #[inline(never)]
    pub(super) fn boolean(&mut self, value: bool, span: Span) -> Option<Typed> {
        let typed = self.push(ExprKind::Literal(Value::Boolean(value)), TypeId::BOOLEAN, span);
        self.set_known(typed, Known::Boolean(value));
        Some(typed)
    }

    #[inline(never)]
    pub(super) fn none(&mut self, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        match hint {
            Some(wanted) if matches!(self.cx.types.get(wanted), Type::Optional(_)) => {
                Some(self.push(ExprKind::None, wanted, span))
            }
            Some(wanted) => {
                let message = format!(
                    "`NONE` is only a value of optionals, here `{}` is wanted",
                    self.type_name(wanted)
                );
                let help = "make the type optional, or give a value";
                self.report(Diagnostic::error(&types::MISMATCH, span, message).with_help(help));
                None
            }
            None => self.cannot_infer("the type of `NONE`", span),
        }
    }

    /// Reports something that has no type of its own where nothing around it gives one.
    #[cold]
    pub(super) fn cannot_infer(&mut self, what: &str, span: Span) -> Option<Typed> {
        let message = format!("{what} cannot be known here");
        let help = "give the type: in a loop's state write `{ type: ..., initial: ... }`; elsewhere put it \
                    where a value of that type is expected";
        self.report(Diagnostic::error(&types::CANNOT_INFER, span, message).with_help(help));
        None
    }

    #[inline(never)]
    pub(super) fn some(&mut self, inner: ExprId, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        let wanted = hint.and_then(|hint| match self.cx.types.get(hint) {
            Type::Optional(inner) => Some(*inner),
            _ => None,
        });
        let found = self.infer(inner, wanted)?;
        // A 64-bit integer in place of a mathematical one fits; anything else the context will say.
        let found = match wanted {
            Some(wanted) => self.coerce(found, wanted).unwrap_or(found),
            None => found,
        };
        let type_id = self.cx.intern(Type::Optional(found.type_id));
        Some(self.push(ExprKind::Some(found.id), type_id, span))
    }
}
