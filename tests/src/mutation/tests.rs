#![allow(clippy::unwrap_used)] // a test may fail

use std::path::Path;

use anrf::Engine;

use super::*;

fn load(engine: &Engine, task: &str) -> anrf::Module {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(task).join("correct.vsp");
    engine.load_file(path).unwrap()
}

#[test]
fn a_mutant_is_another_program_or_none() {
    let engine = Engine::new();
    let (mut programs, mut all) = (0, 0);
    for task in ["array_max", "token_ledger", "shape_area", "card_fee", "reserve_and_pay", "vending"] {
        let module = load(&engine, task);
        let tree = module.document();
        for index in 0..u32::try_from(tree.semantic.functions.len()).unwrap() {
            for subject in [Subject::Code, Subject::Contract] {
                for mutant in mutants(tree, index, subject) {
                    all += 1;
                    assert_ne!(mutant.function.exprs, anrf::semantic::Exprs::default());
                    let bytes = with_function(tree, index, mutant.function).unwrap();
                    let Ok(changed) = engine.load_bytes("changed", &bytes) else { continue };
                    assert_ne!(changed.id(), module.id(), "{task}: {}", mutant.what);
                    programs += 1;
                }
            }
        }
    }
    assert!(programs > 200, "{programs} of {all}");
    assert!(programs * 10 > all * 9, "{programs} of {all}");
}

/// Runs alone, so that it needs no solver.
#[test]
fn runs_refute_most_mutants_of_a_strong_contract() {
    let engine = Engine::builder().solvers(vec![]).build();
    for task in ["gift_card", "shift_in", "differences"] {
        let judge = Judge::new(&engine, task, load(&engine, task));
        let mutants = mutants(judge.module().document(), 0, Subject::Code);
        let mut fates: Vec<Fate> = mutants.iter().map(|mutant| judge.judge(0, mutant)).collect();
        fates.retain(|fate| *fate != Fate::NoProgram);
        let refuted = fates.iter().filter(|fate| matches!(fate, Fate::Refuted(_))).count();
        let survived =
            fates.iter().filter(|fate| matches!(fate, Fate::Survived(_) | Fate::Equivalent(_))).count();
        assert!(fates.len() >= 6, "{task}: {}", fates.len());
        assert!(refuted * 10 >= fates.len() * 9, "{task}: {refuted} of {}", fates.len());
        assert_eq!(survived, 0, "{task}: nothing is proved without a solver");
    }
}

#[test]
fn lines_of_results_are_read_as_they_were_written() {
    let entry = Entry {
        module: "00ff".to_owned(),
        file: "a/correct.vsp".to_owned(),
        subject: "code".to_owned(),
        number: "0.1".to_owned(),
        place: "3:4".to_owned(),
        what: "`<` to `<=`".to_owned(),
        fate: "survived".to_owned(),
        detail: String::new(),
    };
    let text = format!("{}{}", entry.line(), "00ff\tcut off");
    assert_eq!(read_entries(&text), std::slice::from_ref(&entry));
    let page = report(&[entry], "a/correct.vsp:3:4 `<` to `<=` => they never meet\n", &|_| "data".to_owned());
    assert!(page.contains("| data | 1 | 0 | 0 | 0 | 1 | 0 |"), "{page}");
    assert!(page.contains("they never meet"), "{page}");
}
