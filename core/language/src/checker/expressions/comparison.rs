//! Comparisons, chains of them, and membership.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{BinaryOperator, ExprKind, LocalId};
use anrf_format::types::{Type, TypeId};

use super::coercion::join;
use super::mismatch::{is_number, wrap};
use super::together::Together;
use crate::checker::body::{Body, Known, Source, Typed};
use crate::codes::types;
use crate::syntax::expression::{ExprId, ExpressionKind};

/// The longest chain: its operands nest in the typed tree.
const MAX_CHAIN: usize = 8;

fn is_equality(operator: BinaryOperator) -> bool {
    matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual)
}

impl Body<'_, '_> {
    pub(super) fn comparison(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Option<Typed> {
        for (one, other) in [(left, right), (right, left)] {
            if let Some(test) = self.error_code_test(operator, one, other, span) {
                return test;
            }
        }
        match self.together(&[left, right], None) {
            Together::Broken => None,
            Together::Same(type_id, operands) => {
                let [first, second] = operands[..] else { return None };
                self.check_comparable(operator, type_id, span)?;
                Some(self.compare(operator, first, second, span))
            }
            Together::Different(_, _, operands) => {
                let [first, second] = operands[..] else { return None };
                self.incomparable(operator, (left, first), (right, second), span);
                None
            }
        }
    }

    fn check_comparable(&mut self, operator: BinaryOperator, type_id: TypeId, span: Span) -> Option<()> {
        if is_equality(operator) || self.cx.types.is_ordered(type_id) {
            return Some(());
        }
        let message = format!("`{}` has no order for `{}`", self.type_name(type_id), operator.symbol());
        let diagnostic = Diagnostic::error(&types::NOT_ORDERED, span, message);
        let diagnostic = match self.cx.types.get(type_id) {
            Type::Set(_) => diagnostic.with_help("`is_subset(a, b)` asks for inclusion"),
            Type::Optional(_) => diagnostic.with_help("take the values out with `VALUE(x)` first"),
            Type::Record(_) => diagnostic.with_help("compare a field"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        None
    }

    /// A comparison of operands of one type, with what is known of its value.
    fn compare(&mut self, operator: BinaryOperator, first: Typed, second: Typed, span: Span) -> Typed {
        let typed = self.push(ExprKind::Binary(operator, first.id, second.id), TypeId::BOOLEAN, span);
        let known = match (self.known(first), self.known(second)) {
            (Some(Known::Integer(a)), Some(Known::Integer(b))) => Some(holds(operator, a, b)),
            (Some(Known::Boolean(a)), Some(Known::Boolean(b))) => {
                Some(holds(operator, i128::from(a), i128::from(b)))
            }
            _ if first.type_id != TypeId::FLOAT && self.same_name(first, second) => {
                Some(holds(operator, 0, 0))
            }
            _ => None,
        };
        if let Some(value) = known {
            self.set_known(typed, Known::Boolean(value));
        }
        typed
    }

    /// Both read the same local, or the same field of one.
    fn same_name(&self, first: Typed, second: Typed) -> bool {
        let (mut first, mut second) = (first.id, second.id);
        loop {
            match (&self.exprs[first.0 as usize].kind, &self.exprs[second.0 as usize].kind) {
                (ExprKind::Local(a), ExprKind::Local(b)) => return a == b,
                (ExprKind::Field(a, f), ExprKind::Field(b, g)) if f == g => (first, second) = (*a, *b),
                (ExprKind::Widen(a), ExprKind::Widen(b)) => (first, second) = (*a, *b),
                _ => return false,
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn incomparable(
        &mut self,
        operator: BinaryOperator,
        (left, first): (ExprId, Typed),
        (right, second): (ExprId, Typed),
        span: Span,
    ) {
        if is_number(first.type_id) && is_number(second.type_id) {
            let diagnostic = self.mixed_operands(left, right, first, second, span);
            self.report(diagnostic);
            return;
        }
        for (one, (other, id), optional_id) in
            [(first, (second, right), left), (second, (first, left), right)]
        {
            if self.is_optional_of(one.type_id, other.type_id) {
                let (has, plain) = (self.type_name(one.type_id), self.type_name(other.type_id));
                let message = format!("`{has}` is compared with `{plain}`");
                let mut diagnostic = Diagnostic::error(&types::OPTIONAL_USED, span, message);
                if is_equality(operator) {
                    diagnostic =
                        diagnostic.with_help("compare with `SOME(x)`, or take the value out with `VALUE(x)`");
                    let span = self.span(id);
                    diagnostic.fixes.push(wrap(
                        "write `SOME(...)` around the value".into(),
                        span,
                        "SOME(",
                        ")",
                    ));
                } else {
                    diagnostic = diagnostic.with_help(
                        "take the value out with `VALUE(x)`, or give a substitute with `OR_ELSE(x, y)`",
                    );
                    let span = self.span(optional_id);
                    diagnostic.fixes.push(wrap("take the value with `VALUE`".into(), span, "VALUE(", ")"));
                }
                self.report(diagnostic);
                return;
            }
        }
        let (a, b) = (self.type_name(first.type_id), self.type_name(second.type_id));
        let message = format!("`{a}` cannot be compared with `{b}`");
        let diagnostic = Diagnostic::error(&types::MISMATCH, span, message);
        for (one, other, id) in [(first, second, left), (second, first, right)] {
            if one.type_id == TypeId::STRING && other.type_id == TypeId::TIMESTAMP {
                let diagnostic = self.time_from_text(diagnostic, id);
                self.report(diagnostic);
                return;
            }
        }
        let text_number = [(first, second, left), (second, first, right)]
            .into_iter()
            .find(|(one, other, _)| one.type_id == TypeId::STRING && is_number(other.type_id));
        self.report(match text_number {
            Some((_, other, id)) => match &self.syntax[id].kind {
                ExpressionKind::String(text) if text.parse::<f64>().is_ok() => diagnostic
                    .with_help("numbers are written without quotes")
                    .with_fix(format!("write `{text}`"), self.span(id), text.clone()),
                _ if other.type_id == TypeId::DECIMAL => {
                    diagnostic.with_help("`parse_decimal(text)` reads a number, and answers an optional")
                }
                _ => diagnostic.with_help("`parse_integer(text)` reads a number, and answers an optional"),
            },
            None => diagnostic,
        });
    }

    /// For a list or set literal whose elements have no type of their own: its type from an element's.
    fn listed(&self, collection: ExprId) -> Option<fn(TypeId) -> Type> {
        let (items, wrap): (_, fn(TypeId) -> Type) = match &self.syntax[collection].kind {
            ExpressionKind::Array(items) => (items, Type::Array),
            ExpressionKind::Set(items) => (items, Type::Set),
            _ => return None,
        };
        let vague = !items.is_empty() && items.iter().all(|item| self.vagueness(*item) >= 3);
        vague.then_some(wrap)
    }

    /// `x IN xs`; `CONTAINS` is the same the other way round.
    pub(super) fn member(
        &mut self,
        operator: BinaryOperator,
        element: ExprId,
        collection: ExprId,
        span: Span,
    ) -> Option<Typed> {
        if let ExpressionKind::Range(low, high) = self.syntax[collection].kind {
            use BinaryOperator::{Less, LessEqual};
            return self.chain(low, &[(LessEqual, element), (Less, high)], span);
        }
        // Bare symbols in a list have the type of what is looked for.
        let (early, hint) = match self.listed(collection) {
            Some(wrap) if self.vagueness(element) < 3 => {
                let typed = self.infer(element, None)?;
                (Some(typed), Some(self.cx.intern(wrap(typed.type_id))))
            }
            _ => (None, None),
        };
        let within = self.infer(collection, hint);
        let Some(within) = within else {
            if early.is_none() && self.vagueness(element) < 3 {
                let _ = self.infer(element, None);
            }
            return None;
        };
        let (wanted, is_map) = match self.cx.types.get(within.type_id) {
            Type::Array(element) | Type::Set(element) => (*element, false),
            Type::Map(key, _) => (*key, true),
            Type::String => (TypeId::STRING, false),
            _ => {
                let message = format!("`{}` is not a collection", self.type_name(within.type_id));
                let at = self.span(collection);
                let diagnostic = Diagnostic::error(&types::NOT_A_COLLECTION, at, message);
                let help = "`IN` and `CONTAINS` search arrays, sets, the keys of maps, and strings";
                self.report(diagnostic.with_help(help));
                return None;
            }
        };
        let found = match early {
            Some(typed) => typed,
            None => self.infer(element, Some(wanted))?,
        };
        // A mathematical integer is looked for among mathematical ones; keys of maps have 64 bits.
        let joined = join(self.cx, found.type_id, wanted).filter(|joined| *joined != wanted && !is_map);
        let (found, within) = match joined {
            Some(joined) => {
                let widened = match self.cx.types.get(within.type_id) {
                    Type::Set(_) => Type::Set(joined),
                    _ => Type::Array(joined),
                };
                let widened = self.cx.intern(widened);
                (self.coerce(found, joined)?, self.coerce(within, widened)?)
            }
            None => (self.fit(found, element, wanted)?, within),
        };
        let kind = match operator {
            BinaryOperator::Contains => ExprKind::Binary(operator, within.id, found.id),
            _ => ExprKind::Binary(operator, found.id, within.id),
        };
        Some(self.push(kind, TypeId::BOOLEAN, span))
    }

    /// `a <= b < c`: every operand is evaluated once, and only if what stands before it holds.
    #[inline(never)]
    pub(super) fn chain(
        &mut self,
        first: ExprId,
        rest: &[(BinaryOperator, ExprId)],
        span: Span,
    ) -> Option<Typed> {
        if rest.len() > MAX_CHAIN {
            let message = format!("a chain may have up to {MAX_CHAIN} comparisons, found {}", rest.len());
            self.report(
                Diagnostic::error(&types::LONG_CHAIN, span, message).with_help("split it with `AND`"),
            );
            return None;
        }
        let membership = rest
            .iter()
            .find(|(operator, _)| matches!(operator, BinaryOperator::In | BinaryOperator::Contains));
        if let Some((operator, _)) = membership {
            if rest.iter().any(|(_, id)| matches!(self.syntax[*id].kind, ExpressionKind::Error)) {
                return None;
            }
            let message = format!("`{}` cannot be part of a chain", operator.symbol());
            self.report(
                Diagnostic::error(&types::OPERAND, span, message).with_help("join the parts with `AND`"),
            );
            return None;
        }
        let ids: Vec<ExprId> = std::iter::once(first).chain(rest.iter().map(|(_, id)| *id)).collect();
        let (type_id, operands) = match self.together(&ids, None) {
            Together::Broken => return None,
            Together::Same(type_id, operands) => (type_id, operands),
            Together::Different(one, other, operands) => {
                let operator = rest.first().map_or(BinaryOperator::Equal, |(operator, _)| *operator);
                let pair = ((ids[one], operands[one]), (ids[other], operands[other]));
                self.incomparable(operator, pair.0, pair.1, span);
                return None;
            }
        };
        for (operator, _) in rest {
            self.check_comparable(*operator, type_id, span)?;
        }
        let operators: Vec<BinaryOperator> = rest.iter().map(|(operator, _)| *operator).collect();
        Some(self.desugar_chain(&operators, &operands, type_id, span))
    }

    fn desugar_chain(
        &mut self,
        operators: &[BinaryOperator],
        operands: &[Typed],
        type_id: TypeId,
        span: Span,
    ) -> Typed {
        // Operands between two comparisons are read twice, so those that cost anything get a name; and
        // so does the first one, to be evaluated before the second.
        let last = operands.len() - 1;
        let named: Vec<Option<LocalId>> = (0..operands.len())
            .map(|position| {
                let needed = position < last && !self.is_atom(operands[position]);
                needed.then(|| {
                    let at = self.span_of(operands[position]);
                    let local = self.add_local("_", at, type_id, Source::Made);
                    self.facts(local).used = true;
                    local
                })
            })
            .collect();
        let mut whole: Option<Typed> = None;
        for position in (1..operands.len()).rev() {
            let left = self.chain_operand(operands[position - 1], named[position - 1], position > 1);
            let right = self.chain_operand(operands[position], named[position], false);
            let at = self.span_of(operands[position - 1]).to(self.span_of(operands[position]));
            let comparison = self.compare(operators[position - 1], left, right, at);
            let joined = match whole {
                None => comparison,
                Some(after) => {
                    let kind = ExprKind::Binary(BinaryOperator::And, comparison.id, after.id);
                    let both = self.push(kind, TypeId::BOOLEAN, span);
                    if let (Some(Known::Boolean(a)), Some(Known::Boolean(b))) =
                        (self.known(comparison), self.known(after))
                    {
                        self.set_known(both, Known::Boolean(a && b));
                    }
                    both
                }
            };
            whole = Some(match named[position] {
                Some(local) => {
                    let kind = ExprKind::Let(local, operands[position].id, joined.id);
                    self.push(kind, TypeId::BOOLEAN, span)
                }
                None => joined,
            });
        }
        let whole = whole.unwrap_or(operands[0]);
        match named[0] {
            Some(local) => self.push(ExprKind::Let(local, operands[0].id, whole.id), TypeId::BOOLEAN, span),
            None => whole,
        }
    }

    fn chain_operand(&mut self, operand: Typed, named: Option<LocalId>, again: bool) -> Typed {
        let span = self.span_of(operand);
        match named {
            Some(local) => self.push(ExprKind::Local(local), operand.type_id, span),
            None if again => self.copy_atom(operand),
            None => operand,
        }
    }

    /// An operand that can be written twice: it costs nothing and cannot fault.
    fn is_atom(&self, operand: Typed) -> bool {
        match self.kind(operand) {
            ExprKind::Literal(_)
            | ExprKind::BigInteger(_)
            | ExprKind::Local(_)
            | ExprKind::State(_)
            | ExprKind::Result(_) => true,
            ExprKind::Widen(inner) => {
                let inner = Typed { id: *inner, type_id: self.exprs[inner.0 as usize].type_id };
                operand.type_id == TypeId::UNBOUNDED && self.is_atom(inner)
            }
            _ => false,
        }
    }

    fn copy_atom(&mut self, operand: Typed) -> Typed {
        let (kind, span, known) = (self.kind(operand).clone(), self.span_of(operand), self.known(operand));
        let kind = match kind {
            ExprKind::Widen(inner) => {
                let inner = Typed { id: inner, type_id: self.exprs[inner.0 as usize].type_id };
                ExprKind::Widen(self.copy_atom(inner).id)
            }
            other => other,
        };
        let copy = self.push(kind, operand.type_id, span);
        self.known[copy.id.0 as usize] = known;
        copy
    }

    #[cold]
    pub(super) fn misplaced_range(&mut self, span: Span) -> Option<Typed> {
        let message = "a range is not a value";
        let help = "it is the domain of FORALL, EXISTS, FOR and `for`, or stands right of IN; `[i FOR i IN a..b]` \
                    makes an array";
        self.report(Diagnostic::error(&crate::codes::syntax::RANGE, span, message).with_help(help));
        None
    }
}

fn holds(operator: BinaryOperator, a: i128, b: i128) -> bool {
    match operator {
        BinaryOperator::Equal => a == b,
        BinaryOperator::NotEqual => a != b,
        BinaryOperator::Less => a < b,
        BinaryOperator::LessEqual => a <= b,
        BinaryOperator::Greater => a > b,
        _ => a >= b,
    }
}
