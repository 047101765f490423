use super::*;
use crate::schema::{EntitySegment, Template, Ttl};
use std::time::Duration;

fn schema() -> Schema {
    let family = |name: &str, template: &str, entities: &[&str]| Family {
        name: name.into(),
        doc: String::new(),
        template: Template::parse(template).unwrap(),
        ttl: Ttl::Fixed(Duration::from_secs(60)),
        entities: entities
            .iter()
            .map(|name| EntitySegment { entity: (*name).into(), field: (*name).into() })
            .collect(),
        sensitive: false,
        endpoint: None,
        refetch_interval: None,
        value: "json".into(),
    };
    Schema {
        name: "reach".into(),
        ttl_classes: vec![],
        entities: ["workspace", "agent", "user"].map(String::from).to_vec(),
        families: vec![
            family("kpis", "exec:kpis:{workspace}", &["workspace"]),
            family("dashboard", "exec:dashboard:{workspace}:{timeframe}", &["workspace"]),
            family("segments", "exec:segments:{workspace}[:{segment}]", &["workspace"]),
            family("agent", "agent:analytics:{agent}:{timeframe}", &["agent"]),
            family("member", "member:{workspace}:{user}", &["workspace", "user"]),
            family("result", "query:result:{hash}", &[]),
        ],
        events: vec![],
    }
}

#[test]
fn a_key_is_within_reach_when_every_entity_that_it_names_is() {
    let ws1 = Reach::only("workspace", ["ws1"]);
    for (key, allowed) in [
        ("exec:kpis:ws1", true),
        ("exec:kpis:ws2", false),
        ("exec:dashboard:ws1:7d", true),
        ("exec:dashboard:ws2:ws1", false),
        ("agent:analytics:ws1:7d", false),
        ("member:ws1:u1", false),
        ("query:result:ws1", false),
        ("celery:ws1", false),
    ] {
        assert_eq!(ws1.allows_key(&schema(), key), allowed, "{key}");
        assert!(Reach::Everything.allows_key(&schema(), key), "{key}");
        assert!(!Reach::nothing().allows_key(&schema(), key), "{key}");
    }
    let with_users = ws1.and_any("user");
    assert!(with_users.allows_key(&schema(), "member:ws1:u1"));
    assert!(!with_users.allows_key(&schema(), "member:ws2:u1"));
}

#[test]
fn an_id_is_compared_decoded() {
    let reach = Reach::only("workspace", ["a:b", "*"]);
    assert!(reach.allows_key(&schema(), "exec:kpis:a%3Ab"));
    assert!(reach.allows_key(&schema(), "exec:kpis:%2A"));
    assert!(!reach.allows_key(&schema(), "exec:kpis:other"));
    let pattern = |text| Pattern::parse(text).unwrap();
    // The workspace called `*` is one workspace, and gives no right to the wildcard.
    assert!(reach.allows_pattern(&schema(), &pattern("exec:dashboard:%2A:*")));
    assert!(!reach.allows_pattern(&schema(), &pattern("exec:dashboard:*:7d")));
}

#[test]
fn a_pattern_is_within_reach_when_every_key_that_it_means_is() {
    let ws1 = Reach::only("workspace", ["ws1"]);
    for (pattern, allowed) in [
        ("exec:kpis:ws1", true),
        ("exec:*:ws1", true),
        ("exec:*:ws1:*", true),
        ("*:*:ws1", false), // agent keys have four segments, but the results' have three
        ("exec:dashboard:ws1:7d", true),
        ("exec:segments:ws1", true),
        ("exec:segments:ws1:*", true),
        ("exec:*", false),
        ("exec:*:*", false),
        ("exec:*:*:7d", false),
        ("exec:dashboard:ws2:*", false),
        ("exec:dashboard:*", false),
        ("*:*:ws1:*", false), // the agent of that name
        ("*", false),
        ("member:ws1:*", false),
        ("query:result:*", false),
        ("nothing:of:ours", false),
    ] {
        let parsed = Pattern::parse(pattern).unwrap();
        assert_eq!(ws1.allows_pattern(&schema(), &parsed), allowed, "{pattern}");
        assert!(Reach::Everything.allows_pattern(&schema(), &parsed), "{pattern}");
        assert!(!Reach::nothing().allows_pattern(&schema(), &parsed), "{pattern}");
    }
    let member = Pattern::parse("member:ws1:*").unwrap();
    assert!(ws1.clone().and_any("user").allows_pattern(&schema(), &member));
    assert!(!ws1.and_only("user", ["u1"]).allows_pattern(&schema(), &member));
}

/// What [`Reach::allows_pattern`] says of a pattern holds for each key that the pattern matches.
#[test]
fn no_pattern_within_reach_matches_a_key_out_of_reach() {
    use proptest::prelude::*;

    let word = prop_oneof![
        Just("exec"),
        Just("kpis"),
        Just("dashboard"),
        Just("segments"),
        Just("agent"),
        Just("analytics"),
        Just("member"),
        Just("query"),
        Just("result"),
        Just("ws1"),
        Just("ws2"),
        Just("u1"),
        Just("7d")
    ];
    let segment = prop_oneof![3 => word.clone().prop_map(String::from), 2 => Just("*".to_owned())];
    let pattern = prop::collection::vec(segment, 1..6).prop_map(|segments| segments.join(":"));
    let key = prop::collection::vec(word, 1..6).prop_map(|words| words.join(":"));
    let reaches = [
        Reach::only("workspace", ["ws1"]),
        Reach::only("workspace", ["ws1"]).and_only("user", ["u1"]),
        Reach::only("workspace", ["ws1"]).and_any("user"),
    ];
    let schema = schema();
    proptest!(ProptestConfig::with_cases(20_000), |(pattern in pattern, key in key)| {
        let pattern = Pattern::parse(&pattern).unwrap();
        for reach in &reaches {
            if reach.allows_pattern(&schema, &pattern)
                && pattern.matches(&key)
                && schema.family_of(&key).is_some()
            {
                prop_assert!(reach.allows_key(&schema, &key), "{pattern} {key} {reach:?}");
            }
        }
    });
}
