//! Keys that go from one server to another with their slot, and how it is noticed that some have.
//!
//! A server counts the commands that it is sent, and so those by which keys leave it (`MIGRATE`) and come to it
//! (`RESTORE-ASKING`; `RESTORE` by who copies them himself). Newer servers can hand over a slot as a whole instead, without
//! either: then the slots that a server calls its own are others than before, or they are the same, and who takes a slot
//! back does so in a later epoch than he had.

use crate::server::store::redis::keeping::calls;

/// A set of slots.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slots(Vec<u64>);

impl Slots {
    fn of(ranges: impl IntoIterator<Item = (u16, u16)>) -> Self {
        let mut slots = vec![0; 256];
        for slot in ranges.into_iter().flat_map(|(first, last)| first..=last) {
            if let Some(word) = slots.get_mut(usize::from(slot / 64)) {
                *word |= 1 << (slot % 64);
            }
        }
        Self(slots)
    }

    fn has_what_lacks(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(these, those)| these & !those != 0)
    }
}

/// Whether a server that had the slots of `before` has got others.
pub(super) fn has_gained(before: &[(u16, u16)], now: &[(u16, u16)]) -> bool {
    let slots = |ranges: &[(u16, u16)]| Slots::of(ranges.iter().copied());
    slots(now).has_what_lacks(&slots(before))
}

/// What has come to a server and left it until some moment; to be compared with a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Traffic {
    slots: Slots,
    /// The cluster's time in which it took the last of them.
    epoch: Option<u64>,
    /// Nothing where the server does not say what it was sent.
    counts: Option<Counts>,
    /// Slots of which keys may come, or leave, at present.
    is_coming: bool,
    is_leaving: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    came: u64,
    left: u64,
    /// Whoever resets them hides what has been counted.
    reset: u64,
}

impl Counts {
    fn read(commands: &str) -> Option<Self> {
        commands.contains("cmdstat_").then(|| Self {
            came: calls(commands, "restore-asking") + calls(commands, "restore"),
            left: calls(commands, "migrate"),
            reset: calls(commands, "config|resetstat"),
        })
    }
}

impl Traffic {
    /// Of a server that by the map has these slots. A map that is old tells of slots that have moved since, which is true.
    pub(in super::super) fn begin(slots: Vec<(u16, u16)>, nodes: &str, commands: &str) -> Self {
        let now = Self::read(nodes, commands);
        Self { slots: Slots::of(slots), is_coming: false, is_leaving: false, ..now }
    }

    /// By what the server says of itself: `CLUSTER NODES`, and its counts of commands.
    pub(in super::super) fn read(nodes: &str, commands: &str) -> Self {
        let is_itself = |line: &&str| {
            let flags = line.split(' ').nth(2).unwrap_or_default();
            flags.split(',').any(|flag| flag == "myself")
        };
        let mine = nodes.lines().find(is_itself).unwrap_or_default();
        // Behind its name, its address and how it is; the last but one of these is its epoch.
        let words = || mine.split(' ').skip(8);
        let range = |word: &str| {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            Some((first.parse().ok()?, last.parse().ok()?))
        };
        Self {
            slots: Slots::of(words().filter_map(range)),
            epoch: mine.split(' ').nth(6).and_then(|epoch| epoch.parse().ok()),
            counts: Counts::read(commands),
            is_coming: words().any(|word| word.contains("-<-")),
            is_leaving: words().any(|word| word.contains("->-")),
        }
    }

    /// Whether keys may have come since `before`.
    pub(in super::super) fn came_since(&self, before: &Self) -> bool {
        self.slots.has_what_lacks(&before.slots)
            || self.has_slots_back_since(before)
            || match (before.counts, self.counts) {
                (Some(before), Some(now)) => (before.came, before.reset) != (now.came, now.reset),
                _ => self.is_coming,
            }
    }

    /// Whether keys may have left since `before`.
    pub(in super::super) fn left_since(&self, before: &Self) -> bool {
        before.slots.has_what_lacks(&self.slots)
            || self.has_slots_back_since(before)
            || match (before.counts, self.counts) {
                (Some(before), Some(now)) => (before.left, before.reset) != (now.left, now.reset),
                _ => self.is_leaving,
            }
    }

    /// Whether a slot may have left and come back. Who gets other slots meanwhile has a later epoch by those: it is not
    /// said of him, or a resharding among many would look like keys on the run.
    fn has_slots_back_since(&self, before: &Self) -> bool {
        self.slots == before.slots && self.epoch != before.epoch
    }

    /// Whether its slots are others than `before`.
    pub(in super::super) fn has_other_slots(&self, before: &Self) -> bool {
        self.slots != before.slots
    }

    /// Whether there is a slot here of which keys may have left before.
    pub(in super::super) fn is_leaving(&self) -> bool {
        self.is_leaving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMANDS: &str = "cmdstat_get:calls=3,usec=1\r\ncmdstat_migrate:calls=2,usec=9\r\ncmdstat_restore-asking:calls=5,usec=1\r\n";

    fn nodes(slots: &str) -> String {
        format!(
            "bb 127.0.0.1:2@12 master - 0 5 2 connected 9000\naa 127.0.0.1:1@11,host myself,master - 0 0 1 connected {slots}\n"
        )
    }

    fn traffic(slots: &str, commands: &str) -> Traffic {
        Traffic::read(&nodes(slots), commands)
    }

    #[test]
    fn what_a_server_says_is_what_the_map_says_while_nothing_moves() {
        let before = Traffic::begin(vec![(0, 63), (65, 65)], &nodes("0-63 65"), COMMANDS);
        let now = traffic("0-63 65", COMMANDS);
        assert!(!now.came_since(&before) && !now.left_since(&before));
        // Slots that are about to move are whose they were.
        let now = traffic("0-63 65 [63->-bb] [9000-<-bb]", COMMANDS);
        assert!(!now.came_since(&before) && !now.left_since(&before) && now.is_leaving());
    }

    #[test]
    fn who_has_the_same_slots_in_a_later_epoch_has_lost_one_and_got_it_back() {
        let before = traffic("0-100", COMMANDS);
        let later = |slots: &str| {
            let now = Traffic::read(&nodes(slots).replace(" 1 conn", " 3 conn"), COMMANDS);
            (now.came_since(&before), now.left_since(&before))
        };
        assert_eq!(later("0-100"), (true, true));
        assert_eq!(later("0-101"), (true, false));
    }

    #[test]
    fn keys_that_came_or_left_are_told_apart() {
        let before = traffic("0-100", COMMANDS);
        let moved = |slots: &str, commands: &str| {
            let now = traffic(slots, commands);
            (now.came_since(&before), now.left_since(&before))
        };
        assert_eq!(moved("0-100", &COMMANDS.replace("=5,", "=6,")), (true, false));
        let copied = format!("{COMMANDS}cmdstat_restore:calls=1,usec=1\r\n");
        assert_eq!(moved("0-100", &copied), (true, false));
        assert_eq!(moved("0-100", &COMMANDS.replace("=2,", "=3,")), (false, true));
        assert_eq!(moved("0-101", COMMANDS), (true, false));
        assert_eq!(moved("0-99", COMMANDS), (false, true));
        assert_eq!(moved("1-101", COMMANDS), (true, true));
        let reset = format!("{COMMANDS}cmdstat_config|resetstat:calls=1,usec=1\r\n");
        assert_eq!(moved("0-100", &reset), (true, true));
    }

    #[test]
    fn who_does_not_count_is_believed_what_it_says_of_its_slots() {
        let before = traffic("0-100", "");
        let still = traffic("0-100", "");
        assert!(!still.came_since(&before) && !still.left_since(&before));
        let now = traffic("0-100 [7->-bb]", "");
        assert!(!now.came_since(&before) && now.left_since(&before));
        let now = traffic("0-100 [900-<-bb]", "");
        assert!(now.came_since(&before) && !now.left_since(&before));
    }

    #[test]
    fn who_gets_a_slot_more_has_gained() {
        assert!(!has_gained(&[(0, 10)], &[(0, 4), (5, 9)]));
        assert!(has_gained(&[(0, 10)], &[(11, 11)]));
        assert!(!has_gained(&[(0, 16_383)], &[]));
        assert!(has_gained(&[(0, 16_382)], &[(16_383, 16_383)]));
    }
}
