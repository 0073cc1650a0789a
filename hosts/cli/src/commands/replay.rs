//! `anrf replay`, and the journal file that `anrf run --journal` writes for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anrf::{Execution, Limits, Policy, Recording, RecordingError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::run::{self, Prepared};
use crate::arguments::Replay;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::{Finding, codes};
use crate::hosts::Hosts;
use crate::{files, load};

/// What a journal file holds: which module, what was permitted, and the recording itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalFile {
    anrf_journal: u32,
    /// The module's file, as it was named.
    file: String,
    granted: Vec<String>,
    fuel: u64,
    memory_bytes: u64,
    timeout_ms: Option<u64>,
    recording: Box<RawValue>,
}

/// Writes a journal file.
pub(super) fn record(path: &Path, prepared: &Prepared, execution: &Execution) -> Outcome<()> {
    let recording = execution.recording().to_json(prepared.module.document());
    let limits = &prepared.policy.limits;
    let timeout = limits.wall_time.and_then(|time| u64::try_from(time.as_millis()).ok());
    let file = JournalFile {
        anrf_journal: 1,
        file: files::name(&prepared.file),
        granted: prepared.policy.granted.clone(),
        fuel: limits.fuel,
        memory_bytes: limits.memory_bytes,
        timeout_ms: timeout,
        recording: RawValue::from_string(recording).unwrap_or_default(),
    };
    let mut text = serde_json::to_string(&file).unwrap_or_default();
    text.push('\n');
    files::write(path, text.as_bytes())
}

pub(super) fn run(arguments: &Replay, console: &Console) -> Outcome {
    let name = files::name(&arguments.journal);
    let text = files::text(&arguments.journal)?;
    let journal: JournalFile = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("`{name}` is not a journal: {error}"))
            .with_help("`anrf run --journal FILE` writes one")
    })?;
    if journal.anrf_journal != 1 {
        let message = format!("`{name}` is a journal of version {}", journal.anrf_journal);
        return Err(
            Failure::usage(message).with_help("use the version of anrf that wrote it, or a later one")
        );
    }
    let file = module_file(arguments, &journal)?;
    let engine = load::engine(&arguments.search);
    let module = load::module(&engine, &file)?;
    let recording = Recording::from_json(module.document(), journal.recording.get());
    let recording = recording.map_err(|error| {
        if matches!(error, RecordingError::Redacted(_)) {
            return Failure::Findings(Finding::from_error(&name, &error.into()));
        }
        Failure::usage(format!("`{name}` does not fit `{}`: {error}", files::name(&file)))
            .with_help("`--file FILE` names the module as it was when the journal was written")
    })?;
    let limits = Limits {
        fuel: journal.fuel,
        memory_bytes: journal.memory_bytes,
        wall_time: journal.timeout_ms.map(Duration::from_millis),
        ..Limits::default()
    };
    let policy = journal.granted.iter().fold(Policy::default().limits(limits), |policy, it| policy.grant(it));
    let function = load::function(&module, &file, Some(&recording.function))?;
    let hosts = Hosts::replay(recording.journal.clone());
    let prepared = Prepared::of(file, function, policy, recording.state.clone(), hosts);
    let execution = prepared.execute(recording.inputs.clone(), None)?;
    let outcome = execution.to_json();
    let same = same_json(&outcome, &recording.outcome) && execution.record().fuel == recording.fuel;
    if console.is_json() {
        let mut findings = vec![];
        if !same {
            findings.push(Finding::error(&codes::REPLAY, difference(&outcome, &recording.outcome)));
        }
        let document = Document::new()
            .with("same", &same)
            .with_text("outcome", outcome)
            .with_text("execution", execution.record_json());
        console.print_document(&document.with_findings(&findings))?;
    } else {
        run::show(&prepared, &execution, Document::new(), console)?;
        if same {
            console.note(console.errors().paint(Ink::Good, "the replay ended as the recorded run did"));
        } else {
            let finding = Finding::error(&codes::REPLAY, difference(&outcome, &recording.outcome));
            console.note(console.errors().finding(&finding));
        }
    }
    Ok(Exit::found(!same))
}

/// Where the module is: where the argument says, where it was, or beside the journal.
fn module_file(arguments: &Replay, journal: &JournalFile) -> Outcome<PathBuf> {
    if let Some(file) = &arguments.file {
        return Ok(file.clone());
    }
    let named = PathBuf::from(&journal.file);
    let beside =
        arguments.journal.parent().and_then(|folder| named.file_name().map(|name| folder.join(name)));
    let candidates = [Some(named.clone()), beside];
    let found = candidates.into_iter().flatten().find(|path| path.is_file());
    found.ok_or_else(|| {
        Failure::usage(format!("the module `{}` of the journal is not there", journal.file))
            .with_help("name it with `--file FILE`")
    })
}

fn same_json(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other || (read(one).is_some() && read(one) == read(other))
}

fn difference(found: &str, recorded: &str) -> String {
    if same_json(found, recorded) {
        return "the replay used another amount of fuel than the recorded run".to_owned();
    }
    format!("the replay ended in {found}, the recorded run in {recorded}")
}
