//! The server as a browser meets it: the program, a port, a small history.

#[path = "../small_history/mod.rs"]
mod small_history;

mod answers;
mod audit;
mod files;
mod problems;
mod redis;
mod running;
mod server;
