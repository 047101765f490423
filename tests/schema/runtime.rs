//! What a server asks the schema at run time.

use std::time::Duration;

use samekey::schema::{KeyError, Schema, SchemaError, Template, parse_schema};
use samekey::shadower;

/// A schema with what the bundled one has no family for.
fn schema() -> Schema {
    let source = r#"
        name = "small"
        [ttl]
        short = 60
        long = 1800
        [ttl_by.timeframe]
        1h = "short"
        "a:b" = "short"
        [entities]
        workspace = {}
        [segments]
        timeframe = {}
        part = {}
        [families.board]
        key = "exec:board:{workspace}:{timeframe}"
        ttl = { by = "timeframe", otherwise = "long" }
        [families.list]
        key = "list:{workspace}[:{part}]"
        ttl = "long"
    "#;
    parse_schema(source).unwrap().schema
}

fn written(patterns: Vec<samekey::schema::Pattern>) -> Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

#[test]
fn a_ttl_can_follow_a_segment_and_there_is_always_one() {
    let ttl = |key| schema().ttl_of(key);
    assert_eq!(ttl("exec:board:ws1:1h"), Some(Duration::from_secs(60)));
    assert_eq!(ttl("exec:board:ws1:a%3Ab"), Some(Duration::from_secs(60)));
    assert_eq!(ttl("exec:board:ws1:99d"), Some(Duration::from_secs(1800)));
    assert_eq!(ttl("exec:bord:ws1:99d"), None);
}

#[test]
fn a_key_that_ends_at_the_entitys_id_is_invalidated_with_the_longer_ones() {
    let patterns = schema().entity_patterns("workspace", "w").unwrap();
    assert_eq!(written(patterns.clone()), ["exec:board:w:*", "list:w", "list:w:*"]);
    for key in ["list:w", "list:w:a"] {
        assert!(patterns.iter().any(|pattern| pattern.matches(key)), "{key}");
    }
}

#[test]
fn an_optional_field_that_is_given_narrows_to_the_longer_keys() {
    let schema = schema();
    let patterns = schema.family("list").unwrap().patterns(&[("workspace", "w"), ("part", "p")]);
    assert_eq!(written(patterns.unwrap()), ["list:w:p"]);
    let patterns = schema.family("list").unwrap().patterns(&[("part", "p")]);
    assert_eq!(written(patterns.unwrap()), ["list:*:p"]);
    let patterns = schema.family("list").unwrap().patterns(&[]);
    assert_eq!(written(patterns.unwrap()), ["list:*"]);
}

#[test]
fn a_misspelt_field_does_not_become_a_star() {
    let schema = schema();
    let error = schema.family("board").unwrap().patterns(&[("worksapce", "w")]).unwrap_err();
    assert_eq!(error, SchemaError::UnknownField("worksapce".into()));
    assert_eq!((error.code(), error.field()), ("E_FIELD_UNKNOWN", Some("worksapce")));
}

#[test]
fn a_missing_or_empty_field_is_named() {
    let schema = schema();
    let board = schema.family("board").unwrap();
    let error = board.key(&[("workspace", "w")]).unwrap_err();
    assert_eq!((error.code(), error.field()), ("E_FIELD_MISSING", Some("timeframe")));
    let error = board.key(&[("workspace", ""), ("timeframe", "7d")]).unwrap_err();
    assert_eq!((error.code(), error.field()), ("E_KEY_EMPTY_IDENTIFIER", Some("workspace")));
    let error = schema.entity_patterns("workspace", "").unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
    assert_eq!(schema.entity_patterns("user", "u").unwrap_err().code(), "E_ENTITY_UNKNOWN");
}

#[test]
fn an_empty_text_is_no_absence_and_the_error_says_what_is() {
    let schema = shadower::schema();
    let analytics = schema.family("user_analytics").unwrap();
    let fields = [("workspace", "ws1"), ("timeframe", "7d"), ("segment", "")];
    let error = analytics.key(&fields).unwrap_err();
    assert_eq!(
        error.to_string(),
        "E_KEY_EMPTY_IDENTIFIER: field `segment`: an identifier is empty (to leave out an optional one, give none)"
    );
    assert_eq!(analytics.key(&fields[..2]).unwrap().as_str(), "user:analytics:ws1:7d");
    let typed = shadower::user_analytics("ws1", "7d", Some("")).unwrap_err();
    assert!(typed.to_string().ends_with("give none)"), "{typed}");
    let typed = shadower::user_analytics("ws1", "7d", None::<&str>).unwrap();
    assert_eq!(typed.as_str(), "user:analytics:ws1:7d");
}

/// Only the last segment can be missing; a filter with a default is always there, and may be left out all the same.
#[test]
fn filters_that_may_each_be_left_out_have_defaults() {
    let template = Template::parse("visits:count:{workspace}:{country=any}:{plan=any}").unwrap();
    let key = |given: &[(&str, &'static str)]| {
        let given = [&[("workspace", "w")], given].concat();
        let value = |name: &str| given.iter().find(|(field, _)| *field == name).map(|(_, v)| *v);
        template.key(value).unwrap().into_string()
    };
    assert_eq!(key(&[]), "visits:count:w:any:any");
    assert_eq!(key(&[("plan", "pro")]), "visits:count:w:any:pro");
    assert_eq!(key(&[("country", "CH")]), "visits:count:w:CH:any");
    assert_eq!(Template::parse("visits[:{country}][:{plan}]"), Err(KeyError::BadTemplate));
}

#[test]
fn a_key_tells_which_entities_it_belongs_to() {
    let schema = shadower::schema();
    let entities = schema.entities_of("metrics:agg:runs:ws%3A1:daily");
    assert_eq!(entities, [("workspace", "ws:1".into())]);
    assert_eq!(schema.entities_of("user:metrics:u1:7d"), [("user", "u1".into())]);
    assert_eq!(schema.entities_of("query:result:abc"), []);
    assert_eq!(schema.entities_of("celery:task:1"), []);
}

#[test]
fn an_optional_event_field_that_is_missing_is_a_star() {
    let source = "name = \"s\"\n[ttl]\nday = 86400\n[segments]\nreport = {}\nformat = {}\n\
                  [families.report]\nkey = \"report:{report}:{format}:x\"\nttl = \"day\"\n\
                  [events.done]\nfields = { report = \"report\", format = \"format?\" }\n\
                  invalidates = [\"report:{report}:{format}:x\"]\n";
    let schema = parse_schema(source).unwrap().schema;
    let patterns = schema.event_patterns("done", &[("report", "r")]).unwrap();
    assert_eq!(written(patterns), ["report:r:*:x"]);
    let patterns = schema.event_patterns("done", &[("report", "r"), ("format", "pdf")]).unwrap();
    assert_eq!(written(patterns), ["report:r:pdf:x"]);
}
