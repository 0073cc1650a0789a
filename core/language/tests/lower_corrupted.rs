//! The validator finds every corruption of valid code that it is there to find, and neither it nor lowering
//! panics on code and trees that nobody has made.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod lower_trees;

use anrf_format::execution::validate::{Defect, validate};
use anrf_format::execution::{
    Block, BlockId, Check, Execution, Function, FunctionId, Instruction, Op, Origin, Place, RegionId, Role,
    Target, Terminator, ValueId,
};
use anrf_format::semantic::{Semantic, StepId as Step};
use anrf_format::source_map::CodeMap;
use anrf_format::types::{TypeId, TypeTable};
use anrf_format::value::Value;
use anrf_language::lowering::lower_semantic;
use lower_trees::Tree;
use lower_trees::random::{Random, module};
use lower_trees::scramble::scramble;

/// Valid code, with the module that it belongs to.
struct Code {
    tree: Tree,
    execution: Execution,
    maps: Vec<CodeMap>,
}

fn code(seed: u64) -> Code {
    let tree = module(seed);
    let (execution, maps) = lower_semantic(&tree.types, &tree.semantic).unwrap();
    Code { tree, execution, maps }
}

impl Code {
    fn defect(&self, execution: &Execution, maps: &[CodeMap]) -> Option<Defect> {
        validate(&self.tree.types, &self.tree.semantic, execution, maps).err().map(|error| error.defect)
    }
}

/// Applies a corruption at up to `most` of the places that it applies to, one at a time. `corrupt` is given
/// function and block and says whether it did anything; each time the validator must name one of the defects.
fn every(
    most: usize,
    defects: &[Defect],
    mut corrupt: impl FnMut(&mut Execution, &mut [CodeMap], usize, usize) -> bool,
) {
    let mut found = 0;
    for seed in 0..40 {
        let code = code(seed);
        for function in 0..code.execution.functions.len() {
            for block in 0..code.execution.functions[function].blocks.len() {
                if found >= most {
                    return;
                }
                let (mut execution, mut maps) = (code.execution.clone(), code.maps.clone());
                if corrupt(&mut execution, &mut maps, function, block) {
                    found += 1;
                    let defect = code.defect(&execution, &maps);
                    assert!(
                        defect.is_some_and(|defect| defects.contains(&defect)),
                        "module {seed}, function {function}, block {block}: {defect:?} instead of {defects:?}"
                    );
                }
            }
        }
    }
    assert!(found > 0, "nothing to corrupt");
}

fn at(execution: &mut Execution, function: usize, block: usize) -> &mut Block {
    &mut execution.functions[function].blocks[block]
}

/// What a check is about, without the obligation that it names.
fn subject(op: &Op) -> Option<String> {
    match op {
        Op::Check(check, operands, _) => Some(format!("{check:?} {operands:?}")),
        Op::CheckRecord(record, value, _) => Some(format!("record {record} {value:?}")),
        Op::CheckCall(callee, arguments, _) => Some(format!("call {callee} {arguments:?}")),
        Op::CheckRequest(operation, arguments, _) => Some(format!("request {operation} {arguments:?}")),
        _ => None,
    }
}

/// Whether the function has no other check of the same.
fn is_alone(function: &Function, op: &Op) -> bool {
    let Some(name) = subject(op) else { return true };
    let all = function.blocks.iter().flat_map(|block| &block.instructions);
    all.filter(|it| subject(&it.op).as_ref() == Some(&name)).count() == 1
}

/// Takes an instruction out, with its origin.
fn remove(
    execution: &mut Execution,
    maps: &mut [CodeMap],
    (function, block): (usize, usize),
    which: impl Fn(&Op) -> bool,
) -> bool {
    let code = &execution.functions[function];
    let mut instructions = code.blocks[block].instructions.iter();
    let Some(position) = instructions.position(|it| which(&it.op) && is_alone(code, &it.op)) else {
        return false;
    };
    at(execution, function, block).instructions.remove(position);
    maps[function].blocks[block].remove(position);
    true
}

#[test]
fn code_of_lowering_is_valid() {
    for seed in 0..40 {
        let code = code(seed);
        assert_eq!(code.defect(&code.execution, &code.maps), None);
    }
}

#[test]
fn a_missing_check() {
    // An operation that may stand without its check is followed by one that may not: a narrowed number, a
    // move of a machine, a contract's own ill-definedness.
    let needed = |op: &Op| matches!(op, Op::Check(check, ..) if !matches!(check, Check::Narrow | Check::Transition(..) | Check::Builtin(_)));
    every(150, &[Defect::Unchecked], |execution, maps, function, block| {
        remove(execution, maps, (function, block), needed)
    });
}

#[test]
fn a_missing_check_of_a_record_call_or_request() {
    for which in [
        (|op: &Op| matches!(op, Op::CheckRecord(..))) as fn(&Op) -> bool,
        |op| matches!(op, Op::CheckCall(callee, ..) if *callee < 3),
        |op| matches!(op, Op::CheckRequest(..)),
    ] {
        every(40, &[Defect::Unchecked], |execution, maps, function, block| {
            remove(execution, maps, (function, block), which)
        });
    }
}

#[test]
fn a_check_of_other_values() {
    every(60, &[Defect::Unchecked, Defect::Dominance], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let index = |op: &Op| match op {
            Op::Check(Check::Index, operands, _) => Some(operands[1]),
            _ => None,
        };
        let mut instructions = code.blocks[block].instructions.iter();
        let Some(position) = instructions.position(|it| index(&it.op).is_some() && is_alone(code, &it.op))
        else {
            return false;
        };
        let wanted = index(&code.blocks[block].instructions[position].op);
        let other = (0..)
            .zip(&code.values)
            .find(|(id, type_id)| wanted != Some(ValueId(*id)) && **type_id == TypeId::INTEGER);
        let Some((other, _)) = other else { return false };
        if let Op::Check(_, operands, _) = &mut code.blocks[block].instructions[position].op {
            operands[1] = ValueId(other);
        }
        true
    });
}

#[test]
fn a_wrong_charge() {
    every(60, &[Defect::Charge], |execution, _, function, block| {
        let found = at(execution, function, block).instructions.iter_mut().find_map(|it| match &mut it.op {
            Op::Charge(units) => Some(units),
            _ => None,
        });
        found.map(|units| *units += 1).is_some()
    });
    every(60, &[Defect::Charge], |execution, maps, function, block| {
        remove(execution, maps, (function, block), |op| matches!(op, Op::Charge(_)))
    });
    every(60, &[Defect::Charge], |execution, maps, function, block| {
        let origin = maps[function].blocks[block].last().copied().unwrap();
        at(execution, function, block).instructions.push(Instruction { op: Op::Charge(1), result: None });
        maps[function].blocks[block].push(origin);
        // After `Leave` the place itself is wrong, too.
        !matches!(at(execution, function, block).terminator, Terminator::Return(_) | Terminator::Fail(..))
    });
}

#[test]
fn depth_that_is_not_counted() {
    every(60, &[Defect::Depth, Defect::Charge], |execution, maps, function, block| {
        remove(execution, maps, (function, block), |op| matches!(op, Op::Enter | Op::Leave))
    });
}

#[test]
fn a_broken_link() {
    every(60, &[Defect::Origin], |_, maps, function, block| maps[function].blocks[block].pop().is_some());
    every(60, &[Defect::Origin], |_, maps, function, block| {
        let origin = Origin { step: Some(Step(100_000)), place: Place::Step };
        maps[function].blocks[block][0] = origin;
        true
    });
    every(60, &[Defect::Origin], |_, maps, function, block| {
        maps[function].blocks[block][0].place = Place::Expr(anrf_format::semantic::ExprId(1_000_000));
        true
    });
    every(10, &[Defect::Origin], |_, maps, function, _| maps[function].blocks.pop().is_some());
    every(10, &[Defect::Origin], |execution, _, function, _| {
        let Some(obligation) = execution.functions[function].obligations.first_mut() else { return false };
        obligation.origin = Origin { step: None, place: Place::Step };
        true
    });
}

#[test]
fn an_operand_of_another_type_or_from_nowhere() {
    every(80, &[Defect::Range], |execution, _, function, block| {
        let found = at(execution, function, block).instructions.iter_mut().find_map(|it| match &mut it.op {
            Op::Compare(_, a, _) | Op::Arithmetic(_, a, _) | Op::Field(a, ..) => Some(a),
            _ => None,
        });
        found.map(|a| *a = ValueId(1_000_000)).is_some()
    });
    every(80, &[Defect::Type], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let text = (0..).zip(&code.values).find(|(_, type_id)| **type_id == TypeId::STRING).map(|(id, _)| id);
        let Some(text) = text else { return false };
        let found = code.blocks[block].instructions.iter_mut().find_map(|it| match &mut it.op {
            Op::Arithmetic(_, a, _) | Op::Field(a, ..) | Op::Not(a) => Some(a),
            _ => None,
        });
        found.map(|a| *a = ValueId(text)).is_some()
    });
    every(80, &[Defect::Type], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let found = code.blocks[block].instructions.iter().find_map(|it| match &it.op {
            Op::Compare(..) | Op::Not(_) | Op::Contains(..) => it.result,
            _ => None,
        });
        found.map(|value| code.values[value.0 as usize] = TypeId::FLOAT).is_some()
    });
}

#[test]
fn a_value_used_before_it_is_made() {
    // The second of two instructions that use one another goes first.
    every(80, &[Defect::Dominance, Defect::Charge, Defect::Unchecked], |execution, maps, function, block| {
        let instructions = &mut at(execution, function, block).instructions;
        for position in 1..instructions.len() {
            let Some(made) = instructions[position - 1].result else { continue };
            let mut uses = false;
            instructions[position].op.for_each_operand(|value| uses |= value == made);
            if uses && instructions[position].op.is_counted() {
                instructions.swap(position - 1, position);
                maps[function].blocks[block].swap(position - 1, position);
                return true;
            }
        }
        false
    });
    // A value of one branch in the other.
    every(40, &[Defect::Dominance, Defect::Control, Defect::Unchecked], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let Terminator::Branch(_, yes, no) = &code.blocks[block].terminator else { return false };
        let (yes, no) = (yes.block.0 as usize, no.block.0 as usize);
        let made = code.blocks[yes].instructions.iter().filter_map(|it| it.result);
        let made: Vec<ValueId> =
            made.filter(|value| code.values[value.0 as usize] == TypeId::INTEGER).collect();
        let Some(made) = made.first().copied() else { return false };
        for instruction in &mut code.blocks[no].instructions {
            if let Op::Compare(_, a, b) = &mut instruction.op {
                let integer = TypeId::INTEGER;
                if code.values[a.0 as usize] == integer && code.values[b.0 as usize] == integer {
                    *a = made;
                    return true;
                }
            }
        }
        false
    });
}

#[test]
fn control_that_goes_wrong() {
    // Into a region.
    every(40, &[Defect::Control, Defect::Type, Defect::Depth], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let inside = code.blocks.iter().position(|block| block.region.is_some());
        let (Some(inside), None) = (inside, code.blocks[block].region) else { return false };
        code.blocks[block].terminator =
            Terminator::Jump(Target { block: BlockId(u32::try_from(inside).unwrap()), arguments: vec![] });
        true
    });
    // Nowhere.
    every(40, &[Defect::Range], |execution, _, function, block| {
        let Terminator::Jump(target) = &mut at(execution, function, block).terminator else { return false };
        target.block = BlockId(1_000_000);
        true
    });
    // With an argument too few, or one too many.
    every(40, &[Defect::Type], |execution, _, function, block| {
        let Terminator::Jump(target) = &mut at(execution, function, block).terminator else { return false };
        target.arguments.pop().is_some()
    });
    every(40, &[Defect::Type], |execution, _, function, block| {
        match &mut at(execution, function, block).terminator {
            Terminator::Jump(target) => {
                target.arguments.push(ValueId(0));
                true
            }
            Terminator::Yield(values) => {
                values.push(ValueId(0));
                true
            }
            _ => false,
        }
    });
    // Backward without `Repeat`.
    every(40, &[Defect::Control, Defect::Charge], |execution, _, function, block| {
        let terminator = &mut at(execution, function, block).terminator;
        let Terminator::Repeat { target, .. } = terminator else { return false };
        *terminator = Terminator::Jump(target.clone());
        true
    });
    // `Repeat` to what is no loop.
    every(40, &[Defect::Control, Defect::Charge], |execution, _, function, block| {
        let terminator = &mut at(execution, function, block).terminator;
        let Terminator::Jump(target) = terminator else { return false };
        *terminator = Terminator::Repeat { target: target.clone(), mark: None };
        true
    });
    // A loop that nobody knows.
    every(10, &[Defect::Control, Defect::Type], |execution, _, function, _| {
        execution.functions[function].loops.pop().is_some()
    });
    // A handler of its own faults.
    every(20, &[Defect::Control], |execution, _, function, block| {
        let open = at(execution, function, block);
        open.on_fault = Some(BlockId(u32::try_from(block).unwrap()));
        open.region.is_none()
    });
    // A block that nothing leads to.
    every(20, &[Defect::Control], |execution, maps, function, _| {
        let Some(code) = execution.functions.get_mut(function) else { return false };
        let origin = maps[function].blocks[0].last().copied().unwrap();
        let terminator = Terminator::Jump(Target { block: BlockId(1), arguments: vec![] });
        let fits = code.blocks.get(1).is_some_and(|next| next.parameters.is_empty() && next.region.is_none());
        let instructions = vec![];
        code.blocks.push(Block {
            region: None,
            parameters: vec![],
            instructions,
            terminator,
            on_fault: None,
        });
        maps[function].blocks.push(vec![origin]);
        fits
    });
}

#[test]
fn regions_that_do_not_fit() {
    every(30, &[Defect::Control], |execution, _, function, block| {
        let found: Vec<RegionId> =
            at(execution, function, block).instructions.iter().filter_map(|it| it.op.region()).collect();
        let [first, second, ..] = found.as_slice() else { return false };
        for instruction in &mut at(execution, function, block).instructions {
            if let Op::Contract(_, region, _) = &mut instruction.op
                && region == second
            {
                *region = *first;
                return true;
            }
        }
        false
    });
    every(30, &[Defect::Control], |execution, _, function, _| {
        let Some(region) = execution.functions[function].regions.last_mut() else { return false };
        region.parent = Some(RegionId(1_000));
        true
    });
    every(30, &[Defect::Control, Defect::Type], |execution, _, function, _| {
        let Some(region) = execution.functions[function].regions.first_mut() else { return false };
        region.entry = BlockId(0);
        true
    });
}

#[test]
fn effects_in_ghost_code() {
    every(40, &[Defect::Ghost], |execution, maps, function, block| {
        let integer =
            (0..).zip(&execution.functions[function].values).find(|(_, id)| **id == TypeId::INTEGER);
        let Some((value, _)) = integer else { return false };
        let open = at(execution, function, block);
        let charged = matches!(open.instructions.first(), Some(first) if matches!(first.op, Op::Charge(_)));
        if open.region.is_none() || !charged {
            return false;
        }
        open.instructions.insert(1, Instruction { op: Op::StateWrite(0, ValueId(value)), result: None });
        let origin = maps[function].blocks[block][0];
        maps[function].blocks[block].insert(1, origin);
        true
    });
    // What a ghost region makes, returned.
    every(20, &[Defect::Ghost, Defect::Type], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let ghost = code.blocks[block].instructions.iter().find(|it| matches!(it.op, Op::Ghost(_)));
        let Some(ghost) = ghost.and_then(|ghost| ghost.result) else { return false };
        let Terminator::Branch(condition, ..) = &mut code.blocks[block].terminator else { return false };
        *condition = ghost;
        true
    });
}

#[test]
fn obligations_of_another_kind_or_of_two_checks() {
    use anrf_format::execution::ObligationKind;
    every(40, &[Defect::Obligation], |execution, _, function, block| {
        let code = &mut execution.functions[function];
        let found = code.blocks[block].instructions.iter().find_map(|it| match it.op {
            Op::Check(_, _, obligation) | Op::Contract(_, _, obligation) => Some(obligation),
            _ => None,
        });
        let Some(found) = found else { return false };
        code.obligations[found.0 as usize].kind = ObligationKind::Termination;
        true
    });
    every(40, &[Defect::Obligation], |execution, _, function, block| {
        let mut first = None;
        for instruction in &mut at(execution, function, block).instructions {
            if let Op::Check(_, _, obligation) | Op::Contract(_, _, obligation) = &mut instruction.op {
                match first {
                    None => first = Some(*obligation),
                    Some(first) => {
                        *obligation = first;
                        return true;
                    }
                }
            }
        }
        false
    });
    every(10, &[Defect::Obligation], |execution, _, function, _| {
        let [first, second, ..] = execution.functions[function].obligations.as_mut_slice() else {
            return false;
        };
        second.id.clone_from(&first.id);
        true
    });
}

#[test]
fn functions_and_constants_that_do_not_fit() {
    let code = code(1);
    let corrupted = |change: &dyn Fn(&mut Execution, &mut Vec<CodeMap>)| {
        let (mut execution, mut maps) = (code.execution.clone(), code.maps.clone());
        change(&mut execution, &mut maps);
        code.defect(&execution, &maps)
    };
    assert_eq!(corrupted(&|execution, _| drop(execution.functions.pop())), Some(Defect::Role));
    assert_eq!(corrupted(&|execution, _| execution.functions.swap(0, 1)), Some(Defect::Role));
    assert_eq!(corrupted(&|execution, _| execution.functions[0].role = Role::Entry(0)), Some(Defect::Role));
    assert_eq!(corrupted(&|execution, _| execution.functions[0].returns.clear()), Some(Defect::Role));
    assert_eq!(corrupted(&|execution, _| execution.functions[0].parameters = 0), Some(Defect::Role));
    assert_eq!(corrupted(&|_, maps| drop(maps.pop())), Some(Defect::Origin));
    assert_eq!(
        corrupted(&|execution, _| execution.constants[0].1 = Value::Optional(None)),
        Some(Defect::Constant)
    );
    assert_eq!(
        corrupted(&|execution, _| {
            let again = execution.constants[0].clone();
            execution.constants.push(again);
        }),
        Some(Defect::Constant)
    );
    assert_eq!(
        corrupted(&|execution, _| execution.functions[0].blocks[0].terminator = Terminator::Call {
            function: FunctionId(1_000),
            arguments: vec![],
            success: BlockId(0),
            failure: None,
        }),
        Some(Defect::Range)
    );
}

/// Runs on a thread with the stack that everything has to work on.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn scrambled_code_does_not_make_the_validator_panic() {
    let mut random = Random(3);
    let (mut decoded, mut refused) = (0, 0);
    for seed in 0..6 {
        let code = code(seed);
        let bytes = postcard::to_stdvec(&(&code.execution, &code.maps)).unwrap();
        for _ in 0..100 {
            let scrambled = scramble(&bytes, &mut random);
            let Ok((execution, maps)) = postcard::from_bytes::<(Execution, Vec<CodeMap>)>(&scrambled) else {
                continue;
            };
            decoded += 1;
            refused += usize::from(code.defect(&execution, &maps).is_some());
        }
    }
    assert!(decoded > 200 && refused > 100, "of 600 {decoded} are code, of which {refused} is refused");
}

#[test]
fn scrambled_trees_do_not_make_lowering_panic() {
    let mut random = Random(5);
    let mut trees = vec![];
    for seed in 0..6 {
        let tree = module(seed);
        let bytes = postcard::to_stdvec(&(&tree.types, &tree.semantic)).unwrap();
        let scrambled = (0..100).map(|_| scramble(&bytes, &mut random));
        trees.extend(scrambled.filter_map(|it| postcard::from_bytes::<(TypeTable, Semantic)>(&it).ok()));
    }
    let decoded = trees.len();
    on_a_small_stack(move || {
        let lowered =
            trees.iter().filter(|(types, semantic)| lower_semantic(types, semantic).is_ok()).count();
        assert!(
            decoded > 200 && (20..decoded).contains(&lowered),
            "of 600 {decoded} are trees, of which {lowered} are lowered"
        );
    });
}

#[test]
fn random_modules_are_lowered_on_a_small_stack() {
    on_a_small_stack(|| {
        for seed in 0..100 {
            let tree = module(seed);
            lower_semantic(&tree.types, &tree.semantic).unwrap();
        }
    });
}
