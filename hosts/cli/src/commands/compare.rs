//! `anrf compare`: whether two backends end runs of a module's functions alike.

use anrf::{CompareRuns, ComparedRuns, Divergence, Function};

use crate::arguments::{Backend, Compare};
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::Finding;
use crate::table::Table;
use crate::values::{self, short};
use crate::{files, load};

/// What came of a function.
#[derive(serde::Serialize)]
struct Line {
    function: String,
    runs: u64,
    /// The first run that differs; its values only if the function does not handle sensitive data.
    divergence: Option<DivergenceJson>,
}

#[derive(serde::Serialize)]
struct DivergenceJson {
    aspect: &'static str,
    redacted: bool,
    inputs: Option<serde_json::Value>,
    state: Option<serde_json::Value>,
    first: Option<String>,
    second: Option<String>,
}

pub(super) fn run(arguments: &Compare, console: &Console) -> Outcome {
    let &[first, second] = arguments.backends.as_slice() else {
        return Err(Failure::usage("`--backends` names two, such as `interpreter,cranelift`"));
    };
    let (one, other) = (
        load::compiled_engine_on(&arguments.search, first)?,
        load::compiled_engine_on(&arguments.search, second)?,
    );
    let module = load::module(&one, &arguments.file)?;
    let functions = match &arguments.function {
        Some(name) => vec![load::function(&module, &arguments.file, Some(name))?],
        None => module.functions(),
    };
    let options = CompareRuns { runs: arguments.runs, seed: arguments.seed, ..CompareRuns::default() };
    let mut lines = vec![];
    for function in functions {
        let compared = function.compare_runs(&other, &options);
        let compared = compared.map_err(|error| Failure::of(error.code(), error.message()))?;
        if !console.is_json()
            && let Some(divergence) = &compared.divergence
        {
            tell(&function, divergence, [first, second], console)?;
        }
        lines.push(line(&function, compared));
    }
    let differ = lines.iter().any(|line| line.divergence.is_some());
    if console.is_json() {
        let document = Document::new()
            .with("file", &files::name(&arguments.file))
            .with("backends", &[first.name(), second.name()])
            .with("functions", &lines);
        console.print_document(&document.with_findings(&[]))?;
    } else {
        table(&lines, console)?;
    }
    Ok(Exit::found(differ))
}

fn line(function: &Function, compared: ComparedRuns) -> Line {
    let sensitive = function.semantic().security.sensitive_data;
    let types = &function.module().document().types;
    let shown = |fields: &[anrf::types::Field], values: &anrf::Fields| {
        serde_json::from_str(&values::write(types, fields, values)).ok().filter(|_| !sensitive)
    };
    let divergence = compared.divergence.map(|divergence| {
        let inputs = shown(&function.inputs(), &divergence.inputs);
        let state = shown(&function.state_variables(), &divergence.state);
        let [first, second] = divergence.found.map(|found| (!sensitive).then_some(found));
        DivergenceJson { aspect: divergence.aspect, redacted: sensitive, inputs, state, first, second }
    });
    Line { function: function.node_id(), runs: compared.runs, divergence }
}

/// A divergence, with what both found.
fn tell(
    function: &Function,
    divergence: &Divergence,
    backends: [Backend; 2],
    console: &Console,
) -> Outcome<()> {
    let message = format!("runs of `{}` differ in their {}", function.node_id(), divergence.aspect);
    let style = console.output();
    if function.semantic().security.sensitive_data {
        let help = "the function handles sensitive data, so the run that shows it is not told";
        return console
            .print(style.finding(&Finding::of("divergence", message).with_help(Some(help.into()))));
    }
    console.print(style.finding(&Finding::of("divergence", message)))?;
    let given = divergence.inputs.iter().chain(&divergence.state);
    let given: Vec<String> = given.map(|(name, value)| format!("{name} = {}", short(value))).collect();
    if !given.is_empty() {
        console.print(format_args!("  with {}", given.join(", ")))?;
    }
    let width = backends.map(|backend| backend.name().len()).into_iter().max().unwrap_or(0);
    for (backend, found) in backends.into_iter().zip(&divergence.found) {
        console.print(format_args!("  {:width$}  {found}", backend.name()))?;
    }
    Ok(())
}

fn table(lines: &[Line], console: &Console) -> Outcome<()> {
    let style = console.output();
    let mut table = Table::new().right(&[1]);
    for line in lines {
        let ends = match &line.divergence {
            Some(divergence) => style.paint(Ink::Bad, format_args!("differ in {}", divergence.aspect)),
            None if line.runs == 0 => style.paint(Ink::Faint, "no input meets its preconditions"),
            None => style.paint(Ink::Good, "alike"),
        };
        let runs = if line.runs == 1 { "1 run".to_owned() } else { format!("{} runs", line.runs) };
        table.row([line.function.clone(), runs, ends]);
    }
    console.print(table)
}
