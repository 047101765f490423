//! The log of invalidations on a Redis Cluster: one stream in one slot, wherever that is.

use std::time::Duration;

use samekey::server::{CacheService, RedisStore};
use serde_json::json;
use tokio::time::Instant;

use crate::fixture;
use crate::redis_cluster::RedisCluster;
use crate::sse_client::Sse;
use crate::stream::goes_on_at_another;
use crate::stream_node::{Node, kpis, told};
use crate::waiting::eventually;

const LOG: &str = "samekey:invalidations";

async fn until_reset(sse: &mut Sse) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < deadline, "nobody was told");
        match sse.event().await {
            Some(event) if event.name == "reset" => return,
            Some(_) => {}
            None => panic!("the stream ended"),
        }
    }
}

/// Invalidates until one is told: what is said while the log is found again may be part of a reset.
async fn until_it_goes_on(node: &Node, sse: &mut Sse) {
    for n in 0..20 {
        let workspace = format!("again{n}");
        invalidate_at_last(node, &workspace).await;
        let patterns = json!([kpis(&workspace)]);
        let told = async {
            loop {
                let event = sse.event().await.expect("the stream goes on");
                if event.name == "invalidate" && event.data["patterns"] == patterns {
                    return;
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), told).await.is_ok() {
            return;
        }
    }
    panic!("nothing is told any more");
}

async fn invalidate_at_last(node: &Node, workspace: &str) {
    let invalidated = async || node.cache.invalidate_pattern(&kpis(workspace)).await.is_ok();
    eventually("the cluster is back", invalidated).await;
}

#[tokio::test]
async fn what_one_node_invalidates_is_heard_on_another_and_dropped_from_its_memory() {
    let cluster = RedisCluster::start().await;
    let service = || {
        let store = RedisStore::new(&cluster.patient_config()).unwrap();
        CacheService::new(fixture::schema(), store)
    };
    let (a, b) = (Node::of(service()).await, Node::of(service()).await);
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    let computed = fixture::Counted::default();
    let ask = async || {
        let compute = computed.clone();
        b.cache.get_or_compute(&fixture::kpis("ws1"), || compute.call()).await.unwrap()
    };
    // Held in process, once the servers tell of changes.
    let is_held = async || {
        ask().await;
        let before = b.cache.get_cache_stats().await.counts.l1_hits;
        ask().await;
        b.cache.get_cache_stats().await.counts.l1_hits > before
    };
    eventually("it is held in the process", is_held).await;
    assert_eq!(computed.calls(), 1);
    a.invalidate("ws1").await;
    assert_eq!(on_b.invalidated().await, told("ws1"));
    assert_eq!(on_a.invalidated().await, told("ws1"));
    assert_eq!(on_a.last_id, on_b.last_id);
    assert_eq!(ask().await, fixture::nth(2), "computed anew");
    let stats = (a.cache.stream_stats(), b.cache.stream_stats());
    assert_eq!((stats.0.notices_appended, stats.1.notices_read), (1, 1));
}

#[tokio::test]
async fn who_lost_its_node_goes_on_at_another_of_the_cluster() {
    let cluster = RedisCluster::start().await;
    goes_on_at_another(async || Node::on(&cluster).await).await;
}

#[tokio::test]
async fn an_event_that_one_node_has_done_is_known_to_the_others() {
    let cluster = RedisCluster::start().await;
    let (a, b) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let mut on_b = b.stream().await;
    for (node, id) in [(&a, "e1"), (&b, "e1"), (&b, "e2")] {
        let event = json!({
            "event": "agent_run_started", "workspace_id": "ws1", "agent_id": "a1", "id": id,
        });
        assert_eq!(node.http.post("/api/v1/events", &event.to_string()).await.status, 200);
    }
    for _ in ["e1", "e2"] {
        assert_eq!(on_b.invalidated().await.1, "agent_run_started");
    }
    on_b.expect_silence(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn the_log_is_followed_to_where_its_slot_moves_and_nothing_is_lost() {
    let cluster = RedisCluster::start().await;
    let (a, b) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let mut on_b = b.stream().await;
    a.invalidate("1").await;
    assert_eq!(on_b.invalidated().await, told("1"));
    let moved = cluster.begin_move(LOG).await;
    // The stream is ahead of its slot.
    a.invalidate("2").await;
    assert_eq!(on_b.invalidated().await, told("2"));
    cluster.finish_move(moved).await;
    for workspace in ["3", "4"] {
        a.invalidate(workspace).await;
        assert_eq!(on_b.invalidated().await, told(workspace));
    }
    assert_eq!(b.cache.stream_stats().resets, 0, "nothing was lost, and nothing said to be");
    let mut late = b.resume("0-1").await;
    late.expect("hello").await;
    late.expect("reset").await;
}

#[tokio::test]
async fn a_primary_that_comes_back_without_the_log_is_a_reset_on_every_node() {
    let mut cluster = RedisCluster::start().await;
    let (a, b) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    a.invalidate("1").await;
    assert_eq!(on_b.invalidated().await, told("1"));
    let before = on_b.last_id.clone();
    let owner = cluster.owner(LOG).await;
    cluster.nodes[owner].restart();
    until_reset(&mut on_a).await;
    until_reset(&mut on_b).await;
    until_it_goes_on(&a, &mut on_b).await;
    // Who was away starts over too.
    let mut late = b.resume(&before).await;
    late.expect("hello").await;
    late.expect("reset").await;
}

/// A replica takes the place of a primary whose last entry it never got; that entry was acknowledged.
#[tokio::test]
async fn an_entry_that_a_failover_has_lost_is_told_as_a_gap_also_to_who_was_away() {
    let mut cluster = RedisCluster::start().await;
    let owner = cluster.owner(LOG).await;
    let replica = cluster.add_replica_of(owner).await;
    let (a, b) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let mut on_b = b.stream().await;
    a.invalidate("1").await;
    assert_eq!(on_b.invalidated().await, told("1"));
    let away_since = on_b.last_id.clone();
    // The replica has it, and gets nothing more: it cannot log in again.
    cluster.has_all_of(replica, owner).await;
    let mut on_replica = cluster.nodes[replica].client().await;
    for command in
        [&["CONFIG", "SET", "masterauth", "wrong"][..], &["CLIENT", "KILL", "TYPE", "master"]]
    {
        let cut = redis::cmd(command[0]).arg(&command[1..]).take();
        let _: redis::Value = cut.query_async(&mut on_replica).await.unwrap();
    }
    a.invalidate("2").await;
    assert_eq!(on_b.invalidated().await, told("2"));
    let lost = on_b.last_id.clone();

    cluster.nodes[owner].kill();
    cluster.tell(replica, &["FAILOVER", "TAKEOVER"]).await.unwrap();
    until_reset(&mut on_b).await;
    until_it_goes_on(&a, &mut on_b).await;
    let mut known = redis::cmd("XRANGE");
    known.arg(LOG).arg(&lost).arg(&lost);
    let known: Vec<redis::Value> = known.query_async(&mut on_replica).await.unwrap();
    assert!(known.is_empty(), "the entry was to be lost");
    // The log says nothing of the second invalidation; who did not hear it must not go on as if there were none.
    for last in [&away_since, &lost] {
        let c = Node::on_config(&cluster.nodes[(owner + 1) % 3].patient_config().cluster()).await;
        let mut late = c.resume(last).await;
        late.expect("hello").await;
        late.expect("reset").await;
    }
}

#[tokio::test]
async fn while_another_primary_is_down_the_log_goes_on() {
    let mut cluster = RedisCluster::start().await;
    let (a, b) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let mut on_b = b.stream().await;
    a.invalidate("1").await;
    assert_eq!(on_b.invalidated().await, told("1"));
    let owner = cluster.owner(LOG).await;
    cluster.nodes[(owner + 1) % 3].kill();
    // Of keys that a living server has.
    let mut told_of = 0;
    for n in 0..30 {
        let workspace = format!("w{n}");
        if cluster_owner_lives(&cluster, &kpis(&workspace), owner).await {
            invalidate_at_last(&a, &workspace).await;
            assert_eq!(on_b.invalidated().await, told(&workspace));
            told_of += 1;
        }
    }
    assert!(told_of > 3, "{told_of}");
}

/// Whether `name` is on the server that has the log, which is asked itself.
async fn cluster_owner_lives(cluster: &RedisCluster, name: &str, log: usize) -> bool {
    let mut client = cluster.nodes[log].client().await;
    redis::cmd("EXISTS").arg(name).query_async::<bool>(&mut client).await.is_ok()
}
