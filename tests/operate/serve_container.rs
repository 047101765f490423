//! What docker/compose.yaml and docker/Dockerfile ask of the program. There are no containers here: the program is
//! started as they say, but for the address.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use crate::command::{run, samekey};
use crate::redis_server::RedisServer;
use crate::serve::Node;

const COMPOSE: &str = include_str!("../../docker/compose.yaml");
const DOCKERFILE: &str = include_str!("../../docker/Dockerfile");
const PASSWORD: &str = "5f2c0b7d9a1e4c63";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The service of the node, to the next section of the file.
fn service() -> &'static str {
    let (_, service) = COMPOSE.split_once("\n  samekey:\n").expect("the service");
    service.split("\nsecrets:").next().expect("it ends")
}

/// The words of a list written as JSON after `name`.
fn words(text: &str, name: &str) -> Vec<String> {
    let (_, list) = text.split_once(name).unwrap_or_else(|| panic!("{name} in {text}"));
    let list = list.lines().next().unwrap_or_default().trim();
    serde_json::from_str(list).unwrap_or_else(|error| panic!("{name} {list}: {error}"))
}

/// A node as the compose file starts it, on a free port of this machine alone.
fn node(redis: &RedisServer, keys: &str) -> (Child, String) {
    let command = words(service(), "command: ");
    let command = command.iter().map(|word| match word.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "8080" => "0",
        word => word,
    });
    let url = redis.url().replace("redis://", &format!("redis://:{PASSWORD}@"));
    let mut serve = samekey();
    serve.args(command).env("REDIS_URL", url).env("SAMEKEY_JWT_SECRET", SECRET);
    serve.env("SAMEKEY_ENCRYPTION_KEYS_FILE", keys);
    serve.env("SAMEKEY_RECOVERY_FILE", format!("{keys}-recovery"));
    let mut node = serve.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let out = node.stdout.take().expect("it is piped");
    BufReader::new(out).read_line(&mut line).expect("it says where");
    (node, line.split_whitespace().next().expect("its address").to_owned())
}

#[test]
fn the_node_starts_as_the_compose_file_says_is_healthy_and_ends_when_it_is_stopped() {
    for variable in ["REDIS_URL:", "SAMEKEY_JWT_SECRET:", "SAMEKEY_ENCRYPTION_KEYS_FILE:"] {
        assert!(service().contains(variable), "the service sets {variable}");
    }
    let keys = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("compose-keys-{}", std::process::id()));
    let key = format!("1:{}\n", "c0".repeat(32));
    std::fs::write(&keys, key).unwrap();
    let mut redis = RedisServer::start();
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    redis::cmd("CONFIG").arg(&["SET", "requirepass", PASSWORD]).exec(&mut connection).unwrap();
    let (mut node, url) = node(&redis, keys.to_str().unwrap());

    let check = words(DOCKERFILE, "--retries=3 CMD ");
    assert_eq!(check[0], "/usr/local/bin/samekey");
    let check: Vec<_> = check[1..].iter().map(String::as_str).chain(["--url", &url]).collect();
    let healthy = run(&check);
    assert_eq!((healthy.code, healthy.out.as_str()), (0, "ok (redis)\n"), "{}", healthy.err);
    redis.kill();
    let degraded = run(&check);
    assert_eq!((degraded.code, degraded.out.as_str()), (0, "degraded (redis)\n"));

    let stop = Command::new("kill").args(["-TERM", &node.id().to_string()]).status();
    assert!(stop.unwrap().success());
    assert_eq!(node.wait().unwrap().code(), Some(0), "it ends by itself");
    let gone = run(&check);
    assert_eq!(gone.code, 2, "{}{}", gone.out, gone.err);
}

/// `docker stop` kills after ten seconds, and what is under way is then cut in the middle.
#[test]
fn a_client_that_sends_half_a_request_does_not_keep_the_node_from_ending() {
    let mut node = Node::start(&[]);
    let mut half = std::net::TcpStream::connect(node.url.trim_start_matches("http://")).unwrap();
    half.write_all(b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-le").unwrap();
    // It is being read by the time that another request is answered.
    assert_eq!(run(&["health", "--url", &node.url]).code, 0);
    let begun = std::time::Instant::now();
    let stop = Command::new("kill").args(["-TERM", &node.child.id().to_string()]).status();
    assert!(stop.unwrap().success());
    assert_eq!(node.child.wait().unwrap().code(), Some(0), "it ends by itself");
    // After six seconds, and not when a client has to have said all of its request: that is more than a minute.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn the_image_and_the_service_run_the_same_command_and_with_no_more_rights_than_they_need() {
    assert_eq!(words(DOCKERFILE, "\nCMD "), words(service(), "command: "));
    assert_eq!(words(DOCKERFILE, "ENTRYPOINT "), ["/usr/local/bin/samekey"]);
    for line in [
        "user: \"65532:65532\"",
        "read_only: true",
        "cap_drop: [ALL]",
        "security_opt: [\"no-new-privileges:true\"]",
        "secrets: [encryption_keys]",
        "volumes: [\"recovery:/var/lib/samekey\"]",
        "condition: service_healthy",
    ] {
        assert!(service().contains(line), "{line}");
    }
    assert!(DOCKERFILE.contains("\nUSER 65532:65532\n"));
    assert!(service().contains("SAMEKEY_RECOVERY_FILE: /var/lib/samekey/recovery"));
    assert!(
        DOCKERFILE.contains("--chown=65532:65532 /recovery /var/lib/samekey\n"),
        "it may write there"
    );
    assert!(!service().contains("ports:"), "nothing of it is open to the outside");
}

/// Only where there is Docker Compose; it needs no daemon for this.
#[test]
fn docker_compose_reads_the_file_and_asks_for_what_is_not_set() {
    let compose = |secret: Option<&str>| {
        let mut config = Command::new("docker-compose");
        config.args(["-f", concat!(env!("CARGO_MANIFEST_DIR"), "/docker/compose.yaml"), "config"]);
        config.env("REDIS_PASSWORD", PASSWORD).env_remove("SAMEKEY_JWT_SECRET");
        config.envs(secret.map(|secret| ("SAMEKEY_JWT_SECRET", secret))).output()
    };
    let Ok(read) = compose(Some(SECRET)) else {
        return eprintln!("SKIPPED: there is no docker-compose on this machine");
    };
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    assert!(said.contains(&format!("REDIS_URL: redis://:{PASSWORD}@redis:6379")), "{said}");
    let unset = compose(None).expect("it ran before");
    assert!(!unset.status.success());
    let said = String::from_utf8_lossy(&unset.stderr).into_owned();
    assert!(said.contains("SAMEKEY_JWT_SECRET"), "{said}");
}
