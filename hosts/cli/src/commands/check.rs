//! `anrf check`: what is wrong with modules; with `--fix` what can be mended is.

mod fix;

use std::path::Path;
use std::sync::Arc;

use anrf::{Engine, Severity};

use crate::arguments::Check;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Outcome};
use crate::files;
use crate::finding::{Finding, Text};
use crate::load;
use crate::table::count;

pub(super) fn run(arguments: &Check, console: &Console) -> Outcome {
    let engine = load::verifying_engine(&arguments.search);
    let files = files::modules(&arguments.files, &["vsp", "anrf"])?;
    let mut findings = vec![];
    let mut applied = 0;
    for file in &files {
        let (found, fixes) = check(&engine, file, arguments.fix, console)?;
        applied += fixes;
        if !console.is_json() {
            for finding in &found {
                console.print(format_args!("{}\n", console.output().finding(finding)))?;
            }
        }
        findings.extend(found);
    }
    if console.is_json() {
        let document = Document::new().with("files", &files.len()).with("fixed", &applied);
        console.print_document(&document.with_findings(&findings))?;
    } else {
        summarise(&files.len(), &findings, applied, arguments.fix, console)?;
    }
    Ok(Exit::found(findings.iter().any(Finding::is_error)))
}

/// What is wrong with one file, and how many mends were applied to it.
fn check(engine: &Engine, file: &Path, mend: bool, console: &Console) -> Outcome<(Vec<Finding>, usize)> {
    let name = files::name(file);
    let bytes = files::bytes(file)?;
    if load::is_packed(&bytes) || file.extension().is_some_and(|it| it == "anrf") {
        return Ok(match engine.load_bytes(&name, &bytes) {
            Ok(_) => (vec![], 0),
            Err(error) => (Finding::from_error(&name, &error), 0),
        });
    }
    let mut text = load::text_of(file, bytes)?;
    let mut applied = 0;
    if mend {
        let fixed = fix::mend(engine, &name, &text);
        applied = fixed.applied;
        if applied > 0 && files::is_dash(file) && !console.is_json() {
            console.note(format_args!("`--fix` cannot write standard input back; the mended text follows"));
            console.note(&fixed.text);
        } else if applied > 0 && !files::is_dash(file) {
            files::replace(file, fixed.text.as_bytes())?;
        }
        text = fixed.text;
    }
    let checked = engine.check(&name, &text);
    let text: Arc<Text> = Text::new(name, text);
    Ok((checked.diagnostics.iter().map(|it| Finding::about(&text, it)).collect(), applied))
}

fn summarise(
    files: &usize,
    findings: &[Finding],
    applied: usize,
    mended: bool,
    console: &Console,
) -> Outcome<()> {
    let style = console.output();
    let of = |severity: Severity| findings.iter().filter(|it| it.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let mut line = format!("{} checked: ", count(*files, "file"));
    line += &match (errors, warnings) {
        (0, 0) => style.paint(Ink::Good, "all is well"),
        (0, _) => count(warnings, "warning"),
        (_, 0) => style.paint(Ink::Bad, count(errors, "error")),
        (..) => format!("{}, {}", style.paint(Ink::Bad, count(errors, "error")), count(warnings, "warning")),
    };
    if applied > 0 {
        line += &format!("; {} applied", count(applied, "mend"));
    }
    let can = |finding: &&Finding| finding.place.as_ref().is_some_and(|place| !place.fixes.is_empty());
    let mendable = findings.iter().filter(can).count();
    if mendable > 0 && !mended {
        line += &format!("; `anrf check --fix` can mend {mendable}");
    }
    console.print(line)
}
