//! What the rules refuse on the way from an application to its money, and what a late finding stops.

use fond::accounts::{Actor, Role, actions as accounts};
use fond::aid::{AidRecord, Effect, Level, NewProgramme, actions as aid};
use fond::applications::{Application, ApplicationState, actions as applications};
use fond::awards::actions as awards;
use fond::calls::actions as calls;
use fond::clock::Instant;
use fond::committee::{Ballot, NewSeat, SeatKind, Vote, actions as committee};
use fond::db::Conn;
use fond::eligibility::{Finding, Resolution, actions as eligibility};
use fond::error::{Error, Result};
use fond::ids::{AwardId, CallId, ProgrammeId};
use fond::ledger::{Contribution, actions as ledger};
use fond::money::{Money, Rate};
use fond::payouts::Execution;
use fond::payouts::actions::{self as payouts, Preparation};
use fond::startup::Fond;
use fond::version::Seen;

use crate::support::TestDatabase;
use crate::support::people::{at, jmbg, officer, open_call, submission};

/// A call with one application of category 1 and a committee of one chair, who has opened the voting.
struct Round {
    database: TestDatabase,
    fond: Fond,
    call: CallId,
    administrator: Actor,
    treasurer: Actor,
    authoriser: Actor,
    chair: Actor,
    application: Application,
    programme: ProgrammeId,
}

const BUDGET: &str = "5182800.00";

impl Round {
    fn new() -> Self {
        let database = TestDatabase::new();
        let fond = database.open();
        let call = open_call(&fond, |_| {});
        let now = at("2020-07-20T00:00:00Z");
        let vault = &fond.vault;
        let late = NewProgramme {
            code: "LATE".into(),
            provider: "Grad".into(),
            level: Level::Municipality,
            is_universal: false,
            effect: Effect::Disqualify,
            title: "Kasna evidencija".into(),
        };
        let (administrator, treasurer, authoriser, chair, application, programme) = fond
            .db
            .write(|conn| {
                let administrator = officer(conn, &fond, Role::Administrator, now)?;
                let programme = aid::add_programme(conn, &administrator, call, &late, now)?.id;
                let person = accounts::register_officer(conn, vault, &Actor::SYSTEM, "Chair", now)?;
                let seat = NewSeat { kind: SeatKind::Chair, substitutes_for: None, association: "ULUS" };
                committee::seat(conn, &administrator, call, person, seat, now)?;
                let applicant = accounts::register_applicant(conn, now)?;
                let application = eligibility::submit(conn, vault, &applicant, call, &submission(1, jmbg(1)), now)?;
                let (treasurer, authoriser) =
                    (officer(conn, &fond, Role::Treasurer, now)?, officer(conn, &fond, Role::Authoriser, now)?);
                let chair = committee::act_by_seat(conn, call, person)?;
                committee::open(conn, &chair, call, during())?;
                Ok((administrator, treasurer, authoriser, chair, application, programme))
            })
            .unwrap();
        Self { database, fond, call, administrator, treasurer, authoriser, chair, application, programme }
    }

    fn write<T>(&self, mut work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.fond.db.write(|conn| work(conn))
    }

    fn vote(&self, reason: &str, now: Instant) -> Result<()> {
        let ballot = Ballot { vote: Vote::Approve, score: Some(80), reason: reason.into() };
        self.write(|conn| committee::cast(conn, &self.fond.vault, &self.chair, self.application.id, &ballot, now))
    }

    fn close(&self, now: Instant) -> Result<()> {
        self.write(|conn| committee::close(conn, &self.fond.vault, &self.chair, self.call, now).map(|_| ()))
    }

    fn seed(&self, seed: &str) -> Result<()> {
        self.write(|conn| calls::record_seed(conn, &self.administrator, self.call, seed, after()).map(|_| ()))
    }

    fn contribute(&self, amount: &str) {
        let given = Contribution {
            received_on: "2020-07-01".parse().unwrap(),
            donor: "Donor".into(),
            amount: amount.parse().unwrap(),
            currency: "RSD".parse().unwrap(),
            rate: Rate::ONE,
            fee: Money::ZERO,
            note: String::new(),
        };
        self.write(|conn| ledger::contribute(conn, &self.treasurer, "2020-1", &given, after())).unwrap();
    }

    fn allocate(&self) -> Result<()> {
        self.write(|conn| awards::commit(conn, &self.fond.vault, &self.treasurer, self.call, after()).map(|_| ()))
    }

    fn prepare(&self, award: AwardId) -> Result<Preparation> {
        self.write(|conn| payouts::prepare(conn, &self.fond.vault, &self.treasurer, award, after()))
    }

    /// Decides on the finding that the register raises.
    fn resolve(&self, resolution: Resolution) -> Result<()> {
        let (vault, by, decided) = (&self.fond.vault, &self.administrator, (Finding::OtherAid, resolution));
        let application = self.write(|conn| applications::find(conn, self.application.id))?;
        let seen = || (application.clone(), Seen::ANY);
        self.write(|conn| eligibility::resolve(conn, vault, by, seen(), decided, "Pozvan.", after()).map(|_| ()))
    }

    fn state(&self) -> ApplicationState {
        self.write(|conn| applications::find(conn, self.application.id)).unwrap().state
    }

    /// Everything up to the award of the one application.
    fn awarded() -> (Self, AwardId) {
        let round = Self::new();
        round.vote("Navodi su potkrepljeni.", during()).unwrap();
        round.close(after()).unwrap();
        round.seed("Loto 7/39").unwrap();
        round.contribute(BUDGET);
        round.allocate().unwrap();
        let awards = round.write(|conn| awards::list(conn, &Actor::SYSTEM, round.call)).unwrap();
        let award = awards[0].id;
        (round, award)
    }

    /// A register that names the applicant by JMBG; its re-check waits as a job.
    fn import_register(&self) {
        let record = AidRecord {
            jmbg: Some(jmbg(1)),
            name: "Ana Anić".into(),
            municipality: "Beograd".into(),
            amount: Money::from_minor(1),
            paid_on: "2020-05-01".parse().unwrap(),
        };
        let (vault, programme) = (&self.fond.vault, self.programme);
        self.write(|conn| {
            aid::import_register(conn, vault, &self.administrator, programme, [&record], after()).map(|_| ())
        })
        .unwrap();
    }
}

fn during() -> Instant {
    at("2020-09-01T00:00:00Z")
}

fn after() -> Instant {
    at("2020-10-16T00:00:00Z")
}

fn code<T>(outcome: Result<T>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(Error::Forbidden { .. }) => "forbidden",
        Err(error) => error.refusal_code().unwrap_or_else(|| panic!("{error}")),
    }
}

#[test]
fn the_voting_is_sealed_and_ends_once() {
    let round = Round::new();
    assert_eq!(code(round.vote("  ", during())), "no_reason");
    assert_eq!(code(round.close(during())), "voting_open");
    assert_eq!(code(round.vote("Navodi su potkrepljeni.", during())), "done");
    fond::audit::number_committed(&round.fond.db).unwrap();
    let telling = "SELECT COUNT(*) AS number FROM events WHERE kind = 'vote_cast'";
    assert_eq!(round.database.number(telling), 1);
    let mut conn = round.database.raw();
    let events: Vec<Vec<u8>> = {
        use diesel::prelude::*;
        use fond::schema::events;
        events::table.filter(events::kind.eq("vote_cast")).select(events::canonical).load(&mut conn).unwrap()
    };
    let event = String::from_utf8(events[0].clone()).unwrap();
    assert!(!event.contains("approve"), "{event}");
    assert_eq!(code(round.close(after())), "done");
    assert_eq!(code(round.close(after())), "call_state");
    assert_eq!(code(round.vote("Prekasno.", during())), "voting_closed");
    assert_eq!(round.state(), ApplicationState::Approved);
}

#[test]
fn a_seed_is_recorded_once_after_the_voting_and_before_the_allocation() {
    let round = Round::new();
    assert_eq!(code(round.seed("too early")), "call_state");
    round.vote("Navodi su potkrepljeni.", during()).unwrap();
    round.close(after()).unwrap();
    round.contribute(BUDGET);
    assert_eq!(code(round.allocate()), "seed_missing");
    assert_eq!(code(round.seed("Loto 7/39")), "done");
    assert_eq!(code(round.seed("a better one")), "seed_recorded");
    assert_eq!(code(round.allocate()), "done");
    assert_eq!(code(round.seed("too late")), "call_state");
}

#[test]
fn nothing_is_awarded_that_was_not_received_and_nothing_twice() {
    let round = Round::new();
    round.vote("Navodi su potkrepljeni.", during()).unwrap();
    assert_eq!(code(round.allocate()), "call_state");
    round.close(after()).unwrap();
    round.seed("Loto 7/39").unwrap();
    round.contribute("5182799.99");
    assert_eq!(code(round.allocate()), "budget_above_funds");
    round.contribute("0.01");
    assert_eq!(code(round.allocate()), "done");
    assert_eq!(code(round.allocate()), "call_state");
    assert_eq!(round.database.number("SELECT COUNT(*) AS number FROM awards"), 1);
}

#[test]
fn who_prepares_a_payout_does_not_authorise_it() {
    let (round, award) = Round::awarded();
    let Preparation::Prepared(payout) = round.prepare(award).unwrap() else { panic!("held") };
    let authorise = |actor: &Actor| {
        round.write(|conn| payouts::authorise(conn, &round.fond.vault, actor, payout.id, after()).map(|_| ()))
    };
    assert_eq!(code(authorise(&round.treasurer)), "forbidden");
    // The same person in the other role.
    let both = round
        .write(|conn| {
            let person = round.treasurer.person()?;
            accounts::grant(conn, &Actor::SYSTEM, person, Role::Authoriser, after())?;
            accounts::act_as(conn, person, Role::Authoriser, after())
        })
        .unwrap();
    assert_eq!(code(authorise(&both)), "own_payout");
    assert_eq!(code(authorise(&round.authoriser)), "done");
    assert_eq!(code(authorise(&round.authoriser)), "payout_state");
    assert_eq!(code(round.prepare(award)), "payout_state");
}

#[test]
fn a_finding_after_the_award_stops_the_money() {
    let (round, award) = Round::awarded();
    round.import_register();
    // The job has not run yet: the check before the payment finds it, and what it finds stays.
    let Preparation::Held(held) = round.prepare(award).unwrap() else { panic!("prepared in spite of the register") };
    assert_eq!((held.state, round.state()), (ApplicationState::NeedsReview, ApplicationState::NeedsReview));
    assert_eq!(code(round.prepare(award)), "not_awarded");
    assert_eq!(round.database.number("SELECT COUNT(*) AS number FROM payouts"), 0);
    // A check that runs again leaves it before the person, who sends it back to where it was.
    round.write(|conn| eligibility::run_rechecks(conn, &round.fond.vault, after())).unwrap();
    assert_eq!(round.state(), ApplicationState::NeedsReview);
    round.resolve(Resolution::Dismissed).unwrap();
    assert_eq!(round.state(), ApplicationState::Awarded);
    assert!(matches!(round.prepare(award), Ok(Preparation::Prepared(_))));
}

#[test]
fn a_finding_that_is_confirmed_after_the_award_ends_it() {
    let (round, award) = Round::awarded();
    round.import_register();
    round.write(|conn| eligibility::run_rechecks(conn, &round.fond.vault, after())).unwrap();
    round.resolve(Resolution::Confirmed).unwrap();
    assert_eq!(round.state(), ApplicationState::Ineligible);
    assert_eq!(code(round.prepare(award)), "not_awarded");
}

#[test]
fn a_finding_between_close_and_allocation_waits_for_a_person() {
    let round = Round::new();
    round.vote("Navodi su potkrepljeni.", during()).unwrap();
    round.close(after()).unwrap();
    round.seed("Loto 7/39").unwrap();
    round.contribute(BUDGET);
    round.import_register();
    round.write(|conn| eligibility::run_rechecks(conn, &round.fond.vault, after())).unwrap();
    assert_eq!(code(round.allocate()), "findings_open");
    round.resolve(Resolution::Dismissed).unwrap();
    assert_eq!(code(round.allocate()), "done");
    assert_eq!(round.state(), ApplicationState::Awarded);
}

#[test]
fn a_finding_after_preparation_stops_the_authorisation_and_what_the_bank_did_is_recorded() {
    for is_authorised in [false, true] {
        let (round, award) = Round::awarded();
        let Preparation::Prepared(payout) = round.prepare(award).unwrap() else { panic!("held") };
        let authorise =
            || round.write(|conn| payouts::authorise(conn, &round.fond.vault, &round.authoriser, payout.id, after()));
        if is_authorised {
            authorise().unwrap();
        }
        round.import_register();
        round.write(|conn| eligibility::run_rechecks(conn, &round.fond.vault, after())).unwrap();
        assert_eq!(round.state(), ApplicationState::NeedsReview);
        if is_authorised {
            let execute = |despite_finding| {
                let (executed_on, bank_reference) = (after().date(), "FT1".into());
                let execution = Execution { executed_on, amount: payout.amount, bank_reference, despite_finding };
                let (vault, treasurer) = (&round.fond.vault, &round.treasurer);
                round.write(|conn| payouts::execute(conn, vault, treasurer, payout.id, &execution, after()))
            };
            assert_eq!(code(execute(false)), "payment_stopped");
            execute(true).unwrap();
            assert_eq!(round.state(), ApplicationState::Paid);
        } else {
            assert_eq!(code(authorise()), "not_awarded");
        }
    }
}

#[test]
fn a_payout_that_is_no_longer_what_was_prepared_is_void() {
    let (round, award) = Round::awarded();
    let Preparation::Prepared(payout) = round.prepare(award).unwrap() else { panic!("held") };
    // As if payee or account had been edited: what is bound is no longer what is there.
    let other = round.fond.vault.index_ahead(fond::crypto::IndexKind::Payout, "another account").unwrap();
    {
        use diesel::prelude::*;
        use fond::schema::payouts::dsl::{binding, payouts};
        diesel::update(payouts).set(binding.eq(other)).execute(&mut round.database.raw()).unwrap();
    }
    let authorise =
        || round.write(|conn| payouts::authorise(conn, &round.fond.vault, &round.authoriser, payout.id, after()));
    assert_eq!(code(authorise()), "payout_changed");
    // Cancelled and prepared anew, it is bound to what is there now.
    round.write(|conn| payouts::cancel(conn, &round.treasurer, payout.id, after())).unwrap();
    assert_eq!(code(authorise()), "payout_state");
    assert!(matches!(round.prepare(award), Ok(Preparation::Prepared(_))));
    assert_eq!(code(authorise()), "done");
}

#[test]
fn a_chair_closes_the_voting_of_no_other_call() {
    let round = Round::new();
    let other = open_call(&round.fond, |rules| rules.code = "2020-2".into());
    let close = round.write(|conn| committee::close(conn, &round.fond.vault, &round.chair, other, after()).map(|_| ()));
    assert!(matches!(close, Err(Error::NotFound)), "{close:?}");
}

#[test]
fn nobody_is_seated_or_recused_after_the_close_nor_by_themselves() {
    let round = Round::new();
    let seat = |person| {
        let new = NewSeat { kind: SeatKind::Member, substitutes_for: None, association: "ULUS" };
        round.write(|conn| committee::seat(conn, &round.administrator, round.call, person, new, during()).map(|_| ()))
    };
    assert_eq!(code(seat(round.administrator.person().unwrap())), "seat_to_oneself");
    assert_eq!(code(seat(round.treasurer.person().unwrap())), "roles_exclude_each_other");
    round.close(after()).unwrap();
    assert_eq!(code(seat(round.authoriser.person().unwrap())), "voting_closed");
    let recuse = round.write(|conn| {
        committee::recuse(conn, &round.fond.vault, &round.chair, round.application.id, "friends", after())
    });
    assert_eq!(code(recuse), "voting_closed");
}

#[test]
fn a_register_in_force_checks_again_and_twice_does_no_harm() {
    let round = Round::new();
    assert_eq!(round.state(), ApplicationState::Eligible);
    round.import_register();
    let recheck = || round.write(|conn| eligibility::run_rechecks(conn, &round.fond.vault, during())).unwrap();
    recheck();
    assert_eq!(round.state(), ApplicationState::NeedsReview);
    let findings = "SELECT COUNT(*) AS number FROM findings";
    let found = round.database.number(findings);
    diesel::RunQueryDsl::execute(diesel::sql_query("UPDATE jobs SET done_at = NULL"), &mut round.database.raw())
        .unwrap();
    recheck();
    assert_eq!((round.state(), round.database.number(findings)), (ApplicationState::NeedsReview, found));
    // No job is left, so nothing is checked a third time.
    let checks = "SELECT COUNT(*) AS number FROM events WHERE kind = 'eligibility_checked'";
    let checked = round.database.number(checks);
    recheck();
    assert_eq!(round.database.number(checks), checked);
}

#[test]
fn roles_are_appointed_by_the_fund_alone_and_not_held_for_ever() {
    let round = Round::new();
    let person = round.administrator.person().unwrap();
    let grant = |actor: &Actor, role| round.write(|conn| accounts::grant(conn, actor, person, role, during()));
    for actor in [&round.administrator, &round.treasurer] {
        assert_eq!(code(grant(actor, Role::Treasurer)), "forbidden");
    }
    assert_eq!(code(grant(&Actor::SYSTEM, Role::Chair)), "role_not_granted");
    let act = |role, now| round.write(|conn| accounts::act_as(conn, person, role, now));
    assert!(matches!(act(Role::Treasurer, during()), Err(Error::NotFound)));
    assert!(matches!(act(Role::Administrator, at("2020-01-01T00:00:00Z")), Err(Error::NotFound)), "not yet given then");
    diesel::RunQueryDsl::execute(
        diesel::sql_query(format!("UPDATE role_grants SET ends_at = {}", during().micros())),
        &mut round.database.raw(),
    )
    .unwrap();
    assert!(matches!(act(Role::Administrator, during()), Err(Error::NotFound)), "ended");
}
