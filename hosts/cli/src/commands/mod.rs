//! One file for each command.

mod check;
mod compare;
mod debug;
mod equiv;
mod eval;
mod explain;
mod fmt;
mod inspect;
mod manual;
mod new;
mod pack;
mod replay;
mod run;
mod schema;
mod test;
mod verify;
mod version;
mod view;

use crate::arguments::{Arguments, Command, Format};
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};

/// Does what the arguments say.
pub(crate) fn run(arguments: Arguments, console: &Console) -> Outcome {
    let verifies = matches!(arguments.command, Some(Command::Verify(_)));
    if arguments.display.format == Format::Sarif && !verifies {
        return Err(Failure::usage("`--format sarif` is a form of what `anrf verify` finds")
            .with_help("this command has `human` and `json`"));
    }
    if arguments.version {
        return version::run(arguments.verbose, console);
    }
    let Some(command) = arguments.command else {
        return Err(Failure::usage("no command was given").with_help("`anrf --help` lists the commands"));
    };
    match command {
        Command::New(new) => new::run(&new, console),
        Command::Check(check) => check::run(&check, console),
        Command::Run(run) => run::run(&run, console),
        Command::Replay(replay) => replay::run(&replay, console),
        Command::Debug(debug) => debug::run(&debug, console),
        Command::Eval(eval) => eval::run(&eval, console),
        Command::Test(test) => test::run(&test, console),
        Command::Verify(verify) => verify::run(&verify, console),
        Command::Equiv(equiv) => equiv::run(&equiv, console),
        Command::Compare(compare) => compare::run(&compare, console),
        Command::Fmt(fmt) => fmt::run(&fmt, console),
        Command::Pack(pack) => pack::pack(&pack, console),
        Command::Unpack(unpack) => pack::unpack(&unpack, console),
        Command::Inspect(inspect) => inspect::run(&inspect, console),
        Command::View(view) => view::run(&view, console),
        Command::Schema(schema) => schema::run(&schema, console),
        Command::Guide => console.print_text(GUIDE).map(|()| Exit::Fine),
        Command::Explain(explain) => explain::run(&explain, console),
        Command::Completions(completions) => manual::completions(&completions, console),
        Command::Man(man) => manual::pages(&man, console),
    }
}

/// The language for a model to read.
const GUIDE: &str = include_str!("../../guide.md");
