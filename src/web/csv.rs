//! Lists as CSV files (RFC 4180): exactly the rows of the list, and text that a spreadsheet would run stays text.

use actix_web::body::BoxBody;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, Responder};

use crate::error::{Error, Result};

/// A cell of a table.
#[derive(Debug, Clone)]
pub enum Cell {
    /// What somebody wrote: where it begins like a formula an apostrophe stands before it.
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
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
            Self::Text(text) | Self::Exact(text) => text,
            Self::Empty => String::new(),
        }
    }
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
    use super::*;

    #[test]
    fn what_begins_like_a_formula_stays_text() {
        let row = |text: &str| [Cell::text(text), Cell::exact(-5)];
        let rows = ["=1+1", "+381", "-x", "@a", "Ana, \"A\"", "a=b"].map(row);
        let csv = Csv::new("x", ["text", "number"], rows).unwrap();
        let expected = "text,number\r\n'=1+1,-5\r\n'+381,-5\r\n'-x,-5\r\n'@a,-5\r\n\"Ana, \"\"A\"\"\",-5\r\na=b,-5\r\n";
        assert_eq!(csv.text, expected);
    }
}
