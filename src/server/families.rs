//! The schema's families as the service runs them: policy, counters, tags, what their computes take.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use tokio::sync::Semaphore;

use super::service::Policy;
use super::stats::FamilyCounters;
use super::store::Tag;
use super::telemetry::histogram::Histogram;
use super::telemetry::times;
use super::telemetry::{Mask, beginning};
use super::ttl::Ttl;
use crate::schema::{Family as FamilySchema, Schema, decode_segment};

/// A family at work.
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) policy: Policy,
    pub(crate) counters: FamilyCounters,
    /// How long its computes took; each batch counts once.
    pub(crate) compute_seconds: Histogram,
    /// How a sensitive family's keys are shown.
    mask: Option<Mask>,
    /// One for each compute that may run at once.
    pub(crate) permits: Arc<Semaphore>,
    /// The entities of a key, and the segments where their ids stand.
    entities: Vec<(String, usize)>,
    /// How long its computes take, in microseconds; 0 before the first. See [`Family::computed_in`].
    compute_micros: AtomicU64,
}

/// All of them.
pub(crate) struct Families {
    all: Vec<Arc<Family>>,
    by_name: HashMap<String, Arc<Family>, DefaultHashBuilder>,
    /// For keys of no family of the schema.
    other: Arc<Family>,
}

impl Families {
    pub(crate) fn new(schema: &Schema, policy: &Policy, own: &HashMap<String, Policy>) -> Self {
        let shared = Arc::new(Semaphore::new(policy.max_computes));
        let family = |name: &str, entities, mask| {
            let (policy, permits) = match own.get(name) {
                Some(policy) => (policy, Arc::new(Semaphore::new(policy.max_computes))),
                None => (policy, shared.clone()),
            };
            Arc::new(Family {
                name: name.to_owned(),
                policy: policy.clone(),
                counters: FamilyCounters::default(),
                compute_seconds: times::of_computes(name),
                mask,
                permits,
                entities,
                compute_micros: AtomicU64::new(0),
            })
        };
        let of_schema = schema.families.iter();
        let of_schema = of_schema.map(|of| family(&of.name, entity_segments(of), Mask::of(of)));
        let all: Vec<_> = of_schema.collect();
        let by_name = all.iter().map(|family| (family.name.clone(), family.clone())).collect();
        Self { all, by_name, other: family("", Vec::new(), None) }
    }

    /// The family of this name.
    pub(crate) fn named(&self, name: &str) -> &Arc<Family> {
        self.by_name.get(name).unwrap_or(&self.other)
    }

    /// The family of a key of which only the text is known.
    pub(crate) fn of_key(&self, schema: &Schema, key: &str) -> &Arc<Family> {
        schema.family_of(key).map_or(&self.other, |family| self.named(&family.name))
    }

    /// Those of the schema, in its order, and at last the one for keys of no family.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Family>> {
        self.all.iter().chain([&self.other])
    }
}

fn entity_segments(family: &FamilySchema) -> Vec<(String, usize)> {
    let segments = family.entities.iter().filter_map(|segment| {
        Some((segment.entity.clone(), family.template.position(&segment.field)?))
    });
    segments.collect()
}

impl Family {
    /// The tags of `key`, a key of this family.
    pub(crate) fn tags(&self, key: &str) -> Vec<Tag> {
        let tags = self.entities.iter().filter_map(|(entity, position)| {
            let id = decode_segment(key.split(':').nth(*position)?).ok()?;
            Tag::new(entity, &id).ok()
        });
        tags.collect()
    }

    /// `key`, a key of this family, as it may be seen in spans and logs.
    pub(crate) fn shown<'a>(&'a self, key: &'a str) -> &'a str {
        self.mask.as_ref().map_or_else(|| beginning(key), Mask::as_str)
    }

    /// The same, with the text of an error about it, in which it stands too.
    pub(crate) fn shown_with<'a>(
        &'a self,
        key: &'a str,
        error: &impl ToString,
    ) -> (&'a str, String) {
        let (shown, text) = (self.shown(key), error.to_string());
        if shown == key { (shown, text) } else { (shown, text.replace(key, shown)) }
    }

    /// How long a compute of it takes; zero when none was seen.
    pub(crate) fn compute_time(&self) -> Duration {
        Duration::from_micros(self.compute_micros.load(Relaxed))
    }

    /// Takes note of what a compute took. Up at once and down slowly: the estimate decides how long a lease lasts
    /// and how early a value is refreshed, and too short costs more than too long.
    pub(crate) fn computed_in(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // Two at once may lose one of the notes, which the next one makes good.
        let before = self.compute_micros.load(Relaxed);
        let after = if took >= before { took } else { before - (before - took) / 8 };
        self.compute_micros.store(after, Relaxed);
    }

    /// For how long a compute gets its lease.
    pub(crate) fn lease_time(&self) -> Ttl {
        let time = self.policy.lease.max(self.compute_time().saturating_mul(3));
        Ttl::new(time).unwrap_or(Ttl::SHORTEST)
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Arc<Self> {
        let schema = Schema {
            name: String::new(),
            ttl_classes: Vec::new(),
            entities: Vec::new(),
            families: Vec::new(),
            events: Vec::new(),
        };
        Families::new(&schema, &Policy::default(), &HashMap::new()).other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_three_times_what_the_slowest_compute_of_late_took() {
        let family = Family::for_tests();
        let lease = |family: &Family| family.lease_time().duration();
        assert_eq!(lease(&family), Duration::from_secs(10));
        family.computed_in(Duration::from_secs(8));
        assert_eq!(lease(&family), Duration::from_secs(24));
        family.computed_in(Duration::ZERO);
        assert_eq!(lease(&family), Duration::from_secs(21));
        for _ in 0..100 {
            family.computed_in(Duration::ZERO);
        }
        assert_eq!(lease(&family), Duration::from_secs(10));
    }
}
