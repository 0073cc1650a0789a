//! How much a verdict rests on. It is never a part of the verdict, and never added to another confidence.

use super::{FunctionReport, Verdict};

/// What loading has checked (tiers 0 and 1), what runs have not refuted (tier 2), and what is proved (tier 3):
/// how much each counts.
const WEIGHTS: [f64; 3] = [0.2, 0.3, 0.5];
/// What agreement of all solvers adds at most.
const AGREEMENT: f64 = 0.2;

/// A number from 0 to 1, and how it was come by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// 0 if anything is refuted.
    pub score: f64,
    /// Confidences by different methods are not comparable.
    pub method: ConfidenceMethod,
}

/// How a confidence was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfidenceMethod {
    /// The weighted share of obligations discharged per tier, and a bonus where several solvers agree: of `n` that
    /// were run on a question and `k` that decided it alike, `0.2 * (k - 1) / n`. A lone solver earns nothing.
    Verification,
}

impl ConfidenceMethod {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
        }
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self { score: 0.0, method: ConfidenceMethod::Verification }
    }
}

impl Confidence {
    /// Of what a function's report says; `tested` runs have shown nothing else.
    pub(crate) fn of(report: &FunctionReport, tested: u64) -> Self {
        let refuted = report.obligations.iter().any(|known| matches!(known.verdict, Verdict::Refuted(_)));
        if refuted || matches!(report.verdict, Verdict::Refuted(_)) {
            return Self::default();
        }
        let share = |part: usize, all: usize| match u32::try_from(all) {
            Ok(0) | Err(_) => 1.0,
            Ok(all) => f64::from(u32::try_from(part).unwrap_or(all)) / f64::from(all),
        };
        let proved = report.obligations.iter().filter(|known| known.verdict.is_proved()).count();
        let ran = if tested > 0 { 1.0 } else { 0.0 };
        let base = WEIGHTS[0] + WEIGHTS[1] * ran + WEIGHTS[2] * share(proved, report.obligations.len());
        let asked =
            || report.obligations.iter().map(|known| &known.effort).filter(|effort| effort.solvers > 0);
        let agreement: f64 =
            asked().map(|effort| share(effort.agreed.saturating_sub(1), effort.solvers)).sum::<f64>();
        let bonus = match u32::try_from(asked().count()) {
            Ok(0) | Err(_) => 0.0,
            Ok(count) => AGREEMENT * agreement / f64::from(count),
        };
        Self { score: (base + bonus).clamp(0.0, 1.0), ..Self::default() }
    }
}
