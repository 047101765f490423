//! A hash table of ids, whose keys stay where they are.
//!
//! The standard map would keep a second copy of every key, and bring 2 kB of code into each user's download for every
//! type of key. Here the owner of the keys tells, by id, which candidate is the one, and one code serves them all.

/// Ids by the hashes of their keys.
#[derive(Debug, Default)]
pub(super) struct IdTable {
    /// A power of two of them, or none; linear probing, so that an entry stands in its slot or soon after it.
    slots: Vec<Slot>,
    len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    id: u32,
}

const EMPTY: Slot = Slot { hash: 0, id: u32::MAX };

impl IdTable {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The id with this hash that `is_wanted`.
    pub(super) fn find(&self, hash: u32, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        let mut position = self.home(hash);
        loop {
            let slot = *self.slots.get(position)?;
            if slot.id == EMPTY.id {
                return None;
            }
            if slot.hash == hash && is_wanted(slot.id) {
                return Some(slot.id);
            }
            position = self.after(position);
        }
    }

    /// Adds an id that is not there.
    pub(super) fn insert(&mut self, hash: u32, id: u32) {
        // A third stays empty: longer runs would cost more than the memory.
        if self.len * 3 >= self.slots.len() * 2 {
            let larger = vec![EMPTY; (self.slots.len() * 2).max(16)];
            for slot in std::mem::replace(&mut self.slots, larger) {
                if slot.id != EMPTY.id {
                    self.place(slot);
                }
            }
        }
        self.place(Slot { hash, id });
        self.len += 1;
    }

    /// Takes an id out, if it is there.
    pub(super) fn remove(&mut self, hash: u32, id: u32) {
        let mut hole = self.home(hash);
        loop {
            match self.slots.get(hole) {
                Some(slot) if slot.id == id => break,
                Some(slot) if slot.id != EMPTY.id => hole = self.after(hole),
                _ => return,
            }
        }
        self.len -= 1;
        // What stands behind the hole moves up, or it would not be found past the empty slot.
        let mut candidate = hole;
        loop {
            candidate = self.after(candidate);
            let slot = self.slots[candidate];
            if slot.id == EMPTY.id {
                break;
            }
            if self.distance(self.home(slot.hash), candidate) >= self.distance(hole, candidate) {
                self.slots[hole] = slot;
                hole = candidate;
            }
        }
        self.slots[hole] = EMPTY;
    }

    fn place(&mut self, slot: Slot) {
        let mut position = self.home(slot.hash);
        while self.slots[position].id != EMPTY.id {
            position = self.after(position);
        }
        self.slots[position] = slot;
    }

    fn home(&self, hash: u32) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    fn after(&self, position: usize) -> usize {
        (position + 1) & (self.slots.len() - 1)
    }

    /// How many steps of `after` lead from one slot to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.slots.len() - 1)
    }
}

/// The hash of a text: multiply and fold, eight bytes at a time.
#[inline(never)]
pub(super) fn hash_text(text: &[u8]) -> u32 {
    let (words, rest) = text.as_chunks::<8>();
    let mut hash = text.len() as u64;
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let rest = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    (mix(hash, rest).wrapping_mul(ODD) >> 32) as u32
}

/// The hash of two ids.
pub(super) fn hash_pair(a: u32, b: u32) -> u32 {
    (mix(0, u64::from(a) << 32 | u64::from(b)).wrapping_mul(ODD) >> 32) as u32
}

/// 2^64 over the golden ratio, as in Fibonacci hashing.
const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_mul(ODD);
    // A product's low bits know nothing of its factors' high bits.
    product ^ product >> 32
}
