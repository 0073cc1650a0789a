//! Texts and the code that they become. `tests/files/lower/*.vsp` hold a module each and its code beside it in
//! a `.ir` file; `BLESS=1` writes what is there now.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::fs;
use std::path::{Path, PathBuf};

use anrf_format::execution::{FunctionId, print, validate::validate};
use anrf_format::module::{Module, Source};
use anrf_language::check_source;
use anrf_language::lowering::lower;
use anrf_language::resolver::FolderResolver;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "vsp") {
            found.push(path);
        }
    }
}

/// The lowered module; `None` if the text has errors.
fn lowered(path: &Path) -> Option<Result<Module, String>> {
    let text = fs::read_to_string(path).ok()?;
    let source = Source { name: path.display().to_string(), text };
    let resolver = FolderResolver::new();
    let (checked, _) = check_source(&source, &resolver);
    Some(match lower(checked?) {
        Ok(lowered) => Ok(lowered.into_module()),
        Err(error) => Err(error.to_string()),
    })
}

/// What is wrong with a text.
fn errors(path: &Path) -> String {
    let source = Source { name: path.display().to_string(), text: fs::read_to_string(path).unwrap() };
    let (_, diagnostics) = check_source(&source, &FolderResolver::new());
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|found| format!("{} {} {:?}", found.code, found.message, found.help))
        .collect();
    lines.join("\n")
}

#[test]
fn whatever_checks_is_lowered_to_valid_code() {
    let mut paths = vec![];
    texts(&root().join("examples"), &mut paths);
    texts(&root().join("tests/files"), &mut paths);
    paths.sort();
    let (mut count, mut failed) = (0, vec![]);
    for path in &paths {
        let Some(module) = lowered(path) else { continue };
        count += 1;
        let valid = module.and_then(|module| {
            let maps = &module.source_map.execution;
            validate(&module.types, &module.semantic, &module.execution, maps)
                .map_err(|error| error.to_string())
        });
        if let Err(error) = valid {
            failed.push(format!("{}: {error}", path.display()));
        }
    }
    assert!(failed.is_empty(), "{} of {count}:\n{}", failed.len(), failed.join("\n"));
    assert!(count > 10, "only {count} of {} texts check", paths.len());
}

#[test]
fn texts_become_the_code_beside_them() {
    let mut paths = vec![];
    texts(&root().join("tests/files/lower"), &mut paths);
    paths.sort();
    let bless = std::env::var_os("ANRF_BLESS").is_some();
    for path in paths {
        let module = match lowered(&path) {
            Some(Ok(module)) => module,
            Some(Err(error)) => panic!("{}: {error}", path.display()),
            None => panic!("{} has errors: {}", path.display(), errors(&path)),
        };
        let count = u32::try_from(module.execution.functions.len()).unwrap();
        let texts: Vec<String> = (0..count).map(|index| print(&module, FunctionId(index))).collect();
        let (actual, beside) = (texts.join("\n"), path.with_extension("ir"));
        if bless {
            fs::write(&beside, &actual).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(actual, expected, "{}", path.display());
    }
}
