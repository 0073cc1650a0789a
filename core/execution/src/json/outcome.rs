//! Outcomes and executions to JSON.

use anrf_format::data::Typed;
use anrf_format::line_index::LineIndex;
use anrf_format::module::Module;
use anrf_format::semantic::{Function, LogLevel};
use anrf_format::types::TypeId;
use anrf_format::value::Value;
use anrf_runtime::{Execution, Fault, Fields, LogEntry, Outcome};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Serialises to an object with one key: `success`, `failure`, `fault`, `limit` or `denied`; and `state`
/// beside it where the function has state.
#[derive(Clone, Copy, Debug)]
pub struct OutcomeJson<'a> {
    /// The module that ran.
    pub module: &'a Module,
    /// Index of the function that ran.
    pub function: u32,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// The state afterwards, or nothing.
    pub state: &'a Fields,
}

/// Serialises to the record of a run: id, backend, fuel, memory, time, logs.
#[derive(Clone, Copy, Debug)]
pub struct ExecutionJson<'a> {
    /// The run.
    pub execution: &'a Execution,
}

/// Serialises state variables to an object, by their types in the module.
#[derive(Clone, Copy, Debug)]
pub struct StateJson<'a> {
    /// The module.
    pub module: &'a Module,
    /// Names and values.
    pub state: &'a Fields,
}

impl<'a> OutcomeJson<'a> {
    /// The outcome of a run of a function (index) of a module.
    #[must_use]
    pub fn new(module: &'a Module, function: u32, execution: &'a Execution) -> Self {
        Self { module, function, outcome: &execution.outcome, state: &execution.state }
    }

    fn function(&self) -> Option<&'a Function> {
        self.module.semantic.functions.get(self.function as usize)
    }
}

impl Serialize for OutcomeJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.outcome {
            Outcome::Success(fields) => {
                let declared = self.function().map_or(&[][..], |function| &function.success);
                let type_of =
                    |name: &str| declared.iter().find(|field| field.name == name).map(|field| field.type_id);
                map.serialize_entry("success", &Named { module: self.module, fields, type_of: &type_of })?;
            }
            Outcome::Failure { error_code, message } => {
                map.serialize_entry("failure", &Failure { error_code, message })?;
            }
            Outcome::Fault(fault) => {
                map.serialize_entry("fault", &FaultJson { module: self.module, fault })?
            }
            Outcome::Limit(limit) => map.serialize_entry("limit", &One("which", limit.name()))?,
            Outcome::Denied { capability } => {
                map.serialize_entry("denied", &One("capability", capability))?
            }
        }
        if self.function().is_some_and(|function| !function.state.is_empty()) && !self.state.is_empty() {
            map.serialize_entry("state", &StateJson { module: self.module, state: self.state })?;
        }
        map.end()
    }
}

impl Serialize for StateJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let variables = &self.module.semantic.state;
        let type_of = |name: &str| {
            variables.iter().find(|variable| variable.name == name).map(|variable| variable.type_id)
        };
        Named { module: self.module, fields: self.state, type_of: &type_of }.serialize(serializer)
    }
}

/// Named values and where their types are found.
struct Named<'a> {
    module: &'a Module,
    fields: &'a Fields,
    type_of: &'a dyn Fn(&str) -> Option<TypeId>,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (name, value) in self.fields {
            match (self.type_of)(name) {
                Some(type_id) => {
                    map.serialize_entry(name, &Typed { types: &self.module.types, type_id, value })?;
                }
                None => map.serialize_entry(name, &Plain(value))?,
            }
        }
        map.end()
    }
}

/// A value whose type is not at hand: log fields and fault values.
pub(super) struct Plain<'a>(pub(super) &'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => serializer.serialize_i64(*value),
            Value::Decimal(value) => serializer.collect_str(value),
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Float(value) if value.is_nan() => serializer.serialize_str("NaN"),
            Value::Float(value) => {
                serializer.serialize_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Value::String(value) | Value::Enum(value) => serializer.serialize_str(value),
            Value::Bytes(value) => serializer.serialize_str(&anrf_format::encoding::base64_encode(value)),
            Value::Timestamp(value) => serializer.collect_str(value),
            Value::Optional(None) => serializer.serialize_unit(),
            Value::Optional(Some(value)) => Plain(value).serialize(serializer),
            Value::Array(values) | Value::Set(values) => serializer.collect_seq(values.iter().map(Plain)),
            Value::Map(entries) if entries.iter().all(|(key, _)| matches!(key, Value::String(_))) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    if let Value::String(key) = key {
                        map.serialize_entry(key, &Plain(value))?;
                    }
                }
                map.end()
            }
            Value::Map(entries) => {
                serializer.collect_seq(entries.iter().map(|(key, value)| (Plain(key), Plain(value))))
            }
            Value::Record(fields) => PlainFields(fields).serialize(serializer),
            Value::Variant(case, fields) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(case, &PlainFields(fields))?;
                map.end()
            }
        }
    }
}

pub(super) struct PlainFields<'a>(pub(super) &'a [(String, Value)]);

impl Serialize for PlainFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Plain(value))))
    }
}

#[derive(serde::Serialize)]
struct Failure<'a> {
    error_code: &'a str,
    message: &'a str,
}

struct One<'a>(&'static str, &'a str);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, self.1)])
    }
}

struct FaultJson<'a> {
    module: &'a Module,
    fault: &'a Fault,
}

impl Serialize for FaultJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.fault.kind.name())?;
        map.serialize_entry("step", &self.fault.step)?;
        let place = LineIndex::new(&self.module.source.text).position(self.fault.span.start);
        map.serialize_entry("line", &place.line)?;
        map.serialize_entry("column", &place.column)?;
        map.end()
    }
}

impl Serialize for ExecutionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let execution = self.execution;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &execution.id)?;
        map.serialize_entry("backend", &execution.backend)?;
        map.serialize_entry("function", &execution.function)?;
        map.serialize_entry("fuel", &execution.fuel)?;
        map.serialize_entry("contract_units", &execution.contract_units)?;
        map.serialize_entry("peak_memory", &execution.peak_memory)?;
        map.serialize_entry("duration_ms", &(execution.duration.as_secs_f64() * 1000.0))?;
        map.serialize_entry("logs", &execution.logs.iter().map(LogJson).collect::<Vec<_>>())?;
        map.end()
    }
}

pub(super) struct LogJson<'a>(pub(super) &'a LogEntry);

impl Serialize for LogJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.0;
        let level = match entry.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("level", level)?;
        map.serialize_entry("step", &entry.step)?;
        map.serialize_entry("message", &entry.message)?;
        map.serialize_entry("fields", &PlainFields(&entry.fields))?;
        map.end()
    }
}
