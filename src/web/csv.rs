//! Lists as CSV files (RFC 4180): exactly the rows of the list, and text that a spreadsheet would run stays text.

use actix_web::body::BoxBody;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, Responder};

use crate::error::{Error, Result};

/// A cell of a table.
#[derive(Debug, Clone)]
pub enum Cell {
    /// What somebody wrote: where it begins like a formula, or a part of it that may become a cell, an apostrophe stands
    /// before that.
    Text(String),
    /// What was made here: amounts, times, codes.
    Exact(String),
    Empty,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn exact(value: impl std::fmt::Display) -> Self {
        Self::Exact(value.to_string())
    }

    /// Empty for nothing.
    pub fn maybe(value: Option<impl std::fmt::Display>) -> Self {
        value.map_or(Self::Empty, Self::exact)
    }

    fn into_field(self) -> String {
        match self {
            Self::Text(text) => guarded(&text),
            Self::Exact(text) => text,
            Self::Empty => String::new(),
        }
    }
}

/// A text with an apostrophe before each sign that would begin a formula. A spreadsheet with Serbian settings separates cells
/// by semicolons, and then also lines inside a text: behind either another cell begins, whatever blanks and quotation marks
/// come first.
fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len());
    let mut begins = true;
    for sign in text.chars() {
        let is_formula = matches!(sign, '=' | '+' | '-' | '@' | '\t' | '\r');
        if begins && is_formula {
            guarded.push('\'');
        }
        let is_before = !is_formula && (sign == '"' || sign.is_whitespace());
        begins = matches!(sign, ';' | '\n') || begins && is_before;
        guarded.push(sign);
    }
    guarded
}

/// A CSV file to keep: UTF-8, a row of headings, lines that end with CR LF.
#[derive(Debug, Clone)]
pub struct Csv {
    name: &'static str,
    text: String,
}

impl Csv {
    /// `name` is that of the file, without its ending.
    ///
    /// # Errors
    /// [`Error::Corrupt`] where a row has another number of cells than there are headings.
    pub fn new<const N: usize>(
        name: &'static str,
        headings: [&str; N],
        rows: impl IntoIterator<Item = [Cell; N]>,
    ) -> Result<Self> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(headings).map_err(Error::corrupt)?;
        for row in rows {
            writer.write_record(row.map(Cell::into_field)).map_err(Error::corrupt)?;
        }
        let bytes = writer.into_inner().map_err(Error::corrupt)?;
        Ok(Self { name, text: String::from_utf8(bytes).map_err(Error::corrupt)? })
    }

    /// The whole file.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Responder for Csv {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let disposition = format!("attachment; filename=\"{}.csv\"", self.name);
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((CONTENT_DISPOSITION, disposition))
            .body(self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_stays_text() {
        let row = |text: &str| [Cell::text(text), Cell::exact(-5)];
        let rows = ["=1+1", "+381", "-x", "@a", "Ana, \"A\"", "a=b"].map(row);
        let csv = Csv::new("x", ["text", "number"], rows).unwrap();
        let expected = "text,number\r\n'=1+1,-5\r\n'+381,-5\r\n'-x,-5\r\n'@a,-5\r\n\"Ana, \"\"A\"\"\",-5\r\na=b,-5\r\n";
        assert_eq!(csv.text, expected);
    }

    #[test]
    fn what_a_semicolon_or_a_line_makes_a_formula_stays_text() {
        for (text, expected) in [
            ("ples;=HYPERLINK(1)", "ples;'=HYPERLINK(1)"),
            ("ples; \u{a0}+1;-2", "ples; \u{a0}'+1;'-2"),
            ("ples;;@a", "ples;;'@a"),
            ("ples;\t=1", "ples;'\t=1"),
            ("ples;\r\n=1", "ples;'\r\n'=1"),
            ("ples\n=1", "ples\n'=1"),
            ("ples;\"=1\"", "ples;\"'=1\""),
            (" =1", " '=1"),
            ("ples; a=b - c", "ples; a=b - c"),
            (";", ";"),
            ("", ""),
        ] {
            assert_eq!(Cell::text(text).into_field(), expected);
        }
        assert_eq!(Cell::exact("x;-5").into_field(), "x;-5");
    }

    proptest! {
        /// What is read back is the text, with apostrophes and nothing else put in, and no part of it begins a formula.
        #[test]
        fn what_is_read_back_is_the_text_with_apostrophes(text in "[-a=+@;, \"'\t\r\n]{0,12}|\\PC{0,12}") {
            let csv = Csv::new("x", ["text", "number"], [[Cell::text(&text), Cell::exact(-5)]]).unwrap();
            let mut reader = csv::Reader::from_reader(csv.text().as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(&row[1], "-5");
            let mut signs = text.chars().peekable();
            for sign in row[0].chars() {
                prop_assert!(signs.next_if_eq(&sign).is_some() || sign == '\'', "{:?} from {:?}", &row[0], text);
            }
            prop_assert_eq!(signs.next(), None);
            for part in row[0].split([';', '\n']) {
                let begins = part.trim_start_matches(['"', ' ']);
                prop_assert!(!begins.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?} from {:?}", part, text);
            }
        }
    }
}
