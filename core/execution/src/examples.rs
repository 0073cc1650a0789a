//! Examples are tests: each runs with its inputs, state and scripted answers, and what it lists is
//! compared.

use std::collections::VecDeque;
use std::sync::Mutex;

use anrf_format::data::Typed;
use anrf_format::module::Module;
use anrf_format::semantic::{Example, Expected, ExpectedValue, Function, HostAnswer};
use anrf_format::types::TypeId;
use anrf_format::value::Value;
use anrf_runtime::{
    Environment, Error, Fields, Host, HostError, HostRequest, HostResponse, Loaded, NoObserver, Outcome,
    Policy, Request, run,
};

use crate::json::OutcomeJson;

/// What came of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleResult {
    /// Index of the function.
    pub function: u32,
    /// Index of the example.
    pub example: u32,
    /// Whether all that it lists is as listed.
    pub passed: bool,
    /// What it lists, as JSON.
    pub expected: String,
    /// How it ended, as the outcome's JSON, or why it could not run.
    pub found: String,
}

/// Runs every example of the functions that a module declares itself. Capabilities that the functions
/// declare are granted: the scripted host reaches nothing.
///
/// # Errors
/// Never for what the checker accepts: examples are typed when the module is checked.
pub fn run_examples(loaded: &Loaded, policy: &Policy) -> Result<Vec<ExampleResult>, Error> {
    let module = loaded.module();
    let mut results = vec![];
    for (function, index) in module.semantic.functions.iter().zip(0_u32..) {
        if function.imported_from.is_some() {
            continue;
        }
        for (example, position) in function.examples.iter().zip(0_u32..) {
            results.push(run_example(loaded, policy, index, function, example, position)?);
        }
    }
    Ok(results)
}

fn run_example(
    loaded: &Loaded,
    policy: &Policy,
    index: u32,
    function: &Function,
    example: &Example,
    position: u32,
) -> Result<ExampleResult, Error> {
    let module = loaded.module();
    let named_state = |(index, value): &(u32, Value)| {
        let variable = module.semantic.state.get(*index as usize)?;
        Some((variable.name.clone(), value.clone()))
    };
    let request = Request {
        function: index,
        inputs: function.inputs.iter().map(|input| input.name.clone()).zip(example.inputs.clone()).collect(),
        state: example.state.iter().filter_map(named_state).collect(),
        ..Request::default()
    };
    let mut policy = policy.clone();
    policy.granted.extend(function.security.capabilities_required.iter().cloned());
    let host = ScriptedHost::new(module, example);
    let ran = run(
        loaded,
        request,
        &Environment { policy: &policy, host: &host, observer: &NoObserver, hooks: &[] },
    )?;
    let passed =
        matches(&example.expected, ran.outcome(), function) && state_matches(module, example, ran.state());
    let outcome = OutcomeJson { module, function: index, outcome: ran.outcome(), state: ran.state() };
    let found = serde_json::to_string(&outcome).unwrap_or_default();
    Ok(ExampleResult {
        function: index,
        example: position,
        passed,
        expected: expected_json(module, function, example),
        found,
    })
}

fn matches(expected: &Expected, outcome: &Outcome, function: &Function) -> bool {
    match (expected, outcome) {
        (Expected::Success(fields), Outcome::Success(found)) => fields.iter().all(|(index, expected)| {
            let name = function.success.get(*index as usize).map(|field| &field.name);
            let found = found.iter().find(|(found, _)| Some(found) == name);
            found.is_some_and(|(_, found)| value_matches(expected, found))
        }),
        (Expected::Failure { error_code, message }, Outcome::Failure { error_code: code, message: text }) => {
            error_code.as_ref().is_none_or(|expected| expected == code)
                && message.as_ref().is_none_or(|expected| expected == text)
        }
        (Expected::Fault(kind), Outcome::Fault(fault)) => *kind == fault.kind,
        _ => false,
    }
}

fn value_matches(expected: &ExpectedValue, found: &Value) -> bool {
    match (expected, found) {
        (ExpectedValue::Whole(expected), found) => expected == found,
        (ExpectedValue::Fields(fields), Value::Record(found)) => fields.iter().all(|(name, expected)| {
            found
                .iter()
                .find(|(found, _)| found == name)
                .is_some_and(|(_, found)| value_matches(expected, found))
        }),
        _ => false,
    }
}

fn state_matches(module: &Module, example: &Example, after: &Fields) -> bool {
    example.state_after.iter().all(|(index, expected)| {
        let name = module.semantic.state.get(*index as usize).map(|variable| &variable.name);
        after
            .iter()
            .find(|(found, _)| Some(found) == name)
            .is_some_and(|(_, found)| value_matches(expected, found))
    })
}

fn expected_json(module: &Module, function: &Function, example: &Example) -> String {
    let value = match &example.expected {
        Expected::Success(fields) => {
            let entries = fields.iter().filter_map(|(index, expected)| {
                let field = function.success.get(*index as usize)?;
                Some((field.name.clone(), expected_value_json(module, field.type_id, expected)))
            });
            serde_json::json!({ "success": serde_json::Value::Object(entries.collect()) })
        }
        Expected::Failure { error_code, message } => {
            let code = error_code.iter().map(|code| ("error_code".to_owned(), code.clone().into()));
            let message = message.iter().map(|message| ("message".to_owned(), message.clone().into()));
            serde_json::json!({ "failure": serde_json::Value::Object(code.chain(message).collect()) })
        }
        Expected::Fault(kind) => serde_json::json!({ "fault": { "kind": kind.name() } }),
    };
    let mut document = value;
    let state = example.state_after.iter().filter_map(|(index, expected)| {
        let variable = module.semantic.state.get(*index as usize)?;
        Some((variable.name.clone(), expected_value_json(module, variable.type_id, expected)))
    });
    let state: serde_json::Map<String, serde_json::Value> = state.collect();
    if !state.is_empty() {
        document["state"] = state.into();
    }
    document.to_string()
}

fn expected_value_json(module: &Module, type_id: TypeId, expected: &ExpectedValue) -> serde_json::Value {
    match expected {
        ExpectedValue::Whole(value) => {
            serde_json::to_value(Typed { types: &module.types, type_id, value }).unwrap_or_default()
        }
        ExpectedValue::Fields(fields) => {
            let record = module.types.record(type_id);
            let entries = fields.iter().filter_map(|(name, inner)| {
                let field = record?.fields.iter().find(|field| field.name == *name)?;
                Some((name.clone(), expected_value_json(module, field.type_id, inner)))
            });
            serde_json::Value::Object(entries.collect())
        }
    }
}

/// A host that answers each operation from its own list, in order.
#[derive(Debug)]
pub struct ScriptedHost {
    answers: Mutex<Vec<(String, VecDeque<HostResponse>)>>,
}

impl ScriptedHost {
    /// The answers of an example.
    #[must_use]
    pub fn new(module: &Module, example: &Example) -> Self {
        let script = example.host.iter().filter_map(|(index, answers)| {
            let operation = module.semantic.host.get(*index as usize)?;
            let names = || operation.success.iter().map(|field| field.name.clone());
            let responses = answers.iter().map(|answer| match answer {
                HostAnswer::Success(values) => {
                    HostResponse::Success(names().zip(values.iter().cloned()).collect())
                }
                HostAnswer::Error(error_code, message) => {
                    HostResponse::Error { error_code: error_code.clone(), message: message.clone() }
                }
            });
            Some((operation.name.clone(), responses.collect()))
        });
        Self::from_answers(script.collect())
    }

    /// These answers, per operation in order.
    #[must_use]
    pub fn from_answers(answers: Vec<(String, VecDeque<HostResponse>)>) -> Self {
        Self { answers: Mutex::new(answers) }
    }
}

impl Host for ScriptedHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let mut answers = self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let list = answers.iter_mut().find(|(operation, _)| *operation == request.operation);
        list.and_then(|(_, list)| list.pop_front()).ok_or_else(|| HostError {
            message: format!("the script has no further answer for `{}`", request.operation),
        })
    }

    fn wait(&self, _milliseconds: u64) {}
}
