//! Machine code and the sandbox end as the interpreter does: the repository's examples, the tasks of the corpus, generated programs,
//! and every limit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf::{
    Backend, CancellationToken, Engine, Execution, Limit, Limits, Module, Outcome, Policy, Run, Value,
};
use anrf_cranelift::Cranelift;
use anrf_wasm::Wasm;

use crate::fuzz::compiled;
use crate::generator::generate;

/// Engines that compile functions after so many calls, one of each kind.
fn compiling(threshold: u32) -> [Engine; 2] {
    let machine = Cranelift::new().expect("machine code for this processor").threshold(threshold);
    let sandbox = Wasm::new().expect("a sandbox on this processor").threshold(threshold);
    let backends: [Arc<dyn Backend>; 2] = [Arc::new(machine), Arc::new(sandbox)];
    backends.map(|backend| Engine::builder().backend(backend).build())
}

/// One file of so many also runs in the sandbox.
const SANDBOXED: usize = 8;

fn modules(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let (mut found, mut open) = (vec![], vec![root]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "vsp") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What the examples of a module come to, without times.
fn tested(engine: &Engine, path: &Path) -> Option<String> {
    let module = engine.load_file(path).ok()?;
    Some(format!("{:#?}", module.test().ok()?))
}

#[test]
fn examples_and_tasks_end_alike() {
    let (interpreter, [machine, sandbox]) = (Engine::new(), compiling(0));
    let mut compared = 0;
    for (index, path) in modules("examples").into_iter().chain(modules("tests/corpus")).enumerate() {
        let expected = tested(&interpreter, &path);
        assert_eq!(expected, tested(&machine, &path), "{}", path.display());
        // The sandbox makes code of whole modules, which takes longer.
        if index % SANDBOXED == 0 {
            assert_eq!(expected, tested(&sandbox, &path), "{} in the sandbox", path.display());
        }
        compared += u32::from(expected.is_some_and(|results| results != "[]"));
    }
    assert!(compared >= 170, "{compared} files with examples");
}

#[test]
fn generated_programs_end_alike() {
    let work = || {
        let (interpreter, compiling) = (Engine::new(), compiling(0));
        for (seed, engine) in (0..40).flat_map(|seed| compiling.iter().map(move |engine| (seed, engine))) {
            compiled(&interpreter, engine, &generate(seed))
                .unwrap_or_else(|it| panic!("{seed}, {engine:?}: {it:?}"));
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap();
}

const LOOPS: &str = r#"
anrf: "1"
module: loops
functions:
  - node_id: endless
    type: algorithm
    intent: Never ends by itself.
    inputs: { n: integer }
    outputs: { success: { count: integer } }
    flow:
      - step: turn
        operation: loop
        parameters:
          state: { count: "0" }
          while: "n >= 0"
          do:
            - { step: next, operation: next, parameters: { count: "(count + 1) % 1000" } }
      - { step: done, operation: return, parameters: { count: "count" } }
  - node_id: temporaries
    type: algorithm
    intent: Makes a text and an array each time.
    inputs: { n: integer }
    outputs: { success: { count: integer } }
    flow:
      - step: turn
        operation: loop
        parameters:
          state: { count: "0", last: "[0]" }
          for: "i IN 0..n"
          do:
            - { step: made, operation: compute, parameters: { text: '"number " ++ to_string(i)', pair: "[i, count]" } }
            - { step: next, operation: next, parameters: { count: "count + LEN(text) - LEN(text) + LEN(pair) - 1", last: "pair" } }
      - { step: done, operation: return, parameters: { count: "count + LEN(last) - LEN(last)" } }
  - node_id: deep
    type: algorithm
    intent: Calls itself so many times.
    inputs: { n: integer }
    outputs: { success: { count: integer } }
    flow:
      - { step: done, operation: return, parameters: { count: "IF n <= 0 THEN 0 ELSE 1 + deep(n - 1)" } }
  - node_id: overflowing
    type: algorithm
    intent: Doubles until it does not fit.
    inputs: { n: integer }
    outputs: { success: { product: integer } }
    flow:
      - step: turn
        operation: loop
        parameters:
          state: { product: "n" }
          for: "i IN 0..100"
          do:
            - { step: double, operation: next, parameters: { product: "product * 2" } }
      - { step: done, operation: return, parameters: { product: "product" } }
"#;

fn loops(engine: &Engine) -> Module {
    engine.load_text("loops.vsp", LOOPS).unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostics()))
}

fn ran(module: &Module, function: &str, n: i64, limits: Limits) -> Execution {
    let run = Run::new().input("n", Value::Integer(n)).policy(Policy::default().limits(limits));
    module.function(function).unwrap().run(run).unwrap()
}

#[test]
fn every_limit_ends_compiled_code_as_it_ends_the_interpreter() {
    let interpreter = loops(&Engine::new());
    let compiled = compiling(0).map(|engine| loops(&engine));
    let usual = || Limits { wall_time: None, ..Limits::default() };
    for (function, n, limits) in [
        ("endless", 1, Limits { fuel: 1_000_003, ..usual() }),
        ("endless", 1, Limits { fuel: 7, ..usual() }),
        ("deep", 90, Limits { depth: 90, ..usual() }),
        ("deep", 89, Limits { depth: 90, ..usual() }),
        ("deep", 20_000, Limits { depth: 30_000, fuel: 10_000_000, memory_bytes: 64 << 20, ..usual() }),
        ("deep", 20_000, Limits { depth: 30_000, fuel: 100_000, memory_bytes: 64 << 20, ..usual() }),
        ("temporaries", 1_000_000, Limits { memory_bytes: 1 << 20, fuel: u64::MAX / 2, ..usual() }),
        ("temporaries", 100, Limits { memory_bytes: 4_096, ..usual() }),
        ("overflowing", 3, usual()),
        ("overflowing", 0, usual()),
    ] {
        let expected = ran(&interpreter, function, n, limits.clone());
        for module in &compiled {
            let found = ran(module, function, n, limits.clone());
            let what = format!("{function}({n}), {limits:?}, {}", found.record().backend);
            assert_eq!(expected.outcome(), found.outcome(), "{what}");
            assert_eq!(expected.record().fuel, found.record().fuel, "{what}");
            assert_eq!(expected.record().peak_memory, found.record().peak_memory, "{what}");
        }
    }
}

#[test]
fn endless_compiled_code_can_be_ended() {
    for engine in compiling(0) {
        ends_endless_code(&loops(&engine));
    }
}

fn ends_endless_code(machine: &Module) {
    let endless = |run: Run| {
        let limits = Limits { fuel: u64::MAX / 2, wall_time: None, ..Limits::default() };
        let run = run.input("n", Value::Integer(1)).policy(Policy::default().limits(limits));
        machine.function("endless").unwrap().run(run).unwrap()
    };
    let token = CancellationToken::new();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| endless(Run::new().cancellation(token.clone())));
        std::thread::sleep(Duration::from_millis(100));
        let told = Instant::now();
        token.cancel();
        let ended = running.join().unwrap();
        assert!(told.elapsed() < Duration::from_millis(200), "{:?}", told.elapsed());
        assert_eq!(ended.outcome(), &Outcome::Limit(Limit::Cancelled));
    });
    let limits =
        Limits { fuel: u64::MAX / 2, wall_time: Some(Duration::from_millis(50)), ..Limits::default() };
    let begun = Instant::now();
    assert_eq!(ran(machine, "endless", 1, limits).outcome(), &Outcome::Limit(Limit::Time));
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
}

#[test]
fn code_gets_faster_while_it_runs_and_stays_the_same() {
    let interpreter = loops(&Engine::new());
    let limits = || Limits { fuel: u64::MAX / 2, wall_time: None, ..Limits::default() };
    for compiled in compiling(100).map(|engine| loops(&engine)) {
        for n in [0, 1, 99, 100, 101, 5_000] {
            let (expected, found) =
                (ran(&interpreter, "temporaries", n, limits()), ran(&compiled, "temporaries", n, limits()));
            assert_eq!(
                (expected.outcome(), expected.record().fuel),
                (found.outcome(), found.record().fuel),
                "{n}"
            );
        }
    }
}

#[test]
fn threads_share_what_is_compiled() {
    compiling(10).iter().for_each(|engine| share(&loops(engine)));
}

fn share(one: &Module) {
    let (one, limits) = (one, || Limits { memory_bytes: 1 << 20, fuel: u64::MAX / 2, ..Limits::default() });
    std::thread::scope(|scope| {
        let work =
            || (0..50).map(|n| ran(one, "temporaries", n * 40, limits()).record().fuel).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        let found: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
    });
}
