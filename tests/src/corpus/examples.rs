//! The examples of the repository (`examples`) are proved, but for what their first lines say is not known.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anrf::{Engine, Verdict};

use super::{has_solvers, verify};

/// More would no longer be exceptions.
const MOST_OPEN: usize = 3;

fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let is_meant =
        |folder: &PathBuf| !["refused", "refuted", "data"].iter().any(|name| folder.ends_with(name));
    let mut found: Vec<PathBuf> = folders
        .filter(|folder| folder.is_dir() && is_meant(folder))
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "vsp"))
        .collect();
    found.sort();
    found
}

/// The obligations of `# unknown: OBLIGATION CLASS`, with the reason in the lines below.
fn said_unknown(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let is_reasoned = |line: &[&str]| line.get(1).is_some_and(|reason| reason.starts_with("#   "));
    let found = lines.windows(2).filter(|lines| lines[0].starts_with("# unknown: "));
    found
        .map(|lines| {
            assert!(is_reasoned(lines), "{}: no reason below `{}`", path.display(), lines[0]);
            let mut words = lines[0].trim_start_matches("# unknown: ").split(' ');
            let (obligation, class) = (words.next().unwrap(), words.next());
            // Which of the two it is depends on the clock.
            let is_class =
                class.is_some_and(|class| ["out_of_time", "not_inductive", "unsupported"].contains(&class));
            assert!(is_class, "{}: no class in `{}`", path.display(), lines[0]);
            obligation.to_owned()
        })
        .collect()
}

#[test]
fn examples_are_proved_but_for_what_they_say() {
    let engine = Engine::new();
    if !has_solvers(&engine) {
        return;
    }
    let (mut wrong, mut files_open) = (String::new(), 0);
    let examples = examples();
    for path in &examples {
        let report = verify(&engine, path, 3);
        let obligations = report.functions.iter().flat_map(|function| &function.obligations);
        let found: BTreeSet<String> = obligations
            .filter_map(|it| match &it.verdict {
                Verdict::Proved => None,
                Verdict::Refuted(_) => Some(format!("{} refuted", it.id)),
                Verdict::Unknown(_) => Some(it.id.clone()),
                Verdict::Error(what) => Some(format!("{} {what}", it.id)),
            })
            .collect();
        let said = said_unknown(path);
        files_open += usize::from(!found.is_empty());
        if found != said {
            let _ = writeln!(wrong, "{}: found {found:?}, said {said:?}", path.display());
        }
    }
    assert_eq!(wrong, "");
    assert!(files_open <= MOST_OPEN, "{files_open} files");
    assert!(examples.len() >= 40, "{} examples", examples.len());
}
