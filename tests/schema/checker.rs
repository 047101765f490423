//! Each fault of a part of a schema file is found, at its line, with what to do.

use samekey::schema::{Code, Finding, parse_schema};

/// A small schema without fault. Each test breaks one thing of it.
pub(crate) const SOUND: &str = r#"
name = "small"

[ttl]
short = 60
long = 1800

[ttl_by.timeframe]
1h = "short"

[entities]
workspace = {}
user = {}

[segments]
timeframe = { values = ["1h", "7d"] }
manager = { entity = "user" }
limit = { type = "integer" }

[families.board]
key = "exec:board:{workspace}:{timeframe}"
ttl = { by = "timeframe", otherwise = "long" }
endpoint = "/board/{workspace}?timeframe={timeframe}"
value = "Board"
entity = "workspace"

[families.team]
key = "exec:team:{manager}:{limit=10}"
ttl = "short"

[events.workspace_updated]
fields = { workspace_id = "workspace" }
entity = "workspace"

[events.run_completed]
fields = { workspace_id = "workspace", user_id = "user", detail = "json?" }
invalidates = ["exec:board:{workspace_id}:*", "exec:team:{user_id}:*"]

[types.Board]
rows = "Row[]"

[types.Row]
name = "string"
score = "number?"
"#;

/// The findings when `old` of the sound schema is `new`.
pub(crate) fn findings_with(old: &str, new: &str) -> (String, Vec<Finding>) {
    assert!(SOUND.contains(old), "{old}");
    let source = SOUND.replacen(old, new, 1);
    let findings = parse_schema(&source).err().unwrap_or_default();
    (source, findings)
}

/// Asserts that the change gives one finding, of this code, at a line that holds `at`.
#[track_caller]
pub(crate) fn broken(old: &str, new: &str, code: Code, at: &str) -> Finding {
    let (source, findings) = findings_with(old, new);
    let [finding] = findings.as_slice() else { panic!("one finding, not {findings:#?}") };
    let line = source.lines().nth(finding.line - 1).unwrap();
    assert_eq!(finding.code, code, "{finding}");
    assert!(line.contains(at), "{finding}\nis at `{line}`");
    assert!(finding.column <= line.chars().count() + 1, "{finding}");
    assert!(!finding.help.is_empty(), "{finding}");
    finding.clone()
}

#[test]
fn a_sound_schema_has_no_findings() {
    assert_eq!(parse_schema(SOUND).err(), None);
}

#[test]
fn what_is_not_toml() {
    broken("[ttl]", "[ttl", Code::Syntax, "[ttl");
    broken("[entities]", "[ttl]\n[entities]", Code::Syntax, "[ttl]");
}

#[test]
fn a_misspelt_property() {
    let finding = broken(
        "ttl = \"short\"",
        "ttl = \"short\"\nsensitve = true",
        Code::UnknownProperty,
        "sensitve",
    );
    assert!(finding.help.contains("sensitive"), "{finding}");
    broken("[types.Board]", "[typs.Row]\na = 1\n[types.Board]", Code::UnknownProperty, "typs.Row");
}

#[test]
fn a_property_of_the_wrong_kind_or_missing() {
    broken("ttl = \"short\"", "ttl = \"short\"\nsensitive = \"yes\"", Code::BadValue, "sensitive");
    broken(
        "ttl = \"short\"",
        "ttl = \"short\"\nrefetch_interval = 0",
        Code::BadValue,
        "refetch_interval",
    );
    broken("short = 60", "short = 0", Code::BadValue, "short = 0");
    broken("invalidates = [", "invalidates = [7, ", Code::BadValue, "invalidates = [7");
    broken("name = \"small\"", "", Code::BadValue, "");
    broken("limit = {", "extra = 1\nlimit = {", Code::BadValue, "extra = 1");
    let twice = broken("limit = {", "workspace = {}\nlimit = {", Code::BadValue, "workspace");
    assert!(twice.message.contains("an entity already"), "{twice}");
}

#[test]
fn an_unsafe_name() {
    for name in
        ["class", "topAgents", "top-agents", "\"a b\"", "\"\"", "top__agents", "_a", "schema", "a_"]
    {
        broken("[families.team]", &format!("[families.{name}]"), Code::UnsafeName, name);
    }
    broken(
        "[types.Row]",
        "[types.row]\na = \"string\"\n[types.Row]",
        Code::UnsafeName,
        "[types.row]",
    );
    broken("score = \"number?\"", "\"a b\" = \"number\"", Code::UnsafeName, "a b");
}

#[test]
fn two_names_that_are_one_in_typescript() {
    let two = "[families.team_1]\nkey = \"t1\"\nttl = \"short\"\n[families.team1]\nkey = \"t2\"\nttl = \"short\"\n\
               [families.team]";
    let finding = broken("[families.team]", two, Code::UnsafeName, "[families.team1]");
    assert!(finding.message.contains("team_1"), "{finding}");
}

#[test]
fn literal_text_that_would_have_to_be_encoded() {
    broken("exec:team:", "exec:te am:", Code::UnsafeName, "exec:te am");
    broken("exec:team:", "exec:team%:", Code::UnsafeName, "exec:team%");
    broken("{limit=10}", "{limit=1 0}", Code::UnsafeName, "{limit=1 0}");
}

#[test]
fn a_key_that_cannot_be_read() {
    for key in [
        "exec::team",
        "exec:team:{limit",
        "exec:team:x{limit}",
        "exec:team:{Limit}",
        "exec:team:{limit=}",
        "{manager}:team",
        "exec:team:*",
        "exec:te*m",
        "exec:team:{manager}:{manager}",
        "exec:team:{limit=10}:{manager}",
        "exec:team:{limit=ten}",
        "exec:team:{timeframe=9d}",
        "exec:team[:{limit=10}]",
        "exec:team[:limit]",
        "exec:team]",
    ] {
        broken("exec:team:{manager}:{limit=10}", key, Code::BadTemplate, key);
    }
    broken(
        "\"exec:team:{user_id}:*\"",
        "\"exec:team:{user_id=1}:*\"",
        Code::BadTemplate,
        "user_id=1",
    );
}

#[test]
fn a_family_without_a_ttl() {
    broken("ttl = \"short\"", "", Code::MissingTtl, "[families.team]");
    broken(", otherwise = \"long\"", "", Code::MissingTtl, "by = \"timeframe\"");
}

#[test]
fn a_ttl_class_that_does_not_exist() {
    broken("ttl = \"short\"", "ttl = \"shrt\"", Code::UnknownTtl, "shrt");
    broken("1h = \"short\"", "1h = \"shrt\"", Code::UnknownTtl, "shrt");
    broken("by = \"timeframe\"", "by = \"period\"", Code::UnknownTtl, "period");
}

#[test]
fn a_segment_that_was_not_declared() {
    broken("exec:team:{manager}", "exec:team:{manger}", Code::UnknownSegment, "{manger}");
}

#[test]
fn a_ttl_that_follows_a_segment_the_key_does_not_have() {
    let by = "ttl = { by = \"timeframe\", otherwise = \"long\" }";
    broken("ttl = \"short\"", by, Code::UnknownSegment, "[families.team]");
}

#[test]
fn an_entity_that_does_not_exist() {
    broken("entity = \"user\"", "entity = \"usr\"", Code::UnknownEntity, "usr");
    broken(
        "entity = \"workspace\"\n\n[families",
        "entity = \"worksapce\"\n\n[families",
        Code::UnknownEntity,
        "worksapce",
    );
    broken(
        "{ workspace_id = \"workspace\" }\nentity = \"workspace\"",
        "{ workspace_id = \"workspace\" }\nentity = \"space\"",
        Code::UnknownEntity,
        "space",
    );
    broken("user_id = \"user\"", "user_id = \"usr\"", Code::UnknownEntity, "usr");
}

#[test]
fn a_family_that_promises_an_entity_its_key_does_not_name() {
    let finding = broken(
        "ttl = \"short\"",
        "ttl = \"short\"\nentity = \"workspace\"",
        Code::UnknownEntity,
        "entity",
    );
    assert!(finding.message.contains("names no workspace"), "{finding}");
}

#[test]
fn a_type_that_does_not_exist() {
    broken("value = \"Board\"", "value = \"Bord\"", Code::UnknownType, "Bord");
    broken("rows = \"Row[]\"", "rows = \"Rw[]\"", Code::UnknownType, "Rw");
    broken("score = \"number?\"", "score = \"float\"", Code::UnknownType, "float");
    broken("type = \"integer\"", "type = \"float\"", Code::UnknownType, "float");
}

#[test]
fn an_event_field_that_does_not_exist() {
    broken("exec:team:{user_id}:*", "exec:team:{usr_id}:*", Code::UnknownField, "usr_id");
    let about = "fields = { workspace_id = \"workspace\" }";
    broken(about, "fields = {}", Code::UnknownField, "entity = \"workspace\"");
}

#[test]
fn what_an_event_caches_fits_the_family() {
    let after = "invalidates = [\"exec:board:{workspace_id}:*\", \"exec:team:{user_id}:*\"]\n";
    let caches = |family: &str, field: &str, value: &str| {
        format!(
            "{after}caches = {{ family = \"{family}\", fields = {{ {field} }}, value = \"{value}\" }}\n"
        )
    };
    let bound = "manager = \"user_id\"";
    assert_eq!(findings_with(after, &caches("team", bound, "detail")).1, []);
    broken(after, &caches("tem", bound, "detail"), Code::UnknownFamily, "caches");
    broken(after, &caches("team", bound, "details"), Code::UnknownField, "caches");
    broken(after, &caches("team", "manager = \"usr\"", "detail"), Code::UnknownField, "caches");
    broken(after, &caches("team", "", "detail"), Code::UnknownField, "caches");
    let other = "manager = \"user_id\", timeframe = \"user_id\"";
    broken(after, &caches("team", other, "detail"), Code::UnknownSegment, "caches");
}

#[test]
fn findings_come_in_the_order_of_the_file_and_all_at_once() {
    let source = SOUND.replace("ttl = \"short\"", "").replace("short = 60", "short = -1");
    let findings = parse_schema(&source).unwrap_err();
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["E_SCHEMA_BAD_VALUE", "E_SCHEMA_MISSING_TTL"]);
    assert!(findings.is_sorted_by_key(|finding| finding.line));
}
