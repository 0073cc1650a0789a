//! Reading a file test and doing what it says.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anrf::{CancellationToken, Engine, LineIndex, Module, NoResolver, Policy, ScriptedHost};

use crate::host::read_answers;

const FOUND: &str = "# found:\n";

/// A file test.
#[derive(Clone, Debug)]
pub struct FileTest {
    /// Where it stands.
    pub path: PathBuf,
    /// The file up to what was found.
    pub text: String,
    /// What it says was found, from `# found:` on.
    pub found: String,
    /// What it stands for: a kind and a name, such as `builtin LEN`.
    pub covers: Vec<String>,
    runs: Vec<Run>,
}

#[derive(Clone, Debug, Default)]
struct Run {
    function: String,
    inputs: String,
    state: String,
    host: String,
    limits: String,
    grant: String,
}

impl FileTest {
    /// Reads a file.
    ///
    /// # Panics
    /// If it cannot be read, or its header is not one.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let whole =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (text, found) = match whole.split_once(FOUND) {
            Some((text, found)) => (text.to_owned(), format!("{FOUND}{found}")),
            None => (whole, String::new()),
        };
        let mut test = Self { path: path.to_owned(), text, found, covers: vec![], runs: vec![] };
        for line in test.text.clone().lines() {
            let Some((key, value)) = line.strip_prefix("# ").and_then(|line| line.split_once(": ")) else {
                continue;
            };
            test.header(key, value);
        }
        test
    }

    fn header(&mut self, key: &str, value: &str) {
        match (key, self.runs.last_mut()) {
            ("covers", _) => self.covers.extend(value.split(", ").map(|it| it.trim().to_owned())),
            ("run", _) => {
                let (function, inputs) = value.split_once(' ').unwrap_or((value, "{}"));
                let (function, inputs) = (function.to_owned(), inputs.to_owned());
                self.runs.push(Run { function, inputs, ..Run::default() });
            }
            ("state", Some(run)) => value.clone_into(&mut run.state),
            ("host", Some(run)) => value.clone_into(&mut run.host),
            ("limits", Some(run)) => value.clone_into(&mut run.limits),
            ("grant", Some(run)) => value.clone_into(&mut run.grant),
            _ => {}
        }
    }

    /// The folder under `tests/files`.
    #[must_use]
    pub fn layer(&self) -> String {
        let folder = self.path.parent().and_then(Path::file_name);
        folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Whether it shows that something is accepted.
    #[must_use]
    pub fn accepts(&self) -> bool {
        let finding = self.lines().any(|line| !line.starts_with("# run "));
        !finding && (self.runs.is_empty() || self.lines().any(|line| line.contains(": {\"success\"")))
    }

    /// Whether it shows that something is rejected: by a finding, or by a run that does not succeed.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.lines().any(|line| !line.starts_with("# run ") || !line.contains(": {\"success\""))
    }

    /// The lines of what was found.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.found.lines().skip(1)
    }
}

/// What comes of a file test, as it stands at the end of the file.
#[must_use]
pub fn found(test: &FileTest) -> String {
    let mut out = FOUND.to_owned();
    let name = test.path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let engine = Engine::builder().resolver(Arc::new(NoResolver)).build();
    let checked = engine.check(&name, &test.text);
    let index = LineIndex::new(&test.text);
    for found in &checked.diagnostics {
        let place = index.position(found.span.start);
        let severity = format!("{:?}", found.severity).to_lowercase();
        let _ =
            writeln!(out, "# {severity} {} {}:{} {}", found.code, place.line, place.column, found.message);
    }
    if let Some(module) = &checked.module {
        for run in &test.runs {
            let _ = writeln!(out, "# run {}: {}", run.function, outcome(module, run));
        }
    }
    out
}

fn outcome(module: &Module, run: &Run) -> String {
    execute(module, run).unwrap_or_else(|error| format!("error {} {}", error.code(), error.message()))
}

fn execute(module: &Module, run: &Run) -> Result<String, anrf::Error> {
    let function = module.function(&run.function)?;
    let inputs = function.inputs_from_json(&run.inputs)?;
    let state = if run.state.is_empty() { vec![] } else { function.state_from_json(&run.state)? };
    let host = ScriptedHost::from_answers(read_answers(module, &run.host));
    let given = anrf::Run {
        inputs,
        state,
        policy: Some(policy(run, &function)),
        host: Some(Arc::new(host)),
        ..anrf::Run::default()
    };
    let cancelled = CancellationToken::new();
    if run.limits.contains("cancelled") {
        cancelled.cancel();
    }
    let execution = function.run(given.cancellation(cancelled))?;
    let timed = run.limits.contains("time_ms") || run.limits.contains("cancelled");
    // How far such a run gets is not the same each time.
    let fuel = if timed { String::new() } else { format!(", fuel {}", execution.record().fuel) };
    Ok(format!("{}{fuel}", execution.to_json()))
}

/// Everything is granted that the function needs, unless the test says what is.
fn policy(run: &Run, function: &anrf::Function) -> Policy {
    let needed = &function.semantic().security.capabilities_required;
    let granted: Vec<String> = match run.grant.as_str() {
        "" => needed.clone(),
        "nothing" => vec![],
        list => list.split(", ").map(str::to_owned).collect(),
    };
    let mut policy = granted.into_iter().fold(Policy::default(), Policy::grant);
    for limit in run.limits.split_whitespace() {
        let Some((name, Ok(value))) = limit.split_once('=').map(|(name, value)| (name, value.parse::<u64>()))
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
