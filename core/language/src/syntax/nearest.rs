//! The known word that a misspelt one was probably meant to be.

/// The closest of the candidates by insertions, deletions, replacements and swaps of neighbours, if it is
/// close enough: a third of the letters, at least one, at most three.
pub(crate) fn nearest<'n>(word: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters: Vec<char> = word.chars().take(64).map(|it| it.to_ascii_lowercase()).collect();
    let allowed = (letters.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().map(|it| it.to_ascii_lowercase()).collect();
        if other.len().abs_diff(letters.len()) > allowed {
            continue;
        }
        let Some(distance) = distance(&letters, &other, allowed) else { continue };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.filter(|(distance, candidate)| *distance < letters.len().max(candidate.len())).map(|(_, name)| name)
}

/// Optimal string alignment, if it is allowed. A row in which all is above that ends it, as no later one is below,
/// but for a swap, which may look one row further back.
fn distance(word: &[char], other: &[char], allowed: usize) -> Option<usize> {
    let mut before: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut current = Vec::with_capacity(other.len() + 1);
    for (row, letter) in word.iter().enumerate() {
        current.clear();
        current.push(row + 1);
        for (column, wanted) in other.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let change = usize::from(letter != wanted);
            let mut least =
                (at(&last, column) + change).min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            let swapped = row > 0
                && column > 0
                && word.get(row - 1) == Some(wanted)
                && other.get(column - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            current.push(least);
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut current);
        if last.iter().chain(&before).all(|least| *least > allowed) {
            return None;
        }
    }
    last.last().copied().filter(|distance| *distance <= allowed)
}
