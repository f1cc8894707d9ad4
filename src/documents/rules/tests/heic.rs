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
    let words = [b"ftyp".as_slice(), b"hdlr", b"url ", b"infe", b"auxC", b"prof", b"udes", b"uuid", b"idat"];
    for wanted in words.into_iter().chain([preview, clearness]) {
        let at = place(&sent, wanted);
        let name = String::from_utf8_lossy(wanted);
        assert!(holds(&sent[at..at + 64], CANARY.as_bytes()), "{name:?} says nothing here");
        assert!(!holds(&kept[at..at + 64], CANARY.as_bytes()), "{name:?} says it still");
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
        // It is a part of itself.
        vec![(*b"dimg", 1, 1)],
        vec![(*b"dimg", 1, 4), (*b"dimg", 4, 5), (*b"dimg", 5, 1)],
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
        // The picture has no coder, or nothing at all.
        (vec![(1, vec![2, 3]), (4, vec![0x81, 2])], damaged),
        (vec![(4, vec![0x81, 2])], damaged),
        (vec![], damaged),
    ] {
        let kept = with(|heic| heic.properties.clone_from(&properties));
        assert_eq!(kept.map(drop), expected, "{properties:?}");
    }
}

/// One whose fourth item is of this kind, has these data and these properties; the fifth is about it.
fn with_fourth(kind: &[u8; 4], data: &[u8], properties: &[u8]) -> Result<Vec<u8>, Fault> {
    let references = vec![(*b"dimg", 4, 1), (*b"cdsc", 5, 4)];
    let properties = vec![(1, vec![0x81, 2]), (4, properties.to_vec())];
    let mut sent = Heic { references, properties, ..Heic::default() }.build();
    let letters = place(&sent, b"\0\x04\0\0hvc1") + 4;
    sent[letters..letters + 4].copy_from_slice(kind);
    let at = place(&sent, PREVIEWS[0]);
    sent[at..at + data.len()].copy_from_slice(data);
    let list = place(&sent, b"iloc");
    let size = list + place(&sent[list..], &[0, 4, 0, 0, 0, 0, 0, 1]) + 12;
    sent[size..size + 4].copy_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
    clean(&sent).map(|kept| kept.content)
}

#[test]
fn what_puts_pictures_together_says_nothing_else() {
    let grid = [0, 0, 0, 0, 0, 64, 0, 64];
    let wide = [0, 1, 0, 0, 0, 0, 0, 64, 0, 0, 0, 64];
    for data in [grid.as_slice(), &wide] {
        assert!(holds(&with_fourth(b"grid", data, &[2]).unwrap(), data), "{data:?}");
        let more = [data, CANARY.as_bytes()].concat();
        assert_eq!(with_fourth(b"grid", &more, &[2]), Err(Fault::Damaged), "{data:?}");
        assert_eq!(with_fourth(b"grid", data, &[0x81]), Err(Fault::Damaged), "without a size: {data:?}");
        assert_eq!(with_fourth(b"iden", data, &[2]), Err(Fault::Damaged), "{data:?}");
    }
    assert_eq!(with_fourth(b"grid", &wide[..8], &[2]), Err(Fault::Damaged));
    // What is no picture needs no coder, and says nothing.
    for kind in [b"tmap", b"iovl", b"jpeg", b"av01"] {
        assert!(!holds(&with_fourth(kind, CANARY.as_bytes(), &[]).unwrap(), CANARY.as_bytes()), "{kind:?}");
    }
    assert!(holds(&with_fourth(b"hvc1", CANARY.as_bytes(), &[0x81]).unwrap(), CANARY.as_bytes()));
}

#[test]
fn what_is_hidden_stays_only_where_a_picture_leads_to_it() {
    let hidden = |references: &[([u8; 4], u8, u8)], id: u8| {
        let mut sent = Heic { references: references.to_vec(), ..Heic::default() }.build();
        let entry = place(&sent, &[b"infe\x02\0\0\0\0".as_slice(), &[id]].concat());
        sent[entry + 7] = 1;
        clean(&sent).map(|kept| PREVIEWS.map(|preview| holds(&kept.content, preview)))
    };
    for (references, expected) in [
        (vec![], [false, true]),
        (vec![(*b"auxl", 5, 4)], [false, false]),
        (vec![(*b"auxl", 4, 1)], [true, true]),
        (vec![(*b"dimg", 1, 4)], [true, true]),
        (vec![(*b"dimg", 5, 4)], [true, true]),
    ] {
        assert_eq!(hidden(&references, 4), Ok(expected), "{references:?}");
    }
    assert_eq!(hidden(&[], 1), Err(Fault::Damaged));
}

#[test]
fn what_a_picture_is_for_goes_with_its_words() {
    let kept = with(|heic| heic.word = CANARY.repeat(10)).unwrap();
    assert!(!holds(&kept, b"auxC") && !holds(&kept, CANARY.as_bytes()));
    let mut sent = heic();
    let at = place(&sent, b"urn:mpeg:");
    sent[at..at + 9].copy_from_slice(b"urn:Anic:");
    let kept = clean(&sent).unwrap().content;
    assert!(!holds(&kept, b"auxC") && !holds(&kept, b"Anic"));
}

#[test]
fn its_lists_are_as_long_as_they_say() {
    let sent = heic();
    let at = place(&sent, b"iinf") + 9;
    for count in [0, 4, 6] {
        let mut sent = sent.clone();
        sent[at] = count;
        assert_eq!(fault(&sent), Some(Fault::Damaged), "{count}");
    }
    // The fifth item lies where the fourth does, too.
    let mut twice = sent;
    let list = place(&twice, b"iloc");
    let fifth = list + place(&twice[list..], &[0, 5, 0, 0, 0, 0, 0, 1]) + 1;
    twice[fifth] = 4;
    assert_eq!(fault(&twice), Some(Fault::Damaged));
    // A coder that is not set up: what its box loses is a box that counts as a property.
    for (size, expected) in [(31, None), (23, Some(Fault::Damaged))] {
        let mut sent = Heic { properties: vec![(1, vec![0x81, 3])], ..Heic::default() }.build();
        let coder = place(&sent, b"hvcC") - 4;
        if size < 31 {
            sent[coder + 3] = size;
            sent[coder + 23..coder + 31].copy_from_slice(&boxed(b"free", b""));
        }
        assert_eq!(fault(&sent), expected, "{size}");
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
