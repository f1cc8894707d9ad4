//! Full years of life.

use crate::clock::Date;

/// Whether somebody has that many full years on a day. A year is full on the birthday; in common years, for those
/// born on 29 February, on 1 March. Somebody born after the day has none.
pub fn has_turned(born: Date, years: u8, on: Date) -> bool {
    let (year, month, day) = born.parts();
    let year = year.saturating_add(i32::from(years));
    let birthday = if (month, day) == (2, 29) && !is_leap(year) { (year, 3, 1) } else { (year, month, day) };
    birthday <= on.parts()
}

/// The full years that somebody has on a day; somebody born after it has none.
pub fn full_years(born: Date, on: Date) -> u8 {
    (1..=u8::MAX).take_while(|years| has_turned(born, *years, on)).last().unwrap_or(0)
}

/// The Gregorian rule.
fn is_leap(year: i32) -> bool {
    let divides = |by: i32| year.rem_euclid(by) == 0;
    divides(4) && (!divides(100) || divides(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(born: &str, years: u8, on: &str) -> bool {
        has_turned(born.parse().unwrap(), years, on.parse().unwrap())
    }

    #[test]
    fn a_year_is_full_on_the_birthday() {
        assert!(turned("2002-05-06", 18, "2020-05-06"));
        assert!(!turned("2002-05-07", 18, "2020-05-06"));
        assert!(turned("2020-05-06", 0, "2020-05-06"));
        assert!(!turned("2020-05-07", 0, "2020-05-06"));
    }

    #[test]
    fn a_leap_day_counts_as_the_first_of_march() {
        assert!(!turned("2004-02-29", 18, "2022-02-28"));
        assert!(turned("2004-02-29", 18, "2022-03-01"));
        assert!(turned("2004-02-29", 16, "2020-02-29"));
        assert!(!turned("1880-02-29", 20, "1900-02-28"));
        assert!(turned("1880-02-29", 20, "1900-03-01"));
    }

    #[test]
    fn years_are_counted() {
        let years = |born: &str, on: &str| full_years(born.parse().unwrap(), on.parse().unwrap());
        assert_eq!(years("1985-01-01", "2020-05-06"), 35);
        assert_eq!((years("2020-05-07", "2020-05-06"), years("2019-05-07", "2020-05-06")), (0, 0));
    }

    #[test]
    fn the_end_of_the_calendar_is_no_trap() {
        assert!(!turned("9999-12-31", 255, "9999-12-31"));
    }
}
