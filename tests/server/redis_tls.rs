//! Redis behind TLS, with a password and a database: what a hosted one asks for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use samekey::server::{Change, Record, RedisConfig, RedisStore, Store, StoreErrorKind, Ttl};

use crate::redis_server::{RedisServer, free_port};

/// A server's certificate and the authority that signed it, made for one test.
struct Certificates(PathBuf);

impl Certificates {
    fn make(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("samekey-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = Self(folder);
        made.openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem");
        made.openssl(
            "req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr",
        );
        std::fs::write(made.0.join("names.ext"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        made.openssl("x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names.ext -out server.pem");
        made
    }

    fn openssl(&self, arguments: &str) {
        let arguments = arguments.split(' ');
        let done = Command::new("openssl").args(arguments).current_dir(&self.0).output();
        let done = done.expect("openssl is installed wherever certificates are");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    fn path(&self, file: &str) -> String {
        path(&self.0, file)
    }
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).to_str().unwrap().to_owned()
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Listens for TLS beside its plain port.
fn start(certificates: &Certificates) -> (RedisServer, u16) {
    let port = free_port();
    let server = RedisServer::start_with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &certificates.path("server.pem"),
        "--tls-key-file",
        &certificates.path("server.key"),
        "--tls-ca-cert-file",
        &certificates.path("ca.pem"),
        "--tls-auth-clients",
        "no",
        "--requirepass",
        "hunter2",
    ]);
    (server, port)
}

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
