//! `anrf fmt`: the canonical layout.

use crate::arguments::Fmt;
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Outcome};
use crate::files;
use crate::finding::Finding;
use crate::load;
use crate::table::count;

#[derive(serde::Serialize)]
struct Formatted {
    file: String,
    changed: bool,
}

pub(super) fn run(arguments: &Fmt, console: &Console) -> Outcome {
    let engine = load::engine(&crate::arguments::Search::default());
    let files = files::modules(&arguments.files, &["vsp"])?;
    let mut formatted = vec![];
    let mut findings = vec![];
    for file in &files {
        let name = files::name(file);
        let text = files::text(file)?;
        let new = match engine.format(&name, &text) {
            Ok(new) => new,
            Err(error) => {
                let found = Finding::from_error(&name, &error);
                if !console.is_json() {
                    console.note_findings(&found);
                }
                findings.extend(found);
                continue;
            }
        };
        let changed = new != text;
        if files::is_dash(file) && !arguments.check {
            if !console.is_json() {
                console.print_text(&new)?;
            }
        } else if changed && !arguments.check {
            files::replace(file, new.as_bytes())?;
        }
        if changed && !console.is_json() && (arguments.check || !files::is_dash(file)) {
            let what = if arguments.check { "would change" } else { "changed" };
            console.print(format_args!("{what} {name}"))?;
        }
        formatted.push(Formatted { file: name, changed });
    }
    let changed = formatted.iter().filter(|it| it.changed).count();
    if console.is_json() {
        console.print_document(&Document::new().with("files", &formatted).with_findings(&findings))?;
    } else if arguments.check || !files.iter().any(|file| files::is_dash(file)) {
        let (what, other) =
            if arguments.check { ("would change", "would stay") } else { ("changed", "unchanged") };
        let rest = formatted.len() - changed;
        console.note(match (changed, rest) {
            (0, _) => format!("{} {other} as it is", count(rest, "file"))
                .replace("files would stay as it is", "files would stay as they are")
                .replace("unchanged as it is", "unchanged"),
            (_, 0) => format!("{} {what}", count(changed, "file")),
            (..) => format!(
                "{} {what}, {rest} {}",
                count(changed, "file"),
                if arguments.check { "would not" } else { "unchanged" }
            ),
        });
    }
    Ok(Exit::found(findings.iter().any(Finding::is_error) || (arguments.check && changed > 0)))
}
