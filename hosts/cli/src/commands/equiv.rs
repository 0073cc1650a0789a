//! `anrf equiv`: whether two functions do the same, for every input.

use std::path::Path;
use std::time::Duration;

use anrf::{
    Compared, Comparison, ComparisonJson, Function, Outcome as RunOutcome, Question, Seen, Severity,
    VerifyOptions,
};

use super::run::told;
use super::verify::cache;
use crate::arguments::Equiv;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::Finding;
use crate::values::short;
use crate::{files, load};

pub(super) fn run(arguments: &Equiv, console: &Console) -> Outcome {
    let engine = load::engine(&arguments.search);
    let names = match arguments.function.as_slice() {
        [] => [None, None],
        [both] => [Some(both.as_str()), Some(both.as_str())],
        [one, other] => [Some(one.as_str()), Some(other.as_str())],
        _ => return Err(Failure::usage("`--function` names one function of each file, so twice at most")),
    };
    let function = |path: &Path, name: Option<&str>| -> Outcome<Function> {
        load::function(&load::module(&engine, path)?, path, name)
    };
    let (first, second) = (function(&arguments.first, names[0])?, function(&arguments.second, names[1])?);
    let question = if arguments.refines { Question::Refines } else { Question::Equivalent };
    let options = VerifyOptions {
        tier: arguments.tier,
        solvers: arguments.solver.clone(),
        cache: if arguments.no_cache { None } else { cache::open() },
        ..VerifyOptions::new()
    };
    let time = Duration::try_from_secs_f64(arguments.budget).unwrap_or(Duration::MAX);
    let options = options.max_time(time);
    let found = engine.compare(question, &first, &second, &options);
    let found = found.map_err(|error| {
        // Neither file is to blame: what is missing is a solver.
        let failure = Failure::of(error.code(), error.message());
        match error.help() {
            Some(help) => failure.with_help(help),
            None => failure,
        }
    })?;
    let json = ComparisonJson {
        first: (first.module().document(), index(&first)),
        second: (second.module().document(), index(&second)),
        comparison: &found,
    };
    if console.is_json() {
        let side = |path: &Path, function: &Function| Named {
            file: files::name(path),
            function: function.node_id(),
        };
        let document = Document::new()
            .with("first", &side(&arguments.first, &first))
            .with("second", &side(&arguments.second, &second))
            .with("comparison", &json);
        console.print_document(&document.with_findings(&[]))?;
    } else {
        text(&found, &json, &first, &second, console)?;
    }
    Ok(Exit::found(!found.verdict.is_proved()))
}

/// A function and its file.
#[derive(serde::Serialize)]
struct Named {
    file: String,
    function: String,
}

fn index(function: &Function) -> u32 {
    let functions = &function.module().document().semantic.functions;
    let index = functions.iter().position(|known| known.node_id() == function.node_id());
    index.and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::MAX)
}

fn text(
    found: &Comparison,
    json: &ComparisonJson<'_>,
    first: &Function,
    second: &Function,
    console: &Console,
) -> Outcome<()> {
    let style = console.output();
    let (one, other) = (first.node_id(), second.node_id());
    let claim = match found.question {
        Question::Equivalent => format!("`{one}` and `{other}` do the same"),
        Question::Refines => format!("`{one}` can stand wherever `{other}` does"),
    };
    let finding = |code: &'static str, message: String, help: Option<String>| {
        let finding = Finding::of(code, message).with_help(help);
        style.finding(&finding).to_string()
    };
    let runs = match found.runs {
        0 => "no input was run with both".to_owned(),
        1 => "both were run with 1 input".to_owned(),
        runs => format!("both were run with {runs} inputs"),
    };
    match &found.verdict {
        Compared::Proved(way) => console.print(format_args!(
            "{claim}: {} for every input, {}; {runs}",
            style.paint(Ink::Good, "proved"),
            way.name()
        )),
        Compared::Differ(difference) => {
            let message = match found.question {
                Question::Equivalent => format!("`{one}` and `{other}` differ"),
                Question::Refines => format!("`{one}` cannot stand wherever `{other}` does"),
            };
            if json.is_redacted() {
                let help = "a function handles sensitive data, so the runs that show it are not told";
                return console.print(finding("not_equivalent", message, Some(help.to_owned())));
            }
            console.print(finding("not_equivalent", message, None))?;
            let mut given = fields(&difference.inputs);
            if !difference.state.is_empty() {
                given += &format!(" and the state {}", fields(&difference.state));
            }
            let given = if given.is_empty() { "without input".to_owned() } else { format!("with {given}") };
            console.print(format_args!("  {given}, found by {}", difference.method.name()))?;
            let width = one.chars().count().max(other.chars().count());
            for (name, seen) in [(&one, &difference.first), (&other, &difference.second)] {
                console.print(format_args!("  {name:width$}  {}", does(seen)))?;
            }
            Ok(())
        }
        Compared::Unknown(why) => {
            let mut open = Finding::of(why.class(), format!("it is not known whether {claim}: {why}"));
            open.severity = Severity::Warning;
            console.print(style.finding(&open.with_help(Some(why.help()))))?;
            console.print(format_args!("  {runs}; no difference was seen"))
        }
        Compared::Error(message) => {
            let said = if json.is_redacted() { "verification went wrong" } else { message };
            console.print(finding("error", format!("it is not known whether {claim}: {said}"), None))
        }
    }
}

fn fields(fields: &anrf::Fields) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name} = {}", short(value)));
    fields.collect::<Vec<_>>().join(", ")
}

/// What a function does with the inputs.
fn does(seen: &Seen) -> String {
    match seen {
        Seen::Ends(RunOutcome::Success(values)) if values.is_empty() => "succeeds".to_owned(),
        Seen::Ends(RunOutcome::Success(values)) => format!("succeeds with {}", fields(values)),
        Seen::Ends(outcome) => told(outcome),
        Seen::Refuses(condition) => format!("does not allow them: {condition}"),
    }
}
