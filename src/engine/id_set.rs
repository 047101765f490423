//! A set of small integer ids.

/// A set of slab ids: insert, remove and contains in O(1), iteration in O(members).
#[derive(Debug, Default)]
pub(super) struct IdSet {
    members: Vec<u32>,
    /// Where each id stands in `members`, by id; `ABSENT` if it does not.
    positions: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;

impl IdSet {
    pub(super) fn set(&mut self, id: u32, member: bool) {
        if member { self.insert(id) } else { self.remove(id) }
    }

    pub(super) fn insert(&mut self, id: u32) {
        let slot = id as usize;
        if slot >= self.positions.len() {
            self.positions.resize(slot + 1, ABSENT);
        }
        if self.positions[slot] == ABSENT {
            self.positions[slot] = self.members.len() as u32;
            self.members.push(id);
        }
    }

    pub(super) fn remove(&mut self, id: u32) {
        let Some(position) = self.positions.get_mut(id as usize) else { return };
        if *position == ABSENT {
            return;
        }
        let hole = std::mem::replace(position, ABSENT) as usize;
        self.members.swap_remove(hole);
        if let Some(&moved) = self.members.get(hole) {
            self.positions[moved as usize] = hole as u32;
        }
    }

    pub(super) fn members(&self) -> &[u32] {
        &self.members
    }
}
