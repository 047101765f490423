//! Reads keys from JSON.
//!
//! A small reader of our own rather than a JSON library, because this is in every user's download and a key
//! needs no numbers, only their texts: JavaScript writes equal values as equal texts, so texts can be
//! compared.

use super::{KeyError, Value};

/// How deeply a key may be nested. Reading is recursive, and the stack of a browser's wasm is small.
const MAX_DEPTH: usize = 64;

/// The one value that `text` is.
pub(super) fn read(text: &str) -> Result<Value, KeyError> {
    let mut reader = Reader { bytes: text.as_bytes(), text, position: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.position == text.len() { Ok(value) } else { Err(KeyError::Malformed) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    position: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, KeyError> {
        if depth > MAX_DEPTH {
            return Err(KeyError::TooDeep);
        }
        self.skip_space();
        match self.peek() {
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b'"') => self.string().map(Value::Primitive),
            Some(_) => self.word().map(Value::Primitive),
            None => Err(KeyError::Malformed),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, KeyError> {
        let mut elements = Vec::new();
        self.position += 1;
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, KeyError> {
        let mut members: Vec<(Box<str>, Value)> = Vec::new();
        self.position += 1;
        if !self.take(b'}') {
            loop {
                self.skip_space();
                if self.peek() != Some(b'"') {
                    return Err(KeyError::Malformed);
                }
                let name = self.string()?;
                self.expect(b':')?;
                let value = self.value(depth + 1)?;
                // Mostly in order already; and objects in keys are small, where a sort is 4 kB to download.
                let place = members.partition_point(|(other, _)| *other < name);
                match members.get_mut(place).filter(|(other, _)| *other == name) {
                    // Of members with one name the last counts, as in `JSON.parse`.
                    Some(member) => member.1 = value,
                    None => members.insert(place, (name, value)),
                }
                if self.take(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Ok(Value::Object(members))
    }

    /// A string with its quotes; escapes are kept as they are written.
    fn string(&mut self) -> Result<Box<str>, KeyError> {
        let start = self.position;
        self.position += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.position += 1;
                    let escape =
                        self.peek().filter(|byte| b"\"\\/bfnrtu".iter().any(|it| it == byte));
                    let digits = if escape.ok_or(KeyError::Malformed)? == b'u' { 4 } else { 0 };
                    self.position += 1;
                    for _ in 0..digits {
                        self.peek().filter(u8::is_ascii_hexdigit).ok_or(KeyError::Malformed)?;
                        self.position += 1;
                    }
                }
                Some(b' '..) => self.position += 1,
                _ => return Err(KeyError::Malformed),
            }
        }
        self.position += 1;
        self.slice(start)
    }

    /// A number, `true`, `false`, `null` or `undefined`.
    fn word(&mut self) -> Result<Box<str>, KeyError> {
        let start = self.position;
        let known = ["true", "false", "null", "undefined"];
        match known.iter().find(|word| self.bytes[start..].starts_with(word.as_bytes())) {
            Some(word) => self.position += word.len(),
            None => self.number()?,
        }
        self.slice(start)
    }

    fn number(&mut self) -> Result<(), KeyError> {
        self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), KeyError> {
        let start = self.position;
        while self.skip(b"0123456789") {}
        if self.position == start { Err(KeyError::Malformed) } else { Ok(()) }
    }

    /// Passes over one of these bytes, if it is next.
    #[allow(clippy::manual_contains, reason = "`contains` brings a search made for long texts")]
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek().is_some_and(|next| bytes.contains(&next));
        self.position += usize::from(found);
        found
    }

    fn slice(&self, start: usize) -> Result<Box<str>, KeyError> {
        self.text.get(start..self.position).map(Box::from).ok_or(KeyError::Malformed)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while self.skip(b" \n\r\t") {}
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        self.skip(&[byte])
    }

    fn expect(&mut self, byte: u8) -> Result<(), KeyError> {
        if self.take(byte) { Ok(()) } else { Err(KeyError::Malformed) }
    }
}
