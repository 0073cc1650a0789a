//! The goals of a comparison: of the inputs that both allow, and of the places where their runs come together.

use std::collections::BTreeMap;

use anrf_format::execution::{FunctionId, ObligationId};
use anrf_format::module::Module;
use anrf_format::types::TypeId;
use anrf_runtime::{CancellationToken, Fields};

use super::decide::Decided;
use super::proof::Prover;
use crate::encode::{Calls, Encoded, Encoder, Exit, Goal, Part};
use crate::report::{Compared, Effort, Question, Unknown, Way};
use crate::term::{Fact, TermId};

/// Two functions and a question.
pub(super) struct Product<'a> {
    pub(super) first: (&'a Module, &'a Calls, u32),
    pub(super) second: (&'a Module, &'a Calls, u32),
    pub(super) question: Question,
    pub(super) prover: &'a Prover,
    pub(super) cancel: &'a CancellationToken,
}

/// Inputs and state that are worth a run of both.
type Models = Vec<(Fields, Fields)>;

/// A way to the next place, of either function.
struct Step {
    /// A head, or none where the function ends.
    head: Option<usize>,
    known: Vec<Fact>,
    outcome: Outcome,
    sources: std::collections::BTreeSet<usize>,
}

/// What is handed over there.
enum Outcome {
    State(Vec<(TypeId, TermId)>),
    End(Exit),
}

impl Product<'_> {
    /// The verdict, what it took, and models to be run.
    pub(super) fn decide(&self) -> (Compared, Effort, Models) {
        let (module, calls, index) = self.first;
        let mut encoder = Encoder::new(module, calls);
        let first = encoder.encode(index);
        let names = encoder.state_names(&first);
        let (module, calls, index) = self.second;
        let mut encoder = match encoder.over(module, calls) {
            Ok(encoder) => encoder,
            Err(name) => {
                let what = format!("two types of the name {name} that are not the same");
                return (Compared::Unknown(Unknown::Unsupported(what)), Effort::default(), vec![]);
            }
        };
        let second = encoder.encode_beside(index, &first, &names, false);
        let mut asked =
            Asked { product: self, encoder: &mut encoder, effort: Effort::default(), models: vec![] };
        let mut open = asked.domain(&first, &second);
        let mut way = Way::Ends;
        if open.is_none() {
            // What does the same keeps every contract of the other, so refinement is tried last by that.
            if self.question == Question::Refines {
                open = asked.promises(&first, &second);
            }
            if self.question == Question::Equivalent || open.is_some() {
                let promised = open.take();
                open = Some(Compared::Unknown(Unknown::GaveUp));
                if !first.heads.is_empty() && asked.encoder.same_heads(&first, &second) {
                    let second = asked.encoder.encode_beside(index, &first, &names, true);
                    open = asked.in_step(&first, &second);
                    way = Way::InStep;
                }
                if open.is_some() {
                    open = asked.ends(&first, &second);
                    way = Way::Ends;
                }
                open = open.map(|open| promised.unwrap_or(open));
            }
        }
        let verdict = match open {
            None => Compared::Proved(way),
            Some(Compared::Unknown(Unknown::GaveUp)) if self.cancel.is_cancelled() => {
                Compared::Unknown(Unknown::OutOfTime)
            }
            Some(open) => open,
        };
        (verdict, asked.effort, asked.models)
    }

    /// Pairs of fields of one name.
    fn fields(&self) -> Vec<(usize, usize)> {
        let fields = |(module, _, index): (&Module, &Calls, u32)| -> Vec<String> {
            let function = module.semantic.functions.get(index as usize);
            function.map_or(vec![], |it| it.success.iter().map(|field| field.name.clone()).collect())
        };
        let (first, second) = (fields(self.first), fields(self.second));
        let place = |name: &String| second.iter().position(|other| other == name);
        first.iter().enumerate().filter_map(|(number, name)| Some((number, place(name)?))).collect()
    }

    /// For each error of the first function, the number of it in the second.
    fn errors(&self) -> Vec<Option<usize>> {
        let codes = |(module, _, index): (&Module, &Calls, u32)| -> Vec<String> {
            module.semantic.functions.get(index as usize).map_or(vec![], |it| it.error_codes.clone())
        };
        let (first, second) = (codes(self.first), codes(self.second));
        first.iter().map(|code| second.iter().position(|other| other == code)).collect()
    }

    /// Pairs of state variables of one name, with the type in the second module; those of either alone have no
    /// partner.
    fn variables(&self) -> Vec<(Option<u32>, Option<u32>, TypeId)> {
        let names = |module: &Module| -> Vec<(String, TypeId)> {
            module.semantic.state.iter().map(|it| (it.name.clone(), it.type_id)).collect()
        };
        let (first, second) = (names(self.first.0), names(self.second.0));
        let place = |names: &[(String, TypeId)], name: &str| {
            let place = names.iter().position(|(known, _)| known == name);
            place.and_then(|place| u32::try_from(place).ok())
        };
        let mut found: Vec<_> = first
            .iter()
            .map(|(name, type_id)| {
                let other = place(&second, name);
                let own = other.and_then(|other| second.get(other as usize)).map(|(_, type_id)| *type_id);
                (place(&first, name), other, own.unwrap_or(*type_id))
            })
            .collect();
        let alone = second.iter().filter(|(name, _)| place(&first, name).is_none());
        found.extend(alone.map(|(name, type_id)| (None, place(&second, name), *type_id)));
        found
    }
}

/// A comparison under way.
struct Asked<'a, 'b, 'm> {
    product: &'a Product<'b>,
    encoder: &'a mut Encoder<'m>,
    effort: Effort,
    models: Models,
}

impl Asked<'_, '_, '_> {
    /// Whether a goal follows; else why not.
    fn follows(&mut self, second: &Encoded, known: Vec<Fact>, goal: TermId) -> Option<Compared> {
        let goal = Goal {
            function: FunctionId(second.index),
            obligation: ObligationId::NONE,
            part: Part::Whole,
            iteration: None,
            reached: None,
            known,
            goal,
        };
        let decided = self.product.prover.decide(self.encoder, &goal, Some(second), self.product.cancel);
        self.effort.goals += 1;
        match decided {
            Decided::Plain => None,
            Decided::Proved(spent) => {
                self.effort.add(&spent);
                None
            }
            Decided::Open(why, spent, candidate) => {
                self.effort.add(&spent);
                self.models.extend(candidate.given);
                Some(Compared::Unknown(why))
            }
            Decided::Broken(message) => Some(Compared::Error(message)),
        }
    }

    /// That the first allows what the second does, and for equivalence the other way, too.
    fn domain(&mut self, first: &Encoded, second: &Encoded) -> Option<Compared> {
        let mut ways = vec![(second, first)];
        if self.product.question == Question::Equivalent {
            ways.push((first, second));
        }
        for (given, wanted) in ways {
            for fact in &wanted.entry {
                if let Some(open) = self.follows(second, given.entry.clone(), fact.term) {
                    return Some(open);
                }
            }
        }
        None
    }

    /// That the ends agree, whatever the ways there.
    fn ends(&mut self, first: &Encoded, second: &Encoded) -> Option<Compared> {
        for one in &first.exits {
            for other in &second.exits {
                let same = self.same_end(one, other, first, second);
                if let Some(open) = self.follows(second, together(&one.known, &other.known), same) {
                    return Some(open);
                }
            }
        }
        None
    }

    /// That both go from equal states at one place to equal states at the next.
    fn in_step(&mut self, first: &Encoded, second: &Encoded) -> Option<Compared> {
        let (ways, others) = (steps(first), steps(second));
        for one in &ways {
            for other in &others {
                if one.sources.is_disjoint(&other.sources) {
                    continue;
                }
                let same = match (&one.outcome, &other.outcome) {
                    (Outcome::State(a), Outcome::State(b)) if one.head == other.head => {
                        let parts =
                            a.iter().zip(b).map(|((_, a), (id, b))| self.encoder.same_value(*id, *a, *b));
                        let parts = parts.collect();
                        self.encoder.terms.and(parts)
                    }
                    (Outcome::End(a), Outcome::End(b)) => self.same_end(a, b, first, second),
                    _ => self.encoder.terms.boolean(false),
                };
                if let Some(open) = self.follows(second, together(&one.known, &other.known), same) {
                    return Some(open);
                }
            }
        }
        None
    }

    /// The same results or the same error, and the same state.
    fn same_end(&mut self, one: &Exit, other: &Exit, first: &Encoded, second: &Encoded) -> TermId {
        if one.succeeds != other.succeeds {
            return self.encoder.terms.boolean(false);
        }
        let mut parts = vec![];
        if one.succeeds {
            for (a, b) in self.product.fields() {
                if let (Some((_, a)), Some((id, b))) = (one.values.get(a), other.values.get(b)) {
                    parts.push(self.encoder.same_value(*id, *a, *b));
                }
            }
        } else if let (Some((_, a)), Some((_, b))) = (one.values.first(), other.values.first()) {
            let mut ways = vec![];
            for (number, partner) in self.product.errors().into_iter().enumerate() {
                let Some(partner) = partner else { continue };
                let (number, partner) =
                    (self.encoder.terms.integer(number), self.encoder.terms.integer(partner));
                let (this, that) =
                    (self.encoder.terms.equal(*a, number), self.encoder.terms.equal(*b, partner));
                ways.push(self.encoder.terms.and(vec![this, that]));
            }
            parts.push(self.encoder.terms.or(ways));
        }
        for (a, b, id) in self.product.variables() {
            let before = |state: &[(u32, TypeId, TermId)], variable: u32| {
                state.iter().find(|(known, ..)| *known == variable).map(|(_, _, term)| *term)
            };
            let was =
                a.and_then(|a| before(&first.state, a)).or_else(|| b.and_then(|b| before(&second.state, b)));
            // One that a function does not look at stays as it was.
            let after = |exit: &Exit, variable: Option<u32>| {
                variable.and_then(|variable| exit.state.get(&variable).copied()).or(was)
            };
            if let (Some(a), Some(b)) = (after(one, a), after(other, b)) {
                parts.push(self.encoder.same_value(id, a, b));
            }
        }
        self.encoder.terms.and(parts)
    }

    /// That what the first does keeps the postconditions of the second, where the second may be called.
    fn promises(&mut self, first: &Encoded, second: &Encoded) -> Option<Compared> {
        let inputs: Vec<TermId> = second.inputs.iter().map(|(_, term)| *term).collect();
        let before: BTreeMap<u32, TermId> =
            second.state.iter().map(|(variable, _, term)| (*variable, *term)).collect();
        let written = self.encoder.written(second.index);
        for exit in &first.exits {
            let known = together(&second.entry, &exit.known);
            // State after, as the second module calls it.
            let mut after = before.clone();
            let mut kept = vec![];
            for (a, b, id) in self.product.variables() {
                let Some(value) = a.and_then(|a| exit.state.get(&a).copied()) else { continue };
                let was = a.and_then(|a| first.state.iter().find(|(known, ..)| *known == a));
                if let Some(b) = b {
                    after.insert(b, value);
                }
                // Callers of the second know that it leaves alone what it does not write.
                let changes = b.is_some_and(|b| written.contains(&b));
                if let (false, Some((_, _, was))) = (changes, was) {
                    kept.push(self.encoder.same_value(id, *was, value));
                }
            }
            let mut wanted = vec![];
            if exit.succeeds {
                let mut values: Vec<TermId> = exit.values.iter().map(|(_, term)| *term).collect();
                for (a, b) in self.product.fields() {
                    if let (Some(place), Some((_, value))) = (values.get_mut(b), exit.values.get(a)) {
                        *place = *value;
                    }
                }
                wanted.push(self.encoder.promises(second.index, &inputs, &before, &after, &values, true));
            } else if let Some((_, code)) = exit.values.first() {
                for (number, partner) in self.product.errors().into_iter().enumerate() {
                    let number = self.encoder.terms.integer(number);
                    let is_this = self.encoder.terms.equal(*code, number);
                    let allowed = match partner {
                        Some(partner) => {
                            let partner = self.encoder.terms.integer(partner);
                            let (index, values) = (second.index, [partner]);
                            self.encoder.promises(index, &inputs, &before, &after, &values, false)
                        }
                        None => self.encoder.terms.boolean(false),
                    };
                    wanted.push(self.encoder.terms.implies(is_this, allowed));
                }
            }
            for goal in wanted.into_iter().chain(kept) {
                if let Some(open) = self.follows(second, known.clone(), goal) {
                    return Some(open);
                }
            }
        }
        None
    }
}

/// All ways of a function to its next place.
fn steps(encoded: &Encoded) -> Vec<Step> {
    let heads = encoded.arrivals.iter().map(|arrival| Step {
        head: Some(arrival.head),
        known: arrival.known.clone(),
        outcome: Outcome::State(arrival.values.clone()),
        sources: arrival.sources.clone(),
    });
    let ends = encoded.exits.iter().map(|exit| Step {
        head: None,
        known: exit.known.clone(),
        outcome: Outcome::End(exit.clone()),
        sources: exit.sources.clone(),
    });
    heads.chain(ends).collect()
}

/// What is known of both.
fn together(one: &[Fact], other: &[Fact]) -> Vec<Fact> {
    let mut known = one.to_vec();
    let fresh = other.iter().filter(|fact| !one.iter().any(|known| known.term == fact.term));
    known.extend(fresh.cloned());
    known
}
