//! The bytes before a value that is not plain JSON.
//!
//! ```text
//!  0   3  magic C1 53 4B (C1 begins neither JSON, nor UTF-8, nor MessagePack, nor a pickle)
//!  3   1  version, 1
//!  4   1  codec: format (bits 0-1), compression (2-3), cipher (4-5); bits 6-7 are 0
//!  5   4  id of the encryption key, big endian; 0 when there is no cipher
//!  9   4  size of the body once decrypted and decompressed, big endian
//! 13   …  no cipher: 8 bytes of XXH3-64, big endian, over the key, these 13 bytes and the payload; the payload
//!         cipher:    24 bytes of nonce; the ciphertext; 16 bytes of tag, over these 13 bytes, the key and the payload
//! ```
//!
//! Written once and read for ever: `tests/vectors/entries/` holds examples that every later version reads.

use super::error::Foreign;

/// How every value with a header begins.
pub(super) const MAGIC: [u8; 3] = [0xC1, b'S', b'K'];
const VERSION: u8 = 1;

/// The header's own bytes, before the checksum or the nonce.
pub(super) const HEADER_BYTES: usize = 13;

/// What the body is once decrypted and decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Json,
    MessagePack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) body: Body,
    pub(super) lz4: bool,
    /// The encryption key's id. `None`: not encrypted.
    pub(super) encryption_key: Option<u32>,
    /// The claimed size of the body. Nothing is allocated by it before it was compared with a limit.
    pub(super) size: u32,
}

/// Why there is no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeaderError {
    Foreign(Foreign),
    Truncated,
    /// A key id without a cipher, or a cipher without one.
    Contradiction,
}

impl Header {
    pub(super) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let format = match self.body {
            Body::Json => 0,
            Body::MessagePack => 1,
        };
        let codec = format | u8::from(self.lz4) << 2 | u8::from(self.encryption_key.is_some()) << 4;
        let mut bytes = [0; HEADER_BYTES];
        bytes[..3].copy_from_slice(&MAGIC);
        bytes[3] = VERSION;
        bytes[4] = codec;
        bytes[5..9].copy_from_slice(&self.encryption_key.unwrap_or(0).to_be_bytes());
        bytes[9..13].copy_from_slice(&self.size.to_be_bytes());
        bytes
    }

    /// Reads the header of a value that begins with [`MAGIC`], and what follows it.
    pub(super) fn parse(stored: &[u8]) -> Result<(Self, &[u8; HEADER_BYTES], &[u8]), HeaderError> {
        // The version before the length: a later one may be shorter.
        let version = *stored.get(3).ok_or(HeaderError::Truncated)?;
        if version != VERSION {
            return Err(HeaderError::Foreign(Foreign::Version(version)));
        }
        let (bytes, rest) =
            stored.split_first_chunk::<HEADER_BYTES>().ok_or(HeaderError::Truncated)?;
        let [_, _, _, _, codec, k0, k1, k2, k3, s0, s1, s2, s3] = *bytes;
        let unknown = Err(HeaderError::Foreign(Foreign::Codec(codec)));
        let body = match codec & 0b11 {
            0 => Body::Json,
            1 => Body::MessagePack,
            _ => return unknown,
        };
        let lz4 = match codec >> 2 & 0b11 {
            0 => false,
            1 => true,
            _ => return unknown,
        };
        let encryption_key = match (codec >> 4, u32::from_be_bytes([k0, k1, k2, k3])) {
            (0, 0) => None,
            (1, id) if id != 0 => Some(id),
            (0 | 1, _) => return Err(HeaderError::Contradiction),
            _ => return unknown,
        };
        let size = u32::from_be_bytes([s0, s1, s2, s3]);
        Ok((Self { body, lz4, encryption_key, size }, bytes, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for body in [Body::Json, Body::MessagePack] {
            for lz4 in [false, true] {
                for encryption_key in [None, Some(1), Some(u32::MAX)] {
                    let header = Header { body, lz4, encryption_key, size: 0x0102_0304 };
                    let stored = [&header.to_bytes()[..], b"rest"].concat();
                    let (read, bytes, rest) = Header::parse(&stored).unwrap();
                    assert_eq!((read, *bytes, rest), (header, header.to_bytes(), &b"rest"[..]));
                }
            }
        }
    }

    #[test]
    fn a_later_version_is_foreign_even_when_it_is_shorter() {
        let stored = [&MAGIC[..], &[2]].concat();
        assert_eq!(Header::parse(&stored).unwrap_err(), HeaderError::Foreign(Foreign::Version(2)));
    }
}
