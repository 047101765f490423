//! How values are written: settings, per service and per family.

use std::collections::BTreeMap;

use super::key_ring::KeyRing;
use super::{Codec, CodecError, Treatment};
use crate::schema::Schema;

/// How the values of a family are written. JSON unless one asks for more; what does not become smaller by it is written
/// as JSON all the same, and everything is always read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    pub(super) message_pack: bool,
    pub(super) lz4: bool,
}

impl Encoding {
    /// JSON, which every language reads. The default.
    pub const JSON: Self = Self { message_pack: false, lz4: false };

    /// MessagePack: the same value in about three quarters of the bytes. A value that would not come back byte by byte,
    /// such as one with integers beyond 64 bits, is written as JSON.
    pub const MESSAGE_PACK: Self = Self { message_pack: true, lz4: false };

    /// Values of this many bytes and more are compressed.
    pub const LZ4_FROM_BYTES: usize = 1024;

    /// And compressed by LZ4, from [`Encoding::LZ4_FROM_BYTES`]: about a quarter of the bytes.
    #[must_use]
    pub const fn with_lz4(self) -> Self {
        Self { lz4: true, ..self }
    }
}

/// What a [`Codec`] is made of.
///
/// ```
/// # #[cfg(feature = "shadower")] {
/// use samekey::server::codec::{CodecSettings, Encoding, KeyRing};
/// use samekey::shadower;
///
/// let keys = KeyRing::parse("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")?;
/// let codec = CodecSettings::default()
///     .encoding(Encoding::JSON.with_lz4())
///     .family("query_result", Encoding::MESSAGE_PACK)
///     .keys(keys)
///     .for_schema(shadower::schema())?;
/// # let _ = codec; }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CodecSettings {
    encoding: Encoding,
    families: BTreeMap<String, Encoding>,
    keys: Option<KeyRing>,
    read_pickles: bool,
    max_decoded_bytes: usize,
}

impl Default for CodecSettings {
    fn default() -> Self {
        Self {
            encoding: Encoding::JSON,
            families: BTreeMap::new(),
            keys: None,
            read_pickles: false,
            max_decoded_bytes: Self::MAX_DECODED_BYTES,
        }
    }
}

impl CodecSettings {
    /// The most bytes of JSON that a stored value may become: 16 MiB.
    pub const MAX_DECODED_BYTES: usize = 16 * 1024 * 1024;

    /// How the families are written that have no encoding of their own. For sensitive ones that holds without the
    /// compression: the size of compressed data tells something about it. Give them one of their own if that is fine.
    #[must_use]
    pub const fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// How one family is written.
    #[must_use]
    pub fn family(mut self, family: impl Into<String>, encoding: Encoding) -> Self {
        self.families.insert(family.into(), encoding);
        self
    }

    /// The keys that sensitive families are encrypted with.
    #[must_use]
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Reads Python pickles of plain data too, as another service may have left them; none is ever written. Nothing in a
    /// pickle is executed: one that names a class or a function is corrupt.
    #[cfg(feature = "pickle")]
    #[must_use]
    pub const fn read_pickles(mut self) -> Self {
        self.read_pickles = true;
        self
    }

    /// Another limit than [`CodecSettings::MAX_DECODED_BYTES`], at most 4 GiB.
    #[must_use]
    pub const fn max_decoded_bytes(mut self, bytes: usize) -> Self {
        self.max_decoded_bytes = bytes;
        self
    }

    /// The codec for the families of `schema`.
    ///
    /// # Errors
    /// [`CodecError::NoKey`] when a family is sensitive and there are no keys; [`CodecError::UnknownFamily`].
    pub fn for_schema(self, schema: &Schema) -> Result<Codec, CodecError> {
        let known = |name: &str| schema.families.iter().any(|family| family.name == name);
        if let Some(name) = self.families.keys().find(|name| !known(name)) {
            return Err(CodecError::UnknownFamily(name.clone()));
        }
        let sensitive = schema.families.iter().filter(|family| family.sensitive);
        let families: Vec<_> = sensitive.map(|family| family.name.clone()).collect();
        if self.keys.is_none() && !families.is_empty() {
            return Err(CodecError::NoKey { families });
        }
        Ok(self.build(schema))
    }

    /// The same, for a service that must not fail to start: without keys, sensitive families are not stored, and each
    /// attempt says so.
    pub(super) fn build(self, schema: &Schema) -> Codec {
        let treatment = |family: &crate::schema::Family| {
            let own = self.families.get(&family.name).copied();
            let shared = Encoding { lz4: self.encoding.lz4 && !family.sensitive, ..self.encoding };
            Treatment { encoding: own.unwrap_or(shared), sensitive: family.sensitive }
        };
        let families = schema.families.iter();
        let families = families.map(|family| (family.name.clone(), treatment(family)));
        Codec {
            families: families.collect(),
            others: Treatment { encoding: self.encoding, sensitive: false },
            keys: self.keys,
            read_pickles: self.read_pickles,
            // The header's size has 32 bits.
            limit: self.max_decoded_bytes.min(u32::MAX as usize),
        }
    }
}
