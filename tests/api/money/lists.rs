//! Awards and payouts in the order that is asked for, page by page and as files.

use serde_json::{Value, json};

use super::{Scene, is, today};

/// A column of a list, page by page, two rows a page.
fn paged(scene: &Scene, list: &str, query: &str, column: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = scene.read(&scene.round.treasurer, &format!("{}?limit=2&{query}{cursor}", scene.path(list)));
        found.extend(column_of(&page, column));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn column_of(page: &Value, column: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

/// The reference codes in a file, which stand in this column of it.
fn in_file(scene: &Scene, list: &str, query: &str, column: usize) -> Vec<String> {
    let file = scene.get(&scene.round.treasurer, &format!("{}.csv?{query}", scene.path(list)));
    assert_eq!(file.status, 200, "{file:?}");
    file.body.lines().skip(1).map(|line| line.split(',').nth(column).unwrap().to_owned()).collect()
}

fn turned(mut rows: Vec<String>) -> Vec<String> {
    rows.reverse();
    rows
}

/// Five awards, whose payouts were prepared last rank first, of amounts that differ but for two.
fn scene() -> (Scene, Vec<String>) {
    let scene = Scene::allocated(6, "112500.00");
    let references = column_of(&scene.read(&scene.round.treasurer, &scene.path("awards")), "reference");
    assert_eq!(references.len(), 5);
    for rank in (0..5).rev() {
        let payout = scene.id(&scene.prepare(&scene.award(rank).0));
        let amount = [300, 100, 200, 100, 500][rank];
        scene.sql(&format!("UPDATE payouts SET amount = {amount} WHERE id = {payout}"));
    }
    (scene, references)
}

#[test]
fn payouts_stand_in_the_order_that_is_asked_for() {
    let (scene, by_rank) = scene();
    let list = |query: &str| paged(&scene, "payouts", query, "reference");
    let of_rank = |ranks: [usize; 5]| ranks.map(|rank| by_rank[rank].clone()).to_vec();
    let mut by_reference = by_rank.clone();
    by_reference.sort();
    let oldest_first = turned(by_rank.clone());
    // Of one amount, the one that was prepared first.
    let least_first = of_rank([3, 1, 2, 0, 4]);
    for (sort, expected) in [
        ("", oldest_first.clone()),
        ("sort=prepared_at", oldest_first.clone()),
        ("sort=-prepared_at", by_rank.clone()),
        ("sort=amount", least_first.clone()),
        ("sort=-amount", turned(least_first)),
        ("sort=reference", by_reference),
    ] {
        assert_eq!(list(sort), expected, "{sort}");
        assert_eq!(list(&format!("{sort}&state=prepared")), expected, "{sort}");
        assert_eq!(in_file(&scene, "payouts", sort, 0), expected, "{sort}");
    }
    let one = format!("reference={}", by_rank[2]);
    assert_eq!((list(&one), in_file(&scene, "payouts", &one, 0)), (vec![by_rank[2].clone()], vec![by_rank[2].clone()]));
    assert_eq!(list(&one.to_lowercase()), [by_rank[2].clone()]);
    assert_eq!(list("reference=NOBODYS"), Vec::<String>::new());
    is(&scene.get(&scene.round.treasurer, &format!("{}?sort=name", scene.path("payouts"))), 400, "invalid");
}

#[test]
fn awards_stand_in_the_order_that_is_asked_for() {
    let (scene, mut by_rank) = scene();
    // The one on the reserve list gets less than all others.
    scene.sql(
        "INSERT INTO awards (id, call_id, application_id, reference, rank, gross, net) \
         SELECT id, call_id, id, reference, 9, 100, 100 FROM applications WHERE call_id = CALL AND state = 'reserve'",
    );
    let list = |query: &str| paged(&scene, "awards", query, "reference");
    by_rank.push(list("")[5].clone());
    let mut by_reference = by_rank.clone();
    by_reference.sort();
    // Of one amount, the one that was awarded first.
    let least_first = [&by_rank[5..], &by_rank[..5]].concat();
    assert_eq!(list("sort=-gross"), turned(least_first.clone()));
    for (sort, expected) in [
        ("", by_rank.clone()),
        ("sort=rank", by_rank.clone()),
        ("sort=gross", least_first),
        ("sort=reference", by_reference),
    ] {
        assert_eq!(list(sort), expected, "{sort}");
        assert_eq!(in_file(&scene, "awards", sort, 1), expected, "{sort}");
        assert_eq!(list(&format!("{sort}&state=standing")), expected, "{sort}");
    }
    let one = format!("reference={}", by_rank[4]);
    assert_eq!((list(&one), list("state=released")), (vec![by_rank[4].clone()], vec![]));
    assert_eq!(list(&one.to_lowercase()), [by_rank[4].clone()]);
    is(&scene.get(&scene.round.treasurer, &format!("{}?sort=-rank", scene.path("awards"))), 400, "invalid");
}

/// By code a page begins behind a row that is named; what names none of the call, names no place in it.
#[test]
fn a_place_that_is_not_there_has_nothing_behind_it() {
    let (scene, _) = scene();
    let elsewhere = "A".repeat(32);
    for list in ["awards", "payouts"] {
        assert_eq!(
            paged(&scene, list, &format!("sort=reference&cursor={elsewhere}"), "reference"),
            Vec::<String>::new()
        );
    }
    is(&scene.get(&scene.round.treasurer, &format!("{}?cursor=x", scene.path("awards"))), 400, "invalid");
}

#[test]
fn a_file_of_payouts_holds_what_came_back_before() {
    let scene = Scene::allocated(2, "60000.00");
    let (treasurer, award, day) = (&scene.round.treasurer, scene.award(0).0, today());
    scene.prepare(&scene.award(1).0);
    let executed = |reference: &str| {
        let id = scene.prepare(&award);
        let amount = scene.read(treasurer, &format!("payouts/{id}"))["amount"].as_str().unwrap().to_owned();
        assert_eq!(scene.authorise(&id).status, 200);
        assert_eq!(scene.execute(&id, &amount, reference).status, 200);
        id
    };
    let returned = |id: String| {
        let (path, body) = (format!("payouts/{id}/return"), json!({"returned_on": day}));
        assert_eq!(scene.move_at(treasurer, &path, &scene.etag_of(&id), body).status, 200);
    };
    let file = |state: &str| scene.get(treasurer, &format!("{}.csv?state={state}", scene.path("payouts"))).body;
    let ends = |file: &str, end: &str| assert!(file.ends_with(&format!(",{end}\r\n")), "{file} {end}");
    returned(executed("B-1"));
    let first = file("returned");
    let headings =
        "reference,amount,state,prepared_at,authorised_at,bank_reference,executed_on,returned_on,returned_before";
    assert_eq!(first.lines().next(), Some(headings));
    ends(&first, &format!("B-1,{day},{day},"));
    returned(executed("B-2"));
    executed("B-3");
    ends(&file("executed"), &format!("B-3,{day},,B-1 {day} {day}; B-2 {day} {day}"));
    ends(&file("prepared"), ",,,");
}
