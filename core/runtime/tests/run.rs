//! Runs from text to record: what surrounds the code, and what a host can rely on.

#![allow(clippy::unwrap_used)] // a test may fail

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anrf_format::execution::FaultKind;
use anrf_format::module::{Module, Source};
use anrf_format::semantic::{AuditLevel, Function};
use anrf_format::value::Value;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{
    AuditOutcome, CancellationToken, ContractChecks, Environment, Error, Event, Execution, Fields, Hook,
    Host, HostOperations, HostResponse, Interpreter, JournalEntry, Limit, Limits, Loaded, Measurement,
    NoHost, Observer, Outcome, Policy, Ran, Request, codes, replay, run,
};

fn load(text: &str) -> Loaded {
    let source = Source { name: "test.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let messages: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    let checked = checked.unwrap_or_else(|| panic!("{messages:?}"));
    let lowered = anrf_language::lowering::lower(checked).unwrap();
    Loaded::new(&Interpreter, &Arc::new(lowered.module().clone())).unwrap()
}

fn request(inputs: &[(&str, Value)]) -> Request {
    let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Request { inputs, ..Request::default() }
}

fn go(loaded: &Loaded, inputs: &[(&str, Value)], policy: &Policy, host: &dyn Host) -> Result<Ran, Error> {
    let environment = Environment { policy, host, observer: &anrf_runtime::NoObserver, hooks: &[] };
    run(loaded, request(inputs), &environment)
}

fn simply(loaded: &Loaded, inputs: &[(&str, Value)]) -> Outcome {
    go(loaded, inputs, &Policy::default(), &NoHost).unwrap().outcome().clone()
}

fn integer(value: i64) -> Value {
    Value::Integer(value)
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

/// A function with one input `n`, one success field `r` and this flow.
fn module_of(flow: &str, more: &str) -> Loaded {
    load(&format!(
        "node_id: f_v1\ntype: algorithm\nintent: A test.\ninputs: {{ n: integer }}\noutputs: {{ success: {{ r: integer }} }}\n{more}flow:\n{flow}"
    ))
}

const COUNT: &str = "  - step: count\n    operation: loop\n    parameters:\n      state: { sum: \"0\" }\n      for: \"i IN 0..n\"\n      do:\n        - step: add\n          operation: next\n          parameters: { sum: \"sum + i % 7\" }\n  - step: done\n    operation: return\n    parameters: { r: sum }\n";

#[test]
fn limits_end_a_run_exactly() {
    let loaded = module_of(COUNT, "");
    let inputs = [("n", integer(1_000))];
    let ran = go(&loaded, &inputs, &Policy::default(), &NoHost).unwrap();
    assert_eq!(ran.outcome().clone(), Outcome::Success(vec![("r".into(), integer(2_997))]));
    let with = |fuel| {
        let policy = Policy::default().limits(Limits { fuel, ..Limits::default() });
        go(&loaded, &inputs, &policy, &NoHost).unwrap()
    };
    let fuel = ran.execution.fuel;
    assert!(matches!(with(fuel).outcome().clone(), Outcome::Success(_)));
    let short = with(fuel - 1);
    assert_eq!((short.outcome().clone(), short.execution.fuel), (Outcome::Limit(Limit::Fuel), fuel - 1));
}

#[test]
fn two_runs_keep_their_own_caps() {
    let flow = "  - step: grow\n    operation: loop\n    parameters:\n      state: { xs: { type: array<integer>, initial: \"[]\" } }\n      for: \"i IN 0..n\"\n      do:\n        - step: add\n          operation: next\n          parameters: { xs: \"xs ++ [i]\" }\n  - step: done\n    operation: return\n    parameters: { r: \"LEN(xs)\" }\n";
    let loaded = module_of(flow, "");
    let capped = |memory_bytes| Policy::default().limits(Limits { memory_bytes, ..Limits::default() });
    let inputs = [("n", integer(100_000))];
    std::thread::scope(|scope| {
        let small = scope.spawn(|| go(&loaded, &inputs, &capped(1 << 20), &NoHost).unwrap());
        let large = scope.spawn(|| go(&loaded, &inputs, &capped(64 << 20), &NoHost).unwrap());
        let small = small.join().unwrap();
        assert_eq!(small.outcome().clone(), Outcome::Limit(Limit::Memory));
        assert!(small.execution.peak_memory <= 1 << 20);
        assert!(matches!(large.join().unwrap().outcome().clone(), Outcome::Success(_)));
    });
}

#[test]
fn time_and_cancellation_end_a_run() {
    let loaded = module_of(COUNT, "");
    let inputs = [("n", integer(i64::MAX))];
    let limits = Limits { wall_time: Some(Duration::from_millis(5)), fuel: u64::MAX, ..Limits::default() };
    let policy = Policy::default().limits(limits);
    assert_eq!(
        go(&loaded, &inputs, &policy, &NoHost).unwrap().outcome().clone(),
        Outcome::Limit(Limit::Time)
    );
    let token = CancellationToken::new();
    let policy = Policy::default().limits(Limits { fuel: u64::MAX, ..Limits::default() });
    let asked = Request { cancellation: Some(token.clone()), ..request(&inputs) };
    let environment =
        Environment { policy: &policy, host: &NoHost, observer: &anrf_runtime::NoObserver, hooks: &[] };
    std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&loaded, asked.clone(), &environment).unwrap());
        std::thread::sleep(Duration::from_millis(5));
        token.cancel();
        assert_eq!(running.join().unwrap().outcome().clone(), Outcome::Limit(Limit::Cancelled));
    });
}

#[test]
fn everything_works_on_a_small_stack() {
    let flow = "  - step: base\n    operation: return\n    when: \"n <= 0\"\n    parameters: { r: \"0\" }\n  - step: deeper\n    operation: call\n    parameters: { function: f, arguments: { n: \"n - 1\" }, bind: rest }\n  - step: done\n    operation: return\n    parameters: { r: \"rest.r + 1\" }\n";
    let loaded = module_of(flow, "decreases: \"MAX(n, 0)\"\n");
    let deep = std::thread::Builder::new().stack_size(256 << 10);
    let outcome = std::thread::scope(|scope| {
        let running = deep.spawn_scoped(scope, || {
            let ends = |n, depth| {
                let policy = Policy::default().limits(Limits { depth, ..Limits::default() });
                go(&loaded, &[("n", integer(n))], &policy, &NoHost).unwrap().outcome().clone()
            };
            assert_eq!(ends(50_000, 50_001), Outcome::Success(vec![("r".into(), integer(50_000))]));
            ends(50_000, 50_000)
        });
        running.unwrap().join().unwrap()
    });
    assert_eq!(outcome, Outcome::Limit(Limit::Depth));
}

const ORDER: &str = r#"
types:
  Line: { fields: { name: string, price: decimal }, constraints: ["price >= 0"] }
  Order: { fields: { id: string, lines: "array<Line>" } }
functions:
  - node_id: count_lines_v1
    type: data_transform
    intent: Count.
    inputs: { order: Order, step: { type: integer, default: 1, constraints: ["step > 0"] } }
    outputs: { success: { r: integer } }
    contracts: { preconditions: ["LEN(order.lines) > 0"] }
    flow:
      - step: done
        operation: return
        parameters: { r: "LEN(order.lines) + step - 1" }
"#;

fn order(lines: Vec<Value>) -> Value {
    Value::Record(vec![("id".into(), text("o1")), ("lines".into(), Value::Array(lines))])
}

fn line(price: Value) -> Value {
    Value::Record(vec![("name".into(), text("bolt")), ("price".into(), price)])
}

fn decimal(value: i64) -> Value {
    Value::Decimal(anrf_format::decimal::Decimal::from_i64(value))
}

#[test]
fn a_wrong_input_is_named_by_its_path() {
    let loaded = load(ORDER);
    let refused = |inputs: &[(&str, Value)]| go(&loaded, inputs, &Policy::default(), &NoHost).unwrap_err();
    let error = refused(&[("order", order(vec![line(decimal(1)), line(text("2"))]))]);
    assert_eq!(error.code, &codes::INPUT_TYPE);
    assert_eq!(error.message, "`order.lines[1].price`: expected decimal, found string");
    let error = refused(&[]);
    assert_eq!((error.code, &*error.message), (&codes::INPUT_NAME, "the input `order` is missing"));
    let error = refused(&[("order", order(vec![])), ("other", integer(1))]);
    assert_eq!(error.code, &codes::INPUT_NAME);
}

#[test]
fn entry_conditions_are_checked() {
    let loaded = load(ORDER);
    let kind = |inputs: &[(&str, Value)]| match simply(&loaded, inputs) {
        Outcome::Fault(fault) => fault.kind,
        other => panic!("{other:?}"),
    };
    let good = ("order", order(vec![line(decimal(1))]));
    assert_eq!(
        simply(&loaded, std::slice::from_ref(&good)),
        Outcome::Success(vec![("r".into(), integer(1))])
    );
    assert_eq!(kind(&[("order", order(vec![line(decimal(-1))]))]), FaultKind::ConstraintViolation);
    assert_eq!(kind(&[good, ("step", integer(0))]), FaultKind::ConstraintViolation);
    assert_eq!(kind(&[("order", order(vec![]))]), FaultKind::PreconditionViolation);
}

#[test]
fn a_fault_names_its_step_and_values() {
    let flow = "  - step: square\n    operation: compute\n    parameters: { s: \"n * n\" }\n  - step: done\n    operation: return\n    parameters: { r: s }\n";
    let Outcome::Fault(fault) = simply(&module_of(flow, ""), &[("n", integer(i64::MAX))]) else { panic!() };
    assert_eq!(
        (fault.kind, &*fault.function, fault.step.as_deref()),
        (FaultKind::Overflow, "f_v1", Some("square"))
    );
    assert_eq!(fault.values.first(), Some(&("n".to_owned(), integer(i64::MAX))));
    assert!(fault.span.end > fault.span.start);
}

#[test]
fn contracts_are_checked_as_the_policy_says() {
    let flow = "  - step: done\n    operation: return\n    parameters: { r: \"n + 1\" }\n";
    let loaded = module_of(flow, "contracts: { postconditions: [\"r < 10\"] }\n");
    let with = |contract_checks, n| {
        let policy = Policy { contract_checks, ..Policy::default() };
        go(&loaded, &[("n", integer(n))], &policy, &NoHost).unwrap()
    };
    let (checked, unchecked) = (with(ContractChecks::Unproved, 5), with(ContractChecks::Never, 5));
    assert_eq!(checked.outcome().clone(), unchecked.outcome().clone());
    assert_eq!(checked.execution.fuel, unchecked.execution.fuel);
    assert!(checked.execution.contract_units > 0 && unchecked.execution.contract_units == 0);
    let broken = with(ContractChecks::Always, 9).outcome().clone();
    assert!(matches!(broken, Outcome::Fault(fault) if fault.kind == FaultKind::PostconditionViolation));
    assert!(matches!(with(ContractChecks::Never, 9).outcome().clone(), Outcome::Success(_)));
}

const CHARGE: &str = r#"
host:
  charge_card:
    capability: network.stripe
    inputs: { token: string, amount: decimal }
    outputs: { success: { charge_id: string }, error: { error_code: "enum[declined]", message: string } }
    contracts: { postconditions: ["LEN(charge_id) > 0"] }
    idempotent: true
functions:
  - node_id: pay_v1
    type: workflow
    intent: Pay.
    inputs: { token: string, amount: decimal }
    outputs: { success: { id: string }, error: { error_code: "enum[declined]", message: string } }
    flow:
      - step: note
        operation: log
        parameters: { level: info, message: "paying with {token}", fields: { token: token } }
      - step: charge
        operation: invoke
        parameters: { host: charge_card, arguments: { token: token, amount: amount }, bind: charged }
        error_handling: { retry: { times: 2, backoff_ms: 1 } }
      - step: done
        operation: return
        parameters: { id: charged.charge_id }
    performance: { expected_latency_ms: 0 }
    security: { capabilities_required: [network.stripe], SECURITY }
"#;

fn charge(security: &str) -> Loaded {
    load(&CHARGE.replace("SECURITY", security))
}

fn declines(times: u32) -> HostOperations {
    HostOperations::new().with("charge_card", move |request| {
        if request.attempt <= times {
            Ok(HostResponse::Error {
                error_code: "declined".into(),
                message: format!("no {:?}", request.inputs),
            })
        } else {
            Ok(HostResponse::Success(vec![("charge_id".into(), text(&format!("ch-{}", request.attempt)))]))
        }
    })
}

fn payment() -> [(&'static str, Value); 2] {
    [("token", text("tok-MARKER-77")), ("amount", decimal(5))]
}

#[test]
fn a_run_without_its_capabilities_is_denied_before_its_first_step() {
    let loaded = charge("audit_level: none");
    let denied = Outcome::Denied { capability: "network.stripe".into() };
    let ran = go(&loaded, &payment(), &Policy::default(), &declines(0)).unwrap();
    assert_eq!((ran.outcome().clone(), ran.execution.fuel, ran.execution.logs.len()), (denied.clone(), 0, 0));
    let policy = Policy::default().grant("network").deny("network.stripe");
    assert_eq!(go(&loaded, &payment(), &policy, &declines(0)).unwrap().outcome().clone(), denied);
}

#[test]
fn a_host_that_panics_has_not_answered() {
    let loaded = charge("audit_level: none");
    let policy = Policy::default().grant("network");
    let host = HostOperations::new().with("charge_card", |_| panic!("out of {}", "cards"));
    let ran = go(&loaded, &payment(), &policy, &host).unwrap();
    let Outcome::Fault(fault) = ran.outcome() else { panic!("{ran:?}") };
    assert_eq!(fault.kind, FaultKind::HostContractViolation);
    let said = format!("{:?}", ran.execution.journal);
    assert!(said.contains("the host panicked in `charge_card`: out of cards"), "{said}");
    let again = replay(&loaded, request(&payment()), &ran.execution.journal, &policy).unwrap();
    assert_eq!(again.outcome(), ran.outcome());
}

#[test]
fn a_journal_replays_exactly_without_a_host() {
    let loaded = charge("audit_level: none");
    let policy = Policy::default().grant("network");
    let ran = go(&loaded, &payment(), &policy, &declines(2)).unwrap();
    assert_eq!(ran.outcome().clone(), Outcome::Success(vec![("id".into(), text("ch-3"))]));
    let calls = ran.execution.journal.entries.iter();
    assert_eq!(calls.filter(|entry| matches!(entry, JournalEntry::Invoked { .. })).count(), 3);
    let again = replay(&loaded, request(&payment()), &ran.execution.journal, &policy).unwrap();
    assert_eq!(
        (&again.outcome().clone(), again.execution.fuel),
        (&ran.outcome().clone(), ran.execution.fuel)
    );
    assert_eq!(again.execution.journal, ran.execution.journal);
    let other = request(&[("token", text("other")), ("amount", decimal(5))]);
    assert_eq!(
        replay(&loaded, other.clone(), &ran.execution.journal, &policy).unwrap_err().code,
        &codes::JOURNAL
    );
    // The retries are not enough.
    let ran = go(&loaded, &payment(), &policy, &declines(3)).unwrap();
    assert!(matches!(ran.outcome().clone(), Outcome::Failure { error_code, .. } if error_code == "declined"));
}

#[test]
fn answers_are_not_trusted() {
    let loaded = charge("audit_level: none");
    let policy = Policy::default().grant("network");
    let answers = |fields: Fields| {
        let host =
            HostOperations::new().with("charge_card", move |_| Ok(HostResponse::Success(fields.clone())));
        go(&loaded, &payment(), &policy, &host).unwrap().outcome().clone()
    };
    for fields in [
        vec![],
        vec![("charge_id".to_owned(), integer(1))],
        vec![("charge_id".to_owned(), text(""))],
        vec![("charge_id".to_owned(), text("x")), ("more".to_owned(), text("y"))],
    ] {
        let outcome = answers(fields.clone());
        assert!(
            matches!(&outcome, Outcome::Fault(fault) if fault.kind == FaultKind::HostContractViolation),
            "{fields:?}: {outcome:?}"
        );
    }
    let absent = go(&loaded, &payment(), &policy, &NoHost).unwrap().outcome().clone();
    assert!(matches!(absent, Outcome::Fault(fault) if fault.kind == FaultKind::HostContractViolation));
}

/// What the host was asked has happened, so it is in the journal even if the journal is full with it.
#[test]
fn a_run_that_fills_its_journal_replays() {
    let loaded = charge("audit_level: none");
    let mut ended = vec![];
    for journal_bytes in (0..400).step_by(7) {
        let policy = Policy::default().grant("network").limits(Limits { journal_bytes, ..Limits::default() });
        let ran = go(&loaded, &payment(), &policy, &declines(2)).unwrap();
        let again = replay(&loaded, request(&payment()), &ran.execution.journal, &policy).unwrap();
        assert_eq!(again.outcome().clone(), ran.outcome().clone(), "{journal_bytes}");
        ended.push(ran.outcome().clone() == Outcome::Limit(Limit::Journal));
    }
    assert!(ended[0] && !ended[ended.len() - 1], "the limits reach from too little to enough");
}

#[test]
fn a_run_is_in_time_and_not_cancelled_or_no_success() {
    let loaded = module_of("  - { step: done, operation: return, parameters: { r: n } }\n", "");
    let inputs = [("n", integer(1))];
    let limits = Limits { wall_time: Some(Duration::ZERO), ..Limits::default() };
    let ran = go(&loaded, &inputs, &Policy::default().limits(limits), &NoHost).unwrap();
    assert_eq!(ran.outcome().clone(), Outcome::Limit(Limit::Time));
    let token = CancellationToken::new();
    token.cancel();
    let asked = Request { cancellation: Some(token), ..request(&inputs) };
    let policy = Policy::default();
    let environment =
        Environment { policy: &policy, host: &NoHost, observer: &anrf_runtime::NoObserver, hooks: &[] };
    assert_eq!(
        run(&loaded, asked.clone(), &environment).unwrap().outcome().clone(),
        Outcome::Limit(Limit::Cancelled)
    );
}

#[test]
fn constants_beyond_the_memory_limit_end_every_run() {
    let text = "no ".repeat(100);
    let flow =
        format!("  - {{ step: done, operation: return, parameters: {{ r: \"LEN('{text}') + n\" }} }}\n");
    let loaded = module_of(&flow, "");
    let policy = Policy::default().limits(Limits { memory_bytes: 200, ..Limits::default() });
    assert_eq!(
        go(&loaded, &[("n", integer(1))], &policy, &NoHost).unwrap().outcome().clone(),
        Outcome::Limit(Limit::Memory)
    );
}

#[test]
fn quotas_bound_what_is_exchanged() {
    let loaded = charge("audit_level: none");
    let ends = |limits| {
        let policy = Policy::default().grant("network").limits(limits);
        go(&loaded, &payment(), &policy, &declines(2)).unwrap().outcome().clone()
    };
    assert_eq!(ends(Limits { host_calls: 2, ..Limits::default() }), Outcome::Limit(Limit::Io));
    assert_eq!(ends(Limits { host_bytes: 40, ..Limits::default() }), Outcome::Limit(Limit::Io));
    assert_eq!(ends(Limits { journal_bytes: 30, ..Limits::default() }), Outcome::Limit(Limit::Journal));
}

/// Keeps everything it hears as text.
#[derive(Default)]
struct Listener {
    heard: Mutex<Vec<String>>,
}

impl Observer for Listener {
    fn event(&self, event: Event<'_>) {
        self.heard.lock().unwrap().push(format!("{event:?}"));
    }

    fn measure(&self, measurement: Measurement<'_>) {
        self.heard.lock().unwrap().push(format!("{measurement:?}"));
    }
}

#[test]
fn a_marker_in_a_sensitive_input_appears_nowhere() {
    let loaded = charge("sensitive_data: true, audit_level: detailed");
    let policy = Policy { audit_level: AuditLevel::Detailed, ..Policy::default().grant("network") };
    for declined in [0, 1, 9] {
        let listener = Listener::default();
        let host = declines(declined);
        let environment = Environment { policy: &policy, host: &host, observer: &listener, hooks: &[] };
        let ran = run(&loaded, request(&payment()), &environment).unwrap();
        let everything = format!("{ran:?} {:?}", listener.heard.lock().unwrap());
        assert!(!everything.contains("MARKER"), "{everything}");
        assert!(everything.contains("[redacted]"));
    }
    // Without it, the record says what was given.
    let ran = go(&charge("audit_level: detailed"), &payment(), &policy, &declines(0)).unwrap();
    assert!(format!("{:?}", ran.execution.audit).contains("MARKER"));
}

#[test]
fn audit_records_keep_what_their_level_says() {
    let record = |level: &str| {
        let policy = Policy::default().grant("network").actor("ada");
        let ran = go(&charge(&format!("audit_level: {level}")), &payment(), &policy, &declines(0)).unwrap();
        ran.execution.audit
    };
    assert!(record("none").is_none());
    let basic = record("basic").unwrap();
    assert_eq!((basic.actor.as_deref(), &*basic.node_id, &basic.inputs), (Some("ada"), "pay_v1", &None));
    assert_eq!(basic.outcome, AuditOutcome::Kind("success".into()));
    let detailed = record("detailed").unwrap();
    assert!(detailed.inputs.is_some() && matches!(detailed.outcome, AuditOutcome::Whole(_)));
}

#[test]
fn observers_hear_of_runs_and_metrics() {
    let loaded = charge("audit_level: basic");
    let listener = Listener::default();
    let policy = Policy::default().grant("network");
    let host = declines(9);
    let environment = Environment { policy: &policy, host: &host, observer: &listener, hooks: &[] };
    run(&loaded, request(&payment()), &environment).unwrap();
    let heard = listener.heard.into_inner().unwrap();
    for expected in [
        "Started",
        "Logged",
        "Invoked",
        "Slow",
        "Audited",
        "Finished",
        "anrf.executions.total",
        "anrf.execution.duration_ms",
        "anrf.executions.errors",
    ] {
        assert!(heard.iter().any(|line| line.contains(expected)), "{expected}: {heard:#?}");
    }
}

/// Refuses a negative number before, and a result of 0 after.
struct Suspicious;

impl Hook for Suspicious {
    fn before(&self, _: &Module, _: &Function, inputs: &Fields) -> Result<(), String> {
        if inputs.iter().any(|(_, value)| *value < integer(0)) { Err("negative".into()) } else { Ok(()) }
    }

    fn after(&self, _: &Module, _: &Function, execution: &Execution) -> Result<(), String> {
        if execution.outcome == Outcome::Success(vec![("r".into(), integer(0))]) {
            Err("zero".into())
        } else {
            Ok(())
        }
    }
}

#[test]
fn hooks_can_refuse_before_and_after() {
    let loaded = module_of(COUNT, "");
    let policy = Policy::default();
    let hooks: [&dyn Hook; 1] = [&Suspicious];
    let environment =
        Environment { policy: &policy, host: &NoHost, observer: &anrf_runtime::NoObserver, hooks: &hooks };
    let ran = |n| run(&loaded, request(&[("n", integer(n))]), &environment);
    assert_eq!(ran(-1).unwrap_err().message, "negative");
    assert_eq!(ran(0).unwrap_err().message, "zero");
    assert!(ran(5).is_ok());
}

#[test]
fn state_changes_only_on_success() {
    let loaded = load(
        "state: { total: { type: integer, initial: 0, constraints: [\"total >= 0\"] } }\nfunctions:\n  - node_id: add_v1\n    type: event_handler\n    intent: Add.\n    state: [total]\n    inputs: { n: integer }\n    outputs: { success: { r: integer }, error: { error_code: \"enum[odd]\", message: string } }\n    flow:\n      - step: add\n        operation: update\n        parameters: { total: \"total + n\" }\n      - step: even\n        operation: require\n        parameters: { condition: \"n % 2 == 0\", fail: odd, message: \"{n}\" }\n      - step: done\n        operation: return\n        parameters: { r: total }\n",
    );
    let ran = |n, before| {
        let asked =
            Request { state: vec![("total".into(), integer(before))], ..request(&[("n", integer(n))]) };
        let environment = Environment {
            policy: &Policy::default(),
            host: &NoHost,
            observer: &anrf_runtime::NoObserver,
            hooks: &[],
        };
        let ran = run(&loaded, asked.clone(), &environment).unwrap();
        (ran.outcome().clone().kind(), ran.state().clone())
    };
    let total = |value| vec![("total".to_owned(), integer(value))];
    assert_eq!(ran(4, 10), ("success", total(14)));
    assert_eq!(ran(3, 10), ("failure", total(10)));
    assert_eq!(ran(-12, 10), ("fault", total(10)));
    assert_eq!(ran(0, -1), ("fault", total(-1)));
}
