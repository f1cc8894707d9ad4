//! Nothing that a member, an auditor or a treasurer can read here tells who the applicant is, in either script.

use fond::applications::Household;

use super::{apply, declare, end_voting, get, is, step, vote};
use crate::support::api::{Reply, User};
use crate::support::people;
use crate::support::round::Round;

/// What tells who somebody is.
fn secrets(number: usize) -> Vec<String> {
    let plain = [
        "Živadinka",
        "Đurđanović",
        "zivka.djurdja@example.org",
        "+381691234567",
        "Bulevar Oslobođenja 1234",
        "1985-01-01",
        "1.1.1985",
        "19850101",
        "2015-01-01",
        "20150101",
        "Kućanstvo",
    ];
    let mut secrets: Vec<String> = plain.map(str::to_owned).to_vec();
    secrets.push(people::jmbg(number));
    let account = people::account(number + 1);
    secrets.push(account.chars().filter(char::is_ascii_digit).collect());
    secrets.push(account);
    let otherwise = [
        "Zivadinka",
        "Djurdjanovic",
        "Djurdjanović",
        "Живадинка",
        "Ђурђановић",
        "Булевар Ослобођења 1234",
        "Кућанство",
        "Bulevar Oslobodjenja 1234",
    ];
    secrets.extend(otherwise.map(str::to_owned));
    secrets
}

fn check(reply: &Reply, secrets: &[String], path: &str) {
    for text in reply.headers.values().chain([&reply.body]) {
        let lower = text.to_lowercase();
        for secret in secrets {
            assert!(!lower.contains(&secret.to_lowercase()), "{path} tells {secret}: {text}");
        }
    }
}

#[test]
fn no_answer_tells_who_the_applicant_is() {
    let round = Round::open();
    let id = apply(&round, 5, |sent| {
        sent.given_name = "Živadinka".into();
        sent.family_name = "Đurđanović".into();
        sent.account_holder = "Živadinka Đurđanović".into();
        sent.email = "zivka.djurdja@example.org".into();
        sent.phone = "+381691234567".into();
        sent.household =
            Household::Address { street: "Bulevar Oslobođenja 1234".into(), municipality: "Beograd".into() };
        sent.statement = "Sve predstave su otkazane.".into();
    });
    let other = apply(&round, 6, |sent| sent.household = Household::Named("Kućanstvo".into()));
    let secrets = secrets(5);
    assert!(secrets.len() > 20, "{secrets:?}");
    let call = &round.call;
    let mut checked = 0;
    let mut look = |users: &[&User]| {
        for user in users {
            for path in [
                "me/seats".to_owned(),
                format!("calls/{call}"),
                format!("calls/{call}/seats"),
                format!("calls/{call}/committee/queue"),
                format!("calls/{call}/voting/progress"),
                format!("calls/{call}/decisions"),
                format!("calls/{call}/decisions.csv"),
                format!("calls/{call}/minutes"),
                format!("calls/{call}/totals?by=municipality"),
                format!("calls/{call}/totals.csv?by=discipline"),
                "events?limit=100".to_owned(),
                format!("committee/applications/{id}"),
                format!("committee/applications/{other}"),
            ] {
                let reply = get(&round, user, &path);
                check(&reply, &secrets, &path);
                checked += usize::from(reply.status == 200);
            }
        }
    };
    let [first, second] = &round.members;
    let users = [&round.chair, first, second, &round.treasurer, &round.auditor, &round.authoriser];
    look(&users);
    super::close_call(&round);
    is(&step(&round, "open"), 200);
    for user in [&round.chair, first] {
        for id in [&id, &other] {
            check(&declare(&round, user, id, false), &secrets, "declarations");
            let reply = vote(&round, user, id, "approve");
            is(&reply, 201);
            check(&reply, &secrets, "votes");
        }
    }
    check(&declare(&round, second, &id, true), &secrets, "declarations");
    let facts = get(&round, &round.chair, &format!("committee/applications/{id}"));
    assert!(facts.body.contains("Sve predstave su otkazane."), "the statement is as it was written: {facts:?}");
    look(&users);
    end_voting(&round);
    is(&step(&round, "close"), 200);
    look(&users);
    assert!(checked > 60, "only {checked} answers were good ones");
}
