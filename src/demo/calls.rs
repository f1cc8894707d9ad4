//! Three calls beside the one of 2020, each at another point, so that everybody finds work.
//!
//! One takes applications, one is voted on, one is paid.

use std::time::Duration;

use super::people::Person;
use crate::accounts::{Actor, Role, actions as accounts};
use crate::aid::actions as aid;
use crate::applications::{Application, ApplicationState, Submission, actions as applications};
use crate::awards::actions as awards;
use crate::calls::{AskedDocument, AskedWhen, Rules, Text, actions as calls};
use crate::clock::Instant;
use crate::committee::{Ballot, NewSeat, SeatKind, Vote, actions as committee};
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility::actions as eligibility;
use crate::error::{Error, Result};
use crate::ids::{CallId, PersonId};
use crate::ledger::{Contribution, actions as ledger};
use crate::money::{Money, Rate};
use crate::payouts::actions::{self as payouts, Preparation};
use crate::replay::Case;

/// A document that applicants may send, and one that the awarded do.
const INCOME_PROOF: &str = "income_proof";
const CONTRACT: &str = "contract";

const DAY: Duration = Duration::from_secs(86_400);
/// How many people apply in each call.
const APPLICANTS: usize = 12;
const BUDGET: Money = Money::from_minor(15_000_000);
const RECEIVED: Money = Money::from_minor(18_000_000);

/// What everything of the demo is made with.
struct Hands<'a> {
    conn: &'a mut Conn,
    vault: &'a Vault,
    case: &'a Case,
    people: &'a [Person],
    now: Instant,
}

/// What the applicant has written so far.
const HALF: [(&str, &str); 6] = [
    ("given_name", "Ana"),
    ("family_name", "Anić"),
    ("address", "Bulevar despota Stefana 5, stan 12"),
    ("municipality", "Beograd"),
    ("discipline", "dance"),
    ("statement", "Predstave su otkazane do jeseni."),
];

/// When a call opens, closes, and its voting ends, in days from now.
struct Days {
    opens: u32,
    closes: Option<u32>,
    /// When the voting ended; without it, it ends a day after `ahead`.
    voted: Option<u32>,
    ahead: u32,
}

pub(super) fn make(conn: &mut Conn, vault: &Vault, case: &Case, people: &[Person], now: Instant) -> Result<()> {
    let mut hands = Hands { conn, vault, case, people, now };
    hands.open()?;
    hands.voted()?;
    hands.paid()
}

impl Hands<'_> {
    fn person(&self, role: Role) -> Result<PersonId> {
        let found = self.people.iter().find(|person| person.role == role);
        found.map(|person| person.id).ok_or_else(|| Error::corrupt("a role that nobody plays"))
    }

    fn officer(&mut self, role: Role) -> Result<Actor> {
        let person = self.person(role)?;
        accounts::act_as(self.conn, person, role, self.now)
    }

    fn before(&self, days: u32) -> Instant {
        self.now.minus(DAY.saturating_mul(days))
    }

    /// A call with the rules of 2020, other dates, and a document that it asks for; published when it opened.
    fn call(&mut self, code: &str, title: &str, days: &Days, asked: Option<AskedDocument>) -> Result<CallId> {
        let administrator = self.officer(Role::Administrator)?;
        let opened = self.before(days.opens);
        let ahead = self.now.plus(DAY.saturating_mul(days.ahead));
        let mut rules: Rules = self.case.rules().clone();
        rules.code = code.to_owned();
        rules.title = Text { sr: title.to_owned(), en: None };
        rules.opens_at = opened;
        rules.closes_at = days.closes.map_or(ahead, |closes| self.before(closes));
        rules.voting_closes_at = days.voted.map_or(ahead.plus(DAY), |voted| self.before(voted));
        rules.documents = asked.into_iter().collect();
        rules.allocation.budget = BUDGET;
        rules.allocation.seed = None;
        let call = calls::make(self.conn, &administrator, &rules, opened)?;
        for programme in self.case.programmes() {
            aid::add_programme(self.conn, &administrator, call.id, programme, opened)?;
        }
        calls::publish(self.conn, &administrator, call.id, opened)?;
        Ok(call.id)
    }

    /// Some of the people of 2020 apply; whoever the rules refuse does not. `from` makes them others in each call.
    fn applications(&mut self, call: CallId, from: usize, at: Instant) -> Result<Vec<Application>> {
        let mut made: Vec<Application> = Vec::new();
        for sent in self.case.submissions().skip(from) {
            if made.len() == APPLICANTS {
                break;
            }
            let sent = Submission { reference: applications::reference_code()?, ..sent.clone() };
            let applicant = match made.is_empty() && from > 0 {
                // The first of each later call is the applicant who can sign in.
                true => Actor::applicant(self.person(Role::Applicant)?),
                false => accounts::register_applicant(self.conn, at)?,
            };
            match eligibility::submit(self.conn, self.vault, &applicant, call, &sent, at) {
                Ok(application) => made.push(application),
                Err(error) if error.refusal_code().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }

    /// Takes applications: some wait for a person, because two share an account.
    fn open(&mut self) -> Result<()> {
        let days = Days { opens: 7, closes: None, voted: None, ahead: 14 };
        let title = Text { sr: "Dokaz o prihodima".into(), en: Some("Proof of income".into()) };
        // Nobody has to: those who are there already sent none.
        let proof =
            AskedDocument { code: INCOME_PROOF.into(), title, when: AskedWhen::AtSubmission, is_required: false };
        let call = self.call("demo-open", "Otvoren poziv", &days, Some(proof))?;
        let at = self.before(3);
        self.applications(call, 0, at)?;
        let sent: Vec<Submission> = self.case.submissions().skip(400).take(2).cloned().collect();
        if let [first, second] = sent.as_slice() {
            for sent in [first.clone(), Submission { bank_account: first.bank_account.clone(), ..second.clone() }] {
                let sent = Submission { reference: applications::reference_code()?, ..sent };
                let applicant = accounts::register_applicant(self.conn, at)?;
                eligibility::submit(self.conn, self.vault, &applicant, call, &sent, at)?;
            }
        }
        let owner = (self.person(Role::Applicant)?, call);
        let answers = HALF.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
        applications::drafts::begin_for(self.conn, self.vault, &Actor::SYSTEM, owner, &answers, at)
    }

    /// Three seats, and the voting open.
    fn seated(&mut self, call: CallId, at: Instant) -> Result<Vec<Actor>> {
        let administrator = self.officer(Role::Administrator)?;
        let seats = self.people.iter().filter_map(|person| SeatKind::of(person.role).map(|kind| (person.id, kind)));
        let mut actors = Vec::new();
        for (person, kind) in seats {
            let new = NewSeat { kind, substitutes_for: None, association: "ULUS" };
            committee::seat(self.conn, &administrator, call, person, new, at)?;
            actors.push(committee::act_by_seat(self.conn, call, person)?);
        }
        let chair = actors.iter().find(|actor| actor.role() == Role::Chair);
        committee::open(self.conn, chair.unwrap_or(&Actor::SYSTEM), call, at)?;
        Ok(actors)
    }

    fn vote(&mut self, by: &Actor, applications: &[Application], at: Instant) -> Result<()> {
        for (number, application) in (0_usize..).zip(applications) {
            if application.state != ApplicationState::Eligible {
                continue;
            }
            let vote = if number.checked_rem(5) == Some(4) { Vote::Reject } else { Vote::Approve };
            let ballot = Ballot { vote, score: Some(80), reason: "Navodi su potkrepljeni dokazima.".into() };
            committee::cast(self.conn, self.vault, by, application.id, &ballot, at)?;
        }
        Ok(())
    }

    /// Voted on: the chair has voted, the members have not.
    fn voted(&mut self) -> Result<()> {
        let days = Days { opens: 40, closes: Some(10), voted: None, ahead: 20 };
        let call = self.call("demo-vote", "Poziv o kom se glasa", &days, None)?;
        let made = self.applications(call, 100, self.before(20))?;
        let actors = self.seated(call, self.before(9))?;
        let chair = actors.iter().find(|actor| actor.role() == Role::Chair).cloned();
        match chair {
            Some(chair) => self.vote(&chair, &made, self.before(2)),
            None => Ok(()),
        }
    }

    /// Paid: awards are there, one payout waits for the authoriser, one for the bank, the others for the treasurer.
    fn paid(&mut self) -> Result<()> {
        let days = Days { opens: 60, closes: Some(30), voted: Some(15), ahead: 0 };
        let title = Text { sr: "Potpisan ugovor o pomoći".into(), en: Some("The signed contract on the aid".into()) };
        // Required, it would hold up the payouts that wait here.
        let contract = AskedDocument { code: CONTRACT.into(), title, when: AskedWhen::WhenAwarded, is_required: false };
        let call = self.call("demo-pay", "Poziv koji se isplaćuje", &days, Some(contract))?;
        let made = self.applications(call, 200, self.before(40))?;
        for actor in self.seated(call, self.before(29))? {
            self.vote(&actor, &made, self.before(20))?;
        }
        committee::close(self.conn, self.vault, &Actor::SYSTEM, call, self.before(14))?;
        let administrator = self.officer(Role::Administrator)?;
        calls::record_seed(self.conn, &administrator, call, "Loto 7/39, demo", self.now)?;
        self.contribute("demo-pay")?;
        let treasurer = self.officer(Role::Treasurer)?;
        awards::commit(self.conn, self.vault, &treasurer, call, self.now)?;
        let auditor = self.officer(Role::Auditor)?;
        let authoriser = self.officer(Role::Authoriser)?;
        let awarded = awards::list(self.conn, &auditor, call)?;
        for (number, award) in (0_usize..).zip(awarded.iter().take(2)) {
            let prepared = payouts::prepare(self.conn, self.vault, &treasurer, award.id, self.now)?;
            if let (1, Preparation::Prepared(payout)) = (number, prepared) {
                payouts::authorise(self.conn, self.vault, &authoriser, payout.id, self.now)?;
            }
        }
        Ok(())
    }

    fn contribute(&mut self, book: &str) -> Result<()> {
        let treasurer = self.officer(Role::Treasurer)?;
        let given = Contribution {
            received_on: self.before(50).date(),
            donor: "Fond za otvoreno društvo".into(),
            amount: RECEIVED,
            currency: "RSD".parse()?,
            rate: Rate::ONE,
            fee: Money::ZERO,
            note: String::new(),
        };
        ledger::contribute(self.conn, &treasurer, book, &given, self.now).map(|_| ())
    }
}
