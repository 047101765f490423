//! What a node says of its families, and what a low hit rate comes from.

use serde_json::Value;

/// Fewer lookups say nothing: a node that has just started misses everything once.
const ENOUGH_LOOKUPS: u64 = 100;

/// What the specification asks of every family.
const LOW_PERCENT: f64 = 80.0;

/// How a family does on a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rate {
    pub(super) family: String,
    pub(super) percent: f64,
    pub(super) lookups: u64,
    pub(super) computes: u64,
    pub(super) failed: u64,
    pub(super) overtaken: u64,
    pub(super) too_large: u64,
    pub(super) unreadable: u64,
}

impl Rate {
    /// Those of which enough is known, from `GET /api/v1/cache/stats`.
    pub(super) fn all(stats: &Value) -> Vec<Self> {
        let families = stats["families"].as_array().into_iter().flatten();
        let named =
            families.filter(|of| of["family"].as_str().is_some_and(|name| !name.is_empty()));
        named.map(Self::read).filter(|rate| rate.lookups >= ENOUGH_LOOKUPS).collect()
    }

    fn read(family: &Value) -> Self {
        let number = |name: &str| family[name].as_u64().unwrap_or(0);
        let lookups = ["l1_hits", "l2_hits", "stale", "misses"].map(number).iter().sum();
        Self {
            family: family["family"].as_str().unwrap_or_default().to_owned(),
            percent: family["hit_rate_percent"].as_f64().unwrap_or(0.0),
            lookups,
            computes: number("computes"),
            failed: number("compute_errors"),
            overtaken: number("voided"),
            too_large: number("refused_too_large"),
            unreadable: number("decode_errors"),
        }
    }

    pub(super) fn is_low(&self) -> bool {
        self.percent < LOW_PERCENT
    }

    /// The likeliest cause, and what to do about it.
    pub(super) fn help(&self) -> String {
        let Self { computes, failed, overtaken, too_large, unreadable, .. } = self;
        let most_of = |part: &u64| 2 * part > *computes;
        if most_of(failed) {
            format!(
                "{failed} of {computes} computes failed, and an error is not kept: mend its source"
            )
        } else if most_of(too_large) {
            format!(
                "{too_large} of its values were over 1 MB and not stored: cache what is shown, or page it"
            )
        } else if most_of(overtaken) {
            format!(
                "{overtaken} of {computes} computes were overtaken by an invalidation: does an event reach more of its keys than it must?"
            )
        } else if most_of(unreadable) {
            format!(
                "{unreadable} stored values did not read as its type: do two versions, or another program, write them?"
            )
        } else {
            "is its TTL shorter than the time between two looks, or are its keys finer than what is asked twice? \
             A longer TTL, a stale window (Policy::stale) or a warm-up helps"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_family_is_judged_when_enough_was_asked_of_it() {
        let family = |name: &str, hits: u64, misses: u64| json!({ "family": name, "hit_rate_percent": 10.0, "l1_hits": hits, "misses": misses });
        let stats = json!({ "families": [
            family("often", 10, 90), family("seldom", 9, 90), family("", 500, 500)
        ] });
        let rates = Rate::all(&stats);
        assert_eq!(rates.iter().map(|rate| rate.family.as_str()).collect::<Vec<_>>(), ["often"]);
        assert_eq!((rates[0].lookups, rates[0].is_low()), (100, true));
    }

    #[test]
    fn the_help_names_the_likeliest_cause() {
        let rate = Rate { computes: 100, ..Rate::default() };
        for (rate, cause) in [
            (Rate { failed: 60, ..rate.clone() }, "60 of 100 computes failed"),
            (Rate { too_large: 60, ..rate.clone() }, "over 1 MB"),
            (Rate { overtaken: 60, ..rate.clone() }, "overtaken by an invalidation"),
            (Rate { unreadable: 60, ..rate.clone() }, "did not read as its type"),
            (Rate { failed: 40, overtaken: 40, ..rate }, "TTL"),
        ] {
            assert!(rate.help().contains(cause), "{rate:?}: {}", rate.help());
        }
    }
}
