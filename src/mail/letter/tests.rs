//! Every letter in every language, as people get it.

use super::*;

mod english;
mod serbian_cyrillic;
mod serbian_latin;

fn frame() -> Frame {
    Frame { fund_name: "Фонд солидарности".into(), help_address: "pomoc@example.org".into() }
}

fn letters() -> Vec<(&'static str, LetterKind)> {
    let link = || "https://example.org/l?t=Ab_9".to_owned();
    vec![
        ("confirm_registration", LetterKind::ConfirmRegistration { link: link(), hours: 24 }),
        ("already_registered", LetterKind::AlreadyRegistered { link: link() }),
        ("sign_in_link", LetterKind::SignInLink { link: link(), code: "012345".into(), minutes: 10 }),
        ("no_account", LetterKind::NoAccount { link: link() }),
        ("reset_password", LetterKind::ResetPassword { link: link(), hours: 1 }),
        ("password_changed", LetterKind::PasswordChanged),
        ("second_factor_changed", LetterKind::SecondFactorChanged),
        ("confirm_new_email", LetterKind::ConfirmNewEmail { link: link(), hours: 24 }),
        (
            "confirm_old_email",
            LetterKind::ConfirmOldEmail { link: link(), new_address: "nova.adresa@example.org".into(), hours: 24 },
        ),
        ("email_changed", LetterKind::EmailChanged),
        ("session_ended_for_reuse", LetterKind::SessionEndedForReuse),
        ("invitation", LetterKind::Invitation { link: link(), role: "treasurer".into(), days: 7 }),
        ("role_given", LetterKind::RoleGiven { role: "authoriser".into() }),
        ("application_received", LetterKind::ApplicationReceived { reference: "K7QM-2X9D".into(), link: link() }),
        ("clarification_asked", LetterKind::ClarificationAsked { reference: "K7QM-2X9D".into(), link: link() }),
        ("roles_suspended", LetterKind::RolesSuspended),
        ("roles_restored", LetterKind::RolesRestored),
    ]
}

fn written(language: Language, letters: impl Iterator<Item = (&'static str, LetterKind)>) -> String {
    let one = |(name, kind): (&str, LetterKind)| {
        let Rendered { subject, body } = Letter { language, kind }.render(&frame()).expect(name);
        format!("== {name}: {subject}\n\n{body}\n")
    };
    letters.map(one).collect()
}

/// The letters up to a new password, one behind the other.
fn asked_for(language: Language) -> String {
    written(language, letters().into_iter().take(5))
}

fn told(language: Language) -> String {
    written(language, letters().into_iter().skip(5).take(6))
}

fn told_to_officers(language: Language) -> String {
    written(language, letters().into_iter().skip(11))
}

#[test]
fn the_latin_ones_have_no_cyrillic_letter() {
    let is_cyrillic = |letter: char| ('\u{400}'..='\u{4ff}').contains(&letter);
    assert!(!written(Language::SerbianLatin, letters().into_iter()).chars().any(is_cyrillic));
    assert!(!written(Language::English, letters().into_iter()).chars().any(is_cyrillic));
}

#[test]
fn each_letter_has_a_folder_and_each_folder_a_letter() {
    let folders = std::fs::read_dir("src/mail/letters").unwrap();
    let mut folders: Vec<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    let mut names: Vec<&str> = letters().iter().map(|(name, _)| *name).chain(["frame"]).collect();
    names.sort_unstable();
    assert_eq!(folders, names);
}

#[test]
fn a_role_without_a_name_makes_no_letter() {
    let kind = LetterKind::RoleGiven { role: "wizard".into() };
    assert_eq!(Letter { language: Language::English, kind }.render(&frame()), None);
}

#[test]
fn what_is_put_in_stays_as_it_is() {
    let kind =
        LetterKind::SignInLink { link: "https://example.org/ћ{ $help }".into(), code: "007".into(), minutes: 1 };
    let body = Letter { language: Language::SerbianLatin, kind }.render(&frame()).unwrap().body;
    assert!(body.contains("https://example.org/ћ{ $help }\n") && body.contains("\n007\n"), "{body}");
    assert!(body.contains("važe 1 minut i"), "{body}");
}

#[test]
fn an_address_is_masked() {
    let cases = [("a@example.org", "a***@example.org"), ("žika@b@example.org", "ž***@example.org"), ("x", "x***@")];
    for (address, shown) in cases {
        assert_eq!(masked(address), shown);
    }
}
