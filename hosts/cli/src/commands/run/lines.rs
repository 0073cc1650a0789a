//! Lines of a file, each with its number and none of them longer than a row may be.

use std::io::{BufRead, BufReader, Read};

use crate::failure::{Failure, Outcome, reason};

/// Longer rows are bad rows; as much as a module may be.
pub(super) const LONGEST_ROW: usize = 4 << 20;

/// Reads lines. What was read can be given back, to be read once more.
pub(super) struct Lines {
    input: BufReader<Box<dyn Read>>,
    /// What was given back, and how much of it was read again.
    again: Vec<u8>,
    at: usize,
    /// The number of the last line, from 1.
    pub(super) number: u64,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With its newline, or with the file.
    Whole,
    /// The row is longer than it may be; the rest of the line was not read.
    TooLong,
    /// There are no more lines.
    End,
}

impl Lines {
    pub(super) fn new(input: Box<dyn Read>) -> Self {
        let input = BufReader::with_capacity(256 << 10, input);
        Self { input, again: vec![], at: 0, number: 0 }
    }

    /// Adds the next line with its newline to a row.
    pub(super) fn next(&mut self, row: &mut Vec<u8>) -> Outcome<Ended> {
        let before = row.len();
        let ended = loop {
            let room = LONGEST_ROW.saturating_sub(row.len());
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                break if row.len() == before { Ended::End } else { Ended::Whole };
            }
            let newline = buffer.iter().position(|byte| *byte == b'\n');
            let count = newline.map_or(buffer.len(), |at| at + 1);
            if count > room {
                break Ended::TooLong;
            }
            row.extend(buffer.iter().take(count));
            self.consume(count);
            if newline.is_some() {
                break Ended::Whole;
            }
        };
        if ended != Ended::End {
            self.number += 1;
        }
        if self.number == 1 && before == 0 && row.starts_with("\u{feff}".as_bytes()) {
            row.drain(..3);
        }
        Ok(ended)
    }

    /// Leaves out the rest of a line that is too long.
    pub(super) fn skip(&mut self) -> Outcome<()> {
        loop {
            let buffer = self.buffer()?;
            let newline = buffer.iter().position(|byte| *byte == b'\n');
            let count = newline.map_or(buffer.len(), |at| at + 1);
            if count == 0 {
                return Ok(());
            }
            self.consume(count);
            if newline.is_some() {
                return Ok(());
            }
        }
    }

    /// Gives back the end of what was read, so that the line of this number comes once more next.
    pub(super) fn give_back(&mut self, bytes: &[u8], number: u64) {
        self.number = number.saturating_sub(1);
        if bytes.len() <= self.at && !self.again.is_empty() {
            self.at -= bytes.len();
            return;
        }
        let rest = self.again.split_off(self.at.min(self.again.len()));
        self.again = [bytes, &rest].concat();
        self.at = 0;
    }

    fn buffer(&mut self) -> Outcome<&[u8]> {
        if self.at < self.again.len() {
            return Ok(self.again.get(self.at..).unwrap_or_default());
        }
        self.input
            .fill_buf()
            .map_err(|error| Failure::usage(format!("cannot read the rows: {}", reason(&error))))
    }

    fn consume(&mut self, count: usize) {
        if self.at < self.again.len() {
            self.at += count;
        } else {
            // What was read again is done with, so that giving back begins anew.
            self.again.clear();
            self.at = 0;
            self.input.consume(count);
        }
    }
}
