//! Operators of logic and arithmetic, IF and LET.

use anrf_format::diagnostic::{Diagnostic, Edit, Fix, Span};
use anrf_format::semantic::{BinaryOperator, ExprKind, UnaryOperator};
use anrf_format::types::{Type, TypeId};

use super::mismatch::{is_number, wrap};
use super::together::Together;
use crate::checker::body::{Body, Known, Meaning, Source, Typed};
use crate::codes::{lints, types};
use crate::syntax::expression::{ExprId, ExpressionKind, Name};

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        use BinaryOperator as B;
        match operator {
            B::Iff | B::Implies | B::Or | B::And => self.logic(operator, left, right, span),
            B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                self.comparison(operator, left, right, span)
            }
            B::In => self.member(operator, left, right, span),
            B::Contains => self.member(operator, right, left, span),
            B::Concat => self.concat(left, right, hint, span),
            B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder => {
                self.arithmetic(operator, left, right, hint, span)
            }
        }
    }

    fn logic(&mut self, operator: BinaryOperator, left: ExprId, right: ExprId, span: Span) -> Option<Typed> {
        let hint = Some(TypeId::BOOLEAN);
        let first = self.infer(left, hint);
        if let (None, ExpressionKind::Name(name)) = (first, &self.syntax[left].kind)
            && self.stands_before_arrow(self.span(left))
            && self.cx.text(self.span(right)).contains(name.as_str())
        {
            // A function value: its parameter has been reported.
            return None;
        }
        let second = match operator {
            BinaryOperator::Or => self.guarded(left, false, |body| body.infer(right, hint)),
            BinaryOperator::And | BinaryOperator::Implies => {
                self.guarded(left, true, |body| body.infer(right, hint))
            }
            _ => self.infer(right, hint),
        };
        if let (Some(first), Some(second)) = (first, second)
            && first.type_id == second.type_id
            && first.type_id != TypeId::BOOLEAN
        {
            self.no_conditions(left, right, first);
            return None;
        }
        let first = first.and_then(|first| self.fit(first, left, TypeId::BOOLEAN));
        let second = second.and_then(|second| self.fit(second, right, TypeId::BOOLEAN));
        let (first, second) = (first?, second?);
        let typed = self.push(ExprKind::Binary(operator, first.id, second.id), TypeId::BOOLEAN, span);
        let truth = |known| match known {
            Some(Known::Boolean(value)) => Some(value),
            _ => None,
        };
        let known = match (operator, truth(self.known(first)), truth(self.known(second))) {
            (BinaryOperator::And, Some(false), _) | (BinaryOperator::And, _, Some(false)) => Some(false),
            (BinaryOperator::And, Some(true), Some(true)) => Some(true),
            (BinaryOperator::Or, Some(true), _) | (BinaryOperator::Or, _, Some(true)) => Some(true),
            (BinaryOperator::Or, Some(false), Some(false)) => Some(false),
            (BinaryOperator::Implies, Some(false), _) | (BinaryOperator::Implies, _, Some(true)) => {
                Some(true)
            }
            (BinaryOperator::Iff, Some(a), Some(b)) => Some(a == b),
            _ => None,
        };
        if let Some(value) = known {
            self.set_known(typed, Known::Boolean(value));
        }
        Some(typed)
    }

    /// Two operands of logic that are both no conditions: `||` between texts joins them in SQL.
    #[cold]
    #[inline(never)]
    fn no_conditions(&mut self, left: ExprId, right: ExprId, first: Typed) {
        let gap = Span { start: self.span(left).end, end: self.span(right).start };
        match self.cx.text(gap).find("||") {
            Some(offset) if matches!(self.cx.types.get(first.type_id), Type::String | Type::Array(_)) => {
                let at = Span::new(gap.start as usize + offset, gap.start as usize + offset + 2);
                let message = "`||` is OR, which joins conditions";
                let diagnostic = Diagnostic::error(&types::TEXT_ADDITION, at, message);
                self.report(diagnostic.with_help("`++` joins text and lists").with_fix(
                    "write `++`",
                    at,
                    "++",
                ));
            }
            _ => self.mismatch(first, left, TypeId::BOOLEAN),
        }
    }

    #[inline(never)]
    pub(super) fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        if operator == UnaryOperator::Not {
            let found = self.expect(operand, TypeId::BOOLEAN)?;
            let typed = self.push(ExprKind::Unary(operator, found.id), TypeId::BOOLEAN, span);
            if let Some(Known::Boolean(value)) = self.known(found) {
                self.set_known(typed, Known::Boolean(!value));
            }
            return Some(typed);
        }
        match &self.syntax[operand].kind {
            ExpressionKind::Integer(digits) => return self.integer(digits, true, hint, span),
            ExpressionKind::Decimal(digits) => return self.decimal(digits, true, hint, span),
            _ => {}
        }
        let found = self.infer(operand, self.numeric_hint(hint))?;
        let found = self.mathematical(found);
        if !is_number(found.type_id) {
            let message = format!("`-` is not defined on `{}`", self.type_name(found.type_id));
            let help = "it is for integer, decimal and float";
            self.report(Diagnostic::error(&types::OPERAND, span, message).with_help(help));
            return None;
        }
        let typed = self.push(ExprKind::Unary(operator, found.id), found.type_id, span);
        if let Some(Known::Integer(value)) = self.known(found)
            && let Some(negated) = value.checked_neg()
        {
            return self.constant(typed, negated, span);
        }
        Some(typed)
    }

    /// What operands of arithmetic adopt: in contracts the mathematical integers.
    pub(super) fn numeric_hint(&self, hint: Option<TypeId>) -> Option<TypeId> {
        match hint {
            Some(TypeId::INTEGER) if self.contract => Some(TypeId::UNBOUNDED),
            Some(hint) if is_number(hint) => Some(hint),
            _ => None,
        }
    }

    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let hint = self.numeric_hint(hint);
        let (type_id, operands) = match self.together(&[left, right], hint) {
            Together::Broken => return None,
            Together::Same(type_id, operands) => (type_id, operands),
            Together::Different(_, _, operands) => {
                self.different_operands(operator, left, right, &operands, span);
                return None;
            }
        };
        let [first, second] = operands[..] else { return None };
        if !is_number(type_id) {
            self.wrong_operands(operator, left, right, type_id, span);
            return None;
        }
        if operator == BinaryOperator::Divide && type_id == TypeId::DECIMAL {
            self.decimal_division(left, right, span);
            return None;
        }
        let (first, second) = (self.mathematical(first), self.mathematical(second));
        let type_id = first.type_id;
        let typed = self.push(ExprKind::Binary(operator, first.id, second.id), type_id, span);
        self.fold(operator, typed, first, second, span)
    }

    fn fold(
        &mut self,
        operator: BinaryOperator,
        typed: Typed,
        first: Typed,
        second: Typed,
        span: Span,
    ) -> Option<Typed> {
        use BinaryOperator::{Add, Divide, Multiply, Remainder, Subtract};
        let divides = matches!(operator, Divide | Remainder);
        let Some(Known::Integer(b)) = self.known(second) else { return Some(typed) };
        if divides && b == 0 {
            self.always_faults("division by zero", span);
            return Some(typed);
        }
        let Some(Known::Integer(a)) = self.known(first) else { return Some(typed) };
        let value = match operator {
            Add => a.checked_add(b),
            Subtract => a.checked_sub(b),
            Multiply => a.checked_mul(b),
            Divide => a.checked_div(b),
            Remainder => a.checked_rem(b),
            _ => None,
        };
        match value {
            Some(value) => self.constant(typed, value, span),
            None => Some(typed),
        }
    }

    /// Notes the value of a constant; in computations one that cannot fit faults.
    fn constant(&mut self, typed: Typed, value: i128, span: Span) -> Option<Typed> {
        if typed.type_id == TypeId::INTEGER && i64::try_from(value).is_err() {
            self.always_faults(&format!("the value `{value}` does not fit 64 bits"), span);
            return Some(typed);
        }
        self.set_known(typed, Known::Integer(value));
        Some(typed)
    }

    #[cold]
    fn always_faults(&mut self, why: &str, span: Span) {
        let message = format!("this expression always faults: {why}");
        let help = "say `fail` where an error is meant";
        self.report(Diagnostic::warning(&lints::ALWAYS_FAULTS, span, message).with_help(help));
    }

    #[cold]
    #[inline(never)]
    fn different_operands(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        operands: &[Typed],
        span: Span,
    ) {
        let [first, second] = operands[..] else { return };
        if is_number(first.type_id) && is_number(second.type_id) {
            let diagnostic = self.mixed_operands(left, right, first, second, span);
            self.report(diagnostic);
            return;
        }
        for (one, other, id) in [(first, second, left), (second, first, right)] {
            if matches!(self.cx.types.get(one.type_id), Type::Optional(_)) && is_number(other.type_id) {
                self.optional_operand(one, id);
                return;
            }
        }
        if operator == BinaryOperator::Add
            && (first.type_id == TypeId::STRING || second.type_id == TypeId::STRING)
        {
            self.text_addition(left, right, first, second);
            return;
        }
        let (a, b) = (self.type_name(first.type_id), self.type_name(second.type_id));
        let message = format!("`{}` is not defined on `{a}` and `{b}`", operator.symbol());
        let diagnostic = Diagnostic::error(&types::OPERAND, span, message);
        let diagnostic = if first.type_id == TypeId::TIMESTAMP {
            diagnostic.with_help("`add_micros(t, n)` moves a time by microseconds")
        } else {
            diagnostic.with_help("arithmetic takes two integers, two decimals or two floats")
        };
        self.report(diagnostic);
    }

    /// A loop's state that began as `0` and is used as a decimal: the initial value was too plain.
    #[cold]
    fn integer_state(&self, first: Typed, second: Typed, span: Span) -> Option<Diagnostic> {
        let (state, other) = match (self.kind(first), self.kind(second)) {
            (ExprKind::Local(local), _) if first.type_id == TypeId::INTEGER => (*local, second.type_id),
            (_, ExprKind::Local(local)) if second.type_id == TypeId::INTEGER => (*local, first.type_id),
            _ => return None,
        };
        let (_, literal) = self.integer_states.iter().find(|(known, _)| *known == state)?;
        let (name, wanted) = (&self.locals[state.0 as usize].name, self.type_name(other));
        let message = format!("`{name}` is `integer` by its initial value, and mixed with `{wanted}`");
        let diagnostic = Diagnostic::error(&types::MIXED_NUMBERS, span, message)
            .with_help(format!("give the state its type: `{name}: {{ type: {wanted}, initial: 0 }}`"))
            .with_note(*literal, "the initial value");
        Some(if other == TypeId::DECIMAL {
            let text = format!("{}.0", self.cx.text(*literal));
            diagnostic.with_fix(format!("write `{text}`"), *literal, text)
        } else {
            diagnostic
        })
    }

    /// Numbers of two types: integers are converted to the other, floats to decimals.
    #[cold]
    pub(super) fn mixed_operands(
        &mut self,
        left: ExprId,
        right: ExprId,
        first: Typed,
        second: Typed,
        span: Span,
    ) -> Diagnostic {
        if let Some(diagnostic) = self.integer_state(first, second, span) {
            return diagnostic;
        }
        // The exact type is kept where there is one.
        let rank = |type_id| match type_id {
            TypeId::DECIMAL => 2,
            TypeId::FLOAT => 1,
            _ => 0,
        };
        let (lesser, wanted, id) = if rank(first.type_id) < rank(second.type_id) {
            (first.type_id, second.type_id, left)
        } else {
            (second.type_id, first.type_id, right)
        };
        let mut diagnostic = self.mixed_numbers(lesser, wanted, self.span(id));
        let (a, b) = (self.type_name(first.type_id), self.type_name(second.type_id));
        diagnostic.message = format!("`{a}` and `{b}` are mixed: numbers are not converted by themselves");
        diagnostic.span = span;
        diagnostic
    }

    #[cold]
    pub(super) fn optional_operand(&mut self, operand: Typed, id: ExprId) {
        let span = self.span(id);
        let message = format!("`{}` may have no value", self.type_name(operand.type_id));
        let mut diagnostic = Diagnostic::error(&types::OPTIONAL_USED, span, message)
            .with_help("take it out with `VALUE(x)`, or give a substitute with `OR_ELSE(x, y)`");
        diagnostic.fixes.push(wrap("take the value with `VALUE`".into(), span, "VALUE(", ")"));
        self.report(diagnostic);
    }

    #[cold]
    #[inline(never)]
    fn wrong_operands(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        type_id: TypeId,
        span: Span,
    ) {
        let name = self.type_name(type_id);
        let message = format!("`{}` is not defined on `{name}`", operator.symbol());
        let diagnostic = Diagnostic::error(&types::OPERAND, span, message);
        let diagnostic = match (self.cx.types.get(type_id), operator) {
            (Type::String | Type::Bytes | Type::Array(_), BinaryOperator::Add) => {
                let typed = Typed { id: anrf_format::semantic::ExprId(0), type_id };
                self.text_addition(left, right, typed, typed);
                return;
            }
            (Type::Optional(_), _) => {
                let typed = Typed { id: anrf_format::semantic::ExprId(0), type_id };
                self.optional_operand(typed, left);
                return;
            }
            (Type::Set(_), BinaryOperator::Add) => {
                diagnostic.with_help("`union(a, b)`, or `s WITH x` for one more")
            }
            (Type::Set(_), BinaryOperator::Subtract) => {
                diagnostic.with_help("`difference(a, b)`, or `s WITHOUT x` for one less")
            }
            (Type::Timestamp, BinaryOperator::Subtract) => {
                diagnostic.with_help("`micros_between(from, to)` is the difference in microseconds")
            }
            (Type::String, BinaryOperator::Multiply) => diagnostic.with_help("`repeat(text, times)`"),
            (Type::String, BinaryOperator::Remainder) => {
                diagnostic.with_help("join text with `++`; `to_string(x)` makes text of a scalar")
            }
            (Type::Array(_), BinaryOperator::Subtract) => {
                diagnostic.with_help("`[x FOR x IN xs IF NOT x IN ys]` leaves the elements of `ys` out")
            }
            _ => diagnostic.with_help("arithmetic takes two integers, two decimals or two floats"),
        };
        self.report(diagnostic);
    }

    /// `+` where `++` is meant, with `to_string` around what is no text.
    #[cold]
    fn text_addition(&mut self, left: ExprId, right: ExprId, first: Typed, second: Typed) {
        let gap = Span { start: self.span(left).end, end: self.span(right).start };
        let Some(offset) = self.cx.text(gap).find('+') else { return };
        let at = Span::new(gap.start as usize + offset, gap.start as usize + offset + 1);
        let mut edits = vec![Edit { span: at, replacement: "++".to_owned() }];
        let mut help = "`++` joins text and lists, `+` adds numbers".to_owned();
        for (typed, other, id) in [(first, second, left), (second, first, right)] {
            if other.type_id == TypeId::STRING && typed.type_id != TypeId::STRING {
                let span = self.span(id);
                if self.is_scalar(typed.type_id) {
                    edits.extend(wrap(String::new(), span, "to_string(", ")").edits);
                    help.push_str("; `to_string(x)` makes text of a scalar");
                } else {
                    edits.clear();
                    break;
                }
            }
        }
        edits.sort_by_key(|edit| edit.span);
        let message = "`+` is not defined on text".replace(
            "text",
            if first.type_id == TypeId::STRING || second.type_id == TypeId::STRING {
                "text"
            } else {
                "lists"
            },
        );
        let mut diagnostic = Diagnostic::error(&types::TEXT_ADDITION, at, message).with_help(help);
        if !edits.is_empty() {
            diagnostic.fixes.push(Fix { title: "write `++`".into(), edits });
        }
        self.report(diagnostic);
    }

    #[cold]
    fn decimal_division(&mut self, left: ExprId, right: ExprId, span: Span) {
        let message = "a quotient of decimals needs its places and rounding";
        let (a, b) = (self.cx.text(self.span(left)), self.cx.text(self.span(right)));
        let short = |text: &str| text.len() <= 24 && !text.contains('\n');
        let help = if short(a) && short(b) {
            format!("write `div({a}, {b}, 2, HALF_EVEN)` for two places, rounded half to even")
        } else {
            "write `div(a, b, 2, HALF_EVEN)` for two places, rounded half to even".to_owned()
        };
        self.report(Diagnostic::error(&types::DECIMAL_DIVISION, span, message).with_help(help));
    }

    fn concat(&mut self, left: ExprId, right: ExprId, hint: Option<TypeId>, span: Span) -> Option<Typed> {
        match self.together(&[left, right], hint) {
            Together::Broken => None,
            Together::Same(type_id, operands) => {
                let [first, second] = operands[..] else { return None };
                if matches!(self.cx.types.get(type_id), Type::String | Type::Bytes | Type::Array(_)) {
                    let kind = ExprKind::Binary(BinaryOperator::Concat, first.id, second.id);
                    return Some(self.push(kind, type_id, span));
                }
                let message = format!("`++` is not defined on `{}`", self.type_name(type_id));
                let diagnostic = Diagnostic::error(&types::OPERAND, span, message);
                self.report(diagnostic.with_help("it joins strings, bytes and arrays"));
                None
            }
            Together::Different(_, _, operands) => {
                let [first, second] = operands[..] else { return None };
                self.different_pieces(left, right, first, second, span);
                None
            }
        }
    }

    #[cold]
    fn different_pieces(&mut self, left: ExprId, right: ExprId, first: Typed, second: Typed, span: Span) {
        for (one, other, id) in [(first, second, left), (second, first, right)] {
            if other.type_id == TypeId::STRING {
                self.mismatch(one, id, TypeId::STRING);
                return;
            }
            if let Type::Array(element) = self.cx.types.get(other.type_id)
                && *element == one.type_id
            {
                let span = self.span(id);
                let message = format!("`++` joins arrays, found `{}`", self.type_name(one.type_id));
                let mut diagnostic = Diagnostic::error(&types::OPERAND, span, message)
                    .with_help("put a single element into brackets: `xs ++ [x]`");
                diagnostic.fixes.push(wrap("write brackets around it".into(), span, "[", "]"));
                self.report(diagnostic);
                return;
            }
        }
        let (a, b) = (self.type_name(first.type_id), self.type_name(second.type_id));
        let message = format!("`++` cannot join `{a}` and `{b}`");
        let help = "it joins two strings, two of bytes or two arrays of one type";
        self.report(Diagnostic::error(&types::OPERAND, span, message).with_help(help));
    }

    #[inline(never)]
    pub(super) fn conditional(
        &mut self,
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let test = self.expect(condition, TypeId::BOOLEAN);
        if let Some(test) = test {
            self.lint_constant(test, self.span(condition));
        }
        // Each branch is guarded by the condition; in a postcondition the one of success may read results.
        let branches = if self.mentions_exit {
            let first = self.guarded(condition, true, |body| body.infer(then, hint));
            let hint = first.map(|typed| typed.type_id).or(hint);
            let second = self.guarded(condition, false, |body| body.infer(otherwise, hint));
            match (first, second) {
                (Some(first), Some(second)) => self.same(vec![first, second]),
                _ => Together::Broken,
            }
        } else {
            self.together(&[then, otherwise], hint)
        };
        match branches {
            Together::Broken => None,
            Together::Same(type_id, branches) => {
                let [first, second] = branches[..] else { return None };
                Some(self.push(ExprKind::If(test?.id, first.id, second.id), type_id, span))
            }
            Together::Different(_, _, branches) => {
                self.different_branches(otherwise, &branches, hint);
                None
            }
        }
    }

    #[cold]
    pub(super) fn different_branches(&mut self, id: ExprId, branches: &[Typed], hint: Option<TypeId>) {
        let [first, .., last] = branches else { return };
        // The place knows which of the two it wants.
        let wanted = hint.filter(|hint| *hint == last.type_id).unwrap_or(first.type_id);
        if wanted == first.type_id {
            self.mismatch(*last, id, wanted);
            return;
        }
        let span = self.span_of(*first);
        let message = format!(
            "`{}` is wanted, found `{}` in one branch",
            self.type_name(wanted),
            self.type_name(first.type_id)
        );
        self.report(Diagnostic::error(&types::MISMATCH, span, message));
    }

    #[inline(never)]
    pub(super) fn let_in(
        &mut self,
        name: &Name,
        value: ExprId,
        body: ExprId,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let outer = self.scope.len();
        self.lint_shadowing(name);
        let (found, reads) = self.tracked(|body| body.infer(value, None));
        let local = match found {
            Some(found) => {
                let local = self.bind(name, found.type_id, Source::Binder);
                let facts = self.facts(local);
                facts.sensitive = reads.sensitive;
                facts.from_host = reads.from_host;
                Some(local)
            }
            None => {
                self.show(&name.text, Meaning::Broken);
                None
            }
        };
        let body = self.infer(body, hint);
        self.scope.truncate(outer);
        let (found, local, body) = (found?, local?, body?);
        Some(self.push(ExprKind::Let(local, found.id, body.id), body.type_id, span))
    }

    /// A condition that never varies is probably not what is meant.
    pub(in crate::checker) fn lint_constant(&mut self, condition: Typed, span: Span) {
        if let Some(Known::Boolean(value)) = self.known(condition) {
            let value = if value { "TRUE" } else { "FALSE" };
            let message = format!("this condition is always {value}");
            let help = "remove it, or compare what can change";
            self.report(Diagnostic::warning(&lints::CONSTANT_CONDITION, span, message).with_help(help));
        }
    }
}
