//! After the last misfortune all nodes come to agree with the database, and stay so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use samekey::server::{BoxError, CircuitState, Lookup};
use tokio::time::sleep;

use super::database::{COUNT, Snapshot};
use super::stage::Stage;

/// Far more than it takes, on a busy machine, and far less than a value lives that was wrongly left behind.
const PATIENCE: Duration = Duration::from_secs(35);

/// What is still wrong when it should not be.
pub(super) async fn converge(stage: &Arc<Stage>) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    for node in 0..stage.caches.len() {
        while let Err(why) = is_well(stage, node).await {
            if Instant::now() > deadline {
                return vec![format!("node {node} does not recover: {why}")];
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    let places = (0..stage.caches.len()).flat_map(|node| (0..COUNT).map(move |row| (node, row)));
    for (node, row) in places.clone() {
        while let Err(why) = agrees(stage, node, row).await {
            if Instant::now() > deadline {
                return vec![why.text()];
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    let mut wrong = Vec::new();
    for (node, row) in places {
        // Who is too busy to answer has not said anything else.
        while let Err(why) = agrees(stage, node, row).await {
            if matches!(why, Why::Wrong(_)) || Instant::now() > deadline {
                wrong.push(why.text());
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    wrong
}

/// Why a node does not serve a row as it is.
enum Why {
    Wrong(String),
    Unanswered(String),
}

impl Why {
    fn text(self) -> String {
        match self {
            Self::Wrong(text) | Self::Unanswered(text) => text,
        }
    }
}

/// Whether a node is as one that nothing ever happened to.
async fn is_well(stage: &Stage, node: usize) -> Result<(), String> {
    let cache = &stage.caches[node];
    if cache.circuit().state() != CircuitState::Closed {
        return Err(format!("{:?}", cache.circuits()));
    }
    cache.ping().await.map_err(|error| error.to_string())?;
    if cache.recovery().pending() > 0 {
        return Err(format!("{:?}", cache.recovery().status()));
    }
    if stage.story.nodes[node] && !cache.get_cache_stats().await.l1_armed {
        return Err("it is not told of changes".into());
    }
    if !stage.hear(node).await {
        return Err(format!("{:?}", cache.stream_stats()));
    }
    Ok(())
}

/// Whether a node serves a row as it is.
async fn agrees(stage: &Stage, node: usize, row: usize) -> Result<(), Why> {
    let (cache, key, version) = (&stage.caches[node], stage.key(row), stage.database.version(row));
    let text = |what: String| {
        format!("at the end, node {node} has of row {row} (version {version}): {what}")
    };
    let wrong = |what| Err(Why::Wrong(text(what)));
    let unanswered = |what| Err(Why::Unanswered(text(what)));
    match cache.get(&key).await {
        Ok(Some(found)) if found.version != version => return wrong(format!("get: {found:?}")),
        Ok(_) => {}
        Err(error) => return unanswered(error.to_string()),
    }
    let at = u64::try_from(stage.history.now().at.as_micros()).unwrap();
    let anew = Snapshot { row, version, by: 0, at };
    let compute = move || async move { Ok::<_, BoxError>(anew) };
    match cache.get_or_compute_json(&key, Lookup::Use, compute).await {
        Ok(answer) => {
            let found = serde_json::from_slice::<Snapshot>(&answer.body);
            let found = found.map_err(|it| Why::Wrong(text(it.to_string())))?;
            if found.version == version { Ok(()) } else { wrong(format!("{answer:?}")) }
        }
        Err(error) => unanswered(error.to_string()),
    }
}
