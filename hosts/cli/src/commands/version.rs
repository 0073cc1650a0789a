//! `anrf --version`: what this program is made of.

use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Outcome};
use crate::table::Table;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What can run modules, check proofs and draw in this build.
const FEATURES: &[&str] = &["interpreter", "packed modules", "journal and replay", "verification", "views"];

pub(super) fn run(verbose: bool, console: &Console) -> Outcome {
    let language = anrf::LANGUAGE_VERSION;
    let container = anrf::binary::FORMAT_VERSION;
    // Found, not started.
    let solvers = anrf::solver::Program::find_all();
    let programs = solvers.iter().map(|program| program.dialect.name());
    let solvers: Vec<&str> = programs.chain(anrf::LINKED_SOLVERS.iter().copied()).collect();
    if console.is_json() {
        let document = Document::new()
            .with("version", VERSION)
            .with("language", &language)
            .with("container", &container)
            .with("features", FEATURES)
            .with("solvers", &solvers)
            .with("target", env!("ANRF_TARGET"));
        return console.print_document(&document).map(|()| Exit::Fine);
    }
    console.print(format_args!("anrf {VERSION}"))?;
    if verbose {
        let list = |items: &[&str]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
        let mut table = Table::new();
        table.row(["language".to_owned(), language.to_string()]);
        table.row(["container".to_owned(), container.to_string()]);
        table.row(["features".to_owned(), list(FEATURES)]);
        table.row(["solvers".to_owned(), list(&solvers)]);
        table.row(["target", env!("ANRF_TARGET")]);
        console.print(table)?;
    }
    Ok(Exit::Fine)
}
