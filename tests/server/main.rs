//! The server's half, from outside: each module is a subject, each test a sentence about it.

mod redis_server;

mod memory_store;
mod redis_store;
mod store_contract;
