//! The expression as written: untyped, unresolved, every node with its place in the file.
//!
//! Nodes live in one [`Expressions`] array per file and refer to each other by [`ExprId`]; a child is
//! always older than its parent, so walking and dropping never recurse deeper than [`MAX_DEPTH`].

use anrf_format::diagnostic::Span;

/// The tallest expression tree that the parser builds; a taller one is an error with a place.
pub const MAX_DEPTH: usize = 128;

/// An expression node of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExprId(pub u32);

/// All expressions of one file.
#[derive(Clone, Debug, Default)]
pub struct Expressions {
    /// The nodes, children before parents.
    pub nodes: Vec<Expression>,
}

impl Expressions {
    /// Adds a node.
    pub fn push(&mut self, kind: ExpressionKind, span: Span) -> ExprId {
        let id = ExprId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Expression { kind, span });
        id
    }
}

impl std::ops::Index<ExprId> for Expressions {
    type Output = Expression;

    fn index(&self, id: ExprId) -> &Expression {
        &self.nodes[id.0 as usize]
    }
}

/// One node and its place in the file.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands, in offsets of the file (not of the scalar).
    pub span: Span,
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// The forms of an expression (language reference, "Expressions").
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// Something that could not be read; reported already, so nothing else is said about it.
    Error,
    /// `42`: the digits without separators, and without a sign (`-` is an operator, folded by the checker).
    Integer(String),
    /// `3.14`: digits, a point, digits; decimal, or float where one is expected.
    Decimal(String),
    /// `"text"` or `'text'`, unescaped.
    String(String),
    /// `b"00ff"`, decoded.
    Bytes(Vec<u8>),
    /// `t"2026-01-08T14:23:15Z"`, the text between the quotes.
    Timestamp(String),
    /// `TRUE`, `FALSE`.
    Boolean(bool),
    /// `NONE`.
    None,
    /// `SOME(x)`.
    Some(ExprId),
    /// A bare name: variable, success field, enum symbol, `result`, `success`, a variant case without fields.
    Name(String),
    /// `[a, b]`.
    Array(Vec<ExprId>),
    /// `SET[a, b]`.
    Set(Vec<ExprId>),
    /// `{ k: v }` with expression keys; `{}` too.
    Map(Vec<(ExprId, ExprId)>),
    /// `Account { id: "a" }`: a record, or a variant's case.
    Construct {
        /// The record type or the case.
        name: Name,
        /// The fields in written order.
        fields: Vec<(Name, ExprId)>,
    },
    /// `a.b`.
    Field(ExprId, Name),
    /// `xs[i]`, `m[k]`, `s[i]`.
    Index(ExprId, ExprId),
    /// `xs[i..j]`.
    Slice(ExprId, ExprId, ExprId),
    /// `f(a, n: b)`: a built-in, a function of the module, or `old`, `failed`, `calls`, `SORT`.
    Call {
        /// What is called.
        callee: Name,
        /// Positional, then named arguments.
        arguments: Vec<Argument>,
    },
    /// `NOT a`, `-a`.
    Unary(UnaryOperator, ExprId),
    /// `a + b`; comparisons too, where there is only one.
    Binary(BinaryOperator, ExprId, ExprId),
    /// `0 <= i < n`: two comparisons or more; each operand is evaluated once.
    Chain(ExprId, Vec<(BinaryOperator, ExprId)>),
    /// `a WITH { b: x }`, `xs WITH [i] = x, [j] = y`, `s WITH x`.
    With(ExprId, Vec<Update>),
    /// `m WITHOUT k`, `s WITHOUT x`.
    Without(ExprId, ExprId),
    /// `IF c THEN a ELSE b`.
    If(ExprId, ExprId, ExprId),
    /// `LET x = e IN body`.
    Let(Name, ExprId, ExprId),
    /// `MATCH v { pattern => body, ... }`.
    Match(ExprId, Vec<Arm>),
    /// `lo..hi`, only as the domain of a binder.
    Range(ExprId, ExprId),
    /// `FORALL i IN 0..n: p`, `EXISTS x IN xs, y IN ys: p`.
    Quantifier(Quantifier, Vec<Binder>, ExprId),
    /// `[e FOR x IN xs IF p]`, `SET[...]`, `{k: v FOR ...}`.
    Comprehension(ComprehensionHead, Vec<Binder>, Option<ExprId>),
    /// `SUM(e FOR x IN xs IF p)`, and COUNT, MIN, MAX, ALL, ANY, FIND.
    Aggregate(Aggregate, ExprId, Vec<Binder>, Option<ExprId>),
    /// `SORT(x IN xs BY x.age DESC, x.name)`; `SORT(xs)` is a call.
    SortBy(Binder, Vec<SortKey>),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// `n` in `f(n: x)`.
    pub name: Option<Name>,
    /// The value.
    pub value: ExprId,
}

/// One replacement of a `WITH`.
#[derive(Clone, Debug)]
pub enum Update {
    /// `{ b: x }`: a record's field.
    Field(Name, ExprId),
    /// `[i] = x`: an element of an array, or a key of a map.
    Index(ExprId, ExprId),
    /// `s WITH x`: one more element of a set.
    Element(ExprId),
}

/// One arm of a `MATCH`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What it matches.
    pub pattern: Pattern,
    /// What the match is then.
    pub body: ExprId,
    /// The whole arm.
    pub span: Span,
}

/// What an arm matches.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `NONE`.
    None(Span),
    /// `SOME(x)`.
    Some(Name),
    /// `circle { r }` or `circle { r: radius }`; `(field, bound name)`. A case without fields may leave
    /// the braces out. On enums, a symbol.
    Case(Name, Vec<(Name, Name)>),
}

/// `x IN xs`, `x AT i IN xs`, `i IN lo..hi`.
#[derive(Clone, Debug)]
pub struct Binder {
    /// The element.
    pub name: Name,
    /// The index, if bound.
    pub index: Option<Name>,
    /// A collection, or a [`ExpressionKind::Range`].
    pub domain: ExprId,
}

/// One key of `SORT ... BY`.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// The key.
    pub key: ExprId,
    /// `DESC`.
    pub descending: bool,
}

/// What a comprehension makes.
#[derive(Clone, Debug)]
pub enum ComprehensionHead {
    /// `[e FOR ...]`.
    Array(ExprId),
    /// `SET[e FOR ...]`.
    Set(ExprId),
    /// `{k: v FOR ...}`.
    Map(ExprId, ExprId),
}

pub use anrf_format::semantic::{Aggregate, BinaryOperator, Quantifier, UnaryOperator};
