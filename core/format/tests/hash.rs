//! Interface and meaning hash of functions: what changes them and what does not.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "binary/sample.rs"]
mod sample;

use anrf_format::execution::FaultKind;
use anrf_format::hash::Hash;
use anrf_format::module::Module;
use anrf_format::semantic::ids::Renumber;
use anrf_format::semantic::{Expected, ExprId, ExprKind, Operation, StepId};
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value;
use sample::{DOUBLE, OTHER, PAY};

/// Interface and meaning hash.
fn hashes(module: &Module, function: u32) -> (Hash, Hash) {
    (module.interface_hash(function), module.meaning_hash(function))
}

/// Whether a change changes the interface and the meaning hash of a function.
#[track_caller]
fn expect(function: u32, changed: (bool, bool), change: impl FnOnce(&mut Module)) {
    let before = sample::module();
    let mut after = before.clone();
    change(&mut after);
    assert_ne!(before, after, "the change changes something");
    let (before, after) = (hashes(&before, function), hashes(&after, function));
    assert_eq!((before.0 != after.0, before.1 != after.1), changed, "(interface, meaning) changed");
}

const NEITHER: (bool, bool) = (false, false);
const MEANING: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

#[test]
fn hashes_are_written_and_read() {
    let hash = sample::module().meaning_hash(PAY);
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(hash.to_string().len(), "sha256:".len() + 64);
    for wrong in ["", "sha256:", "sha256:00", "md5:00", &hash.to_string()[1..], &format!("{hash}0")] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
    }
}

#[test]
fn the_two_hashes_and_those_of_different_functions_differ() {
    let module = sample::module();
    let mut all: Vec<Hash> = [DOUBLE, PAY, OTHER]
        .into_iter()
        .flat_map(|function| <[Hash; 2]>::from(hashes(&module, function)))
        .collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
}

#[test]
fn edits_elsewhere_change_neither() {
    expect(PAY, NEITHER, |module| module.semantic.functions[OTHER as usize].name.push('2'));
    expect(PAY, NEITHER, |module| drop(module.semantic.functions.pop()));
    expect(PAY, NEITHER, |module| module.types.records[0].name.push('2'));
    expect(PAY, NEITHER, |module| module.types.variants.clear());
    expect(PAY, NEITHER, |module| module.types.aliases.clear());
    expect(PAY, NEITHER, |module| module.types.types.push(Type::Optional(TypeId::BYTES)));
    expect(PAY, NEITHER, |module| module.intent.functions[1].text.push('!'));
    expect(PAY, NEITHER, |module| module.meta.name.push('2'));
    expect(DOUBLE, NEITHER, |module| module.semantic.state.clear());
    expect(DOUBLE, NEITHER, |module| module.semantic.host[0].capability.push('2'));
}

#[test]
fn formatting_lowering_and_evidence_change_neither() {
    expect(PAY, NEITHER, |module| module.source.text.push('\n'));
    expect(PAY, NEITHER, |module| module.source_map = Default::default());
    expect(PAY, NEITHER, |module| module.execution = Default::default());
    expect(PAY, NEITHER, |module| module.other.clear());
}

#[test]
fn examples_and_origin_change_neither() {
    expect(PAY, NEITHER, |module| {
        module.semantic.functions[1].examples[2].expected = Expected::Fault(FaultKind::Overflow);
    });
    expect(DOUBLE, NEITHER, |module| module.semantic.functions[0].imported_from = Some("numbers".into()));
    expect(PAY, NEITHER, |module| module.semantic.functions[0].imported_from = Some("numbers".into()));
}

/// Moves every list of the module by one, so that every index is another one.
struct Shifted;

impl Renumber for Shifted {
    fn type_id(&mut self, id: TypeId) -> TypeId {
        // The scalar types keep their places.
        if id.0 < 8 { id } else { TypeId(id.0 + 1) }
    }
    fn function(&mut self, index: u32) -> u32 {
        index + 1
    }
    fn host(&mut self, index: u32) -> u32 {
        index + 1
    }
    fn state(&mut self, index: u32) -> u32 {
        index + 1
    }
    fn invariant(&mut self, index: u32) -> u32 {
        index + 1
    }
    fn machine(&mut self, index: u32) -> u32 {
        index + 1
    }
}

#[test]
fn renumbering_changes_neither() {
    let before = sample::module();
    let mut after = before.clone();
    let to = &mut Shifted;
    let types = &mut after.types;
    types.types.insert(8, Type::Optional(TypeId::BYTES));
    types.machines.insert(0, types.machines[0].clone());
    types.machines[0].name = "Another".into();
    types.records.insert(0, types.records[0].clone());
    types.records[0].name = "Another".into();
    types.variants.insert(0, types.variants[0].clone());
    types.variants[0].name = "Another".into();
    for known in &mut types.types[9..] {
        match known {
            Type::Optional(inner) | Type::Array(inner) | Type::Set(inner) => *inner = to.type_id(*inner),
            Type::Map(key, value) => (*key, *value) = (to.type_id(*key), to.type_id(*value)),
            Type::Machine(index) | Type::Record(index) | Type::Variant(index) => *index += 1,
            _ => {}
        }
    }
    let cases = types.variants.iter_mut().flat_map(|variant| &mut variant.cases);
    let fields = types.records.iter_mut().flat_map(|record| &mut record.fields);
    let fields: Vec<&mut Field> = fields.chain(cases.flat_map(|case| &mut case.fields)).collect();
    fields.into_iter().for_each(|field| field.type_id = to.type_id(field.type_id));
    let semantic = &mut after.semantic;
    for function in &mut semantic.functions {
        function.renumber(to);
    }
    let state = semantic.state.iter_mut().map(|variable| (&mut variable.type_id, &mut variable.constraints));
    for (type_id, clauses) in state {
        *type_id = to.type_id(*type_id);
        clauses.iter_mut().for_each(|clause| clause.renumber(to));
    }
    semantic.invariants.iter_mut().for_each(|clause| clause.renumber(to));
    for operation in &mut semantic.host {
        operation.success_record = to.type_id(operation.success_record);
    }
    semantic.state.insert(0, semantic.state[0].clone());
    semantic.state[0].name = "another".into();
    semantic.invariants.insert(0, semantic.invariants[0].clone());
    semantic.host.insert(0, semantic.host[0].clone());
    semantic.functions.insert(0, semantic.functions[OTHER as usize].clone());
    for function in [DOUBLE, PAY, OTHER] {
        assert_eq!(hashes(&after, function + 1), hashes(&before, function), "function {function}");
    }
}

#[test]
fn the_order_in_which_state_is_declared_changes_neither() {
    struct Swapped;
    impl Renumber for Swapped {
        fn type_id(&mut self, id: TypeId) -> TypeId {
            id
        }
        fn function(&mut self, index: u32) -> u32 {
            index
        }
        fn host(&mut self, index: u32) -> u32 {
            index
        }
        fn state(&mut self, index: u32) -> u32 {
            1 - index
        }
        fn invariant(&mut self, index: u32) -> u32 {
            index
        }
        fn machine(&mut self, index: u32) -> u32 {
            index
        }
    }
    expect(PAY, NEITHER, |module| {
        let semantic = &mut module.semantic;
        semantic.state.swap(0, 1);
        semantic.functions.iter_mut().for_each(|function| function.renumber(&mut Swapped));
        semantic.functions.iter_mut().for_each(|function| function.state.sort_unstable());
        semantic.invariants.iter_mut().for_each(|clause| clause.renumber(&mut Swapped));
        for variable in &mut semantic.state {
            variable.constraints.iter_mut().for_each(|clause| clause.renumber(&mut Swapped));
        }
    });
}

#[test]
fn a_body_changes_the_meaning_of_its_callers_too() {
    let triple = |module: &mut Module| {
        module.semantic.functions[DOUBLE as usize].exprs.nodes[1].kind = ExprKind::Literal(Value::Integer(3));
    };
    expect(DOUBLE, MEANING, triple);
    expect(PAY, MEANING, triple);
    expect(OTHER, NEITHER, triple);
    expect(PAY, MEANING, |module| module.semantic.functions[1].steps[0].name.push('2'));
    expect(PAY, MEANING, |module| module.semantic.functions[1].steps[4].retry = None);
    expect(PAY, MEANING, |module| {
        module.semantic.functions[1].body.pop();
        module.semantic.functions[1].steps.pop();
        module.semantic.functions[1].exprs.nodes.pop();
    });
    expect(PAY, MEANING, |module| {
        module.semantic.functions[1].steps[5].operation =
            Operation::Fail { error_code: 1, message: ExprId(14) };
    });
    expect(PAY, MEANING, |module| module.semantic.functions[1].steps[4].compensate = vec![StepId(0)]);
}

#[test]
fn types_change_both() {
    expect(PAY, BOTH, |module| module.semantic.functions[1].inputs[0].name.push('2'));
    expect(PAY, BOTH, |module| module.semantic.functions[1].inputs[0].type_id = TypeId::FLOAT);
    expect(PAY, BOTH, |module| module.semantic.functions[1].inputs[1].default = None);
    expect(PAY, BOTH, |module| module.semantic.functions[1].success[0].type_id = TypeId::FLOAT);
    expect(PAY, BOTH, |module| module.semantic.functions[1].success.pop().map_or((), drop));
    expect(PAY, BOTH, |module| module.semantic.functions[1].error_codes[0].push('2'));
    expect(PAY, BOTH, |module| module.semantic.functions[1].name.push('2'));
    expect(PAY, BOTH, |module| module.semantic.functions[1].version = Some(2));
    expect(PAY, BOTH, |module| module.semantic.state[0].type_id = TypeId::FLOAT);
    expect(PAY, BOTH, |module| module.types.machines[0].transitions.clear());
    // A record that an input is made of.
    expect(PAY, BOTH, |module| {
        let account = module.types.intern(Type::Record(0));
        module.semantic.functions[1].inputs[0].type_id = account;
    });
}

#[test]
fn definitions_behind_an_interface_change_both() {
    let with_account = |change: fn(&mut Module)| {
        let mut before = sample::module();
        let account = before.types.intern(Type::Record(0));
        let accounts = before.types.intern(Type::Array(account));
        before.semantic.functions[1].inputs[0].type_id = accounts;
        let mut after = before.clone();
        change(&mut after);
        let (before, after) = (hashes(&before, PAY), hashes(&after, PAY));
        (before.0 != after.0, before.1 != after.1)
    };
    assert_eq!(with_account(|module| module.types.records[0].constraints.clear()), BOTH);
    assert_eq!(with_account(|module| module.types.records[0].fields[0].name.push('2')), BOTH);
    assert_eq!(with_account(|module| module.types.records[0].name.push('2')), BOTH);
    assert_eq!(with_account(|module| module.types.variants.clear()), NEITHER);
}

#[test]
fn contracts_change_both() {
    expect(PAY, BOTH, |module| module.semantic.functions[1].contract.preconditions.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].contract.postconditions.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].contract.postconditions[0].success_only = false);
    expect(PAY, BOTH, |module| module.semantic.functions[1].contract.invariants.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].inputs[0].constraints.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].decreases.clear());
    expect(PAY, BOTH, |module| module.semantic.state[0].constraints.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].module_invariants.clear());
    expect(PAY, BOTH, |module| {
        module.semantic.functions[1].contract.preconditions[0].exprs.nodes[2].kind =
            ExprKind::Literal(Value::Integer(1));
    });
    expect(PAY, BOTH, |module| module.semantic.functions[1].security.capabilities_required.clear());
    expect(PAY, BOTH, |module| module.semantic.functions[1].performance.timeout_seconds = None);
}

#[test]
fn host_operations_belong_to_the_meaning_of_those_who_invoke_them() {
    expect(PAY, MEANING, |module| module.semantic.host[0].preconditions.clear());
    expect(PAY, MEANING, |module| module.semantic.host[0].capability.push('2'));
    expect(PAY, MEANING, |module| module.semantic.host[0].idempotent = false);
    // Unless a contract speaks of them.
    let mut before = sample::module();
    before.semantic.functions[1].contract.preconditions[0].exprs.nodes[2].kind = ExprKind::Calls(0);
    let mut after = before.clone();
    after.semantic.host[0].capability.push('2');
    assert_ne!(before.interface_hash(PAY), after.interface_hash(PAY));
}

#[test]
fn a_function_that_a_contract_calls_counts_whole() {
    let mut before = sample::module();
    before.semantic.functions[1].contract.preconditions[0].exprs.nodes[2].kind =
        ExprKind::Call(DOUBLE, vec![ExprId(1)]);
    let mut after = before.clone();
    after.semantic.functions[DOUBLE as usize].exprs.nodes[1].kind = ExprKind::Literal(Value::Integer(3));
    assert_ne!(before.interface_hash(PAY), after.interface_hash(PAY));
}
