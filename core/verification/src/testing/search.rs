//! The search: examples first, then made-up inputs and changes of those that reached something new.

use std::collections::VecDeque;
use std::time::Instant;

use anrf_format::value::Value;
use anrf_runtime::{CancellationToken, End, HostResponse, Limit};
use rustc_hash::{FxHashMap, FxHashSet};

use super::mutate::leaves;
use super::run::{Candidate, Ran, Tester, Verdict};
use super::{Defect, Observed, Tested};
use crate::report::Method;

/// So many candidates are kept for changing.
const KEPT: usize = 256;
/// Of a hundred changes so many only put what the code compares with at one place.
const AT_LIMIT: usize = 20;
/// How often other answers are made up where a host must not give them.
const ANSWERS_AGAIN: usize = 6;

/// What a search knows so far.
#[derive(Debug, Default)]
struct Corpus {
    /// Reached something new, conditions on entry met; with the path of each.
    good: Vec<(u64, Candidate)>,
    /// How many conditions it met, of those that do not meet all: the furthest.
    near: Vec<(usize, Candidate)>,
    seen: FxHashSet<u64>,
    /// How many runs took a path. One path is a set of edges, and how the state has grown and shrunk.
    paths: FxHashMap<u64, u32>,
}

impl Tester {
    /// Looks for runs that show a defect.
    pub fn search(&mut self, cancellation: Option<&CancellationToken>) -> Tested {
        let begun = Instant::now();
        let sensitive = self.declared().is_some_and(|function| function.security.sensitive_data);
        let mut tested = Tested { sensitive, ..Tested::default() };
        let types = self.input_types();
        if !types.iter().all(|type_id| self.generator.can_make(*type_id)) {
            return tested;
        }
        let mut corpus = Corpus::default();
        let mut examples = if self.options.examples { self.examples() } else { VecDeque::new() };
        let mut charges = 0_u64;
        for _ in 0..self.options.max_runs {
            if begun.elapsed() > self.options.max_time
                || cancellation.is_some_and(CancellationToken::is_cancelled)
            {
                tested.cut_short = true;
                break;
            }
            if charges > self.options.max_charges || tested.defects.len() >= self.options.max_defects {
                break;
            }
            let candidate = match examples.pop_front() {
                Some(example) => example,
                None if !self.options.property => break,
                None => self.next(&corpus, tested.satisfied_entry),
            };
            let Some((candidate, ran)) = self.attempt(candidate, cancellation) else { break };
            charges = charges.saturating_add(ran.charges).saturating_add(50);
            self.learn(&mut corpus, &mut tested, candidate, ran, cancellation);
        }
        tested.edges = corpus.seen.len();
        tested
    }

    /// Runs a candidate, with other answers where the host must not give those.
    fn attempt(
        &mut self,
        mut candidate: Candidate,
        cancellation: Option<&CancellationToken>,
    ) -> Option<(Candidate, Ran)> {
        let mut again = 0;
        loop {
            let mut ran = self.run(&candidate, true, cancellation).ok()?;
            candidate.answers = std::mem::take(&mut ran.given);
            if !matches!(ran.verdict, Verdict::HostContract(_)) || again == ANSWERS_AGAIN {
                return Some((candidate, ran));
            }
            again += 1;
            candidate.answers.pop();
        }
    }

    /// What comes next.
    fn next(&mut self, corpus: &Corpus, satisfied: bool) -> Candidate {
        self.generator.begin();
        let change = self.generator.random.chance(if satisfied { 50 } else { 70 });
        let near = || corpus.near.iter().map(|(_, candidate)| candidate);
        let chosen = if !change {
            None
        } else if satisfied {
            // Late ones have come furthest, and what few runs do is what little is known of.
            let random = &mut self.generator.random;
            let (one, other) = (random.below(corpus.good.len()), random.below(corpus.good.len()));
            let runs = |(path, _): &(u64, Candidate)| corpus.paths.get(path).copied().unwrap_or(0);
            let (early, late) = (corpus.good.get(one.min(other)), corpus.good.get(one.max(other)));
            let rarer = early.filter(|early| late.is_some_and(|late| runs(early) < runs(late))).or(late);
            rarer.map(|(_, candidate)| candidate.clone())
        } else {
            let index = self.generator.random.below(corpus.near.len());
            near().nth(index).cloned()
        };
        match chosen {
            Some(candidate) => self.change(candidate),
            None => self.invent(),
        }
    }

    /// A candidate from nothing.
    fn invent(&mut self) -> Candidate {
        let inputs = self.declared().map_or(&[][..], |function| &function.inputs);
        let inputs: Vec<_> = inputs.iter().map(|input| (input.name.clone(), input.type_id)).collect();
        let inputs =
            inputs.into_iter().map(|(name, type_id)| (name, self.generator.value(type_id))).collect();
        let mut state = self.initial_state();
        for (index, type_id) in self.used_state() {
            if self.generator.random.chance(75)
                && let Some(place) = state.get_mut(index)
            {
                *place = self.generator.value(type_id);
            }
        }
        Candidate { inputs, state, answers: vec![], method: Method::Property }
    }

    fn used_state(&self) -> Vec<(usize, anrf_format::types::TypeId)> {
        let used = self.declared().map_or(&[][..], |function| &function.state);
        let used = used.iter().filter_map(|index| {
            let variable = self.module.semantic.state.get(*index as usize)?;
            Some((*index as usize, variable.type_id))
        });
        used.filter(|(_, type_id)| self.generator.can_make(*type_id)).collect()
    }

    /// A candidate near another one.
    fn change(&mut self, mut candidate: Candidate) -> Candidate {
        let (types, used) = (self.input_types(), self.used_state());
        for ((_, value), type_id) in candidate.inputs.iter().zip(&types) {
            self.generator.notice(*type_id, value);
        }
        candidate.method = Method::Fuzzing;
        if self.generator.random.chance(AT_LIMIT) {
            self.set_to_limit(&mut candidate);
            return candidate;
        }
        let times = 1 + self.generator.random.below(3);
        for _ in 0..times {
            let places = types.len() + used.len() + usize::from(!candidate.answers.is_empty());
            let place = self.generator.random.below(places);
            if let (Some(type_id), Some((_, value))) = (types.get(place), candidate.inputs.get_mut(place)) {
                *value = self.generator.changed(*type_id, value);
            } else if let Some((index, type_id)) = used.get(place - types.len().min(place)) {
                if let Some(value) = candidate.state.get_mut(*index) {
                    *value = self.generator.changed(*type_id, value);
                }
            } else {
                self.change_answer(&mut candidate);
            }
        }
        candidate
    }

    /// Sets one number, text or time, wherever it stands, to what the code compares with.
    fn set_to_limit(&mut self, candidate: &mut Candidate) {
        let used: Vec<usize> = self.used_state().into_iter().map(|(index, _)| index).collect();
        let answers = candidate.answers.iter_mut().filter_map(|(_, answer)| match answer {
            HostResponse::Success(fields) => Some(fields),
            HostResponse::Error { .. } => None,
        });
        let fields = answers.flatten().chain(&mut candidate.inputs).map(|(_, value)| value);
        let state = candidate.state.iter_mut().zip(0..).filter(|(_, index)| used.contains(index));
        let mut leaves = leaves(fields.chain(state.map(|(value, _)| value)));
        let at = self.generator.random.below(leaves.len());
        if let Some(leaf) = leaves.get_mut(at)
            && let Some(limit) = self.generator.limit_for(leaf)
        {
            **leaf = limit;
        }
    }

    fn change_answer(&mut self, candidate: &mut Candidate) {
        let at = self.generator.random.below(candidate.answers.len());
        if self.generator.random.chance(50) {
            candidate.answers.truncate(at);
            return;
        }
        let Some((operation, HostResponse::Success(fields))) = candidate.answers.get_mut(at) else { return };
        let declared = self.module.semantic.host.get(*operation as usize);
        for (name, value) in fields {
            let field =
                declared.and_then(|declared| declared.success.iter().find(|field| field.name == *name));
            if let Some(field) = field {
                *value = self.generator.changed(field.type_id, value);
            }
        }
    }

    /// Takes in what a run has shown.
    fn learn(
        &mut self,
        corpus: &mut Corpus,
        tested: &mut Tested,
        candidate: Candidate,
        ran: Ran,
        cancellation: Option<&CancellationToken>,
    ) {
        let grown = growth(&candidate.state, &ran.after);
        match ran.verdict {
            Verdict::NotAnInput(condition) => {
                tested.discarded += 1;
                let level = self.entry.iter().position(|id| *id == condition).map_or(0, |index| index + 1);
                // A quantified condition that was looked at for longer failed later.
                let reached = (level as u64) << 32 | u64::from(ran.contract_units.max(1).ilog2());
                if corpus.seen.insert(!reached) || corpus.near.is_empty() {
                    let furthest = corpus.near.iter().map(|(level, _)| *level).max().unwrap_or(0);
                    if level > furthest {
                        corpus.near.clear();
                    }
                    if level >= furthest && corpus.near.len() < KEPT {
                        corpus.near.push((level, candidate));
                    }
                }
                return;
            }
            Verdict::HostContract(_) => {
                tested.discarded += 1;
                return;
            }
            Verdict::Limit(Limit::Cancelled) => return,
            Verdict::Limit(_) => tested.limited += 1,
            Verdict::Defect(obligation, end) => {
                if tested.kept.len() < self.options.kept_runs {
                    let Defect { obligation, witness } =
                        self.defect(candidate.clone(), obligation.clone(), end.clone());
                    let after = self.named_state(ran.after);
                    tested.kept.push(Observed { run: witness, breaks: Some(obligation), after });
                }
                if !tested.defects.iter().any(|defect| defect.obligation == obligation) {
                    let defect = self.shrunk(candidate.clone(), obligation, end, cancellation);
                    tested.defects.push(defect);
                }
            }
            Verdict::Holds(end) => {
                if tested.kept.len() < self.options.kept_runs {
                    let run = self.defect(candidate.clone(), String::new(), end).witness;
                    tested.kept.push(Observed { run, breaks: None, after: self.named_state(ran.after) });
                }
            }
        }
        tested.runs += 1;
        tested.satisfied_entry = true;
        let mut new = false;
        let mut path = grown;
        for (edge, count) in ran.edges {
            let edge = edge ^ u64::from(count.ilog2()) << 48;
            new |= corpus.seen.insert(edge);
            path = path.wrapping_add(edge.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        let runs = corpus.paths.entry(path).or_insert(0);
        *runs += 1;
        if new || (*runs == 1 && corpus.good.len() < KEPT / 2) || corpus.good.len() < 8 {
            for ((_, value), type_id) in candidate.inputs.iter().zip(self.input_types()) {
                self.generator.remember(type_id, value);
            }
            if corpus.good.len() < KEPT {
                corpus.good.push((path, candidate));
            }
        }
    }

    fn shrunk(
        &mut self,
        candidate: Candidate,
        obligation: String,
        end: End,
        cancellation: Option<&CancellationToken>,
    ) -> Defect {
        let (candidate, end) = self.shrink(candidate, &obligation, end, cancellation);
        self.defect(candidate, obligation, end)
    }
}

/// How many entries the collections of the state have before a run and after it, as one number: an entry that is
/// found and one that is added differ in nothing else where both are one step.
fn growth(before: &[Value], after: &[Value]) -> u64 {
    let length = |value: &Value| match value {
        Value::Array(values) | Value::Set(values) => values.len().min(4),
        Value::Map(entries) => entries.len().min(4),
        _ => 5,
    };
    let lengths = before.iter().chain(after).map(length);
    lengths.fold(0xfeed_u64, |hash, length| hash.rotate_left(5).wrapping_mul(0x9e37_79b9) ^ length as u64)
}
