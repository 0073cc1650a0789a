//! Scalars, and what to say about a node of the wrong form.

use anrf_format::data::{OUT_OF_RANGE, UNKNOWN_SYMBOL, WRONG_TYPE};
use anrf_format::decimal::{Decimal, ParseDecimalError};
use anrf_format::diagnostic::Diagnostic;
use anrf_format::encoding::base64_decode;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use super::Reader;
use crate::yaml::{Kind, NodeId, Style};

impl Reader<'_> {
    pub(super) fn scalar(&mut self, node: NodeId, type_id: TypeId) -> Option<Value> {
        let tree = self.tree;
        let Some(text) = tree.text(node) else { return self.wrong(node, type_id) };
        let plain = tree.kind(node) == Kind::Scalar(Style::Plain);
        if plain && matches!(text, "null" | "~") && type_id != TypeId::STRING {
            return self.wrong(node, type_id);
        }
        match self.types.get(type_id) {
            Type::String => Some(Value::String(text.to_owned())),
            Type::Boolean => match text {
                "true" if plain => Some(Value::Boolean(true)),
                "false" if plain => Some(Value::Boolean(false)),
                _ => self.boolean(node, text),
            },
            Type::Integer | Type::Unbounded => self.integer(node, type_id, text),
            Type::Decimal => match Decimal::parse(text) {
                Ok(value) => Some(Value::Decimal(value)),
                Err(error) => {
                    let syntax = matches!(error, ParseDecimalError::Syntax { .. });
                    let code = if syntax { &WRONG_TYPE } else { &OUT_OF_RANGE };
                    let diagnostic = Diagnostic::error(code, tree.span(node), error.to_string());
                    self.findings.push(match error.help() {
                        Some(help) => diagnostic.with_help(help),
                        None => diagnostic,
                    });
                    None
                }
            },
            Type::Float => match text {
                "NaN" => Some(Value::Float(f64::NAN)),
                "Infinity" => Some(Value::Float(f64::INFINITY)),
                "-Infinity" => Some(Value::Float(f64::NEG_INFINITY)),
                _ if is_number(text) => text.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Float),
                _ => self.wrong(node, type_id),
            },
            Type::Bytes => match base64_decode(text) {
                Some(bytes) => Some(Value::Bytes(bytes)),
                None => self.wrong(node, type_id),
            },
            Type::Timestamp => match Timestamp::parse(text) {
                Ok(value) => Some(Value::Timestamp(value)),
                Err(error) => {
                    let diagnostic = Diagnostic::error(&WRONG_TYPE, tree.span(node), error.to_string());
                    let help = error.help().unwrap_or("write it as `2026-01-08T14:23:15Z`");
                    self.findings.push(diagnostic.with_help(help));
                    None
                }
            },
            _ => self.symbol(node, type_id, text),
        }
    }

    fn boolean(&mut self, node: NodeId, text: &str) -> Option<Value> {
        let span = self.tree.span(node);
        let message = format!("expected a boolean, found `{text}`");
        let diagnostic = Diagnostic::error(&WRONG_TYPE, span, message);
        let meant = match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some("true"),
            "false" | "no" | "off" | "0" => Some("false"),
            _ => None,
        };
        self.findings.push(match meant {
            Some(meant) => diagnostic.with_help(format!("in data write `{meant}`")).with_fix(
                format!("write `{meant}`"),
                span,
                meant,
            ),
            None => diagnostic.with_help("in data write `true` or `false`"),
        });
        None
    }

    fn integer(&mut self, node: NodeId, type_id: TypeId, text: &str) -> Option<Value> {
        if !is_integer(text) {
            return self.wrong(node, type_id);
        }
        let value = text.parse().ok().map(Value::Integer);
        if value.is_none() {
            let message = format!("`{text}` does not fit a 64-bit integer");
            let help =
                "integers reach from -9223372036854775808 to 9223372036854775807; a decimal can be larger";
            self.findings
                .push(Diagnostic::error(&OUT_OF_RANGE, self.tree.span(node), message).with_help(help));
        }
        value
    }

    fn symbol(&mut self, node: NodeId, type_id: TypeId, text: &str) -> Option<Value> {
        let types = self.types;
        let Some(symbols) = types.symbols(type_id) else { return self.wrong(node, type_id) };
        if symbols.iter().any(|symbol| symbol == text) {
            return Some(Value::Enum(text.to_owned()));
        }
        let span = self.tree.span(node);
        let message = format!("`{text}` is no symbol of `{}`", types.name(type_id));
        let known = symbols.iter().map(String::as_str);
        let diagnostic = Diagnostic::error(&UNKNOWN_SYMBOL, span, message);
        let diagnostic = crate::checker::suggest_name(diagnostic, text, span, known);
        self.findings.push(if diagnostic.help.is_none() {
            diagnostic.with_help(format!("one of {}", symbols.join(", ")))
        } else {
            diagnostic
        });
        None
    }

    /// Reports a node that has not the form of the type.
    #[cold]
    pub(super) fn wrong<T>(&mut self, node: NodeId, type_id: TypeId) -> Option<T> {
        let found = match self.tree.kind(node) {
            Kind::Null => "nothing".to_owned(),
            Kind::Scalar(_) => {
                let text = self.tree.text(node).unwrap_or_default();
                let short: String = text.chars().take(40).collect();
                format!("`{short}`")
            }
            Kind::Sequence { .. } => "a list".to_owned(),
            Kind::Mapping { .. } => "a mapping".to_owned(),
        };
        let message = format!("expected `{}`, found {found}", self.types.name(type_id));
        let diagnostic = Diagnostic::error(&WRONG_TYPE, self.tree.span(node), message);
        let help = match self.types.get(type_id) {
            Type::Integer | Type::Unbounded => "in data an integer is digits, such as `1000`",
            Type::Float => "in data a float is a number, such as `1.5`",
            Type::Bytes => "in data bytes are base64 text",
            Type::Array(_) | Type::Set(_) => "in data write `[a, b]`",
            Type::Map(TypeId::STRING, _) => "in data write `{ key: value }`",
            Type::Map(..) => "in data write a map whose keys are not strings as `[[key, value]]`",
            Type::Record(_) => "in data write `{ field: value }`",
            Type::Variant(_) => "in data write `{ case: { field: value } }`",
            Type::Optional(_) => "in data write `null`, or `{ some: value }`",
            _ => {
                self.findings.push(diagnostic);
                return None;
            }
        };
        self.findings.push(diagnostic.with_help(help));
        None
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A JSON number.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent = exponent.is_none_or(|it| is_integer(it.strip_prefix('+').unwrap_or(it)));
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    exponent && is_integer(whole) && fraction.is_none_or(digits)
}
