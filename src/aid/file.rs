//! A register as it comes: pieces of bytes in, checked rows out in chunks, read on a thread of its own.
//!
//! At no time is more of the file in memory than a few pieces and a few chunks, whatever its size.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use actix_web::web::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;

use super::rules::{AidRecord, Columns, Faults};
use crate::clock::Instant;
use crate::error::{Error, Result};

/// A part of a file that is being sent. Where they stop without an end, whoever sends has gone.
pub enum Piece {
    Bytes(Bytes),
    End,
}

/// The most that a row may take, in bytes: an open quotation mark would swallow the whole file.
const LONGEST_ROW: u64 = 256 * 1024;
/// The most that the headings may take, in bytes.
const LONGEST_HEADINGS: usize = 4096;
const MOST_ROWS: u64 = 1_000_000;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// So many line ends are digested at once.
static LINE_ENDS: [u8; 1024] = [b'\n'; 1024];

/// What a file held.
#[derive(Debug)]
pub struct Contents {
    /// SHA-256 of its bytes without a byte order mark and with lines that end with LF, the last one with just one: who saved it
    /// changes nothing.
    pub digest: [u8; 32],
    pub rows: u64,
    pub rows_with_jmbg: u64,
    pub faults: Faults,
    pub ending: Ending,
}

/// How the reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// There are more rows than a register may have.
    TooMany,
    /// Nobody sends any more, or nobody takes the rows.
    BrokenOff,
}

/// Whether whoever takes the rows goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    GoOn,
    NotAnyMore,
}

/// Reads a file to its end. Each good row is taken by `take`, and then nothing, to tell the end; where `is_all_or_nothing`,
/// nothing is taken behind the first row that is wrong. Blocks: runs on a thread that may.
///
/// # Errors
/// [`Error::Fields`] for wrong headings; whatever `take` fails with.
pub fn read(
    pieces: Receiver<Piece>,
    is_all_or_nothing: bool,
    mut take: impl FnMut(Option<AidRecord>) -> Result<Taken>,
) -> Result<Contents> {
    let since_row = Rc::new(Cell::new(0));
    let stream = Stream::new(pieces, Rc::clone(&since_row));
    let mut contents =
        Contents { digest: [0; 32], rows: 0, rows_with_jmbg: 0, faults: Faults::default(), ending: Ending::Whole };
    let Ok(mut table) = open(stream) else {
        return Ok(Contents { ending: Ending::BrokenOff, ..contents });
    };
    let mut cells = csv::ByteRecord::new();
    if !matches!(table.read_byte_record(&mut cells), Ok(true)) {
        cells.clear();
    }
    let columns = Columns::read(cells.iter()).map_err(Error::Fields)?;
    let today = Instant::now().in_belgrade().0;
    loop {
        since_row.set(0);
        let begins_at = table.position().line();
        match table.read_byte_record(&mut cells) {
            Ok(false) => break,
            Err(error) if is_too_long(&error) => {
                contents.rows = contents.rows.saturating_add(1);
                contents.faults.add(begins_at, [("row", "row_too_long")]);
                break;
            }
            Err(_) => return Ok(Contents { ending: Ending::BrokenOff, ..contents }),
            Ok(true) if contents.rows == MOST_ROWS => return Ok(Contents { ending: Ending::TooMany, ..contents }),
            Ok(true) => contents.rows = contents.rows.saturating_add(1),
        }
        match columns.record(&cells, today) {
            Ok(record) => {
                contents.rows_with_jmbg = contents.rows_with_jmbg.saturating_add(u64::from(record.jmbg.is_some()));
                let is_wanted = !is_all_or_nothing || contents.faults.is_empty();
                if is_wanted && take(Some(record))? == Taken::NotAnyMore {
                    return Ok(Contents { ending: Ending::BrokenOff, ..contents });
                }
            }
            // A quotation mark that is never closed takes in the end that was put behind the file; it begins no earlier.
            Err(faults) => contents.faults.add(line_of(&cells, table.position().line()).max(begins_at), faults),
        }
    }
    if contents.rows == 0 && contents.faults.is_empty() {
        contents.faults.add(1, [("row", "no_rows")]);
    }
    let is_wanted = !is_all_or_nothing || contents.faults.is_empty();
    if is_wanted && take(None)? == Taken::NotAnyMore {
        contents.ending = Ending::BrokenOff;
    }
    contents.digest = table.into_inner().into_inner().1.digest.finalize().into();
    Ok(contents)
}

/// The line that a row begins on, from the one behind it: the reader has not counted blank lines before the row yet when
/// it says where one begins.
fn line_of(cells: &csv::ByteRecord, behind: u64) -> u64 {
    let breaks = cells.as_slice().iter().filter(|byte| **byte == b'\n').count();
    behind.saturating_sub(1).saturating_sub(u64::try_from(breaks).unwrap_or(0))
}

type Table = csv::Reader<io::Chain<Cursor<Vec<u8>>, Stream>>;

/// Looks at the headings to tell the separator, which is a comma or a semicolon.
fn open(mut stream: Stream) -> io::Result<Table> {
    let mut start = Vec::new();
    let mut piece = [0; 512];
    while !start.contains(&b'\n') && start.len() < LONGEST_HEADINGS {
        match stream.read(&mut piece)? {
            0 => break,
            count => start.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
    let headings = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| headings.iter().filter(|byte| **byte == separator).count();
    let separator = if count(b';') > count(b',') { b';' } else { b',' };
    Ok(csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::Headers)
        .delimiter(separator)
        .buffer_capacity(64 * 1024)
        .from_reader(Cursor::new(start).chain(stream)))
}

/// The pieces as one stream of bytes, digested on the way. Lines end with LF alone in it, the last one too, so that they are
/// counted alike whoever wrote the file, and no byte order mark begins it.
struct Stream {
    pieces: Receiver<Piece>,
    /// What came so far, while it may be the beginning of a byte order mark.
    start: Option<Vec<u8>>,
    current: Bytes,
    has_ended: bool,
    digest: Sha256,
    /// Line ends that are not digested yet: those at the end of the file never are.
    line_ends: usize,
    /// How many bytes were read since the last row began, give or take a buffer.
    since_row: Rc<Cell<u64>>,
}

impl Stream {
    fn new(pieces: Receiver<Piece>, since_row: Rc<Cell<u64>>) -> Self {
        let start = Some(Vec::new());
        let digest = Sha256::new();
        Self { pieces, start, current: Bytes::new(), has_ended: false, digest, line_ends: 0, since_row }
    }

    /// Digests what comes next, but for line ends that nothing stands behind yet.
    fn digest(&mut self, bytes: &[u8]) {
        let mut text = bytes;
        while let [before @ .., b'\n'] = text {
            text = before;
        }
        if !text.is_empty() {
            while self.line_ends > 0 {
                let ends: &[u8] = LINE_ENDS.get(..self.line_ends).unwrap_or(&LINE_ENDS);
                self.digest.update(ends);
                self.line_ends = self.line_ends.saturating_sub(ends.len());
            }
            self.digest.update(text);
        }
        self.line_ends = self.line_ends.saturating_add(bytes.len().saturating_sub(text.len()));
    }

    /// What of these bytes is read now: at the beginning of the file none of a byte order mark.
    fn without_mark(&mut self, bytes: Bytes) -> Bytes {
        let Some(mut start) = self.start.take() else { return bytes };
        start.extend_from_slice(&bytes);
        if start.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&start) {
            self.start = Some(start);
            return Bytes::new();
        }
        start.strip_prefix(BYTE_ORDER_MARK).map(Bytes::copy_from_slice).unwrap_or_else(|| start.into())
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.has_ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => {
                    let bytes = match bytes.contains(&b'\r') {
                        true => bytes.iter().copied().filter(|byte| *byte != b'\r').collect(),
                        false => bytes,
                    };
                    let bytes = self.without_mark(bytes);
                    self.digest(&bytes);
                    self.current = bytes;
                }
                Some(Piece::End) => {
                    self.has_ended = true;
                    let mut last = self.start.take().unwrap_or_default();
                    self.digest(&last);
                    self.digest.update(b"\n");
                    last.push(b'\n');
                    self.current = last.into();
                }
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let count = self.current.len().min(into.len());
        let taken = self.current.split_to(count);
        if let Some(place) = into.get_mut(..count) {
            place.copy_from_slice(&taken);
        }
        let read = self.since_row.get().saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.since_row.set(read);
        if read > LONGEST_ROW { Err(io::ErrorKind::InvalidData.into()) } else { Ok(count) }
    }
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::sync::mpsc::channel;

    use super::*;

    /// Reads a file that comes in pieces of some size; gives what came out, and what the file held.
    fn read_in(bytes: &[u8], piece: usize, ends: bool) -> (Vec<AidRecord>, Result<Contents>) {
        let (give, pieces) = channel(4);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for part in bytes.chunks(piece) {
                    if give.blocking_send(Piece::Bytes(Bytes::copy_from_slice(part))).is_err() {
                        return;
                    }
                }
                let _ = ends && give.blocking_send(Piece::End).is_ok();
            });
            let mut records = Vec::new();
            let contents = read(pieces, true, |record| {
                records.extend(record);
                Ok(Taken::GoOn)
            });
            (records, contents)
        })
    }

    fn rows(count: usize) -> String {
        let row = |number: usize| format!(",\"Ana \"\"A\"\"; {number}\",Beograd,30.00,2020-04-15\r\n");
        format!("jmbg,name,municipality,amount,paid_on\r\n{}", (0..count).map(row).collect::<String>())
    }

    #[test]
    fn a_file_is_read_whatever_its_separator_and_mark() {
        let plain = rows(3);
        let semicolons = plain.replace("; ", "# ").replace(',', ";");
        for text in [plain.clone(), format!("\u{feff}{plain}"), semicolons.replace("30.00", "30,00")] {
            let (records, contents) = read_in(text.as_bytes(), 7, true);
            let contents = contents.unwrap();
            assert_eq!((records.len(), contents.rows, contents.ending), (3, 3, Ending::Whole), "{text}");
            assert!(records[2].name.starts_with("Ana \"A\"") && records[2].name.ends_with(" 2"));
        }
    }

    #[test]
    fn whoever_saved_a_file_its_digest_is_the_same() {
        let plain = rows(3).replace("\r\n", "\n");
        let digest = <[u8; 32]>::from(Sha256::digest(&plain));
        let ended = [plain.trim_end().to_owned(), format!("{plain}\n\r\n"), format!("{plain}{}", "\n".repeat(3000))];
        for text in [plain.clone(), rows(3), format!("\u{feff}{plain}"), format!("\u{feff}{}", rows(3))]
            .into_iter()
            .chain(ended)
        {
            for piece in [1, 2, 3, 7, 1000] {
                let (records, contents) = read_in(text.as_bytes(), piece, true);
                assert_eq!((records.len(), contents.unwrap().digest), (3, digest), "{text} in {piece}");
            }
        }
        // Another row, a line end before the last row, and a mark that is none, is another file.
        for text in [rows(4), plain.replace("30.00", "30.01"), plain.replacen('\n', "\n\n", 1)] {
            assert_ne!(read_in(text.as_bytes(), 7, true).1.unwrap().digest, digest, "{text}");
        }
        for text in ["\u{feff}", "\u{feff}\u{feff}x"] {
            assert!(read_in(text.as_bytes(), 1, true).1.is_err(), "{text}");
        }
    }

    #[test]
    fn wrong_rows_are_told_by_line_and_nothing_goes_on_behind_the_first() {
        let wrong = "123,\"Ana\r\nB\",Beograd,1,2020-04-15\n\n1,2\r\n\r\n,Ana,Beograd,1,2020-04-15\n1";
        let text = format!("{}{wrong}", rows(2));
        let (records, contents) = read_in(text.as_bytes(), 1000, true);
        let contents = contents.unwrap();
        assert_eq!((records.len(), contents.rows, contents.faults.rows()), (2, 6, 3));
        let lines: Vec<_> = contents.faults.into_lines().into_iter().collect();
        let expected = [
            (("jmbg", "jmbg_digits"), vec![4]),
            (("name", "control_character"), vec![4]),
            (("row", "columns"), vec![7, 10]),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn breaks_at_the_ends_of_a_cell_are_counted_too() {
        let text = format!("{}123,\"Ana\n\n\",Beograd,1,2020-04-15\n1,\"2\n", rows(1));
        let lines: Vec<_> = read_in(text.as_bytes(), 1000, true).1.unwrap().faults.into_lines().into_iter().collect();
        assert_eq!(lines, [(("jmbg", "jmbg_digits"), vec![3]), (("row", "columns"), vec![6])]);
    }

    #[test]
    fn an_open_quotation_mark_does_not_swallow_the_file() {
        let text = format!("{}\"{}", rows(1), "x".repeat(2_000_000));
        let (_, contents) = read_in(text.as_bytes(), 64 * 1024, true);
        let contents = contents.unwrap();
        assert_eq!((contents.rows, contents.faults.rows()), (2, 1), "it is one of the rows");
        let lines: Vec<_> = contents.faults.into_lines().into_iter().collect();
        assert_eq!(lines, [(("row", "row_too_long"), vec![3])]);
    }

    #[test]
    fn what_breaks_off_is_no_whole_file() {
        for text in [String::new(), rows(0), rows(5)] {
            assert_eq!(read_in(text.as_bytes(), 10, false).1.unwrap().ending, Ending::BrokenOff, "{text}");
        }
        assert!(matches!(read_in(b"", 1, true).1, Err(Error::Fields(wrong)) if wrong.len() == 5));
        let (_, contents) = read_in(rows(0).as_bytes(), 10, true);
        assert_eq!(contents.unwrap().faults.into_lines().into_keys().collect::<Vec<_>>(), [("row", "no_rows")]);
    }

    proptest! {
        #[test]
        fn every_row_is_taken_in_order(count in 0..2500_usize, piece in 1..5000_usize) {
            let (records, contents) = read_in(rows(count).as_bytes(), piece, true);
            prop_assert_eq!(contents.unwrap().rows, u64::try_from(count).unwrap());
            let is_in_order = records.iter().enumerate().all(|(at, record)| record.name.ends_with(&format!("; {at}")));
            prop_assert!(is_in_order);
            prop_assert_eq!(records.len(), count);
        }
    }
}
