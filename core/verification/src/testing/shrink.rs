//! Making a witness small: the same obligation with less.

use std::collections::BTreeMap;

use anrf_format::types::TypeId;
use anrf_format::value::Value;
use anrf_runtime::{CancellationToken, End, HostResponse};

use super::generate::canonical;
use super::mutate::leaves;
use super::run::{Candidate, Tester, Verdict};
use super::simpler::{simpler, simpler_scalar};

impl Tester {
    /// The smallest candidate that is found which breaks the same obligation, and how its run ends.
    pub(super) fn shrink(
        &mut self,
        candidate: Candidate,
        obligation: &str,
        end: End,
        cancellation: Option<&CancellationToken>,
    ) -> (Candidate, End) {
        let mut best = (candidate, end);
        let mut left = self.options.shrink_runs;
        loop {
            let mut improved = false;
            for place in 0..self.places(&best.0) {
                improved |=
                    self.shrink_at(&mut best, obligation, &mut left, cancellation, |tester, candidate| {
                        tester.simpler_at(candidate, place)
                    });
            }
            if !improved {
                // What must stay equal is changed together.
                improved = self.shrink_at(&mut best, obligation, &mut left, cancellation, Self::together);
            }
            if !improved || left == 0 {
                return best;
            }
        }
    }

    /// Takes the first simpler candidate that shows the same, as long as there is one.
    fn shrink_at(
        &mut self,
        best: &mut (Candidate, End),
        obligation: &str,
        left: &mut u64,
        cancellation: Option<&CancellationToken>,
        simpler: impl Fn(&Self, &Candidate) -> Vec<Candidate>,
    ) -> bool {
        let mut improved = false;
        'again: loop {
            for candidate in simpler(self, &best.0) {
                if *left == 0 || cancellation.is_some_and(CancellationToken::is_cancelled) {
                    *left = 0;
                    return improved;
                }
                *left -= 1;
                let Ok(ran) = self.run(&candidate, false, cancellation) else { continue };
                if let Verdict::Defect(found, end) = ran.verdict
                    && found == obligation
                    && ran.given.len() <= best.0.answers.len().max(candidate.answers.len())
                {
                    *best = (Candidate { answers: ran.given, ..candidate }, end);
                    improved = true;
                    continue 'again;
                }
            }
            return improved;
        }
    }

    fn places(&self, candidate: &Candidate) -> usize {
        candidate.inputs.len() + candidate.state.len() + candidate.answers.len()
    }

    fn simpler_at(&self, candidate: &Candidate, place: usize) -> Vec<Candidate> {
        let with = |change: &dyn Fn(&mut Candidate)| {
            let mut changed = candidate.clone();
            change(&mut changed);
            changed
        };
        if let Some((_, value)) = candidate.inputs.get(place) {
            let type_id = self.input_types().get(place).copied().unwrap_or(TypeId::BOOLEAN);
            let values = simpler(&self.generator, type_id, value, 0).into_iter();
            return values.map(|value| with(&|changed| changed.inputs[place].1 = value.clone())).collect();
        }
        let place = place - candidate.inputs.len();
        if let Some(value) = candidate.state.get(place) {
            let Some(variable) = self.module.semantic.state.get(place) else { return vec![] };
            if *value == variable.initial {
                return vec![];
            }
            let mut values = vec![variable.initial.clone()];
            values.extend(simpler(&self.generator, variable.type_id, value, 0));
            return values
                .into_iter()
                .map(|value| with(&|changed| changed.state[place] = value.clone()))
                .collect();
        }
        let place = place - candidate.state.len();
        let Some((operation, HostResponse::Success(fields))) = candidate.answers.get(place) else {
            return vec![];
        };
        let Some(declared) = self.module.semantic.host.get(*operation as usize) else { return vec![] };
        let mut made = vec![];
        for (index, (name, value)) in fields.iter().enumerate() {
            let Some(field) = declared.success.iter().find(|field| field.name == *name) else { continue };
            for value in simpler(&self.generator, field.type_id, value, 0) {
                made.push(with(&|changed| {
                    if let Some((_, HostResponse::Success(fields))) = changed.answers.get_mut(place) {
                        fields[index].1 = value.clone();
                    }
                }));
            }
        }
        made
    }

    /// Candidates in which a number or text that stands at several places is simpler at all of them.
    fn together(&self, candidate: &Candidate) -> Vec<Candidate> {
        let mut counts: BTreeMap<Value, usize> = BTreeMap::new();
        let values = candidate.inputs.iter().map(|(_, value)| value).chain(&candidate.state);
        let mut work: Vec<&Value> = values.collect();
        for (_, response) in &candidate.answers {
            if let HostResponse::Success(fields) = response {
                work.extend(fields.iter().map(|(_, value)| value));
            }
        }
        while let Some(value) = work.pop() {
            match value {
                Value::Integer(_) | Value::Decimal(_) | Value::String(_) => {
                    *counts.entry(value.clone()).or_default() += 1;
                }
                Value::Optional(Some(inner)) => work.push(inner),
                Value::Array(values) | Value::Set(values) => work.extend(values),
                Value::Map(entries) => work.extend(entries.iter().flat_map(|(key, value)| [key, value])),
                Value::Record(fields) | Value::Variant(_, fields) => {
                    work.extend(fields.iter().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        let mut made = shorter_together(candidate);
        made.extend(without_negatives(candidate));
        for (value, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            for simple in simpler_scalar(&value) {
                let mut changed = candidate.clone();
                let places = changed.inputs.iter_mut().map(|(_, place)| place).chain(&mut changed.state);
                places.for_each(|place| *place = replaced(place, &value, &simple));
                for (_, response) in &mut changed.answers {
                    if let HostResponse::Success(fields) = response {
                        fields.iter_mut().for_each(|(_, place)| *place = replaced(place, &value, &simple));
                    }
                }
                made.push(changed);
            }
        }
        made
    }
}

/// Arrays of one length without their first or last element, and one number that counts them or not.
fn shorter_together(candidate: &Candidate) -> Vec<Candidate> {
    let length = |value: &Value| match value {
        Value::Array(values) if !values.is_empty() => Some(values.len()),
        _ => None,
    };
    let mut lengths: Vec<usize> = candidate.inputs.iter().filter_map(|(_, value)| length(value)).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut made = vec![];
    for shortened in lengths {
        for from_front in [false, true] {
            let mut changed = candidate.clone();
            for (_, value) in &mut changed.inputs {
                if let Value::Array(values) = value
                    && values.len() == shortened
                {
                    values.remove(if from_front { 0 } else { shortened - 1 });
                }
            }
            for (index, (_, value)) in changed.inputs.iter().enumerate() {
                if let Value::Integer(number @ 1..) = value {
                    let mut counted = changed.clone();
                    counted.inputs[index].1 = Value::Integer(number - 1);
                    made.push(counted);
                }
            }
            made.push(changed);
        }
    }
    made
}

/// All integers so much greater that none is negative.
fn without_negatives(candidate: &Candidate) -> Option<Candidate> {
    let mut changed = candidate.clone();
    let inputs = changed.inputs.iter_mut().map(|(_, value)| value);
    let mut integers: Vec<&mut i64> = leaves(inputs.chain(&mut changed.state))
        .into_iter()
        .filter_map(|leaf| match leaf {
            Value::Integer(number) => Some(number),
            _ => None,
        })
        .collect();
    let least = integers.iter().map(|number| **number).min().filter(|least| *least < 0)?;
    for number in &mut integers {
        **number = number.checked_sub(least)?;
    }
    Some(changed)
}

/// A value in which another one is replaced wherever it stands.
fn replaced(value: &Value, from: &Value, to: &Value) -> Value {
    if value == from {
        return to.clone();
    }
    let all = |values: &[Value]| values.iter().map(|value| replaced(value, from, to)).collect();
    let fields = |fields: &[(String, Value)]| {
        fields.iter().map(|(name, value)| (name.clone(), replaced(value, from, to))).collect()
    };
    canonical(match value {
        Value::Optional(Some(inner)) => Value::Optional(Some(Box::new(replaced(inner, from, to)))),
        Value::Array(values) => Value::Array(all(values)),
        Value::Set(values) => Value::Set(all(values)),
        Value::Map(entries) => Value::Map(
            entries.iter().map(|(key, value)| (replaced(key, from, to), replaced(value, from, to))).collect(),
        ),
        Value::Record(known) => Value::Record(fields(known)),
        Value::Variant(case, known) => Value::Variant(case.clone(), fields(known)),
        other => other.clone(),
    })
}
