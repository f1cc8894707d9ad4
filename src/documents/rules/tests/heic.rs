//! A HEIC keeps what shows its picture; what it tells and shows besides becomes zeros, and nothing moves.

use super::papers::{CANARY, Heic, PICTURE, PREVIEWS, boxed, heic, holds};
use super::*;

/// What is kept of one with a change.
fn with(change: impl FnOnce(&mut Heic)) -> Result<Vec<u8>, Fault> {
    let mut sent = Heic::default();
    change(&mut sent);
    clean(&sent.build()).map(|kept| kept.content)
}

fn place(within: &[u8], wanted: &[u8]) -> usize {
    within.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

#[test]
fn what_it_tells_is_gone_from_every_place() {
    let sent = heic();
    let kept = clean(&sent).unwrap().content;
    assert_eq!(kept.len(), sent.len());
    let [preview, clearness] = PREVIEWS;
    let places =
        [b"ftyp".as_slice(), b"hdlr", b"url ", b"infe", b"prof", b"udes", b"uuid", b"idat", preview, clearness];
    for wanted in places {
        let at = place(&sent, wanted);
        let name = String::from_utf8_lossy(wanted);
        assert!(holds(&sent[at..at + 60], CANARY.as_bytes()), "{name:?} says nothing here");
        assert!(!holds(&kept[at..at + 60], CANARY.as_bytes()), "{name:?} says it still");
    }
    assert!(!holds(&kept, CANARY.as_bytes()));
    for stays in [b"pict", b"hvcC", b"ispe", b"irot", b"nclx", b"auxC", b"thmb", b"mif1", b"heic"] {
        assert_eq!(place(&kept, stays), place(&sent, stays), "{stays:?}");
    }
    for goes in [b"dinf", b"prof", b"udes", b"crtt", b"uuid"] {
        assert!(!holds(&kept, goes), "{goes:?}");
    }
}

#[test]
fn of_its_pictures_those_stay_that_are_shown() {
    for (references, preview, clearness) in [
        (vec![], true, true),
        (vec![(*b"thmb", 4, 1)], false, true),
        (vec![(*b"thmb", 4, 1), (*b"auxl", 5, 4)], false, false),
        (vec![(*b"thmb", 4, 1), (*b"auxl", 5, 1)], false, true),
        (vec![(*b"thmb", 4, 1), (*b"dimg", 4, 5)], false, false),
        (vec![(*b"thmb", 4, 1), (*b"dimg", 4, 5), (*b"dimg", 1, 5)], false, true),
        (vec![(*b"cdsc", 4, 1), (*b"cdsc", 5, 1)], false, false),
        (vec![(*b"auxl", 4, 1), (*b"auxl", 5, 4)], true, true),
        (vec![(*b"dimg", 1, 4), (*b"auxl", 5, 4)], true, true),
        (vec![(*b"dimg", 4, 1)], true, true),
        // In a circle that nothing leads to.
        (vec![(*b"dimg", 4, 5), (*b"dimg", 5, 4)], false, false),
    ] {
        let kept = with(|heic| heic.references.clone_from(&references)).unwrap();
        let stay = PREVIEWS.map(|preview| holds(&kept, preview));
        assert_eq!((holds(&kept, PICTURE), stay), (true, [preview, clearness]), "{references:?}");
        // What is no picture any more is not called one.
        let pictures = kept.windows(4).filter(|window| *window == b"hvc1").count();
        assert_eq!(pictures, 1 + usize::from(preview) + usize::from(clearness), "{references:?}");
    }
    for wrong in [
        // The picture itself is called a preview, or a word about another.
        vec![(*b"thmb", 1, 4)],
        vec![(*b"cdsc", 1, 4)],
        // It is put together from a preview, from Exif data, from what is not there.
        vec![(*b"dimg", 1, 4), (*b"thmb", 4, 1)],
        vec![(*b"dimg", 1, 2)],
        vec![(*b"dimg", 1, 9)],
    ] {
        assert_eq!(with(|heic| heic.references.clone_from(&wrong)), Err(Fault::Damaged), "{wrong:?}");
    }
}

#[test]
fn what_must_be_understood_is_not_lost() {
    let damaged = Err(Fault::Damaged);
    for (properties, expected) in [
        (vec![(1, vec![0x81, 0x82, 0x83, 0x84, 0x85, 6, 7, 8, 9])], Ok(())),
        (vec![(1, vec![0x81, 2, 0x86])], damaged),
        (vec![(1, vec![0x81, 2, 0x87])], damaged),
        (vec![(1, vec![0x81, 2, 0x89])], damaged),
        // Of a preview, of what is not there; none at all; more than there are.
        (vec![(1, vec![0x81, 2]), (4, vec![0x81, 0x87])], Ok(())),
        (vec![(1, vec![0x81, 2]), (9, vec![0x87])], Ok(())),
        (vec![(1, vec![0x81, 2, 0])], Ok(())),
        (vec![(1, vec![0x81, 2, 10])], damaged),
    ] {
        let kept = with(|heic| heic.properties.clone_from(&properties));
        assert_eq!(kept.map(drop), expected, "{properties:?}");
    }
}

#[test]
fn its_lists_are_short_and_there_once() {
    let brands = |brands: Vec<u8>| with(|heic| heic.brands = brands);
    assert!(holds(&brands(b"miafMiHB".to_vec()).unwrap(), b"miafMiHB"));
    assert_eq!(brands(b"mif1".repeat(32)), Err(Fault::Damaged));
    assert_eq!(brands(b"mif".to_vec()), Err(Fault::Damaged));
    for kind in [b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat"] {
        let more = boxed(kind, CANARY.as_bytes());
        assert_eq!(with(|heic| heic.more = more), Err(Fault::Damaged), "{kind:?}");
    }
    for kind in [b"grpl", b"dinf", b"free", b"abcd"] {
        let more = boxed(kind, CANARY.as_bytes());
        assert!(!holds(&with(|heic| heic.more = more).unwrap(), CANARY.as_bytes()), "{kind:?}");
    }
    let mut sound = heic();
    let at = place(&sound, b"pict");
    sound[at..at + 4].copy_from_slice(b"soun");
    assert_eq!(fault(&sound), Some(Fault::Damaged));
}
