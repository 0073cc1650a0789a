//! Goals about texts, with less than is known of them: what follows from that follows, and is decided quickly.

use std::time::Instant;

use anrf_runtime::CancellationToken;

use super::languages::Languages;
use super::proof::Prover;
use crate::encode::{Encoder, Goal};
use crate::report::Effort;
use crate::solver::{Answer, Features, Limits, Query};
use crate::term::Script;

impl Prover {
    /// Tries what follows from the languages of texts alone, and then without knowing what functions on whole texts
    /// do, but that equal texts give equal ones.
    pub(super) fn decide_of_texts(
        &self,
        encoder: &mut Encoder<'_>,
        goal: &Goal,
        features: Features,
        start: Instant,
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Option<Effort> {
        if !features.contains(Features::STRINGS) {
            return None;
        }
        let assertions = Self::assertions(encoder, goal)?;
        let theory = encoder.theory_text(&assertions);
        if let Some(languages) = Languages::of(&mut encoder.terms, &theory) {
            let mut asked = 0;
            let mut leads = vec![];
            for way in &languages.ways {
                let leads_there =
                    self.quick(&Query::new(&way.script(), Features::STRINGS), start, at_work, cancel);
                asked += 1;
                leads.push(leads_there.is_some());
            }
            let assertions = languages.assertions(&mut encoder.terms, &leads);
            let script = Script::new(&encoder.terms, &assertions, &[]).ok()?;
            if let Some(mut effort) =
                self.quick(&Query::new(&script.text, script.features), start, at_work, cancel)
            {
                effort.asked += asked;
                return Some(effort);
            }
        }
        let functions = encoder.text_functions();
        if functions.is_empty() || !features.contains(Features::QUANTIFIERS) {
            return None;
        }
        let script = Script::knowing_less(&encoder.terms, &assertions, functions).ok()?;
        let by_patterns = script.features.contains(Features::QUANTIFIERS);
        self.quick(
            &Query { by_patterns, ..Query::new(&script.text, script.features) },
            start,
            at_work,
            cancel,
        )
    }

    /// What a part of the time and steps decides.
    fn quick(
        &self,
        query: &Query<'_>,
        start: Instant,
        at_work: &mut u64,
        cancel: &CancellationToken,
    ) -> Option<Effort> {
        let part = |all: Limits| Limits { resources: all.resources / 4, time: all.time / 4, ..all };
        let limits = self.limits(query, part);
        let solved = self.ask(query, &limits, at_work, cancel).ok()?;
        (solved.answer == Answer::Unsat).then(|| self.spent(Some(&solved), start, *at_work))
    }
}
