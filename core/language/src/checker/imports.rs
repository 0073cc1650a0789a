//! Imported modules: found, read, and compared with what is known already.

use anrf_format::diagnostic::{Diagnostic, Severity, Span};
use anrf_format::module::Source;

use crate::codes::imports as codes;
use crate::resolver::{Reference, ResolveError, Resolver};
use crate::syntax::expression::{
    Argument, Arm, Binder, ComprehensionHead, ExprId, ExpressionKind, Expressions, Pattern, Update,
};
use crate::syntax::module::{
    Field, Module, TypeDefinition, TypeDefinitionKind, TypeExpression, TypeExpressionKind,
};
use crate::syntax::reader::parse;
use crate::yaml::Limits;

/// How many modules may import each other in a row.
const MAX_CHAIN: usize = 32;

/// Which function of which file a file imports; `None` for all of a module named by its hash.
pub(super) type Link = (usize, Option<(String, u32)>);

/// The imported sources, and who imports what: one list per file, the text at hand first.
pub(super) struct Imports {
    pub(super) sources: Vec<Source>,
    pub(super) links: Vec<Vec<Link>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

struct Collector<'r> {
    resolver: &'r dyn Resolver,
    sources: Vec<Source>,
    links: Vec<Vec<Link>>,
    diagnostics: Vec<Diagnostic>,
    /// Versions asked for so far, by name.
    versions: Vec<(String, u32)>,
    /// Files on the way from the text at hand to the one that is read.
    chain: Vec<usize>,
}

/// Finds everything that a module imports, directly or through others.
pub(super) fn collect(module: &Module, name: &str, resolver: &dyn Resolver) -> Imports {
    let mut collector = Collector {
        resolver,
        sources: vec![],
        links: vec![vec![]],
        diagnostics: vec![],
        versions: vec![],
        chain: vec![0],
    };
    collector.file(0, module, name, None);
    let Collector { sources, links, diagnostics, .. } = collector;
    Imports { sources, links, diagnostics }
}

impl Collector<'_> {
    /// Follows the references of one file. What is wrong further down is shown at `place`, where the text
    /// at hand asks for it.
    fn file(&mut self, file: usize, module: &Module, importer: &str, place: Option<Span>) {
        for function in &module.functions {
            for name in &function.uses {
                let span = place.unwrap_or(name.span);
                if name.text.is_empty() {
                    continue;
                }
                match name.text.parse::<Reference>() {
                    Ok(reference) => self.reference(file, &reference, importer, span),
                    Err(error) => {
                        let message = format!("`{}` is no reference: {error}", name.text);
                        let help = "write such as `round_money@1`";
                        self.report(Diagnostic::error(&codes::MALFORMED, span, message).with_help(help));
                    }
                }
            }
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn reference(&mut self, file: usize, reference: &Reference, importer: &str, span: Span) {
        if let Reference::Function { name, version } = reference {
            let other = self.versions.iter().find(|(known, wanted)| known == name && wanted != version);
            if let Some((_, other)) = other {
                let message = format!("`{name}` is wanted in version {version} and in version {other}");
                let help = "use one version everywhere";
                self.report(Diagnostic::error(&codes::CONFLICTING_VERSIONS, span, message).with_help(help));
                return;
            }
            self.versions.push((name.clone(), *version));
        }
        let source = match self.resolver.resolve(reference, importer) {
            Ok(source) => source,
            Err(error) => {
                let (code, help) = match error {
                    ResolveError::Unreadable { .. } => {
                        (&codes::UNREADABLE, "see to it that the module can be read, or import another one")
                    }
                    _ => (
                        &codes::NOT_FOUND,
                        "put the module into the folder of this file, or name its folder with `--path`",
                    ),
                };
                self.report(Diagnostic::error(code, span, error.to_string()).with_help(help));
                return;
            }
        };
        let wanted = match reference {
            Reference::Function { name, version } => Some((name.clone(), *version)),
            Reference::Module(_) => None,
        };
        let known = self.sources.iter().position(|known| known.name == source.name).map(|it| it + 1);
        if let Some(known) = known {
            if self.chain.contains(&known) {
                self.cycle(&source.name, span);
                return;
            }
            self.links[file].push((known, wanted));
            return;
        }
        if source.name == importer && self.chain.len() == 1 || self.chain.len() >= MAX_CHAIN {
            self.cycle(&source.name, span);
            return;
        }
        self.load(file, source, wanted, span);
    }

    #[cold]
    fn cycle(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is imported by a module that it imports itself");
        let help = "move what both need into a third module";
        self.report(Diagnostic::error(&codes::CYCLE, span, message).with_help(help));
    }

    fn load(&mut self, importing: usize, source: Source, wanted: Option<(String, u32)>, span: Span) {
        let (parsed, findings) = parse(&source, &Limits::default());
        if let Some(first) = findings.iter().find(|finding| finding.severity == Severity::Error) {
            let message = format!("the imported `{}` has errors: {}", source.name, first.message);
            let help = "check that file first";
            self.report(Diagnostic::error(&codes::BROKEN, span, message).with_help(help));
            return;
        }
        self.sources.push(source.clone());
        let file = self.sources.len();
        self.links.push(vec![]);
        self.links[importing].push((file, wanted));
        self.chain.push(file);
        self.file(file, &parsed.module, &source.name, Some(span));
        self.chain.pop();
    }
}

/// Whether two definitions of a type are the same, places aside.
pub(super) fn same_definition(
    left: &Expressions,
    one: &TypeDefinition,
    right: &Expressions,
    other: &TypeDefinition,
) -> bool {
    let constraints = one.constraints.len() == other.constraints.len()
        && one.constraints.iter().zip(&other.constraints).all(|(a, b)| same_expression(left, *a, right, *b));
    constraints
        && match (&one.kind, &other.kind) {
            (TypeDefinitionKind::Alias(a), TypeDefinitionKind::Alias(b)) => same_type(a, b),
            (TypeDefinitionKind::Record(a), TypeDefinitionKind::Record(b)) => same_fields(a, b),
            (TypeDefinitionKind::Variant(a), TypeDefinitionKind::Variant(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((a, f), (b, g))| a.text == b.text && same_fields(f, g))
            }
            _ => false,
        }
}

fn same_fields(one: &[Field], other: &[Field]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(a, b)| a.name.text == b.name.text && same_type(&a.type_expression, &b.type_expression))
}

fn same_type(one: &TypeExpression, other: &TypeExpression) -> bool {
    match (&one.kind, &other.kind) {
        (TypeExpressionKind::Name(a), TypeExpressionKind::Name(b)) => a == b,
        (TypeExpressionKind::Generic(a, x), TypeExpressionKind::Generic(b, y)) => {
            a.text == b.text && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_type(x, y))
        }
        (TypeExpressionKind::Enum(a), TypeExpressionKind::Enum(b)) => {
            a.iter().map(|it| &it.text).eq(b.iter().map(|it| &it.text))
        }
        _ => false,
    }
}

/// Whether two expressions are the same, places aside. Works on a list, so it never recurses.
pub(super) fn same_expression(left: &Expressions, one: ExprId, right: &Expressions, other: ExprId) -> bool {
    let mut pending = vec![(one, other)];
    while let Some((one, other)) = pending.pop() {
        if !same_node(&left[one].kind, &right[other].kind) {
            return false;
        }
        let (mut a, mut b) = (vec![], vec![]);
        left[one].kind.for_each_child(|child| a.push(child));
        right[other].kind.for_each_child(|child| b.push(child));
        if a.len() != b.len() {
            return false;
        }
        pending.extend(a.into_iter().zip(b));
    }
    true
}

/// Compares what a node says beside its children.
fn same_node(one: &ExpressionKind, other: &ExpressionKind) -> bool {
    use ExpressionKind as E;
    match (one, other) {
        (E::Integer(a), E::Integer(b))
        | (E::Decimal(a), E::Decimal(b))
        | (E::String(a), E::String(b))
        | (E::Timestamp(a), E::Timestamp(b))
        | (E::Name(a), E::Name(b)) => a == b,
        (E::Bytes(a), E::Bytes(b)) => a == b,
        (E::Boolean(a), E::Boolean(b)) => a == b,
        (E::None, E::None)
        | (E::Some(_), E::Some(_))
        | (E::Array(_), E::Array(_))
        | (E::Set(_), E::Set(_))
        | (E::Map(_), E::Map(_))
        | (E::Index(..), E::Index(..))
        | (E::Slice(..), E::Slice(..))
        | (E::Without(..), E::Without(..))
        | (E::If(..), E::If(..))
        | (E::Range(..), E::Range(..)) => true,
        (E::Construct { name: a, fields: f }, E::Construct { name: b, fields: g }) => {
            a.text == b.text && f.iter().map(|(it, _)| &it.text).eq(g.iter().map(|(it, _)| &it.text))
        }
        (E::Field(_, a), E::Field(_, b)) => a.text == b.text,
        (E::Call { callee: a, arguments: x }, E::Call { callee: b, arguments: y }) => {
            let name = |argument: &Argument| argument.name.as_ref().map(|name| name.text.clone());
            a.text == b.text && x.iter().map(name).eq(y.iter().map(name))
        }
        (E::Unary(a, _), E::Unary(b, _)) => a == b,
        (E::Binary(a, ..), E::Binary(b, ..)) => a == b,
        (E::Chain(_, x), E::Chain(_, y)) => x.iter().map(|it| it.0).eq(y.iter().map(|it| it.0)),
        (E::With(_, x), E::With(_, y)) => {
            let form = |update: &Update| match update {
                Update::Field(name, _) => (0, name.text.clone()),
                Update::Index(..) => (1, String::new()),
                Update::Element(_) => (2, String::new()),
            };
            x.iter().map(form).eq(y.iter().map(form))
        }
        (E::Let(a, ..), E::Let(b, ..)) => a.text == b.text,
        (E::Match(_, x), E::Match(_, y)) => x.iter().map(pattern).eq(y.iter().map(pattern)),
        (E::Quantifier(a, x, _), E::Quantifier(b, y, _)) => a == b && same_binders(x, y),
        (E::Comprehension(a, x, p), E::Comprehension(b, y, q)) => {
            let form = |head: &ComprehensionHead| match head {
                ComprehensionHead::Array(_) => 0,
                ComprehensionHead::Set(_) => 1,
                ComprehensionHead::Map(..) => 2,
            };
            form(a) == form(b) && same_binders(x, y) && p.is_some() == q.is_some()
        }
        (E::Aggregate(a, _, x, p), E::Aggregate(b, _, y, q)) => {
            a == b && same_binders(x, y) && p.is_some() == q.is_some()
        }
        (E::SortBy(a, x), E::SortBy(b, y)) => {
            same_binder(a, b) && x.iter().map(|it| it.descending).eq(y.iter().map(|it| it.descending))
        }
        _ => false,
    }
}

fn pattern(arm: &Arm) -> (u8, Vec<String>) {
    match &arm.pattern {
        Pattern::None(_) => (0, vec![]),
        Pattern::Some(name) => (1, vec![name.text.clone()]),
        Pattern::Case(name, fields) => {
            let names = fields.iter().flat_map(|(field, bound)| [field.text.clone(), bound.text.clone()]);
            (2, std::iter::once(name.text.clone()).chain(names).collect())
        }
    }
}

fn same_binders(one: &[Binder], other: &[Binder]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_binder(a, b))
}

fn same_binder(one: &Binder, other: &Binder) -> bool {
    let index = |binder: &Binder| binder.index.as_ref().map(|name| name.text.clone());
    one.name.text == other.name.text && index(one) == index(other)
}
