//! One server's part of an invalidation in a cluster: what its lists name, and whether that is all it has.
//!
//! **A server answers for its own keys.** Whatever is on a server is put on a list that is on the same server: by us when
//! it is stored, by [`catching_up`](super::catching_up) when another program has written it, or when it has come there
//! with its slot. So what happens to one server's lists, or to the connection on which it tells us of others' writes, is
//! its own affair; the others' lists are as good as before. A server *stands* if its lists were found complete, it has
//! been heard all the time since, and has kept the lists and its slots.
//!
//! **But another may have been written to.** A write that a server took of which we do not know was told to nobody. So
//! each is asked, in the same breath as its lists, whom else it knows; see [`Masters`].

use std::sync::Arc;

use redis::cmd;

use super::RedisStore;
use super::answer::Replies;
use super::cluster::{Address, Cluster, Masters, Traffic, masters, place_tag};
use super::keeping::{Kept, keeps_lists, kept};
use super::link::{Link, pipeline};
use super::standing::{Reading, Standing};
use super::tracking::is_on;
use crate::schema::Pattern;
use crate::server::store::{Shard, StoreError, StoreErrorKind, Tag};

/// One of the servers that an invalidation reaches.
pub(super) struct Part {
    pub(super) address: Address,
    pub(super) link: Link,
    pub(super) standing: Arc<Standing>,
    /// From its beginning on, what is put on lists is remembered: they may have been read by then.
    reading: Reading,
    /// What names have in braces that are on this server.
    places: Vec<&'static str>,
}

/// What a server says of some of its lists.
#[derive(Default)]
pub(super) struct Told {
    /// What is on them; and beside them what was heard of, if the lists are of keys.
    pub(super) members: Vec<String>,
    /// All were read, and the server keeps what is on them. Says nothing of what is on others' lists.
    pub(super) are_kept: bool,
    /// There is nothing else on this server that they might name.
    pub(super) stands: bool,
    /// How the server keeps lists now, if they can be completed there.
    pub(super) kept: Option<Kept>,
    pub(super) masters: Masters,
    /// What had come to this server and left it when it said so.
    pub(super) traffic: Option<Traffic>,
}

impl Part {
    /// Fails where the server is none of the cluster's any more: its keys are another's now.
    pub(super) fn begin(cluster: &Cluster, shard: &Shard) -> Result<Self, StoreError> {
        let (address, link) = cluster.link_to(shard)?;
        let places = cluster.places_of(&address).into_iter().map(place_tag).collect();
        let none =
            || StoreError::new(StoreErrorKind::Unavailable, "no connection of the cluster's");
        let standing = link.standing().cloned().ok_or_else(none)?;
        let reading = standing.read();
        Ok(Self { address, link, standing, reading, places })
    }
}

impl RedisStore {
    /// The keys that are under a lease, by the registers of this server.
    pub(super) async fn leased_on(
        &self,
        cluster: &Cluster,
        part: &Part,
        wild: &[&Pattern],
    ) -> Result<Told, StoreError> {
        let registers = part.places.iter().map(|place| self.names.register_in(place)).collect();
        let (mut told, _) = self.told(cluster, part, registers, wild).await?;
        told.members = told.members.iter().filter_map(|line| super::leases::key_of(line)).collect();
        Ok(told)
    }

    /// The keys that `wild` may mean, by this server's lists of `tags` and by what was heard of there.
    pub(super) async fn listed_on(
        &self,
        cluster: &Cluster,
        part: &Part,
        tags: &[Tag],
        wild: &[&Pattern],
    ) -> Result<Told, StoreError> {
        let of_tag = |tag| part.places.iter().map(move |place| self.names.index_in(tag, place));
        let lists = tags.iter().flat_map(of_tag).collect();
        if let Ok((mut told, heard)) = self.told(cluster, part, lists, wild).await {
            told.members.extend(heard);
            return Ok(told);
        }
        // They may be too long for the time that an answer may take. A walk finds what they name.
        let (told, _) = self.told(cluster, part, Vec::new(), wild).await?;
        Ok(Told { are_kept: false, stands: false, ..told })
    }

    /// Beside it, what was heard of and may not be on the lists yet.
    async fn told(
        &self,
        cluster: &Cluster,
        part: &Part,
        lists: Vec<String>,
        wild: &[&Pattern],
    ) -> Result<(Told, Vec<String>), StoreError> {
        let reads = lists.iter().flat_map(|list| {
            let ttl = cmd("PTTL").arg(list).take();
            [ttl, cmd("ZRANGE").arg(list).arg(0).arg(-1).take()]
        });
        // Behind the lists: what was dropped before, was dropped under this policy, and what another program has written
        // was told before this is answered.
        let info = |section: &str| cmd("INFO").arg(section).take();
        let tracking = cmd("CLIENT").arg("TRACKINGINFO").take();
        let nodes = cmd("CLUSTER").arg("NODES").take();
        let behind = [tracking, info("memory"), info("commandstats"), nodes];
        let ask = pipeline(reads.chain(behind));
        let slots = cluster.slots_of(&part.address);
        let answer = cluster.send_to(&part.address, &ask).await?;
        let mut replies = Replies::new(answer);
        let (mut told, mut are_read) = (Told::default(), true);
        for _ in &lists {
            // One that ends is not as we make them: it may have ended before, and begun anew.
            are_read &= replies.next::<i64>().is_ok_and(|ttl| ttl < 0);
            match replies.next::<Vec<String>>() {
                Ok(members) => told.members.extend(members),
                Err(_) => are_read = false,
            }
        }
        let tracks = replies.next().is_ok_and(|answer| is_on(&answer));
        // What it does not say it has not promised.
        let mut text = || replies.next::<String>().unwrap_or_default();
        let (memory, commands, nodes) = (text(), text(), text());
        told.are_kept = are_read && keeps_lists(&memory);
        told.traffic = Some(Traffic::begin(slots, &nodes, &commands));
        told.masters = masters(&nodes, &cluster.ids());
        if !told.masters.others.is_empty() {
            // Who has come is on its map. Who cannot be asked has said nothing else.
            let _ = cluster.look_at(&part.address).await;
        }
        if !part.places.is_empty() {
            told.kept =
                kept(&memory, &commands).map(|kept| kept.after(cluster.moves(&part.address)));
        }
        let (heard, is_whole) = part.reading.end(told.kept, wild);
        // Of one that has become a replica the lists are another's. Who does not say whom it knows is none.
        told.stands = told.are_kept && tracks && is_whole && told.masters.is_one;
        Ok((told, heard))
    }
}
