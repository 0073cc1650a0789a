//! The `anrf` program: a host over the public API of the `anrf` crate, for people and for scripts.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

mod arguments;
mod commands;
mod console;
mod document;
mod failure;
mod files;
mod finding;
mod hosts;
mod load;
mod table;
mod values;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use arguments::{Arguments, Color, Display, Format};
use console::Console;
use document::Document;
use failure::Failure;
use finding::{Finding, codes};

fn main() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let console = Console::new(arguments.display);
    // A defect is one sentence and exit code 3, not a backtrace.
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(|| commands::run(arguments, &console)));
    let outcome = outcome.unwrap_or_else(|panic| Err(Failure::Internal(panic_message(&*panic))));
    let outcome = outcome.and_then(|exit| console.finish().map(|()| exit));
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            report(&console, &failure);
            ExitCode::from(failure.code())
        }
    }
}

/// Reads the arguments; help is printed and wrong usage reported at once.
fn parse() -> Result<Arguments, ExitCode> {
    let parsed = command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| {
        if !error.use_stderr() {
            // Help is output like any other.
            let printed = error.print().and_then(|()| std::io::Write::flush(&mut std::io::stdout()));
            let failure = printed.err().map(|error| Failure::printing(&error));
            return failure.map_or(ExitCode::SUCCESS, |failure| {
                let format = if wants_json() { Format::Json } else { Format::Human };
                report(&Console::new(Display { format, color: Color::Auto }), &failure);
                ExitCode::from(failure.code())
            });
        }
        if wants_json() {
            let display = Display { format: Format::Json, color: Color::Auto };
            let message = error.to_string();
            let message = message.trim_start_matches("error: ").trim_end();
            report(&Console::new(display), &Failure::usage(message));
        } else {
            let _ = error.print();
        }
        ExitCode::from(2)
    })
}

/// The command tree; what prints help, completions and manual pages.
pub(crate) fn command() -> clap::Command {
    Arguments::command().version(env!("CARGO_PKG_VERSION")).disable_version_flag(true)
}

/// Whether the arguments, which could not be read, ask for JSON.
fn wants_json() -> bool {
    let words: Vec<_> = std::env::args_os().collect();
    let pairs = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    pairs || words.iter().any(|word| word == "--format=json")
}

fn report(console: &Console, failure: &Failure) {
    let findings = match failure {
        Failure::OutputClosed => return,
        Failure::Findings(findings) => findings.clone(),
        Failure::Usage { code, message, help } => {
            vec![Finding::error(code, message).with_help(help.clone())]
        }
        Failure::Internal(message) => {
            let help = "please report this with the command and the file that led to it";
            vec![Finding::error(&codes::INTERNAL, message).with_help(Some(help.to_owned()))]
        }
    };
    // Where standard output takes nothing, standard error may.
    if !console.is_json() || console.print_document(&Document::new().with_findings(&findings)).is_err() {
        for finding in &findings {
            console.note(console.errors().finding(finding));
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the program stopped at a defect: {}", text.unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_tree_is_consistent() {
        super::command().debug_assert();
    }
}
