//! Watches the quotation marks of a CSV file on their way to the reader, which forgives what RFC 4180 does not.

use std::io::Read;

/// Where the quoting of a file goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect {
    /// From 1.
    pub line: u64,
    /// From 0.
    pub cell: usize,
    pub reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Bare,
    Quoted,
    /// Behind a quotation mark in a quoted cell: it ends the cell, or it is the first of a pair.
    Behind,
}

/// Passes bytes on and remembers the first thing that is wrong with their quoting (RFC 4180, section 2).
pub struct QuoteWatch<R> {
    inner: R,
    state: State,
    line: u64,
    cell: usize,
    /// Where the quoted cell began that is being read.
    opened: (u64, usize),
    defect: Option<Defect>,
    has_ended: bool,
    /// The line on which each row begins; empty lines are no rows.
    rows: Vec<u64>,
    is_behind_row: bool,
    is_behind_return: bool,
}

impl<R: Read> QuoteWatch<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            state: State::CellStart,
            line: 1,
            cell: 0,
            opened: (1, 0),
            defect: None,
            has_ended: false,
            rows: Vec::new(),
            is_behind_row: true,
            is_behind_return: false,
        }
    }

    /// The first defect that was read so far.
    pub fn defect(&self) -> Option<Defect> {
        let (line, cell) = self.opened;
        let is_open = self.has_ended && self.state == State::Quoted;
        let unclosed =
            is_open.then_some(Defect { line, cell, reason: "a quotation mark is opened here and never closed" });
        self.defect.or(unclosed)
    }

    /// The line on which a row begins, from 1; rows are counted from 0.
    pub fn line_of_row(&self, row: usize) -> u64 {
        self.rows.get(row).copied().unwrap_or(self.line)
    }

    fn see(&mut self, byte: u8) {
        let is_end = matches!(byte, b'\r' | b'\n');
        if self.is_behind_row && !is_end {
            self.rows.push(self.line);
        }
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Behind,
            (State::Quoted, _) => State::Quoted,
            (State::Behind, b'"') => State::Quoted,
            (State::CellStart, b'"') => {
                self.opened = (self.line, self.cell);
                State::Quoted
            }
            (_, b',') => {
                self.cell = self.cell.saturating_add(1);
                State::CellStart
            }
            (_, b'\r' | b'\n') => {
                self.cell = 0;
                State::CellStart
            }
            (State::Behind, _) => self.wrong("text stands behind a closing quotation mark"),
            (State::Bare, b'"') => self.wrong("a quotation mark stands inside a cell that is not quoted"),
            (State::CellStart | State::Bare, _) => State::Bare,
        };
        self.is_behind_row = (self.is_behind_row || self.state != State::Quoted) && is_end;
        // A line feed behind a carriage return ends the same line.
        if is_end && !(byte == b'\n' && self.is_behind_return) {
            self.line = self.line.saturating_add(1);
        }
        self.is_behind_return = byte == b'\r';
    }

    fn wrong(&mut self, reason: &'static str) -> State {
        self.defect.get_or_insert(Defect { line: self.line, cell: self.cell, reason });
        State::Bare
    }
}

impl<R: Read> Read for QuoteWatch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.has_ended = length == 0;
        for byte in buffer.iter().take(length) {
            self.see(*byte);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defect(text: &str) -> Option<(u64, usize)> {
        let mut watch = QuoteWatch::new(text.as_bytes());
        std::io::copy(&mut watch, &mut std::io::sink()).unwrap();
        watch.defect().map(|defect| (defect.line, defect.cell))
    }

    #[test]
    fn right_quoting_passes() {
        for right in ["", "a,b\n", "\"a\",b\r\n", "\"a \"\"b\"\", c\",\"d\ne\"\n", "\"\"", "\"\"\"\",x"] {
            assert_eq!(defect(right), None, "{right}");
        }
    }

    #[test]
    fn rows_begin_where_they_do_whatever_ends_a_line() {
        let rows = |text: &str| {
            let mut watch = QuoteWatch::new(text.as_bytes());
            std::io::copy(&mut watch, &mut std::io::sink()).unwrap();
            watch.rows
        };
        assert_eq!(rows("a\nb\n\"c\nd\",e\nf"), [1, 2, 3, 5]);
        assert_eq!(rows("a\r\nb\r\n\"c\r\nd\",e\r\nf"), [1, 2, 3, 5]);
        assert_eq!(rows("a\rb\rc"), [1, 2, 3]);
        assert_eq!(rows("a\n\n\nb\n\n"), [1, 4]);
    }

    #[test]
    fn wrong_quoting_is_found_where_it_is() {
        assert_eq!(defect("a,b\nc,d\"e\n"), Some((2, 1)));
        assert_eq!(defect("a,b\nc,\"d\"e\n"), Some((2, 1)));
        assert_eq!(defect("a,b\n\"c,d\ne,f\n"), Some((2, 0)));
        assert_eq!(defect("a\n\"b\n\"x\n\"\n"), Some((3, 0)));
    }
}
