//! What came of many rows.

use std::collections::BTreeMap;
use std::time::Duration;

use anrf::{Execution, Outcome as RunOutcome};

use crate::console::{Ink, Style};
use crate::table::{Table, count, elapsed, grouped};

/// Outcomes by kind, in the order in which they are shown.
const KINDS: &[&str] = &["success", "failure", "fault", "limit", "denied"];

/// Different error codes, fault kinds and the like that are counted apart; the rest counts as one.
const MOST_DETAILS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) rows: u64,
    pub(super) bad: u64,
    kinds: BTreeMap<&'static str, u64>,
    details: BTreeMap<&'static str, BTreeMap<String, u64>>,
    fuel: u64,
}

impl Summary {
    pub(super) fn add(&mut self, execution: &Execution) {
        self.rows += 1;
        self.fuel = self.fuel.saturating_add(execution.record().fuel);
        let kind = execution.outcome().kind();
        *self.kinds.entry(kind).or_default() += 1;
        let detail = match execution.outcome() {
            RunOutcome::Success(_) => return,
            RunOutcome::Failure { error_code, .. } => error_code.as_str(),
            RunOutcome::Fault(fault) => fault.kind.name(),
            RunOutcome::Limit(limit) => limit.name(),
            RunOutcome::Denied { capability } => capability.as_str(),
        };
        let details = self.details.entry(kind).or_default();
        let known = details.contains_key(detail) || details.len() < MOST_DETAILS;
        *details.entry(if known { detail } else { "others" }.to_owned()).or_default() += 1;
    }

    pub(super) fn add_bad(&mut self) {
        self.rows += 1;
        self.bad += 1;
    }

    /// Whether every row ended in success.
    pub(super) fn is_fine(&self) -> bool {
        self.bad == 0 && self.kinds.keys().all(|kind| *kind == "success")
    }

    fn rate(&self, duration: Duration) -> f64 {
        let seconds = duration.as_secs_f64();
        // Rows are far below 2^53.
        #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
        if seconds > 0.0 { self.rows as f64 / seconds } else { 0.0 }
    }

    /// For people.
    pub(super) fn told(&self, duration: Duration, style: Style) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is an estimate")]
        let rate = self.rate(duration).round() as u64;
        let rows = count(usize::try_from(self.rows).unwrap_or(usize::MAX), "row");
        let mut text = format!("{rows} in {}, {} rows/s", elapsed(duration), grouped(rate));
        let mut table = Table::new().indent(2).right(&[1]);
        for kind in KINDS {
            let Some(number) = self.kinds.get(kind) else { continue };
            let details = self.details.get(kind).into_iter().flatten();
            let details: Vec<String> =
                details.map(|(name, number)| format!("{name} {}", grouped(*number))).collect();
            table.row([(*kind).to_owned(), grouped(*number), details.join(", ")]);
        }
        if self.bad > 0 {
            table.row(["bad rows".to_owned(), grouped(self.bad), "left out".to_owned()]);
        }
        if !table.is_empty() {
            text += &format!("\n{table}");
        }
        if self.is_fine() { text } else { text.replacen("bad rows", &style.paint(Ink::Bad, "bad rows"), 1) }
    }

    /// For programs.
    pub(super) fn json(&self, duration: Duration) -> impl serde::Serialize + use<> {
        #[derive(serde::Serialize)]
        struct Json {
            rows: u64,
            bad_rows: u64,
            outcomes: BTreeMap<&'static str, u64>,
            details: BTreeMap<&'static str, BTreeMap<String, u64>>,
            fuel: u64,
            duration_ms: f64,
            rows_per_second: f64,
        }
        let outcomes = KINDS.iter().map(|kind| (*kind, self.kinds.get(kind).copied().unwrap_or(0)));
        Json {
            rows: self.rows,
            bad_rows: self.bad,
            outcomes: outcomes.collect(),
            details: self.details.clone(),
            fuel: self.fuel,
            duration_ms: duration.as_secs_f64() * 1e3,
            rows_per_second: self.rate(duration),
        }
    }
}
