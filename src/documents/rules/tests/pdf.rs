//! PDFs as programs write them pass; whatever hides in one, by another spelling or another way of packing, is found or refused.

use super::papers::{jpeg, packed, pdf_with, stream, zip, zlib};
use super::*;

/// Signs of five for bytes of four, for old mail.
fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let mut signs = Vec::new();
    for group in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(four);
        let five = [4, 3, 2, 1, 0].map(|power| u8::try_from(number / 85_u32.pow(power) % 85).unwrap() + b'!');
        signs.extend_from_slice(&five[..=group.len()]);
    }
    [signs, b"~>".to_vec()].concat()
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    [data_encoding::HEXLOWER.encode(bytes).as_bytes(), b" >"].concat()
}

/// Rows as differences to the row above (“predictor 12”).
fn differences(bytes: &[u8], columns: usize) -> Vec<u8> {
    let mut above = vec![0; columns];
    let mut packed = Vec::new();
    for row in bytes.chunks(columns) {
        packed.push(2);
        packed.extend(row.iter().zip(&above).map(|(byte, above)| byte.wrapping_sub(*above)));
        above[..row.len()].copy_from_slice(row);
    }
    packed
}

const PAGE: &[u8] = b"BT /F1 12 Tf 72 720 Td (Izvod za mesec maj) Tj ET /Im1 Do";
const JAVASCRIPT: &[u8] = b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>";

/// What comes out of scanners, telephones and offices.
pub fn written_by_programs() -> Vec<Vec<u8>> {
    let page = zlib(PAGE);
    let rows = differences(&[1, 0, 15, 0, 1, 0, 102, 0], 4);
    let table =
        "/Type /XRef /Size 5 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /DecodeParms << /Columns 4 /Predictor 12 >>";
    let scan = "/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    let dots = "/Subtype /Image /Width 40 /Height 50 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let link = "5 0 obj\n<< /Type /Annot /Subtype /Link /Rect [1 1 2 2] /Border [0 0 0]\n/A << /Type /Action /S /URI /URI \
        (https://bank.example.org/uslovi) >> /StructParent 1 >>\nendobj\n";
    let signed = "6 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 840 960 240]\
        /Contents <30820a0b0c>/M(D:20260501120000+02'00')>>\nendobj\n";
    [
        stream("/Filter /FlateDecode", &page),
        stream("/Filter [ /ASCII85Decode /FlateDecode ]", &ascii85(&page)),
        stream("/Filter [/ASCIIHexDecode]", &hexadecimal(PAGE)),
        stream("/Filter /FlateDecode /DecodeParms null", &page),
        [packed(b"5 0 << /Type /Font /Subtype /TrueType >>"), stream(table, &zlib(&rows))].concat(),
        stream(&format!("{scan} /Filter /DCTDecode"), &jpeg(1240, 1754)),
        stream(&format!("{scan} /Filter [/FlateDecode /DCTDecode] /DecodeParms [null null]"), &zlib(&jpeg(1240, 1754))),
        stream(&format!("{dots} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 40 >>"), &zlib(&[0; 2050])),
        stream(&format!("{dots} /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 40 >>"), b"\x00\x10\x01"),
        stream("/Subtype /Image /Filter /JPXDecode", b"....\xff\x4f\xff\x51\0\x29\0\0\0\0\x04\xd8\0\0\x06\xda\0\0\0\0"),
        stream("/Type /Metadata /Subtype /XML", b"<?xpacket begin=''?><x:xmpmeta/> a stream\nof objects"),
        b"4 0 obj\n<</Filter/FlateDecode/Length 0>>stream\nendstream\nendobj\n".to_vec(),
        b"4 0 obj % nothing\n<< /A [ 1 0 R (a \\) b (c)) <0a> -1.5 true ] >>\nendobj\n".to_vec(),
        link.as_bytes().to_vec(),
        signed.as_bytes().to_vec(),
    ]
    .map(|content| pdf_with(&content))
    .to_vec()
}

#[test]
fn what_programs_write_is_taken_as_it_is() {
    for sent in written_by_programs() {
        assert_eq!(clean(&sent).map(|kept| kept.content == sent), Ok(true), "{}", sent.escape_ascii());
    }
}

#[test]
fn a_program_is_found_however_it_is_packed() {
    let hidden = zlib(JAVASCRIPT);
    let objects = "/Type /ObjStm /N 1 /First 4";
    for (keys, data) in [
        ("/Type /Obj#53tm /N 1 /First 4 /Filter /FlateDecode", hidden.clone()),
        ("/N 1 /First 4 /Filter /FlateDecode", hidden.clone()),
        ("/Type /ObjStm /N 1 /First 4 /Filter /Fl#61teDecode", hidden.clone()),
        ("/Type /ObjStm /N 1 /First 4 /Fil#74er [/Fl]", hidden.clone()),
        ("/Type /ObjStm /N 1 /First 4 /Filter % here\n[ % there\n/Fl ]", hidden.clone()),
        ("/Filter [/ASCII85Decode /FlateDecode] /N 1", ascii85(&hidden)),
        ("/Filter [/FlateDecode /AHx] /N 1", zlib(&hexadecimal(JAVASCRIPT))),
        ("/Filter [/Fl /Fl]", zlib(&hidden)),
        ("/Filter /Fl /DecodeParms << /Predictor 12 /Columns 7 >>", zlib(&differences(JAVASCRIPT, 7))),
        (
            "/Filter [/A85 /Fl] /DecodeParms [null << /Predictor 12 /Columns 7 >>]",
            ascii85(&zlib(&differences(JAVASCRIPT, 7))),
        ),
        ("/Subtype /Image /Width 1 /Height 1 /N 1 /Filter /FlateDecode", hidden.clone()),
        ("/X (5 0 obj << % ) /Filter /FlateDecode\n", hidden.clone()),
        ("/X (endobj 5 0 obj) /Filter /FlateDecode", hidden.clone()),
    ] {
        let found = fault(&pdf_with(&stream(keys, &data)));
        assert!(matches!(found, Some(Fault::HoldsProgram | Fault::Damaged)), "{keys}: {found:?}");
        // A reader may come by a table to an object that lies in a comment, in a text, in another stream.
        let within = [b"9 0 obj\n<< >>\nstream\n".as_slice(), &stream(keys, &data)].concat();
        assert_eq!(fault(&pdf_with(&within)), found, "{keys}");
    }
    let spellings = ["/Obj#53tm", "/ObjStm"].map(|kind| format!("/Type {kind} /N 1 /First 4 /Filter /FlateDecode"));
    for keys in spellings {
        assert_eq!(fault(&pdf_with(&stream(&keys, &hidden))), Some(Fault::HoldsProgram), "{keys}");
        for line in ["\r\n", "\r", "  \n"] {
            let other = [format!("4 0 obj<<{keys}>>%x\nstream{line}").as_bytes(), &hidden].concat();
            assert_eq!(fault(&pdf_with(&other)), Some(Fault::HoldsProgram), "{line:?}");
        }
    }
    assert_eq!(fault(&pdf_with(&stream(objects, JAVASCRIPT))), Some(Fault::HoldsProgram), "not packed at all");
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let data = zlib(PAGE);
    for keys in [
        "/Filter 5 0 R",
        "/Filter [5 0 R]",
        "/Filter [[/FlateDecode]]",
        "/Filter /Unknown",
        "/Filter /LZWDecode",
        "/Filter /DCTDecode",
        "/Filter [/FlateDecode /DCTDecode]",
        "/Filter [/Fl /Fl /Fl]",
        "/Filter /FlateDecode /Filter /ASCIIHexDecode",
        "/Filter /FlateDecode /Fil#74er /ASCIIHexDecode",
        "/Filter /FlateDecode /DecodeParms 5 0 R",
        "/Filter /FlateDecode /DecodeParms << /Predictor 2 >>",
        "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 5 0 R >>",
        "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>",
        "/Filter /FlateDecode ) ",
        "/Filter /FlateDecode /X",
        "/Filter /FlateDecode /X <4x>",
        "/Subtype /Image /Filter /FlateDecode",
        "/Subtype /Image /Width 5 0 R /Height 1 /Filter /FlateDecode",
        "/Subtype /Image /Width 1 /Height 1 /Filter /DCTDecode",
        "/Subtype /Image /Width 1 /Height 1 /Filter /Unknown",
        "/Subtype /Image /Width 1 /Height 1 /First 4 /Filter /DCTDecode",
    ] {
        assert_eq!(fault(&pdf_with(&stream(keys, &data))), Some(Fault::Damaged), "{keys}");
    }
    for broken in [b"x\x9c".as_slice(), b"\x78\x9c\x03", b"\x1b\x9c\x03\0", b"plain", &data[..data.len() - 12]] {
        assert_eq!(fault(&pdf_with(&stream("/Filter /FlateDecode", broken))), Some(Fault::Damaged));
    }
    let deep = format!("4 0 obj << /A {}{} >> endobj\n", "[".repeat(100_000), "]".repeat(100_000));
    for other in
        [deep.as_bytes(), b"4 0 obj << >> junk stream\n", b"4 0 obj << >> streams", b"4 0 obj << /A (b >> endobj\n"]
    {
        assert_eq!(fault(&pdf_with(other)), Some(Fault::Damaged));
    }
    assert_eq!(fault(&pdf_with(&stream("/Filter /Crypt", &data))), Some(Fault::Encrypted));
}

#[test]
fn what_starts_without_a_click_or_fetches_is_refused() {
    for (content, expected) in [
        ("<< /Type /Page /AA<</O<</S/URI/URI(http://example.org)>>>> >>", Some(Fault::HoldsProgram)),
        ("<< /A#41 % x\n 7 0 R >>", Some(Fault::HoldsProgram)),
        ("<< /AA << /O << /S /GoToR /F (\\\\\\\\evil\\\\share) >> >> >>", Some(Fault::HoldsProgram)),
        ("<< /A << /S /GoToR /F (other.pdf) >> >>", Some(Fault::HoldsProgram)),
        ("<< /Subtype /FileAttachment /FS 7 0 R >>", Some(Fault::HoldsFiles)),
        ("<< /AF [7 0 R] >>", Some(Fault::HoldsFiles)),
        ("<< /EF << /F 8 0 R >> >>", Some(Fault::HoldsFiles)),
        ("<< /EF 8 0 R >>", Some(Fault::HoldsFiles)),
        ("<< /Type /Filespec /F (x) >>", Some(Fault::HoldsFiles)),
        ("<< /Ref << /F (\\\\\\\\evil\\\\share) /Page 0 >> >>", Some(Fault::HoldsFiles)),
        ("4 0 obj << /Length 1 /F (other.bin) >>\nstream\nx", Some(Fault::HoldsFiles)),
        ("<< /Subtype /Movie /Movie << /F (x) >> >>", Some(Fault::Moving)),
        ("<< /Subtype /Sound /Sound 7 0 R >>", Some(Fault::Moving)),
        ("<< /Subtype /3D /3DD 7 0 R >>", Some(Fault::Moving)),
        ("<< /A << /S /URI /URI (https://example.org) >> >>", None),
        ("<< /A << /S /GoTo /D [3 0 R /Fit] >> >>", None),
        ("/AA by chance, /EF and /AF (too) /Ref 12", None),
    ] {
        assert_eq!(fault(&pdf_with(content.as_bytes())), expected, "{content}");
        if !content.contains("stream") {
            assert_eq!(fault(&pdf_with(&packed(content.as_bytes()))), expected, "packed: {content}");
        }
    }
    let far = [b"<< /AA ".as_slice(), &[b' '; 5000], b"<< >> >>"].concat();
    assert_eq!(fault(&pdf_with(&far)), Some(Fault::HoldsProgram));
}

#[test]
fn links_lead_to_pages_letters_and_telephones() {
    let target = |text: &str| {
        let content = format!("5 0 obj\n<< /Subtype /Link /A << /S /URI /URI {text} >> >>\nendobj\n");
        let found = fault(&pdf_with(content.as_bytes()));
        assert_eq!(fault(&pdf_with(&packed(content.as_bytes()))), found, "packed: {text}");
        found
    };
    let long = format!("(https://example.org/{})", "a".repeat(5000));
    for harmless in [
        "(http://example.org)",
        "( HTTPS://example.org/a\\)b)",
        "(mailto:ana@example.org)",
        "(tel:+381112345678)",
        "% here\n(\\150t\\164\\\np:x)",
        "<68 74 74 50 3a 2F 2f 6>",
        "<< /Base (x) >>",
        &long,
    ] {
        assert_eq!(target(harmless), None, "{harmless}");
    }
    let far = format!("(ht{}tp:x)", "\\\n".repeat(200));
    for wrong in [
        "(javascript:alert\\(1\\))",
        "(\\152avascript:x)",
        "(file:///c:/windows/cmd.exe)",
        "(http)",
        "(htt)p:",
        "((http:x))",
        "(ms-word:http://example.org)",
        "(www.example.org)",
        "(\\\\\\\\evil\\\\share)",
        "()",
        "<6a617661736372697074 3a>",
        "<>",
        "<687474703>",
        "9 0 R",
        "[9 0 R]",
        &far,
    ] {
        assert_eq!(target(wrong), Some(Fault::HoldsProgram), "{wrong}");
    }
    for spelled in ["/A<</S/URI/URI(javascript:alert(1))>>", "/A<</U#52I(javascript:x)/S/URI>>", "/A<</URI\0(data:x)>>"]
    {
        assert_eq!(fault(&pdf_with(format!("<< {spelled} >>").as_bytes())), Some(Fault::HoldsProgram), "{spelled}");
    }
}

#[test]
fn what_plays_is_refused_by_its_kind() {
    let far = |count: usize| format!("%{}\n", "x".repeat(count));
    for (content, expected) in [
        ("<</Type/Annot/Subtype/3D>>".to_owned(), Some(Fault::Moving)),
        ("<</Type/Annot/Subtype/Screen>>".to_owned(), Some(Fault::Moving)),
        ("<< /Sub#74ype /Scr#65en >>".to_owned(), Some(Fault::Moving)),
        ("<</Subtype/Movie>>".to_owned(), Some(Fault::Moving)),
        ("<</Subtype/Sound>>".to_owned(), Some(Fault::Moving)),
        ("<</Subtype/RichMedia>>".to_owned(), Some(Fault::HoldsFiles)),
        ("<< /Subtype 9 0 R >>".to_owned(), Some(Fault::Damaged)),
        (format!("<< /Subtype {}/Screen >>", far(250)), Some(Fault::Moving)),
        (format!("<< /Subtype {}/Screen >>", far(500)), Some(Fault::Damaged)),
        ("<< /BM /Screen >> /3D by chance".to_owned(), None),
        ("<< /Subtype /Screens >>".to_owned(), None),
    ] {
        assert_eq!(fault(&pdf_with(content.as_bytes())), expected, "{content}");
        assert_eq!(fault(&pdf_with(&packed(content.as_bytes()))), expected, "packed: {content}");
    }
}

#[test]
fn two_documents_are_not_one() {
    let (one, other) = (papers::pdf(), pdf_with(b"4 0 obj\n<< /Author (Ana) >>\nendobj\n"));
    let polyglot = Some(Fault::Polyglot);
    assert_eq!(fault(&[one.clone(), other.clone()].concat()), polyglot);
    assert_eq!(fault(&[one.clone(), one.clone()].concat()), polyglot);
    assert_eq!(fault(&[&one, b"junk ".as_slice(), &other].concat()), polyglot);
    // Changed again, and that twice: no other header.
    let change = &other[15..];
    assert_eq!(fault(&[&one, change, change].concat()), None);
    let inner = [b"a text about ".as_slice(), &other].concat();
    for keys in ["", "/Type /Metadata"] {
        assert_eq!(fault(&pdf_with(&stream(keys, &inner))), None, "{keys}");
        assert_eq!(fault(&pdf_with(&stream(keys, &inner).repeat(2))), None, "{keys}");
    }
    let hidden = [b"% 4 0 obj << >> stream\r".as_slice(), &inner, b"endstream\n"].concat();
    assert_eq!(fault(&pdf_with(&hidden)), polyglot, "an object in a comment");
    let ended = [b"x endstream ".as_slice(), &other].concat();
    assert_eq!(fault(&pdf_with(&stream("", &ended))), None, "its length says where it ends");
    let shorter = [b"4 0 obj << /Length 1 >>\nstream\nx endstream endobj\n".as_slice(), &other].concat();
    assert_eq!(fault(&pdf_with(&shorter)), polyglot);
    assert_eq!(fault(&pdf_with(b"4 0 obj << /Length 9 0 R >> stream\n x %PDF-1.4 endstream endobj\n")), None);
    assert_eq!(fault(&pdf_with(b"4 0 obj << >> stream\n %PDF-1.4\n")), polyglot, "a stream without an end");
    assert_eq!(fault(&pdf_with(b"% %PDF-1.4\n")), polyglot);
    assert_eq!(fault(&pdf_with(b"% what %PDF- means\n")), None);
}

#[test]
fn no_page_is_below_itself() {
    for (pages, expected) in [
        ("5 0 obj << /Type /Pages /Kids [ 5 0 R ] /Count 1 >>", Some(Fault::Damaged)),
        ("5 0 obj << /Type /Pages /Kids [3 0 R % and\n 5 0 R] /Count 2 >>", Some(Fault::Damaged)),
        (">>5\n0\nobj<</K#69ds[5 0 R]>>", Some(Fault::Damaged)),
        ("6 0 obj << /Type /Pages /Parent 5 0 R /Kids [5 0 R] >>", Some(Fault::Damaged)),
        ("6 0 obj << /Kids [7 0 R] /Kids [8 0 R] >>", Some(Fault::Damaged)),
        ("5 0 obj << /Type /Pages /Kids [6 0 R 15 0 R 55 0 R] /Parent 2 0 R >>", None),
        ("15 0 obj << /Kids [5 0 R] >>", None),
    ] {
        assert_eq!(fault(&pdf_with(format!("{pages}\nendobj\n").as_bytes())), expected, "{pages}");
    }
    let together =
        |objects: &[u8]| fault(&pdf_with(&stream("/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode", &zlib(objects))));
    assert_eq!(together(b"5 0 6 20 << /Kids [6 0 R] >> << /Kids [6 0 R] >>"), Some(Fault::Damaged));
    assert_eq!(together(b"5 0 6 20 << /Kids [6 0 R] >> << /Kids [7 0 R] >>"), None);
    // Very many objects in one place.
    let many = [b"5 0 ".repeat(50_000), b"<< /A (".to_vec(), vec![b'x'; 5_000], b") >>".to_vec()].concat();
    let keys = "/Type /ObjStm /N 1 /First 200000 /Filter /FlateDecode";
    assert_eq!(fault(&pdf_with(&stream(keys, &zlib(&many)))), Some(Fault::TooMuchInside));
}

#[test]
fn files_within_streams_are_found() {
    let zip = zip();
    for inner in [&zip[..], b"\x1f\x8b\x08\0\0\0\0\0", b"%PDF-1.4", b"\xfd7zXZ\0", b"Rar!\x1a\x07\x01\0"] {
        for (keys, data) in
            [("", inner.to_vec()), ("/Filter /Fl", zlib(inner)), ("/Filter [/AHx /Fl]", hexadecimal(&zlib(inner)))]
        {
            assert_eq!(fault(&pdf_with(&stream(keys, &data))), Some(Fault::HoldsFiles), "{keys}");
        }
    }
}

#[test]
fn nothing_unpacks_to_more_than_a_document_has() {
    const LARGE: usize = 33 * 1024 * 1024;
    let large = zlib(&vec![b' '; LARGE]);
    let image = "/Subtype /Image /Width 100 /Height 100";
    for (keys, data) in [
        ("/Filter /FlateDecode", large.clone()),
        ("/Filter [/FlateDecode /FlateDecode]", zlib(&large)),
        (image, Vec::new()),
        (&format!("{image} /Filter /FlateDecode"), large.clone()),
    ] {
        let expected = (!data.is_empty()).then_some(Fault::TooMuchInside);
        assert_eq!(fault(&pdf_with(&stream(keys, &data))), expected, "{keys}");
    }
    // Many streams together, and one that is read again and again.
    let some = stream("/Filter /FlateDecode", &zlib(&vec![b' '; 5_000_000]));
    assert_eq!(fault(&pdf_with(&some.repeat(6))), None);
    assert_eq!(fault(&pdf_with(&some.repeat(7))), Some(Fault::TooMuchInside));
    assert_eq!(fault(&pdf_with(&b"5 0 obj%".repeat(1_000_000))), Some(Fault::TooMuchInside));
    let small = stream("/Filter /FlateDecode", &zlib(b""));
    assert_eq!(fault(&pdf_with(&small.repeat(20_000))), None);
    assert_eq!(fault(&pdf_with(&small.repeat(20_001))), Some(Fault::TooMuchInside));
    assert_eq!(fault(&pdf_with(&b"/AA%".repeat(2_000_000))), Some(Fault::HoldsProgram));
}

#[test]
fn pictures_within_a_page_have_as_few_dots_as_others() {
    let size = |size: &str, filter: &str, data: &[u8]| {
        fault(&pdf_with(&stream(&format!("/Subtype /Image {size} /Filter /{filter}"), data)))
    };
    for wide in
        ["/Width 2000000 /Height 2000000", "/W 20001 /H 1", "/Width 20000 /Height 5001", "/Width 99999999999 /Height 1"]
    {
        assert_eq!(size(wide, "FlateDecode", &zlib(b"x")), Some(Fault::TooManyPixels), "{wide}");
    }
    assert_eq!(size("/Width 8 /Height 8", "DCTDecode", &jpeg(20_001, 8)), Some(Fault::TooManyPixels));
    let jpx = b"\xff\x4f\xff\x51\0\x29\0\0\0\x0f\0\0\0\0\x06\xda";
    assert_eq!(size("", "JPXDecode", jpx), Some(Fault::TooManyPixels));
    assert_eq!(size("/Width 8 /Height 8", "FlateDecode", &zlib(b"x")), None);
    let inline = zlib(b"q BI /W 2000000 /H 2 /BPC 8 /CS /G ID x EI Q");
    assert_eq!(fault(&pdf_with(&stream("/Filter /FlateDecode", &inline))), Some(Fault::TooManyPixels));
}
