//! What the schema costs where it is on a request's way: `cargo bench --bench schema --features shadower`.
//!
//! Bars: rendering a key below 150 ns; matching a key against all event patterns below 1 µs.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use samekey::schema::{Key, Pattern};
use samekey::shadower;

fn rendering(c: &mut Criterion) {
    let mut group = c.benchmark_group("render");
    group.bench_function("typed, 4 segments", |b| {
        b.iter(|| shadower::executive(black_box("ws123"), black_box("7d")).unwrap());
    });
    group.bench_function("typed, number and default", |b| {
        b.iter(|| {
            shadower::top_agents(black_box("ws123"), black_box("7d"), black_box(Some(25))).unwrap()
        });
    });
    group.bench_function("typed, identifier to encode", |b| {
        b.iter(|| shadower::executive(black_box("ws:123 é"), black_box("7d")).unwrap());
    });
    group.bench_function("from raw segments", |b| {
        b.iter(|| Key::new(black_box(["exec", "dashboard", "ws123", "7d"])).unwrap());
    });
    group.bench_function("run-time schema, by field names", |b| {
        let family = shadower::schema().family("executive").unwrap();
        b.iter(|| family.key(black_box(&[("workspace", "ws123"), ("timeframe", "7d")])).unwrap());
    });
    group.finish();
}

/// Every pattern of every event, for one workspace, agent, user and report.
fn event_patterns() -> Vec<Pattern> {
    let values = [
        ("workspace_id", "ws123"),
        ("agent_id", "agent7"),
        ("user_id", "user42"),
        ("report_id", "r1"),
    ];
    let mut patterns = Vec::new();
    for event in &shadower::schema().events {
        let known = |name: &str| event.fields.iter().any(|field| field.name == name);
        let fields: Vec<_> = values.into_iter().filter(|(name, _)| known(name)).collect();
        patterns.extend(event.patterns(&fields).unwrap());
    }
    patterns
}

fn matching(c: &mut Criterion) {
    let patterns = event_patterns();
    let mut group = c.benchmark_group(format!("match all {} event patterns", patterns.len()));
    for key in [
        "exec:dashboard:ws123:7d",
        "metrics:users:active:ws123:24h",
        "user:retention:curve:ws999:2026-11-01:30",
        "query:result:5d41402abc4b2a76b9719d911017c592",
    ] {
        group.bench_function(key, |b| {
            b.iter(|| patterns.iter().filter(|pattern| pattern.matches(black_box(key))).count());
        });
    }
    group.finish();
}

fn asking(c: &mut Criterion) {
    let schema = shadower::schema();
    let mut group = c.benchmark_group("ask");
    group.bench_function("family_of, first family", |b| {
        b.iter(|| schema.family_of(black_box("exec:dashboard:ws123:7d")).unwrap().name.len());
    });
    group.bench_function("family_of, last family", |b| {
        b.iter(|| schema.family_of(black_box("report:data:r1:json")).unwrap().name.len());
    });
    group.bench_function("event_patterns, workspace_updated", |b| {
        b.iter(|| {
            schema
                .event_patterns("workspace_updated", black_box(&[("workspace_id", "ws123")]))
                .unwrap()
        });
    });
    group.bench_function("Pattern::parse", |b| {
        b.iter(|| Pattern::parse(black_box("exec:dashboard:ws123:*")).unwrap());
    });
    group.finish();
}

criterion_group!(benches, rendering, matching, asking);
criterion_main!(benches);
