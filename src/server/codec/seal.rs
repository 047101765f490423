//! What holds a payload together with its header and its key: a cipher, or a checksum.
//!
//! Either way the bytes are bound to the key they stand under, so that a value copied to another key is not served there.

use chacha20poly1305::aead::{AeadInOut, Generate};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use xxhash_rust::xxh3::Xxh3;

use super::header::HEADER_BYTES;

const CHECKSUM_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Header, checksum, payload.
pub(super) fn check(key: &str, header: [u8; HEADER_BYTES], payload: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(HEADER_BYTES + CHECKSUM_BYTES + payload.len());
    stored.extend_from_slice(&header);
    stored.extend_from_slice(&checksum(key, &header, payload));
    stored.extend_from_slice(payload);
    stored
}

/// The payload behind a header without a cipher; `None` when it is not what [`check`] was given.
pub(super) fn checked<'s>(
    key: &str,
    header: &[u8; HEADER_BYTES],
    rest: &'s [u8],
) -> Option<&'s [u8]> {
    let (told, payload) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
    (*told == checksum(key, header, payload)).then_some(payload)
}

/// Against bit rot and mix-ups, not against people: for those there is the cipher.
fn checksum(key: &str, header: &[u8; HEADER_BYTES], payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hash = Xxh3::new();
    // The header has a fixed size, so no key runs over into it; the key's length keeps it from the payload.
    hash.update(header);
    hash.update(&(key.len() as u64).to_be_bytes());
    hash.update(key.as_bytes());
    hash.update(payload);
    hash.digest().to_be_bytes()
}

/// A nonce that was never used: with 192 random bits nobody has to count. `None` without a source of randomness.
pub(super) fn nonce() -> Option<XNonce> {
    XNonce::try_generate().ok()
}

/// Header, nonce, ciphertext, tag. `None` when the value is too large for the cipher: 256 GiB.
pub(super) fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &XNonce,
    key: &str,
    header: [u8; HEADER_BYTES],
    payload: &[u8],
) -> Option<Vec<u8>> {
    let mut stored = Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + payload.len() + TAG_BYTES);
    stored.extend_from_slice(&header);
    stored.extend_from_slice(nonce);
    stored.extend_from_slice(payload);
    let bound = bound_to(key, &header);
    let body = &mut stored[HEADER_BYTES + NONCE_BYTES..];
    let tag = cipher.encrypt_inout_detached(nonce, &bound, body.into()).ok()?;
    stored.extend_from_slice(&tag);
    Some(stored)
}

/// The payload behind a header with a cipher.
///
/// # Errors
/// [`Refused::Truncated`] when it is too short to have been encrypted; [`Refused::NotAuthentic`].
pub(super) fn decrypt(
    cipher: &XChaCha20Poly1305,
    key: &str,
    header: &[u8; HEADER_BYTES],
    rest: &[u8],
) -> Result<Vec<u8>, Refused> {
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Refused::Truncated)?;
    let (body, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(Refused::Truncated)?;
    let mut payload = body.to_vec();
    let bound = bound_to(key, header);
    cipher
        .decrypt_inout_detached(nonce.into(), &bound, payload.as_mut_slice().into(), tag.into())
        .map_err(|_| Refused::NotAuthentic)?;
    Ok(payload)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Truncated,
    NotAuthentic,
}

/// The associated data: neither another key nor another header goes with this ciphertext.
fn bound_to(key: &str, header: &[u8; HEADER_BYTES]) -> Vec<u8> {
    [&header[..], key.as_bytes()].concat()
}
