//! What is certain to be lowered is lowered: trees that the checker has made, and what becomes of them when
//! parts of them are changed at random.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on should say where")]

mod lower_trees;

use std::path::{Path, PathBuf};

use anrf_format::module::{Module, Source};
use anrf_format::semantic::Semantic;
use anrf_format::semantic::validate::validate;
use anrf_format::types::TypeTable;
use anrf_language::check_source;
use anrf_language::lowering::{is_certain, lower_semantic};
use anrf_language::resolver::FolderResolver;
use lower_trees::random::{Random, module};
use lower_trees::scramble::scramble;

/// The checked examples.
fn examples() -> Vec<(String, Module)> {
    let mut found = vec![];
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("refused") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "vsp") {
                let name = path.to_string_lossy().into_owned();
                let source = Source { text: std::fs::read_to_string(&path).unwrap(), name: name.clone() };
                let (checked, _) = check_source(&source, &FolderResolver::new());
                found.push((name, checked.unwrap().into_module()));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() > 35, "{} examples", found.len());
    found
}

#[test]
fn nearly_all_examples_are_certain() {
    let doubtful: Vec<String> = examples()
        .into_iter()
        .filter(|(_, module)| !is_certain(&module.types, &module.semantic))
        .map(|(name, _)| Path::new(&name).file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    // Compensations are left to lowering itself.
    assert_eq!(doubtful, ["book_trip", "charge_and_ship"]);
}

/// How many trees were well formed, certain, and not lowered all the same.
fn hunt(seed: u64, rounds: usize, trees: &[(TypeTable, Semantic)]) -> (usize, usize, usize) {
    let mut random = Random(seed);
    let (mut well_formed, mut certain, mut lowered) = (0, 0, 0);
    for (tree, (types, semantic)) in trees.iter().enumerate() {
        let bytes = postcard::to_stdvec(&(types, semantic)).unwrap();
        for _ in 0..rounds {
            let scrambled = scramble(&bytes, &mut random);
            let Ok((types, semantic)) = postcard::from_bytes::<(TypeTable, Semantic)>(&scrambled) else {
                continue;
            };
            if validate(&types, &semantic).is_err() {
                continue;
            }
            well_formed += 1;
            let sure = is_certain(&types, &semantic);
            certain += usize::from(sure);
            match lower_semantic(&types, &semantic) {
                Ok(_) => lowered += 1,
                Err(error) => {
                    let changed =
                        bytes.iter().zip(&scrambled).enumerate().filter(|(_, (old, new))| old != new);
                    assert!(!sure, "tree {tree}: {error} after {:?}", changed.collect::<Vec<_>>());
                }
            }
        }
    }
    (well_formed, certain, lowered)
}

#[test]
fn what_is_certain_is_lowered() {
    // `CERTAIN_ROUNDS=5000` hunts longer.
    let rounds = std::env::var("CERTAIN_ROUNDS").map_or(25, |rounds| rounds.parse().unwrap());
    let seed = std::env::var("CERTAIN_SEED").map_or(11, |seed| seed.parse().unwrap());
    let mut trees: Vec<(TypeTable, Semantic)> =
        (0..20).map(module).map(|tree| (tree.types, tree.semantic)).collect();
    trees.extend(examples().into_iter().map(|(_, module)| (module.types, module.semantic)));
    let (well_formed, certain, lowered) = hunt(seed, rounds, &trees);
    eprintln!("{well_formed} well formed, {lowered} lowered, {certain} of these certain");
    assert!(
        well_formed > 10 * rounds && certain > 5 * rounds,
        "{well_formed} well formed, {certain} certain"
    );
    assert!(lowered < well_formed, "some trees are not to be lowered");
}
