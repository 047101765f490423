//! The bytes of a pickle, and the numbers and texts in them.

pub(super) struct Input<'p>(&'p [u8]);

impl<'p> Input<'p> {
    pub(super) const fn new(pickle: &'p [u8]) -> Self {
        Self(pickle)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&'p [u8], String> {
        let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
        let (taken, rest) = split.ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, String> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn text(&mut self, length: u64) -> Result<&'p str, String> {
        str::from_utf8(self.take(length)?).map_err(|_| "a text that is not UTF-8".to_owned())
    }

    /// To the end of the line, without it.
    pub(super) fn raw_line(&mut self) -> Result<&'p [u8], String> {
        let end = self.0.iter().position(|byte| *byte == b'\n').ok_or_else(cut_off)?;
        let line = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Ok(line)
    }

    pub(super) fn line(&mut self) -> Result<&'p str, String> {
        str::from_utf8(self.raw_line()?).map_err(|_| "a line that is not ASCII".to_owned())
    }

    pub(super) fn number_line(&mut self) -> Result<u64, String> {
        self.line()?.parse().map_err(|_| "a bad number in the memo".to_owned())
    }
}

fn cut_off() -> String {
    "it is cut off".to_owned()
}

/// Two's complement, little endian, of any length that 128 bits hold.
pub(super) fn integer_of_long(bytes: &[u8]) -> Result<i128, String> {
    if bytes.len() > 16 {
        return Err("an integer that 128 bits do not hold".to_owned());
    }
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut filled = if negative { [0xff; 16] } else { [0; 16] };
    filled[..bytes.len()].copy_from_slice(bytes);
    Ok(i128::from_le_bytes(filled))
}

/// Python's `raw-unicode-escape`: Latin-1, and `\uXXXX` or `\UXXXXXXXX` for what is beyond it.
pub(super) fn unescape(line: &[u8]) -> Result<String, String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&first, after)) = rest.split_first() {
        let digits = match (first, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(first));
                rest = after;
                continue;
            }
        };
        let code = after.get(1..=digits).filter(|code| code.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|code| str::from_utf8(code).ok());
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let code = code.ok_or_else(|| "a bad escape".to_owned())?;
        text.push(char::from_u32(code).ok_or_else(|| "half a surrogate pair".to_owned())?);
        rest = &after[1 + digits..];
    }
    Ok(text)
}
