//! Answers from a file, in the form that examples use: `{"operation": [{"success": {...}}, ...]}`.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anrf::semantic::HostOperation;
use anrf::{Function, Host, HostError, HostRequest, HostResponse, Module};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::called;
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::values;

type Answers = BTreeMap<String, Vec<HostResponse>>;

/// All answers, by operation.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    answers: Arc<Answers>,
}

impl Script {
    /// Reads a script of the operations that a module declares.
    pub(crate) fn read(file: &Path, function: &Function) -> Outcome<Self> {
        let (module, sensitive) = (function.module(), function.semantic().security.sensitive_data);
        let text = files::text(file)?;
        let name = called(file);
        let listed: Object<Vec<Object<Box<RawValue>>>> = serde_json::from_str(&text).map_err(|error| {
            // What is wrong with data quotes it.
            let quotes = sensitive && error.is_data();
            let why = if quotes { format!("line {}", error.line()) } else { error.to_string() };
            Failure::usage(format!("`{name}` is no script of host answers: {why}")).with_help(
                "write `{\"operation\": [{\"success\": {...}}, {\"error\": {\"error_code\": \"...\"}}]}`",
            )
        })?;
        let mut answers = Answers::new();
        for (operation, list) in listed.0 {
            declared(module, &operation).map_err(|problem| Failure::usage(format!("`{name}`: {problem}")))?;
            let list = list.iter().map(|answer| response(module, &operation, sensitive, &answer.0));
            let list = list.collect::<Result<Vec<_>, String>>();
            let list = list.map_err(|problem| Failure::usage(format!("`{name}`: {problem}")))?;
            answers.insert(operation, list);
        }
        Ok(Self { answers: Arc::new(answers) })
    }

    /// A host that gives the answers from the first on.
    pub(crate) fn begin(&self) -> ScriptedHost {
        let given = self.answers.keys().map(|name| (name.clone(), AtomicUsize::new(0))).collect();
        ScriptedHost { answers: Arc::clone(&self.answers), given }
    }
}

/// Reads one answer of an operation: an object with the one key `success` or `error`.
pub(super) fn response(
    module: &Module,
    operation: &str,
    sensitive: bool,
    answer: &BTreeMap<String, Box<RawValue>>,
) -> Result<HostResponse, String> {
    let document = module.document();
    let declared = declared(module, operation)?;
    let mut keys = answer.iter();
    match (keys.next(), keys.next()) {
        (Some((key, fields)), None) if key == "success" => {
            let values = values::read(&document.types, &declared.success, &[], sensitive, fields.get());
            let values = values.map_err(|error| format!("answer of `{operation}`: {error}"))?;
            let names = declared.success.iter().map(|field| field.name.clone());
            Ok(HostResponse::Success(names.zip(values).collect()))
        }
        (Some((key, fields)), None) if key == "error" => {
            let error: ErrorAnswer = serde_json::from_str(fields.get()).map_err(|error| {
                let why = if sensitive { String::new() } else { format!(": {error}") };
                format!("answer of `{operation}`: an error has `error_code` and `message`{why}")
            })?;
            Ok(HostResponse::Error { error_code: error.error_code, message: error.message })
        }
        _ => {
            Err(format!("answer of `{operation}`: expected an object with the one key `success` or `error`"))
        }
    }
}

/// The declaration of an operation.
fn declared<'a>(module: &'a Module, operation: &str) -> Result<&'a HostOperation, String> {
    let known = &module.document().semantic.host;
    known.iter().find(|it| it.name == operation).ok_or_else(|| {
        let names: Vec<String> = known.iter().map(|it| format!("`{}`", it.name)).collect();
        let names =
            if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        format!("the module has no host operation `{operation}`; {names}")
    })
}

/// An object none of whose keys stands twice: one of the values would be lost.
struct Object<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = object.next_key::<String>()? {
            if entries.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            entries.insert(key, object.next_value()?);
        }
        Ok(Object(entries))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorAnswer {
    error_code: String,
    #[serde(default)]
    message: String,
}

/// Answers one run.
#[derive(Debug)]
pub(crate) struct ScriptedHost {
    answers: Arc<Answers>,
    given: BTreeMap<String, AtomicUsize>,
}

impl Host for ScriptedHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let operation = &request.operation;
        let next = self.given.get(operation).map(|count| count.fetch_add(1, Ordering::Relaxed));
        let answer = next.and_then(|index| self.answers.get(operation)?.get(index));
        answer.cloned().ok_or_else(|| {
            let given = next.unwrap_or(0);
            HostError {
                message: format!(
                    "the script has {given} answers for `{operation}`, and one more was asked for"
                ),
            }
        })
    }

    /// A script answers at once.
    fn wait(&self, _milliseconds: u64) {}
}
