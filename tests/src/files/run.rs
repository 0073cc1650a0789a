//! What a file test does with its module, one act after another: calls, replays, packed forms, loading.

use std::sync::Arc;

use anrf::{
    CancellationToken, Engine, Fields, Function, Hook, LineIndex, Module, Policy, ScriptedHost, Value,
    semantic,
};
use anrf_format::module::Module as Document;
use anrf_runtime::Execution as Record;
use serde_json::Value as Json;

use super::{packed, root};
use crate::host::read_answers;

/// Something that a test does, with what the lines after it say.
#[derive(Clone, Debug, Default)]
pub(super) struct Act {
    kind: String,
    argument: String,
    details: Vec<(String, String)>,
}

/// Lines that begin an act, and those that tell more about it.
const ACTS: &[&str] =
    &["run", "packed", "verified", "trusted", "bytes", "typed", "view", "open", "load", "edit"];
const DETAILS: &[&str] = &["state", "host", "limits", "grant", "hook", "replay", "unread", "unread_state"];

/// Takes a line of a header, if it is about an act.
pub(super) fn header(acts: &mut Vec<Act>, key: &str, value: &str) {
    if ACTS.contains(&key) {
        acts.push(Act { kind: key.to_owned(), argument: value.trim().to_owned(), details: vec![] });
    } else if let (true, Some(act)) = (DETAILS.contains(&key), acts.last_mut()) {
        act.details.push((key.to_owned(), value.to_owned()));
    }
}

/// What an act works on.
pub(super) struct Subject<'a> {
    pub(super) engine: &'a Engine,
    pub(super) text: &'a str,
    /// None if the text has errors.
    pub(super) module: Option<&'a Module>,
}

impl Act {
    fn detail(&self, key: &str) -> &str {
        self.details.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
    }

    /// What comes of it: one line, and one more for a replay.
    pub(super) fn found(&self, subject: &Subject<'_>) -> String {
        let Self { kind, argument, .. } = self;
        let shown = if kind == "run" { argument.split(' ').next().unwrap_or_default() } else { argument };
        let mut out = format!("# {kind} {shown}: {}\n", told(self.act(subject)));
        if let (false, Some(module)) = (self.detail("replay").is_empty(), subject.module) {
            let change = self.detail("replay");
            out.push_str(&format!("# replay {change}: {}\n", told(self.replayed(module, change))));
        }
        out
    }

    fn act(&self, subject: &Subject<'_>) -> Result<String, anrf::Error> {
        let fine = |()| "fine".to_owned();
        let argument = self.argument.as_str();
        match self.kind.as_str() {
            "load" => return subject.engine.load_text("test.vsp", subject.text).map(|_| fine(())),
            "open" => {
                let known = root().join(argument);
                let path = if known.exists() { known } else { argument.into() };
                return subject.engine.load_file(path).map(|_| fine(()));
            }
            "edit" => {
                // `10..12 text`: these bytes replaced by the text.
                let (range, text) = argument.split_once(' ').unwrap_or((argument, ""));
                let (start, end) = range.split_once("..").unwrap_or((range, range));
                let at = |text: &str| text.parse().unwrap_or_else(|_| panic!("`{range}` is no range"));
                let mut document = subject.engine.document("test.vsp", subject.text);
                return document.edit(at(start)..at(end), text).map(|_| fine(()));
            }
            "bytes" => {
                let bytes = packed::changed(subject.text.as_bytes().to_vec(), argument);
                return subject.engine.load_bytes("test.vsp", &bytes).map(|_| fine(()));
            }
            _ => {}
        }
        let Some(module) = subject.module else { return Ok("no module".to_owned()) };
        match self.kind.as_str() {
            "packed" => subject
                .engine
                .load_bytes("test.anrf", &packed::changed(module.pack(), argument))
                .map(|_| fine(())),
            "verified" => {
                let engine = Engine::builder().verify_stored_code().build();
                engine.load_bytes("test.anrf", &packed::changed(module.pack(), argument)).map(|_| fine(()))
            }
            "trusted" => {
                let trusted = subject.engine.load_trusted(&packed::changed(module.pack(), argument))?;
                // Its layers are looked at when they are first needed.
                trusted.test().map(|_| fine(()))
            }
            "typed" => module.function(argument)?.typed::<(i64,), (i64,)>().map(|_| fine(())),
            "view" => module.view(argument, &anrf::View::default()).map(|_| fine(())),
            _ => match self.detail("hook") {
                "" => self.run(module),
                moment => {
                    let hook = Arc::new(Refusing { before: moment == "before" });
                    let engine = Engine::builder().hook(hook).build();
                    self.run(&engine.load_text("test.vsp", subject.text)?)
                }
            },
        }
    }

    fn run(&self, module: &Module) -> Result<String, anrf::Error> {
        let execution = self.execute(module)?;
        let limits = self.detail("limits");
        let timed = limits.contains("time_ms") || limits.contains("cancelled");
        // How far such a run gets is not the same each time.
        let fuel = if timed { String::new() } else { format!(", fuel {}", execution.record().fuel) };
        Ok(format!("{}{fuel}", execution.to_json()))
    }

    fn execute(&self, module: &Module) -> Result<anrf::Execution, anrf::Error> {
        let (name, inputs) = self.argument.split_once(' ').unwrap_or((&self.argument, "{}"));
        let function = module.function(if name == "-" { "" } else { name })?;
        let inputs = match self.detail("unread") {
            "" => function.inputs_from_json(inputs)?,
            values => unread(values),
        };
        let state = match (self.detail("state"), self.detail("unread_state")) {
            ("", "") => vec![],
            ("", values) => unread(values),
            (values, _) => function.state_from_json(values)?,
        };
        let host = ScriptedHost::from_answers(read_answers(module, self.detail("host")));
        let given = anrf::Run {
            inputs,
            state,
            policy: Some(self.policy(&function)),
            host: Some(Arc::new(host)),
            ..anrf::Run::default()
        };
        let cancelled = CancellationToken::new();
        if self.detail("limits").contains("cancelled") {
            cancelled.cancel();
        }
        function.run(given.cancellation(cancelled))
    }

    /// Runs again from the recording of the run, in which `this => that` was replaced.
    fn replayed(&self, module: &Module, change: &str) -> Result<String, anrf::Error> {
        let execution = self.execute(module)?;
        let (from, to) = change.split_once(" => ").unwrap_or((change, change));
        let recorded = execution.recording().to_json(module.document());
        assert!(recorded.contains(from), "`{from}` does not stand in {recorded}");
        let recorded = recorded.replace(from, to);
        let recording = anrf::Recording::from_json(module.document(), &recorded)?;
        let function = module.function(&recording.function)?;
        let again = function.replay(&recording, Some(&self.policy(&function)))?;
        Ok(again.to_json())
    }

    /// Everything is granted that the function needs, unless the test says what is.
    fn policy(&self, function: &Function) -> Policy {
        let needed = &function.semantic().security.capabilities_required;
        let granted: Vec<String> = match self.detail("grant") {
            "" => needed.clone(),
            "nothing" => vec![],
            list => list.split(", ").map(str::to_owned).collect(),
        };
        let mut policy = granted.into_iter().fold(Policy::default(), Policy::grant);
        for limit in self.detail("limits").split_whitespace() {
            let Some((name, Ok(value))) =
                limit.split_once('=').map(|(name, value)| (name, value.parse::<u64>()))
            else {
                panic!("`{limit}` is no limit");
            };
            let limits = &mut policy.limits;
            match name {
                "fuel" => limits.fuel = value,
                "memory" => limits.memory_bytes = value,
                "depth" => limits.depth = u32::try_from(value).unwrap_or(u32::MAX),
                "journal" => limits.journal_bytes = value,
                "contract" => limits.contract_budget = value,
                "host_calls" => limits.host_calls = value,
                // Cancelled before it begins; see `execute`.
                "cancelled" => {}
                "time_ms" => limits.wall_time = Some(std::time::Duration::from_millis(value)),
                _ => panic!("`{name}` is no limit"),
            }
        }
        policy
    }
}

fn told(result: Result<String, anrf::Error>) -> String {
    result.unwrap_or_else(|error| {
        let help = |help: Option<&str>| help.map_or(String::new(), |help| format!("; help: {help}"));
        let found = error.diagnostics().iter().map(|found| {
            let place = LineIndex::new(&error.source_text().text).position(found.span.start);
            format!(" [{} {}:{}{}]", found.code, place.line, place.column, help(found.help.as_deref()))
        });
        let found: String = found.collect();
        let mend = if error.diagnostics().is_empty() { help(error.help()) } else { String::new() };
        format!("error {} {}{mend}{found}", error.code(), error.message())
    })
}

/// Values as a host may give them, read without the function's types: integers, texts and booleans.
fn unread(text: &str) -> Fields {
    let read: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let fields = read.as_object().cloned().unwrap_or_default().into_iter();
    let value = |value: Json| match value {
        Json::Bool(value) => Value::Boolean(value),
        Json::Number(number) => Value::Integer(number.as_i64().unwrap_or_default()),
        other => Value::String(other.as_str().unwrap_or_default().to_owned()),
    };
    fields.map(|(name, given)| (name, value(given))).collect()
}

/// Refuses every run.
struct Refusing {
    before: bool,
}

impl Hook for Refusing {
    fn before(&self, _: &Document, _: &semantic::Function, _: &Fields) -> Result<(), String> {
        if self.before { Err("nothing runs today".to_owned()) } else { Ok(()) }
    }

    fn after(&self, _: &Document, _: &semantic::Function, _: &Record) -> Result<(), String> {
        if self.before { Ok(()) } else { Err("the result stays here".to_owned()) }
    }
}
