//! The rows of the outbox hold ids and nothing else: for every kind of letter, looked at as they are stored.

use std::collections::BTreeSet;

use diesel::prelude::*;
use fond::accounts::mails;
use fond::jobs::JobKind;
use fond::schema::{invitations, jobs, mail_requests, people};
use serde_json::json;

use crate::support::TestDatabase;
use crate::support::api::{Api, PASSWORD};
use crate::wait_until;

/// Lets everything happen that is followed by a letter; gives what must stand in no row.
fn everything(api: &Api) -> Vec<String> {
    let administrators = api.administrators();
    api.officer(&administrators, "treasurer@example.org", "treasurer");
    let ana = api.register("ana@example.org");
    let ask = |path, body| assert_eq!(api.post(path, body).status, 202);
    ask("sign-in-links", json!({"email": "ana@example.org"}));
    ask("password-resets", json!({"email": "ana@example.org"}));
    wait_until("three letters to her", || api.letters_to("ana@example.org").len() == 3);

    let change = api.ask("POST", "me/email-changes").by(&ana).json(json!({"email": "new@example.org"})).send();
    assert_eq!(change.status, 202, "{change:?}");
    let mut tokens = vec![api.letter("ana@example.org", 3).token(), api.letter("new@example.org", 0).token()];
    for token in &tokens {
        assert_eq!(api.post("email-changes/confirm", json!({"token": token})).status, 200);
    }
    let mut boris = api.register("boris@example.org");
    for status in [200, 401] {
        let reply = api.post("sessions/refresh", json!({"refresh_token": boris.refresh}));
        assert_eq!(reply.status, status, "{reply:?}");
    }
    api.sign_in(&mut boris);
    ask("password-resets", json!({"email": "boris@example.org"}));
    wait_until("three letters to him", || api.letters_to("boris@example.org").len() == 3);
    let letters = api.letters_to("boris@example.org");
    tokens.push(letters.iter().rev().find(|letter| letter.text.contains("/password-reset#")).unwrap().token());
    let body = json!({"token": tokens[2], "new_password": "eleven white storks over Kovilj"});
    let reply = api.post("password-resets/confirm", body);
    assert_eq!(reply.status, 204, "{reply:?}");
    for step in ["suspend", "restore"] {
        let reply = api.ask("POST", &format!("people/{}/{step}", boris.person)).by(&administrators[0]).send();
        assert_eq!(reply.status, 204, "{reply:?}");
    }
    let names = ["example.org", "ana@", "new@", "boris@", "treasurer@", "first@", "Iva", PASSWORD, "Палић", "Fond"];
    tokens.extend(names.map(str::to_owned));
    tokens
}

/// A text as bytes and as one may write bytes down.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    let bytes = text.as_bytes();
    let mut forms = vec![bytes.to_vec(), bytes.iter().rev().copied().collect()];
    forms.extend(
        [HEXLOWER, HEXUPPER, BASE64_NOPAD, BASE64URL_NOPAD, BASE32_NOPAD].map(|form| form.encode(bytes).into()),
    );
    forms
}

type Row = (Vec<u8>, JobKind, Vec<u8>, i32, Option<String>);

fn rows(database: &TestDatabase) -> Vec<Row> {
    let columns = (jobs::id, jobs::kind, jobs::subject, jobs::attempts, jobs::failure);
    jobs::table.select(columns).load(&mut database.raw()).unwrap()
}

/// The ids that a row may speak of.
fn subjects(database: &TestDatabase) -> BTreeSet<Vec<u8>> {
    let mut conn = database.raw();
    let mut ids: Vec<Vec<u8>> = people::table.select(people::id).load(&mut conn).unwrap();
    ids.extend(mail_requests::table.select(mail_requests::id).load::<Vec<u8>>(&mut conn).unwrap());
    ids.extend(invitations::table.select(invitations::id).load::<Vec<u8>>(&mut conn).unwrap());
    ids.into_iter().collect()
}

/// What stands in the rows and should not.
fn told(rows: &[Row], secrets: &[String]) -> Vec<String> {
    let holds = |bytes: &[u8], form: &[u8]| bytes.windows(form.len()).any(|part| part == form);
    let is_told = |secret: &&String| {
        rows.iter().any(|(id, kind, subject, attempts, failure)| {
            let row = [id, kind.as_str().as_bytes(), subject, format!("{attempts}{failure:?}").as_bytes()].concat();
            encodings(secret).iter().any(|form| holds(&row, form))
        })
    };
    secrets.iter().filter(is_told).cloned().collect()
}

#[test]
fn a_row_holds_ids_and_nothing_else() {
    let api = Api::start();
    let secrets = everything(&api);
    let waiting = "SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NULL";
    wait_until("every letter is sent", || api.database.number(waiting) == 0);
    let (rows, subjects) = (rows(&api.database), subjects(&api.database));
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    for kind in mails::KINDS {
        assert!(kinds.contains(kind.as_str()), "no letter {kind} was provoked");
    }
    for (id, kind, subject, attempts, failure) in &rows {
        assert_eq!((id.len(), *attempts, failure), (16, 1, &None), "{kind}");
        assert!(subjects.contains(subject), "{kind} speaks of {subject:02x?}");
    }
    assert_eq!(told(&rows, &secrets), [""; 0]);

    // The known-bad variant: a row that holds an address or a token, however it is written.
    for secret in &secrets {
        for form in encodings(secret) {
            let bad = (vec![0; 16], JobKind::MailRegistration, form, 1, None);
            assert!(told(&[bad], &secrets).contains(secret));
        }
    }
}
