//! Keys, families, TTL classes, patterns and events. Pure: no I/O, no clock, no async.
