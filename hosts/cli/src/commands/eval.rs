//! `anrf eval`: one expression, or many over JSON lines.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use anrf::{Engine, Execution, Outcome as RunOutcome};
use serde_json::value::RawValue;

use crate::arguments::Eval;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::files;
use crate::finding::{Finding, codes};

/// How an expression is called in messages.
const NAME: &str = "<expression>";

pub(super) fn run(arguments: &Eval, console: &Console) -> Outcome {
    let engine = Engine::new();
    if let Some(file) = &arguments.batch {
        if console.is_json() {
            let message = "`--batch` writes JSON lines, and `--format json` is one document";
            return Err(Failure::usage(message).with_help("leave out `--format json`"));
        }
        return batch(&engine, file);
    }
    let given = arguments.expression.as_deref().unwrap_or_default();
    let expression = if given == "-" { files::text(Path::new("-"))? } else { given.to_owned() };
    let evaluated = evaluate(&engine, expression.trim());
    let evaluated = evaluated.map_err(|error| Failure::Findings(Finding::from_error(NAME, &error)))?;
    let exit = Exit::found(evaluated.value.is_none());
    if console.is_json() {
        console.print_document(&answer(Document::new(), Ok(&evaluated)))?;
        return Ok(exit);
    }
    match &evaluated.value {
        Some((value, _)) => console.print(value)?,
        None => {
            let told = super::run::told(evaluated.execution.outcome());
            console.note(format_args!("{}: {told}", console.errors().paint(Ink::Bad, "error")));
        }
    }
    Ok(exit)
}

/// What came of an expression.
struct Evaluated {
    execution: Execution,
    /// The JSON form of the value and its type.
    value: Option<(String, String)>,
}

fn evaluate(engine: &Engine, expression: &str) -> Result<Evaluated, anrf::Error> {
    let function = engine.load_expression(expression)?;
    let execution = function.run(anrf::Run::new())?;
    let types = &function.module().document().types;
    let field = function.semantic().success.first();
    let value = field.and_then(|field| {
        let value = execution.success(&field.name)?;
        Some((anrf::data::to_json(types, field.type_id, value), types.name(field.type_id)))
    });
    Ok(Evaluated { execution, value })
}

#[derive(serde::Deserialize)]
struct Request {
    #[serde(default)]
    id: Option<Box<RawValue>>,
    expr: String,
}

#[derive(serde::Serialize)]
struct Refusal {
    code: &'static str,
    message: String,
}

/// Answers JSON lines in order. What cannot be evaluated is an answer too, so the exit code tells only
/// whether all lines were answered.
fn batch(engine: &Engine, file: &Path) -> Outcome {
    let (input, _) = files::open(file)?;
    let mut input = BufReader::with_capacity(64 << 10, input);
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut line = vec![];
    loop {
        line.clear();
        let read = input.by_ref().take(files::LARGEST).read_until(b'\n', &mut line);
        let count = read.map_err(|error| files::cannot_read(file, &error))?;
        if count == 0 {
            break;
        }
        if count as u64 == files::LARGEST && !line.ends_with(b"\n") {
            return Err(files::too_large("a line of the batch"));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let written = writeln!(output, "{}", respond(engine, &line).to_text());
        // A program that waits for the answer before it asks again gets it now.
        let written = if input.buffer().is_empty() { written.and_then(|()| output.flush()) } else { written };
        written.map_err(|error| Failure::printing(&error))?;
    }
    output.flush().map_err(|error| Failure::printing(&error))?;
    Ok(Exit::Fine)
}

fn respond(engine: &Engine, line: &[u8]) -> Document {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => {
            let id = serde_json::from_slice::<serde_json::Value>(line).ok();
            let id = id.and_then(|document| document.get("id").cloned());
            let message = format!("expected {{\"id\": ..., \"expr\": \"...\"}}: {error}");
            let refusal = Refusal { code: codes::USAGE.id, message };
            return Document::new().with("id", &id).with("error", &refusal);
        }
    };
    let document = Document::new().with("id", &request.id);
    match evaluate(engine, request.expr.trim()) {
        Ok(evaluated) => answer(document, Ok(&evaluated)),
        Err(error) => answer(document, Err(&error)),
    }
}

fn answer(document: Document, evaluated: Result<&Evaluated, &anrf::Error>) -> Document {
    #[derive(serde::Serialize)]
    struct Kind {
        kind: &'static str,
    }
    #[derive(serde::Serialize)]
    struct Which {
        which: &'static str,
    }
    match evaluated {
        Ok(Evaluated { value: Some((value, type_name)), .. }) => {
            document.with_text("value", value.clone()).with("type", type_name)
        }
        Ok(Evaluated { execution, .. }) => match execution.outcome() {
            RunOutcome::Fault(fault) => document.with("fault", &Kind { kind: fault.kind.name() }),
            RunOutcome::Limit(limit) => document.with("limit", &Which { which: limit.name() }),
            other => {
                let message = format!("the expression ended in {}", other.kind());
                document.with("error", &Refusal { code: codes::INTERNAL.id, message })
            }
        },
        Err(error) => {
            let refusal = match error.diagnostics().first() {
                Some(first) => Refusal { code: first.code.id, message: first.message.clone() },
                None => Refusal { code: error.code().id, message: error.message().to_owned() },
            };
            document.with("error", &refusal)
        }
    }
}
