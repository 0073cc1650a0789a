//! Verifiers of a host: what they say is believed as far as a run or their registration carries it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test may fail

mod harness;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anrf_format::value::Value;
use anrf_runtime::CancellationToken;
use anrf_verification::report::{FunctionReport, Method, Verdict};
use anrf_verification::solver::{Portfolio, PortfolioOptions};
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{
    Budget, Effort, Judgement, Opinion, ProofOptions, Prover, Silent, Task, Verifier, verify,
};

const SHARE: &str = r#"
node_id: share_v1
type: algorithm
intent: Divide what there is.
inputs: { all: integer, heads: integer }
outputs: { success: { each: integer } }
contracts: { preconditions: ["all >= 0"] }
flow: [{ step: done, operation: return, parameters: { each: "all / heads" } }]
"#;

const DIVISION: &str = "share_v1/done/no_division_by_zero/0";

/// What it does when it is asked.
enum Does {
    Says(Vec<Opinion>),
    Panics,
    Blocks,
}

struct Hosts(&'static str, Does);

impl Verifier for Hosts {
    fn id(&self) -> &str {
        self.0
    }

    fn verify(&self, task: &Task, _: &CancellationToken) -> Vec<Opinion> {
        assert!(!task.module.is_empty(), "the module comes packed");
        match &self.1 {
            Does::Says(opinions) => opinions.clone(),
            Does::Panics => panic!("as it likes"),
            Does::Blocks => {
                std::thread::sleep(Duration::from_secs(30));
                vec![]
            }
        }
    }
}

fn opinion(obligation: &str, judgement: Judgement) -> Opinion {
    Opinion { obligation: obligation.to_owned(), judgement }
}

fn fails(all: i64, heads: i64) -> Judgement {
    let inputs = vec![("all".to_owned(), Value::Integer(all)), ("heads".to_owned(), Value::Integer(heads))];
    Judgement::Fails { inputs, state: vec![], answers: vec![] }
}

/// The report of a text whose inputs nobody tries but these verifiers.
fn of(text: &str, verifiers: Vec<Hosts>, budget: Budget) -> FunctionReport {
    let prover = Prover::new(Portfolio::new(vec![], PortfolioOptions::default()), ProofOptions::default());
    let verifiers = verifiers.into_iter().map(|it| Arc::new(it) as Arc<dyn Verifier>).collect();
    let effort = Effort { verifiers, budget, testing: TestOptions::default(), ..Effort::default() };
    let report = verify(&harness::load(text), None, &prover, &effort, &Silent, &CancellationToken::new());
    report.unwrap().functions.remove(0)
}

fn only(ids: &[&str]) -> Budget {
    Budget { required: ids.iter().map(|id| (*id).to_owned()).collect(), ..Budget::default() }
}

fn said(does: Does) -> FunctionReport {
    of(SHARE, vec![Hosts("mine", does)], only(&["examples", "mine"]))
}

#[test]
fn that_something_fails_is_believed_when_a_run_shows_it() {
    let report = said(Does::Says(vec![opinion(DIVISION, fails(4, 0))]));
    let Verdict::Refuted(witness) = &report.verdict else { panic!("{report:?}") };
    assert_eq!(witness.method, Method::Verifier);
    assert_eq!(report.complaints, []);
    for lie in [fails(4, 2), fails(-4, 0)] {
        let report = said(Does::Says(vec![opinion(DIVISION, lie)]));
        assert!(!matches!(report.verdict, Verdict::Refuted(_) | Verdict::Proved), "{report:?}");
        assert!(report.complaints[0].message.contains("shows no defect"), "{report:?}");
    }
}

#[test]
fn that_something_holds_is_believed_of_who_was_registered() {
    let all: Vec<Opinion> = said(Does::Says(vec![]))
        .obligations
        .iter()
        .map(|known| opinion(&known.id, Judgement::Holds))
        .collect();
    let report = said(Does::Says(all.clone()));
    assert!(report.obligations.iter().all(|known| known.verdict.is_proved()), "{report:?}");
    assert_eq!(report.obligations[0].effort.solver.as_deref(), Some("mine"));
    // But not against a run.
    let report = of(SHARE, vec![Hosts("mine", Does::Says(all))], only(&["examples", "property", "mine"]));
    assert_eq!(report.verdict.name(), "refuted");
    assert!(report.complaints[0].message.contains("which a run refutes"), "{report:?}");
}

#[test]
fn who_goes_wrong_decides_nothing() {
    let unknown = Does::Says(vec![opinion("share_v1/nowhere/0", Judgement::Holds)]);
    for (does, told) in [(Does::Panics, "panicked: as it likes"), (unknown, "no obligation")] {
        let report = said(does);
        assert!(report.complaints[0].message.contains(told), "{report:?}");
        assert_eq!(report.verdict.name(), "error", "a required one went wrong");
    }
    let begun = Instant::now();
    let budget = Budget { max_time: Duration::from_millis(300), ..only(&["mine"]) };
    let report = of(SHARE, vec![Hosts("mine", Does::Blocks)], budget);
    assert!(report.complaints[0].message.contains("did not answer"), "{report:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "nobody waits for it");
}

#[test]
fn optional_ones_are_asked_while_confidence_is_lacking() {
    let asked = |min_confidence| {
        let optional = vec!["mine".to_owned(), "property".to_owned()];
        let budget = Budget { min_confidence, optional, ..only(&["examples"]) };
        of(SHARE, vec![Hosts("mine", Does::Panics)], budget)
    };
    // Loading alone gives 0.2.
    let report = asked(0.1);
    assert!(report.complaints.is_empty() && report.confidence.score < 0.3, "{report:?}");
    let report = asked(0.9);
    assert_eq!((report.complaints.len(), report.verdict.name()), (1, "refuted"));
    assert!(report.confidence.score.abs() < f64::EPSILON, "{report:?}");
}

#[test]
fn what_was_said_before_solvers_are_asked_is_kept() {
    let after = |does| {
        let budget = Budget { optional: vec!["smt".to_owned()], ..only(&["examples", "mine"]) };
        of(SHARE, vec![Hosts("mine", does)], budget)
    };
    let report = after(Does::Panics);
    assert_eq!((report.verdict.name(), report.complaints.len()), ("error", 1), "{report:?}");
    // There is no solver, so all else stays unknown.
    let report = after(Does::Says(vec![opinion(DIVISION, Judgement::Holds)]));
    let of_division = report.obligations.iter().find(|known| known.id == DIVISION).unwrap();
    assert!(of_division.verdict.is_proved(), "{report:?}");
    assert!(!report.verdict.is_proved(), "{report:?}");
}

#[test]
fn a_budget_that_is_spent_asks_no_solver() {
    let open = |budget| match of(SHARE, vec![], budget).verdict {
        Verdict::Unknown(why) => why.class(),
        verdict => panic!("{verdict:?}"),
    };
    let only = || only(&["examples", "smt"]);
    assert_eq!(open(only()), "no_solver");
    assert_eq!(open(Budget { max_cost: 0.0, ..only() }), "out_of_time");
    assert_eq!(open(Budget { max_time: Duration::ZERO, ..only() }), "out_of_time");
}
