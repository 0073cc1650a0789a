//! Every file under `examples`, but for those that show a refusal, checks without a finding, passes its examples, and is in canonical form or has
//! one.

use anrf::Engine;

use super::{root, with_extension};

fn each(examine: impl Fn(&Engine, &str, &str) -> Result<(), String>) {
    let engine = Engine::new();
    let mut files = with_extension(&root().join("examples"), "vsp");
    files.retain(|path| !path.starts_with(root().join("examples/refused")));
    assert!(files.len() >= 30, "{} files", files.len());
    let mut wrong = vec![];
    for path in files {
        let text = std::fs::read_to_string(&path).expect("the example is there");
        if let Err(message) = examine(&engine, &path.to_string_lossy(), &text) {
            let name = path.strip_prefix(root()).unwrap_or(&path);
            wrong.push(format!("{}: {message}", name.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_checks_without_a_finding() {
    each(|engine, path, text| {
        let found = engine.check(path, text).diagnostics;
        match found.first() {
            Some(first) => Err(format!("{} findings, first {}: {}", found.len(), first.code, first.message)),
            None => Ok(()),
        }
    });
}

#[test]
fn every_refused_example_is_refused() {
    let engine = Engine::new();
    for path in with_extension(&root().join("examples/refused"), "vsp") {
        let text = std::fs::read_to_string(&path).expect("the example is there");
        assert!(engine.load_text("refused.vsp", &text).is_err(), "{} is accepted", path.display());
    }
}

#[test]
fn every_example_passes() {
    each(|engine, path, text| {
        let module = engine.load_text(path, text).map_err(|error| error.to_string())?;
        let results = module.test().map_err(|error| error.to_string())?;
        let failed = results.iter().find(|result| !result.passed);
        failed.map_or(Ok(()), |it| Err(format!("expected {}, found {}", it.expected, it.found)))
    });
}

#[test]
fn formatting_is_idempotent_and_keeps_the_identity() {
    each(|engine, path, text| {
        let once = engine.format(path, text).map_err(|error| error.to_string())?;
        let twice = engine.format(path, &once).map_err(|error| error.to_string())?;
        if once != twice {
            return Err("formatting twice gives another text".to_owned());
        }
        let ids = [text, &once].map(|text| engine.load_text(path, text).map(|module| module.id()));
        match ids {
            [Ok(before), Ok(after)] if before == after => Ok(()),
            [Ok(_), Ok(_)] => Err("formatting changes the identity".to_owned()),
            [Err(error), _] | [_, Err(error)] => Err(error.to_string()),
        }
    });
}

#[test]
fn packing_keeps_every_example() {
    each(|engine, path, text| {
        let module = engine.load_text(path, text).map_err(|error| error.to_string())?;
        let packed = engine.load_bytes(path, &module.pack()).map_err(|error| error.to_string())?;
        if packed.document() == module.document() {
            Ok(())
        } else {
            Err("the packed module differs".to_owned())
        }
    });
}
