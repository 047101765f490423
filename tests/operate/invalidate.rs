use crate::command::{exists, fill, run};
use crate::redis_server::RedisServer;

#[test]
fn without_yes_it_names_what_would_go_and_changes_nothing() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:kpis:ws2"], false);

    let ran = run(&["invalidate", "exec:kpis:*", "--redis", &redis.url()]);

    assert_eq!((ran.code, ran.out.as_str()), (0, "exec:kpis:ws1\nexec:kpis:ws2\n"));
    assert!(ran.err.contains("2 key(s) would go") && ran.err.contains("--yes"), "{}", ran.err);
    assert!(exists(&redis.url(), "exec:kpis:ws1"));
}

#[test]
fn with_yes_an_entitys_keys_go_and_the_others_stay() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:dashboard:ws1:7d", "exec:kpis:ws2"], false);

    let ran = run(&["invalidate", "--entity", "workspace=ws1", "--yes", "--redis", &redis.url()]);

    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("2 key(s) taken away"), "{}", ran.out);
    let left = ["exec:kpis:ws1", "exec:dashboard:ws1:7d", "exec:kpis:ws2"]
        .map(|key| exists(&redis.url(), key));
    assert_eq!(left, [false, false, true]);
}

#[test]
fn a_pattern_that_reaches_other_programs_keys_is_refused() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["celery:task:1"], true);

    let ran = run(&["invalidate", "celery:*", "--yes", "--redis", &redis.url()]);

    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("E_PATTERN_OUTSIDE_SCHEMA"), "{}", ran.err);
    assert!(exists(&redis.url(), "celery:task:1"));
}

#[test]
fn what_yes_would_refuse_the_dry_run_refuses_too_and_in_the_same_words() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1"], false);
    for (what, code) in [
        (&["*"][..], "E_PATTERN_OUTSIDE_SCHEMA"),
        (&["*:kpis:ws1"], "E_PATTERN_OUTSIDE_SCHEMA"),
        (&["celery:*"], "E_PATTERN_OUTSIDE_SCHEMA"),
        (&["exec:k*"], "E_PATTERN_PARTIAL_WILDCARD"),
        (&["--entity", "team=t1"], "E_ENTITY_UNKNOWN"),
    ] {
        let ran =
            |more: &[&str], url: &str| run(&[&["invalidate", "--redis", url], what, more].concat());
        // Without Redis as well: what is wrong with the question is said before anybody is asked.
        for url in [&redis.url()[..], "redis://127.0.0.1:1"] {
            let (dry, done) = (ran(&[], url), ran(&["--yes"], url));
            assert_eq!((dry.code, dry.out.as_str()), (2, ""), "{what:?}: {}", dry.err);
            assert!(dry.err.starts_with(code), "{what:?}: {}", dry.err);
            assert_eq!((done.code, done.out, done.err), (dry.code, dry.out, dry.err));
        }
    }
    assert!(exists(&redis.url(), "exec:kpis:ws1"));
}

/// A service would try again; this process ends.
#[test]
fn what_could_not_be_taken_away_is_not_promised_for_later() {
    let ran = run(&["invalidate", "exec:kpis:ws1", "--yes", "--redis", "redis://127.0.0.1:1"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("try again") && !ran.err.contains("carried out when"), "{}", ran.err);
}
