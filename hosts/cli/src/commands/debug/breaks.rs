//! Where a debugged run stops.

use std::collections::HashMap;

use anrf::types::{Field, Machine, TypeId};
use anrf::{Engine, FaultKind, Function, Module, Outcome as RunOutcome, Value};

use crate::failure::{Failure, Outcome};

/// A condition to stop at.
#[derive(Debug)]
pub(super) enum Break {
    /// A contract that does not hold.
    ContractViolation,
    /// A move of a state machine; `*` is any state.
    Transition { from: String, to: String },
    /// A step of this name.
    Step(String),
    /// An expression over the visible names becomes true.
    Expression(Watched),
}

impl Break {
    /// Reads a condition.
    pub(super) fn read(text: &str, module: &Module) -> Outcome<Self> {
        let text = text.trim();
        if text == "contract_violation" {
            return Ok(Self::ContractViolation);
        }
        if let Some(states) = text.strip_prefix("state_transition:") {
            let (from, to) = states.split_once("->").ok_or_else(|| {
                Failure::usage(format!("`{text}` is no transition"))
                    .with_help("write `state_transition:pending->paid`; `*` is any state")
            })?;
            let (from, to) = (from.trim(), to.trim());
            let machines = &module.document().types.machines;
            let known = |state: &str| {
                state == "*" || machines.iter().any(|it| it.states.iter().any(|it| it == state))
            };
            if let Some(unknown) = [from, to].into_iter().find(|state| !known(state)) {
                let states: Vec<String> =
                    machines.iter().flat_map(|it| &it.states).map(|state| format!("`{state}`")).collect();
                let failure =
                    Failure::usage(format!("no state machine of the module has a state `{unknown}`"));
                return Err(if states.is_empty() {
                    failure
                } else {
                    failure.with_help(format!("there are {}", states.join(", ")))
                });
            }
            let moves: Vec<(&str, &str)> = machines.iter().flat_map(moves).collect();
            let meant = |wanted: &str, state: &str| wanted == "*" || wanted == state;
            if !moves.iter().any(|(one, other)| meant(from, one) && meant(to, other)) {
                let moves: Vec<String> =
                    moves.iter().map(|(one, other)| format!("`{one}->{other}`")).collect();
                let failure = Failure::usage(format!("no state machine of the module moves `{from}->{to}`"));
                return Err(failure.with_help(format!("its moves are {}", moves.join(", "))));
            }
            return Ok(Self::Transition { from: from.to_owned(), to: to.to_owned() });
        }
        let semantic = &module.document().semantic;
        let mut steps: Vec<&str> =
            semantic.functions.iter().flat_map(|it| &it.steps).map(|it| it.name.as_str()).collect();
        if steps.contains(&text) {
            return Ok(Self::Step(text.to_owned()));
        }
        let is_word = !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let mut names = semantic.functions.iter().flat_map(|it| &it.locals).map(|it| it.name.as_str());
        let is_known = names.any(|it| it == text) || semantic.state.iter().any(|it| it.name == text);
        if is_word && !is_known && text != "TRUE" {
            steps.sort_unstable();
            steps.dedup();
            let steps: Vec<String> = steps.iter().map(|step| format!("`{step}`")).collect();
            return Err(Failure::usage(format!("there is no step and no name `{text}`"))
                .with_help(format!("the steps are {}", steps.join(", "))));
        }
        Ok(Self::Expression(Watched::new(text)))
    }
}

/// The moves that a machine allows.
fn moves(machine: &Machine) -> Vec<(&str, &str)> {
    let state = |index: u32| machine.states.get(index as usize).map(String::as_str);
    machine.transitions.iter().filter_map(|(from, to)| Some((state(*from)?, state(*to)?))).collect()
}

/// Whether a fault says that somebody broke a contract.
pub(super) fn is_contract_violation(kind: FaultKind) -> bool {
    kind.name().ends_with("_violation")
}

/// Visible names with types and values.
pub(super) type Names = [(String, TypeId, Option<Value>)];

/// An expression that is looked at again and again; it is loaded once for each set of names.
#[derive(Debug)]
pub(super) struct Watched {
    text: String,
    loaded: HashMap<Vec<Field>, Option<Function>>,
    /// Whether all its names were visible at some step.
    pub(super) was_known: bool,
    /// It becomes true only once in a row.
    was_true: bool,
}

impl Watched {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), loaded: HashMap::new(), was_known: false, was_true: false }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true now and was not before. While a name is not visible it is not.
    pub(super) fn becomes_true(&mut self, engine: &Engine, module: &Module, names: &Names) -> bool {
        let (fields, values) = visible(names);
        let text = &self.text;
        let function = self
            .loaded
            .entry(fields)
            .or_insert_with_key(|fields| engine.load_expression_in(module, fields, text).ok());
        let now = function.as_ref().is_some_and(|function| {
            self.was_known = true;
            let executed = function.call(values);
            executed.is_ok_and(|execution| execution.success("value") == Some(&Value::Boolean(true)))
        });
        let before = std::mem::replace(&mut self.was_true, now);
        now && !before
    }
}

/// The value of an expression over visible names, as text; or why there is none.
pub(super) fn evaluate(
    engine: &Engine,
    module: &Module,
    names: &Names,
    text: &str,
) -> Result<String, String> {
    if let Some((.., value)) = names.iter().find(|(name, ..)| name == text) {
        return Ok(value.as_ref().map_or_else(|| "(large or sensitive)".to_owned(), crate::values::plain));
    }
    let (fields, values) = visible(names);
    let function = engine.load_expression_in(module, &fields, text).map_err(|error| {
        let first = error.diagnostics().first();
        first.map_or_else(|| error.message().to_owned(), |first| first.message.clone())
    })?;
    let execution = function.call(values).map_err(|error| error.message().to_owned())?;
    match (execution.success("value"), execution.outcome()) {
        (Some(value), _) => Ok(crate::values::plain(value)),
        (None, RunOutcome::Success(_)) => Err("it has no value".to_owned()),
        (None, outcome) => Err(super::super::run::told(outcome)),
    }
}

/// Names that have a value, as inputs.
fn visible(names: &Names) -> (Vec<Field>, Vec<(String, Value)>) {
    let known = names.iter().filter_map(|(name, type_id, value)| Some((name, *type_id, value.as_ref()?)));
    // Integers of contracts have no type that can be written.
    let known = known.filter(|(_, type_id, _)| *type_id != TypeId::UNBOUNDED);
    known
        .map(|(name, type_id, value)| (Field { name: name.clone(), type_id }, (name.clone(), value.clone())))
        .unzip()
}
