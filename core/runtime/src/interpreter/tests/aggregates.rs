//! Records, arrays, strings: updates in place and copies.

use anrf_format::execution::Access;
use anrf_format::types::{Field, Record, Type, TypeTable};

use super::*;

/// array<integer>, array<array<integer>>, record { a: integer, xs: array<integer> }.
fn types() -> (TypeTable, TypeId, TypeId, TypeId) {
    let mut types = TypeTable::default();
    let array = types.intern(Type::Array(I));
    let matrix = types.intern(Type::Array(array));
    let field = |name: &str, type_id| Field { name: name.into(), type_id };
    let fields = vec![field("a", I), field("xs", array)];
    types.records.push(Record { name: "R".into(), fields, constraints: vec![] });
    let record = types.intern(Type::Record(0));
    (types, array, matrix, record)
}

fn with_types(builder: Builder) -> Module {
    Module { types: types().0, ..module(vec![builder]) }
}

#[test]
fn an_element_outside_faults() {
    let (_, array, ..) = types();
    let mut b = body(&[I], &[I]);
    let numbers: Vec<_> = (10..15).map(|n| b.number(ENTRY, n)).collect();
    let xs = b.op(ENTRY, array, Op::NewArray(numbers));
    b.effect(ENTRY, Op::Check(Check::Index, vec![xs, ValueId(0)], OB));
    let x = b.op(ENTRY, I, Op::Element(xs, ValueId(0), Access::Read));
    b.returns(ENTRY, &[x]);
    let program = with_types(b);
    assert_eq!(result(&program, &[0]), 10);
    assert_eq!(result(&program, &[4]), 14);
    for outside in [5, -1, i64::MIN, i64::MAX, 1 << 32] {
        assert_eq!(fault(&program, &[outside]), FaultKind::OutOfBounds);
    }
}

/// `xs WITH [0] = 9`, then both: old[0] * 10 + new[0].
fn update(shared: bool) -> Module {
    let (_, array, ..) = types();
    let mut b = body(&[], &[I]);
    let (one, nine, zero, ten) =
        (b.number(ENTRY, 1), b.number(ENTRY, 9), b.number(ENTRY, 0), b.number(ENTRY, 10));
    let xs = b.op(ENTRY, array, Op::NewArray(vec![one, one]));
    if shared {
        b.effect(ENTRY, Op::Share(xs));
    }
    b.effect(ENTRY, Op::Check(Check::Index, vec![xs, zero], OB));
    let ys = b.op(ENTRY, array, Op::WithElement(xs, zero, nine));
    let old = b.op(ENTRY, I, Op::Element(xs, zero, Access::Read));
    let new = b.op(ENTRY, I, Op::Element(ys, zero, Access::Read));
    let tens = b.checked(ENTRY, Arithmetic::Multiply, old, ten);
    let both = b.checked(ENTRY, Arithmetic::Add, tens, new);
    b.returns(ENTRY, &[both]);
    with_types(b)
}

#[test]
fn an_update_copies_only_what_is_shared() {
    assert_eq!(result(&update(true), &[]), 19);
    // Nobody else holds it, so it is overwritten.
    assert_eq!(result(&update(false), &[]), 99);
}

#[test]
fn a_copied_record_shares_its_parts() {
    let (_, array, _, record) = types();
    let mut b = body(&[], &[I]);
    let (zero, one, nine) = (b.number(ENTRY, 0), b.number(ENTRY, 1), b.number(ENTRY, 9));
    let xs = b.op(ENTRY, array, Op::NewArray(vec![one]));
    let r = b.op(ENTRY, record, Op::NewRecord(vec![one, xs]));
    b.effect(ENTRY, Op::Share(r));
    let s = b.op(ENTRY, record, Op::WithField(r, 0, nine));
    // The path update s.xs[0] = 9 must not reach r.
    let inner = b.op(ENTRY, array, Op::Field(s, 1, Access::Take));
    let inner = b.op(ENTRY, array, Op::WithElement(inner, zero, nine));
    let _ = b.op(ENTRY, record, Op::WithField(s, 1, inner));
    let old = b.op(ENTRY, array, Op::Field(r, 1, Access::Read));
    let old = b.op(ENTRY, I, Op::Element(old, zero, Access::Read));
    b.returns(ENTRY, &[old]);
    assert_eq!(result(&with_types(b), &[]), 1);
}

#[test]
fn a_path_update_stores_in_place() {
    let (_, array, matrix, _) = types();
    let mut b = body(&[], &[I]);
    let (zero, nine) = (b.number(ENTRY, 0), b.number(ENTRY, 9));
    let row = b.op(ENTRY, array, Op::NewArray(vec![zero; 64]));
    let m = b.op(ENTRY, matrix, Op::NewArray(vec![row]));
    let taken = b.op(ENTRY, array, Op::Element(m, zero, Access::Take));
    let changed = b.op(ENTRY, array, Op::WithElement(taken, zero, nine));
    let m = b.op(ENTRY, matrix, Op::WithElement(m, zero, changed));
    let row = b.op(ENTRY, array, Op::Element(m, zero, Access::Read));
    let x = b.op(ENTRY, I, Op::Element(row, zero, Access::Read));
    b.returns(ENTRY, &[x]);
    let outcome = run(&with_types(b), &[]);
    assert!(matches!(outcome.halt, Halt::Return(values) if values == [9]));
    // The two arrays and nothing else: charges for making them, none for copies.
    assert_eq!(outcome.fuel, 8 + 1);
    assert!(outcome.peak < (66 + 3 + 8) * 8, "{}", outcome.peak);
}

#[test]
fn what_loops_append_survives_reclaiming() {
    // xs = xs ++ [i], with a temporary in each iteration.
    let (_, array, ..) = types();
    let mut b = body(&[I], &[I]);
    let empty = b.op(ENTRY, array, Op::NewArray(vec![]));
    let zero = b.number(ENTRY, 0);
    let mark = b.op(ENTRY, I, Op::Mark);
    let (head, state) = b.block(&[array, I]);
    let (inside, _) = b.block(&[]);
    let (after, _) = b.block(&[]);
    b.end(ENTRY, Terminator::Jump(to(head, &[empty, zero])));
    let more = b.compare(head, Comparison::Less, state[1], ValueId(0));
    b.end(head, Terminator::Branch(more, to(inside, &[]), to(after, &[])));
    let added = b.op(inside, array, Op::NewArray(vec![state[1]]));
    let next = b.op(inside, array, Op::Concat(state[0], added));
    let one = b.number(inside, 1);
    let index = b.checked(inside, Arithmetic::Add, state[1], one);
    b.end(inside, Terminator::Repeat { target: to(head, &[next, index]), mark: Some(mark) });
    // The sum of all elements.
    let (region, entry, element) = b.region(&[I]);
    b.end(entry, Terminator::Yield(vec![element[0]]));
    let fold = anrf_format::execution::Fold::Aggregate(anrf_format::semantic::Aggregate::Sum, OB);
    let sum = b.op(after, I, Op::Fold(fold, anrf_format::execution::Domain::Array(state[0]), region));
    b.returns(after, &[sum]);
    let program = with_types(b);
    for n in [0, 1, 100, 100_000] {
        assert_eq!(result(&program, &[n]), n * (n - 1) / 2);
    }
}

#[test]
fn a_shared_string_is_not_appended_to() {
    let mut b = body(&[], &[S]);
    let a = b.op(ENTRY, S, Op::Constant(0));
    let ab = b.op(ENTRY, S, Op::Concat(a, a));
    b.effect(ENTRY, Op::Share(ab));
    let _ = b.op(ENTRY, S, Op::Concat(ab, a));
    b.returns(ENTRY, &[ab]);
    let mut program = module(vec![b]);
    program.execution.constants = vec![(S, anrf_format::value::Value::String("xyz".into()))];
    assert_eq!(run(&program, &[]).text, "xyzxyz");
}
