//! `tests/files/mistakes`: each file holds one mistake, has one finding at its place, and a mend.

use anrf::{Diagnostic, Engine, LineIndex};

use super::{root, with_extension};

struct Expected {
    line: u32,
    text: String,
    mend: Option<String>,
}

fn header(text: &str) -> Option<Expected> {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let (line, near) = value("# place:")?.split_once(':')?;
    let mend = value("# mend:").filter(|mend| *mend != "none").map(str::to_owned);
    Some(Expected { line: line.parse().ok()?, text: near.replace("\\t", "\t"), mend })
}

/// The text after the first fix.
fn mended(text: &str, found: &Diagnostic) -> Option<String> {
    let fix = found.fixes.first()?;
    let mut out = text.to_owned();
    for edit in fix.edits.iter().rev() {
        out.replace_range(edit.span.range(), &edit.replacement);
    }
    Some(out)
}

fn examine(engine: &Engine, text: &str) -> Result<(), String> {
    let expected = header(text).ok_or("the header is malformed")?;
    let found = engine.check("mistake.vsp", text).diagnostics;
    let index = LineIndex::new(text);
    let [only] = &found[..] else {
        let all: Vec<String> = found
            .iter()
            .map(|it| format!("{} {}: {}", index.position(it.span.start).line, it.code, it.message))
            .collect();
        return Err(format!("{} findings: {}", found.len(), all.join(" | ")));
    };
    let (first, last) = (index.position(only.span.start).line, index.position(only.span.end).line);
    if !(first..=last.max(first)).contains(&expected.line) {
        return Err(format!("found at line {first}, not {}: {}", expected.line, only.message));
    }
    let line = text.lines().nth(usize::try_from(expected.line).unwrap_or(1) - 1).unwrap_or_default();
    if !line.contains(&expected.text) {
        return Err(format!("`{}` does not stand on line {}", expected.text, expected.line));
    }
    let mended = mended(text, only);
    match (expected.mend, mended) {
        (None, None) => Ok(()),
        (None, Some(mended)) => match engine.check("mended.vsp", &mended).diagnostics.first() {
            // A mend that nobody asked for is welcome if it is one.
            Some(left) => Err(format!("the fix is wrong: {}", left.message)),
            None => Ok(()),
        },
        (Some(mend), None) => Err(format!("no fix; wanted `{mend}`; found {} {}", only.code, only.message)),
        (Some(mend), Some(mended)) => {
            if !mended.lines().any(|line| line.trim() == mend) {
                let changed = mended.lines().zip(text.lines()).find(|(a, b)| a != b).map(|(a, _)| a.trim());
                return Err(format!("the fix gives `{}`, not `{mend}`", changed.unwrap_or_default()));
            }
            let checked = engine.check("mended.vsp", &mended);
            if let Some(left) = checked.diagnostics.first() {
                return Err(format!("the mended file still has {}: {}", left.code, left.message));
            }
            let module = checked.module.ok_or("the mended file does not load")?;
            let failed = module.test().map_err(|error| error.to_string())?;
            match failed.into_iter().find(|result| !result.passed) {
                Some(result) => Err(format!("an example fails: {} / {}", result.expected, result.found)),
                None => Ok(()),
            }
        }
    }
}

#[test]
fn each_mistake_has_one_finding_and_its_mend() {
    let engine = Engine::new();
    let files = with_extension(&root().join("tests/files/mistakes"), "vsp");
    assert!(files.len() >= 80, "{} files", files.len());
    let mut wrong = vec![];
    let mut mends = 0;
    for path in &files {
        let text = std::fs::read_to_string(path).expect("the file is there");
        mends += usize::from(!text.contains("\n# mend: none\n"));
        if let Err(message) = examine(&engine, &text) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            wrong.push(format!("{name}: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    assert!(mends >= 50, "{mends} files have a mend");
}
