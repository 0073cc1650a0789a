//! `anrf test`: every example is a test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf::{Module, Span};

use crate::arguments::Test;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::{Finding, Text};
use crate::table::{count, elapsed};
use crate::{files, load};

#[derive(serde::Serialize)]
struct Line {
    file: String,
    function: String,
    /// From 1.
    example: u32,
    passed: bool,
    expected: String,
    found: String,
    line: u32,
    column: u32,
}

#[derive(Default, serde::Serialize)]
struct Summary {
    passed: usize,
    failed: usize,
    /// Files that could not be loaded.
    refused: usize,
}

pub(super) fn run(arguments: &Test, console: &Console) -> Outcome {
    let begin = Instant::now();
    let engine = load::engine(&arguments.search);
    let files = files::modules(&arguments.files, &["vsp", "anrf"])?;
    let mut summary = Summary::default();
    let mut lines = vec![];
    let mut findings = vec![];
    for file in &files {
        let module = match load::module(&engine, file) {
            Ok(module) => module,
            Err(Failure::Findings(found)) => {
                summary.refused += 1;
                let errors: Vec<Finding> = found.into_iter().filter(Finding::is_error).collect();
                if !console.is_json() {
                    for finding in &errors {
                        console.print(format_args!("{}\n", console.output().finding(finding)))?;
                    }
                }
                findings.extend(errors);
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let text = load::source(&module);
        let results = module.test();
        let results =
            results.map_err(|error| Failure::Findings(Finding::from_error(&files::name(file), &error)))?;
        for result in results {
            let function = function_name(&module, result.function);
            if !arguments.only.as_ref().is_none_or(|only| function.contains(only.as_str())) {
                continue;
            }
            let span = span(&module, result.function, result.example);
            if result.passed {
                summary.passed += 1
            } else {
                summary.failed += 1
            }
            if console.is_json() {
                let place = text.lines.position(span.start);
                lines.push(Line {
                    file: files::name(file),
                    function,
                    example: result.example + 1,
                    line: place.line,
                    column: place.column,
                    passed: result.passed,
                    expected: result.expected,
                    found: result.found,
                });
            } else {
                let what = format!("{function} example {}", result.example + 1);
                let name = files::name(file);
                if result.passed {
                    console.print(format_args!(
                        "{}    {name}: {what}",
                        console.output().paint(Ink::Good, "ok")
                    ))?;
                } else {
                    console.print(format_args!(
                        "{}  {name}: {what}",
                        console.output().paint(Ink::Bad, "FAIL")
                    ))?;
                    if !text.text.is_empty() {
                        console.print(excerpt(&text, span, &what, console))?;
                    }
                    console.print(format_args!(
                        "  expected {}\n  found    {}\n",
                        result.expected, result.found
                    ))?;
                }
            }
        }
    }
    let bad = summary.failed + summary.refused > 0;
    if console.is_json() {
        let document = Document::new().with("examples", &lines).with("summary", &summary);
        console.print_document(&document.with_findings(&findings))?;
    } else {
        console.print(summarised(&summary, begin.elapsed(), console))?;
    }
    Ok(Exit::found(bad))
}

fn function_name(module: &Module, index: u32) -> String {
    let function = module.document().semantic.functions.get(index as usize);
    function.map_or_else(String::new, anrf::semantic::Function::node_id)
}

/// Where an example stands.
fn span(module: &Module, function: u32, example: u32) -> Span {
    let map = module.document().source_map.functions.get(function as usize);
    map.and_then(|map| map.examples.get(example as usize)).copied().unwrap_or_default()
}

fn excerpt(text: &Arc<Text>, span: Span, what: &str, console: &Console) -> String {
    let message = format!("{what} ends otherwise than it says");
    console.output().finding(&Finding::of("example", message).at(text, span))
}

fn summarised(summary: &Summary, duration: Duration, console: &Console) -> String {
    let style = console.output();
    if summary.passed + summary.failed + summary.refused == 0 {
        return "there are no examples to run".to_owned();
    }
    let passed = match summary.passed {
        0 => "no example passed".to_owned(),
        number => format!("{} passed", count(number, "example")),
    };
    let mut parts = vec![if summary.failed + summary.refused == 0 && summary.passed > 0 {
        style.paint(Ink::Good, passed)
    } else {
        passed
    }];
    if summary.failed > 0 {
        parts.push(style.paint(Ink::Bad, format!("{} failed", summary.failed)));
    }
    if summary.refused > 0 {
        parts.push(style.paint(Ink::Bad, format!("{} could not be loaded", count(summary.refused, "file"))));
    }
    format!("{} in {}", parts.join(", "), elapsed(duration))
}
