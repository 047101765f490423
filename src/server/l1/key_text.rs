//! A key's text within the entry it names.

/// The text of a key. Up to 54 bytes stand in the entry itself, so that a lookup that compares them reads no further
/// memory: enough for a family, a UUID and a timeframe.
pub(super) enum KeyText {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Box<str>),
}

const SHORT: usize = 54;

impl KeyText {
    pub(super) fn new(text: &str) -> Self {
        if text.len() > SHORT {
            return Self::Long(text.into());
        }
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Self::Short { len: text.len() as u8, bytes }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => &bytes[..usize::from(*len)],
            Self::Long(text) => text.as_bytes(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            // It was text when it came, so it is now.
            Self::Short { .. } => str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_however_long() {
        for text in
            ["", "k", "exec:kpis:wörkspace", &"x".repeat(54), &"ö".repeat(28), &"y".repeat(900)]
        {
            let key = KeyText::new(text);
            assert_eq!((key.as_str(), key.as_bytes()), (text, text.as_bytes()));
        }
    }

    #[test]
    fn a_key_with_a_uuid_needs_no_memory_of_its_own() {
        let key = KeyText::new("exec:dashboard:550e8400-e29b-41d4-a716-446655440000:7d");
        assert!(matches!(key, KeyText::Short { .. }));
        assert_eq!(size_of::<KeyText>(), 56);
    }
}
