//! The committed files are what the schema generates.

use samekey::schema::codegen::{Language, Options, generate};
use samekey::schema::{Document, parse_schema};

const SOURCE: &str = "schema/shadower.toml";

fn document() -> Document {
    let path = format!("{}/{SOURCE}", env!("CARGO_MANIFEST_DIR"));
    parse_schema(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn up_to_date(file: &str, language: Language, import: &str) {
    let options = Options { source: SOURCE, import, ..Options::default() };
    let generated = generate(&document(), language, &options);
    let committed =
        std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let difference = committed.lines().zip(generated.lines()).find(|(old, new)| old != new);
    assert!(
        committed == generated,
        "{file} is not what {SOURCE} generates; run scripts/generate. First difference: {difference:?}"
    );
}

#[test]
fn typescript() {
    up_to_date("pkg-template/src/shadower/generated.ts", Language::TypeScript, "../core/typedKey");
}

#[test]
fn python() {
    up_to_date("tests/python/cache_keys.py", Language::Python, "samekey");
}

#[test]
fn json() {
    up_to_date("schema/shadower.json", Language::Json, "samekey");
}

#[test]
fn markdown() {
    up_to_date("docs/schema/shadower.md", Language::Markdown, "samekey");
}

#[test]
fn the_json_is_json_and_names_everything() {
    let text = generate(&document(), Language::Json, &Options::default());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = document().schema;
    assert_eq!(json["families"].as_object().unwrap().len(), schema.families.len());
    assert_eq!(
        json["families"]["top_agents"]["key"],
        "agent:top:{workspace}:{timeframe}:{limit=10}"
    );
    assert_eq!(json["events"]["report_generated"]["caches"]["family"], "report_data");
    assert_eq!(json["ttl_seconds"]["long"], 1800);
}

#[test]
fn a_ttl_by_segment_reaches_every_language() {
    let document = parse_schema(include_str!("small.toml")).unwrap();
    let written = |language| generate(&document, language, &Options::default());
    let ts = written(Language::TypeScript);
    assert!(ts.contains("import { defineFamily } from 'samekey'"), "{ts}");
    assert!(ts.contains("{ ttl: cacheTime.SHORT, ttlBy: { segment: 'timeframe', values: cacheTimeByTimeframe } }"), "{ts}");
    assert!(written(Language::Python).contains("\"ttl\": (3, TTL_BY_TIMEFRAME, TTL_SHORT)"));
    assert!(written(Language::Json).contains(r#""ttl_seconds": { "by": "timeframe", "values": { "1h": 60, "7d": 1800 }, "otherwise": 60 }"#));
    assert!(written(Language::Markdown).contains("by timeframe: 1h SHORT, 7d LONG; else SHORT"));
}

#[test]
fn text_in_quotes_stays_text() {
    let source = "name = \"s\"\n[ttl]\nday = 86400\n[families.a]\nkey = \"a:it's\"\nttl = \"day\"\n\
                  doc = 'a */ \"quoted\" \\ text'\n";
    let document = parse_schema(source).unwrap();
    let ts = generate(&document, Language::TypeScript, &Options::default());
    assert!(ts.contains(r"'a:it\'s'") && ts.contains("a * /"), "{ts}");
    let json = generate(&document, Language::Json, &Options::default());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["families"]["a"]["doc"], "a */ \"quoted\" \\ text");
}
