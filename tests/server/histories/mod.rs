//! Random histories over real parts, in the manner of Jepsen: some nodes over one Redis, each by a line of its own, that are
//! asked and told everything at once while their lines are cut, answers get lost, and Redis is frozen, emptied and killed.
//! Each operation is written down with when it began and ended and what it brought; afterwards the history is held against
//! what is promised (`contract`, `fair_weather`, `ending`).
//!
//! The model of the protocol (`tests/model`) searches every order of a few steps and believes that the sources take those
//! steps; the fault list does one thing at a time. This is the whole, in no order that anybody thought of.
//!
//! `make test` tells a few stories. `make histories` tells a thousand; `SAMEKEY_HISTORIES` says how many, and
//! `SAMEKEY_HISTORIES_FROM` from which seed on, so that one can be told again: `SAMEKEY_HISTORIES_FROM=17 SAMEKEY_HISTORIES=1`.

mod bystander;
mod changes;
mod contract;
mod database;
mod ending;
mod fair_weather;
mod folder;
mod hand_cut;
mod history;
mod misfortune;
mod node;
mod reader;
mod stage;
mod story;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use self::folder::Folder;
use self::history::Record;
use self::misfortune::Misfortune;
use self::node::Node;
use self::reader::Reader;
use self::stage::Stage;
use self::story::Story;
use self::worker::Worker;
use crate::redis_server::RedisServer;

/// So many at once: most of their time they wait.
const AT_ONCE: usize = 4;

/// Nobody hangs: not for so long.
const LONGEST: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_is_stale_and_given_for_fresh() {
    let number = |name: &str, default| match std::env::var(name) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => default,
    };
    let from: u64 = number("SAMEKEY_HISTORIES_FROM", 0);
    let mut seeds = from..from + number("SAMEKEY_HISTORIES", 24);
    let (mut told, mut failed, mut counts) = (JoinSet::new(), Vec::new(), Counts::default());
    loop {
        while told.len() < AT_ONCE
            && let Some(seed) = seeds.next()
        {
            told.spawn(timeout(LONGEST, tell(Story::of(seed))));
        }
        let Some(ended) = told.join_next().await else { break };
        let (story, record, violations) = ended.unwrap().expect("no story hangs");
        counts.add(&record);
        if !violations.is_empty() {
            eprintln!("{story:#?}");
            violations.iter().take(5).for_each(|violation| eprintln!("- {violation}"));
            failed.push((story.seed, violations.len()));
        }
    }
    println!("{counts:?}");
    if counts.stories >= 20 {
        counts.assert_worth_it();
    }
    assert!(failed.is_empty(), "violations by seed: {failed:?}");
}

/// What a story comes to.
async fn tell(story: Story) -> (Story, Record, Vec<String>) {
    let folder = Folder::new(story.seed);
    let path = folder.0.to_str().expect("we named it").to_owned();
    // What it has answered it has written, so a killed one that keeps its files keeps its word. (`everysec` would put off
    // writing while it syncs.)
    let arguments = ["--dir", &path, "--appendonly", "yes", "--appendfsync", "no"];
    let mut server = tokio::task::block_in_place(|| RedisServer::start_with(&arguments));
    let mut nodes = Vec::new();
    for has_copies in &story.nodes {
        nodes.push(Node::start(&story, *has_copies, server.port()).await);
    }
    let caches = nodes.iter().map(|node| node.cache.clone()).collect();
    let stage = Arc::new(Stage::new(story.clone(), caches, &server.patient_config()));
    let watch = tokio::spawn(stage.clone().watch());
    let workers: Vec<_> = (0..nodes.len() * story.workers)
        .map(|number| {
            let node = number % nodes.len();
            nodes[node].run(Worker::new(stage.clone(), node, number).run())
        })
        .collect();
    let (mut served, mut bystanders) = (Vec::new(), Vec::new());
    for (number, node) in nodes.iter().enumerate() {
        bystanders.push(node.run(bystander::glance(stage.clone(), number)));
        bystanders.push(node.run(bystander::listen(stage.clone(), number)));
        served.push(reader::serve(&stage, node, number).await);
    }
    let (served, mut readers) = (Arc::new(served), JoinSet::new());
    // What lives for a quarter of a second is never fresh in a browser.
    if story.ttl > Duration::from_secs(1) {
        for reader in 0..2 {
            let number = nodes.len() + reader;
            readers.spawn(Reader::new(stage.clone(), served.clone(), number).run());
        }
    }
    let misfortune =
        Misfortune { stage: &stage, nodes: &nodes, server: &mut server, folder: &folder };
    misfortune.run().await;
    for worker in workers {
        worker.await.unwrap();
    }
    let mut violations = ending::converge(&stage).await;
    stage.end();
    watch.await.unwrap();
    readers.join_all().await;
    for bystander in bystanders {
        bystander.await.unwrap();
    }
    let record = stage.history.record();
    violations.extend(contract::violations(&story, &record));
    violations.extend(fair_weather::violations(&story, &record));
    (story, record, violations)
}

/// What all stories were made of. A checker that is given nothing finds nothing.
#[derive(Debug, Default)]
struct Counts {
    stories: usize,
    reads: usize,
    stale: usize,
    done: usize,
    owed: usize,
    computes: usize,
    heard: usize,
    errors: std::collections::BTreeMap<&'static str, usize>,
}

impl Counts {
    fn add(&mut self, record: &Record) {
        let stale = record.reads.iter().filter(|read| read.mark == history::Mark::Stale);
        let owed = record.changes.iter().filter(|it| it.outcome == history::Outcome::Owed).count();
        self.stories += 1;
        self.reads += record.reads.len();
        self.stale += stale.count();
        self.owed += owed;
        self.done += record.changes.len() - owed;
        self.computes += record.computes.len();
        self.heard += record.heard.len();
        record.errors.iter().for_each(|code| *self.errors.entry(code).or_default() += 1);
    }

    fn assert_worth_it(&self) {
        let least = self.stories;
        let counts = [self.reads / 100, self.done / 20, self.computes / 20, self.heard];
        assert!(counts.iter().all(|count| *count >= least), "{self:?}");
        assert!(self.owed > 0 && self.stale > 0, "{self:?}");
    }
}
