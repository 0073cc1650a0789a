//! Putting arguments, positional and named, into the order of the parameters.

use anrf_format::diagnostic::{Diagnostic, Span};

use crate::checker::body::Body;
use crate::checker::suggest::{list, suggest};
use crate::codes::types;
use crate::syntax::expression::{Argument, ExprId, Name};

/// What a call gives for the parameters, or why it does not.
pub(super) enum Arranged<'s> {
    /// One entry per parameter; `None` where nothing is given.
    Values(Vec<Option<ExprId>>),
    TooMany,
    Unknown(&'s Name),
    Twice(&'s Name),
}

/// Arranges arguments by the names of the parameters.
pub(super) fn arrange<'s>(arguments: &'s [Argument], parameters: &[&str]) -> Arranged<'s> {
    let mut values: Vec<Option<ExprId>> = vec![None; parameters.len()];
    for (position, argument) in arguments.iter().enumerate() {
        let slot = match &argument.name {
            None => position,
            Some(name) => match parameters.iter().position(|parameter| *parameter == name.text) {
                Some(slot) => slot,
                None => return Arranged::Unknown(name),
            },
        };
        match (values.get_mut(slot), &argument.name) {
            (None, _) => return Arranged::TooMany,
            (Some(Some(_)), Some(name)) => return Arranged::Twice(name),
            (Some(place), _) => *place = Some(argument.value),
        }
    }
    Arranged::Values(values)
}

impl Body<'_, '_> {
    /// Checks arguments of a call that is wrong anyhow, so that their own mistakes are not hidden.
    pub(super) fn infer_arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if self.vagueness(argument.value) < 3 {
                let _ = self.infer(argument.value, None);
            }
        }
    }

    /// Reports arguments that do not fit the parameters.
    #[cold]
    pub(super) fn wrong_arguments(
        &mut self,
        what: &str,
        arranged: &Arranged<'_>,
        given: usize,
        parameters: &[&str],
        span: Span,
    ) {
        let diagnostic = match arranged {
            Arranged::Unknown(name) => {
                let message = format!("{what} has no parameter `{}`", name.text);
                let diagnostic = Diagnostic::error(&types::ARGUMENTS, name.span, message);
                let diagnostic = match parameters {
                    [only] => diagnostic.with_help(format!("its parameter is `{only}`")).with_fix(
                        format!("write `{only}`"),
                        name.span,
                        *only,
                    ),
                    _ => suggest(diagnostic, &name.text, name.span, parameters.iter().copied()),
                };
                if diagnostic.help.is_none() && !parameters.is_empty() {
                    diagnostic.with_help(format!("its parameters are {}", list(parameters.iter().copied())))
                } else {
                    diagnostic
                }
            }
            Arranged::Twice(name) => {
                let message = format!("`{}` is given twice", name.text);
                Diagnostic::error(&types::ARGUMENTS, name.span, message)
            }
            Arranged::TooMany | Arranged::Values(_) => {
                let plural = if parameters.len() == 1 { "argument" } else { "arguments" };
                let message = format!("{what} takes {} {plural}, found {given}", parameters.len());
                let diagnostic = Diagnostic::error(&types::ARGUMENTS, span, message);
                if parameters.is_empty() {
                    diagnostic
                } else {
                    diagnostic.with_help(format!("its parameters are {}", list(parameters.iter().copied())))
                }
            }
        };
        self.report(diagnostic);
    }
}
