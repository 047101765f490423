//! The server's half, from outside: each module is a subject, each test a sentence about it.

#[cfg(feature = "testing")]
mod alone;
#[cfg(feature = "testing")]
mod answering_proxy;
#[cfg(feature = "tls")]
mod certificates;
#[cfg(feature = "cluster")]
mod cluster_node;
#[cfg(feature = "testing")]
mod fault_proxy;
mod fixture;
#[cfg(feature = "cluster")]
mod holding_proxy;
mod http_client;
mod listing_node;
#[cfg(feature = "testing")]
mod nobody;
mod process;
#[cfg(feature = "cluster")]
mod redis_cluster;
mod redis_server;
#[cfg(feature = "testing")]
mod several_servers;
mod sse_client;
mod stream_node;
mod waiting;
#[cfg(feature = "cluster")]
mod walked_cluster;

#[cfg(feature = "jwt")]
mod access;
mod any_identifier;
mod any_time;
mod asked_of_redis;
#[cfg(feature = "testing")]
mod breaker;
mod bundled_events;
mod cache_service;
mod cached_attribute;
mod cached_many;
mod cached_options;
mod cached_response;
#[cfg(feature = "testing")]
mod catch_up;
#[cfg(feature = "testing")]
mod chaos;
mod circles;
mod codec;
#[cfg(feature = "pickle")]
mod codec_pickle;
#[cfg(feature = "testing")]
mod coherence;
mod events_in_trouble;
mod events_posted;
#[cfg(all(feature = "testing", feature = "operate"))]
mod faults;
mod guide;
#[cfg(feature = "testing")]
mod histories;
mod http_routes;
mod invalidation;
mod jobs;
mod last_words;
mod leases;
mod many;
mod many_in_trouble;
mod memory_store;
mod nested;
mod one_store;
mod own_key;
mod python;
mod reads_together;
#[cfg(feature = "testing")]
mod recovery;
mod recovery_file;
#[cfg(feature = "testing")]
mod recovery_races;
mod redis_database;
mod redis_store;
#[cfg(feature = "tls")]
mod redis_tls;
mod refresh;
#[cfg(feature = "testing")]
mod server_circuits;
mod serving;
mod single_flight;
mod store_changes;
#[cfg(feature = "cluster")]
mod store_cluster;
#[cfg(feature = "cluster")]
mod store_cluster_changing;
#[cfg(feature = "cluster")]
mod store_cluster_down;
#[cfg(feature = "cluster")]
mod store_cluster_failover;
#[cfg(feature = "cluster")]
mod store_cluster_foreign;
#[cfg(all(feature = "cluster", feature = "testing"))]
mod store_cluster_hearsay;
#[cfg(feature = "cluster")]
mod store_cluster_leases;
#[cfg(feature = "cluster")]
mod store_cluster_moving;
#[cfg(feature = "cluster")]
mod store_cluster_parts;
#[cfg(all(feature = "cluster", feature = "tls"))]
mod store_cluster_tls;
#[cfg(all(feature = "cluster", feature = "tls"))]
mod store_cluster_tls_moving;
#[cfg(feature = "cluster")]
mod store_cluster_untold;
#[cfg(feature = "cluster")]
mod store_cluster_whole;
mod store_contract;
mod store_down;
mod store_foreign;
mod store_index;
mod stream;
mod stream_access;
#[cfg(feature = "cluster")]
mod stream_cluster;
mod stream_faults;
mod stream_foreign;
mod stream_later;
mod stream_sets;
mod stream_sets_in_trouble;
mod stream_sizes;
#[cfg(feature = "testing")]
mod telling;
