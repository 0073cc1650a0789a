//! Every module and expression in the language reference is one that the checker accepts, or refuses where
//! the reference says so.

#![allow(clippy::unwrap_used)] // helpers of tests are not exempt by themselves

use std::path::Path;

use anrf_format::diagnostic::Severity;
use anrf_format::module::Source;
use anrf_language::check_source;
use anrf_language::resolver::NoResolver;

/// The fenced blocks of a language in the reference, with the file they stand in.
fn blocks(language: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let fence = format!("```{language}\n");
    let mut blocks = vec![];
    for path in paths.iter().filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for rest in text.split(&fence).skip(1) {
            blocks.push((name.clone(), rest.split("```").next().unwrap().to_owned()));
        }
    }
    blocks
}

fn errors(name: &str, text: &str) -> Vec<String> {
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    let (module, found) = check_source(&source, &NoResolver);
    let errors: Vec<String> = found
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .map(|it| {
            let line = text[..it.span.start as usize].matches('\n').count() + 1;
            format!("{name}:{line}: {} {} ({:?})", it.code, it.message, it.help)
        })
        .collect();
    assert_eq!(module.is_some(), errors.is_empty(), "{name}");
    errors
}

#[test]
fn every_module_of_the_reference_checks() {
    let mut found = vec![];
    for (file, block) in blocks("vsp") {
        found.extend(errors(&file, &block).into_iter().map(|error| format!("{error}\n{block}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_expression_of_the_reference_checks_or_is_refused() {
    let mut wrong = vec![];
    for (file, block) in blocks("expr") {
        for line in block.lines().filter(|line| line.contains("  =>  ")) {
            let (expression, result) = line.rsplit_once("  =>  ").unwrap();
            let text = format!(
                "node_id: example\ntype: algorithm\nintent: Evaluate an expression.\noutputs: {{ success: {{ }} }}\n\
                 flow:\n  - step: evaluate\n    operation: compute\n    parameters:\n      _x: |-\n        {expression}\n"
            );
            let errors = errors(&file, &text);
            if errors.is_empty() == (result.trim() == "refused") {
                wrong.push(format!("{line}\n    {}", errors.join("\n    ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
