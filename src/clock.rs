//! Moments and days. The only place that reads the clock: everywhere else time is passed in.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Integer};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, in microseconds UTC since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Instant(i64);

/// A day of the calendar, kept as the number YYYYMMDD: it sorts as days do and an auditor can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Integer)]
pub struct Date(i32);

/// Why a text is not a moment or a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("“{0}” is not a time such as 2020-07-16T00:00:00+02:00 (the offset is needed)")]
    Instant(String),
    #[error("“{0}” is not a date such as 2020-07-16")]
    Date(String),
}

/// The longest text of a moment: a full date and time, nine decimals of a second, an offset.
const LONGEST_INSTANT: usize = 35;

/// Central European time: summer time from the last Sunday of March, 2.00, to the last of October, 3.00. So since 1996;
/// the fund has no earlier moments, and needs no database of time zones on the machine.
const BELGRADE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// Where the clock of this process stands; [`RUNNING`] while it runs.
static STANDS_AT: AtomicI64 = AtomicI64::new(RUNNING);
const RUNNING: i64 = i64::MIN;

/// Stops the clock at a moment, or lets it run again: for tests that play months. Nothing in the program does this.
pub fn stop_clock(at: Option<Instant>) {
    STANDS_AT.store(at.map_or(RUNNING, Instant::micros), Ordering::SeqCst);
}

impl Instant {
    /// Reads the clock.
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub fn now() -> Self {
        match STANDS_AT.load(Ordering::SeqCst) {
            RUNNING => Self(Timestamp::now().as_microsecond()),
            stands_at => Self(stands_at),
        }
    }

    /// The first moment of a day, UTC.
    pub fn start_of(day: Date) -> Self {
        let since_1970 = day.civil().at(0, 0, 0, 0).duration_since(civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        Self(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
    }

    /// The day of this moment, UTC.
    pub fn date(self) -> Date {
        let timestamp = Timestamp::from_microsecond(self.0).unwrap_or_default();
        timestamp.to_zoned(jiff::tz::TimeZone::UTC).date().into()
    }

    /// The first moment of a day in Belgrade; of the last day that there is, where the zone has none, that of UTC.
    pub fn begin_of(day: Date) -> Self {
        let zone = jiff::tz::TimeZone::posix(BELGRADE).unwrap_or(jiff::tz::TimeZone::UTC);
        day.civil().to_zoned(zone).map_or(Self::start_of(day), |begin| Self(begin.timestamp().as_microsecond()))
    }

    /// The end of a day in Belgrade, which is the first moment of the next.
    pub fn end_of(day: Date) -> Self {
        let zone = jiff::tz::TimeZone::posix(BELGRADE).unwrap_or(jiff::tz::TimeZone::UTC);
        let end = day.civil().tomorrow().ok().and_then(|next| next.to_zoned(zone).ok());
        end.map_or(Self(i64::MAX), |end| Self(end.timestamp().as_microsecond()))
    }

    /// Day, hour and minute of this moment in Belgrade, where the fund is.
    pub fn in_belgrade(self) -> (Date, i8, i8) {
        let zone = jiff::tz::TimeZone::posix(BELGRADE).unwrap_or(jiff::tz::TimeZone::UTC);
        let there = Timestamp::from_microsecond(self.0).unwrap_or_default().to_zoned(zone);
        (there.date().into(), there.hour(), there.minute())
    }

    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down, as tokens count.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// So much earlier.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// So much later; at the end of all time where that would be past it.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// For formats that want the clock's own type. Moments before 1970 become 1970.
impl From<Instant> for SystemTime {
    fn from(instant: Instant) -> Self {
        let since_1970 = Duration::from_micros(u64::try_from(instant.0).unwrap_or(0));
        Self::UNIX_EPOCH.checked_add(since_1970).unwrap_or(Self::UNIX_EPOCH)
    }
}

impl FromStr for Instant {
    type Err = TimeError;

    /// RFC 3339 with seconds and an offset; at most microseconds, for more would be lost without a word.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Instant(text.chars().take(LONGEST_INSTANT).collect());
        let timestamp: Option<Timestamp> =
            Some(text).filter(|text| is_instant(text)).and_then(|text| text.parse().ok());
        timestamp.map(|timestamp| Self(timestamp.as_microsecond())).ok_or_else(wrong)
    }
}

/// Whether a text is `YYYY-MM-DDThh:mm:ss`, perhaps `.` and one to six digits, then `Z` or `±hh:mm`.
fn is_instant(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else { return false };
    let Some((time, behind)) = rest.split_at_checked(8) else { return false };
    let offset_at = behind.find(['Z', '+', '-']).unwrap_or(behind.len());
    let (fraction, offset) = behind.split_at(offset_at);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // jiff reads a leap second as the one before; a minute of ours has sixty.
    let is_time = is_clock(time.get(..5))
        && time.get(5..6) == Some(":")
        && time.get(6..).is_some_and(|text| is_digits(text) && text < "60");
    let is_fraction =
        fraction.is_empty() || fraction.strip_prefix('.').is_some_and(|digits| is_digits(digits) && digits.len() <= 6);
    date.parse::<Date>().is_ok() && is_time && is_fraction && (offset == "Z" || is_clock(offset.get(1..)))
}

/// Whether a text is `hh:mm` of a day.
fn is_clock(text: Option<&str>) -> bool {
    let parts = text.filter(|text| text.len() == 5).and_then(|text| text.split_once(':'));
    let is_below =
        |part: &str, limit: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && part < limit;
    parts.is_some_and(|(hours, minutes)| is_below(hours, "24") && is_below(minutes, "60"))
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(out),
            Err(_) => self.0.fmt(out),
        }
    }
}

impl Date {
    fn from_civil(day: civil::Date) -> Option<Self> {
        let (year, month, day) = (i32::from(day.year()), i32::from(day.month()), i32::from(day.day()));
        (year > 0)
            .then(|| year.checked_mul(10_000)?.checked_add(month.checked_mul(100)?)?.checked_add(day))
            .flatten()
            .map(Self)
    }

    pub fn civil(self) -> civil::Date {
        let (year, month, day) = self.parts();
        let part = |value: i32| i8::try_from(value).unwrap_or(1);
        civil::Date::new(i16::try_from(year).unwrap_or(1), part(month), part(day)).unwrap_or_default()
    }

    /// Year, month and day.
    pub fn parts(self) -> (i32, i32, i32) {
        (self.0.div_euclid(10_000), self.0.div_euclid(100).rem_euclid(100), self.0.rem_euclid(100))
    }
}

impl From<civil::Date> for Date {
    /// Days before the year 1 do not occur here; they become 0001-01-01.
    fn from(day: civil::Date) -> Self {
        Self::from_civil(day).unwrap_or(Self(10_101))
    }
}

impl FromStr for Date {
    type Err = TimeError;

    /// Exactly `YYYY-MM-DD`, and a day that exists.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Date(text.chars().take(LONGEST_INSTANT).collect());
        let is_shaped = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        let day: civil::Date = text.parse().ok().filter(|_| is_shaped).ok_or_else(wrong)?;
        Self::from_civil(day).ok_or_else(wrong)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Instant
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Instant
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(raw).map(Self)
    }
}

impl<DB: Backend> ToSql<Integer, DB> for Date
where
    i32: ToSql<Integer, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Integer, DB> for Date
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i32::from_sql(raw).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_the_clocks_of_belgrade_show_them() {
        let told = |text: &str| text.parse::<Instant>().map(|moment| moment.in_belgrade()).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(told("2020-08-06T21:59:59Z"), (day("2020-08-06"), 23, 59));
        assert_eq!(told("2020-12-31T23:30:00Z"), (day("2021-01-01"), 0, 30));
        assert_eq!(told("2026-03-29T00:59:59Z"), (day("2026-03-29"), 1, 59));
        assert_eq!(told("2026-03-29T01:00:00Z"), (day("2026-03-29"), 3, 0));
        assert_eq!(told("2026-10-25T00:59:00Z"), (day("2026-10-25"), 2, 59));
        assert_eq!(told("2026-10-25T01:00:00Z"), (day("2026-10-25"), 2, 0));
    }

    #[test]
    fn time_goes_on_and_ends_at_its_end() {
        let moment: Instant = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(moment.plus(Duration::from_millis(1500)), "2026-03-01T12:00:01.5Z".parse().unwrap());
        assert_eq!(moment.plus(Duration::MAX), Instant(i64::MAX));
        assert_eq!(SystemTime::from(moment), SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400));
        assert_eq!(SystemTime::from(Instant(-1)), SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn a_moment_needs_an_offset_and_a_real_day() {
        assert_eq!("2020-07-16T00:00:00+02:00".parse::<Instant>().unwrap(), "2020-07-15T22:00:00Z".parse().unwrap());
        assert!("2020-07-16T00:00:00.123456+02:00".parse::<Instant>().is_ok());
        for wrong in [
            "2020-07-16T00:00:00",
            "2020-07-16",
            "2020-02-30T00:00:00Z",
            "20200716T000000Z",
            "2020-07-16 00:00:00Z",
            "",
            "T",
        ] {
            assert!(wrong.parse::<Instant>().is_err(), "{wrong}");
        }
        assert!("2020-07-16T00:00:00.1234567Z".parse::<Instant>().is_err());
        assert!("2020-07-16T00:00:00+02:00[Europe/Belgrade]".parse::<Instant>().is_err());
    }

    #[test]
    fn a_day_is_written_one_way() {
        assert_eq!("2020-02-29".parse::<Date>().unwrap().to_string(), "2020-02-29");
        assert_eq!("0001-01-01".parse::<Date>().unwrap().parts(), (1, 1, 1));
        for wrong in [
            "2020-02-30",
            "2020-13-01",
            "20200101",
            "2020-1-1",
            "0000-01-01",
            "-001-01-01",
            "2020-01-01 ",
            "２020-01-01",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
        assert!("2019-12-31".parse::<Date>().unwrap() < "2020-01-01".parse::<Date>().unwrap());
    }

    #[test]
    fn a_day_ends_at_midnight_in_belgrade() {
        for (day, end) in [
            ("2027-12-31", "2027-12-31T23:00:00Z"),
            ("2027-07-31", "2027-07-31T22:00:00Z"),
            ("2027-03-27", "2027-03-27T23:00:00Z"),
            ("2027-03-28", "2027-03-28T22:00:00Z"),
            ("2027-10-31", "2027-10-31T23:00:00Z"),
        ] {
            assert_eq!(Instant::end_of(day.parse().unwrap()), end.parse().unwrap(), "{day}");
        }
        assert!(Instant::end_of("9999-12-31".parse().unwrap()) > "9999-01-01T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_day_begins_at_midnight_in_belgrade_and_the_last_day_of_all_too() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(Instant::begin_of(day("2026-07-01")), "2026-06-30T22:00:00Z".parse().unwrap());
        let last = ["9999-12-29", "9999-12-30", "9999-12-31"].map(|text| Instant::begin_of(day(text)));
        assert!(last[0] > Instant::begin_of(day("5000-01-01")) && last.is_sorted(), "{last:?}");
        assert!(last[1] < last[2] && Instant::end_of(day("9999-12-31")) > last[2]);
        assert!(Instant::begin_of(day("0001-01-01")) < Instant::begin_of(day("0001-01-02")));
    }

    #[test]
    fn a_day_starts_at_midnight() {
        assert_eq!(Instant::start_of("2020-07-16".parse().unwrap()).to_string(), "2020-07-16T00:00:00Z");
        let (first, last) = ("0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap());
        assert!(
            Instant::start_of(first).micros() < 0 && Instant::start_of(last) > "9999-01-01T00:00:00Z".parse().unwrap()
        );
    }
}
