//! `a.b`, `xs[i]`, `m[k]`, `xs[i..j]`.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::ExprKind;
use anrf_format::types::{Type, TypeId};

use super::mismatch::wrap;
use crate::checker::body::{Body, Known, Typed};
use crate::checker::context::index as position_index;
use crate::checker::suggest::{list, suggest};
use crate::codes::{lints, names, types};
use crate::syntax::expression::{ExprId, ExpressionKind, Name};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn field(&mut self, base: ExprId, field: &Name, span: Span) -> Option<Typed> {
        if let Some(read) = self.error_occurred(base, field, span) {
            return read;
        }
        // `result.x` is the field itself.
        if let ExpressionKind::Name(name) = &self.syntax[base].kind
            && name == "result"
            && self.allowed.exit
            && self.lookup(name).is_none()
            && self.outputs.field("result").is_none()
            && let Some((position, type_id)) = self.outputs.field(&field.text)
        {
            return self.read_result(position, type_id, span);
        }
        if self.is_qualifier(base, field) {
            return None;
        }
        let found = self.infer(base, None)?;
        self.read_field(found, field, span)
    }

    /// Reports `inputs.x` and `Type.symbol`: names are not qualified. Answers whether it was one.
    fn is_qualifier(&mut self, base: ExprId, field: &Name) -> bool {
        const PREFIXES: &[&str] = &[
            "input",
            "inputs",
            "state",
            "params",
            "parameters",
            "args",
            "self",
            "this",
            "outputs",
            "ctx",
            "context",
        ];
        let ExpressionKind::Name(name) = &self.syntax[base].kind else { return false };
        if self.lookup(name).is_some() || self.state_variable(name).is_some() {
            return false;
        }
        let visible = self.lookup(&field.text).is_some() || self.state_variable(&field.text).is_some();
        let is_prefix = PREFIXES.contains(&name.as_str()) && visible;
        let named =
            self.cx.named.get(name.as_str()).and_then(|named| named.known()).or_else(|| self.alias(name));
        let is_symbol = named.is_some_and(|type_id| {
            let symbols = self.cx.types.symbols(type_id).unwrap_or_default();
            let cases = self.cx.types.variant(type_id).map(|it| &it.cases[..]).unwrap_or_default();
            symbols.contains(&field.text) || cases.iter().any(|case| case.name == field.text)
        });
        let is_type = name.starts_with(|letter: char| letter.is_ascii_uppercase());
        let is_symbol = is_symbol || named.is_none() && is_type && self.symbol_owner(&field.text).is_some();
        if !is_prefix && !is_symbol {
            return false;
        }
        let at = self.span(base);
        let what = if is_symbol { "symbols and cases" } else { "names" };
        let message = format!("{what} stand alone, without `{name}.` before them");
        let prefix = Span { start: at.start, end: field.span.start };
        let diagnostic = Diagnostic::error(&names::QUALIFIED, at, message);
        self.report(diagnostic.with_help(format!("write `{}`", field.text)).with_fix(
            format!("write `{}`", field.text),
            prefix,
            "",
        ));
        true
    }

    fn read_field(&mut self, found: Typed, field: &Name, span: Span) -> Option<Typed> {
        let Some(record) = self.cx.types.record(found.type_id) else {
            self.no_fields(found, field);
            return None;
        };
        let position = record.fields.iter().position(|known| known.name == field.text);
        let Some(position) = position else {
            let known: Vec<String> = record.fields.iter().map(|it| it.name.clone()).collect();
            let message = format!("`{}` has no field `{}`", record.name, field.text);
            let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, field.span, message);
            let fields = known.iter().map(String::as_str);
            let diagnostic = suggest(diagnostic, &field.text, field.span, fields.clone());
            let help = format!("its fields are {}", list(fields));
            self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
            return None;
        };
        let type_id = record.fields[position].type_id;
        if !self.cx.broken_fields.is_empty() && self.cx.broken_fields.contains(&field.text) {
            return None;
        }
        Some(self.push(ExprKind::Field(found.id, position_index(position)?), type_id, span))
    }

    #[cold]
    fn no_fields(&mut self, found: Typed, field: &Name) {
        let has = self.type_name(found.type_id);
        let message = format!("`{has}` has no field `{}`", field.text);
        let base = self.span_of(found);
        let mut diagnostic = Diagnostic::error(&types::NO_FIELDS, field.span, message);
        match self.cx.types.get(found.type_id) {
            Type::Optional(_) => {
                diagnostic.code = &types::OPTIONAL_USED;
                diagnostic = diagnostic.with_help(format!(
                    "it may have no value: `VALUE(x).{}` where it must be there",
                    field.text
                ));
                diagnostic.fixes.push(wrap("take the value with `VALUE`".into(), base, "VALUE(", ")"));
            }
            Type::Variant(_) => {
                diagnostic = diagnostic.with_help("take it apart: `MATCH v { case { field } => ... }`");
            }
            Type::Map(TypeId::STRING, _) => {
                let key = field.span;
                diagnostic = diagnostic
                    .with_help(format!("a map's value is read by its key: `m['{}']`", field.text))
                    .with_fix(
                        format!("write `['{}']`", field.text),
                        Span { start: base.end, end: key.end },
                        format!("['{}']", field.text),
                    );
            }
            Type::Array(_) | Type::String | Type::Bytes | Type::Map(..) | Type::Set(_)
                if matches!(field.text.as_str(), "length" | "len" | "size" | "count") =>
            {
                let text = self.cx.text(base);
                let whole = Span { start: base.start, end: field.span.end };
                diagnostic = diagnostic.with_help("lengths are asked with `LEN(x)`");
                diagnostic =
                    diagnostic.with_fix(format!("write `LEN({text})`"), whole, format!("LEN({text})"));
            }
            _ => diagnostic = diagnostic.with_help("only records have fields"),
        }
        self.report(diagnostic);
    }

    #[inline(never)]
    pub(super) fn index(&mut self, base: ExprId, index: ExprId, span: Span) -> Option<Typed> {
        let found = self.infer(base, None);
        let Some(found) = found else {
            let _ = self.infer(index, Some(TypeId::INTEGER));
            return None;
        };
        match self.cx.types.get(found.type_id).clone() {
            Type::Array(element) => {
                let at = self.span(index);
                let index = self.position(index)?;
                self.lint_negative(base, index, at);
                Some(self.push(ExprKind::Index(found.id, index.id), element, span))
            }
            Type::String | Type::Bytes => {
                let at = self.span(index);
                let index = self.position(index)?;
                self.lint_negative(base, index, at);
                let type_id = if found.type_id == TypeId::STRING { TypeId::STRING } else { TypeId::INTEGER };
                Some(self.push(ExprKind::Index(found.id, index.id), type_id, span))
            }
            Type::Map(key, value) => {
                let key = self.expect(index, key)?;
                Some(self.push(ExprKind::Lookup(found.id, key.id), value, span))
            }
            _ => {
                self.not_indexable(found, "[i]");
                None
            }
        }
    }

    /// Positions count from the front only.
    fn lint_negative(&mut self, base: ExprId, index: Typed, span: Span) {
        if let Some(Known::Integer(value)) = self.known(index)
            && value < 0
        {
            let from_end = format!("LEN({}) - {}", self.cx.text(self.span(base)), value.unsigned_abs());
            let message = format!("the position {value} is always out of bounds");
            let diagnostic = Diagnostic::warning(&lints::ALWAYS_FAULTS, span, message);
            self.report(
                diagnostic
                    .with_help(format!("positions count from 0; from the end it is `{from_end}`"))
                    .with_fix(format!("write `{from_end}`"), span, from_end),
            );
        }
    }

    #[inline(never)]
    pub(super) fn slice(&mut self, base: ExprId, from: ExprId, to: ExprId, span: Span) -> Option<Typed> {
        let found = self.infer(base, None);
        let (from, to) = (self.position(from), self.position(to));
        let found = found?;
        match self.cx.types.get(found.type_id) {
            Type::Array(_) | Type::String | Type::Bytes => {
                let kind = ExprKind::Slice(found.id, from?.id, to?.id);
                Some(self.push(kind, found.type_id, span))
            }
            _ => {
                self.not_indexable(found, "[i..j]");
                None
            }
        }
    }

    #[cold]
    fn not_indexable(&mut self, found: Typed, form: &str) {
        let span = self.span_of(found);
        let message = format!("`{}` cannot be read by `{form}`", self.type_name(found.type_id));
        let diagnostic = Diagnostic::error(&types::NOT_INDEXABLE, span, message);
        let diagnostic = match self.cx.types.get(found.type_id) {
            Type::Optional(_) => diagnostic.with_help("take it out with `VALUE(x)` first"),
            Type::Set(_) => diagnostic.with_help("a set has no positions; `items(s)` lists it in order"),
            Type::Record(_) => diagnostic.with_help("fields are read as `r.field`"),
            Type::Variant(_) => diagnostic.with_help("take it apart: `MATCH v { case { field } => ... }`"),
            Type::Map(..) => {
                diagnostic.with_help("a map is read by key, `m[k]`; `entries(m)` lists it in order")
            }
            _ => diagnostic.with_help("only arrays, strings, bytes and maps have elements"),
        };
        self.report(diagnostic);
    }
}
