//! Asking on after an answer.

use anrf_runtime::CancellationToken;

use super::lease::Lease;
use super::{Answer, SExpression, Session, SolverError};

/// A leased process that holds a decided query.
pub(super) struct ProcessSession(pub(super) Lease);

impl Session for ProcessSession {
    fn values(&mut self, terms: &[&str]) -> Result<Vec<SExpression>, SolverError> {
        if terms.is_empty() {
            return Ok(vec![]);
        }
        let answer = self.0.ask(&format!("(get-value ({}))", terms.join("\n")))?;
        let pairs: Vec<SExpression> = answer.items().collect();
        let values: Vec<SExpression> =
            pairs.iter().filter(|it| it.items().len() == 2).filter_map(|it| it.items().nth(1)).collect();
        if pairs.len() != terms.len() || values.len() != terms.len() {
            return Err(self.0.refuse(&answer.to_string()));
        }
        Ok(values)
    }

    fn add(&mut self, script: &str) -> Result<(), SolverError> {
        self.0.command(script)
    }

    fn push(&mut self) -> Result<(), SolverError> {
        self.0.command("(push 1)")
    }

    fn pop(&mut self) -> Result<(), SolverError> {
        self.0.command("(pop 1)")
    }

    fn check(&mut self) -> Result<Answer, SolverError> {
        self.0.decide(String::new())
    }

    fn obey(&mut self, cancel: &CancellationToken) {
        self.0.obey(cancel);
    }

    fn unsat_core(&mut self) -> Result<Vec<String>, SolverError> {
        let answer = self.0.ask("(get-unsat-core)")?;
        let names: Option<Vec<String>> = answer.items().map(|it| it.symbol().map(str::to_owned)).collect();
        names.ok_or_else(|| self.0.refuse(&answer.to_string()))
    }
}
