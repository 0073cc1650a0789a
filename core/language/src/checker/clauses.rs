//! Clauses: constraints, pre- and postconditions, invariants, measures, each a tree of its own.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::execution::ClauseRef;
use anrf_format::semantic::Clause;
use anrf_format::types::TypeId;

use super::body::{Allowed, Body, Reads, Source};
use super::context::{Context, InputSignature, OutputSignature};
use crate::codes::contracts;
use crate::syntax::expression::ExprId;

/// What a clause can name.
#[derive(Clone, Default)]
pub(super) struct Frame<'a> {
    /// Fields or inputs: its first locals.
    pub(super) locals: Vec<(String, Span, Option<TypeId>)>,
    pub(super) state: Vec<(&'a str, u32)>,
    pub(super) outputs: OutputSignature,
    pub(super) allowed: Allowed,
    pub(super) function: Option<u32>,
    /// Postconditions of host operations speak of success only.
    pub(super) always_success: bool,
}

impl<'a> Frame<'a> {
    /// The frame of a function's inputs.
    pub(super) fn of_inputs(inputs: &[InputSignature]) -> Self {
        let locals = inputs.iter().map(|input| (input.name.clone(), input.span, input.type_id)).collect();
        Self { locals, ..Self::default() }
    }
}

/// A checked clause.
pub(super) struct Checked {
    pub(super) clause: Clause,
    pub(super) spans: Vec<Span>,
    pub(super) reads: Reads,
    pub(super) mentions_exit: bool,
}

/// Checks one clause of a frame; `wanted` is boolean for conditions, unbounded for measures.
pub(super) fn check<'a>(
    cx: &mut Context<'a>,
    file: usize,
    frame: &Frame<'a>,
    id: ExprId,
    wanted: TypeId,
) -> Option<Checked> {
    let had_room = cx.has_room_around_clauses();
    if !cx.spend(frame.locals.len() + frame.state.len()) {
        // Once is enough: the next clause has no more room.
        if !had_room {
            return None;
        }
        cx.file = file;
        let span = cx.files[file].module.expressions[id].span;
        let message = "too many clauses with too many names around them";
        let help = "group inputs and fields in records, or split the module";
        cx.report(Diagnostic::error(&contracts::TOO_LARGE, span, message).with_help(help));
        return None;
    }
    let mut body = Body::new(cx, file);
    body.contract = true;
    body.function = frame.function;
    body.state = frame.state.clone();
    body.outputs = frame.outputs.clone();
    body.allowed = frame.allowed;
    body.bind_outer(&frame.locals);
    if frame.allowed.exit && !frame.always_success {
        body.mentions_exit = body.speaks_of_exit(id);
    }
    let found = body.expect(id, wanted);
    if let Some(found) = found {
        let span = body.span(id);
        body.lint_constant(found, span);
    }
    let (reads, mentions_exit) = (body.reads, body.mentions_exit);
    let (clause, mut spans) = body.into_clause(found?);
    if cx.files[file].imported.is_some() {
        // They are places in another text.
        spans.fill(Span::default());
    }
    Some(Checked { clause, spans, reads, mentions_exit })
}

/// Checks a list of conditions, noting the place of each under its reference.
pub(super) fn check_all<'a>(
    cx: &mut Context<'a>,
    file: usize,
    frame: &Frame<'a>,
    ids: &[ExprId],
    wanted: TypeId,
    places: &mut Vec<(ClauseRef, Vec<Span>)>,
    reference: impl Fn(u32) -> ClauseRef,
) -> Vec<Clause> {
    let mut clauses = vec![];
    for id in ids {
        if let Some(checked) = check(cx, file, frame, *id, wanted) {
            let position = super::context::index(clauses.len()).unwrap_or(u32::MAX);
            places.push((reference(position), checked.spans));
            clauses.push(checked.clause);
        }
    }
    clauses
}

impl Body<'_, '_> {
    /// Binds what stands around a clause or flow; a name whose type is broken keeps its place.
    pub(super) fn bind_outer(&mut self, locals: &[(String, Span, Option<TypeId>)]) {
        for (name, span, type_id) in locals {
            let local = self.add_local(name, *span, type_id.unwrap_or(TypeId::BOOLEAN), Source::Input);
            let meaning = match type_id {
                Some(_) => super::body::Meaning::Local(local),
                None => super::body::Meaning::Broken,
            };
            self.show(name, meaning);
        }
    }
}
