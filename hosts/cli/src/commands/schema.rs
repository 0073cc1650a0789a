//! `anrf schema`: what files and documents look like, as JSON Schema.

use crate::arguments::Schema;
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use crate::table::Table;

/// The schema that the library makes from the reader's table of keys.
const VSP: &str = "vsp";

/// Name, what it describes, text.
const SCHEMAS: &[(&str, &str, &str)] = &[
    ("diagnostic", "one diagnostic, as in every document", include_str!("../../schema/diagnostic.json")),
    ("outcome", "how a run ended", include_str!("../../schema/outcome.json")),
    ("execution", "the record of a run", include_str!("../../schema/execution.json")),
    ("check", "anrf check --format json", include_str!("../../schema/check.json")),
    ("run", "anrf run --format json", include_str!("../../schema/run.json")),
    ("each", "anrf run --each FILE --format json", include_str!("../../schema/each.json")),
    ("replay", "anrf replay --format json", include_str!("../../schema/replay.json")),
    ("journal", "what anrf run --journal writes", include_str!("../../schema/journal.json")),
    ("eval", "anrf eval --format json", include_str!("../../schema/eval.json")),
    ("eval-batch", "a line of anrf eval --batch", include_str!("../../schema/eval-batch.json")),
    ("test", "anrf test --format json", include_str!("../../schema/test.json")),
    ("verify", "anrf verify --format json", include_str!("../../schema/verify.json")),
    ("equiv", "anrf equiv --format json", include_str!("../../schema/equiv.json")),
    ("compare", "anrf compare --format json", include_str!("../../schema/compare.json")),
    ("fmt", "anrf fmt --format json", include_str!("../../schema/fmt.json")),
    (
        "file",
        "new, pack, unpack and view --output with --format json",
        include_str!("../../schema/file.json"),
    ),
    ("inspect", "anrf inspect --format json", include_str!("../../schema/inspect.json")),
    ("view", "anrf view --format json", include_str!("../../schema/view.json")),
    ("explain", "anrf explain --format json", include_str!("../../schema/explain.json")),
    ("version", "anrf --version --format json", include_str!("../../schema/version.json")),
    ("error", "any command that could not do its work", include_str!("../../schema/error.json")),
];

pub(super) fn run(arguments: &Schema, console: &Console) -> Outcome {
    if arguments.name == "list" {
        let mut table = Table::new();
        table.row([VSP, "a .vsp file"]);
        for (name, what, _) in SCHEMAS {
            table.row([*name, *what]);
        }
        return console.print(table).map(|()| Exit::Fine);
    }
    if arguments.name == VSP {
        return console.print_text(&anrf::vsp_schema()).map(|()| Exit::Fine);
    }
    let known = SCHEMAS.iter().find(|(name, ..)| *name == arguments.name);
    let (.., text) = known.ok_or_else(|| {
        let names: Vec<String> = SCHEMAS.iter().map(|(name, ..)| format!("`{name}`")).collect();
        Failure::usage(format!("there is no schema `{}`", arguments.name))
            .with_help(format!("there are `{VSP}`, {}", names.join(", ")))
    })?;
    console.print_text(text).map(|()| Exit::Fine)
}
