use serde_json::Value;

use super::*;
use crate::schema::Schema;
use crate::server::MemoryStore;
use crate::server::jobs::{JobContext, JobFuture, Jobs};

struct Nothing;

impl Job for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }

    fn schedule(&self) -> &str {
        "0 0 29 2 *"
    }

    fn run<'a>(&'a self, _: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async { Ok(Value::Null) })
    }
}

#[tokio::test]
async fn who_is_told_that_a_run_has_begun_can_see_it() {
    let schema = Schema {
        name: "jobs".into(),
        ttl_classes: vec![],
        entities: vec![],
        families: vec![],
        events: vec![],
    };
    let cache = CacheService::new(&schema, MemoryStore::default());
    let jobs = Jobs::new(&cache).job(Nothing).unwrap().start();
    let runner = &jobs.runners[0];
    let begun = || assert!(runner.progress.look().is_some());
    runner.by_hand(&CancellationToken::new(), begun).await.unwrap();
    assert_eq!(runner.progress.look(), None);
}
