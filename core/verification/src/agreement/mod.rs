//! The encoding compared with the interpreter: what a run did must be possible, where the code is straight nothing
//! else may be, and what a run breaks must not be provable.

mod compare;
mod figures;

use std::collections::BTreeSet;

use anrf_format::execution::Role;
use anrf_format::module::Module;
use anrf_format::value::Value;
use anrf_runtime::{HostResponse, Outcome};

use crate::encode::{Calls, Encoded, Encoder, Exit};
use crate::solver::Features;
use crate::term::{Script, TermId, constructors};
use crate::testing::Observed;
use crate::verify::bits;

pub use compare::{Options, compare};
pub use figures::{Answers, Figures, WANTED};

/// What a solver has to say of one run.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The run itself: must not be unsatisfiable. Of a run that breaks an obligation it says that a goal of that
    /// obligation does not hold: if it were unsatisfiable, these inputs would be proved not to break it.
    pub possible: Script,
    /// The same in bit-vectors, where proofs go that way.
    pub in_bits: Option<(String, Features)>,
    /// The same inputs with another outcome: must be unsatisfiable where the encoding is exact. There is none
    /// for code with loops, effects, calls, or what solvers know less of than the language says.
    pub otherwise: Option<Script>,
    /// What the terms of both are made by.
    pub constructors: BTreeSet<String>,
}

/// The encoding of one function, to compare runs with.
pub struct Comparer<'m> {
    module: &'m Module,
    encoder: Encoder<'m>,
    encoded: Encoded,
    /// Whether another outcome can be excluded.
    straight: bool,
    /// A run may break an obligation in a call of the function by itself, on other inputs.
    recursive: bool,
}

impl<'m> Comparer<'m> {
    /// Of a function by its index.
    #[must_use]
    pub fn new(module: &'m Module, calls: &'m Calls, index: u32) -> Self {
        let mut encoder = Encoder::new(module, calls);
        let encoded = encoder.encode(index);
        let code = module.execution.functions.get(index as usize);
        let straight = code.is_some_and(|code| code.loops.is_empty())
            && calls.reached(index).is_empty()
            && calls.invoked(index).is_empty()
            && encoder.opaque.is_empty();
        Self { module, encoder, encoded, straight, recursive: calls.reached(index).contains(&index) }
    }

    /// Compares with a run; `None` if it broke an obligation in another call, or a script cannot say it.
    pub fn compare(&mut self, observed: &Observed) -> Option<Agreement> {
        match &observed.breaks {
            Some(_) if self.recursive => None,
            Some(obligation) => self.broken(observed, obligation),
            None => self.ended(observed),
        }
    }

    /// That the inputs and the state are those of the run.
    fn given(&mut self, observed: &Observed) -> Vec<TermId> {
        let mut given: Vec<TermId> = vec![];
        for ((type_id, term), (_, value)) in self.encoded.inputs.iter().zip(&observed.run.inputs) {
            given.push(self.encoder.has_value(*type_id, *term, value));
        }
        for (variable, type_id, term) in &self.encoded.state {
            let Some(known) = self.module.semantic.state.get(*variable as usize) else { continue };
            if let Some((_, value)) = observed.run.state.iter().find(|(name, _)| *name == known.name) {
                given.push(self.encoder.has_value(*type_id, *term, value));
            }
        }
        given
    }

    fn ended(&mut self, observed: &Observed) -> Option<Agreement> {
        let function = self.module.semantic.functions.get(self.encoded.index as usize)?;
        let (succeeds, outcome): (bool, Vec<Value>) = match &observed.run.outcome {
            Outcome::Success(fields) => (true, fields.iter().map(|(_, value)| value.clone()).collect()),
            Outcome::Failure { error_code, .. } => {
                let code = function.error_codes.iter().position(|known| known == error_code)?;
                (false, vec![Value::Integer(i64::try_from(code).ok()?)])
            }
            _ => return None,
        };
        let given = self.given(observed);
        // One of the ways out that end so was taken.
        let (mut ways, mut others) = (vec![], vec![]);
        for exit in std::mem::take(&mut self.encoded.exits) {
            let known: Vec<TermId> = exit.known.iter().map(|fact| fact.term).collect();
            if exit.succeeds == succeeds {
                let mut so: Vec<TermId> = vec![];
                for ((type_id, term), value) in exit.values.iter().zip(&outcome) {
                    so.push(self.encoder.has_value(*type_id, *term, value));
                }
                self.world_there(&exit, observed, &mut so);
                let so = self.encoder.terms.and(so);
                let not_so = self.encoder.terms.not(so);
                ways.push(self.encoder.terms.and(known.iter().copied().chain([so]).collect()));
                others.push(self.encoder.terms.and(known.into_iter().chain([not_so]).collect()));
            } else {
                others.push(self.encoder.terms.and(known));
            }
            self.encoded.exits.push(exit);
        }
        let way = self.encoder.terms.or(ways);
        let possible: Vec<TermId> = given.iter().copied().chain([way]).collect();
        let otherwise = self.straight.then(|| {
            let other = self.encoder.terms.or(others);
            given.into_iter().chain([other]).collect()
        });
        self.scripts(&possible, otherwise)
    }

    /// State and attempts at a way out.
    fn world_there(&mut self, exit: &Exit, observed: &Observed, so: &mut Vec<TermId>) {
        for (variable, term) in &exit.state {
            let Some(known) = self.module.semantic.state.get(*variable as usize) else { continue };
            if let Some((_, value)) = observed.after.iter().find(|(name, _)| *name == known.name) {
                so.push(self.encoder.has_value(known.type_id, *term, value));
            }
        }
        for (number, operation) in (0_u32..).zip(&self.module.semantic.host) {
            let asked = |answer: &&(String, HostResponse)| answer.0 == operation.name;
            let count = observed.run.answers.iter().filter(asked).count();
            let count = self.encoder.terms.integer(count);
            let none = self.encoder.terms.integer(0);
            let term = exit.attempts.get(&number).copied().unwrap_or(none);
            so.push(self.encoder.terms.equal(term, count));
        }
    }

    /// A goal of the obligation does not hold.
    fn broken(&mut self, observed: &Observed, obligation: &str) -> Option<Agreement> {
        // Of a function that is called it is that one's obligation, and its goals are there.
        if !self.is_own(obligation) {
            return None;
        }
        let mut assertions = self.given(observed);
        let mut ways = vec![];
        for goal in &self.encoded.goals {
            let code = self.module.execution.functions.get(goal.function.0 as usize)?;
            let is_it =
                code.obligations.get(goal.obligation.0 as usize).is_some_and(|known| known.id == obligation);
            // A condition that cannot be told breaks the check that asks it; that it can is a goal of its own.
            let defines = matches!(
                code.role,
                Role::Record(_) | Role::State(_) | Role::HostRequest(_) | Role::HostAnswer(_)
            );
            if !is_it && !defines {
                continue;
            }
            let mut parts: Vec<TermId> = goal.known.iter().map(|fact| fact.term).collect();
            parts.push(self.encoder.terms.not(goal.goal));
            ways.push(self.encoder.terms.and(parts));
        }
        assertions.push(self.encoder.terms.or(ways));
        self.scripts(&assertions, None)
    }

    fn is_own(&self, obligation: &str) -> bool {
        let function = self.module.semantic.functions.get(self.encoded.index as usize);
        function.is_some_and(|function| obligation.starts_with(&format!("{}/", function.node_id())))
    }

    fn scripts(&self, possible: &[TermId], otherwise: Option<Vec<TermId>>) -> Option<Agreement> {
        let terms = &self.encoder.terms;
        let mut roots = possible.to_vec();
        roots.extend(otherwise.iter().flatten());
        let constructors = constructors(terms, &roots);
        let in_bits =
            bits(terms, possible, self.encoder.two_to_symbol()).map(|view| (view.text, view.features));
        let possible = Script::new(terms, possible, &[]).ok()?;
        let otherwise = otherwise.and_then(|assertions| Script::new(terms, &assertions, &[]).ok());
        Some(Agreement { possible, in_bits, otherwise, constructors })
    }
}
