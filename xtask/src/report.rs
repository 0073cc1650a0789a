//! The table at the end of a test run.

use std::time::Duration;

/// How one part of the run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Each skip as `name: reason`.
    pub(crate) skipped: Vec<String>,
    pub(crate) duration: Duration,
}

/// The skips that a strict run puts up with: `name: reason`, one a line, `#` begins a comment.
#[derive(Debug, Default)]
pub(crate) struct AllowedSkips(Vec<(String, String)>);

impl AllowedSkips {
    /// Reads the list; a line without a reason is an error.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut found = vec![];
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once(": ") {
                Some((name, reason)) if !reason.trim().is_empty() => {
                    found.push((name.trim().to_owned(), reason.trim().to_owned()));
                }
                _ => return Err(format!("tests/allowed-skips:{}: `{line}` gives no reason", index + 1)),
            }
        }
        Ok(Self(found))
    }

    /// Whether a skip, written `name: reason`, is on the list.
    pub(crate) fn allows(&self, skip: &str) -> bool {
        let name = skip.split_once(": ").map_or(skip, |(name, _)| name);
        self.0.iter().any(|(allowed, _)| allowed == name.trim())
    }
}

/// Makes a failure of every skip that is not on the list.
pub(crate) fn be_strict(parts: &mut [Part], allowed: &AllowedSkips) {
    for part in parts {
        let (fine, wrong): (Vec<_>, Vec<_>) =
            std::mem::take(&mut part.skipped).into_iter().partition(|skip| allowed.allows(skip));
        for skip in &wrong {
            println!("skipped, and tests/allowed-skips does not list it: {skip}");
        }
        part.failed += wrong.len() as u64;
        part.skipped = fine;
    }
}

/// The table, its columns aligned, and the closing line.
pub(crate) fn summary(parts: &[Part]) -> String {
    let width = parts.iter().map(|part| part.name.len()).max().unwrap_or(0).max("total".len());
    let row = |name: &str, passed: u64, failed: u64, skipped: usize, duration: Duration| {
        format!("{name:<width$}  {passed:>7}  {failed:>7}  {skipped:>7}  {:>11}\n", seconds(duration))
    };
    let passed = parts.iter().map(|part| part.passed).sum();
    let failed = parts.iter().map(|part| part.failed).sum();
    let skipped = parts.iter().map(|part| part.skipped.len()).sum();
    let duration = parts.iter().map(|part| part.duration).sum();

    let mut text =
        format!("{:<width$}  {:>7}  {:>7}  {:>7}  {:>11}\n", "", "passed", "failed", "skipped", "time");
    for part in parts {
        text += &row(part.name, part.passed, part.failed, part.skipped.len(), part.duration);
    }
    text += &row("total", passed, failed, skipped, duration);
    for skip in parts.iter().flat_map(|part| &part.skipped) {
        text += &format!("skipped {skip}\n");
    }
    text + &format!("{passed} passed, {failed} failed, {skipped} skipped\n")
}

/// A duration as a person reads it.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_aligns_and_ends_with_the_sums() {
        let lint =
            Part { name: "clippy", passed: 1, duration: Duration::from_millis(2_300), ..Part::default() };
        let tests = Part {
            name: "unit tests",
            passed: 1234,
            failed: 2,
            skipped: vec!["ffi from Python: no python3".into()],
            duration: Duration::from_secs(75),
        };
        let expected = "             passed   failed  skipped         time
clippy            1        0        0        2.3 s
unit tests     1234        2        1   1 min 15 s
total          1235        2        1   1 min 17 s
skipped ffi from Python: no python3
1235 passed, 2 failed, 1 skipped
";
        assert_eq!(summary(&[lint, tests]), expected);
    }

    #[test]
    fn a_strict_run_fails_what_is_not_listed() {
        let allowed = AllowedSkips::parse("# why\n\nmermaid parser: wants a package from npm\n").unwrap();
        let skipped = vec!["mermaid parser: no node".to_owned(), "ffi from C: no gcc".to_owned()];
        let mut parts = [Part { name: "tests", passed: 5, skipped, ..Part::default() }];
        be_strict(&mut parts, &allowed);
        assert_eq!((parts[0].failed, parts[0].skipped.len()), (1, 1));
    }

    #[test]
    fn a_listed_skip_needs_a_reason() {
        assert!(AllowedSkips::parse("mermaid parser\n").unwrap_err().contains("gives no reason"));
    }
}
