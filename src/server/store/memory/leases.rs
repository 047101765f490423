//! The leases of the in-process store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::server::store::{LeaseToken, Leased};
use crate::server::ttl::Ttl;

/// Who may store which key. A lease is looked at and used under one lock with what it guards, so nothing can
/// come between the look and the deed.
#[derive(Default)]
pub(super) struct Leases(Mutex<Book>);

#[derive(Default)]
pub(super) struct Book {
    by_key: HashMap<String, Lease>,
    /// The book is cleared of expired leases when it has grown to this.
    clear_at: usize,
}

struct Lease {
    token: LeaseToken,
    expires_at: Instant,
}

const LEAST_CLEAR_AT: usize = 1_024;

impl Leases {
    /// The book, for as long as the guard is held: who holds it decides alone.
    pub(super) fn open(&self) -> MutexGuard<'_, Book> {
        // Nothing under the lock can leave the book half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    pub(super) fn grant(&mut self, key: &str, token: LeaseToken, time: Ttl) -> Leased {
        let now = Instant::now();
        if self.by_key.get(key).is_some_and(|lease| lease.expires_at > now) {
            return Leased::Held;
        }
        if self.by_key.len() >= self.clear_at.max(LEAST_CLEAR_AT) {
            self.by_key.retain(|_, lease| lease.expires_at > now);
            self.clear_at = self.by_key.len() * 2;
        }
        let lease = Lease { token, expires_at: now + time.duration() };
        self.by_key.insert(key.to_owned(), lease);
        Leased::Granted
    }

    /// Ends the lease of `key` if it is `token`'s; whether it was, and still ran.
    pub(super) fn end(&mut self, key: &str, token: &LeaseToken) -> bool {
        let now = Instant::now();
        match self.by_key.get(key) {
            Some(lease) if lease.token == *token => {
                let runs = lease.expires_at > now;
                self.by_key.remove(key);
                runs
            }
            _ => false,
        }
    }

    pub(super) fn void(&mut self, key: &str) {
        self.by_key.remove(key);
    }

    pub(super) fn void_where(&mut self, meant: impl Fn(&str) -> bool) {
        self.by_key.retain(|key, _| !meant(key));
    }
}
