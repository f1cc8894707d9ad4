//! A Serbian bank account: bank, number and control, kept as 18 digits.

use std::fmt;

use super::digits;

/// A bank account with the right control. Personal data: it prints masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BankAccount {
    digits: String,
}

/// Why a text is not a bank account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    #[error("a bank account is written 205-351975-08 or as 18 digits")]
    WrongShape,
    #[error("the control of the bank account is wrong")]
    WrongControl,
}

impl BankAccount {
    /// Reads `205-351975-08` (3 digits, 1 to 13, 2) or the bare 18 digits, and nothing else: no blanks, no IBAN.
    ///
    /// The control is exactly 98 − (first 16 digits × 100 mod 97) (fund.md, Serbian formats; ISO 7064 MOD 97-10).
    /// Merely congruent controls (00, 01, 99 for 97, 98, 02) are refused, or one account would have two forms.
    pub fn parse(text: &str) -> Result<BankAccount, AccountError> {
        let digits = eighteen_characters(text).ok_or(AccountError::WrongShape)?;
        let [number @ .., _, _] = digits::exactly::<18>(&digits).ok_or(AccountError::WrongShape)?;
        if !digits.ends_with(&digits::control_97(number)) {
            return Err(AccountError::WrongControl);
        }
        Ok(BankAccount { digits })
    }

    /// All 18 digits: `205000000035197508`, the form to store, compare and send.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// As people write it, the number without leading zeros: `205-351975-08`.
    pub fn written(&self) -> String {
        let mut digits = self.digits.chars();
        let bank: String = digits.by_ref().take(3).collect();
        let padded: String = digits.by_ref().take(13).collect();
        let number = match padded.trim_start_matches('0') {
            "" => "0",
            number => number,
        };
        format!("{bank}-{number}-{}", digits.as_str())
    }

    /// The IBAN. Its check digits are 35 for every Serbian account, because the control inside makes it so.
    pub fn iban(&self) -> String {
        format!("RS35{}", self.digits)
    }

    /// Fourteen stars and the last four digits: `**************7508`.
    pub fn masked(&self) -> String {
        digits::masked(&self.digits)
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BankAccount({})", self.masked())
    }
}

/// Either written form as one string; that it holds digits only is not looked at here.
fn eighteen_characters(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        (bare, None, None, None) => Some(bare.to_owned()),
        (bank, Some(number), Some(control), None) => joined(bank, number, control),
        _ => None,
    }
}

fn joined(bank: &str, number: &str, control: &str) -> Option<String> {
    // That the number is no longer than 13 follows from the 18 in all.
    let has_lengths = bank.len() == 3 && !number.is_empty() && control.len() == 2;
    has_lengths.then(|| format!("{bank}{number:0>13}{control}"))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::digits::slips;
    use super::*;

    /// Bank and number, with the control reckoned on the whole number at once.
    fn valid() -> impl Strategy<Value = String> {
        (0..1000_u64, 0..10_000_000_000_000_u64).prop_map(|(bank, number)| {
            let front = format!("{bank:03}{number:013}");
            let remainder = front.parse::<u64>().unwrap() % 97 * 100 % 97;
            format!("{front}{:02}", 98 - remainder)
        })
    }

    #[test]
    fn both_written_forms_are_one_account() {
        let account = BankAccount::parse("205-351975-08").unwrap();
        assert_eq!(BankAccount::parse("205000000035197508"), Ok(account.clone()));
        assert_eq!(account.as_str(), "205000000035197508");
        assert_eq!(account.written(), "205-351975-08");
        assert_eq!(account.iban(), "RS35205000000035197508");
        assert_eq!(account.masked(), "**************7508");
        assert_eq!(format!("{account:?}"), "BankAccount(**************7508)");
    }

    /// Examples of the National Bank (nbs.rs/QRcode), then the number that is all zeros.
    #[test]
    fn the_published_accounts_are_read() {
        let treasury = BankAccount::parse("840-955845-10").unwrap();
        assert_eq!(treasury.as_str(), "840000000095584510");
        for written in ["165-55-74", "310-1234567891211-86", "000-0-98"] {
            assert_eq!(BankAccount::parse(written).unwrap().written(), written);
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let shapes = [
            "",
            "205-351975",
            "205--08",
            "20-351975-08",
            "205-351975-8",
            "205-00000000351975-8",
            "205-351975-08-",
            "2050-351975-8",
            "20-00000000351975-08",
            "205-00000000351975-08",
            "20500000003519750",
            "2050000000351975080",
            " 205-351975-08",
            "205-351 975-08",
            "205-351975-0８",
            "205−351975−08",
            "RS35205000000035197508",
            "205-+351975-08",
            "205-é-08",
        ];
        for shape in shapes {
            assert_eq!(BankAccount::parse(shape), Err(AccountError::WrongShape), "{shape}");
        }
    }

    proptest! {
        #[test]
        fn every_form_leads_back(digits in valid()) {
            let account = BankAccount::parse(&digits).unwrap();
            prop_assert_eq!(account.as_str(), digits);
            prop_assert_eq!(BankAccount::parse(&account.written()), Ok(account));
        }

        /// ISO 13616: the IBAN with its first four characters moved to the end, R = 27 and S = 28, leaves 1.
        #[test]
        fn the_check_digits_of_the_iban_are_right(digits in valid()) {
            let iban = BankAccount::parse(&digits).unwrap().iban();
            let moved = format!("{}272835", iban.strip_prefix("RS35").unwrap());
            prop_assert_eq!(moved.parse::<u128>().unwrap() % 97, 1);
        }

        /// Exactly one of the hundred, so 00, 01 and 99 never.
        #[test]
        fn one_control_fits(digits in valid()) {
            let (front, right) = digits.split_at(16);
            for control in (0..100).map(|control| format!("{control:02}")) {
                let is_read = BankAccount::parse(&format!("{front}{control}")).is_ok();
                prop_assert_eq!(is_read, control == right, "{} for {}", control, digits);
            }
        }

        /// 97 is prime and divides neither a digit's change nor nine times it: no exceptions.
        #[test]
        fn every_single_slip_is_seen(digits in valid()) {
            for slip in slips::all(&digits) {
                prop_assert_eq!(BankAccount::parse(&slip), Err(AccountError::WrongControl), "{}", slip);
            }
        }
    }
}
