//! Damaged and hostile packed modules end in an error or a valid run, on a small stack, within a second.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::field_reassign_with_default
)]
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;

use anrf_format::binary::{SectionKind, decode, encode, encode_sections};
use anrf_format::execution::{self, BlockId, Instruction, Op, Role, Terminator};
use anrf_format::module::{FunctionMeta, IntentConstraint, Module};
use anrf_format::semantic::{Clause, ExpectedValue, Expr, ExprId, ExprKind, Exprs, Locals, Operation, Step};
use anrf_format::source_map::CodeMap;
use anrf_format::types::{Case, Field, Record, Type, TypeId, Variant};
use anrf_format::value::Value;
use anrf_hostile_tests::packed::{sections, survive};
use anrf_hostile_tests::{TIME, bounded, engine, measure};

/// The packed form of an example.
fn packed(example: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example);
    engine().load_file(path).unwrap().pack()
}

const EXAMPLES: [&str; 4] = [
    "algorithms/gcd.vsp",
    "state/order_machine.vsp",
    "workflows/fetch_with_retry.vsp",
    "algorithms/shapes.vsp",
];

#[test]
fn files_cut_short_anywhere() {
    for example in EXAMPLES {
        let bytes = packed(example);
        let cuts = measure(|| {
            (0..bytes.len()).filter(|cut| engine().load_bytes("cut", &bytes[..*cut]).is_ok()).count()
        });
        assert_eq!(cuts.value, 0, "{example}");
        let one = measure(|| engine().load_bytes("cut", &bytes[..bytes.len() - 1]).is_err());
        bounded(example, bytes.len(), 64, &one).unwrap();
    }
}

#[test]
fn files_with_a_byte_flipped_anywhere() {
    for example in EXAMPLES {
        let mut bytes = packed(example);
        let loaded = measure(|| {
            let mut loaded = 0;
            for at in 0..bytes.len() {
                bytes[at] ^= 0xff;
                loaded += usize::from(engine().load_bytes("flipped", &bytes).is_ok());
                bytes[at] ^= 0xff;
            }
            loaded
        });
        assert_eq!(loaded.value, 0, "{example}");
    }
}

#[test]
fn files_with_a_byte_changed_and_sealed_again() {
    let mut came: BTreeMap<&str, usize> = BTreeMap::new();
    for example in EXAMPLES {
        let sections = sections(&packed(example)).unwrap();
        for index in 0..sections.len() {
            // The source text and the source map are only carried along.
            let step = if (sections[index].0) < SectionKind::Execution as u32 { 1 } else { 7 };
            for at in (0..sections[index].1.len()).step_by(step) {
                for change in [0xff, 0x01, 0x80] {
                    let mut changed = sections.clone();
                    changed[index].1[at] ^= change;
                    let bytes = encode_sections(&changed);
                    let ended = measure(|| survive(&bytes));
                    assert!(
                        ended.time <= TIME,
                        "{example}: byte {at} of section {index} takes {:?}",
                        ended.time
                    );
                    *came.entry(ended.value).or_default() += 1;
                }
            }
        }
    }
    for ending in ["refused", "decoded", "ran"] {
        assert!(came.get(ending).is_some_and(|count| *count > 100), "{came:?}");
    }
}

/// What a module of a mebibyte or so of small parts takes to decode.
#[track_caller]
fn decodes(what: &str, change: impl FnOnce(&mut Module)) {
    let mut module = Module::default();
    change(&mut module);
    let bytes = encode(&module).unwrap();
    let decoded = measure(|| decode(&bytes).is_ok());
    bounded(what, bytes.len(), 64, &decoded).unwrap();
    let loaded = measure(|| engine().load_bytes("dense", &bytes).is_ok());
    bounded(what, bytes.len(), 64, &loaded).unwrap();
}

const MANY: usize = 400_000;

fn none() -> Value {
    Value::Optional(None)
}

fn clause(nodes: usize) -> Clause {
    let none = Expr { type_id: TypeId::BOOLEAN, kind: ExprKind::None };
    Clause { exprs: Exprs { nodes: vec![none; nodes] }, root: ExprId(0), locals: Locals::default() }
}

#[test]
fn dense_types() {
    decodes("symbols", |module| {
        module.types.types.push(Type::Enum(vec![String::new(); MANY]));
    });
    decodes("types", |module| {
        module.types.types.extend((8..MANY).map(|at| Type::Array(TypeId(at as u32 / 2))))
    });
    decodes("equal types", |module| module.types.types.extend(vec![Type::Array(TypeId::INTEGER); MANY]));
    let field = || Field { name: String::new(), type_id: TypeId::INTEGER };
    decodes("records", |module| {
        let record = Record { name: String::new(), fields: vec![field()], constraints: vec![] };
        module.types.records = vec![record; MANY];
    });
    decodes("cases", |module| {
        let case = Case { name: String::new(), fields: vec![] };
        module.types.variants = vec![Variant { name: String::new(), cases: vec![case] }; MANY];
    });
}

#[test]
fn dense_expressions() {
    decodes("expressions", |module| module.semantic.invariants = vec![clause(MANY)]);
    decodes("clauses", |module| module.semantic.invariants = vec![clause(1); MANY]);
    decodes("values", |module| {
        let mut dense = clause(1);
        dense.exprs.nodes[0].kind = ExprKind::Literal(Value::Array(vec![none(); MANY]));
        module.semantic.invariants = vec![dense];
    });
    decodes("nested values", |module| {
        let mut value = none();
        for _ in 0..60 {
            value = Value::Optional(Some(Box::new(value)));
        }
        let mut dense = clause(1);
        dense.exprs.nodes[0].kind = ExprKind::Literal(Value::Array(vec![value; MANY / 60]));
        module.semantic.invariants = vec![dense];
    });
    decodes("record values", |module| {
        let mut dense = clause(1);
        dense.exprs.nodes[0].kind = ExprKind::Literal(Value::Record(vec![(String::new(), none()); MANY]));
        module.semantic.invariants = vec![dense];
    });
}

#[test]
fn dense_functions() {
    let module = || {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/algorithms/gcd.vsp");
        engine().load_file(path).unwrap().document().clone()
    };
    decodes("steps", |dense| {
        *dense = module();
        let step = Step {
            name: String::new(),
            when: None,
            guards: vec![],
            operation: Operation::Next(vec![]),
            retry: None,
            fallback: None,
            compensate: vec![],
        };
        dense.semantic.functions[0].steps = vec![step; MANY / 4];
    });
    decodes("examples", |dense| {
        *dense = module();
        let mut example = dense.semantic.functions[0].examples[0].clone();
        example.state_after = vec![(0, ExpectedValue::Fields(vec![])); MANY];
        dense.semantic.functions[0].examples = vec![example];
    });
    decodes("inputs", |dense| {
        *dense = module();
        let mut input = dense.semantic.functions[0].inputs[0].clone();
        input.constraints.clear();
        input.name.clear();
        dense.semantic.functions[0].inputs = vec![input; MANY];
    });
    decodes("functions", |dense| {
        *dense = module();
        let function = dense.semantic.functions[0].clone();
        dense.semantic.functions = vec![function; 200];
    });
}

#[test]
fn dense_carried_along() {
    decodes("metadata", |module| module.meta.functions = vec![FunctionMeta::default(); MANY]);
    decodes("intent", |module| {
        let mut intent = anrf_format::module::Intent::default();
        intent.constraints = vec![IntentConstraint::default(); MANY];
        module.intent.module = Some(intent);
    });
    decodes("source map", |module| {
        module.source_map.execution = vec![CodeMap { blocks: vec![vec![]; MANY] }]
    });
    let block = |instructions: usize| execution::Block {
        region: None,
        parameters: vec![],
        instructions: vec![Instruction { op: Op::NewNone, result: None }; instructions],
        terminator: Terminator::Skip,
        on_fault: Some(BlockId(0)),
    };
    let function = |blocks| execution::Function {
        role: Role::Body(0),
        values: vec![],
        parameters: 0,
        returns: vec![],
        blocks,
        regions: vec![],
        obligations: vec![],
        loops: vec![],
        decreases: vec![],
    };
    decodes("blocks", |module| module.execution.functions = vec![function(vec![block(0); MANY / 4])]);
    decodes("short blocks", |module| module.execution.functions = vec![function(vec![block(1); MANY / 4])]);
    decodes("instructions", |module| module.execution.functions = vec![function(vec![block(MANY)])]);
    decodes("functions", |module| module.execution.functions = vec![function(vec![]); MANY / 8]);
    decodes("other sections", |module| module.other = vec![(20, vec![]); 20_000]);
}

#[test]
fn false_lengths() {
    // Every list claims to have as many elements as there are bytes after it.
    let length = 1 << 16;
    for kind in 1..=7 {
        for first in 0..24 {
            let mut payload = vec![0; first];
            while payload.len() < length {
                payload.extend([0xff, 0x7f]);
            }
            let mut sections = sections(&encode(&Module::default()).unwrap()).unwrap();
            match sections.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, bytes)) => *bytes = payload,
                None => sections.push((kind, payload)),
            }
            let bytes = encode_sections(&sections);
            let decoded = measure(|| decode(&bytes).is_ok());
            assert!(!decoded.value);
            bounded(&format!("section {kind} after {first} bytes"), bytes.len(), 64, &decoded).unwrap();
        }
    }
}
