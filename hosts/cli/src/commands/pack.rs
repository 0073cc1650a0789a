//! `anrf pack` and `anrf unpack`: between text and the binary form.

use std::path::{Path, PathBuf};

use crate::arguments::{Pack, Search, Unpack};
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::table::grouped;
use crate::{files, load};

pub(super) fn pack(arguments: &Pack, console: &Console) -> Outcome {
    let engine = load::engine(&arguments.search);
    let module = load::module(&engine, &arguments.file)?;
    let target = target(&arguments.file, arguments.output.as_ref(), "anrf")?;
    let bytes = module.pack();
    write(&target, &bytes, &module.id().to_string(), console)
}

pub(super) fn unpack(arguments: &Unpack, console: &Console) -> Outcome {
    let engine = load::verifying_engine(&Search::default());
    let bytes = files::bytes(&arguments.file)?;
    let name = files::name(&arguments.file);
    if !load::is_packed(&bytes) {
        let failure = Failure::usage(format!("`{name}` is not a packed module"));
        return Err(
            failure.with_help("a packed module begins with the letters `ANRF`; `anrf pack` makes one")
        );
    }
    let module = load::module(&engine, &arguments.file)?;
    let text = &module.document().source.text;
    if text.is_empty() {
        let failure = Failure::usage(format!("`{name}` was packed without its text"));
        return Err(failure.with_help("`anrf view --level code` shows what it does"));
    }
    let target = target(&arguments.file, arguments.output.as_ref(), "vsp")?;
    if !arguments.force && !files::is_dash(&target) && target.exists() {
        let same = std::fs::read(&target).is_ok_and(|there| there == text.as_bytes());
        if !same {
            let message = format!("`{}` exists already and holds another text", files::name(&target));
            let help = "add `--force` to overwrite it, or `-o FILE` to write elsewhere";
            return Err(Failure::usage(message).with_help(help));
        }
    }
    write(&target, text.as_bytes(), &module.id().to_string(), console)
}

/// Where to write: what was asked for, or beside the file.
fn target(file: &Path, output: Option<&PathBuf>, extension: &str) -> Outcome<PathBuf> {
    match output {
        Some(output) => Ok(output.clone()),
        None if files::is_dash(file) => Ok(PathBuf::from("-")),
        None => {
            let target = file.with_extension(extension);
            if target == file {
                let failure = Failure::usage(format!("`{}` would be overwritten", files::name(file)));
                return Err(failure.with_help("add `-o FILE` to write elsewhere"));
            }
            Ok(target)
        }
    }
}

fn write(target: &Path, bytes: &[u8], id: &str, console: &Console) -> Outcome {
    if files::is_dash(target) {
        if console.is_json() {
            let failure = Failure::usage("standard output takes either the file or a JSON document");
            return Err(failure.with_help("add `-o FILE`, or leave out `--format json`"));
        }
        return console.print_bytes(bytes).map(|()| Exit::Fine);
    }
    files::write(target, bytes)?;
    let name = files::name(target);
    if console.is_json() {
        let document = Document::new().with("file", &name).with("bytes", &bytes.len()).with("id", id);
        console.print_document(&document)?;
    } else {
        console.print(format_args!("wrote {name}: {} bytes, {id}", grouped(bytes.len() as u64)))?;
    }
    Ok(Exit::Fine)
}
