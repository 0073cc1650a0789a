//! The rules of the race, on solvers that answer from a list.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{
    Answer, Features, Limits, Node, Portfolio, PortfolioOptions, Query, Record, Recorded, Solved, Solver,
    SolverError, SolverErrorKind, UnknownReason,
};

const QUERY: Query<'static> =
    Query { script: "(assert p)", features: Features::INTEGERS, wants_core: false, by_patterns: false };

/// Long enough that the order of the solvers does not depend on how busy the machine is.
const LONG: Duration = Duration::from_millis(400);
const FOREVER: Duration = Duration::from_secs(60);

fn solver(name: &str, answer: Answer, delay: Duration) -> Recorded {
    Recorded::new(name, Features::ALL).otherwise(Record { delay, ..Record::new(answer) })
}

fn solve(solvers: Vec<Recorded>, options: PortfolioOptions) -> Result<Solved, SolverError> {
    let solvers = solvers.into_iter().map(|solver| Arc::new(solver) as Arc<dyn Solver>).collect();
    Portfolio::new(solvers, options).solve(&QUERY, &Limits::default(), &CancellationToken::new())
}

/// The answer, who decided, and what each run ended in.
fn check(solvers: Vec<Recorded>, options: PortfolioOptions, expected: &str) {
    let begin = Instant::now();
    let shown = match solve(solvers, options) {
        Ok(solved) => {
            let run = |run: &anrf_verification::solver::Run| match &run.outcome {
                Some(Ok(answer)) => format!("{} {answer}", run.solver),
                Some(Err(error)) => format!("{} {}", run.solver, error.code()),
                None => format!("{} stopped", run.solver),
            };
            let runs: Vec<String> = solved.runs.iter().map(run).collect();
            let who = solved.decided_by.as_deref().unwrap_or("nobody");
            format!("{} by {who}; {}", solved.answer, runs.join(", "))
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expected);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

fn grace(grace: Duration) -> PortfolioOptions {
    PortfolioOptions { grace, ..PortfolioOptions::default() }
}

const CROSS_CHECK: PortfolioOptions =
    PortfolioOptions { join_after: FOREVER, grace: Duration::ZERO, cross_check: true };

const INCOMPLETE: Answer = Answer::Unknown(UnknownReason::Incomplete);

#[test]
fn who_is_quick_runs_alone() {
    let options = PortfolioOptions { join_after: FOREVER, ..PortfolioOptions::default() };
    let solvers = vec![solver("a", Answer::Unsat, LONG), solver("b", Answer::Sat, Duration::ZERO)];
    check(solvers, options, "unsat by a; a unsat");
}

#[test]
fn others_join_one_that_is_slow() {
    let solvers = vec![solver("a", Answer::Unsat, FOREVER), solver("b", Answer::Unsat, Duration::ZERO)];
    check(solvers, PortfolioOptions::default(), "unsat by b; a stopped, b unsat");
}

#[test]
fn who_answers_within_the_grace_is_heard() {
    let two = |other| vec![solver("a", Answer::Unsat, LONG), solver("b", other, Duration::ZERO)];
    check(two(Answer::Unsat), grace(FOREVER), "unsat by b; a unsat, b unsat");
    check(two(INCOMPLETE), grace(FOREVER), "unsat by a; a unsat, b unknown (incomplete)");
    let disagree = "E-SOLVER-010: b says sat and a says unsat";
    check(two(Answer::Sat), grace(FOREVER), disagree);
    check(two(Answer::Sat), grace(Duration::ZERO), "sat by b; a stopped, b sat");
}

/// Whose model it is depends on the order and not on the clock.
#[test]
fn the_model_is_that_of_the_first_who_has_one() {
    let decided = |first: Answer, second: Answer, options: PortfolioOptions| {
        let solvers: Vec<Arc<dyn Solver>> = vec![
            Arc::new(solver("a", first, LONG)),
            Arc::new(solver("b", second, Duration::ZERO)),
            Arc::new(solver("c", Answer::Sat, FOREVER)),
        ];
        let portfolio = Portfolio::new(solvers, options);
        let solved = portfolio.solve_for_model(&QUERY, &Limits::default(), &CancellationToken::new());
        let solved = solved.unwrap();
        format!("{} by {}", solved.answer, solved.decided_by.unwrap_or_default())
    };
    assert_eq!(decided(Answer::Sat, Answer::Sat, grace(Duration::ZERO)), "sat by a");
    assert_eq!(decided(INCOMPLETE, Answer::Sat, grace(Duration::ZERO)), "sat by b");
    // A proof is one whoever has it.
    assert_eq!(decided(INCOMPLETE, Answer::Unsat, grace(Duration::ZERO)), "unsat by b");
    let begin = Instant::now();
    assert_eq!(decided(Answer::Unsat, Answer::Unsat, grace(Duration::ZERO)), "unsat by b");
    assert!(begin.elapsed() < LONG, "nobody is waited for");
}

#[test]
fn a_cross_check_waits_for_all() {
    let three = |last| {
        vec![
            solver("a", Answer::Unsat, Duration::ZERO),
            solver("b", INCOMPLETE, LONG),
            solver("c", last, LONG * 2),
        ]
    };
    check(three(Answer::Unsat), CROSS_CHECK, "unsat by a; a unsat, b unknown (incomplete), c unsat");
    check(three(Answer::Sat), CROSS_CHECK, "E-SOLVER-010: a says unsat and c says sat");
}

#[test]
fn one_that_does_not_know_makes_room_for_the_next() {
    let options = PortfolioOptions { join_after: FOREVER, ..PortfolioOptions::default() };
    let solvers = vec![solver("a", INCOMPLETE, Duration::ZERO), solver("b", Answer::Sat, Duration::ZERO)];
    check(solvers, options, "sat by b; a unknown (incomplete), b sat");
    let spent = Answer::Unknown(UnknownReason::OutOfResources);
    let solvers = vec![solver("a", spent, Duration::ZERO), solver("b", INCOMPLETE, Duration::ZERO)];
    let expected =
        "unknown (out of resources) by nobody; a unknown (out of resources), b unknown (incomplete)";
    check(solvers, options, expected);
}

#[test]
fn only_those_are_asked_who_know_the_logic() {
    let bits = || Recorded::new("bits", Features::BIT_VECTORS).otherwise(Record::new(Answer::Sat));
    let solvers = vec![bits(), solver("b", Answer::Unsat, Duration::ZERO)];
    check(solvers, CROSS_CHECK, "unsat by b; b unsat");
    check(vec![bits()], CROSS_CHECK, "E-SOLVER-002: bits cannot decide integers");
    check(vec![], CROSS_CHECK, "E-SOLVER-001: no solver was found: neither z3 nor cvc5 nor bitwuzla");
}

#[test]
fn a_solver_that_fails_or_panics_is_one_less() {
    let ignorant = || Recorded::new("a", Features::ALL);
    let other = || solver("b", Answer::Unsat, Duration::ZERO);
    check(vec![ignorant(), other()], CROSS_CHECK, "unsat by b; a E-SOLVER-009, b unsat");
    let alone = solve(vec![ignorant()], CROSS_CHECK).err().map(|error| error.kind());
    assert_eq!(alone, Some(SolverErrorKind::Rejected));

    struct Panics;
    impl Solver for Panics {
        fn name(&self) -> &str {
            "panics"
        }
        fn version(&self) -> Result<String, SolverError> {
            Ok(String::new())
        }
        fn features(&self) -> Features {
            Features::ALL
        }
        fn solve(
            &self,
            _: &Query<'_>,
            _: &Limits,
            _: anrf_verification::solver::Freshness,
            _: &CancellationToken,
        ) -> Result<anrf_verification::solver::Reply, SolverError> {
            panic!("on purpose")
        }
    }
    let portfolio = Portfolio::new(vec![Arc::new(Panics), Arc::new(other())], PortfolioOptions::default());
    let solved = portfolio.solve(&QUERY, &Limits::default(), &CancellationToken::new()).unwrap();
    assert_eq!(solved.answer, Answer::Unsat);
}

#[test]
fn the_token_of_the_caller_ends_the_race() {
    let portfolio =
        Portfolio::new(vec![Arc::new(solver("a", Answer::Sat, FOREVER))], PortfolioOptions::default());
    let token = CancellationToken::new();
    let found = thread::scope(|scope| {
        let race = scope.spawn(|| portfolio.solve(&QUERY, &Limits::default(), &token));
        thread::sleep(Duration::from_millis(50));
        token.cancel();
        race.join().unwrap()
    });
    assert_eq!(found.err().map(|error| error.kind()), Some(SolverErrorKind::Cancelled));
}

#[test]
fn the_one_that_decided_is_asked_on() {
    let record = Record {
        answers: vec![Answer::Sat, Answer::Unsat],
        values: [("x".to_owned(), "(- 1)".to_owned())].into(),
        core: vec!["p".to_owned()],
        delay: Duration::ZERO,
    };
    let recorded = Recorded::new("a", Features::ALL).with(QUERY.script, record);
    let mut session = solve(vec![recorded], PortfolioOptions::default()).unwrap().session.unwrap();
    let value = session.values(&["x"]).unwrap().remove(0);
    assert_eq!(value.application::<1>("-").unwrap()[0].node(), Node::Numeral("1"));
    session.push().unwrap();
    session.add("(assert (not p))").unwrap();
    assert_eq!(session.check().unwrap(), Answer::Unsat);
    assert_eq!(session.unsat_core().unwrap(), ["p"]);
    session.pop().unwrap();
    assert!(session.values(&["y"]).is_err());
}
