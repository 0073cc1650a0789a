//! Literals of arrays, sets and maps.

use anrf_format::diagnostic::{Diagnostic, Edit, Fix, Span};
use anrf_format::semantic::ExprKind;
use anrf_format::types::{Type, TypeId};

use super::together::Together;
use crate::checker::body::{Body, Typed};
use crate::codes::types;
use crate::syntax::expression::{ExprId, ExpressionKind};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn array(&mut self, items: &[ExprId], hint: Option<TypeId>, span: Span) -> Option<Typed> {
        let wanted = hint.and_then(|hint| match self.cx.types.get(hint) {
            Type::Array(element) => Some(*element),
            _ => None,
        });
        if items.is_empty() {
            let Some(element) = wanted else { return self.cannot_infer("the element type of `[]`", span) };
            let type_id = self.cx.intern(Type::Array(element));
            return Some(self.push(ExprKind::Array(vec![]), type_id, span));
        }
        let (element, items) = self.elements(items, wanted)?;
        let type_id = self.cx.intern(Type::Array(element));
        Some(self.push(ExprKind::Array(items.iter().map(|item| item.id).collect()), type_id, span))
    }

    #[inline(never)]
    pub(super) fn set(&mut self, items: &[ExprId], hint: Option<TypeId>, span: Span) -> Option<Typed> {
        let wanted = hint.and_then(|hint| match self.cx.types.get(hint) {
            Type::Set(element) => Some(*element),
            _ => None,
        });
        if items.is_empty() {
            let Some(element) = wanted else { return self.cannot_infer("the element type of `SET[]`", span) };
            let type_id = self.cx.intern(Type::Set(element));
            return Some(self.push(ExprKind::Set(vec![]), type_id, span));
        }
        let (element, items) = self.elements(items, wanted)?;
        self.cx.check_key(element, span, "an element of a set")?;
        let type_id = self.cx.intern(Type::Set(element));
        Some(self.push(ExprKind::Set(items.iter().map(|item| item.id).collect()), type_id, span))
    }

    fn elements(&mut self, items: &[ExprId], wanted: Option<TypeId>) -> Option<(TypeId, Vec<Typed>)> {
        if let Some(wanted) = wanted {
            let fitted: Vec<Option<Typed>> = items.iter().map(|item| self.element(*item, wanted)).collect();
            let fitted: Vec<Typed> = fitted.into_iter().collect::<Option<_>>()?;
            return match self.same(fitted) {
                Together::Same(type_id, fitted) => Some((type_id, fitted)),
                _ => None,
            };
        }
        match self.together(items, None) {
            Together::Broken => None,
            Together::Same(type_id, items) => Some((type_id, items)),
            Together::Different(one, other, found) => {
                self.mismatch(found[other], items[other], found[one].type_id);
                None
            }
        }
    }

    /// An element of a literal: of the wanted type, or mathematical where the hint is a 64-bit integer.
    fn element(&mut self, item: ExprId, wanted: TypeId) -> Option<Typed> {
        let found = self.infer(item, Some(wanted))?;
        if self.contract && super::coercion::join(self.cx, found.type_id, wanted).is_some() {
            return Some(found);
        }
        self.fit(found, item, wanted)
    }

    #[inline(never)]
    pub(super) fn map(
        &mut self,
        entries: &[(ExprId, ExprId)],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        if let Some(record) = hint.filter(|hint| self.is_result_record(*hint)) {
            return self.result_record(record, entries, span);
        }
        let wanted = hint.and_then(|hint| match self.cx.types.get(hint) {
            Type::Map(key, value) => Some((*key, *value)),
            _ => None,
        });
        if let (None, Some(record)) = (wanted, self.meant_record(entries, hint)) {
            let first = self.cx.diagnostics.len();
            let made = match hint {
                Some(_) => None,
                None => self.map_entries(entries, None, span),
            };
            if made.is_none() {
                self.cx.take_back(first);
                self.record_as_map(record, entries, span);
            }
            return made;
        }
        if let (true, Some(set)) = (entries.is_empty(), hint)
            && matches!(self.cx.types.get(set), Type::Set(_))
        {
            return Some(self.push(ExprKind::Set(vec![]), set, span));
        }
        self.map_entries(entries, wanted, span)
    }

    fn map_entries(
        &mut self,
        entries: &[(ExprId, ExprId)],
        wanted: Option<(TypeId, TypeId)>,
        span: Span,
    ) -> Option<Typed> {
        if entries.is_empty() {
            let Some((key, value)) = wanted else {
                return self.cannot_infer("the type of `{}`", span);
            };
            let type_id = self.cx.intern(Type::Map(key, value));
            return Some(self.push(ExprKind::Map(vec![]), type_id, span));
        }
        let keys: Vec<ExprId> = entries.iter().map(|(key, _)| *key).collect();
        let values: Vec<ExprId> = entries.iter().map(|(_, value)| *value).collect();
        // Keys of maps are not widened, so in contracts they are wanted as 64-bit integers.
        let key_hint = wanted.map(|(key, _)| key).or(self.contract.then_some(TypeId::INTEGER));
        let keys = match wanted {
            Some(_) => self.elements(&keys, key_hint),
            None => self.untyped_keys(&keys, key_hint),
        };
        let values = self.elements(&values, wanted.map(|(_, value)| value));
        let ((key, keys), (value, values)) = (keys?, values?);
        let (key, keys) = match key {
            TypeId::UNBOUNDED => {
                (TypeId::INTEGER, keys.into_iter().map(|it| self.narrow(it, false)).collect())
            }
            _ => (key, keys),
        };
        self.cx.check_key(key, span, "a key of a map")?;
        let type_id = self.cx.intern(Type::Map(key, value));
        let entries = keys.iter().zip(&values).map(|(key, value)| (key.id, value.id)).collect();
        Some(self.push(ExprKind::Map(entries), type_id, span))
    }

    /// The record that braces with texts or bare names as keys were meant to build.
    fn meant_record(&self, entries: &[(ExprId, ExprId)], hint: Option<TypeId>) -> Option<TypeId> {
        let mut keys: Vec<&str> = vec![];
        for (key, _) in entries {
            match &self.syntax[*key].kind {
                ExpressionKind::String(name) | ExpressionKind::Name(name) => keys.push(name),
                _ => return None,
            }
        }
        if let Some(hint) = hint {
            return self.cx.types.record(hint).map(|_| hint);
        }
        keys.sort_unstable();
        let mut fitting = self.cx.named.values().filter_map(|named| named.known()).filter(|type_id| {
            let fields = self.cx.types.record(*type_id).map(|record| &record.fields[..]).unwrap_or_default();
            let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            names.sort_unstable();
            !names.is_empty() && names == keys
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    #[cold]
    fn record_as_map(&mut self, record: TypeId, entries: &[(ExprId, ExprId)], span: Span) {
        let name = self.type_name(record);
        let message = format!("`{name}` is a record, and braces without its name make a map");
        let mut edits =
            vec![Edit { span: Span { start: span.start, end: span.start }, replacement: format!("{name} ") }];
        for (key, _) in entries {
            if let ExpressionKind::String(field) = &self.syntax[*key].kind {
                edits.push(Edit { span: self.span(*key), replacement: field.clone() });
            }
        }
        let help = format!("write `{name} {{ field: value }}`");
        let mut diagnostic = Diagnostic::error(&types::MISMATCH, span, message).with_help(help);
        diagnostic.fixes.push(Fix { title: format!("write `{name} {{ ... }}`"), edits });
        self.report(diagnostic);
    }

    fn untyped_keys(&mut self, keys: &[ExprId], hint: Option<TypeId>) -> Option<(TypeId, Vec<Typed>)> {
        match self.together(keys, hint) {
            Together::Broken => None,
            Together::Same(type_id, keys) => Some((type_id, keys)),
            Together::Different(one, other, found) => {
                self.mismatch(found[other], keys[other], found[one].type_id);
                None
            }
        }
    }
}
