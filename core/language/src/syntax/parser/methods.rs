//! Methods, which only other languages have: what is called stands in front.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Argument, BinaryOperator, ExprId, ExpressionKind, Name, Update};
use super::super::foreign::{self, Method};
use super::operators::Operand;
use super::{Parser, clipped};
use crate::codes::syntax as codes;

impl Parser<'_> {
    /// `xs.append(x)`: what is called stands in front.
    #[inline(never)]
    pub(super) fn method(&mut self, receiver: Operand, name: Name) -> Operand {
        let open = self.token();
        self.advance();
        let before = self.diagnostics.len();
        let arguments = self.arguments(open);
        self.method_meaning(receiver, name, &arguments, before)
    }

    #[inline(never)]
    pub(super) fn method_meaning(
        &mut self,
        receiver: Operand,
        name: Name,
        arguments: &[Argument],
        before: usize,
    ) -> Operand {
        let span = self.since(receiver.span.start);
        if self.fatal {
            return self.broken(receiver.span.start);
        }
        let values: Vec<ExprId> = arguments.iter().map(|argument| argument.value).collect();
        let texts: Vec<String> =
            values.iter().map(|value| self.slice(self.span_of(*value)).to_owned()).collect();
        let subject = self.slice(receiver.span).to_owned();
        let known =
            arguments.iter().all(|argument| argument.name.is_none()) && self.diagnostics.len() == before;
        let mut method = foreign::method(&name.text, values.len());
        if name.text == "join" && matches!(self.kind_of(receiver.id), ExpressionKind::String(_)) {
            method = Some(Method::Swapped("join"));
        }
        let (mend, kind) = match method {
            Some(Method::Function(function)) => {
                self.method_as_call(function, &receiver, &values, &subject, &texts, name.span)
            }
            Some(Method::Swapped(function)) => {
                let list: Vec<String> = texts.iter().cloned().chain([subject.clone()]).collect();
                let ids = values.iter().copied().chain([receiver.id]).collect();
                (Some(format!("{function}({})", list.join(", "))), self.call_of(function, name.span, ids))
            }
            Some(Method::Append) => {
                let mend = format!("{} ++ [{}]", grouped(&subject), texts.join(", "));
                let added = self.node(ExpressionKind::Array(values.clone()), span);
                (Some(mend), ExpressionKind::Binary(BinaryOperator::Concat, receiver.id, added))
            }
            Some(Method::Operator(text, operator)) => {
                let right = self.value_at(&values, 0, span);
                let mend = format!("{} {text} {}", grouped(&subject), grouped(&texts.join(", ")));
                (Some(mend), ExpressionKind::Binary(operator, receiver.id, right))
            }
            Some(Method::CompareWith(text, operator)) => {
                let none = self.node(ExpressionKind::None, name.span);
                (Some(format!("{subject} {text} NONE")), ExpressionKind::Binary(operator, receiver.id, none))
            }
            Some(Method::Update { without }) => {
                let value = self.value_at(&values, 0, span);
                let word = if without { "WITHOUT" } else { "WITH" };
                let mend = format!("{} {word} {}", grouped(&subject), grouped(&texts.join(", ")));
                let kind = if without {
                    ExpressionKind::Without(receiver.id, value)
                } else {
                    ExpressionKind::With(receiver.id, vec![Update::Element(value)])
                };
                (Some(mend), kind)
            }
            Some(Method::IsEmpty) => {
                let kind = self.call_of("LEN", name.span, vec![receiver.id]);
                let length = self.node(kind, span);
                let zero = self.node(ExpressionKind::Integer("0".into()), name.span);
                let mend = format!("LEN({subject}) == 0");
                (Some(mend), ExpressionKind::Binary(BinaryOperator::Equal, length, zero))
            }
            Some(Method::GetOr) => {
                let (key, default) = (self.value_at(&values, 0, span), self.value_at(&values, 1, span));
                let kind = self.call_of("get", name.span, vec![receiver.id, key]);
                let got = self.node(kind, span);
                let mend = format!("OR_ELSE(get({subject}, {}), {})", text_at(&texts, 0), text_at(&texts, 1));
                (Some(mend), self.call_of("OR_ELSE", name.span, vec![got, default]))
            }
            Some(Method::Closure(form)) => {
                let mend = values
                    .first()
                    .and_then(|value| self.closure(*value))
                    .map(|(x, body)| form.replace("$xs", &subject).replace("$x", &x).replace("$body", &body));
                (mend.filter(|mend| !mend.is_empty()), ExpressionKind::Error)
            }
            None => {
                let function = name.text.clone();
                self.method_as_call(&function, &receiver, &values, &subject, &texts, name.span)
            }
        };
        let whole = span;
        let mut diagnostic = Diagnostic::error(
            &codes::METHOD,
            name.span,
            format!("there are no methods; `{}` cannot be called on a value", name.text),
        );
        match mend.filter(|_| known) {
            Some(mend) => {
                let message = format!("write `{}`", clipped(&mend));
                diagnostic = diagnostic.with_help(message.clone()).with_fix(message, whole, mend);
            }
            None => {
                diagnostic = diagnostic.with_help(format!(
                    "write a function with the value as its first argument, as in `{}({})`",
                    name.text,
                    clipped(&subject)
                ));
            }
        }
        // The method is the mistake, not the arguments that only it would take.
        if matches!(method, Some(Method::Closure(_))) {
            self.diagnostics.truncate(before);
        }
        self.report(diagnostic);
        let id =
            if matches!(kind, ExpressionKind::Error) { self.error_node(span) } else { self.node(kind, span) };
        Operand { id, span }
    }

    #[inline(never)]
    pub(super) fn method_as_call(
        &mut self,
        function: &str,
        receiver: &Operand,
        values: &[ExprId],
        subject: &str,
        texts: &[String],
        place: Span,
    ) -> (Option<String>, ExpressionKind) {
        let known = Builtin::from_name(function).is_some() || self.declared.functions.contains(function);
        let list: Vec<String> = [subject.to_owned()].into_iter().chain(texts.iter().cloned()).collect();
        let ids = [receiver.id].into_iter().chain(values.iter().copied()).collect();
        if known {
            (Some(format!("{function}({})", list.join(", "))), self.call_of(function, place, ids))
        } else {
            (None, ExpressionKind::Error)
        }
    }

    /// An argument that may be missing. What is missing is not the receiver again: a node stands in one place only, or
    /// walks over chains of such calls would take exponential time.
    fn value_at(&mut self, values: &[ExprId], index: usize, span: Span) -> ExprId {
        match values.get(index) {
            Some(value) => *value,
            None => self.error_node(span),
        }
    }

    /// `x => body` as the name and the text of the body.
    pub(super) fn closure(&self, value: ExprId) -> Option<(String, String)> {
        let ExpressionKind::Binary(BinaryOperator::Implies, parameter, body) = self.kind_of(value) else {
            return None;
        };
        let ExpressionKind::Name(name) = self.kind_of(*parameter) else { return None };
        Some((name.clone(), self.slice(self.span_of(*body)).to_owned()))
    }
}

fn text_at(texts: &[String], index: usize) -> &str {
    texts.get(index).map_or("", String::as_str)
}

/// In parentheses unless the text is one operand.
fn grouped(text: &str) -> String {
    let simple = text.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
    let bracketed =
        (text.starts_with('(') && text.ends_with(')') || text.ends_with(']') || text.ends_with('"'))
            && !text.contains(' ');
    if simple || bracketed { text.to_owned() } else { format!("({text})") }
}
