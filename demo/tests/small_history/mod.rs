//! A small history in a file of the test's own, at an instant that never changes.
#![allow(dead_code, unreachable_pub)]

use std::path::PathBuf;

use samekey_demo::database::{HistoryFile, Opening, open};
use samekey_demo::history::World;
use samekey_demo::timeframe::Millis;

/// 2026-11-22T09:34:56.789Z, a Sunday.
pub const NOW: Millis = 1_795_340_096_789;

/// A path that no other test uses; nothing is there.
pub fn fresh_path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("demo-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder.join("history.sqlite")
}

/// What to ask for a small history at [`NOW`].
pub fn small(path: PathBuf, runs: u64) -> HistoryFile {
    HistoryFile { path, runs: Some(runs), seed: 7, now: NOW }
}

/// Opens without showing progress.
pub fn open_quietly(file: &HistoryFile) -> (World, Opening) {
    open(file, &mut |_, _| ()).expect("the history opens")
}
