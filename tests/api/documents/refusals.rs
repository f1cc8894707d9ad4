//! What is not taken, and what is said then.

use crate::documents::{asked, call, comes_to_hold, fund, list, send, stored, try_send};
use crate::support::TestDatabase;
use crate::support::api::{Api, Reply};
use crate::support::papers::{self, Heic};

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
    assert!(reply.json()["detail"].as_str().unwrap().len() > 20, "{reply:?}");
}

#[test]
fn what_is_no_document_is_refused_with_a_word_for_it() {
    let (api, ana, draft) = fund();
    let too_many = papers::png_of(20_000, 20_000, [8, 0, 0], &[], 8);
    let moving = papers::png_of(4, 4, [8, 0, 0], &[papers::chunk(b"acTL", &[0; 8])], 20);
    for (bytes, status, code) in [
        (Vec::new(), 415, "document_type_unknown"),
        (b"MZ\x90\0 a program".to_vec(), 415, "document_type_unknown"),
        (papers::zip(), 415, "document_type_unknown"),
        (b"<svg onload='x()'/>".to_vec(), 415, "document_type_unknown"),
        (papers::jpeg(8, 8)[..40].to_vec(), 422, "document_damaged"),
        (papers::png_of(4, 4, [8, 0, 0], &[], 30_000_000), 422, "document_damaged"),
        (too_many, 422, "document_too_many_pixels"),
        (papers::jpeg(20_001, 2), 422, "document_too_many_pixels"),
        (Heic { size: (30_000, 2), ..Heic::default() }.build(), 422, "document_too_many_pixels"),
        (moving, 422, "document_moving"),
        ([papers::jpeg(8, 8), b"<html>".to_vec()].concat(), 422, "document_polyglot"),
        ([papers::pdf(), papers::zip()].concat(), 422, "document_holds_files"),
        ([papers::pdf(), papers::pdf_with(b"% another")].concat(), 422, "document_polyglot"),
        (papers::pdf_with(b"<< /A<</S/URI/URI(javascript:alert(1))>> >>"), 422, "document_holds_program"),
        (papers::pdf_with(b"<< /Type /Annot /Subtype /Screen >>"), 422, "document_moving"),
        (papers::pdf_with(b"<< /Type /EmbeddedFile >>"), 422, "document_holds_files"),
        (papers::pdf_with(b"<< /S /JavaScript >>"), 422, "document_holds_program"),
        (papers::pdf_with(b"<< /AA << /O << /S /URI /URI (x) >> >> >>"), 422, "document_holds_program"),
        (papers::pdf_with(b"<< /Subtype /Sound /Sound 5 0 R >>"), 422, "document_moving"),
        (papers::pdf_with(&papers::stream("/Filter 5 0 R", b"x")), 422, "document_damaged"),
        (papers::pdf_with(&papers::stream("", b"\x1f\x8b\x08\0")), 422, "document_holds_files"),
        (
            papers::pdf_with(&papers::stream("/Subtype /Image /Width 20001 /Height 1", b"x")),
            422,
            "document_too_many_pixels",
        ),
        (papers::jpeg_with(&papers::segment(0xC4, papers::CANARY.as_bytes())), 422, "document_damaged"),
        (papers::pdf_with(b"<< /Encrypt 5 0 R >>"), 422, "document_encrypted"),
        (papers::pdf_with(&papers::packed(&vec![0; 40_000_000])), 422, "document_too_much_inside"),
    ] {
        refused(&try_send(&api, &ana, &draft, "paper", &bytes), status, code);
    }
    let types = try_send(&api, &ana, &draft, "paper", b"GIF89a").json();
    assert!(types["detail"].as_str().unwrap().contains("PDF, JPEG, PNG, HEIC"), "{types}");
    assert_eq!((list(&api, &ana, &draft).len(), stored(&api).len()), (0, 0));
}

#[test]
fn each_has_its_limit_and_so_have_all_together() {
    let (api, ana, draft) = fund();
    const LARGEST: usize = 10 * 1024 * 1024;
    let sized = |size: usize| {
        let less = papers::pdf_with(&vec![b'\n'; size - 1_000]).len();
        papers::pdf_with(&vec![b'\n'; 2 * size - 1_000 - less])
    };
    let largest = sized(LARGEST);
    assert_eq!(largest.len(), LARGEST);
    refused(&try_send(&api, &ana, &draft, "paper", &sized(LARGEST + 1)), 413, "document_too_large");
    for _ in 0..5 {
        send(&api, &ana, &draft, "paper", &largest);
    }
    assert_eq!(stored(&api).len(), 5);
    refused(&try_send(&api, &ana, &draft, "paper", &papers::png(4, 4)), 409, "document_quota");
    // What came too late is taken out again.
    comes_to_hold(&api, 5);
}

#[test]
fn only_what_the_call_asks_for_is_taken() {
    let (api, ana, draft) = fund();
    let other = try_send(&api, &ana, &draft, "passport", &papers::pdf());
    assert_eq!((other.status, other.wrong_fields()), (422, vec!["kind: document_unasked".to_owned()]));
    let path = format!("me/applications/{draft}/documents");
    let missing = api.ask("POST", &path).by(&ana).bytes(&papers::pdf()).send();
    assert!(matches!(missing.status, 400 | 422), "{missing:?}");
    assert_eq!(missing.wrong_fields(), ["kind: missing"]);
    let packed = api.ask("POST", &(path + "?kind=paper")).by(&ana).header("Content-Encoding", "gzip");
    refused(&packed.bytes(&papers::pdf()).send(), 415, "unsupported_content_encoding");
}

#[test]
fn a_name_shows_all_that_is_in_it() {
    let (api, ana, draft) = fund();
    let named = |name: &str| {
        let path = format!("me/applications/{draft}/documents?kind=paper&name={name}");
        api.ask("POST", &path).by(&ana).bytes(&papers::pdf()).send()
    };
    // Turned around; without width; a soft hyphen; a mark of direction; a tag that nobody sees.
    for hidden in ["%E2%80%AEgpj.exe", "a%E2%80%8B.pdf", "a%C2%AD.pdf", "a%D8%9C.pdf", "a%F3%A0%81%81.pdf", "a%0A.pdf"]
    {
        let reply = named(hidden);
        assert_eq!((reply.status, reply.wrong_fields()), (400, vec!["name: control_character".to_owned()]), "{hidden}");
    }
    // As telephones and people name their files.
    for name in ["Izvod%20%C5%BE%C4%91%20(1).pdf", "%D0%98%D0%B7%D0%B2%D0%BE%D0%B4.pdf", "at%2010.00%E2%80%AFAM.png"] {
        assert_eq!(named(name).status, 201, "{name}");
    }
    assert_eq!((list(&api, &ana, &draft).len(), stored(&api).len()), (3, 3));
}

#[test]
fn without_a_store_everything_else_works() {
    let database = TestDatabase::new();
    let is_postgres = database.is_postgres();
    let beside = database.folder.path().join("fond.sqlite3.documents");
    let api = Api::start_on(database, |settings| settings.documents.store.clear());
    let ana = api.register("ana@example.org");
    let draft = crate::applications::begin(&api, &ana, &call(&api, vec![asked("paper")]));
    let reply = try_send(&api, &ana, &draft, "paper", &papers::pdf());
    if is_postgres {
        refused(&reply, 503, "documents_unavailable");
    } else {
        assert_eq!((reply.status, std::fs::read_dir(&beside).unwrap().count()), (201, 1));
    }
}

#[test]
fn a_document_that_the_store_lost_is_said_to_be_away() {
    let (api, ana, draft) = fund();
    let id = send(&api, &ana, &draft, "paper", &papers::pdf());
    let folder = std::path::PathBuf::from(api.database.settings().documents.store);
    std::fs::remove_file(folder.join(&stored(&api)[0].0)).unwrap();
    refused(&api.ask("GET", &format!("me/documents/{id}")).by(&ana).send(), 503, "documents_unavailable");
}
