//! The source map: from every instruction to its step, expression and clause, and from those to the text.
//! It stands outside the module's identity, so formatting never changes a hash.

pub mod links;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Span;
use crate::execution::{ClauseRef, Origin, Place};

/// Places of the semantic layer in the text, and origins of the execution layer in the semantic one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMap {
    /// One per semantic function, in order.
    pub functions: Vec<FunctionMap>,
    /// Every clause and the places of its expressions, sorted by clause.
    pub clauses: Vec<(ClauseRef, Vec<Span>)>,
    /// Clauses that state a constraint of the intent formally: function (`None` is the module), index of
    /// the intent's constraint, clause.
    pub intent: Vec<(Option<u32>, u32, ClauseRef)>,
    /// One per execution function, in order. The last, so that loading can read what is before it and make
    /// these itself.
    pub execution: Vec<CodeMap>,
}

impl SourceMap {
    /// Where an origin in the code of a semantic function (index) stands in the text: the empty span at the
    /// beginning where the map does not say.
    #[must_use]
    pub fn span(&self, function: u32, origin: Origin) -> Span {
        let map = self.functions.get(function as usize);
        let step = origin.step.and_then(|step| map?.steps.get(step.0 as usize).copied());
        let found = match origin.place {
            Place::Function => map.map(|map| map.name),
            Place::Step => step,
            Place::Expr(expr) => map.and_then(|map| map.exprs.get(expr.0 as usize).copied()).or(step),
            Place::Clause(clause, expr) => self
                .clauses
                .iter()
                .find(|(known, _)| *known == clause)
                .and_then(|(_, spans)| spans.get(expr.0 as usize).copied()),
        };
        found.or_else(|| map.map(|map| map.function)).unwrap_or_default()
    }
}

/// Places of one semantic function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionMap {
    /// The whole function.
    pub function: Span,
    /// Its name.
    pub name: Span,
    /// Its steps, by [`crate::semantic::StepId`].
    pub steps: Vec<Span>,
    /// Its expressions, by [`crate::semantic::ExprId`].
    pub exprs: Vec<Span>,
    /// Its inputs.
    pub inputs: Vec<Span>,
    /// Its examples.
    pub examples: Vec<Span>,
}

/// Origins of one execution function: per block, one per instruction and one for the terminator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMap {
    /// By [`crate::execution::BlockId`].
    pub blocks: Vec<Vec<Origin>>,
}
