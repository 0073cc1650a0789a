//! Development tasks: `cargo xtask` lists them. Depends on the standard library only, so that it builds
//! in seconds on a bare machine.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

mod delegate;
mod demo;
mod fresh;
mod manifest;
mod markdown;
mod package;
mod process;
mod report;
mod solvers;
mod test;
mod tidy;

use std::process::ExitCode;

/// What a task ends in; the message is for the person who typed the command.
type Outcome<T = ()> = Result<T, String>;

const USAGE: &str = "\
usage: cargo xtask TASK

  demo                  build the program and watch it check, test, run, draw and refuse real functions
  test [--ci]           everything that must hold; with --ci a skip is a failure unless tests/allowed-skips lists it
  lint                  formatting, clippy and tidy
  tidy                  the rules of this repository that no compiler knows
  bless [ARGS]          run the file tests and write what they found into them; ARGS go to `cargo test`
  fuzz --programs N | --minutes N
                        run generated programs against every promise of the engine
  bench [ARGS]          run the benchmarks, print and save the table
  solvers               bring z3, cvc5 and bitwuzla into the build folder; demo and test do this by themselves
  package rust          pack every crate, build a stranger's crate from the packed files, run the README in it
  fresh [--keep] [demo | test]
                        demo and test in a clean Debian 12 root (needs root)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo"] => demo::run(),
        ["test"] => test::run(false),
        ["test", "--ci"] => test::run(true),
        ["lint"] => test::lint(),
        ["tidy"] => tidy::run(),
        ["bless", rest @ ..] => delegate::bless(rest),
        ["fuzz", rest @ ..] => delegate::fuzz(rest),
        ["bench", rest @ ..] => delegate::bench(rest),
        ["solvers"] => solvers::run(),
        ["package", "rust"] => package::rust(),
        ["fresh", rest @ ..] => fresh::run(rest),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("there is no task `{}`\n\n{USAGE}", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}
