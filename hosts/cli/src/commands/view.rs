//! `anrf view`: a module for people.

use anrf::{Level, View as Viewed};

use crate::arguments::{View, ViewLevel};
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::Finding;
use crate::{files, load};

pub(super) fn run(arguments: &View, console: &Console) -> Outcome {
    let engine = load::engine(&arguments.search);
    let module = load::module(&engine, &arguments.file)?;
    let level = match arguments.level {
        ViewLevel::Summary => Level::Summary,
        ViewLevel::Detail => Level::Detail,
        ViewLevel::Code => Level::Code,
    };
    let function = match &arguments.function {
        Some(name) => Some(load::function(&module, &arguments.file, Some(name))?.index()),
        None => None,
    };
    let view = module.view(arguments.form.name(), &Viewed { level, function });
    let mut view =
        view.map_err(|error| Failure::Findings(Finding::from_error(&files::name(&arguments.file), &error)))?;
    if !view.ends_with('\n') {
        view.push('\n');
    }
    match &arguments.output {
        Some(path) if !files::is_dash(path) => {
            files::write(path, view.as_bytes())?;
            let name = files::name(path);
            if console.is_json() {
                console.print_document(&Document::new().with("file", &name))?;
            } else {
                console.print(format_args!("wrote {name}"))?;
            }
        }
        _ if console.is_json() => {
            let document = Document::new().with("form", arguments.form.name()).with("text", &view);
            console.print_document(&document)?;
        }
        _ => console.print_text(&view)?,
    }
    Ok(Exit::Fine)
}
