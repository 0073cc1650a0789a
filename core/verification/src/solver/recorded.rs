//! A solver that answers from a list, for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;

use super::{
    Answer, Features, Freshness, Limits, Query, Reply, SExpression, Session, Solver, SolverError,
    SolverErrorKind,
};

/// What a [`Recorded`] solver does with one script.
#[derive(Clone, Debug)]
pub struct Record {
    /// The answer to the query and then to each further check; the last one repeats.
    pub answers: Vec<Answer>,
    /// The value of each term that may be asked for, as a solver would print it.
    pub values: BTreeMap<String, String>,
    /// The names in the core.
    pub core: Vec<String>,
    /// How long it thinks.
    pub delay: Duration,
}

impl Record {
    /// An answer at once, without values.
    #[must_use]
    pub fn new(answer: Answer) -> Self {
        Self { answers: vec![answer], values: BTreeMap::new(), core: vec![], delay: Duration::ZERO }
    }
}

/// Answers the scripts it knows and none besides, and remembers what it was asked.
#[derive(Debug)]
pub struct Recorded {
    name: String,
    features: Features,
    records: BTreeMap<String, Record>,
    otherwise: Option<Record>,
    asked: Mutex<Vec<String>>,
}

impl Recorded {
    /// A solver that knows no script yet.
    #[must_use]
    pub fn new(name: impl Into<String>, features: Features) -> Self {
        let (records, asked) = (BTreeMap::new(), Mutex::new(vec![]));
        Self { name: name.into(), features, records, otherwise: None, asked }
    }

    /// Adds a script.
    #[must_use]
    pub fn with(mut self, script: impl Into<String>, record: Record) -> Self {
        self.records.insert(script.into(), record);
        self
    }

    /// Says what happens to all other scripts.
    #[must_use]
    pub fn otherwise(mut self, record: Record) -> Self {
        self.otherwise = Some(record);
        self
    }

    /// The scripts that were asked so far, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Solver for Recorded {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> Result<String, SolverError> {
        Ok("recorded".to_owned())
    }

    fn features(&self) -> Features {
        self.features
    }

    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        _freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(query.script.to_owned());
        let record = self.records.get(query.script).or(self.otherwise.as_ref());
        let record = record.ok_or_else(|| {
            let message = format!("{} has no record of the script `{}`", self.name, query.script);
            SolverError::new(SolverErrorKind::Rejected, message)
        })?;
        let begin = Instant::now();
        while begin.elapsed() < record.delay {
            if cancel.is_cancelled() {
                return Err(SolverError::new(SolverErrorKind::Cancelled, "the proof was cancelled"));
            }
            if begin.elapsed() >= limits.time {
                return Err(SolverError::new(SolverErrorKind::Hung, "the recorded answer came too late"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut session = RecordedSession {
            answers: record.answers.iter().copied().collect(),
            values: record.values.clone(),
            core: record.core.clone(),
        };
        Ok(Reply { answer: session.check()?, session: Box::new(session), was_warm: false })
    }
}

struct RecordedSession {
    answers: VecDeque<Answer>,
    values: BTreeMap<String, String>,
    core: Vec<String>,
}

impl Session for RecordedSession {
    fn values(&mut self, terms: &[&str]) -> Result<Vec<SExpression>, SolverError> {
        let rejected = |message: String| SolverError::new(SolverErrorKind::Rejected, message);
        let value = |term: &&str| {
            let text = self.values.get(*term).ok_or_else(|| rejected(format!("no value of `{term}`")))?;
            SExpression::read(text).map_err(rejected)
        };
        terms.iter().map(value).collect()
    }

    fn add(&mut self, _script: &str) -> Result<(), SolverError> {
        Ok(())
    }

    fn push(&mut self) -> Result<(), SolverError> {
        Ok(())
    }

    fn pop(&mut self) -> Result<(), SolverError> {
        Ok(())
    }

    fn check(&mut self) -> Result<Answer, SolverError> {
        let next =
            if self.answers.len() > 1 { self.answers.pop_front() } else { self.answers.front().copied() };
        next.ok_or_else(|| SolverError::new(SolverErrorKind::Rejected, "the record has no answer"))
    }

    fn unsat_core(&mut self) -> Result<Vec<String>, SolverError> {
        Ok(self.core.clone())
    }

    /// Answers at once, so there is nothing to cancel.
    fn obey(&mut self, _cancel: &CancellationToken) {}
}
