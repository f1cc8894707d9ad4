//! The transport that writes files, and what a message looks like.

use fond::clock::Instant;
use fond::config::MailSettings;
use fond::ids::JobId;
use fond::language::Language;
use fond::mail::{Letter, LetterKind, Postman};
use tempfile::TempDir;

use crate::server::header;
use crate::support::people::at;
use crate::support::project;

fn postman() -> (Postman, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings: MailSettings = fond::config::Settings::load(Some(&project("config/test.toml"))).unwrap().mail;
    settings.folder = folder.path().join("mail");
    (Postman::open(&settings).unwrap(), folder)
}

fn now() -> Instant {
    at("2026-03-01T12:00:00Z")
}

fn link(language: Language) -> Letter {
    let kind = LetterKind::SignInLink { link: "https://example.org/l?t=1".into(), code: "012345".into(), minutes: 10 };
    Letter { language, kind }
}

#[test]
fn a_letter_is_one_file_however_often_it_is_sent() {
    let (postman, folder) = postman();
    let id = JobId::new();
    for language in [Language::English, Language::SerbianCyrillic, Language::SerbianLatin] {
        postman.send(id, "ana@example.org", &link(language), now()).unwrap();
    }
    let files: Vec<_> =
        std::fs::read_dir(folder.path().join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [folder.path().join(format!("mail/{id}.eml"))]);
    let message = std::fs::read_to_string(&files[0]).unwrap();
    insta::assert_snapshot!(message.replace(&id.to_string(), "ID").replace('\r', ""), @r#"
    Message-ID: <ID@example.org>
    Date: Sun, 01 Mar 2026 12:00:00 +0000
    From: "Fond solidarnosti" <fond@example.org>
    To: ana@example.org
    Subject: =?utf-8?b?VmHFoQ==?= link za ulazak
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: binary
    Auto-Submitted: auto-generated
    Content-Language: sr-Latn

    Dobar dan,

    u svoj nalog možete ući preko ovog linka:

    https://example.org/l?t=1

    ili tako što ćete na stranici upisati ovaj kod:

    012345

    Link i kod važe 10 minuta i mogu se upotrebiti samo jednom.
    Ako kod pet puta pogrešno upišete, prestaje da važi, a link i dalje radi.

    Nemojte ih nikome prosleđivati ni diktirati, ni onima koji kažu da zovu iz fonda.

    Ako ovo niste tražili, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na fond@example.org.

    Fond solidarnosti
    "#);
    assert_eq!(header(&message, "Message-ID"), format!("<{id}@example.org>"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn nothing_gets_into_the_headers() {
    let (postman, folder) = postman();
    let send = |to: &str| postman.send(JobId::new(), to, &link(Language::English), now());
    let wrong = [
        "",
        "ana",
        "ana@example.org\r\nBcc: all@example.org",
        "ana@example.org\nBcc: all@example.org",
        "\"ana\r\nBcc: x\"@example.org",
        "ana@example.org, all@example.org",
        "Ana <ana@example.org>",
        "ana@exa mple.org",
        "ana@example.org>\r\nRCPT TO:<all@example.org",
    ];
    for to in wrong {
        assert_eq!(send(to).unwrap_err().word(), "address_wrong", "{to:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("mail")).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_failure_that_may_pass() {
    let (postman, folder) = postman();
    std::fs::remove_dir_all(folder.path().join("mail")).unwrap();
    let failure = postman.send(JobId::new(), "ana@example.org", &link(Language::English), now()).unwrap_err();
    assert_eq!((failure.word().as_str(), failure.is_permanent), ("folder_unwritable", false));
}
