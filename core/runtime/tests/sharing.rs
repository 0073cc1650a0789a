//! Updates in place change nothing but the cost, and leaving contracts out not even that: random modules run
//! as lowering made them, with every update forced to copy, and without contracts.

#![allow(clippy::unwrap_used)] // a test may fail

#[path = "../../language/tests/lower_trees/mod.rs"]
mod lower_trees;

use std::sync::Arc;

use anrf_format::execution::{Access, Execution as Code, Instruction, Op};
use anrf_format::module::Module;
use anrf_format::source_map::FunctionMap;
use anrf_format::value::Value;
use anrf_language::lowering::lower_semantic;
use anrf_runtime::{
    ContractChecks, Environment, Host, HostError, HostRequest, HostResponse, Interpreter, Limits, Loaded,
    NoObserver, Outcome, Policy, Ran, Request, run,
};
use lower_trees::random::{Random, module};

/// Answers by what it is asked.
struct Asked;

impl Host for Asked {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let number = match request.inputs.first() {
            Some((_, Value::Integer(number))) => *number,
            _ => 0,
        };
        let failure = |code: &str| HostResponse::Error { error_code: code.into(), message: "not now".into() };
        Ok(match (number.rem_euclid(5), request.attempt) {
            (1, 1) | (2, _) => failure("busy"),
            (3, _) => failure("gone"),
            _ => HostResponse::Success(vec![("value".into(), Value::Integer(number.rem_euclid(7)))]),
        })
    }

    fn wait(&self, _: u64) {}
}

fn loaded(seed: u64, change: impl Fn(&mut Code)) -> Loaded {
    let tree = module(seed);
    let (mut execution, maps) = lower_semantic(&tree.types, &tree.semantic).unwrap();
    change(&mut execution);
    let mut made = Module { types: tree.types, semantic: tree.semantic, execution, ..Module::default() };
    made.meta.functions = vec![Default::default(); made.semantic.functions.len()];
    made.source_map.functions = vec![FunctionMap::default(); made.semantic.functions.len()];
    made.source_map.execution = maps;
    Loaded::new(&Interpreter, &Arc::new(made)).unwrap()
}

/// Everything that could be updated in place is shared first, and every read marks what it reads.
fn always_copy(code: &mut Code) {
    for block in code.functions.iter_mut().flat_map(|function| &mut function.blocks) {
        if block.region.is_some() {
            continue;
        }
        let mut position = 0;
        while let Some(instruction) = block.instructions.get_mut(position) {
            match &mut instruction.op {
                Op::Field(.., access)
                | Op::Element(.., access)
                | Op::Lookup(.., access)
                | Op::Payload(_, access)
                | Op::CaseField(.., access)
                | Op::StateRead(_, access) => *access = Access::Read,
                Op::WithField(base, ..)
                | Op::WithElement(base, ..)
                | Op::WithEntry(base, ..)
                | Op::WithMember(base, _)
                | Op::Without(base, _)
                | Op::Concat(base, _) => {
                    let share = Instruction { op: Op::Share(*base), result: None };
                    block.instructions.insert(position, share);
                    position += 1;
                }
                _ => {}
            }
            position += 1;
        }
    }
}

fn integer(random: &mut Random) -> Value {
    Value::Integer(random.below(6) as i64)
}

fn integers(random: &mut Random) -> Value {
    Value::Array((0..3 + random.below(4)).map(|_| integer(random)).collect())
}

fn point(random: &mut Random) -> Value {
    Value::Record(vec![
        ("x".into(), Value::Integer(1 + random.below(5) as i64)),
        ("xs".into(), integers(random)),
        ("light".into(), Value::Enum(["red", "green"][random.below(2)].into())),
    ])
}

fn request(function: u32, random: &mut Random) -> Request {
    let rows = (0..3 + random.below(3)).map(|_| integers(random)).collect();
    let points = (0..3 + random.below(3)).map(|_| point(random)).collect();
    let shape = match random.below(3) {
        0 => Value::Variant("circle".into(), vec![("r".into(), integer(random))]),
        1 => {
            Value::Variant("row".into(), vec![("xs".into(), integers(random)), ("n".into(), integer(random))])
        }
        _ => Value::Variant("dot".into(), vec![]),
    };
    let inputs = vec![
        ("n".into(), Value::Integer(1 + random.below(5) as i64)),
        ("xs".into(), integers(random)),
        ("m".into(), Value::Array(rows)),
        ("p".into(), point(random)),
        ("s".into(), shape),
        ("ps".into(), Value::Array(points)),
        ("text".into(), Value::String("abcdefgh".into())),
    ];
    let state = vec![
        ("total".into(), integer(random)),
        ("spot".into(), point(random)),
        ("row".into(), integers(random)),
    ];
    Request { function, inputs, state, id: Some("test".into()), cancellation: None }
}

fn go(loaded: &Loaded, request: &Request, contracts: ContractChecks) -> Ran {
    let limits = Limits {
        fuel: 200_000,
        contract_budget: 10_000_000,
        depth: 30,
        host_calls: 1_000,
        ..Limits::default()
    };
    let mut policy = Policy::default().grant("network").limits(limits);
    policy.contract_checks = contracts;
    let environment = Environment { policy: &policy, host: &Asked, observer: &NoObserver, hooks: &[] };
    run(loaded, request.clone(), &environment).unwrap()
}

#[test]
fn updates_in_place_are_not_seen() {
    let (mut compared, mut succeeded) = (0, 0);
    for seed in 0..400 {
        let (plain, copying) = (loaded(seed, |_| ()), loaded(seed, always_copy));
        let mut random = Random(seed);
        for index in 0..12 {
            let request = request(index % 3, &mut random);
            let one = go(&plain, &request, ContractChecks::Always);
            let other = go(&copying, &request, ContractChecks::Always);
            // Copies cost fuel and memory.
            if matches!(one.outcome().clone(), Outcome::Limit(_))
                || matches!(other.outcome().clone(), Outcome::Limit(_))
            {
                continue;
            }
            compared += 1;
            succeeded += usize::from(matches!(one.outcome().clone(), Outcome::Success(_)));
            assert_eq!(one.outcome().clone(), other.outcome().clone(), "module {seed}, request {index}");
            assert_eq!(one.state().clone(), other.state().clone(), "module {seed}, request {index}");
            assert!(one.execution.fuel <= other.execution.fuel, "module {seed}, request {index}");
        }
    }
    assert!(compared > 2_000 && succeeded > 200, "{compared} compared, {succeeded} succeeded");
}

#[test]
fn contracts_cost_no_fuel() {
    let mut compared = 0;
    for seed in 0..400 {
        let plain = loaded(seed, |_| ());
        let mut random = Random(seed);
        for index in 0..12 {
            let request = request(index % 3, &mut random);
            let checked = go(&plain, &request, ContractChecks::Always);
            let unchecked = go(&plain, &request, ContractChecks::Never);
            if !matches!(checked.outcome().clone(), Outcome::Success(_) | Outcome::Failure { .. }) {
                continue;
            }
            compared += 1;
            assert_eq!(
                checked.outcome().clone(),
                unchecked.outcome().clone(),
                "module {seed}, request {index}"
            );
            assert_eq!(checked.state().clone(), unchecked.state().clone(), "module {seed}, request {index}");
            assert_eq!(checked.execution.fuel, unchecked.execution.fuel, "module {seed}, request {index}");
        }
    }
    assert!(compared > 400, "{compared} compared");
}
