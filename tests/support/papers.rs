//! Small whole files of every kind that is taken, made by code; each can hold a word that must not stay.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

/// What metadata say here, to be looked for.
pub const CANARY: &str = "44.8125N 20.4612E Ana Anic";

pub fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let size = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], size.as_slice(), content].concat()
}

/// Exif data with the word in it, and which way up the picture is.
pub fn exif(orientation: u16) -> Vec<u8> {
    exif_of(orientation, CANARY)
}

fn exif_of(orientation: u16, word: &str) -> Vec<u8> {
    let size = u32::try_from(word.len() + 1).unwrap().to_be_bytes();
    let [high, low] = orientation.to_be_bytes();
    let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    tiff.extend([&[0x01, 0x0E, 0, 2][..], &size, &[0, 0, 0, 38]].concat());
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(word.as_bytes());
    tiff
}

/// The head of a JPEG of this size, without its metadata.
fn jpeg_body(width: u16, height: u16) -> Vec<u8> {
    let table = segment(0xDB, &[&[0][..], &[1; 64]].concat());
    let [[high, low], [wide, narrow]] = [height, width].map(u16::to_be_bytes);
    let frame = segment(0xC0, &[8, high, low, wide, narrow, 1, 1, 0x11, 0]);
    let huffman = segment(0xC4, &[&[0, 1][..], &[0; 15], &[0]].concat());
    let scan = [segment(0xDA, &[1, 1, 0, 0, 63, 0]), vec![0xA5, 0xFF, 0x00, 0x3C, 0xFF, 0xD0, 0x11]].concat();
    [table, frame, huffman, scan].concat()
}

/// A picture with more segments before its first table.
pub fn jpeg_with(segments: &[u8]) -> Vec<u8> {
    [&[0xFF, 0xD8][..], segments, &jpeg_body(8, 8), &[0xFF, 0xD9]].concat()
}

pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let jfif = segment(0xE0, b"JFIF\0\x01\x01\0\0\x48\0\x48\0\0");
    [&[0xFF, 0xD8][..], &jfif, &jpeg_body(width, height), &[0xFF, 0xD9]].concat()
}

/// The same with every place for metadata full.
pub fn jpeg_that_tells(orientation: u16) -> Vec<u8> {
    jpeg_that_tells_of(orientation, CANARY)
}

pub fn jpeg_that_tells_of(orientation: u16, word: &str) -> Vec<u8> {
    let exif = exif_of(orientation, word);
    let word = word.as_bytes();
    let preview = segment(0xE0, &[b"JFIF\0\x01\x01\0\0\x48\0\x48\x03\x03".as_slice(), &[7; 27], word].concat());
    let exif = segment(0xE1, &[b"Exif\0\0".as_slice(), &exif].concat());
    let xmp = segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), word].concat());
    let more = [(0xE2, "MPF\0"), (0xED, "Photoshop 3.0\0"), (0xEF, ""), (0xFE, "")]
        .map(|(marker, name)| segment(marker, &[name.as_bytes(), word].concat()));
    let adobe = segment(0xEE, &[b"Adobe\0\x64\0\0\0\0\x01".as_slice(), word].concat());
    let head = [preview, exif, xmp, more.concat(), adobe].concat();
    [&[0xFF, 0xD8][..], &head, &jpeg_body(8, 8), &[0xFF, 0xD9]].concat()
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    let size = u32::try_from(data.len()).unwrap().to_be_bytes();
    [size.as_slice(), kind, data, &sum.sum().to_be_bytes()].concat()
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(data).unwrap();
    packer.finish().unwrap()
}

/// A PNG with this head, these chunks before its data, and so many bytes of rows.
pub fn png_of(
    width: u32,
    height: u32,
    [depth, colour, interlace]: [u8; 3],
    before: &[Vec<u8>],
    rows: usize,
) -> Vec<u8> {
    let head = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[depth, colour, 0, 0, interlace]].concat();
    let data = zlib(&vec![0; rows]);
    let (one, other) = data.split_at(data.len() / 2);
    let data = [chunk(b"IDAT", one), chunk(b"IDAT", other)].concat();
    let signature = b"\x89PNG\r\n\x1a\n".as_slice();
    [signature, &chunk(b"IHDR", &head), &before.concat(), &data, &chunk(b"IEND", b"")].concat()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let rows = usize::try_from(height * (width * 3 + 1)).unwrap();
    png_of(width, height, [8, 2, 0], &[], rows)
}

pub fn png_that_tells() -> Vec<u8> {
    png_that_tells_of(CANARY)
}

pub fn png_that_tells_of(word: &str) -> Vec<u8> {
    let word = word.as_bytes();
    let texts = [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt"].map(|kind| chunk(kind, word));
    let kept = [chunk(b"gAMA", &45_455_u32.to_be_bytes()), chunk(b"pHYs", &[0, 0, 11, 19, 0, 0, 11, 19, 1])];
    png_of(4, 4, [8, 2, 0], &[texts.as_slice(), &kept].concat(), 52)
}

pub fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [size.as_slice(), kind, content].concat()
}

fn full(kind: &[u8; 4], version: u8, content: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, 0], content].concat())
}

/// What of a HEIC a test changes.
#[derive(Clone)]
pub struct Heic {
    pub brand: [u8; 4],
    pub size: (u32, u32),
    /// Boxes behind everything.
    pub behind: Vec<u8>,
    /// Added to where the picture is said to lie.
    pub shift: u32,
    /// What its metadata say.
    pub word: String,
    /// More kinds of files that it says it belongs to.
    pub brands: Vec<u8>,
    /// Boxes in its list of items, behind the others.
    pub more: Vec<u8>,
    /// What refers to what: kind, the item, the other.
    pub references: Vec<([u8; 4], u8, u8)>,
    /// The properties that each item has, counted from 1; with 0x80 they must be understood.
    pub properties: Vec<(u8, Vec<u8>)>,
}

impl Default for Heic {
    fn default() -> Self {
        Self {
            brand: *b"heic",
            size: (64, 64),
            behind: Vec::new(),
            shift: 0,
            word: CANARY.into(),
            brands: Vec::new(),
            more: Vec::new(),
            references: vec![(*b"cdsc", 2, 1), (*b"cdsc", 3, 1), (*b"thmb", 4, 1), (*b"auxl", 5, 4)],
            properties: vec![(1, vec![0x81, 2, 0x83, 4, 6, 7, 8, 9]), (4, vec![0x81, 2, 7]), (5, vec![0x81, 2, 0x85])],
        }
    }
}

/// The bytes of the picture in a HEIC.
pub const PICTURE: &[u8] = b"\0\0\0\x0apicture as HEVC has it";
/// How those of its preview begin, and those of how clear the preview is.
pub const PREVIEWS: [&[u8]; 2] = [b"\0\0\0\x0apreview of ", b"\0\0\0\x0aclearness of "];

/// How a coder is set up: eight bits, four times fewer dots of colour, no parameters.
const CODER: [u8; 23] = [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 0];

impl Heic {
    /// A picture, its Exif data and its XMP: in the data of the file, and in the box beside the list. A preview and how
    /// clear that is: behind data that belong to nothing.
    pub fn build(&self) -> Vec<u8> {
        let word = self.word.as_bytes();
        // In pieces of four bytes, as kinds of files are.
        let mut brands = word[..word.len().min(64)].to_vec();
        brands.resize(brands.len().next_multiple_of(4), b' ');
        let kinds = [self.brand.as_slice(), &[0; 4], b"mif1", b"heic", &brands, &self.brands].concat();
        let head = boxed(b"ftyp", &kinds);
        let exif = [&[0, 0, 0, 6][..], b"Exif\0\0", &exif_of(1, &self.word)].concat();
        let [preview, clearness] = PREVIEWS.map(|preview| [preview, word].concat());
        let pieces = [PICTURE, &exif, word, &preview, &clearness];
        let offset = head.len() + self.meta(0, &pieces).len() + 8;
        let data = boxed(b"mdat", &pieces.concat());
        let free = boxed(b"free", word);
        [head, self.meta(offset, &pieces), data, free, self.behind.clone()].concat()
    }

    /// The items: 1 is the picture, 2 its Exif data, 3 its XMP, 4 its preview, 5 how clear that is.
    fn meta(&self, offset: usize, pieces: &[&[u8]; 5]) -> Vec<u8> {
        let word = self.word.as_bytes();
        let item = |id: u8, kind: &[u8; 4], more: &[u8]| {
            full(b"infe", 2, &[&[0, id, 0, 0], kind.as_slice(), word, b"\0", more].concat())
        };
        let items = [
            item(1, b"hvc1", b""),
            item(2, b"Exif", b""),
            item(3, b"mime", b"application/rdf+xml\0"),
            item(4, b"hvc1", b""),
            item(5, b"hvc1", b""),
        ];
        let entry = |id: u8, way: u8, at: usize, size: usize| {
            let [at, size] = [at, size].map(|number| u32::try_from(number).unwrap().to_be_bytes());
            [&[0, id, 0, way, 0, 0, 0, 1][..], &at, &size].concat()
        };
        let at = |piece: usize| offset + pieces[..piece].iter().map(|piece| piece.len()).sum::<usize>();
        let entries = [
            entry(1, 0, at(0) + usize::try_from(self.shift).unwrap(), pieces[0].len()),
            entry(2, 0, at(1), pieces[1].len()),
            entry(3, 1, 0, word.len()),
            entry(4, 0, at(3), pieces[3].len()),
            entry(5, 0, at(4), pieces[4].len()),
        ];
        let references: Vec<Vec<u8>> =
            self.references.iter().map(|(kind, from, to)| boxed(kind, &[0, *from, 0, 1, 0, *to])).collect();
        let elsewhere = full(b"url ", 0, &[word, b"\0"].concat());
        let inside = [
            full(b"hdlr", 0, &[b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0", word, b"\0"].concat()),
            boxed(b"dinf", &full(b"dref", 0, &[&[0, 0, 0, 1], elsewhere.as_slice()].concat())),
            full(b"pitm", 0, &[0, 1]),
            full(b"iinf", 0, &[&[0, 5], items.concat().as_slice()].concat()),
            full(b"iref", 0, &references.concat()),
            self.iprp(),
            boxed(b"idat", word),
            full(b"iloc", 1, &[&[0x44, 0, 0, 5], entries.concat().as_slice()].concat()),
            boxed(b"uuid", &[&[9; 16], word].concat()),
            self.more.clone(),
        ];
        full(b"meta", 0, &inside.concat())
    }

    /// The properties: 1 coder, 2 size, 3 turn, 4 colours, 5 what a picture beside another is for, 6 colours as a profile
    /// has them, 7 description, 8 time, 9 whatever a maker thinks of.
    fn iprp(&self) -> Vec<u8> {
        let word = self.word.as_bytes();
        let (width, height) = self.size;
        let all = [
            boxed(b"hvcC", &CODER),
            full(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat()),
            boxed(b"irot", &[1]),
            boxed(b"colr", b"nclx\0\x01\0\x0d\0\x06\x80"),
            full(b"auxC", 0, &[b"urn:mpeg:hevc:2015:auxid:1\0", word].concat()),
            boxed(b"colr", &[b"prof", word].concat()),
            full(b"udes", 0, &[b"sr\0", word, b"\0", word, b"\0", word, b"\0"].concat()),
            full(b"crtt", 0, &[0, 0x0D, 1, 2, 3, 4, 5, 6]),
            boxed(b"uuid", &[&[9; 16], word].concat()),
        ];
        let of_item = |(id, numbers): &(u8, Vec<u8>)| {
            let count = u8::try_from(numbers.len()).unwrap();
            [&[0, *id, count], numbers.as_slice()].concat()
        };
        let lists: Vec<Vec<u8>> = self.properties.iter().map(of_item).collect();
        let count = u32::try_from(lists.len()).unwrap().to_be_bytes();
        let ipma = full(b"ipma", 0, &[count.as_slice(), &lists.concat()].concat());
        boxed(b"iprp", &[boxed(b"ipco", &all.concat()), ipma].concat())
    }
}

pub fn heic() -> Vec<u8> {
    Heic::default().build()
}

/// A PDF of one empty page with something in it, and in its list of objects.
pub fn pdf_with(content: &[u8]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    pdf.extend(b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /XYZ null null 0] >>\nendobj\n");
    pdf.extend(b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n");
    pdf.extend(b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n");
    pdf.extend(content);
    let table = pdf.len();
    pdf.extend(b"xref\n0 4\n0000000000 65535 f \n0000000015 00000 n \n0000000102 00000 n \n0000000159 00000 n \n");
    pdf.extend(b"trailer\n<< /Size 4 /Root 1 0 R >>\n");
    pdf.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    pdf
}

pub fn pdf() -> Vec<u8> {
    pdf_with(b"")
}

/// A stream with this in its dictionary, and these bytes.
pub fn stream(keys: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("4 0 obj\n<< {keys} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
}

/// Objects packed together, as newer programs write them.
pub fn packed(objects: &[u8]) -> Vec<u8> {
    stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &zlib(objects))
}

/// A ZIP with one file.
pub fn zip() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"more").unwrap();
    zip.finish().unwrap().into_inner()
}

/// Whether bytes are somewhere among others.
pub fn holds(within: &[u8], wanted: &[u8]) -> bool {
    within.windows(wanted.len()).any(|window| window == wanted)
}
