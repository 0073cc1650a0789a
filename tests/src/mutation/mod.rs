//! Mutants: functions with one small mistake, made on the typed tree, so that each is well-typed. Whether the
//! verifier refuses them measures how much contracts pin down, and looks for proofs of what is false.

mod expression;
mod report;
mod run;
mod step;

pub use report::{Entry, read_entries, report};
pub use run::{Fate, Judge};

use anrf::Span;
use anrf::ir::ClauseRef;
use anrf::semantic::{Function, FunctionKind};

pub(crate) use expression::reachable;
pub(crate) use step::code;

use expression::expression_mutants;
use step::step_mutants;

/// The tree that a mutant is made of.
type Tree = anrf_format::module::Module;

/// What of a function is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What it does.
    Code,
    /// What its postconditions promise.
    Contract,
}

/// A function with one change.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Where the change is in the text of the original.
    pub span: Span,
    /// What was changed, as in "`<` to `<=`".
    pub what: String,
    /// The changed function.
    pub function: Function,
}

/// All mutants of the function of this index, in order of the tree. Its examples are gone: the contract has to
/// notice. A lemma has none, because nothing that it does reaches a result.
#[must_use]
pub fn mutants(tree: &Tree, index: u32, subject: Subject) -> Vec<Mutant> {
    let Some(original) = tree.semantic.functions.get(index as usize) else { return vec![] };
    if original.kind == FunctionKind::Lemma || original.imported_from.is_some() {
        return vec![];
    }
    let mut original = original.clone();
    original.examples.clear();
    match subject {
        Subject::Code => code_mutants(tree, index, &original),
        Subject::Contract => contract_mutants(tree, index, &original),
    }
}

fn code_mutants(tree: &Tree, index: u32, original: &Function) -> Vec<Mutant> {
    let map = tree.source_map.functions.get(index as usize);
    let mut found = vec![];
    for id in code(original, &tree.semantic) {
        let span = map.and_then(|map| map.exprs.get(id.0 as usize)).copied().unwrap_or_default();
        for (what, kind) in expression_mutants(&original.exprs, &tree.types, id) {
            let mut function = original.clone();
            if let Some(node) = function.exprs.nodes.get_mut(id.0 as usize) {
                node.kind = kind;
                found.push(Mutant { span, what, function });
            }
        }
    }
    for (step, what, function) in step_mutants(original) {
        let span = map.and_then(|map| map.steps.get(step as usize)).copied().unwrap_or_default();
        found.push(Mutant { span, what, function });
    }
    found
}

fn contract_mutants(tree: &Tree, index: u32, original: &Function) -> Vec<Mutant> {
    let mut found = vec![];
    for (position, postcondition) in original.contract.postconditions.iter().enumerate() {
        let clause = ClauseRef::Postcondition(index, u32::try_from(position).unwrap_or(u32::MAX));
        let spans = tree.source_map.clauses.iter().find(|(known, _)| *known == clause);
        for id in reachable(&postcondition.clause.exprs, postcondition.clause.root) {
            let span = spans.and_then(|(_, spans)| spans.get(id.0 as usize)).copied().unwrap_or_default();
            for (what, kind) in expression_mutants(&postcondition.clause.exprs, &tree.types, id) {
                let mut function = original.clone();
                let clause = function.contract.postconditions.get_mut(position).map(|it| &mut it.clause);
                if let Some(node) = clause.and_then(|clause| clause.exprs.nodes.get_mut(id.0 as usize)) {
                    node.kind = kind;
                    found.push(Mutant { span, what, function });
                }
            }
        }
    }
    found
}

/// The module with this function instead of its own, packed: who loads it looks at all of it again.
#[must_use]
pub fn with_function(tree: &Tree, index: u32, function: Function) -> Option<Vec<u8>> {
    let mut tree = tree.clone();
    let count = function.exprs.nodes.len();
    *tree.semantic.functions.get_mut(index as usize)? = function;
    let map = tree.source_map.functions.get_mut(index as usize)?;
    let place = map.function;
    map.exprs.resize(count, place);
    map.examples.clear();
    anrf::binary::encode(&tree).ok()
}

#[cfg(test)]
mod tests;
