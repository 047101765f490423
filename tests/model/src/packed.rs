//! A world in 120 bits: nothing is lost, so that a world that was seen is known by itself and not by a fingerprint of it.

use crate::world::{
    At, Count, Hears, Held, INVALIDATIONS, Invalidation, Node, READERS, Reader, Version, World,
};

/// A world as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Packed(pub(crate) u128);

/// `None` in a field of two bits. Readers and versions are 0, 1 and 2.
const NONE: u8 = 3;

struct Writer(u128);

impl Writer {
    fn put(&mut self, value: u8, bits: u32) {
        debug_assert!(value < 1 << bits, "{value} in {bits} bits");
        self.0 = self.0 << bits | u128::from(value);
    }

    fn put_option(&mut self, value: Option<u8>) {
        self.put(value.unwrap_or(NONE), 2);
    }
}

/// Takes out what a [`Writer`] put in, the last first.
struct Reading(u128);

impl Reading {
    fn take(&mut self, bits: u32) -> u8 {
        let value = (self.0 & ((1 << bits) - 1)) as u8;
        self.0 >>= bits;
        value
    }

    fn take_option(&mut self) -> Option<u8> {
        Some(self.take(2)).filter(|value| *value != NONE)
    }

    fn take_bool(&mut self) -> bool {
        self.take(1) == 1
    }
}

impl From<&World> for Packed {
    fn from(world: &World) -> Self {
        let mut to = Writer(0);
        for reader in &world.readers {
            put_reader(&mut to, reader);
        }
        for node in &world.nodes {
            put_node(&mut to, node);
        }
        for invalidation in &world.invalidations {
            to.put(invalidation.step, 4);
            to.put(invalidation.version, 2);
        }
        to.put(world.database, 2);
        to.put_option(world.data);
        to.put_option(world.lease);
        to.put(world.returned, 2);
        to.put(world.silent_commits, 2);
        to.put(world.losses, 2);
        Self(to.0)
    }
}

impl From<Packed> for World {
    fn from(packed: Packed) -> Self {
        let mut from = Reading(packed.0);
        let (losses, silent_commits, returned) = (from.take(2), from.take(2), from.take(2));
        let (lease, data, database) = (from.take_option(), from.take_option(), from.take(2));
        let mut invalidations = [Invalidation { step: 0, version: 0 }; INVALIDATIONS];
        for invalidation in invalidations.iter_mut().rev() {
            (invalidation.version, invalidation.step) = (from.take(2), from.take(4));
        }
        let mut nodes = [Node::default(); 2];
        for node in nodes.iter_mut().rev() {
            *node = take_node(&mut from);
        }
        let mut readers = [Reader::NEW; READERS];
        for reader in readers.iter_mut().rev() {
            *reader = take_reader(&mut from);
        }
        Self {
            database,
            data,
            lease,
            nodes,
            readers,
            invalidations,
            returned,
            silent_commits,
            losses,
        }
    }
}

fn put_reader(to: &mut Writer, reader: &Reader) {
    to.put(reader.at as u8, 5);
    to.put(reader.returned, 2);
    to.put(reader.knew, 2);
    to.put(reader.value, 2);
    to.put(reader.overtaken.into(), 1);
    to.put(reader.is_pilot.into(), 1);
    to.put(reader.holds_lease.into(), 1);
    to.put(reader.good_for as u8, 2);
    to.put(reader.again.into(), 1);
    to.put_option(reader.pilot);
    for counted in reader.counted {
        to.put(counted.into(), 1);
    }
}

fn take_reader(from: &mut Reading) -> Reader {
    let mut counted = [false; 3];
    for counted in counted.iter_mut().rev() {
        *counted = from.take_bool();
    }
    let (pilot, again) = (from.take_option(), from.take_bool());
    let good_for = COUNTS[usize::from(from.take(2))];
    let (holds_lease, is_pilot, overtaken) = (from.take_bool(), from.take_bool(), from.take_bool());
    let (value, knew, returned): (Version, Version, Version) =
        (from.take(2), from.take(2), from.take(2));
    let at = PLACES[usize::from(from.take(5))];
    Reader {
        at,
        returned,
        knew,
        value,
        overtaken,
        is_pilot,
        holds_lease,
        good_for,
        again,
        pilot,
        counted,
    }
}

/// Of a copy: none, confirmed, or who has yet to look.
fn put_node(to: &mut Writer, node: &Node) {
    let (version, who) = match node.l1 {
        None => (0, 0),
        Some(Held { version, unconfirmed: None }) => (version, 1),
        Some(Held { version, unconfirmed: Some(reader) }) => (version, 2 + reader),
    };
    to.put(version, 2);
    to.put(who, 3);
    to.put_option(node.flight);
    to.put(node.knows, 2);
    to.put(node.notices >> 1, 2);
    to.put(node.hears.version, 2);
    to.put(node.hears.done, 2);
}

fn take_node(from: &mut Reading) -> Node {
    let (done, version) = (from.take(2), from.take(2));
    let hears = Hears { version, done };
    let (notices, knows, flight) = (from.take(2) << 1, from.take(2), from.take_option());
    let (who, version) = (from.take(3), from.take(2));
    let l1 = match who {
        0 => None,
        1 => Some(Held { version, unconfirmed: None }),
        who => Some(Held { version, unconfirmed: Some(who - 2) }),
    };
    Node { l1, flight, knows, notices, hears }
}

const COUNTS: [Count; 3] = [Count::Lease, Count::Compute, Count::Write];

const PLACES: [At; 17] = [
    At::Ask,
    At::AskAgain,
    At::Get,
    At::Board,
    At::Wait,
    At::Lease,
    At::Compute,
    At::BeginWrite,
    At::SetLeased,
    At::EndWrite,
    At::Check,
    At::Insert,
    At::Recheck,
    At::Confirm,
    At::RemoveWrittenOver,
    At::Land,
    At::Done,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reduce::Reductions;
    use crate::scenario::{A, B, Losses, Scenario};
    use crate::search::search;
    use crate::steps::Rules;

    #[test]
    fn a_world_is_unpacked_as_it_was() {
        let scenario = Scenario::new(&[A, B, A], &[1]).losing(Losses::AtMost(2));
        let rules = Rules { scenario: &scenario, late_losses: true };
        let forget = Reductions { forget: true, late_losses: true, ..Reductions::NONE };
        let mut all = Vec::new();
        for world in search(&scenario, forget).unwrap().iter() {
            rules.next(&World::from(world), &mut all).unwrap();
            for (next, _) in all.drain(..) {
                assert_eq!(World::from(Packed::from(&next)), next);
            }
        }
    }
}
