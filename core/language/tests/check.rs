//! What the checker makes of a text: its findings, or the typed trees. Each file under `files/check` holds
//! cases, each with its expectation below it; `ANRF_BLESS=1` writes the expectations anew.
//!
//! A case begins with `=== title`, with `=== title [tree]` for the typed trees as well. Its expectation
//! begins with `---`. After `=== title [expressions]` and `=== title [conditions]` each line is an expression
//! of its own, in a computation or a postcondition of [`PRELUDE`].

#![allow(clippy::unwrap_used)] // helpers of tests are not exempt by themselves

#[path = "check/dump.rs"]
mod dump;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::line_index::LineIndex;
use anrf_format::module::Source;
use anrf_format::semantic::validate::validate;
use anrf_language::check_source;
use anrf_language::lowering::lower;
use anrf_language::resolver::{Reference, ResolveError, Resolver};
use anrf_language::stages::Checked;

/// Modules of one case: `--- file name` inside a case adds one that the others may import.
struct Texts(Vec<Source>);

impl Resolver for Texts {
    fn resolve(&self, reference: &Reference, _importer: &str) -> Result<Source, ResolveError> {
        let Reference::Function { name, version } = reference else {
            return Err(ResolveError::NotFound { reference: reference.clone(), searched: "the case".into() });
        };
        let node = format!("node_id: {name}_v{version}\n");
        let found = self.0.iter().find(|source| source.text.contains(&node)).cloned();
        found.ok_or_else(|| ResolveError::NotFound {
            reference: reference.clone(),
            searched: "the case".into(),
        })
    }
}

fn finding(text: &str, diagnostic: &Diagnostic) -> String {
    let index = LineIndex::new(text);
    let place = |offset| {
        let position = index.position(offset);
        format!("{}:{}", position.line, position.column)
    };
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    };
    let mut shown = String::new();
    match &diagnostic.source {
        Some(source) => write!(shown, "{source}: ").unwrap(),
        None => {
            let quoted = text.get(diagnostic.span.range()).unwrap_or("?").lines().next().unwrap_or("");
            write!(shown, "{} `{quoted}` ", place(diagnostic.span.start)).unwrap();
        }
    }
    writeln!(shown, "{severity} {}: {}", diagnostic.code, diagnostic.message).unwrap();
    if let Some(help) = &diagnostic.help {
        writeln!(shown, "    help: {help}").unwrap();
    }
    for (span, note) in &diagnostic.notes {
        writeln!(shown, "    note: {}: {note}", place(span.start)).unwrap();
    }
    for fix in &diagnostic.fixes {
        let mut fixed = text.to_owned();
        for edit in fix.edits.iter().rev() {
            fixed.replace_range(edit.span.range(), &edit.replacement);
        }
        let changed: Vec<&str> = fixed
            .lines()
            .zip(text.lines().chain(std::iter::repeat("")))
            .filter(|(new, old)| new != old)
            .map(|(new, _)| new.trim())
            .collect();
        writeln!(shown, "    fix: {}", changed.join(" / ")).unwrap();
    }
    shown
}

/// What the next stages say of a module that the checker accepts; they should have nothing to say.
fn next_stages(checked: Checked) -> String {
    let module = checked.module();
    let mut shown = String::new();
    if let Err(error) = validate(&module.types, &module.semantic) {
        writeln!(shown, "!! not a valid tree: {error:?}").unwrap();
    }
    if let Err(error) = lower(checked) {
        writeln!(shown, "!! cannot be lowered: {error}").unwrap();
    }
    shown
}

/// What `[expressions]` and `[conditions]` may name.
const PRELUDE: &str = r#"module: prelude
types:
  Account: { fields: { id: string, balance: decimal, visits: integer }, constraints: ["visits >= 0"] }
  Shape: { cases: { circle: { r: float }, rectangle: { width: float, height: float }, point: {} } }
  Color: "enum[red, green, blue]"
machines:
  door: { states: [open, closed], initial: closed, transitions: [[open, closed], [closed, open]] }
functions:
  - node_id: double
    type: algorithm
    intent: Double a number.
    inputs: { n: integer, times: { type: integer, required: false, default: 1 } }
    outputs: { success: { twice: integer } }
    flow: [{ step: done, operation: return, parameters: { twice: "n * 2 * times" } }]
  - node_id: parse
    type: algorithm
    intent: Read a number.
    inputs: { text: string }
    outputs: { success: { number: integer }, error: { error_code: "enum[bad]", message: string } }
    flow: [{ step: done, operation: return, parameters: { number: "LEN(text)" } }]
  - node_id: subject
    type: algorithm
    intent: Hold one expression.
    inputs:
      b: boolean
      i: integer
      j: integer
      d: decimal
      f: float
      s: string
      at: timestamp
      data: bytes
      o: optional<integer>
      xs: array<integer>
      ds: array<decimal>
      names: array<string>
      m: "map<string, integer>"
      counts: "map<integer, decimal>"
      tags: set<string>
      acc: Account
      accs: array<Account>
      shape: Shape
      color: Color
      gate: door
"#;

/// One expression in its place; the tree and type of it, or the findings.
fn expression_outcome(line: &str, condition: bool) -> String {
    let indented = format!("|-\n              {line}\n");
    let place = if condition {
        format!(
            "    outputs: {{ success: {{ total: integer, owner: Account }}, error: {{ error_code: \"enum[bad, worse]\", message: string }} }}\n    \
             contracts:\n      postconditions:\n        - {indented}    flow:\n      - {{ step: done, operation: return, parameters: {{ total: i, owner: acc }} }}\n"
        )
    } else {
        format!(
            "    outputs: {{ success: {{ }} }}\n    flow:\n      - step: s\n        operation: compute\n        parameters:\n          _v: {indented}"
        )
    };
    let text = format!("{PRELUDE}{place}");
    let source = Source { name: "main.vsp".into(), text: text.clone() };
    let (module, found) = check_source(&source, &Texts(vec![]));
    let start = text.find(line).unwrap_or_default();
    let mut shown = String::new();
    for diagnostic in &found {
        let here =
            diagnostic.span.start as usize >= start && (diagnostic.span.start as usize) < start + line.len();
        if here || diagnostic.severity == Severity::Error {
            let all = finding(&text, diagnostic);
            shown.push_str(all.split_once(' ').map_or(all.as_str(), |(_, rest)| rest));
        }
    }
    if let Some(module) = module {
        writeln!(shown, "=> {}", dump::subject(module.module(), condition)).unwrap();
        shown.push_str(&next_stages(module));
    }
    shown
}

fn outcome(title: &str, input: &str) -> String {
    let condition = title.ends_with("[conditions]");
    if condition || title.ends_with("[expressions]") {
        let lines = input.lines().filter(|line| !line.trim().is_empty());
        return lines.map(|line| format!("{line}\n{}", expression_outcome(line.trim(), condition))).collect();
    }
    let mut parts = input.split("--- file ");
    let text = parts.next().unwrap_or_default();
    let others = parts.map(|part| {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        Source { name: name.trim().to_owned(), text: text.to_owned() }
    });
    let source = Source { name: "main.vsp".into(), text: text.to_owned() };
    let (module, found) = check_source(&source, &Texts(others.collect()));
    let mut shown: String = found.iter().map(|it| finding(text, it)).collect();
    if let (Some(module), true) = (&module, title.ends_with("[tree]")) {
        shown.push_str(&dump::module(module.module()));
    }
    if let Some(module) = module {
        shown.push_str(&next_stages(module));
    }
    if shown.is_empty() {
        shown.push_str("fine\n");
    }
    shown
}

fn run(path: &Path) -> Option<String> {
    let before = std::fs::read_to_string(path).unwrap();
    let mut after = String::new();
    for (position, case) in before.split("=== ").enumerate() {
        if position == 0 {
            after.push_str(case);
            continue;
        }
        let (title, rest) = case.split_once('\n').unwrap_or((case, ""));
        let input = rest.split("\n---\n").next().unwrap_or(rest).trim_end();
        let shown = outcome(title, &format!("{input}\n"));
        write!(after, "=== {title}\n{input}\n---\n{shown}\n").unwrap();
    }
    let after = format!("{}\n", after.trim_end());
    if after == before {
        return None;
    }
    if std::env::var_os("ANRF_BLESS").is_some() {
        std::fs::write(path, after).unwrap();
        return None;
    }
    let differs = before.lines().zip(after.lines()).position(|(old, new)| old != new).unwrap_or(0);
    let near: Vec<&str> = after.lines().skip(differs.saturating_sub(3)).take(12).collect();
    Some(format!("{}:{}:\n{}", path.display(), differs + 1, near.join("\n")))
}

#[test]
fn every_case_has_the_outcome_that_stands_below_it() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files/check");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let wrong: Vec<String> = paths.iter().filter_map(|path| run(path)).collect();
    assert!(wrong.is_empty(), "run with ANRF_BLESS=1 if this is meant:\n{}", wrong.join("\n"));
}

/// An expression as deep as the parser lets through is checked on a stack of 256 KiB.
#[test]
fn deep_expressions_need_a_small_stack() {
    let forms: &[(&str, &str, &str)] = &[
        ("(", "x", " + 1)"),
        ("(IF x > 0 THEN ", "x", " ELSE 0)"),
        ("(LET y = 1 IN y + ", "x", ")"),
        ("MAX(1, ", "x", ")"),
        ("SUM(1 + ", "x", " FOR i IN [x])"),
        ("VALUE(SOME(", "x", "))"),
        ("LEN([", "x", "])"),
        ("(MATCH SOME(x) { SOME(z) => z + ", "x", ", NONE => 0 })"),
    ];
    let check = move || {
        for (before, middle, after) in forms {
            let fits = (1..=140).rev().find(|depth| {
                let expression = format!("{}{middle}{}", before.repeat(*depth), after.repeat(*depth));
                let text = format!(
                    "node_id: f\ntype: algorithm\nintent: i\ninputs: {{ x: integer }}\noutputs: {{ success: {{ y: integer }} }}\n\
                     flow:\n  - step: s\n    operation: return\n    parameters:\n      y: |-\n        {expression}\n"
                );
                let source = Source { name: "deep".into(), text };
                let (module, found) = check_source(&source, &anrf_language::resolver::NoResolver);
                assert!(module.is_some() || found.iter().any(|it| it.code.id.starts_with("E-SYNTAX")), "{found:?}");
                module.is_some()
            });
            assert!(fits.is_some_and(|depth| depth > 20), "{before}: {fits:?}");
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(check).unwrap().join().unwrap();
}

/// Texts that are large in one respect each are checked in time that grows with their size, not its square.
#[test]
fn large_texts_take_no_longer_than_their_size() {
    let repeat = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let function = |inputs: &str, steps: &str| {
        format!(
            "node_id: f\ntype: algorithm\nintent: i\ninputs:\n  x: integer\n{inputs}outputs: {{ success: {{ }} }}\nflow:\n{steps}"
        )
    };
    let compute = "  - step: s\n    operation: compute\n    parameters:\n";
    let quiet = "  - step: s\n    operation: log\n    parameters: { message: m }\n";
    let types = |line: &dyn Fn(usize) -> String| {
        format!("module: m\ntypes:\n{}functions: []\n", repeat(20_000, line))
    };
    let texts = [
        (
            "names",
            function("", &format!("{compute}{}", repeat(40_000, &|i| format!("      a{i}: \"x + {i}\"\n")))),
        ),
        (
            "chained names",
            function(
                "",
                &format!(
                    "{compute}      a0: x\n{}",
                    repeat(40_000, &|i| format!("      a{}: \"a{i} + 1\"\n", i + 1))
                ),
            ),
        ),
        (
            "unknown names",
            function("", &format!("{compute}{}", repeat(40_000, &|i| format!("      a{i}: b{i}\n")))),
        ),
        ("records", types(&|i| format!("  A{i}: {{ fields: {{ next: array<A{}> }} }}\n", i + 1))),
        (
            "nested records",
            types(&|i| {
                format!(
                    "  A{i}: {{ fields: {{ x: {} }} }}\n",
                    if i == 0 { "integer".into() } else { format!("A{}", i - 1) }
                )
            }),
        ),
        ("endless records", types(&|i| format!("  A{i}: {{ fields: {{ x: A{} }} }}\n", (i + 1) % 20_000))),
        ("aliases", types(&|i| format!("  A{i}: A{}\n", (i + 1) % 20_000))),
        (
            "nested aliases",
            types(&|i| {
                let inner = if i == 0 { "integer".to_owned() } else { format!("A{}", i - 1) };
                format!("  A{i}: array<{inner}>\n")
            }),
        ),
        (
            "inputs",
            function(
                &repeat(20_000, &|i| format!("  i{i}: {{ type: integer, constraints: [\"i{i} > 0\"] }}\n")),
                quiet,
            ),
        ),
        (
            "steps",
            function(
                "",
                &repeat(20_000, &|i| {
                    format!(
                        "  - {{ step: s{i}, operation: compute, when: \"x > {i}\", parameters: {{ a: \"x\" }} }}\n"
                    )
                }),
            ),
        ),
        (
            "functions",
            format!(
                "module: m\nfunctions:\n{}",
                repeat(5_000, &|i| format!(
                    "  - {{ node_id: f{i}, type: algorithm, intent: i, outputs: {{ success: {{}} }}, flow: [{{ step: s, operation: call, parameters: {{ function: f{}, arguments: {{}} }} }}] }}\n",
                    (i + 1) % 5_000
                ))
            ),
        ),
    ];
    for (what, text) in texts {
        let source = Source { name: what.into(), text };
        let start = std::time::Instant::now();
        let _ = anrf_language::syntax::parse(&source, &anrf_language::yaml::Limits::default());
        let parsed = start.elapsed();
        let _ = check_source(&source, &Texts(vec![]));
        let total = start.elapsed();
        println!("{what}: {} bytes, read {parsed:?}, all {total:?}", source.text.len());
        // Reading is linear; squares of these sizes are hundreds of times as long.
        assert!(
            total < parsed * 25 + std::time::Duration::from_secs(5),
            "{what}: {total:?}, read in {parsed:?}"
        );
    }
}
