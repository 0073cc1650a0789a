//! What a thread does with its context: reads scripts, decides, and evaluates terms.

use std::collections::BTreeSet;
use std::time::Instant;

use anrf_verification::solver::{
    Answer, Limits, SExpression, SolverError, SolverErrorKind, UnknownReason, Z3Search,
};
use z3::ast::{Ast, Bool, Dynamic};
use z3::{DeclKind, Params, SatResult, Solver};

use crate::seat::{Heard, Request, Said};
use crate::solver::NAME;

/// A query that may go to another thread.
pub(crate) struct Question {
    pub(crate) script: String,
    pub(crate) wants_core: bool,
    pub(crate) search: Z3Search,
    pub(crate) limits: Limits,
}

/// An error that names the solver.
pub(crate) fn failure(kind: SolverErrorKind, what: &str) -> SolverError {
    SolverError::new(kind, format!("{NAME} {what}"))
}

fn rejected(what: &str) -> SolverError {
    failure(SolverErrorKind::Rejected, what)
}

/// A context with one query.
pub(crate) struct Prover {
    /// Reads text and knows what is declared; never decides, so that terms that are read leave no trace.
    reader: Solver,
    /// How many assertions the reader has read.
    read: usize,
    /// Decides.
    solver: Solver,
    /// What was read, and the scopes (`None`) that are open: what another reader has to be told.
    history: Vec<Option<String>>,
    /// Names of assertions, if there may be a core.
    labels: BTreeSet<String>,
    wants_core: bool,
    limits: Limits,
    /// Of what is asserted now.
    answer: Option<Answer>,
}

impl Prover {
    pub(crate) fn new() -> Self {
        let reader = Solver::new();
        // The first text takes longest to read, so it is read while nobody waits.
        reader.from_string("(set-option :produce-models true)");
        Self {
            reader,
            read: 0,
            solver: Solver::new(),
            history: vec![],
            labels: BTreeSet::new(),
            wants_core: false,
            limits: Limits::default(),
            answer: None,
        }
    }

    pub(crate) fn hear(&mut self, request: Request) -> Heard {
        match request {
            Request::Begin(question) => self.begin(question).map(Said::Answer),
            Request::Values(terms) => self.values(&terms).map(Said::Values),
            Request::Add(script) => self.add(script).map(|()| Said::Done),
            Request::Push => {
                self.push();
                Ok(Said::Done)
            }
            Request::Pop => self.pop().map(|()| Said::Done),
            Request::Check => self.check().map(Said::Answer),
            Request::Core => self.core().map(Said::Names),
        }
    }

    fn begin(&mut self, question: Question) -> Result<Answer, SolverError> {
        self.limits = question.limits;
        self.wants_core = question.wants_core;
        self.solver.set_params(&parameters(&question));
        let mut script = String::new();
        if question.wants_core {
            // Tells the reader to keep names apart from what they name.
            script.push_str("(set-option :produce-unsat-cores true)\n");
        }
        self.add(script + &question.script)?;
        self.check()
    }

    fn add(&mut self, script: String) -> Result<(), SolverError> {
        self.answer = None;
        let assertions = self.read(&script)?;
        if self.wants_core {
            self.labels.extend(labels(&script));
        }
        let expected = self.solver.get_assertions().len() + assertions.len();
        for assertion in assertions {
            match self.label_of(&assertion) {
                Some((label, assertion)) => self.solver.assert_and_track(assertion, &label),
                None => self.solver.assert(&assertion),
            }
        }
        // Where there is no memory left, the interface drops an assertion and says nothing.
        if self.solver.get_assertions().len() != expected {
            return Err(failure(SolverErrorKind::OutOfMemory, "could not take all assertions"));
        }
        self.history.push(Some(script));
        Ok(())
    }

    /// Reads a text whole or not at all. The interface tells of no error in it, but an assertion behind it is there
    /// only if there was none.
    fn read(&mut self, text: &str) -> Result<Vec<Bool>, SolverError> {
        if text.contains('\0') {
            return Err(rejected("reads no text with a zero in it"));
        }
        self.reader.from_string(format!("{text}\n(assert true)"));
        let mut found = self.reader.get_assertions();
        let mut new = found.split_off(self.read.min(found.len()));
        self.read += new.len();
        if new.pop().and_then(|last| last.as_bool()) == Some(true) {
            return Ok(new);
        }
        self.restore();
        Err(rejected("does not understand the script, or a term in it has no sort"))
    }

    /// After an error a reader has forgotten what was declared. Another one knows it, but for recursive functions,
    /// which a context takes only once.
    fn restore(&mut self) {
        self.reader = Solver::new();
        for text in &self.history {
            self.reader.from_string(text.as_deref().unwrap_or("(push 1)"));
        }
        self.read = self.reader.get_assertions().len();
    }

    /// The name of an assertion, which the reader has made what implies it.
    fn label_of(&self, assertion: &Bool) -> Option<(Bool, Bool)> {
        if self.labels.is_empty() || !assertion.is_app() || assertion.decl().kind() != DeclKind::Implies {
            return None;
        }
        let (label, named) = (assertion.nth_child(0)?.as_bool()?, assertion.nth_child(1)?.as_bool()?);
        (label.is_const() && self.labels.contains(&name_of(&label)?)).then_some((label, named))
    }

    fn push(&mut self) {
        self.answer = None;
        self.reader.from_string("(push 1)");
        self.solver.push();
        self.history.push(None);
    }

    fn pop(&mut self) -> Result<(), SolverError> {
        let scope = self.history.iter().rposition(Option::is_none);
        let scope = scope.ok_or_else(|| rejected("has no scope open"))?;
        self.answer = None;
        self.history.truncate(scope);
        self.reader.from_string("(pop 1)");
        self.solver.pop(1);
        Ok(())
    }

    fn check(&mut self) -> Result<Answer, SolverError> {
        let begin = Instant::now();
        let answer = match self.solver.check() {
            SatResult::Sat => Answer::Sat,
            SatResult::Unsat => Answer::Unsat,
            SatResult::Unknown => {
                let said = self.solver.get_reason_unknown().unwrap_or_default();
                if said.contains("out of memory") {
                    return Err(failure(SolverErrorKind::OutOfMemory, "ran out of memory"));
                }
                Answer::Unknown(UnknownReason::read(&said, begin.elapsed() >= self.limits.time))
            }
        };
        self.answer = Some(answer);
        Ok(answer)
    }

    fn values(&mut self, terms: &[String]) -> Result<Vec<SExpression>, SolverError> {
        if !matches!(self.answer, Some(Answer::Sat | Answer::Unknown(_))) {
            return Err(rejected("has no model"));
        }
        let model = self.solver.get_model().ok_or_else(|| rejected("has no model"))?;
        let mut text = String::new();
        for term in terms {
            // One term, and nothing behind it.
            SExpression::read(term).map_err(|what| rejected(&format!("reads no term: {what}")))?;
            // The reader reads assertions only. It simplifies nothing, so the term is the first of these two.
            text += &format!("(assert (= {term}\n{term}\n))\n");
        }
        let equations = self.read(&text)?;
        if equations.len() != terms.len() {
            return Err(rejected("reads other terms than were asked for"));
        }
        let mut printed = 0;
        let mut values = Vec::with_capacity(terms.len());
        for equation in &equations {
            let term: Option<Dynamic> = if equation.is_app() { equation.nth_child(0) } else { None };
            let value = term.and_then(|term| model.eval(&term, true));
            let value = value.ok_or_else(|| rejected("has no value of a term"))?.to_string();
            printed += value.len();
            if printed > self.limits.output_bytes {
                let what = format!("wrote more than {} bytes", self.limits.output_bytes);
                return Err(failure(SolverErrorKind::Flooded, &what));
            }
            let read = SExpression::read(&value);
            values.push(read.map_err(|what| failure(SolverErrorKind::Nonsense, &format!("wrote: {what}")))?);
        }
        Ok(values)
    }

    fn core(&self) -> Result<Vec<String>, SolverError> {
        if self.answer != Some(Answer::Unsat) || !self.wants_core {
            return Err(rejected("has no core"));
        }
        let names: Option<Vec<String>> = self.solver.get_unsat_core().iter().map(name_of).collect();
        names.ok_or_else(|| failure(SolverErrorKind::Nonsense, "wrote a core of what has no names"))
    }
}

/// The options of the program (`Dialect::prelude`), for one solver. Those of printing are not needed: what is not
/// printed by the program is printed whole.
fn parameters(question: &Question) -> Params {
    let mut parameters = Params::new();
    // The host's interrupt from the terminal is its own business.
    parameters.set_bool("ctrl_c", false);
    parameters.set_u32("random_seed", 0);
    parameters.set_bool("unsat_core", question.wants_core);
    parameters.set_bool("auto_config", question.search.auto_config);
    parameters.set_bool("mbqi", question.search.mbqi);
    parameters.set_u32("arith.solver", question.search.arithmetic);
    parameters.set_f64("qi.eager_threshold", question.search.eager);
    parameters.set_u32("rlimit", u32::try_from(question.limits.resources).unwrap_or(u32::MAX).max(1));
    let milliseconds = u32::try_from(question.limits.time.as_millis()).unwrap_or(u32::MAX).max(1);
    parameters.set_u32("timeout", milliseconds);
    parameters
}

/// The name of a constant, without bars.
fn name_of(constant: &Bool) -> Option<String> {
    SExpression::read(&constant.to_string()).ok()?.symbol().map(str::to_owned)
}

/// The names that a script gives to assertions.
fn labels(script: &str) -> Vec<String> {
    let mut open = SExpression::read_all(script).unwrap_or_default();
    let mut found = vec![];
    while let Some(expression) = open.pop() {
        let items: Vec<SExpression> = expression.items().collect();
        if items.first().and_then(SExpression::symbol) == Some("!") {
            for pair in items.windows(2) {
                if let [key, name] = pair
                    && key.symbol() == Some(":named")
                {
                    found.extend(name.symbol().map(str::to_owned));
                }
            }
        }
        open.extend(items);
    }
    found
}
