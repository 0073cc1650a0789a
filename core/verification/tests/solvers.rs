//! The real solvers, each of which must be on the machine: `cargo xtask solvers` brings them.

use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Dialect, Features, Freshness, Limits, PoolOptions, ProcessSolver, Program, Query, Reply, Solver,
    SolverErrorKind, UnknownReason,
};

/// Runs a test on each solver that is here and knows the features.
fn each(features: Features, test: impl Fn(&ProcessSolver)) {
    for dialect in Dialect::ALL {
        let Some(program) = Program::find(dialect) else {
            skip(dialect.name());
            continue;
        };
        let solver = ProcessSolver::new(program, PoolOptions::default());
        if solver.features().contains(features) {
            eprintln!("{}", solver.name());
            test(&solver);
        }
    }
}

fn skip(name: &str) {
    use std::io::Write;

    eprintln!("{name} is not installed");
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        writeln!(log, "{name}: not installed (`cargo xtask solvers`)").unwrap();
    }
}

fn solve(solver: &ProcessSolver, features: Features, script: &str, limits: &Limits) -> Reply {
    let query = Query { script, features, wants_core: true };
    solver.solve(&query, limits, Freshness::Warm, &CancellationToken::new()).unwrap()
}

fn values(reply: &mut Reply, terms: &[&str]) -> String {
    let values = reply.session.values(terms).unwrap();
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

const BITS: &str = "(declare-const x (_ BitVec 8))\n(declare-fun f ((_ BitVec 8)) Bool)\n\
    (assert (! (= (bvmul x #x03) #x09) :named three))\n(assert (! (f x) :named f_of_x))\n";

#[test]
fn values_are_asked_in_rounds_and_the_process_is_used_again() {
    let features = Features::BIT_VECTORS | Features::FUNCTIONS;
    each(features, |solver| {
        for _ in 0..3 {
            let mut reply = solve(solver, features, BITS, &Limits::default());
            assert_eq!(reply.answer, Answer::Sat);
            let x = values(&mut reply, &["x"]);
            assert!(["#x03", "#b00000011"].contains(&x.as_str()), "{x}");
            assert!(values(&mut reply, &["(bvadd x x)", "(f x)"]).ends_with(" true"));
            reply.session.push().unwrap();
            reply.session.add("(assert (= x #x01))").unwrap();
            assert_eq!(reply.session.check().unwrap(), Answer::Unsat);
            reply.session.pop().unwrap();
            assert_eq!(reply.session.check().unwrap(), Answer::Sat);
            assert_eq!(values(&mut reply, &["x"]), x);
        }
        let report = solver.report();
        assert_eq!((report.started, report.reused, report.replaced), (1, 2, vec![]));
    });
}

#[test]
fn a_core_names_what_the_contradiction_rests_on() {
    let features = Features::BIT_VECTORS | Features::FUNCTIONS;
    each(features, |solver| {
        let script = BITS.to_owned()
            + "(assert (! (not (f #x03)) :named not_three))\n(assert (! (f #x04) :named four))";
        let mut reply = solve(solver, features, &script, &Limits::default());
        assert_eq!(reply.answer, Answer::Unsat);
        let mut core = reply.session.unsat_core().unwrap();
        core.sort();
        assert_eq!(core, ["f_of_x", "not_three", "three"]);
    });
}

#[test]
fn every_kind_of_value_is_read() {
    let features = Features::ALL.without(Features::QUANTIFIERS | Features::RECURSION);
    each(features, |solver| {
        let script = "(declare-const i Int)(declare-const r Real)(declare-const s String)
            (declare-datatypes ((Pair 0)) (((pair (first Int) (second Bool)))))
            (declare-const p Pair)(declare-const a (Array Int Int))(declare-const d (_ FloatingPoint 11 53))
            (assert (= i (- 7)))(assert (= (* 3 r) (- 1)))(assert (= s \"a\\u{e9}\"\"\\u{1f600}\"))
            (assert (= p (pair 3 true)))(assert (= a (store ((as const (Array Int Int)) 0) 1 2)))
            (assert (= d (fp #b1 #b10000000000 #x8000000000000)))";
        let mut reply = solve(solver, features, script, &Limits::default());
        assert_eq!(reply.answer, Answer::Sat);
        assert_eq!(values(&mut reply, &["i", "p", "(select a 1)"]), "(- 7) (pair 3 true) 2");
        let r = values(&mut reply, &["r"]);
        assert!(["(- (/ 1.0 3.0))", "(/ (- 1) 3)"].contains(&r.as_str()), "{r}");
        assert_eq!(reply.session.values(&["s"]).unwrap()[0].text().as_deref(), Some("aé\"😀"));
        let d = reply.session.values(&["d"]).unwrap()[0].application::<3>("fp").unwrap();
        assert_eq!(d[1].to_string(), "#b10000000000");
    });
}

#[test]
fn resources_end_before_the_clock_and_always_at_the_same_place() {
    let cubes = "(declare-const x Int)(declare-const y Int)(declare-const z Int)
        (assert (= (+ (* x x x) (* y y y) (* z z z)) 33))";
    let factors = "(declare-const a (_ BitVec 64))(declare-const b (_ BitVec 64))
        (assert (= (bvmul a b) #xfffffffffffffff1))(assert (bvult #x0000000000000001 b))
        (assert (bvult #x0000000000000001 a))(assert (bvult b #x0000000080000000))(assert (bvult a #x0000000800000000))";
    let cases = [(Features::INTEGERS | Features::NONLINEAR, cubes), (Features::BIT_VECTORS, factors)];
    for (features, script) in cases {
        each(features, |solver| {
            let limits = Limits { resources: 1_000_000, ..Limits::default() };
            for _ in 0..2 {
                let reply = solve(solver, features, script, &limits);
                assert_eq!(reply.answer, Answer::Unknown(UnknownReason::OutOfResources));
            }
            let begin = Instant::now();
            let limits = Limits { time: Duration::from_millis(300), resources: u64::MAX, ..limits };
            let query = Query { script, features, wants_core: false };
            let token = CancellationToken::new();
            match solver.solve(&query, &limits, Freshness::Warm, &token) {
                Ok(reply) => assert_eq!(reply.answer, Answer::Unknown(UnknownReason::OutOfTime)),
                Err(error) => assert_eq!(error.kind(), SolverErrorKind::Hung),
            }
            assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
            // Neither limit is left behind.
            assert_eq!(solve(solver, features, "(assert true)", &Limits::default()).answer, Answer::Sat);
        });
    }
}

#[test]
fn a_script_with_an_error_has_no_answer_and_harms_no_later_one() {
    each(Features::BIT_VECTORS, |solver| {
        let token = CancellationToken::new();
        for script in
            ["(assert (= nothing #x01))(assert false)", "(assert false)(assert (= 1", "(assert false))"]
        {
            let query = Query { script, features: Features::BIT_VECTORS, wants_core: false };
            let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
            let error = solver.solve(&query, &limits, Freshness::Warm, &token).unwrap_err();
            eprintln!("{error}");
        }
        let mut reply =
            solve(solver, Features::BIT_VECTORS, "(declare-const x (_ BitVec 1))", &Limits::default());
        assert_eq!(reply.answer, Answer::Sat);
        let error = reply.session.values(&["y"]).unwrap_err();
        assert_eq!(error.kind(), SolverErrorKind::Rejected, "{error}");
    });
}

#[test]
fn versions_are_told() {
    each(Features::NONE, |solver| {
        let version = solver.version().unwrap();
        assert!(version.starts_with(|it: char| it.is_ascii_digit()), "{version}");
        assert_eq!(solver.report().started, 1);
    });
}
