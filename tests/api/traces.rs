//! Addresses: none outlives its owner, and who reads one of somebody else is on the journal.

use fond::accounts::actions::links;
use fond::ids::InvitationId;
use serde_json::{Value, json};

use crate::erasure::erase;
use crate::journal::{is_whole, rows};
use crate::sql;
use crate::support::api::{Api, PASSWORD, User, in_days};

fn requests(api: &Api) -> i64 {
    sql::rows(&api.database, "mail_requests")
}

fn invitations(api: &Api, by: &User) -> Vec<Value> {
    let reply = api.ask("GET", "invitations").by(by).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["items"].as_array().unwrap().clone()
}

fn end_roles(api: &Api, user: &User) {
    let person = sql::id(&api.database, &user.person);
    sql::execute(&api.database, &format!("UPDATE role_grants SET ends_at = granted_at + 1 WHERE person_id = {person}"));
}

#[test]
fn what_was_asked_for_an_address_goes_with_the_account() {
    let api = Api::start();
    let [ana, other] = ["ana@example.org", "other@example.org"].map(|email| api.register(email));
    assert_eq!(requests(&api), 2, "each registered");
    // However it was written, and whether or not anybody followed it.
    for path in ["sign-in-links", "password-resets", "registrations"] {
        let reply = api.post(path, json!({"email": "ANA@Example.org"}));
        assert_eq!(reply.status, 202, "{path}: {reply:?}");
    }
    let change = api.ask("POST", "me/email-changes").by(&ana).json(json!({"email": "new@example.org"})).send();
    assert_eq!(change.status, 202, "{change:?}");
    assert_eq!(api.post("sign-in-links", json!({"email": "new@example.org"})).status, 202);
    assert_eq!(requests(&api), 7);
    assert_eq!(erase(&api, &ana).status, 204);
    assert_eq!(requests(&api), 1, "the one of another");
    assert_eq!(erase(&api, &other).status, 204);
    assert_eq!(requests(&api), 0);
}

#[test]
fn an_offer_to_an_address_is_forgotten_with_its_owner() {
    let api = Api::start();
    let administrators = api.administrators();
    let iva = api.officer(&administrators, "iva@example.org", "auditor");
    end_roles(&api, &iva);
    let open = api.invite(&administrators[0], "Iva@example.org", "treasurer", json!({}));
    let (fond, id) = (api.database.open(), open["id"].as_str().unwrap().parse::<InvitationId>().unwrap());
    let token = fond.db.read(|conn| links::token(conn, &fond.vault, links::Purpose::Invitation, id.uuid())).unwrap();
    assert_eq!(erase(&api, &iva).status, 204);
    let listed = invitations(&api, &administrators[0]);
    let told = |role: &str| listed.iter().find(|offered| offered["role"] == role).unwrap();
    assert_eq!((&told("auditor")["email"], &told("auditor")["state"]), (&json!(null), &json!("given")));
    assert_eq!((&told("treasurer")["email"], &told("treasurer")["state"]), (&json!(null), &json!("withdrawn")));
    assert!(
        !listed.iter().any(|offered| offered.to_string().to_lowercase().contains("iva@example.org")),
        "{listed:#?}"
    );
    let path = format!("invitations/{}", open["id"].as_str().unwrap());
    assert_eq!(api.ask("GET", &path).by(&administrators[1]).send().json()["email"], json!(null));
    let body = json!({"token": token, "name": "Iva Ivić", "password": PASSWORD});
    let accepted = api.post("invitations/accept", body);
    assert_eq!(accepted.status, 422, "{accepted:?}");
}

#[test]
fn who_reads_the_address_of_somebody_who_accepted_is_on_the_journal() {
    let api = Api::start();
    let administrators = api.administrators();
    api.invite(&administrators[0], "nobody@example.org", "treasurer", json!({"ends_at": in_days(10)}));
    let before = rows(&api).len();
    invitations(&api, &administrators[0]);
    let other = ("administrator".to_owned(), "manage_roles".to_owned(), 1);
    assert_eq!(
        rows(&api).split_off(before),
        std::slice::from_ref(&other),
        "of the other administrator, not of themselves"
    );
    is_whole(&api);

    let iva = api.officer(&administrators, "iva@example.org", "treasurer");
    let id = invitations(&api, &administrators[0])[0]["id"].as_str().unwrap().to_owned();
    let one = api.ask("GET", &format!("invitations/{id}")).by(&administrators[1]).send();
    assert_eq!(one.json()["email"], "iva@example.org");
    is_whole(&api);
    let log = api.ask("GET", "me/access-log").by(&iva).send().json()["items"].clone();
    assert_eq!(log.as_array().unwrap().len(), 2, "{log:#}");
    for (access, by) in log.as_array().unwrap().iter().zip([&administrators[1], &administrators[0]]) {
        assert_eq!((&access["purpose"], &access["person_id"]), (&json!("manage_roles"), &json!(by.person)));
        assert_eq!(access["fields"], json!(["invitations.email"]));
    }

    // A second administrator who agrees to what was accepted is told to whom it went.
    let offered = api.invite(&administrators[0], "eva@example.org", "authoriser", json!({}));
    let eva = api.accept("eva@example.org", &api.letter("eva@example.org", 0).token());
    let path = format!("invitations/{}/confirm", offered["id"].as_str().unwrap());
    let before = rows(&api).len();
    let agreed = api.ask("POST", &path).by(&administrators[1]).header("If-Match", "*").send();
    assert_eq!((agreed.status, &agreed.json()["email"]), (200, &json!("eva@example.org")), "{agreed:?}");
    assert_eq!(rows(&api).split_off(before), [other]);
    is_whole(&api);
    assert_eq!(api.ask("GET", "me/access-log").by(&eva).send().json()["items"].as_array().unwrap().len(), 1);
}
