//! Contracts, ghost code and folds.

use anrf_format::execution::{Domain, Fold};
use anrf_format::semantic::{Aggregate, Quantifier};
use anrf_format::types::{Type, TypeTable};

use super::*;
use crate::stop::Limit;

/// A fold over `0..n`; `inside` ends the region's entry block.
fn fold(fold: Fold, type_id: TypeId, inside: impl FnOnce(&mut Builder, BlockId, ValueId)) -> Module {
    let mut b = body(&[I], &[type_id]);
    let zero = b.number(ENTRY, 0);
    let (region, entry, element) = b.region(&[I]);
    inside(&mut b, entry, element[0]);
    let value = b.op(ENTRY, type_id, Op::Fold(fold, Domain::Range(zero, ValueId(0)), region));
    b.returns(ENTRY, &[value]);
    module(vec![b])
}

#[test]
fn quantifiers_stop_early() {
    let below = |quantifier, limit: i64| {
        fold(Fold::Quantifier(quantifier), B, |b, block, element| {
            b.effect(block, Op::Charge(1));
            let limit = b.number(block, limit);
            let holds = b.compare(block, Comparison::Less, element, limit);
            b.end(block, Terminator::Yield(vec![holds]));
        })
    };
    for (quantifier, limit, n, expected, visited) in [
        (Quantifier::Forall, 5, 5, 1, 5),
        (Quantifier::Forall, 5, 100, 0, 6),
        (Quantifier::Forall, 5, 0, 1, 0),
        (Quantifier::Exists, 5, 100, 1, 1),
        (Quantifier::Exists, 0, 100, 0, 100),
    ] {
        let outcome = run(&below(quantifier, limit), &[n]);
        assert!(matches!(&outcome.halt, Halt::Return(values) if values == &[expected]), "{:?}", outcome.halt);
        // One for the fold and one for the block, each element.
        assert_eq!(outcome.fuel, 2 * visited);
    }
}

#[test]
fn aggregates_aggregate() {
    for (aggregate, n, expected) in [
        (Aggregate::Sum, 10, 45),
        (Aggregate::Count, 10, 10),
        (Aggregate::Min, 10, 0),
        (Aggregate::Max, 10, 9),
        (Aggregate::Sum, 0, 0),
    ] {
        let program = fold(Fold::Aggregate(aggregate, OB), I, |b, block, element| {
            b.end(block, Terminator::Yield(vec![element]));
        });
        assert_eq!(result(&program, &[n]), expected, "{aggregate:?}");
    }
    for aggregate in [Aggregate::Min, Aggregate::Max] {
        let program = fold(Fold::Aggregate(aggregate, OB), I, |b, block, element| {
            b.end(block, Terminator::Yield(vec![element]));
        });
        assert_eq!(fault(&program, &[0]), FaultKind::InvalidArgument);
    }
}

#[test]
fn skipped_elements_are_left_out() {
    let program = fold(Fold::Aggregate(Aggregate::Sum, OB), I, |b, block, element| {
        let two = b.number(block, 2);
        let odd = b.op(block, I, Op::Arithmetic(Arithmetic::Remainder, element, two));
        let zero = b.number(block, 0);
        let is_even = b.compare(block, Comparison::Equal, odd, zero);
        let region = Some(RegionId(0));
        let (take, _) = b.block_in(region, &[]);
        let (skip, _) = b.block_in(region, &[]);
        b.end(block, Terminator::Branch(is_even, to(take, &[]), to(skip, &[])));
        b.end(take, Terminator::Yield(vec![element]));
        b.end(skip, Terminator::Skip);
    });
    assert_eq!(result(&program, &[10]), 20);
}

#[test]
fn folds_nest() {
    // SUM(SUM(i * j FOR j IN 0..n) FOR i IN 0..n)
    let mut b = body(&[I], &[I]);
    let zero = b.number(ENTRY, 0);
    let (outer, outer_entry, i) = b.region(&[I]);
    let (inner, inner_entry, j) = b.region(&[I]);
    let product = b.checked(inner_entry, Arithmetic::Multiply, i[0], j[0]);
    b.end(inner_entry, Terminator::Yield(vec![product]));
    let sum = Fold::Aggregate(Aggregate::Sum, OB);
    let row = b.op(outer_entry, I, Op::Fold(sum, Domain::Range(zero, ValueId(0)), inner));
    b.end(outer_entry, Terminator::Yield(vec![row]));
    let total = b.op(ENTRY, I, Op::Fold(sum, Domain::Range(zero, ValueId(0)), outer));
    b.returns(ENTRY, &[total]);
    assert_eq!(result(&module(vec![b]), &[10]), 45 * 45);
}

/// A postcondition that sums `0..n` over unbounded integers and compares with `limit`.
fn contract(limit: i64) -> Module {
    let mut b = body(&[I], &[I]);
    b.effect(ENTRY, Op::Charge(1));
    let (region, entry, _) = b.region(&[]);
    let (inner, inner_entry, element) = b.region(&[U]);
    b.end(inner_entry, Terminator::Yield(vec![element[0]]));
    b.effect(entry, Op::Charge(5));
    let zero = b.op(entry, U, Op::Immediate(0));
    let n = b.op(entry, U, Op::Widen(ValueId(0)));
    let sum = b.op(entry, U, Op::Fold(Fold::Aggregate(Aggregate::Sum, OB), Domain::Range(zero, n), inner));
    let limit = b.op(entry, U, Op::Immediate(limit));
    let holds = b.op(entry, B, Op::Compare(Comparison::Less, sum, limit));
    b.end(entry, Terminator::Yield(vec![holds]));
    b.effect(ENTRY, Op::Contract(FaultKind::PostconditionViolation, region, OB));
    b.effect(ENTRY, Op::Charge(1));
    b.returns(ENTRY, &[ValueId(0)]);
    module(vec![b])
}

#[test]
fn contracts_charge_their_own_budget() {
    let outcome = run(&contract(1_000), &[10]);
    assert!(matches!(outcome.halt, Halt::Return(_)));
    assert_eq!((outcome.fuel, outcome.contract), (2, 5 + 10));
    assert_eq!(fault(&contract(45), &[10]), FaultKind::PostconditionViolation);
    let outcome = run_with(&contract(45), 0, &[10], Budget { checks: false, ..PLENTY });
    assert!(matches!(outcome.halt, Halt::Return(_)));
    assert_eq!((outcome.fuel, outcome.contract), (2, 0));
    let outcome = run_with(&contract(1_000), 0, &[10], Budget { contract: 14, ..PLENTY });
    assert!(matches!(outcome.halt, Halt::Limit(Limit::Contract)));
}

#[test]
fn ghost_code_does_not_change_what_was_there() {
    // The contract updates the array that the body still uses.
    let mut types = TypeTable::default();
    let array = types.intern(Type::Array(I));
    let mut b = body(&[], &[I]);
    let (zero, one) = (b.number(ENTRY, 0), b.number(ENTRY, 1));
    let xs = b.op(ENTRY, array, Op::NewArray(vec![one]));
    let (region, entry, _) = b.region(&[]);
    let nine = b.number(entry, 9);
    let changed = b.op(entry, array, Op::WithElement(xs, zero, nine));
    b.effect(entry, Op::Share(xs));
    let x = b.op(entry, I, Op::Element(changed, zero, anrf_format::execution::Access::Read));
    let holds = b.compare(entry, Comparison::Equal, x, nine);
    b.end(entry, Terminator::Yield(vec![holds]));
    b.effect(ENTRY, Op::Contract(FaultKind::AssertionViolation, region, OB));
    // In place again, since the mark of the ghost code did not count.
    let ys = b.op(ENTRY, array, Op::WithElement(xs, one, nine));
    let x = b.op(ENTRY, I, Op::Element(ys, zero, anrf_format::execution::Access::Read));
    b.returns(ENTRY, &[x]);
    let outcome = run(&Module { types, ..module(vec![b]) }, &[]);
    assert!(matches!(outcome.halt, Halt::Return(values) if values == [1]));
    assert_eq!(outcome.fuel, 1);
}

#[test]
fn a_condition_becomes_one_fault_of_the_caller() {
    let mut caller = body(&[I], &[I]);
    caller.effect(ENTRY, Op::CheckCall(1, vec![ValueId(0)], OB));
    caller.returns(ENTRY, &[ValueId(0)]);
    let mut condition = Builder::new(Role::Entry(1), &[I], &[]);
    let (region, entry, _) = condition.region(&[]);
    let ten = condition.number(entry, 10);
    let holds = condition.compare(entry, Comparison::Less, ValueId(0), ten);
    condition.end(entry, Terminator::Yield(vec![holds]));
    condition.effect(ENTRY, Op::Contract(FaultKind::PreconditionViolation, region, OB));
    condition.returns(ENTRY, &[]);
    let program = module(vec![caller, condition]);
    assert_eq!(result(&program, &[9]), 9);
    let Halt::Fault(report) = run(&program, &[10]).halt else { panic!("no fault") };
    assert_eq!((report.kind, report.function), (FaultKind::CallPreconditionViolation, 0));
    assert_eq!(report.cause.map(|(function, _)| function), Some(1));
}
