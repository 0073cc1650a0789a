//! What is refused, and with which code.

use anrf_format::binary::{SectionKind, decode, encode, encode_sections};
use anrf_format::module::Module;
use anrf_format::semantic::{Expr, ExprId, ExprKind, LocalId, StepId};
use anrf_format::types::{Type, TypeId};

use super::files::{sections, with_section};
use super::sample;

/// The code and message that bytes are refused with.
fn refused(bytes: &[u8]) -> (&'static str, String) {
    let error = decode(bytes).unwrap_err();
    assert!(error.offset <= bytes.len(), "the place is in the file");
    (error.code.id, error.message)
}

fn code(bytes: &[u8]) -> &'static str {
    refused(bytes).0
}

/// The code that a changed sample is refused with.
fn code_of(change: impl FnOnce(&mut Module)) -> &'static str {
    let mut module = sample::module();
    change(&mut module);
    code(&encode(&module).unwrap())
}

#[test]
fn what_is_not_a_packed_module_is_told_at_once() {
    assert_eq!(code(b""), "E-BINARY-001");
    assert_eq!(code(b"ANR"), "E-BINARY-001");
    assert_eq!(code(b"node_id: f\n"), "E-BINARY-001");
    assert_eq!(code(&[0; 1000]), "E-BINARY-001");
    let mut zero = sample::packed();
    zero[4] = 0;
    assert_eq!(code(&zero), "E-BINARY-001");
}

#[test]
fn a_newer_format_is_one_plain_sentence() {
    let mut bytes = sample::packed();
    bytes[4] = 2;
    let sentence = "the file has format version 2, this library reads version 1; use a newer library";
    assert_eq!(refused(&bytes), ("E-BINARY-002", sentence.into()));
    // Whatever else the newer version changed.
    assert_eq!(refused(b"ANRF\x02\0\0\0 another layout"), ("E-BINARY-002", sentence.into()));
}

#[test]
fn a_newer_language_is_one_plain_sentence() {
    let sentence = "the module is written in language version 7, this library knows up to version 1; use a newer library";
    let mut module = sample::module();
    module.meta.language_version = 7;
    assert_eq!(refused(&encode(&module).unwrap()), ("E-BINARY-002", sentence.into()));
    // Whatever else the newer version says in its sections.
    let bytes = with_section(&sample::packed(), SectionKind::Meta, |meta| {
        *meta = [&[4], b"shop".as_slice(), &[7], b"more than version 1 knows"].concat();
    });
    assert_eq!(refused(&bytes), ("E-BINARY-002", sentence.into()));
    let meta = sections(&bytes).swap_remove(0);
    assert_eq!(refused(&encode_sections(&[meta, (200, vec![])])), ("E-BINARY-002", sentence.into()));
}

#[test]
fn a_file_that_goes_on_is_too_long() {
    let mut bytes = sample::packed();
    bytes.push(0);
    assert_eq!(code(&bytes), "E-BINARY-003");
}

#[test]
fn a_damaged_table_and_a_damaged_section_are_told_apart() {
    let mut bytes = sample::packed();
    bytes[20] ^= 1;
    assert_eq!(
        refused(&bytes),
        ("E-BINARY-004", "the table of sections does not have its stated hash".into())
    );
    let mut bytes = sample::packed();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let message = "the section section 4000000000 does not have its stated hash";
    assert_eq!(refused(&bytes), ("E-BINARY-004", message.into()));
}

#[test]
fn every_section_of_a_module_is_there_once_and_in_order() {
    let all = sections(&sample::packed());
    for index in 0..6 {
        let mut without = all.clone();
        without.remove(index);
        assert_eq!(code(&encode_sections(&without)), "E-BINARY-006");
        let mut twice = all.clone();
        twice.insert(index, all[index].clone());
        assert_eq!(code(&encode_sections(&twice)), "E-BINARY-006");
        let mut swapped = all.clone();
        swapped.swap(index, index + 1);
        assert_eq!(code(&encode_sections(&swapped)), "E-BINARY-006");
    }
    let mut two_sources = all.clone();
    two_sources.insert(7, all[6].clone());
    assert_eq!(code(&encode_sections(&two_sources)), "E-BINARY-006");
    let mut at_the_end = all;
    at_the_end.push((4, vec![]));
    assert_eq!(code(&encode_sections(&at_the_end)), "E-BINARY-006");
    assert_eq!(code(&encode_sections(&[])), "E-BINARY-006");
    assert_eq!(code(&encode_sections(&[(0, vec![])])), "E-BINARY-006");
}

#[test]
fn bytes_that_would_be_written_differently_are_refused() {
    let packed = sample::packed();
    for kind in [1, 2, 3, 4, 5, 6, 7] {
        let kind = SectionKind::ALL[kind - 1].1;
        // Goes on after its value.
        assert_eq!(code(&with_section(&packed, kind, |bytes| bytes.push(0))), "E-BINARY-005");
        // Ends in the middle of it.
        assert_eq!(
            code(&with_section(&packed, kind, |bytes| bytes.truncate(bytes.len() - 1))),
            "E-BINARY-005"
        );
    }
    // The first byte of META is the length of the name, 4: the same number in two bytes.
    let bytes = with_section(&packed, SectionKind::Meta, |meta| drop(meta.splice(..1, [0x84, 0])));
    assert_eq!(refused(&bytes), ("E-BINARY-005", "the section META is not in canonical form".into()));
    // An empty SOURCE section is written as none.
    let bytes = with_section(&packed, SectionKind::Source, |source| *source = vec![0, 0]);
    assert_eq!(code(&bytes), "E-BINARY-005");
}

#[test]
fn absurd_lengths_are_refused() {
    let packed = sample::packed();
    // Lists and texts that claim to be longer than any memory.
    for kind in [1, 2, 3, 4, 5, 6, 7] {
        let kind = SectionKind::ALL[kind - 1].1;
        for length in [&[255, 255, 255, 255, 15][..], &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]] {
            let bytes = with_section(&packed, kind, |bytes| *bytes = [length, &[0; 64]].concat());
            assert_eq!(code(&bytes), "E-BINARY-005");
        }
    }
    // Tables and sections that claim to be longer than the file.
    let mut bytes = packed.clone();
    bytes[8..12].fill(255);
    assert_eq!(code(&bytes), "E-BINARY-003");
    let mut bytes = b"ANRF\x01\0\0\0\x01\0\0\0\x01\0\0\0".to_vec();
    bytes.extend([255; 8]);
    bytes.extend([0; 32]);
    bytes.extend(sha256(&bytes));
    assert_eq!(code(&bytes), "E-BINARY-003");
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    // The header's hash is the last thing in a file without sections.
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

#[test]
fn indices_outside_their_lists_are_refused() {
    const FAR: u32 = u32::MAX;
    let changes: &[fn(&mut Module)] = &[
        |module| module.types.aliases[0].1 = TypeId(FAR),
        |module| module.types.types.push(Type::Array(TypeId(FAR))),
        |module| module.types.types.push(Type::Record(FAR)),
        |module| module.types.types.push(Type::Variant(FAR)),
        |module| module.types.types.push(Type::Machine(FAR)),
        |module| module.types.machines[0].initial = FAR,
        |module| module.types.machines[0].transitions.push((0, FAR)),
        |module| module.types.records[0].fields[0].type_id = TypeId(FAR),
        |module| module.types.records[0].constraints[0].root = ExprId(FAR),
        |module| module.types.variants[0].cases[0].fields[0].type_id = TypeId(FAR),
        |module| module.semantic.state[0].type_id = TypeId(FAR),
        |module| module.semantic.state[0].owner = Some(FAR),
        |module| module.semantic.host[0].success_record = TypeId(FAR),
        |module| module.semantic.host[0].inputs[0].type_id = TypeId(FAR),
        |module| module.semantic.functions[1].success_record = TypeId(FAR),
        |module| module.semantic.functions[1].state[0] = FAR,
        |module| module.semantic.functions[1].module_invariants[0] = FAR,
        |module| module.semantic.functions[1].locals.truncate(2),
        |module| module.semantic.functions[1].locals[2].type_id = TypeId(FAR),
        |module| module.semantic.functions[1].body.push(StepId(FAR)),
        |module| module.semantic.functions[1].exprs.nodes[0].type_id = TypeId(FAR),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Local(LocalId(FAR)),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::State(FAR),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Calls(FAR),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Call(FAR, vec![]),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Old(ExprId(FAR)),
        |module| module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Result(FAR),
        |module| {
            module.semantic.functions[1].exprs.nodes[0] =
                Expr { type_id: TypeId::BOOLEAN, kind: ExprKind::Failed(FAR) };
        },
        |module| module.semantic.functions[1].examples[0].state[0].0 = FAR,
        |module| module.semantic.functions[1].examples[0].host[0].0 = FAR,
        |module| module.semantic.functions[1].examples[0].state_after[0].0 = FAR,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut module = sample::module();
        change(&mut module);
        let found = decode(&encode(&module).unwrap()).map(|_| ()).map_err(|error| error.code.id);
        assert_eq!(found, Err("E-BINARY-005"), "change {index}");
    }
}

#[test]
fn trees_that_are_none_are_refused() {
    // A child that is no older than its parent.
    let parent = |module: &mut Module| {
        module.semantic.functions[1].exprs.nodes[0].kind = ExprKind::Old(ExprId(0));
    };
    assert_eq!(code_of(parent), "E-BINARY-005");
    // A child with two parents: as a tree it would be exponentially large.
    let shared = |module: &mut Module| {
        let exprs = &mut module.semantic.functions[0].exprs;
        exprs.nodes[2].kind = ExprKind::Array(vec![ExprId(0), ExprId(0)]);
    };
    assert_eq!(code_of(shared), "E-BINARY-005");
    // A step that stands twice, and one that stands nowhere.
    assert_eq!(code_of(|module| module.semantic.functions[1].body.push(StepId(0))), "E-BINARY-005");
    assert_eq!(code_of(|module| module.semantic.functions[1].body.truncate(1)), "E-BINARY-005");
    // A step inside itself.
    let inside_itself = |module: &mut Module| {
        module.semantic.functions[1].body.remove(0);
        module.semantic.functions[1].steps[0].compensate = vec![StepId(0)];
    };
    assert_eq!(code_of(inside_itself), "E-BINARY-005");
}

#[test]
fn type_tables_that_the_checker_does_not_make_are_refused() {
    let with = |added: Type| code_of(|module| module.types.types.push(added));
    assert_eq!(with(Type::Boolean), "E-BINARY-005");
    assert_eq!(with(Type::Enum(vec![])), "E-BINARY-005");
    assert_eq!(with(Type::Set(TypeId::FLOAT)), "E-BINARY-005");
    assert_eq!(with(Type::Map(TypeId::FLOAT, TypeId::STRING)), "E-BINARY-005");
    assert_eq!(code_of(|module| module.types.types.swap(0, 1)), "E-BINARY-005");
    assert_eq!(code_of(|module| module.types.variants[0].cases.clear()), "E-BINARY-005");
    let endless = |module: &mut Module| {
        let account = module.types.intern(Type::Record(0));
        module.types.records[0].fields[0].type_id = account;
    };
    assert_eq!(code_of(endless), "E-BINARY-005");
    let deep = |module: &mut Module| {
        for _ in 0..70 {
            let last = TypeId(module.types.types.len() as u32 - 1);
            module.types.types.push(Type::Optional(last));
        }
    };
    assert_eq!(code_of(deep), "E-BINARY-005");
}
