//! Finding queries.

use super::{Engine, FetchStatus, Key, Moment, QueryId, order};
use crate::schema::Pattern;

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
    /// Keys whose elements, as segments, this pattern matches.
    Pattern(&'a Pattern),
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
        let mut consider = |id: QueryId| {
            if self.passes(id, &filter, at) {
                found.push(id);
            }
        };
        match filter.key {
            KeyFilter::Exact(hash) => {
                self.get(hash).into_iter().for_each(&mut consider);
            }
            KeyFilter::Prefix(prefix) => self.index.each_with_prefix(prefix, &mut consider),
            KeyFilter::Pattern(pattern) => self.index.each_matching(pattern, &mut consider),
            KeyFilter::Any if filter.fetch_status.is_some_and(|it| it != FetchStatus::Idle) => {
                self.busy.members().iter().copied().for_each(&mut consider);
            }
            KeyFilter::Any if filter.query_type == QueryType::Active => {
                self.observed.members().iter().copied().for_each(&mut consider);
            }
            KeyFilter::Any => self.index.each(&mut consider),
        }
        self.sort_by_age(&mut found);
        found
    }

    /// Oldest first, which the index often gives already.
    pub(super) fn sort_by_age(&self, ids: &mut [QueryId]) {
        let age = |&id: &QueryId| self.query(id).map_or(0, |query| query.sequence);
        if ids.is_sorted_by_key(age) {
            return;
        }
        let mut aged: Vec<_> = ids.iter().map(|id| (age(id), *id)).collect();
        order::sort(&mut aged, |a, b| a < b);
        for (id, (_, sorted)) in ids.iter_mut().zip(aged) {
            *id = sorted;
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
