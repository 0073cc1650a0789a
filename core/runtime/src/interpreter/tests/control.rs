//! Calls, branches, loops, checks, faults and their handlers.

use super::*;

#[test]
fn calls_recurse_without_the_stack() {
    assert_eq!(result(&fibonacci(), &[20]), 6_765);
}

#[test]
fn a_loop_hands_its_state_on() {
    let sum = module(vec![counting(|b, block, sum, index| b.checked(block, Arithmetic::Add, sum, index))]);
    assert_eq!(result(&sum, &[0]), 0);
    assert_eq!(result(&sum, &[100]), 4_950);
}

#[test]
fn block_arguments_are_assigned_at_once() {
    // (a, b) becomes (b, a) n times.
    let mut b = body(&[I, I, I], &[I, I]);
    let zero = b.number(ENTRY, 0);
    let (head, state) = b.block(&[I, I, I]);
    let (inside, _) = b.block(&[]);
    let (after, _) = b.block(&[]);
    b.end(ENTRY, Terminator::Jump(to(head, &[ValueId(0), ValueId(1), zero])));
    let more = b.compare(head, Comparison::Less, state[2], ValueId(2));
    b.end(head, Terminator::Branch(more, to(inside, &[]), to(after, &[])));
    let one = b.number(inside, 1);
    let index = b.checked(inside, Arithmetic::Add, state[2], one);
    b.end(inside, Terminator::Repeat { target: to(head, &[state[1], state[0], index]), mark: None });
    b.returns(after, &[state[0], state[1]]);
    let swap = module(vec![b]);
    assert!(matches!(run(&swap, &[7, 9, 3]).halt, Halt::Return(values) if values == [9, 7]));
    assert!(matches!(run(&swap, &[7, 9, 4]).halt, Halt::Return(values) if values == [7, 9]));
}

#[test]
fn arithmetic_faults_at_the_edge_of_64_bits() {
    for (operator, a, b, expected) in [
        (Arithmetic::Add, i64::MAX, 1, None),
        (Arithmetic::Add, i64::MAX, 0, Some(i64::MAX)),
        (Arithmetic::Subtract, i64::MIN, 1, None),
        (Arithmetic::Multiply, i64::MIN, -1, None),
        (Arithmetic::Multiply, 3_037_000_500, 3_037_000_500, None),
        (Arithmetic::Divide, i64::MIN, -1, None),
        (Arithmetic::Divide, -7, 2, Some(-3)),
        (Arithmetic::Remainder, -7, 2, Some(-1)),
        (Arithmetic::Remainder, i64::MIN, -1, Some(0)),
    ] {
        let mut f = body(&[I, I], &[I]);
        let value = f.checked(ENTRY, operator, ValueId(0), ValueId(1));
        f.returns(ENTRY, &[value]);
        let mut with_constant = body(&[I, I], &[I]);
        let constant = with_constant.number(ENTRY, b);
        let value = with_constant.checked(ENTRY, operator, ValueId(0), constant);
        with_constant.returns(ENTRY, &[value]);
        for program in [module(vec![f]), module(vec![with_constant])] {
            match expected {
                Some(value) => assert_eq!(result(&program, &[a, b]), value, "{operator:?} {a} {b}"),
                None => assert_eq!(fault(&program, &[a, b]), FaultKind::Overflow, "{operator:?} {a} {b}"),
            }
        }
    }
}

#[test]
fn a_fault_keeps_its_operands() {
    let mut f = body(&[I, I], &[I]);
    f.effect(ENTRY, Op::Check(Check::NotZero, vec![ValueId(1)], OB));
    let value = f.op(ENTRY, I, Op::Arithmetic(Arithmetic::Divide, ValueId(0), ValueId(1)));
    f.returns(ENTRY, &[value]);
    let Halt::Fault(report) = run(&module(vec![f]), &[1, 0]).halt else { panic!("no fault") };
    assert_eq!(report.kind, FaultKind::DivisionByZero);
    assert_eq!(report.values, [Some(anrf_format::value::Value::Integer(0))]);
    assert_eq!(report.obligation, Some(0));
}

#[test]
fn comparisons_hold_as_they_should() {
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    for comparison in [Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual] {
        for (x, y) in [(1, 2), (2, 2), (3, 2), (-1, 2), (i64::MIN, 2)] {
            let expected = match comparison {
                Equal => x == y,
                NotEqual => x != y,
                Less => x < y,
                LessEqual => x <= y,
                Greater => x > y,
                GreaterEqual => x >= y,
            };
            // As a value, as a branch, with a constant on either side.
            for form in 0..4 {
                let mut f = body(&[I, I], &[B]);
                let constant = f.number(ENTRY, if form == 3 { x } else { y });
                let (left, right) = match form {
                    2 => (ValueId(0), constant),
                    3 => (constant, ValueId(1)),
                    _ => (ValueId(0), ValueId(1)),
                };
                let holds = f.compare(ENTRY, comparison, left, right);
                if form == 0 {
                    f.returns(ENTRY, &[holds]);
                } else {
                    let (yes, _) = f.block(&[]);
                    let (no, _) = f.block(&[]);
                    let (one, zero) = (f.op(yes, B, Op::Immediate(1)), f.op(no, B, Op::Immediate(0)));
                    f.returns(yes, &[one]);
                    f.returns(no, &[zero]);
                    f.end(ENTRY, Terminator::Branch(holds, to(yes, &[]), to(no, &[])));
                }
                assert_eq!(
                    result(&module(vec![f]), &[x, y]),
                    i64::from(expected),
                    "{x} {comparison:?} {y} as {form}"
                );
            }
        }
    }
}

#[test]
fn a_switch_takes_its_last_target_for_everything_else() {
    let mut f = body(&[I], &[I]);
    let mut targets = vec![];
    for answer in [10, 11, 12] {
        let (block, parameters) = f.block(&[I]);
        let value = f.number(ENTRY, answer);
        f.returns(block, &[parameters[0]]);
        targets.push(to(block, &[value]));
    }
    f.end(ENTRY, Terminator::Switch(ValueId(0), targets));
    let switch = module(vec![f]);
    for (given, expected) in [(0, 10), (1, 11), (2, 12), (3, 12), (-1, 12)] {
        assert_eq!(result(&switch, &[given]), expected);
    }
}

/// A function that fails with its argument as the code, and one that catches that.
fn failing() -> Module {
    let mut outer = body(&[I], &[I]);
    let (good, value) = outer.block(&[I]);
    let (bad, failure) = outer.block(&[I, S]);
    outer.returns(good, &[value[0]]);
    let length = outer.op(bad, I, Op::Builtin(anrf_format::builtin::Builtin::Len, vec![failure[1]]));
    let total = outer.checked(bad, Arithmetic::Add, length, failure[0]);
    outer.returns(bad, &[total]);
    let arguments = vec![ValueId(0)];
    let call = Terminator::Call { function: FunctionId(1), arguments, success: good, failure: Some(bad) };
    outer.end(ENTRY, call);
    let mut inner = Builder::new(Role::Body(1), &[I], &[I]);
    let message = inner.op(ENTRY, S, Op::Constant(0));
    inner.end(ENTRY, Terminator::Fail(ValueId(0), message));
    let mut program = module(vec![outer, inner]);
    program.execution.constants = vec![(S, anrf_format::value::Value::String("äöü".into()))];
    program
}

#[test]
fn a_failure_arrives_with_code_and_message() {
    assert_eq!(result(&failing(), &[40]), 43);
}

#[test]
fn a_handler_runs_before_a_fault_goes_on() {
    // The handler writes to the state, then the fault of the callee resumes.
    let mut outer = body(&[I], &[I]);
    let (after, value) = outer.block(&[I]);
    let (handler, _) = outer.block(&[]);
    outer.returns(after, &[value[0]]);
    let arguments = vec![ValueId(0)];
    outer.end(ENTRY, Terminator::Call { function: FunctionId(1), arguments, success: after, failure: None });
    outer.effect(handler, Op::Charge(17));
    outer.end(handler, Terminator::Resume);
    outer.function.blocks[0].on_fault = Some(handler);
    let mut inner = Builder::new(Role::Body(1), &[I], &[I]);
    inner.effect(ENTRY, Op::Enter);
    let two = inner.number(ENTRY, i64::MAX);
    let value = inner.checked(ENTRY, Arithmetic::Add, ValueId(0), two);
    inner.effect(ENTRY, Op::Leave);
    inner.returns(ENTRY, &[value]);
    let program = module(vec![outer, inner]);
    assert_eq!(result(&program, &[0]), i64::MAX);
    let outcome = run(&program, &[1]);
    assert!(
        matches!(outcome.halt, Halt::Fault(report) if report.kind == FaultKind::Overflow && report.function == 1)
    );
    assert_eq!(outcome.fuel, 17);
}
