//! `anrf verify`: functions proved for every input, or refuted by a run.

pub(super) mod cache;
mod progress;
mod text;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf::solver::ProofCache;
use anrf::{Function, FunctionJson, Module, Report, Sarif, VerifyOptions};

use crate::arguments::Verify;
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::{Finding, codes};
use crate::{files, load};

use progress::Progress;
use text::Text;

/// A module and what was found of it.
struct Verified {
    name: String,
    module: Module,
    report: Report,
}

pub(super) fn run(arguments: &Verify, console: &Console) -> Outcome {
    let begin = Instant::now();
    let engine = load::engine(&arguments.search);
    let files = files::modules(&arguments.files, &["vsp", "anrf"])?;
    let plain = !console.is_json() && !console.is_sarif();
    let progress = Arc::new(Progress::new(console));
    let cache = if arguments.no_cache { None } else { cache::open() };
    let mut text = Text::new(console, arguments.explain);
    let mut verified = vec![];
    let mut refused = vec![];
    let mut known = vec![];
    for file in &files {
        let module = match load::module(&engine, file) {
            Ok(module) => module,
            Err(Failure::Findings(found)) => {
                let errors: Vec<Finding> = found.into_iter().filter(Finding::is_error).collect();
                if !console.is_json() {
                    progress.bar().suspend(|| console.note_findings(&errors));
                }
                refused.extend(errors);
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let chosen = chosen(&module, &arguments.function);
        known.extend(module.functions().iter().map(Function::node_id));
        if chosen.is_empty() {
            continue;
        }
        let report = verify(&module, &chosen, arguments, cache.clone(), &progress, file)?;
        let one = Verified { name: files::name(file), module, report };
        if plain {
            progress.bar().suspend(|| text.file(&one, file, &progress.times()))?;
        }
        verified.push(one);
    }
    progress.bar().finish_and_clear();
    if verified.is_empty() && refused.is_empty() && !arguments.function.is_empty() {
        return Err(no_function(&arguments.function, &known));
    }
    if console.is_json() {
        console.print_document(&document(&verified, &refused))?;
    } else if console.is_sarif() {
        console.print(sarif(&verified))?;
    } else {
        text.end(&verified, refused.len(), begin.elapsed())?;
    }
    let proved = refused.is_empty() && verified.iter().all(|one| one.report.is_proved());
    Ok(Exit::found(!proved))
}

/// Refuses a function that is not proved.
pub(super) fn require(function: &Function, file: &Path) -> Outcome<()> {
    let name = files::name(file);
    let options = VerifyOptions { cache: cache::open(), ..VerifyOptions::new() };
    let report = function.module().verify(&options.function(function.node_id()));
    let report = report.map_err(|error| Failure::Findings(Finding::from_error(&name, &error)))?;
    if report.is_proved() && !report.functions.is_empty() {
        return Ok(());
    }
    let verdict = report.functions.first().map_or("unknown", |found| found.verdict.name());
    let open = report.functions.iter().flat_map(|found| &found.obligations);
    let open = open.filter(|obligation| !obligation.verdict.is_proved()).count();
    let id = function.node_id();
    let message = match open {
        0 => format!("`{id}` is not proved, because of what it calls"),
        1 => format!("`{id}` is not proved but {verdict}: one obligation is open"),
        _ => format!("`{id}` is not proved but {verdict}: {open} obligations are open"),
    };
    let finding = Finding::error(&codes::NOT_PROVED, message).in_file(&name);
    let help = format!("`anrf verify {name} --function {}` says which, and what to do", function.name());
    Err(Failure::Findings(vec![finding.with_help(Some(help))]))
}

/// What is found of one function of a module, or of all that it declares; what was proved before is not asked again.
pub(super) fn report(module: &Module, function: Option<&Function>) -> Result<Report, anrf::Error> {
    let functions = function.into_iter().map(Function::node_id).collect();
    module.verify(&VerifyOptions { functions, cache: cache::open(), ..VerifyOptions::new() })
}

/// The functions that are meant, by node id.
fn chosen(module: &Module, names: &[String]) -> Vec<String> {
    let functions = module.functions();
    let meant = |function: &&Function| {
        names.is_empty() || names.iter().any(|name| *name == function.node_id() || name == function.name())
    };
    functions.iter().filter(meant).map(Function::node_id).collect()
}

fn no_function(names: &[String], known: &[String]) -> Failure {
    let quoted = |names: &[String]| names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let failure = Failure::usage(format!("there is no function {}", quoted(names)));
    if known.is_empty() { failure } else { failure.with_help(format!("there are {}", quoted(known))) }
}

fn verify(
    module: &Module,
    functions: &[String],
    arguments: &Verify,
    cache: Option<Arc<ProofCache>>,
    progress: &Arc<Progress>,
    file: &Path,
) -> Outcome<Report> {
    let options = VerifyOptions {
        functions: functions.to_vec(),
        tier: arguments.tier,
        solvers: arguments.solver.clone(),
        cross_check: arguments.cross_check,
        explain: arguments.explain,
        cache,
        ..VerifyOptions::new().progress(Arc::clone(progress) as Arc<dyn anrf::VerifyProgress>)
    };
    let time = Duration::try_from_secs_f64(arguments.budget).unwrap_or(Duration::MAX);
    let options = options.max_time(time);
    module.verify(&options).map_err(|error| {
        if arguments.solver.is_empty() {
            return Failure::Findings(Finding::from_error(&files::name(file), &error));
        }
        // That a solver is missing is nothing about the file.
        let failure = Failure::of(error.code(), error.message());
        match error.help() {
            Some(help) => failure.with_help(help),
            None => failure,
        }
    })
}

fn document(verified: &[Verified], refused: &[Finding]) -> Document {
    #[derive(serde::Serialize)]
    struct Solver<'a> {
        name: &'a str,
        version: &'a str,
    }
    let functions = verified.iter().flat_map(|one| {
        let json = |report| FunctionJson { module: one.module.document(), file: &one.name, report };
        one.report.functions.iter().map(json)
    });
    let solvers = verified.first().map_or(&[][..], |one| &one.report.solvers);
    let solvers = solvers.iter().map(|(name, version)| Solver { name, version });
    let document = Document::new().with("functions", &functions.collect::<Vec<_>>());
    document.with("solvers", &solvers.collect::<Vec<_>>()).with_findings(refused)
}

fn sarif(verified: &[Verified]) -> String {
    let mut log = Sarif::new(verified.first().map_or(&[][..], |one| &one.report.solvers));
    for one in verified {
        for function in &one.report.functions {
            log.add(one.module.document(), &one.name, function);
        }
    }
    log.to_text()
}
