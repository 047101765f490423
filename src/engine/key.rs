//! Query keys: arrays of JSON values, and TanStack's rules for when two of them match.
//!
//! A small reader of our own rather than a JSON library, because this is in every user's download and a key
//! needs no numbers, only their texts: JavaScript writes equal values as equal texts, so texts can be
//! compared.

use std::fmt;

use crate::schema::{Pattern, PatternSegment};

/// A query key: an array of JSON values, read from the text that `JSON.stringify` gives.
///
/// An extension of JSON lets a key keep what `JSON.stringify` drops: the bare word `undefined` is a value.
/// Numbers and escapes are compared as they are written, so they should be written as JavaScript does (`1` and
/// not `1.0`, `"é"` and not `"\u00e9"`); white space and the order of members do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its elements.
    pub elements: Vec<Value>,
}

/// One value inside a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string, number, boolean, `null` or `undefined`, as its JSON text (strings with their quotes).
    Primitive(Box<str>),
    /// An array.
    Array(Vec<Value>),
    /// An object: names (JSON texts with their quotes) in ascending order.
    Object(Vec<(Box<str>, Value)>),
}

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// Not an array.
    NotAnArray,
    /// Not JSON.
    Malformed,
    /// Nested more deeply than 64 levels.
    TooDeep,
}

/// How deeply a key may be nested. Reading is recursive, and the stack of a browser's wasm is small.
pub(super) const MAX_DEPTH: usize = 64;

impl KeyError {
    /// The stable code, the same in TypeScript.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAnArray => "E_KEY_NOT_AN_ARRAY",
            Self::Malformed => "E_KEY_MALFORMED",
            Self::TooDeep => "E_KEY_TOO_DEEP",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnArray => "a query key is an array, such as [\"todos\", 1]",
            Self::Malformed => "a query key holds JSON values only",
            Self::TooDeep => "a query key is nested at most 64 levels deep",
        })
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// Reads a key from its JSON text.
    ///
    /// ```
    /// use samekey::engine::Key;
    /// let key = Key::from_json(r#"["todos", {"page": 1, "done": true}]"#).unwrap();
    /// assert_eq!(key.hash(), r#"["todos",{"done":true,"page":1}]"#);
    /// ```
    ///
    /// # Errors
    /// [`KeyError`], if the text is not JSON (or `undefined`), not an array, or nested too deeply.
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        let mut reader = Reader { bytes: text.as_bytes(), text, position: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        if reader.position != text.len() {
            return Err(KeyError::Malformed);
        }
        match value {
            Value::Array(elements) => Ok(Self { elements }),
            _ => Err(KeyError::NotAnArray),
        }
    }

    /// A pattern of the schema as a key, for [`KeyFilter::Pattern`](super::KeyFilter::Pattern). (JavaScript writes
    /// such a key itself.)
    pub fn from_pattern(pattern: &Pattern) -> Self {
        let element = |segment: &PatternSegment| match segment {
            PatternSegment::Literal(literal) => Value::Primitive(quote(literal).into()),
            PatternSegment::One | PatternSegment::Rest => Value::Primitive("null".into()),
        };
        Self { elements: pattern.segments().iter().map(element).collect() }
    }

    /// The canonical text, byte for byte that of TanStack's `hashKey`: members in JavaScript's order,
    /// undefined ones dropped, undefined elements `null`.
    pub fn hash(&self) -> String {
        let mut hash = String::new();
        write_array(&self.elements, &mut hash);
        hash
    }

    /// Whether this key is matched by `filter`: arrays by prefix, objects by subset, at every depth.
    pub fn matches(&self, filter: &Key) -> bool {
        array_matches(&self.elements, &filter.elements)
    }
}

impl Value {
    /// The value as text that tells different values apart, undefined included.
    pub(super) fn write_raw(&self, text: &mut String) {
        match self {
            Self::Primitive(primitive) => text.push_str(primitive),
            Self::Array(elements) => {
                text.push('[');
                for element in elements {
                    element.write_raw(text);
                    text.push(',');
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (name, value) in members {
                    text.push_str(name);
                    text.push(':');
                    value.write_raw(text);
                    text.push(',');
                }
                text.push('}');
            }
        }
    }

    fn write_hash(&self, hash: &mut String) {
        match self {
            Self::Primitive(_) if self.is_undefined() => hash.push_str("null"),
            Self::Primitive(primitive) => hash.push_str(primitive),
            Self::Array(elements) => write_array(elements, hash),
            Self::Object(members) => {
                // Only who needs this hash pays for the sort: in the browser, JavaScript hashes its keys itself.
                let mut members: Vec<_> =
                    members.iter().filter(|(_, value)| !value.is_undefined()).collect();
                members.sort_by_cached_key(|(name, _)| member_order(name));
                hash.push('{');
                for (index, (name, value)) in members.into_iter().enumerate() {
                    if index > 0 {
                        hash.push(',');
                    }
                    hash.push_str(name);
                    hash.push(':');
                    value.write_hash(hash);
                }
                hash.push('}');
            }
        }
    }

    pub(super) fn is_undefined(&self) -> bool {
        self.is("undefined")
    }

    /// Whether this is the primitive with this text.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Primitive(text) if **text == *word)
    }

    pub(super) fn is_primitive(&self) -> bool {
        matches!(self, Self::Primitive(_))
    }

    /// Whether this value is matched by `filter`.
    pub(super) fn matches(&self, filter: &Value) -> bool {
        match (self, filter) {
            (Self::Primitive(value), Self::Primitive(filter)) => value == filter,
            (Self::Array(value), Self::Array(filter)) => array_matches(value, filter),
            (Self::Primitive(_), _) | (_, Self::Primitive(_)) => false,
            // As in JavaScript, an array is an object whose names are its indices.
            (_, Self::Object(members)) => {
                members.iter().all(|(name, filter)| member_matches(self.member(name), filter))
            }
            (Self::Object(members), Self::Array(elements)) => {
                elements.iter().enumerate().all(|(index, filter)| {
                    let member = members.iter().find(|(name, _)| array_index(name) == Some(index));
                    member_matches(member.map(|(_, value)| value), filter)
                })
            }
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Primitive(_) => None,
            // Not a binary search: the names of a key's object are few, and mostly differ in length.
            Self::Object(members) => {
                members.iter().find(|(other, _)| **other == *name).map(|(_, value)| value)
            }
            Self::Array(elements) => elements.get(array_index(name)?),
        }
    }
}

/// The index that a name (with its quotes) is for an array: `"10"`, but not `"010"`.
fn array_index(name: &str) -> Option<usize> {
    let (_, digits) = name.as_bytes().split_first()?;
    let (_, digits) = digits.split_last()?;
    let mut index = 0_usize;
    for digit in digits {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        index = index.checked_mul(10)?.checked_add(usize::from(value))?;
    }
    let leading_zero = digits.len() > 1 && digits[0] == b'0';
    (!digits.is_empty() && !leading_zero).then_some(index)
}

/// The order in which `hashKey` writes members: names that are array indices by number (JavaScript puts them
/// first in every object), then the others by their UTF-16 code units.
fn member_order(name: &str) -> (bool, usize, Vec<u16>) {
    let index = array_index(name).filter(|index| *index < u32::MAX as usize);
    (index.is_none(), index.unwrap_or(0), code_units(name))
}

/// The UTF-16 code units that a string's JSON text stands for.
fn code_units(json: &str) -> Vec<u16> {
    let inner = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json);
    let mut units = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match characters.next() {
            Some('b') => 8,
            Some('t') => 9,
            Some('n') => 10,
            Some('f') => 12,
            Some('r') => 13,
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).unwrap_or(0)
            }
            other => other.map_or(0, |other| other as u16),
        });
    }
    units
}

fn array_matches(value: &[Value], filter: &[Value]) -> bool {
    filter.iter().enumerate().all(|(index, filter)| member_matches(value.get(index), filter))
}

/// A member that is missing reads as `undefined`, as in JavaScript.
fn member_matches(value: Option<&Value>, filter: &Value) -> bool {
    match value {
        Some(value) => value.matches(filter),
        None => filter.is_undefined(),
    }
}

fn write_array(elements: &[Value], hash: &mut String) {
    hash.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            hash.push(',');
        }
        element.write_hash(hash);
    }
    hash.push(']');
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

/// A text as JSON writes it.
fn quote(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => json.push(plain),
        }
    }
    json.push('"');
    json
}
