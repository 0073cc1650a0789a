//! Each typical mistake in `tests/files/mistakes` is one diagnostic at the right place, and its fix, where
//! the header names a mend, writes that mend and leaves a module without errors.

#![allow(clippy::unwrap_used)] // helpers of tests are not exempt by themselves

use std::path::PathBuf;

use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::module::Source;
use anrf_language::check_source;
use anrf_language::resolver::NoResolver;

fn header<'t>(text: &'t str, key: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(key)).unwrap_or_default()
}

fn findings(text: &str) -> Vec<Diagnostic> {
    let source = Source { name: "mistake.vsp".into(), text: text.to_owned() };
    let mut found = check_source(&source, &NoResolver).1;
    found.retain(|it| it.severity != Severity::Hint);
    found
}

fn fixed(text: &str, diagnostic: &Diagnostic) -> Option<String> {
    let mut result = text.to_owned();
    for edit in diagnostic.fixes.first()?.edits.iter().rev() {
        result.replace_range(edit.span.range(), &edit.replacement);
    }
    Some(result)
}

fn complaint(text: &str) -> Option<String> {
    let found = findings(text);
    let [diagnostic] = found.as_slice() else {
        let all: Vec<String> = found.iter().map(|it| format!("{} {}", it.code, it.message)).collect();
        return Some(format!("{} diagnostics {all:?}", all.len()));
    };
    let said = format!("{} {}", diagnostic.code, diagnostic.message);
    let (line, place) = header(text, "place: ").split_once(':')?;
    let at = text[..diagnostic.span.start as usize].matches('\n').count() + 1;
    if line != at.to_string() {
        return Some(format!("line {at} instead of {line}: {said}"));
    }
    let start = text.split_inclusive('\n').take(at - 1).map(str::len).sum::<usize>();
    let written = text[start..].lines().next()?;
    let place = place.replace("\\t", "\t");
    let range = diagnostic.span.range();
    let touches = written.match_indices(&place).any(|(offset, _)| {
        let from = start + offset;
        from < range.end.max(range.start + 1) && range.start < from + place.len()
    });
    if !touches {
        return Some(format!("`{}` instead of `{place}`: {said}", &text[range]));
    }
    match (fixed(text, diagnostic), header(text, "mend: ")) {
        (None, "none") => None,
        (None, mend) => Some(format!("no fix (`{mend}`): {said}")),
        (Some(fixed), "none") => {
            let changed = fixed.lines().zip(text.lines()).find(|(new, old)| new != old);
            Some(format!("a fix where there should be none, `{}`: {said}", changed.map_or("", |it| it.0)))
        }
        (Some(fixed), mend) => {
            if !fixed.lines().any(|line| line.trim() == mend) {
                let changed = fixed.lines().zip(text.lines()).find(|(new, old)| new != old);
                let new = changed.map_or("", |it| it.0.trim());
                return Some(format!("the fix writes `{new}`\n      instead of `{mend}`: {said}"));
            }
            if diagnostic.code.id.starts_with("E-YAML") {
                return None; // a mend of layout shows what else the layout hid
            }
            let left = findings(&fixed);
            let left: Vec<&str> = left.iter().map(|it| it.message.as_str()).collect();
            (!left.is_empty()).then(|| format!("mended, but {left:?}"))
        }
    }
}

#[test]
fn each_mistake_is_one_diagnostic_with_its_mend() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/mistakes");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "vsp"));
    files.sort();
    let complaints: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            complaint(&text).map(|what| format!("{}: {what}", file.file_name().unwrap().to_string_lossy()))
        })
        .collect();
    assert!(complaints.is_empty(), "{} of {}\n{}", complaints.len(), files.len(), complaints.join("\n"));
}
