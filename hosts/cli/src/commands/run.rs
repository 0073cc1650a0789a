//! `anrf run`: one run, or one for each row of a file.

mod cells;
mod each;
mod lines;
mod records;
mod rows;
mod summary;
mod told;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use anrf::types::{Field, TypeTable};
use anrf::{
    Engine, Execution, Fields, Function, Limits, Module, Observer, Outcome as RunOutcome, Policy, Value,
};

use crate::arguments::{Run, Setting};
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::Finding;
use crate::hosts::Hosts;
use crate::values;
use crate::{files, load};

pub(crate) use told::{finding, told};
use trace::Tracer;

pub(super) fn run(arguments: &Run, console: &Console) -> Outcome {
    let traced = arguments.trace || arguments.profile;
    let search = &arguments.setting.search;
    let engine =
        if traced { load::tracing_engine(search) } else { load::engine_on(search, arguments.backend)? };
    let prepared = Prepared::new(&engine, &arguments.setting)?;
    if arguments.verified {
        super::verify::require(&prepared.function, &arguments.setting.file)?;
    }
    if let Some(rows) = &arguments.each.rows {
        return each::run(&prepared, rows, &arguments.each, console);
    }
    let inputs = prepared.inputs(arguments.input.as_deref())?;
    let tracer = traced.then(|| Arc::new(Tracer::new(&prepared.module, arguments.trace, console)));
    let observer = tracer.clone().map(|tracer| tracer as Arc<dyn Observer>);
    let execution = prepared.execute(inputs, observer)?;
    if let Some(path) = &arguments.journal {
        super::replay::record(path, &prepared, &execution)?;
    }
    let mut more = Document::new();
    if let Some(tracer) = tracer {
        if arguments.trace && console.is_json() {
            more = more.with("trace", &tracer.lines());
        }
        let profile = tracer.profile(execution.record().fuel);
        if arguments.profile && console.is_json() {
            more = more.with("profile", &profile);
        } else if arguments.profile {
            console.note(trace::profile_table(&profile));
        }
    }
    show(&prepared, &execution, more, console)?;
    Ok(Exit::found(!matches!(execution.outcome(), RunOutcome::Success(_))))
}

/// What a run needs besides its inputs.
pub(crate) struct Prepared {
    pub(crate) file: std::path::PathBuf,
    pub(crate) module: Module,
    pub(crate) function: Function,
    /// Its inputs and their defaults.
    fields: Vec<Field>,
    defaults: Vec<Option<Value>>,
    pub(crate) policy: Policy,
    pub(crate) state: Fields,
    pub(crate) hosts: Hosts,
}

impl Prepared {
    /// Loads the module and reads what goes with it.
    pub(crate) fn new(engine: &Engine, setting: &Setting) -> Outcome<Self> {
        let module = load::module(engine, &setting.file)?;
        let function = load::function(&module, &setting.file, setting.function.as_deref())?;
        let hosts = Hosts::new(setting, &function)?;
        let state = match &setting.state {
            Some(argument) => read_state(&function, argument)?,
            None => vec![],
        };
        Ok(Self::of(setting.file.clone(), function, policy(setting), state, hosts))
    }

    /// From what has been read.
    pub(crate) fn of(
        file: std::path::PathBuf,
        function: Function,
        policy: Policy,
        state: Fields,
        hosts: Hosts,
    ) -> Self {
        let (module, fields) = (function.module().clone(), function.inputs());
        let defaults = function.semantic().inputs.iter().map(|input| input.default.clone()).collect();
        Self { file, module, function, fields, defaults, policy, state, hosts }
    }

    pub(crate) fn types(&self) -> &TypeTable {
        &self.module.document().types
    }

    /// Whether no value may be told.
    fn is_sensitive(&self) -> bool {
        self.function.semantic().security.sensitive_data
    }

    /// The inputs that an argument gives; without one, none.
    pub(crate) fn inputs(&self, argument: Option<&str>) -> Outcome<Fields> {
        let (file, text) = match argument {
            Some(argument) => files::argument(argument)?,
            None => (String::new(), "{}".to_owned()),
        };
        let read = self.inputs_from_json(&text);
        read.map_err(|error| match argument {
            Some(_) => values::refused("--input", &file, &text, self.is_sensitive(), &error),
            None => {
                let inputs = self.function.inputs();
                let names: Vec<String> =
                    inputs.iter().map(|input| format!("\"{}\": ...", input.name)).collect();
                Failure::usage(format!("`{}` needs inputs, and none were given", self.function.node_id()))
                    .with_help(format!("add `--input '{{{}}}'`", names.join(", ")))
            }
        })
    }

    /// Reads the inputs of one run from a JSON object.
    pub(crate) fn inputs_from_json(&self, text: &str) -> Result<Fields, anrf::data::DataError> {
        let values = values::read(self.types(), &self.fields, &self.defaults, self.is_sensitive(), text)?;
        Ok(self.fields.iter().map(|field| field.name.clone()).zip(values).collect())
    }

    /// Runs once; an observer may watch.
    pub(crate) fn execute(&self, inputs: Fields, observer: Option<Arc<dyn Observer>>) -> Outcome<Execution> {
        self.run(anrf::Run { inputs, state: self.state.clone(), observer, ..anrf::Run::new() })
    }

    /// Runs once from a state.
    pub(crate) fn execute_from(&self, inputs: Fields, state: Fields) -> Outcome<Execution> {
        self.run(anrf::Run { inputs, state, ..anrf::Run::new() })
    }

    /// Runs once under the policy and with the host of the arguments.
    pub(crate) fn run(&self, run: anrf::Run) -> Outcome<Execution> {
        let run = run.policy(self.policy.clone()).host(self.hosts.for_run());
        let executed = self.function.run(run);
        executed.map_err(|error| Failure::Findings(Finding::from_error(&files::name(&self.file), &error)))
    }
}

fn named(fields: Vec<Field>, values: Vec<Value>) -> Fields {
    fields.into_iter().map(|field| field.name).zip(values).collect()
}

/// What the arguments permit.
fn policy(setting: &Setting) -> Policy {
    let limits = Limits::default();
    let limits = Limits {
        fuel: setting.fuel.unwrap_or(limits.fuel),
        memory_bytes: setting.memory.unwrap_or(limits.memory_bytes),
        wall_time: setting.timeout.map(Duration::from_millis).or(limits.wall_time),
        ..limits
    };
    let policy = Policy::default().limits(limits);
    setting.grant.iter().fold(policy, |policy, capability| policy.grant(capability))
}

/// Reads the state variables of a function; those left out have their initial value.
fn read_state(function: &Function, argument: &str) -> Outcome<Fields> {
    let (file, text) = files::argument(argument)?;
    let document = function.module().document();
    let fields = function.state_variables();
    let used = function.semantic().state.iter();
    let defaults: Vec<Option<Value>> = used
        .filter_map(|index| Some(Some(document.semantic.state.get(*index as usize)?.initial.clone())))
        .collect();
    let sensitive = function.semantic().security.sensitive_data;
    let read = values::read(&document.types, &fields, &defaults, sensitive, &text);
    let read = read.map_err(|error| values::refused("--state", &file, &text, sensitive, &error))?;
    Ok(named(fields, read))
}

/// Shows one run: the outcome on standard output, what explains it on standard error.
pub(crate) fn show(
    prepared: &Prepared,
    execution: &Execution,
    more: Document,
    console: &Console,
) -> Outcome<()> {
    if console.is_json() {
        let document = Document::new()
            .with_text("outcome", execution.to_json())
            .with_text("execution", execution.record_json());
        return console.print_document(&document.and(more).with_findings(&[]));
    }
    for entry in &execution.record().logs {
        console.note(told::log(entry, console.errors()));
    }
    console.print(execution.to_json())?;
    let text = load::source(&prepared.module);
    if let Some(finding) = finding(execution.outcome(), &text, &prepared.policy) {
        console.note(console.errors().finding(&finding));
    }
    if let Some(complaint) = prepared.hosts.complaint() {
        console.note(complaint);
    }
    Ok(())
}
