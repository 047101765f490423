//! The layout itself: who may name whom, read from the sources.
//!
//! `www -> pkg-template -> src/client -> src/engine -> src/schema <- src/server`, never the other way. The
//! rooms are in `rules.rs`; how a source is read is in `sources.rs`; the map of it all, `docs/architecture.md`, is held to
//! the tree by `documents.rs`.
// wasm-pack compiles every test there is.
#![cfg(not(target_arch = "wasm32"))]

mod documents;
mod rules;
mod sources;

use rules::{RUST_ROOMS, TIMERS, TYPESCRIPT_ROOMS};
use sources::{Source, sources};

fn faults(rooms: &[rules::Room], extensions: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for room in rooms {
        let files = sources(room.folder, extensions);
        assert!(
            !files.is_empty(),
            "{} has no sources: is it still the name of the room?",
            room.folder
        );
        for file in files {
            faults.extend(room.faults_in(&file));
        }
    }
    faults
}

#[test]
fn rust_modules_name_only_those_they_may() {
    let faults = faults(RUST_ROOMS, &["rs"]);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn typescript_modules_import_only_those_they_may() {
    let faults = faults(TYPESCRIPT_ROOMS, &["ts", "tsx"]);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn typescript_arms_no_timer_but_the_notify_batch() {
    let package = sources("pkg-template/src", &["ts", "tsx"]);
    let (batch, others): (Vec<Source>, Vec<Source>) =
        package.into_iter().partition(|file| file.path == "pkg-template/src/core/notifyManager.ts");
    assert_eq!(batch.len(), 1, "the one file that may arm a timer");
    let faults: Vec<String> = others
        .iter()
        .flat_map(|file| TIMERS.iter().flat_map(|timer| file.lines_naming(timer)))
        .collect();
    assert!(faults.is_empty(), "time is the engine's:\n{}\n", faults.join("\n"));
}

#[test]
fn only_the_client_room_depends_on_the_browser() {
    let manifest = std::fs::read_to_string("Cargo.toml").expect("Cargo.toml");
    let browser = [
        "wasm-bindgen",
        "js-sys",
        "web-sys",
        "gloo-timers",
        "gloo-net",
        "serde-wasm-bindgen",
        "talc",
    ];
    let mut section = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.to_owned();
        }
        let name = line.split(['=', ' ', '.']).next().unwrap_or("");
        if browser.contains(&name) {
            assert!(
                section.contains("wasm32"),
                "{name} stands in {section}, so the server would compile it"
            );
        }
    }
}

/// Some methods of `Store` have a default, for stores that know nothing of the matter. A store around another one that
/// left one out would compile, and lose what the inner store does. Clippy finds that where it is told to look.
#[test]
fn a_store_around_another_one_leaves_no_method_to_its_default() {
    let server = sources("src/server", &["rs"]);
    let stores = server.iter().flat_map(|file| file.lines_with(" Store for "));
    let keeps_its_own =
        |line: &str| line.ends_with("MemoryStore {") || line.ends_with("RedisStore {");
    let around: Vec<_> = stores.filter(|(_, line)| !keeps_its_own(line)).collect();
    assert!(around.len() >= 6, "{around:?}: are they written another way now?");
    for (above, line) in around {
        assert_eq!(above.trim(), "#[deny(clippy::missing_trait_methods)]", "before: {line}");
    }
}

#[test]
fn a_fault_is_found_in_code_and_not_in_comments() {
    let room = rules::Room { folder: "x", forbidden: &[("crate::client", "why")], imports: None };
    let source = |text: &str| Source::new("x/a.rs", text);
    assert_eq!(room.faults_in(&source("use crate::client::Core;")).len(), 1);
    assert_eq!(
        room.faults_in(&source("/// See `crate::client`.\n//! crate::client\nfn a() {}")).len(),
        0
    );
    assert_eq!(room.faults_in(&source("/* crate::client */ let a = crate::clients;")).len(), 0);
    assert_eq!(
        source("let id = setTimeout(go, 5) // setTimeout").lines_naming("setTimeout").len(),
        1
    );
    assert_eq!(
        source("const url = 'http://a'; setTimeout(go)").lines_naming("setTimeout").len(),
        1
    );
}

#[test]
fn an_import_is_judged_by_where_it_leads() {
    let room = rules::Room {
        folder: "pkg-template/src/core",
        forbidden: &[],
        imports: Some(&["pkg-template/src/core"]),
    };
    let faults =
        |text: &str| room.faults_in(&Source::new("pkg-template/src/core/a.ts", text)).len();
    assert_eq!(faults("import { b } from './b'"), 0);
    assert_eq!(faults("import { b } from '../react/b'"), 1);
    assert_eq!(faults("import {\n  type B,\n} from 'react'"), 1);
    assert_eq!(faults("export * from \"../shadower\""), 1);
    assert_eq!(faults("const late = () => import('react')"), 1);
}
