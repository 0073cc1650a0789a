//! Z3 in this process does what its program does, and nobody waits for it longer.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

#[path = "../../../verification/tests/solvers/cases.rs"]
mod cases;
#[path = "../../../verification/tests/harness/mod.rs"]
mod harness;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Dialect, Features, Freshness, Limits, PoolOptions, Portfolio, PortfolioOptions, ProcessSolver,
    Program, ProofCache, Query, Reply, Solver, SolverError, SolverErrorKind, UnknownReason,
};
use anrf_z3::{NAME, Z3, Z3Options};

/// Hours of work for any solver.
const ENDLESS: Limits = Limits { resources: u64::MAX, time: Duration::from_secs(600), output_bytes: 1 << 20 };

fn ask(script: &str, by_patterns: bool) -> Query<'_> {
    Query { script, features: Features::ALL, wants_core: false, by_patterns }
}

/// The program that answers are compared with.
fn program() -> ProcessSolver {
    let program = Program::find(Dialect::Z3).expect("libz3 and its program are installed together");
    ProcessSolver::new(program, PoolOptions::default())
}

#[test]
fn it_does_what_every_solver_must() {
    let solver = Z3::default();
    cases::values_are_asked_in_rounds(&solver);
    cases::a_core_names_what_the_contradiction_rests_on(&solver);
    cases::every_kind_of_value_is_read(&solver);
    cases::a_script_with_an_error_has_no_answer_and_harms_no_later_one(&solver);
    cases::the_version_is_told(&solver);
    // It never says that it is warm.
    assert!(!cases::earlier_answers_change_nothing(&solver));
    assert!(!cases::how_it_was_asked_changes_nothing(&solver));
}

#[test]
fn resources_end_before_the_clock_and_always_at_the_same_place() {
    cases::resources_end_before_the_clock_and_always_at_the_same_place(&Z3::default());
}

#[test]
fn every_combination_of_features_is_taken() {
    cases::every_combination_of_features_is_a_logic(&Z3::default());
}

/// A session goes on after a term or a script that it does not understand, and nothing of it is left.
#[test]
fn what_is_rejected_leaves_nothing_behind() {
    let solver = Z3::default();
    let script = "(declare-datatypes ((Pair 0)) (((pair (first Int) (second Bool)))))
        (declare-const p Pair)(declare-const x Int)(assert (= x (first p)))(assert (= x 7))";
    let mut reply = cases::solve(&solver, Features::ALL, script, &Limits::default());
    assert_eq!(reply.answer, Answer::Sat);
    reply.session.push().unwrap();
    reply.session.add("(declare-const y Int)(assert (= y (+ x 1)))").unwrap();
    assert_eq!(reply.session.check().unwrap(), Answer::Sat);
    for term in ["nothing", "(+ x second)", "x) (assert false", "x\0", "(x", "", "x y"] {
        let error = reply.session.values(&["x", term]).unwrap_err();
        assert_eq!(error.kind(), SolverErrorKind::Rejected, "{term}: {error}");
        assert_eq!(reply.session.values(&["(first p)", "y"]).unwrap()[1].to_string(), "8");
    }
    let error = reply.session.add("(declare-const z Int)(assert (= z nothing))").unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::Rejected, "{error}");
    assert_eq!(reply.session.check().unwrap(), Answer::Sat);
    reply.session.pop().unwrap();
    assert_eq!(reply.session.pop().unwrap_err().kind(), SolverErrorKind::Rejected);
    // The name is free again, and the session has no model until it is asked.
    reply.session.add("(declare-const y Bool)(assert y)").unwrap();
    assert_eq!(reply.session.values(&["y"]).unwrap_err().kind(), SolverErrorKind::Rejected);
    assert_eq!(reply.session.unsat_core().unwrap_err().kind(), SolverErrorKind::Rejected);
    assert_eq!(reply.session.check().unwrap(), Answer::Sat);
    assert_eq!(reply.session.values(&["y"]).unwrap()[0].to_string(), "true");
}

#[test]
fn a_hard_query_is_cancelled_from_another_thread() {
    let solver = Z3::default();
    let token = CancellationToken::new();
    let begun = Instant::now();
    let (result, cancelled) = thread::scope(|scope| {
        let canceller = scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            token.cancel();
            Instant::now()
        });
        let result = solver.solve(&ask(cases::CUBES, false), &ENDLESS, Freshness::Warm, &token);
        let end = Instant::now();
        (result, end.duration_since(canceller.join().unwrap()))
    });
    assert_eq!(result.unwrap_err().kind(), SolverErrorKind::Cancelled);
    assert!(begun.elapsed() >= Duration::from_millis(300), "it was at work");
    assert!(cancelled < Duration::from_millis(200), "{cancelled:?}");
}

/// Threads that were given up are interrupted, so a solver that may have two does not run out of them.
#[test]
fn what_was_given_up_stops() {
    let options = Z3Options { ready: 0, most: 2, ..Z3Options::default() };
    let solver = Z3::new(options);
    for _ in 0..6 {
        let token = CancellationToken::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                token.cancel();
            });
            let result = solver.solve(&ask(cases::CUBES, false), &ENDLESS, Freshness::Warm, &token);
            assert_eq!(result.unwrap_err().kind(), SolverErrorKind::Cancelled);
        });
    }
    let limits = Limits { time: Duration::from_secs(20), ..Limits::default() };
    assert_eq!(cases::solve(&solver, Features::NONE, "(assert true)", &limits).answer, Answer::Sat);
}

/// Who may have one thread waits for the one that is in use, and says so when the time is up.
#[test]
fn no_more_threads_than_allowed() {
    let solver = Z3::new(Z3Options { ready: 0, most: 1, ..Z3Options::default() });
    let held = cases::solve(&solver, Features::NONE, "(assert true)", &Limits::default());
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    let token = CancellationToken::new();
    let error = solver.solve(&ask("(assert true)", false), &limits, Freshness::Warm, &token).unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::Hung, "{error}");
    drop(held);
    assert_eq!(
        cases::solve(&solver, Features::NONE, "(assert true)", &Limits::default()).answer,
        Answer::Sat
    );
}

/// One by patterns and one not: options of one thread are not those of another.
#[test]
fn two_threads_do_not_disturb_each_other() {
    let solver = Z3::default();
    let answer = |by_patterns| {
        let query = ask(cases::TOTAL, by_patterns);
        let token = CancellationToken::new();
        solver.solve(&query, &Limits::default(), Freshness::Warm, &token).unwrap().answer
    };
    thread::scope(|scope| {
        let rounds = |by_patterns| move || (0..20).map(|_| answer(by_patterns)).collect::<Vec<_>>();
        let (free, tied) = (scope.spawn(rounds(false)), scope.spawn(rounds(true)));
        assert!(free.join().unwrap().iter().all(|answer| *answer == Answer::Sat));
        let unknown = Answer::Unknown(UnknownReason::Incomplete);
        assert!(tied.join().unwrap().iter().all(|answer| *answer == unknown));
    });
}

#[test]
fn it_races_with_the_program() {
    let options = PortfolioOptions { cross_check: true, ..PortfolioOptions::default() };
    let solvers: Vec<Arc<dyn Solver>> = vec![Arc::new(Z3::default()), Arc::new(program())];
    let portfolio = Portfolio::new(solvers, options);
    let script = cases::BITS.to_owned() + "(assert (not (f #x03)))";
    let solved =
        portfolio.solve(&ask(&script, false), &Limits::default(), &CancellationToken::new()).unwrap();
    assert_eq!(solved.answer, Answer::Unsat);
    let runs: Vec<_> = solved.runs.iter().map(|run| (run.solver.as_str(), run.outcome.clone())).collect();
    assert_eq!(runs, [(NAME, Some(Ok(Answer::Unsat))), ("z3", Some(Ok(Answer::Unsat)))]);
}

/// What one set of solvers has proved is no proof of another.
#[test]
fn a_cache_tells_it_from_the_program() {
    let cache = Arc::new(ProofCache::new());
    let of = |solver: Arc<dyn Solver>| {
        Portfolio::new(vec![solver], PortfolioOptions::default()).remembering(Arc::clone(&cache))
    };
    let (linked, process) = (of(Arc::new(Z3::default())), of(Arc::new(program())));
    let query = ask("(assert false)", false);
    linked.solve(&query, &Limits::default(), &CancellationToken::new()).unwrap();
    assert!(linked.remembers(&query, &Limits::default()));
    assert!(!process.remembers(&query, &Limits::default()));
}

/// A question, as it came, and what the program said.
struct Heard {
    script: String,
    features: Features,
    by_patterns: bool,
    limits: Limits,
    answer: Answer,
    time: Duration,
}

/// The program, and somebody who writes down what it is asked.
struct Listening {
    program: ProcessSolver,
    heard: Mutex<Vec<Heard>>,
}

impl Solver for Listening {
    fn name(&self) -> &str {
        self.program.name()
    }

    fn version(&self) -> Result<String, SolverError> {
        self.program.version()
    }

    fn features(&self) -> Features {
        self.program.features()
    }

    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError> {
        let begin = Instant::now();
        let reply = self.program.solve(query, limits, freshness, cancel)?;
        let Query { features, by_patterns, .. } = *query;
        let (script, answer, time) = (query.script.to_owned(), reply.answer, begin.elapsed());
        let heard = Heard { script, features, by_patterns, limits: *limits, answer, time };
        self.heard.lock().unwrap().push(heard);
        Ok(reply)
    }
}

/// The integers and truth values that a script declares.
fn constants(script: &str) -> Vec<&str> {
    let declared = script.lines().filter_map(|line| line.strip_prefix("(declare-fun ")?.split_once(" () "));
    declared.filter(|(_, sort)| ["Int)", "Bool)"].contains(sort)).map(|(name, _)| name).collect()
}

/// Every question that a few functions of the corpus lead to has the answer that the program gives, and the
/// program finds nothing wrong with the models.
#[test]
fn it_agrees_with_the_program() {
    let listening = Arc::new(Listening { program: program(), heard: Mutex::default() });
    let alone: Vec<Arc<dyn Solver>> = vec![Arc::clone(&listening) as Arc<dyn Solver>];
    let portfolio = Portfolio::new(alone, PortfolioOptions::default());
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpus");
    for task in TASKS {
        let folder = corpus.join(task);
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|it| it == "vsp"));
        files.sort();
        // What is right, and one that is not, which has models.
        for file in files.iter().take(2) {
            harness::report(&std::fs::read_to_string(file).unwrap(), &portfolio);
        }
    }
    let heard = std::mem::take(&mut *listening.heard.lock().unwrap());
    assert!(heard.len() >= 50, "{} questions", heard.len());
    let solver = Z3::default();
    let token = CancellationToken::new();
    let (mut process, mut linked, mut models) = (vec![], vec![], 0);
    for one in &heard {
        let query = ask(&one.script, one.by_patterns);
        let query = Query { features: one.features, ..query };
        let begin = Instant::now();
        let mut reply = solver.solve(&query, &one.limits, Freshness::Warm, &token).unwrap();
        let time = begin.elapsed();
        let late = Answer::Unknown(UnknownReason::OutOfTime);
        if reply.answer != late && one.answer != late {
            let said = (one.by_patterns, &one.limits, &one.script);
            assert_eq!(reply.answer, one.answer, "{said:?}");
        }
        process.push(one.time);
        linked.push(time);
        if reply.answer == Answer::Sat {
            let names = constants(&one.script);
            let values = reply.session.values(&names).unwrap();
            let equal =
                names.iter().zip(&values).map(|(name, value)| format!("(assert (= {name} {value}))\n"));
            let script = one.script.clone() + &equal.collect::<String>();
            let query = Query { script: &script, ..query };
            let theirs = listening.program.solve(&query, &one.limits, Freshness::Warm, &token).unwrap();
            assert_ne!(theirs.answer, Answer::Unsat, "{script}");
            models += 1;
        }
    }
    assert!(models > 0, "none of the questions has a model");
    process.sort();
    linked.sort();
    let median = |times: &[Duration]| times[times.len() / 2];
    let (process, linked) = (median(&process), median(&linked));
    eprintln!("{} questions; median of the program {process:?}, in process {linked:?}", heard.len());
}

/// Functions whose proofs need loops, texts, decimals and products.
const TASKS: &[&str] = &["array_max", "auction", "bubble_sort", "clamp_add", "commission", "common_prefix"];
