//! The cache service on Redis or in process.
