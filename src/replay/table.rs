//! Reading one CSV file of a case: UTF-8, header row, RFC 4180 quoting; every error knows file, line and column.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::ByteRecord;

use super::CaseError;
use super::quotes::{Defect, QuoteWatch};

/// A CSV file of a case: its name and its columns. They may stand in any order; none may be missing, none added.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub file: &'static str,
    pub columns: &'static [&'static str],
}

/// A row of a table, its cells as text.
#[derive(Debug)]
pub struct Row<'a> {
    table: Table,
    /// Line of the file on which the row begins, from 1.
    pub line: u64,
    /// Position in the file of each of the table's columns.
    order: &'a [usize],
    cells: Vec<&'a str>,
}

/// No file of a real round comes near.
const LARGEST_FILE: u64 = 1 << 30;
/// Bytes; the longest statement that anybody may write.
const LARGEST_CELL: usize = 100_000;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Table {
    /// Reads every row and makes something of it.
    ///
    /// # Errors
    /// The first thing that is wrong with the file, a row or a cell.
    pub fn read<T>(
        self,
        folder: &Path,
        make: impl FnMut(&Row<'_>) -> Result<T, CaseError>,
    ) -> Result<Vec<T>, CaseError> {
        let watched = QuoteWatch::new(self.open(folder)?);
        let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(watched);
        let outcome = self.read_rows(&mut csv, make);
        // A misplaced quotation mark is the cause of whatever else seems wrong behind it.
        match csv.get_ref().defect() {
            Some(Defect { line, cell, reason }) => Err(self.wrong_cell(line, cell, None, reason)),
            None => outcome,
        }
    }

    fn read_rows<T>(
        self,
        csv: &mut csv::Reader<QuoteWatch<impl Read>>,
        mut make: impl FnMut(&Row<'_>) -> Result<T, CaseError>,
    ) -> Result<Vec<T>, CaseError> {
        let mut record = ByteRecord::new();
        let order = self.read_header(csv, &mut record)?;
        let mut made = Vec::new();
        while self.next(csv, &mut record)? {
            // The header was the first row.
            let line = csv.get_ref().line_of_row(made.len().saturating_add(1));
            made.push(make(&self.row(&record, line, &order)?)?);
        }
        Ok(made)
    }

    fn open(self, folder: &Path) -> Result<impl BufRead, CaseError> {
        let file = open_file(folder, self.file, LARGEST_FILE)?;
        let mut reader = BufReader::new(file);
        let begins = reader.fill_buf().map_err(|error| CaseError::of_file(self.file, error))?;
        if begins.starts_with(BYTE_ORDER_MARK) {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        Ok(reader)
    }

    fn next(self, csv: &mut csv::Reader<impl Read>, record: &mut ByteRecord) -> Result<bool, CaseError> {
        csv.read_byte_record(record).map_err(|error| CaseError::of_file(self.file, error))
    }

    /// Where each column stands.
    fn read_header(self, csv: &mut csv::Reader<impl Read>, record: &mut ByteRecord) -> Result<Vec<usize>, CaseError> {
        if !self.next(csv, record)? {
            let columns = self.columns.join(",");
            return Err(self.wrong_line(1, format!("the file is empty; it must begin with the line {columns}")));
        }
        let mut names = Vec::with_capacity(record.len());
        for (at, cell) in record.iter().enumerate() {
            let name = std::str::from_utf8(cell).map_err(|_| self.wrong_cell(1, at, None, "is not UTF-8 text"))?;
            if names.contains(&name) {
                return Err(self.wrong_cell(1, at, Some(name), "the column stands there twice"));
            }
            if !self.columns.contains(&name) {
                let reason = format!("there is no such column; expected are {}", self.columns.join(", "));
                return Err(self.wrong_cell(1, at, Some(name), reason));
            }
            names.push(name);
        }
        let place = |column: &&'static str| {
            let found = names.iter().position(|name| name == column);
            found.ok_or_else(|| CaseError {
                column: Some((*column).to_owned()),
                ..self.wrong_line(1, "the column is missing")
            })
        };
        self.columns.iter().map(place).collect()
    }

    fn row<'a>(self, record: &'a ByteRecord, line: u64, order: &'a [usize]) -> Result<Row<'a>, CaseError> {
        if record.len() != order.len() {
            let reason = format!("the row has {} cells, the header {}", record.len(), order.len());
            let at = record.len().min(order.len());
            return Err(self.wrong_cell(line, at, self.name_at(order, at), reason));
        }
        let mut cells = Vec::with_capacity(record.len());
        for (at, cell) in record.iter().enumerate() {
            let wrong = |reason: &str| self.wrong_cell(line, at, self.name_at(order, at), reason);
            if cell.len() > LARGEST_CELL {
                return Err(wrong(&format!("the cell is longer than {LARGEST_CELL} bytes")));
            }
            let text = std::str::from_utf8(cell).map_err(|_| wrong("is not UTF-8 text"))?;
            if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
                return Err(wrong("holds a control character"));
            }
            cells.push(text);
        }
        Ok(Row { table: self, line, order, cells })
    }

    /// A column as messages name it, where its place in the file is not at hand.
    pub fn column(self, name: &str) -> String {
        let at = self.columns.iter().position(|column| *column == name).unwrap_or_default();
        format!("{} ({name})", at.saturating_add(1))
    }

    fn name_at(self, order: &[usize], at: usize) -> Option<&'static str> {
        let column = order.iter().position(|place| *place == at)?;
        self.columns.get(column).copied()
    }

    fn wrong_line(self, line: u64, reason: impl Into<String>) -> CaseError {
        CaseError { file: self.file.to_owned(), line: Some(line), column: None, reason: reason.into() }
    }

    /// `at` counts cells from 0.
    fn wrong_cell(self, line: u64, at: usize, name: Option<&str>, reason: impl Into<String>) -> CaseError {
        let number = at.saturating_add(1);
        let short = |name: &str| name.chars().take(40).collect::<String>();
        let column = name.map_or(format!("{number}"), |name| format!("{number} ({})", short(name)));
        CaseError { column: Some(column), ..self.wrong_line(line, reason) }
    }
}

impl Row<'_> {
    /// The cell of a column. (A column that the table does not have gives an empty text; `Table` names them all.)
    pub fn cell(&self, column: &str) -> &str {
        self.place(column).and_then(|at| self.cells.get(at)).copied().unwrap_or_default()
    }

    /// What is wrong with the cell of a column.
    pub fn wrong(&self, column: &str, reason: impl std::fmt::Display) -> CaseError {
        let at = self.place(column).unwrap_or_default();
        self.table.wrong_cell(self.line, at, Some(column), reason.to_string())
    }

    fn place(&self, column: &str) -> Option<usize> {
        let index = self.table.columns.iter().position(|name| *name == column)?;
        self.order.get(index).copied()
    }
}

/// Opens a file of the folder that is not larger than it may be.
pub fn open_file(folder: &Path, name: &str, largest: u64) -> Result<File, CaseError> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            CaseError::of_file(name, format!("the file is missing from {}", folder.display()))
        }
        _ => CaseError::of_file(name, error),
    };
    // Asked before opening: opening a pipe would wait for its other end.
    let metadata = std::fs::metadata(&path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(CaseError::of_file(name, "is not a file"));
    }
    if metadata.len() > largest {
        return Err(CaseError::of_file(name, format!("is larger than {largest} bytes")));
    }
    File::open(&path).map_err(failed)
}
