//! Removals that overtake one another: whoever comes late with an answer takes no newer removal out of the queue.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    Chaos, ChaosStore, MemoryStore, Operation, Record, RecoveryConfig, RecoveryStore, Store,
    StoreErrorKind, Ttl,
};
use tokio::time::sleep;

use crate::several_servers::Several;

const KEY: &str = "exec:kpis:ws1";

struct Fixture {
    store: RecoveryStore<ChaosStore<Arc<MemoryStore>>>,
    chaos: Chaos,
    beneath: Arc<MemoryStore>,
}

impl Fixture {
    fn new() -> Self {
        let beneath = Arc::new(MemoryStore::default());
        let (store, chaos) = ChaosStore::new(beneath.clone());
        let store = RecoveryStore::new(store, RecoveryConfig::default());
        Self { store, chaos, beneath }
    }

    /// What somebody has computed from old data, and stores past this.
    async fn put_old(&self) {
        put(&self.beneath, KEY).await;
    }

    /// The value is neither believed nor there for long.
    async fn end_removed(self) {
        assert_eq!(self.store.recovery().pending(), 1);
        assert_eq!(self.store.get(KEY).await.unwrap(), None);
        self.chaos.calm();
        self.store.recovery().settled().await;
        assert_eq!(self.beneath.get(KEY).await.unwrap(), None);
    }
}

async fn put(store: &impl Store, key: &str) {
    let ttl = Ttl::new(Duration::from_secs(600)).unwrap();
    store.set(Record::new(key, Bytes::from_static(b"old"), ttl)).await.unwrap();
}

fn all() -> [Pattern; 1] {
    [Pattern::parse("exec:*").unwrap()]
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_is_queued_again_while_it_is_carried_out_is_carried_out_again() {
    let fixture = Fixture::new();
    let Fixture { store, chaos, .. } = &fixture;
    let removals = || chaos.on([Operation::DeleteMatching]);
    removals().fail(StoreErrorKind::Unavailable);
    store.delete_matching(&all(), &[]).await.unwrap_err();
    let asked = chaos.calls(Operation::DeleteMatching);
    removals().calm();
    removals().hold_answers();
    while chaos.calls(Operation::DeleteMatching) == asked {
        sleep(Duration::from_millis(1)).await;
    }
    fixture.put_old().await;
    removals().fail(StoreErrorKind::Unavailable);
    store.delete_matching(&all(), &[]).await.unwrap_err();
    removals().thaw();
    sleep(Duration::from_millis(1)).await;
    fixture.end_removed().await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_ends_late_takes_out_none_that_began_after_it() {
    let fixture = Fixture::new();
    let Fixture { store, chaos, .. } = &fixture;
    let deletions = || chaos.on([Operation::Delete]);
    deletions().hold_answers();
    let (first, ()) = tokio::join!(store.delete(&[KEY]), async {
        fixture.put_old().await;
        deletions().fail(StoreErrorKind::Unavailable);
        store.delete(&[KEY]).await.unwrap_err();
        deletions().thaw();
    });
    first.unwrap();
    fixture.end_removed().await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_stored_late_takes_out_no_removal_that_began_after_it() {
    let fixture = Fixture::new();
    let Fixture { store, chaos, .. } = &fixture;
    chaos.on([Operation::Set]).hold_answers();
    chaos.on([Operation::Delete]).fail(StoreErrorKind::Unavailable);
    tokio::join!(put(store, KEY), async {
        store.delete(&[KEY]).await.unwrap_err();
        chaos.on([Operation::Set]).thaw();
    });
    fixture.end_removed().await;
}

fn several() -> (RecoveryStore<Arc<Several>>, Arc<Several>, [Chaos; 2]) {
    let (several, chaos) = Several::new();
    let beneath = Arc::new(several);
    (RecoveryStore::new(beneath.clone(), RecoveryConfig::default()), beneath, chaos)
}

fn fail(server: &Chaos) {
    server.on([Operation::DeleteMatching]).fail(StoreErrorKind::Busy);
}

#[tokio::test(start_paused = true)]
async fn a_pattern_is_queued_until_each_of_several_servers_has_carried_it_out() {
    let (store, beneath, [a, b]) = several();
    for key in ["exec:a", "exec:b"] {
        put(&store, key).await;
    }
    fail(&a);
    fail(&b);
    store.delete_matching(&all(), &[]).await.unwrap_err();
    sleep(Duration::from_secs(10)).await;
    a.calm();
    sleep(Duration::from_secs(10)).await;
    assert!(beneath.get("exec:a").await.unwrap().is_none());
    assert!(store.recovery().trusts("exec:a"));
    assert!(store.get("exec:b").await.unwrap().is_none(), "it is not believed");
    assert!(b.calls(Operation::DeleteMatching) > 10, "it is tried again and again");
    b.calm();
    store.recovery().settled().await;
    assert!(beneath.get("exec:b").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_moves_while_one_of_two_servers_fails_is_not_believed_on_the_other() {
    let (store, beneath, [_a, b]) = several();
    put(&store, "exec:b").await;
    b.on([Operation::DeleteMatching]).delay(Duration::from_millis(100));
    fail(&b);
    let all = all();
    let (removed, ()) = tokio::join!(store.delete_matching(&all, &[]), async {
        // The other has done its part.
        sleep(Duration::from_millis(50)).await;
        beneath.move_key("exec:b", "exec:ba").await;
    });
    removed.unwrap_err();
    assert!(beneath.get("exec:ba").await.unwrap().is_some());
    assert!(store.get("exec:ba").await.unwrap().is_none());
    b.calm();
    store.recovery().settled().await;
    assert!(beneath.get("exec:ba").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn where_keys_move_on_and_on_a_pattern_that_all_servers_carry_out_at_once_is_done() {
    let (store, beneath, [a, b]) = several();
    put(&store, "agent:b").await;
    fail(&a);
    fail(&b);
    store.delete_matching(&all(), &[]).await.unwrap_err();
    for server in [&a, &b] {
        server.calm();
        server.on([Operation::DeleteMatching]).delay(Duration::from_millis(100));
    }
    let moving = async {
        for _ in 0..100 {
            for (from, to) in [("agent:b", "agent:ba"), ("agent:ba", "agent:b")] {
                beneath.move_key(from, to).await;
                sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let recovery = store.recovery();
    tokio::select! {
        () = recovery.settled() => {}
        () = moving => panic!("it is never done"),
    }
}
