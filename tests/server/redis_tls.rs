//! Redis behind TLS, with a password and a database: what a hosted one asks for.

use std::time::Duration;

use bytes::Bytes;
use samekey::server::{Change, Record, RedisConfig, RedisStore, Store, StoreErrorKind, Ttl};

use crate::certificates::{Certificates, start};
#[cfg(feature = "testing")]
use crate::fault_proxy::{Action, FaultProxy};

fn patient(url: String) -> RedisConfig {
    let mut config = RedisConfig::new(url);
    config.response_timeout = crate::redis_server::PATIENCE;
    config.connect_timeout = crate::redis_server::PATIENCE;
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

/// Both sides compute before they agree, and it takes more trips: what is much for an answer is little for this.
#[cfg(feature = "testing")]
#[tokio::test]
async fn the_way_to_an_agreement_may_take_longer_than_an_answer() {
    let certificates = Certificates::make("tls-slow");
    let (_server, port) = start(&certificates);
    let network = FaultProxy::start(port).await;
    network.script_always([Action::Delay(Duration::from_millis(300))]);
    let url = network.url().replace("redis://", "rediss://:hunter2@");
    let authority = std::fs::read(certificates.path("ca.pem")).unwrap();
    let mut config = RedisConfig::new(url).root_certificate(authority);
    config.response_timeout = Duration::from_secs(10);
    let store = RedisStore::new(&config).unwrap();
    // A busy machine may need more than one try: with the patience that does for an answer, no try would do.
    crate::waiting::eventually("they agree", async || store.get("k").await.is_ok()).await;
    // And it is not waited for for ever, nor as long as that where there is no TLS.
    let plain = RedisConfig::new("redis://127.0.0.1");
    assert_eq!(
        [config.connect_timeout, plain.connect_timeout].map(|it| it.as_millis()),
        [1_000, 100]
    );
}
