//! Each limit ends a run at the same point every time.

use super::*;
use crate::stop::Limit;

fn sum() -> Module {
    module(vec![counting(|b, block, sum, index| b.checked(block, Arithmetic::Add, sum, index))])
}

fn with(module: &Module, argument: u64, budget: Budget) -> Outcome {
    run_with(module, 0, &[argument], budget)
}

#[test]
fn fuel_is_exact() {
    // 2 on entry, 1 per test, 3 per iteration.
    let needed = 2 + 11 + 30;
    let enough = with(&sum(), 10, Budget { fuel: needed, ..PLENTY });
    assert!(matches!(enough.halt, Halt::Return(_)));
    assert_eq!(enough.fuel, needed);
    let short = with(&sum(), 10, Budget { fuel: needed - 1, ..PLENTY });
    assert!(matches!(short.halt, Halt::Limit(Limit::Fuel)));
    // The last test was not paid.
    assert_eq!(short.fuel, needed - 1);
}

#[test]
fn fuel_is_exact_over_many_slices() {
    let needed = 2 + 100_001 + 300_000;
    assert_eq!(with(&sum(), 100_000, PLENTY).fuel, needed);
    assert!(matches!(with(&sum(), 100_000, Budget { fuel: needed, ..PLENTY }).halt, Halt::Return(_)));
    assert!(matches!(
        with(&sum(), 100_000, Budget { fuel: needed - 1, ..PLENTY }).halt,
        Halt::Limit(Limit::Fuel)
    ));
}

#[test]
fn depth_counts_calls_inside_calls() {
    let fib = fibonacci();
    assert!(matches!(with(&fib, 10, Budget { depth: 10, ..PLENTY }).halt, Halt::Return(_)));
    assert!(matches!(with(&fib, 10, Budget { depth: 9, ..PLENTY }).halt, Halt::Limit(Limit::Depth)));
}

#[test]
fn registers_count_as_memory() {
    let fib = fibonacci();
    let budget = Budget { depth: 100_000_000, memory: 4 << 20, ..PLENTY };
    assert!(matches!(with(&fib, 10_000_000, budget).halt, Halt::Limit(Limit::Memory)));
}

#[test]
fn time_and_cancellation_end_endless_work() {
    let program = sum();
    let compiled = compile(&program).unwrap();
    for (deadline, cancel, expected) in
        [(Some(std::time::Instant::now()), false, Limit::Time), (None, true, Limit::Cancelled)]
    {
        let token = crate::CancellationToken::new();
        let mut meter = Meter::new(u64::MAX, 0);
        meter.watch(deadline, Some(token.clone()));
        if cancel {
            token.cancel();
        }
        let mut machine = Machine::new(&compiled, &program, Memory::new(1 << 20), meter);
        let halt = machine.run(&mut NoEffects, 0, &[u64::MAX >> 1]);
        assert!(matches!(halt, Halt::Limit(limit) if limit == expected), "{halt:?}");
    }
}

/// Appends a string to a string in each iteration and throws the result away; `keep` keeps the last.
fn strings(keep: bool) -> Module {
    let mut b = body(&[I], &[S]);
    let empty = b.op(ENTRY, S, Op::Constant(0));
    let zero = b.number(ENTRY, 0);
    let mark = b.op(ENTRY, I, Op::Mark);
    let (head, state) = b.block(&[S, I]);
    let (inside, _) = b.block(&[]);
    let (after, _) = b.block(&[]);
    b.end(ENTRY, Terminator::Jump(to(head, &[empty, zero])));
    let more = b.compare(head, Comparison::Less, state[1], ValueId(0));
    b.end(head, Terminator::Branch(more, to(inside, &[]), to(after, &[])));
    let text = b.op(inside, S, Op::Constant(1));
    b.effect(inside, Op::Share(text));
    let next = b.op(inside, S, Op::Concat(if keep { state[0] } else { text }, text));
    let one = b.number(inside, 1);
    let index = b.checked(inside, Arithmetic::Add, state[1], one);
    b.end(inside, Terminator::Repeat { target: to(head, &[next, index]), mark: Some(mark) });
    b.returns(after, &[state[0]]);
    let mut program = module(vec![b]);
    let string = |text: &str| (S, anrf_format::value::Value::String(text.into()));
    program.execution.constants = vec![string(""), string("héllo wörld")];
    program
}

#[test]
fn a_loop_that_makes_temporaries_stays_small() {
    let outcome = with(&strings(false), 1_000_000, Budget { memory: 1 << 20, ..PLENTY });
    assert!(matches!(outcome.halt, Halt::Return(_)), "{:?}", outcome.halt);
    assert_eq!(outcome.text, "héllo wörldhéllo wörld");
    assert!(outcome.peak < 256 << 10, "{}", outcome.peak);
}

#[test]
fn a_loop_that_keeps_everything_ends_at_the_cap() {
    let outcome = with(&strings(true), 10_000, PLENTY);
    assert_eq!(outcome.text, "héllo wörld".repeat(10_000));
    let outcome = with(&strings(true), 1_000_000, Budget { memory: 1 << 20, ..PLENTY });
    assert!(matches!(outcome.halt, Halt::Limit(Limit::Memory)));
    assert!(outcome.peak <= 1 << 20);
}
