//! A recording: all that is needed to run once more without the host, as one JSON document.

use anrf_format::data::{DataError, Fields as Schema, TypedFields};
use anrf_format::hash::Hash;
use anrf_format::module::Module;
use anrf_format::types::Field;
use anrf_format::value::Value;
use anrf_runtime::{Execution, Fields, HostRequest, HostResponse, Journal, JournalEntry};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::OutcomeJson;
use super::outcome::{LogJson, StateJson};

/// A run as it was given to the engine, what the host answered, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The module's id.
    pub module: Hash,
    /// The function's node id.
    pub function: String,
    /// What it was given.
    pub inputs: Fields,
    /// The state before.
    pub state: Fields,
    /// What it exchanged with the outside.
    pub journal: Journal,
    /// Charges of the code.
    pub fuel: u64,
    /// The outcome's JSON document.
    pub outcome: String,
}

/// Why a document is not a recording of this module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// Not a recording at all.
    #[error("not a recording: {0}")]
    Syntax(String),
    /// Of another module.
    #[error("the recording is of module {recorded}, this one is {found}")]
    OtherModule {
        /// The id in the recording.
        recorded: Hash,
        /// The id of the module at hand.
        found: Hash,
    },
    /// The module has no function or host operation of the name.
    #[error("the module has no `{0}`")]
    UnknownName(String),
    /// The function handles sensitive data, so the recording holds no values.
    #[error("`{0}` has `sensitive_data`: its recording is redacted, and so it cannot be replayed")]
    Redacted(String),
    /// A value is not of its type.
    #[error("{0}")]
    Data(#[from] DataError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    anrf_recording: u32,
    module: String,
    function: String,
    inputs: Box<RawValue>,
    state: Box<RawValue>,
    journal: Vec<Entry>,
    fuel: u64,
    outcome: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    Invoked { operation: String, attempt: u32, inputs: Box<RawValue>, response: Response },
    Moved { machine: String, from: String, to: String },
    Logged(Box<RawValue>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Response {
    Success(Box<RawValue>),
    Error {
        error_code: String,
        message: String,
    },
    /// The host could not answer.
    Unavailable(String),
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    // Every document here is made of strings, numbers and objects with string keys.
    serde_json::value::to_raw_value(value).unwrap_or_default()
}

fn object(module: &Module, declared: &[Field], fields: &Fields) -> Box<RawValue> {
    let chosen: Vec<Field> = fields
        .iter()
        .filter_map(|(name, _)| declared.iter().find(|field| field.name == *name).cloned())
        .collect();
    let values: Vec<Value> = fields.iter().map(|(_, value)| value.clone()).collect();
    raw(&TypedFields { types: &module.types, fields: &chosen, values: &values })
}

fn named(declared: &[Field], values: Vec<Value>) -> Fields {
    declared.iter().map(|field| field.name.clone()).zip(values).collect()
}

impl Recording {
    /// What an execution was, with the state that it began with.
    #[must_use]
    pub fn new(module: &Module, function: u32, execution: &Execution, state: Fields) -> Self {
        let outcome = OutcomeJson::new(module, function, execution);
        Self {
            module: module.id(),
            function: execution.function.clone(),
            inputs: execution.inputs.clone(),
            state,
            journal: execution.journal.clone(),
            fuel: execution.fuel,
            outcome: raw(&outcome).get().to_owned(),
        }
    }

    /// The JSON document.
    #[must_use]
    pub fn to_json(&self, module: &Module) -> String {
        let function = module.semantic.functions.iter().find(|function| function.node_id() == self.function);
        let inputs: Vec<Field> = function.map(input_fields).unwrap_or_default();
        let entries = self.journal.entries.iter().map(|entry| match entry {
            JournalEntry::Invoked { request, response } => {
                let host = module.semantic.host.iter().find(|host| host.name == request.operation);
                let (inputs, success) = host.map_or((&[][..], &[][..]), |host| (&host.inputs, &host.success));
                Entry::Invoked {
                    operation: request.operation.clone(),
                    attempt: request.attempt,
                    inputs: object(module, inputs, &request.inputs),
                    response: match response {
                        Ok(HostResponse::Success(fields)) => {
                            Response::Success(object(module, success, fields))
                        }
                        Ok(HostResponse::Error { error_code, message }) => {
                            Response::Error { error_code: error_code.clone(), message: message.clone() }
                        }
                        Err(message) => Response::Unavailable(message.clone()),
                    },
                }
            }
            JournalEntry::Moved { machine, from, to } => {
                Entry::Moved { machine: machine.clone(), from: from.clone(), to: to.clone() }
            }
            JournalEntry::Logged(entry) => Entry::Logged(raw(&LogJson(entry))),
        });
        let document = Document {
            anrf_recording: 1,
            module: self.module.to_string(),
            function: self.function.clone(),
            inputs: object(module, &inputs, &self.inputs),
            state: raw(&StateJson { module, state: &self.state }),
            journal: entries.collect(),
            fuel: self.fuel,
            outcome: RawValue::from_string(self.outcome.clone()).unwrap_or_default(),
        };
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }

    /// Reads a recording of a module. Log entries and moves are left out: a replay makes them again.
    ///
    /// # Errors
    /// If the text is not a recording, or is one of another module.
    pub fn from_json(module: &Module, text: &str) -> Result<Self, RecordingError> {
        let syntax = |error: String| RecordingError::Syntax(error);
        let document: Document = serde_json::from_str(text).map_err(|error| syntax(error.to_string()))?;
        let recorded: Hash = document.module.parse().map_err(|_| syntax("`module` is not an id".into()))?;
        let found = module.id();
        if recorded != found {
            return Err(RecordingError::OtherModule { recorded, found });
        }
        let function =
            module.semantic.functions.iter().find(|function| function.node_id() == document.function);
        let function = function.ok_or_else(|| RecordingError::UnknownName(document.function.clone()))?;
        if function.security.sensitive_data {
            return Err(RecordingError::Redacted(function.node_id()));
        }
        let read_with = |fields: &[Field], defaults: &[_], text: &RawValue| -> Result<_, RecordingError> {
            let schema = Schema { types: &module.types, fields, defaults, sensitive: false };
            Ok(named(fields, schema.from_json(text.get())?))
        };
        let read = |fields: &[Field], text: &RawValue| read_with(fields, &[], text);
        let variables = function.state.iter().filter_map(|index| module.semantic.state.get(*index as usize));
        // What the caller left out had its initial value.
        let initial: Vec<_> = variables.clone().map(|variable| Some(variable.initial.clone())).collect();
        let state: Vec<Field> = variables
            .map(|variable| Field { name: variable.name.clone(), type_id: variable.type_id })
            .collect();
        let mut entries = vec![];
        for entry in document.journal {
            let Entry::Invoked { operation, attempt, inputs, response } = entry else { continue };
            let host = module.semantic.host.iter().find(|host| host.name == operation);
            let host = host.ok_or_else(|| RecordingError::UnknownName(operation.clone()))?;
            let request = HostRequest { operation, inputs: read(&host.inputs, &inputs)?, attempt };
            let response = match response {
                Response::Success(fields) => Ok(HostResponse::Success(read(&host.success, &fields)?)),
                Response::Error { error_code, message } => Ok(HostResponse::Error { error_code, message }),
                Response::Unavailable(message) => Err(message),
            };
            entries.push(JournalEntry::Invoked { request, response });
        }
        Ok(Self {
            module: recorded,
            function: document.function,
            inputs: read(&input_fields(function), &document.inputs)?,
            state: read_with(&state, &initial, &document.state)?,
            journal: Journal { entries },
            fuel: document.fuel,
            outcome: document.outcome.get().to_owned(),
        })
    }
}

fn input_fields(function: &anrf_format::semantic::Function) -> Vec<Field> {
    let inputs = function.inputs.iter();
    inputs.map(|input| Field { name: input.name.clone(), type_id: input.type_id }).collect()
}
