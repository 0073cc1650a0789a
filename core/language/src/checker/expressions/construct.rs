//! `Account { id: "a" }`, `circle { r: 1.0 }`, and success records in place.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::ExprKind;
use anrf_format::types::{Field, Type, TypeId};

use crate::checker::body::{Body, Typed};
use crate::checker::context::index;
use crate::checker::suggest::{list, suggest};
use crate::codes::{names, types};
use crate::syntax::expression::{ExprId, ExpressionKind, Name};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn construct(
        &mut self,
        name: &Name,
        fields: &[(Name, ExprId)],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        if let Some(named) = self.cx.named.get(name.text.as_str()) {
            let type_id = named.known().or_else(|| self.alias(&name.text));
            self.cx.usage.types.insert(name.text.clone());
            let type_id = type_id?;
            if self.cx.types.record(type_id).is_some() {
                return self.construct_record(type_id, fields, span);
            }
            if self.cx.types.variant(type_id).is_none() {
                let message = format!("`{}` is not a record", name.text);
                self.report(Diagnostic::error(&names::UNKNOWN_CASE, name.span, message));
                return None;
            }
            let cases = self.cx.types.variant(type_id).map(|it| it.cases.clone()).unwrap_or_default();
            let known = list(cases.iter().map(|case| case.name.as_str()));
            let message = format!("`{}` is a variant, built by one of its cases", name.text);
            let help = format!("its cases are {known}");
            self.report(Diagnostic::error(&names::UNKNOWN_CASE, name.span, message).with_help(help));
            return None;
        }
        match self.find_case(&name.text, hint) {
            Ok((variant, case)) => self.construct_case(variant, case, fields, &name.text, span),
            Err(several) => {
                self.unknown_constructor(name, several);
                for (_, value) in fields {
                    if self.vagueness(*value) < 3 {
                        let _ = self.infer(*value, None);
                    }
                }
                None
            }
        }
    }

    pub(super) fn alias(&self, name: &str) -> Option<TypeId> {
        self.cx.types.aliases.iter().find(|(alias, _)| alias == name).map(|(_, type_id)| *type_id)
    }

    /// The variant and case of a name: that of the wanted type, or the only one.
    pub(super) fn find_case(&self, name: &str, hint: Option<TypeId>) -> Result<(TypeId, u32), bool> {
        let Some(candidates) = self.cx.cases.get(name) else { return Err(false) };
        let hint = hint.map(|hint| match self.cx.types.get(hint) {
            Type::Optional(inner) => *inner,
            _ => hint,
        });
        if let Some(wanted) = candidates.iter().find(|(variant, _)| Some(*variant) == hint) {
            return Ok(*wanted);
        }
        match candidates.as_slice() {
            [one] => Ok(*one),
            several => Err(!several.is_empty()),
        }
    }

    /// A bare name that is a case without fields.
    pub(super) fn case_without_fields(&self, name: &str, hint: Option<TypeId>) -> Option<(TypeId, u32)> {
        let (variant, case) = self.find_case(name, hint).ok()?;
        let fields = &self.cx.types.variant(variant)?.cases.get(case as usize)?.fields;
        fields.is_empty().then_some((variant, case))
    }

    pub(super) fn construct_case(
        &mut self,
        variant: TypeId,
        case: u32,
        fields: &[(Name, ExprId)],
        name: &str,
        span: Span,
    ) -> Option<Typed> {
        if let Some(definition) = self.cx.types.variant(variant) {
            let owner = definition.name.clone();
            self.cx.usage.types.insert(owner);
        }
        let declared = self.cx.types.variant(variant)?.cases.get(case as usize)?.fields.clone();
        let values = self.field_values(&declared, fields, &format!("case `{name}`"), span)?;
        Some(self.push(ExprKind::Variant(case, values), variant, span))
    }

    fn construct_record(&mut self, type_id: TypeId, fields: &[(Name, ExprId)], span: Span) -> Option<Typed> {
        let (name, declared) = {
            let record = self.cx.types.record(type_id)?;
            (record.name.clone(), record.fields.clone())
        };
        let values = self.field_values(&declared, fields, &format!("`{name}`"), span)?;
        Some(self.push(ExprKind::Record(values), type_id, span))
    }

    /// One expression per declared field, in order.
    fn field_values(
        &mut self,
        declared: &[Field],
        given: &[(Name, ExprId)],
        what: &str,
        span: Span,
    ) -> Option<Vec<anrf_format::semantic::ExprId>> {
        let mut values: Vec<Option<Typed>> = vec![None; declared.len()];
        let mut complete = true;
        let mut seen: Vec<&str> = vec![];
        for (name, value) in given {
            if seen.contains(&name.text.as_str()) {
                let message = format!("field `{}` is given twice", name.text);
                self.report(Diagnostic::error(&names::DUPLICATE, name.span, message));
                complete = false;
                continue;
            }
            seen.push(&name.text);
            let Some(position) = declared.iter().position(|field| field.name == name.text) else {
                let missing = declared.iter().map(|field| field.name.as_str());
                let message = format!("{what} has no field `{}`", name.text);
                let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, name.span, message);
                let diagnostic = suggest(diagnostic, &name.text, name.span, missing.clone());
                let help = format!("its fields are {}", list(missing));
                self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
                complete = false;
                continue;
            };
            if self.cx.broken_fields.contains(&name.text) {
                let _ = self.infer(*value, None);
                complete = false;
                continue;
            }
            values[position] = self.expect(*value, declared[position].type_id);
            complete &= values[position].is_some();
        }
        let missing: Vec<&str> =
            declared.iter().map(|field| field.name.as_str()).filter(|name| !seen.contains(name)).collect();
        if complete && !missing.is_empty() {
            let message = format!("{what} is built without {}", list(missing));
            let help = "give every field; an optional one may be `NONE`";
            self.report(Diagnostic::error(&types::MISSING_FIELDS, span, message).with_help(help));
            return None;
        }
        if !complete {
            return None;
        }
        values.into_iter().map(|value| value.map(|value| value.id)).collect()
    }

    #[cold]
    fn unknown_constructor(&mut self, name: &Name, several: bool) {
        if several {
            let message = format!("several variants have a case `{}`", name.text);
            let help = "put it where the type is known, or rename one";
            self.report(Diagnostic::error(&names::AMBIGUOUS, name.span, message).with_help(help));
            return;
        }
        let mut known: Vec<String> = self.cx.named.keys().map(|it| (*it).to_owned()).collect();
        known.extend(self.cx.cases.keys().cloned());
        known.sort();
        let message = format!("unknown record or case `{}`", name.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_CASE, name.span, message);
        let diagnostic = suggest(diagnostic, &name.text, name.span, known.iter().map(String::as_str));
        let help = "declare the record under `types`";
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    /// The success record of a function has no name to build it by; where one is wanted, braces do.
    pub(super) fn is_result_record(&self, type_id: TypeId) -> bool {
        self.cx.types.record(type_id).is_some_and(|record| record.name.ends_with(".success"))
    }

    pub(super) fn result_record(
        &mut self,
        type_id: TypeId,
        entries: &[(ExprId, ExprId)],
        span: Span,
    ) -> Option<Typed> {
        let mut fields = vec![];
        for (key, value) in entries {
            let (ExpressionKind::Name(name) | ExpressionKind::String(name)) = &self.syntax[*key].kind else {
                let at = self.span(*key);
                let message = "the name of a field is wanted";
                self.report(Diagnostic::error(&names::UNKNOWN_FIELD, at, message));
                return None;
            };
            fields.push((Name { text: name.clone(), span: self.span(*key) }, *value));
        }
        self.construct_record(type_id, &fields, span)
    }

    /// The position of a field, as the tree holds it.
    pub(super) fn field_position(&self, type_id: TypeId, name: &str) -> Option<(u32, TypeId)> {
        let fields = &self.cx.types.record(type_id)?.fields;
        let position = fields.iter().position(|field| field.name == name)?;
        Some((index(position)?, fields[position].type_id))
    }
}
