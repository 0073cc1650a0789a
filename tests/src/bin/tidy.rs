//! Every grammar production, operation, built-in, outcome, limit, kind of fault, lint and code is named by a
//! file test that accepts it and by one that rejects it; and every limit stands on the page of limits.
//!
//! A file test names what it covers in its header: `# covers: builtin LEN, code E-TYPE-003`. A code is also
//! rejected by every file test that expects it: those of `tests/files`, the mistakes, and those of the crates;
//! and accepted by a mistake that its first fix mends.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anrf::builtin::Builtin;
use anrf::{Engine, FaultKind, Limit};
use anrf_language::syntax::grammar::GRAMMAR;
use anrf_language::syntax::reader::keys::OPERATIONS;
use anrf_tests::files::{all, all_expressions, root, with_extension};

/// The five ways a run ends.
const OUTCOMES: &[&str] = &["success", "failure", "fault", "limit", "denied"];

fn main() -> ExitCode {
    let wanted = wanted();
    let (mut accepted, mut rejected) = (mended_codes(), expected_codes());
    let mut unknown = vec![];
    for (path, covers, accepts, rejects) in tests() {
        for name in &covers {
            if !wanted.contains(name) {
                unknown.push(format!("{}: `{name}` is not in the tables", path.display()));
            }
            if accepts {
                accepted.insert(name.clone());
            }
            if rejects {
                rejected.insert(name.clone());
            }
        }
    }
    let mut missing = unknown;
    for name in &wanted {
        // Success cannot be rejected: whatever is not one is another outcome.
        let ways = [("accepts", accepted.contains(name)), ("rejects", rejected.contains(name))];
        missing.extend(
            ways.iter()
                .filter(|(way, is_there)| !is_there && !is_exempt(name, way))
                .map(|(way, _)| format!("no file test {way} `{name}`")),
        );
    }
    missing.extend(limits());
    missing.extend(codes_of_the_program());
    missing.extend(codes_of_the_machine());
    for line in &missing {
        println!("tests/files: {line}");
    }
    println!("tests/files: {} names, {} ways are missing", wanted.len(), missing.len());
    if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The program's own codes, which the library does not know, are named by its tests. All but the one for
/// defects: what provokes it is one.
fn codes_of_the_program() -> Vec<String> {
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let declared = read(&root().join("hosts/cli/src/finding.rs"));
    let tests: String = with_extension(&root().join("hosts/cli/tests"), "rs").iter().map(read).collect();
    let ids = declared.split('"').filter(|part| part.starts_with("E-CLI-") && *part != "E-CLI-002");
    let unnamed = ids.filter(|id| !tests.contains(&format!("\"{id}\"")));
    unnamed.map(|id| format!("no test of the program names `{id}`")).collect()
}

/// What depends on the solvers of the machine, or on what a host registers, no file test can expect: those codes
/// are named by tests of the verifier, of the library and of the program.
fn codes_of_the_machine() -> Vec<String> {
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let solvers = read(&root().join("core/verification/src/solver/error.rs"));
    let facade = read(&root().join("core/anrf/src/verification/mod.rs"));
    let tests_of =
        |text: &str| text.split_once("mod tests {").map_or_else(String::new, |(_, it)| it.to_owned());
    let mut tests = tests_of(&solvers) + &tests_of(&facade);
    tests.extend(with_extension(&root().join("hosts/cli/tests"), "rs").iter().map(read));
    let ids =
        anrf::codes().map(|code| code.id).filter(|id| is_of_the_machine(id) && !is_of_the_machine_alone(id));
    let unnamed = ids.filter(|id| !tests.contains(&format!("\"{id}\"")));
    unnamed.map(|id| format!("no test of verification names `{id}`")).collect()
}

fn is_of_the_machine(id: &str) -> bool {
    id.starts_with("E-SOLVER-") || ["E-CALL-007", "E-CALL-009"].contains(&id) || is_of_the_machine_alone(id)
}

/// A thread cannot be started; a processor is not known to the compiler.
fn is_of_the_machine_alone(id: &str) -> bool {
    ["E-CALL-008", "E-RUNTIME-009"].contains(&id)
}

/// The page of limits names each code that says that something is too much or not supported, and no code that
/// does not exist.
fn limits() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/limits.md")).unwrap_or_default();
    let named: BTreeSet<&str> = page.split('`').filter(|part| part.starts_with("E-")).collect();
    let is_limit = |code: &&anrf::Code| {
        let says = ["too deeply", "too large", "too many", "size limit"];
        code.id.starts_with("E-UNSUPPORTED-") || says.iter().any(|words| code.title.contains(words))
    };
    let unnamed = anrf::codes().filter(is_limit).filter(|code| !named.contains(code.id));
    let unknown = named.iter().filter(|id| !anrf::codes().any(|code| code.id == **id));
    let unnamed = unnamed.map(|code| format!("docs/limits.md does not name `{}`: {}", code.id, code.title));
    unnamed.chain(unknown.map(|id| format!("docs/limits.md names `{id}`, which is no code"))).collect()
}

fn tests() -> Vec<(PathBuf, Vec<String>, bool, bool)> {
    let modules = all().into_iter().map(|it| (it.accepts(), it.rejects(), it.path, it.covers));
    let expressions =
        all_expressions().into_iter().map(|it| (it.accepts(), it.rejects(), it.path, it.covers));
    modules
        .chain(expressions)
        .map(|(accepts, rejects, path, covers)| (path, covers, accepts, rejects))
        .collect()
}

/// Success is only accepted, the other outcomes only rejected; a fault's opposite is a run without it.
fn is_exempt(name: &str, way: &str) -> bool {
    name == "outcome success" && way == "rejects" || name.starts_with("outcome ") && way == "accepts"
}

fn wanted() -> BTreeSet<String> {
    let productions = GRAMMAR.iter().map(|it| format!("production {}", it.name));
    let operations = OPERATIONS.iter().map(|it| format!("operation {}", it.name));
    let builtins = Builtin::ALL.iter().map(|it| format!("builtin {}", it.name));
    let outcomes = OUTCOMES.iter().map(|it| format!("outcome {it}"));
    let faults = FaultKind::ALL.iter().map(|it| format!("fault {}", it.name()));
    let limits = Limit::ALL.iter().map(|it| format!("limit {}", it.name()));
    let codes = anrf::codes().filter(|code| !is_of_the_machine(code.id)).map(|code| named(code.id));
    let all = productions.chain(operations).chain(builtins).chain(outcomes).chain(faults);
    all.chain(limits).chain(codes).collect()
}

/// Codes of mistakes whose mended file, which is right beside the mistake, has no finding.
fn mended_codes() -> BTreeSet<String> {
    let engine = Engine::new();
    let mut mended = BTreeSet::new();
    for path in with_extension(&root().join("tests/files/mistakes"), "vsp") {
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        let found = engine.check("mistake.vsp", &text).diagnostics;
        let Some((code, fix)) = found.first().and_then(|it| Some((it.code.id, it.fixes.first()?))) else {
            continue;
        };
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        if engine.check("mended.vsp", &text).diagnostics.is_empty() {
            mended.insert(named(code));
        }
    }
    mended
}

fn named(id: &str) -> String {
    let kind = if id.starts_with("L-") { "lint" } else { "code" };
    format!("{kind} {id}")
}

/// Codes that some file test expects to be found.
fn expected_codes() -> BTreeSet<String> {
    let engine = Engine::new();
    let mut found = BTreeSet::new();
    let mut add = |id: &str| {
        found.insert(named(id));
    };
    for test in all() {
        test.codes().for_each(&mut add);
    }
    for test in all_expressions() {
        test.codes().for_each(&mut add);
    }
    for path in with_extension(&root().join("tests/files/mistakes"), "vsp") {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        engine.check("mistake.vsp", &text).diagnostics.iter().for_each(|it| add(it.code.id));
    }
    for path in with_extension(&root().join("core"), "vsp") {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for code in anrf::codes() {
            if text.contains(&format!(" {}: ", code.id)) {
                add(code.id);
            }
        }
    }
    found
}
