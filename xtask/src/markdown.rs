//! Fenced code blocks and prose of a Markdown text.

/// A fenced code block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What stands behind the opening fence, such as `rust`.
    pub(crate) tag: &'a str,
    pub(crate) text: String,
}

/// The fenced code blocks, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = vec![];
    let mut is_inside = false;
    for line in text.lines() {
        if let Some(tag) = line.trim_start().strip_prefix("```") {
            is_inside = !is_inside;
            if is_inside {
                found.push(Block { tag: tag.trim(), text: String::new() });
            }
        } else if let (true, Some(block)) = (is_inside, found.last_mut()) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    found
}

/// The lines outside fenced code blocks, each with its number.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        (!is_inside && !is_fence).then_some((index + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "one\n```rust\ntwo\nthree\n```\nfour\n```\nfive\n```\n";

    #[test]
    fn blocks_have_a_tag_and_a_text() {
        let expected =
            [Block { tag: "rust", text: "two\nthree\n".into() }, Block { tag: "", text: "five\n".into() }];
        assert_eq!(blocks(TEXT), expected);
    }

    #[test]
    fn prose_is_what_is_left() {
        assert_eq!(prose(TEXT).collect::<Vec<_>>(), [(1, "one"), (6, "four")]);
    }
}
