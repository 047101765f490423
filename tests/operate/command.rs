//! Runs the program as a user does.

use std::process::{Command, Output};

/// What a run said and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// For a node of a test that is not about waiting: on a busy machine Redis may take longer than a node's own 100 ms.
pub(crate) const PATIENT: [(&str, &str); 2] =
    [("REDIS_CONNECT_TIMEOUT_MS", "10000"), ("REDIS_RESPONSE_TIMEOUT_MS", "10000")];

/// The program, without what this machine's environment would tell it.
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
    command
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = samekey().args(arguments).output().expect("it starts");
    Ran {
        code: status.code().expect("no signal ended it"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

/// Sets `keys` to `{}`, for a minute unless they are to stay for ever.
pub(crate) fn fill(url: &str, keys: &[&str], lasting: bool) {
    let mut connection =
        redis::Client::open(url).and_then(|it| it.get_connection()).expect("Redis answers");
    for key in keys {
        let mut set = redis::cmd("SET");
        set.arg(key).arg("{}");
        if !lasting {
            set.arg("EX").arg(60);
        }
        set.exec(&mut connection).expect("it is set");
    }
}

pub(crate) fn exists(url: &str, key: &str) -> bool {
    let mut connection =
        redis::Client::open(url).and_then(|it| it.get_connection()).expect("Redis answers");
    redis::cmd("EXISTS").arg(key).query(&mut connection).expect("it answers")
}
