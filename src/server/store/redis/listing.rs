//! Which lists there are, and which of them a key is put on.
//!
//! On one server there is one of each kind. In a cluster there are several, spread over the servers, and a key is put on
//! one that is beside it.

#[cfg(feature = "cluster")]
use super::cluster::{PLACES, place_tag};
use super::names::Names;
use super::server::Server;
use crate::server::store::Tag;

impl Server {
    /// The lists of `tag`.
    pub(super) fn lists(&self, names: &Names, tag: &Tag) -> Vec<String> {
        #[cfg(feature = "cluster")]
        if !self.is_one() {
            return (0..PLACES).map(|place| names.index_in(tag, place_tag(place))).collect();
        }
        vec![names.index(tag)]
    }

    /// The list of `tag` that `key` is put on. Of one tag one per server, so that they are few.
    pub(super) fn list_for(&self, names: &Names, tag: &Tag, key: &str) -> String {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.cluster() {
            let place = cluster.place_beside(&names.data(key), &names.index(tag));
            return names.index_in(tag, place_tag(place));
        }
        let _ = key;
        names.index(tag)
    }

    /// The list of leases that the lease of `key` is put on.
    #[cfg(feature = "cluster")]
    pub(super) fn register_beside(&self, names: &Names, key: &str) -> String {
        let name = names.data(key);
        match self.cluster() {
            Some(cluster) => names.register_in(place_tag(cluster.place_beside(&name, &name))),
            None => names.register(),
        }
    }
}
