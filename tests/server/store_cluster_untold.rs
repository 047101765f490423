//! Servers of a cluster that do not tell what has moved, or not everything: nobody takes that for "nothing has".

use samekey::schema::Pattern;
use samekey::server::Store;

use crate::cluster_node::{ALL, key_on};
use crate::listing_node::Node;
use crate::redis_cluster::RedisCluster;
use crate::walked_cluster::{KEY, Walked};

/// A key moves to a server that has been walked over, and its user may not do this there from then on.
async fn with_a_key_that_moves_to_one_that_refuses(refused: &str) {
    let walked = Walked::start().await;
    let Walked { cluster, from, to, .. } = &walked;
    let moved = async {
        walked.move_key(*from, *to).await;
        let () = cluster.at(*to, &format!("ACL SETUSER default -{refused}")).await;
    };
    walked.invalidate_while(moved).await.unwrap_err();
    assert_eq!(cluster.names(&[*to], KEY).await, [KEY]);
    let () = cluster.at(*to, &format!("ACL SETUSER default +{refused}")).await;
    assert_eq!(walked.invalidate().await.unwrap(), 1);
    assert!(walked.is_gone().await);
}

#[tokio::test]
async fn where_a_server_does_not_tell_what_came_to_it_the_invalidation_fails() {
    with_a_key_that_moves_to_one_that_refuses("cluster|nodes").await;
}

#[tokio::test]
async fn where_a_server_that_got_keys_cannot_be_walked_over_again_the_invalidation_fails() {
    with_a_key_that_moves_to_one_that_refuses("scan").await;
}

#[tokio::test]
async fn a_server_that_does_not_say_how_it_is_is_not_believed() {
    const SILENT: usize = 1;
    let cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    let key = key_on(&cluster, SILENT, "ws1").await;
    // Whether it tells what others write, whether it keeps lists, and whether it is a primary.
    for refused in ["client|trackinginfo", "info", "cluster|nodes"] {
        node.trusting(&cluster, &ALL).await;
        node.put(&key).await;
        let before = cluster.walked(SILENT).await;
        let () = cluster.at(SILENT, &format!("ACL SETUSER default -{refused}")).await;
        let removed = node.try_to_invalidate("ws1").await;
        // Where it does not say whom it knows, another may have been written to.
        assert_eq!(removed.is_ok(), refused != "cluster|nodes", "{refused}: {removed:?}");
        let () = cluster.at(SILENT, &format!("ACL SETUSER default +{refused}")).await;
        assert!(cluster.walked(SILENT).await > before, "{refused}");
        assert_eq!(cluster.names(&ALL, "exec:").await, [""; 0]);
    }
}

/// Its link to the others is cut, and none but they have been told that another has its slots.
#[tokio::test]
async fn a_replica_that_takes_over_unknown_to_its_primary_during_the_walk_is_walked_over() {
    let Walked { mut cluster, proxies, store, from, third, .. } = Walked::start().await;
    let replica = cluster.add_replica_of(from).await;
    assert_eq!(cluster.names(&[replica], KEY).await, [KEY]);
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    proxies[from].hold("SCAN");
    let (removed, ()) = tokio::join!(store.delete_matching(&pattern, &[]), async {
        proxies[from].held().await;
        for other in [0, 1, 2, replica] {
            if other != from {
                let id = cluster.id(other).await;
                cluster.tell(from, &["FORGET", &id]).await.unwrap();
            }
        }
        cluster.tell(replica, &["FAILOVER", "TAKEOVER"]).await.unwrap();
        cluster.know_as_primary(&[third], replica).await;
        proxies[from].let_go();
    });
    assert_eq!(removed.unwrap(), 2, "one each");
    assert!(cluster.names(&[from, replica], KEY).await.is_empty());
}
