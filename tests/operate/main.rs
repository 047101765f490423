//! The command line against real Redises and a node that it serves itself.

#[path = "../server/redis_server.rs"]
#[allow(dead_code, reason = "shared with the server's tests, which use more of it")]
mod redis_server;

mod command;
mod doctor;
mod help;
mod invalidate;
mod keys;
mod serve;
mod serve_container;
mod serve_keys;
mod warm;
