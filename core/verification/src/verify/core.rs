//! What proofs used: the preconditions and invariants in the cores of a function's goals. Asked only where it
//! is to be explained, after everything is proved; a core is not the smallest one.

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{ObligationKind, Role};
use anrf_format::module::Module;
use anrf_runtime::CancellationToken;

use super::bits::bits;
use super::inference::ways;
use super::proof::Prover;
use crate::encode::{Encoded, Encoder, Goal};
use crate::solver::{Features, Query};
use crate::term::{Script, TermId};

/// Labels of facts that a proof used, which are ids of obligations.
type Labels = BTreeSet<String>;

/// What the proofs of a function used.
pub(super) struct Used {
    /// By the obligation that was proved.
    pub(super) by_obligation: BTreeMap<String, Labels>,
    /// Preconditions and loop invariants that nothing needed.
    pub(super) unused: Vec<String>,
}

impl Prover {
    /// What the proofs of these goals used, all of which are proved. Where no solver tells, everything counts as
    /// used.
    pub(super) fn used(
        &self,
        module: &Module,
        encoder: &mut Encoder<'_>,
        encoded: &Encoded,
        cancel: &CancellationToken,
    ) -> Used {
        let mut by_obligation: BTreeMap<String, Labels> = BTreeMap::new();
        // Loop invariants are no end in themselves: what only they need is needed where they are.
        let (mut roots, mut invariants) = (Labels::new(), BTreeMap::<String, Labels>::new());
        for goal in &encoded.goals {
            let code = module.execution.functions.get(goal.function.0 as usize);
            let obligation = code.and_then(|code| code.obligations.get(goal.obligation.0 as usize));
            let Some(obligation) = obligation else { continue };
            let used = self.core(encoder, goal, cancel);
            let holder = match obligation.kind {
                ObligationKind::LoopInvariant => invariants.entry(obligation.id.clone()).or_default(),
                _ => &mut roots,
            };
            holder.extend(used.iter().cloned());
            by_obligation.entry(obligation.id.clone()).or_default().extend(used);
        }
        // What is inferred rests on what is written, and nobody says which proof rests on what is inferred.
        for way in ways(encoded) {
            let Some((_, first)) = way.first() else { continue };
            let goals = way.iter().map(|(_, goal)| goal.goal).collect();
            let goal = Goal { goal: encoder.terms.and(goals), ..(*first).clone() };
            roots.extend(self.core(encoder, &goal, cancel));
        }
        let mut needed = Labels::new();
        let mut open: Vec<String> = roots.into_iter().collect();
        while let Some(label) = open.pop() {
            if let Some(rests_on) = invariants.get(&label).filter(|_| !needed.contains(&label)) {
                open.extend(rests_on.iter().cloned());
            }
            needed.insert(label);
        }
        let unused = assumed(module, encoded.index).into_iter().filter(|id| !needed.contains(id)).collect();
        Used { by_obligation, unused }
    }

    /// The labels of what one proof used.
    fn core(&self, encoder: &mut Encoder<'_>, goal: &Goal, cancel: &CancellationToken) -> Labels {
        let label = |position: usize| goal.known.get(position).map(|fact| fact.label.clone());
        let named = |labels: &mut dyn Iterator<Item = String>| -> Labels {
            labels.filter(|label| !label.is_empty()).collect()
        };
        let Some(assertions) = Self::assertions(encoder, goal) else {
            // It holds by itself, or because one fact is just that.
            let same = goal.known.iter().find(|fact| fact.term == goal.goal);
            return named(&mut same.into_iter().map(|fact| fact.label.clone()));
        };
        let everything = || named(&mut goal.known.iter().map(|fact| fact.label.clone()));
        // What is decided in bit-vectors has no names for its facts.
        if bits(&encoder.terms, &assertions, encoder.two_to_symbol()).is_some() {
            return everything();
        }
        let is_named = |position: usize| label(position).is_some_and(|label| !label.is_empty());
        let ask = |encoder: &Encoder<'_>, assertions: &[TermId]| {
            let script = Script::naming(&encoder.terms, assertions, &[], is_named).ok()?;
            let by_patterns = script.features.contains(Features::QUANTIFIERS);
            for by_patterns in if by_patterns { vec![true, false] } else { vec![false] } {
                let (features, text) = (script.features, &script.text);
                let query = Query { script: text, features, wants_core: true, by_patterns };
                if let Ok(Some(core)) = self.portfolio.core(&query, &self.options.limits, cancel) {
                    return Some(core);
                }
            }
            None
        };
        // What only arithmetic made ready for solvers proves has no names for its facts.
        match ask(encoder, &assertions) {
            Some(core) => named(&mut core.into_iter().filter_map(|position| label(position as usize))),
            None => everything(),
        }
    }
}

/// The ids of what a function's proofs may assume by the author's word: its preconditions and the invariants of
/// its loops.
fn assumed(module: &Module, index: u32) -> Vec<String> {
    let roles = [
        (Role::Entry(index), ObligationKind::Precondition),
        (Role::Body(index), ObligationKind::LoopInvariant),
    ];
    let mut found = vec![];
    for (role, kind) in roles {
        let code = module.execution.find(role);
        let code = code.and_then(|id| module.execution.functions.get(id.0 as usize));
        let obligations = code.map_or(&[][..], |code| &code.obligations);
        found.extend(obligations.iter().filter(|it| it.kind == kind).map(|it| it.id.clone()));
    }
    found
}
