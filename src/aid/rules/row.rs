//! Reading a row of a register: what its cells say, and everything that is wrong with them.

use std::collections::BTreeMap;

use super::AidRecord;
use crate::calls::YEARS;
use crate::clock::Date;
use crate::error::FieldError;
use crate::language::is_hidden;
use crate::money::{Money, MoneyError};
use crate::serbian::{Jmbg, JmbgError, fold, latin};

/// The headings of a register, in whatever order.
pub const COLUMNS: [&str; 5] = ["jmbg", "name", "municipality", "amount", "paid_on"];
/// Characters.
const LONGEST_TEXT: usize = 200;

/// A column and what is wrong with its cell.
pub type Fault = (&'static str, &'static str);

const WRONG_AMOUNT: Fault = ("amount", "row_amount");
const LARGE_AMOUNT: Fault = ("amount", "row_amount_too_large");
const WRONG_DATE: Fault = ("paid_on", "row_date");
const DATE_TO_COME: Fault = ("paid_on", "future");
/// No aid that counts was paid before those of any call: an earlier year is a slip of the pen, and its day would never match.
const DATE_LONG_AGO: Fault = ("paid_on", "year");

/// What is wrong with the rows of a file: column and code, and the lines on which such rows begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    lines: BTreeMap<Fault, Vec<u64>>,
    rows: u64,
}

impl Faults {
    /// Remembers everything that is wrong with one row.
    pub fn add(&mut self, line: u64, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            self.lines.entry(fault).or_default().push(line);
        }
        self.rows = self.rows.saturating_add(1);
    }

    /// How many rows are wrong.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub fn into_lines(self) -> BTreeMap<Fault, Vec<u64>> {
        self.lines
    }
}

/// Where each column stands, in the order of [`COLUMNS`], and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    places: [usize; 5],
    count: usize,
}

impl Columns {
    /// # Errors
    /// Every heading that is missing, unknown or there twice.
    pub fn read<'a>(headings: impl Iterator<Item = &'a [u8]>) -> Result<Self, Vec<FieldError>> {
        let raw: Vec<&[u8]> = headings.collect();
        let is_text = raw.iter().all(|heading| std::str::from_utf8(heading).is_ok() && !heading.contains(&0));
        let plain = |heading: &[u8]| latin(&String::from_utf8_lossy(heading)).trim().to_lowercase();
        let headings: Vec<String> = raw.into_iter().map(plain).collect();
        let is_known = |heading: &String| COLUMNS.contains(&heading.as_str());
        if !is_text || (!headings.is_empty() && !headings.iter().any(is_known)) {
            // Without headings the first line is a person's, who must not be told back.
            let (code, expected) = (if is_text { "headings_missing" } else { "not_utf8" }, COLUMNS.join(", "));
            return Err(vec![FieldError { field: "headings".into(), code, argument: Some(("expected", expected)) }]);
        }
        let wrong = |field: &str, code| FieldError { field: crate::error::named(field), code, argument: None };
        let mut found: Vec<FieldError> = Vec::new();
        for (at, heading) in headings.iter().enumerate().take(20) {
            match () {
                () if !COLUMNS.contains(&heading.as_str()) => found.push(wrong(heading, "unknown")),
                () if headings.iter().take(at).any(|earlier| earlier == heading) => found.push(wrong(heading, "twice")),
                () => {}
            }
        }
        let place = |column: &str| headings.iter().position(|heading| heading == column);
        found.extend(COLUMNS.iter().filter(|column| place(column).is_none()).map(|column| wrong(column, "missing")));
        let places = COLUMNS.map(|column| place(column).unwrap_or(usize::MAX));
        if found.is_empty() { Ok(Self { places, count: headings.len() }) } else { Err(found) }
    }

    /// The record that the cells of a row say; nothing was paid later than `today`, or before the years of calls.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn record(&self, cells: &csv::ByteRecord, today: Date) -> Result<AidRecord, Vec<Fault>> {
        if cells.len() != self.count {
            return Err(vec![("row", "columns")]);
        }
        let text = |cell| std::str::from_utf8(cell).map(str::trim);
        let texts = self.places.map(|place| cells.get(place).map(text));
        let [Some(Ok(jmbg)), Some(Ok(name)), Some(Ok(municipality)), Some(Ok(amount)), Some(Ok(paid_on))] = texts
        else {
            return Err(vec![("row", "not_utf8")]);
        };
        let mut faults: Vec<Fault> = Vec::new();
        let has_jmbg = !jmbg.is_empty();
        if has_jmbg && let Err(error) = Jmbg::parse(jmbg) {
            faults.push(("jmbg", jmbg_code(error)));
        }
        for (column, text) in [("name", name), ("municipality", municipality)] {
            // A row without JMBG is found by these two alone.
            if !has_jmbg && fold(text).is_empty() {
                faults.push((column, "missing"));
            } else if text.chars().count() > LONGEST_TEXT {
                faults.push((column, "cell_too_long"));
            } else if text.contains(|sign: char| sign.is_control() || is_hidden(sign)) {
                faults.push((column, "control_character"));
            }
        }
        let amount = read_amount(amount);
        let paid_on = match read_date(paid_on) {
            Some(day) if day > today => Err(DATE_TO_COME),
            Some(day) if !YEARS.contains(&day.parts().0) => Err(DATE_LONG_AGO),
            read => read.ok_or(WRONG_DATE),
        };
        match (amount, paid_on) {
            (Ok(amount), Ok(paid_on)) if faults.is_empty() => Ok(AidRecord {
                jmbg: has_jmbg.then(|| jmbg.to_owned()),
                name: name.to_owned(),
                municipality: municipality.to_owned(),
                amount,
                paid_on,
            }),
            (amount, paid_on) => {
                faults.extend(amount.err().into_iter().chain(paid_on.err()));
                Err(faults)
            }
        }
    }
}

fn jmbg_code(error: JmbgError) -> &'static str {
    match error {
        JmbgError::NotThirteenDigits => "jmbg_digits",
        JmbgError::NoSuchDate => "jmbg_date",
        JmbgError::WrongCheckDigit => "jmbg_check",
    }
}

/// `30000.00`, or as Serbian text writes it: `30.000,00`, `30000,00`, `30.000`.
fn read_amount(text: &str) -> Result<Money, Fault> {
    let (whole, fraction) = text.split_once(',').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut groups = whole.split('.');
    let first = groups.next().unwrap_or_default();
    let is_grouped = whole.contains('.')
        && (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    let plain = match fraction {
        _ if is_grouped => {
            let digits = whole.replace('.', "");
            fraction.map_or(digits.clone(), |fraction| format!("{digits}.{fraction}"))
        }
        Some(_) if whole.contains('.') => return Err(WRONG_AMOUNT),
        Some(fraction) => format!("{whole}.{fraction}"),
        None => text.to_owned(),
    };
    plain.parse::<Money>().map_err(|error| match error {
        MoneyError::TooLarge(_) => LARGE_AMOUNT,
        _ => WRONG_AMOUNT,
    })
}

/// `2020-04-15`, or as Serbian text writes it: `15.4.2020.`, `15. 4. 2020`.
fn read_date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.strip_suffix('.').unwrap_or(text).split('.').map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_shaped = parts.next().is_none() && year.len() == 4 && (1..=2).contains(&day.len());
    let is_shaped = is_shaped && (1..=2).contains(&month.len()) && [day, month, year].into_iter().all(is_number);
    is_shaped.then(|| format!("{year}-{month:0>2}-{day:0>2}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns() -> Columns {
        Columns::read(COLUMNS.iter().map(|name| name.as_bytes())).unwrap()
    }

    fn faults(cells: [&str; 5]) -> Vec<Fault> {
        columns().record(&csv::ByteRecord::from(cells.to_vec()), today()).err().unwrap_or_default()
    }

    fn today() -> Date {
        "2020-07-01".parse().unwrap()
    }

    #[test]
    fn headings_stand_in_any_order_and_every_wrong_one_is_told() {
        let read = |text: &str| Columns::read(text.split(',').map(str::as_bytes));
        assert_eq!(read("paid_on,JMBG, name ,amount,municipality").unwrap().places, [1, 2, 4, 3, 0]);
        assert_eq!(read("јмбг,name,municipality,amount,paid_on").unwrap(), columns());
        assert_eq!(read(" jmbg , name , municipality , amount , paid_on ").unwrap(), columns());
        let wrong = read("jmbg,jmbg,town,name,amount").unwrap_err();
        let told: Vec<String> = wrong.iter().map(|wrong| format!("{} {}", wrong.field, wrong.code)).collect();
        assert_eq!(told, ["jmbg twice", "town unknown", "municipality missing", "paid_on missing"]);
    }

    #[test]
    fn all_that_is_wrong_with_a_row_is_told() {
        let good = ["0101985660000", "Ана Анић", "Београд", "30.000,00", "15.4.2020."];
        let with = |at: usize, text: &'static str| {
            let mut cells = good;
            cells[at] = text;
            faults(cells)
        };
        assert_eq!(faults(["", "Ana Anić", "Beograd", "30000.00", "2020-04-15"]), []);
        assert_eq!(with(0, "123"), [("jmbg", "jmbg_digits")]);
        assert_eq!(with(0, "3113985660006"), [("jmbg", "jmbg_date")]);
        assert_eq!(with(0, "0101985660001"), [("jmbg", "jmbg_check")]);
        assert_eq!(with(1, "a\u{7}b"), [("name", "control_character")]);
        let all = faults(["", "", "?", "x", "2020-02-30"]);
        let expected = ["name missing", "municipality missing", "amount row_amount", "paid_on row_date"];
        assert_eq!(all.iter().map(|(column, code)| format!("{column} {code}")).collect::<Vec<_>>(), expected);
        let bytes = csv::ByteRecord::from(vec![b"".as_slice(), b"\xff", b"x", b"1", b"2020-01-01"]);
        assert_eq!(columns().record(&bytes, today()).unwrap_err(), [("row", "not_utf8")]);
        assert_eq!(columns().record(&csv::ByteRecord::from(vec!["", ""]), today()).unwrap_err(), [("row", "columns")]);
    }

    #[test]
    fn what_looks_otherwise_than_it_is_and_what_is_to_come_is_wrong() {
        for hidden in ["\u{202e}ćinA anA", "Ana\u{200b} Anić", "A\u{ad}na", "\u{2066}Ana"] {
            assert_eq!(
                faults(["", hidden, "Beograd", "1", "2020-04-15"]),
                [("name", "control_character")],
                "{hidden:?}"
            );
            let place = faults(["0101985660000", "Ana", hidden, "1", "2020-04-15"]);
            assert_eq!(place, [("municipality", "control_character")], "{hidden:?}");
        }
        assert_eq!(faults(["", "Ana", "Beograd", "1", "2020-07-01"]), []);
        for day in ["2020-07-02", "2.7.2020.", "2999-01-01"] {
            assert_eq!(faults(["", "Ana", "Beograd", "1", day]), [DATE_TO_COME], "{day}");
        }
        for day in ["0026-05-05", "5.5.0026.", "1999-12-31"] {
            assert_eq!(faults(["", "Ana", "Beograd", "1", day]), [DATE_LONG_AGO], "{day}");
        }
        assert_eq!(faults(["", "Ana", "Beograd", "1", "2000-01-01"]), []);
    }

    #[test]
    fn every_fault_has_its_text() {
        let more = ["columns", "not_utf8", "row_too_long", "no_rows", "cell_too_long", "control_character", "missing"];
        let jmbg = [JmbgError::NotThirteenDigits, JmbgError::NoSuchDate, JmbgError::WrongCheckDigit].map(jmbg_code);
        let days = [WRONG_DATE.1, DATE_TO_COME.1, DATE_LONG_AGO.1];
        for code in [WRONG_AMOUNT.1, LARGE_AMOUNT.1].into_iter().chain(days).chain(more).chain(jmbg) {
            let text = crate::language::text(crate::language::Language::English, &format!("field-{code}"), &[]);
            assert!(text.is_some(), "{code}");
        }
    }

    #[test]
    fn amounts_and_days_are_read_as_people_write_them() {
        for (text, para) in [
            ("30000.00", 3_000_000),
            ("30000", 3_000_000),
            ("30.000", 3_000_000),
            ("30.000,00", 3_000_000),
            ("30000,5", 3_000_050),
            ("1.234.567,89", 123_456_789),
            ("0.50", 50),
        ] {
            assert_eq!(read_amount(text).map(Money::minor), Ok(para), "{text}");
        }
        for wrong in
            ["", "30,000.00", "30,000", "3.00,00", "30.00.0", "1.2345", "-1", "1e3", "RSD 5", ".500", "0001.000"]
        {
            assert_eq!(read_amount(wrong), Err(WRONG_AMOUNT), "{wrong}");
        }
        for large in ["92233720368547758.08", "92.233.720.368.547.758,08", "99999999999999999999,00"] {
            assert_eq!(read_amount(large), Err(LARGE_AMOUNT), "{large}");
        }
        for text in ["2020-04-05", "5.4.2020.", "05.04.2020", "5. 4. 2020."] {
            assert_eq!(read_date(text).map(|date| date.to_string()).as_deref(), Some("2020-04-05"), "{text}");
        }
        for wrong in ["", "5.4.20.", "31.2.2020.", "5/4/2020", "5.4.2020..", "4.2020.", "+5.4.2020."] {
            assert_eq!(read_date(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_in_serbian_text_is_the_amount(para in 0..1_000_000_000_000_i64) {
            let amount = Money::from_minor(para);
            prop_assert_eq!(read_amount(&amount.serbian()), Ok(amount));
            prop_assert_eq!(read_amount(&amount.to_string()), Ok(amount));
        }

        #[test]
        fn no_cell_makes_it_fail(cells in prop::collection::vec(any::<Vec<u8>>(), 0..7)) {
            let _ = columns().record(&csv::ByteRecord::from(cells), today());
        }
    }
}
