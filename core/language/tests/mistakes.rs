//! Of the typical mistakes in `tests/files/mistakes`, those that the reader can see: it says one thing, at
//! the right place, and its fix writes what was meant. The others are the checker's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use anrf_format::diagnostic::Diagnostic;
use anrf_language::syntax::parse_text;
use anrf_language::yaml::Limits;

fn header<'t>(text: &'t str, key: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(key)).unwrap_or_default()
}

fn fixed(text: &str, diagnostic: &Diagnostic) -> Option<String> {
    let mut result = text.to_owned();
    for edit in diagnostic.fixes.first()?.edits.iter().rev() {
        result.replace_range(edit.span.range(), &edit.replacement);
    }
    Some(result)
}

/// What is wrong with the reader's answer to one mistake; `None` if it says nothing or the right thing.
fn complaint(text: &str) -> Option<String> {
    let (_, diagnostics) = parse_text(text, &Limits::default());
    let [diagnostic] = diagnostics.as_slice() else {
        let messages: Vec<&str> = diagnostics.iter().map(|it| it.message.as_str()).collect();
        return (!messages.is_empty()).then(|| format!("several diagnostics: {messages:?}"));
    };
    let (line, place) = header(text, "place: ").split_once(':')?;
    let at = text[..diagnostic.span.start as usize].matches('\n').count() + 1;
    if line != at.to_string() {
        return Some(format!("line {at} instead of {line}: {}", diagnostic.message));
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
        return Some(format!("`{}` instead of `{place}`: {}", &text[range], diagnostic.message));
    }
    let mend = header(text, "mend: ");
    match (fixed(text, diagnostic), mend) {
        (None, "none") => None,
        (None, _) => Some(format!("no fix: {}", diagnostic.message)),
        (Some(_), "none") => Some(format!("a fix where there should be none: {}", diagnostic.message)),
        (Some(fixed), mend) => {
            let found = fixed.lines().any(|line| line.trim() == mend);
            (!found).then(|| format!("the fix does not write `{mend}`"))
        }
    }
}

#[test]
fn each_mistake_that_the_reader_sees_is_one_diagnostic_with_its_mend() {
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
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
