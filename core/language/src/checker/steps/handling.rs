//! `error_handling`: retry and compensation, and where neither belongs.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{Retry, StepId};

use crate::checker::body::Body;
use crate::codes::{flow, types};
use crate::syntax::module::{Operation, Step};

impl<'a> Body<'_, 'a> {
    /// `retry` of a call or invocation.
    pub(super) fn retry(&mut self, step: &Step, id: StepId, host: Option<u32>, callee: &str) {
        let Some((times, backoff_ms, span)) = step.handling.as_ref().and_then(|it| it.retry) else { return };
        let idempotent =
            host.and_then(|host| self.cx.host.get(host as usize)).is_some_and(|host| host.written.idempotent);
        if !idempotent {
            let (message, help) = match host {
                Some(_) => (
                    format!("`{callee}` is not declared idempotent, so it cannot be repeated"),
                    "add `idempotent: true` to the host operation if repeating it does no harm",
                ),
                None => (
                    format!("`{callee}` is a function; only host operations are repeated"),
                    "put `retry` on the `invoke` step inside it",
                ),
            };
            let span = self.with_key(span, "retry:");
            self.report(Diagnostic::error(&flow::RETRY, span, message).with_help(help));
            return;
        }
        self.steps[id.0 as usize].retry = Some(Retry { times, backoff_ms });
    }

    /// The span of a value, with its key before it.
    fn with_key(&self, value: Span, key: &str) -> Span {
        let before = self.cx.text(Span { start: 0, end: value.start });
        match before.trim_end().strip_suffix(key) {
            Some(front) => Span::new(front.len(), value.end as usize),
            None => value,
        }
    }

    /// `compensate`, and the parts of `error_handling` that mean nothing on this step.
    pub(super) fn compensation(&mut self, step: &'a Step, id: StepId) {
        let Some(handling) = &step.handling else { return };
        let calls = matches!(step.operation, Operation::Call(_) | Operation::Invoke(_) | Operation::Error);
        if let (Some((.., span)), false) = (handling.retry, calls) {
            let message = "there is nothing to repeat in this step";
            let help = "`retry` belongs to `invoke` steps";
            self.report(Diagnostic::error(&flow::RETRY, span, message).with_help(help));
        }
        if let (Some((_, span)), false) = (&handling.fallback, calls) {
            let message = "this step cannot end in an error, so there is nothing to fall back from";
            let help = "`fallback` belongs to `call` and `invoke` steps";
            self.report(Diagnostic::error(&flow::FALLBACK, *span, message).with_help(help));
        }
        let Some((steps, span)) = &handling.compensate else { return };
        if !self.loops.is_empty() {
            let message = "compensation inside a loop is not supported";
            let help = "move the step and its compensation into a function, and call that";
            self.report(Diagnostic::error(&types::COMPENSATE_IN_LOOP, *span, message).with_help(help));
            return;
        }
        let before = std::mem::replace(&mut self.compensating, true);
        let (block, ..) = self.nested(steps);
        self.compensating = before;
        self.steps[id.0 as usize].compensate = block;
    }
}
