//! What verification has found, at the lines of an outline. Each obligation is told once: at the clause or
//! expression it stands in, else at its step, else with the function.

use std::cell::RefCell;
use std::collections::BTreeSet;

use anrf_format::diagnostic::Span;
use anrf_verification::report::{FunctionReport, ObligationReport, Verdict, claim, defect};

/// What is said of the obligations of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) standing: Standing,
    pub(crate) text: String,
}

impl Mark {
    /// At a demand on callers: all that is proved of it here is that it has a value.
    pub(crate) fn of_demand(self) -> Self {
        match self.standing {
            Standing::Proved => Self { text: "well defined".to_owned(), ..self },
            _ => self,
        }
    }
}

/// The worst verdict of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Proved,
    Unknown,
    Error,
    Refuted,
}

impl Standing {
    pub(crate) const ALL: [Self; 4] = [Self::Proved, Self::Unknown, Self::Error, Self::Refuted];

    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Proved => Self::Proved,
            Verdict::Unknown(_) => Self::Unknown,
            Verdict::Error(_) => Self::Error,
            Verdict::Refuted(_) => Self::Refuted,
        }
    }

    /// One word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Unknown => "unknown",
            Self::Error => "error",
            Self::Refuted => "refuted",
        }
    }

    /// A colour that reads on white.
    pub(crate) fn colour(self) -> &'static str {
        match self {
            Self::Proved => "#1a7f37",
            Self::Unknown => "#9a6700",
            Self::Error | Self::Refuted => "#cf222e",
        }
    }
}

/// The report of one function, and what of it has been told.
pub(crate) struct Verdicts<'a> {
    report: &'a FunctionReport,
    told: RefCell<BTreeSet<usize>>,
}

impl<'a> Verdicts<'a> {
    pub(crate) fn new(report: &'a FunctionReport) -> Self {
        Self { report, told: RefCell::default() }
    }

    /// What stands inside a place of the text.
    pub(crate) fn within(&self, place: Span) -> Option<Mark> {
        if place == Span::default() {
            return None;
        }
        self.take(|known| place.start <= known.span.start && known.span.end <= place.end)
    }

    /// What belongs to a step and was not told at one of its expressions.
    pub(crate) fn of_step(&self, name: &str) -> Option<Mark> {
        let beginning = format!("{}/{name}/", self.report.function);
        self.take(|known| known.id.starts_with(&beginning))
    }

    /// The function's verdict, and what is open that was told nowhere. To be asked last.
    pub(crate) fn of_function(&self) -> Mark {
        let all = self.report.obligations.len();
        let proved = self.report.obligations.iter().filter(|known| known.verdict.is_proved()).count();
        let mut text = match (all, proved == all) {
            (1, true) => "1 obligation".to_owned(),
            (_, true) => format!("{all} obligations"),
            _ => format!("{proved} of {all} obligations are proved"),
        };
        if let (true, Verdict::Unknown(why)) = (proved == all, &self.report.verdict) {
            text = format!("{text}, but {why}");
        }
        if let Some(rest) = self.take(|_| true).filter(|rest| rest.standing != Standing::Proved) {
            text = format!("{text}; {}", rest.text);
        }
        let standing = Standing::of(&self.report.verdict);
        Mark { standing, text: format!("{}: {text}", standing.name()) }
    }

    /// Marks what is not told yet.
    fn take(&self, is_meant: impl Fn(&ObligationReport) -> bool) -> Option<Mark> {
        let mut told = self.told.borrow_mut();
        let (mut standing, mut texts) = (None, vec![]);
        for (position, known) in self.report.obligations.iter().enumerate() {
            if !is_meant(known) || !told.insert(position) {
                continue;
            }
            standing = standing.max(Some(Standing::of(&known.verdict)));
            let text = said(known);
            if !known.verdict.is_proved() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        let standing = standing?;
        let text = if texts.is_empty() { standing.name().to_owned() } else { texts.join("; ") };
        Some(Mark { standing, text })
    }
}

/// What is open, without values: those stand in the report.
fn said(known: &ObligationReport) -> String {
    let condition = known.precondition.as_ref();
    let condition = condition.map(|it| format!(", proved where {it}")).unwrap_or_default();
    match &known.verdict {
        Verdict::Proved => "proved".to_owned(),
        Verdict::Refuted(_) => format!("refuted: {}{condition}", defect(known.kind)),
        Verdict::Unknown(why) => {
            format!("unknown whether {} ({}){condition}", claim(known.kind), why.class())
        }
        Verdict::Error(_) => format!("error: it could not be asked whether {}", claim(known.kind)),
    }
}
