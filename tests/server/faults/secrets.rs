//! Row 49: no password in anything that is shown or logged.

use std::io::Write;
use std::sync::{Arc, Mutex};

use samekey::server::{
    BreakerConfig, BreakerStore, RecoveryConfig, RecoveryStore, RedisConfig, RedisStore, Store,
};
use tracing_subscriber::fmt::MakeWriter;

use super::{ask, over};
use crate::redis_server::{RedisServer, free_port};

const SECRET: &str = "hunter2hunter2";

/// What is logged, kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// 49: a wrong password, an unreachable host and an unreadable URL: what is said of them names no password.
#[tokio::test]
async fn row_49_no_password_is_shown_or_logged() {
    crate::nobody::asks_each_time();
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .finish();
    crate::nobody::asks_each_time();
    let _logging = tracing::subscriber::set_default(subscriber);
    let server = RedisServer::start_with(&["--requirepass", "another"]);
    let mut shown = String::new();
    for (user, port) in [("", server.port()), ("admin", server.port()), ("admin", free_port())] {
        let config = RedisConfig::new(format!("redis://{user}:{SECRET}@127.0.0.1:{port}/0"));
        let store = RedisStore::new(&config).unwrap();
        let error = store.get("k").await.unwrap_err();
        shown += &format!("{config:?} {store:?} {error} {error:?} {:?}", error.code());
        let guarded = BreakerStore::new(store, BreakerConfig::default());
        shown += &format!("{guarded:?} {:?}", guarded.breaker());
        let guarded = RecoveryStore::new(guarded, RecoveryConfig::default());
        let error = guarded.delete(&["k"]).await.unwrap_err();
        shown += &format!("{guarded:?} {:?} {error} {error:?}", guarded.recovery());
        let cache = over(guarded);
        for _ in 0..10 {
            ask(&cache, "ws1").await;
        }
        let error = cache.invalidate_workspace("ws1").await.unwrap_err();
        shown += &format!("{cache:?} {error} {error:?} {:?}", cache.get_cache_stats().await);
    }
    for url in [SECRET.to_owned(), format!("redis://:{SECRET}@host:notaport")] {
        let error = RedisStore::new(&RedisConfig::new(url)).unwrap_err();
        shown += &format!("{error} {error:?}");
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("the store failed"), "something was logged");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!logged.contains(SECRET), "{logged}");
}
