//! What a server says of who else may be written to: `CLUSTER NODES`.
//!
//! Others' writes are heard from the primaries that are known. One that has just become one, as by a failover, is known
//! to the others before it is known here. So who relies on having heard everything asks each server whom it knows.

use std::collections::{BTreeSet, HashMap};

/// What one server knows of the primaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Masters {
    /// It is one, and so are no others than those that are known here.
    pub(in super::super) are_known: bool,
    /// Where it sends keys on to that are not known here, as they have no slot yet: `host:port`.
    pub(in super::super) ahead: Vec<String>,
}

/// Reads the answer; `known` are the names of those that are known here.
pub(in super::super) fn masters(nodes: &str, known: &BTreeSet<String>) -> Masters {
    let (mut others, mut is_master) = (false, false);
    let (mut addresses, mut ahead) = (HashMap::new(), Vec::new());
    for line in nodes.lines() {
        let mut words = line.split(' ');
        let (Some(id), Some(address), Some(flags)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let is = |flag: &str| flags.split(',').any(|it| it == flag);
        if is("myself") {
            is_master = is("master") && known.contains(id);
            // `[slot->-id]`: on its way to there.
            ahead.extend(
                words.filter_map(|word| Some(word.strip_suffix(']')?.split_once("->-")?.1)),
            );
        } else if is("master") && !["fail", "noaddr", "handshake"].into_iter().any(is) {
            others |= !known.contains(id);
            addresses.insert(id, address.split('@').next().unwrap_or_default());
        }
    }
    ahead.sort_unstable();
    ahead.dedup();
    let ahead = ahead.into_iter().filter(|id| !known.contains(*id));
    let ahead = ahead.map(|id| addresses.get(id).copied().unwrap_or_default().to_owned());
    Masters { are_known: is_master && !others, ahead: ahead.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeSet<String> {
        ["aa", "bb"].map(str::to_owned).into()
    }

    #[test]
    fn who_may_be_written_to_is_known_or_not() {
        let mine = "aa 127.0.0.1:1@11,host myself,master - 0 0 1 connected 0-5460";
        let other = |id: &str, flags: &str| {
            let nodes = format!("{mine}\n{id} 127.0.0.1:2@12 {flags} - 0 5 2 connected\n");
            masters(&nodes, &known()).are_known
        };
        assert!(other("bb", "master"));
        assert!(other("cc", "slave"));
        assert!(other("cc", "master,fail"));
        assert!(!other("cc", "master,fail?"));
        assert!(!other("cc", "master"));
    }

    #[test]
    fn one_that_has_become_a_replica_or_says_nothing_vouches_for_nobody() {
        let replica = "aa 127.0.0.1:1@11 myself,slave bb 0 0 1 connected\nbb 127.0.0.1:2@12 master - 0 5 2 connected 0-5460\n";
        assert!(!masters(replica, &known()).are_known);
        assert!(!masters("", &known()).are_known);
    }

    #[test]
    fn a_slot_on_its_way_is_noticed_where_it_goes_to_one_without_slots() {
        let ahead = |ways: &str| {
            let mine = format!("aa :1@11 myself,master - 0 0 1 connected 0-5460 {ways}");
            let nodes = format!("{mine}\ncc 127.0.0.1:3@13 master - 0 5 2 connected\n");
            masters(&nodes, &known()).ahead
        };
        assert_eq!(ahead("[93->-bb]"), [""; 0]);
        assert_eq!(ahead("[93-<-cc]"), [""; 0]);
        assert_eq!(ahead("[92->-cc] [93->-cc] [94->-bb]"), ["127.0.0.1:3"]);
    }
}
