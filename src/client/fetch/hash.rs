//! Whether a body is the one that is there already.

/// FNV-1a with 64 bits, eight bytes at a step, of which JavaScript's numbers hold 53: tells whether a body changed.
/// (Whoever can forge a collision can send any data anyway.)
pub(super) fn hash(bytes: &[u8]) -> f64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let (words, rest) = bytes.as_chunks::<8>();
    let rest = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([rest, bytes.len() as u64])
    {
        hash = (hash ^ word).wrapping_mul(PRIME);
        // Multiplication only carries upwards; without this the high bytes of a word would be lost.
        hash ^= hash >> 32;
    }
    (hash >> 11) as f64
}
