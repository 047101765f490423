//! The command line against real Redises and a node that it serves itself.

#[cfg(feature = "tls")]
#[path = "../server/certificates.rs"]
mod certificates;
#[path = "../server/redis_server.rs"]
#[allow(dead_code, reason = "shared with the server's tests, which use more of it")]
mod redis_server;

#[cfg(feature = "cluster")]
#[path = "../server/redis_cluster.rs"]
#[allow(dead_code, reason = "shared with the server's tests, which use more of it")]
mod redis_cluster;

#[path = "../server/waiting.rs"]
mod waiting;

mod acl;
mod command;
mod doctor;
mod help;
mod invalidate;
mod keys;
mod log;
mod output;
mod owed;
mod serve;
mod serve_container;
mod serve_keys;
#[cfg(feature = "tls")]
mod serve_tls;
mod terminal;
mod token;
mod warm;
#[cfg(feature = "cluster")]
mod without_one;
