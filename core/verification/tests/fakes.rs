//! Solvers that misbehave: none of them brings the host down, outlasts its limits or proves anything.
//!
//! Each is a small script in `tests/fake-solvers` that says what it does wrong.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Dialect, Features, Freshness, Limits, PoolOptions, Portfolio, PortfolioOptions, ProcessSolver,
    Program, Query, Reply, Solver, SolverError, SolverErrorKind, UnknownReason,
};

const QUERY: Query<'static> = Query {
    script: "(declare-const x Int)",
    features: Features::INTEGERS,
    wants_core: false,
    by_patterns: false,
};

/// For those that answer or end by themselves, on a machine however busy.
const LONG: Limits = Limits { resources: 1_000_000, time: Duration::from_secs(20), output_bytes: 1 << 20 };
/// For those that do not.
const SHORT: Limits = Limits { time: Duration::from_millis(300), ..LONG };
/// How long such a one may keep us, on a machine however busy.
const PATIENCE: Duration = Duration::from_secs(10);

fn fake(name: &str) -> ProcessSolver {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-solvers");
    let start_time = if name == "hangs-at-start" { SHORT.time } else { LONG.time };
    let options = PoolOptions { memory_megabytes: 256, start_time, ..PoolOptions::default() };
    ProcessSolver::new(Program::at(Dialect::Z3, folder.join(name)), options)
}

fn ask(solver: &ProcessSolver) -> Result<Reply, SolverError> {
    ask_within(&LONG, solver)
}

fn ask_within(limits: &Limits, solver: &ProcessSolver) -> Result<Reply, SolverError> {
    let begin = Instant::now();
    let reply = solver.solve(&QUERY, limits, Freshness::Warm, &CancellationToken::new());
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    reply
}

/// What a fake does at its first and at its second query.
fn check(name: &str, expected: [Result<Answer, SolverErrorKind>; 2]) {
    let solver = fake(name);
    for (turn, expected) in expected.into_iter().enumerate() {
        let limits = if expected == Err(SolverErrorKind::Hung) { SHORT } else { LONG };
        let found = ask_within(&limits, &solver);
        if let Err(error) = &found {
            println!("{name}: {error}");
            assert!(error.message().len() < 500, "{error}");
        }
        let found = found.map(|reply| reply.answer).map_err(|error| error.kind());
        assert_eq!(found, expected, "{name}, query {}", turn + 1);
    }
}

const UNKNOWN: Answer = Answer::Unknown(UnknownReason::Incomplete);

#[test]
fn honest_fakes_are_believed() {
    check("says-sat", [Ok(Answer::Sat), Ok(Answer::Sat)]);
    check("says-unsat", [Ok(Answer::Unsat), Ok(Answer::Unsat)]);
    check("says-unknown", [Ok(UNKNOWN), Ok(UNKNOWN)]);
    check("slow", [Ok(Answer::Unsat), Ok(Answer::Unsat)]);
}

#[test]
fn a_solver_that_dies_proves_nothing() {
    for name in ["dies-at-start", "dies-mid-query", "dies-mid-answer", "dies-after-answer", "closes-output"] {
        check(name, [Err(SolverErrorKind::Crashed); 2]);
    }
}

#[test]
fn a_solver_that_dies_between_queries_harms_only_the_next() {
    check("dies-afterwards", [Ok(Answer::Unsat), Err(SolverErrorKind::Crashed)]);
    check("dies-when-warm", [Ok(Answer::Unsat), Err(SolverErrorKind::Crashed)]);
}

#[test]
fn a_solver_that_hangs_is_killed_in_time() {
    thread::scope(|scope| {
        for name in ["hangs", "hangs-busily", "hangs-at-start", "floods-errors"] {
            scope.spawn(move || check(name, [Err(SolverErrorKind::Hung); 2]));
        }
    });
}

#[test]
fn a_solver_that_reads_nothing_cannot_block_us() {
    let solver = fake("ignores-input");
    let script = "(assert true)\n".repeat(1_000_000);
    let query = Query { script: &script, ..QUERY };
    let error = solver.solve(&query, &SHORT, Freshness::Warm, &CancellationToken::new()).unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::Hung);
}

#[test]
fn a_solver_that_floods_us_is_killed() {
    check("floods", [Err(SolverErrorKind::Flooded); 2]);
    check("floods-one-line", [Err(SolverErrorKind::Flooded); 2]);
}

#[test]
fn nonsense_is_no_answer() {
    let nonsense =
        ["says-maybe", "says-nothing", "says-twice", "says-both", "says-more", "says-quoted", "says-bytes"];
    for name in nonsense {
        check(name, [Err(SolverErrorKind::Nonsense); 2]);
    }
    check("speaks-late", [Ok(Answer::Sat), Err(SolverErrorKind::Nonsense)]);
}

#[test]
fn an_answer_to_a_script_with_an_error_is_not_believed() {
    check("complains-first", [Err(SolverErrorKind::Rejected); 2]);
    check("complains-after", [Err(SolverErrorKind::Rejected); 2]);
}

#[test]
fn a_solver_must_say_who_it_is() {
    for name in ["wrong-name", "wrong-version", "no-version"] {
        check(name, [Err(SolverErrorKind::Nonsense); 2]);
    }
    assert_eq!(fake("says-sat").version().unwrap(), "1.2.3");
    assert_eq!(fake("no-version").version().unwrap_err().kind(), SolverErrorKind::Nonsense);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let program = Program::at(Dialect::Cvc5, "/nowhere/cvc5");
    let error = ask(&ProcessSolver::new(program, PoolOptions::default())).unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::NotFound);
    assert!(error.message().contains("/nowhere/cvc5"), "{error}");
}

#[test]
fn memory_is_limited() {
    check("no-memory", [Err(SolverErrorKind::OutOfMemory); 2]);
    // Shells differ in how they take it, but none gets to the end of its memory.
    let error = ask(&fake("eats-memory")).unwrap_err();
    assert!([SolverErrorKind::OutOfMemory, SolverErrorKind::Crashed].contains(&error.kind()), "{error}");
}

#[test]
fn values_that_cannot_be_read_end_the_session() {
    for name in ["bad-values", "few-values", "odd-values"] {
        let solver = fake(name);
        let mut reply = ask(&solver).unwrap();
        let error = reply.session.values(&["x"]).unwrap_err();
        assert_eq!(error.kind(), SolverErrorKind::Nonsense, "{name}: {error}");
        // Not even a fine answer mends it.
        assert_eq!(reply.session.check().unwrap_err(), error);
        drop(reply);
        assert_eq!(solver.report().replaced, [error]);
        assert!(ask(&solver).is_ok());
    }
    let mut reply = ask_within(&SHORT, &fake("hangs-on-values")).unwrap();
    assert_eq!(reply.session.values(&["x"]).unwrap_err().kind(), SolverErrorKind::Hung);
}

#[test]
fn cancelling_ends_a_query_at_once() {
    let solver = fake("hangs");
    let token = CancellationToken::new();
    let begin = Instant::now();
    let found = thread::scope(|scope| {
        let query = scope.spawn(|| solver.solve(&QUERY, &LONG, Freshness::Warm, &token));
        thread::sleep(Duration::from_millis(200));
        token.cancel();
        query.join().unwrap()
    });
    assert_eq!(found.unwrap_err().kind(), SolverErrorKind::Cancelled);
    assert!(begin.elapsed() < PATIENCE);
    // A cancellation is nobody's fault.
    assert_eq!(solver.report().replaced, []);
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_solver_started_ends_with_it() {
    let note: PathBuf = std::env::temp_dir().join(format!("anrf-fake-{}", std::process::id()));
    let error = ask_within(&SHORT, &fake("leaves-children")).unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::Hung);
    let child = std::fs::read_to_string(&note).unwrap();
    std::fs::remove_file(&note).unwrap();
    let status = PathBuf::from(format!("/proc/{}/stat", child.trim()));
    let begin = Instant::now();
    // Gone, or dead and waiting for the system to take notice.
    while std::fs::read_to_string(&status).is_ok_and(|it| !it.contains(") Z ")) {
        assert!(begin.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn threads_share_the_processes() {
    let solver = fake("says-unsat");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(ask(&solver).unwrap().answer, Answer::Unsat)));
        }
    });
    let report = solver.report();
    assert!(report.started <= 50, "{report:?}");
    assert_eq!((report.started + report.reused, report.replaced), (80, vec![]));
}

fn portfolio(names: &[&str], options: PortfolioOptions) -> Portfolio {
    Portfolio::new(names.iter().map(|name| Arc::new(fake(name)) as Arc<dyn Solver>).collect(), options)
}

fn race(portfolio: &Portfolio) -> Result<Answer, SolverErrorKind> {
    race_within(&LONG, portfolio)
}

fn race_within(limits: &Limits, portfolio: &Portfolio) -> Result<Answer, SolverErrorKind> {
    let begin = Instant::now();
    let solved = portfolio.solve(&QUERY, limits, &CancellationToken::new());
    assert!(begin.elapsed() < PATIENCE);
    solved.map(|solved| solved.answer).map_err(|error| error.kind())
}

#[test]
fn the_race_goes_on_without_the_one_that_fails() {
    let failing =
        ["dies-at-start", "dies-mid-query", "hangs", "floods", "says-maybe", "no-memory", "wrong-name"];
    for name in failing {
        let portfolio = portfolio(&[name, "says-unsat"], PortfolioOptions::default());
        for _ in 0..2 {
            assert_eq!(race(&portfolio), Ok(Answer::Unsat), "{name}");
        }
    }
}

#[test]
fn a_process_that_fails_only_when_warm_is_replaced_and_asked_again() {
    for (name, is_trouble) in [("dies-when-warm", true), ("unknown-when-warm", false)] {
        let portfolio = portfolio(&[name], PortfolioOptions::default());
        for turn in 0..3 {
            let solved = portfolio.solve(&QUERY, &LONG, &CancellationToken::new()).unwrap();
            assert_eq!(solved.answer, Answer::Unsat, "{name}, {turn}");
            let run = &solved.runs[0];
            assert_eq!(
                (run.was_retried, run.trouble.is_some()),
                (turn > 0, turn > 0 && is_trouble),
                "{name}, {turn}"
            );
        }
    }
}

#[test]
fn the_session_outlives_the_race_and_obeys_the_caller() {
    let portfolio = portfolio(&["hangs", "says-sat"], PortfolioOptions::default());
    let token = CancellationToken::new();
    let solved = portfolio.solve(&QUERY, &LONG, &token).unwrap();
    let mut session = solved.session.unwrap();
    assert_eq!(session.values(&["x"]).unwrap()[0].to_string(), "1");
    assert_eq!(session.check().unwrap(), Answer::Sat);
    token.cancel();
    assert_eq!(session.check().unwrap_err().kind(), SolverErrorKind::Cancelled);
}

#[test]
fn a_small_stack_will_do() {
    let work = || {
        assert_eq!(
            race(&portfolio(&["dies-mid-query", "says-unsat"], PortfolioOptions::default())),
            Ok(Answer::Unsat)
        )
    };
    thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn when_all_fail_nothing_is_proved() {
    assert_eq!(
        race_within(&SHORT, &portfolio(&["hangs", "says-maybe"], PortfolioOptions::default())),
        Ok(Answer::Unknown(UnknownReason::OutOfTime))
    );
    assert_eq!(
        race(&portfolio(&["dies-mid-query", "says-maybe"], PortfolioOptions::default())),
        Err(SolverErrorKind::Crashed)
    );
    assert_eq!(race(&portfolio(&["says-unknown", "says-maybe"], PortfolioOptions::default())), Ok(UNKNOWN));
}
