//! The seeds that fuzzing starts from, made of the examples and the file tests: writes a folder for each
//! target into `ANRF_SEEDS`. A target itself, because what is instrumented links only with the fuzzer.
#![no_main]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anrf::Engine;
use anrf_hostile_tests::engine;
use anrf_language::syntax::expression::Expressions;
use anrf_language::syntax::parse_expression;
use anrf_language::yaml::{Kind, Limits, NodeId, Tree, load};
use libfuzzer_sys::fuzz_target;

/// Longer inputs are cut by the fuzzer.
const LONGEST: usize = 8192;

/// Shorter texts teach nothing about expressions.
const SHORTEST_EXPRESSION: usize = 6;

fuzz_target!(init: write_seeds(), |_bytes: &[u8]| {});

fn write_seeds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = PathBuf::from(std::env::var_os("ANRF_SEEDS").expect("a folder"));
    let mut files = vec![];
    collect(&root.join("examples"), &mut files);
    collect(&root.join("tests/files"), &mut files);
    files.sort();
    let engine = engine();
    let mut seeds = Seeds { folder, seen: BTreeSet::new() };
    for path in files {
        let text = fs::read_to_string(&path).expect("a text");
        seeds.of_file(&engine, &text);
    }
    eprintln!("{} seeds", seeds.seen.len());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "vsp") {
            files.push(path);
        }
    }
}

struct Seeds {
    folder: PathBuf,
    seen: BTreeSet<(&'static str, Vec<u8>)>,
}

impl Seeds {
    fn of_file(&mut self, engine: &Engine, text: &str) {
        self.write("yaml", text.as_bytes());
        self.write("check_and_run", text.as_bytes());
        if let Some(module) = engine.check("seed.vsp", text).module {
            self.write("binary", &module.pack());
        }
        if let (Some(tree), _) = load(text, &Limits::default()) {
            self.of_node(&tree, tree.root());
        }
    }

    fn of_node(&mut self, tree: &Tree<'_>, node: NodeId) {
        match tree.kind(node) {
            Kind::Mapping { .. } => {
                for entry in tree.entries(node) {
                    self.of_node(tree, entry.value);
                }
            }
            Kind::Sequence { .. } => {
                for item in tree.items(node) {
                    self.of_node(tree, item);
                }
            }
            _ => {
                let Some(text) = tree.text(node).filter(|text| text.len() >= SHORTEST_EXPRESSION) else {
                    return;
                };
                let mut diagnostics = vec![];
                let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
                parse_expression(text, offset, &mut Expressions::default(), &mut diagnostics);
                if diagnostics.is_empty() {
                    self.write("expression", text.as_bytes());
                }
            }
        }
    }

    fn write(&mut self, target: &'static str, bytes: &[u8]) {
        if bytes.len() <= LONGEST && self.seen.insert((target, bytes.to_vec())) {
            let folder = self.folder.join(target);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join(format!("{:05}", self.seen.len())), bytes).expect("a seed");
        }
    }
}
