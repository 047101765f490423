//! What follows from the facts: what is wrong, and what to do.

mod access;

use samekey::server::ServerReport;

use super::facts::Facts;

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
    /// Something was not looked at.
    Note,
}

impl Weight {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Hint => "hint",
            Self::Note => "note",
        }
    }
}

pub(super) fn judge(facts: &Facts) -> Vec<Advice> {
    let mut found: Vec<Advice> = Vec::new();
    for server in &facts.servers {
        let of_server = [
            access::commands(server),
            access::names(server),
            access::less(server),
            version(server),
            tracking(server),
            memory(server),
            policy(server),
            persistence(server),
        ];
        for advice in of_server.into_iter().flatten() {
            // Of a cluster's servers, one speaks for those of which the same is true.
            if !found.contains(&advice) {
                found.push(advice);
            }
        }
    }
    found.extend(away(facts));
    let keys = [endless(facts), oversized(facts), strangers(facts)];
    found.into_iter().chain(keys.into_iter().flatten()).chain(hit_rates(facts)).collect()
}

fn wrong(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Option<Advice> {
    Some(Advice { code, weight: Weight::Wrong, what: what.into(), help: help.into() })
}

fn hint(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Option<Advice> {
    Some(Advice { code, weight: Weight::Hint, what: what.into(), help: help.into() })
}

fn away(facts: &Facts) -> Option<Advice> {
    if facts.missing.is_empty() {
        return None;
    }
    let missing: Vec<_> = facts.missing.iter().map(String::as_str).collect();
    wrong(
        "D_SERVER_AWAY",
        format!("no answer from {}: it was not looked at, nor its keys", missing.join(", ")),
        "start it, or let a replica take over; meanwhile its keys are computed each time, and what is to be removed there waits",
    )
}

fn version(server: &ServerReport) -> Option<Advice> {
    let major = server.version.split('.').next()?.parse::<u32>().ok()?;
    if major >= OLDEST {
        return None;
    }
    wrong(
        "D_VERSION",
        format!("Redis {} is too old", server.version),
        "run Redis 6 or newer, or Valkey",
    )
}

fn tracking(server: &ServerReport) -> Option<Advice> {
    // What may not be asked for is said above.
    let is_refused = server.refused.useful.iter().any(|command| command.starts_with("client|"));
    if server.tracking || is_refused {
        return None;
    }
    hint(
        "D_TRACKING",
        "the server does not tell its clients what others changed (CLIENT TRACKING)",
        "nodes tell one another by pub/sub instead; a program that writes without samekey is noticed when its values expire",
    )
}

fn memory(server: &ServerReport) -> Option<Advice> {
    // Without a version, it told nothing of itself.
    if server.maxmemory > 0 || server.version.is_empty() {
        return None;
    }
    hint(
        "D_MAXMEMORY",
        "there is no limit to the memory Redis takes",
        "set maxmemory, such as 512mb",
    )
}

fn policy(server: &ServerReport) -> Option<Advice> {
    let evicted = server.evicted_keys;
    match server.maxmemory_policy.as_str() {
        "noeviction" if server.maxmemory > 0 => wrong(
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

fn persistence(server: &ServerReport) -> Option<Advice> {
    if !server.persistent {
        return None;
    }
    hint(
        "D_PERSISTENCE",
        "Redis writes the cache to disk",
        "save \"\" and appendonly no, if nothing else lives there",
    )
}

fn endless(facts: &Facts) -> Option<Advice> {
    let first = facts.keys.endless.first()?;
    wrong(
        "D_KEYS_WITHOUT_TTL",
        format!("{} key(s) never expire, such as {first}", facts.keys.endless.len()),
        "find who writes them without EX; the nightly cleanup removes them, or `samekey invalidate PATTERN --yes` now",
    )
}

fn oversized(facts: &Facts) -> Option<Advice> {
    let (key, bytes) = facts.keys.oversized.iter().max_by_key(|(_, bytes)| bytes)?;
    wrong(
        "D_OVERSIZED",
        format!(
            "{} value(s) over 1 MB; the largest is {key}, {bytes} bytes",
            facts.keys.oversized.len()
        ),
        "cache what is shown and not what it is made from, or page it; samekey itself would not have stored them",
    )
}

fn strangers(facts: &Facts) -> Option<Advice> {
    let first = facts.keys.strangers.first()?;
    hint(
        "D_STRANGERS",
        format!(
            "{} key(s) begin as a family's do and belong to none, such as {first}",
            facts.keys.strangers.len()
        ),
        "no event reaches them: add their family to the schema, or give them another prefix",
    )
}

fn hit_rates(facts: &Facts) -> Vec<Advice> {
    let Some(rates) = &facts.rates else {
        let (what, help) = (
            "hit rates were not looked at: only a node knows them",
            "give --url of a node, and --token where it asks for one",
        );
        let (what, help) = (what.to_owned(), help.to_owned());
        return vec![Advice { code: "D_NODE_UNASKED", weight: Weight::Note, what, help }];
    };
    let low = rates.iter().filter(|rate| rate.is_low());
    let advice = low.filter_map(|rate| {
        hint(
            "D_HIT_RATE",
            format!(
                "{}: {:.1} hits in a hundred of {} lookups",
                rate.family, rate.percent, rate.lookups
            ),
            rate.help(),
        )
    });
    advice.collect()
}

#[cfg(test)]
mod tests;
