//! Contributions, accounts, entries, balances and the budget.

use serde_json::json;

use super::{Scene, is, new_key, today, tomorrow};

#[test]
fn a_contribution_is_recorded_once_and_booked() {
    let scene = Scene::decided(0);
    let (treasurer, path) = (&scene.round.treasurer, scene.path("contributions"));
    let gift = json!({
        "donor": "FundAction", "amount": "1000.00", "currency": "EUR", "rate": "117.1", "fee": "850.50",
        "received_on": "2020-08-03", "note": "=2+2",
    });
    let key = new_key();
    let first = scene.post_as(treasurer, &path, &key, gift.clone());
    assert_eq!(first.status, 201, "{first:?}");
    let body = first.json();
    assert_eq!(
        (&body["amount"], &body["foreign_amount"], &body["rate"]),
        (&json!("117100.00"), &json!("1000.00"), &json!("117.1"))
    );
    assert_eq!(scene.post_as(treasurer, &path, &key, gift.clone()).body, first.body);
    is(
        &scene.post_as(treasurer, &path, &key, json!({"donor": "X", "amount": "1", "received_on": "2020-08-03"})),
        422,
        "idempotency_mismatch",
    );
    assert_eq!((scene.balance("bank"), scene.balance("fees")), ("116249.50".into(), "850.50".into()));
    assert_eq!(scene.balance("donor:FundAction"), "-117100.00");

    is(&scene.api().ask("POST", &path).by(treasurer).json(gift).send(), 400, "idempotency_key_missing");
    let wrong = json!({"donor": " ", "amount": 5, "currency": "eur", "rate": "0", "fee": "-1", "received_on": "2020-02-30", "x": 1});
    let reply = scene.post(treasurer, &path, wrong);
    is(&reply, 422, "invalid");
    let expected = [
        "donor: missing",
        "amount: amount",
        "currency: currency",
        "rate: rate",
        "fee: amount",
        "received_on: date",
        "x: unknown",
    ];
    assert_eq!(reply.wrong_fields().len(), expected.len(), "{reply:?}");
    for wrong in expected {
        assert!(reply.wrong_fields().contains(&wrong.to_owned()), "{wrong}: {reply:?}");
    }
    for (wrong, field) in [
        (json!({"donor": "X", "amount": "0", "received_on": today()}), "amount: above_zero"),
        (json!({"donor": "X\u{2066}Y", "amount": "1", "received_on": today()}), "donor: control_character"),
        (json!({"donor": "X\nY", "amount": "1", "received_on": today()}), "donor: control_character"),
        (json!({"donor": "X", "amount": "1", "rate": "2", "received_on": today()}), "rate: unfit"),
        (json!({"donor": "X", "amount": "1", "received_on": "2999-01-01"}), "received_on: future"),
        (json!({"donor": "X", "amount": "1", "received_on": tomorrow()}), "received_on: future"),
        (json!({"donor": "X", "amount": "1", "received_on": "1999-12-31"}), "received_on: year"),
        (json!({"donor": "X", "amount": "1", "received_on": "0202-08-03"}), "received_on: year"),
    ] {
        assert_eq!(scene.post(treasurer, &path, wrong).wrong_fields(), [field]);
    }
    let first_day = json!({"donor": "X", "amount": "1", "received_on": "2000-01-01"});
    assert_eq!(scene.post(treasurer, &path, first_day).status, 201);
}

#[test]
fn contributions_are_filtered_sorted_paged_and_exported() {
    let scene = Scene::decided(0);
    let (treasurer, auditor, path) = (&scene.round.treasurer, &scene.round.auditor, scene.path("contributions"));
    for (day, donor) in [("03", "A"), ("01", "B"), ("02", "A"), ("02", "=C")] {
        let body = json!({"donor": donor, "amount": format!("{day}.00"), "received_on": format!("2020-08-{day}")});
        assert_eq!(scene.post(treasurer, &path, body).status, 201);
    }
    let donors = |query: &str| {
        let (mut found, mut cursor, mut pages) = (String::new(), String::new(), 0);
        loop {
            let page = scene.read(auditor, &format!("{path}?{query}{cursor}"));
            for item in page["items"].as_array().unwrap() {
                found +=
                    &format!("{}{} ", item["donor"].as_str().unwrap(), &item["received_on"].as_str().unwrap()[9..]);
            }
            pages += 1;
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return (found.trim().to_owned(), pages),
            }
        }
    };
    assert_eq!(donors("limit=1"), ("B1 A2 =C2 A3".into(), 4));
    assert_eq!(donors("limit=3&sort=-received_on"), ("A3 =C2 A2 B1".into(), 2));
    assert_eq!(donors("donor=A&limit=1"), ("A2 A3".into(), 2));
    let turned = scene.get(auditor, &format!("{path}?from=2020-08-03&until=2020-08-02"));
    assert_eq!((turned.status, turned.wrong_fields()), (422, vec!["until: before".to_owned()]));
    assert_eq!(donors("from=2020-08-02&until=2020-08-02"), ("A2 =C2".into(), 1));
    let file = scene.get(auditor, &format!("{path}.csv?from=2020-08-02&sort=-received_on"));
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 4, "{file:?}");
    assert!(
        lines[1].starts_with("2020-08-03,A,3.00,0.00,,RSD,1,,") && lines[2].starts_with("2020-08-02,'=C,2.00"),
        "{file:?}"
    );
    for wrong in ["limit=0", "cursor=x", "from=x", "sort=x", "donor=", "x=1", "limit=1&limit=2"] {
        is(&scene.get(auditor, &format!("{path}?{wrong}")), 400, "invalid");
    }
}

#[test]
fn the_journal_is_filtered_by_account_and_names_no_applicant() {
    let scene = Scene::allocated(3, "45000.00");
    let auditor = &scene.round.auditor;
    let (award, _) = scene.award(0);
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "20000.00", "B-1").status, 200);
    let path = scene.path("entries");
    let kinds = |query: &str| -> Vec<String> {
        let entries = scene.read(auditor, &format!("{path}?{query}"));
        let kind = |entry: &serde_json::Value| entry["key"].as_str().unwrap().split(':').next().unwrap().to_owned();
        entries["items"].as_array().unwrap().iter().map(kind).collect()
    };
    assert_eq!(kinds(""), ["contribution", "allocation", "award", "award", "execution"]);
    assert_eq!(kinds("sort=-recorded_at"), ["execution", "award", "award", "allocation", "contribution"]);
    assert_eq!(kinds("account=bank"), ["contribution", "execution"]);
    assert_eq!(kinds("account=awards_payable&sort=-recorded_at"), ["execution", "award", "award"]);
    assert_eq!(kinds("account=donor:nobody"), [""; 0]);
    let first = scene.read(auditor, &format!("{path}?account=awards_payable&limit=2"));
    let next = first["next"].as_str().unwrap();
    assert_eq!(kinds(&format!("account=awards_payable&limit=2&cursor={next}")), ["execution"]);
    is(&scene.get(auditor, &format!("{path}?account=cash")), 400, "invalid");
    let file = scene.get(auditor, &format!("{path}.csv?account=awards_payable"));
    assert_eq!(file.body.lines().count(), 1 + 2 * 3, "{file:?}");
    let journal = scene.get(auditor, &path).body;
    for personal in ["Ana", "999", "r1@", "R1"] {
        assert!(!journal.replace("-999", "").contains(&format!("\"{personal}")), "{personal}: {journal}");
    }
    assert!(!journal.contains("Ana") && !file.body.contains("Ana"));
}

#[test]
fn the_budget_is_set_until_the_allocation() {
    let scene = Scene::decided(3);
    let (treasurer, path) = (&scene.round.treasurer, scene.path("budget"));
    scene.give("100000.00");
    let shown = scene.get(&scene.round.auditor, &path);
    let etag = shown.headers["etag"].clone();
    assert_eq!((&shown.json()["budget"], &shown.json()["available"]), (&json!("5182800.00"), &json!("100000.00")));
    let put = |etag: Option<&str>, body| {
        let ask = scene.api().ask("PUT", &path).by(treasurer).json(body);
        etag.map_or(scene.api().ask("PUT", &path).by(treasurer).json(json!({"budget": "1"})), |etag| {
            ask.header("If-Match", etag)
        })
        .send()
    };
    is(&put(None, json!({})), 428, "precondition_required");
    is(&put(Some("\"99\""), json!({"budget": "45000.00"})), 412, "stale");
    assert_eq!(put(Some(&etag), json!({"budget": "-1"})).wrong_fields(), ["budget: amount"]);
    let set = put(Some(&etag), json!({"budget": "45000.00"}));
    assert_eq!((set.status, &set.json()["budget"]), (200, &json!("45000.00")));
    assert_ne!(set.headers["etag"], etag);
    is(&put(Some(&etag), json!({"budget": "50000.00"})), 412, "stale");
    scene.seed();
    let body = json!({"digest": scene.digest()});
    assert_eq!(scene.post(treasurer, &scene.path("allocation"), body).status, 201);
    let shown = scene.get(treasurer, &path);
    let json = shown.json();
    for (name, amount) in [
        ("received", "100000.00"),
        ("awarded", "40000.00"),
        ("paid", "0.00"),
        ("undistributed", "60000.00"),
        ("bank_balance", "100000.00"),
    ] {
        assert_eq!(json[name], amount, "{name}: {json}");
    }
    is(&put(Some(&shown.headers["etag"]), json!({"budget": "1.00"})), 409, "budget_fixed");
}

#[test]
fn a_contribution_beyond_reason_is_refused() {
    let scene = Scene::allocated(1, "30000.00");
    let path = scene.path("contributions");
    for (body, wrong) in [
        (json!({"amount": "92233720368547758.07"}), "amount: amount_too_large"),
        (json!({"amount": "92233720368547758.08"}), "amount: amount_too_large"),
        (json!({"amount": "1000000000000.00", "currency": "EUR", "rate": "999999999"}), "amount: amount_too_large"),
        (json!({"amount": "1.00", "currency": "EUR", "rate": "1000000000"}), "rate: number_too_large"),
        (json!({"amount": "1000000000000.01"}), "amount: amount_too_large"),
        (json!({"amount": "10000000000.00", "currency": "EUR", "rate": "117.5"}), "amount: amount_too_large"),
        (json!({"amount": "100.00", "fee": "1000000000000.01"}), "fee: amount_too_large"),
        (json!({"amount": "100.00", "currency": "EUR"}), "rate: missing"),
        (json!({"amount": "100.00", "currency": "EUR", "rate": 117}), "rate: rate"),
        // Less than a para.
        (json!({"amount": "0.01", "currency": "EUR", "rate": "0.1"}), "amount: above_zero"),
    ] {
        let mut given = json!({"donor": "D", "received_on": "2020-08-01"});
        given.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let reply = scene.post(&scene.round.treasurer, &path, given);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![wrong.to_owned()]), "{reply:?}");
    }
    let all = json!({"donor": " ", "amount": "0.00", "fee": "5.00", "received_on": "2999-01-01"});
    let reply = scene.post(&scene.round.treasurer, &path, all);
    let wrong = ["donor: missing", "received_on: future", "amount: above_zero"];
    assert_eq!((reply.status, reply.wrong_fields()), (422, wrong.map(str::to_owned).to_vec()));
    // In a foreign currency, too, and beside what is wrong with other fields.
    for (body, wrong) in [
        (json!({"currency": "EUR", "fee": "117500.01"}), "rate: missing"),
        (json!({"currency": "RSD", "rate": "117.5", "fee": "1.00"}), "rate: unfit"),
    ] {
        let mut given = json!({"donor": " ", "amount": "1000.00", "received_on": "2020-08-01", "x": 1});
        given.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let reply = scene.post(&scene.round.treasurer, &path, given);
        let wrong = ["donor: missing", wrong, "x: unknown"].map(str::to_owned).to_vec();
        assert_eq!((reply.status, reply.wrong_fields()), (422, wrong), "{body}");
    }
    let largest = json!({"donor": "D", "received_on": "2020-08-01", "amount": "1000000000000.00"});
    assert_eq!(scene.post(&scene.round.treasurer, &path, largest).status, 201);
    scene.read(&scene.round.auditor, &scene.path("trial-balance"));
}

/// What is undistributed by the budget, which counts contributions and awards, and by the account of that name.
#[track_caller]
fn undistributed(scene: &Scene) -> [String; 2] {
    let budget = scene.read(&scene.round.auditor, &scene.path("budget"));
    let of_account = scene.balance("undistributed");
    [budget["undistributed"].as_str().unwrap().to_owned(), of_account.trim_start_matches('-').to_owned()]
}

#[test]
fn a_fee_above_a_small_gift_is_booked_as_it_is() {
    let scene = Scene::decided(0);
    let path = scene.path("contributions");
    for (currency, rate, fee) in [("EUR", "117.5", "500.00"), ("RSD", "1", "20.00")] {
        let gift = json!({"donor": "D", "received_on": "2020-08-01", "amount": "1.00", "currency": currency,
            "rate": rate, "fee": fee});
        let reply = scene.post(&scene.round.treasurer, &path, gift);
        assert_eq!((reply.status, &reply.json()["fee"]), (201, &json!(fee)), "{reply:?}");
    }
    assert_eq!((scene.balance("bank"), scene.balance("fees")), ("-401.50".into(), "520.00".into()));
    let budget = scene.read(&scene.round.auditor, &scene.path("budget"));
    assert_eq!((&budget["received"], &budget["available"]), (&json!("118.50"), &json!("-401.50")));
}

#[test]
fn what_comes_after_the_allocation_is_closed_in_its_own_entry() {
    let scene = Scene::allocated(2, "45000.00");
    assert_eq!(undistributed(&scene), ["955000.00", "955000.00"]);
    let (treasurer, path) = (&scene.round.treasurer, scene.path("contributions"));
    let late = json!({"donor": "Late", "amount": "1000.00", "currency": "EUR", "rate": "117.1", "fee": "850.50",
        "received_on": today()});
    assert_eq!(scene.post(treasurer, &path, late).status, 201);
    assert_eq!(undistributed(&scene), ["1071249.50", "1071249.50"]);
    assert_eq!(
        (scene.balance("donor:Late"), scene.balance("fees"), scene.balance("bank")),
        ("0.00".into(), "0.00".into(), "1116249.50".into())
    );
    let above = json!({"donor": "Small", "amount": "100.00", "fee": "600.00", "received_on": today()});
    assert_eq!(scene.post(treasurer, &path, above).status, 201);
    assert_eq!(undistributed(&scene), ["1070749.50", "1070749.50"]);
    let entries = scene.read(&scene.round.auditor, &format!("{}?account=donor:Late", scene.path("entries")));
    let postings = entries["items"][0]["postings"].as_array().unwrap();
    assert_eq!((entries["items"].as_array().unwrap().len(), postings.len()), (1, 8), "{entries}");
}
