//! What the engine costs as the cache grows: `cargo bench --bench engine`.
//!
//! Bar: exact invalidation, and prefix invalidation with 10 matches, stay within 2× from 1,000 to 100,000
//! entries. Operations go in turn to 100 prefixes spread over the whole cache, the same number at each size, so
//! that the processor's own caches are equally warm and only the engine's work is compared. The groups called
//! `cold` go to every prefix in turn, and show what fetching a large cache's memory costs on top.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use samekey::engine::{
    Engine, Filter, Key, KeyFilter, Moment, ObserverOptions, QueryId, QueryOptions, QueryState,
    StaleTime,
};
use samekey::schema::Pattern;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Queries under one prefix.
const MATCHES: usize = 10;
/// How many prefixes operations go to, unless they go to all.
const WARM: usize = 100;
const AT: Moment = Moment::at(1_700_000_000_000.0);

/// What the browser's engine is: JavaScript keeps the payloads.
struct Cache {
    engine: Engine<(), ()>,
    ids: Vec<QueryId>,
    /// Where operations go, and whose turn it is.
    targets: Vec<usize>,
    turn: usize,
}

fn key_text(index: usize) -> String {
    let (workspace, timeframe) = (index / MATCHES, index % MATCHES);
    format!(r#"["exec","dashboard","ws{workspace}","{timeframe}d"]"#)
}

impl Cache {
    fn with(size: usize, targets: usize) -> Self {
        let mut engine = Engine::new();
        let ids = (0..size)
            .map(|index| {
                let hash = key_text(index);
                let key = Key::from_json(&hash).unwrap();
                let state = QueryState::initial(Some(()), AT.now);
                engine.add(&hash, key.clone(), QueryOptions::default(), state, AT)
            })
            .collect();
        // Spread evenly, in an order that no prefetcher knows (the step shares no factor with the counts).
        let targets = targets.min(size / MATCHES);
        let targets = (0..targets).map(|i| i * 61_803 % targets * (size / targets)).collect();
        Self { engine, ids, targets, turn: 0 }
    }

    fn next(&mut self) -> usize {
        self.turn = (self.turn + 1) % self.targets.len();
        self.targets[self.turn]
    }

    /// Marks what the filter finds, and takes the effects, as an invalidation from JavaScript does.
    fn invalidate(&mut self, key: KeyFilter<'_>) -> usize {
        let found = self.engine.find(Filter { key, ..Filter::default() }, AT);
        for &query in &found {
            self.engine.invalidate(query, AT);
        }
        self.drain();
        found.len()
    }

    fn drain(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            black_box(effect);
        }
    }

    /// Makes entries fresh again.
    fn refresh(&mut self, entries: impl Iterator<Item = usize>) {
        for entry in entries {
            self.engine.set_data(self.ids[entry], (), AT.now, AT);
        }
        self.drain();
    }
}

/// Measures `operation` on entry after entry; `undo` is not measured.
fn measure(
    c: &mut Criterion,
    name: &str,
    targets: usize,
    mut operation: impl FnMut(&mut Cache, usize),
    mut undo: impl FnMut(&mut Cache, usize),
) {
    let mut group = c.benchmark_group(name);
    for size in SIZES {
        let mut cache = Cache::with(size, targets);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_custom(|count| {
                let mut spent = Duration::ZERO;
                let mut left = count;
                while left > 0 {
                    let round: Vec<usize> = (0..left.min(64)).map(|_| cache.next()).collect();
                    let start = Instant::now();
                    for &entry in &round {
                        operation(&mut cache, entry);
                    }
                    spent += start.elapsed();
                    for &entry in &round {
                        undo(&mut cache, entry);
                    }
                    left -= round.len() as u64;
                }
                spent
            });
        });
    }
    group.finish();
}

fn siblings(entry: usize) -> std::ops::Range<usize> {
    let first = entry / MATCHES * MATCHES;
    first..first + MATCHES
}

fn invalidating(c: &mut Criterion) {
    for (kind, targets) in [("", WARM), (", cold", usize::MAX)] {
        measure(
            c,
            &format!("exact invalidation{kind}"),
            targets,
            |cache, entry| {
                let hash = key_text(entry);
                assert_eq!(cache.invalidate(KeyFilter::Exact(&hash)), 1);
            },
            |cache, entry| cache.refresh(std::iter::once(entry)),
        );
        measure(
            c,
            &format!("prefix invalidation, 10 matches{kind}"),
            targets,
            |cache, entry| {
                let workspace = entry / MATCHES;
                let prefix = format!(r#"["exec","dashboard","ws{workspace}"]"#);
                let prefix = Key::from_json(&prefix).unwrap();
                assert_eq!(cache.invalidate(KeyFilter::Prefix(&prefix)), MATCHES);
            },
            |cache, entry| cache.refresh(siblings(entry)),
        );
        measure(
            c,
            &format!("pattern invalidation, 10 matches{kind}"),
            targets,
            |cache, entry| {
                let pattern = Pattern::parse(&format!("exec:*:ws{}:*", entry / MATCHES)).unwrap();
                let pattern = Key::from_pattern(&pattern);
                assert_eq!(cache.invalidate(KeyFilter::Pattern(&pattern)), MATCHES);
            },
            |cache, entry| cache.refresh(siblings(entry)),
        );
    }
}

fn writing(c: &mut Criterion) {
    measure(
        c,
        "set data",
        WARM,
        |cache, entry| {
            cache.engine.set_data(cache.ids[entry], (), AT.now, AT);
            cache.drain();
        },
        |_, _| (),
    );
    // Queries that are not there yet, taken out again afterwards.
    let added = RefCell::new(Vec::new());
    measure(
        c,
        "add",
        WARM,
        |cache, entry| {
            let hash = key_text(entry + 1_000_000);
            let key = Key::from_json(&hash).unwrap();
            let state = QueryState::initial(None, 0.0);
            let query = cache.engine.add(&hash, key.clone(), QueryOptions::default(), state, AT);
            added.borrow_mut().push(query);
        },
        |cache, _| {
            for query in added.borrow_mut().drain(..) {
                cache.engine.remove(query, AT);
            }
            cache.drain();
        },
    );
}

fn observing(c: &mut Criterion) {
    let options =
        ObserverOptions { stale_time: StaleTime::Millis(60_000.0), ..ObserverOptions::default() };
    measure(
        c,
        "observe and unobserve",
        WARM,
        |cache, entry| {
            let observer = cache.engine.observe(cache.ids[entry], options, AT).unwrap();
            cache.engine.unobserve(black_box(observer), AT);
        },
        |_, _| (),
    );
}

fn waking(c: &mut Criterion) {
    measure(
        c,
        "wake, nothing due",
        WARM,
        |cache, _| {
            let mark = cache.engine.wake_mark();
            assert!(!cache.engine.wake(black_box(mark), AT));
        },
        |_, _| (),
    );
}

criterion_group! {
    name = engine;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_500))
        .sample_size(30);
    targets = invalidating, writing, observing, waking
}
criterion_main!(engine);
