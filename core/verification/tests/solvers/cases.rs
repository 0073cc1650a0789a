//! What every solver must do, in a process of its own or not.

#![allow(dead_code, reason = "no test needs all of it")]

use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Features, Freshness, Limits, Query, Reply, Solver, SolverErrorKind, UnknownReason,
};

/// The features of [`BITS`].
pub(crate) fn bits_features() -> Features {
    Features::BIT_VECTORS | Features::FUNCTIONS
}

pub(crate) const BITS: &str = "(declare-const x (_ BitVec 8))\n(declare-fun f ((_ BitVec 8)) Bool)\n\
    (assert (! (= (bvmul x #x03) #x09) :named three))\n(assert (! (f x) :named f_of_x))\n";

/// Thousands of seconds of work in little text.
pub(crate) const CUBES: &str = "(declare-const x Int)(declare-const y Int)(declare-const z Int)
    (assert (= (+ (* x x x) (* y y y) (* z z z)) 33))";

pub(crate) fn solve(solver: &dyn Solver, features: Features, script: &str, limits: &Limits) -> Reply {
    let query = Query { script, features, wants_core: true, by_patterns: false };
    solver.solve(&query, limits, Freshness::Warm, &CancellationToken::new()).unwrap()
}

fn values(reply: &mut Reply, terms: &[&str]) -> String {
    let values = reply.session.values(terms).unwrap();
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

pub(crate) fn values_are_asked_in_rounds(solver: &dyn Solver) {
    for _ in 0..3 {
        let mut reply = solve(solver, bits_features(), BITS, &Limits::default());
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
}

pub(crate) fn a_core_names_what_the_contradiction_rests_on(solver: &dyn Solver) {
    let script =
        BITS.to_owned() + "(assert (! (not (f #x03)) :named not_three))\n(assert (! (f #x04) :named four))";
    let mut reply = solve(solver, bits_features(), &script, &Limits::default());
    assert_eq!(reply.answer, Answer::Unsat);
    let mut core = reply.session.unsat_core().unwrap();
    core.sort();
    assert_eq!(core, ["f_of_x", "not_three", "three"]);
}

pub(crate) fn every_kind_of_value_is_read(solver: &dyn Solver) {
    let features = Features::ALL.without(Features::QUANTIFIERS | Features::RECURSION);
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
}

pub(crate) fn resources_end_before_the_clock_and_always_at_the_same_place(solver: &dyn Solver) {
    let factors = "(declare-const a (_ BitVec 64))(declare-const b (_ BitVec 64))
        (assert (= (bvmul a b) #xfffffffffffffff1))(assert (bvult #x0000000000000001 b))
        (assert (bvult #x0000000000000001 a))(assert (bvult b #x0000000080000000))(assert (bvult a #x0000000800000000))";
    let cases = [(Features::INTEGERS | Features::NONLINEAR, CUBES), (Features::BIT_VECTORS, factors)];
    for (features, script) in cases {
        if !solver.features().contains(features) {
            continue;
        }
        let limits = Limits { resources: 1_000_000, ..Limits::default() };
        for _ in 0..2 {
            let reply = solve(solver, features, script, &limits);
            assert_eq!(reply.answer, Answer::Unknown(UnknownReason::OutOfResources));
        }
        let begin = Instant::now();
        let limits = Limits { time: Duration::from_millis(300), resources: u64::MAX, ..limits };
        let query = Query { script, features, wants_core: false, by_patterns: false };
        let token = CancellationToken::new();
        match solver.solve(&query, &limits, Freshness::Warm, &token) {
            Ok(reply) => assert_eq!(reply.answer, Answer::Unknown(UnknownReason::OutOfTime)),
            Err(error) => assert_eq!(error.kind(), SolverErrorKind::Hung),
        }
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
        // Neither limit is left behind.
        assert_eq!(solve(solver, features, "(assert true)", &Limits::default()).answer, Answer::Sat);
    }
}

pub(crate) fn a_script_with_an_error_has_no_answer_and_harms_no_later_one(solver: &dyn Solver) {
    let token = CancellationToken::new();
    for script in ["(assert (= nothing #x01))(assert false)", "(assert false)(assert (= 1", "(assert false))"]
    {
        let query = Query { script, features: Features::BIT_VECTORS, wants_core: false, by_patterns: false };
        let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
        let error = solver.solve(&query, &limits, Freshness::Warm, &token).unwrap_err();
        eprintln!("{error}");
    }
    let mut reply =
        solve(solver, Features::BIT_VECTORS, "(declare-const x (_ BitVec 1))", &Limits::default());
    assert_eq!(reply.answer, Answer::Sat);
    let error = reply.session.values(&["y"]).unwrap_err();
    assert_eq!(error.kind(), SolverErrorKind::Rejected, "{error}");
}

/// Also says whether the last answer came from where others came from before.
pub(crate) fn earlier_answers_change_nothing(solver: &dyn Solver) -> bool {
    let features = Features::BIT_VECTORS | Features::FUNCTIONS | Features::ARRAYS;
    let script = "(declare-fun f ((_ BitVec 16)) (_ BitVec 16))(declare-const x (_ BitVec 16))
        (declare-const a (Array (_ BitVec 16) (_ BitVec 16)))
        (assert (bvult (bvmul x (f x)) (select a (bvadd x (f (f x))))))(assert (bvult #x0100 (f x)))";
    let terms = ["x", "(f x)", "(f (f x))", "(select a x)"];
    let fresh = values(&mut solve(solver, features, script, &Limits::default()), &terms);
    for other in [BITS, "(assert false)", script] {
        solve(solver, features, other, &Limits::default());
    }
    let mut reply = solve(solver, features, script, &Limits::default());
    assert_eq!(values(&mut reply, &terms), fresh);
    reply.was_warm
}

/// What has a model, which z3 does not find by patterns only.
pub(crate) const TOTAL: &str =
    "(declare-fun f (Int) Int)(assert (forall ((x Int)) (! (<= 0 (f x)) :pattern ((f x)))))
    (declare-const y Int)(assert (= (f y) 3))";

/// How a query wants its quantifiers instantiated is nothing that the next one should notice. Also says whether
/// the last answer came from where others came from before.
pub(crate) fn how_it_was_asked_changes_nothing(solver: &dyn Solver) -> bool {
    let ask = |by_patterns| {
        let query = Query { script: TOTAL, features: Features::ALL, wants_core: false, by_patterns };
        let limits = Limits::default();
        let reply = solver.solve(&query, &limits, Freshness::Warm, &CancellationToken::new()).unwrap();
        (reply.answer, reply.was_warm)
    };
    let (fresh, _) = ask(false);
    assert_ne!(ask(true).0, Answer::Unsat);
    let (answer, was_warm) = ask(false);
    assert_eq!(answer, fresh);
    was_warm
}

pub(crate) fn the_version_is_told(solver: &dyn Solver) {
    let version = solver.version().unwrap();
    assert!(version.starts_with(|it: char| it.is_ascii_digit()), "{version}");
}

/// cvc5 wants to be told a logic, so combinations of features must have a name that it takes
/// and that has what it says.
pub(crate) fn every_combination_of_features_is_a_logic(solver: &dyn Solver) {
    let scripts = [
        (Features::INTEGERS, "(declare-const i Int)(assert (< i (+ i 1)))"),
        (Features::REALS, "(declare-const r Real)(assert (< r (+ r 0.5)))"),
        (Features::NONLINEAR, ""),
        (Features::BIT_VECTORS, "(declare-const b (_ BitVec 8))(assert (= b #x07))"),
        (Features::FLOATS, "(declare-const d (_ FloatingPoint 11 53))(assert (fp.isNaN d))"),
        (Features::ARRAYS, "(declare-const a (Array Bool Bool))(assert (select a true))"),
        (Features::FUNCTIONS, "(declare-sort S 0)(declare-fun f (S) Bool)(declare-const s S)(assert (f s))"),
        (Features::DATATYPES, "(declare-datatype D ((d (e Bool))))(declare-const x D)(assert (e x))"),
        (Features::STRINGS, "(declare-const t String)(assert (= t \"t\"))"),
        (Features::QUANTIFIERS, "(assert (forall ((q Bool)) (or q (not q))))"),
        (
            Features::RECURSION,
            "(define-fun-rec g ((h Bool)) Bool (and h (g (not h))))(assert (not (g false)))",
        ),
    ];
    // All of at most two, and all but at most two.
    let few = |chosen: &u32| chosen.count_ones() <= 2 || chosen.count_zeros() - 21 <= 2;
    for chosen in (0_u32..1 << scripts.len()).filter(few) {
        let parts = scripts.iter().enumerate().filter(|(index, _)| chosen >> index & 1 == 1);
        let (mut features, mut script) = (Features::NONE, String::new());
        for (_, (feature, text)) in parts {
            features |= *feature;
            script += text;
        }
        let is_odd = features.contains(Features::NONLINEAR)
            && !features.contains(Features::INTEGERS)
            && !features.contains(Features::REALS);
        if is_odd || !solver.features().contains(features) {
            continue;
        }
        let answer = solve(solver, features, &script, &Limits::default()).answer;
        assert_ne!(answer, Answer::Unsat, "{features}");
    }
}

/// Of a solver that may have 200 MB.
pub(crate) fn memory_is_limited(solver: &dyn Solver) {
    // Bits by the million, each with a term of its own.
    let features = Features::BIT_VECTORS;
    let script = "(declare-const a (_ BitVec 2000))(declare-const b (_ BitVec 2000))(declare-const c (_ BitVec 2000))
        (assert (= (bvadd (bvmul a a) (bvmul b b)) (bvadd (bvmul c (bvudiv c a)) (bvmul a (bvurem b c)))))
        (assert (distinct a b c))(assert (bvult (bvmul a b) (bvmul b c)))(assert (bvult (bvmul c a) (bvudiv c b)))";
    let limits = Limits { resources: u64::MAX, time: Duration::from_secs(20), ..Limits::default() };
    let query = Query { script, features, wants_core: false, by_patterns: false };
    match solver.solve(&query, &limits, Freshness::Warm, &CancellationToken::new()) {
        Ok(reply) => {
            assert_eq!(reply.answer, Answer::Unknown(UnknownReason::OutOfResources), "{}", solver.name())
        }
        Err(error) => assert_eq!(error.kind(), SolverErrorKind::OutOfMemory, "{error}"),
    }
    let reply = solve(solver, features, "(assert true)", &Limits::default());
    assert_eq!(reply.answer, Answer::Sat);
}
