//! Keys that move from server to server while an invalidation walks over them: none is overlooked, at the worst moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    LeaseFor, LeaseToken, Record, RecoveryConfig, RecoveryStore, RedisStore, Shard, Store,
    StoreErrorKind,
};
use tokio::time::{sleep, timeout};

use crate::cluster_node::{ALL, write};
use crate::holding_proxy::HoldingProxy;
use crate::listing_node::ttl;
use crate::walked_cluster::{KEY, Walked};

#[tokio::test]
async fn while_nothing_moves_each_server_is_walked_over_once() {
    let walked = Walked::start().await;
    let before = walked.steps().await;
    assert_eq!(walked.invalidate().await.unwrap(), 1);
    assert_eq!(walked.steps().await, before.map(|steps| steps + 1));
}

#[tokio::test]
async fn a_key_that_moves_to_a_server_that_is_walked_over_already_is_removed() {
    for slot_too in [false, true] {
        let walked = Walked::start().await;
        let Walked { cluster, from, to, third, .. } = &walked;
        let before = walked.steps().await;
        let move_it = async {
            let moved = cluster.begin_move_between(KEY, *from, *to).await;
            if slot_too {
                cluster.finish_move(moved).await;
            }
        };
        let removed = walked.invalidate_while(move_it).await;
        assert_eq!(removed.unwrap(), 1, "with its slot: {slot_too}");
        assert!(walked.is_gone().await);
        let after = walked.steps().await;
        assert_eq!(after[*third], before[*third] + 1, "nobody came there");
    }
}

#[tokio::test]
async fn a_key_that_another_program_copies_over_and_deletes_then_is_removed() {
    let walked = Walked::start().await;
    let Walked { cluster, from, to, .. } = &walked;
    let copy_it = async {
        let dump: Vec<u8> = cluster.at(*from, &format!("DUMP {KEY}")).await;
        // The slot goes without any key, so that nobody has sent `MIGRATE`.
        let _: u64 = cluster.at(*from, &format!("DEL {KEY}")).await;
        let _moved = cluster.begin_move_between(KEY, *from, *to).await;
        let mut restore = redis::pipe();
        restore.cmd("ASKING").ignore().cmd("RESTORE").arg(KEY).arg(600_000).arg(dump).ignore();
        let mut client = cluster.nodes[*to].client().await;
        let () = restore.query_async(&mut client).await.unwrap();
    };
    assert_eq!(walked.invalidate_while(copy_it).await.unwrap(), 1);
    assert!(walked.is_gone().await);
}

#[tokio::test]
async fn a_key_that_moves_on_while_it_is_followed_is_followed_on() {
    let walked = Walked::start().await;
    let Walked { proxies, from, to, third, .. } = &walked;
    let move_it_on = async {
        walked.move_key(*from, *to).await;
        proxies[*to].hold("SCAN");
        proxies[*from].let_go();
        proxies[*to].held().await;
        walked.move_key(*to, *third).await;
        proxies[*to].let_go();
    };
    let removed = walked.invalidate_while(move_it_on).await.unwrap();
    assert_eq!((removed, walked.is_gone().await), (1, true));
}

#[tokio::test]
async fn a_key_that_never_stops_moving_is_told_as_a_failure_and_found_by_the_next() {
    let walked = Walked::start().await;
    let Walked { proxies, from, .. } = &walked;
    let before = walked.steps().await;
    proxies[*from].hold("SCAN");
    let invalidated = walked.invalidate();
    let mover = async {
        proxies[*from].held().await;
        walked.others_are_walked(*from, before).await;
        let mut at = *from;
        for _ in 0..100 {
            let next = (at + 1) % 3;
            walked.move_key(at, next).await;
            proxies[next].hold("SCAN");
            proxies[at].let_go();
            proxies[next].held().await;
            at = next;
        }
    };
    let removed = tokio::select! {
        removed = invalidated => removed,
        () = mover => panic!("it goes on for ever"),
    };
    assert!(removed.unwrap_err().is_retryable());
    assert!(!walked.is_gone().await);
    proxies.iter().for_each(HoldingProxy::let_go);
    assert_eq!(walked.invalidate().await.unwrap(), 1);
    assert!(walked.is_gone().await);
}

#[tokio::test]
async fn a_lease_that_moves_to_a_server_that_is_walked_over_already_is_void() {
    let walked = Walked::start().await;
    let Walked { cluster, store, from, to, .. } = &walked;
    // Of a key without a value: only its own walk finds the lease.
    let _: u64 = cluster.at(*from, &format!("DEL {KEY}")).await;
    let token = LeaseToken::random();
    store.lease(KEY, &token, ttl(), LeaseFor::Refresh).await.unwrap();
    for node in ALL {
        // Registers that may have been dropped to make room, and have been.
        let () = cluster.at(node, "CONFIG SET maxmemory 100mb").await;
        let () = cluster.at(node, "CONFIG SET maxmemory-policy allkeys-lru").await;
        for register in cluster.names(&[node], "~leases").await {
            let _: u64 = cluster.at(node, &format!("DEL {register}")).await;
        }
    }
    walked.invalidate_while(walked.move_key(*from, *to)).await.unwrap();
    let record = Record::new(KEY, Bytes::from_static(b"old"), ttl());
    assert!(!store.set_leased(record, &token).await.unwrap());
    assert!(walked.is_gone().await);
}

/// To a server that nobody here knew of: it has no slot yet, or has just got its first.
async fn with_a_key_that_goes_to_a_new_server(slot_too: bool) {
    let Walked { mut cluster, proxies, store, from, .. } = Walked::start().await;
    let new = cluster.add_primary().await;
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    proxies[from].hold("SCAN");
    let (removed, ()) = tokio::join!(store.delete_matching(&pattern, &[]), async {
        proxies[from].held().await;
        let moved = cluster.begin_move_between(KEY, from, new).await;
        if slot_too {
            cluster.finish_move(moved).await;
        }
        proxies[from].let_go();
    });
    assert_eq!(removed.unwrap(), 1);
    assert!(cluster.names(&[0, 1, 2, new], KEY).await.is_empty());
}

#[tokio::test]
async fn a_key_that_goes_to_a_server_without_slots_during_the_walk_is_removed_there() {
    with_a_key_that_goes_to_a_new_server(false).await;
}

#[tokio::test]
async fn a_key_that_goes_with_the_first_slot_of_a_server_is_removed_there() {
    with_a_key_that_goes_to_a_new_server(true).await;
}

#[tokio::test]
async fn of_a_server_that_is_asked_alone_it_is_known_that_keys_left_it() {
    let walked = Walked::start().await;
    let Walked { proxies, store, from, to, .. } = &walked;
    let servers = store.sharded().unwrap();
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    let shard = [Shard::new(format!("127.0.0.1:{}", proxies[*from].port()))];
    let moves = servers.moves();
    let removed = servers.delete_matching_on(&shard, &pattern, &[]).await;
    assert!(matches!(removed[..], [Ok(1)]), "{removed:?}");
    assert_eq!(servers.moves(), moves, "nothing has moved");
    write(&walked.cluster, *from, KEY).await;
    proxies[*from].hold("SCAN");
    let (removed, ()) = tokio::join!(servers.delete_matching_on(&shard, &pattern, &[]), async {
        proxies[*from].held().await;
        walked.cluster.begin_move_between(KEY, *from, *to).await;
        proxies[*from].let_go();
    });
    assert!(matches!(removed[..], [Ok(0)]), "{removed:?}");
    let then = servers.moves();
    assert!(then > moves);
    // It had left before, and may come back as long as its slot has not gone.
    let removed = servers.delete_matching_on(&shard, &pattern, &[]).await;
    assert!(matches!(removed[..], [Ok(0)]), "{removed:?}");
    assert!(servers.moves() > then);
}

/// What the queue of removals makes of it; also where it is known who has the slot by then, so that nothing moves any more.
async fn with_a_key_that_left_the_server_that_was_away(is_known: bool) {
    let walked = Walked::start().await;
    let (from, to) = (walked.from, walked.to);
    let Walked { cluster, proxies, .. } = &walked;
    let beneath = Arc::new(RedisStore::new(&cluster.patient_config()).unwrap());
    let store = RecoveryStore::new(beneath.clone(), RecoveryConfig::default());
    store.ping().await.unwrap();
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    // Whatever it is asked, it does not answer us: `INFO` is among it.
    proxies[from].cut("INFO");
    let error = store.delete_matching(&pattern, &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.is_in_part()), (StoreErrorKind::Queued, true));
    // Others reach it. The queue may have looked there by the time this returns.
    walked.move_key(from, to).await;
    let has_it = Some(Shard::new(format!("127.0.0.1:{}", proxies[to].port())));
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_known && beneath.sharded().unwrap().shard_of(KEY) != has_it {
        assert!(Instant::now() < deadline, "nobody asks who has it");
        sleep(Duration::from_millis(5)).await;
    }
    proxies[from].let_go();
    timeout(Duration::from_secs(60), store.recovery().settled()).await.unwrap();
    assert!(walked.is_gone().await);
}

#[tokio::test]
async fn a_key_that_leaves_the_server_that_was_away_for_one_that_was_not_is_removed_late() {
    with_a_key_that_left_the_server_that_was_away(false).await;
}

#[tokio::test]
async fn it_is_also_when_its_slot_was_known_to_have_moved_before_the_server_was_back() {
    with_a_key_that_left_the_server_that_was_away(true).await;
}
