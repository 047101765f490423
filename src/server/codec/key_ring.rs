//! The encryption keys: the first one encrypts, all of them decrypt.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Generate, KeyInit};
use zeroize::Zeroizing;

/// Encryption keys with their ids. The first encrypts; every one decrypts what was encrypted under its id. Its `Debug`
/// shows the ids alone, and the bytes are wiped when the last clone is dropped.
///
/// To change keys without a miss: put the new one at the end on every node, then at the front, and take the old
/// one away when the longest life of a value is over.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[(u32, XChaCha20Poly1305)]>,
}

/// Why a text is no key ring. Tells the place, never the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("E_CODEC_KEY: encryption key {place}: {why}")]
pub struct KeyRingError {
    place: usize,
    why: &'static str,
}

impl KeyRingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "E_CODEC_KEY"
    }
}

impl KeyRing {
    /// The environment variable that [`KeyRing::from_env`] reads.
    pub const VARIABLE: &'static str = "SAMEKEY_ENCRYPTION_KEYS";

    /// The environment variable that names a file with the keys, such as a secret that a container is given.
    pub const FILE_VARIABLE: &'static str = "SAMEKEY_ENCRYPTION_KEYS_FILE";

    /// Reads `ID:KEY` or several, separated by commas, the one that encrypts first. An id is a number from 1; a key is 32
    /// bytes in hex or base64, as `openssl rand -hex 32` makes them.
    ///
    /// # Errors
    /// [`KeyRingError`] with the place of the key that is wrong.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut keys: Vec<(u32, XChaCha20Poly1305)> = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            let wrong = |why| KeyRingError { place: index + 1, why };
            let (id, key) = entry
                .trim()
                .split_once(':')
                .ok_or(wrong("write it as ID:KEY, such as 1:6f2c… (`openssl rand -hex 32`)"))?;
            let id = id.trim().parse().ok().filter(|id| *id != 0);
            let id = id.ok_or(wrong("the id must be a number from 1 to 4294967295"))?;
            if keys.iter().any(|(known, _)| *known == id) {
                return Err(wrong("this id is given twice"));
            }
            let bytes = key_bytes(key.trim())
                .ok_or(wrong("the key must be 32 bytes: 64 hex digits, or 44 of base64"))?;
            keys.push((id, XChaCha20Poly1305::new((&*bytes).into())));
        }
        Ok(Self { keys: keys.into() })
    }

    /// The keys in [`KeyRing::VARIABLE`], or else in the file that [`KeyRing::FILE_VARIABLE`] names; none when neither
    /// is set, or both are empty.
    ///
    /// # Errors
    /// As [`KeyRing::parse`]; when the file cannot be read or is empty.
    pub fn from_env() -> Result<Option<Self>, KeyRingError> {
        let wrong = |why| KeyRingError { place: 1, why };
        if let Some(text) = std::env::var_os(Self::VARIABLE) {
            let text = text.into_string().map_err(|_| wrong("the variable is not Unicode"))?;
            let text = Zeroizing::new(text);
            if !text.trim().is_empty() {
                return Self::parse(&text).map(Some);
            }
        }
        match std::env::var_os(Self::FILE_VARIABLE) {
            Some(file) if !file.is_empty() => {
                let text = std::fs::read_to_string(file);
                let text = Zeroizing::new(text.map_err(|_| wrong("its file cannot be read"))?);
                Self::parse(text.trim()).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A new key as [`KeyRing::parse`] reads it, under an id by chance: for whoever keeps it.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn new_key() -> String {
        let key = Zeroizing::new(<[u8; 32]>::generate());
        // Never 0, which is no id.
        let id = u32::generate() >> 1 | 1;
        key.iter().fold(format!("{id}:"), |text, byte| text + &format!("{byte:02x}"))
    }

    /// A random key that lives as long as this process: for a store in process, and for tests. What it encrypted is a miss
    /// to everybody else.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn ephemeral() -> Self {
        let key = Zeroizing::new(<[u8; 32]>::generate());
        // Above what people number their keys by, so that nobody takes it for one of theirs.
        let id = u32::generate() | 1 << 31;
        Self { keys: [(id, XChaCha20Poly1305::new((&*key).into()))].into() }
    }

    /// The ids, the one that encrypts first.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        self.keys.iter().map(|(id, _)| *id)
    }

    /// The one that encrypts.
    pub(super) fn newest(&self) -> (u32, &XChaCha20Poly1305) {
        // `parse` and `ephemeral` put at least one in.
        let (id, cipher) = &self.keys[0];
        (*id, cipher)
    }

    pub(super) fn get(&self, id: u32) -> Option<&XChaCha20Poly1305> {
        self.keys.iter().find(|(known, _)| *known == id).map(|(_, cipher)| cipher)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("ids", &self.ids().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// 32 bytes from 64 hex digits, or from base64 of either alphabet with or without its `=`.
fn key_bytes(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (digits, bits) = match text.len() {
        64 => (text, 4),
        44 => (text.strip_suffix('=')?, 6),
        43 => (text, 6),
        _ => return None,
    };
    let mut bytes = Zeroizing::new([0; 32]);
    let (mut held, mut held_bits, mut at) = (0_u32, 0, 0);
    for digit in digits.bytes() {
        let value = if bits == 4 { hex_digit(digit)? } else { base64_digit(digit)? };
        held = held << bits | u32::from(value);
        held_bits += bits;
        if held_bits >= 8 {
            held_bits -= 8;
            *bytes.get_mut(at)? = (held >> held_bits) as u8;
            held &= (1 << held_bits) - 1;
            at += 1;
        }
    }
    // What is left over must be the zeros that base64 fills up with.
    (at == bytes.len() && held == 0).then_some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn base64_digit(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1efe";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv4=";

    #[test]
    fn hex_and_base64_are_the_same_bytes() {
        let bytes = *key_bytes(HEX).unwrap();
        assert_eq!((bytes[0], bytes[16], bytes[31]), (0, 16, 254));
        assert_eq!(*key_bytes(BASE64).unwrap(), bytes);
        assert_eq!(*key_bytes(BASE64.trim_end_matches('=')).unwrap(), bytes);
        assert_eq!(*key_bytes(&HEX.to_uppercase()).unwrap(), bytes);
        let both_alphabets = ["-_8", "+/8"].map(|end| format!("{}{end}", "A".repeat(40)));
        assert_eq!(
            *key_bytes(&both_alphabets[0]).unwrap(),
            *key_bytes(&both_alphabets[1]).unwrap()
        );
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_place_and_not_repeated() {
        let long = HEX.replace('0', "g");
        for (text, place, why) in [
            ("", 1, "ID:KEY"),
            (HEX, 1, "ID:KEY"),
            (&format!("0:{HEX}"), 1, "a number from 1"),
            (&format!("k1:{HEX}"), 1, "a number from 1"),
            (&format!("1:{HEX},1:{BASE64}"), 2, "twice"),
            (&format!("1:{HEX},"), 2, "ID:KEY"),
            (&format!("1:{}", &HEX[1..]), 1, "32 bytes"),
            (&format!("1:{long}"), 1, "32 bytes"),
            (&format!("1:{}", BASE64.replace("4=", "5=")), 1, "32 bytes"),
            ("1:é", 1, "32 bytes"),
        ] {
            let error = KeyRing::parse(text).unwrap_err();
            assert_eq!((error.place, error.code()), (place, "E_CODEC_KEY"), "{text}");
            assert!(error.to_string().contains(why), "{error}");
            assert!(!error.to_string().contains("0405") && !error.to_string().contains("ggg"));
        }
    }

    #[test]
    fn the_first_key_encrypts_and_debug_shows_ids_alone() {
        let ring = KeyRing::parse(&format!(" 7:{BASE64} , 3:{HEX} ")).unwrap();
        assert_eq!((ring.newest().0, ring.ids().collect::<Vec<_>>()), (7, vec![7, 3]));
        assert!(ring.get(3).is_some() && ring.get(1).is_none());
        assert_eq!(format!("{ring:?}"), "KeyRing { ids: [7, 3], .. }");
    }

    #[test]
    fn a_new_key_is_read_and_is_no_other_one() {
        let [one, other] = [KeyRing::new_key(), KeyRing::new_key()];
        assert_ne!(one, other);
        assert_eq!(one.rsplit_once(':').unwrap().1.len(), 64);
        assert!(KeyRing::parse(&one).unwrap().newest().0 > 0);
    }

    #[test]
    fn every_ephemeral_ring_has_a_key_of_its_own() {
        let [one, other] = [KeyRing::ephemeral(), KeyRing::ephemeral()];
        assert_ne!(one.newest().0, other.newest().0);
        assert!(one.newest().0 >= 1 << 31);
    }
}
