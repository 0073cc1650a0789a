//! Records of a CSV file. A cell in quotes may hold commas, newlines and doubled quotes. Nothing is guessed: text
//! after a closing quote and a quote that is never closed make a bad row.

use super::lines::{Ended, LONGEST_ROW, Lines};
use crate::failure::Outcome;

/// The cells of one record.
pub(super) type Cells = Vec<String>;

/// A record as it was read.
#[derive(Debug)]
pub(super) struct Record {
    /// The line in which it begins, or that is to blame.
    pub(super) line: u64,
    pub(super) cells: Result<Cells, Problem>,
}

/// Why there is no record, and the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What to do about a row that is too long.
pub(super) fn too_long() -> Problem {
    Problem::new(format!("the row is longer than {} MiB", LONGEST_ROW >> 20))
        .with_help("a row is one line, or one record with its quoted newlines")
}

/// Where in a record the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    Closed,
}

/// A record that is being read, line by line.
struct Reader {
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    at: At,
    /// The line in which the last quote was opened, and where in the row the line after it begins.
    opened: (u64, usize),
}

/// Text follows a closing quote.
struct Junk;

impl Reader {
    /// Reads one line, which has the number and ends at the offset of the row; whether the record ends with it.
    fn line(&mut self, line: &[u8], number: u64, end: usize) -> Result<bool, Junk> {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let mut rest = body;
        loop {
            rest = match self.at {
                At::Start | At::Plain | At::Quoted if rest.is_empty() => break,
                At::Start if rest.starts_with(b"\"") => {
                    (self.at, self.opened) = (At::Quoted, (number, end));
                    rest.get(1..).unwrap_or_default()
                }
                At::Start | At::Plain => {
                    let comma = rest.iter().position(|byte| *byte == b',');
                    let (text, after) = rest.split_at(comma.unwrap_or(rest.len()));
                    let ended = comma.is_none();
                    self.cell.extend(text.strip_suffix(b"\r").filter(|_| ended).unwrap_or(text));
                    self.at = At::Plain;
                    if comma.is_some() {
                        self.end_cell();
                    }
                    after.get(1..).unwrap_or_default()
                }
                At::Quoted => {
                    let quote = rest.iter().position(|byte| *byte == b'"');
                    let (text, after) = rest.split_at(quote.unwrap_or(rest.len()));
                    self.cell.extend(text);
                    if after.starts_with(b"\"\"") {
                        self.cell.push(b'"');
                        after.get(2..).unwrap_or_default()
                    } else {
                        if quote.is_some() {
                            self.at = At::Closed;
                        }
                        after.get(1..).unwrap_or_default()
                    }
                }
                At::Closed if rest.is_empty() || rest == b"\r" => break,
                At::Closed => {
                    let after = rest.strip_prefix(b",").ok_or(Junk)?;
                    self.end_cell();
                    after
                }
            };
        }
        if self.at == At::Quoted {
            self.cell.extend(line.get(body.len()..).unwrap_or_default());
            return Ok(false);
        }
        self.end_cell();
        Ok(true)
    }

    fn end_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
        self.at = At::Start;
    }
}

/// Reads the next record; lines without anything are passed over.
pub(super) fn next(lines: &mut Lines) -> Outcome<Option<Record>> {
    let mut row = vec![];
    let mut reader = Reader { cells: vec![], cell: vec![], at: At::Start, opened: (0, 0) };
    let mut first = 0;
    loop {
        let begin = row.len();
        let ended = lines.next(&mut row)?;
        let number = lines.number;
        if first == 0 {
            first = number;
        }
        let line = row.get(begin..).unwrap_or_default();
        if ended == Ended::Whole && begin == 0 && line.trim_ascii().is_empty() {
            (first, row) = (0, vec![]);
            continue;
        }
        let (opened, resume) = reader.opened;
        let open_cell = reader.cells.len() + 1;
        let blame = |cells| Ok(Some(Record { line: opened, cells }));
        match ended {
            Ended::End if begin == 0 => return Ok(None),
            Ended::End | Ended::TooLong if begin > 0 => {
                let within = if ended == Ended::End {
                    "is never closed".to_owned()
                } else {
                    format!("is not closed within {} MiB", LONGEST_ROW >> 20)
                };
                lines.give_back(row.get(resume..).unwrap_or_default(), opened + 1);
                let problem = Problem::new(format!("the quote that opens cell {open_cell} {within}"));
                let help =
                    "close it, or write a quote inside a cell as `\"\"`; the rows go on with the next line";
                return blame(Err(problem.with_help(help)));
            }
            Ended::End | Ended::TooLong => {
                lines.skip()?;
                return Ok(Some(Record { line: first, cells: Err(too_long()) }));
            }
            Ended::Whole => {}
        }
        match reader.line(line, number, row.len()) {
            Ok(false) => {}
            Ok(true) => {
                let cells = reader.cells.into_iter().map(String::from_utf8).collect::<Result<Cells, _>>();
                let cells = cells.map_err(|_| Problem::new("the row is not UTF-8 text"));
                return Ok(Some(Record { line: first, cells }));
            }
            Err(Junk) => {
                let cell = reader.cells.len() + 1;
                let (opened, resume) = reader.opened;
                let problem = if opened == number {
                    Problem::new(format!("text follows the closing quote of cell {cell}"))
                } else {
                    lines.give_back(row.get(resume..).unwrap_or_default(), opened + 1);
                    Problem::new(format!(
                        "the quote that opens cell {cell} is not closed before the next one, in line {number}"
                    ))
                };
                let help = "write a quote inside a cell as `\"\"`, and nothing between the closing quote and the comma";
                return Ok(Some(Record { line: opened, cells: Err(problem.with_help(help)) }));
            }
        }
    }
}
