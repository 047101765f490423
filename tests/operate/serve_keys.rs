//! `samekey serve` and the keys that sensitive values are encrypted with.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use serde_json::json;

use crate::command::samekey;
use crate::redis_server::RedisServer;

const KEY: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The bundled schema, but that reports, which an event brings, are secret.
fn with_secret_reports(folder: &std::path::Path) -> String {
    let bundled = include_str!("../../schema/shadower.toml");
    let family = "[families.report_data]\n";
    assert!(bundled.contains(family));
    let file = folder.join("schema.toml");
    std::fs::write(&file, bundled.replace(family, &format!("{family}sensitive = true\n"))).unwrap();
    file.display().to_string()
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("serve-keys-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Posts a report to a node with these variables, and ends it: what Redis holds then, and what the node said.
fn stored_report(
    redis: &RedisServer,
    schema: &str,
    environment: &[(&str, &str)],
) -> (Vec<u8>, String) {
    let mut node: Child = samekey()
        .args(["serve", "--port", "0", "--redis", &redis.url(), "--schema", schema])
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().next().expect("its address");
    let report =
        json!({ "event": "report_generated", "report_id": "r1", "data": { "amount": "a secret" } });
    // It is refused where it cannot be stored; what counts is what Redis holds.
    let _ = ureq::post(format!("{url}/api/v1/events")).send_json(report);
    node.kill().unwrap();
    node.wait().unwrap();
    let mut said = String::new();
    node.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let stored: Option<Vec<u8>> =
        redis::cmd("GET").arg("report:data:r1:json").query(&mut connection).unwrap();
    (stored.unwrap_or_default(), said)
}

#[test]
fn with_a_key_in_the_environment_or_in_a_file_a_sensitive_value_is_stored_sealed() {
    let folder = folder("sealed");
    let (schema, keys) = (with_secret_reports(&folder), folder.join("keys"));
    std::fs::write(&keys, format!("{KEY}\n")).unwrap();
    for environment in
        [("SAMEKEY_ENCRYPTION_KEYS", KEY), ("SAMEKEY_ENCRYPTION_KEYS_FILE", keys.to_str().unwrap())]
    {
        let redis = RedisServer::start();
        let (stored, said) = stored_report(&redis, &schema, &[environment]);
        assert!(stored.starts_with(b"\xC1SK"), "{environment:?}: {stored:?} {said}");
        assert!(!stored.windows(8).any(|window| window == b"a secret"));
        assert!(!said.contains("not stored"), "{said}");
    }
}

#[test]
fn without_a_key_it_is_not_stored_and_the_terminal_says_what_and_how_to_mend_it() {
    let redis = RedisServer::start();
    let (stored, said) = stored_report(&redis, &with_secret_reports(&folder("none")), &[]);
    assert!(stored.is_empty(), "{stored:?}");
    for what in
        ["not stored", "report_data", "revenue", "SAMEKEY_ENCRYPTION_KEYS=1:", "openssl rand"]
    {
        assert!(said.contains(what), "{what}: {said}");
    }
}

#[test]
fn a_key_that_is_none_ends_it_and_is_not_repeated() {
    for (name, value) in
        [("SAMEKEY_ENCRYPTION_KEYS", "1:c0ffee"), ("SAMEKEY_ENCRYPTION_KEYS_FILE", "no/such/file")]
    {
        let mut serve = samekey();
        let serve = serve.args(["serve", "--port", "0", "--redis", "redis://127.0.0.1:1"]);
        let ran = serve.env(name, value).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{said}");
        assert!(said.contains("E_CODEC_KEY") && !said.contains("c0ffee"), "{said}");
    }
}
