//! What the inputs would have to meet for an obligation to hold: a condition in the words of the language that a
//! solver has shown to be enough, and that inputs which were run meet.

mod condition;

use anrf_format::execution::ObligationKind;
use anrf_format::module::Module;
use anrf_format::semantic::Example;
use anrf_format::types::Type;
use anrf_runtime::{CancellationToken, Fields};

use self::condition::{Atoms, Condition};
use super::decide::Decided;
use super::proof::{ProofOptions, Prover};
use crate::encode::{Encoded, Encoder, Goal};
use crate::report::{Effort, ObligationReport, Witness};
use crate::solver::Limits;
use crate::term::{Fact, Op, TermId, Theory};
use crate::testing::Observed;

/// A single question gets this part of the resources that a goal gets.
const SHARE: u64 = 8;
/// So many questions are asked about the obligations of one function.
const MOST_QUESTIONS: usize = 32;
/// What is longer is not simple.
const LONGEST: usize = 160;
/// Pairs of inputs are looked at while there are no more than so many.
const MOST_INPUTS: usize = 8;

/// Looks for conditions on the inputs of one function.
pub(super) struct Proposer<'a> {
    prover: Prover,
    module: &'a Module,
    encoded: &'a Encoded,
    atoms: Atoms,
    kept: &'a [Observed],
    questions: usize,
    /// What was asked since [`Self::spent`] was taken.
    effort: Effort,
    cancel: &'a CancellationToken,
}

/// Whether such an obligation can hang on what a caller gives: results are the function's own affair.
pub(super) fn depends_on_inputs(kind: ObligationKind) -> bool {
    use ObligationKind as Kind;
    matches!(
        kind,
        Kind::NoOverflow
            | Kind::NoDivisionByZero
            | Kind::InBounds
            | Kind::KeyPresent
            | Kind::ValuePresent
            | Kind::ValidArgument
            | Kind::CallPrecondition
            | Kind::Constraint
    )
}

impl<'a> Proposer<'a> {
    /// `kept` are runs whose inputs met the conditions on entry.
    pub(super) fn new(
        prover: &Prover,
        encoder: &mut Encoder<'_>,
        module: &'a Module,
        encoded: &'a Encoded,
        kept: &'a [Observed],
        cancel: &'a CancellationToken,
    ) -> Option<Self> {
        let function = module.semantic.functions.get(encoded.index as usize)?;
        // What the code of sensitive functions compares with is not repeated elsewhere.
        if function.security.sensitive_data || prover.portfolio.solvers().is_empty() {
            return None;
        }
        let usual = &prover.options.limits;
        let limits = Limits { resources: usual.resources / SHARE, ..*usual };
        let prover = Prover::new(prover.portfolio.clone(), ProofOptions { limits });
        let atoms = Atoms::of(encoder, encoded);
        Some(Self {
            prover,
            module,
            encoded,
            atoms,
            kept,
            questions: MOST_QUESTIONS,
            effort: Effort::default(),
            cancel,
        })
    }

    /// A condition under which all these goals of one obligation hold.
    pub(super) fn propose(
        &mut self,
        encoder: &mut Encoder<'_>,
        goals: &[&Goal],
        obligation: &ObligationReport,
        witness: Option<&Witness>,
    ) -> Option<String> {
        let mut candidates = self.demands(encoder, goals, witness);
        if candidates.is_empty() {
            candidates = self.usual(encoder, obligation.kind);
        }
        for term in candidates {
            let Some(condition) = self.atoms.condition(encoder, term) else { continue };
            let text = condition.text();
            if text.len() > LONGEST || !self.is_plausible(&condition, &obligation.id, witness) {
                continue;
            }
            let enough = |goal: &&Goal| self.follows(encoder, goal, goal.goal, Some(term));
            if goals.iter().all(enough) {
                return Some(text);
            }
        }
        None
    }

    /// What the questions of the last proposal took.
    pub(super) fn spent(&mut self) -> Effort {
        std::mem::take(&mut self.effort)
    }

    /// What the goals demand where it does not follow: first on the way there only, then everywhere.
    fn demands(
        &mut self,
        encoder: &mut Encoder<'_>,
        goals: &[&Goal],
        witness: Option<&Witness>,
    ) -> Vec<TermId> {
        let (mut on_the_way, mut everywhere) = (vec![], vec![]);
        for goal in goals {
            for part in conjuncts(encoder, goal.goal) {
                let said = self.atoms.condition(encoder, part);
                // What the run that refutes it breaks does not follow.
                let breaks =
                    |said: &Condition, run: &Witness| said.holds(&run.inputs, &run.state) == Some(false);
                let broken = said.as_ref().zip(witness).is_some_and(|(said, run)| breaks(said, run));
                if !broken && self.follows(encoder, goal, part, None) {
                    continue;
                }
                if said.is_none() {
                    return vec![];
                }
                everywhere.push(part);
                let reached = goal.reached.unwrap_or_else(|| encoder.terms.boolean(true));
                on_the_way.push(encoder.terms.implies(reached, part));
            }
        }
        if everywhere.is_empty() {
            return vec![];
        }
        let mut found = vec![encoder.terms.and(on_the_way), encoder.terms.and(everywhere)];
        found.dedup();
        found
    }

    /// Conditions that functions often need, the weaker ones of two first.
    fn usual(&self, encoder: &mut Encoder<'_>, kind: ObligationKind) -> Vec<TermId> {
        let (mut numbers, mut sized, mut optional) = (vec![], vec![], vec![]);
        for (type_id, term) in &self.atoms.whole {
            match encoder.types().get(*type_id) {
                Type::Integer => numbers.push(*term),
                Type::Optional(_) => optional.push(encoder.is_some_term(*type_id, *term)),
                Type::String | Type::Bytes | Type::Array(_) | Type::Map(..) | Type::Set(_) => {
                    sized.push(encoder.length_term(*type_id, *term));
                }
                _ => {}
            }
        }
        let terms = &mut encoder.terms;
        let zero = terms.integer(0);
        let mut found = vec![];
        if kind == ObligationKind::NoOverflow {
            // The one integer whose negative is none.
            let least = terms.integer(i64::MIN);
            found.extend(numbers.iter().map(|number| terms.less(least, *number)));
        }
        for length in &sized {
            found.push(terms.less(zero, *length));
        }
        found.extend(optional);
        for number in &numbers {
            found.push(terms.less_equal(zero, *number));
            found.push(terms.less(zero, *number));
        }
        if numbers.len() + sized.len() > MOST_INPUTS {
            return found;
        }
        for (left, right) in pairs(&sized).chain(pairs(&numbers)) {
            found.push(terms.less_equal(left, right));
        }
        for number in &numbers {
            for length in &sized {
                let (low, high) = (terms.less_equal(zero, *number), terms.less_equal(*number, *length));
                found.push(terms.and(vec![low, high]));
                let high = terms.less(*number, *length);
                found.push(terms.and(vec![low, high]));
            }
        }
        for (position, left) in sized.iter().enumerate() {
            for right in sized.iter().skip(position + 1) {
                found.push(terms.equal(*left, *right));
            }
        }
        found
    }

    /// Whether the runs that are known agree: every example meets it, something that was run does, and what breaks
    /// the obligation does not.
    fn is_plausible(&self, condition: &Condition, obligation: &str, witness: Option<&Witness>) -> bool {
        let holds = |inputs: &Fields, state: &Fields| condition.holds(inputs, state);
        if witness.is_some_and(|run| holds(&run.inputs, &run.state) != Some(false)) {
            return false;
        }
        let semantic = &self.module.semantic;
        let Some(function) = semantic.functions.get(self.encoded.index as usize) else { return false };
        let example = |example: &Example| {
            let names = function.inputs.iter().map(|input| input.name.clone());
            let inputs: Fields = names.zip(example.inputs.iter().cloned()).collect();
            let variables = (0..).zip(&semantic.state).map(|(index, variable)| {
                let given = example.state.iter().find(|(known, _)| *known == index);
                (variable.name.clone(), given.map_or(&variable.initial, |(_, value)| value).clone())
            });
            holds(&inputs, &variables.collect()) == Some(true)
        };
        if !function.examples.iter().all(example) {
            return false;
        }
        let mut met = false;
        for observed in self.kept {
            if holds(&observed.run.inputs, &observed.run.state) == Some(true) {
                if observed.breaks.as_deref() == Some(obligation) {
                    return false;
                }
                met = true;
            }
        }
        met
    }

    /// Whether something follows from what is known at a goal, and from a condition.
    fn follows(
        &mut self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        wanted: TermId,
        condition: Option<TermId>,
    ) -> bool {
        let Some(left) = self.questions.checked_sub(1) else { return false };
        self.questions = left;
        let mut asked = Goal { goal: wanted, iteration: None, ..goal.clone() };
        asked.known.extend(condition.map(|term| Fact { term, label: String::new() }));
        let decided = self.prover.decide(encoder, &asked, Some(self.encoded), self.cancel);
        if let Decided::Proved(spent) | Decided::Open(_, spent, _) = &decided {
            self.effort.add(spent);
        }
        matches!(decided, Decided::Plain | Decided::Proved(_))
    }
}

fn conjuncts(encoder: &Encoder<'_>, goal: TermId) -> Vec<TermId> {
    let node = encoder.terms.get(goal);
    match node.op {
        Op::Theory(Theory::And) => node.arguments.to_vec(),
        _ => vec![goal],
    }
}

/// All pairs of two different terms, in both orders.
fn pairs(terms: &[TermId]) -> impl Iterator<Item = (TermId, TermId)> + '_ {
    terms.iter().flat_map(|left| {
        let others = terms.iter().filter(move |right| *right != left);
        others.map(move |right| (*left, *right))
    })
}
