//! The table in the README of the corpus, and how much there has to be of each kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anrf::Engine;
use anrf::builtin::Builtin;
use anrf::semantic::{BinaryOperator, ExprId, ExprKind, Function, Operation, Semantic};
use anrf::types::TypeId;

use super::{files, folder, name};
use crate::mutation::{code, reachable};

/// The kinds of functions, and of how many of each there are at least.
const KINDS: [(&str, usize); 6] = [
    ("quantified invariants", 40),
    ("decimals", 15),
    ("state", 15),
    ("strings", 10),
    ("recursion", 10),
    ("host operations", 10),
];

/// The headings of the table's parts, by the `category` of a task.
const PARTS: [(&str, &str); 7] = [
    ("quantified", "Arrays, loops with quantified or aggregate invariants"),
    ("decimal", "Decimals"),
    ("state", "State"),
    ("string", "Strings"),
    ("recursion", "Recursion and lemmas"),
    ("host", "Host operations"),
    ("data", "Variants, records, optionals, maps, sets, bytes, times, floats, plain arithmetic"),
];

/// What a function has to do with, of [`KINDS`].
fn kinds(function: &Function, semantic: &Semantic) -> Vec<&'static str> {
    let is_decimal = |id: TypeId| id == TypeId::DECIMAL;
    let has = [
        function.steps.iter().any(|step| has_quantified_invariant(function, &step.operation)),
        function.locals.iter().any(|local| is_decimal(local.type_id))
            || function.exprs.nodes.iter().any(|node| is_decimal(node.type_id)),
        !function.state.is_empty(),
        code(function, semantic).into_iter().any(|id| is_of_text(function, id)),
        !function.decreases.is_empty(),
        function.steps.iter().any(|step| matches!(step.operation, Operation::Invoke(_))),
    ];
    KINDS.iter().zip(has).filter(|(_, has)| *has).map(|((kind, _), _)| *kind).collect()
}

fn has_quantified_invariant(function: &Function, operation: &Operation) -> bool {
    let Operation::Loop(it) = operation else { return false };
    let inside = it.invariants.iter().flat_map(|root| reachable(&function.exprs, *root));
    let mut kinds = inside.filter_map(|id| function.exprs.nodes.get(id.0 as usize)).map(|node| &node.kind);
    kinds.any(|kind| matches!(kind, ExprKind::Quantifier(..)))
}

/// Whether an expression takes a text apart, puts one together or looks into it.
fn is_of_text(function: &Function, id: ExprId) -> bool {
    let node = |id: ExprId| function.exprs.nodes.get(id.0 as usize);
    let is_text = |id: ExprId| node(id).is_some_and(|node| node.type_id == TypeId::STRING);
    match node(id).map(|node| &node.kind) {
        Some(ExprKind::Index(text, _) | ExprKind::Slice(text, _, _)) => is_text(*text),
        Some(ExprKind::Binary(BinaryOperator::Concat, text, _)) => is_text(*text),
        Some(ExprKind::Builtin(builtin, arguments)) => {
            *builtin != Builtin::Len && arguments.first().is_some_and(|text| is_text(*text))
        }
        _ => false,
    }
}

/// One row, and what it adds to the sums.
struct Row {
    text: String,
    category: String,
    functions: Vec<Vec<&'static str>>,
    wrong: usize,
    programs: usize,
}

fn row(engine: &Engine, path: &std::path::Path, listed: &str) -> Row {
    let file = name(path);
    let task = file.split_once('/').unwrap().0.to_owned();
    let source = std::fs::read_to_string(path).unwrap();
    let category = source.lines().next().and_then(|line| line.strip_prefix("# category: ")).unwrap().trim();
    let module = engine.load_file(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let tree = module.document();
    let functions: Vec<_> =
        tree.semantic.functions.iter().map(|function| kinds(function, &tree.semantic)).collect();
    let intents = tree.intent.module.iter().chain(&tree.intent.functions);
    let shows = intents.map(|intent| intent.text.clone()).find(|text| !text.is_empty()).unwrap_or_default();
    let variants = files("wrong").into_iter().filter(|path| path.parent() == Some(&folder().join(&task)));
    let (mut wrong, mut programs, mut refuted) = (0, 0, 0);
    for variant in variants {
        let text = std::fs::read_to_string(&variant).unwrap();
        let is_program = text.lines().any(|line| line.trim() == "# witness: yes");
        let is_refuted = !listed.lines().any(|line| line == format!("{} not refuted", name(&variant)));
        wrong += 1;
        programs += usize::from(is_program);
        refuted += usize::from(is_program && is_refuted);
    }
    let open = listed.lines().filter(|line| line.starts_with(&format!("{file} "))).count();
    let open = if open == 0 { "-".to_owned() } else { open.to_string() };
    let mut kinds: Vec<&str> = functions.iter().flatten().copied().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let (count, kinds) = (functions.len(), kinds.join(", "));
    let text = format!(
        "| [{task}]({file}) | {shows} | {count} | {kinds} | {wrong} | {programs} | {refuted} | {open} |"
    );
    Row { text, category: category.to_owned(), functions, wrong, programs }
}

#[test]
fn the_readme_tells_what_there_is() {
    let engine = Engine::new();
    let listed = std::fs::read_to_string(folder().join("open")).unwrap();
    let rows: Vec<Row> = files("correct").iter().map(|path| row(&engine, path, &listed)).collect();
    let mut table = String::new();
    for (category, heading) in PARTS {
        let _ = writeln!(table, "\n### {heading}\n");
        table
            .push_str("| task | what it shows | functions | of kind | wrong | programs | refuted | open |\n");
        table.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in rows.iter().filter(|row| row.category == category) {
            let _ = writeln!(table, "{}", row.text);
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in rows.iter().flat_map(|row| &row.functions).flatten() {
        *counts.entry(kind).or_default() += 1;
    }
    let functions: usize = rows.iter().map(|row| row.functions.len()).sum();
    let (wrong, programs) = rows.iter().fold((0, 0), |sum, row| (sum.0 + row.wrong, sum.1 + row.programs));
    let _ = writeln!(
        table,
        "\n{} tasks, {functions} functions, {wrong} wrong variants, {programs} of them wrong programs.\n\n\
         | functions with | there are | at least |\n|---|---|---|",
        rows.len()
    );
    for (kind, least) in KINDS {
        let _ = writeln!(table, "| {kind} | {} | {least} |", counts.get(kind).unwrap_or(&0));
    }
    table.push('\n');

    let path = folder().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once("<!-- tasks -->\n").unwrap();
    let (found, tail) = rest.split_once("<!-- end of tasks -->").unwrap();
    if std::env::var_os("ANRF_BLESS").is_some() {
        let text = format!("{head}<!-- tasks -->\n{table}<!-- end of tasks -->{tail}");
        std::fs::write(&path, text).unwrap();
    } else {
        assert!(found == table, "run with ANRF_BLESS=1 if this is meant:\n{table}");
    }

    assert!(rows.len() >= 120, "{} tasks", rows.len());
    assert!(functions >= 125, "{functions} functions");
    assert!(wrong >= 200, "{wrong} wrong variants");
    for (kind, least) in KINDS {
        let count = counts.get(kind).copied().unwrap_or(0);
        assert!(count >= least, "{count} functions with {kind}");
    }
    let strange = rows.iter().find(|row| PARTS.iter().all(|(category, _)| row.category != *category));
    assert!(strange.is_none(), "category `{}`", strange.unwrap().category);
}
