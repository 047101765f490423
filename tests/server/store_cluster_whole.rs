//! Slots that one server hands over to another as a whole, as newer ones do, while an invalidation walks over both: nothing counts
//! the keys that go with them.

use crate::walked_cluster::Walked;

/// So often, each time during a walk over the server that has it.
async fn with_a_slot_that_is_handed_over_whole_and_back(times: u32) {
    let walked = Walked::start().await;
    let Walked { proxies, from, to, .. } = &walked;
    let there_and_back = async {
        for time in 1..=times {
            walked.hand_over_whole(*from, *to).await;
            // Whoever has walked over it asks what has moved: not before it is back.
            proxies[*from].hold("NODES");
            proxies[*to].hold("NODES");
            proxies[*from].held().await;
            proxies[*to].held().await;
            walked.hand_over_whole(*to, *from).await;
            if time < times {
                proxies[*from].hold("SCAN");
                proxies[*to].let_go();
                proxies[*from].held().await;
            }
        }
        proxies[*to].let_go();
    };
    assert_eq!(walked.invalidate_while(there_and_back).await.unwrap(), 1);
    assert!(walked.is_gone().await);
}

#[tokio::test]
async fn a_key_that_is_handed_over_with_its_whole_slot_and_back_is_removed() {
    with_a_slot_that_is_handed_over_whole_and_back(1).await;
}

#[tokio::test]
async fn a_key_that_is_away_again_while_the_walk_is_repeated_is_removed() {
    with_a_slot_that_is_handed_over_whole_and_back(2).await;
}
