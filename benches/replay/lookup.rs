//! How long it takes to look an applicant up in aid registers, whatever their length.

use std::path::Path;
use std::time::Instant as Stopwatch;

use fond::accounts::{Actor, Role, actions as accounts};
use fond::aid::{AidRecord, Effect, Level, NewProgramme, actions as aid};
use fond::applications::{Application, ApplicationState};
use fond::calls::{Rules, actions as calls};
use fond::clock::Instant;
use fond::crypto::IndexKind;
use fond::ids::{ApplicationId, PersonId};
use fond::money::Money;
use fond::startup::Fond;

const LOOK_UPS: usize = 2_000;

/// Microseconds a look-up in a register of so many records; half of the applicants stand on it.
pub fn microseconds(folder: &Path, records: usize) -> f64 {
    let settings = fond::config::Settings::load(None).unwrap();
    let url = format!("sqlite://{}", folder.join(format!("register{records}.sqlite3")).display());
    let fond = fond::startup::open(&settings, Some(&url)).unwrap();
    let call = import(&fond, records);
    let applicants: Vec<Application> = (0..LOOK_UPS).map(|number| applicant(&fond, call.id, number * 2)).collect();
    let looked_up = fond.db.read(|conn| {
        let began = Stopwatch::now();
        let mut hits = 0;
        for applicant in &applicants {
            hits += usize::from(aid::look_up(conn, &fond.vault, applicant, call.rules.aid_window)?.possible.is_some());
        }
        Ok((began.elapsed(), hits))
    });
    let (lasted, hits) = looked_up.unwrap();
    assert_eq!(hits, LOOK_UPS.min(records / 2), "the look-ups find who is there");
    lasted.as_secs_f64() * 1e6 / LOOK_UPS as f64
}

fn import(fond: &Fond, records: usize) -> calls::Call {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/2020/call.json")).unwrap();
    let mut rules: Rules = serde_json::from_str(&text).unwrap();
    rules.allocation.seed = None;
    let now: Instant = "2020-09-01T00:00:00Z".parse().unwrap();
    let programme = NewProgramme {
        code: "LONG".into(),
        provider: String::new(),
        level: Level::Republic,
        is_universal: false,
        effect: Effect::Disqualify,
        title: String::new(),
    };
    let record = |number: usize| AidRecord {
        jmbg: None,
        name: format!("Ime {number}"),
        municipality: "Beograd".into(),
        amount: Money::from_minor(1),
        paid_on: "2020-05-01".parse().unwrap(),
    };
    let records: Vec<AidRecord> = (0..records).map(record).collect();
    let imported = fond.db.write(|conn| {
        let person = accounts::register_officer(conn, &fond.vault, &Actor::SYSTEM, "Administrator", now)?;
        accounts::grant(conn, &Actor::SYSTEM, person, Role::Administrator, now)?;
        let administrator = accounts::act_as(conn, person, Role::Administrator, now)?;
        let call = calls::make(conn, &administrator, &rules, now)?;
        let programme = aid::add_programme(conn, &administrator, call.id, &programme, now)?;
        aid::import_register(conn, &fond.vault, &administrator, programme.id, &records, now)?;
        Ok(call)
    });
    imported.unwrap()
}

fn applicant(fond: &Fond, call: fond::ids::CallId, number: usize) -> Application {
    let index = |kind, text: &str| fond.vault.index_ahead(kind, text).unwrap();
    let name = fond::applications::actions::name_and_place(&format!("Ime {number}"), "Beograd");
    Application {
        id: ApplicationId::new(),
        call_id: call,
        person_id: PersonId::new(),
        reference: String::new(),
        state: ApplicationState::Submitted,
        held_from: None,
        category: None,
        submitted_at: "2020-07-20T00:00:00Z".parse().unwrap(),
        corrected_at: None,
        entered_by: None,
        merged_into: None,
        jmbg_index: index(IndexKind::Jmbg, &number.to_string()),
        account_index: index(IndexKind::Account, ""),
        name_index: index(IndexKind::NameAndPlace, &name),
        household_index: index(IndexKind::Household, ""),
        version: 1,
        need_erased_at: None,
        identity_erased_at: None,
    }
}
