//! Calls: of functions, aggregates, and what other languages call.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{Aggregate, Argument, Binder, ExprId, ExpressionKind, Name};
use super::super::foreign;
use super::super::lexer::{Symbol, Token, TokenKind};
use super::Parser;
use super::operators::Operand;
use crate::codes::syntax as codes;

use super::collections::{AGGREGATES, Tail};
impl Parser<'_> {
    /// `f(...)`, an aggregate, or `SORT(... BY ...)`.
    #[inline(never)]
    pub(super) fn call_form(&mut self, token: Token) -> Operand {
        let mut callee = self.name_of(token);
        self.advance();
        let open = self.token();
        self.advance();
        let spelling = self.callee_spelling(&mut callee);
        if callee.text == "SORT" && self.binder_follows() {
            let kind = self.inside(true, Self::sort_by);
            self.close(open, Symbol::RightParen);
            return self.finished(kind, token);
        }
        let (arguments, tail) = self.inside(true, Self::argument_list);
        self.close(open, Symbol::RightParen);
        self.call_meaning(token, callee, spelling, arguments, tail)
    }

    /// What a call is, once its arguments are known.
    #[inline(never)]
    pub(super) fn call_meaning(
        &mut self,
        token: Token,
        callee: Name,
        spelling: Option<(Span, String)>,
        arguments: Vec<Argument>,
        tail: Option<Tail>,
    ) -> Operand {
        let aggregate =
            AGGREGATES.iter().find(|(name, _)| *name == callee.text).map(|(_, aggregate)| *aggregate);
        let bare = aggregate.is_some()
            && tail.is_none()
            && (Builtin::from_name(&callee.text).is_none() || arguments.len() == 1);
        // Of `sum(xs)` one thing is said, and that is how it is written.
        if let Some((span, message)) = spelling.filter(|_| !bare) {
            self.foreign(&codes::FOREIGN_CALL, span, message, &callee.text);
        }
        if let Some((binders, filter)) = tail {
            let element = arguments.first().map(|argument| argument.value);
            return self.aggregate(token, &callee, aggregate, element, binders, filter);
        }
        if let Some(aggregate) = aggregate.filter(|_| bare) {
            return self.bare_aggregate(token, aggregate, &arguments);
        }
        if callee.text == "SOME"
            && let [Argument { name: None, value }] = arguments.as_slice()
        {
            return self.finished(ExpressionKind::Some(*value), token);
        }
        if self.declared.types.contains(&callee.text) && !self.declared.functions.contains(&callee.text) {
            return self.called_type(token, callee, arguments);
        }
        self.finished(ExpressionKind::Call { callee, arguments }, token)
    }

    /// `len(xs)` and the like: what is meant, unless the file declares such a function.
    pub(super) fn callee_spelling(&self, callee: &mut Name) -> Option<(Span, String)> {
        if self.declared.functions.contains(&callee.text) || Builtin::from_name(&callee.text).is_some() {
            return None;
        }
        let aggregate =
            AGGREGATES.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(&callee.text));
        let meant = foreign::function(&callee.text).or(aggregate).filter(|meant| *meant != callee.text)?;
        let message = format!("there is no function `{}`", callee.text);
        meant.clone_into(&mut callee.text);
        Some((callee.span, message))
    }

    #[inline(never)]
    pub(super) fn aggregate(
        &mut self,
        token: Token,
        callee: &Name,
        aggregate: Option<Aggregate>,
        element: Option<ExprId>,
        binders: Vec<Binder>,
        filter: Option<ExprId>,
    ) -> Operand {
        let span = self.since(token.start);
        match (aggregate, element) {
            (Some(_), Some(_)) if binders.is_empty() => Operand { id: self.error_node(span), span },
            (Some(aggregate), Some(element)) => {
                self.finished(ExpressionKind::Aggregate(aggregate, element, binders, filter), token)
            }
            _ => {
                let message = format!("`{}` does not take `FOR`", callee.text);
                self.report(
                    Diagnostic::error(&codes::COMPREHENSION, callee.span, message).with_help(
                        "`SUM`, `COUNT`, `MIN`, `MAX`, `ALL`, `ANY` and `FIND` do; elsewhere write a comprehension in brackets: `[e FOR x IN xs]`",
                    ),
                );
                Operand { id: self.error_node(span), span }
            }
        }
    }

    /// `SUM(xs)`, `ALL(xs)`
    #[inline(never)]
    pub(super) fn bare_aggregate(
        &mut self,
        token: Token,
        aggregate: Aggregate,
        arguments: &[Argument],
    ) -> Operand {
        let span = self.since(token.start);
        let word = AGGREGATES.iter().find(|(_, known)| *known == aggregate).map_or("", |(name, _)| *name);
        let message = format!("`{word}` says what it is over with `FOR`");
        let diagnostic = Diagnostic::error(&codes::COMPREHENSION, span, message);
        let [Argument { name: None, value }] = arguments else {
            self.report(diagnostic.with_help(format!("write `{word}(x FOR x IN xs)`")));
            return Operand { id: self.error_node(span), span };
        };
        if self.is_error(*value) {
            return Operand { id: self.error_node(span), span };
        }
        let text = self.slice(self.span_of(*value));
        let (mend, kind) = if aggregate == Aggregate::Count {
            let callee = Name { text: "LEN".into(), span: token.span() };
            (format!("LEN({text})"), ExpressionKind::Call { callee, arguments: arguments.to_vec() })
        } else {
            let letter = self.element_name(*value);
            let name = Name { text: letter.clone(), span: token.span() };
            let element = self.node(ExpressionKind::Name(letter.clone()), token.span());
            let binder = Binder { name, index: None, domain: *value };
            (
                format!("{word}({letter} FOR {letter} IN {text})"),
                ExpressionKind::Aggregate(aggregate, element, vec![binder], None),
            )
        };
        let help = format!("write `{mend}`");
        self.report(diagnostic.with_help(help.clone()).with_fix(help, span, mend));
        self.finished(kind, token)
    }

    /// A name for an element of a collection: `s` of `scores`.
    pub(super) fn element_name(&self, collection: ExprId) -> String {
        let name = match self.kind_of(collection) {
            ExpressionKind::Name(name) => name.as_str(),
            ExpressionKind::Field(_, name) => name.text.as_str(),
            _ => "",
        };
        let first = name.chars().next().filter(|it| it.is_ascii_lowercase() && name.len() > 1 && *it != 'x');
        first.unwrap_or('x').to_string()
    }

    /// `Account(id: "a")`
    #[inline(never)]
    pub(super) fn called_type(&mut self, token: Token, name: Name, arguments: Vec<Argument>) -> Operand {
        let span = self.since(token.start);
        let message = format!("`{}` is a type; its values are written in braces", name.text);
        let diagnostic = Diagnostic::error(&codes::UNEXPECTED, span, message);
        let fields: Option<Vec<(Name, ExprId)>> =
            arguments.iter().map(|argument| Some((argument.name.clone()?, argument.value))).collect();
        let Some(fields) = fields else {
            let help = format!("write `{} {{ field: value }}`", name.text);
            self.report(diagnostic.with_help(help));
            return Operand { id: self.error_node(span), span };
        };
        let texts: Vec<String> = fields
            .iter()
            .map(|(field, value)| format!("{}: {}", field.text, self.slice(self.span_of(*value))))
            .collect();
        let mend = format!("{} {{ {} }}", name.text, texts.join(", "));
        let help = format!("write `{mend}`");
        self.report(diagnostic.with_help(help.clone()).with_fix(help, span, mend));
        self.finished(ExpressionKind::Construct { name, fields }, token)
    }

    /// The arguments after `open`, with the bracket.
    #[inline(never)]
    pub(super) fn arguments(&mut self, open: Token) -> Vec<Argument> {
        let (arguments, _) = self.inside(true, Self::argument_list);
        self.close(open, Symbol::RightParen);
        arguments
    }

    #[inline(never)]
    pub(super) fn argument_list(&mut self) -> (Vec<Argument>, Option<Tail>) {
        let mut arguments = vec![];
        let mut tail = None;
        self.list(Symbol::RightParen, |parser| {
            let name = parser.argument_name();
            let value = parser.expression();
            arguments.push(Argument { name, value });
            if let Some(found) = parser.comprehension_tail() {
                tail = Some(found);
            }
        });
        (arguments, tail)
    }

    /// `n:` before a value.
    #[inline(never)]
    pub(super) fn argument_name(&mut self) -> Option<Name> {
        let token = self.token();
        if token.kind != TokenKind::Name {
            return None;
        }
        match self.ahead(1).kind {
            TokenKind::Symbol(Symbol::Colon) => {}
            TokenKind::Symbol(Symbol::Assign) => {}
            _ => return None,
        }
        self.advance();
        if self.at_symbol(Symbol::Assign) {
            self.write_colon("a named argument is written with `:`");
        }
        self.advance();
        Some(self.name_of(token))
    }
}
