//! The lists of keys by tag: an entity's keys are found without walking over everybody's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::server::store::Tag;

/// Which keys were stored with which tag. Each listing has the number of the slot that it was made for, so that
/// what is said of an old slot cannot take away the listing of its successor.
#[derive(Default)]
pub(super) struct Index(Mutex<Lists>);

type Lists = HashMap<Tag, HashMap<Arc<str>, u64>>;

/// What a slot knows of its listings.
#[derive(Clone)]
pub(super) struct Listed {
    key: Arc<str>,
    tags: Arc<[Tag]>,
    slot: u64,
}

impl Listed {
    /// What the listings take, nearly: of each, a pointer, a number and its share of a table.
    pub(super) fn weight(&self) -> u64 {
        self.key.len() as u64 + 64 * self.tags.len() as u64
    }
}

impl Index {
    /// Lists `key` for the slot that is about to be filled; nothing when it has no tags.
    pub(super) fn list(&self, key: &str, tags: &[Tag], slot: u64) -> Option<Listed> {
        if tags.is_empty() {
            return None;
        }
        let listed = Listed { key: key.into(), tags: tags.into(), slot };
        let mut lists = self.lock();
        for tag in tags {
            let keys = match lists.get_mut(tag) {
                Some(keys) => keys,
                None => lists.entry(tag.clone()).or_default(),
            };
            keys.insert(listed.key.clone(), slot);
        }
        Some(listed)
    }

    /// The slot is gone.
    pub(super) fn forget(&self, listed: &Listed) {
        let mut lists = self.lock();
        for tag in listed.tags.iter() {
            let Some(keys) = lists.get_mut(tag) else { continue };
            if keys.get(&listed.key) == Some(&listed.slot) {
                keys.remove(&listed.key);
            }
            if keys.is_empty() {
                lists.remove(tag);
            }
        }
    }

    /// The keys of any of `tags`; one of several tags comes several times.
    pub(super) fn keys(&self, tags: &[Tag]) -> Vec<Arc<str>> {
        let lists = self.lock();
        let lists = tags.iter().filter_map(|tag| lists.get(tag));
        lists.flat_map(|keys| keys.keys().cloned()).collect()
    }

    #[cfg(test)]
    pub(super) fn listings(&self) -> usize {
        self.lock().values().map(HashMap::len).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        // Nothing under the lock can leave the lists half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_old_slot_does_not_unlist_its_successor() {
        let index = Index::default();
        let tags = [Tag::new("workspace", "ws1").unwrap(), Tag::new("user", "u1").unwrap()];
        let old = index.list("k", &tags, 1).unwrap();
        let new = index.list("k", &tags[..1], 2).unwrap();
        index.forget(&old);
        assert_eq!(index.keys(&tags[..1]), [Arc::from("k")]);
        assert!(index.keys(&tags[1..]).is_empty());
        index.forget(&new);
        assert_eq!(index.listings(), 0);
        assert!(index.lock().is_empty(), "lists of nothing are dropped");
    }
}
