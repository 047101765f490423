//! Those who only look, on every node, as long as the story lasts.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{sleep, timeout};

use super::database::COUNT;
use super::history::{Mark, Read};
use super::stage::Stage;

/// For the answer of a node that has it at hand.
const GLANCE: Duration = Duration::from_millis(3);

/// Looks what the node has at hand, and goes away where that takes longer: one who waits sees nothing meanwhile.
pub(super) async fn glance(stage: Arc<Stage>, node: usize) {
    let mut random = Rng::with_seed(stage.story.seed << 8 | node as u64);
    while !stage.is_over() {
        let (row, began) = (random.usize(..COUNT), stage.history.now());
        let key = stage.key(row);
        let looked = timeout(GLANCE, stage.caches[node].get(&key)).await;
        if let Ok(Ok(Some(found))) = looked {
            let (way, during, found) = ("get", stage.history.since(began), (*found).clone());
            let read = Read { node, way, row, during, found, mark: Mark::Hit, alone: false };
            stage.history.note(|record| record.reads.push(read));
        }
        sleep(Duration::from_micros(random.u64(..4_000))).await;
    }
}

/// Has the node hear what there is to be heard.
pub(super) async fn listen(stage: Arc<Stage>, node: usize) {
    while !stage.is_over() {
        stage.hear(node).await;
        sleep(Duration::from_millis(8)).await;
    }
}
