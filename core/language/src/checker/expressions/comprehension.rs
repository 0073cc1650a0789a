//! Binders and what walks over them: quantifiers, comprehensions, aggregates, SORT BY.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{
    Aggregate, Binder as TypedBinder, Domain, ExprId as TypedId, ExprKind, LocalId, Quantifier,
};
use anrf_format::types::{Type, TypeId};

use super::mismatch::is_number;
use super::together::Together;
use crate::checker::body::{Body, Known, Source, Typed};
use crate::codes::{lints, types};
use crate::syntax::expression::{Binder, ComprehensionHead, ExprId, ExpressionKind, Name, SortKey};

impl Body<'_, '_> {
    /// Runs a part and tells what it read, besides adding that to what was read before.
    pub(in crate::checker) fn tracked<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> T,
    ) -> (T, crate::checker::body::Reads) {
        let before = std::mem::take(&mut self.reads);
        let done = part(self);
        let read = self.reads;
        self.reads.sensitive |= before.sensitive;
        self.reads.from_host |= before.from_host;
        self.reads.result |= before.result;
        self.reads.state |= before.state;
        (done, read)
    }

    /// Binds one binder; its names stay visible until the caller truncates the scope.
    pub(in crate::checker) fn binder(&mut self, binder: &Binder, source: Source) -> Option<TypedBinder> {
        let (domain, reads) = self.tracked(|body| body.domain(binder.domain));
        self.lint_shadowing(&binder.name);
        let index_type = if self.contract { TypeId::UNBOUNDED } else { TypeId::INTEGER };
        let Some((domain, element)) = domain else {
            self.bind_broken(&binder.name);
            if let Some(index) = &binder.index {
                self.bind_broken(index);
            }
            return None;
        };
        let element = self.bind(&binder.name, element, source);
        let facts = self.facts(element);
        facts.sensitive = reads.sensitive;
        facts.from_host = reads.from_host;
        let index = binder.index.as_ref().map(|index| {
            self.lint_shadowing(index);
            self.bind(index, index_type, source)
        });
        Some(TypedBinder { element, index, domain })
    }

    fn binders(&mut self, binders: &[Binder]) -> Option<Vec<TypedBinder>> {
        let bound: Vec<Option<TypedBinder>> =
            binders.iter().map(|binder| self.binder(binder, Source::Binder)).collect();
        bound.into_iter().collect()
    }

    /// A domain and the type of its elements.
    pub(in crate::checker) fn domain(&mut self, id: ExprId) -> Option<(Domain, TypeId)> {
        if let ExpressionKind::Range(low, high) = self.syntax[id].kind {
            return self.range(low, high, self.span(id));
        }
        let found = self.infer(id, None)?;
        self.array_domain(found, id)
    }

    fn range(&mut self, low: ExprId, high: ExprId, span: Span) -> Option<(Domain, TypeId)> {
        let wanted = if self.contract { TypeId::UNBOUNDED } else { TypeId::INTEGER };
        let (low, high) = (self.expect(low, wanted), self.expect(high, wanted));
        let (low, high) = (low?, high?);
        if let (Some(Known::Integer(a)), Some(Known::Integer(b))) = (self.known(low), self.known(high))
            && a >= b
        {
            let message = format!("the range from {a} to {b} is empty");
            let help = "a range holds what is at least its first and below its second bound";
            self.report(Diagnostic::warning(&lints::VACUOUS, span, message).with_help(help));
        }
        Some((Domain::Range(low.id, high.id), wanted))
    }

    /// An array as a domain; maps and sets through their entries and items.
    pub(super) fn array_domain(&mut self, found: Typed, id: ExprId) -> Option<(Domain, TypeId)> {
        let span = self.span(id);
        match *self.cx.types.get(found.type_id) {
            Type::Array(element) => Some((Domain::Array(found.id), element)),
            Type::Set(element) => {
                let items = self.cx.intern(Type::Array(element));
                let items = self.push(ExprKind::Builtin(Builtin::Items, vec![found.id]), items, span);
                Some((Domain::Array(items.id), element))
            }
            Type::Map(key, value) => {
                let entry = self.cx.entry(key, value);
                let entries = self.cx.intern(Type::Array(entry));
                let entries = self.push(ExprKind::Builtin(Builtin::Entries, vec![found.id]), entries, span);
                Some((Domain::Array(entries.id), entry))
            }
            _ => {
                self.not_a_collection(found, id);
                None
            }
        }
    }

    #[cold]
    pub(super) fn not_a_collection(&mut self, found: Typed, id: ExprId) {
        let span = self.span(id);
        let has = self.type_name(found.type_id);
        let message = format!("`{has}` is not a collection");
        let mut diagnostic = Diagnostic::error(&types::NOT_A_COLLECTION, span, message);
        let text = self.cx.text(span);
        diagnostic = match self.cx.types.get(found.type_id) {
            Type::Integer | Type::Unbounded => diagnostic
                .with_help(format!("a range counts: `0..{text}`"))
                .with_fix(format!("write `0..{text}`"), Span { start: span.start, end: span.start }, "0.."),
            Type::String => {
                diagnostic.with_help("walk over its positions: `i IN 0..LEN(s)`, and read `s[i]`")
            }
            Type::Optional(_) => diagnostic.with_help("take it out with `VALUE(x)`, or `OR_ELSE(x, [])`"),
            _ => diagnostic.with_help("arrays, maps, sets and ranges can be walked"),
        };
        self.report(diagnostic);
    }

    #[inline(never)]
    pub(super) fn quantifier(
        &mut self,
        quantifier: Quantifier,
        binders: &[Binder],
        body: ExprId,
        span: Span,
    ) -> Option<Typed> {
        let outer = self.scope.len();
        let binders = self.binders(binders);
        let body = self.expect(body, TypeId::BOOLEAN);
        self.scope.truncate(outer);
        let (binders, body) = (binders?, body?);
        Some(self.push(ExprKind::Quantifier(quantifier, binders, body.id), TypeId::BOOLEAN, span))
    }

    fn filter(&mut self, filter: Option<ExprId>) -> Option<Option<TypedId>> {
        let Some(filter) = filter else { return Some(None) };
        let found = self.expect(filter, TypeId::BOOLEAN)?;
        self.lint_constant(found, self.span(filter));
        Some(Some(found.id))
    }

    #[inline(never)]
    pub(super) fn comprehension(
        &mut self,
        head: &ComprehensionHead,
        binders: &[Binder],
        filter: Option<ExprId>,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let outer = self.scope.len();
        let made = self.comprehension_parts(head, binders, filter, hint, span);
        self.scope.truncate(outer);
        made
    }

    fn comprehension_parts(
        &mut self,
        head: &ComprehensionHead,
        binders: &[Binder],
        filter: Option<ExprId>,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let binders = self.binders(binders);
        let filter = self.filter(filter);
        let hints = hint.map(|hint| self.cx.types.get(hint).clone());
        match head {
            ComprehensionHead::Array(element) => {
                let wanted = match hints {
                    Some(Type::Array(wanted)) => Some(wanted),
                    _ => None,
                };
                let element = self.head(*element, wanted);
                let (binders, filter, element) = (binders?, filter?, element?);
                Some(self.flat(binders, filter, element, span))
            }
            ComprehensionHead::Set(id) => {
                let wanted = match hints {
                    Some(Type::Set(wanted)) => Some(wanted),
                    _ => None,
                };
                let element = self.head(*id, wanted);
                let (mut binders, filter, element) = (binders?, filter?, element?);
                self.cx.check_key(element.type_id, self.span(*id), "an element of a set")?;
                let type_id = self.cx.intern(Type::Set(element.type_id));
                if binders.len() > 1 {
                    let flat = self.flat(binders, filter, element, span);
                    let (binder, read) = self.over(flat, element.type_id, span);
                    return Some(self.push(
                        ExprKind::SetComprehension(vec![binder], None, read.id),
                        type_id,
                        span,
                    ));
                }
                let kind = ExprKind::SetComprehension(std::mem::take(&mut binders), filter, element.id);
                Some(self.push(kind, type_id, span))
            }
            ComprehensionHead::Map(key_id, value) => {
                let wanted = match hints {
                    Some(Type::Map(key, value)) => Some((key, value)),
                    _ => None,
                };
                let key =
                    self.head(*key_id, wanted.map(|it| it.0).or(self.contract.then_some(TypeId::INTEGER)));
                let value = self.head(*value, wanted.map(|it| it.1));
                let (binders, filter, key, value) = (binders?, filter?, key?, value?);
                self.cx.check_key(key.type_id, self.span(*key_id), "a key of a map")?;
                Some(self.map_comprehension(binders, filter, key, value, span))
            }
        }
    }

    /// The element of a comprehension; a hint that does not fit is the context's to report.
    fn head(&mut self, id: ExprId, wanted: Option<TypeId>) -> Option<Typed> {
        let found = self.infer(id, wanted)?;
        Some(wanted.and_then(|wanted| self.coerce(found, wanted)).unwrap_or(found))
    }

    /// `[e FOR ...]`; several binders are nested arrays, flattened.
    fn flat(
        &mut self,
        mut binders: Vec<TypedBinder>,
        filter: Option<TypedId>,
        element: Typed,
        span: Span,
    ) -> Typed {
        let type_id = self.cx.intern(Type::Array(element.type_id));
        let last: Vec<TypedBinder> = binders.pop().into_iter().collect();
        let inner = self.push(ExprKind::ArrayComprehension(last, filter, element.id), type_id, span);
        self.flatten(binders, inner, type_id, span)
    }

    fn flatten(&mut self, binders: Vec<TypedBinder>, inner: Typed, type_id: TypeId, span: Span) -> Typed {
        let nested = self.cx.intern(Type::Array(type_id));
        let mut whole = inner;
        for binder in binders.into_iter().rev() {
            let each = self.push(ExprKind::ArrayComprehension(vec![binder], None, whole.id), nested, span);
            whole = self.push(ExprKind::Builtin(Builtin::Flatten, vec![each.id]), type_id, span);
        }
        whole
    }

    /// A binder over a made array, and a reading of its element.
    pub(super) fn over(&mut self, array: Typed, element: TypeId, span: Span) -> (TypedBinder, Typed) {
        let local = self.made_local(element, span);
        let read = self.push(ExprKind::Local(local), element, span);
        (TypedBinder { element: local, index: None, domain: Domain::Array(array.id) }, read)
    }

    pub(super) fn made_local(&mut self, type_id: TypeId, span: Span) -> LocalId {
        let local = self.add_local("_", span, type_id, Source::Made);
        self.facts(local).used = true;
        local
    }

    fn map_comprehension(
        &mut self,
        mut binders: Vec<TypedBinder>,
        filter: Option<TypedId>,
        key: Typed,
        value: Typed,
        span: Span,
    ) -> Typed {
        let map = self.cx.intern(Type::Map(key.type_id, value.type_id));
        let last: Vec<TypedBinder> = binders.pop().into_iter().collect();
        let inner = self.push(ExprKind::MapComprehension(last, filter, key.id, value.id), map, span);
        if binders.is_empty() {
            return inner;
        }
        let entry = self.cx.entry(key.type_id, value.type_id);
        let entries = self.cx.intern(Type::Array(entry));
        let inner = self.push(ExprKind::Builtin(Builtin::Entries, vec![inner.id]), entries, span);
        let flat = self.flatten(binders, inner, entries, span);
        let (binder, read) = self.over(flat, entry, span);
        let key = self.push(ExprKind::Field(read.id, 0), key.type_id, span);
        let again = self.push(ExprKind::Local(binder.element), entry, span);
        let value = self.push(ExprKind::Field(again.id, 1), value.type_id, span);
        self.push(ExprKind::MapComprehension(vec![binder], None, key.id, value.id), map, span)
    }

    #[inline(never)]
    pub(super) fn aggregate(
        &mut self,
        aggregate: Aggregate,
        element: ExprId,
        binders: &[Binder],
        filter: Option<ExprId>,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let outer = self.scope.len();
        let bound = self.binders(binders);
        let filter = self.filter(filter);
        let wanted = match aggregate {
            Aggregate::All | Aggregate::Any => Some(TypeId::BOOLEAN),
            Aggregate::Sum => self.numeric_hint(hint),
            Aggregate::Min | Aggregate::Max => hint,
            Aggregate::Count => None,
            Aggregate::Find => hint.and_then(|hint| match self.cx.types.get(hint) {
                Type::Optional(inner) => Some(*inner),
                _ => None,
            }),
        };
        let found = self.infer(element, wanted);
        self.scope.truncate(outer);
        let (binders, filter, found) = (bound?, filter?, found?);
        let (found, result) = self.aggregate_type(aggregate, found, element)?;
        Some(self.make_aggregate(aggregate, binders, filter, found, result, span))
    }

    fn make_aggregate(
        &mut self,
        aggregate: Aggregate,
        mut binders: Vec<TypedBinder>,
        filter: Option<TypedId>,
        element: Typed,
        result: TypeId,
        span: Span,
    ) -> Typed {
        if binders.len() < 2 {
            return self.push(ExprKind::Aggregate(aggregate, binders, filter, element.id), result, span);
        }
        if matches!(aggregate, Aggregate::Sum | Aggregate::All | Aggregate::Any) {
            // These nest: the sum of sums, and ALL and ANY stop as soon as they know.
            let last: Vec<TypedBinder> = binders.pop().into_iter().collect();
            let mut whole = self.push(ExprKind::Aggregate(aggregate, last, filter, element.id), result, span);
            for binder in binders.into_iter().rev() {
                whole = self.push(ExprKind::Aggregate(aggregate, vec![binder], None, whole.id), result, span);
            }
            return whole;
        }
        let flat = self.flat(binders, filter, element, span);
        let (binder, read) = self.over(flat, element.type_id, span);
        self.push(ExprKind::Aggregate(aggregate, vec![binder], None, read.id), result, span)
    }

    /// The element as the aggregate wants it, and the type of the result.
    fn aggregate_type(&mut self, aggregate: Aggregate, found: Typed, id: ExprId) -> Option<(Typed, TypeId)> {
        let span = self.span(id);
        let has = self.type_name(found.type_id);
        match aggregate {
            Aggregate::Count => Some((found, TypeId::INTEGER)),
            Aggregate::All | Aggregate::Any => {
                if found.type_id != TypeId::BOOLEAN {
                    let message = format!("`boolean` is wanted of each element, found `{has}`");
                    let help = "write the condition: `ALL(x > 0 FOR x IN xs)`";
                    self.report(Diagnostic::error(&types::MISMATCH, span, message).with_help(help));
                    return None;
                }
                Some((found, TypeId::BOOLEAN))
            }
            Aggregate::Sum => {
                let found = self.mathematical(found);
                if !is_number(found.type_id) {
                    let message = format!("`SUM` adds numbers, found `{has}`");
                    let diagnostic = Diagnostic::error(&types::OPERAND, span, message);
                    let diagnostic = match self.cx.types.get(found.type_id) {
                        Type::String => diagnostic.with_help("`join(parts, '')` joins text"),
                        Type::Record(_) => diagnostic.with_help("name a field: `SUM(x.amount FOR x IN xs)`"),
                        Type::Array(_) => diagnostic.with_help("`FLATTEN(xs)` joins arrays"),
                        _ => diagnostic,
                    };
                    self.report(diagnostic);
                    return None;
                }
                Some((found, found.type_id))
            }
            Aggregate::Min | Aggregate::Max => {
                if !self.cx.types.is_ordered(found.type_id) && !self.cx.types.is_key(found.type_id) {
                    let message = format!("`{has}` has no order");
                    let help = "name a field: `MAX(x.amount FOR x IN xs)`";
                    self.report(Diagnostic::error(&types::NOT_ORDERED, span, message).with_help(help));
                    return None;
                }
                Some((found, found.type_id))
            }
            Aggregate::Find => {
                let result = self.cx.intern(Type::Optional(found.type_id));
                Some((found, result))
            }
        }
    }

    #[inline(never)]
    pub(super) fn sort_by(&mut self, binder: &Binder, keys: &[SortKey], span: Span) -> Option<Typed> {
        let outer = self.scope.len();
        let bound = self.binder(binder, Source::Binder);
        let mut typed_keys: Vec<Option<(TypedId, bool)>> = vec![];
        for key in keys {
            let found = self.infer(key.key, None);
            typed_keys.push(found.and_then(|found| {
                if !self.cx.types.is_ordered(found.type_id) && !self.cx.types.is_key(found.type_id) {
                    let at = self.span(key.key);
                    let message = format!("`{}` has no order to sort by", self.type_name(found.type_id));
                    let help = "sort by a field or another value with an order: `SORT(x IN xs BY x.key)`";
                    self.report(Diagnostic::error(&types::NOT_ORDERED, at, message).with_help(help));
                    return None;
                }
                Some((found.id, key.descending))
            }));
        }
        self.scope.truncate(outer);
        let bound = bound?;
        let keys = typed_keys.into_iter().collect::<Option<Vec<_>>>()?;
        let element = self.locals[bound.element.0 as usize].type_id;
        let type_id = self.cx.intern(Type::Array(element));
        Some(self.push(ExprKind::SortBy(bound, keys), type_id, span))
    }

    /// Warns of a name that hides another one.
    pub(in crate::checker) fn lint_shadowing(&mut self, name: &Name) {
        if name.text.starts_with('_') {
            return;
        }
        let what = match self.lookup(&name.text) {
            Some(crate::checker::body::Meaning::Local(local)) => match self.facts[local.0 as usize].source {
                Source::Input => "an input",
                Source::LoopState => "a state of the loop",
                Source::Element => "an element of a loop",
                Source::Binder => "a name around it",
                Source::Step | Source::Made => "a name that an earlier step bound",
            },
            Some(_) => return,
            None if self.state_variable(&name.text).is_some() => "a state variable",
            None => return,
        };
        let message = format!("`{}` hides {what}", name.text);
        let help = "choose another name";
        self.report(Diagnostic::warning(&lints::SHADOWING, name.span, message).with_help(help));
    }

    /// Brings the arms of a choice to one type, or reports the first that differs.
    pub(super) fn arms_type(
        &mut self,
        arms: Vec<Typed>,
        bodies: &[ExprId],
        hint: Option<TypeId>,
    ) -> Option<(TypeId, Vec<Typed>)> {
        match self.same(arms) {
            Together::Same(type_id, arms) => Some((type_id, arms)),
            Together::Different(one, other, found) => {
                self.different_branches(bodies[other], &[found[one], found[other]], hint);
                None
            }
            Together::Broken => None,
        }
    }
}
