//! Runs the program as a user does.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// What a run said and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program, without what this machine's environment would tell it. It waits for Redis as long as a busy machine takes:
/// what is about a Redis that does not answer says how long that is.
pub(crate) fn samekey() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samekey"));
    for name in [
        "REDIS_URL",
        "REDIS_CA_FILE",
        "REDIS_CONNECT_TIMEOUT_MS",
        "REDIS_RESPONSE_TIMEOUT_MS",
        "SAMEKEY_NAMESPACE",
        "SAMEKEY_SCHEMA",
        "SAMEKEY_URL",
        "SAMEKEY_TOKEN",
        "SAMEKEY_JWT_SECRET",
        "SAMEKEY_JWT_ISSUER",
        "SAMEKEY_JWT_AUDIENCE",
        "SAMEKEY_RECOVERY_FILE",
        "SAMEKEY_ENCRYPTION_KEYS",
        "SAMEKEY_ENCRYPTION_KEYS_FILE",
        "RUST_LOG",
        "NO_COLOR",
    ] {
        command.env_remove(name);
    }
    command.env("REDIS_CONNECT_TIMEOUT_MS", "60000").env("REDIS_RESPONSE_TIMEOUT_MS", "60000");
    command
}

/// Asks until `told` or two minutes are over: what is late on a busy machine is not wrong.
pub(crate) fn eventually(what: &str, mut told: impl FnMut() -> bool) {
    let started = Instant::now();
    while !told() {
        assert!(started.elapsed() < Duration::from_secs(120), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = samekey().args(arguments).output().expect("it starts");
    Ran {
        code: status.code().expect("no signal ended it"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

/// Sets `keys` to `{}`, for an hour unless they are to stay for ever.
pub(crate) fn fill(url: &str, keys: &[&str], lasting: bool) {
    let mut connection =
        redis::Client::open(url).and_then(|it| it.get_connection()).expect("Redis answers");
    for key in keys {
        let mut set = redis::cmd("SET");
        set.arg(key).arg("{}");
        if !lasting {
            set.arg("EX").arg(3_600);
        }
        set.exec(&mut connection).expect("it is set");
    }
}

pub(crate) fn exists(url: &str, key: &str) -> bool {
    let mut connection =
        redis::Client::open(url).and_then(|it| it.get_connection()).expect("Redis answers");
    redis::cmd("EXISTS").arg(key).query(&mut connection).expect("it answers")
}
