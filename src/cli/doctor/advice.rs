//! What follows from the facts: what is wrong, and what to do.

use super::facts::Facts;

/// What the specification asks of every family.
const LOW_HIT_RATE: f64 = 80.0;

/// Redis 6 brought the invalidation pushes that keep copies in processes true.
const OLDEST: u32 = 6;

/// One thing to mend or to think about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// Stable; a script may look for it.
    pub(super) code: &'static str,
    pub(super) weight: Weight,
    pub(super) what: String,
    pub(super) help: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The cache does not do what it promises.
    Wrong,
    /// It does, and could do better.
    Hint,
}

pub(super) fn judge(facts: &Facts) -> Vec<Advice> {
    let server =
        [version(facts), tracking(facts), memory(facts), policy(facts), persistence(facts)];
    let keys = [endless(facts), oversized(facts), strangers(facts)];
    server.into_iter().chain(keys).flatten().chain(hit_rates(facts)).collect()
}

fn wrong(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Option<Advice> {
    Some(Advice { code, weight: Weight::Wrong, what: what.into(), help: help.into() })
}

fn hint(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Option<Advice> {
    Some(Advice { code, weight: Weight::Hint, what: what.into(), help: help.into() })
}

fn version(facts: &Facts) -> Option<Advice> {
    let major = facts.version.split('.').next()?.parse::<u32>().ok()?;
    if major >= OLDEST {
        return None;
    }
    wrong(
        "D_VERSION",
        format!("Redis {} is too old", facts.version),
        "run Redis 6 or newer, or Valkey",
    )
}

fn tracking(facts: &Facts) -> Option<Advice> {
    if facts.tracking {
        return None;
    }
    hint(
        "D_TRACKING",
        "the server does not tell its clients what others changed (CLIENT TRACKING)",
        "nodes tell one another by pub/sub instead; a program that writes without samekey is noticed when its values expire",
    )
}

fn memory(facts: &Facts) -> Option<Advice> {
    if facts.maxmemory > 0 {
        return None;
    }
    hint(
        "D_MAXMEMORY",
        "there is no limit to the memory Redis takes",
        "set maxmemory, such as 512mb",
    )
}

fn policy(facts: &Facts) -> Option<Advice> {
    let evicted = facts.evicted;
    match facts.policy.as_str() {
        "noeviction" if facts.maxmemory > 0 => wrong(
            "D_POLICY",
            "when memory is full, Redis refuses every write (maxmemory-policy noeviction)",
            "set maxmemory-policy volatile-lfu: cached values expire, so every one may go",
        ),
        policy if policy.starts_with("allkeys-") => hint(
            "D_POLICY",
            format!(
                "maxmemory-policy {policy} may evict the log of invalidations too, and the lists of keys by entity ({evicted} keys evicted so far)"
            ),
            "set maxmemory-policy volatile-lfu; with allkeys-* a browser whose place in the log is gone fetches anew, and each invalidation by entity walks over all keys",
        ),
        _ => None,
    }
}

fn persistence(facts: &Facts) -> Option<Advice> {
    if !facts.persistent {
        return None;
    }
    hint(
        "D_PERSISTENCE",
        "Redis writes the cache to disk",
        "save \"\" and appendonly no, if nothing else lives there",
    )
}

fn endless(facts: &Facts) -> Option<Advice> {
    let first = facts.endless.first()?;
    wrong(
        "D_KEYS_WITHOUT_TTL",
        format!("{} key(s) never expire, such as {first}", facts.endless.len()),
        "find who writes them without EX; the nightly cleanup removes them, or `samekey invalidate PATTERN --yes` now",
    )
}

fn oversized(facts: &Facts) -> Option<Advice> {
    let (key, bytes) = facts.oversized.iter().max_by_key(|(_, bytes)| bytes)?;
    wrong(
        "D_OVERSIZED",
        format!(
            "{} value(s) over 1 MB; the largest is {key}, {bytes} bytes",
            facts.oversized.len()
        ),
        "cache what is shown and not what it is made from, or page it; samekey itself would not have stored them",
    )
}

fn strangers(facts: &Facts) -> Option<Advice> {
    let first = facts.strangers.first()?;
    hint(
        "D_STRANGERS",
        format!(
            "{} key(s) begin as a family's do and belong to none, such as {first}",
            facts.strangers.len()
        ),
        "no event reaches them: add their family to the schema, or give them another prefix",
    )
}

fn hit_rates(facts: &Facts) -> impl Iterator<Item = Advice> {
    let low = facts.hit_rates.iter().filter(|(_, rate)| **rate < LOW_HIT_RATE);
    low.filter_map(|(family, rate)| {
        hint(
            "D_HIT_RATE",
            format!("{family}: {rate:.1} hits in a hundred"),
            "is its TTL shorter than the time between two looks? Does an event reach more keys than it must?",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Facts {
        Facts {
            version: "7.0.15".into(),
            maxmemory: 512 << 20,
            policy: "volatile-lfu".into(),
            tracking: true,
            ..Facts::default()
        }
    }

    fn codes(facts: &Facts) -> Vec<(&'static str, Weight)> {
        judge(facts).iter().map(|advice| (advice.code, advice.weight)).collect()
    }

    #[test]
    fn a_server_as_we_ship_it_needs_no_advice() {
        assert_eq!(judge(&sound()), []);
    }

    #[test]
    fn each_fault_has_its_code_and_says_whether_the_cache_is_wrong_or_could_be_better() {
        let cases = [
            (Facts { version: "5.0.14".into(), ..sound() }, "D_VERSION", Weight::Wrong),
            (Facts { tracking: false, ..sound() }, "D_TRACKING", Weight::Hint),
            (Facts { maxmemory: 0, ..sound() }, "D_MAXMEMORY", Weight::Hint),
            (Facts { policy: "noeviction".into(), ..sound() }, "D_POLICY", Weight::Wrong),
            (Facts { policy: "allkeys-lru".into(), ..sound() }, "D_POLICY", Weight::Hint),
            (Facts { persistent: true, ..sound() }, "D_PERSISTENCE", Weight::Hint),
            (
                Facts { endless: vec!["exec:kpis:ws1".into()], ..sound() },
                "D_KEYS_WITHOUT_TTL",
                Weight::Wrong,
            ),
            (
                Facts { oversized: vec![("exec:kpis:ws1".into(), 2 << 20)], ..sound() },
                "D_OVERSIZED",
                Weight::Wrong,
            ),
            (
                Facts { strangers: vec!["exec:old:ws1".into()], ..sound() },
                "D_STRANGERS",
                Weight::Hint,
            ),
            (
                Facts { hit_rates: [("kpis".into(), 41.0)].into(), ..sound() },
                "D_HIT_RATE",
                Weight::Hint,
            ),
        ];
        for (facts, code, weight) in cases {
            assert_eq!(codes(&facts), [(code, weight)], "{facts:?}");
        }
    }

    #[test]
    fn a_full_cache_without_a_limit_refuses_nothing() {
        assert_eq!(
            codes(&Facts { maxmemory: 0, policy: "noeviction".into(), ..sound() }),
            [("D_MAXMEMORY", Weight::Hint)]
        );
    }

    #[test]
    fn a_family_that_hits_often_enough_is_not_named() {
        assert_eq!(judge(&Facts { hit_rates: [("kpis".into(), 80.0)].into(), ..sound() }), []);
    }
}
