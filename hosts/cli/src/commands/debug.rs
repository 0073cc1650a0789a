//! `anrf debug`: a run step by step, on a terminal or from a script.

mod breaks;
mod session;

use std::sync::Arc;

use anrf::{CancellationToken, Observer, Outcome as RunOutcome};

use super::run::{self, Prepared};
use crate::arguments::Debug;
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::{files, load};

use breaks::{Break, is_contract_violation};
use session::Session;

pub(super) fn run(arguments: &Debug, console: &Console) -> Outcome {
    if console.is_json() {
        let failure = Failure::usage("a debugger talks, and `--format json` is one document");
        return Err(failure.with_help("`anrf run --trace --format json` lists the steps of a run"));
    }
    let takes_input = [arguments.input.as_deref() == Some("-"), files::is_dash(&arguments.setting.file)];
    if takes_input.contains(&true) {
        let failure = Failure::usage("standard input is where the debugger takes its commands from");
        return Err(failure.with_help("give the module and the inputs as files"));
    }
    let engine = load::tracing_engine(&arguments.setting.search);
    let prepared = Prepared::new(&engine, &arguments.setting)?;
    let inputs = prepared.inputs(arguments.input.as_deref())?;
    let breaks = arguments.break_on.iter().map(|text| Break::read(text, &prepared.module));
    let breaks = breaks.collect::<Outcome<Vec<Break>>>()?;
    let cancellation = CancellationToken::new();
    let session = Arc::new(Session::new(&prepared.module, breaks, cancellation.clone(), console));
    let observer = Some(Arc::clone(&session) as Arc<dyn Observer>);
    let given = anrf::Run { inputs, state: prepared.state.clone(), observer, ..anrf::Run::new() };
    let execution = prepared.run(given.cancellation(cancellation))?;
    if session.was_left() {
        console.note("left before the run ended");
        return Ok(Exit::Findings);
    }
    if let RunOutcome::Fault(fault) = execution.outcome()
        && is_contract_violation(fault.kind)
    {
        session.ended_in_violation(fault.kind.name());
    }
    session.finish();
    run::show(&prepared, &execution, Document::new(), console)?;
    Ok(Exit::found(!matches!(execution.outcome(), RunOutcome::Success(_))))
}
