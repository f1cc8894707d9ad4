//! What the dictionaries of a PDF are written in (ISO 32000-1, sections 7.2 and 7.3): words, names, lists.

use crate::documents::rules::Fault;

/// Lists within lists; programs write some five.
const DEEPEST: u32 = 40;

/// Space, line ends, tabs, NUL (section 7.2.3).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// A byte that ends a name.
fn is_end(byte: u8) -> bool {
    is_space(byte) || b"()<>[]{}/%".contains(&byte)
}

/// What a key can have.
pub(super) enum Thing {
    Name(Vec<u8>),
    /// Without what stands behind its point.
    Number(i64),
    /// An object that lies elsewhere, by its number.
    Reference(u64),
    List(Vec<Thing>),
    Dictionary(Dictionary),
    Null,
    /// A text, true, false.
    Other,
}

impl Thing {
    pub fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn reference(&self) -> Option<u64> {
        match self {
            Self::Reference(number) => Some(*number),
            _ => None,
        }
    }
}

#[derive(Default)]
pub(super) struct Dictionary(Vec<(Vec<u8>, Thing)>);

impl Dictionary {
    /// What stands under one of these keys.
    ///
    /// # Errors
    /// [`Fault::Damaged`] where there is more than one: readers take different ones.
    pub fn get(&self, keys: &[&[u8]]) -> Result<Option<&Thing>, Fault> {
        let mut found = self.0.iter().filter(|(key, _)| keys.contains(&key.as_slice()));
        match (found.next(), found.next()) {
            (one, None) => Ok(one.map(|(_, thing)| thing)),
            _ => Err(Fault::Damaged),
        }
    }

    pub fn has(&self, key: &[u8]) -> bool {
        self.0.iter().any(|(known, _)| known == key)
    }

    pub fn is(&self, key: &[u8], name: &[u8]) -> Result<bool, Fault> {
        Ok(self.get(&[key])?.and_then(Thing::name) == Some(name))
    }

    /// A number that is written in its place.
    pub fn number(&self, keys: &[&[u8]]) -> Result<Option<i64>, Fault> {
        match self.get(keys)? {
            None => Ok(None),
            Some(Thing::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(Fault::Damaged),
        }
    }
}

/// What is left to read. Whatever readers could understand in two ways is damaged.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(pub &'a [u8]);

impl<'a> Words<'a> {
    /// Leaves out space and comments.
    pub fn skip_space(&mut self) {
        loop {
            self.0 = self.0.trim_ascii_start();
            match self.0 {
                [b'%', ..] => {
                    let end = self.0.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.0.len());
                    self.0 = self.0.get(end..).unwrap_or_default();
                }
                [0, rest @ ..] => self.0 = rest,
                _ => return,
            }
        }
    }

    fn skip(&mut self, wanted: &[u8]) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    pub fn dictionary(&mut self) -> Result<Option<Dictionary>, Fault> {
        match self.0 {
            [b'<', b'<', ..] => self.keys(0).map(Some),
            _ => Ok(None),
        }
    }

    fn keys(&mut self, depth: u32) -> Result<Dictionary, Fault> {
        let (mut keys, inside) = (Dictionary::default(), deeper(depth)?);
        self.skip(b"<<");
        loop {
            self.skip_space();
            if self.skip(b">>") {
                return Ok(keys);
            }
            if !self.skip(b"/") {
                return Err(Fault::Damaged);
            }
            let (key, rest) = name(self.0);
            self.0 = rest;
            self.skip_space();
            keys.0.push((key, self.thing(inside)?));
        }
    }

    fn thing(&mut self, depth: u32) -> Result<Thing, Fault> {
        match self.0 {
            [b'/', rest @ ..] => {
                let (name, rest) = name(rest);
                self.0 = rest;
                Ok(Thing::Name(name))
            }
            [b'(', ..] => self.text(),
            [b'<', b'<', ..] => self.keys(depth).map(Thing::Dictionary),
            [b'<', rest @ ..] => {
                let end = rest.iter().position(|byte| !byte.is_ascii_hexdigit() && !is_space(*byte));
                self.0 = end.and_then(|end| rest.get(end..)).unwrap_or_default();
                self.skip(b">").then_some(Thing::Other).ok_or(Fault::Damaged)
            }
            [b'[', rest @ ..] => {
                self.0 = rest;
                self.list(depth).map(Thing::List)
            }
            _ => self.word(),
        }
    }

    fn list(&mut self, depth: u32) -> Result<Vec<Thing>, Fault> {
        let (mut list, inside) = (Vec::new(), deeper(depth)?);
        loop {
            self.skip_space();
            if self.skip(b"]") {
                return Ok(list);
            }
            list.push(self.thing(inside)?);
        }
    }

    /// A text in brackets: brackets in it are in pairs, or have a backslash.
    fn text(&mut self) -> Result<Thing, Fault> {
        let mut open = 0_usize;
        let mut bytes = self.0.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => drop(bytes.next()),
                b'(' => open = open.saturating_add(1),
                b')' => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                self.0 = bytes.as_slice();
                return Ok(Thing::Other);
            }
        }
        Err(Fault::Damaged)
    }

    fn word(&mut self) -> Result<Thing, Fault> {
        if let Some(number) = self.reference() {
            return Ok(Thing::Reference(number));
        }
        match self.next_word() {
            b"null" => Ok(Thing::Null),
            b"true" | b"false" => Ok(Thing::Other),
            word => number(word).map(Thing::Number).ok_or(Fault::Damaged),
        }
    }

    pub fn next_word(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| is_end(*byte)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        word
    }

    /// A number that comes next.
    pub fn number(&mut self) -> Option<i64> {
        number(self.next_word())
    }

    /// Two numbers and an R.
    fn reference(&mut self) -> Option<u64> {
        let mut ahead = *self;
        let number = object_number(ahead.next_word())?;
        ahead.skip_space();
        object_number(ahead.next_word())?;
        ahead.skip_space();
        (ahead.next_word() == b"R").then(|| self.0 = ahead.0)?;
        Some(number)
    }

    /// Whether a dictionary, a reference or a list of these comes next: then the name before it is a key, and no chance.
    /// So it is where nothing but space and comments can be seen.
    pub fn has_things(mut self) -> bool {
        self.skip_space();
        if self.skip(b"[") {
            self.skip_space();
        }
        self.0.is_empty() || self.0.starts_with(b"<<") || self.reference().is_some()
    }
}

fn deeper(depth: u32) -> Result<u32, Fault> {
    depth.checked_add(1).filter(|depth| *depth <= DEEPEST).ok_or(Fault::Damaged)
}

fn number(word: &[u8]) -> Option<i64> {
    let is_number = word.iter().any(u8::is_ascii_digit)
        && word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
    let whole = word.split(|byte| *byte == b'.').next().unwrap_or_default();
    let whole = std::str::from_utf8(whole).ok().filter(|_| is_number)?;
    match whole {
        "" | "-" | "+" => Some(0),
        // No size that can be meant.
        _ => Some(whole.parse().unwrap_or(i64::MAX)),
    }
}

/// The number of an object; one that is too large for any reader is the largest.
pub(super) fn object_number(word: &[u8]) -> Option<u64> {
    let is_whole = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(word).ok().filter(|_| is_whole).map(|digits| digits.parse().unwrap_or(u64::MAX))
}

/// A name as it is meant, #4A being J (section 7.3.5), and what follows it.
pub(super) fn name(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut name = Vec::new();
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first().filter(|(byte, _)| !is_end(**byte)) {
        let hex = (*byte == b'#').then(|| behind.split_first_chunk::<2>()).flatten();
        let meant = hex.filter(|(digits, _)| digits.iter().all(u8::is_ascii_hexdigit)).and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok().map(|meant| (meant, after))
        });
        let (meant, after) = meant.unwrap_or((*byte, behind));
        name.push(meant);
        rest = after;
    }
    (name, rest)
}
