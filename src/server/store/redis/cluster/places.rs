//! Names that are spread over the slots, so that there is one on each server.
//!
//! What is kept of a key beside it, such as its place on a list, has to be on the key's own server: else the failure
//! of one server would be that of another's keys. But slots move, and a list must be found by those who do not know
//! which keys it names. So there is a fixed number of places, each in its stretch of the slots: whoever writes takes one
//! that is on the key's server now, and whoever reads looks at all.

use std::sync::LazyLock;

use super::Cluster;
use super::slots::{Address, SLOTS, slot};

/// A server that has so many slots in a row, an even share of 32 servers, has a place.
const STRETCH: u16 = 512;

pub(in super::super) const PLACES: usize = (SLOTS / STRETCH) as usize;

/// By place, what a name in it has in its braces. Agreed on by all versions: never to be changed.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut tags = vec![None; PLACES];
    let mut missing = PLACES;
    for tag in (0_u32..).map(|number| number.to_string()) {
        let found = &mut tags[usize::from(slot(&tag) / STRETCH)];
        if found.is_none() {
            *found = Some(tag);
            missing -= 1;
        }
        if missing == 0 {
            break;
        }
    }
    tags.into_iter().flatten().collect()
});

/// What a name has to have in braces to be in this place.
pub(in super::super) fn tag(place: usize) -> &'static str {
    &TAGS[place]
}

impl Cluster {
    /// A place on the server that has `name`: the one of `first`'s own stretch, or the next that is there. If there
    /// is none, it is on another server: as right, only not as safe from that one's failures.
    pub(in super::super) fn place_beside(&self, name: &str, first: &str) -> usize {
        let map = self.lock().map.clone();
        let server = map.primary(slot(name));
        nearest(first, |place| map.primary(slot(tag(place))) == server).unwrap_or(home(first))
    }

    /// The same of a server that is known; nothing if it has no place at all.
    pub(in super::super) fn place_on(&self, server: &Address, first: &str) -> Option<usize> {
        let map = self.lock().map.clone();
        nearest(first, |place| map.primary(slot(tag(place))) == Some(server))
    }

    /// The places that a server has.
    pub(in super::super) fn places_of(&self, server: &Address) -> Vec<usize> {
        let map = self.lock().map.clone();
        (0..PLACES).filter(|place| map.primary(slot(tag(*place))) == Some(server)).collect()
    }
}

/// The place of the stretch that `name` is in.
fn home(name: &str) -> usize {
    usize::from(slot(name) / STRETCH)
}

fn nearest(first: &str, is_there: impl Fn(usize) -> bool) -> Option<usize> {
    (0..PLACES).map(|step| (home(first) + step) % PLACES).find(|place| is_there(*place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_in_its_stretch_and_they_are_those_that_they_were() {
        assert_eq!((PLACES, TAGS.len()), (32, 32));
        for place in 0..PLACES {
            let named = format!("~leases:{{{}}}", tag(place));
            assert_eq!(usize::from(slot(&named) / STRETCH), place);
        }
        assert_eq!([tag(0), tag(1), tag(31)], GOLDEN);
    }

    const GOLDEN: [&str; 3] = ["10", "113", "40"];
}
