//! How fast the machine is, for whoever changes it: `cargo test --release -- --ignored --nocapture speed`.

use std::time::Instant;

use anrf_format::execution::Access;
use anrf_format::types::{Type, TypeTable};

use super::*;

/// Sieve of Eratosthenes over `n` flags: how many primes are below `n`.
fn sieve() -> Module {
    let mut types = TypeTable::default();
    let array = types.intern(Type::Array(B));
    let mut b = body(&[I], &[I]);
    let n = ValueId(0);
    let (zero, one, two) = (b.number(ENTRY, 0), b.number(ENTRY, 1), b.number(ENTRY, 2));
    let (region, entry, _) = b.region(&[I]);
    let yes = b.op(entry, B, Op::Immediate(1));
    b.end(entry, Terminator::Yield(vec![yes]));
    let flags = b.op(
        ENTRY,
        array,
        Op::Fold(anrf_format::execution::Fold::Array, anrf_format::execution::Domain::Range(zero, n), region),
    );
    let (head, state) = b.block(&[array, I, I]);
    let (test, _) = b.block(&[]);
    let (prime, _) = b.block(&[]);
    let (mark_head, marking) = b.block(&[array, I]);
    let (mark, _) = b.block(&[]);
    let (marked, _) = b.block(&[]);
    let (next, after) = b.block(&[array, I]);
    let (done, _) = b.block(&[]);
    b.end(ENTRY, Terminator::Jump(to(head, &[flags, zero, two])));
    b.effect(head, Op::Charge(1));
    let more = b.compare(head, Comparison::Less, state[2], n);
    b.end(head, Terminator::Branch(more, to(test, &[]), to(done, &[])));
    b.effect(test, Op::Charge(1));
    b.effect(test, Op::Check(Check::Index, vec![state[0], state[2]], OB));
    let flag = b.op(test, B, Op::Element(state[0], state[2], Access::Read));
    b.end(test, Terminator::Branch(flag, to(prime, &[]), to(next, &[state[0], state[1]])));
    b.effect(prime, Op::Charge(2));
    let found = b.checked(prime, Arithmetic::Add, state[1], one);
    let start = b.checked(prime, Arithmetic::Multiply, state[2], state[2]);
    b.end(prime, Terminator::Jump(to(mark_head, &[state[0], start])));
    b.effect(mark_head, Op::Charge(1));
    let more = b.compare(mark_head, Comparison::Less, marking[1], n);
    b.end(mark_head, Terminator::Branch(more, to(mark, &[]), to(marked, &[])));
    b.effect(mark, Op::Charge(3));
    let no = b.op(mark, B, Op::Immediate(0));
    b.effect(mark, Op::Check(Check::Index, vec![marking[0], marking[1]], OB));
    let changed = b.op(mark, array, Op::WithElement(marking[0], marking[1], no));
    let further = b.checked(mark, Arithmetic::Add, marking[1], state[2]);
    b.end(mark, Terminator::Repeat { target: to(mark_head, &[changed, further]), mark: None });
    b.end(marked, Terminator::Jump(to(next, &[marking[0], found])));
    b.effect(next, Op::Charge(1));
    let index = b.checked(next, Arithmetic::Add, state[2], one);
    b.end(next, Terminator::Repeat { target: to(head, &[after[0], after[1], index]), mark: None });
    b.returns(done, &[state[1]]);
    Module { types, ..module(vec![b]) }
}

#[test]
fn the_sieve_finds_primes() {
    assert_eq!(result(&sieve(), &[100]), 25);
    assert_eq!(result(&sieve(), &[10_000]), 1_229);
}

#[test]
#[ignore = "measures"]
fn speed() {
    let sum = module(vec![counting(|b, block, sum, index| b.checked(block, Arithmetic::Add, sum, index))]);
    for (name, program, argument) in
        [("fib", fibonacci(), 30), ("sieve", sieve(), 2_000_000), ("sum", sum, 30_000_000)]
    {
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let start = Instant::now();
            let value = result(&program, &[argument]);
            best = best.min(start.elapsed().as_secs_f64());
            assert!(value > 0);
        }
        eprintln!("{name}({argument}): {:.1} ms", best * 1_000.0);
    }
}
