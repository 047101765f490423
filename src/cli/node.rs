//! A node of the cache, over HTTP.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use ureq::RequestBuilder;

use super::failure::Failure;

/// How long a node may take to answer: longer than it gives itself for a request, so that its own words are heard.
const PATIENCE: Duration = Duration::from_secs(12);

/// Where an application's jobs are.
pub(super) const JOBS: &str = "/api/v1/cache/jobs/";

/// The node, and who asks.
#[derive(Debug, Args)]
pub(super) struct Node {
    /// A node of the cache.
    #[arg(long, env = "SAMEKEY_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// The bearer token, where the node asks for one.
    #[arg(long, env = "SAMEKEY_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// A node for a command that can do without.
#[derive(Debug, Args)]
pub(super) struct MaybeNode {
    /// A node of the cache, whose statistics are looked at too.
    #[arg(long, env = "SAMEKEY_URL", value_name = "URL")]
    url: Option<String>,
    /// The bearer token, where the node asks for one.
    #[arg(long, env = "SAMEKEY_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl MaybeNode {
    pub(super) fn named(&self) -> Option<Node> {
        Some(Node { url: self.url.clone()?, token: self.token.clone() })
    }
}

impl Node {
    /// What it has done: `GET /api/v1/cache/stats`.
    pub(super) fn stats(&self) -> Result<Value, Failure> {
        self.get("/api/v1/cache/stats")
    }

    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        read(&self.url, path, self.asked(ureq::get(self.address(path))).call())
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        read(&self.url, path, self.asked(ureq::post(self.address(path))).send_json(body))
    }

    /// With the caller's token; and a status that is an error is an answer like any other, to be read.
    fn asked<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        let request = match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        request.config().http_status_as_error(false).timeout_global(Some(PATIENCE)).build()
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/'))
    }
}

fn read(
    url: &str,
    path: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value, Failure> {
    let mut answer = answer.map_err(|error| Failure::unable(format!("{url}: {error}")))?;
    let status = answer.status();
    let body: Result<Value, _> = answer.body_mut().read_json();
    match body {
        Ok(body) if status.is_success() => Ok(body),
        // A problem of the cache's own: its code and what to do.
        Ok(problem) if problem["code"].is_string() => {
            let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            Err(Failure::unable(format!("{url}: {}: {}", text("code"), text("message"))))
        }
        _ => {
            // `samekey serve` has no jobs of its own, and is a node all the same.
            let jobs =
                if path.starts_with(JOBS) { ", of an application that runs jobs" } else { "" };
            let asked = format!("is that a node of the cache{jobs}?");
            Err(Failure::unable(format!("{url} answered {status}: {asked}")))
        }
    }
}
