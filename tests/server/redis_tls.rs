//! Redis behind TLS, with a password and a database: what a hosted one asks for.

use std::time::Duration;

use bytes::Bytes;
use samekey::server::{Change, Record, RedisConfig, RedisStore, Store, StoreErrorKind, Ttl};

use crate::certificates::{Certificates, start};

fn patient(url: String) -> RedisConfig {
    let mut config = RedisConfig::new(url);
    config.response_timeout = Duration::from_secs(10);
    config.connect_timeout = Duration::from_secs(10);
    config
}

#[tokio::test]
async fn a_server_behind_tls_is_used_when_its_certificate_is_trusted() {
    let certificates = Certificates::make("tls");
    let (_server, port) = start(&certificates);
    let url = format!("rediss://:hunter2@127.0.0.1:{port}/3");
    let authority = std::fs::read(certificates.path("ca.pem")).unwrap();
    let store = RedisStore::new(&patient(url.clone()).root_certificate(authority)).unwrap();
    let minute = Ttl::new(Duration::from_secs(60)).unwrap();
    let mut changes = store.changes(&[]).unwrap();
    store.set(Record::new("k", Bytes::from_static(b"1"), minute)).await.unwrap();
    assert_eq!(&store.get("k").await.unwrap().unwrap().value[..], b"1");
    while changes.recv().await.unwrap() != Change::Armed {}

    // The database is the URL's; the password too.
    let other = redis::Client::open(format!("redis://:hunter2@127.0.0.1:{}/3", _server.port()));
    let mut other = other.unwrap().get_multiplexed_async_connection().await.unwrap();
    let there: bool = redis::cmd("EXISTS").arg("k").query_async(&mut other).await.unwrap();
    assert!(there);

    // Nobody vouches for it without the authority's certificate; and nothing of the URL is shown.
    let config = patient(url);
    let stranger = RedisStore::new(&config).unwrap();
    let error = stranger.get("k").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(!format!("{config:?} {stranger:?} {error} {error:?}").contains("hunter2"));
}
