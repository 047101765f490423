use super::super::facts::Keys;
use super::super::rates::Rate;
use super::*;

fn sound() -> ServerReport {
    let mut report = ServerReport::default();
    report.version = "7.0.15".into();
    report.maxmemory = 512 << 20;
    report.maxmemory_policy = "volatile-lfu".into();
    report.tracking = true;
    report
}

fn with(change: impl FnOnce(&mut ServerReport)) -> Facts {
    let mut server = sound();
    change(&mut server);
    Facts { servers: vec![server], rates: Some(Vec::new()), ..Facts::default() }
}

fn holding(keys: Keys) -> Facts {
    Facts { keys, ..with(|_| {}) }
}

fn codes(facts: &Facts) -> Vec<(&'static str, Weight)> {
    judge(facts).iter().map(|advice| (advice.code, advice.weight)).collect()
}

#[test]
fn a_server_as_we_ship_it_needs_no_advice() {
    assert_eq!(judge(&with(|_| {})), []);
}

#[test]
fn each_fault_has_its_code_and_says_whether_the_cache_is_wrong_or_could_be_better() {
    let key = || "exec:kpis:ws1".to_owned();
    let low = Rate { family: "kpis".into(), percent: 41.0, lookups: 200, ..Rate::default() };
    let cases = [
        (with(|it| it.version = "5.0.14".into()), "D_VERSION", Weight::Wrong),
        (with(|it| it.tracking = false), "D_TRACKING", Weight::Hint),
        (with(|it| it.refused.needed = vec!["xadd".into()]), "D_ACL_COMMANDS", Weight::Wrong),
        (with(|it| it.refused.names = vec!["{~doctor}:~l".into()]), "D_ACL_NAMES", Weight::Wrong),
        (with(|it| it.refused.useful = vec!["dbsize".into()]), "D_ACL_LESS", Weight::Hint),
        (with(|it| it.maxmemory = 0), "D_MAXMEMORY", Weight::Hint),
        (with(|it| it.maxmemory_policy = "noeviction".into()), "D_POLICY", Weight::Wrong),
        (with(|it| it.maxmemory_policy = "allkeys-lru".into()), "D_POLICY", Weight::Hint),
        (with(|it| it.persistent = true), "D_PERSISTENCE", Weight::Hint),
        (
            holding(Keys { endless: vec![key()], ..Keys::default() }),
            "D_KEYS_WITHOUT_TTL",
            Weight::Wrong,
        ),
        (
            holding(Keys { oversized: vec![(key(), 2 << 20)], ..Keys::default() }),
            "D_OVERSIZED",
            Weight::Wrong,
        ),
        (
            holding(Keys { strangers: vec!["exec:old:ws1".into()], ..Keys::default() }),
            "D_STRANGERS",
            Weight::Hint,
        ),
        (
            Facts { missing: ["10.0.0.7:6379".to_owned()].into(), ..with(|_| {}) },
            "D_SERVER_AWAY",
            Weight::Wrong,
        ),
        (Facts { rates: Some(vec![low]), ..with(|_| {}) }, "D_HIT_RATE", Weight::Hint),
        (Facts { rates: None, ..with(|_| {}) }, "D_NODE_UNASKED", Weight::Note),
    ];
    for (facts, code, weight) in cases {
        assert_eq!(codes(&facts), [(code, weight)], "{facts:?}");
    }
}

#[test]
fn what_access_lists_refuse_is_named_with_the_words_that_allow_it() {
    let refused = |it: &mut ServerReport| {
        it.refused.useful = vec!["client|tracking".into(), "config|get".into()];
        it.tracking = false;
    };
    let [advice] = &judge(&with(refused))[..] else { panic!("one thing is said once") };
    assert!(advice.what.ends_with("with less: client tracking, config get"), "{advice:?}");
    assert!(advice.help.contains("+client|tracking +config|get"), "{advice:?}");
}

#[test]
fn a_full_cache_without_a_limit_refuses_nothing() {
    let facts = with(|it| (it.maxmemory, it.maxmemory_policy) = (0, "noeviction".into()));
    assert_eq!(codes(&facts), [("D_MAXMEMORY", Weight::Hint)]);
}

#[test]
fn what_is_true_of_all_servers_of_a_cluster_is_said_once() {
    let mut facts = with(|it| it.persistent = true);
    facts.servers = vec![facts.servers[0].clone(), sound(), facts.servers[0].clone()];
    assert_eq!(codes(&facts), [("D_PERSISTENCE", Weight::Hint)]);
}

#[test]
fn a_family_that_hits_often_enough_is_not_named() {
    let rate = Rate { family: "kpis".into(), percent: 80.0, lookups: 200, ..Rate::default() };
    assert_eq!(judge(&Facts { rates: Some(vec![rate]), ..with(|_| {}) }), []);
}
