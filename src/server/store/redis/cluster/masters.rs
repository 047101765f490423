//! What a server says of who else may be written to: `CLUSTER NODES`.
//!
//! Others' writes are heard from the primaries that are known. One that has just become one, as by a failover, is known
//! to the others before it is known here. So who relies on having heard everything asks each server whom it knows.

use std::collections::{BTreeSet, HashMap};

/// What one server knows of the primaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Masters {
    /// It is one itself.
    pub(in super::super) is_one: bool,
    /// Those that have slots and are not known here: by the names that they have among themselves.
    pub(in super::super) others: Vec<String>,
    /// Where it sends keys on to that are not known here, as they have no slot yet: `host:port`.
    pub(in super::super) ahead: Vec<String>,
}

/// Reads the answer; `known` are the names of those that are known here.
pub(in super::super) fn masters(nodes: &str, known: &BTreeSet<String>) -> Masters {
    let mut masters = Masters::default();
    let (mut addresses, mut ahead) = (HashMap::new(), BTreeSet::new());
    for line in nodes.lines() {
        let mut words = line.split(' ');
        let (Some(id), Some(address), Some(flags)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        // Behind whom it copies, two times, an epoch and the state of the link.
        let mut slots = words.skip(5);
        let is = |flag: &str| flags.split(',').any(|it| it == flag);
        if is("myself") {
            masters.is_one = is("master") && known.contains(id);
            // `[slot->-id]`: on its way to there.
            ahead.extend(
                slots.filter_map(|word| Some(word.strip_suffix(']')?.split_once("->-")?.1)),
            );
        } else if is("master") && !is("fail") && !known.contains(id) {
            addresses.insert(id, address.split('@').next().unwrap_or_default());
            if slots.next().is_some() {
                masters.others.push(id.to_owned());
            }
        }
    }
    let ahead = ahead.into_iter().filter(|id| !known.contains(*id));
    let address = |id| addresses.get(id).copied().unwrap_or_default().to_owned();
    masters.ahead = ahead.map(address).collect();
    masters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeSet<String> {
        ["aa", "bb"].map(str::to_owned).into()
    }

    #[test]
    fn who_has_slots_and_is_not_known_here_is_another() {
        let mine = "aa 127.0.0.1:1@11,host myself,master - 0 0 1 connected 0-5460";
        let others = |id: &str, flags: &str, slots: &str| {
            let other = format!("{id} 127.0.0.1:2@12 {flags} - 0 5 2 connected{slots}");
            let masters = masters(&format!("{mine}\n{other}\n"), &known());
            assert!(masters.is_one);
            masters.others
        };
        assert_eq!(others("bb", "master", " 5461"), [""; 0]);
        assert_eq!(others("cc", "slave", ""), [""; 0]);
        assert_eq!(others("cc", "master", ""), [""; 0]);
        assert_eq!(others("cc", "master,fail", " 5461"), [""; 0]);
        assert_eq!(others("cc", "master", " 5461"), ["cc"]);
        assert_eq!(others("cc", "master,fail?", " 5461-5500"), ["cc"]);
    }

    #[test]
    fn one_that_has_become_a_replica_or_says_nothing_is_none() {
        let replica = "aa 127.0.0.1:1@11 myself,slave bb 0 0 1 connected\nbb 127.0.0.1:2@12 master - 0 5 2 connected 0-5460\n";
        assert_eq!(masters(replica, &known()), Masters::default());
        assert_eq!(masters("", &known()), Masters::default());
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
