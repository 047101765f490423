//! Which entries a share keeps.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::server::families::Family;

fn held_for(key: &str, time: Duration) -> Arc<Held> {
    let json = Bytes::from(vec![b'1'; 1_000]);
    let zero = Duration::ZERO;
    Arc::new(Held::new(key, json, Family::for_tests(), Instant::now(), time, zero))
}

fn held(key: u64) -> Arc<Held> {
    held_for(&key.to_string(), Duration::from_secs(60))
}

/// A shard with room for so many.
fn room_for(entries: u64) -> Shard {
    Shard::new(entries * weight(&held(100)))
}

fn put(shard: &mut Shard, key: u64) -> Dropped {
    shard.insert(key, held(key), u64::MAX)
}

fn hit(shard: &Shard, key: u64) -> bool {
    shard.place(key, &key.to_string()).map(Place::visit).is_some()
}

#[test]
fn what_is_read_often_outlives_a_walk_over_many_that_are_read_once() {
    let mut shard = room_for(100);
    for key in 0..50 {
        put(&mut shard, key);
        assert!(hit(&shard, key));
    }
    for key in 1_000..3_000 {
        put(&mut shard, key);
    }
    assert!((0..50).all(|key| hit(&shard, key)));
    assert!(shard.weight() <= shard.budget());
}

#[test]
fn what_was_read_often_goes_when_it_is_not_read_any_more() {
    let mut shard = room_for(100);
    for key in 0..500 {
        put(&mut shard, key);
        (0..5).for_each(|_| assert!(hit(&shard, key)));
    }
    assert!((0..100).all(|key| !hit(&shard, key)));
    assert!((480..500).all(|key| hit(&shard, key)));
}

#[test]
fn who_comes_back_soon_after_it_had_to_go_stays_longer() {
    let mut shard = room_for(100);
    for key in 0..200 {
        put(&mut shard, key);
    }
    assert!(!hit(&shard, 99));
    put(&mut shard, 99);
    for key in 1_000..1_200 {
        put(&mut shard, key);
    }
    assert!(hit(&shard, 99) && !hit(&shard, 199));
}

#[test]
fn a_value_past_its_time_goes_first_and_is_not_counted_as_evicted() {
    let mut shard = room_for(100);
    for key in 0..100 {
        shard.insert(key, held_for(&key.to_string(), Duration::ZERO), 0);
        assert!(hit(&shard, key));
    }
    let dropped = (100..150).map(|key| put(&mut shard, key));
    let dropped = dropped.fold((0, 0), |(old, evicted), dropped| {
        (old + dropped.old.len(), evicted + dropped.evicted.len())
    });
    assert!(dropped.0 >= 49 && dropped.1 <= 1, "{dropped:?}");
}

#[test]
fn two_keys_of_one_hash_replace_each_other_and_are_never_taken_for_each_other() {
    let mut shard = room_for(100);
    shard.insert(7, held(1), u64::MAX);
    assert!(shard.place(7, "1").is_some() && shard.place(7, "2").is_none());
    assert_eq!(shard.insert(7, held(2), u64::MAX).old.len(), 1);
    assert!(shard.place(7, "1").is_none() && shard.place(7, "2").is_some());
    assert!(shard.remove(7, "1", |_| true).is_none());
    assert!(shard.remove(7, "2", |_| true).is_some());
    assert_eq!((shard.len(), shard.weight()), (0, 0));
}

#[test]
fn keys_that_come_and_go_leave_nothing_behind() {
    let mut shard = room_for(100);
    for round in 0..10_000 {
        put(&mut shard, round % 20);
        assert!(shard.remove(round % 20, &(round % 20).to_string(), |_| true).is_some());
    }
    assert!(shard.small.turns.len() + shard.main.turns.len() <= 64);
    assert_eq!(shard.weight(), 0);
}

#[test]
fn the_weight_is_that_of_the_entries_whatever_is_done() {
    let mut shard = room_for(50);
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..50_000 {
        let key = random.u64(..200);
        match random.u8(..10) {
            0 => {
                shard.remove(key, &key.to_string(), |_| true);
            }
            1 if random.u8(..100) == 0 => {
                shard.remove_all(|key| key.ends_with('7'));
            }
            2..5 => {
                put(&mut shard, key);
            }
            _ => {
                hit(&shard, key);
            }
        }
        assert!(shard.weight() <= shard.budget());
    }
    let weights = shard.places.values().map(|place| weight(&place.held)).sum::<u64>();
    assert_eq!(shard.weight(), weights);
    let turns = shard.small.turns.len() + shard.main.turns.len();
    assert!(turns <= 2 * shard.len() + 65, "{turns} turns of {}", shard.len());
    assert!(shard.ghosts.order.len() <= LEAST_GHOSTS.max(shard.len()));
}
