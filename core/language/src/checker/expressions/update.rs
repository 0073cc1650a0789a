//! `WITH` and `WITHOUT`.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprId as TypedId, ExprKind};
use anrf_format::types::{Type, TypeId};

use crate::checker::body::{Body, Typed};
use crate::checker::suggest::{list, suggest};
use crate::codes::{names, types};
use crate::syntax::expression::{ExprId, Name, Update};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn with(
        &mut self,
        base: ExprId,
        updates: &[Update],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let found = self.infer(base, hint)?;
        match self.cx.types.get(found.type_id).clone() {
            Type::Record(_) => self.with_fields(found, updates, span),
            Type::Array(element) => self.with_elements(found, element, updates, span),
            Type::Map(key, value) => self.with_entries(found, key, value, updates, span),
            Type::Set(element) => self.with_members(found, element, updates, span),
            _ => {
                let has = self.type_name(found.type_id);
                let message = format!("`{has}` cannot be updated by `WITH`");
                let diagnostic = Diagnostic::error(&types::WITH_FORM, self.span(base), message);
                let diagnostic = match self.cx.types.get(found.type_id) {
                    Type::Optional(_) => diagnostic.with_help("take it out with `VALUE(x)` first"),
                    Type::String => diagnostic.with_help("build the text from slices joined by `++`"),
                    _ => diagnostic.with_help("records, arrays, maps and sets can"),
                };
                self.report(diagnostic);
                None
            }
        }
    }

    #[cold]
    fn wrong_form(&mut self, found: Typed, help: &str, span: Span) -> Option<Typed> {
        let message = format!("`{}` is updated in another form", self.type_name(found.type_id));
        self.report(Diagnostic::error(&types::WITH_FORM, span, message).with_help(help));
        None
    }

    fn with_fields(&mut self, found: Typed, updates: &[Update], span: Span) -> Option<Typed> {
        let mut values: Vec<Option<(u32, TypedId)>> = vec![];
        let mut seen: Vec<&Name> = vec![];
        for update in updates {
            let Update::Field(name, value) = update else {
                return self.wrong_form(found, "write `r WITH { field: x }`", span);
            };
            if seen.iter().any(|known| known.text == name.text) {
                let message = format!("field `{}` is given twice", name.text);
                self.report(Diagnostic::error(&names::DUPLICATE, name.span, message));
                values.push(None);
                continue;
            }
            seen.push(name);
            let Some((position, type_id)) = self.field_position(found.type_id, &name.text) else {
                self.unknown_field(found.type_id, name);
                values.push(None);
                continue;
            };
            if self.cx.broken_fields.contains(&name.text) {
                let _ = self.infer(*value, None);
                values.push(None);
                continue;
            }
            let value = self.expect(*value, type_id);
            values.push(value.map(|value| (position, value.id)));
        }
        let values = values.into_iter().collect::<Option<Vec<_>>>()?;
        Some(self.push(ExprKind::WithFields(found.id, values), found.type_id, span))
    }

    #[cold]
    pub(in crate::checker) fn unknown_field(&mut self, type_id: TypeId, field: &Name) {
        let (owner, known) = match self.cx.types.record(type_id) {
            Some(record) => {
                let names: Vec<String> = record.fields.iter().map(|it| it.name.clone()).collect();
                (record.name.clone(), names)
            }
            None => (self.type_name(type_id), vec![]),
        };
        let message = format!("`{owner}` has no field `{}`", field.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, field.span, message);
        let known = known.iter().map(String::as_str);
        let diagnostic = suggest(diagnostic, &field.text, field.span, known.clone());
        let help = format!("its fields are {}", list(known));
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    fn with_elements(
        &mut self,
        found: Typed,
        element: TypeId,
        updates: &[Update],
        span: Span,
    ) -> Option<Typed> {
        let mut values: Vec<Option<(TypedId, Typed)>> = vec![];
        let mut ids = vec![];
        for update in updates {
            let Update::Index(index, value) = update else {
                let help = match update {
                    Update::Element(_) => {
                        "an array is extended by `xs ++ [x]`, an element replaced by `xs WITH [i] = x`"
                    }
                    _ => "write `xs WITH [i] = x`",
                };
                return self.wrong_form(found, help, span);
            };
            let index = self.position(*index);
            let typed = self.infer(*value, Some(element));
            values.push(index.zip(typed).map(|(index, typed)| (index.id, typed)));
            ids.push(*value);
        }
        let values = values.into_iter().collect::<Option<Vec<_>>>()?;
        // In contracts the array becomes mathematical with its elements.
        let wider = values.iter().find_map(|(_, typed)| {
            (typed.type_id != element)
                .then(|| super::coercion::join(self.cx, typed.type_id, element))
                .flatten()
                .filter(|joined| *joined != element && self.contract)
        });
        let (found, element) = match wider {
            Some(joined) => {
                let array = self.cx.intern(Type::Array(joined));
                (self.coerce(found, array)?, joined)
            }
            None => (found, element),
        };
        let mut fitted = vec![];
        for ((index, typed), id) in values.into_iter().zip(ids) {
            fitted.push((index, self.fit(typed, id, element)?.id));
        }
        Some(self.push(ExprKind::WithElements(found.id, fitted), found.type_id, span))
    }

    fn with_entries(
        &mut self,
        found: Typed,
        key: TypeId,
        value: TypeId,
        updates: &[Update],
        span: Span,
    ) -> Option<Typed> {
        let mut values: Vec<Option<(TypedId, TypedId)>> = vec![];
        for update in updates {
            let Update::Index(at, new) = update else {
                return self.wrong_form(found, "write `m WITH [key] = x`", span);
            };
            let (at, new) = (self.expect(*at, key), self.expect(*new, value));
            values.push(at.zip(new).map(|(at, new)| (at.id, new.id)));
        }
        let values = values.into_iter().collect::<Option<Vec<_>>>()?;
        Some(self.push(ExprKind::WithEntries(found.id, values), found.type_id, span))
    }

    fn with_members(
        &mut self,
        found: Typed,
        element: TypeId,
        updates: &[Update],
        span: Span,
    ) -> Option<Typed> {
        let mut whole = Some(found);
        for update in updates {
            let Update::Element(value) = update else {
                return self.wrong_form(found, "write `s WITH x`", span);
            };
            let member = self.expect(*value, element);
            whole = match (whole, member) {
                (Some(set), Some(member)) => {
                    Some(self.push(ExprKind::WithMember(set.id, member.id), found.type_id, span))
                }
                _ => None,
            };
        }
        whole
    }

    #[inline(never)]
    pub(super) fn without(
        &mut self,
        base: ExprId,
        member: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let found = self.infer(base, hint)?;
        let wanted = match self.cx.types.get(found.type_id) {
            Type::Map(key, _) => *key,
            Type::Set(element) => *element,
            _ => {
                let message = format!("`{}` cannot be reduced by `WITHOUT`", self.type_name(found.type_id));
                let diagnostic = Diagnostic::error(&types::WITH_FORM, self.span(base), message);
                let diagnostic = match self.cx.types.get(found.type_id) {
                    Type::Array(_) => diagnostic
                        .with_help("filter an array: `[x FOR x IN xs IF x != y]`, or join two slices"),
                    _ => diagnostic.with_help("maps lose a key, sets an element"),
                };
                self.report(diagnostic);
                return None;
            }
        };
        let member = self.expect(member, wanted)?;
        Some(self.push(ExprKind::Without(found.id, member.id), found.type_id, span))
    }
}
