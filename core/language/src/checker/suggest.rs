//! What a misspelt name was probably meant to be.

use anrf_format::diagnostic::{Diagnostic, Span};

/// Candidates that are looked at.
const MANY: usize = 1000;

/// The candidate that is closest to a name, if one is close enough to be meant.
pub(super) fn closest<'n>(name: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters: Vec<char> = name.chars().take(64).collect();
    let allowed = if letters.len() < 3 { 0 } else { (letters.len() / 3).clamp(1, 3) };
    let known: Vec<&str> = candidates.into_iter().take(MANY).collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known.iter().copied() {
        if candidate.is_empty() || candidate == name {
            continue;
        }
        let distance = if candidate.eq_ignore_ascii_case(name) { 0 } else { distance(&letters, candidate) };
        // Three letters with another one among them are mostly another word: `now` is not `pow`.
        if letters.len() == 3 && distance == 1 && letters.len() == candidate.len() {
            continue;
        }
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name).or_else(|| beginning(name, &known))
}

/// The one candidate that begins as the name does, or the other way round.
fn beginning<'n>(name: &str, candidates: &[&'n str]) -> Option<&'n str> {
    let mut alike = candidates.iter().filter(|candidate| {
        name.len().min(candidate.len()) >= 4 && (candidate.starts_with(name) || name.starts_with(**candidate))
    });
    let first = alike.next()?;
    alike.next().is_none().then_some(first)
}

/// Adds "did you mean" and the fix that writes it.
pub(crate) fn suggest<'n>(
    diagnostic: Diagnostic,
    name: &str,
    span: Span,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    match closest(name, candidates) {
        Some(meant) => diagnostic.with_help(format!("did you mean `{meant}`?")).with_fix(
            format!("write `{meant}`"),
            span,
            meant,
        ),
        None => diagnostic,
    }
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), letters
/// compared without case at half the price being rounded down.
fn distance(name: &[char], candidate: &str) -> usize {
    let other: Vec<char> = candidate.chars().take(64).collect();
    let mut before_last: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, &letter) in name.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &wanted) in other.iter().enumerate() {
            let change = usize::from(!letter.eq_ignore_ascii_case(&wanted));
            let mut least = (last[column] + change).min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && name[row - 1] == wanted && other[column - 1] == letter;
            if swapped {
                least = least.min(before_last[column - 1] + 1);
            }
            current.push(least);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

/// `a`, `b` and `c`, at most eight of them.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [front @ .., last] if quoted.len() <= 8 => format!("{} and {last}", front.join(", ")),
        _ => format!("{} and {} more", quoted[..8].join(", "), quoted.len() - 8),
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_finds_the_name_and_another_word_does_not() {
        let names = ["amount", "balance", "status", "LEN", "x"];
        for (typed, meant) in [
            ("ammount", Some("amount")),
            ("amuont", Some("amount")),
            ("Balance", Some("balance")),
            ("len", Some("LEN")),
            ("stat", Some("status")),
            ("state", None),
            ("y", None),
            ("net", None),
            ("total", None),
        ] {
            assert_eq!(closest(typed, names), meant, "{typed}");
        }
    }
}
