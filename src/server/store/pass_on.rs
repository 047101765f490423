//! What a store around another one leaves as it is.
//!
//! Such a store says what it changes, and names what it passes on ([`pass_on!`]). Nothing is passed on unnamed: a method
//! that is new in [`Store`] does not compile in any of them until somebody has said which of the two it is there, and
//! clippy's `missing_trait_methods`, which each of them denies, says the same of one that has a default. To pass on what
//! changes something, past [`SharingStore`](super::SharingStore) for instance, would be silently stale.

use std::sync::Arc;

use super::Store;

/// Within an `impl Store` or `impl Sharded`: the named methods are those of the store in this field.
macro_rules! pass_on {
    ($self:ident.$field:ident: $($method:ident)*) => {
        $(pass_on! { @$method $self, $self.$field })*
    };
    (**$self:ident: $($method:ident)*) => {
        $(pass_on! { @$method $self, **$self })*
    };

    (@kind $self:ident, $store:expr) => {
        fn kind(&$self) -> &'static str {
            $store.kind()
        }
    };
    (@namespace $self:ident, $store:expr) => {
        fn namespace(&$self) -> &str {
            $store.namespace()
        }
    };
    (@get $self:ident, $store:expr) => {
        fn get<'a>(
            &'a $self,
            key: &'a str,
        ) -> $crate::server::StoreFuture<'a, Option<$crate::server::Entry>> {
            $store.get(key)
        }
    };
    (@get_many $self:ident, $store:expr) => {
        fn get_many<'a>(
            &'a $self,
            keys: &'a [&'a str],
        ) -> $crate::server::StoreFuture<'a, Vec<Option<$crate::server::Entry>>> {
            $store.get_many(keys)
        }
    };
    (@exists $self:ident, $store:expr) => {
        fn exists<'a>(&'a $self, key: &'a str) -> $crate::server::StoreFuture<'a, bool> {
            $store.exists(key)
        }
    };
    (@ttl $self:ident, $store:expr) => {
        fn ttl<'a>(
            &'a $self,
            key: &'a str,
        ) -> $crate::server::StoreFuture<'a, Option<::std::time::Duration>> {
            $store.ttl(key)
        }
    };
    (@set $self:ident, $store:expr) => {
        fn set<'a>(
            &'a $self,
            record: $crate::server::Record<'a>,
        ) -> $crate::server::StoreFuture<'a, ()> {
            $store.set(record)
        }
    };
    (@lease $self:ident, $store:expr) => {
        fn lease<'a>(
            &'a $self,
            key: &'a str,
            token: &'a $crate::server::LeaseToken,
            time: $crate::server::Ttl,
            what: $crate::server::LeaseFor,
        ) -> $crate::server::StoreFuture<'a, $crate::server::Leased> {
            $store.lease(key, token, time, what)
        }
    };
    (@set_leased $self:ident, $store:expr) => {
        fn set_leased<'a>(
            &'a $self,
            record: $crate::server::Record<'a>,
            token: &'a $crate::server::LeaseToken,
        ) -> $crate::server::StoreFuture<'a, bool> {
            $store.set_leased(record, token)
        }
    };
    (@release $self:ident, $store:expr) => {
        fn release<'a>(
            &'a $self,
            key: &'a str,
            token: &'a $crate::server::LeaseToken,
        ) -> $crate::server::StoreFuture<'a, ()> {
            $store.release(key, token)
        }
    };
    (@delete $self:ident, $store:expr) => {
        fn delete<'a>(&'a $self, keys: &'a [&'a str]) -> $crate::server::StoreFuture<'a, u64> {
            $store.delete(keys)
        }
    };
    (@delete_if $self:ident, $store:expr) => {
        fn delete_if<'a>(
            &'a $self,
            key: &'a str,
            value: &'a [u8],
        ) -> $crate::server::StoreFuture<'a, bool> {
            $store.delete_if(key, value)
        }
    };
    (@delete_matching $self:ident, $store:expr) => {
        fn delete_matching<'a>(
            &'a $self,
            patterns: &'a [$crate::schema::Pattern],
            tags: &'a [$crate::server::Tag],
        ) -> $crate::server::StoreFuture<'a, u64> {
            $store.delete_matching(patterns, tags)
        }
    };
    (@changes $self:ident, $store:expr) => {
        fn changes(
            &$self,
            prefixes: &[&str],
        ) -> Option<::tokio::sync::mpsc::UnboundedReceiver<$crate::server::Change>> {
            $store.changes(prefixes)
        }
    };
    (@scan $self:ident, $store:expr) => {
        fn scan<'a>(
            &'a $self,
            pattern: Option<&'a $crate::schema::Pattern>,
            cursor: u64,
        ) -> $crate::server::StoreFuture<'a, $crate::server::ScanPage> {
            $store.scan(pattern, cursor)
        }
    };
    (@inspect $self:ident, $store:expr) => {
        fn inspect<'a>(
            &'a $self,
            keys: &'a [&'a str],
        ) -> $crate::server::StoreFuture<'a, $crate::server::Inspection> {
            $store.inspect(keys)
        }
    };
    (@know_tags $self:ident, $store:expr) => {
        fn know_tags(&$self, tags_of: $crate::server::TagsOf) {
            $store.know_tags(tags_of);
        }
    };
    (@tidy $self:ident, $store:expr) => {
        fn tidy(&$self) -> $crate::server::StoreFuture<'_, $crate::server::Tidied> {
            $store.tidy()
        }
    };
    (@backplane $self:ident, $store:expr) => {
        fn backplane(&$self) -> Option<::std::sync::Arc<dyn $crate::server::Backplane>> {
            $store.backplane()
        }
    };
    (@sharded $self:ident, $store:expr) => {
        fn sharded(&$self) -> Option<&dyn $crate::server::Sharded> {
            $store.sharded()
        }
    };
    (@sharers $self:ident, $store:expr) => {
        fn sharers(&$self) -> &$crate::server::Sharers {
            $store.sharers()
        }
    };
    (@stats $self:ident, $store:expr) => {
        fn stats(&$self) -> $crate::server::StoreFuture<'_, $crate::server::StoreStats> {
            $store.stats()
        }
    };
    (@ping $self:ident, $store:expr) => {
        fn ping(&$self) -> $crate::server::StoreFuture<'_, ()> {
            $store.ping()
        }
    };

    (@shards $self:ident, $store:expr) => {
        fn shards(&$self) -> Vec<$crate::server::Shard> {
            $store.sharded().map(|servers| servers.shards()).unwrap_or_default()
        }
    };
    (@shard_of $self:ident, $store:expr) => {
        fn shard_of(&$self, key: &str) -> Option<$crate::server::Shard> {
            $store.sharded()?.shard_of(key)
        }
    };
    (@moves $self:ident, $store:expr) => {
        fn moves(&$self) -> u64 {
            $store.sharded().map(|servers| servers.moves()).unwrap_or_default()
        }
    };
}

pub(in crate::server) use pass_on;

/// A shared or a boxed store is a store, so that one can be wrapped around another.
macro_rules! whole {
    ($($outer:ty)*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<S: Store + ?Sized> Store for $outer {
            pass_on! { **self:
                kind namespace get get_many exists ttl set lease set_leased release delete delete_if
                delete_matching changes scan inspect know_tags tidy stats backplane sharded sharers
                ping
            }
        }
    )*};
}

whole! { Arc<S> Box<S> }
