//! Every answer equals what a slow and obvious program finds in the same rows,
//! for every timeframe and for workspaces large and small.

#[path = "../small_history/mod.rs"]
mod small_history;

mod agents;
mod executive;
mod lived_in;
mod metrics;
mod plain;
mod retention;
mod users;
mod workspaces;
