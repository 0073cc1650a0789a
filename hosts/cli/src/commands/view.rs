//! `anrf view`: a module for people.

use anrf::{Level, Report, View as Viewed};
use serde::Serialize;

use super::verify;
use crate::arguments::{View, ViewLevel};
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::Finding;
use crate::{files, load};

pub(super) fn run(arguments: &View, console: &Console) -> Outcome {
    let engine = load::engine(&arguments.search);
    let module = load::module(&engine, &arguments.file)?;
    let level = match arguments.level {
        ViewLevel::Summary => Level::Summary,
        ViewLevel::Detail => Level::Detail,
        ViewLevel::Code => Level::Code,
    };
    let function = match &arguments.function {
        Some(name) => Some(load::function(&module, &arguments.file, Some(name))?),
        None => None,
    };
    let failed =
        |error: anrf::Error| Failure::Findings(Finding::from_error(&files::name(&arguments.file), &error));
    let report = match arguments.verified {
        true => Some(verify::report(&module, function.as_ref()).map_err(failed)?),
        false => None,
    };
    let function = function.map(|function| function.index());
    let view = module.view(arguments.form.name(), &Viewed { level, function, report: report.as_ref() });
    let mut view = view.map_err(failed)?;
    if !view.ends_with('\n') {
        view.push('\n');
    }
    match &arguments.output {
        Some(path) if !files::is_dash(path) => {
            files::write(path, view.as_bytes())?;
            let name = files::name(path);
            if console.is_json() {
                console.print_document(&Document::new().with("file", &name))?;
            } else {
                console.print(format_args!("wrote {name}"))?;
            }
        }
        _ if console.is_json() => {
            let document = Document::new().with("form", arguments.form.name()).with("text", &view);
            let document = document.with("verdicts", &report.as_ref().map(verdicts));
            console.print_document(&document)?;
        }
        _ => console.print_text(&view)?,
    }
    Ok(Exit::Fine)
}

/// The verdict of a function.
#[derive(Serialize)]
struct Found<'a> {
    function: &'a str,
    verdict: &'static str,
    obligations: usize,
    proved: usize,
}

fn verdicts(report: &Report) -> Vec<Found<'_>> {
    let found = report.functions.iter().map(|function| Found {
        function: &function.function,
        verdict: function.verdict.name(),
        obligations: function.obligations.len(),
        proved: function.obligations.iter().filter(|known| known.verdict.is_proved()).count(),
    });
    found.collect()
}
