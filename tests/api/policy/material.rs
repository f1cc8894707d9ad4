//! A call with something of everything that a path can name, in the state that its route wants.

use std::collections::BTreeMap;

use fond::accounts::{Actor, Role, actions as accounts};
use fond::aid::{Effect, Level, NewProgramme, actions as aid};
use fond::applications::actions::clarifications;
use fond::applications::{Household, Submission};
use fond::awards::actions as awards;
use fond::calls::actions as calls;
use fond::clock::Instant;
use fond::committee::{NewSeat, SeatKind, actions as committee};
use fond::db::Conn;
use fond::eligibility::actions as eligibility;
use fond::error::Result;
use fond::ids::{AwardId, CallId};
use fond::ledger::{Contribution, CurrencyCode, actions as ledger};
use fond::money::{Money, Rate};
use fond::payouts::{Execution, Payout, actions as payouts};
use fond::startup::Fond;

use super::bodies::number;
use super::table::Row;
use crate::sql;
use crate::support::api::Api;
use crate::support::{TestDatabase, people};

/// What stands on one call. An application is for one purpose, so that no line of the table meets another's traces.
pub struct Material {
    pub call: String,
    /// Applications: just so, entered by the fund, with a finding to decide on, before and after being merged.
    pub plain: String,
    pub entered: String,
    /// About the one that was entered.
    pub question: String,
    pub held: String,
    pub pair: [String; 2],
    pub merged: String,
    /// Its award is paid by nobody: its owner may decline it.
    pub awarded: String,
    pub award: String,
    /// Its payment runs.
    pub paying: String,
    pub payouts: BTreeMap<&'static str, PreparedPayout>,
    /// That no award needs.
    pub contribution: String,
    pub programme: String,
    pub register: String,
    /// Of somebody who does nothing.
    pub seat: String,
}

/// A payout that waits for a step.
pub struct PreparedPayout {
    pub id: String,
    pub binding: String,
    pub amount: String,
}

impl PreparedPayout {
    fn of(payout: &Payout) -> Self {
        Self { id: payout.id.to_string(), binding: payout.binding_hex(), amount: payout.amount.to_string() }
    }
}

const FINDING: &str = "other_aid_possible";

/// Of somebody whose name, contact and address nobody else has.
fn submission() -> Submission {
    let number = number();
    let letters: String = format!("{number:05}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    let (given_name, family_name) = (format!("Živka{letters}"), format!("Đurđić{letters}"));
    let street = format!("Đorđa Vajferta {number:05}");
    Submission {
        account_holder: format!("{given_name} {family_name}"),
        given_name,
        family_name,
        phone: format!("+3816900{number:05}"),
        household: Household::Address { street, municipality: "Beograd".into() },
        ..people::submission(number, people::jmbg(number))
    }
}

fn gift(minor: i64, now: Instant) -> Contribution {
    Contribution {
        received_on: now.date(),
        donor: "Fund for an Open Society".into(),
        amount: Money::from_minor(minor),
        currency: CurrencyCode::dinar(),
        rate: Rate::ONE,
        fee: Money::ZERO,
        note: String::new(),
    }
}

struct Maker<'a> {
    api: &'a Api,
    fond: &'a Fond,
    call: CallId,
    administrator: Actor,
    treasurer: Actor,
    authoriser: Actor,
}

impl Material {
    /// Everything of a call that is open and has nothing yet. Seven awards are shared; two wait in reserve.
    pub fn of(api: &Api, fond: &Fond, call: &str) -> Self {
        let officer = |role| {
            let now = Instant::now();
            fond.db.write(|conn| people::officer(conn, fond, role, now)).unwrap()
        };
        let [administrator, treasurer, authoriser] =
            [Role::Administrator, Role::Treasurer, Role::Authoriser].map(officer);
        let maker = Maker { api, fond, call: call.parse().unwrap(), administrator, treasurer, authoriser };
        let awards = maker.allocated();
        let payouts = maker.payouts(&awards);
        let (programme, register) = maker.aid();
        let [plain, held, one, other, merged] = [(); 5].map(|()| maker.application());
        let entered = maker.entered();
        let material = Self {
            call: call.to_owned(),
            question: maker.question(&entered),
            entered,
            awarded: maker.application_of(awards[4]),
            award: awards[5].to_string(),
            paying: maker.application_of(awards[0]),
            pair: [one, other],
            plain,
            held,
            merged,
            payouts,
            contribution: maker.contribution(),
            programme,
            register,
            seat: maker.seat(),
        };
        let held = sql::id(&api.database, &material.held);
        sql::execute(&api.database, &format!("INSERT INTO findings VALUES ({held}, '{FINDING}', 'open')"));
        sql::execute_all(&api.database, material.mending(&api.database));
        material
    }

    pub const FINDING: &str = FINDING;

    /// What puts back that which can be changed more than once.
    pub fn mending(&self, database: &TestDatabase) -> [String; 10] {
        let [held, one, other, merged, register, seat] =
            [&self.held, &self.pair[0], &self.pair[1], &self.merged, &self.register, &self.seat]
                .map(|id| sql::id(database, id));
        let entered = sql::id(database, &self.entered);
        [
            "DELETE FROM document_leftovers".to_owned(),
            format!("UPDATE applications SET state = 'eligible' WHERE id = {entered}"),
            format!(
                "UPDATE clarifications SET answer_sealed = NULL, answered_at = NULL WHERE application_id = {entered}"
            ),
            format!(
                "UPDATE documents SET removed_at = NULL, sha256 = (SELECT held.sha256 FROM documents AS held \
                 WHERE held.sha256 IS NOT NULL LIMIT 1) WHERE application_id = {entered} AND removed_at IS NOT NULL"
            ),
            format!("UPDATE findings SET status = 'open' WHERE finding = '{FINDING}' AND application_id = {held}"),
            format!("UPDATE applications SET state = 'needs_review', held_from = 'eligible' WHERE id = {held}"),
            format!(
                "UPDATE applications SET state = 'eligible', merged_into = NULL, merged_from = NULL WHERE id = {one}"
            ),
            format!(
                "UPDATE applications SET state = 'merged', merged_into = {other}, merged_from = 'eligible' \
                 WHERE id = {merged}"
            ),
            format!("UPDATE aid_registers SET state = 'in_force', withdrawn_at = NULL WHERE id = {register}"),
            format!("UPDATE seats SET ends_at = NULL WHERE id = {seat}"),
        ]
    }

    /// What of a call a route is asked about.
    pub fn target(&self, part: &str, row: &Row) -> String {
        let id = match (part, row.path.rsplit('/').next().unwrap()) {
            ("calls", _) => &self.call,
            ("contributions", _) => &self.contribution,
            ("aid-programmes", _) => &self.programme,
            ("aid-registers", _) => &self.register,
            ("seats", _) => &self.seat,
            ("awards", _) => &self.award,
            ("payouts", "{id}") => &self.payouts["cancel"].id,
            ("payouts", step) => &self.payouts[step].id,
            ("committee", "declarations") => &self.plain,
            ("committee", _) => &self.pair[1],
            ("applications", "receipt" | "withdraw" | "corrections" | "answer") => &self.entered,
            ("applications", "{document}") => &self.entered,
            (_, "documents") if row.method == "POST" => &self.entered,
            (_, "resolutions") => &self.held,
            (_, "merge") => &self.pair[0],
            (_, "unmerge") => &self.merged,
            _ => &self.plain,
        };
        id.clone()
    }
}

impl Maker<'_> {
    fn write<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> T {
        self.fond.db.write(work).unwrap()
    }

    fn application(&self) -> String {
        let sent = submission();
        let submitted = self.write(|conn| {
            let applicant = accounts::register_applicant(conn, Instant::now())?;
            eligibility::submit(conn, &self.fond.vault, &applicant, self.call, &sent, Instant::now())
        });
        submitted.id.to_string()
    }

    fn seat(&self) -> String {
        let new = NewSeat { kind: SeatKind::Member, substitutes_for: None, association: "ULUS" };
        let seat = self.write(|conn| {
            let person =
                accounts::register_officer(conn, &self.fond.vault, &Actor::SYSTEM, "Eva Ević", Instant::now())?;
            committee::seat(conn, &Actor::SYSTEM, self.call, person, new, Instant::now())
        });
        seat.to_string()
    }

    fn entered(&self) -> String {
        let sent = submission();
        let entered = self.write(|conn| {
            eligibility::enter(conn, &self.fond.vault, &self.administrator, self.call, &sent, Instant::now())
        });
        entered.id.to_string()
    }

    fn question(&self, application: &str) -> String {
        let asked = self.write(|conn| {
            let question = ("Da li je pomoć isplaćena?", None);
            let id = application.parse().unwrap();
            clarifications::ask(conn, &self.fond.vault, &self.administrator, id, question, Instant::now())
        });
        asked.id.to_string()
    }

    /// Runs a statement; `CALL` in it stands for the call's id.
    fn sql(&self, statement: &str) {
        let call = sql::id(&self.api.database, &self.call.to_string());
        assert_eq!(sql::execute(&self.api.database, &statement.replace("CALL", &call)), 1, "{statement}");
    }

    fn approved(&self) {
        let (id, now) = (sql::id(&self.api.database, &self.application()), Instant::now().micros());
        self.sql(&format!(
            "INSERT INTO decisions (application_id, call_id, reference, outcome, approvals, rejections, abstentions, \
             score_sum, score_count, decided_at) \
             SELECT id, CALL, reference, 'approved', 3, 0, 0, 0, 0, {now} FROM applications WHERE id = {id}"
        ));
        self.sql(&format!("UPDATE applications SET state = 'approved' WHERE id = {id}"));
    }

    /// Nine approved, seven awarded, one of which was declined since; the call is open again afterwards.
    fn allocated(&self) -> Vec<AwardId> {
        (0..9).for_each(|_| self.approved());
        self.sql("UPDATE calls SET state = 'voting_closed', budget = 15750000 WHERE id = CALL");
        let awards = self.write(|conn| {
            let now = Instant::now();
            calls::record_seed(conn, &self.administrator, self.call, "Loto 7/39", now)?;
            let call = calls::find(conn, self.call)?;
            ledger::contribute(conn, &self.treasurer, call.book(), &gift(100_000_000, now), now)?;
            awards::commit(conn, &self.fond.vault, &self.treasurer, self.call, now)?;
            awards::list(conn, &self.treasurer, self.call)
        });
        assert_eq!(awards.len(), 7);
        let declined = awards.last().unwrap().application_id;
        self.write(|conn| {
            let owner = fond::applications::actions::find(conn, declined)?.person_id;
            let seen = fond::version::Seen::ANY;
            payouts::decline(conn, &Actor::applicant(owner), (declined, seen), Instant::now())
        });
        self.sql("UPDATE calls SET state = 'published' WHERE id = CALL");
        awards.iter().map(|award| award.id).collect()
    }

    fn contribution(&self) -> String {
        let given = self.write(|conn| {
            let (call, now) = (calls::find(conn, self.call)?, Instant::now());
            ledger::contribute(conn, &self.treasurer, call.book(), &gift(100, now), now)
        });
        given.to_string()
    }

    fn application_of(&self, award: AwardId) -> String {
        self.write(|conn| awards::find(conn, award)).application_id.to_string()
    }

    /// One payout for each step.
    fn payouts(&self, awards: &[AwardId]) -> BTreeMap<&'static str, PreparedPayout> {
        let steps = ["authorise", "cancel", "execute", "return"];
        let one = |(step, award): (&'static str, &AwardId)| (step, PreparedPayout::of(&self.payout(step, *award)));
        steps.into_iter().zip(awards).map(one).collect()
    }

    fn payout(&self, step: &str, award: AwardId) -> Payout {
        let (vault, now) = (&self.fond.vault, Instant::now());
        self.write(|conn| {
            let prepared = match payouts::prepare(conn, vault, &self.treasurer, award, now)? {
                payouts::Preparation::Prepared(payout) => payout,
                payouts::Preparation::Held(held) => panic!("{held:?}"),
            };
            if matches!(step, "execute" | "return") {
                payouts::authorise(conn, vault, &self.authoriser, prepared.id, now)?;
            }
            if step == "return" {
                let (amount, bank_reference) = (prepared.amount, format!("B-{}", number()));
                let execution =
                    Execution { executed_on: now.in_belgrade().0, amount, bank_reference, despite_finding: false };
                payouts::execute(conn, vault, &self.treasurer, prepared.id, &execution, now)?;
            }
            Ok(prepared)
        })
    }

    fn aid(&self) -> (String, String) {
        let made = self.write(|conn| {
            let new = NewProgramme {
                code: "REP".into(),
                provider: "Republika".into(),
                level: Level::Republic,
                is_universal: false,
                effect: Effect::Disqualify,
                title: "Pomoć".into(),
            };
            let programme = aid::add_programme(conn, &self.administrator, self.call, &new, Instant::now())?;
            let vault = &self.fond.vault;
            let register = aid::import_register(conn, vault, &self.administrator, programme.id, [], Instant::now())?;
            Ok((programme.id, register))
        });
        (made.0.to_string(), made.1.to_string())
    }
}
