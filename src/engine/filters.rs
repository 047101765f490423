//! Finding queries.

use super::{Engine, FetchStatus, Key, Moment, QueryId, order};

/// Which keys a filter wants.
#[derive(Debug, Clone, Copy, Default)]
pub enum KeyFilter<'a> {
    /// Every key.
    #[default]
    Any,
    /// The key with this hash.
    Exact(&'a str),
    /// Keys that begin with this one, its objects matching by subset.
    Prefix(&'a Key),
    /// Keys whose elements, as segments of text, this one matches: each string the element with that text, each
    /// `null` any one, a last `null` one or more. [`Key::from_pattern`] makes it.
    Pattern(&'a Key),
}

/// Whether a filter wants queries on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryType {
    /// Either.
    #[default]
    All,
    /// With an enabled observer.
    Active,
    /// Without.
    Inactive,
}

/// Which queries a call is about. All conditions hold together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// By key.
    pub key: KeyFilter<'a>,
    /// By observers.
    pub query_type: QueryType,
    /// By staleness.
    pub stale: Option<bool>,
    /// By what the query function is doing.
    pub fetch_status: Option<FetchStatus>,
    /// Only what a refetch may touch: neither disabled nor static.
    pub refetchable: bool,
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// The queries that a filter wants, oldest first. Costs what it finds: by key through the index, by activity
    /// or fetch status through the sets of observed and busy queries; only the rest looks at every query.
    pub fn find(&self, filter: Filter<'_>, at: Moment) -> Vec<QueryId> {
        let mut found = Vec::new();
        match filter.key {
            KeyFilter::Exact(hash) => found.extend(self.get(hash)),
            KeyFilter::Prefix(prefix) => self.index.with_prefix(prefix, &mut found),
            KeyFilter::Pattern(pattern) => self.index.matching(pattern, &mut found),
            KeyFilter::Any if filter.fetch_status.is_some_and(|it| it != FetchStatus::Idle) => {
                found.extend_from_slice(self.busy.members());
            }
            KeyFilter::Any if filter.query_type == QueryType::Active => {
                found.extend_from_slice(self.observed.members());
            }
            KeyFilter::Any => self.index.all(&mut found),
        }
        found.retain(|&id| self.passes(id, &filter, at));
        self.sort_by_age(&mut found);
        found
    }

    /// Oldest first, which the index often gives already.
    pub(super) fn sort_by_age(&self, ids: &mut [QueryId]) {
        let age = |id: QueryId| self.query(id).map_or(0, |query| query.sequence);
        if !ids.is_sorted_by_key(|&id| age(id)) {
            order::sort(ids, |a, b| age(a) < age(b));
        }
    }

    fn passes(&self, id: QueryId, filter: &Filter<'_>, at: Moment) -> bool {
        let Some(query) = self.query(id).filter(|query| query.place.is_some()) else {
            return false;
        };
        if filter.fetch_status.is_some_and(|wanted| wanted != query.state.fetch_status) {
            return false;
        }
        if filter.query_type == QueryType::All && filter.stale.is_none() && !filter.refetchable {
            return true;
        }
        let flags = self.query_flags(id, at);
        (match filter.query_type {
            QueryType::All => true,
            QueryType::Active => flags.active,
            QueryType::Inactive => !flags.active,
        }) && filter.stale.is_none_or(|stale| stale == flags.stale)
            && !(filter.refetchable && (flags.disabled || flags.is_static))
    }
}
