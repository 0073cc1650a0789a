//! Rows of a file, one at a time: memory does not grow with the file.

use std::io::Read;
use std::path::Path;

use super::lines::{Ended, Lines};
use super::records::{self, Cells, Problem};
use crate::arguments::RowFormat;
use crate::failure::{Failure, Outcome};
use crate::files;

/// The columns of a CSV file.
pub(super) type Header = Vec<String>;

/// One row as it was read.
#[derive(Debug)]
pub(super) struct Row {
    /// From 1, the header not counted.
    pub(super) number: u64,
    /// Line of the file, from 1.
    pub(super) line: u64,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A line of JSON.
    Json(String),
    /// Cells in the order of the header.
    Cells(Cells),
    /// What is wrong with it.
    Bad(Problem),
}

/// Reads rows in their order.
pub(super) struct Rows {
    lines: Lines,
    /// How many cells a record has; JSON lines have none.
    columns: Option<usize>,
    number: u64,
}

/// The form of rows: what was asked for, or what the file's name says.
pub(super) fn form(path: &Path, asked: Option<RowFormat>) -> Outcome<RowFormat> {
    let by_name = || match path.extension()?.to_str()? {
        "jsonl" | "ndjson" | "json" => Some(RowFormat::Jsonl),
        "csv" => Some(RowFormat::Csv),
        _ => None,
    };
    let stdin = || files::is_dash(path).then_some(RowFormat::Jsonl);
    asked.or_else(by_name).or_else(stdin).ok_or_else(|| {
        Failure::usage(format!("the name `{}` does not say what form its rows have", files::name(path)))
            .with_help("add `--rows-as jsonl` or `--rows-as csv`")
    })
}

impl Rows {
    /// Rows of a form; for CSV with the header, which is read at once.
    pub(super) fn new(input: Box<dyn Read>, form: RowFormat, name: &str) -> Outcome<(Self, Option<Header>)> {
        let mut lines = Lines::new(input);
        if form == RowFormat::Jsonl {
            return Ok((Self { lines, columns: None, number: 0 }, None));
        }
        let header = match records::next(&mut lines)? {
            Some(record) => record.cells.map_err(|problem| {
                let message = format!("`{name}`: the header (line {}) cannot be read", record.line);
                let failure = Failure::usage(format!("{message}: {}", problem.message));
                problem.help.into_iter().fold(failure, Failure::with_help)
            })?,
            None => vec![],
        };
        let header: Header = header.iter().map(|column| column.trim().to_owned()).collect();
        if header.iter().all(String::is_empty) {
            return Err(Failure::usage(format!("`{name}` has no header"))
                .with_help("the first line of a CSV file names the inputs"));
        }
        Ok((Self { lines, columns: Some(header.len()), number: 0 }, Some(header)))
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Outcome<Option<Row>> {
        let read = match self.columns {
            Some(columns) => self.next_record(columns)?,
            None => self.next_line()?,
        };
        Ok(read.map(|(line, content)| {
            self.number += 1;
            Row { number: self.number, line, content }
        }))
    }

    fn next_line(&mut self) -> Outcome<Option<(u64, Content)>> {
        loop {
            let mut bytes = vec![];
            let content = match self.lines.next(&mut bytes)? {
                Ended::End => return Ok(None),
                Ended::Whole if bytes.trim_ascii().is_empty() => continue,
                Ended::Whole => match String::from_utf8(bytes) {
                    Ok(text) => Content::Json(text),
                    Err(_) => Content::Bad(Problem::new("the row is not UTF-8 text")),
                },
                Ended::TooLong => {
                    self.lines.skip()?;
                    Content::Bad(records::too_long())
                }
            };
            return Ok(Some((self.lines.number, content)));
        }
    }

    fn next_record(&mut self, columns: usize) -> Outcome<Option<(u64, Content)>> {
        let Some(record) = records::next(&mut self.lines)? else { return Ok(None) };
        let content = match record.cells {
            Err(problem) => Content::Bad(problem),
            Ok(cells) if cells.len() != columns => {
                let message = format!("the row has {} cells, and the header has {columns}", cells.len());
                let problem = Problem::new(message);
                let last = self.lines.number;
                Content::Bad(if last == record.line {
                    problem
                } else {
                    problem.with_help(format!("it goes on to line {last}; is a quote not closed?"))
                })
            }
            Ok(cells) => Content::Cells(cells),
        };
        Ok(Some((record.line, content)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], form: RowFormat) -> Vec<String> {
        let input: Box<dyn Read> = Box::new(std::io::Cursor::new(text.to_vec()));
        let (mut rows, header) = Rows::new(input, form, "rows").unwrap();
        let mut seen: Vec<String> = header.into_iter().map(|header| header.join("|")).collect();
        while let Some(row) = rows.next().unwrap() {
            let content = match row.content {
                Content::Json(text) => text.trim_end().to_owned(),
                Content::Cells(cells) => cells.join("|"),
                Content::Bad(problem) => format!("bad: {}", problem.message),
            };
            seen.push(format!("{}@{} {content}", row.number, row.line));
        }
        seen
    }

    #[test]
    fn lines_are_rows_and_empty_ones_are_left_out() {
        let text = b"\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"a\":2}\n\xff\n{}";
        let expected = ["1@1 {\"a\":1}", "2@4 {\"a\":2}", "3@5 bad: the row is not UTF-8 text", "4@6 {}"];
        assert_eq!(read(text, RowFormat::Jsonl), expected);
    }

    #[test]
    fn records_know_their_line_and_their_number_of_cells() {
        let text = b"\xef\xbb\xbfa, b\n1,\"x\ny\"\n2\n3,\xff\n4,z\n";
        let expected = [
            "a|b",
            "1@2 1|x\ny",
            "2@4 bad: the row has 1 cells, and the header has 2",
            "3@5 bad: the row is not UTF-8 text",
            "4@6 4|z",
        ];
        assert_eq!(read(text, RowFormat::Csv), expected);
    }

    #[test]
    fn lines_are_right_with_carriage_returns_blank_lines_and_quoted_newlines() {
        let text = b"a,b\r\n\r\n1,\"x\r\n\r\ny\"\r\n\r\n2\r\n\"\n\",3\r\n3,\"\"\"q\"\"\"\r\n";
        let expected = [
            "a|b",
            "1@3 1|x\r\n\r\ny",
            "2@7 bad: the row has 1 cells, and the header has 2",
            "3@8 \n|3",
            "4@10 3|\"q\"",
        ];
        assert_eq!(read(text, RowFormat::Csv), expected);
    }

    #[test]
    fn a_quote_that_is_not_closed_takes_no_other_row_with_it() {
        let expected =
            ["a|b", "1@2 1|x", "2@3 bad: the quote that opens cell 2 is never closed", "3@4 3|y", "4@5 4|z"];
        assert_eq!(read(b"a,b\n1,x\n2,\"open\n3,y\n4,z", RowFormat::Csv), expected);
        let expected = [
            "a|b",
            "1@2 bad: the quote that opens cell 2 is not closed before the next one, in line 4",
            "2@3 2|y",
            "3@4 3|z",
            "4@5 4|w",
        ];
        assert_eq!(read(b"a,b\n1,\"open\n2,y\n3,\"z\"\n4,w\n", RowFormat::Csv), expected);
        let expected = ["a|b", "1@2 bad: text follows the closing quote of cell 1", "2@3 2|y"];
        assert_eq!(read(b"a,b\n\"b\"junk,1\n2,y\n", RowFormat::Csv), expected);
    }

    #[test]
    fn an_open_quote_and_a_long_line_are_bounded() {
        let mut text = b"a,b\n1,\"open\n".to_vec();
        for _ in 0..900_000 {
            text.extend(b"2,y2345\n");
        }
        let seen = read(&text, RowFormat::Csv);
        assert_eq!(seen.len(), 900_002);
        assert_eq!(seen[1], "1@2 bad: the quote that opens cell 2 is not closed within 4 MiB");
        assert_eq!((&*seen[2], &*seen[900_001]), ("2@3 2|y2345", "900001@900002 2|y2345"));
        for (form, start) in [(RowFormat::Csv, "a\n1\n"), (RowFormat::Jsonl, "1\n1\n")] {
            let mut text = start.as_bytes().to_vec();
            text.resize(5 << 20, b'"');
            text.extend(b"\n2\n");
            let seen = read(&text, form);
            assert!(seen[2].ends_with("@3 bad: the row is longer than 4 MiB"), "{}", seen[2]);
            assert!(seen[3].ends_with("@4 2"), "{}", seen[3]);
        }
    }
}
