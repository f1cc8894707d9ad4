//! What the call wants of the awarded before they are paid.

use fond::calls::{AskedDocument, AskedWhen, Text};
use serde_json::json;

use super::{Scene, is, today};
use crate::documents::{asked, send};
use crate::journal;
use crate::support::api::{Api, Reply};
use crate::support::papers;
use crate::support::round::Round;

fn when_awarded(code: &str, title: [&str; 2], is_required: bool) -> AskedDocument {
    let title = Text { sr: title[0].into(), en: Some(title[1].into()) };
    AskedDocument { title, when: AskedWhen::WhenAwarded, is_required, ..asked(code) }
}

/// One award on a call that wants two documents of the awarded, and may have a third one.
fn scene() -> Scene {
    let round = Round::open_with(Api::start(), |rules| {
        rules.documents = vec![
            when_awarded("contract", ["Ugovor", "Contract"], true),
            when_awarded("statement", ["Izjava", "Statement"], true),
            when_awarded("photograph", ["Fotografija", "Photograph"], false),
            AskedDocument { is_required: true, ..asked("income_proof") },
        ];
    });
    Scene::allocated_in(round, 1, "30000.00")
}

const CONTRACT: &str = "documents.contract: document_missing";
const STATEMENT: &str = "documents.statement: document_missing";

#[test]
fn nothing_is_prepared_while_a_document_is_missing() {
    let scene = scene();
    let (award, number) = scene.award(0);
    let (ana, id) = (&scene.applicants[number], scene.applications[number].as_str());
    let prepare = || scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({}));
    let refused = |missing: &[&str]| {
        let reply = prepare();
        is(&reply, 409, "documents_missing");
        assert_eq!(reply.wrong_fields(), missing);
    };
    let read = journal::rows(scene.api());
    refused(&[CONTRACT, STATEMENT]);
    assert_eq!(journal::rows(scene.api()), read, "nothing was opened for it");
    journal::is_whole(scene.api());
    send(scene.api(), ana, id, "statement", &papers::pdf());
    refused(&[CONTRACT]);
    send(scene.api(), ana, id, "photograph", &papers::png(4, 4));
    refused(&[CONTRACT]);
    send(scene.api(), ana, id, "contract", &papers::pdf());
    let prepared = prepare();
    assert_eq!((prepared.status, &prepared.json()["outcome"]), (201, &json!("prepared")), "{prepared:?}");
}

#[test]
fn nor_authorised_once_one_was_taken_back() {
    let scene = scene();
    let (award, number) = scene.award(0);
    let (ana, id) = (&scene.applicants[number], scene.applications[number].as_str());
    let [contract, _] = ["contract", "statement"].map(|kind| send(scene.api(), ana, id, kind, &papers::pdf()));
    let payout = scene.prepare(&award);
    let taken_back = scene.api().ask("DELETE", &format!("me/documents/{contract}")).by(ana).send();
    assert_eq!(taken_back.status, 204, "{taken_back:?}");
    let refused = scene.authorise(&payout);
    is(&refused, 409, "documents_missing");
    assert_eq!(refused.wrong_fields(), [CONTRACT]);
    let contract = send(scene.api(), ana, id, "contract", &papers::pdf());
    assert_eq!(scene.authorise(&payout).status, 200);
    let take_back = || scene.api().ask("DELETE", &format!("me/documents/{contract}")).by(ana).send();
    is(&take_back(), 409, "document_fixed");
    assert_eq!(scene.execute(&payout, "30000.00", "B-1").status, 200);
    is(&take_back(), 409, "document_fixed");
    // What the bank gave back is prepared and authorised again, and asked for again.
    let path = format!("payouts/{payout}/return");
    let body = json!({"returned_on": today()});
    let returned = scene.move_at(&scene.round.treasurer, &path, &scene.etag_of(&payout), body);
    assert_eq!(returned.status, 200, "{returned:?}");
    assert_eq!(take_back().status, 204);
}

#[test]
fn the_applicant_reads_what_is_asked_of_them() {
    let scene = scene();
    let (_, number) = scene.award(0);
    let (ana, id) = (&scene.applicants[number], scene.applications[number].as_str());
    let read = |language: &str| -> Reply {
        let reply =
            scene.api().ask("GET", &format!("me/applications/{id}")).by(ana).header("Accept-Language", language).send();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    };
    let next = |language: &str| read(language).json()["next"].as_str().unwrap().to_owned();
    assert_eq!(
        next("en"),
        "Before the help is paid to your account, the fund needs this from you: Contract; Statement. Please send it here."
    );
    assert!(next("sr-Latn").contains("potrebno: Ugovor; Izjava."), "{}", next("sr-Latn"));
    assert!(next("sr-Cyrl").contains("потребно: Уговор; Изјава."), "{}", next("sr-Cyrl"));
    let told = read("en").json();
    let fields: Vec<&str> =
        told["problems"].as_array().unwrap().iter().map(|problem| problem["field"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        ["documents.contract", "documents.statement"],
        "what is asked of the others is not asked of them"
    );
    let list = scene.read(ana, "me/applications");
    assert_eq!(list["items"][0]["next"], next("sr-Latn").as_str());

    // A question of the fund does not hide it.
    let path = format!("applications/{id}/clarifications");
    let asked = scene.post(&scene.round.administrators[0], &path, json!({"question": "Koji je broj ugovora?"}));
    assert_eq!(asked.status, 201, "{asked:?}");
    let both = next("en");
    assert!(both.starts_with("The fund has asked you") && both.contains("Contract; Statement"), "{both}");

    for kind in ["contract", "statement"] {
        send(scene.api(), ana, id, kind, &papers::pdf());
    }
    let told = read("en").json();
    assert!(!told["next"].as_str().unwrap().contains("Contract") && told.get("problems").is_none(), "{told}");
}
