//! What a picture keeps is by its own format, and there once: no text rides along in tables and numbers.

use super::papers::{CANARY, chunk, holds, jpeg_with, png_of, segment, zlib};
use super::*;

const DHT: u8 = 0xC4;

/// A table of Huffman with these values, all of them eight bits long.
fn table(slot: u8, values: &[u8]) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[7] = u8::try_from(values.len()).unwrap();
    [&[slot], counts.as_slice(), values].concat()
}

#[test]
fn a_jpeg_has_tables_and_not_texts() {
    let with = |segments: &[u8]| fault(&jpeg_with(segments));
    let text = CANARY.as_bytes();
    let steps = |head: u8, step: u8| [&[head], [step; 64].as_slice()].concat();
    for (right, what) in [
        (segment(DHT, &table(0x10, b"abc")), "one"),
        (segment(DHT, &[table(0x10, b"abc"), table(0x13, b"abc"), table(1, &[1])].concat()), "three in one segment"),
        (segment(0xDD, &[0, 8]), "an interval"),
        (segment(0xDB, &steps(1, 9)), "another quantisation"),
        (segment(0xDB, &[&[0x11], [9; 128].as_slice()].concat()), "one of 16 bits"),
    ] {
        assert_eq!(with(&right), None, "{what}");
    }
    for (wrong, what) in [
        (segment(DHT, text), "text"),
        (segment(DHT, b""), "nothing"),
        (segment(DHT, &table(0x10, text)), "a sign twice"),
        (segment(DHT, &table(0, b"abc")), "more bits than there are"),
        (segment(DHT, &table(0x20, &[1])), "a third class"),
        (segment(DHT, &table(0x14, &[1])), "a fifth place"),
        (segment(DHT, &[table(0x10, b"abc"), b"more".to_vec()].concat()), "something behind"),
        (segment(DHT, &[&[0x10, 3], [0; 15].as_slice(), b"abc"].concat()), "three codes of one bit"),
        (segment(DHT, &table(0x10, b"abc")).repeat(2), "one place twice"),
        (segment(DHT, &table(0x10, b"abc")).repeat(1000), "again and again"),
        (segment(0xDD, &text[..7]), "an interval of seven bytes"),
        (segment(0xDD, &[0, 8]).repeat(2), "two intervals"),
        (segment(0xDB, text), "text"),
        (segment(0xDB, &steps(1, 0)), "steps of nothing"),
        (segment(0xDB, &steps(4, 1)), "a fifth place"),
        (segment(0xDB, &steps(1, 9)).repeat(2), "one place twice"),
    ] {
        assert_eq!(with(&wrong), Some(Fault::Damaged), "{what}");
    }
    let kept = |segments: &[u8]| clean(&jpeg_with(segments)).unwrap().content;
    assert!(!holds(&kept(&segment(0xEE, b"AdobeAna Anic")), b"Ana"));
    assert!(!holds(&kept(&segment(0xEE, b"Adobe\0\x64Anic\x01")), b"Anic"), "flags say nothing");
    assert!(!holds(&kept(&segment(0xE0, b"JFIF\0Ana Anic")), b"Ana"));
}

/// Which chunks with these names and bytes stay in a picture.
#[track_caller]
fn kept(depth: u8, colour: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<String> {
    let rows = match colour {
        2 => 3 * usize::from(depth / 8) * 4 + 1,
        _ => (usize::from(depth) * 4).div_ceil(8) + 1,
    };
    let written: Vec<Vec<u8>> = chunks.iter().map(|(kind, data)| chunk(kind, data)).collect();
    let content = clean(&png_of(4, 4, [depth, colour, 0], &written, 4 * rows)).unwrap().content;
    let stays = |(kind, data): &&(&[u8; 4], &[u8])| holds(&content, &chunk(kind, data));
    chunks.iter().filter(stays).map(|(kind, _)| String::from_utf8_lossy(*kind).into_owned()).collect()
}

#[test]
fn a_png_keeps_what_is_right() {
    let white = [31_270_u32, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000].map(u32::to_be_bytes).concat();
    let dots = [0, 0, 46, 35, 0, 0, 46, 35, 1];
    let all = [b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"tRNS", b"bKGD"];
    let of = |least: &'static [u8], colour: &'static [u8]| {
        [&[0, 0, 177, 143], white.as_slice(), &[0], least, &dots, colour, colour]
    };
    for (kind, least, colour) in [(0, &[8][..], &[0, 255][..]), (2, &[8, 8, 8], &[0, 1, 0, 2, 0, 3])] {
        let chunks: Vec<_> = all.into_iter().zip(of(least, colour)).collect();
        assert_eq!(kept(8, kind, &chunks).len(), 7, "{kind}");
    }
    let palette: [(&[u8; 4], &[u8]); 3] = [(b"PLTE", &[1, 2, 3, 4, 5, 6]), (b"tRNS", &[0, 9]), (b"bKGD", &[1])];
    assert_eq!(kept(4, 3, &palette), ["PLTE", "tRNS", "bKGD"]);
}

#[test]
fn a_png_loses_what_is_not() {
    let text = CANARY.as_bytes();
    for (colour, kind, data) in [
        (0, b"tRNS", text),
        (0, b"tRNS", b"no"),
        (0, b"tRNS", &[0, 1, 0]),
        (2, b"tRNS", &[0, 1]),
        (0, b"cHRM", b"this is a text of 32 bytes: yes."),
        (0, b"cHRM", &[0; 31]),
        (0, b"gAMA", b"text"),
        (0, b"gAMA", &[0; 4]),
        (0, b"sRGB", b"t"),
        (0, b"sBIT", b"t"),
        (0, b"sBIT", &[8, 8, 8]),
        (0, b"pHYs", b"text here"),
        (0, b"pHYs", &[0, 0, 46, 35, 0, 0, 46, 35, 2]),
        (0, b"bKGD", b"no"),
        (2, b"PLTE", b"a proposal of colours"),
    ] {
        assert!(kept(8, colour, &[(kind, data)]).is_empty(), "{colour} {kind:?} {data:?}");
    }
    // The first stays, the others do not.
    let many: Vec<Vec<u8>> = (0..200).map(|value| chunk(b"tRNS", &[0, value])).collect();
    let content = clean(&png_of(4, 4, [8, 0, 0], &many, 20)).unwrap().content;
    assert_eq!(content.windows(4).filter(|window| window == b"tRNS").count(), 1);
    for (head, chunks) in [
        ([8, 3, 0], vec![]),
        ([1, 3, 0], vec![chunk(b"PLTE", b"three colours")]),
        ([1, 3, 0], vec![chunk(b"PLTE", &[0; 9])]),
        ([8, 3, 0], vec![chunk(b"PLTE", &[0; 3]), chunk(b"PLTE", &[0; 3])]),
    ] {
        assert_eq!(fault(&png_of(4, 4, head, &chunks, 20)), Some(Fault::Damaged), "{head:?}");
    }
}

/// A PNG with these rows, each with the byte that says how it is kept.
fn rows(size: (u32, u32), head: [u8; 3], palette: usize, rows: &[&[u8]]) -> Vec<u8> {
    let before = if palette == 0 { Vec::new() } else { vec![chunk(b"PLTE", &vec![7; 3 * palette])] };
    let empty = png_of(size.0, size.1, head, &before, 0);
    let at = empty.windows(4).position(|window| window == b"IDAT").unwrap() - 4;
    let data = zlib(&rows.concat());
    let (one, other) = data.split_at(data.len() / 2);
    [&empty[..at], &chunk(b"IDAT", one), &chunk(b"IDAT", other), &chunk(b"IEND", b"")].concat()
}

#[test]
fn a_png_has_rows_that_are_kept_in_some_way() {
    for way in 0..=255 {
        let expected = (way > 4).then_some(Fault::Damaged);
        for (size, head, picture) in [
            ((2, 2), [8, 0, 0], vec![0, 9, 9, way, 9, 9]),
            ((1, 1), [8, 2, 0], vec![way, 9, 9, 9]),
            // In four passes.
            ((5, 1), [8, 0, 1], vec![0, 9, way, 9, 0, 9, 0, 9, 9]),
        ] {
            assert_eq!(fault(&rows(size, head, 0, &[&picture])), expected, "{head:?} {way}");
        }
    }
}

#[test]
fn a_png_asks_for_colours_that_it_has() {
    let with = |size, head, palette, picture: &[&[u8]]| fault(&rows(size, head, palette, picture));
    let damaged = Some(Fault::Damaged);
    // Each way, so that the last dot is the third colour, or the fourth.
    for (way, last) in [(0, [1, 2]), (1, [1, 1]), (2, [0, 2]), (3, [1, 2]), (4, [0, 2])] {
        let picture: [&[u8]; 2] = [&[0, 1, 0], &[&[way][..], &last].concat()];
        assert_eq!(with((2, 2), [8, 3, 0], 3, &picture), None, "{way}");
        assert_eq!(with((2, 2), [8, 3, 0], 2, &picture), damaged, "{way}");
    }
    for (depth, right, wrong) in [(1, 0b0001_1111, 0b0010_0000), (2, 0b0101_0011, 0b0110_0000), (4, 0x11, 0x12)] {
        let (colours, width) = if depth == 1 { (1, 3) } else { (2, if depth == 2 { 3 } else { 2 }) };
        assert_eq!(with((width, 1), [depth, 3, 0], colours, &[&[0, right]]), None, "{depth}: bits behind the last dot");
        assert_eq!(with((width, 1), [depth, 3, 0], colours, &[&[0, wrong]]), damaged, "{depth}");
    }
    assert_eq!(with((2, 1), [8, 3, 0], 256, &[&[0, 254, 255]]), None);
    assert_eq!(with((2, 1), [8, 3, 0], 255, &[&[0, 254, 255]]), damaged);
    // In passes each begins anew: the row above is that of its own pass.
    assert_eq!(with((2, 1), [8, 3, 1], 2, &[&[2, 1], &[2, 1]]), None);
    assert_eq!(with((2, 1), [8, 3, 1], 2, &[&[2, 1], &[2, 2]]), damaged);
}
