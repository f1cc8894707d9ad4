//! Every kind goes through whole and loses what it tells; whatever is changed, cut off or added is refused or harmless.

use papers::{CANARY, Heic, boxed, chunk, exif, heic, holds, jpeg, jpeg_that_tells, packed, pdf_with, png, png_of};
use papers::{PICTURE, png_that_tells, zip};
use proptest::prelude::*;

use super::*;

mod heic;
#[path = "../../../tests/support/papers.rs"]
mod papers;
mod pdf;
mod pictures;

fn fault(bytes: &[u8]) -> Option<Fault> {
    clean(bytes).err()
}

#[test]
fn each_kind_is_told_by_its_bytes_and_its_metadata_are_gone() {
    for (sent, media_type) in [
        (jpeg(640, 480), MediaType::Jpeg),
        (jpeg_that_tells(1), MediaType::Jpeg),
        (jpeg_that_tells(6), MediaType::Jpeg),
        (png(16, 16), MediaType::Png),
        (png_that_tells(), MediaType::Png),
        (heic(), MediaType::Heic),
        (papers::pdf(), MediaType::Pdf),
    ] {
        let kept = clean(&sent).unwrap();
        assert_eq!(kept.media_type, media_type);
        assert!(!holds(&kept.content, CANARY.as_bytes()), "{media_type}");
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&kept.content)), kept.digest);
        // What is clean stays as it is.
        assert_eq!(clean(&kept.content).unwrap(), kept, "{media_type}");
    }
}

#[test]
fn what_a_picture_needs_stays() {
    let kept = clean(&jpeg_that_tells(6)).unwrap().content;
    assert!(holds(&kept, b"Exif\0\0MM\0*") && holds(&kept, b"Adobe") && holds(&kept, b"JFIF\0"));
    assert!(holds(&kept, &[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]), "which way up it is");
    assert!(!holds(&clean(&jpeg_that_tells(1)).unwrap().content, b"Exif"), "nothing to say");
    let kept = clean(&png_that_tells()).unwrap().content;
    assert!(holds(&kept, b"gAMA") && holds(&kept, b"pHYs") && !holds(&kept, b"tEXt") && !holds(&kept, b"prVt"));
    let sent = heic();
    let kept = clean(&sent).unwrap().content;
    assert!(holds(&kept, PICTURE) && kept.len() == sent.len());
    assert_eq!(clean(&jpeg(8, 8)).unwrap().content, jpeg(8, 8));
}

#[test]
fn previews_behind_a_picture_are_left_out_where_they_are_announced() {
    let preview = jpeg_that_tells(1);
    let announced = [jpeg_that_tells(1), preview.clone()].concat();
    assert_eq!(clean(&announced).unwrap(), clean(&preview).unwrap());
    assert_eq!(fault(&[jpeg(8, 8), preview].concat()), Some(Fault::Polyglot), "nobody announced it");
    assert_eq!(fault(&[jpeg_that_tells(1), b"more".to_vec()].concat()), Some(Fault::Polyglot));
}

#[test]
fn other_things_are_told_apart() {
    for other in [b"".as_slice(), b"GIF89a", b"MZ\x90\0", b" %PDF-1.4", b"<html>", b"RIFF\0\0\0\0WEBPVP8 "] {
        assert_eq!(fault(other), Some(Fault::TypeUnknown));
    }
    let avif = Heic { brand: *b"avif", ..Heic::default() }.build();
    assert_eq!(fault(&avif), Some(Fault::TypeUnknown));
    assert!(clean(&Heic { brand: *b"mif1", ..Heic::default() }.build()).is_ok());
}

#[test]
fn too_many_pixels_are_refused_before_anything_is_unpacked() {
    let with = |size| Heic { size, ..Heic::default() }.build();
    for bomb in [
        jpeg(20_001, 1),
        jpeg(20_000, 5_001),
        png_of(20_001, 1, [8, 0, 0], &[], 2),
        png_of(2_000_000_000, 2_000_000_000, [16, 6, 1], &[], 2),
        png_of(10_000, 10_000, [16, 6, 0], &[], 2),
        with((20_000, 5_001)),
        with((u32::MAX, u32::MAX)),
    ] {
        assert_eq!(fault(&bomb), Some(Fault::TooManyPixels));
    }
    for nothing in [jpeg(0, 8), jpeg(8, 0), png_of(0, 8, [8, 0, 0], &[], 0), with((0, 8))] {
        assert_eq!(fault(&nothing), Some(Fault::Damaged));
    }
    assert!(clean(&jpeg(20_000, 5_000)).is_ok());
}

#[test]
fn a_png_unpacks_to_what_its_head_says() {
    for (head, rows) in [([8, 0, 0], 20), ([1, 0, 0], 8), ([16, 6, 0], 132), ([8, 0, 1], 23)] {
        let fits = png_of(4, 4, head, &[], rows);
        assert_eq!(fault(&fits), None, "{head:?}");
        for wrong in [rows - 1, rows + 1, 50_000_000] {
            assert_eq!(fault(&png_of(4, 4, head, &[], wrong)), Some(Fault::Damaged), "{head:?} {wrong}");
        }
    }
    for head in [[3, 0, 0], [8, 1, 0], [16, 3, 0], [8, 0, 2]] {
        assert_eq!(fault(&png_of(4, 4, head, &[], 20)), Some(Fault::Damaged));
    }
    let with = |extra: &[Vec<u8>]| fault(&png_of(4, 4, [8, 0, 0], extra, 20));
    assert_eq!(with(&[chunk(b"acTL", &[0; 8])]), Some(Fault::Moving));
    assert_eq!(with(&[chunk(b"ABCD", b"")]), Some(Fault::Damaged), "nobody knows how to show it");
    assert_eq!(with(&[chunk(b"PLTE", &[0; 3]), chunk(b"PLTE", &[0; 3])]), Some(Fault::Damaged));
    assert_eq!(fault(&[png(4, 4), vec![0]].concat()), Some(Fault::Polyglot));
}

#[test]
fn a_heic_is_its_boxes_and_nothing_else() {
    let with = |behind: Vec<u8>| fault(&Heic { behind, ..Heic::default() }.build());
    assert_eq!(with(boxed(b"free", b"")), None);
    assert_eq!(with(boxed(b"moov", b"")), Some(Fault::Moving));
    assert_eq!(with(boxed(b"uuid", &[0; 16])), Some(Fault::Polyglot));
    assert_eq!(with(b"more".to_vec()), Some(Fault::Damaged));
    assert_eq!(fault(&Heic { shift: 1_000, ..Heic::default() }.build()), Some(Fault::Damaged));
}

#[test]
fn what_a_heic_said_says_nothing() {
    let sent = Heic { word: CANARY.repeat(4), ..Heic::default() }.build();
    let kept = clean(&sent).unwrap().content;
    assert!(kept.len() == sent.len() && !holds(&kept, CANARY.as_bytes()));
    let place = kept.windows(PICTURE.len()).position(|window| window == PICTURE).unwrap() + PICTURE.len();
    // The head of TIFF directly behind; one entry; no other directory; zeros.
    let (exif, rest) = kept[place..].split_at(30);
    assert_eq!(exif[..12], *b"\0\0\0\0MM\0*\0\0\0\x08");
    assert_eq!(exif[12..], [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert!(rest[..100].iter().all(|byte| *byte == 0));
    let xmp = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>";
    assert!(holds(&kept, &[xmp.as_slice(), &[b' '; 4 * CANARY.len() - 66]].concat()));
}

#[test]
fn a_pdf_that_is_more_than_paper_is_refused() {
    let with = |content: &str| fault(&pdf_with(content.as_bytes()));
    assert_eq!(with("4 0 obj\n<< /Author (Ana) /JavaScripts 1 >>\nendobj\n"), None);
    for (content, expected) in [
        ("<< /S /JavaScript /JS (app.alert\\(1\\)) >>", Fault::HoldsProgram),
        ("<< /S /J#61vaScript >>", Fault::HoldsProgram),
        ("<< /S/Launch/F(x) >>", Fault::HoldsProgram),
        ("<< /OpenAction 9 0 R >>", Fault::HoldsProgram),
        ("<< /AcroForm << /XFA 9 0 R >> >>", Fault::HoldsProgram),
        ("<< /Type /EmbeddedFile >>", Fault::HoldsFiles),
        ("<< /Names << /EmbeddedFiles 9 0 R >> >>", Fault::HoldsFiles),
        ("<< /Encrypt 9 0 R >>", Fault::Encrypted),
        ("% << /Encrypt >> in a comment", Fault::Encrypted),
    ] {
        assert_eq!(with(content), Some(expected), "{content}");
        let hidden = pdf_with(&packed(content.as_bytes()));
        assert_eq!(fault(&hidden), Some(expected), "packed: {content}");
    }
    assert_eq!(fault(&pdf_with(&packed(b"<< /Type /Font >>"))), None);
    assert_eq!(fault(&pdf_with(&packed(&vec![b' '; 40_000_000]))), Some(Fault::TooMuchInside));
    assert_eq!(fault(&[papers::pdf(), b"more".to_vec()].concat()), Some(Fault::Polyglot));
    assert_eq!(fault(&[papers::pdf(), b" \r\n\0".to_vec()].concat()), None);
    assert_eq!(fault(b"%PDF-1.7\n%%EOF"), Some(Fault::Damaged));
}

#[test]
fn what_is_two_things_is_refused() {
    let zip = zip();
    for whole in [jpeg_that_tells(1), png(4, 4), heic(), papers::pdf()] {
        assert_eq!(fault(&[whole, zip.clone()].concat()), Some(Fault::HoldsFiles));
    }
    assert_eq!(fault(&pdf_with(&zip)), Some(Fault::HoldsFiles));
    assert_eq!(fault(&pdf_with(b"Rar!\x1a\x07\x01\0")), Some(Fault::HoldsFiles));
    assert_eq!(fault(&png_of(4, 4, [8, 0, 0], &[chunk(b"tEXt", b"%PDF-1.4")], 20)), Some(Fault::Polyglot));
    assert_eq!(fault(&png_of(4, 4, [8, 0, 0], &[chunk(b"tEXt", b"<ScRiPt>")], 20)), Some(Fault::Polyglot));
    assert_eq!(fault(&pdf_with(b"PK\x03\x04 by chance, or in a text")), None);
    assert_eq!(exif(1).len(), 38 + CANARY.len());
}

/// A whole file of some kind.
fn whole() -> impl Strategy<Value = Vec<u8>> {
    let kinds = [
        jpeg(64, 64),
        jpeg_that_tells(3),
        png(16, 16),
        png_that_tells(),
        heic(),
        papers::pdf(),
        pdf_with(&packed(b"<< >>")),
    ];
    prop::sample::select([kinds.as_slice(), &pdf::written_by_programs()].concat())
}

proptest! {
    #[test]
    fn bytes_by_chance_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..2000), kind in whole(), head in 4..40_usize) {
        let _ = clean(&bytes);
        let _ = clean(&[&kind[..head.min(kind.len())], &bytes].concat());
    }

    /// Changed anywhere, a file is refused, or is clean and stays so.
    #[test]
    fn a_changed_file_is_refused_or_clean(kind in whole(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut changed = kind;
        for (at, byte) in changes {
            let at = at.index(changed.len());
            changed[at] = byte;
        }
        if let Ok(kept) = clean(&changed) {
            prop_assert_eq!(clean(&kept.content), Ok(kept));
        }
    }

    /// Cut short, or with something behind it, no file is whole.
    #[test]
    fn a_file_ends_where_it_ends(kind in whole(), at in any::<prop::sample::Index>(), more in prop::collection::vec(1..=255_u8, 1..50)) {
        let cut = &kind[..at.index(kind.len() - 1)];
        // A HEIC is whole without the free space at its end.
        prop_assert!(clean(cut).is_err() || told(cut) == Some(MediaType::Heic));
        let more = [kind.clone(), vec![b'x'], more].concat();
        prop_assert!(clean(&more).is_err());
    }
}
