//! `docs/server.md`: its HTTP examples, sent one after the other. (Its Rust is run as doc tests.)

use std::fs;
use std::path::Path as FilePath;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use samekey::server::http::{self, CacheRequest, Problem};
use samekey::server::{CacheService, MemoryStore};
use samekey::shadower;
use serde_json::{Value, json};

use crate::http_client::Http;

const GUIDE: &str = include_str!("../../docs/server.md");

/// One ```` ```http ```` block: a request, a status, some headers, perhaps a body.
struct Example<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a str,
    status: u16,
    headers: Vec<(&'a str, &'a str)>,
    answer: Option<&'a str>,
}

fn examples() -> Vec<Example<'static>> {
    let blocks = GUIDE.split("```http\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().expect("a block ends").trim_end());
    blocks
        .map(|block| {
            let mut parts = block.splitn(3, "\n\n");
            let (request, response) = (parts.next().unwrap(), parts.next().unwrap());
            let (line, body) = request.split_once('\n').unwrap_or((request, ""));
            let (method, path) = line.split_once(' ').unwrap();
            let mut response = response.lines();
            let status = response.next().unwrap().parse().unwrap();
            let headers = response.map(|line| line.split_once(": ").unwrap()).collect();
            Example { method, path, body, status, headers, answer: parts.next() }
        })
        .collect()
}

async fn query(
    State(cache): State<CacheService>,
    Path(hash): Path<String>,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let key = shadower::query_result(&hash)?;
    let compute = || async { Ok::<_, Problem>(json!({ "rows": [1, 2] })) };
    request.respond(&cache, &key, compute).await
}

#[tokio::test(start_paused = true)]
async fn every_http_example_answers_as_the_guide_says() {
    let cache = CacheService::new(shadower::schema(), MemoryStore::default());
    let app = Router::new().route("/queries/{hash}", get(query)).with_state(cache.clone());
    let http = Http::serve(app.merge(http::router(cache))).await;
    let examples = examples();
    assert_eq!(examples.len(), 9);
    for example in examples {
        let says = format!("{} {}", example.method, example.path);
        let headers = [("Content-Type", "application/json")];
        let reply =
            http.send(example.method, example.path, &headers, example.body.as_bytes()).await;
        assert_eq!(reply.status, example.status, "{says}");
        for (name, value) in example.headers {
            assert_eq!(reply.header(name), Some(value), "{says}: {name}");
        }
        if let Some(answer) = example.answer {
            assert_eq!(reply.json(), serde_json::from_str::<Value>(answer).unwrap(), "{says}");
        }
    }
}

/// The codes that the program can answer with, against the guide's table.
#[test]
fn every_code_that_the_sources_name_is_in_the_guide() {
    let mut sources = vec![
        include_str!("../../src/server/error.rs").to_owned(),
        include_str!("../../src/server/store/error.rs").to_owned(),
    ];
    for room in ["codec", "http", "access", "access/jwt"] {
        let room = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src/server").join(room);
        for file in fs::read_dir(room).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|kind| kind == "rs") && !file.ends_with("tests.rs") {
                let source = fs::read_to_string(file).unwrap();
                // What its tests say is not what it answers.
                let program = source.split("#[cfg(test)]").next().unwrap_or_default();
                // In a document comment it may be an example's.
                let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
                sources.push(lines.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let codes = sources.iter().flat_map(|source| source.split('"'));
    let codes = codes.filter(|text| text.starts_with("E_") && !text.contains([':', ' ']));
    let mut checked = 0;
    for code in codes {
        let group = GUIDE.contains("`E_FIELD_…`") && code.starts_with("E_FIELD_");
        let pattern = GUIDE.contains("`E_PATTERN_…`") && code.starts_with("E_PATTERN_");
        assert!(
            group || pattern || GUIDE.contains(&format!("`{code}`")),
            "{code} is not in docs/server.md"
        );
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}
