//! `anrf explain`: what codes mean.

use anrf::Code;

use crate::arguments::Explain;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::finding::codes;
use crate::table::Table;

#[derive(serde::Serialize)]
struct Explained {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
}

impl From<&'static Code> for Explained {
    fn from(code: &'static Code) -> Self {
        Self { code: code.id, title: code.title, explanation: code.explanation }
    }
}

pub(super) fn run(arguments: &Explain, console: &Console) -> Outcome {
    let mut known: Vec<&'static Code> = anrf::codes().chain(codes::TABLE.iter().copied()).collect();
    known.sort_by_key(|code| code.id);
    known.dedup_by_key(|code| code.id);
    let Some(wanted) = &arguments.code else {
        if console.is_json() {
            let all: Vec<Explained> = known.into_iter().map(Explained::from).collect();
            return console.print_document(&Document::new().with("codes", &all)).map(|()| Exit::Fine);
        }
        let mut table = Table::new();
        for code in known {
            table.row([code.id, code.title]);
        }
        return console.print(table).map(|()| Exit::Fine);
    };
    let upper = wanted.trim().to_ascii_uppercase();
    let Some(code) = known.iter().copied().find(|code| code.id == upper) else {
        let message = format!("there is no code `{wanted}`");
        let area = upper.rsplit_once('-').map_or("", |(area, _)| area);
        let near: Vec<String> = known
            .iter()
            .filter(|code| !area.is_empty() && code.id.starts_with(area))
            .map(|code| format!("`{}`", code.id))
            .collect();
        let help = if near.is_empty() || near.len() > 40 {
            "`anrf explain` without a code lists them all".to_owned()
        } else {
            format!("there are {}", near.join(", "))
        };
        return Err(Failure::usage(message).with_help(help));
    };
    if console.is_json() {
        let all = [Explained::from(code)];
        return console.print_document(&Document::new().with("codes", &all)).map(|()| Exit::Fine);
    }
    let heading = format!("{}: {}", code.id, code.title);
    console.print(console.output().paint(Ink::Strong, heading))?;
    console.print("")?;
    console.print(wrapped(code.explanation, 100))?;
    Ok(Exit::Fine)
}

/// Text in lines of at most so many characters, where it has spaces. Line breaks stay.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![];
    for paragraph in text.lines() {
        if paragraph.starts_with(' ') {
            lines.push(paragraph.to_owned());
            continue;
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(
            super::wrapped("one two three\n\n  as is  it\nfour", 8),
            "one two\nthree\n\n  as is  it\nfour"
        );
    }
}
