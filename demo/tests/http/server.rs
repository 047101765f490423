//! The program itself, on a free port and a small history, ended with the test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::small_history::{NOW, fresh_path, open_quietly, small};

pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) url: String,
    pub(crate) database: PathBuf,
    agent: ureq::Agent,
}

/// One history at [`NOW`] for all tests of this program to copy.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let file = small(fresh_path("template"), 3_000);
        open_quietly(&file);
        file.path
    })
}

/// A response, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// `HIT`, `MISS` or `BYPASS`.
    pub(crate) fn cache(&self) -> &str {
        self.header("x-cache")
    }

    /// Status, code and field of a problem.
    pub(crate) fn problem(&self) -> (u16, String, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(json["status"], self.status);
        assert!(!text("message").is_empty());
        (self.status, text("code"), text("field"))
    }
}

impl Server {
    /// At [`NOW`], with nothing happening by itself.
    pub(crate) fn still(database: &Path) -> Self {
        std::fs::copy(template(), database).expect("a copy of the history");
        Self::start(database, |command| command.args(["--now", &samekey_demo::clock::instant(NOW)]))
    }

    pub(crate) fn start(database: &Path, more: impl Fn(&mut Command) -> &mut Command) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samekey-demo"));
        command.env_remove("REDIS_URL").env_remove("SAMEKEY_ENCRYPTION_KEYS");
        command.env_remove("SAMEKEY_ENCRYPTION_KEYS_FILE");
        command.args(["--port", "0", "--runs", "3000", "--www", "no/such/folder", "--warm", "0"]);
        command.arg("--database").arg(database).stdout(Stdio::piped());
        let mut process = more(&mut command).spawn().expect("the server starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line.split_whitespace().last().unwrap_or_default().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line:?}");
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { process, url, database: database.to_owned(), agent }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::answer(request.call())
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        Self::answer(self.agent.post(format!("{}{path}", self.url)).send_json(body))
    }

    fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
        let mut response = response.expect("an answer");
        let text = response.body_mut().read_to_string().expect("a text");
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    /// What the program's own `query` says: the way browser tests ask.
    pub(crate) fn sql(&self, sql: &str) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samekey-demo"));
        let output = command.arg("query").arg(sql).arg("--database").arg(&self.database).output();
        let output = output.expect("the query runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("rows")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
