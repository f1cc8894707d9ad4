//! Entries that balance by construction: an entry is made of transfers, and a transfer debits what it credits.

use std::fmt;
use std::str::FromStr;

use crate::clock::{Date, Instant};
use crate::error::{Error, Result};
use crate::ids::{ContributionId, EntryId};
use crate::money::{Money, Rate};

/// An account of a round's book.
///
/// A contribution goes donor → bank and fees. When the allocation is committed, donors and fees are closed into
/// `Undistributed`, and each award moves from there to `AwardsPayable`; a payout settles that from the bank. What is given
/// after that is closed in the entry that records it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    Bank,
    Fees,
    AwardsPayable,
    Undistributed,
    Donor(String),
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank => out.write_str("bank"),
            Self::Fees => out.write_str("fees"),
            Self::AwardsPayable => out.write_str("awards_payable"),
            Self::Undistributed => out.write_str("undistributed"),
            Self::Donor(name) => write!(out, "donor:{name}"),
        }
    }
}

impl FromStr for Account {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self> {
        match code {
            "bank" => Ok(Self::Bank),
            "fees" => Ok(Self::Fees),
            "awards_payable" => Ok(Self::AwardsPayable),
            "undistributed" => Ok(Self::Undistributed),
            _ => match code.strip_prefix("donor:") {
                Some(name) => Ok(Self::Donor(name.to_owned())),
                None => Err(Error::corrupt(format!("ledger account “{code}”"))),
            },
        }
    }
}

/// An amount above zero that leaves the credited account for the debited one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
}

impl Transfer {
    /// The same amount back.
    pub fn turned(self) -> Self {
        Self { debit: self.credit, credit: self.debit, amount: self.amount }
    }
}

/// What a contribution moves. In a book whose donors and fees are closed, it is closed at once.
pub fn transfers_of(donor: &str, gross: Money, fee: Money, is_closed: bool) -> Vec<Transfer> {
    let donor = Account::Donor(donor.to_owned());
    let mut transfers = vec![
        Transfer { debit: Account::Bank, credit: donor.clone(), amount: gross },
        Transfer { debit: Account::Fees, credit: Account::Bank, amount: fee },
    ];
    if is_closed {
        transfers.push(Transfer { debit: donor, credit: Account::Undistributed, amount: gross });
        transfers.push(Transfer { debit: Account::Undistributed, credit: Account::Fees, amount: fee });
    }
    transfers
}

/// A journal entry. Its key says what it is for: a second one with the same key is refused by the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub book: String,
    pub key: String,
    pub occurred_on: Date,
    pub narration: String,
    transfers: Vec<Transfer>,
}

impl Entry {
    /// Transfers of zero are left out; they move nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a negative transfer: turn its sides around instead.
    pub fn new(
        book: &str,
        key: impl Into<String>,
        occurred_on: Date,
        narration: impl Into<String>,
        transfers: Vec<Transfer>,
    ) -> Result<Self> {
        if transfers.iter().any(|transfer| transfer.amount.is_negative()) {
            return Err(Error::invalid("amount", "a transfer is never negative"));
        }
        let transfers = transfers.into_iter().filter(|transfer| transfer.amount.is_positive()).collect();
        Ok(Self { book: book.to_owned(), key: key.into(), occurred_on, narration: narration.into(), transfers })
    }

    /// The postings: debits above zero, credits below. Their sum is zero, for each transfer gives both.
    pub fn postings(&self) -> Result<Vec<(&Account, Money)>> {
        let mut postings = Vec::new();
        for transfer in &self.transfers {
            postings.push((&transfer.debit, transfer.amount));
            postings.push((&transfer.credit, transfer.amount.negated()?));
        }
        Ok(postings)
    }
}

/// An ISO 4217 code: three capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyCode(String);

impl CurrencyCode {
    pub fn dinar() -> Self {
        Self("RSD".to_owned())
    }

    pub fn is_dinar(&self) -> bool {
        self.0 == "RSD"
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CurrencyCode {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self> {
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let wrong = || {
            Error::invalid(
                "currency",
                format!("“{}” is not a code such as RSD or EUR", code.chars().take(10).collect::<String>()),
            )
        };
        is_code.then(|| Self(code.to_owned())).ok_or_else(wrong)
    }
}

/// Money that a donor gave for a round.
#[derive(Debug, Clone)]
pub struct Contribution {
    pub received_on: Date,
    pub donor: String,
    /// In `currency`, in its hundredths.
    pub amount: Money,
    pub currency: CurrencyCode,
    pub rate: Rate,
    /// What the bank kept, in dinars.
    pub fee: Money,
    pub note: String,
}

impl Contribution {
    /// The contribution in dinars before the fee, cut to the para.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the field, for an amount of nothing or a dinar with a rate; [`Error::Overflow`]. (The fee
    /// of a small gift from abroad may be above the gift.)
    pub fn in_dinars(&self) -> Result<Money> {
        if self.currency.is_dinar() && !self.rate.is_one() {
            return Err(Error::invalid("rate", "a contribution in dinars has the rate 1"));
        }
        let gross = self.rate.apply(self.amount)?;
        if !gross.is_positive() {
            return Err(Error::invalid("amount", "a contribution is above zero"));
        }
        Ok(gross)
    }
}

crate::text_enum! {
    /// Why a contribution is taken out of the books again. A list, because the log must hold nothing in free words.
    pub enum ReversalReason {
        /// Donor, amount, fee or day were not what the bank's statement says.
        Mistyped => "mistyped",
        EnteredTwice => "entered_twice",
        /// The donor or the bank took the money back.
        TakenBack => "taken_back",
    }
}

/// A contribution as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub id: ContributionId,
    pub book: String,
    pub donor: String,
    /// In dinars, before the fee.
    pub amount: Money,
    pub fee: Money,
    /// What was given, where that was not dinars.
    pub foreign_amount: Option<Money>,
    pub currency: String,
    pub rate: String,
    pub received_on: Date,
    pub note: String,
    pub recorded_at: Instant,
    /// When and why it was taken out of the books again; nothing where it stands.
    pub reversed: Option<(Instant, ReversalReason)>,
}

impl Recorded {
    /// What the round has of it.
    pub fn net(&self) -> Result<Money> {
        self.amount.minus(self.fee)
    }
}

/// A journal entry as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub id: EntryId,
    pub key: String,
    pub occurred_on: Date,
    pub recorded_at: Instant,
    pub narration: String,
    /// Account and amount; debits above zero.
    pub postings: Vec<(Account, Money)>,
}

/// What went through an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turnover {
    pub account: Account,
    pub debits: Money,
    pub credits: Money,
}

impl Turnover {
    /// Debits above zero.
    pub fn balance(&self) -> Result<Money> {
        self.debits.minus(self.credits)
    }
}

/// What a round has received, in dinars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub gross: Money,
    pub fees: Money,
}

impl Received {
    pub fn net(self) -> Result<Money> {
        self.gross.minus(self.fees)
    }
}

/// An account's balance: debits above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub account: Account,
    pub amount: Money,
}

/// All balances of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance(pub Vec<Balance>);

impl TrialBalance {
    /// The balance of an account; zero where nothing was posted.
    pub fn of(&self, account: &Account) -> Money {
        self.0.iter().find(|balance| balance.account == *account).map_or(Money::ZERO, |balance| balance.amount)
    }

    /// The sum of all balances. Books that close give zero.
    pub fn sum(&self) -> Result<Money> {
        Money::sum(self.0.iter().map(|balance| balance.amount))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    /// Debits less credits of each account.
    fn balances(transfers: impl IntoIterator<Item = Transfer>) -> BTreeMap<Account, i64> {
        let mut balances = BTreeMap::new();
        for Transfer { debit, credit, amount } in transfers {
            *balances.entry(debit).or_default() += amount.minor();
            *balances.entry(credit).or_default() -= amount.minor();
        }
        balances
    }

    proptest! {
        #[test]
        fn a_contribution_to_a_closed_book_is_closed_with_it(gross in 1..1_000_000_i64, fee in 0..2_000_000_i64) {
            let transfers = transfers_of("D", Money::from_minor(gross), Money::from_minor(fee), true);
            let expected = [
                (Account::Bank, gross - fee),
                (Account::Fees, 0),
                (Account::Undistributed, fee - gross),
                (Account::Donor("D".into()), 0),
            ];
            prop_assert_eq!(balances(transfers), BTreeMap::from(expected));
        }

        #[test]
        fn a_reversal_leaves_nothing(gross in 1..1_000_000_i64, fee in 0..2_000_000_i64, closed in any::<bool>()) {
            let there = transfers_of("D", Money::from_minor(gross), Money::from_minor(fee), closed);
            let back = there.clone().into_iter().map(Transfer::turned);
            prop_assert!(balances(there.into_iter().chain(back)).values().all(|balance| *balance == 0));
        }

        #[test]
        fn every_entry_balances(amounts in prop::collection::vec(0..1_000_000_i64, 0..20)) {
            let transfer = |para: &i64| Transfer { debit: Account::Bank, credit: Account::Donor(para.to_string()), amount: Money::from_minor(*para) };
            let entry = Entry::new("b", "k", "2020-07-16".parse().unwrap(), "", amounts.iter().map(transfer).collect()).unwrap();
            prop_assert_eq!(Money::sum(entry.postings().unwrap().into_iter().map(|(_, amount)| amount)).unwrap(), Money::ZERO);
            prop_assert!(entry.postings().unwrap().iter().all(|(_, amount)| *amount != Money::ZERO));
        }
    }

    #[test]
    fn a_negative_transfer_is_refused() {
        let transfer = Transfer { debit: Account::Bank, credit: Account::Fees, amount: Money::from_minor(-1) };
        assert!(Entry::new("b", "k", "2020-07-16".parse().unwrap(), "", vec![transfer]).is_err());
    }

    #[test]
    fn an_account_is_its_code() {
        for account in [
            Account::Bank,
            Account::Fees,
            Account::AwardsPayable,
            Account::Undistributed,
            Account::Donor("bank".into()),
        ] {
            assert_eq!(account.to_string().parse::<Account>().unwrap(), account);
        }
        assert!("cash".parse::<Account>().is_err());
    }
}
