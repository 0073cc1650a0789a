//! Reports as JSON. Of a function with `sensitive_data` no value is written.

use std::collections::BTreeMap;

use anrf_execution::json::{OutcomeJson, StateJson};
use anrf_format::data::TypedFields;
use anrf_format::line_index::LineIndex;
use anrf_format::module::Module;
use anrf_format::types::{Field, TypeId, TypeTable};
use anrf_format::value::Value;
use anrf_runtime::{Fields, HostResponse, Outcome};
use anrf_verification::report::{
    FunctionReport, LoopValue, ObligationReport, Unknown, Verdict, Witness, sufficient,
};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Json;

use super::mend::fix_of_file;
use crate::fix::FixJson;

/// The report of a function: serialises to an object of file, name, verdict, obligations and what it rests on.
#[derive(Clone, Copy, Debug)]
pub struct FunctionJson<'a> {
    /// The module that was verified.
    pub module: &'a Module,
    /// How its file is named in the document.
    pub file: &'a str,
    /// What was found.
    pub report: &'a FunctionReport,
}

/// A witness: serialises to an object of inputs, state, answers of the host, outcome and method.
#[derive(Clone, Copy, Debug)]
pub struct WitnessJson<'a> {
    /// The module that was verified.
    pub module: &'a Module,
    /// Index of the function that ran.
    pub function: u32,
    /// The run.
    pub witness: &'a Witness,
}

impl Serialize for FunctionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { module, file, report } = *self;
        let lines = &LineIndex::new(&module.source.text);
        let context = Context { module, file, lines, function: report.index };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", file)?;
        map.serialize_entry("function", &report.function)?;
        map.serialize_entry("verdict", report.verdict.name())?;
        map.serialize_entry("why", &context.why(&report.verdict, None))?;
        let obligations = report.obligations.iter();
        let obligations = obligations.map(|report| ObligationJson { context, report });
        map.serialize_entry("obligations", &obligations.collect::<Vec<_>>())?;
        let confidence = Scored { score: report.confidence.score, method: report.confidence.method.name() };
        map.serialize_entry("confidence", &confidence)?;
        let complaints = report.complaints.iter();
        let complaints = complaints.map(|it| Complained { verifier: &it.verifier, message: &it.message });
        map.serialize_entry("complaints", &complaints.collect::<Vec<_>>())?;
        map.serialize_entry(
            "rests_on",
            &RestsOn {
                callees: &report.callees,
                host_contracts: &report.assumed_hosts,
                unused: report.unused.as_deref(),
                inferred: report
                    .inferred
                    .iter()
                    .map(|found| InferredJson { step: &found.step, fact: &found.text })
                    .collect(),
            },
        )?;
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Scored {
    score: f64,
    method: &'static str,
}

#[derive(serde::Serialize)]
struct Complained<'a> {
    verifier: &'a str,
    message: &'a str,
}

/// What a verdict holds only together with.
#[derive(serde::Serialize)]
struct RestsOn<'a> {
    callees: &'a [String],
    host_contracts: &'a [String],
    unused: Option<&'a [String]>,
    inferred: Vec<InferredJson<'a>>,
}

/// A fact at the head of a loop that nobody wrote.
#[derive(serde::Serialize)]
struct InferredJson<'a> {
    step: &'a str,
    fact: &'a str,
}

#[derive(Clone, Copy)]
struct Context<'a> {
    module: &'a Module,
    file: &'a str,
    lines: &'a LineIndex,
    function: u32,
}

/// Why a verdict is not `proved`.
#[derive(serde::Serialize)]
struct Why {
    class: &'static str,
    message: String,
    help: Option<String>,
    iteration: Option<Vec<LoopValueJson>>,
    precondition: Option<String>,
    fixes: Vec<Json>,
}

/// A variable of a loop in an iteration that no run is known to get to.
#[derive(serde::Serialize)]
struct LoopValueJson {
    name: String,
    before: Option<Json>,
    after: Option<Json>,
}

impl<'a> Context<'a> {
    fn why(self, verdict: &Verdict, precondition: Option<&str>) -> Option<Why> {
        let sensitive = is_sensitive(self.module, self.function);
        match verdict {
            Verdict::Proved => None,
            Verdict::Refuted(witness) => Some(Why {
                class: "refuted",
                message: format!("a run shows it, found by {}", witness.method.name()),
                help: precondition.map(sufficient),
                iteration: None,
                precondition: precondition.map(str::to_owned),
                fixes: self.fixes(precondition),
            }),
            Verdict::Unknown(unknown) => Some(Why {
                class: unknown.class(),
                message: why_unknown(self.module, self.function, unknown),
                help: Some(unknown.help()),
                iteration: self.iteration(unknown, sensitive),
                precondition: condition_of(unknown).map(str::to_owned),
                fixes: self.fixes(condition_of(unknown)),
            }),
            // What a solver wrote may quote values of a model.
            Verdict::Error(message) => Some(Why {
                class: "error",
                message: if sensitive { "verification went wrong".to_owned() } else { message.clone() },
                help: None,
                iteration: None,
                precondition: None,
                fixes: vec![],
            }),
        }
    }

    /// The mend that adds the precondition to the text.
    fn fixes(self, precondition: Option<&str>) -> Vec<Json> {
        let fix = precondition.and_then(|it| fix_of_file(self.module, self.file, self.function, it));
        let json = |fix| serde_json::to_value(FixJson { lines: self.lines, fix: &fix }).ok();
        fix.and_then(json).into_iter().collect()
    }

    fn iteration(self, unknown: &Unknown, sensitive: bool) -> Option<Vec<LoopValueJson>> {
        let Unknown::NotInductive(values) = unknown else { return None };
        let json = |value: &LoopValue, of: &Option<Value>| json_of(self.module, value.type_id, of.as_ref()?);
        let shown = values.iter().filter(|_| !sensitive).map(|value| LoopValueJson {
            name: value.name.clone(),
            before: json(value, &value.before),
            after: json(value, &value.after),
        });
        Some(shown.collect())
    }

    fn witness(self, verdict: &'a Verdict) -> Option<WitnessJson<'a>> {
        match verdict {
            Verdict::Refuted(witness) => {
                Some(WitnessJson { module: self.module, function: self.function, witness })
            }
            _ => None,
        }
    }
}

/// The condition that is needed, if that is why.
fn condition_of(unknown: &Unknown) -> Option<&str> {
    match unknown {
        Unknown::NeedsPrecondition { condition, .. } => Some(condition),
        _ => None,
    }
}

/// Why something about a function is unknown, with values where they may be told.
#[must_use]
pub fn why_unknown(module: &Module, function: u32, unknown: &Unknown) -> String {
    let Unknown::NotInductive(values) = unknown else { return unknown.to_string() };
    let sensitive = is_sensitive(module, function);
    let text = |type_id, value: &Option<Value>| match value {
        Some(value) => {
            json_of(module, type_id, value).map_or_else(|| "?".to_owned(), |json| json.to_string())
        }
        None => "?".to_owned(),
    };
    let shown = values.iter().filter(|_| !sensitive);
    let shown = shown.map(|it| (it.name.as_str(), text(it.type_id, &it.before), text(it.type_id, &it.after)));
    not_inductive(&shown.collect::<Vec<_>>())
}

/// A value as JSON, by its type.
fn json_of(module: &Module, type_id: TypeId, value: &Value) -> Option<Json> {
    let fields = [Field { name: "value".to_owned(), type_id }];
    let values = [value.clone()];
    let typed = TypedFields { types: &module.types, fields: &fields, values: &values };
    serde_json::to_value(typed).ok()?.get_mut("value").map(Json::take)
}

/// A loop that is not inductive, in a sentence; of its variables name, value before and value after.
fn not_inductive(values: &[(&str, String, String)]) -> String {
    if values.is_empty() {
        return "not inductive".to_owned();
    }
    let list = |part: fn(&(&str, String, String)) -> String| {
        values.iter().map(part).filter(|it| !it.ends_with("= ?")).collect::<Vec<_>>().join(", ")
    };
    let before = list(|(name, before, _)| format!("{name} = {before}"));
    let after = list(|(name, _, after)| format!("{name} = {after}"));
    let state = match (before.is_empty(), after.is_empty()) {
        (false, false) => format!("an iteration from {before} to {after}"),
        (false, true) => format!("an iteration from {before}"),
        (true, _) => format!("an iteration to {after}"),
    };
    format!("not inductive: {state} breaks it, though no run is known that gets there")
}

pub(super) fn is_sensitive(module: &Module, function: u32) -> bool {
    let declared = module.semantic.functions.get(function as usize);
    // What is not known may well be sensitive.
    declared.is_none_or(|function| function.security.sensitive_data)
}

struct ObligationJson<'a> {
    context: Context<'a>,
    report: &'a ObligationReport,
}

impl Serialize for ObligationJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { context, report } = self;
        let place = context.lines.position(report.span.start);
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("id", &report.id)?;
        map.serialize_entry("kind", report.kind.name())?;
        map.serialize_entry("verdict", report.verdict.name())?;
        map.serialize_entry("line", &place.line)?;
        map.serialize_entry("column", &place.column)?;
        map.serialize_entry("why", &context.why(&report.verdict, report.precondition.as_deref()))?;
        map.serialize_entry("witness", &context.witness(&report.verdict))?;
        map.serialize_entry("used", &report.used)?;
        map.end()
    }
}

impl<'a> WitnessJson<'a> {
    /// Whether no value may be told.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        is_sensitive(self.module, self.function)
    }

    /// The inputs as a JSON object, unless no value may be told.
    #[must_use]
    pub fn inputs(&self) -> Option<String> {
        let shown = (!self.is_redacted()).then(|| serde_json::to_string(&self.input_fields()));
        shown.and_then(Result::ok)
    }

    /// The state before as a JSON object; nothing for a function without state, or if no value may be told.
    #[must_use]
    pub fn state(&self) -> Option<String> {
        let shown = !self.is_redacted() && !self.witness.state.is_empty();
        let state = StateJson { module: self.module, state: &self.witness.state };
        shown.then(|| serde_json::to_string(&state)).and_then(Result::ok)
    }

    /// What the host answered, by operation, in the form that `anrf run --host` reads; nothing if it was not
    /// asked, or if no value may be told.
    #[must_use]
    pub fn answers(&self) -> Option<String> {
        let shown = !self.is_redacted() && !self.witness.answers.is_empty();
        let mut script: BTreeMap<&str, Vec<AnswerJson<'_>>> = BTreeMap::new();
        for (operation, response) in &self.witness.answers {
            let answer = AnswerJson { module: self.module, operation, response, named: false };
            script.entry(operation).or_default().push(answer);
        }
        shown.then(|| serde_json::to_string(&script)).and_then(Result::ok)
    }

    fn input_fields(&self) -> Named<'a> {
        inputs_json(self.module, self.function, &self.witness.inputs)
    }
}

/// Inputs by the types that a function declares.
pub(super) fn inputs_json<'a>(module: &'a Module, function: u32, given: &'a Fields) -> Named<'a> {
    let declared = module.semantic.functions.get(function as usize);
    let inputs = declared.map_or(&[][..], |function| &function.inputs);
    let declared = inputs.iter().map(|it| Field { name: it.name.clone(), type_id: it.type_id });
    Named { types: &module.types, declared: declared.collect(), given }
}

impl Serialize for WitnessJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { module, function, witness } = *self;
        let redacted = self.is_redacted();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", witness.method.name())?;
        map.serialize_entry("redacted", &redacted)?;
        map.serialize_entry("inputs", &(!redacted).then(|| self.input_fields()))?;
        let state = StateJson { module, state: &witness.state };
        map.serialize_entry("state", &(!redacted).then_some(StateOf(state)))?;
        let answers = witness.answers.iter();
        let answers =
            answers.map(|(operation, response)| AnswerJson { module, operation, response, named: true });
        map.serialize_entry("answers", &(!redacted).then(|| Sequence(answers.collect())))?;
        // A fault says where, and no values.
        let shown = !redacted || matches!(witness.outcome, Outcome::Fault(_));
        let outcome = OutcomeJson { module, function, outcome: &witness.outcome, state: &vec![] };
        map.serialize_entry("outcome", &shown.then_some(OutcomeOf(outcome)))?;
        map.end()
    }
}

/// `Option` serialises what it holds by reference.
pub(super) struct StateOf<'a>(pub(super) StateJson<'a>);

impl Serialize for StateOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

pub(super) struct OutcomeOf<'a>(pub(super) OutcomeJson<'a>);

impl Serialize for OutcomeOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct Sequence<'a>(Vec<AnswerJson<'a>>);

impl Serialize for Sequence<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
        for answer in &self.0 {
            sequence.serialize_element(answer)?;
        }
        sequence.end()
    }
}

/// Named values by the types they are declared with.
pub(super) struct Named<'a> {
    types: &'a TypeTable,
    declared: Vec<Field>,
    given: &'a Fields,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given = |field: &Field| self.given.iter().find(|(name, _)| *name == field.name);
        let known = self.declared.iter().filter_map(|field| Some((field.clone(), given(field)?.1.clone())));
        let (fields, values): (Vec<Field>, Vec<Value>) = known.unzip();
        TypedFields { types: self.types, fields: &fields, values: &values }.serialize(serializer)
    }
}

/// What the host answered once.
struct AnswerJson<'a> {
    module: &'a Module,
    operation: &'a str,
    response: &'a HostResponse,
    /// Whether the operation is written too.
    named: bool,
}

#[derive(serde::Serialize)]
struct HostErrorJson<'a> {
    error_code: &'a str,
    message: &'a str,
}

impl Serialize for AnswerJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.named {
            map.serialize_entry("operation", self.operation)?;
        }
        match self.response {
            HostResponse::Success(given) => {
                let operation = self.module.semantic.host.iter().find(|it| it.name == self.operation);
                let declared = operation.map(|it| it.success.clone()).unwrap_or_default();
                map.serialize_entry("success", &Named { types: &self.module.types, declared, given })?;
            }
            HostResponse::Error { error_code, message } => {
                map.serialize_entry("error", &HostErrorJson { error_code, message })?;
            }
        }
        map.end()
    }
}
