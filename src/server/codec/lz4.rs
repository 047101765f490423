//! LZ4 blocks, of a size that is known before.

/// `body` compressed, when that is smaller.
pub(super) fn compress(body: &[u8]) -> Option<Vec<u8>> {
    let compressed = lz4_flex::block::compress(body);
    (compressed.len() < body.len()).then_some(compressed)
}

/// The `size` bytes that were compressed; nothing when it were fewer, more, or nonsense. The caller has compared
/// `size` with its limit.
pub(super) fn decompress(payload: &[u8], size: usize) -> Option<Vec<u8>> {
    // No byte of a block stands for more than 255 bytes: a bomb is told from the claim alone.
    if size > payload.len().saturating_mul(255) {
        return None;
    }
    let mut body = vec![0; size];
    let written = lz4_flex::block::decompress_into(payload, &mut body).ok()?;
    (written == size).then_some(body)
}
