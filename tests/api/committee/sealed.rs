//! Before the close nothing that anybody can read depends on how, or whether, somebody else voted.

use std::collections::BTreeMap;

use super::{declare, get, is, vote, vote_openly, voting};
use crate::support::api::User;
use crate::support::round::Round;

/// Body and headers of everything that somebody can read about the voting, without what differs with each request.
fn everything(round: &Round, by: &User, ids: &[String]) -> BTreeMap<String, (u16, String, BTreeMap<String, String>)> {
    let call = &round.call;
    let mut paths = vec![
        "me/seats".to_owned(),
        format!("calls/{call}"),
        format!("calls/{call}/committee/queue"),
        format!("calls/{call}/committee/queue?voted=true"),
        format!("calls/{call}/committee/queue?voted=false&limit=1"),
        format!("calls/{call}/decisions"),
        format!("calls/{call}/decisions.csv"),
        format!("calls/{call}/minutes"),
        format!("calls/{call}/seats"),
        format!("calls/{call}/totals?by=category"),
    ];
    paths.extend(ids.iter().map(|id| format!("committee/applications/{id}")));
    let read = |path: String| {
        let reply = get(round, by, &path);
        let mut headers = reply.headers.clone();
        for name in ["date", "x-request-id", "ratelimit"] {
            headers.remove(name);
        }
        let body = reply.body.split("\"request_id\"").next().unwrap().to_owned();
        (path, (reply.status, body, headers))
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn nobody_learns_how_somebody_else_voted_before_the_close() {
    let (round, ids) = voting(3);
    let [watcher, voter] = &round.members;
    for id in &ids {
        is(&declare(&round, watcher, id, false), 201);
        is(&declare(&round, voter, id, false), 201);
    }
    is(&vote(&round, watcher, &ids[0], "approve"), 201);
    let readers = [watcher, &round.chair, &round.administrators[0], &round.auditor, &round.treasurer];
    let see = || readers.map(|user| everything(&round, user, &ids));
    // The totals follow within a moment; what is compared has settled.
    crate::totals::settle(&round.api);
    let before = see();
    is(&vote(&round, voter, &ids[0], "reject"), 201);
    is(&vote(&round, voter, &ids[1], "approve"), 201);
    is(&vote(&round, voter, &ids[1], "reject"), 201);
    crate::totals::settle(&round.api);
    assert_eq!(see(), before);
    // The chair's own progress says that votes came, and is the same however they were.
    let progress = || super::progress(&round)["seats"].clone();
    let one = progress();
    is(&vote(&round, voter, &ids[1], "abstain"), 201);
    assert_eq!(progress(), one);
}

#[test]
fn the_log_commits_to_a_vote_and_does_not_tell_it() {
    let (round, ids) = voting(1);
    vote_openly(&round, &round.members[0], &ids[0], "reject");
    let log = crate::log::everything(&round.api, &round.auditor, "?kind=vote_cast");
    assert_eq!(log.len(), 1, "{log:?}");
    let facts = log[0]["event"]["facts"].clone();
    assert_eq!(facts.as_object().unwrap().keys().collect::<Vec<_>>(), ["application", "ballot", "seat"]);
    assert!(!facts.to_string().contains("reject"));
}
