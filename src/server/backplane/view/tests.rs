use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::schema::{EntitySegment, Family, Pattern, Template, Ttl};
use crate::server::backplane::{Origin, Reason};

fn schema() -> Schema {
    let family = |name: &str, template: &str, entities: &[(&str, &str)]| Family {
        name: name.into(),
        doc: String::new(),
        template: Template::parse(template).unwrap(),
        ttl: Ttl::Fixed(Duration::from_secs(60)),
        entities: entities
            .iter()
            .map(|(entity, field)| EntitySegment {
                entity: (*entity).into(),
                field: (*field).into(),
            })
            .collect(),
        sensitive: false,
        endpoint: None,
        refetch_interval: None,
        value: "json".into(),
    };
    let workspace = &[("workspace", "workspace")][..];
    Schema {
        name: "view".into(),
        ttl_classes: vec![],
        entities: ["workspace", "agent", "user"].map(String::from).to_vec(),
        families: vec![
            family("kpis", "exec:kpis:{workspace}", workspace),
            family("dashboard", "exec:dashboard:{workspace}:{timeframe}", workspace),
            family("analytics", "user:analytics:{workspace}:{timeframe}[:{segment}]", workspace),
            family("agent", "agent:analytics:{agent}:{timeframe}", &[("agent", "agent")]),
            family("top", "agent:top:{workspace}:{timeframe}", workspace),
            family(
                "member",
                "member:{workspace}:{user}",
                &[("workspace", "workspace"), ("user", "user")],
            ),
            family("move", "move:{from}:{to}", &[("workspace", "from"), ("workspace", "to")]),
            family("result", "query:result:{hash}", &[]),
        ],
        events: vec![],
    }
}

fn notice(patterns: &[&str], scope: &[(&str, &str)], reason: Reason) -> Notice {
    Notice {
        patterns: patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
        reason,
        scope: scope.iter().map(|(entity, id)| ((*entity).into(), (*id).into())).collect(),
        origin: Origin { node: "n".into(), number: 0 },
    }
}

fn seen(patterns: &[&str], scope: &[(&str, &str)], reach: &Reach) -> Vec<String> {
    let notice = notice(patterns, scope, Reason::Pattern);
    let view = View::of(&notice, &schema());
    view.within(&notice, reach).patterns.into_iter().map(Cow::into_owned).collect()
}

fn ws1() -> Reach {
    Reach::only("workspace", ["ws1"])
}

#[test]
fn who_may_see_everything_sees_every_pattern_of_the_schema_as_it_is() {
    let patterns = ["exec:*", "query:result:*", "agent:analytics:a1:*", "exec:kpis:ws2"];
    assert_eq!(seen(&patterns, &[], &Reach::Everything), patterns);
}

#[test]
fn a_pattern_is_passed_narrowed_or_dropped() {
    for (pattern, expected) in [
        // His own.
        ("exec:kpis:ws1", &["exec:kpis:ws1"][..]),
        ("exec:*:ws1:*", &["exec:*:ws1:*"]),
        ("user:analytics:ws1:*", &["user:analytics:ws1:*"]),
        // Wider than he is.
        ("exec:*", &["exec:kpis:ws1", "exec:dashboard:ws1:*"]),
        ("exec:*:*:*", &["exec:dashboard:ws1:*"]),
        ("exec:*:*:7d", &["exec:dashboard:ws1:7d"]),
        ("user:*", &["user:analytics:ws1:*", "user:analytics:ws1:*:*"]),
        ("agent:*", &["agent:analytics:*:*", "agent:top:ws1:*"]),
        (
            "*:*:*:30d",
            &[
                "exec:dashboard:ws1:30d",
                "user:analytics:ws1:30d",
                "agent:analytics:*:*",
                "agent:top:ws1:30d",
            ],
        ),
        // Somebody else's, whatever it looks like.
        ("exec:kpis:ws2", &[]),
        ("exec:*:ws2:*", &[]),
        ("exec:dashboard:ws2:ws1", &[]),
        ("exec:kpis:ws1%3A", &[]),
        ("exec:kpis:ws1%2A", &[]),
        ("exec:kpis:WS1", &[]),
        // An agent whose workspace nobody knows, a result that is nobody's: that there was something, not what.
        ("agent:analytics:a1:*", &["agent:analytics:*:*"]),
        ("agent:analytics:a1:7d", &["agent:analytics:*:*"]),
        ("agent:analytics:ws1:*", &["agent:analytics:*:*"]),
        ("query:result:*", &["query:result:*"]),
        ("query:result:ws1", &["query:result:*"]),
        ("query:*", &["query:result:*"]),
        // Somebody nobody knows beside the workspace.
        ("member:ws1:u1", &["member:ws1:*"]),
        ("member:*", &["member:ws1:*"]),
        ("member:*:u1", &["member:ws1:*"]),
        ("member:ws2:u1", &[]),
        // No family's.
        ("celery:ws1:*", &[]),
        ("exec:kpis:ws1:more", &[]),
        // Both ends must be his.
        ("move:ws1:ws1", &["move:ws1:ws1"]),
        ("move:ws1:*", &["move:ws1:ws1"]),
        ("move:*", &["move:ws1:ws1"]),
        ("move:ws1:ws2", &[]),
        ("move:*:ws2", &[]),
    ] {
        assert_eq!(seen(&[pattern], &[], &ws1()), expected, "{pattern}");
    }
}

#[test]
fn a_wide_pattern_becomes_one_for_each_id() {
    let two = Reach::only("workspace", ["ws1", "ws:2"]);
    assert_eq!(seen(&["exec:kpis:*"], &[], &two), ["exec:kpis:ws1", "exec:kpis:ws%3A2"]);
    assert_eq!(
        seen(&["move:*"], &[], &two),
        ["move:ws1:ws1", "move:ws1:ws%3A2", "move:ws%3A2:ws1", "move:ws%3A2:ws%3A2"]
    );
    let with_users = ws1().and_any("user");
    assert_eq!(seen(&["member:*"], &[], &with_users), ["member:ws1:*"]);
    assert_eq!(seen(&["member:*:u7"], &[], &with_users), ["member:ws1:u7"]);
    assert_eq!(seen(&["member:ws2:u7"], &[], &with_users), [""; 0]);
}

#[test]
fn nobody_sees_anything_of_nothing() {
    for reach in [Reach::nothing(), Reach::only("workspace", [""; 0])] {
        for scope in [&[][..], &[("workspace", "ws1")]] {
            let patterns = ["exec:*", "exec:kpis:ws1", "query:result:*", "agent:analytics:a1:*"];
            assert_eq!(seen(&patterns, scope, &reach), [""; 0]);
        }
    }
}

#[test]
fn an_event_about_his_own_names_others_beside_it() {
    let patterns = ["agent:analytics:a1:*", "exec:dashboard:ws1:*", "query:result:h1"];
    let scope = [("workspace", "ws1"), ("agent", "a1")];
    assert_eq!(seen(&patterns, &scope, &ws1()), patterns);
    // But not those whom the event did not name, and his own only where it is wider.
    let wider = ["agent:analytics:a2:*", "agent:analytics:*", "exec:*", "exec:kpis:ws2"];
    assert_eq!(
        seen(&wider, &scope, &ws1()),
        ["agent:analytics:*:*", "exec:kpis:ws1", "exec:dashboard:ws1:*"]
    );
}

#[test]
fn an_event_about_somebody_else_vouches_for_nothing() {
    let patterns = ["agent:analytics:a1:*", "query:result:h1", "exec:dashboard:ws2:*"];
    for (scope, expected) in [
        (&[][..], &["agent:analytics:*:*", "query:result:*"][..]),
        (&[("agent", "a1")], &["agent:analytics:*:*", "query:result:*"]),
        // The agent is the other workspace's. The result is nobody's: he may hold it.
        (&[("workspace", "ws2"), ("agent", "a1")], &["query:result:*"]),
        // Two workspaces: what is nobody's may be the other one's.
        (&[("workspace", "ws1"), ("workspace", "ws2"), ("agent", "a1")], &["query:result:*"]),
        // The right id of the wrong thing.
        (&[("user", "ws1"), ("agent", "ws1")], &["agent:analytics:*:*", "query:result:*"]),
        (&[("Workspace", "ws1")], &["agent:analytics:*:*", "query:result:*"]),
        (&[("workspace", "ws1*")], &["agent:analytics:*:*", "query:result:*"]),
    ] {
        assert_eq!(seen(&patterns, scope, &ws1()), expected, "{scope:?}");
    }
}

#[test]
fn of_what_is_told_blurred_the_reason_is_not_told_either() {
    let reason = |pattern: &str, scope: &[(&str, &str)]| {
        let notice = notice(&[pattern], scope, Reason::Event("run_completed".into()));
        View::of(&notice, &schema()).within(&notice, &ws1()).reason.to_owned()
    };
    assert_eq!(reason("query:result:h1", &[("workspace", "ws2")]), "unspecified");
    assert_eq!(reason("agent:analytics:a1:*", &[]), "unspecified");
    assert_eq!(
        reason("agent:analytics:a1:*", &[("workspace", "ws1"), ("agent", "a1")]),
        "run_completed"
    );
    assert_eq!(reason("exec:*", &[]), "run_completed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn whoever_may_hold_what_is_stale_is_told_and_nothing_of_others_is_said(
        pattern in texts(true), key in texts(false), users in any::<bool>()
    ) {
        let schema = schema();
        let reach = if users { ws1().and_any("user") } else { ws1() };
        let seen = seen(&[&pattern], &[], &reach);
        if schema.family_of(&key).is_some() {
            let allowed = reach.allows_key(&schema, &key);
            // Nobody's, or of an entity of which the reach does not speak.
            let entities = schema.entities_of(&key);
            let others = entities.iter().any(|(entity, id)| only(&reach, entity).is_some_and(|ids| !ids.contains(&**id)));
            let told = seen.iter().any(|seen| Pattern::parse(seen).unwrap().matches(&key));
            prop_assert!(!(others && told), "{pattern} shows {key}: {seen:?}");
            let meant = Pattern::parse(&pattern).unwrap().matches(&key);
            prop_assert!(told || !meant || others, "{pattern} hides {key}: {seen:?}");
            prop_assert!(allowed || others || !told || is_blurred(&schema, &seen, &key, &reach), "{pattern} says too much: {seen:?}");
        }
    }

    #[test]
    fn what_is_shown_does_not_tell_one_stranger_from_another(pattern in texts(true)) {
        let strangers = |text: &str| {
            let others = text.split(':').map(|word| match word {
                "ws2" => "ws3",
                "a1" => "a2",
                "u1" => "u2",
                word => word,
            });
            others.collect::<Vec<_>>().join(":")
        };
        let own = pattern.split(':').any(|word| word == "ws1");
        let (one, other) = (seen(&[&pattern], &[], &ws1()), seen(&[&strangers(&pattern)], &[], &ws1()));
        if own {
            // A field of one's own key, such as a timeframe, may say anything.
            prop_assert_eq!(one.len(), other.len());
        } else {
            let renamed: Vec<_> = one.iter().map(|shown| strangers(shown)).collect();
            prop_assert!(one == other || renamed == other, "{} {:?} {:?}", pattern, one, other);
            // Only in what is narrowed to one's own.
            let kept = one.iter().filter(|shown| strangers(shown) != **shown);
            prop_assert!(kept.clone().all(|shown| shown.split(':').any(|word| word == "ws1")), "{} {:?}", pattern, one);
        }
    }
}

/// Whether what is shown of `key` names nothing but the schema's own words and the reach's ids, unless the key is
/// the reach's own beside being a stranger's.
fn is_blurred(schema: &Schema, seen: &[String], key: &str, reach: &Reach) -> bool {
    let family = schema.family_of(key).unwrap();
    let own = schema.entities_of(key).iter().any(|(entity, id)| reach.allows(entity, id));
    let shown = seen.iter().filter(|shown| Pattern::parse(shown).unwrap().matches(key));
    shown.into_iter().all(|shown| {
        let literals = family.template.segments();
        shown.split(':').zip(literals).all(|(word, segment)| {
            matches!(segment, crate::schema::TemplateSegment::Literal(text) if text == word)
                || word == "*"
                || own
        })
    })
}

/// Patterns or keys of the schema's words, so that they meet its families now and then.
fn texts(pattern: bool) -> impl Strategy<Value = String> {
    const WORDS: [&str; 17] = [
        "exec",
        "kpis",
        "dashboard",
        "user",
        "analytics",
        "agent",
        "top",
        "member",
        "move",
        "query",
        "result",
        "ws1",
        "ws2",
        "a1",
        "u1",
        "7d",
        "*",
    ];
    let words = if pattern { &WORDS[..] } else { &WORDS[..16] };
    let free = prop::collection::vec(prop::sample::select(words), 1..6);
    const TEMPLATES: [&str; 9] = [
        "exec:kpis:_",
        "exec:dashboard:_:_",
        "user:analytics:_:_",
        "user:analytics:_:_:_",
        "agent:analytics:_:_",
        "agent:top:_:_",
        "member:_:_",
        "move:_:_",
        "query:result:_",
    ];
    let shaped = (prop::sample::select(&TEMPLATES[..]), prop::collection::vec(0..words.len(), 4));
    let shaped = shaped.prop_map(move |(template, picks)| {
        let mut picks = picks.into_iter().map(|pick| words[pick]);
        let segments = template.split(':');
        segments
            .map(|s| if s == "_" { picks.next().unwrap() } else { s }.to_owned())
            .collect::<Vec<_>>()
    });
    prop_oneof![
        1 => free.prop_map(|words| words.join(":")),
        3 => shaped.prop_map(|words| words.join(":")),
    ]
}
