//! Days, amounts and sentences as people read them in a language.

use crate::calls::rules::Text;
use crate::clock::{Date, Instant};
use crate::language::{Language, text};
use crate::money::Money;
use crate::serbian::{cyrillic, latin};

/// A language, and how things are written in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub Language);

impl Words {
    /// A sentence. A test asks for every one of them in every language, so that none is missing.
    pub fn say(self, key: &str, arguments: &[(&str, &str)]) -> String {
        text(self.0, key, arguments).unwrap_or_default()
    }

    fn is_english(self) -> bool {
        self.0 == Language::English
    }

    /// What was written in Serbian, in the script of the reader; who reads English gets Latin.
    pub fn serbian(self, written: &str) -> String {
        match self.0 {
            Language::SerbianCyrillic => cyrillic(written),
            Language::SerbianLatin | Language::English => latin(written),
        }
    }

    /// A title of the call; where there is none in English, the Serbian one.
    pub fn text(self, title: &Text) -> String {
        match (&title.en, self.is_english()) {
            (Some(en), true) => en.clone(),
            _ => self.serbian(&title.sr),
        }
    }

    pub fn amount(self, amount: Money) -> String {
        if self.is_english() { amount.english() } else { amount.serbian() }
    }

    /// A number with a decimal point, as the language writes it.
    pub fn number(self, number: &str) -> String {
        if self.is_english() { number.to_owned() } else { number.replace('.', ",") }
    }

    /// 6. август 2020.
    pub fn day(self, day: Date) -> String {
        self.written(day, "month")
    }

    /// As it stands behind a preposition: (од) 6. августа 2020.
    pub fn day_of(self, day: Date) -> String {
        self.written(day, "month-of")
    }

    fn written(self, day: Date, months: &str) -> String {
        let (year, month, day) = day.parts();
        let month = self.say(&format!("{months}-{month}"), &[]);
        if self.is_english() { format!("{day} {month} {year}") } else { format!("{day}. {month} {year}.") }
    }

    /// 6. август 2020. у 23.59
    pub fn moment(self, moment: Instant) -> String {
        let (day, time) = self.split(moment);
        self.say("explain-moment", &[("date", &self.day(day)), ("time", &time)])
    }

    /// As it stands behind a preposition.
    pub fn moment_of(self, moment: Instant) -> String {
        let (day, time) = self.split(moment);
        self.say("explain-moment", &[("date", &self.day_of(day)), ("time", &time)])
    }

    /// The day and the time of the clocks in Belgrade.
    fn split(self, moment: Instant) -> (Date, String) {
        let (day, hour, minute) = moment.in_belgrade();
        let mark = if self.is_english() { ':' } else { '.' };
        (day, format!("{hour:02}{mark}{minute:02}"))
    }
}
