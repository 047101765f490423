//! Which slot a name is in, and which server has it.

use std::collections::BTreeSet;
use std::fmt;

use redis::{FromRedisValue, Value};

use crate::server::store::Shard;

pub(super) const SLOTS: u16 = 16_384;

/// The slot of a name: that of what stands between its first `{` and the next `}`, if anything does.
pub(super) fn slot(name: &str) -> u16 {
    let tag = name.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let hashed = tag.map(|(tag, _)| tag).filter(|tag| !tag.is_empty()).unwrap_or(name);
    crc16(hashed.as_bytes()) % SLOTS
}

/// CRC-16/XMODEM, as Redis Cluster hashes. By a table: each call asks for a slot or two.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| (crc << 8) ^ OF_BYTE[usize::from((crc >> 8) as u8 ^ byte)])
}

const OF_BYTE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    shard: Shard,
}

impl Address {
    /// As a redirection names it: `host:port`, the host empty for the one who says it.
    pub(super) fn parse(text: &str, told_by: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = if host.is_empty() { told_by } else { host };
        Some(Self::new(host, port.parse().ok()?))
    }

    pub(super) fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port, shard: Shard::new(format!("{host}:{port}")) }
    }

    /// Whether it says where.
    pub(super) fn is_named(&self) -> bool {
        !self.host.is_empty()
    }

    /// The same for those who know no Redis.
    pub(super) fn shard(&self) -> Shard {
        self.shard.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shard.as_str())
    }
}

/// Which primary has which slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SlotMap {
    /// First and last slot, and who has them.
    ranges: Vec<(u16, u16, Address)>,
    /// The names by which the primaries know one another, whatever their addresses are to us.
    ids: BTreeSet<String>,
}

impl SlotMap {
    /// Reads what `CLUSTER SLOTS` answers; `None` when it is something else, or no slot is anybody's.
    pub(super) fn read(answer: Value, told_by: &str) -> Option<Self> {
        let Value::Array(ranges) = answer else { return None };
        let mut map = Self::default();
        for range in ranges {
            let Value::Array(range) = range else { return None };
            let mut range = range.into_iter();
            let first = u16::from_redis_value(range.next()?).ok()?;
            let last = u16::from_redis_value(range.next()?).ok()?;
            // Behind the primary stand its replicas.
            let Value::Array(primary) = range.next()? else { return None };
            let mut primary = primary.into_iter();
            let host: Option<String> = Option::from_redis_value(primary.next()?).ok()?;
            let host = host.filter(|host| !host.is_empty()).unwrap_or_else(|| told_by.to_owned());
            let port = u16::from_redis_value(primary.next()?).ok()?;
            map.ids.extend(primary.next().and_then(|id| String::from_redis_value(id).ok()));
            map.ranges.push((first, last, Address::new(&host, port)));
        }
        (!map.ranges.is_empty()).then_some(map)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(super) fn primary(&self, slot: u16) -> Option<&Address> {
        let range = self.ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&slot));
        range.map(|(.., address)| address)
    }

    /// The slots of one, from first to last.
    pub(super) fn slots_of(&self, address: &Address) -> Vec<(u16, u16)> {
        let ranges = self.ranges.iter().filter(|(.., of)| of == address);
        let mut slots: Vec<_> = ranges.map(|(first, last, _)| (*first, *last)).collect();
        slots.sort_unstable();
        slots
    }

    pub(super) fn ids(&self) -> &BTreeSet<String> {
        &self.ids
    }

    /// Every primary, by its first slot: one that takes over stands where its predecessor stood.
    pub(super) fn by_slots(&self) -> Vec<Address> {
        let mut ranges: Vec<_> = self.ranges.iter().collect();
        ranges.sort_unstable_by_key(|(first, ..)| *first);
        let mut primaries: Vec<Address> = Vec::new();
        for (.., address) in ranges {
            if !primaries.contains(address) {
                primaries.push(address.clone());
            }
        }
        primaries
    }

    /// Every primary, in one order for all who ask.
    pub(super) fn primaries(&self) -> Vec<Address> {
        let mut primaries: Vec<_> =
            self.ranges.iter().map(|(.., address)| address.clone()).collect();
        primaries.sort_unstable();
        primaries.dedup();
        primaries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_that_redis_tells() {
        // By `CLUSTER KEYSLOT`.
        assert_eq!(slot("123456789"), 12_739);
        assert_eq!(slot("foo"), 12_182);
        assert_eq!(slot("exec:{foo}:x"), slot("foo"));
        assert_eq!(slot("foo{}{bar}"), 8_363);
        assert_eq!(slot("{{foo}:x"), slot("{foo"));
    }

    #[test]
    fn one_that_takes_over_stands_where_its_predecessor_stood() {
        let at = |port| Address::new("h", port);
        let map = |second| SlotMap {
            ranges: vec![(9, 16_383, at(1)), (0, 5, at(3)), (6, 8, at(second)), (4, 4, at(1))],
            ids: BTreeSet::new(),
        };
        assert_eq!(map(2).by_slots(), [at(3), at(1), at(2)]);
        assert_eq!(map(9).by_slots(), [at(3), at(1), at(9)]);
    }

    #[test]
    fn a_lease_and_a_staged_value_are_where_their_key_is() {
        let names = super::super::super::names::Names::new("shadower:prod:");
        for key in ["exec:kpis:ws1", "exec:kpis:%7Bws1%7D", "a"] {
            assert_eq!(slot(&names.lease(key)), slot(&names.data(key)));
            assert_eq!(slot(&names.staged(key)), slot(&names.data(key)));
        }
    }
}
