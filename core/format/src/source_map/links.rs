//! Every part of the semantic layer has its place in the text: a link that is missing is an error.

use super::{FunctionMap, SourceMap};
use crate::diagnostic::Span;
use crate::execution::ClauseRef;
use crate::module::Module;
use crate::semantic::{Clause, Function};

/// What the source map lacks, or says of something that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source map {0}")]
pub struct BrokenLinkError(&'static str);

type Result = std::result::Result<(), BrokenLinkError>;

fn require(holds: bool, lack: &'static str) -> Result {
    if holds { Ok(()) } else { Err(BrokenLinkError(lack)) }
}

/// Whether the places of a module's functions, steps, expressions, inputs, examples and clauses are all
/// there and lie in its text, if it carries one, and whether what its intent is linked to exists. Where the
/// code comes from is for [`crate::execution::validate`].
///
/// # Errors
/// The first link that is broken.
pub fn check(module: &Module) -> Result {
    let Module { semantic, source_map, intent, source, .. } = module;
    let SourceMap { functions, clauses, intent: links, .. } = source_map;
    require(functions.len() == semantic.functions.len(), "lacks a function, or has one too many")?;
    for (map, function) in functions.iter().zip(&semantic.functions) {
        counts(map, function)?;
    }
    let mut known = clauses_of(module);
    known.sort_unstable_by_key(|(reference, _)| *reference);
    let mut pairs = clauses.iter().zip(&known);
    let same = pairs
        .all(|((found, spans), (wanted, clause))| found == wanted && spans.len() == clause.exprs.nodes.len());
    require(same && clauses.len() == known.len(), "lacks a clause or a part of one, or has one too many")?;
    for (function, number, clause) in links {
        let intent = match function {
            None => intent.module.as_ref(),
            Some(function) => intent.functions.get(*function as usize),
        };
        let constraint = intent.and_then(|intent| intent.constraints.get(*number as usize));
        let formal = constraint.is_some_and(|constraint| constraint.formal.is_some());
        let stated = known.binary_search_by_key(clause, |(reference, _)| *reference).is_ok();
        require(formal && stated, "links a constraint of the intent or a clause that does not exist")?;
    }
    if source.text.is_empty() {
        return Ok(());
    }
    let within = |span: &Span| source.text.get(span.range()).is_some();
    let mut spans = functions.iter().flat_map(|map| {
        let FunctionMap { function, name, steps, exprs, inputs, examples } = map;
        [*function, *name].into_iter().chain([steps, exprs, inputs, examples].into_iter().flatten().copied())
    });
    let mut of_clauses = clauses.iter().flat_map(|(_, spans)| spans);
    require(spans.all(|span| within(&span)) && of_clauses.all(within), "has a place that is not in the text")
}

fn counts(map: &FunctionMap, function: &Function) -> Result {
    require(map.steps.len() == function.steps.len(), "lacks a step, or has one too many")?;
    require(map.exprs.len() == function.exprs.nodes.len(), "lacks an expression, or has one too many")?;
    require(map.inputs.len() == function.inputs.len(), "lacks an input, or has one too many")?;
    require(map.examples.len() == function.examples.len(), "lacks an example, or has one too many")
}

/// Every clause of a module, in no particular order.
#[must_use]
pub fn clauses_of(module: &Module) -> Vec<(ClauseRef, &Clause)> {
    let mut found = vec![];
    let Module { types, semantic, .. } = module;
    for (index, function) in (0..).zip(&semantic.functions) {
        for (input, declared) in (0..).zip(&function.inputs) {
            numbered(&mut found, &declared.constraints, |position| ClauseRef::Input(index, input, position));
        }
        let contract = &function.contract;
        let after = contract.postconditions.iter().map(|it| &it.clause);
        numbered(&mut found, &contract.preconditions, |it| ClauseRef::Precondition(index, it));
        numbered(&mut found, after, |it| ClauseRef::Postcondition(index, it));
        numbered(&mut found, &contract.invariants, |it| ClauseRef::Invariant(index, it));
        numbered(&mut found, &function.decreases, |it| ClauseRef::Decreases(index, it));
    }
    numbered(&mut found, &semantic.invariants, ClauseRef::ModuleInvariant);
    for (index, record) in (0..).zip(&types.records) {
        numbered(&mut found, &record.constraints, |it| ClauseRef::Record(index, it));
    }
    for (index, variable) in (0..).zip(&semantic.state) {
        numbered(&mut found, &variable.constraints, |it| ClauseRef::State(index, it));
    }
    for (index, operation) in (0..).zip(&semantic.host) {
        numbered(&mut found, &operation.preconditions, |it| ClauseRef::HostPrecondition(index, it));
        numbered(&mut found, &operation.postconditions, |it| ClauseRef::HostPostcondition(index, it));
    }
    found
}

fn numbered<'a>(
    found: &mut Vec<(ClauseRef, &'a Clause)>,
    clauses: impl IntoIterator<Item = &'a Clause>,
    reference: impl Fn(u32) -> ClauseRef,
) {
    found.extend((0..).zip(clauses).map(|(position, clause)| (reference(position), clause)));
}
