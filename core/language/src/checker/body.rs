//! The tree under construction of one function's flow or of one clause, and the names visible in it.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{Clause, Expr, ExprId, ExprKind, Exprs, Local, LocalId, Step, StepId};
use anrf_format::types::TypeId;

use super::context::{Context, OutputSignature, index};
use super::scope::Scope;
pub(super) use super::scope::{Binding, Meaning};
use super::steps::LoopScope;
use crate::syntax::expression::{self as written, Expressions, Name};

/// A typed expression in the tree at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    pub(super) id: ExprId,
    pub(super) type_id: TypeId,
}

/// What a constant expression is, where that is known while checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Integer(i128),
    Boolean(bool),
}

/// Where a local comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Input,
    /// Bound by a step.
    Step,
    LoopState,
    /// Element or index of a loop.
    Element,
    /// Bound inside an expression.
    Binder,
    /// Made by the checker: the optional twin or the join of other locals.
    Made,
}

/// What is known of a local beyond its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) span: Span,
    pub(super) source: Source,
    pub(super) ghost: bool,
    pub(super) used: bool,
    /// Depends on an input of a function with sensitive data.
    pub(super) sensitive: bool,
    /// Depends on what a host operation answered, unchecked so far.
    pub(super) from_host: bool,
}

/// Which forms of contracts are known where a clause stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowed {
    /// `old(e)`, `calls(op)`.
    pub(super) entry: bool,
    /// `success`, `failed(code)`, `result`, success fields.
    pub(super) exit: bool,
}

/// What an expression has read; reset and asked by whoever wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reads {
    pub(super) sensitive: bool,
    pub(super) from_host: bool,
    pub(super) result: bool,
    pub(super) state: bool,
}

/// The tree under construction.
pub(super) struct Body<'c, 'a> {
    pub(super) cx: &'c mut Context<'a>,
    pub(super) syntax: &'a Expressions,
    pub(super) exprs: Vec<Expr>,
    pub(super) spans: Vec<Span>,
    pub(super) known: Vec<Option<Known>>,
    pub(super) locals: Vec<Local>,
    pub(super) facts: Vec<Facts>,
    pub(super) scope: Scope,
    /// The function whose flow or contract this is.
    pub(super) function: Option<u32>,
    /// State that may be named.
    pub(super) state: Vec<(&'a str, u32)>,
    /// Outputs that a postcondition may speak of.
    pub(super) outputs: OutputSignature,
    pub(super) allowed: Allowed,
    /// Contract code: integers are mathematical.
    pub(super) contract: bool,
    /// In a postcondition: this place is reached on success only.
    pub(super) on_success: bool,
    /// The clause speaks of success exits only unless it says otherwise.
    pub(super) mentions_exit: bool,
    /// Inside `old`: locals from this index on are not known on entry.
    pub(super) old_limit: Option<u32>,
    pub(super) reads: Reads,
    pub(super) steps: Vec<Step>,
    pub(super) step_spans: Vec<Span>,
    pub(super) loops: Vec<LoopScope>,
    /// States of loops whose initial value is an integer literal, and where that stands.
    pub(super) integer_states: Vec<(LocalId, Span)>,
    /// Locals whose use counts as the use of others: joins and optional twins.
    pub(super) stands_for: Vec<(LocalId, LocalId)>,
    /// Error codes of the function that some path ends in.
    pub(super) failed_codes: Vec<u32>,
    /// Inside a compensation, which may not leave.
    pub(super) compensating: bool,
}

impl<'c, 'a> Body<'c, 'a> {
    pub(super) fn new(cx: &'c mut Context<'a>, file: usize) -> Self {
        cx.file = file;
        let syntax = &cx.files[file].module.expressions;
        Self {
            cx,
            syntax,
            exprs: vec![],
            spans: vec![],
            known: vec![],
            locals: vec![],
            facts: vec![],
            scope: Scope::default(),
            function: None,
            state: vec![],
            outputs: OutputSignature::default(),
            allowed: Allowed::default(),
            contract: false,
            on_success: false,
            mentions_exit: false,
            old_limit: None,
            reads: Reads::default(),
            steps: vec![],
            step_spans: vec![],
            loops: vec![],
            integer_states: vec![],
            stands_for: vec![],
            failed_codes: vec![],
            compensating: false,
        }
    }

    /// Adds a node to the tree.
    pub(super) fn push(&mut self, kind: ExprKind, type_id: TypeId, span: Span) -> Typed {
        let id = ExprId(index(self.exprs.len()).unwrap_or(u32::MAX));
        self.exprs.push(Expr { type_id, kind });
        self.spans.push(span);
        self.known.push(None);
        Typed { id, type_id }
    }

    pub(super) fn kind(&self, typed: Typed) -> &ExprKind {
        &self.exprs[typed.id.0 as usize].kind
    }

    pub(super) fn span_of(&self, typed: Typed) -> Span {
        self.spans[typed.id.0 as usize]
    }

    pub(super) fn known(&self, typed: Typed) -> Option<Known> {
        self.known[typed.id.0 as usize]
    }

    pub(super) fn set_known(&mut self, typed: Typed, known: Known) {
        self.known[typed.id.0 as usize] = Some(known);
    }

    pub(super) fn span(&self, id: written::ExprId) -> Span {
        self.syntax[id].span
    }

    #[cold]
    #[inline(never)]
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.cx.report(diagnostic);
    }

    pub(super) fn type_name(&self, type_id: TypeId) -> String {
        self.cx.types.name(type_id)
    }

    /// Adds a local without making its name visible.
    pub(super) fn add_local(&mut self, name: &str, span: Span, type_id: TypeId, source: Source) -> LocalId {
        let local = LocalId(index(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(Local { name: name.to_owned(), type_id });
        self.facts.push(Facts {
            span,
            source,
            ghost: false,
            used: false,
            sensitive: false,
            from_host: false,
        });
        local
    }

    /// Adds a local and makes its name visible.
    pub(super) fn bind(&mut self, name: &Name, type_id: TypeId, source: Source) -> LocalId {
        let local = self.add_local(&name.text, name.span, type_id, source);
        self.show(&name.text, Meaning::Local(local));
        local
    }

    /// Makes a name visible whose expression had an error.
    pub(super) fn bind_broken(&mut self, name: &Name) {
        self.show(&name.text, Meaning::Broken);
    }

    pub(super) fn show(&mut self, name: &str, meaning: Meaning) {
        self.scope.push(Binding { name: name.to_owned(), meaning });
    }

    pub(super) fn facts(&mut self, local: LocalId) -> &mut Facts {
        &mut self.facts[local.0 as usize]
    }

    pub(super) fn lookup(&self, name: &str) -> Option<&Meaning> {
        self.scope.lookup(name)
    }

    pub(super) fn state_variable(&self, name: &str) -> Option<u32> {
        self.state.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
    }

    pub(super) fn add_step(&mut self, step: Step, span: Span) -> StepId {
        let id = StepId(index(self.steps.len()).unwrap_or(u32::MAX));
        self.steps.push(step);
        self.step_spans.push(span);
        id
    }

    /// The finished clause and the places of its expressions.
    pub(super) fn into_clause(self, root: Typed) -> (Clause, Vec<Span>) {
        (Clause { exprs: Exprs { nodes: self.exprs }, root: root.id, locals: self.locals.into() }, self.spans)
    }
}
