//! Rows of a file, one at a time: memory does not grow with the file.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::arguments::RowFormat;
use crate::failure::{Failure, Outcome};
use crate::files;

/// Longer rows are bad rows.
const LONGEST_ROW: usize = 64 << 20;

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
    Cells(csv::StringRecord),
    /// What is wrong with it.
    Bad(String),
}

/// Reads rows in their order.
pub(super) enum Rows {
    Lines { input: BufReader<Box<dyn Read>>, number: u64, line: u64 },
    Records { reader: Box<csv::Reader<Box<dyn Read>>>, columns: usize, number: u64 },
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
        if form == RowFormat::Jsonl {
            let input = BufReader::with_capacity(256 << 10, input);
            return Ok((Self::Lines { input, number: 0, line: 0 }, None));
        }
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.flexible(true).buffer_capacity(256 << 10).from_reader(input);
        let header = reader.headers().map_err(|error| {
            Failure::usage(format!("`{name}`: the header cannot be read: {}", describe(&error)))
        })?;
        let mut header: Header = header.iter().map(|column| column.trim().to_owned()).collect();
        if let Some(first) = header.first_mut() {
            *first = first.trim_start_matches('\u{feff}').to_owned();
        }
        if header.iter().all(String::is_empty) {
            return Err(Failure::usage(format!("`{name}` has no header"))
                .with_help("the first line of a CSV file names the inputs"));
        }
        let columns = header.len();
        Ok((Self::Records { reader: Box::new(reader), columns, number: 0 }, Some(header)))
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Outcome<Option<Row>> {
        match self {
            Self::Lines { input, number, line } => next_line(input, number, line),
            Self::Records { reader, columns, number } => next_record(reader, *columns, number),
        }
    }
}

fn next_line(input: &mut BufReader<Box<dyn Read>>, number: &mut u64, line: &mut u64) -> Outcome<Option<Row>> {
    loop {
        let mut bytes = vec![];
        let limit = LONGEST_ROW as u64 + 1;
        let read = input.by_ref().take(limit).read_until(b'\n', &mut bytes);
        if read.map_err(|error| reading(&error))? == 0 {
            return Ok(None);
        }
        *line += 1;
        if bytes.len() > LONGEST_ROW {
            skip_line(input, &bytes)?;
            *number += 1;
            let content = Content::Bad("the row is longer than 64 MiB".to_owned());
            return Ok(Some(Row { number: *number, line: *line, content }));
        }
        if *line == 1 && bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(..3);
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        *number += 1;
        let content = match String::from_utf8(bytes) {
            Ok(text) => Content::Json(text),
            Err(_) => Content::Bad("the row is not UTF-8 text".to_owned()),
        };
        return Ok(Some(Row { number: *number, line: *line, content }));
    }
}

/// Reads to the end of a line whose beginning was read.
fn skip_line(input: &mut BufReader<Box<dyn Read>>, begun: &[u8]) -> Outcome<()> {
    let mut ended = begun.ends_with(b"\n");
    while !ended {
        let buffer = input.fill_buf().map_err(|error| reading(&error))?;
        if buffer.is_empty() {
            break;
        }
        let newline = buffer.iter().position(|byte| *byte == b'\n');
        let count = newline.map_or(buffer.len(), |at| at + 1);
        ended = newline.is_some();
        input.consume(count);
    }
    Ok(())
}

fn next_record(
    reader: &mut csv::Reader<Box<dyn Read>>,
    columns: usize,
    number: &mut u64,
) -> Outcome<Option<Row>> {
    let mut record = csv::ByteRecord::new();
    let read = reader.read_byte_record(&mut record);
    if !read.map_err(|error| Failure::usage(format!("cannot read the rows: {}", describe(&error))))? {
        return Ok(None);
    }
    *number += 1;
    let line = record.position().map_or(0, csv::Position::line);
    let content = match csv::StringRecord::from_byte_record(record) {
        Err(_) => Content::Bad("the row is not UTF-8 text".to_owned()),
        Ok(record) if record.as_slice().len() > LONGEST_ROW => {
            Content::Bad("the row is longer than 64 MiB".to_owned())
        }
        Ok(record) if record.len() != columns => {
            Content::Bad(format!("the row has {} cells, and the header has {columns}", record.len()))
        }
        Ok(record) => Content::Cells(record),
    };
    Ok(Some(Row { number: *number, line, content }))
}

fn reading(error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read the rows: {}", crate::failure::reason(error)))
}

fn describe(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => crate::failure::reason(error),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
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
                Content::Cells(cells) => cells.iter().collect::<Vec<_>>().join("|"),
                Content::Bad(problem) => format!("bad: {problem}"),
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
}
