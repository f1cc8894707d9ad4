//! The list of what was erased, in a file outside the database.
//!
//! A backup is older than the last erasures: by this list the restored database is made to forget again, before anybody is
//! served from it.
//! A line is a moment, what was erased, and the id of the subject: `2026-11-27T10:15:00Z person 01993c5e-…`. It names nobody.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;

use super::erasure::{self, Erased, What};
use super::store;
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Db;
use crate::error::{Error, Result, shown};

/// How many lines are written, or erased again, at once.
const AT_ONCE: i64 = 500;

const UNFINISHED: &str = "the last line is not finished, so the list may be cut off: take the whole list; where there is no \
                          other, end this line with a newline if nothing is missing in it, or take it out";

/// Writes what was erased and is not on the list yet; gives how much that was. There is a list from the first time on, be it
/// empty: that there is none always means that it is lost. A list that holds less than the database says is on it, because it
/// was lost or because another file was named in between, is made whole. What is written twice, because a process
/// ended in between, does no harm.
///
/// # Errors
/// [`Error::File`] where the list cannot be written: nothing is lost then, and the next time writes it.
pub fn write_down(db: &Db, list: &Path) -> Result<usize> {
    let failed = |reason| Error::File { path: list.display().to_string(), reason };
    let mut written: usize = 0;
    if !list.exists() {
        append(list, &[]).map_err(failed)?;
    }
    // The database first: what it says is on the list was written before.
    let listed = usize::try_from(db.read(store::count_listed)?).map_err(Error::corrupt)?;
    if count_lines(list).map_err(failed)?.is_some_and(|lines| lines < listed) {
        written = complete(db, list)?;
    }
    loop {
        let waiting = db.read(|conn| store::unlisted(conn, AT_ONCE))?;
        if waiting.is_empty() {
            return Ok(written);
        }
        append(list, &waiting).map_err(failed)?;
        db.write(|conn| store::mark_listed(conn, &waiting, Instant::now()))?;
        written = written.saturating_add(waiting.len());
    }
}

/// Writes what the database says is on the list, and is not; gives how much that was. A list may hold as many others instead:
/// of people whom a restored database does not know.
///
/// # Errors
/// [`Error::File`] where the list cannot be read or written.
pub fn complete(db: &Db, list: &Path) -> Result<usize> {
    let listed = db.read(store::listed)?;
    add(list, &listed)
}

/// Writes those of some lines that a list does not hold; gives how many that were.
///
/// # Errors
/// [`Error::File`] where the list cannot be read or written.
pub fn add(list: &Path, lines: &[Erased]) -> Result<usize> {
    let failed = |reason| Error::File { path: list.display().to_string(), reason };
    let Some(known) = known(list).map_err(failed)? else { return Ok(0) };
    let is_missing = |line: &&Erased| !known.contains(&(line.subject, line.what));
    let missing: Vec<Erased> = lines.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        append(list, &missing).map_err(failed)?;
    }
    Ok(missing.len())
}

/// How many lines a list has, one that stands there twice counted twice: asked every second, and quicker than what they say.
fn count_lines(list: &Path) -> std::io::Result<Option<usize>> {
    match list.metadata()?.is_file() {
        true => Ok(Some(std::fs::read(list)?.iter().filter(|byte| **byte == b'\n').count())),
        false => Ok(None),
    }
}

/// What stands on a list in whole lines; nothing is known of what is no file, such as a pipe, for it cannot be read back.
fn known(list: &Path) -> std::io::Result<Option<HashSet<(Uuid, What)>>> {
    match list.metadata() {
        Ok(found) if !found.is_file() => return Ok(None),
        Err(reason) if reason.kind() == ErrorKind::NotFound => return Ok(Some(HashSet::new())),
        Err(reason) => return Err(reason),
        Ok(_) => {}
    }
    let text = std::fs::read(list)?;
    let whole = text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
    let lines = whole.filter_map(|line| parse(std::str::from_utf8(line).ok()?));
    Ok(Some(lines.map(|line| (line.subject, line.what)).collect()))
}

/// How many erasures a restored database says are on the list, and are not among these lines: then the list is older than the
/// backup, or of another fund. What the database has not written down yet is not counted.
pub fn count_missing(db: &Db, lines: &[Erased]) -> Result<usize> {
    let known: HashSet<_> = lines.iter().map(|line| (line.subject, line.what)).collect();
    let listed = db.read(store::listed)?;
    Ok(listed.into_iter().filter(|erased| !known.contains(&(erased.subject, erased.what))).count())
}

/// Erases in a restored database what a list names; gives how much of it was still there.
pub fn apply(db: &Db, vault: &Vault, lines: &[Erased]) -> Result<u64> {
    let mut erased: u64 = 0;
    for some in lines.chunks(usize::try_from(AT_ONCE).unwrap_or(1)) {
        let again = db.write(|conn| {
            let mut again: u64 = 0;
            for line in some {
                let was_there = erasure::erase_again(conn, vault, *line, Instant::now())?;
                again = again.saturating_add(u64::from(was_there));
            }
            Ok(again)
        })?;
        erased = erased.saturating_add(again);
    }
    Ok(erased)
}

fn append(list: &Path, erased: &[Erased]) -> std::io::Result<()> {
    let mut file = open_private(list)?;
    // A command and a server write beside each other; the beginning of a line of the one is no unfinished line to the other.
    file.lock()?;
    cut_unfinished(list, &file)?;
    let mut text = String::new();
    for Erased { subject, what, at } in erased {
        text.push_str(&format!("{at} {what} {subject}\n"));
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// That the list can be opened to write; it is made where it is not there.
///
/// # Errors
/// [`Error::File`] where it cannot.
pub(super) fn require_open(list: &Path) -> Result<()> {
    open_private(list).map(drop).map_err(|reason| Error::File { path: list.display().to_string(), reason })
}

/// What follows from a list that cannot be written, said with the reason.
pub fn and_told(error: Error, more: &str) -> Error {
    match error {
        Error::File { path, reason } => {
            let told = std::io::Error::new(reason.kind(), format!("{reason}; {more}"));
            Error::File { path: format!("the list of erasures, {path}"), reason: told }
        }
        other => other,
    }
}

/// Takes away a last line without its end, of a process that died over it: what it meant is written again.
fn cut_unfinished(list: &Path, file: &File) -> std::io::Result<()> {
    let mut end = File::open(list)?;
    if end.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    end.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    end.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok(());
    }
    let text = std::fs::read(list)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
    file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))
}

#[cfg(unix)]
fn open_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// The lines of a list, whole: a server may write a last line that is not finished once more, but whoever restores has nothing
/// to write it from.
///
/// # Errors
/// [`Error::File`] where it cannot be read; [`Error::Invalid`] naming the line that is none, or that has no end.
pub fn read(list: &Path) -> Result<Vec<Erased>> {
    let failed = |reason| Error::File { path: list.display().to_string(), reason };
    let mut reader = BufReader::new(File::open(list).map_err(failed)?);
    let (mut lines, mut number): (Vec<Erased>, u64) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).map_err(failed)? == 0 {
            return Ok(lines);
        }
        number = number.saturating_add(1);
        let wrong = |message: String| Error::invalid(format!("{}, line {number}", list.display()), message);
        let whole = line.strip_suffix('\n').ok_or_else(|| wrong(UNFINISHED.to_owned()))?;
        let no_line = || wrong(format!("“{}” is no line of a list of erasures", shown(whole)));
        lines.push(parse(whole).ok_or_else(no_line)?);
    }
}

fn parse(line: &str) -> Option<Erased> {
    let mut words = line.split(' ');
    let (at, what, subject) = (words.next()?, words.next()?, words.next()?);
    let is_whole = words.next().is_none();
    Some(Erased { at: at.parse().ok()?, what: what.parse().ok()?, subject: subject.parse().ok()? }).filter(|_| is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn erased(number: u128) -> Erased {
        Erased { subject: Uuid::from_u128(number), what: What::Need, at: "2026-11-27T10:15:00.5Z".parse().unwrap() }
    }

    #[test]
    fn what_is_written_is_read_again_and_only_its_owner_may() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("fond.erasures");
        append(&list, &[erased(1), erased(2)]).unwrap();
        append(&list, &[erased(3)]).unwrap();
        assert_eq!(read(&list).unwrap(), [erased(1), erased(2), erased(3)]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_line_that_is_not_finished_is_written_again_but_not_read_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("fond.erasures");
        append(&list, &[erased(1)]).unwrap();
        let whole = std::fs::read_to_string(&list).unwrap();
        std::fs::write(&list, format!("{whole}2026-11-27T10:15:00Z pers")).unwrap();
        for (text, number) in [(format!("{whole}2026-11-27T10:15:00Z pers"), 2), (whole.trim_end().to_owned(), 1)] {
            std::fs::write(&list, text).unwrap();
            let message = read(&list).unwrap_err().to_string();
            let place = format!("fond.erasures, line {number}");
            assert!(message.contains(&place) && message.contains("take the whole list"), "{message}");
        }
        std::fs::write(&list, format!("{whole}2026-11-27T10:15:00Z pers")).unwrap();
        append(&list, &[erased(2)]).unwrap();
        assert_eq!(read(&list).unwrap(), [erased(1), erased(2)]);
        std::fs::write(&list, format!("{whole}2026-11-27T10:15:00Z nobody 7\n{whole}")).unwrap();
        let message = read(&list).unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("nobody 7"), "{message}");
        assert!(matches!(read(&folder.path().join("absent")), Err(Error::File { .. })));
    }
}
