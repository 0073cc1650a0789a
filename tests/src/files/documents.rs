//! Every `vsp` and `expr` block of the documentation is run.

use anrf::{Engine, Outcome};
use serde_json::Value as Json;

use super::{root, with_extension};

struct Block {
    place: String,
    language: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut files = with_extension(&root().join("docs"), "md");
    files.push(root().join("README.md"));
    let mut found: Vec<Block> = vec![];
    for path in files {
        let text = std::fs::read_to_string(&path).expect("the page is there");
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(language), None) => {
                    let place = format!("{name}:{}", number + 1);
                    open = Some(Block { place, language: language.to_owned(), text: String::new() });
                }
                (Some(_), Some(_)) => found.extend(open.take()),
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
    }
    found
}

fn module(engine: &Engine, block: &Block) -> Result<(), String> {
    let module = engine.load_text("page.vsp", &block.text).map_err(|error| error.to_string())?;
    let results = module.test().map_err(|error| error.to_string())?;
    match results.iter().find(|result| !result.passed) {
        Some(result) => Err(format!("an example expects {}, found {}", result.expected, result.found)),
        None => Ok(()),
    }
}

/// `expression  =>  value`, where the value is JSON, `fault KIND` or `refused`.
fn expression(engine: &Engine, line: &str) -> Result<(), String> {
    let (expression, wanted) = line.rsplit_once("  =>  ").ok_or("the line has no `  =>  `")?;
    let wanted = wanted.trim();
    let function = match (engine.load_expression(expression.trim()), wanted) {
        (Err(_), "refused") => return Ok(()),
        (Ok(_), "refused") => return Err("it is accepted".to_owned()),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(function), _) => function,
    };
    let execution = function.run(anrf::Run::new()).map_err(|error| error.to_string())?;
    if let Some(kind) = wanted.strip_prefix("fault ") {
        return match execution.outcome() {
            Outcome::Fault(fault) if fault.kind.name() == kind => Ok(()),
            other => Err(format!("found {other:?}")),
        };
    }
    let found: Json = serde_json::from_str(&execution.to_json()).map_err(|error| error.to_string())?;
    let wanted: Json = serde_json::from_str(wanted).map_err(|error| format!("{error} in `{wanted}`"))?;
    match found.get("success").and_then(|fields| fields.get("value")) {
        Some(value) if *value == wanted => Ok(()),
        _ => Err(format!("found {found}")),
    }
}

#[test]
fn every_module_of_the_documentation_passes_its_examples() {
    let engine = Engine::new();
    let found = blocks().into_iter().filter(|block| block.language == "vsp");
    let wrong: Vec<String> = found
        .filter_map(|block| Some(format!("{}: {}", block.place, module(&engine, &block).err()?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_expression_of_the_documentation_has_its_value() {
    let engine = Engine::new();
    let mut wrong = vec![];
    let mut count = 0;
    for block in blocks().into_iter().filter(|block| block.language == "expr") {
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            count += 1;
            if let Err(message) = expression(&engine, line) {
                wrong.push(format!("{}: `{line}`: {message}", block.place));
            }
        }
    }
    assert!(count > 100, "only {count} lines were found");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
