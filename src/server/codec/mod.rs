//! Stored bytes to JSON and back.
//!
//! A value is plain JSON, which every language reads, unless there is a reason: a family that is *sensitive* is encrypted,
//! and one that asks for it is compressed or packed. Such values carry a header (`header`) that no JSON begins with, so
//! that each value says itself how it is to be read, and settings can change while the old values live.
//!
//! # Layout
//!
//! - [`Codec`], made by [`CodecSettings`] (`encoding`) for a schema; [`KeyRing`] (`key_ring`)
//! - `form`: what a stored value is by its first bytes
//! - `header`: the bytes before; `seal`: the cipher or the checksum; `lz4`; `message_pack` over `transcode`
//! - `pickle`: what Python left, read without executing anything
//! - [`CodecError`] (`error`): what is wrong, what becomes of the bytes, whether to tell somebody

mod encoding;
mod error;
mod form;
#[cfg(all(test, feature = "shadower"))]
mod golden;
mod header;
mod key_ring;
mod limited;
mod lz4;
mod message_pack;
#[cfg(feature = "pickle")]
mod pickle;
mod seal;
mod transcode;

use std::collections::HashMap;

use bytes::Bytes;
use chacha20poly1305::XNonce;
use quick_cache::DefaultHashBuilder;

use self::form::{Form, begins_as_json};
use self::header::{Body, Header, HeaderError};
use self::seal::Refused;
use crate::schema::Schema;

pub use encoding::{CodecSettings, Encoding};
pub use error::{CodecError, Foreign, Remedy};
pub use key_ring::{KeyRing, KeyRingError};

/// Turns JSON into what is stored, and what is stored into JSON. Made by [`CodecSettings::for_schema`].
#[derive(Clone, Debug)]
pub struct Codec {
    families: HashMap<String, Treatment, DefaultHashBuilder>,
    /// For keys of no family.
    others: Treatment,
    keys: Option<KeyRing>,
    read_pickles: bool,
    /// The most bytes of JSON that a stored value may become.
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
struct Treatment {
    encoding: Encoding,
    sensitive: bool,
}

impl Codec {
    /// Plain JSON for the families of `schema`, and nothing of those that are sensitive: each attempt to store one
    /// fails with [`CodecError::NoKey`].
    #[must_use]
    pub fn plain(schema: &Schema) -> Self {
        CodecSettings::default().build(schema)
    }

    /// Whether the values of `family` are encrypted.
    #[must_use]
    pub fn is_sensitive(&self, family: &str) -> bool {
        self.treatment(family).sensitive
    }

    fn treatment(&self, family: &str) -> Treatment {
        self.families.get(family).copied().unwrap_or(self.others)
    }

    /// What is stored under `key`, a key of `family`, for `json`. Plain JSON is handed back as it came.
    ///
    /// # Errors
    /// [`CodecError::NoKey`] for a sensitive family without an encryption key; [`CodecError::TooLarge`];
    /// [`CodecError::NoRandomness`]; [`CodecError::Corrupt`] when `json` does not begin as JSON does.
    pub fn encode(&self, key: &str, json: Bytes, family: &str) -> Result<Bytes, CodecError> {
        let nonce = || seal::nonce().ok_or(CodecError::NoRandomness);
        self.encode_with(nonce, key, json, family)
    }

    fn encode_with(
        &self,
        nonce: impl FnOnce() -> Result<XNonce, CodecError>,
        key: &str,
        json: Bytes,
        family: &str,
    ) -> Result<Bytes, CodecError> {
        if !begins_as_json(&json) {
            return Err(CodecError::corrupt(key, "what is to be stored is not JSON"));
        }
        let size = self.within_limit(key, json.len())?;
        let Treatment { encoding, sensitive } = self.treatment(family);
        let packed = if encoding.message_pack { message_pack::from_json(&json) } else { None };
        let (body, bytes) = match &packed {
            // Its size fits too: what is packed is never larger by more than a few bytes, and then JSON is stored.
            Some(packed) if packed.len() < json.len() => (Body::MessagePack, &packed[..]),
            _ => (Body::Json, &json[..]),
        };
        let squeeze = encoding.lz4 && bytes.len() >= Encoding::LZ4_FROM_BYTES;
        let squeezed = if squeeze { lz4::compress(bytes) } else { None };
        let payload = squeezed.as_deref().unwrap_or(bytes);
        let size = if body == Body::Json { size } else { bytes.len() as u32 };
        let header = Header { body, lz4: squeezed.is_some(), encryption_key: None, size };

        if sensitive {
            let Some(keys) = &self.keys else {
                return Err(CodecError::NoKey { families: vec![family.to_owned()] });
            };
            let (id, cipher) = keys.newest();
            let header = Header { encryption_key: Some(id), ..header }.to_bytes();
            let sealed = seal::encrypt(cipher, &nonce()?, key, header, payload);
            let too_large = || CodecError::TooLarge {
                key: key.to_owned(),
                bytes: json.len(),
                limit: self.limit,
            };
            return sealed.map(Bytes::from).ok_or_else(too_large);
        }
        let plain = body == Body::Json && squeezed.is_none();
        if plain {
            return Ok(json);
        }
        let stored = seal::check(key, header.to_bytes(), payload);
        Ok(if stored.len() < json.len() { stored.into() } else { json })
    }

    /// The JSON of what is stored under `key`, a key of `family`. Plain JSON is handed back as it came: whether it is
    /// whole is for its reader to find out.
    ///
    /// # Errors
    /// Each is a miss; [`CodecError::remedy`] says what else.
    pub fn decode(&self, key: &str, stored: Bytes, family: &str) -> Result<Bytes, CodecError> {
        let read = self.read(key, &stored, self.is_sensitive(family))?;
        Ok(read.unwrap_or(stored))
    }

    /// The same, for those who know whether the family is sensitive. Nothing when the stored bytes are the JSON: no copy
    /// is made of them, nor a second owner.
    pub(crate) fn read(
        &self,
        key: &str,
        stored: &[u8],
        sensitive: bool,
    ) -> Result<Option<Bytes>, CodecError> {
        match Form::of(stored) {
            Form::Headed => self.unwrap(key, stored, sensitive).map(|json| Some(json.into())),
            Form::Json | Form::Pickle if sensitive => {
                Err(CodecError::NotEncrypted { key: key.to_owned() })
            }
            Form::Json => Ok(None),
            Form::Pickle => self.unpickle(key, stored).map(Some),
            Form::Nothing => Err(CodecError::corrupt(key, "neither JSON nor a header")),
        }
    }

    fn unwrap(&self, key: &str, stored: &[u8], sensitive: bool) -> Result<Vec<u8>, CodecError> {
        let (header, bytes, rest) = Header::parse(stored).map_err(|error| match error {
            HeaderError::Foreign(what) => CodecError::foreign(key, what),
            HeaderError::Truncated => CodecError::corrupt(key, "the header is cut off"),
            HeaderError::Contradiction => CodecError::corrupt(key, "the header contradicts itself"),
        })?;
        let decrypted;
        let payload = match header.encryption_key {
            Some(id) => {
                let cipher = self.keys.as_ref().and_then(|keys| keys.get(id));
                let cipher =
                    cipher.ok_or_else(|| CodecError::foreign(key, Foreign::EncryptionKey(id)))?;
                decrypted =
                    seal::decrypt(cipher, key, bytes, rest).map_err(|refused| match refused {
                        Refused::Truncated => CodecError::corrupt(key, "the ciphertext is cut off"),
                        Refused::NotAuthentic => {
                            CodecError::NotAuthentic { key: key.to_owned(), key_id: id }
                        }
                    })?;
                &decrypted[..]
            }
            None if sensitive => return Err(CodecError::NotEncrypted { key: key.to_owned() }),
            None => seal::checked(key, bytes, rest)
                .ok_or_else(|| CodecError::corrupt(key, "the checksum is another"))?,
        };
        let size = header.size as usize;
        self.within_limit(key, size)?;
        let other_size = || CodecError::corrupt(key, "the size is another than the header claims");
        let decompressed;
        let body = if header.lz4 {
            decompressed = lz4::decompress(payload, size).ok_or_else(other_size)?;
            &decompressed[..]
        } else if payload.len() == size {
            payload
        } else {
            return Err(other_size());
        };
        match header.body {
            Body::Json if begins_as_json(body) => Ok(body.to_vec()),
            Body::Json => Err(CodecError::corrupt(key, "the body is not JSON")),
            Body::MessagePack => {
                message_pack::to_json(body, self.limit).map_err(|why| CodecError::corrupt(key, why))
            }
        }
    }

    #[cfg(feature = "pickle")]
    fn unpickle(&self, key: &str, stored: &[u8]) -> Result<Bytes, CodecError> {
        if !self.read_pickles {
            return Err(CodecError::foreign(key, Foreign::Pickle));
        }
        let json = pickle::to_json(stored, self.limit);
        json.map(Bytes::from).map_err(|why| CodecError::corrupt(key, why))
    }

    #[cfg(not(feature = "pickle"))]
    fn unpickle(&self, key: &str, _: &[u8]) -> Result<Bytes, CodecError> {
        debug_assert!(!self.read_pickles);
        Err(CodecError::foreign(key, Foreign::Pickle))
    }

    fn within_limit(&self, key: &str, bytes: usize) -> Result<u32, CodecError> {
        let too_large = || CodecError::TooLarge { key: key.to_owned(), bytes, limit: self.limit };
        // The limit is at most what 32 bits hold.
        u32::try_from(bytes).ok().filter(|_| bytes <= self.limit).ok_or_else(too_large)
    }
}
