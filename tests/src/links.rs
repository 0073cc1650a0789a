//! From every instruction of every example one comes to its step or clause and to a place in the text; and
//! a module of which any one of these links is missing is refused.
#![allow(clippy::expect_used, reason = "a test may panic")]

use anrf::ir::validate::{Defect, validate_code};
use anrf::ir::{Op, Place, Role};
use anrf::source_map::{SourceMap, links};
use anrf::{Engine, binary};
use anrf_format::module::Module;

use crate::files::{root, with_extension};

fn each_example(examine: impl Fn(&str, &Module)) {
    let engine = Engine::new();
    let mut files = with_extension(&root().join("examples"), "vsp");
    files.retain(|path| !path.starts_with(root().join("examples/refused")));
    assert!(files.len() >= 30, "{} files", files.len());
    for path in files {
        let module = engine.load_file(&path).expect("the example loads");
        examine(&path.file_name().unwrap_or_default().to_string_lossy(), module.document());
    }
}

/// Whether the instruction belongs to the function as a whole: entering and leaving it, and what its exits
/// need of the state and the attempts before.
fn is_of_function(op: &Op) -> bool {
    matches!(
        op,
        Op::Enter
            | Op::Leave
            | Op::Charge(_)
            | Op::StateRead(..)
            | Op::StateWrite(..)
            | Op::CheckState(..)
            | Op::Ghost(_)
            | Op::Attempts(_)
    )
}

#[test]
fn every_instruction_reaches_a_step_or_clause_and_its_place() {
    let wrong = std::cell::RefCell::new(vec![]);
    each_example(|name, module| {
        let map = &module.source_map;
        for (function, code) in module.execution.functions.iter().zip(&map.execution) {
            let of = match function.role {
                Role::Body(of) | Role::Entry(of) => of,
                _ => u32::MAX,
            };
            // What is imported has its places in another text.
            let functions = &module.semantic.functions;
            let imported = |of: usize| functions.get(of).is_some_and(|it| it.imported_from.is_some());
            let elsewhere = match function.role {
                Role::Body(of) | Role::Entry(of) => imported(of as usize),
                _ => (0..functions.len()).any(imported),
            };
            for (block, origins) in function.blocks.iter().zip(&code.blocks) {
                assert_eq!(origins.len(), block.instructions.len() + 1, "{name}: one each");
                let ops = block.instructions.iter().map(|it| Some(&it.op)).chain([None]);
                for (op, origin) in ops.zip(origins) {
                    let place = map.span(of, *origin);
                    let text = module.source.text.get(place.range()).expect("a place in the text");
                    assert!(elsewhere || !text.is_empty(), "{name}: {op:?} is at {place:?}");
                    let reached = match origin.place {
                        Place::Clause(..) => true,
                        Place::Step | Place::Expr(_) => origin.step.is_some(),
                        Place::Function => op.is_none_or(is_of_function),
                    };
                    if !reached {
                        let role = function.role;
                        wrong.borrow_mut().push(format!("{name}: {op:?} of {role:?} has only {origin:?}"));
                    }
                }
            }
        }
    });
    let wrong = wrong.into_inner();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Takes each element out of a list, one at a time, and asks whether what is left is refused.
fn without_each<T: Clone>(
    whole: &mut Module,
    list: impl Fn(&mut Module) -> &mut Vec<T>,
    refused: impl Fn(&Module) -> bool,
) -> usize {
    let count = list(whole).len();
    for index in 0..count {
        let link = list(whole).remove(index);
        assert!(refused(whole), "link {index} of {count} may be missing");
        list(whole).insert(index, link);
    }
    count
}

#[test]
fn a_module_without_any_one_link_is_refused() {
    let no_place = |module: &Module| links::check(module).is_err();
    let no_origin = |module: &Module| {
        let maps = &module.source_map.execution;
        let valid = validate_code(&module.types, &module.semantic, &module.execution, maps);
        valid.is_err_and(|error| error.defect == Defect::Origin)
    };
    each_example(|_, module| {
        let mut module = module.clone();
        let mut removed = without_each(&mut module, |it| &mut it.source_map.functions, no_place);
        for at in 0..module.source_map.functions.len() {
            removed += without_each(&mut module, |it| &mut it.source_map.functions[at].steps, no_place);
            removed += without_each(&mut module, |it| &mut it.source_map.functions[at].exprs, no_place);
            removed += without_each(&mut module, |it| &mut it.source_map.functions[at].inputs, no_place);
            removed += without_each(&mut module, |it| &mut it.source_map.functions[at].examples, no_place);
        }
        removed += without_each(&mut module, |it| &mut it.source_map.clauses, no_place);
        for at in 0..module.source_map.clauses.len() {
            removed += without_each(&mut module, |it| &mut it.source_map.clauses[at].1, no_place);
        }
        removed += without_each(&mut module, |it| &mut it.source_map.execution, no_origin);
        for function in 0..module.source_map.execution.len() {
            removed +=
                without_each(&mut module, |it| &mut it.source_map.execution[function].blocks, no_origin);
            for block in 0..module.source_map.execution[function].blocks.len() {
                removed += without_each(
                    &mut module,
                    |it| &mut it.source_map.execution[function].blocks[block],
                    no_origin,
                );
            }
        }
        assert!(removed > 30, "{removed} links");
    });
}

/// What loading says of a packed module without a link.
fn refusal(module: &Module, trusted: bool) -> &'static str {
    let engine = Engine::builder().verify_stored_code().build();
    let bytes = binary::encode(module).expect("every module can be packed");
    let loaded = if trusted { engine.load_trusted(&bytes) } else { engine.load_bytes("broken.anrf", &bytes) };
    let opened = loaded.and_then(|module| module.test().map(drop));
    opened.expect_err("the link is missing").code().id
}

#[test]
fn loading_refuses_a_packed_module_without_a_link() {
    each_example(|name, module| {
        let cut: [fn(&mut SourceMap); 5] = [
            |map| map.functions[0].steps.clear(),
            |map| map.functions[0].exprs.truncate(1),
            |map| map.functions.clear(),
            |map| map.execution[0].blocks[0].truncate(1),
            |map| drop(map.execution.pop()),
        ];
        for (index, cut) in cut.into_iter().enumerate() {
            let mut module = module.clone();
            cut(&mut module.source_map);
            let expected = if index < 3 { ["E-BINARY-005"; 2] } else { ["E-LOAD-002", "E-LOWER-001"] };
            assert_eq!([refusal(&module, false), refusal(&module, true)], expected, "{name}, cut {index}");
        }
    });
}
