//! A call that takes applications, and everybody who works on it, signed in: the state that tests of the work begin with.

use std::time::Duration;

use fond::accounts::Actor;
use fond::applications::Submission;
use fond::calls::Rules;
use fond::clock::Instant;
use fond::committee::{NewSeat, SeatKind, actions as committee};
use fond::db::Conn;
use fond::eligibility::actions as eligibility;
use fond::error::Result;
use fond::ids::{ApplicationId, CallId, PersonId};

use super::api::{Api, User};
use super::people;

/// Everybody of a round. The officers hold their roles on every call; the committee is seated on this one.
pub struct Round {
    pub api: Api,
    pub administrators: [User; 2],
    pub treasurer: User,
    pub authoriser: User,
    pub auditor: User,
    pub chair: User,
    pub members: [User; 2],
    pub call: String,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Round {
    /// The rules of 2020, open since yesterday for ten days, voted on until twenty days from now.
    pub fn open() -> Self {
        Self::open_on(Api::start())
    }

    pub fn open_on(api: Api) -> Self {
        Self::open_with(api, |_| ())
    }

    /// The same with other rules.
    pub fn open_with(api: Api, change: impl FnOnce(&mut Rules)) -> Self {
        let administrators = api.administrators();
        let [treasurer, authoriser, auditor] = ["treasurer", "authoriser", "auditor"]
            .map(|role| api.officer(&administrators, &format!("{role}@example.org"), role));
        let call = call_with(&api, "now", change);
        let seats = [SeatKind::Chair, SeatKind::Member, SeatKind::Member];
        let mut number = 0;
        let [chair, first, second] = seats.map(|kind| {
            number += 1;
            let mut user = api.register(&format!("seat{number}@example.org"));
            api.enrol(&mut user);
            seat(&api, &call, &user, kind);
            user
        });
        Self { api, administrators, treasurer, authoriser, auditor, chair, members: [first, second], call }
    }

    pub fn call_id(&self) -> CallId {
        self.call.parse().unwrap()
    }

    /// An application of category 1, made by its applicant without asking the API; another for each number below 1000.
    pub fn application(&self, applicant: &User, number: usize) -> String {
        self.application_with(applicant, people::submission(number, people::jmbg(number))).to_string()
    }

    pub fn application_with(&self, applicant: &User, sent: Submission) -> ApplicationId {
        let fond = self.api.database.open();
        let person: PersonId = applicant.person.parse().unwrap();
        let submit = |conn: &mut Conn| -> Result<ApplicationId> {
            let actor = Actor::applicant(person);
            Ok(eligibility::submit(conn, &fond.vault, &actor, self.call_id(), &sent, Instant::now())?.id)
        };
        fond.db.write(submit).unwrap()
    }
}

/// A published call with the rules of 2020 that is open now.
pub fn call_now(api: &Api, code: &str) -> String {
    call_with(api, code, |_| ())
}

/// The same with other rules.
pub fn call_with(api: &Api, code: &str, change: impl FnOnce(&mut Rules)) -> String {
    let fond = api.database.open();
    let now = Instant::now();
    let call = people::open_call(&fond, |rules| {
        rules.code = code.into();
        rules.opens_at = now.minus(DAY);
        rules.closes_at = now.plus(DAY * 10);
        rules.voting_closes_at = now.plus(DAY * 20);
        change(rules);
    });
    call.to_string()
}

/// Seats somebody on a call's committee.
pub fn seat(api: &Api, call: &str, user: &User, kind: SeatKind) {
    let fond = api.database.open();
    let (call, person): (CallId, PersonId) = (call.parse().unwrap(), user.person.parse().unwrap());
    let new = NewSeat { kind, substitutes_for: None, association: "ULUS" };
    fond.db.write(|conn| committee::seat(conn, &Actor::SYSTEM, call, person, new, Instant::now())).unwrap();
}
