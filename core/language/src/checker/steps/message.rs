//! Messages: templates become string expressions.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{BinaryOperator, ExprKind};
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use crate::checker::body::{Body, Typed};
use crate::codes::{lints, types};
use crate::syntax::expression::ExprId;
use crate::syntax::module::{Template, TemplatePart};

impl Body<'_, '_> {
    /// The text of a message; empty where none is given.
    pub(super) fn message(&mut self, template: Option<&Template>, span: Span) -> Option<Typed> {
        let Some(template) = template else {
            let kind = ExprKind::Literal(Value::String(String::new()));
            return Some(self.push(kind, TypeId::STRING, span));
        };
        let (whole, reads) = self.tracked(|body| {
            let parts: Vec<Option<Typed>> =
                template.parts.iter().map(|part| body.part(part, template.span)).collect();
            let parts: Vec<Typed> = parts.into_iter().collect::<Option<_>>()?;
            Some(body.join(&parts, template.span))
        });
        if reads.sensitive {
            self.sensitive_leak("a message", template.span);
        }
        whole
    }

    fn part(&mut self, part: &TemplatePart, span: Span) -> Option<Typed> {
        match part {
            TemplatePart::Text(text) => {
                Some(self.push(ExprKind::Literal(Value::String(text.clone())), TypeId::STRING, span))
            }
            TemplatePart::Expression(id) => self.hole(*id),
        }
    }

    fn hole(&mut self, id: ExprId) -> Option<Typed> {
        let found = self.infer(id, None)?;
        if found.type_id == TypeId::STRING {
            return Some(found);
        }
        let span = self.span(id);
        if self.is_scalar(found.type_id) {
            let kind = ExprKind::Builtin(Builtin::ToString, vec![found.id]);
            return Some(self.push(kind, TypeId::STRING, span));
        }
        let message = format!("a message takes scalars, found `{}`", self.type_name(found.type_id));
        let diagnostic = Diagnostic::error(&types::NOT_A_SCALAR, span, message);
        self.report(match self.cx.types.get(found.type_id) {
            Type::Optional(_) => diagnostic.with_help("take it out with `VALUE(x)`, or `OR_ELSE(x, y)`"),
            Type::Record(_) => diagnostic.with_help("name a field"),
            Type::Array(_) | Type::Map(..) | Type::Set(_) => {
                diagnostic.with_help("name its length, `LEN(xs)`, or an element")
            }
            _ => diagnostic,
        });
        None
    }

    /// Joins texts, halves first, so that many parts do not nest deeply.
    fn join(&mut self, parts: &[Typed], span: Span) -> Typed {
        match parts {
            [] => self.push(ExprKind::Literal(Value::String(String::new())), TypeId::STRING, span),
            [one] => *one,
            _ => {
                let (front, back) = parts.split_at(parts.len() / 2);
                let (front, back) = (self.join(front, span), self.join(back, span));
                let kind = ExprKind::Binary(BinaryOperator::Concat, front.id, back.id);
                self.push(kind, TypeId::STRING, span)
            }
        }
    }

    #[cold]
    pub(super) fn sensitive_leak(&mut self, place: &str, span: Span) {
        let message = format!("a value that depends on sensitive inputs reaches {place}");
        let help = "leave it out, or send a digest: `hex_encode(sha256(x))`";
        self.report(Diagnostic::warning(&lints::SENSITIVE_FLOW, span, message).with_help(help));
    }
}
