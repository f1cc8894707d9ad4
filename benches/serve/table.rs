//! The table: what was measured, the limit of the same run, what is demanded, whether it holds.

pub struct Row {
    what: String,
    unit: &'static str,
    measured: f64,
    /// Measured in the same run, in turn with the figure.
    limit: Option<f64>,
    demanded: Demanded,
}

enum Demanded {
    /// At least this part of the limit.
    Share(f64),
    /// At most so many times the limit.
    Times(f64),
    /// At most so much.
    Most(f64),
    Nothing,
}

impl Row {
    pub fn share(what: &str, unit: &'static str, measured: f64, limit: f64, least: f64) -> Self {
        Self { what: what.to_owned(), unit, measured, limit: Some(limit), demanded: Demanded::Share(least) }
    }

    pub fn times(what: &str, unit: &'static str, measured: f64, limit: f64, most: f64) -> Self {
        Self { what: what.to_owned(), unit, measured, limit: Some(limit), demanded: Demanded::Times(most) }
    }

    pub fn most(what: &str, unit: &'static str, measured: f64, most: f64) -> Self {
        Self { what: what.to_owned(), unit, measured, limit: None, demanded: Demanded::Most(most) }
    }

    pub fn shown(what: &str, unit: &'static str, measured: f64, limit: f64) -> Self {
        Self { what: what.to_owned(), unit, measured, limit: Some(limit), demanded: Demanded::Nothing }
    }

    pub fn alone(what: &str, unit: &'static str, measured: f64) -> Self {
        Self { what: what.to_owned(), unit, measured, limit: None, demanded: Demanded::Nothing }
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.map(|limit| self.measured / limit)
    }

    pub fn holds(&self) -> bool {
        let ratio = self.ratio().unwrap_or(f64::NAN);
        match self.demanded {
            Demanded::Share(least) => ratio >= least,
            Demanded::Times(most) => ratio <= most,
            Demanded::Most(most) => self.measured <= most,
            Demanded::Nothing => true,
        }
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub fn print(rows: &[Row]) {
    println!("\n| | measured | limit in the same run | ratio | demanded | |\n|---|---|---|---|---|---|");
    for row in rows {
        let demanded = match row.demanded {
            Demanded::Share(least) => format!("at least {:.0} %", least * 100.0),
            Demanded::Times(most) => format!("at most {most:.2} times"),
            Demanded::Most(most) => format!("at most {most} {}", row.unit),
            Demanded::Nothing => String::new(),
        };
        let verdict = match (&row.demanded, row.holds()) {
            (Demanded::Nothing, _) => "",
            (_, true) => "met",
            (_, false) => "MISSED",
        };
        let limit = row.limit.map(|limit| format!("{} {}", short(limit), row.unit)).unwrap_or_default();
        let ratio = row.ratio().map(|ratio| format!("{:.1} %", ratio * 100.0)).unwrap_or_default();
        println!(
            "| {} | {} {} | {limit} | {ratio} | {demanded} | {verdict} |",
            row.what,
            short(row.measured),
            row.unit
        );
    }
}
